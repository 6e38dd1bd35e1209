/* tests/unit/test_linalg_spectra.c -- eigenvalues, QR, singular values, exponentials and sorts of
 * linalg.h by the identities that define them.
 *
 * Compiled at several lane widths. Adjoints, lanes and doubles are test_linalg_adj.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "linalg_identities.h"

/* a[rows][cols] with column j multiplied by s[j] */
static void scale_columns(int rows, int cols, const vreal *s, vreal *a) {
  for (int e = 0; e < rows * cols; e++) a[e] = a[e] * s[e % cols];
}

static void is_ordered(int count, int sign, const vreal *x) {
  for (int i = 1; i < count; i++)
    for (int lane = 0; lane < MASTING_LANES; lane++)
      assert_true(sign * (v_get(x[i], lane) - v_get(x[i - 1], lane)) >= 0);
}

/* The eigendecomposition of a symmetric a. */
static void decomposes(const vreal *a) {
  vreal values[LA_MOST], v[LA_MOST], t[LA_MOST], c[LA_MOST], again[LA_MOST];
  v_eigendecompose_sym(&arena, n, a, values, v);
  is_ordered(n, 1, values);
  columns_are_orthonormal(n, n, v);
  turn(n, n, v, t);
  scale_columns(n, n, values, v);
  times(n, n, n, v, t, c);
  vreal whole[LA_MOST];
  memcpy(whole, a, sizeof whole);
  mirror(whole);
  all_close(n * n, c, whole);
  v_eigenvalues_sym(&arena, n, a, again);
  all_close(n, again, values);
  v_eigenvectors_sym(&arena, n, a, again);
  turn(n, n, t, v);
  all_close(n * n, again, v);
}

static void test_eigen(void **state) {
  (void)state;
  vreal a[LA_MOST];
  EACH_ORDER(at) {
    fill(n * n, a); /* any signs; what is above the diagonal must not matter */
    decomposes(a);
    fill_kind(SPD, n * n, a);
    decomposes(a);
    unit(a); /* all equal, then rank one, then zero */
    decomposes(a);
    for (int i = 0; i < n * n; i++) a[i] = v_all(1.0);
    decomposes(a);
    for (int i = 0; i < n * n; i++) a[i] = v_all(0.0);
    decomposes(a);
  }
}

/* Signs, order, sizes that would overflow if squared, and small eigenvalues beside large ones. */
static void test_known_eigen(void **state) {
  (void)state;
  double values[3], v[9];
  d_eigendecompose_sym(&arena, 2, (const double[]){2, 9, 1, 2}, values, v);
  close_to(values[0], 1, 1e-15);
  close_to(values[1], 3, 1e-15);
  for (int i = 0; i < 4; i++) close_to(v[i], i == 0 ? -sqrt(0.5) : sqrt(0.5), 1e-15);
  d_eigendecompose_sym(&arena, 3, (const double[]){3, 0, 0, 0, 1, 0, 0, 0, 2}, values, v);
  const double want[] = {0, 0, 1, 1, 0, 0, 0, 1, 0};
  for (int i = 0; i < 9; i++) close_to(v[i], want[i], 0);
  d_eigenvalues_sym(&arena, 2, (const double[]){2e200, 0, 1e200, 2e200}, values);
  close_to(values[0] / 1e200, 1, 1e-15);
  close_to(values[1] / 1e200, 3, 1e-15);
  d_eigenvalues_sym(&arena, 2, (const double[]){1e-12, 0, 1e-7, 1}, values); /* det 9.9e-13 */
  close_to(values[0] / 9.9e-13, 1, 1e-11);
  d_eigendecompose_sym(&arena, 2, (const double[]){1, 0, NAN, 1}, values, v);
  assert_true(isnan(values[0]) && isnan(values[1]) && isnan(v[0]) && isnan(v[3]));
}

static const int shapes[][2] = {{1, 1}, {1, 3}, {2, 1}, {2, 5}, {3, 3},
                                {5, 2}, {5, 8}, {8, 5}, {8, 8}};
#define EACH_SHAPE(at) for (int at = 0; at < 9 && (n = shapes[at][0], m = shapes[at][1]); at++)

static void test_qr(void **state) {
  (void)state;
  vreal a[LA_MOST], q[LA_MOST], r[LA_MOST], c[LA_MOST], thin[LA_MOST];
  EACH_SHAPE(at)
  for (int round = 0; round < 3; round++) {
    int least = n < m ? n : m;
    fill(n * m, a);
    for (int i = 0; round == 1 && i < n; i++)
      a[i * m] = v_all(0.0); /* a column to reflect nothing of */
    for (int e = 0; round == 2 && e < n * m; e++) a[e] = 1e200 * a[e];
    v_qr_Q(&arena, n, m, a, q);
    v_qr_R(&arena, n, m, a, r);
    columns_are_orthonormal(n, n, q);
    times(n, n, m, q, r, c);
    for (int e = 0; round == 2 && e < n * m; e++) {
      a[e] = 1e-200 * a[e];
      c[e] = 1e-200 * c[e];
    }
    all_close(n * m, c, a);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < m && j <= i; j++)
        for (int lane = 0; lane < MASTING_LANES; lane++)
          assert_true(i == j ? v_get(r[i * m + j], lane) >= 0 : v_get(r[i * m + j], lane) == 0);
    if (round) continue;
    v_qr_thin(&arena, n, m, a, thin, c);
    all_close(least * m, c, r);
    for (int i = 0; i < n; i++) all_close(least, thin + i * least, q + i * n);
    v_qr_thin_Q(&arena, n, m, a, c);
    assert_memory_equal(c, thin, (size_t)(n * least) * sizeof *c);
    v_qr_thin_R(&arena, n, m, a, c);
    all_close(least * m, c, r);
  }
}

static void test_svd(void **state) {
  (void)state;
  vreal a[LA_MOST], u[LA_MOST], s[LA_MOST], v[LA_MOST], t[LA_MOST], c[LA_MOST];
  EACH_SHAPE(at)
  for (int round = 0; round < 4; round++) {
    int least = n < m ? n : m;
    fill(n * m, a);
    for (int e = 0; round && e < n * m; e++) /* rank one, then zero, then huge */
      a[e] = round == 1 ? v_all(1.0) : round == 2 ? v_all(0.0) : 1e200 * a[e];
    v_svd(&arena, n, m, a, u, s, v);
    is_ordered(least, -1, s);
    columns_are_orthonormal(n, least, u);
    columns_are_orthonormal(m, least, v);
    for (int lane = 0; lane < MASTING_LANES; lane++) assert_true(v_get(s[least - 1], lane) >= 0);
    v_svd_U(&arena, n, m, a, c);
    all_close(n * least, c, u);
    v_svd_V(&arena, n, m, a, c);
    all_close(m * least, c, v);
    v_singular_values(&arena, n, m, a, c);
    assert_memory_equal(c, s, (size_t)least * sizeof *c);
    turn(m, least, v, t);
    scale_columns(n, least, s, u);
    times(n, least, m, u, t, c);
    for (int e = 0; round == 3 && e < n * m; e++) {
      a[e] = 1e-200 * a[e];
      c[e] = 1e-200 * c[e];
    }
    all_close(n * m, c, a);
  }
}

/* Penrose's four conditions, also where the rank is not full. */
static void test_generalized_inverse(void **state) {
  (void)state;
  vreal a[LA_MOST], x[LA_MOST], ax[LA_MOST], xa[LA_MOST], c[LA_MOST], t[LA_MOST];
  EACH_SHAPE(at)
  for (int round = 0; round < 3; round++) {
    fill_kind(APART, n * m, a);
    for (int i = 0; i < n * m; i++) /* two equal rows, then zero */
      if (round == 2 || (round == 1 && n > 1 && i / m == 1))
        a[i] = round == 1 ? a[i - m] : v_all(0.0);
    v_generalized_inverse(&arena, n, m, a, x);
    times(n, m, n, a, x, ax);
    times(m, n, m, x, a, xa);
    times(n, n, m, ax, a, c);
    all_close(n * m, c, a);
    times(m, m, n, xa, x, c);
    all_close(m * n, c, x);
    turn(n, n, ax, t);
    all_close(n * n, t, ax);
    turn(m, m, xa, t);
    all_close(m * m, t, xa);
  }
}

/* The exponential against its series, summed for a matrix small enough, and squared. */
static void test_matrix_exp(void **state) {
  (void)state;
  vreal a[LA_MOST], y[LA_MOST], term[LA_MOST], sum[LA_MOST], next[LA_MOST];
  EACH_ORDER(at) {
    fill_kind(WILD, n * n, a);
    v_matrix_exp(&arena, n, a, y);
    unit(term);
    unit(sum);
    for (int p = 1; p < 30; p++) {
      times(n, n, n, term, a, next);
      for (int e = 0; e < n * n; e++) {
        term[e] = next[e] / (1024.0 * p);
        sum[e] += term[e];
      }
    }
    for (int square = 0; square < 10; square++) {
      times(n, n, n, sum, sum, next);
      memcpy(sum, next, sizeof sum);
    }
    all_close(n * n, y, sum);
  }
  double z[4];
  n = 2;
  d_matrix_exp(&arena, 2, (const double[]){0, -20, 20, 0}, z); /* a turn */
  const double want[] = {cos(20), -sin(20), sin(20), cos(20)};
  for (int e = 0; e < 4; e++) close_to(z[e], want[e], 1e-13);
  d_matrix_exp(&arena, 2, (const double[]){0, 1e6, 0, 0}, z); /* nilpotent */
  close_to(z[0], 1, 1e-13);
  close_to(z[1], 1e6, 1e-13);
  d_matrix_exp(&arena, 2, (const double[]){-800, 0, 0, 3}, z);
  assert_true(z[0] >= 0 && z[0] < 1e-300);
  close_to(z[3], exp(3), 1e-12);
  d_matrix_exp(&arena, 2, (const double[]){INFINITY, 0, 0, 1}, z);
  assert_true(isnan(z[0]) && isnan(z[3]));
}

static void test_matrix_power(void **state) {
  (void)state;
  vreal a[LA_MOST], y[LA_MOST], want[LA_MOST], next[LA_MOST];
  EACH_ORDER(at) {
    fill(n * n, a);
    unit(want);
    for (int power = 0; power < 12; power++) {
      v_matrix_power(&arena, n, power, a, y);
      all_close(n * n, y, want);
      times(n, n, n, want, a, next);
      memcpy(want, next, sizeof want);
    }
    v_matrix_power(&arena, n, -1, a, y);
    assert_true(isnan(v_get(y[0], 0)));
  }
}

static void test_sorts(void **state) {
  (void)state;
  const double x[] = {3, -1, 3, 2, -1, 7, -INFINITY};
  const int xi[] = {3, -1, 3, 2, -1, 7, INT32_MIN}, up[] = {7, 2, 5, 4, 1, 3, 6};
  const int down[] = {6, 1, 3, 4, 2, 5, 7};
  double y[7];
  int order[7], again[7];
  d_sort_indices_asc(&arena, 7, x, order);
  assert_memory_equal(order, up, sizeof up);
  i_sort_indices_asc(&arena, 7, xi, order);
  assert_memory_equal(order, up, sizeof up);
  d_sort_indices_desc(&arena, 7, x, order);
  assert_memory_equal(order, down, sizeof down);
  i_sort_indices_desc(&arena, 7, xi, order);
  assert_memory_equal(order, down, sizeof down);
  d_sort_asc(&arena, 7, x, y);
  i_sort_asc(&arena, 7, xi, again);
  for (int i = 0; i < 7; i++) assert_true(y[i] == x[up[i] - 1] && again[i] == xi[up[i] - 1]);
  d_sort_desc(&arena, 7, x, y);
  i_sort_desc(&arena, 7, xi, again);
  for (int i = 0; i < 7; i++) assert_true(y[i] == x[down[i] - 1] && again[i] == xi[down[i] - 1]);
  i_cumulative_sum(&arena, 4, xi, again);
  assert_true(again[0] == 3 && again[1] == 2 && again[2] == 5 && again[3] == 7);
  d_sort_asc(&arena, 2, (const double[]){NAN, 1}, y);
  assert_true(isnan(y[0]) && isnan(y[1]));
}

/* Lengths around powers of two, lanes in different orders, many ties. */
static void test_lanes_are_sorted(void **state) {
  (void)state;
  static vreal x[LA_MOST], up[LA_MOST], down[LA_MOST];
  for (int count = 0; count <= 70; count++) {
    fill(count, x);
    for (int i = 0; i < count; i++)
      for (int lane = 0; lane < MASTING_LANES; lane++)
        x[i] = v_put(x[i], lane, floor(10 * v_get(x[i], lane)));
    v_sort_asc(&arena, count, x, up);
    v_sort_desc(&arena, count, x, down);
    is_ordered(count, 1, up);
    is_ordered(count, -1, down);
    for (int lane = 0; lane < MASTING_LANES; lane++)
      for (int value = -10; value <= 10; value++) {
        int before = 0, after = 0;
        for (int i = 0; i < count; i++) {
          before += v_get(x[i], lane) == value;
          after += v_get(up[i], lane) == value;
          assert_true(v_get(up[i], lane) == v_get(down[count - 1 - i], lane));
        }
        assert_int_equal(before, after);
      }
  }
}

static int end(void **state) {
  (void)state;
  masting_arena_free(&arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_eigen),
      cmocka_unit_test(test_known_eigen),
      cmocka_unit_test(test_qr),
      cmocka_unit_test(test_svd),
      cmocka_unit_test(test_generalized_inverse),
      cmocka_unit_test(test_matrix_exp),
      cmocka_unit_test(test_matrix_power),
      cmocka_unit_test(test_sorts),
      cmocka_unit_test(test_lanes_are_sorted),
  };
  return cmocka_run_group_tests(tests, NULL, end);
}
