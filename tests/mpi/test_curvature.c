/* An inverse mass from second derivatives that are spread over the ranks: that of one process by
 * spectra (optim/curvature), whether they curve downwards or not; the same bits on any grid;
 * directions are told. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "optim/curvature_dist.h"
#include "dist_kit.h"
#include "fixture.h"
#include "linalg/dist_square.h"
#include "linalg/dist_symmetric.h"
#include "optim/curvature.h"

enum { P = 150 }; /* two tiles */

static mst_comm all;
static mst_layout layout;
static double s[P * P]; /* row-major, symmetric */

static double scale_of(int i) { return pow(10, 6.0 * i / P - 3); }

/* Negative definite; or with `less` taken from the curvature along (e_3 - e_90) / sqrt 2, about
 * 1 before, and the rest of the coordinates left as they were. */
static void make(double less) {
  kit k = {P, 0};
  for (int i = 0; i < P; i++)
    for (int j = 0; j <= i; j++) {
      double a = kit_spd(i, j, &k) / (1 + 0.5 * P);
      if ((i == 3 || i == 90) && (j == 3 || j == 90)) a -= (i == j ? 0.5 : -0.5) * less;
      s[i * P + j] = s[j * P + i] = -a / (scale_of(i) * scale_of(j));
    }
}
static double element(int i, int j, void *context) {
  (void)context;
  return s[i * P + j];
}

/* Lower half on rank 0; and what was told. */
static void distributed(const mst_grid *grid, double *got, char *along, size_t size) {
  mst_error err = {0};
  mst_dist d;
  double diagonal[P];
  mst_dist_begin(&d, grid, "Hessian", P, &err);
  must(&err);
  mst_dist_fill(&d, element, NULL, &err);
  must(&err);
  mst_dist_diagonal(&d, diagonal, &err);
  must(&err);
  mst_curvature_dist(&d, diagonal, &layout, "test", along, size, &err);
  must(&err);
  mst_dist_gather(&d, got, &err);
  must(&err);
  mst_dist_end(&d);
}

/* Against one process, and on every grid of these the same bits. */
static void expect(double less, double tolerance, char *along, size_t size) {
  static const int grids[][2] = {{1, 1}, {2, 1}, {1, 3}, {2, 2}};
  static double want[P * P], got[P * P], first[P * P];
  const mst_hessian h = {.globals = P, .matrix = s};
  mst_error err = {0};
  int negative_directions = 0;
  make(less);
  mst_hessian_metric(&h, MST_FLAT, want, NULL, &negative_directions, &err);
  must(&err);
  for (int g = 0; g < 4; g++) {
    mst_grid grid;
    if (grids[g][0] * grids[g][1] > all.size) continue;
    mst_grid_begin(&grid, &all, grids[g][0], grids[g][1], &err);
    must(&err);
    distributed(&grid, got, along, size);
    if (g == 0) memcpy(first, got, sizeof first);
    if (all.rank == 0) assert_memory_equal(got, first, sizeof got);
    mst_grid_end(&grid);
  }
  assert_int_equal(negative_directions > 0, *along != '\0');
  for (int i = 0; i < P && all.rank == 0; i++)
    for (int j = 0; j <= i; j++) {
      const double unit = sqrt(want[i * P + i] * want[j * P + j]);
      if (!(fabs(first[i * P + j] - want[i * P + j]) < tolerance * unit))
        fail_msg("(%d, %d): %.12g, want %.12g", i, j, first[i * P + j] / unit,
                 want[i * P + j] / unit);
    }
}

/* Both ways are a factor's rounding, condition about 3. */
static void what_curves_downwards_is_inverted(void **state) {
  (void)state;
  char along[100];
  expect(0, 1e-13, along, sizeof along);
}

/* A^2 has the condition's square, about 20, and what is added to it is 1e-13 of some 150:
 * relative to an eigenvalue of 0.2^2, 4e-10. */
static void what_curves_upwards_counts_by_its_size(void **state) {
  (void)state;
  char along[100], one[40], two[40];
  double value = 0, a = 0, b = 0;
  expect(1.7, 2e-9, along, sizeof along);
  /* Scaled to a diagonal of ones the two share r = 0.85 / 0.15, so row 90 is left with 1 - r^2
   * along (-r, 1); what others add is a few of the 1/150 that they share with these. */
  const double r = 0.85 / 0.15, length = sqrt(1 + r * r);
  if (sscanf(along, "%lf along %lf %39s %lf %39s", &value, &a, one, &b, two) != 5)
    fail_msg("%s", along);
  assert_true(fabs(value - (1 - r * r) / (1 + r * r)) < 0.03);
  assert_true(fabs(a + r / length) < 0.03 && fabs(b - 1 / length) < 0.03);
  assert_string_equal(one, "beta[3]");
  assert_string_equal(two, "beta[90]");
}

/* A direction without curvature is flat: seen, though no pivot need be negative; it counts as
 * something. */
static void what_is_flat_is_told(void **state) {
  (void)state;
  mst_error err = {0};
  mst_grid grid;
  char along[100];
  static double got[P * P];
  double first = 0, other = 0;
  make(0);
  /* 10 is 11 again, but for what no difference of gradients could tell */
  for (int j = 0; j < P; j++) {
    const double ratio = scale_of(11) / scale_of(10);
    s[10 * P + j] = s[j * P + 10] =
        j == 10 ? (1 + 1e-12) * s[11 * P + 11] * ratio * ratio : s[11 * P + j] * ratio;
  }
  mst_grid_begin(&grid, &all, 0, 0, &err);
  must(&err);
  distributed(&grid, got, along, sizeof along);
  if (sscanf(along, "%lf along %lf beta[10] %lf beta[11]", &first, &other, &other) < 2 ||
      fabs(first) > 1e-9)
    fail_msg("%s", along);
  for (int i = 0; i < P && all.rank == 0; i++)
    assert_true(isfinite(got[i * P + i]) && got[i * P + i] > 0);
  mst_grid_end(&grid);
}

/* Columns as they come, some of them twice, and not symmetric. */
static void columns_make_a_square(void **state) {
  (void)state;
  mst_error err = {0};
  mst_grid grid;
  mst_square q;
  double x[P], diagonal[P], asymmetry = -1, most = 0;
  static double got[P * P];
  mst_grid_begin(&grid, &all, 0, 0, &err);
  mst_square_begin(&q, &grid, "test", P, &err);
  must(&err);
  for (int again = 0; again < 2; again++)
    for (int j = 0; j < P; j++) {
      for (int i = 0; i < P; i++) x[i] = again || j % 7 ? 1000.0 * i + j + 1 : NAN;
      if (!again || j % 7 == 0) mst_square_column(&q, j, x);
    }
  for (int i = 0; i < P; i++) diagonal[i] = 1001.0 * i + 1;
  mst_square_mean(&q, diagonal, &asymmetry, &err);
  must(&err);
  mst_dist_gather(&q.below, got, &err);
  must(&err);
  for (int i = 0; i < P; i++)
    for (int j = 0; j <= i; j++) {
      if (all.rank == 0) assert_true(got[i * P + j] == (1001.0 * (i + j) + 2) / 2);
      most = fmax(most, 999.0 * (i - j) / sqrt(diagonal[i] * diagonal[j]));
    }
  assert_true(asymmetry == most);
  mst_square_end(&q);
  mst_grid_end(&grid);
}

int main(void) {
  mst_error err = {0};
  fixture g;
  mst_target *target = NULL;
  const int64_t size[] = {40, P - 1};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  all.threads = 2;
  fixture_make(&g, &all, "logistic", size, 11, NULL, NULL);
  mst_target_create(&target, &all, &g.set, &g.data, mst_isa_here(), 1, 0, MST_EXACT, &err);
  must(&err);
  layout = target->layout;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_curves_downwards_is_inverted),
      cmocka_unit_test(what_curves_upwards_counts_by_its_size),
      cmocka_unit_test(what_is_flat_is_told),
      cmocka_unit_test(columns_make_a_square),
  };
  int failed = cmocka_run_group_tests_name("curvature over the ranks", tests, NULL, NULL);
  mst_target_free(&target);
  fixture_free(&g);
  mst_comm_end(&all);
  return failed;
}
