/* Room base: normals by address. The same number however it is asked for, and normally
 * distributed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/std_normal.h"

#define N (1 << 17)

static double z[N + 32];

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void numbers_do_not_depend_on_how_they_are_asked_for(void **state) {
  (void)state;
  for (int isa = MST_ISA_BASE; isa <= (int)mst_isa_here(); isa++) {
    mst_std_normal_fn *normals = mst_std_normal((mst_isa)isa);
    normals(5, 3, 11, MST_USE_MOMENTUM, 0, 4096, z);
    uint64_t lot = 0;
    for (int tries = 0; tries < 2000; tries++) {
      double piece[256 + 32];
      const int64_t first = 4 * (int64_t)(mst_uniform(1, 0, 0, MST_USE_CHECK, lot++) * 900);
      const int64_t count = 1 + (int64_t)(mst_uniform(1, 0, 0, MST_USE_CHECK, lot++) * 255);
      normals(5, 3, 11, MST_USE_MOMENTUM, (uint64_t)first, count, piece);
      assert_memory_equal(piece, z + first, (size_t)count * sizeof *z);
    }
  }
}

/* Box and Muller 1958, from the words of the generator, with the C library's functions. */
static void numbers_are_box_and_mullers(void **state) {
  (void)state;
  for (int isa = MST_ISA_BASE; isa <= (int)mst_isa_here(); isa++) {
    mst_std_normal((mst_isa)isa)(9, 2, 4, MST_USE_MOMENTUM, 400, 4000, z);
    for (int i = 0; i < 4000; i += 2) {
      const uint64_t at = (uint64_t)(400 + i);
      const double u = mst_uniform(9, 2, 4, MST_USE_MOMENTUM, at);
      const double v = mst_uniform(9, 2, 4, MST_USE_MOMENTUM, at + 1);
      const double r = sqrt(-2 * log(u)), angle = 6.283185307179586477 * v;
      assert_true(fabs(z[i] - r * cos(angle)) < 1e-13 && fabs(z[i + 1] - r * sin(angle)) < 1e-13);
    }
  }
}

/* Five standard errors, and the Kolmogorov-Smirnov distance that is exceeded once in 10^5. */
static void numbers_are_normal(void **state) {
  (void)state;
  mst_std_normal(mst_isa_here())(2026, 1, 1, MST_USE_MOMENTUM, 0, N, z);
  double sum[5] = {0}, neighbours[3] = {0};
  for (int i = 0; i < N; i++) {
    for (int k = 1; k < 5; k++) sum[k] += pow(z[i], k) / N;
    for (int k = 0; k < 3; k++) neighbours[k] += z[i] * z[(i + k + 1) % N] / N;
  }
  const double se = 1 / sqrt(N);
  assert_true(fabs(sum[1]) < 5 * se && fabs(sum[2] - 1) < 5 * sqrt(2) * se);
  assert_true(fabs(sum[3]) < 5 * sqrt(15) * se && fabs(sum[4] - 3) < 5 * sqrt(96) * se);
  for (int k = 0; k < 3; k++) assert_true(fabs(neighbours[k]) < 5 * se);
  qsort(z, N, sizeof *z, ascending);
  double worst = 0;
  for (int i = 0; i < N; i++) {
    const double p = 0.5 * erfc(-z[i] / sqrt(2));
    worst = fmax(worst, fmax(fabs(p - (double)i / N), fabs(p - (double)(i + 1) / N)));
  }
  assert_true(worst * sqrt(N) < 2.47);
}

static void streams_differ_in_every_part_of_their_address(void **state) {
  (void)state;
  double a[32], b[32];
  mst_std_normal_fn *normals = mst_std_normal(mst_isa_here());
  normals(1, 2, 3, MST_USE_MOMENTUM, 0, 32, a);
  normals(2, 2, 3, MST_USE_MOMENTUM, 0, 32, b);
  assert_memory_not_equal(a, b, sizeof a);
  normals(1, 3, 3, MST_USE_MOMENTUM, 0, 32, b);
  assert_memory_not_equal(a, b, sizeof a);
  normals(1, 2, 4, MST_USE_MOMENTUM, 0, 32, b);
  assert_memory_not_equal(a, b, sizeof a);
  normals(1, 2, 3, MST_USE_INIT, 0, 32, b);
  assert_memory_not_equal(a, b, sizeof a);
  normals(1, 2, 3, MST_USE_MOMENTUM, UINT64_C(1) << 62, 32, b);
  assert_memory_not_equal(a, b, sizeof a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_do_not_depend_on_how_they_are_asked_for),
      cmocka_unit_test(numbers_are_box_and_mullers),
      cmocka_unit_test(numbers_are_normal),
      cmocka_unit_test(streams_differ_in_every_part_of_their_address),
  };
  return cmocka_run_group_tests_name("normals", tests, NULL, NULL);
}
