/* Eight schools in both forms, against quadrature over (mu, log tau) with the effects integrated
 * out: y[j] | mu, tau ~ Normal(mu, sqrt(sigma[j]^2 + tau^2)). Data: Rubin 1981. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "oracle.h"

#define J 8

static mst_comm comm;
static const double y[J] = {28, 8, -3, 7, -1, 1, 18, 12};
static const double sigma[J] = {15, 10, 16, 11, 9, 11, 10, 18};

static void fill(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)row;
  for (int j = 0; j < J; j++) ((double *)out)[j] = variable ? sigma[j] : y[j];
}

typedef struct truth {
  moments mu, tau, log_tau, effect[J];
} truth;

static double log_posterior(double mu, double tau) {
  double lp = -0.5 * mu * mu / 25 - log1p(tau * tau / 25) + log(tau);
  for (int j = 0; j < J; j++) {
    const double v = sigma[j] * sigma[j] + tau * tau;
    lp -= 0.5 * (log(v) + (y[j] - mu) * (y[j] - mu) / v);
  }
  return lp;
}

static truth integrate(void) {
  truth t = {0};
  for (double log_tau = -16; log_tau < 8; log_tau += 0.04)
    for (double mu = -45; mu < 45; mu += 0.25) {
      const double tau = exp(log_tau), w = exp(log_posterior(mu, tau));
      moments_add(&t.mu, w, mu, 0);
      moments_add(&t.tau, w, tau, 0);
      moments_add(&t.log_tau, w, log_tau, 0);
      for (int j = 0; j < J; j++) {
        const double v = 1 / (1 / (sigma[j] * sigma[j]) + 1 / (tau * tau));
        moments_add(&t.effect[j], w, v * (y[j] / (sigma[j] * sigma[j]) + mu / (tau * tau)), v);
      }
    }
  return t;
}

static void check(oracle *o, const char *name, const double *x, const moments *m, double ess) {
  oracle_check(o, name, x, moments_mean(m), moments_sd(m), ess);
}

static void sample_non_centred(mst_sampler_choice sampler, double least_ess) {
  const truth t = integrate();
  const int64_t size[] = {J};
  int64_t each;
  oracle o;
  fixture g;
  char name[16];
  mst_sample_options run;
  mst_sample_defaults(&run);
  run.seed = 5;
  run.draws = 2000;
  run.target_accept = 0.9;
  run.sampler = sampler;
  fixture_make(&g, &comm, "eight_schools", size, 0, fill, NULL);
  oracle_sample(&o, &comm, &g, &run);
  double *mu = oracle_read(&o, "mu", &each), *tau = oracle_read(&o, "tau", &each);
  double *theta = oracle_read(&o, "theta_trans", &each);
  const int n = o.chains * o.draws;
  double *x = calloc((size_t)n, sizeof *x);
  check(&o, "mu", mu, &t.mu, least_ess);
  check(&o, "tau", tau, &t.tau, least_ess);
  for (int k = 0; k < n; k++) x[k] = log(tau[k]);
  check(&o, "log tau", x, &t.log_tau, least_ess);
  for (int j = 0; j < J; j++) {
    for (int k = 0; k < n; k++) x[k] = mu[k] + tau[k] * theta[k * J + j];
    snprintf(name, sizeof name, "effect[%d]", j);
    check(&o, name, x, &t.effect[j], least_ess);
  }
  assert_true(o.divergences < 20);
  free(x);
  free(theta);
  free(tau);
  free(mu);
  fixture_free(&g);
  oracle_end(&o);
}

static void non_centred(void **state) {
  (void)state;
  sample_non_centred(MST_SAMPLER_NUTS, 2000);
}

/* Skewed, with a parameter whose lower tail is long: the trajectories between reach it. */
static void non_centred_by_rotation(void **state) {
  (void)state;
  sample_non_centred(MST_SAMPLER_ROTATION, 800);
}

/* The funnel: its neck is not reached, which the sampler must tell by divergences; means are off by
 * a little, never by a lot. */
static void centred_is_near_and_says_that_it_diverged(void **state) {
  (void)state;
  const truth t = integrate();
  const int64_t size[] = {J};
  int64_t each;
  oracle o;
  fixture g;
  mst_sample_options run;
  mst_sample_defaults(&run);
  run.seed = 5;
  run.draws = 2000;
  fixture_make(&g, &comm, "eight_schools_centered", size, 0, fill, NULL);
  oracle_sample(&o, &comm, &g, &run);
  double *mu = oracle_read(&o, "mu", &each), *tau = oracle_read(&o, "tau", &each);
  double *theta = oracle_read(&o, "theta", &each);
  double sum[2 + J] = {0};
  const int n = o.chains * o.draws;
  for (int k = 0; k < n; k++) {
    sum[0] += mu[k] / n;
    sum[1] += tau[k] / n;
    for (int j = 0; j < J; j++) sum[2 + j] += theta[k * J + j] / n;
  }
  for (int i = 0; i < 2 + J; i++) {
    const moments *m = i == 0 ? &t.mu : i == 1 ? &t.tau : &t.effect[i - 2];
    const double off = (sum[i] - moments_mean(m)) / moments_sd(m);
    printf("%d: mean %.3f of %.3f\n", i, sum[i], moments_mean(m));
    o.failed += !(fabs(off) < 0.25);
  }
  o.failed += o.divergences == 0;
  free(theta);
  free(tau);
  free(mu);
  fixture_free(&g);
  oracle_end(&o);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(non_centred),
      cmocka_unit_test(non_centred_by_rotation),
      cmocka_unit_test(centred_is_near_and_says_that_it_diverged),
  };
  int failed = cmocka_run_group_tests_name("eight schools", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
