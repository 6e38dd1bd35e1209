/* A dense metric whose matrices are spread over the ranks: what is learnt against
 * adapt/shape_fit on one process, what is given against its definition, memory that is short.
 * Steps under it: test_engine. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/metric_fit.h"
#include "fixture.h"
#include "linalg/lapack.h"
#include "run/metric_update.h"

enum { P = MST_TILE + 11, CHAINS = 3 }; /* two tiles */

static mst_comm all;
static uint64_t seed;

static double uniform(void) {
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(seed >> 11) * 0x1p-53;
}
static double normal(void) {
  double s = 0;
  for (int i = 0; i < 12; i++) s += uniform();
  return s - 6;
}

/* A Gaussian with correlations 0.8^|i-j| and scales from 0.1 to 10. */
static double sd_of(int i) { return pow(10, 2.0 * ((i * 7) % P) / (P - 1) - 1); }
static double covariance_of(int i, int j, void *context) {
  (void)context;
  return sd_of(i) * sd_of(j) * pow(0.8, abs(i - j));
}
static double precision_of(int i, int j) {
  const double scale = 1 / ((1 - 0.64) * sd_of(i) * sd_of(j));
  if (i == j) return scale * (i == 0 || i == P - 1 ? 1 : 1.64);
  return abs(i - j) == 1 ? -0.8 * scale : 0;
}

/* n draws into both kinds of windows; gradients of the Gaussian, or nothing to do with it. */
static void draw(mst_window *whole, mst_window_dist *window_dist, int n, bool exact) {
  mst_error err = {0};
  double x[P], g[P], q[P];
  for (int k = 0; k < n; k++) {
    const int chain = k % CHAINS;
    for (int i = 0; i < P; i++) x[i] = i ? 0.8 * x[i - 1] + 0.6 * normal() : normal();
    for (int i = 0; i < P; i++) x[i] *= sd_of(i);
    for (int i = 0; i < P; i++) {
      g[i] = exact ? 0 : normal() / sd_of(i);
      for (int j = 0; j < P && exact; j++) g[i] -= precision_of(i, j) * x[j];
      q[i] = x[i] + 10.0 * chain * sd_of(i);
    }
    mst_window_add(whole, chain, q, g, &err);
    mst_window_dist_add(window_dist, chain, q, g, &err);
    must(&err);
  }
}

typedef struct setting {
  mst_grid grid;
  mst_window whole;
  mst_window_dist window_dist;
  double minv[P], scale[P], base_scale[P];
  mst_metric_base_dist base;
} setting;

static void begin(setting *s) {
  mst_error err = {0};
  memset(s, 0, sizeof *s);
  s->base.scale = s->base_scale;
  for (int i = 0; i < P; i++) s->minv[i] = 1;
  mst_grid_begin(&s->grid, &all, 0, 0, &err);
  mst_window_begin(&s->whole, P);
  mst_window_dist_begin(&s->window_dist, &all, P, CHAINS, 10, &err);
  must(&err);
}
static void end(setting *s) {
  mst_window_end(&s->whole);
  mst_window_dist_end(&s->window_dist);
  mst_dist_end(&s->base.g);
  mst_dist_end(&s->base.inverse);
  mst_grid_end(&s->grid);
}

/* S G S on every rank, [P][P]. */
static void gather(const mst_metric_fit_dist *fit, double *c) {
  mst_error err = {0};
  mst_dist_gather(&fit->g, c, &err);
  MPI_Bcast(c, P * P, MPI_DOUBLE, 0, all.mpi);
  must(&err);
  for (int i = 0; i < P; i++)
    for (int j = 0; j <= i; j++)
      c[i * P + j] = c[j * P + i] = fit->scale[i] * c[i * P + j] * fit->scale[j];
}

static void learnt(setting *s, const mst_metric_base_dist *base, double *c, double *condition) {
  mst_error err = {0};
  mst_metric_fit_dist fit = {.scale = s->scale};
  mst_metric_fit_dist_make(&fit, &s->grid, &s->window_dist, s->minv, base, &err);
  must(&err);
  assert_in_range(fit.steps, 2, 12);
  *condition = fit.condition;
  gather(&fit, c);
  mst_dist_end(&fit.g);
  mst_dist_end(&fit.inverse);
}

static void expect_near(const double *got, const double *want, double tolerance) {
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) {
      const double unit = sqrt(want[i * P + i] * want[j * P + j]);
      if (!(fabs(got[i * P + j] - want[i * P + j]) < tolerance * unit))
        fail_msg("(%d, %d): %.12g, want %.12g", i, j, got[i * P + j] / unit,
                 want[i * P + j] / unit);
    }
}

/* The same metric as one process finds by spectra. */
static void the_mean_is_that_of_one_process(void **state) {
  (void)state;
  static double got[P * P], c[P * P], l[P * P];
  for (int exact = 0; exact < 2; exact++) {
    setting s;
    mst_error err = {0};
    double at_least, condition;
    mst_metric metric = {.kind = MST_KIND_DENSE, .n = P, .c = c, .l = l};
    begin(&s);
    seed = 5;
    draw(&s.whole, &s.window_dist, 200, exact);
    learnt(&s, NULL, got, &at_least);
    mst_metric_fit(&metric, &s.whole, s.minv, NULL, &condition, &err);
    must(&err);
    expect_near(got, c, 2e-6);
    assert_true(at_least <= condition * 1.001 && at_least > 3);
    end(&s);
  }
}

/* Fewer draws than parameters: positive definite, right along what was seen, the diagonal's
 * elsewhere. */
static void few_draws_are_no_trouble(void **state) {
  (void)state;
  static double c[P * P], root[P * P];
  for (int n = 6; n < P; n *= 2) {
    setting s;
    mst_error err = {0};
    double condition;
    begin(&s);
    seed = 6;
    draw(&s.whole, &s.window_dist, n, true);
    learnt(&s, NULL, c, &condition);
    memcpy(root, c, sizeof c);
    mst_cholesky("metric", root, P, NULL, &err);
    must(&err);
    for (int i = 0; i < P; i++) {
      const double ratio = sqrt(c[i * P + i]) / sd_of(i);
      if (!(ratio > 0.2 && ratio < 5))
        fail_msg("%d draws, parameter %d: scale %g of what it is", n, i, ratio);
    }
    end(&s);
  }
}

/* With a base that is right, one draw a chain too many changes nothing: of a Gaussian the mean
 * is exact. */
static void fits_are_drawn_to_a_base(void **state) {
  (void)state;
  static double c[P * P], want[P * P];
  setting s;
  mst_error err = {0};
  double condition;
  begin(&s);
  mst_metric_fit_dist fit = {.scale = s.scale};
  mst_metric_fit_dist_from_elements(&fit, &s.grid, "test", P, covariance_of, NULL, &s.base, &err);
  must(&err);
  assert_true(fit.condition > 10 && fit.condition < 81); /* 81 is that of 0.8^|i-j| without end */
  gather(&fit, c);
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) want[i * P + j] = covariance_of(i, j, NULL);
  expect_near(c, want, 1e-14);
  mst_dist_end(&fit.g);
  mst_dist_end(&fit.inverse);
  seed = 7;
  draw(&s.whole, &s.window_dist, 9, true);
  learnt(&s, &s.base, c, &condition);
  expect_near(c, want, 1e-6);
  end(&s);
}

static double indefinite(int i, int j, void *context) {
  (void)context;
  return i == j ? 1 : i == 70 && j == 3 ? 2 : 0;
}
static double negative(int i, int j, void *context) {
  (void)context;
  return i != j ? 0 : i == 9 ? -1 : 1;
}

static void what_is_not_positive_definite_is_refused(void **state) {
  (void)state;
  setting s;
  begin(&s);
  mst_metric_fit_dist fit = {.scale = s.scale};
  mst_error err = {0};
  assert_int_equal(mst_metric_fit_dist_from_elements(&fit, &s.grid, "inverse mass", P, indefinite,
                                                     NULL, NULL, &err),
                   MASTING_ERR_DATA);
  assert_string_equal(err.message,
                      "inverse mass: not positive definite; pivot 71 of 107 is not positive");
  err = (mst_error){0};
  assert_int_equal(mst_metric_fit_dist_from_elements(&fit, &s.grid, "inverse mass", P, negative,
                                                     NULL, &s.base, &err),
                   MASTING_ERR_DATA);
  assert_string_equal(err.message, "inverse mass: not positive definite; expected a positive "
                                   "number on the diagonal, got -1 in row 10");
  end(&s);
}

/* ---- in the sampler's hands */

typedef struct run {
  fixture g;
  mst_target *target;
  mst_engine engine;
  mst_metric_update metric_update;
} run;

static void run_begin(run *r, int64_t parameters, mst_error *err) {
  const int64_t size[] = {40, parameters - 1};
  const mst_engine_options eo = {.seed = 4, .init_radius = 1, .max_depth = 5, .pooled = true};
  memset(r, 0, sizeof *r);
  fixture_make(&r->g, &all, "logistic", size, 11, NULL, NULL);
  mst_target_create(&r->target, &all, &r->g.set, &r->g.data, mst_isa_here(), 5, 0, MST_EXACT, err);
  must(err);
  mst_engine_begin(&r->engine, r->target, &eo, err);
  must(err);
  mst_metric_update_begin_dist(&r->metric_update, &r->engine, 1000, err);
}
static void run_end(run *r) {
  mst_metric_update_end(&r->metric_update);
  mst_engine_end(&r->engine);
  mst_target_free(&r->target);
  fixture_free(&r->g);
}

static void memory_that_is_short_is_told(void **state) {
  (void)state;
  static const char *const want[] = {
      "metric: the dense metric of 107 global parameters needs 3.7 MiB on each of 1 rank; expected "
      "at most the 100 KiB that a rank "
      "has available; try 38 ranks with as much each, or --metric lowrank or diag",
      "metric: the dense metric of 107 global parameters needs 1.8 MiB on each of 2 ranks; "
      "expected at most the 100 KiB that a rank "
      "has available; try 38 ranks with as much each, or --metric lowrank or diag"};
  run r;
  mst_error err = {0};
  mst_metric_dist_limit(102400);
  run_begin(&r, P, &err);
  mst_metric_dist_limit(0);
  assert_int_equal(err.status, MASTING_ERR_MEMORY);
  if (all.size < 3) assert_string_equal(err.message, want[all.size - 1]);
  run_end(&r);
  err = (mst_error){0};
  mst_metric_dist_limit(102400);
  assert_int_equal(mst_metric_replicated_fits(&all, P, &err), MASTING_ERR_MEMORY);
  assert_string_equal(
      err.message,
      "metric: the dense metric of 107 global parameters needs 894 KiB on a rank that holds it "
      "whole; "
      "expected at most the 100 KiB that a rank has available; try --metric-spread always, or "
      "--metric lowrank or diag");
  mst_metric_dist_limit(0);
  err = (mst_error){0};
  run_begin(&r, P, &err); /* the system has enough */
  must(&err);
  assert_true(mst_metric_dist_available(&all) > 1 << 20);
  run_end(&r);
}

/* Slots that share what was given come apart when one is learnt anew; rows take what the header
 * says. */
static void slots_share_what_is_given(void **state) {
  (void)state;
  run r;
  mst_error err = {0};
  double x[P], y[P], p[P];
  run_begin(&r, P, &err);
  must(&err);
  mst_metric_update_from_elements(&r.metric_update, covariance_of, NULL, "test", &err);
  must(&err);
  const mst_metric_dist *s = &r.metric_update.dist;
  assert_int_equal(s->at[0], s->at[1]);
  double bytes = (double)(mst_rowwise_bytes(&s->slot[0].g) + mst_rowwise_bytes(&s->slot[0].start));
  MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, all.mpi);
  assert_true(bytes >= 12.0 * P * P && bytes < 14.5 * P * P); /* panels of 8 rows are whole */
  for (int i = 0; i < P; i++) x[i] = normal();
  const int64_t before = r.target->collectives;
  mst_metric_dist_apply(&r.metric_update.dist, 1, MST_APPLY_MASS, 1, x, y);
  mst_metric_dist_apply(&r.metric_update.dist, 0, MST_APPLY_START, 1, x, p);
  assert_int_equal(r.target->collectives - before, 2);
  double energy = 0, squares = 0;
  for (int i = 0; i < P; i++) {
    double want = 0;
    for (int j = 0; j < P; j++) want += covariance_of(i, j, NULL) * x[j];
    assert_true(fabs(y[i] - want) < 1e-10 * sd_of(i) * 10);
    squares += x[i] * x[i];
  }
  mst_metric_dist_apply(&r.metric_update.dist, 0, MST_APPLY_MASS, 1, p, y);
  for (int i = 0; i < P; i++) energy += p[i] * y[i];
  assert_true(fabs(energy - squares) < 1e-9 * squares); /* p' C p = z' z */
  mst_metric_dist_drop(&r.metric_update.dist, 1);
  assert_true(s->at[0] != s->at[1] && s->slot[s->at[0]].made && !s->slot[s->at[1]].made);
  run_end(&r);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  all.threads = 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_mean_is_that_of_one_process),
      cmocka_unit_test(few_draws_are_no_trouble),
      cmocka_unit_test(fits_are_drawn_to_a_base),
      cmocka_unit_test(what_is_not_positive_definite_is_refused),
      cmocka_unit_test(memory_that_is_short_is_told),
      cmocka_unit_test(slots_share_what_is_given),
  };
  int failed = cmocka_run_group_tests_name("spread metric", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
