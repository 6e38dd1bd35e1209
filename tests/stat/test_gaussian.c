/* Moments of a correlated Gaussian: 20 dimensions, scales from 0.1 to 10, correlation 0.9 between
 * neighbours (condition of the correlations 341), under every metric. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gaussian_model.h"
#include "oracle.h"

#define P 20
#define RHO 0.9

static mst_comm comm;

static bool flat; /* all scales 1 */
static double sd_of(int i) { return flat ? 1 : pow(10.0, -1 + 2.0 * ((i * 7) % P) / (P - 1)); }
static double mean_of(int i) { return 3.0 - i; }

/* The inverse of rho^|i-j| is tridiagonal; stored dense. */
static double precision_of(int i, int j) {
  const double scale = 1 / ((1 - RHO * RHO) * sd_of(i) * sd_of(j));
  if (i == j) return scale * (i == 0 || i == P - 1 ? 1 : 1 + RHO * RHO);
  return abs(i - j) == 1 ? -scale * RHO : 0;
}

static void fill(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)row;
  double *x = out;
  for (int i = 0; i < P; i++) {
    if (variable == 0) x[i] = mean_of(i);
    for (int j = 0; variable == 1 && j < P; j++) x[i * P + j] = precision_of(i, j);
  }
}

static void check(const mst_sample_options *options, double least_ess) {
  oracle o;
  fixture g;
  int64_t each;
  char name[16];
  mst_model_set set = {.name = "gaussian", .width[3] = gaussian_model};
  const int64_t size[] = {P};
  mst_sample_options run = *options;
  fixture_bind(&g, &comm, &set, size, 0, fill, NULL);
  oracle_sample(&o, &comm, &g, &run);
  double *y = oracle_read(&o, "y", &each);
  assert_int_equal(each, P);
  const int n = o.chains * o.draws;
  double *x = calloc((size_t)n, sizeof *x);
  for (int i = 0; i < P; i++) {
    for (int k = 0; k < n; k++) x[k] = y[k * P + i];
    snprintf(name, sizeof name, "y[%d]", i);
    oracle_check(&o, name, x, mean_of(i), sd_of(i), least_ess);
  }
  for (int i = 0; i + 5 < P; i += 5) { /* covariances of far and near pairs, in units of the sds */
    const int j = i + 1 + i / 5;
    for (int k = 0; k < n; k++)
      x[k] = (y[k * P + i] - mean_of(i)) / sd_of(i) * (y[k * P + j] - mean_of(j)) / sd_of(j);
    const double rho = pow(RHO, j - i);
    snprintf(name, sizeof name, "y[%d] y[%d]", i, j);
    oracle_check(&o, name, x, rho, sqrt(1 + rho * rho), least_ess / 2);
  }
  assert_int_equal(o.divergences, 0);
  free(x);
  free(y);
  fixture_free(&g);
  oracle_end(&o);
}

static mst_sample_options defaults(void) {
  mst_sample_options o;
  mst_sample_defaults(&o);
  o.seed = 31;
  return o;
}

static void with_the_default_metric(void **state) {
  (void)state;
  const mst_sample_options o = defaults();
  check(&o, 800);
}

static void with_windowed_variances(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  o.metric = MST_METRIC_DIAG_VAR;
  check(&o, 800);
}

static void with_metrics_of_their_own(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  o.pool = 0;
  o.warmup = 500;
  check(&o, 800);
  o.metric = MST_METRIC_DIAG_VAR;
  o.chains = 3;
  o.draws = 2000;
  check(&o, 500);
}

/* Both forms find the correlations: more effective draws than draws. */
static void with_a_shape(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  o.metric = MST_METRIC_DENSE;
  check(&o, 5000);
  o.distribute = MST_DISTRIBUTE_ALWAYS;
  check(&o, 5000);
  o.metric = MST_METRIC_LOW_RANK;
  check(&o, 4000);
  o.chains = 3; /* lanes that rest */
  o.warmup = 300;
  check(&o, 2000);
}

/* A quarter turn about this very Gaussian is an independent draw, whatever mean and covariance were
 * learnt exactly. */
static void by_rotation(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  o.sampler = MST_SAMPLER_AUTO;
  o.metric = MST_METRIC_DENSE;
  check(&o, 5000);
  o.sampler = MST_SAMPLER_ROTATION;
  o.metric = MST_METRIC_LOW_RANK;
  check(&o, 2000);
  o.metric = MST_METRIC_DIAG; /* about a Gaussian without its correlations */
  o.draws = 4000;
  check(&o, 300);
}

/* Trees reach the greatest depth here and still the draws are right. */
static void with_no_metric_and_saturated_trees(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  o.metric = MST_METRIC_UNIT;
  o.max_depth = 4;
  o.draws = 2000;
  flat = true;
  check(&o, 800);
  flat = false;
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_the_default_metric),
      cmocka_unit_test(with_windowed_variances),
      cmocka_unit_test(with_a_shape),
      cmocka_unit_test(with_metrics_of_their_own),
      cmocka_unit_test(by_rotation),
      cmocka_unit_test(with_no_metric_and_saturated_trees),
  };
  int failed = cmocka_run_group_tests_name("correlated Gaussian", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
