/* adapt/metric_fit_dist.h -- the estimate of metric_fit.h for a metric distributed over the ranks:
 * no rank ever holds a P x P matrix.
 *
 * The inverse mass is C = S G S with S = diag(scale) and G distributed; G = L L' also gives L^-1,
 * which turns standard normal deviates into momenta. From draws, G = A # B^-1 as in metric_fit.h,
 * for any number of draws. No eigendecomposition is used, since its bits would depend on the grid:
 * the geometric mean is the limit of
 *
 *   X <- (m X + (m Z)^-1) / 2,   Z <- (m Z + (m X)^-1) / 2,   from X = A, Z = B
 *
 * (Denman and Beavers 1976, scaled by determinants: Byers 1987), in which X tends to G and Z to
 * G^-1. In a basis where G is the identity X and Z are one matrix whose eigenvalues x follow
 * x <- (m x + 1 / (m x)) / 2, so from the first step on x >= 1, and half the sum of the log
 * determinants of X and Z bounds log x for the largest. Once that bound is below 1e-3 one more step
 * brings it below 1e-6. Cholesky factors give determinants and inverses.
 *
 * With a base, an approximate inverse mass S G0 S known beforehand, multiples of G0 and G0^-1 are
 * added to A and B in place of multiples of the identity, and S is the base's: the estimate is
 * shrunk towards the base, as in metric_fit.h (the geometric mean is equivariant under any change
 * of coordinates).
 */
#ifndef MST_ADAPT_METRIC_FIT_DIST_H
#define MST_ADAPT_METRIC_FIT_DIST_H

#include "adapt/window_dist.h"

typedef struct mst_metric_base_dist {
  mst_dist g, inverse; /* G0, G0^-1 */
  double *scale;       /* [P] */
} mst_metric_base_dist;

typedef struct mst_metric_fit_dist {
  mst_dist g;       /* G, and ... */
  mst_dist inverse; /* ... L^-1; to be freed with mst_dist_end */
  double *scale;    /* [P], the caller's memory */
  double condition; /* a lower bound for that of G, by the diagonals of G and G^-1 (Kantorovich) */
  int steps;        /* of the iteration */
} mst_metric_fit_dist;

/* Collective, errors agreed; fit->scale is there. minv[P]: the diagonal metric, used where a
 * parameter's draws or gradients do not vary. base may be NULL. MASTING_ERR_DATA where the draws
 * are the cause. After an error *fit is empty. */
masting_status mst_metric_fit_dist_make(mst_metric_fit_dist *fit, const mst_grid *grid,
                                        const mst_window_dist *window, const double *minv,
                                        const mst_metric_base_dist *base, mst_error *err);

/* The same from an inverse mass c, whose memory this function takes over: c is empty on return,
 * also after an error. c->what is its name in messages and must outlive the fit. base, if not NULL,
 * becomes the matrix that later estimates are shrunk towards (its scale has room for [P]). */
masting_status mst_metric_fit_dist_from_matrix(mst_metric_fit_dist *fit, mst_dist *c,
                                               mst_metric_base_dist *base, mst_error *err);

/* The same from a function that returns element (i, j), j <= i, of the inverse mass, the same on
 * every rank. */
masting_status mst_metric_fit_dist_from_elements(mst_metric_fit_dist *fit, const mst_grid *grid,
                                                 const char *name, int64_t n,
                                                 mst_dist_element *element, void *context,
                                                 mst_metric_base_dist *base, mst_error *err);

#endif
