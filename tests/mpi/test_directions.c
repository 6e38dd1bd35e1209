/* The spectrum of a distributed matrix and its outermost directions: a matrix whose eigenvalues
 * and eigenvectors are known by construction, as covariance and as precision, on every number of
 * ranks; condition numbers; a precision that is not positive definite. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dist_kit.h"
#include "linalg/lapack.h"
#include "optim/directions.h"

static mst_comm all;

/* A = Q diag(lambda) Q', Q = I - 2 u u' with u a unit vector: column k of Q is its eigenvector. */
typedef struct known {
  int n;
  double *u, *lambda;
  double factor; /* of the whole */
} known;

static double q(const known *k, int i, int j) { return (i == j) - 2 * k->u[i] * k->u[j]; }

static double known_element(int i, int j, void *context) {
  const known *k = context;
  double sum = 0;
  for (int m = 0; m < k->n; m++) sum += q(k, i, m) * k->lambda[m] * q(k, j, m);
  return k->factor * sum;
}

static known known_of(int n) {
  known k = {n, calloc((size_t)n, 8), calloc((size_t)n, 8), 1};
  double square = 0;
  for (int i = 0; i < n; i++) {
    k.u[i] = kit_uniform((uint64_t)i);
    square += k.u[i] * k.u[i];
    k.lambda[i] = pow(10, 4.0 * i / (n > 1 ? n - 1 : 1) - 2); /* ascending, condition 1e4 */
  }
  for (int i = 0; i < n; i++) k.u[i] /= sqrt(square);
  return k;
}

static void known_free(known *k) {
  free(k->u);
  free(k->lambda);
}

/* LAPACK's word on the matrix with a diagonal of ones. */
static double scaled_by_lapack(known *k) {
  const size_t n = (size_t)k->n;
  double *a = calloc(n * n, 8), *values = calloc(n, 8);
  mst_error err = {0};
  for (int i = 0; i < k->n; i++)
    for (int j = 0; j <= i; j++)
      a[(size_t)i * n + (size_t)j] =
          known_element(i, j, k) / sqrt(known_element(i, i, k) * known_element(j, j, k));
  assert_int_equal(mst_spectrum("a", a, k->n, values, false, &err), MASTING_OK);
  const double condition = values[n - 1] / values[0];
  free(a);
  free(values);
  return condition;
}

/* Vector number v is eigenvector number e, its largest component positive. */
static void same_direction(const known *k, const double *v, int e) {
  double dot = 0, largest = 0;
  for (int i = 0; i < k->n; i++) {
    dot += v[i] * q(k, i, e);
    if (fabs(v[i]) > fabs(largest)) largest = v[i];
  }
  if (!(fabs(fabs(dot) - 1) < 1e-9)) fail_msg("eigenvector %d: cosine %.12g", e, dot);
  assert_true(largest > 0);
}

static void compare(int n, mst_directions_of sense) {
  known k = known_of(n);
  mst_directions d;
  mst_error err = {0};
  assert_int_equal(mst_directions_of_elements(&d, &all, n, known_element, &k, sense, &err),
                   MASTING_OK);
  assert_int_equal(d.n, n);
  assert_int_equal(d.flat, 0);
  for (int i = 0; i < n; i++) {
    const double want =
        sense == MST_OF_COVARIANCE ? sqrt(k.lambda[i]) : 1 / sqrt(k.lambda[n - 1 - i]);
    if (!(fabs(d.sd[i] / want - 1) < 1e-9)) fail_msg("sd %d: %.12g, want %.12g", i, d.sd[i], want);
  }
  assert_true(fabs(d.condition / (n > 1 ? 1e4 : 1.0) - 1) < 1e-9);
  assert_true(fabs(d.scaled / scaled_by_lapack(&k) - 1) < 1e-9);
  assert_int_equal(d.count, n / 2 < MST_DIRECTIONS ? n / 2 : MST_DIRECTIONS);
  for (int v = 0; v < 2 * d.count; v++) {
    const int at = v < d.count ? v : n - 2 * d.count + v;
    same_direction(&k, d.vector + (size_t)v * (size_t)n,
                   sense == MST_OF_COVARIANCE ? at : n - 1 - at);
  }
  mst_directions_free(&d);
  known_free(&k);
}

static void test_known(void **state) {
  (void)state;
  const int orders[] = {1, 2, 5, MST_TILE, MST_TILE + 1, 2 * MST_TILE + 40};
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
    compare(orders[i], MST_OF_COVARIANCE);
    compare(orders[i], MST_OF_PRECISION);
  }
}

static void test_flat(void **state) {
  (void)state;
  known k = known_of(40);
  mst_directions d;
  mst_error err = {0};
  k.lambda[7] = -k.lambda[7];
  k.lambda[20] = -k.lambda[20];
  assert_int_equal(
      mst_directions_of_elements(&d, &all, k.n, known_element, &k, MST_OF_PRECISION, &err),
      MASTING_OK);
  assert_int_equal(d.flat, 2);
  assert_true(isinf(d.sd[39]) && isinf(d.sd[38]) && isfinite(d.sd[37]));
  assert_true(isinf(d.condition));
  mst_directions_free(&d);
  known_free(&k);
}

static void test_not_finite(void **state) {
  (void)state;
  known k = known_of(10);
  mst_directions d;
  mst_error err = {0};
  k.lambda[3] = NAN;
  assert_int_equal(
      mst_directions_of_elements(&d, &all, k.n, known_element, &k, MST_OF_PRECISION, &err),
      MASTING_ERR_DATA);
  mst_directions_free(&d);
  known_free(&k);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err) != MASTING_OK) {
    mst_error_print(&err);
    return 1;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_known), cmocka_unit_test(test_flat),
                                     cmocka_unit_test(test_not_finite)};
  const int failed = cmocka_run_group_tests_name("directions", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
