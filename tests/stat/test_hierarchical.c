/* hierarchical against quadrature over (log tau_a, log tau_b, log sigma): given these all else is
 * Gaussian and is integrated in closed form (Lindley and Smith 1972, "Bayes estimates for the
 * linear model", JRSS B 34(1)). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "oracle.h"

#define N 360
#define G 6

static mst_comm comm;

static double noise(int64_t row, int k) {
  const double u = mst_uniform(3, 0, (uint64_t)row, MST_USE_CHECK, (uint64_t)(2 * k));
  const double v = mst_uniform(3, 0, (uint64_t)row, MST_USE_CHECK, (uint64_t)(2 * k + 1));
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* Groups of uneven sizes with effects of about unit scale. */
static void fill(void *context, int variable, int64_t row, void *out) {
  static const double a[G] = {1.8, -0.4, 0.9, 2.2, 0.1, 1.3};
  static const double b[G] = {0.3, -1.1, -0.6, 0.5, -1.5, 0};
  (void)context;
  const int group = (int)(row * row / 7 % (G + 5)) % G;
  const double x = noise(row, 0);
  if (variable == 0)
    *(int32_t *)out = group + 1;
  else if (variable == 1)
    *(double *)out = x;
  else
    *(double *)out = a[group] + b[group] * x + 0.7 * noise(row, 1);
}

typedef struct group_sums {
  double n, z[4], r[2]; /* z: 1, x, x, x^2 summed; r: y, x y summed */
} group_sums;

enum { MU_A, MU_B, TAU_A, TAU_B, SIGMA, A, B = A + G, QUANTITIES = B + G };

typedef struct truth {
  group_sums group[G];
  double yy;
  moments m[QUANTITIES];
} truth;

static void read_data(truth *t, const fixture *g) {
  const int32_t *group = g->data.var[0];
  const double *x = g->data.var[1], *y = g->data.var[2];
  for (int64_t r = 0; r < N; r++) {
    group_sums *s = &t->group[group[r] - 1];
    s->n++;
    s->z[0]++;
    s->z[1] += x[r];
    s->z[2] += x[r];
    s->z[3] += x[r] * x[r];
    s->r[0] += y[r];
    s->r[1] += y[r] * x[r];
    t->yy += y[r] * y[r];
  }
}

/* inverse of a symmetric 2 x 2 matrix; returns its log determinant. */
static double invert(const double *a, double *inverse) {
  const double det = a[0] * a[3] - a[1] * a[2];
  inverse[0] = a[3] / det;
  inverse[3] = a[0] / det;
  inverse[1] = inverse[2] = -a[1] / det;
  return log(det);
}

typedef struct conditional { /* of the means and the groups' effects, given the three scales */
  double mean[2], variance[4], q[G][4];
} conditional;

/* Log density of the data and the scales on the log scale, with all else integrated out. */
static double marginal(const truth *t, const double *log_scale, conditional *c) {
  const double precision = exp(-2 * log_scale[2]);
  const double inverse_t[2] = {exp(-2 * log_scale[0]), exp(-2 * log_scale[1])};
  double lp = 0, a[4] = {0.01, 0, 0, 0.16}, b[2] = {0};
  for (int i = 0; i < 3; i++) lp += log_scale[i] - exp(log_scale[i]);
  lp -= N * log_scale[2] + 0.5 * precision * t->yy;
  for (int g = 0; g < G; g++) {
    const group_sums *s = &t->group[g];
    double q[4];
    for (int i = 0; i < 4; i++) q[i] = precision * s->z[i];
    q[0] += inverse_t[0];
    q[3] += inverse_t[1];
    lp -= 0.5 * invert(q, c->q[g]) + log_scale[0] + log_scale[1];
    const double *v = c->q[g], r[2] = {precision * s->r[0], precision * s->r[1]};
    const double fit[2] = {v[0] * r[0] + v[1] * r[1], v[2] * r[0] + v[3] * r[1]};
    lp += 0.5 * (r[0] * fit[0] + r[1] * fit[1]);
    for (int i = 0; i < 2; i++) {
      b[i] += inverse_t[i] * fit[i];
      a[3 * i] += inverse_t[i];
      for (int j = 0; j < 2; j++) a[2 * i + j] -= inverse_t[i] * v[2 * i + j] * inverse_t[j];
    }
  }
  lp -= 0.5 * invert(a, c->variance);
  const double *v = c->variance;
  for (int i = 0; i < 2; i++) c->mean[i] = v[2 * i] * b[0] + v[2 * i + 1] * b[1];
  return lp + 0.5 * (b[0] * c->mean[0] + b[1] * c->mean[1]);
}

static void add_point(truth *t, const double *log_scale, const conditional *c, double w) {
  const double precision = exp(-2 * log_scale[2]);
  const double inverse_t[2] = {exp(-2 * log_scale[0]), exp(-2 * log_scale[1])};
  for (int i = 0; i < 2; i++) moments_add(&t->m[MU_A + i], w, c->mean[i], c->variance[3 * i]);
  for (int i = 0; i < 3; i++) moments_add(&t->m[TAU_A + i], w, exp(log_scale[i]), 0);
  for (int g = 0; g < G; g++) {
    const double *v = c->q[g];
    double h[2], k[4]; /* k: how the effects follow the means */
    for (int i = 0; i < 2; i++) h[i] = precision * t->group[g].r[i] + inverse_t[i] * c->mean[i];
    for (int i = 0; i < 4; i++) k[i] = v[i] * inverse_t[i % 2];
    for (int i = 0; i < 2; i++) {
      const double *row = k + 2 * i, *s = c->variance;
      const double dist =
          row[0] * (s[0] * row[0] + s[1] * row[1]) + row[1] * (s[2] * row[0] + s[3] * row[1]);
      moments_add(&t->m[(i ? B : A) + g], w, v[2 * i] * h[0] + v[2 * i + 1] * h[1],
                  v[3 * i] + dist);
    }
  }
}

static void integrate(truth *t) {
  conditional c;
  double highest = -INFINITY;
  for (int pass = 0; pass < 2; pass++)
    for (double tau_a = -4; tau_a < 2.5; tau_a += 0.06)
      for (double tau_b = -4; tau_b < 2.5; tau_b += 0.06)
        for (double sigma = -0.75; sigma < 0.05; sigma += 0.01) {
          const double log_scale[] = {tau_a, tau_b, sigma};
          const double lp = marginal(t, log_scale, &c);
          if (pass == 0)
            highest = fmax(highest, lp);
          else if (lp > highest - 40)
            add_point(t, log_scale, &c, exp(lp - highest));
        }
}

static void take(const double *from, int64_t each, int64_t at, int draws, double *x) {
  for (int k = 0; k < draws; k++) x[k] = from[k * each + at];
}

static void check(mst_sample_options *run, double least_ess) {
  static const char *const names[] = {"mu_a", "mu_b", "tau_a", "tau_b", "sigma", "a", "b"};
  const int64_t size[] = {N, G};
  oracle o;
  fixture g;
  char name[16];
  truth t = {0};
  fixture_make(&g, &comm, "hierarchical", size, 0, fill, NULL);
  read_data(&t, &g);
  integrate(&t);
  oracle_sample(&o, &comm, &g, run);
  const int draws = o.chains * o.draws;
  double *x = calloc((size_t)draws, sizeof *x);
  for (int v = 0, q = 0; v < 7; v++) {
    int64_t each;
    double *all = oracle_read(&o, names[v], &each);
    for (int64_t i = 0; i < each; i++, q++) {
      take(all, each, i, draws, x);
      snprintf(name, sizeof name, "%s[%d]", names[v], (int)i);
      oracle_check(&o, name, x, moments_mean(&t.m[q]), moments_sd(&t.m[q]), least_ess);
    }
    free(all);
  }
  free(x);
  fixture_free(&g);
  oracle_end(&o);
}

static void with_the_default_metric(void **state) {
  (void)state;
  mst_sample_options o;
  mst_sample_defaults(&o);
  o.draws = 2000;
  o.seed = 12;
  check(&o, 1500);
}

static void with_metrics_of_their_own_in_narrow_lanes(void **state) {
  (void)state;
  mst_sample_options o;
  mst_sample_defaults(&o);
  o.draws = 2000;
  o.warmup = 500;
  o.chains = 5;
  o.lanes = 2;
  o.pool = 0;
  check(&o, 1000);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_the_default_metric),
      cmocka_unit_test(with_metrics_of_their_own_in_narrow_lanes),
  };
  int failed = cmocka_run_group_tests_name("hierarchical", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
