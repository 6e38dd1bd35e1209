/* optim/hessian.h -- second derivatives of the log density (log Jacobians included) at a point,
 * with the row-local parameters eliminated.
 *
 * With globals w (P of them) and row-local z_r (L a row) the Hessian of all is
 *
 *     [ A   B' ]     D is block-diagonal, a block of L x L a row: rows do not see each other's z
 *     [ B   D  ]
 *
 * and what is made here is, for the globals, the Schur complement S = A - sum_r B_r' D_r^-1 B_r (A
 * itself when nothing is row-local), and for every row a factor of -D_r. At a mode, (-S)^-1 is the
 * covariance of w in the Gaussian approximation, and z_r given w has covariance (-D_r)^-1 and mean
 * z_r - D_r^-1 B_r (w - mode).
 *
 * All by central differences of gradients, a point a lane:
 *   D   the k-th latent of every row moves at once; row-local gradients are looked at: 2 L points
 *   S   w moves along e_j, and every row's z follows by v_r = -D_r^-1 B_r e_j, found from
 *       row-local gradients at w +- h e_j: 2 P points. Then the globals' gradient changes by S e_j:
 *       2 P points more. B is never stored, and sums over rows are those of gradients: exact.
 *
 * Steps: h_j is a fraction of the conditional standard deviation along e_j, 1e-3 of it when `scale`
 * tells it; without, 6e-6 max(1, |w_j|) is tried, and columns whose step turns out to be more than
 * 1e-2 of it are made again at 1e-3 (less than 1e-9: at 1e-6). Relative error: about 1e-9 in
 * smooth models, at worst the order of (h / scale on which the curvature changes)^2, 1e-4;
 * `asymmetry` shows it.
 *
 * Passes over the data: 1 + 2 ceil(P / slots); with row-local parameters the latter twice, and
 * 2 ceil(L / slots). Memory of a rank: P (P + slots) + rows L (L + 1 + slots) doubles besides the
 * batch. Spread over a grid of ranks, 2 P^2 / ranks doubles take the place of P^2.
 */
#ifndef MST_OPTIM_HESSIAN_H
#define MST_OPTIM_HESSIAN_H

#include "linalg/dist_square.h"
#include "optim/marginal.h"

typedef struct mst_hessian {
  int64_t globals, each, rows; /* P, L, rows of this rank */
  double *matrix;   /* [P][P] S, symmetric; the same bits on all ranks; NULL: it is distributed */
  mst_dist dist;    /* S, in place of matrix, with the same bits; of a grid */
  double *diagonal; /* [P] of S */
  double *gradient; /* [P] at the point */
  double *step;     /* [P] differences' half widths */
  double *factor;   /* [rows][L][L] lower C_r, C_r C_r' = -D_r; zeros where there is none */
  double asymmetry; /* largest |S_ij - S_ji| / sqrt|S_ii S_jj|, before their mean was taken */
  double lp;        /* log density at the point */
  int64_t evaluations; /* passes over the data */
  int64_t bad_rows;    /* over all ranks: rows whose -D_r is not positive definite; their z does not
                        * follow w, as if B_r were zero */
  int64_t first_bad;   /* the first such row, counted from 0 over all ranks; -1: none */
} mst_hessian;

/* Collective. The Hessian at y [P], local [rows L of this rank], both unconstrained. batch: of
 * the target, positions are overwritten. scale [P]: standard deviations about right, NULL: not
 * known. grid: over whose ranks S is distributed, so that none has all of it; NULL: every rank has.
 * Errors are agreed: MASTING_ERR_INIT when density or gradient is not finite at or near the
 * point (the parameter is named), MASTING_ERR_MEMORY (also where memory for three such matrices
 * is not there). Free with mst_hessian_free, also after failure. */
masting_status mst_hessian_make(mst_hessian *h, mst_batch *batch, const double *y,
                                const double *local, const double *scale, const mst_grid *grid,
                                mst_error *err);

/* Collective. The same of the density with row-local parameters integrated out (marginal.h) at y,
 * where local is the rows' highest point: matrix, gradient and lp are those of f, the rest as
 * above. */
masting_status mst_hessian_integrated(mst_hessian *h, mst_marginal *marginal, const double *y,
                                      const double *local, const double *scale,
                                      const mst_grid *grid, mst_error *err);
void mst_hessian_free(mst_hessian *h);

/* Solves C C' x = x for a row's factor of size n, and C' x = x. Not collective. */
void mst_block_solve(const double *factor, int64_t n, double *x);
void mst_block_solve_upper(const double *factor, int64_t n, double *x);

/* diagonal[n] of (C C')^-1. Not collective. */
void mst_block_variances(const double *factor, int64_t n, double *diagonal);

#endif
