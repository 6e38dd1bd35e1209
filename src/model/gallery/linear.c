/* gallery/linear.c -- linear regression.
 *
 *   y[n] ~ Normal(alpha + X[n,] beta, sigma)
 *   alpha ~ Normal(0, 10), beta[p] ~ Normal(0, 2.5), sigma ~ Exponential(1)
 *
 * Weakly informative for y and columns of X of about unit scale: standardise them first. Simulated
 * data: X ~ Normal(0, 1), parameters from their priors.
 */
#include <masting/model_abi.h>

#include "model/gallery/glm.h"

enum { LINEAR_N, LINEAR_P };
enum { LINEAR_X, LINEAR_Y };

static const masting_size linear_sizes[] = {{.name = "N", .doc = "observations"},
                                            {.name = "P", .doc = "columns of X"}};
static const masting_data linear_data[] = {{.name = "X",
                                            .type = MASTING_F32,
                                            .ndims = 2,
                                            .dims = {LINEAR_N, LINEAR_P},
                                            .lower = MASTING_NO_BOUND_BELOW,
                                            .upper = MASTING_NO_BOUND_ABOVE,
                                            .upper_size = MASTING_NO_SIZE,
                                            .doc = "covariates, float64 or float32"},
                                           {.name = "y",
                                            .type = MASTING_F64,
                                            .ndims = 1,
                                            .dims = {LINEAR_N},
                                            .lower = MASTING_NO_BOUND_BELOW,
                                            .upper = MASTING_NO_BOUND_ABOVE,
                                            .upper_size = MASTING_NO_SIZE,
                                            .doc = "outcome"}};
static const masting_param linear_params[] = {
    {.name = "alpha", .transform = MASTING_IDENTITY, .doc = "intercept"},
    {.name = "beta",
     .ndims = 1,
     .dims = {LINEAR_P},
     .transform = MASTING_IDENTITY,
     .doc = "coefficients"},
    {.name = "sigma", .transform = MASTING_LOWER, .lower = 0, .doc = "residual sd"}};

static size_t linear_scratch(const int64_t *size, int rows) {
  (void)rows;
  return glm_scratch_bytes(size[LINEAR_P]);
}

static inline void linear_response(const masting_block *b, int first, int rows, double *y) {
  memcpy(y, (const double *)b->data[LINEAR_Y] + first, (size_t)rows * sizeof *y);
}

/* context: 1/sigma^2 per lane. Register p of a group always meets the same lanes. */
WIDE_INLINE void linear_residual(double *eta, int n, const double *y, const void *context,
                                 glm_sums *sums) {
  const wide *precision = context;
  for (int f = 0; f < n; f += WIDE * PARTS)
    for (int p = 0; p < PARTS; p++) {
      wide r = glm_broadcast(y, f + p * WIDE) - wide_load(eta + f + p * WIDE);
      sums[p].square += r * r;
      wide_store(eta + f + p * WIDE, r * precision[p]);
    }
}

static void linear_rows(void *state, const masting_block *b) {
  (void)state;
  int64_t P = b->size[LINEAR_P];
  vreal sigma = b->theta[1 + P], precision = 1.0 / (sigma * sigma), square = v_all(0.0);
  glm_sums sums[PARTS] = {0};
  wide context[PARTS];
  for (int p = 0; p < PARTS; p++)
    for (int i = 0; i < WIDE; i++) context[p][i] = v_get(precision, (p * WIDE + i) % MASTING_LANES);
  glm_block(b, LINEAR_X, P, 0.0, linear_response, linear_residual, context, sums);
  glm_fold(&sums[0].square, sizeof sums[0], &square);
  *b->lp -= 0.5 * square * precision + (double)b->rows * v_log(sigma);
  b->theta_grad[1 + P] += (square * precision - (double)b->rows) / sigma;
}

static void linear_global(void *state, int slot, const int64_t *size, const void *const *data,
                          const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                          vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  (void)data;
  const vreal *beta = theta + 1;
  int64_t P = size[LINEAR_P];
  *lp -= 0.005 * theta[0] * theta[0];
  grad[0] -= 0.01 * theta[0];
  for (int64_t j = 0; j < P; j++) {
    *lp -= 0.08 * beta[j] * beta[j];
    grad[1 + j] -= 0.16 * beta[j];
  }
  *lp -= theta[1 + P];
  grad[1 + P] -= 1.0;
}

static void linear_sim_global(const masting_sim *sim, double *theta) {
  int64_t P = sim->size[LINEAR_P];
  theta[0] = 10.0 * sim->ops->normal(sim->rng);
  for (int64_t j = 0; j < P; j++) theta[1 + j] = 2.5 * sim->ops->normal(sim->rng);
  theta[1 + P] = sim->ops->gamma(sim->rng, 1.0);
}

static void linear_sim_row(const masting_sim *sim, const double *theta,
                           const void *const *replicated, int64_t row, double *local,
                           void *const *row_data) {
  (void)replicated;
  (void)row;
  (void)local;
  int64_t P = sim->size[LINEAR_P];
  float *x = row_data[LINEAR_X];
  double eta = theta[0];
  for (int64_t j = 0; j < P; j++) {
    x[j] = (float)sim->ops->normal(sim->rng);
    eta += x[j] * theta[1 + j];
  }
  *(double *)row_data[LINEAR_Y] = eta + theta[1 + P] * sim->ops->normal(sim->rng);
}

MASTING_MODEL(linear) = {.abi = MASTING_ABI,
                         .lanes = MASTING_LANES,
                         .name = "linear",
                         .doc = "linear regression: y[N] ~ Normal(alpha + X[N,P] beta, sigma)",
                         .sizes = linear_sizes,
                         .nsizes = 2,
                         .shard = LINEAR_N,
                         .data = linear_data,
                         .ndata = 2,
                         .params = linear_params,
                         .nparams = 3,
                         .scratch_bytes = linear_scratch,
                         .rows = linear_rows,
                         .global = linear_global,
                         .sim_global = linear_sim_global,
                         .sim_row = linear_sim_row};
