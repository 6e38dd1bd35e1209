/* Room linalg, one process: factors, inverses, covariances and spectra against their definitions;
 * what is refused; one thread, whatever OMP_NUM_THREADS says. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "linalg/lapack.h"

#define N 400

static double a[N * N], l[N * N], s[N * N], x[3 * N * N];
static uint64_t seed = 1;

static double next(void) {
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(seed >> 11) * 0x1p-53 - 0.5;
}

/* A symmetric positive definite matrix with eigenvalues from about 0.1 to n. */
static void make_spd(double *m, int n) {
  for (int i = 0; i < n * n; i++) x[i] = next();
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = i == j ? 0.1 : 0.0;
      for (int k = 0; k < n; k++) sum += x[i * n + k] * x[j * n + k];
      m[i * n + j] = sum;
    }
}

/* Element (i, j) of p q, or p q'. */
static double row_product(const double *p, const double *q, int n, int i, int j, bool transposed) {
  double sum = 0;
  for (int k = 0; k < n; k++) sum += p[i * n + k] * (transposed ? q[j * n + k] : q[k * n + j]);
  return sum;
}

static void test_cholesky(void **state) {
  (void)state;
  const int sizes[] = {1, 2, 7, 64, 150};
  for (size_t t = 0; t < sizeof sizes / sizeof *sizes; t++) {
    int n = sizes[t], pivot = 5;
    mst_error err = {0};
    make_spd(a, n);
    memcpy(l, a, sizeof l);
    for (int i = 0; i < n; i++)
      for (int j = i + 1; j < n; j++) l[i * n + j] = NAN; /* the upper half is not read */
    assert_int_equal(mst_cholesky("m", l, n, &pivot, &err), MASTING_OK);
    assert_int_equal(pivot, -1);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        assert_true(fabs(row_product(l, l, n, i, j, true) - a[i * n + j]) < 1e-12 * n);
        if (j > i) assert_true(l[i * n + j] == 0.0);
      }
    memcpy(s, l, sizeof s);
    assert_int_equal(mst_inverse_lower("l", s, n, &err), MASTING_OK);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        assert_true(fabs(row_product(l, s, n, i, j, false) - (i == j)) < 1e-11);
    assert_int_equal(mst_inverse_from_cholesky("l", l, n, &err), MASTING_OK);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        assert_true(fabs(row_product(a, l, n, i, j, false) - (i == j)) < 1e-10);
        assert_true(l[i * n + j] == l[j * n + i]);
      }
  }
}

static void test_solve(void **state) {
  (void)state;
  const int n = 61, columns = 3;
  double b[61 * 3], kept[61 * 3];
  for (int transposed = 0; transposed < 2; transposed++) {
    mst_error err = {0};
    make_spd(l, n);
    assert_int_equal(mst_cholesky("m", l, n, NULL, &err), MASTING_OK);
    for (int i = 0; i < n * columns; i++) kept[i] = b[i] = next();
    assert_int_equal(mst_solve_lower("l", l, n, transposed, b, columns, &err), MASTING_OK);
    for (int i = 0; i < n; i++)
      for (int c = 0; c < columns; c++) {
        double sum = 0;
        for (int k = 0; k < n; k++)
          sum += (transposed ? l[k * n + i] : l[i * n + k]) * b[k * columns + c];
        assert_true(fabs(sum - kept[i * columns + c]) < 1e-10);
      }
  }
}

static void test_covariance(void **state) {
  (void)state;
  const int n = 20, rows = 201; /* several chunks, the last not full */
  double mean[20] = {0};
  mst_error err = {0};
  for (int i = 0; i < rows * n; i++) x[i] = 3 + next();
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < n; j++) mean[j] += x[i * n + j] / rows;
  for (int centred = 0; centred < 2; centred++) {
    assert_int_equal(mst_covariance("x", x, rows, n, centred ? mean : NULL, 0.25, s, &err),
                     MASTING_OK);
    for (int j = 0; j < n; j++)
      for (int k = 0; k < n; k++) {
        double sum = 0;
        for (int i = 0; i < rows; i++)
          sum += (x[i * n + j] - centred * mean[j]) * (x[i * n + k] - centred * mean[k]);
        assert_true(fabs(s[j * n + k] - 0.25 * sum) < 1e-10);
      }
  }
}

static void test_spectrum(void **state) {
  (void)state;
  const int n = 40;
  double values[40], alone[40];
  mst_error err = {0};
  make_spd(a, n);
  memcpy(l, a, sizeof l);
  memcpy(s, a, sizeof s);
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) l[i * n + j] = NAN;
  assert_int_equal(mst_spectrum("a", l, n, values, true, &err), MASTING_OK);
  assert_int_equal(mst_spectrum("a", s, n, alone, false, &err), MASTING_OK);
  for (int k = 0; k < n; k++) {
    if (k > 0) assert_true(values[k] >= values[k - 1]);
    assert_true(fabs(values[k] - alone[k]) < 1e-12);
    for (int i = 0; i < n; i++) { /* a v = value v, v is row k */
      double sum = 0;
      for (int j = 0; j < n; j++) sum += a[i * n + j] * l[k * n + j];
      assert_true(fabs(sum - values[k] * l[k * n + i]) < 1e-12);
    }
  }
}

static void test_not_positive_definite(void **state) {
  (void)state;
  for (int n = 3; n <= 103; n += 50) {
    int pivot = -1, row = n * 2 / 3;
    mst_error err = {0};
    make_spd(a, n);
    memcpy(l, a, sizeof l);
    assert_int_equal(mst_cholesky("m", l, n, NULL, &err), MASTING_OK);
    double kept = 0; /* what the rows before leave of a diagonal element: less than that, and the
                        pivot fails */
    for (int j = 0; j < row; j++) kept += l[row * n + j] * l[row * n + j];
    a[row * n + row] = kept - 1e-6;
    assert_int_equal(mst_cholesky("metric", a, n, &pivot, &err), MASTING_ERR_DATA);
    assert_int_equal(pivot, row);
    char expected[128];
    snprintf(expected, sizeof expected,
             "metric: not positive definite; pivot %d of %d is not positive", row + 1, n);
    assert_string_equal(err.message, expected);
  }
}

static void refused(const char *message, mst_error *err) {
  assert_int_equal(err->status, MASTING_ERR_DATA);
  assert_string_equal(err->message, message);
  *err = (mst_error){0};
}

static void test_refused(void **state) {
  (void)state;
  mst_error err = {0};
  int pivot = 0;
  double values[N], b[N] = {0};
  for (int k = 0; k < 3; k++) {
    double bad[] = {NAN, INFINITY, -INFINITY};
    const char *texts[] = {"nan", "inf", "-inf"};
    char message[96];
    snprintf(message, sizeof message, "m: element (7, 3) is %s; expected finite numbers", texts[k]);
    make_spd(a, 10);
    a[6 * 10 + 2] = bad[k];
    mst_cholesky("m", a, 10, &pivot, &err);
    assert_int_equal(pivot, -1);
    refused(message, &err);
    mst_inverse_lower("m", a, 10, &err);
    refused(message, &err);
    mst_inverse_from_cholesky("m", a, 10, &err);
    refused(message, &err);
    mst_solve_lower("m", a, 10, false, b, 1, &err);
    refused(message, &err);
    mst_covariance("m", a, 10, 10, NULL, 1.0, s, &err);
    refused(message, &err);
    mst_spectrum("m", a, 10, values, true, &err);
    refused(message, &err);
  }
  double singular[] = {1, 0, 0, 3, 0, 0, 1, 1, 1};
  mst_solve_lower("l", singular, 3, true, b, 1, &err);
  refused("l: singular; row 2 of 3 has 0 on the diagonal", &err);
  mst_inverse_lower("l", singular, 3, &err);
  refused("l: singular; row 2 of 3 has 0 on the diagonal", &err);
  double huge[] = {1e-300, 0, 1e200, 1e300}; /* the factor overflows on the way */
  mst_cholesky("m", huge, 2, &pivot, &err);
  assert_int_equal(pivot, 1);
  refused("m: not positive definite; pivot 2 of 2 is not positive", &err);
}

#ifdef HAVE_OPENBLAS_SET_NUM_THREADS
void openblas_set_num_threads(int threads);
#endif

/* The BLAS is set to four threads: the same bits as with one, and four again after it. */
static void test_one_thread(void **state) {
  (void)state;
#ifdef HAVE_OPENBLAS_SET_NUM_THREADS
  openblas_set_num_threads(4);
  mst_blas_hold outer = mst_blas_single(), inner = mst_blas_single();
  assert_int_equal(outer.blas, 4);
  assert_int_equal(inner.blas, 1);
  mst_blas_release(inner);
  inner = mst_blas_single();
  assert_int_equal(inner.blas, 1);
  mst_blas_release(inner);
  make_spd(a, N);
  memcpy(l, a, sizeof l);
  mst_error err = {0};
  assert_int_equal(mst_cholesky("m", a, N, NULL, &err), MASTING_OK);
  mst_blas_release(outer);
  assert_int_equal(mst_cholesky("m", l, N, NULL, &err), MASTING_OK);
  assert_memory_equal(a, l, sizeof a);
  outer = mst_blas_single();
  assert_int_equal(outer.blas, 4);
  mst_blas_release(outer);
#else
  skip();
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cholesky),
      cmocka_unit_test(test_solve),
      cmocka_unit_test(test_covariance),
      cmocka_unit_test(test_spectrum),
      cmocka_unit_test(test_not_positive_definite),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_one_thread),
  };
  return cmocka_run_group_tests_name("lapack", tests, NULL, NULL);
}
