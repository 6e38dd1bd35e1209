/* tests/models/poisson.c -- a user's model in one C file: counts that vary more than Poisson.
 *
 *   y[n] ~ Poisson(exp(alpha + X[n,] beta + tau u[n])),  u[n] ~ Normal(0, 1)
 *   alpha ~ Normal(0, 2), beta[p] ~ Normal(0, 1), tau ~ Exponential(1)
 *
 * u is row-local: one latent for each row, which lives with the row. docs/models-in-c.md
 * explains this file from top to bottom.
 */
#include <masting/model_abi.h>

enum { N, P };             /* sizes */
enum { X, Y };             /* data */
enum { ALPHA, BETA, TAU }; /* global parameters; elements: alpha 0, beta 1 .. P, tau 1 + P */

static const masting_size sizes[] = {{.name = "N", .doc = "observations"},
                                     {.name = "P", .doc = "columns of X"}};

static const masting_data data[] = {{.name = "X",
                                     .type = MASTING_F64,
                                     .ndims = 2,
                                     .dims = {N, P},
                                     .lower = MASTING_NO_BOUND_BELOW,
                                     .upper = MASTING_NO_BOUND_ABOVE,
                                     .upper_size = MASTING_NO_SIZE,
                                     .doc = "covariates"},
                                    {.name = "y",
                                     .type = MASTING_I32,
                                     .ndims = 1,
                                     .dims = {N},
                                     .lower = 0,
                                     .upper = MASTING_NO_BOUND_ABOVE,
                                     .upper_size = MASTING_NO_SIZE,
                                     .doc = "counts"}};

static const masting_param params[] = {
    {.name = "alpha", .doc = "intercept"},
    {.name = "beta", .ndims = 1, .dims = {P}, .doc = "coefficients"},
    {.name = "tau", .transform = MASTING_LOWER, .lower = 0, .doc = "sd of the extra variation"},
    {.name = "u", .ndims = 1, .dims = {N}, .doc = "extra variation of a row, standardised"}};

/* Adds a block of rows: log density to *lp, gradients beside it. */
static void rows(void *state, const masting_block *block) {
  (void)state;
  const int64_t columns = block->size[P];
  const double *x = block->data[X];
  const int32_t *y = block->data[Y];
  const vreal *beta = block->theta + BETA;
  const vreal alpha = block->theta[ALPHA], tau = block->theta[TAU - 1 + columns];
  vreal *grad_beta = block->theta_grad + BETA;
  vreal lp = v_all(0.0), grad_alpha = v_all(0.0), grad_tau = v_all(0.0);
  for (int n = 0; n < block->rows; n++, x += columns) {
    vreal u = block->local[n], eta = alpha + tau * u;
    for (int64_t j = 0; j < columns; j++) eta += x[j] * beta[j];
    vreal rate = v_exp(eta), residual = (double)y[n] - rate;
    lp += (double)y[n] * eta - rate - 0.5 * u * u;
    grad_alpha += residual;
    grad_tau += residual * u;
    for (int64_t j = 0; j < columns; j++) grad_beta[j] += x[j] * residual;
    block->local_grad[n] = residual * tau - u; /* set, not added */
  }
  *block->lp += lp;
  block->theta_grad[ALPHA] += grad_alpha;
  block->theta_grad[TAU - 1 + columns] += grad_tau;
}

/* Adds what does not belong to a row: the priors. */
static void global(void *state, int slot, const int64_t *size, const void *const *replicated,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  (void)replicated;
  const int64_t columns = size[P], tau = TAU - 1 + columns;
  *lp -= 0.125 * theta[ALPHA] * theta[ALPHA] + theta[tau];
  grad[ALPHA] -= 0.25 * theta[ALPHA];
  grad[tau] -= 1.0;
  for (int64_t j = 0; j < columns; j++) {
    *lp -= 0.5 * theta[BETA + j] * theta[BETA + j];
    grad[BETA + j] -= theta[BETA + j];
  }
}

/* Typical parameters, for `masting simulate`. */
static void sim_global(const masting_sim *sim, double *theta) {
  const int64_t columns = sim->size[P];
  theta[ALPHA] = 1.0;
  for (int64_t j = 0; j < columns; j++) theta[BETA + j] = 0.3 * sim->ops->normal(sim->rng);
  theta[TAU - 1 + columns] = 0.5;
}

/* One row: its latent and its data. */
static void sim_row(const masting_sim *sim, const double *theta, const void *const *replicated,
                    int64_t row, double *local, void *const *row_data) {
  (void)replicated;
  (void)row;
  const int64_t columns = sim->size[P];
  double *x = row_data[X];
  local[0] = sim->ops->normal(sim->rng);
  double eta = theta[ALPHA] + theta[TAU - 1 + columns] * local[0];
  for (int64_t j = 0; j < columns; j++) {
    x[j] = sim->ops->normal(sim->rng);
    eta += x[j] * theta[BETA + j];
  }
  *(int32_t *)row_data[Y] = (int32_t)sim->ops->poisson(sim->rng, exp(eta));
}

MASTING_MODEL(poisson) = {.abi = MASTING_ABI,
                          .lanes = MASTING_LANES,
                          .name = "poisson",
                          .doc = "Poisson regression with extra variation per row",
                          .sizes = sizes,
                          .nsizes = 2,
                          .shard = N,
                          .data = data,
                          .ndata = 2,
                          .params = params,
                          .nparams = 4,
                          .rows = rows,
                          .global = global,
                          .sim_global = sim_global,
                          .sim_row = sim_row};
