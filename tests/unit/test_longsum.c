/* par/longsum: sums that are exact at any scale, whatever the order and the parts. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "par/longsum.h"

#define N 3000

static uint64_t seed = 1;

static uint64_t next(void) {
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return seed >> 11;
}

static double sum_of(const double *x, int n) {
  int64_t sum[MST_LONG_WORDS] = {0};
  for (int i = 0; i < n; i++) mst_long_add(sum, x[i]);
  return mst_long_value(sum);
}

#define SUM(...) sum_of((const double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / 8)

static void test_known(void **state) {
  (void)state;
  assert_true(SUM(0.0, -0.0) == 0.0);
  assert_true(SUM(1e308, 1.0, -1e308) == 1.0);
  assert_true(SUM(0x1p-1074, 0x1p1000, 0x1p-1074, -0x1p1000) == 0x1p-1073);
  assert_true(SUM(-0x1.8p-1050, 0x1p-1060) == -0x1.8p-1050 + 0x1p-1060);
  assert_true(SUM(DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX, 3.5) == 3.5);
  assert_true(SUM(DBL_MAX, DBL_MAX) == INFINITY);
  assert_true(SUM(-DBL_MAX, -DBL_MAX) == -INFINITY);
  assert_true(SUM(-1.0, 0x1p-60, 0x1p-60) == -1.0);
  assert_true(SUM(0x1p53, 1.0, 1.0) == 0x1p53 + 2);
  assert_true(SUM(INFINITY, 1.0) == INFINITY);
  assert_true(SUM(-INFINITY, 1e300) == -INFINITY);
  assert_true(isnan(SUM(INFINITY, -INFINITY)));
  assert_true(isnan(SUM(1.0, NAN)));
}

/* Integers times a power of two: the sum is known from integer arithmetic. */
static void test_integers(void **state) {
  (void)state;
  const int scales[] = {-1074, -300, 0, 31, 32, 33, 900};
  for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
    int64_t whole = 0, sum[MST_LONG_WORDS] = {0};
    for (int i = 0; i < N; i++) {
      int64_t k = (int64_t)(next() >> 14) - (INT64_C(1) << 38);
      whole += k;
      mst_long_add(sum, ldexp((double)k, scales[s]));
    }
    assert_true(llabs((long long)whole) < 1LL << 53);
    assert_true(mst_long_value(sum) == ldexp((double)whole, scales[s]));
    assert_true(mst_long_value(sum) == ldexp((double)whole, scales[s])); /* it stays a sum */
  }
}

/* Numbers of all sizes and both signs: in order, backwards, and in carried parts. */
static void test_order(void **state) {
  (void)state;
  double x[N];
  int64_t forwards[MST_LONG_WORDS] = {0}, backwards[MST_LONG_WORDS] = {0};
  int64_t parts[3][MST_LONG_WORDS] = {{0}}, all[MST_LONG_WORDS] = {0};
  for (int i = 0; i < N; i++)
    x[i] = ldexp((double)next() * 0x1p-53 - 0.5, (int)(next() % 2000) - 1040);
  for (int i = 0; i < N; i++) {
    mst_long_add(forwards, x[i]);
    mst_long_add(backwards, x[N - 1 - i]);
    mst_long_add(parts[next() % 3], x[i]);
  }
  for (int k = 0; k < 3; k++) {
    mst_long_carry(parts[k]);
    mst_long_join(all, parts[k]);
  }
  const double sum = mst_long_value(forwards);
  assert_true(isfinite(sum) && sum != 0);
  assert_true(mst_long_value(backwards) == sum && mst_long_value(all) == sum);
  assert_memory_equal(forwards, all, sizeof all);
  /* taken away again, nothing is left */
  for (int i = 0; i < N; i++) mst_long_add(forwards, -x[i]);
  assert_true(mst_long_value(forwards) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_known), cmocka_unit_test(test_integers),
                                     cmocka_unit_test(test_order)};
  return cmocka_run_group_tests_name("longsum", tests, NULL, NULL);
}
