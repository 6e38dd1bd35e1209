/* Room adapt: dual averaging against its formulas, schedules against the windows that they
 * promise. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/dual_average.h"
#include "adapt/schedule.h"
#include "base/rng.h"

/* ---- dual averaging ---- */

/* Hoffman and Gelman 2014, section 3.2.1, as sums: x = mu - sqrt(t)/gamma sum(delta - a)/(t + t0),
 * averaged with weights t^-kappa. */
static void steps_are_the_papers(void **state) {
  (void)state;
  const long double target = 0.83L, eps0 = 0.4L, mu = logl(10 * eps0);
  long double sum = 0, average = 0;
  mst_dual_average d;
  mst_dual_average_begin(&d, (double)target, (double)eps0, (double)mu);
  assert_true(fabsl((long double)mst_dual_average_log(&d) - logl(eps0)) < 1e-15L);
  for (int t = 1; t <= 500; t++) {
    const double accept = mst_uniform(1, 0, 0, MST_USE_CHECK, (uint64_t)t);
    sum += target - (long double)accept;
    const long double x = mu - sqrtl(t) / 0.05L * sum / (t + 10), w = powl(t, -0.75L);
    average = w * x + (1 - w) * average;
    const double eps = mst_dual_average_update(&d, accept);
    assert_true(fabsl(logl((long double)eps) - x) < 1e-11L);
    assert_true(fabsl((long double)mst_dual_average_log(&d) - average) < 1e-11L);
  }
}

static void steps_find_the_target(void **state) {
  (void)state;
  const double targets[] = {0.6, 0.8, 0.95};
  for (int i = 0; i < 3; i++) {
    mst_dual_average d;
    double eps = 0.01;
    mst_dual_average_begin(&d, targets[i], eps, log(10 * eps));
    for (int t = 0; t < 3000; t++) eps = mst_dual_average_update(&d, exp(-eps * eps));
    const double found = exp(mst_dual_average_log(&d));
    assert_true(fabs(exp(-found * found) - targets[i]) < 0.01);
  }
}

static void what_is_no_probability_is_made_one(void **state) {
  (void)state;
  mst_dual_average a, b;
  mst_dual_average_begin(&a, 0.8, 1, 0);
  b = a;
  assert_true(mst_dual_average_update(&a, NAN) == mst_dual_average_update(&b, 0));
  assert_true(mst_dual_average_update(&a, 1.5) == mst_dual_average_update(&b, 1));
}

/* ---- schedules ---- */

#define MOST 64
typedef struct events {
  int switched[MOST], nswitched, discarded, ended;
} events;

/* One chain, told of every draw. */
static events all_events(mst_schedule_kind kind, int warmup, int chains) {
  events e = {.discarded = -1, .ended = -1};
  mst_schedule s;
  mst_schedule_begin(&s, kind, warmup, chains);
  const bool never = s.final;
  for (int draw = 1; draw <= warmup; draw++) {
    const mst_schedule_event now = mst_schedule_at(&s, draw);
    if (now.switched) e.switched[e.nswitched++] = draw;
    if (now.discarded) {
      assert_int_equal(e.discarded, -1);
      e.discarded = draw;
    }
    if (now.ended) {
      assert_int_equal(e.ended, -1);
      e.ended = draw;
    }
    assert_true(e.nswitched < MOST && s.final == (never || e.ended >= 0));
  }
  return e;
}

/* Stan's reference manual: 75 | 25 50 100 200 500 | 50 of 1000, and other lengths by its rule. */
static void variance_windows_are_stans(void **state) {
  (void)state;
  const struct {
    int warmup, discarded, windows[8];
  } want[] = {{1000, 75, {100, 150, 250, 450, 950}},
              {2000, 75, {100, 150, 250, 450, 850, 1950}},
              {500, 75, {100, 150, 250, 450}},
              {300, 75, {100, 150, 250}},
              {150, 75, {100}},
              {100, 15, {90}},
              {20, 3, {18}}};
  for (int i = 0; i < 7; i++) {
    const events e = all_events(MST_SCHEDULE_STAN, want[i].warmup, 1);
    int n = 0;
    for (; n < 8 && want[i].windows[n]; n++) assert_int_equal(e.switched[n], want[i].windows[n]);
    assert_int_equal(e.nswitched, n);
    assert_int_equal(e.discarded, want[i].discarded);
    assert_int_equal(e.ended, want[i].windows[n - 1]);
  }
  assert_int_equal(all_events(MST_SCHEDULE_STAN, 19, 1).ended, -1); /* step size alone */
}

/* nutpie's rule for one chain: every 10 draws for 30 %, then 80 and growing by half, final at 85
 * %. */
static void fisher_switches_are_nutpies(void **state) {
  (void)state;
  const events e = all_events(MST_SCHEDULE_FISHER, 1000, 1);
  int i = 0;
  for (; i < 30; i++) assert_int_equal(e.switched[i], 10 * (i + 1));
  const int late[] = {380, 500, 680};
  for (int k = 0; k < 3; k++, i++) assert_int_equal(e.switched[i], late[k]);
  assert_int_equal(e.nswitched, i);
  assert_int_equal(e.ended, 850);
}

static void schedules_end_whatever_the_length(void **state) {
  (void)state;
  for (int warmup = 0; warmup < 700; warmup++)
    for (int chains = 1; chains <= 8; chains++)
      for (int kind = MST_SCHEDULE_NONE; kind <= MST_SCHEDULE_STAN; kind++) {
        const events e = all_events((mst_schedule_kind)kind, warmup, chains);
        const int least = kind == MST_SCHEDULE_STAN ? 20 : 10;
        if (kind == MST_SCHEDULE_NONE || warmup < least) {
          assert_true(e.ended == -1 && e.nswitched == 0);
          continue;
        }
        assert_true(e.ended > 0 && e.ended <= warmup);
        for (int i = 0; i < e.nswitched; i++) assert_true(e.switched[i] <= e.ended);
        /* and leaves draws for the step size with the final metric */
        if (warmup >= 20) assert_true(e.ended < warmup);
      }
}

/* With a pool, time is a mean over chains and comes in fractions: nothing is skipped. */
static void time_in_fractions_skips_nothing(void **state) {
  (void)state;
  mst_schedule s;
  int switches = 0, ends = 0;
  mst_schedule_begin(&s, MST_SCHEDULE_FISHER, 300, 8);
  for (int total = 1; total <= 2400; total++) {
    const mst_schedule_event e = mst_schedule_at(&s, total / 8.0);
    switches += e.switched;
    ends += e.ended;
  }
  const events whole = all_events(MST_SCHEDULE_FISHER, 300, 8);
  assert_int_equal(switches, whole.nswitched);
  assert_int_equal(ends, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_are_the_papers),
      cmocka_unit_test(steps_find_the_target),
      cmocka_unit_test(what_is_no_probability_is_made_one),
      cmocka_unit_test(variance_windows_are_stans),
      cmocka_unit_test(fisher_switches_are_nutpies),
      cmocka_unit_test(schedules_end_whatever_the_length),
      cmocka_unit_test(time_in_fractions_skips_nothing),
  };
  return cmocka_run_group_tests_name("adaptation", tests, NULL, NULL);
}
