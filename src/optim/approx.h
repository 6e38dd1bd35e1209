/* optim/approx.h -- the Gaussian that L-BFGS's memory stands for at a point of its path, by
 * scalar products.
 *
 * With pairs S, Y (J of them) and a diagonal alpha the inverse Hessian is H = alpha + B G B', B
 * = [alpha Y, S],
 *     G = [ 0, -R^-1; -R^-T, R^-T (D + Y' alpha Y) R^-1 ],  R = upper triangle of S'Y, D its
 *     diagonal
 * (Byrd, Nocedal and Schnabel 1994; Zhang, Carpenter, Gelman and Vehtari 2022, "Pathfinder", eq.
 * 6 and algorithm 4). In coordinates scaled by alpha^1/2 it is I + W G W', W = [alpha^1/2 Y,
 * alpha^-1/2 S], and only W's 2 J directions are not those of the unit matrix. Their scalar
 * products W'W give an orthonormal basis of them, so that a draw is
 *     x - H g + alpha^1/2 (u + W T W'u),  u standard normal,
 * where the paper has a QR decomposition of W, which would need all its rows at one place.
 * Vectors of any length lie elsewhere; all here is of size 2 J, replicated, and takes no
 * library, so that its bits depend on no processor.
 */
#ifndef MST_OPTIM_APPROX_H
#define MST_OPTIM_APPROX_H

#include "optim/history.h"

/* Products that an approximation is made of, sums over all elements, after those of
 * mst_dots(history). By slots k, l: with u those of the draw that is to come. */
enum mst_approx_product {
  MST_APPROX_LOG_ALPHA, /* sum of log alpha */
  MST_APPROX_UU,
  MST_APPROX_FIXED
};
/* y.alpha g, y.alpha^1/2 u, s.u/alpha^1/2 */
enum { MST_APPROX_SLOT_YAG, MST_APPROX_SLOT_YU, MST_APPROX_SLOT_SU, MST_APPROX_SLOT };
static inline int mst_approx_slot(int slot, int which) {
  return MST_APPROX_FIXED + MST_APPROX_SLOT * slot + which;
}
/* y_k.alpha y_l, and behind it s_k.s_l / alpha; k <= l. */
static inline int mst_approx_pair(int history, int k, int l) {
  return MST_APPROX_FIXED + MST_APPROX_SLOT * history + l * (l + 1) + 2 * k;
}
static inline int mst_approx_dots(int history) {
  return MST_APPROX_FIXED + MST_APPROX_SLOT * history + history * (history + 1);
}
#define MST_MAX_APPROX_DOTS                                                                        \
  (MST_APPROX_FIXED + MST_APPROX_SLOT * MST_MAX_HISTORY + MST_MAX_HISTORY * (MST_MAX_HISTORY + 1))

#define MST_APPROX_SIZE (2 * MST_MAX_HISTORY)

typedef struct mst_approx {
  int pairs;
  int slot[MST_MAX_HISTORY]; /* oldest first */
  /* T: columns of W are y of the pairs in order, then s */
  double t[MST_APPROX_SIZE][MST_APPROX_SIZE];
  double mean[MST_APPROX_SIZE]; /* H g = alpha g + B mean */
  double log_det;               /* of H */
} mst_approx;

/* A draw's parts: x - alpha g + alpha^1/2 u + sum of y_part alpha y + s_part s. */
typedef struct mst_approx_draw {
  double y_part[MST_MAX_HISTORY], s_part[MST_MAX_HISTORY]; /* by slot */
} mst_approx_draw;

/* dot: [mst_approx_dots(history)]. False: H is not positive definite, by rounding or overflow. */
bool mst_approx_make(mst_approx *a, const mst_history *h, const double *dot);

/* The draw of the u whose products are in dot; returns its log density, of n elements. */
double mst_approx_draw_make(const mst_approx *a, const double *dot, double n,
                            mst_approx_draw *draw);

/* Eigenvalues (unordered) of the symmetric n x n matrix a and unit eigenvectors, the columns of
 * v, by Jacobi's rotations; rows lie MST_APPROX_SIZE apart. a is used up. */
void mst_approx_spectrum(int n, double a[MST_APPROX_SIZE][MST_APPROX_SIZE], double *values,
                         double v[MST_APPROX_SIZE][MST_APPROX_SIZE]);

#endif
