/* tests/unit/test_diag.c -- diagnostics of single series against numbers known from elsewhere.
 *
 * ArviZ is compared column by column in tests/cli/test_arviz.py; here stand the definitions.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "diag/element.h"
#include "diag/ess.h"
#include "diag/lags.h"
#include "diag/normal_quantile.h"
#include "diag/order.h"

static void near_to(double x, double want, double relative) {
  if (!(fabs(x - want) <= relative * fabs(want))) fail_msg("%.17g, not %.17g", x, want);
}

/* Values of the paper's own table (AS 241) and one by its symmetry. */
static void test_normal_quantile(void **state) {
  (void)state;
  near_to(mst_normal_quantile(0.25), -0.674489750196081743, 1e-15);
  near_to(mst_normal_quantile(0.001), -3.09023230616781354, 1e-15);
  near_to(mst_normal_quantile(1e-20), -9.26234008979840911, 1e-15);
  near_to(mst_normal_quantile(0.75), 0.674489750196081743, 1e-15);
  assert_true(mst_normal_quantile(0.5) == 0);
  assert_true(mst_normal_quantile(0) == -INFINITY && mst_normal_quantile(1) == INFINITY);
  assert_true(isnan(mst_normal_quantile(-0.1)) && isnan(mst_normal_quantile(NAN)));
  for (double p = 0.0005; p < 1; p += 0.0005) /* its inverse is the distribution function */
    near_to(0.5 * erfc(-mst_normal_quantile(p) / sqrt(2)), p, 1e-13);
}

static double noise(uint64_t *s) { /* xorshift64*, uniform in (-1, 1); any generator would do */
  *s ^= *s >> 12;
  *s ^= *s << 25;
  *s ^= *s >> 27;
  return (double)(int64_t)(*s * UINT64_C(2685821657736338717)) / 9223372036854775808.0;
}

enum { MANY = 5000 };

static void test_sort(void **state) {
  (void)state;
  static double x[MANY], value[MANY], folded[MANY];
  static uint32_t at[MANY], folded_at[MANY];
  static mst_ranked scratch[2 * MANY];
  uint64_t seed = 7;
  for (int i = 0; i < MANY; i++) {
    x[i] = ldexp(noise(&seed), (int)(60 * noise(&seed)));
    if (i % 11 == 0) x[i] = floor(4 * noise(&seed)); /* ties, and zeros of both signs */
    if (i % 97 == 0) x[i] = -0.0;
  }
  x[5] = INFINITY;
  x[6] = -INFINITY;
  mst_sort_values(x, MANY, value, at, scratch);
  static int seen[MANY];
  for (int i = 0; i < MANY; i++) {
    assert_true(value[i] == x[at[i]]);
    if (i) assert_true(value[i - 1] <= value[i]);
    assert_int_equal(seen[at[i]]++, 0);
  }
  for (double centre = -2; centre <= 2; centre += 0.5) {
    mst_sort_folded(value, at, MANY, centre, folded, folded_at);
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < MANY; i++) {
      assert_true(folded[i] == fabs(x[folded_at[i]] - centre));
      if (i) assert_true(folded[i - 1] <= folded[i]);
      assert_int_equal(seen[folded_at[i]]++, 0);
    }
  }
}

/* x[count][n] with the zeros that the sums of products want; free s.x. */
static mst_series series_of(const double *x, int64_t count, int64_t n) {
  mst_series s = {.count = count, .n = n, .stride = mst_series_stride(n)};
  s.x = calloc((size_t)(count * s.stride), sizeof *s.x);
  assert_non_null(s.x);
  for (int64_t k = 0; k < count; k++) memcpy(s.x + k * s.stride, x + k * n, (size_t)n * sizeof *x);
  return s;
}

/* Every variant that this machine runs, at all lags, against the definition. */
static void test_lags(void **state) {
  (void)state;
  enum { COUNT = 3, N = 45 };
  double x[COUNT * N], sum[MST_LAGS];
  uint64_t seed = 5;
  for (int i = 0; i < COUNT * N; i++) x[i] = noise(&seed);
  mst_series s = series_of(x, COUNT, N);
  for (int isa = MST_ISA_BASE; isa <= (int)mst_isa_here(); isa++)
    for (int t = 0; t < N; t++) {
      mst_lags((mst_isa)isa)(s.x, COUNT, N, s.stride, t, sum);
      for (int j = 0; j < MST_LAGS; j++) {
        double want = 0;
        for (int k = 0; k < COUNT; k++)
          for (int i = 0; i + t + j < N; i++) want += x[k * N + i] * x[k * N + i + t + j];
        assert_true(fabs(sum[j] - want) <= 1e-13);
      }
    }
  free(s.x);
}

/* 0..999 in 100 chains of 10: ArviZ 0.23.4's `identity` and, split in halves, its `mean`, `bulk`
 * and `tail`. (Pyro's and NumPyro's 52.64 for these numbers is of another definition: it sums every
 * pair of lags.) */
static void test_ess_of_counting(void **state) {
  (void)state;
  double x[1000];
  mst_element e;
  mst_element_work *w;
  mst_error err = {0};
  for (int i = 0; i < 1000; i++) x[i] = i;
  assert_int_equal(mst_element_work_make(&w, 100, 10, &mst_element_defaults, &err), MASTING_OK);
  mst_element_summarise(w, x, &e);
  near_to(pow(e.sd / e.mcse_mean, 2), 250.00455221298742, 1e-12); /* ESS of the mean */
  near_to(e.ess_bulk, 250.12105488600864, 1e-12);
  near_to(e.ess_tail, 250, 1e-12);
  near_to(e.mean, 499.5, 1e-15);
  near_to(e.quantile[0], 49.95, 1e-14);
  near_to(e.quantile[1], 949.05, 1e-14);
  assert_true(e.r_hat > 3);
  mst_element_work_free(&w);
  assert_null(w);
  mst_series s = series_of(x, 100, 10);
  near_to(mst_ess(&s), 83.34065036530401, 1e-12);
  free(s.x);
}

/* Independent draws are worth what they count; an AR(1) chain (1-r)/(1+r) of it. */
static void test_ess_of_known_chains(void **state) {
  (void)state;
  enum { SERIES = 8, N = 20000 };
  double *x = malloc(SERIES * N * sizeof *x);
  const double rho[] = {0, 0.5, 0.9};
  for (int k = 0; k < 3; k++) {
    uint64_t seed = 11;
    for (int s = 0; s < SERIES; s++) {
      double y = 0;
      for (int i = -500; i < N; i++) {
        y = rho[k] * y + noise(&seed);
        if (i >= 0) x[s * N + i] = y;
      }
    }
    mst_series s = series_of(x, SERIES, N);
    near_to(mst_rhat(&s), 1, 0.01);
    near_to(mst_ess(&s), SERIES * N * (1 - rho[k]) / (1 + rho[k]), 0.05);
    free(s.x);
  }
  free(x);
}

static mst_element summarise(double *x, int chains, int draws) {
  mst_element e;
  mst_element_work *w;
  mst_error err = {0};
  assert_int_equal(mst_element_work_make(&w, chains, draws, &mst_element_defaults, &err),
                   MASTING_OK);
  mst_element_summarise(w, x, &e);
  mst_element_work_free(&w);
  return e;
}

static void test_awkward(void **state) {
  (void)state;
  double x[4 * 9];
  uint64_t seed = 3;
  for (int i = 0; i < 36; i++) x[i] = 3.7;
  mst_element e = summarise(x, 4, 9);
  assert_true(e.mean == 3.7 && e.sd == 0 && e.quantile[0] == 3.7 && e.mcse_mean == 0);
  assert_true(e.ess_bulk == 32 && e.ess_tail == 32); /* the middle draws are left out */
  assert_true(isnan(e.r_hat));

  for (int i = 0; i < 36; i++) x[i] = noise(&seed);
  e = summarise(x, 4, 9);
  assert_true(isfinite(e.ess_bulk) && isfinite(e.r_hat));
  double middle = x[4];
  x[4] = 50; /* the middle draw of an odd number counts in the mean and not in the split series */
  mst_element other = summarise(x, 4, 9);
  assert_true(other.mean != e.mean);
  x[4] = middle;

  e = summarise(x, 1, 36);
  assert_true(isfinite(e.ess_bulk) && isnan(e.r_hat));
  e = summarise(x, 12, 3);
  assert_true(isfinite(e.sd) && isfinite(e.quantile[1]) && isnan(e.ess_bulk) && isnan(e.mcse_mean));
  e = summarise(x, 1, 1);
  assert_true(e.mean == x[0] && isnan(e.sd) && e.quantile[0] == x[0]);
  x[7] = NAN;
  e = summarise(x, 4, 9);
  assert_true(isnan(e.mean) && isnan(e.quantile[0]) && isnan(e.ess_bulk) && isnan(e.r_hat));
  x[7] = INFINITY;
  e = summarise(x, 4, 9);
  assert_true(e.mean == INFINITY && isfinite(e.quantile[0]) && isnan(e.mcse_mean));
}

static void test_ebfmi(void **state) {
  (void)state;
  const double energy[] = {1, 3, 2, 6};
  near_to(mst_ebfmi(energy, 4), (4 + 1 + 16) / 3.0 / (14.0 / 3), 1e-15);
  const double flat[] = {1, 1, 1};
  assert_true(isnan(mst_ebfmi(flat, 3)) && isnan(mst_ebfmi(energy, 1)));
}

/* More draws than the work space can number. */
static void test_too_many(void **state) {
  (void)state;
  mst_element_work *w;
  mst_error err = {0};
  assert_int_equal(mst_element_work_make(&w, 1 << 20, 1 << 20, &mst_element_defaults, &err),
                   MASTING_ERR_FORMAT);
  assert_null(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_normal_quantile), cmocka_unit_test(test_sort),
      cmocka_unit_test(test_ess_of_counting), cmocka_unit_test(test_ess_of_known_chains),
      cmocka_unit_test(test_awkward),         cmocka_unit_test(test_ebfmi),
      cmocka_unit_test(test_too_many),        cmocka_unit_test(test_lags),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
