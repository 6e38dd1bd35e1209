/* gallery/ppca.c -- probabilistic principal component analysis with its latents kept.
 *
 *   w[d,k] ~ Normal(0, 2), each w[d,] ordered;  z[n,k] ~ Normal(0, 1)
 *   x[d,n] ~ Normal(sum_k w[d,k] z[n,k], 1)
 *
 * Tipping and Bishop 1999, "Probabilistic principal component analysis", JRSS B 61(3), with unit
 * noise, as in PyMC's example of faster sampling: there as here the ordering acts along the last
 * dimension of w. For K = 1 it does nothing and (w, z) and (-w, -z) are two mirrored modes: judge
 * w w'. For K > 1 it restricts every row of w to the same half-space.
 */
#include <masting/model_abi.h>

enum { PPCA_N, PPCA_D, PPCA_K };

static const masting_size ppca_sizes[] = {{.name = "N", .doc = "observations"},
                                          {.name = "D", .doc = "dimensions of an observation"},
                                          {.name = "K", .fallback = 1, .doc = "components"}};
static const masting_data ppca_data[] = {{.name = "x",
                                          .type = MASTING_F64,
                                          .ndims = 2,
                                          .dims = {PPCA_D, PPCA_N},
                                          .lower = MASTING_NO_BOUND_BELOW,
                                          .upper = MASTING_NO_BOUND_ABOVE,
                                          .upper_size = MASTING_NO_SIZE,
                                          .doc = "observations, one a column"}};
static const masting_param ppca_params[] = {{.name = "w",
                                             .ndims = 2,
                                             .dims = {PPCA_D, PPCA_K},
                                             .transform = MASTING_ORDERED,
                                             .column_major = 1,
                                             .doc = "loadings"},
                                            {.name = "z",
                                             .ndims = 2,
                                             .dims = {PPCA_N, PPCA_K},
                                             .transform = MASTING_IDENTITY,
                                             .column_major = 1,
                                             .doc = "scores, one row an observation"}};

/* What does not change when w and z change sign together. */
static const masting_param ppca_derived[] = {
    {.name = "ww", .ndims = 2, .dims = {PPCA_D, PPCA_D}, .doc = "w w', the same in both modes"}};

/* One row; with D and K known to the compiler everything stays in registers.
 * gw[d + D k] and *lp are running sums; w as in storage, z and gz of this row. */
static inline __attribute__((always_inline)) void ppca_row(int D, int K, const double *x,
                                                           const vreal *w, const vreal *z,
                                                           vreal *gw, vreal *gz, vreal *lp) {
  vreal q = z[0] * z[0];
  for (int k = 1; k < K; k++) q += z[k] * z[k];
  for (int k = 0; k < K; k++) gz[k] = -z[k];
  for (int d = 0; d < D; d++) {
    vreal r = x[d] - w[d] * z[0];
    for (int k = 1; k < K; k++) r -= w[d + D * k] * z[k];
    q += r * r;
    for (int k = 0; k < K; k++) {
      gz[k] += w[d + D * k] * r;
      gw[d + D * k] += r * z[k];
    }
  }
  *lp -= 0.5 * q;
}

/* restrict, here and below: a compiler that has to ask at run time whether arrays overlap may round
 * otherwise in its two answers. */
static inline __attribute__((always_inline)) void
ppca_fixed(int D, int K, int rows, const double *restrict x, const vreal *restrict theta,
           const vreal *restrict z, vreal *restrict gz, vreal *restrict gtheta,
           vreal *restrict lp) {
  vreal w[4], gw[4] = {0}, sum = v_all(0.0);
  for (int i = 0; i < D * K; i++) w[i] = theta[i];
  for (int n = 0; n < rows; n++) ppca_row(D, K, x + n * D, w, z + n * K, gw, gz + n * K, &sum);
  for (int i = 0; i < D * K; i++) gtheta[i] += gw[i];
  *lp += sum;
}

static __attribute__((noinline)) void ppca_any(int D, int K, int rows, const double *restrict x,
                                               const vreal *restrict w, const vreal *restrict z,
                                               vreal *restrict gz, vreal *restrict gw,
                                               vreal *restrict lp) {
  for (int64_t n = 0; n < rows; n++) ppca_row(D, K, x + n * D, w, z + n * K, gw, gz + n * K, lp);
}

static void ppca_rows(void *state, const masting_block *b) {
  (void)state;
  int D = (int)b->size[PPCA_D], K = (int)b->size[PPCA_K];
  const double *x = b->data[0];
  if (D == 2 && K == 1)
    ppca_fixed(2, 1, b->rows, x, b->theta, b->local, b->local_grad, b->theta_grad, b->lp);
  else if (D == 3 && K == 1)
    ppca_fixed(3, 1, b->rows, x, b->theta, b->local, b->local_grad, b->theta_grad, b->lp);
  else if (D == 2 && K == 2)
    ppca_fixed(2, 2, b->rows, x, b->theta, b->local, b->local_grad, b->theta_grad, b->lp);
  else
    ppca_any(D, K, b->rows, x, b->theta, b->local, b->local_grad, b->theta_grad, b->lp);
}

static void ppca_global(void *state, int slot, const int64_t *size, const void *const *data,
                        const vreal *w, const vreal *shared_grad, const vreal *normal_grad,
                        vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  (void)data;
  for (int64_t i = 0; i < size[PPCA_D] * size[PPCA_K]; i++) {
    *lp -= 0.125 * w[i] * w[i];
    grad[i] -= 0.25 * w[i];
  }
}

static void ppca_derive(void *state, const int64_t *size, const void *const *data, const double *w,
                        const masting_derive *at, double *ww) {
  (void)at;
  (void)state;
  (void)data;
  const int64_t D = size[PPCA_D], K = size[PPCA_K];
  for (int64_t d = 0; d < D; d++)
    for (int64_t e = 0; e < D; e++) {
      double sum = 0;
      for (int64_t k = 0; k < K; k++) sum += w[d + D * k] * w[e + D * k];
      ww[d * D + e] = sum;
    }
}

/* Loadings from their prior: each row is sorted, since it is ordered. */
static void ppca_sim_global(const masting_sim *sim, double *w) {
  int64_t D = sim->size[PPCA_D], K = sim->size[PPCA_K];
  for (int64_t d = 0; d < D; d++)
    for (int64_t k = 0; k < K; k++) {
      double v = 2.0 * sim->ops->normal(sim->rng);
      int64_t at = k;
      for (; at > 0 && w[d + D * (at - 1)] > v; at--) w[d + D * at] = w[d + D * (at - 1)];
      w[d + D * at] = v;
    }
}

static void ppca_sim_row(const masting_sim *sim, const double *w, const void *const *replicated,
                         int64_t row, double *z, void *const *row_data) {
  (void)replicated;
  (void)row;
  int64_t D = sim->size[PPCA_D], K = sim->size[PPCA_K];
  double *x = row_data[0];
  for (int64_t k = 0; k < K; k++) z[k] = sim->ops->normal(sim->rng);
  for (int64_t d = 0; d < D; d++) {
    double mu = 0;
    for (int64_t k = 0; k < K; k++) mu += w[d + D * k] * z[k];
    x[d] = mu + sim->ops->normal(sim->rng);
  }
}

MASTING_MODEL(ppca) = {.abi = MASTING_ABI,
                       .lanes = MASTING_LANES,
                       .name = "ppca",
                       .doc = "probabilistic PCA, latent scores per row: x[D,N] ~ Normal(w z, 1)",
                       .sizes = ppca_sizes,
                       .nsizes = 3,
                       .shard = PPCA_N,
                       .data = ppca_data,
                       .ndata = 1,
                       .params = ppca_params,
                       .nparams = 2,
                       .rows = ppca_rows,
                       .global = ppca_global,
                       .sim_global = ppca_sim_global,
                       .sim_row = ppca_sim_row,
                       .derived = ppca_derived,
                       .nderived = 1,
                       .derive = ppca_derive};
