/* Test model: two normals over many rows, one of them a Gaussian process, beside rows that are cut.
 *
 *   y ~ normal(mu, K),  K(i, j) = alpha^2 exp(-(x_i - x_j)^2 / (2 rho^2)) + sigma^2 [i = j]
 *   u ~ normal(0.5 mu, V),  V(i, j) = scale[1]^2 phi^|i - j|,  phi = scale[2] / (1 + scale[2])
 *   w[r] ~ Normal(mu, sigma) for rows r that are cut over the ranks
 *   mu ~ Normal(0, 1), all others > 0 and ~ Normal(0, 1)
 *
 * With LATENT, w[r] ~ Normal(mu + z[r], sigma) with z[r] ~ Normal(0, 1), which stays with its
 * row, and rows read shared values, 2 mu and sigma. Where sigma > hole the covariance of y is
 * not positive definite: its last element is negative.
 */
#include <masting/model_abi.h>

#include <stdlib.h>

#define HOLE_OF 1e300 /* in data that are simulated */
#define LATENT 0      /* 1: row-local parameters and shared values beside the normals */
#define TROUBLE 0     /* 1: what has rows 193 on of y's covariance finds something wrong */

enum { R, N, M, TWO };
static const masting_size sizes[] = {
    {.name = "R", .doc = "rows"}, {.name = "N"}, {.name = "M"}, {.name = "two", .fallback = 2}};

enum { W, X, Y, U, HOLE };
#define ANY                                                                                        \
  .lower = MASTING_NO_BOUND_BELOW, .upper = MASTING_NO_BOUND_ABOVE, .upper_size = MASTING_NO_SIZE
static const masting_data data[] = {{.name = "w", .ndims = 1, .dims = {R}, ANY},
                                    {.name = "x", .ndims = 1, .dims = {N}, ANY},
                                    {.name = "y", .ndims = 1, .dims = {N}, ANY},
                                    {.name = "u", .ndims = 1, .dims = {M}, ANY},
                                    {.name = "hole", ANY}};

enum { MU, SIGMA, ALPHA, RHO, SCALE };
static const masting_param params[] = {
    {.name = "mu"},
    {.name = "sigma", .transform = MASTING_LOWER},
    {.name = "alpha", .transform = MASTING_LOWER},
    {.name = "rho", .transform = MASTING_LOWER},
    {.name = "scale", .ndims = 1, .dims = {TWO}, .transform = MASTING_LOWER},
    {.name = "z", .ndims = 1, .dims = {R}}};
static const masting_param shared_values[] = {{.name = "twice_mu"}, {.name = "sd"}};

static const masting_param process_inputs[] = {
    {.name = "sigma"}, {.name = "alpha"}, {.name = "rho"}};
static const masting_param chain_inputs[] = {{.name = "scale", .ndims = 1, .dims = {TWO}}};

static void rows(void *state, const masting_block *block) {
  (void)state;
  const double *w = block->data[W];
  const double factor = LATENT ? 0.5 : 1.0;
  const vreal mu = factor * block->theta[MU], sigma = block->theta[SIGMA];
  for (int n = 0; n < block->rows; n++) {
    const vreal mean = LATENT ? mu + block->local[n] : mu, z = (w[n] - mean) / sigma;
    *block->lp -= 0.5 * z * z + v_log(sigma);
    block->theta_grad[MU] += factor * z / sigma;
    block->theta_grad[SIGMA] += (z * z - 1.0) / sigma;
    if (!LATENT) continue;
    *block->lp -= 0.5 * block->local[n] * block->local[n];
    block->local_grad[n] = z / sigma - block->local[n];
  }
}

static void prepare(void *state, int slot, const int64_t *size, const void *const *known,
                    const vreal *theta, vreal *shared, vreal *normal) {
  (void)state, (void)slot;
  if (LATENT) {
    shared[MU] = 2 * theta[MU];
    shared[SIGMA] = theta[SIGMA];
  }
  const double *y = known[Y], *u = known[U];
  for (int64_t i = 0; i < size[N]; i++) *normal++ = y[i] - theta[MU];
  *normal++ = theta[SIGMA];
  *normal++ = theta[ALPHA];
  *normal++ = theta[RHO];
  for (int64_t i = 0; i < size[M]; i++) *normal++ = u[i] - 0.5 * theta[MU];
  *normal++ = theta[SCALE];
  *normal++ = theta[SCALE + 1];
}

static void global(void *state, int slot, const int64_t *size, const void *const *known,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)state, (void)slot, (void)known;
  if (LATENT) {
    grad[MU] += 2 * shared_grad[MU];
    grad[SIGMA] += shared_grad[SIGMA];
  }
  for (int64_t i = 0; i < size[N]; i++) grad[MU] -= *normal_grad++;
  grad[SIGMA] += *normal_grad++;
  grad[ALPHA] += *normal_grad++;
  grad[RHO] += *normal_grad++;
  for (int64_t i = 0; i < size[M]; i++) grad[MU] -= 0.5 * *normal_grad++;
  grad[SCALE] += *normal_grad++;
  grad[SCALE + 1] += *normal_grad++;
  for (int i = 0; i < SCALE + 2; i++) {
    *lp -= 0.5 * theta[i] * theta[i];
    grad[i] -= theta[i];
  }
}

static const char *setup(const masting_random *at, int64_t *size, const void *const *known,
                         void **state) {
  (void)at;
  (void)size, (void)known;
  *state = calloc(1, sizeof(const char *));
  return *state ? NULL : "no memory";
}

static const char *trouble(const void *state) {
  return __atomic_load_n((const char *const *)state, __ATOMIC_RELAXED);
}

static void process(void *state, const int64_t *size, const void *const *known,
                    const double *inputs, int64_t row, int64_t col, int count, int cols,
                    double *out, int ld) {
  const double *x = known[X], *hole = known[HOLE];
  if (TROUBLE && row >= 192)
    __atomic_store_n((const char **)state, "a row too many", __ATOMIC_RELAXED);
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < count; i++) {
      const double z = (x[row + i] - x[col + j]) / inputs[2];
      out[j * ld + i] = inputs[1] * inputs[1] * __builtin_exp(-0.5 * z * z);
      if (row + i == col + j) out[j * ld + i] += inputs[0] * inputs[0];
      if (inputs[0] > *hole && row + i == size[N] - 1 && row + i == col + j) out[j * ld + i] = -1;
    }
}

static void process_slopes(void *state, const int64_t *size, const void *const *known,
                           const double *inputs, int64_t row, int64_t col, int count, int cols,
                           const double *weight, int ld, double *grad) {
  (void)state, (void)size;
  const double *x = known[X];
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < count; i++) {
      const double z = (x[row + i] - x[col + j]) / inputs[2], e = __builtin_exp(-0.5 * z * z);
      if (row + i < col + j) continue;
      if (row + i == col + j) grad[0] += weight[j * ld + i] * 2 * inputs[0];
      grad[1] += weight[j * ld + i] * 2 * inputs[1] * e;
      grad[2] += weight[j * ld + i] * inputs[1] * inputs[1] * e * z * z / inputs[2];
    }
}

static void chain(void *state, const int64_t *size, const void *const *known, const double *inputs,
                  int64_t row, int64_t col, int count, int cols, double *out, int ld) {
  (void)state, (void)size, (void)known;
  const double phi = inputs[1] / (1 + inputs[1]);
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < count; i++)
      if (row + i >= col + j)
        out[j * ld + i] = inputs[0] * inputs[0] * __builtin_pow(phi, (double)(row + i - col - j));
}

static void chain_slopes(void *state, const int64_t *size, const void *const *known,
                         const double *inputs, int64_t row, int64_t col, int count, int cols,
                         const double *weight, int ld, double *grad) {
  (void)state, (void)size, (void)known;
  const double phi = inputs[1] / (1 + inputs[1]), slope = 1 / ((1 + inputs[1]) * (1 + inputs[1]));
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < count; i++) {
      const double apart = (double)(row + i - col - j), w = weight[j * ld + i];
      if (apart < 0) continue;
      grad[0] += w * 2 * inputs[0] * __builtin_pow(phi, apart);
      if (apart > 0)
        grad[1] += w * inputs[0] * inputs[0] * apart * __builtin_pow(phi, apart - 1) * slope;
    }
}

static const masting_normal normals[] = {{.name = "y",
                                          .order = N,
                                          .inputs = process_inputs,
                                          .ninputs = 3,
                                          .covariance = process,
                                          .slopes = process_slopes},
                                         {.name = "u",
                                          .order = M,
                                          .inputs = chain_inputs,
                                          .ninputs = 1,
                                          .covariance = chain,
                                          .slopes = chain_slopes}};

static void sim_global(const masting_sim *sim, double *theta) {
  (void)sim;
  for (int i = 0; i < SCALE + 2; i++) theta[i] = i > 0;
}

/* Smooth y on a line, u that wanders. */
static void sim_data(const masting_sim *sim, const double *theta, void *const *known) {
  double *x = known[X], *y = known[Y], *u = known[U], *hole = known[HOLE], at = 0;
  (void)theta;
  for (int64_t i = 0; i < sim->size[N]; i++) {
    x[i] = 10.0 * (double)i / (double)sim->size[N] + 0.01 * sim->ops->normal(sim->rng);
    y[i] = __builtin_sin(x[i]) + 0.3 * sim->ops->normal(sim->rng);
  }
  for (int64_t i = 0; i < sim->size[M]; i++) u[i] = at = 0.5 * at + sim->ops->normal(sim->rng);
  *hole = HOLE_OF;
}

static void sim_row(const masting_sim *sim, const double *theta, const void *const *known,
                    int64_t row, double *local, void *const *row_data) {
  (void)theta, (void)known, (void)row;
  if (LATENT) *local = sim->ops->normal(sim->rng);
  *(double *)row_data[W] = 0.3 * sim->ops->normal(sim->rng) + (LATENT ? *local : 0);
}

MASTING_MODEL(process) = {.abi = MASTING_ABI,
                          .lanes = MASTING_LANES,
                          .name = "process",
                          .doc = "test of normals over many rows",
                          .sizes = sizes,
                          .nsizes = 4,
                          .shard = R,
                          .data = data,
                          .ndata = 5,
                          .params = params,
                          .nparams = 5 + LATENT,
                          .shared = shared_values,
                          .nshared = 2 * LATENT,
                          .normals = normals,
                          .nnormals = 2,
                          .setup = setup,
                          .teardown = free,
                          .trouble = trouble,
                          .prepare = prepare,
                          .rows = rows,
                          .global = global,
                          .sim_global = sim_global,
                          .sim_data = sim_data,
                          .sim_row = sim_row};
