/* Random numbers of simulators: addressed, not drawn in turn, and with the moments they should
 * have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "data/simrng.h"

enum { DRAWS = 200000 };

/* Mean and variance within 5 standard errors; kurtosis (not excess) gives that of the variance. */
static void moments(double (*draw)(masting_rng *, double), double arg, double mean, double var,
                    double kurtosis) {
  masting_rng rng;
  double sum = 0, square = 0;
  mst_simrng_start(&rng, 5, MST_USE_SIM_ROW, 17);
  for (int i = 0; i < DRAWS; i++) {
    double x = draw(&rng, arg) - mean;
    sum += x;
    square += x * x;
  }
  double se = sqrt(var / DRAWS), se_var = var * sqrt((kurtosis - 1) / DRAWS);
  if (!(fabs(sum / DRAWS) < 5 * se)) fail_msg("mean off by %g of %g", sum / DRAWS, se);
  if (!(fabs(square / DRAWS - var) < 5 * se_var))
    fail_msg("variance %g, expected %g within %g", square / DRAWS, var, se_var);
}

static double draw_uniform(masting_rng *rng, double unused) {
  (void)unused;
  return mst_simrng_ops.uniform(rng);
}
static double draw_normal(masting_rng *rng, double unused) {
  (void)unused;
  return mst_simrng_ops.normal(rng);
}
static double draw_poisson(masting_rng *rng, double mean) {
  return (double)mst_simrng_ops.poisson(rng, mean);
}

static void uniform(void **state) {
  (void)state;
  moments(draw_uniform, 0, 0.5, 1.0 / 12, 1.8);
}
static void normal(void **state) {
  (void)state;
  moments(draw_normal, 0, 0, 1, 3);
}

static void gamma_numbers(void **state) {
  (void)state;
  const double shape[] = {0.1, 0.7, 1.0, 3.5, 1000.0};
  for (int i = 0; i < 5; i++)
    moments(mst_simrng_ops.gamma, shape[i], shape[i], shape[i], 3 + 6 / shape[i]);
  masting_rng rng;
  mst_simrng_start(&rng, 5, MST_USE_SIM_ROW, 17);
  assert_true(isnan(mst_simrng_ops.gamma(&rng, 0.0)));
  assert_true(isnan(mst_simrng_ops.gamma(&rng, (double)NAN)));
}

static void poisson(void **state) {
  (void)state;
  const double mean[] = {0.3, 4.0, 9.9, 10.0, 47.5, 1e6, 1e12, 1e15};
  for (int i = 0; i < 8; i++) moments(draw_poisson, mean[i], mean[i], mean[i], 3 + 1 / mean[i]);
  masting_rng rng;
  mst_simrng_start(&rng, 5, MST_USE_SIM_ROW, 17);
  for (int i = 0; i < 100; i++) assert_int_equal(mst_simrng_ops.poisson(&rng, 0.0), 0);
  assert_int_equal(mst_simrng_ops.poisson(&rng, -1.0), -1);
  assert_int_equal(mst_simrng_ops.poisson(&rng, (double)NAN), -1);
}

/* Probabilities of single counts on both sides of the change of method at mean 10. */
static void poisson_counts(void **state) {
  (void)state;
  const double mean[] = {3.0, 12.0};
  for (int m = 0; m < 2; m++) {
    masting_rng rng;
    int count[40] = {0};
    mst_simrng_start(&rng, 6, MST_USE_SIM_ROW, 1);
    for (int i = 0; i < DRAWS; i++) {
      int64_t k = mst_simrng_ops.poisson(&rng, mean[m]);
      if (k < 40) count[k]++;
    }
    double chi2 = 0;
    int cells = 0;
    for (int k = 0; k < 40; k++) {
      double expected = DRAWS * exp(k * log(mean[m]) - mean[m] - lgamma(k + 1.0));
      if (expected < 20) continue;
      chi2 += (count[k] - expected) * (count[k] - expected) / expected;
      cells++;
    }
    assert_true(chi2 < cells + 5 * sqrt(2.0 * cells)); /* about 5 standard deviations */
  }
}

static void streams_are_addressed(void **state) {
  (void)state;
  masting_rng a, b;
  mst_simrng_start(&a, 1, MST_USE_SIM_ROW, 8);
  mst_simrng_start(&b, 1, MST_USE_SIM_ROW, 8);
  for (int i = 0; i < 9; i++) assert_true(mst_simrng_ops.normal(&a) == mst_simrng_ops.normal(&b));
  for (int what = 0; what < 3; what++) {
    mst_simrng_start(&a, 1, MST_USE_SIM_ROW, 8);
    mst_simrng_start(&b, what == 0 ? 2 : 1, what == 1 ? MST_USE_SIM_DATA : MST_USE_SIM_ROW,
                     what == 2 ? 9 : 8);
    assert_true(mst_simrng_ops.uniform(&a) != mst_simrng_ops.uniform(&b));
  }
}

/* Draws of chains and rows in them: whatever was taken before, a row's stream is its own. */
static void draws_are_addressed(void **state) {
  (void)state;
  masting_rng a, b;
  const mst_use use = MST_USE_DERIVE_ROW;
  mst_simrng_draw(&a, 1, use, 3, 7);
  mst_simrng_draw(&b, 1, use, 3, 7);
  for (int i = 0; i < 5; i++) mst_simrng_ops.normal(&a); /* odd: a spare normal is left */
  mst_simrng_ops.seek(&a, 12);
  mst_simrng_ops.seek(&b, 12);
  for (int i = 0; i < 9; i++) assert_true(mst_simrng_ops.normal(&a) == mst_simrng_ops.normal(&b));
  double first[5];
  for (int what = 0; what < 5; what++) {
    mst_simrng_draw(&a, what == 1 ? 2 : 1, what == 4 ? MST_USE_DERIVE : use, what == 2 ? 4 : 3,
                    what == 3 ? 8 : 7);
    mst_simrng_ops.seek(&a, 12);
    first[what] = mst_simrng_ops.uniform(&a);
    for (int k = 0; k < what; k++) assert_true(first[k] != first[what]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(uniform),
                                     cmocka_unit_test(normal),
                                     cmocka_unit_test(gamma_numbers),
                                     cmocka_unit_test(poisson),
                                     cmocka_unit_test(poisson_counts),
                                     cmocka_unit_test(streams_are_addressed),
                                     cmocka_unit_test(draws_are_addressed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
