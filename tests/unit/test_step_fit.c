/* tests/unit/test_step_fit.c -- the step size that meets the target, from draws whose acceptance
 * follows the curve, and what happens without any. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/step_fit.h"

/* Trials around eps with acceptance erfc(kappa eps^2) plus a deterministic disturbance. */
static mst_step_trials trials_around(double eps, double kappa, int count, double disturbance) {
  mst_step_trials t = {0};
  for (int i = 0; i < count; i++) {
    double e = eps * (0.7 + 0.6 * i / count);
    mst_step_trial(&t, e, erfc(kappa * e * e) + (i % 2 ? disturbance : -disturbance));
  }
  return t;
}

static double fitted(const mst_step_trials *a, const mst_step_trials *b, double target,
                     double guess) {
  mst_step_fit fit;
  mst_step_fit_begin(&fit, target);
  mst_step_fit_add(&fit, a);
  if (b) mst_step_fit_add(&fit, b);
  return mst_step_fit_end(&fit, guess);
}

static void test_meets_target(void **state) {
  (void)state;
  const double kappa = 3.0;
  mst_step_trials t = trials_around(0.2, kappa, 30, 0.02);
  for (double target = 0.6; target < 0.96; target += 0.1) {
    double eps = fitted(&t, NULL, target, 0.2);
    assert_true(fabs(erfc(kappa * eps * eps) - target) < 0.01);
  }
}

static void test_scale_free(void **state) {
  (void)state;
  mst_step_trials t = trials_around(0.2, 3.0, 30, 0), u = trials_around(0.2e-6, 3.0e12, 30, 0);
  double a = fitted(&t, NULL, 0.8, 0.2), b = fitted(&u, NULL, 0.8, 0.2e-6);
  assert_true(fabs(b / a * 1e6 - 1) < 1e-9);
}

static void test_few_trials_keep_the_guess(void **state) {
  (void)state;
  mst_step_trials t = trials_around(0.2, 3.0, 4, 0), u = trials_around(0.2, 3.0, 5, 0);
  assert_true(fitted(&t, &u, 0.8, 0.123) == 0.123);
  mst_step_trials v = trials_around(0.2, 3.0, 6, 0);
  assert_true(fitted(&t, &v, 0.8, 0.123) != 0.123);
}

/* All accepted or none: at most a factor of two from the guess. */
static void test_bounded(void **state) {
  (void)state;
  mst_step_trials all = {0}, none = {0};
  for (int i = 0; i < 20; i++) {
    mst_step_trial(&all, 0.1, 1.0);
    mst_step_trial(&none, 0.1, NAN); /* a divergence at once */
  }
  assert_true(fabs(fitted(&all, NULL, 0.8, 0.1) - 0.2) < 1e-6);
  assert_true(fabs(fitted(&none, NULL, 0.8, 0.1) - 0.05) < 1e-6);
}

/* Only the latest trials count. */
static void test_forgets(void **state) {
  (void)state;
  mst_step_trials t = {0};
  for (int i = 0; i < 100; i++) mst_step_trial(&t, 0.1, 0.1);
  mst_step_trials same = t;
  for (int i = 0; i < MST_STEP_TRIALS; i++) mst_step_trial(&t, 0.1, erfc(2.0 * 0.01));
  double eps = fitted(&t, NULL, 0.9, 0.15);
  assert_true(fabs(erfc(2.0 * eps * eps) - 0.9) < 1e-6);
  assert_true(fitted(&same, NULL, 0.9, 0.15) < eps);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_meets_target), cmocka_unit_test(test_scale_free),
      cmocka_unit_test(test_few_trials_keep_the_guess), cmocka_unit_test(test_bounded),
      cmocka_unit_test(test_forgets)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
