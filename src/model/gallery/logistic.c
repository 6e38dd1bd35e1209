/* gallery/logistic.c -- logistic regression.
 *
 *   y[n] ~ Bernoulli(inv_logit(alpha + X[n,] beta));  alpha, beta[p] ~ Normal(0, 2.5)
 *
 * Priors for columns of X of about unit scale, after Gelman et al. 2008, "A weakly informative
 * default prior distribution for logistic and other regression models", Ann. Appl. Stat. 2(4).
 * Simulated data: X ~ Normal(0, 1), alpha ~ Normal(0, 1), beta ~ Normal(0, 1/sqrt(P)), so that eta
 * has unit scale whatever P.
 */
#include <masting/model_abi.h>

#include "model/gallery/glm.h"

enum { LOGISTIC_N, LOGISTIC_P };
enum { LOGISTIC_X, LOGISTIC_Y };

static const masting_size logistic_sizes[] = {{.name = "N", .doc = "observations"},
                                              {.name = "P", .doc = "columns of X"}};
static const masting_data logistic_data[] = {{.name = "X",
                                              .type = MASTING_F32,
                                              .ndims = 2,
                                              .dims = {LOGISTIC_N, LOGISTIC_P},
                                              .lower = MASTING_NO_BOUND_BELOW,
                                              .upper = MASTING_NO_BOUND_ABOVE,
                                              .upper_size = MASTING_NO_SIZE,
                                              .doc = "covariates, float64 or float32"},
                                             {.name = "y",
                                              .type = MASTING_I32,
                                              .ndims = 1,
                                              .dims = {LOGISTIC_N},
                                              .lower = 0,
                                              .upper = 1,
                                              .upper_size = MASTING_NO_SIZE,
                                              .doc = "outcome, 0 or 1"}};
static const masting_param logistic_params[] = {
    {.name = "alpha", .transform = MASTING_IDENTITY, .doc = "intercept"},
    {.name = "beta",
     .ndims = 1,
     .dims = {LOGISTIC_P},
     .transform = MASTING_IDENTITY,
     .doc = "coefficients"}};

static size_t logistic_scratch(const int64_t *size, int rows) {
  (void)rows;
  return glm_scratch_bytes(size[LOGISTIC_P]);
}

static inline void logistic_response(const masting_block *b, int first, int rows, double *y) {
  const int32_t *from = (const int32_t *)b->data[LOGISTIC_Y] + first;
  for (int r = 0; r < rows; r++) y[r] = from[r];
}

/* lp of a row is -log(1 + exp(s)), s = eta for y = 0 and -eta for y = 1. With e = exp(-|s|) it is
 * -max(s, 0) - log(1 + e); the factors 1 + e <= 2 of a tile's rows are multiplied and take one
 * logarithm together: at most 2^64, and as exact as the sum of their logarithms. */
WIDE_INLINE void logistic_residual(double *eta, int n, const double *y, const void *context,
                                   glm_sums *sums) {
  (void)context;
  const wide zero = {0}, one = wide_all(1.0);
  wide product[PARTS];
  for (int p = 0; p < PARTS; p++) product[p] = one;
  for (int f = 0; f < n; f += WIDE * PARTS)
    for (int p = 0; p < PARTS; p++) {
      wide h = wide_load(eta + f + p * WIDE), t = glm_broadcast(y, f + p * WIDE);
      wide s = h - 2.0 * t * h, e = wide_exp(-wide_abs(h));
      product[p] *= one + e;
      sums[p].lp -= wide_where((wide_mask)(s > zero), s, zero);
      wide numerator = wide_where((wide_mask)(h < zero), e, one);
      wide_store(eta + f + p * WIDE, t - numerator / (one + e));
    }
  for (int p = 0; p < PARTS; p++) sums[p].lp -= wide_log(product[p]);
}

static void logistic_rows(void *state, const masting_block *b) {
  (void)state;
  glm_sums sums[PARTS] = {0};
  glm_block(b, LOGISTIC_X, b->size[LOGISTIC_P], -INFINITY, logistic_response, logistic_residual,
            NULL, sums);
  glm_fold(&sums[0].lp, sizeof sums[0], b->lp);
}

static void logistic_global(void *state, int slot, const int64_t *size, const void *const *data,
                            const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                            vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  (void)data;
  for (int64_t i = 0; i < 1 + size[LOGISTIC_P]; i++) {
    *lp -= 0.08 * theta[i] * theta[i];
    grad[i] -= 0.16 * theta[i];
  }
}

static void logistic_sim_global(const masting_sim *sim, double *theta) {
  double scale = 1.0 / sqrt((double)sim->size[LOGISTIC_P]);
  theta[0] = sim->ops->normal(sim->rng);
  for (int64_t j = 0; j < sim->size[LOGISTIC_P]; j++)
    theta[1 + j] = scale * sim->ops->normal(sim->rng);
}

static void logistic_sim_row(const masting_sim *sim, const double *theta,
                             const void *const *replicated, int64_t row, double *local,
                             void *const *row_data) {
  (void)replicated;
  (void)row;
  (void)local;
  float *x = row_data[LOGISTIC_X];
  double eta = theta[0];
  for (int64_t j = 0; j < sim->size[LOGISTIC_P]; j++) {
    x[j] = (float)sim->ops->normal(sim->rng);
    eta += x[j] * theta[1 + j];
  }
  *(int32_t *)row_data[LOGISTIC_Y] = sim->ops->uniform(sim->rng) * (1.0 + exp(-eta)) < 1.0;
}

MASTING_MODEL(logistic) = {
    .abi = MASTING_ABI,
    .lanes = MASTING_LANES,
    .name = "logistic",
    .doc = "logistic regression: y[N] ~ Bernoulli(inv_logit(alpha + X[N,P] beta))",
    .sizes = logistic_sizes,
    .nsizes = 2,
    .shard = LOGISTIC_N,
    .data = logistic_data,
    .ndata = 2,
    .params = logistic_params,
    .nparams = 2,
    .scratch_bytes = logistic_scratch,
    .rows = logistic_rows,
    .global = logistic_global,
    .sim_global = logistic_sim_global,
    .sim_row = logistic_sim_row};
