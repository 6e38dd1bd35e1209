/* Test model: y[n] ~ Normal(eff[h, 1] + eff[h, 2] (x[n] - mean(x)) + 0.1 eff[g, 1] + 0.5 u[n],
 * sigma)
 *
 * with g = group[n], h = J + 1 - g, eff[j, k] = mu[k] + tau w[j] raw[j, k], u ~ Normal(0, 1),
 * v ~ Exponential(1), mu ~ Normal(0, 2), raw ~ Normal(0, 1), tau and sigma ~ Exponential(1).
 *
 * Twice: with everything that ABI 2 has (shared values, gathers with trailing dims and two of
 * one array, made data in phases, computed sizes, hidden parameters, derived quantities with
 * random numbers), and, with PLAIN, without any of it; then it can simulate, and mean(x) is
 * known to be 1.5. TROUBLE names the function that finds something wrong after a while.
 */
#include <masting/model_abi.h>

#include <stdlib.h>

#define PLAIN 0
#define TROUBLE 0
enum {
  IN_SETUP = 1,
  IN_PHASE,
  IN_PHASE_END,
  IN_BEGIN,
  IN_PREPARE,
  IN_ROWS,
  IN_GLOBAL,
  IN_DERIVE,
  IN_DERIVE_ROWS
};

enum { N, J, TWO };
static const masting_size sizes[] = {
    {.name = "N", .zero = 1},
    {.name = "J"},
#if PLAIN
    {.name = "two", .fallback = 2},
#else
    {.name = "two", .computed = 1},
#endif
};

enum { W, X, Y, GROUP, BASIS, MIRROR };
#define ANY                                                                                        \
  .lower = MASTING_NO_BOUND_BELOW, .upper = MASTING_NO_BOUND_ABOVE, .upper_size = MASTING_NO_SIZE
static const masting_data data[] = {
    {.name = "w", .ndims = 1, .dims = {J}, ANY},
    {.name = "x", .ndims = 1, .dims = {N}, ANY},
    {.name = "y", .ndims = 1, .dims = {N}, ANY},
    {.name = "group",
     .type = MASTING_I32,
     .ndims = 1,
     .dims = {N},
     .upper = INFINITY,
     .upper_size = MASTING_NO_SIZE},
#if !PLAIN
    {.name = "basis", .ndims = 2, .dims = {N, TWO}, ANY, .made = 1},
    {.name = "mirror", .type = MASTING_I32, .ndims = 1, .dims = {N}, ANY, .made = 1},
#endif
};

static const masting_param params[] = {
    {.name = "mu", .ndims = 1, .dims = {TWO}},
    {.name = "u", .ndims = 1, .dims = {N}},
    {.name = "tau", .transform = MASTING_LOWER},
    {.name = "raw", .ndims = 2, .dims = {J, TWO}, .hidden = 1},
    {.name = "v", .ndims = 1, .dims = {N}, .transform = MASTING_LOWER, .hidden = 1},
    {.name = "sigma", .transform = MASTING_LOWER, .hidden = 1}};
enum { MU, TAU = 2, RAW = 3 }; /* offsets among the globals */
#define SIGMA(size) (RAW + 2 * (size)[J])

/* Adds what does not depend on the form. */
static void priors(const int64_t *size, const vreal *theta, vreal *grad, vreal *lp) {
  for (int k = 0; k < 2; k++) {
    *lp -= 0.125 * theta[MU + k] * theta[MU + k];
    grad[MU + k] -= 0.25 * theta[MU + k];
  }
  for (int64_t i = RAW; i < SIGMA(size); i++) {
    *lp -= 0.5 * theta[i] * theta[i];
    grad[i] -= theta[i];
  }
  *lp -= theta[TAU] + theta[SIGMA(size)];
  grad[TAU] -= 1.0;
  grad[SIGMA(size)] -= 1.0;
}

/* A row's density; returns d lp / d mean. */
static vreal row(double y, vreal mean, const vreal *local, vreal sigma, vreal *local_grad,
                 vreal *sigma_grad, vreal *lp) {
  vreal z = (y - mean - 0.5 * local[0]) / sigma, slope = z / sigma;
  *lp -= 0.5 * z * z + v_log(sigma) + 0.5 * local[0] * local[0] + local[1];
  *sigma_grad += (z * z - 1.0) / sigma;
  local_grad[0] = 0.5 * slope - local[0];
  local_grad[1] = v_all(-1.0);
  return slope;
}

#if PLAIN

static void rows(void *state, const masting_block *b) {
  (void)state;
  const double *w = b->data[W], *x = b->data[X], *y = b->data[Y];
  const int32_t *group = b->data[GROUP];
  const vreal *raw = b->theta + RAW, sigma = b->theta[SIGMA(b->size)], tau = b->theta[TAU];
  for (int n = 0; n < b->rows; n++) {
    int64_t at[3] = {2 * (b->size[J] - group[n]), 0, 2 * (group[n] - 1)};
    at[1] = at[0] + 1;
    const double factor[3] = {1.0, x[n] - 1.5, 0.1};
    vreal mean = v_all(0.0);
    for (int i = 0; i < 3; i++)
      mean += factor[i] * (b->theta[MU + at[i] % 2] + tau * w[at[i] / 2] * raw[at[i]]);
    vreal slope = row(y[n], mean, b->local + 2 * n, sigma, b->local_grad + 2 * n,
                      &b->theta_grad[SIGMA(b->size)], b->lp);
    for (int i = 0; i < 3; i++) {
      b->theta_grad[MU + at[i] % 2] += factor[i] * slope;
      b->theta_grad[TAU] += factor[i] * slope * w[at[i] / 2] * raw[at[i]];
      b->theta_grad[RAW + at[i]] += factor[i] * slope * tau * w[at[i] / 2];
    }
  }
}

static void global(void *state, int slot, const int64_t *size, const void *const *replicated,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)state, (void)slot, (void)replicated, (void)shared_grad, (void)normal_grad;
  priors(size, theta, grad, lp);
}

static void sim_global(const masting_sim *sim, double *theta) {
  for (int64_t i = 0; i < SIGMA(sim->size); i++) theta[i] = sim->ops->normal(sim->rng);
  theta[TAU] = theta[SIGMA(sim->size)] = 0.7;
}

static void sim_data(const masting_sim *sim, const double *theta, void *const *replicated) {
  (void)theta;
  for (int64_t j = 0; j < sim->size[J]; j++)
    ((double *)replicated[W])[j] = 0.5 + sim->ops->uniform(sim->rng);
}

/* x goes round -1.5, -0.5 ... 4.5, so its mean over a multiple of 7 rows is 1.5. */
static void sim_row(const masting_sim *sim, const double *theta, const void *const *replicated,
                    int64_t at, double *local, void *const *row_data) {
  (void)theta, (void)replicated;
  local[0] = sim->ops->normal(sim->rng);
  local[1] = sim->ops->gamma(sim->rng, 1.0);
  *(double *)row_data[X] = (double)(at % 7) - 1.5;
  *(double *)row_data[Y] = sim->ops->normal(sim->rng);
  *(int32_t *)row_data[GROUP] = 1 + (int32_t)((double)sim->size[J] * sim->ops->uniform(sim->rng));
}

MASTING_MODEL(plain) = {.abi = MASTING_ABI,
                        .lanes = MASTING_LANES,
                        .name = "plain",
                        .sizes = sizes,
                        .nsizes = 3,
                        .shard = N,
                        .data = data,
                        .ndata = 4,
                        .params = params,
                        .nparams = 6,
                        .rows = rows,
                        .global = global,
                        .sim_global = sim_global,
                        .sim_data = sim_data,
                        .sim_row = sim_row};

#else

typedef struct own {
  double mean, most;
  vreal *tape; /* [slots][1 + 2 J]: tau, raw */
  const char *trouble;
} own;

static void complain(own *s, int where) {
  if (TROUBLE == where) __atomic_store_n(&s->trouble, "index 12 is out of range", __ATOMIC_RELAXED);
}

static const char *setup(const masting_random *at, int64_t *size, const void *const *replicated,
                         void **state) {
  (void)at;
  own *s = calloc(1, sizeof *s);
  *state = s;
  if (!s) return "no memory";
  if (!replicated[W] || replicated[X]) return "expected replicated data alone";
  size[TWO] = 2;
  return TROUBLE == IN_SETUP ? "w: element 2 is 0; expected another number" : NULL;
}

static void teardown(void *state) {
  free(((own *)state)->tape);
  free(state);
}

enum { SUMS, ROWS, LARGEST, PHASES };

static int64_t phase_values(const void *state, const int64_t *size, int phase) {
  (void)state, (void)size;
  return phase == SUMS ? 2 : phase == LARGEST;
}

static masting_op phase_op(const void *state, int phase) {
  (void)state;
  return phase == SUMS ? MASTING_SUM : MASTING_MAX;
}

static void phase_rows(void *state, int phase, const masting_block *b, double *values) {
  const own *s = state;
  const double *x = b->data[X];
  const int32_t *group = b->data[GROUP];
  double *basis = (double *)b->data[BASIS];
  int32_t *mirror = (int32_t *)b->data[MIRROR];
  for (int n = 0; n < b->rows; n++) {
    if (phase == SUMS) {
      values[0] += x[n] * 0x1p900; /* no scale is too large */
      values[1] += 1.0;
    } else if (phase == ROWS) {
      basis[2 * n] = 1.0;
      basis[2 * n + 1] = x[n] - s->mean;
      mirror[n] = (int32_t)(b->size[J] + 1 - group[n]);
    } else if (basis[2 * n + 1] > values[0]) {
      values[0] = basis[2 * n + 1];
    }
  }
  if (phase == ROWS && b->first_row >= 256) complain(state, IN_PHASE);
}

static const char *phase_end(void *state, const masting_random *at, int phase, int64_t *size,
                             const double *values) {
  (void)at;
  own *s = state;
  (void)size;
  if (phase == SUMS) s->mean = values[1] > 0 ? values[0] * 0x1p-900 / values[1] : 0.0;
  if (phase == SUMS && values[1] > 0 && s->mean != 1.5) return "the mean of x is not 1.5";
  if (phase == LARGEST && s->mean != 0.0 && values[0] != 3.0) return "the largest x is not 4.5";
  return phase == ROWS && TROUBLE == IN_PHASE_END ? "x: a hopeless case" : NULL;
}

static const char *begin(void *state, const int64_t *size, int slots) {
  own *s = state;
  const size_t each = 1 + 2 * (size_t)size[J];
  s->tape = aligned_alloc(64, ((size_t)slots * each * sizeof(vreal) + 63) / 64 * 64);
  return TROUBLE == IN_BEGIN ? "no room" : s->tape ? NULL : "no memory";
}

static const masting_param shared[] = {{.name = "eff", .ndims = 2, .dims = {J, TWO}},
                                       {.name = "scale"}};

static void prepare(void *state, int slot, const int64_t *size, const void *const *replicated,
                    const vreal *theta, vreal *out, vreal *normal) {
  (void)normal;
  own *s = state;
  const double *w = replicated[W];
  vreal *tape = s->tape + slot * (1 + 2 * size[J]);
  tape[0] = theta[TAU];
  for (int64_t i = 0; i < 2 * size[J]; i++) {
    tape[1 + i] = theta[RAW + i];
    out[i] = theta[MU + i % 2] + theta[TAU] * w[i / 2] * theta[RAW + i];
  }
  out[2 * size[J]] = theta[SIGMA(size)];
  complain(s, IN_PREPARE);
}

static const masting_gather gathers[] = {{MIRROR, 1, {0}}, {GROUP, 1, {0}}};

static void rows(void *state, const masting_block *b) {
  const double *y = b->data[Y], *basis = b->data[BASIS];
  const int32_t *group = b->data[GROUP], *mirror = b->data[MIRROR];
  const vreal *eff = b->theta, scale = b->theta[2 * b->size[J]];
  for (int n = 0; n < b->rows; n++) {
    const vreal *one = eff + 2 * (mirror[n] - 1), *other = eff + 2 * (group[n] - 1);
    vreal mean = one[0] * basis[2 * n] + one[1] * basis[2 * n + 1] + 0.1 * other[0];
    vreal slope = row(y[n], mean, b->local + 2 * n, scale, b->local_grad + 2 * n,
                      &b->theta_grad[2 * b->size[J]], b->lp);
    vreal *to = b->gather_grad[0] + 2 * b->pos[0][n];
    to[0] += slope * basis[2 * n];
    to[1] += slope * basis[2 * n + 1];
    b->gather_grad[1][2 * b->pos[1][n]] += 0.1 * slope;
  }
  if (b->first_row >= 256) complain(state, IN_ROWS);
}

static void global(void *state, int slot, const int64_t *size, const void *const *replicated,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)normal_grad;
  own *s = state;
  const double *w = replicated[W];
  const vreal *tape = s->tape + slot * (1 + 2 * size[J]);
  priors(size, theta, grad, lp);
  for (int64_t i = 0; i < 2 * size[J]; i++) {
    grad[MU + i % 2] += shared_grad[i];
    grad[TAU] += shared_grad[i] * w[i / 2] * tape[1 + i];
    grad[RAW + i] += shared_grad[i] * w[i / 2] * tape[0];
  }
  grad[SIGMA(size)] += shared_grad[2 * size[J]];
  complain(s, IN_GLOBAL);
}

static const masting_param derived[] = {{.name = "eff", .ndims = 2, .dims = {J, TWO}},
                                        {.name = "sigma"},
                                        {.name = "noise"},
                                        {.name = "rolls", .integer = 1}};

static void derive(void *state, const int64_t *size, const void *const *replicated,
                   const double *theta, const masting_derive *at, double *out) {
  const double *w = replicated[W];
  for (int64_t i = 0; i < 2 * size[J]; i++)
    *out++ = theta[MU + i % 2] + theta[TAU] * w[i / 2] * theta[RAW + i];
  *out++ = theta[SIGMA(size)];
  *out++ = at->ops->normal(at->rng);
  *out++ = (double)at->ops->poisson(at->rng, 3.5);
  complain(state, IN_DERIVE);
}

static const masting_param row_derived[] = {
    {.name = "y_rep", .ndims = 1, .dims = {N}},
    {.name = "hits", .ndims = 2, .dims = {TWO, N}, .integer = 1}};

static void derive_rows(void *state, const masting_derive_block *b) {
  const double *basis = b->data[BASIS];
  const int32_t *mirror = b->data[MIRROR];
  const masting_rng_ops *ops = b->at->ops;
  for (int n = 0; n < b->rows; n++) {
    ops->seek(b->at->rng, b->first_row + n);
    const double *eff = b->derived + 2 * (mirror[n] - 1), *local = b->local + 2 * n;
    b->out[3 * n] = eff[0] + eff[1] * basis[2 * n + 1] + local[0] +
                    b->theta[SIGMA(b->size)] * ops->normal(b->at->rng);
    b->out[3 * n + 1] = (double)ops->poisson(b->at->rng, 2.0);
    b->out[3 * n + 2] = (double)ops->poisson(b->at->rng, 1e9);
  }
  if (b->first_row >= 256) complain(state, IN_DERIVE_ROWS);
}

static const char *trouble(const void *state) {
  return __atomic_load_n(&((const own *)state)->trouble, __ATOMIC_RELAXED);
}

MASTING_MODEL(shared) = {.abi = MASTING_ABI,
                         .lanes = MASTING_LANES,
                         .name = "shared",
                         .sizes = sizes,
                         .nsizes = 3,
                         .shard = N,
                         .data = data,
                         .ndata = 6,
                         .params = params,
                         .nparams = 6,
                         .gathers = gathers,
                         .ngathers = 2,
                         .shared = shared,
                         .nshared = 2,
                         .setup = setup,
                         .teardown = teardown,
                         .nphases = PHASES,
                         .phase_values = phase_values,
                         .phase_op = phase_op,
                         .phase_rows = phase_rows,
                         .phase_end = phase_end,
                         .begin = begin,
                         .prepare = prepare,
                         .rows = rows,
                         .global = global,
                         .trouble = trouble,
                         .derived = derived,
                         .nderived = 4,
                         .derive = derive,
                         .row_derived = row_derived,
                         .nrow_derived = 2,
                         .derive_rows = derive_rows};

#endif
