/* optim/gauss.h -- draws of the Gaussian approximation at a point, a draw a lane, with their
 * densities.
 *
 * w ~ Normal(mode, (-S)^-1); z_r given w ~ Normal(z_r(mode) - D_r^-1 B_r (w - mode), (-D_r)^-1).
 * B_r (w - mode) is the change of row-local gradients along w - mode, so B is never stored: three
 * passes over the data for as many draws as there are slots, one without row-local parameters. With
 * rows integrated out (marginal.h) S is the Hessian of that density, and z_r given w is Normal
 * about its highest point given that very w, with the curvature there, found by Newton's method: a
 * few passes more. Random numbers are addressed by draw and element, so draws have the same bits
 * for any ranks and threads.
 */
#ifndef MST_OPTIM_GAUSS_H
#define MST_OPTIM_GAUSS_H

#include "base/std_normal.h"
#include "optim/hessian.h"

typedef struct mst_gauss {
  const mst_hessian *h;
  mst_batch *batch;
  mst_marginal *marginal;  /* NULL: the Gaussian of all parameters together */
  const double *y, *local; /* the point */
  uint64_t seed;
  double *root;        /* [P][P] lower, root root' = -S */
  double *lp_approx;   /* [slots] out: log density of the approximation, the target's own at
                            * the point; that of the target is in batch->lp */
  double *log_weight;  /* [slots] out: of the globals alone, f(w) less the Gaussian's density: with
                            * a marginal; else as lp less lp_approx */
  int64_t first;       /* draw in slot 0 */
  int64_t evaluations; /* passes over the data so far */
  /* scratch */
  double *noise, *kept, **row_noise, *squares;
  mst_std_normal_fn *std_normal;
} mst_gauss;

/* Collective. h: the Hessian at y, local (made with the marginal if one is given), all of which
 * must live longer. MASTING_ERR_INIT where it is not negative definite, for globals
 * (mst_hessian_root tells) or rows (counted, the first named). Errors are agreed. End with
 * mst_gauss_end, also after a failure. */
masting_status mst_gauss_begin(mst_gauss *g, const mst_hessian *h, mst_batch *batch,
                               mst_marginal *marginal, const double *y, const double *local,
                               uint64_t seed, mst_error *err);
void mst_gauss_end(mst_gauss *g);

/* Collective. Draws number first .. first + slots - 1, unconstrained, to batch->y and
 * batch->local; log densities to batch->lp (NaN or -inf where there is none) and lp_approx. */
masting_status mst_gauss_draw(mst_gauss *g, int64_t first, mst_error *err);

#endif
