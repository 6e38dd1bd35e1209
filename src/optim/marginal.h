/* optim/marginal.h -- the density of the globals with row-local parameters integrated out, by
 * Laplace's approximation in every row:
 *
 *     f(w) = lp(w, z(w)) - sum_r log|-D_r| / 2,    z_r(w) the highest point of row r given w
 *
 * (Tierney and Kadane 1986), exact where rows are Gaussian given w. The highest point of all
 * parameters together is far from typical draws when every row has latents of its own; that of f is
 * not.
 *
 * A point w a lane, rows at once. An evaluation at z(w), found by Newton's method:
 *
 *   D          2 L gradients: the k-th latent of every row moves at once (as in hessian.h)
 *   gradient   of log|-D_r|: with V V' = (-D_r)^-1 it is -sum_k v_k' (dD_r) v_k, and v' D_r v is
 *              the second derivative of lp along v: so second differences of gradients along v_k,
 *              2 L of them, yield the derivative of log|-D_r| with respect to w and to z_r
 *   follow     the latter through z(w): B' (-D)^-1 t, one difference of the globals' gradient
 *
 * 4 L + 3 gradients whatever the number of globals (an adjoint method, as in Margossian et al.
 * 2020, "Hamiltonian Monte Carlo using an adjoint-differentiated Laplace approximation", without
 * third derivatives), and 2 L + 1 for each of Newton's steps. Relative error of the gradient of
 * log|-D|: about 1e-6 of its parts. Same bits for any ranks and threads.
 */
#ifndef MST_OPTIM_MARGINAL_H
#define MST_OPTIM_MARGINAL_H

#include "target/batch.h"

typedef struct mst_marginal {
  mst_batch *batch;
  int64_t each;        /* L */
  int64_t evaluations; /* passes over the data so far */
  double *factor;      /* [batches][rows L L][lanes] lower C, C C' = -D_r at the last evaluation */
  double *f;       /* [slots] NaN where it is not finite or some -D_r is not positive definite */
  double *log_det; /* [slots] sum of log|-D_r| */
  double *grad;    /* [slots][P] of f */
  /* scratch, [batches][row-local elements][lanes] unless said */
  double *z, *step, *kept, *middle, *redirect, *way;
  double *first;           /* [slots][P] */
  double *decrement, *bad; /* [slots] */
  double farthest;
  int64_t latent;
} mst_marginal;

/* Collective. batch: of a target with row-local parameters; must live longer. Errors are agreed.
 * End with mst_marginal_end, also after a failure. */
masting_status mst_marginal_begin(mst_marginal *m, mst_batch *batch, mst_error *err);
void mst_marginal_end(mst_marginal *m);

/* Collective. At batch->y, row-local elements at batch->local or near: Newton's method takes at
 * most `steps` steps to their highest point; batch->local, factor and log_det are those there. */
masting_status mst_marginal_rows(mst_marginal *m, int steps, mst_error *err);

/* Collective. The same, then f and grad. What Newton's method has left to do is made up for to
 * first order, so `steps` may be 0 near the highest point. */
masting_status mst_marginal_eval(mst_marginal *m, int steps, mst_error *err);

/* A slot's factor of a row [L][L]: element i at [i * lanes]. */
static inline double *mst_marginal_factor(const mst_marginal *m, int slot, int64_t row) {
  const mst_target *t = m->batch->target;
  const int64_t block = m->each * m->each;
  return m->factor + ((slot / t->lanes * t->data->shard.rows + row) * block) * t->lanes +
         slot % t->lanes;
}

/* The same in one piece, c[L][L]. */
static inline void mst_marginal_take(const mst_marginal *m, int slot, int64_t row, double *c) {
  const double *factor = mst_marginal_factor(m, slot, row);
  for (int64_t i = 0; i < m->each * m->each; i++) c[i] = factor[i * m->batch->target->lanes];
}

#endif
