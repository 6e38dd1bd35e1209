/* What warm-up learns: the metric of a Gaussian whose scales are known, a step size that meets the
 * target, and in ppca the width of a mode, not the distance between two. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drive.h"
#include "gaussian_model.h"

#define P 30

static mst_comm comm;

static double sd_of(int64_t i) { return pow(10.0, -2 + 4.0 * (double)((i * 7) % P) / (P - 1)); }

static void fill(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)row;
  double *x = out;
  for (int i = 0; i < P; i++) {
    if (variable == 0) x[i] = 100.0 * sd_of(i);
    for (int j = 0; variable == 1 && j < P; j++)
      x[i * P + j] = i == j ? 1 / (sd_of(i) * sd_of(i)) : 0;
  }
}

static bool all_over(const drive *d) {
  for (int c = 0; c < d->engine.chains; c++)
    if (!d->warm[c].over) return false;
  return true;
}

static double metric(const drive *d, int chain, int64_t i) {
  const int W = d->target->lanes;
  const mst_state *s = &d->engine.pass.global[chain / W];
  return d->engine.pass.metric_instruction.pooled ? s->minv[d->engine.pass.chain[chain].slot][i]
                                                  : s->minv_lane[i * W + chain % W];
}

/* Mean acceptance of the draws after warm-up, over chains. */
static double accepted(drive *d, int draws) {
  double sum = 0;
  int n = 0;
  while (n < draws) {
    drive_step(d);
    for (int c = 0; c < d->engine.chains; c++) {
      if (!d->engine.made[c] || d->draws[c] == 0) continue;
      sum += d->engine.tree[c].draw.acceptance_rate;
      n++;
    }
  }
  return sum / n;
}

static void learn_gaussian(const drive_options *o, double factor) {
  fixture g;
  drive d;
  const int64_t size[] = {P};
  mst_model_set set = {.name = "gaussian", .width[3] = gaussian_model};
  fixture_bind(&g, &comm, &set, size, 0, fill, NULL);
  drive_begin(&d, &comm, &g, o);
  while (!all_over(&d)) drive_step(&d);
  for (int c = 0; c < o->chains; c++)
    for (int64_t i = 0; i < P; i++) {
      const double ratio = metric(&d, c, i) / (sd_of(i) * sd_of(i));
      if (!(ratio > 1 / factor && ratio < factor))
        fail_msg("chain %d, element %d: inverse mass is %g of the variance", c, (int)i, ratio);
    }
  const double accept = accepted(&d, 2000);
  printf("accepted %.3f where 0.8 was asked for\n", accept);
  fflush(stdout);
  assert_true(fabs(accept - 0.8) < 0.08);
  drive_end(&d);
  fixture_free(&g);
}

static void pooled_metrics_are_the_variances(void **state) {
  (void)state;
  learn_gaussian(&(drive_options){8, 8, 10, 300, MST_ADAPT_FISHER, true, 3}, 1.5);
  learn_gaussian(&(drive_options){8, 8, 10, 500, MST_ADAPT_VARIANCE, true, 3}, 1.5);
  learn_gaussian(&(drive_options){20, 8, 10, 300, MST_ADAPT_FISHER, true, 3}, 1.5); /* 3 batches */
}

static void metrics_of_their_own_are_the_variances(void **state) {
  (void)state;
  learn_gaussian(&(drive_options){5, 8, 10, 600, MST_ADAPT_FISHER, false, 3}, 2);
  learn_gaussian(&(drive_options){5, 8, 10, 1000, MST_ADAPT_VARIANCE, false, 3}, 2);
}

/* Chains in both modes of ppca: w is some 3 from its mirror image, and each mode 0.1 wide. */
static void modes_do_not_mislead_the_pool(void **state) {
  (void)state;
  fixture g;
  drive d;
  const int64_t size[] = {1000, 2, 1};
  const mst_adaptation learnings[] = {MST_ADAPT_FISHER, MST_ADAPT_VARIANCE};
  for (int k = 0; k < 2; k++) {
    const drive_options o = {8, 0, 10, 400, learnings[k], true, 5};
    int negative = 0;
    fixture_make(&g, &comm, "ppca", size, 42, NULL, NULL);
    drive_begin(&d, &comm, &g, &o);
    while (!all_over(&d)) drive_step(&d);
    for (int c = 0; c < 8; c++) {
      const double *w = mst_engine_globals(&d.engine, c);
      negative += w[0] < 0;
      assert_true(fabs(w[0]) > 2);
    }
    assert_true(negative > 0 && negative < 8);
    const double inverse_mass = metric(&d, 0, 0);
    printf("inverse mass of w[0]: %g\n", inverse_mass);
    fflush(stdout);
    assert_true(inverse_mass > 0.076 * 0.076 / 3 && inverse_mass < 0.076 * 0.076 * 3);
    drive_end(&d);
    fixture_free(&g);
  }
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pooled_metrics_are_the_variances),
      cmocka_unit_test(metrics_of_their_own_are_the_variances),
      cmocka_unit_test(modes_do_not_mislead_the_pool),
  };
  int failed = cmocka_run_group_tests_name("warm-up", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
