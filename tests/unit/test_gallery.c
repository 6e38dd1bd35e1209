/* tests/unit/test_gallery.c -- every model of the gallery against its density written again.
 *
 * At every lane width and SIMD level of this machine, with odd numbers of rows, in float and
 * double: log density and gradient (central differences of the reference in long double), sums
 * that are added and not set, lanes that do not see each other, bits that do not depend on the
 * address. The data come from the models' own simulators.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/isa.h"
#include "gallery_reference.h"
#include "model/model.h"

#define MOST 8192 /* elements of any array, without lanes */

typedef struct problem {
  const char *model;
  int64_t size[3];
  int single; /* X kept in float */
} problem;

static const problem problems[] = {
    {"ppca", {1, 2, 1}, 0},       {"ppca", {7, 2, 1}, 0},
    {"ppca", {33, 3, 1}, 0},      {"ppca", {19, 2, 2}, 0},
    {"ppca", {10, 5, 3}, 0},      {"linear", {1, 1}, 0},
    {"linear", {9, 3}, 1},        {"linear", {77, 8}, 0},
    {"linear", {130, 17}, 1},     {"linear", {19, 300}, 0},
    {"logistic", {1, 1}, 1},      {"logistic", {65, 1}, 0},
    {"logistic", {77, 11}, 1},    {"logistic", {50, 70}, 0},
    {"logistic", {21, 300}, 1},   {"hierarchical", {1, 1}, 0},
    {"hierarchical", {41, 7}, 0}, {"eight_schools", {8}, 0},
    {"eight_schools", {1}, 0},    {"eight_schools_centered", {8}, 0}};
#define NPROBLEMS (sizeof problems / sizeof problems[0])

/* ---- a small generator for simulators ---- */
struct masting_rng {
  uint64_t state;
};
static double uniform(masting_rng *rng) {
  rng->state = rng->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(rng->state >> 12) + 0.5) * 0x1p-52;
}
static double normal(masting_rng *rng) {
  double radius = sqrt(-2 * log(uniform(rng)));
  return radius * cos(6.283185307179586 * uniform(rng));
}
static double gamma_one(masting_rng *rng, double shape) { /* shape 1 is all that is asked for */
  assert_true(shape == 1.0);
  return -log(uniform(rng));
}
static int64_t poisson(masting_rng *rng, double mean) {
  return (int64_t)(mean * (0.5 + uniform(rng)));
}

/* ---- an instance: data, a point for each lane, and what the model gets ---- */
typedef struct instance {
  const masting_model *model;
  mst_layout layout;
  int64_t rows;
  void *data[3], *doubles[3]; /* as the model reads them; as doubles for the reference */
  masting_type type[3];
  const void *replicated[3]; /* NULL where sharded */
  double *theta, *local;     /* [element][lane] */
  double *theta_grad, *local_grad, *gather_grad, *lp;
  uint16_t pos[MOST];
  int32_t group[MOST]; /* of a position */
  int groups;
} instance;

static void *room(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 191) / 64 * 64);
  assert_non_null(p);
  memset(p, 0, (bytes + 191) / 64 * 64);
  return p;
}

static int64_t per_row(const masting_model *m, int v, const int64_t *size, int *sharded) {
  int64_t n = 1;
  *sharded = 0;
  for (int d = 0; d < m->data[v].ndims; d++)
    if (m->data[v].dims[d] == m->shard)
      *sharded = 1;
    else
      n *= size[m->data[v].dims[d]];
  return n;
}

static size_t width_of(masting_type t) { return t == MASTING_F64 ? 8 : 4; }

static void to_doubles(instance *s, int v, int64_t n) {
  double *out = s->doubles[v];
  for (int64_t i = 0; i < n; i++)
    out[i] = s->model->data[v].type == MASTING_F64   ? ((double *)s->data[v])[i]
             : s->model->data[v].type == MASTING_F32 ? (double)((float *)s->data[v])[i]
                                                     : (double)((int32_t *)s->data[v])[i];
}

/* Positions as target/ makes them: the block's distinct groups in ascending order. */
static void place_groups(instance *s) {
  const int32_t *g = s->data[s->model->gathers[0].data];
  for (int32_t j = 1; j <= s->layout.size[1]; j++) {
    int used = 0;
    for (int64_t n = 0; n < s->rows; n++)
      if (g[n] == j) s->pos[n] = (uint16_t)s->groups, used = 1;
    if (used) s->group[s->groups++] = j;
  }
}

static void simulate(instance *s, double *theta, double *local) {
  const masting_model *m = s->model;
  masting_rng rng = {42};
  const masting_rng_ops ops = {uniform, normal, gamma_one, poisson, NULL};
  const masting_sim sim = {s->layout.size, &ops, &rng};
  if (m->sim_global) m->sim_global(&sim, theta);
  if (m->sim_data) m->sim_data(&sim, theta, s->data);
  for (int64_t n = 0; n < s->rows && m->sim_row; n++) {
    void *at[3];
    for (int v = 0; v < m->ndata; v++) {
      int sharded;
      int64_t each = per_row(m, v, s->layout.size, &sharded);
      at[v] = (char *)s->data[v] + (size_t)(n * each) * width_of(m->data[v].type);
    }
    m->sim_row(&sim, theta, s->replicated, n, local + n * s->layout.locals, at);
  }
}

/* Lane l's point: the simulated one, moved a little, another way in each lane; scales stay
 * positive. */
static void spread(double *out, const double *at, int64_t n, int lanes, int same) {
  for (int64_t i = 0; i < n; i++)
    for (int l = 0; l < lanes; l++) {
      double move = sin(1.3 * (double)i + 0.7 * (same ? 0 : l) + 0.4);
      out[i * lanes + l] = at[i] > 0 ? at[i] * exp(0.1 * move) : at[i] + 0.1 * move;
    }
}

/* same: all lanes at one point. */
static void make(instance *s, const masting_model *m, const problem *p, int same) {
  mst_error err = {0};
  *s = (instance){.model = m};
  assert_int_equal(mst_layout_make(&s->layout, m, p->size, &err), MASTING_OK);
  s->rows = s->layout.n;
  int64_t G = s->layout.globals, L = s->layout.locals * s->rows;
  assert_true(G + L <= MOST);
  for (int v = 0; v < m->ndata; v++) {
    int sharded;
    int64_t n = per_row(m, v, p->size, &sharded) * (sharded ? s->rows : 1);
    assert_true(n <= MOST);
    s->data[v] = room((size_t)n * 8);
    s->doubles[v] = room((size_t)n * 8);
    s->type[v] = m->data[v].type;
    s->replicated[v] = sharded ? NULL : s->data[v];
  }
  double theta[MOST], local[MOST];
  simulate(s, theta, local);
  for (int v = 0; v < m->ndata; v++) {
    int sharded;
    int64_t n = per_row(m, v, p->size, &sharded) * (sharded ? s->rows : 1);
    to_doubles(s, v, n);
    if (s->type[v] == MASTING_F32 && !p->single) {
      memcpy(s->data[v], s->doubles[v], (size_t)n * 8);
      s->type[v] = MASTING_F64;
    }
  }
  if (m->ngathers) place_groups(s);
  size_t lane_bytes = (size_t)m->lanes * sizeof(double);
  s->theta = room((size_t)G * lane_bytes);
  s->local = room((size_t)L * lane_bytes);
  spread(s->theta, theta, G, m->lanes, same);
  spread(s->local, local, L, m->lanes, same);
  s->theta_grad = room((size_t)G * lane_bytes);
  s->local_grad = room((size_t)L * lane_bytes);
  s->gather_grad = room((size_t)(2 * G) * lane_bytes);
  s->lp = room(lane_bytes);
}

static void drop(instance *s) {
  for (int v = 0; v < s->model->ndata; v++) free(s->data[v]), free(s->doubles[v]);
  free(s->theta), free(s->local), free(s->theta_grad), free(s->local_grad);
  free(s->gather_grad), free(s->lp);
}

/* Runs rows and the replicated part; gathered gradients are scattered into theta_grad. `shift`
 * bytes move the data in memory, multiples of their element. */
static void run(instance *s, size_t shift) {
  const masting_model *m = s->model;
  const int lanes = m->lanes;
  const void *data[3];
  char *moved[3] = {0};
  for (int v = 0; v < m->ndata; v++) {
    moved[v] = room(MOST * 8 + 64);
    int sharded;
    int64_t n = per_row(m, v, s->layout.size, &sharded) * (sharded ? s->rows : 1);
    memcpy(moved[v] + shift, s->data[v], (size_t)n * width_of(s->type[v]));
    data[v] = moved[v] + shift;
  }
  const uint16_t *pos = s->pos;
  vreal *gather_grad = (vreal *)s->gather_grad;
  void *scratch = room(m->scratch_bytes ? m->scratch_bytes(s->layout.size, (int)s->rows) : 1);
  const masting_block block = {.rows = (int)s->rows,
                               .data = data,
                               .type = s->type,
                               .size = s->layout.size,
                               .theta = (const vreal *)s->theta,
                               .theta_grad = (vreal *)s->theta_grad,
                               .pos = &pos,
                               .gather_grad = &gather_grad,
                               .local = (const vreal *)s->local,
                               .local_grad = (vreal *)s->local_grad,
                               .lp = (vreal *)s->lp,
                               .scratch = scratch};
  if (m->rows) m->rows(NULL, &block);
  if (m->global)
    m->global(NULL, 0, s->layout.size, s->replicated, (const vreal *)s->theta, NULL, NULL,
              (vreal *)s->theta_grad, (vreal *)s->lp);
  for (int g = 0; g < m->ngathers; g++)
    for (int i = 0; i < s->groups; i++)
      for (int k = 0; k < m->gathers[g].nparams; k++)
        for (int l = 0; l < lanes; l++) {
          int64_t e = s->layout.param[m->gathers[g].params[k]].offset + s->group[i] - 1;
          s->theta_grad[e * lanes + l] +=
              s->gather_grad[(i * m->gathers[g].nparams + k) * lanes + l];
        }
  free(scratch);
  for (int v = 0; v < m->ndata; v++) free(moved[v]);
}

static void close_to(const char *model, const char *what, double got, long double want,
                     double tolerance) {
  double scale = fabsl(want) > 1 ? (double)fabsl(want) : 1.0;
  if (!(fabs(got - (double)want) <= tolerance * scale))
    fail_msg("%s: %s: expected %.15g, got %.15g", model, what, (double)want, got);
}

/* The reference's value at lane l, and its slope along one element (of theta or local). */
static long double at_lane(const instance *s, int l, long double *theta, long double *local) {
  for (int64_t i = 0; i < s->layout.globals; i++) theta[i] = s->theta[i * s->model->lanes + l];
  for (int64_t i = 0; i < s->layout.locals * s->rows; i++)
    local[i] = s->local[i * s->model->lanes + l];
  return mst_reference_of(s->model->name)(s->layout.size, (double *const *)s->doubles, theta,
                                          local);
}

static long double slope(const instance *s, long double *theta, long double *local,
                         long double *element) {
  mst_reference *f = mst_reference_of(s->model->name);
  const long double at = *element, h = 1e-6L * (fabsl(at) > 1 ? fabsl(at) : 1);
  *element = at + h;
  long double up = f(s->layout.size, (double *const *)s->doubles, theta, local);
  *element = at - h;
  long double down = f(s->layout.size, (double *const *)s->doubles, theta, local);
  *element = at;
  return (up - down) / (2 * h);
}

typedef void check(const masting_model *m, const problem *p);

/* Each problem at each width and SIMD level. */
static void everywhere(check *body) {
  for (int isa = 0; isa <= (int)mst_isa_here(); isa++)
    for (size_t i = 0; i < NPROBLEMS; i++) {
      mst_model_set set;
      mst_error err = {0};
      assert_int_equal(mst_model_open(&set, problems[i].model, isa, &err), MASTING_OK);
      for (int w = 0; w < 5; w++) {
        assert_non_null(set.width[w]);
        assert_int_equal(set.width[w]->lanes, 1 << w);
        body(set.width[w], &problems[i]);
      }
      mst_model_close(&set);
    }
}

/* Differences between two points in every lane: the constant that may be dropped cancels. */
static void check_density(const masting_model *m, const problem *p) {
  instance s;
  long double theta[MOST], local[MOST], want[16];
  double got[16];
  make(&s, m, p, 0);
  run(&s, 0);
  for (int l = 0; l < m->lanes; l++) {
    want[l] = at_lane(&s, l, theta, local);
    got[l] = s.lp[l];
    s.lp[l] = 0;
  }
  for (int64_t i = 0; i < s.layout.globals * m->lanes; i++) s.theta[i] *= 1.05;
  for (int64_t i = 0; i < s.layout.locals * s.rows * m->lanes; i++) s.local[i] *= 0.95;
  run(&s, 0);
  for (int l = 0; l < m->lanes; l++) {
    double scale = 1 + fabs(got[l]);
    close_to(m->name, "log density", (s.lp[l] - got[l]) / scale,
             (at_lane(&s, l, theta, local) - want[l]) / scale, 1e-13);
  }
  drop(&s);
}

static void check_gradient(const masting_model *m, const problem *p) {
  instance s;
  long double theta[MOST], local[MOST];
  make(&s, m, p, 0);
  run(&s, 0);
  int l = m->lanes - 1; /* one lane here; the others by check_lanes */
  at_lane(&s, l, theta, local);
  for (int64_t i = 0; i < s.layout.globals; i++)
    close_to(m->name, "global gradient", s.theta_grad[i * m->lanes + l],
             slope(&s, theta, local, &theta[i]), 1e-8);
  for (int64_t i = 0; i < s.layout.locals * s.rows; i++)
    close_to(m->name, "local gradient", s.local_grad[i * m->lanes + l],
             slope(&s, theta, local, &local[i]), 1e-8);
  drop(&s);
}

/* lp, theta_grad and gather_grad are added to; local_grad is set. */
static void check_adds(const masting_model *m, const problem *p) {
  instance once, twice;
  make(&once, m, p, 0);
  make(&twice, m, p, 0);
  run(&once, 0);
  for (int64_t i = 0; i < twice.layout.globals * m->lanes; i++) twice.theta_grad[i] = 1e3;
  for (int64_t i = 0; i < twice.layout.locals * twice.rows * m->lanes; i++)
    twice.local_grad[i] = 1e3;
  for (int l = 0; l < m->lanes; l++) twice.lp[l] = 1e3;
  run(&twice, 0);
  for (int l = 0; l < m->lanes; l++)
    close_to(m->name, "lp is added to", twice.lp[l], once.lp[l] + 1e3L, 1e-12);
  for (int64_t i = 0; i < once.layout.globals * m->lanes; i++)
    close_to(m->name, "theta_grad is added to", twice.theta_grad[i], once.theta_grad[i] + 1e3L,
             1e-12);
  for (int64_t i = 0; i < once.layout.locals * once.rows * m->lanes; i++)
    close_to(m->name, "local_grad is set", twice.local_grad[i], once.local_grad[i], 0);
  drop(&once);
  drop(&twice);
}

/* Bits of lane l of everything computed. */
static void expect_lane(const instance *a, int la, const instance *b, int lb, const char *what) {
  const int n = a->model->lanes;
  int ok = a->lp[la] == b->lp[lb];
  for (int64_t i = 0; i < a->layout.globals; i++)
    ok &= a->theta_grad[i * n + la] == b->theta_grad[i * n + lb];
  for (int64_t i = 0; i < a->layout.locals * a->rows; i++)
    ok &= a->local_grad[i * n + la] == b->local_grad[i * n + lb];
  if (!ok) fail_msg("%s, %d lanes: %s", a->model->name, n, what);
}

/* A lane's bits depend neither on which lane it is nor on its neighbours, a NaN among them. */
static void check_lanes(const masting_model *m, const problem *p) {
  instance alike, mixed;
  make(&alike, m, p, 1);
  make(&mixed, m, p, 0);
  for (int64_t i = 0; i < mixed.layout.globals; i++) { /* lane 0 at the point of the others */
    mixed.theta[i * m->lanes] = alike.theta[i * m->lanes];
    if (m->lanes > 1) mixed.theta[i * m->lanes + 1] = NAN;
  }
  for (int64_t i = 0; i < mixed.layout.locals * mixed.rows; i++)
    mixed.local[i * m->lanes] = alike.local[i * m->lanes];
  run(&alike, 0);
  run(&mixed, 0);
  for (int l = 1; l < m->lanes; l++) expect_lane(&alike, l, &alike, 0, "lanes differ in bits");
  expect_lane(&mixed, 0, &alike, 0, "a lane depends on its neighbours");
  if (m->lanes > 1) assert_true(isnan(mixed.lp[1]));
  drop(&alike);
  drop(&mixed);
}

static void check_addresses(const masting_model *m, const problem *p) {
  instance here, there;
  make(&here, m, p, 0);
  make(&there, m, p, 0);
  run(&here, 0);
  run(&there, 8);
  for (int l = 0; l < m->lanes; l++) expect_lane(&here, l, &there, l, "bits depend on the address");
  drop(&here);
  drop(&there);
}

static void test_density(void **state) { (void)state, everywhere(check_density); }
static void test_gradient(void **state) { (void)state, everywhere(check_gradient); }
static void test_adds(void **state) { (void)state, everywhere(check_adds); }
static void test_lanes(void **state) { (void)state, everywhere(check_lanes); }
static void test_addresses(void **state) { (void)state, everywhere(check_addresses); }

/* With coefficients of 1e3 eta is far beyond exp's range: no overflow, no NaN. */
static void test_logistic_extremes(void **state) {
  (void)state;
  const problem p = {"logistic", {20, 2}, 0};
  mst_model_set set;
  mst_error err = {0};
  assert_int_equal(mst_model_open(&set, "logistic", (int)mst_isa_here(), &err), MASTING_OK);
  for (int w = 0; w < 5; w++) {
    instance s;
    make(&s, set.width[w], &p, 0);
    for (int64_t i = 0; i < 3 * s.model->lanes; i++) s.theta[i] = i % 2 ? 1e3 : -1e3;
    run(&s, 0);
    for (int l = 0; l < s.model->lanes; l++) assert_true(isfinite(s.lp[l]));
    for (int64_t i = 0; i < 3 * s.model->lanes; i++) assert_true(isfinite(s.theta_grad[i]));
    drop(&s);
  }
}

/* All models are listed, have a line of help, a simulator, and a valid layout. */
static void test_list(void **state) {
  (void)state;
  int n = 0;
  for (; mst_gallery_at(n); n++) {
    const masting_model *m = mst_gallery_at(n);
    assert_non_null(m->doc);
    assert_non_null(mst_reference_of(m->name));
    assert_true(m->sim_global && (m->sim_data || m->sim_row));
    for (int i = 0; i < m->nparams; i++) assert_non_null(m->params[i].doc);
    for (int i = 0; i < m->ndata; i++) assert_non_null(m->data[i].doc);
  }
  assert_int_equal(n, 6);
  assert_null(mst_gallery_at(n + 3));
  assert_null(mst_gallery_at(-1));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_list),
                                     cmocka_unit_test(test_density),
                                     cmocka_unit_test(test_gradient),
                                     cmocka_unit_test(test_adds),
                                     cmocka_unit_test(test_lanes),
                                     cmocka_unit_test(test_addresses),
                                     cmocka_unit_test(test_logistic_extremes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
