/* Metrics with a shape: what adapt/shape_fit makes of draws and gradients, held against the
 * equation that defines a geometric mean, and against the covariance of a Gaussian. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/metric_fit.h"

enum { P = 12, CHAINS = 3, MANY = 600, WIDE = 60 };

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

/* A Gaussian with correlations rho^|i-j| and scales from 0.1 to 10. */
static double sd_of(int i) { return pow(10, 2.0 * ((i * 5) % P) / (P - 1) - 1); }
static double covariance_of(int i, int j) { return sd_of(i) * sd_of(j) * pow(0.8, abs(i - j)); }
static double precision_of(int i, int j) {
  const double scale = 1 / ((1 - 0.64) * sd_of(i) * sd_of(j));
  if (i == j) return scale * (i == 0 || i == P - 1 ? 1 : 1.64);
  return abs(i - j) == 1 ? -0.8 * scale : 0;
}

/* Draws of that Gaussian, an autoregression along i; chains have means of their own. */
static void draw(mst_window *w, int n, bool exact_gradient) {
  mst_error err = {0};
  double x[P], g[P], q[P];
  for (int k = 0; k < n; k++) {
    const int chain = k % CHAINS;
    for (int i = 0; i < P; i++) {
      const double z = normal();
      x[i] = i ? 0.8 * x[i - 1] + 0.6 * z : z;
    }
    for (int i = 0; i < P; i++) x[i] *= sd_of(i);
    for (int i = 0; i < P; i++) {
      g[i] = exact_gradient ? 0 : normal() / sd_of(i);
      for (int j = 0; j < P && exact_gradient; j++) g[i] -= precision_of(i, j) * x[j];
      q[i] = x[i] + 1000.0 * chain * sd_of(i);
    }
    assert_int_equal(mst_window_add(w, chain, q, g, &err), MASTING_OK);
  }
}

typedef struct made {
  mst_metric metric;
  double c[WIDE * WIDE], l[WIDE * WIDE], scale[WIDE], u[WIDE * MST_METRIC_MAX_RANK],
      eigen[MST_METRIC_MAX_RANK];
  double condition;
} made;

static const double *base; /* of the fits */

static void fit(made *m, mst_metric_kind kind, const mst_window *w) {
  mst_error err = {0};
  double minv[WIDE];
  for (int i = 0; i < WIDE; i++) minv[i] = 1;
  memset(m, 0, sizeof *m);
  m->metric = (mst_metric){.kind = kind,
                           .n = w->elements,
                           .c = m->c,
                           .l = m->l,
                           .scale = m->scale,
                           .u = m->u,
                           .eigen = m->eigen};
  mst_metric_fit(&m->metric, w, minv, base, &m->condition, &err);
  if (err.status != MASTING_OK) fail_msg("%s", err.message);
}

/* C of a low-rank shape. */
static double low_rank_at(const made *m, int i, int j) {
  double s = i == j;
  for (int k = 0; k < m->metric.rank; k++)
    s += m->u[i * m->metric.rank + k] * (m->eigen[k] - 1) * m->u[j * m->metric.rank + k];
  return m->scale[i] * s * m->scale[j];
}

static void a_gaussian_gives_its_covariance(void **state) {
  (void)state;
  static made m;
  mst_window w;
  mst_window_begin(&w, P);
  seed = 1;
  draw(&w, MANY, true);
  fit(&m, MST_KIND_DENSE, &w);
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++)
      assert_true(fabs(m.c[i * P + j] - covariance_of(i, j)) < 0.02 * sd_of(i) * sd_of(j));
  assert_true(m.condition > 20 && m.condition < 100); /* that of the correlations is 46 */
  fit(&m, MST_KIND_LOW_RANK, &w);
  assert_in_range(m.metric.rank, 3, P);
  for (int i = 0; i < P; i++) /* directions within a factor 2 are left out */
    for (int j = 0; j < P; j++)
      assert_true(fabs(low_rank_at(&m, i, j) - covariance_of(i, j)) < 0.6 * sd_of(i) * sd_of(j));
  mst_window_end(&w);
}

/* sum_i (x_i - mean of its chain)_a (..)_b / degrees */
static void covariance(const double *x, const mst_window *w, double *s) {
  double mean[CHAINS][P] = {{0}};
  for (int64_t k = 0; k < w->n; k++)
    for (int i = 0; i < P; i++) mean[w->chain[k]][i] += x[k * P + i] / (double)(w->n / CHAINS);
  memset(s, 0, P * P * sizeof *s);
  for (int64_t k = 0; k < w->n; k++)
    for (int i = 0; i < P; i++)
      for (int j = 0; j < P; j++)
        s[i * P + j] += (x[k * P + i] - mean[w->chain[k]][i]) *
                        (x[k * P + j] - mean[w->chain[k]][j]) / (double)(w->n - CHAINS);
}

/* G = A # B^-1 is the positive solution of G B G = A; gradients that have nothing to do with the
 * draws. */
static void the_mean_solves_its_equation(void **state) {
  (void)state;
  static made m;
  static double a[P * P], b[P * P], g[P * P], t[P * P];
  mst_window w;
  mst_window_begin(&w, P);
  seed = 2;
  draw(&w, MANY, false);
  fit(&m, MST_KIND_DENSE, &w);
  covariance(w.q, &w, a);
  covariance(w.g, &w, b);
  const double degrees = MANY - CHAINS, share = (1 + P / degrees) / degrees;
  double scale[P];
  for (int i = 0; i < P; i++) scale[i] = sqrt(sqrt(a[i * P + i] / b[i * P + i]));
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) {
      a[i * P + j] = a[i * P + j] / (scale[i] * scale[j]) + share * (i == j);
      b[i * P + j] = b[i * P + j] * (scale[i] * scale[j]) + share * (i == j);
      g[i * P + j] = m.c[i * P + j] / (scale[i] * scale[j]);
    }
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) {
      t[i * P + j] = 0;
      for (int k = 0; k < P; k++) t[i * P + j] += g[i * P + k] * b[k * P + j];
    }
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) {
      double s = 0, c = 0;
      for (int k = 0; k < P; k++) s += t[i * P + k] * g[k * P + j];
      assert_true(fabs(s - a[i * P + j]) < 1e-9 * sqrt(a[i * P + i] * a[j * P + j]));
      for (int k = 0; k <= i && k <= j; k++) c += m.l[i * P + k] * m.l[j * P + k];
      assert_true(fabs(c - m.c[i * P + j]) < 1e-12 * sd_of(i) * sd_of(j)); /* C = L L' */
    }
  mst_window_end(&w);
}

static double product(const double *a, const double *b) {
  double s = 0;
  for (int i = 0; i < WIDE; i++) s += a[i] * b[i];
  return s;
}
static void remove_along(double *x, const double *unit) {
  const double d = product(x, unit);
  for (int i = 0; i < WIDE; i++) x[i] -= d * unit[i];
}

/* Ten draws of sixty parameters: the shape is that of the diagonal metric where nothing was
 * seen. */
static void few_draws_change_what_they_span(void **state) {
  (void)state;
  static made m;
  mst_error err = {0};
  mst_window w;
  double q[WIDE], g[WIDE], away[WIDE], span[20][WIDE];
  mst_window_begin(&w, WIDE);
  seed = 3;
  for (int k = 0; k < 10; k++) {
    const double z = 5 * normal(); /* the covariance is 1 + 25 (1, 1, ...)' (1, 1, ...) */
    double sum = 0;
    for (int i = 0; i < WIDE; i++) sum += q[i] = z + normal();
    for (int i = 0; i < WIDE; i++) g[i] = 25.0 / (1 + 25 * WIDE) * sum - q[i];
    assert_int_equal(mst_window_add(&w, 0, q, g, &err), MASTING_OK);
  }
  fit(&m, MST_KIND_DENSE, &w);
  for (int i = 0; i < WIDE; i++) {
    double pivot = m.l[i * WIDE + i];
    assert_true(pivot > 0);
    away[i] = normal();
  }
  double scale[WIDE];
  for (int i = 0; i < WIDE; i++) { /* the diagonal metric */
    double mq = 0, mg = 0, vq = 0, vg = 0;
    for (int k = 0; k < 10; k++) mq += w.q[k * WIDE + i] / 10, mg += w.g[k * WIDE + i] / 10;
    for (int k = 0; k < 10; k++)
      vq += pow(w.q[k * WIDE + i] - mq, 2), vg += pow(w.g[k * WIDE + i] - mg, 2);
    scale[i] = sqrt(sqrt(vq / vg));
    for (int k = 0; k < 10; k++) {
      span[k][i] = (w.q[k * WIDE + i] - mq) / scale[i];
      span[10 + k][i] = (w.g[k * WIDE + i] - mg) * scale[i];
    }
  }
  /* Gram and Schmidt, each direction twice; the 9th and 19th are sums of others */
  for (int k = 0; k < 20; k++) {
    for (int pass = 0; pass < 2; pass++)
      for (int j = 0; j < k; j++) remove_along(span[k], span[j]);
    const double n = sqrt(product(span[k], span[k]));
    for (int i = 0; i < WIDE; i++) span[k][i] = n > 1e-6 ? span[k][i] / n : 0;
  }
  for (int k = 0; k < 20; k++) remove_along(away, span[k]);
  for (int i = 0; i < WIDE; i++) {
    double s = 0;
    for (int j = 0; j < WIDE; j++) s += m.c[i * WIDE + j] / (scale[i] * scale[j]) * away[j];
    assert_true(fabs(s - away[i]) < 1e-6);
  }
  double along = 0;
  for (int i = 0; i < WIDE; i++)
    for (int j = 0; j < WIDE; j++) along += m.c[i * WIDE + j];
  /* along (1, 1, ...) the variance is 60 x 25 + 1, that of the diagonal about 5 */
  assert_true(along / WIDE > 30);
  mst_window_end(&w);
}

/* With the right base a handful of draws leaves it as it is; with a wrong one many draws mend
 * it. */
static void a_base_holds_until_draws_know_better(void **state) {
  (void)state;
  static made m, given;
  static double exact[P * P];
  mst_error err = {0};
  mst_window w;
  mst_window_begin(&w, P);
  seed = 5;
  draw(&w, 9, true);
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) exact[i * P + j] = covariance_of(i, j);
  given.metric = (mst_metric){.kind = MST_KIND_DENSE, .n = P, .c = given.c, .l = given.l};
  assert_int_equal(mst_metric_from_covariance(&given.metric, exact, "test", &given.condition, &err),
                   MASTING_OK);
  assert_true(given.condition > 20 && given.condition < 100);
  base = given.l;
  fit(&m, MST_KIND_DENSE, &w);
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++)
      assert_true(fabs(m.c[i * P + j] - covariance_of(i, j)) < 1e-6 * sd_of(i) * sd_of(j));
  for (int i = 0; i < P; i++)
    for (int j = 0; j <= i; j++) given.l[i * P + j] *= i % 2 ? 1.3 : 0.6;
  draw(&w, MANY, true);
  fit(&m, MST_KIND_DENSE, &w);
  base = NULL;
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++)
      assert_true(fabs(m.c[i * P + j] - covariance_of(i, j)) < 0.05 * sd_of(i) * sd_of(j));
  mst_window_end(&w);
}

static void a_covariance_is_taken_as_it_is(void **state) {
  (void)state;
  static made m;
  static double exact[P * P];
  mst_error err = {0};
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) exact[i * P + j] = covariance_of(i, j);
  m.metric =
      (mst_metric){.kind = MST_KIND_LOW_RANK, .n = P, .scale = m.scale, .u = m.u, .eigen = m.eigen};
  assert_int_equal(mst_metric_from_covariance(&m.metric, exact, "test", &m.condition, &err),
                   MASTING_OK);
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++)
      assert_true(fabs(low_rank_at(&m, i, j) - covariance_of(i, j)) < 0.6 * sd_of(i) * sd_of(j));
  exact[1] = exact[P] = 2 * sd_of(0) * sd_of(1);
  assert_int_equal(mst_metric_from_covariance(&m.metric, exact, "test", &m.condition, &err),
                   MASTING_ERR_DATA);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_gaussian_gives_its_covariance),
                                     cmocka_unit_test(the_mean_solves_its_equation),
                                     cmocka_unit_test(few_draws_change_what_they_span),
                                     cmocka_unit_test(a_base_holds_until_draws_know_better),
                                     cmocka_unit_test(a_covariance_is_taken_as_it_is)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
