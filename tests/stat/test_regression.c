/* Linear regression against its closed form, given sigma, and quadrature over log sigma; logistic
 * regression with one covariate against quadrature over both coefficients. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle.h"

static mst_comm comm;

/* ---- linear: alpha ~ Normal(0, 10), beta ~ Normal(0, 2.5), sigma ~ Exponential(1) ---- */

#define P 3
#define C (P + 1) /* coefficients, the intercept first */

typedef struct linear_truth {
  moments coefficient[C], sigma, log_sigma;
} linear_truth;

static linear_truth integrate_linear(const fixture *g) {
  const float *x = g->data.var[0];
  const double *y = g->data.var[1];
  const int64_t n = g->data.shard.n;
  double xx[C * C] = {0}, xy[C] = {0}, yy = 0, highest = -INFINITY;
  for (int64_t r = 0; r < n; r++) {
    double row[C] = {1};
    for (int j = 0; j < P; j++) row[1 + j] = (double)x[r * P + j];
    for (int i = 0; i < C; i++) {
      xy[i] += row[i] * y[r];
      for (int j = 0; j < C; j++) xx[i * C + j] += row[i] * row[j];
    }
    yy += y[r] * y[r];
  }
  linear_truth t = {0};
  for (int pass = 0; pass < 2; pass++)
    for (double log_sigma = -6; log_sigma < 4; log_sigma += 0.002) {
      const double precision = exp(-2 * log_sigma);
      double a[C * C], mean[C], fit = 0;
      for (int i = 0; i < C * C; i++) a[i] = precision * xx[i];
      for (int i = 0; i < C; i++) a[i * C + i] += i ? 0.16 : 0.01;
      const double log_det = factor(C, a);
      for (int i = 0; i < C; i++) mean[i] = precision * xy[i];
      solve(C, a, mean);
      for (int i = 0; i < C; i++) fit += mean[i] * precision * xy[i];
      const double lp = -(double)n * log_sigma - 0.5 * log_det - 0.5 * (precision * yy - fit) -
                        exp(log_sigma) + log_sigma;
      highest = fmax(highest, lp);
      if (pass == 0) continue;
      const double w = exp(lp - highest);
      moments_add(&t.sigma, w, exp(log_sigma), 0);
      moments_add(&t.log_sigma, w, log_sigma, 0);
      for (int i = 0; i < C; i++) {
        double unit[C] = {0};
        unit[i] = 1;
        solve(C, a, unit);
        moments_add(&t.coefficient[i], w, mean[i], unit[i]);
      }
    }
  return t;
}

static void linear(int64_t n, uint64_t seed, double accept, double least_ess) {
  const int64_t size[] = {n, P};
  int64_t each;
  oracle o;
  fixture g;
  char name[16];
  mst_sample_options run;
  mst_sample_defaults(&run);
  run.draws = 2000;
  run.seed = seed;
  run.target_accept = accept;
  fixture_make(&g, &comm, "linear", size, 8, NULL, NULL);
  const linear_truth t = integrate_linear(&g);
  oracle_sample(&o, &comm, &g, &run);
  double *alpha = oracle_read(&o, "alpha", &each), *sigma = oracle_read(&o, "sigma", &each);
  double *beta = oracle_read(&o, "beta", &each);
  const int draws = o.chains * o.draws;
  double *x = calloc((size_t)draws, sizeof *x);
  for (int i = 0; i < C; i++) {
    for (int k = 0; k < draws; k++) x[k] = i ? beta[k * P + i - 1] : alpha[k];
    snprintf(name, sizeof name, "coefficient %d", i);
    oracle_check(&o, name, x, moments_mean(&t.coefficient[i]), moments_sd(&t.coefficient[i]),
                 least_ess);
  }
  oracle_check(&o, "sigma", sigma, moments_mean(&t.sigma), moments_sd(&t.sigma), least_ess);
  for (int k = 0; k < draws; k++) x[k] = log(sigma[k]);
  oracle_check(&o, "log sigma", x, moments_mean(&t.log_sigma), moments_sd(&t.log_sigma), least_ess);
  free(x);
  free(beta);
  free(sigma);
  free(alpha);
  fixture_free(&g);
  oracle_end(&o);
}

static void linear_with_many_rows(void **state) {
  (void)state;
  linear(700, 3, 0.8, 4000);
}

/* The prior counts, and sigma is skewed: a wrong Jacobian shows. */
static void linear_with_six_rows(void **state) {
  (void)state;
  linear(6, 4, 0.97, 500);
}

/* ---- logistic: alpha, beta ~ Normal(0, 2.5) ---- */

typedef struct logistic_truth {
  moments alpha, beta, product;
} logistic_truth;

static double logistic_log_posterior(const fixture *g, double alpha, double beta) {
  const float *x = g->data.var[0];
  const int32_t *y = g->data.var[1];
  double lp = -0.08 * (alpha * alpha + beta * beta);
  for (int64_t r = 0; r < g->data.shard.n; r++) {
    const double eta = alpha + beta * (double)x[r];
    lp -= log1p(exp(y[r] ? -eta : eta));
  }
  return lp;
}

static logistic_truth integrate_logistic(const fixture *g) {
  logistic_truth t = {0};
  for (double alpha = -9; alpha < 9; alpha += 0.03)
    for (double beta = -11; beta < 11; beta += 0.03) {
      const double w = exp(logistic_log_posterior(g, alpha, beta));
      moments_add(&t.alpha, w, alpha, 0);
      moments_add(&t.beta, w, beta, 0);
      moments_add(&t.product, w, alpha * beta, 0);
    }
  return t;
}

static void logistic_with_one_covariate(void **state) {
  (void)state;
  const int64_t size[] = {25, 1};
  int64_t each;
  oracle o;
  fixture g;
  mst_sample_options run;
  mst_sample_defaults(&run);
  run.draws = 2000;
  fixture_make(&g, &comm, "logistic", size, 9, NULL, NULL);
  const logistic_truth t = integrate_logistic(&g);
  oracle_sample(&o, &comm, &g, &run);
  double *alpha = oracle_read(&o, "alpha", &each), *beta = oracle_read(&o, "beta", &each);
  const int draws = o.chains * o.draws;
  double *x = calloc((size_t)draws, sizeof *x);
  for (int k = 0; k < draws; k++) x[k] = alpha[k] * beta[k];
  oracle_check(&o, "alpha", alpha, moments_mean(&t.alpha), moments_sd(&t.alpha), 3000);
  oracle_check(&o, "beta", beta, moments_mean(&t.beta), moments_sd(&t.beta), 3000);
  oracle_check(&o, "alpha beta", x, moments_mean(&t.product), moments_sd(&t.product), 1500);
  free(x);
  free(beta);
  free(alpha);
  fixture_free(&g);
  oracle_end(&o);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_with_many_rows),
      cmocka_unit_test(linear_with_six_rows),
      cmocka_unit_test(logistic_with_one_covariate),
  };
  int failed = cmocka_run_group_tests_name("regressions", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
