/* masting/stan/hypergeometric.h: values and all derivatives against mpmath's, data and lanes the
 * same, lanes that do not see each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <masting/stan/hypergeometric.h>

/* clang-format off */
#include "hypergeometric_values.h"
/* clang-format on */
enum { ROWS = sizeof known / sizeof *known, MOST = 6 };

static void expect_near(int row, int component, double got, double expected, double tolerance) {
  if (isnan(got) && isnan(expected)) return;
  if (fabs(got - expected) <= tolerance * fmax(fabs(expected), 1e-300)) return;
  fail_msg("row %d, component %d: expected %.17g, got %.17g", row, component, expected, got);
}

static int arguments(int row) { return known[row].p + known[row].q + 1; }

static void test_values(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int row = 0; row < ROWS; row++) {
    const double *x = known[row].x;
    int p = known[row].p, q = known[row].q;
    double y;
    d_hypergeometric_series(&arena, p, q, x, x + p, x + p + q, &y);
    expect_near(row, 0, y, known[row].value, 1e-15);
  }
  masting_arena_free(&arena);
}

/* Each row between others of the same kind, of which one has no value. */
static void test_slopes(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int row = 0; row < ROWS; row++) {
    int p = known[row].p, q = known[row].q, n = arguments(row), lane = row % MASTING_LANES;
    vreal x[MOST], adj[MOST], y, y_adj = v_all(2);
    double alone;
    for (int i = 0; i < n; i++) {
      x[i] = v_put(v_all(i == n - 1 ? 0.25 : 0.5 + i), lane, known[row].x[i]);
      adj[i] = v_all(3);
    }
    v_hypergeometric_series(&arena, p, q, x, x + p, x + p + q, &y);
    d_hypergeometric_series(&arena, p, q, known[row].x, known[row].x + p, known[row].x + p + q,
                            &alone);
    assert_true(v_get(y, lane) == alone || (isnan(alone) && isnan(v_get(y, lane))));
    v_hypergeometric_series_adj(&arena, p, q, x, x + p, x + p + q, &y, &y_adj, adj, adj + p,
                                adj + p + q);
    for (int i = 0; i < n; i++)
      expect_near(row, 1 + i, v_get(adj[i], lane), 3 + 2 * known[row].slope[i], 3e-14);
    for (int c = 0; c < MASTING_LANES; c++) /* the others are alike, but for 2F0 */
      for (int i = 0; i < n && c != lane && p <= q + 1; i++)
        assert_true(v_get(adj[i], c) == v_get(adj[i], lane == 0) && !isnan(v_get(adj[i], c)));
    vreal only = v_all(3);
    v_hypergeometric_series_adj(&arena, p, q, x, x + p, x + p + q, &y, &y_adj, NULL, NULL, &only);
    expect_near(row, n, v_get(only, lane), v_get(adj[n - 1], lane), 0);
  }
  masting_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_slopes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
