/* gallery/hierarchical.c -- intercept and slope per group.
 *
 *   y[n] ~ Normal(a[g[n]] + b[g[n]] x[n], sigma) a[j] ~ Normal(mu_a, tau_a), b[j] ~ Normal(mu_b,
 *   tau_b) mu_a ~ Normal(0, 10), mu_b ~ Normal(0, 2.5), tau_a, tau_b ~ Exponential(1), sigma ~
 *   Exponential(1)
 *
 * Centred: with much data a group, which is what this program is for, the likelihood pins each
 * a[j] and b[j] and the centred form samples best (Betancourt and Girolami 2015, "Hamiltonian
 * Monte Carlo for hierarchical models", section 3). Priors for y and x of about unit scale.
 * Simulated data: x ~ Normal(0, 1), groups drawn uniformly, parameters from their priors.
 */
#include <masting/model_abi.h>

enum { HIER_N, HIER_G };
enum { HIER_GROUP, HIER_X, HIER_Y };
enum { HIER_MU_A, HIER_MU_B, HIER_TAU_A, HIER_TAU_B, HIER_SIGMA, HIER_A, HIER_B };
/* Elements: five scalars, a[G], b[G]. */
#define HIER_FIRST_A 5

static const masting_size hier_sizes[] = {{.name = "N", .doc = "observations"},
                                          {.name = "G", .doc = "groups"}};

#define HIER_REAL(the_name, the_doc)                                                               \
  {                                                                                                \
    .name = the_name, .type = MASTING_F64, .ndims = 1, .dims = {HIER_N},                           \
    .lower = MASTING_NO_BOUND_BELOW, .upper = MASTING_NO_BOUND_ABOVE,                              \
    .upper_size = MASTING_NO_SIZE, .doc = the_doc                                                  \
  }
static const masting_data hier_data[] = {{.name = "g",
                                          .type = MASTING_I32,
                                          .ndims = 1,
                                          .dims = {HIER_N},
                                          .lower = 1,
                                          .upper = MASTING_NO_BOUND_ABOVE,
                                          .upper_size = HIER_G,
                                          .doc = "group, 1 to G"},
                                         HIER_REAL("x", "covariate"),
                                         HIER_REAL("y", "outcome")};
static const masting_param hier_params[] = {
    {.name = "mu_a", .transform = MASTING_IDENTITY, .doc = "mean of the intercepts"},
    {.name = "mu_b", .transform = MASTING_IDENTITY, .doc = "mean of the slopes"},
    {.name = "tau_a", .transform = MASTING_LOWER, .lower = 0, .doc = "sd of the intercepts"},
    {.name = "tau_b", .transform = MASTING_LOWER, .lower = 0, .doc = "sd of the slopes"},
    {.name = "sigma", .transform = MASTING_LOWER, .lower = 0, .doc = "residual sd"},
    {.name = "a", .ndims = 1, .dims = {HIER_G}, .transform = MASTING_IDENTITY, .doc = "intercepts"},
    {.name = "b", .ndims = 1, .dims = {HIER_G}, .transform = MASTING_IDENTITY, .doc = "slopes"}};
static const masting_gather hier_gathers[] = {{HIER_GROUP, 2, {HIER_A, HIER_B}}};

static void hier_rows(void *state, const masting_block *block) {
  (void)state;
  const int32_t *g = block->data[HIER_GROUP];
  const double *x = block->data[HIER_X], *y = block->data[HIER_Y];
  const vreal *a = block->theta + HIER_FIRST_A - 1; /* 1-based */
  const vreal *b = a + block->size[HIER_G];
  const uint16_t *pos = block->pos[0];
  vreal *grad = block->gather_grad[0];
  vreal sigma = block->theta[HIER_SIGMA], precision = 1.0 / (sigma * sigma), square = v_all(0.0);
  for (int n = 0; n < block->rows; n++) {
    vreal r = y[n] - a[g[n]] - x[n] * b[g[n]];
    vreal e = r * precision;
    square += r * e;
    grad[2 * pos[n]] += e;
    grad[2 * pos[n] + 1] += x[n] * e;
  }
  *block->lp -= 0.5 * square + (double)block->rows * v_log(sigma);
  block->theta_grad[HIER_SIGMA] += (square - (double)block->rows) / sigma;
}

/* Group effects v[G] ~ Normal(mu, tau). */
static void hier_effects(int64_t G, const vreal *theta, int mu, int tau, const vreal *restrict v,
                         vreal *grad, vreal *restrict grad_v, vreal *lp) {
  vreal precision = 1.0 / (theta[tau] * theta[tau]), sum = v_all(0.0), square = v_all(0.0);
  for (int64_t j = 0; j < G; j++) {
    vreal r = v[j] - theta[mu], e = r * precision;
    square += r * e;
    sum += e;
    grad_v[j] -= e;
  }
  grad[mu] += sum;
  grad[tau] += (square - (double)G) / theta[tau];
  *lp -= 0.5 * square + (double)G * v_log(theta[tau]);
}

static void hier_global(void *state, int slot, const int64_t *size, const void *const *data,
                        const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                        vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  (void)data;
  int64_t G = size[HIER_G], a = HIER_FIRST_A, b = a + G;
  hier_effects(G, theta, HIER_MU_A, HIER_TAU_A, theta + a, grad, grad + a, lp);
  hier_effects(G, theta, HIER_MU_B, HIER_TAU_B, theta + b, grad, grad + b, lp);
  *lp -= 0.005 * theta[HIER_MU_A] * theta[HIER_MU_A] + 0.08 * theta[HIER_MU_B] * theta[HIER_MU_B];
  grad[HIER_MU_A] -= 0.01 * theta[HIER_MU_A];
  grad[HIER_MU_B] -= 0.16 * theta[HIER_MU_B];
  for (int k = HIER_TAU_A; k <= HIER_SIGMA; k++) {
    *lp -= theta[k];
    grad[k] -= 1.0;
  }
}

static void hier_sim_global(const masting_sim *sim, double *theta) {
  int64_t G = sim->size[HIER_G];
  theta[HIER_MU_A] = 10.0 * sim->ops->normal(sim->rng);
  theta[HIER_MU_B] = 2.5 * sim->ops->normal(sim->rng);
  for (int k = HIER_TAU_A; k <= HIER_SIGMA; k++) theta[k] = sim->ops->gamma(sim->rng, 1.0);
  for (int64_t j = 0; j < G; j++) {
    theta[HIER_FIRST_A + j] = theta[HIER_MU_A] + theta[HIER_TAU_A] * sim->ops->normal(sim->rng);
    theta[HIER_FIRST_A + G + j] = theta[HIER_MU_B] + theta[HIER_TAU_B] * sim->ops->normal(sim->rng);
  }
}

static void hier_sim_row(const masting_sim *sim, const double *theta, const void *const *replicated,
                         int64_t row, double *local, void *const *row_data) {
  (void)replicated;
  (void)row;
  (void)local;
  int64_t G = sim->size[HIER_G];
  int64_t j = (int64_t)(sim->ops->uniform(sim->rng) * (double)G);
  if (j == G) j = G - 1; /* a uniform next to 1 may round up */
  double x = sim->ops->normal(sim->rng);
  double mean = theta[HIER_FIRST_A + j] + theta[HIER_FIRST_A + G + j] * x;
  *(int32_t *)row_data[HIER_GROUP] = (int32_t)(j + 1);
  *(double *)row_data[HIER_X] = x;
  *(double *)row_data[HIER_Y] = mean + theta[HIER_SIGMA] * sim->ops->normal(sim->rng);
}

MASTING_MODEL(hierarchical) = {
    .abi = MASTING_ABI,
    .lanes = MASTING_LANES,
    .name = "hierarchical",
    .doc = "intercept and slope per group: y[N] ~ Normal(a[g] + b[g] x, sigma)",
    .sizes = hier_sizes,
    .nsizes = 2,
    .shard = HIER_N,
    .data = hier_data,
    .ndata = 3,
    .params = hier_params,
    .nparams = 7,
    .gathers = hier_gathers,
    .ngathers = 1,
    .rows = hier_rows,
    .global = hier_global,
    .sim_global = hier_sim_global,
    .sim_row = hier_sim_row};
