/* Room adapt: dual averaging against its formulas, schedules against the windows that they
 * promise. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/dual_average.h"
#include "adapt/rotation.h"
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

/* ---- rotations ---- */

/* Three chains' draws of two parameters: each kind of draw moves an autoregression with the
 * correlation given, and trajectories cost `leapfrogs`. Which kind chain 0 then takes. */
static int chosen(mst_sampler_choice choice, const double *correlation, const double *acceptance,
                  int leapfrogs, bool locals) {
  enum { CHAINS = 3, DRAWS = 2000 };
  mst_rotation r;
  mst_error err = {0};
  mst_tree tree = {0};
  double q[CHAINS][2] = {{0}};
  uint64_t used = 0;
  assert_int_equal(mst_rotation_begin(&r, choice, 2, locals, CHAINS, &err), MASTING_OK);
  r.ready = true;
  for (int draw = 0; draw < DRAWS; draw++)
    for (int c = 0; c < CHAINS; c++) {
      const int kind = tree.rotating = mst_rotation_next(&r, c, false, 0);
      assert_int_equal(kind, draw % 4);
      tree.draw.n_steps = kind ? kind : leapfrogs;
      tree.draw.acceptance_rate = acceptance[kind];
      for (int i = 0; i < 2; i++) {
        double z = 0;
        for (int k = 0; k < 12; k++) z += mst_uniform(3, 0, 0, MST_USE_CHECK, used++) - 0.5;
        q[c][i] = correlation[kind] * q[c][i] + sqrt(1 - correlation[kind] * correlation[kind]) * z;
      }
      mst_rotation_warmup_draw(&r, c, &tree, (double[]){100 * c + q[c][0], 1e-3 * q[c][1]});
    }
  for (int k = 0; k < 4; k++) {
    const double rho = correlation[k], a = acceptance[k];
    const double worth = k ? fmin((1 - rho) / (1 + rho), a * a / (2 - a)) : (1 - rho) / (1 + rho);
    assert_true(fabs(mst_rotation_worth(&r, k) / fmin(1, worth) - 1) < 0.15);
  }
  mst_rotation_choose(&r, 0);
  const int steps = r.steps[0];
  assert_int_equal(mst_rotation_next(&r, 0, true, 7), steps);
  assert_int_equal(mst_rotation_next(&r, 0, true, 15), 0);
  mst_rotation_end(&r);
  return steps;
}

static void rotations_are_chosen_by_their_worth(void **state) {
  (void)state;
  const double none[4] = {0, 0, 0, 0}, sure[4] = {0.8, 1, 1, 1}, slow[4] = {0, 0.9, 0.8, 0.5};
  const double bad[4] = {0.8, 0.1, 0.2, 0.3}, thirds[4] = {0.8, 0.1, 0.5, 0.99};
  assert_int_equal(chosen(MST_SAMPLER_AUTO, none, sure, 7, false), 1);
  assert_int_equal(chosen(MST_SAMPLER_AUTO, none, sure, 1, false), 0); /* as good, and simpler */
  assert_int_equal(chosen(MST_SAMPLER_AUTO, slow, sure, 7, false), 0);
  assert_int_equal(chosen(MST_SAMPLER_AUTO, slow, sure, 15, false), 3);
  assert_int_equal(chosen(MST_SAMPLER_ROTATION, slow, sure, 7, false), 3);
  assert_int_equal(chosen(MST_SAMPLER_AUTO, none, bad, 7, false), 0);
  assert_int_equal(chosen(MST_SAMPLER_AUTO, none, thirds, 7, false), 3);
  /* a start costs a gradient more: what needs fewer starts gains */
  assert_int_equal(chosen(MST_SAMPLER_AUTO, none, sure, 3, true), 1);
}

static void too_few_trials_choose_trajectories(void **state) {
  (void)state;
  mst_rotation r;
  mst_error err = {0};
  mst_tree tree = {.draw = {.n_steps = 7, .acceptance_rate = 1}};
  mst_rotation_begin(&r, MST_SAMPLER_ROTATION, 1, false, 1, &err);
  assert_int_equal(mst_rotation_next(&r, 0, false, 0), 0); /* not ready */
  r.ready = true;
  for (int draw = 0; draw < 28; draw++) {
    tree.rotating = mst_rotation_next(&r, 0, false, 0);
    mst_rotation_warmup_draw(&r, 0, &tree, (double[]){draw % 3});
  }
  mst_rotation_choose(&r, 0);
  assert_int_equal(r.steps[0], 0);
  mst_rotation_end(&r);
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
      cmocka_unit_test(rotations_are_chosen_by_their_worth),
      cmocka_unit_test(too_few_trials_choose_trajectories),
  };
  return cmocka_run_group_tests_name("adaptation", tests, NULL, NULL);
}
