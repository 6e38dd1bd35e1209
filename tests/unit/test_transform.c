/* tests/unit/test_transform.c -- every constraining transform, in lanes and as scalars.
 *
 * Compiled at several lane widths. What is checked without reference to the code's own formulas:
 * the log Jacobian is the logarithm of the determinant of a matrix of central differences, the
 * gradient is a central difference of a log density, the inverse undoes the map.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/transform.h"
#include "model/transform_lanes.h"

#define MOST 12

static const mst_span spans[] = {
    {MASTING_IDENTITY, 0, 0, 1, 5, 5, 1},         {MASTING_LOWER, 0, 0, 1, 5, 5, 1},
    {MASTING_LOWER, -3.5, 0, 1, 5, 5, 1},         {MASTING_UPPER, 0, 0, 1, 5, 5, 1},
    {MASTING_UPPER, 0, 2.25, 1, 5, 5, 1},         {MASTING_INTERVAL, 0, 1, 1, 5, 5, 1},
    {MASTING_INTERVAL, -1, 4, 1, 5, 5, 1},        {MASTING_ORDERED, 0, 0, 1, 5, 5, 1},
    {MASTING_ORDERED, 0, 0, 3, 4, 4, 1}, /* rows of a row-major matrix */
    {MASTING_ORDERED, 0, 0, 3, 4, 1, 3}, /* rows of a column-major matrix */
    {MASTING_ORDERED, 0, 0, 3, 1, 1, 3}, /* vectors of one element: nothing to order */
    {MASTING_POSITIVE_ORDERED, 0, 0, 1, 5, 5, 1}, {MASTING_POSITIVE_ORDERED, 0, 0, 2, 3, 1, 2},
};
#define NSPANS ((int)(sizeof spans / sizeof spans[0]))

static int elements(const mst_span *s) { return (int)(s->groups * s->length); }

/* Fixed points, another one for each lane. */
static double point(int lane, int i) {
  return sin(1.0 + 2.7 * i + 0.9 * lane) * (1.0 + 0.2 * lane);
}

static void lanes_forward(const mst_span *s, vreal *y, vreal *x, vreal *lp) {
  for (int i = 0; i < elements(s); i++) {
    y[i] = v_all(0.0);
    for (int lane = 0; lane < MASTING_LANES; lane++) y[i] = v_put(y[i], lane, point(lane, i));
  }
  *lp = v_all(0.5); /* is added to */
  mst_constrain(s, y, x, lp);
}

static void close_to(double got, double want, double tolerance) {
  double scale = fabs(want) > 1 ? fabs(want) : 1;
  if (!(fabs(got - want) <= tolerance * scale)) fail_msg("expected %.17g, got %.17g", want, got);
}

static void test_lanes_agree_with_scalars(void **state) {
  (void)state;
  for (int k = 0; k < NSPANS; k++) {
    vreal y[MOST], x[MOST] = {0}, lp;
    lanes_forward(&spans[k], y, x, &lp);
    for (int lane = 0; lane < MASTING_LANES; lane++) {
      double ys[MOST], xs[MOST], lps = 0.5;
      for (int i = 0; i < elements(&spans[k]); i++) ys[i] = v_get(y[i], lane);
      mst_constrain_scalar(&spans[k], ys, xs, &lps);
      close_to(v_get(lp, lane), lps, 1e-14);
      for (int i = 0; i < elements(&spans[k]); i++) close_to(v_get(x[i], lane), xs[i], 1e-15 * 4);
    }
  }
}

static void test_inverse(void **state) {
  (void)state;
  for (int k = 0; k < NSPANS; k++)
    for (int lane = 0; lane < 4; lane++) {
      double y[MOST], x[MOST], back[MOST], lp = 0;
      mst_error err = {0};
      for (int i = 0; i < elements(&spans[k]); i++) y[i] = point(lane, i);
      mst_constrain_scalar(&spans[k], y, x, &lp);
      assert_int_equal(mst_unconstrain_scalar(&spans[k], "x", x, back, &err), MASTING_OK);
      for (int i = 0; i < elements(&spans[k]); i++) close_to(back[i], y[i], 1e-13);
    }
}

/* log |det| by elimination with row exchange; a[n][n] is destroyed. */
static double log_det(double a[MOST][MOST], int n) {
  double sum = 0;
  for (int k = 0; k < n; k++) {
    int top = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(a[i][k]) > fabs(a[top][k])) top = i;
    for (int j = 0; j < n; j++) {
      double t = a[k][j];
      a[k][j] = a[top][j];
      a[top][j] = t;
    }
    sum += log(fabs(a[k][k]));
    for (int i = k + 1; i < n; i++)
      for (int j = n - 1; j >= k; j--) a[i][j] -= a[i][k] / a[k][k] * a[k][j];
  }
  return sum;
}

static void test_log_jacobian_is_the_determinant(void **state) {
  (void)state;
  const double h = 1e-5;
  for (int k = 0; k < NSPANS; k++) {
    int n = elements(&spans[k]);
    double y[MOST], up[MOST], down[MOST], a[MOST][MOST], lp = 0, ignored = 0;
    for (int i = 0; i < n; i++) y[i] = point(0, i);
    mst_constrain_scalar(&spans[k], y, up, &lp);
    for (int j = 0; j < n; j++) {
      double at = y[j];
      y[j] = at + h;
      mst_constrain_scalar(&spans[k], y, up, &ignored);
      y[j] = at - h;
      mst_constrain_scalar(&spans[k], y, down, &ignored);
      y[j] = at;
      for (int i = 0; i < n; i++) a[i][j] = (up[i] - down[i]) / (2 * h);
    }
    close_to(lp, log_det(a, n), 1e-8);
  }
}

/* A log density on the constrained scale, and its slope. */
static double density(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s += (0.3 + 0.1 * i) * x[i] - 0.5 * x[i] * x[i] * (1 + 0.05 * i);
  return s;
}
static vreal slope(vreal x, int i) { return (0.3 + 0.1 * i) - x * (1 + 0.05 * i); }

static double whole(const mst_span *s, const double *y) {
  double x[MOST], lp = 0;
  mst_constrain_scalar(s, y, x, &lp);
  return lp + density(x, elements(s));
}

static void test_gradient(void **state) {
  (void)state;
  const double h = 1e-5;
  for (int k = 0; k < NSPANS; k++) {
    int n = elements(&spans[k]);
    vreal y[MOST], x[MOST], grad[MOST], apart[MOST], lp;
    lanes_forward(&spans[k], y, x, &lp);
    for (int i = 0; i < n; i++) grad[i] = slope(x[i], i);
    mst_constrain_back(&spans[k], y, x, grad, apart);
    mst_constrain_back(&spans[k], y, x, grad, grad); /* in place: the same bits */
    assert_memory_equal(grad, apart, (size_t)n * sizeof(vreal));
    for (int lane = 0; lane < MASTING_LANES; lane++) {
      double ys[MOST];
      for (int i = 0; i < n; i++) ys[i] = v_get(y[i], lane);
      for (int i = 0; i < n; i++) {
        double at = ys[i];
        ys[i] = at + h;
        double up = whole(&spans[k], ys);
        ys[i] = at - h;
        double down = whole(&spans[k], ys);
        ys[i] = at;
        close_to(v_get(grad[i], lane), (up - down) / (2 * h), 1e-7);
      }
    }
  }
}

/* Far out: no NaN, the border of the support, the right asymptote of the log Jacobian. */
static void test_far_out(void **state) {
  (void)state;
  const mst_span s = {MASTING_INTERVAL, 2, 5, 1, 2, 2, 1};
  vreal y[2] = {v_all(800.0), v_all(-800.0)}, x[2], grad[2] = {v_all(1.0), v_all(1.0)};
  vreal lp = v_all(0.0);
  mst_constrain(&s, y, x, &lp);
  mst_constrain_back(&s, y, x, grad, grad);
  assert_true(v_get(x[0], 0) == 5 && v_get(x[1], 0) == 2);
  close_to(v_get(lp, 0), 2 * log(3) - 1600, 1e-14);
  assert_true(v_get(grad[0], 0) == -1 && v_get(grad[1], 0) == 1);
}

static void test_nan_stays(void **state) {
  (void)state;
  for (int k = 1; k < NSPANS; k++) {
    vreal y[MOST], x[MOST] = {0}, lp;
    lanes_forward(&spans[k], y, x, &lp);
    y[0] = v_put(y[0], MASTING_LANES - 1, NAN);
    lp = v_all(0.0);
    mst_constrain(&spans[k], y, x, &lp);
    assert_true(isnan(v_get(x[0], MASTING_LANES - 1)));
    if (spans[k].transform != MASTING_ORDERED) assert_true(isnan(v_get(lp, MASTING_LANES - 1)));
    if (MASTING_LANES > 1) assert_true(isfinite(v_get(lp, 0)) != 0);
  }
}

static void test_refuses_outside(void **state) {
  (void)state;
  const struct {
    int span;
    double x[MOST];
    const char *part;
  } bad[] = {{1, {1, 1, -1, 1, 1}, "sigma: element 3 is outside its support; expected between 0"},
             {4, {1, 2.25, 1, 1, 1}, "element 2"},
             {6, {0, 0, 0, 0, 4}, "expected between -1 and 4, got 4"},
             {7, {1, 2, 2, 3, 4}, "element 3"},
             {9, {1, 1, 1, 2, 1, 2, 3, 3, 3, 4, 4, 4}, "element 5"}, /* row 1: 1, 1, 3, 4 */
             {11, {-1, 2, 3, 4, 5}, "element 1"},
             {1, {1, NAN, 1, 1, 1}, "element 2"}};
  for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
    double y[MOST];
    mst_error err = {0};
    assert_int_equal(mst_unconstrain_scalar(&spans[bad[k].span], "sigma", bad[k].x, y, &err),
                     MASTING_ERR_DATA);
    if (!strstr(err.message, bad[k].part)) fail_msg("%s", err.message);
  }
}

/* Whole parameters and rows find their elements: w[2,3] ordered and column-major after s, and
 * row-local u[N] > 0 beside v[N,2] ordered. */
static void test_layout_forms(void **state) {
  (void)state;
  enum { N, A, B };
  const masting_size sizes[] = {{.name = "N"}, {.name = "A"}, {.name = "B"}};
  const masting_param params[] = {
      {.name = "s", .transform = MASTING_LOWER, .lower = 0},
      {.name = "w", .ndims = 2, .dims = {A, B}, .transform = MASTING_ORDERED, .column_major = 1},
      {.name = "u", .ndims = 1, .dims = {N}, .transform = MASTING_LOWER, .lower = 0},
      {.name = "v", .ndims = 2, .dims = {N, A}, .transform = MASTING_ORDERED, .column_major = 1}};
  const masting_model m = {.sizes = sizes, .nsizes = 3, .shard = N, .params = params, .nparams = 4};
  const mst_layout l = {.model = &m,
                        .size = {4, 2, 3},
                        .n = 4,
                        .globals = 7,
                        .locals = 3,
                        .param = {{.elements = 1, .shard_dim = -1},
                                  {.offset = 1, .elements = 6, .shard_dim = -1, .dims = {2, 3}},
                                  {.local = true, .elements = 1, .dims = {4}},
                                  {.local = true, .offset = 1, .elements = 2, .dims = {4, 2}}}};
  vreal y[12], x[12], grad[12], lp = v_all(0.0);
  for (int i = 0; i < 12; i++) y[i] = v_all(0.1 * i);
  for (int p = 0; p < 2; p++) mst_constrain_param(&l, p, y, x, &lp);
  close_to(v_get(x[0], 0), 1, 1e-15);
  assert_true(v_get(x[1], 0) == 0.1 && v_get(x[2], 0) == 0.2);
  close_to(v_get(x[3], 0), 0.1 + exp(0.3), 1e-15);
  close_to(v_get(x[6], 0), 0.2 + exp(0.4) + exp(0.6), 1e-15);
  close_to(v_get(lp, 0), 0.3 + 0.4 + 0.5 + 0.6, 1e-15);
  for (int i = 0; i < 7; i++) grad[i] = v_all(1.0);
  for (int p = 0; p < 2; p++) mst_constrain_param_back(&l, p, y, x, grad, grad);
  close_to(v_get(grad[0], 0), 2, 1e-15);
  close_to(v_get(grad[1], 0), 3, 1e-15);
  close_to(v_get(grad[4], 0), 2 * exp(0.4) + 1, 1e-15);
  lp = v_all(0.0);
  for (int p = 2; p < 4; p++) mst_constrain_rows(&l, p, 4, y, x, &lp);
  for (int n = 0; n < 4; n++) {
    close_to(v_get(x[3 * n], 0), exp(0.3 * n), 1e-15);
    close_to(v_get(x[3 * n + 2], 0), 0.1 * (3 * n + 1) + exp(0.1 * (3 * n + 2)), 1e-15);
  }
  close_to(v_get(lp, 0), 0.1 * (0 + 2 + 3 + 5 + 6 + 8 + 9 + 11), 1e-15);
  for (int i = 0; i < 12; i++) grad[i] = v_all(1.0);
  for (int p = 2; p < 4; p++) mst_constrain_rows_back(&l, p, 4, y, x, grad, grad);
  close_to(v_get(grad[9], 0), exp(0.9) + 1, 1e-15);
  close_to(v_get(grad[10], 0), 2, 1e-15);
  close_to(v_get(grad[11], 0), exp(1.1) + 1, 1e-15);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lanes_agree_with_scalars),
                                     cmocka_unit_test(test_inverse),
                                     cmocka_unit_test(test_log_jacobian_is_the_determinant),
                                     cmocka_unit_test(test_gradient),
                                     cmocka_unit_test(test_far_out),
                                     cmocka_unit_test(test_nan_stays),
                                     cmocka_unit_test(test_refuses_outside),
                                     cmocka_unit_test(test_layout_forms)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
