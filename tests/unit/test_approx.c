/* src/optim: the Gaussian of L-BFGS's pairs against the dense recursion in long double; the
 * spectrum; smoothed weights of ratios whose tails are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "optim/approx.h"
#include "optim/psis.h"

#define N 7

static double random_at(uint64_t stream, uint64_t i) {
  return 2 * mst_uniform(12, stream, 0, MST_USE_CHECK, i) - 1;
}

/* Inverse BFGS from diag(alpha) on (Nocedal and Wright 2006, eq. 6.17). */
static void dense(int pairs, double s[][N], double y[][N], const double *alpha,
                  long double h[N][N]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) h[i][j] = i == j ? alpha[i] : 0;
  for (int k = 0; k < pairs; k++) {
    long double a[N][N], b[N][N], rho = 0;
    for (int i = 0; i < N; i++) rho += (long double)s[k][i] * y[k][i];
    rho = 1 / rho;
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) a[i][j] = (i == j) - rho * s[k][i] * y[k][j];
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        b[i][j] = 0;
        for (int m = 0; m < N; m++) b[i][j] += a[i][m] * h[m][j];
      }
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        h[i][j] = rho * s[k][i] * s[k][j];
        for (int m = 0; m < N; m++) h[i][j] += b[i][m] * a[j][m];
      }
  }
}

static long double log_determinant(long double a[N][N]) {
  long double sum = 0;
  for (int k = 0; k < N; k++) { /* positive definite: no pivots */
    sum += logl(a[k][k]);
    for (int i = k + 1; i < N; i++)
      for (int j = k + 1; j < N; j++) a[i][j] -= a[i][k] * a[k][j] / a[k][k];
  }
  return sum;
}

static double dot(const double *a, const double *b, const double *weight) {
  double sum = 0;
  for (int i = 0; i < N; i++) sum += a[i] * b[i] * (weight ? weight[i] : 1);
  return sum;
}

typedef struct gaussian {
  int pairs;
  double s[6][N], y[6][N], alpha[N], root[N], inverse[N], inverse_root[N], g[N];
  mst_history h;
  mst_approx approx;
} gaussian;

/* Products as the rows would make them; u: noise. */
static void products(const gaussian *t, const double *u, double *d) {
  memset(d, 0, sizeof(double) * MST_MAX_APPROX_DOTS);
  for (int i = 0; i < N; i++) d[MST_APPROX_LOG_ALPHA] += log(t->alpha[i]);
  d[MST_APPROX_UU] = dot(u, u, NULL);
  for (int k = 0; k < t->pairs; k++) {
    d[mst_approx_slot(k, MST_APPROX_SLOT_YAG)] = dot(t->y[k], t->g, t->alpha);
    d[mst_approx_slot(k, MST_APPROX_SLOT_YU)] = dot(t->y[k], u, t->root);
    d[mst_approx_slot(k, MST_APPROX_SLOT_SU)] = dot(t->s[k], u, t->inverse_root);
    for (int l = k; l < t->pairs; l++) {
      d[mst_approx_pair(t->h.size, k, l)] = dot(t->y[k], t->y[l], t->alpha);
      d[mst_approx_pair(t->h.size, k, l) + 1] = dot(t->s[k], t->s[l], t->inverse);
    }
  }
}

static void make(gaussian *t, int pairs) {
  double d[MST_MAX_APPROX_DOTS], none[N] = {0};
  memset(t, 0, sizeof *t);
  t->pairs = pairs;
  mst_history_clear(&t->h, 6);
  t->h.count = pairs;
  for (int i = 0; i < N; i++) {
    t->alpha[i] = 0.1 + mst_uniform(12, 3, 0, MST_USE_CHECK, (uint64_t)i);
    t->root[i] = sqrt(t->alpha[i]);
    t->inverse[i] = 1 / t->alpha[i];
    t->inverse_root[i] = 1 / t->root[i];
    t->g[i] = random_at(4, (uint64_t)i);
  }
  for (int k = 0; k < pairs; k++) {
    for (int i = 0; i < N; i++) t->s[k][i] = random_at(5, (uint64_t)(k * N + i));
    for (int i = 0; i < N; i++)
      t->y[k][i] = (1 + 0.5 * i) * t->s[k][i] + 0.3 * (i ? t->s[k][i - 1] : 0) +
                   0.3 * (i + 1 < N ? t->s[k][i + 1] : 0);
    t->h.order[k] = k;
    t->h.sg[k] = dot(t->s[k], t->g, NULL);
  }
  for (int k = 0; k < pairs; k++)
    for (int l = 0; l < pairs; l++) t->h.sy[k][l] = dot(t->s[k], t->y[l], NULL);
  products(t, none, d);
  assert_true(mst_approx_make(&t->approx, &t->h, d));
}

/* x - H g + root of H times u, as the vectors' owner makes it from parts; x = 0. */
static double draw(const gaussian *t, const double *u, double *x) {
  double d[MST_MAX_APPROX_DOTS];
  mst_approx_draw parts;
  products(t, u, d);
  const double log_q = mst_approx_draw_make(&t->approx, d, N, &parts);
  for (int i = 0; i < N; i++) {
    x[i] = -t->alpha[i] * t->g[i] + t->root[i] * u[i];
    for (int k = 0; k < t->pairs; k++)
      x[i] += parts.y_part[k] * t->alpha[i] * t->y[k][i] + parts.s_part[k] * t->s[k][i];
  }
  return log_q;
}

/* More columns than dimensions (12 in 7), too: W then has no full rank. */
static void draws_have_the_covariance_of_dense_bfgs(void **state) {
  (void)state;
  for (int pairs = 0; pairs <= 6; pairs++) {
    gaussian t;
    long double h[N][N];
    double mean[N], root[N][N], u[N] = {0};
    make(&t, pairs);
    dense(pairs, t.s, t.y, t.alpha, h);
    const double log_q = draw(&t, u, mean);
    for (int i = 0; i < N; i++) {
      long double want = 0;
      for (int j = 0; j < N; j++) want -= h[i][j] * t.g[j];
      assert_true(fabsl(want - mean[i]) < 1e-9L);
    }
    for (int j = 0; j < N; j++) { /* column j of the root */
      double x[N];
      memset(u, 0, sizeof u);
      u[j] = 1;
      assert_true(fabs(draw(&t, u, x) - (log_q - 0.5)) < 1e-9);
      for (int i = 0; i < N; i++) root[i][j] = x[i] - mean[i];
    }
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) assert_true(fabsl(dot(root[i], root[j], NULL) - h[i][j]) < 1e-8L);
    const long double log_det = log_determinant(h);
    assert_true(fabsl(t.approx.log_det - log_det) < 1e-8L);
    assert_true(fabsl(log_q + 0.5L * (log_det + N * logl(2 * acosl(-1)))) < 1e-8L);
  }
}

static void spectra_are_spectra(void **state) {
  (void)state;
  double a[MST_APPROX_SIZE][MST_APPROX_SIZE], keep[MST_APPROX_SIZE][MST_APPROX_SIZE];
  double v[MST_APPROX_SIZE][MST_APPROX_SIZE], values[MST_APPROX_SIZE];
  for (int n = 1; n <= MST_APPROX_SIZE; n++) {
    for (int i = 0; i < n; i++)
      for (int j = 0; j <= i; j++) a[i][j] = a[j][i] = random_at(6, (uint64_t)(i * 30 + j));
    memcpy(keep, a, sizeof a);
    mst_approx_spectrum(n, a, values, v);
    for (int k = 0; k < n; k++)
      for (int i = 0; i < n; i++) {
        double left = 0, unit = 0;
        for (int j = 0; j < n; j++) {
          left += keep[i][j] * v[j][k];
          unit += v[j][i] * v[j][k];
        }
        assert_true(fabs(left - values[k] * v[i][k]) < 1e-12 * n);
        assert_true(fabs(unit - (i == k)) < 1e-12 * n);
      }
  }
}

/* Ratios whose distribution is Pareto with shape k, at its quantiles in a shuffled order. */
static double shape_of(double k, int n, double *x) {
  mst_error err = {0};
  double found, sum = 0;
  for (int i = 0; i < n; i++) x[(int)((i * 7919LL) % n)] = -k * log((i + 0.5) / n);
  assert_int_equal(mst_psis(x, n, &found, &err), MASTING_OK);
  for (int i = 0; i < n; i++) sum += exp(x[i]);
  assert_true(fabs(sum - 1) < 1e-12);
  return found;
}

static void tails_have_their_shapes(void **state) {
  (void)state;
  enum { MANY = 8000 };
  double *x = calloc(MANY, sizeof *x), k;
  mst_error err = {0};
  for (double shape = 0.1; shape < 1.3; shape += 0.2)
    assert_true(fabs(shape_of(shape, MANY, x) - shape) < 0.08);
  /* smoothing keeps the order, and the largest weight below the raw one's */
  shape_of(0.9, MANY, x);
  for (int i = 0; i + 1 < MANY; i++) {
    const int a = (int)((i * 7919LL) % MANY), b = (int)(((i + 1) * 7919LL) % MANY);
    assert_true(x[a] >= x[b] - 1e-12);
  }
  for (int i = 0; i < 4; i++) x[i] = i;
  assert_int_equal(mst_psis(x, 4, &k, &err), MASTING_OK);
  assert_true(isinf(k));
  for (int i = 0; i < 100; i++) x[i] = i == 7 ? 0 : -INFINITY;
  assert_int_equal(mst_psis(x, 100, &k, &err), MASTING_OK);
  assert_true(x[7] == 0 && isinf(k));
  x[7] = NAN;
  for (int i = 0; i < 100; i++) x[i] = NAN;
  assert_int_equal(mst_psis(x, 100, &k, &err), MASTING_ERR_INIT);
  free(x);
}

static void choices_follow_weights(void **state) {
  (void)state;
  const double log_weight[4] = {log(0.5), -INFINITY, log(0.2), log(0.3)};
  double scratch[4];
  int64_t choice[20000], count[4] = {0};
  mst_psis_choose(log_weight, 4, 3, true, 20000, choice, scratch);
  for (int i = 0; i < 20000; i++) count[choice[i]]++;
  for (int i = 0; i < 4; i++)
    assert_true(fabs((double)count[i] / 20000 - exp(log_weight[i])) < 0.015);
  mst_psis_choose(log_weight, 4, 3, false, 3, choice, scratch);
  assert_true(choice[0] != choice[1] && choice[1] != choice[2] && choice[0] != choice[2]);
  assert_true(choice[0] != 1 && choice[1] != 1 && choice[2] != 1);
  mst_psis_choose(log_weight, 4, 3, false, 7, choice, scratch); /* three have weight */
  for (int i = 3; i < 7; i++) assert_int_equal(choice[i], choice[i - 3]);
  int first[4] = {0};
  for (uint64_t seed = 0; seed < 4000; seed++) {
    mst_psis_choose(log_weight, 4, seed, false, 1, choice, scratch);
    first[choice[0]]++;
  }
  for (int i = 0; i < 4; i++) assert_true(fabs(first[i] / 4000.0 - exp(log_weight[i])) < 0.03);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(draws_have_the_covariance_of_dense_bfgs),
      cmocka_unit_test(spectra_are_spectra),
      cmocka_unit_test(tails_have_their_shapes),
      cmocka_unit_test(choices_follow_weights),
  };
  return cmocka_run_group_tests_name("approximations", tests, NULL, NULL);
}
