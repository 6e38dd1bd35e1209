/* masting/stan/ode.h: solutions and sensitivities against closed forms, by every method; a stiff
 * system; lanes do not see each other; failures stay in their lane. Compiled at two lane widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <masting/stan/ode_multistep.h>
#include <masting/stan/ode_rk.h>

typedef void method(masting_arena *arena, const masting_ode *ode, vreal *y, vreal *sens);
static method *const methods[] = {masting_ode_rk45, masting_ode_ckrk, masting_ode_bdf,
                                  masting_ode_adams};
enum { METHODS = 4, RK = 2, TIMES = 4, COLUMNS = 5 };

/* ---- x'' = -w^2 x: y = (x, x'), p = (w) */

static void swing(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *dydt) {
  (void)ode;
  (void)t;
  dydt[0] = y[1];
  dydt[1] = -p[0] * p[0] * y[0];
}

static void swing_jacobian(const masting_ode *ode, vreal t, const vreal *y, const vreal *p,
                           vreal *dydt, vreal *rows) {
  vreal seed[2];
  swing(ode, t, y, p, dydt);
  for (int64_t pass = 0; pass < masting_ode_passes(ode); pass++) {
    vreal *row = rows + 3 * pass;
    masting_ode_seed(ode, pass, seed);
    row[0] = -seed[1] * p[0] * p[0];
    row[1] = seed[0];
    row[2] = -2 * seed[1] * p[0] * y[0];
  }
}

typedef struct swings {
  vreal y0[2], t0, ts[TIMES], p[1];
  masting_ode ode;
  vreal y[TIMES * 2], sens[TIMES * 2 * COLUMNS];
} swings;

/* Every lane has its own frequency, initial values and times. */
static void make_swings(swings *s, double tolerance, int multistep) {
  for (int c = 0; c < MASTING_LANES; c++) {
    s->y0[0] = v_put(s->y0[0], c, 1 + 0.2 * c);
    s->y0[1] = v_put(s->y0[1], c, 0.5 - 0.3 * c);
    s->p[0] = v_put(s->p[0], c, 0.7 + 0.35 * c);
    s->t0 = v_put(s->t0, c, -0.1 * c);
    for (int k = 0; k < TIMES; k++)
      s->ts[k] = v_put(s->ts[k], c, k == 2 ? 1.7 : 0.3 + (0.7 + 0.02 * c) * k);
  }
  s->ode = (masting_ode){.n = 2,
                         .np = 1,
                         .nt = TIMES,
                         .ny = 2,
                         .ts_vary = 1,
                         .t0_varies = 1,
                         .y0 = s->y0,
                         .t0 = &s->t0,
                         .ts = s->ts,
                         .p = s->p,
                         .rel_tol = tolerance,
                         .abs_tol = tolerance,
                         .max_steps = 100000,
                         .slopes = swing,
                         .jacobian = swing_jacobian,
                         .one_time = multistep};
}

/* x and x' and their derivatives by x0, x'0, w, t, t0. */
static void swing_exact(double x0, double v0, double w, double time, double y[2],
                        double d[2][COLUMNS]) {
  double c = cos(w * time), s = sin(w * time);
  y[0] = x0 * c + v0 / w * s;
  y[1] = -x0 * w * s + v0 * c;
  d[0][0] = c;
  d[0][1] = s / w;
  d[0][2] = -x0 * time * s + v0 * time * c / w - v0 * s / (w * w);
  d[0][3] = y[1];
  d[0][4] = -y[1];
  d[1][0] = -w * s;
  d[1][1] = c;
  d[1][2] = -x0 * s - x0 * w * time * c - v0 * time * s;
  d[1][3] = -w * w * y[0];
  d[1][4] = w * w * y[0];
}

static void expect_near(double got, double want, double most) {
  if (!(fabs(got - want) <= most)) print_error("got %.17g, want %.17g\n", got, want);
  assert_true(fabs(got - want) <= most);
}

static void test_closed_form(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int m = 0; m < METHODS; m++) {
    swings s = {.y0 = {v_all(0)}};
    make_swings(&s, 1e-11, m >= RK);
    methods[m](&arena, &s.ode, s.y, s.sens);
    for (int c = 0; c < MASTING_LANES; c++)
      for (int k = 0; k < TIMES; k++) {
        double y[2], d[2][COLUMNS];
        swing_exact(v_get(s.y0[0], c), v_get(s.y0[1], c), v_get(s.p[0], c),
                    v_get(s.ts[k], c) - v_get(s.t0, c), y, d);
        for (int i = 0; i < 2; i++) {
          expect_near(v_get(s.y[k * 2 + i], c), y[i], 1e-7);
          for (int j = 0; j < COLUMNS; j++)
            expect_near(v_get(s.sens[(k * 2 + i) * COLUMNS + j], c), d[i][j], 1e-6);
        }
      }
  }
  masting_arena_free(&arena);
}

/* A tolerance a million times as small must help: it is the tolerance that limits the error, not
 * the interpolant. */
static void test_tolerance(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int m = 0; m < METHODS; m++) {
    double worst[2] = {0, 0};
    for (int fine = 0; fine < 2; fine++) {
      swings s = {.y0 = {v_all(0)}};
      make_swings(&s, fine ? 1e-10 : 1e-4, m >= RK);
      methods[m](&arena, &s.ode, s.y, NULL);
      for (int k = 0; k < TIMES; k++) {
        double y[2], d[2][COLUMNS];
        swing_exact(v_get(s.y0[0], 0), v_get(s.y0[1], 0), v_get(s.p[0], 0),
                    v_get(s.ts[k], 0) - v_get(s.t0, 0), y, d);
        for (int i = 0; i < 2; i++)
          worst[fine] = fmax(worst[fine], fabs(v_get(s.y[k * 2 + i], 0) - y[i]));
      }
    }
    assert_true(worst[0] < 1e-2 && worst[1] < 1e-7 && worst[1] < worst[0] / 100);
  }
  masting_arena_free(&arena);
}

/* A lane's bits are those that it has with itself in every lane. */
static void test_lanes_alone(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int m = 0; m < METHODS; m++) {
    swings all = {.y0 = {v_all(0)}};
    make_swings(&all, 1e-6, m >= RK);
    methods[m](&arena, &all.ode, all.y, all.sens);
    for (int c = 0; c < MASTING_LANES; c++) {
      swings one = {.y0 = {v_all(0)}};
      make_swings(&one, 1e-6, m >= RK);
      for (int i = 0; i < 2; i++) one.y0[i] = v_all(v_get(all.y0[i], c));
      one.p[0] = v_all(v_get(all.p[0], c));
      one.t0 = v_all(v_get(all.t0, c));
      for (int k = 0; k < TIMES; k++) one.ts[k] = v_all(v_get(all.ts[k], c));
      methods[m](&arena, &one.ode, one.y, one.sens);
      for (int i = 0; i < TIMES * 2; i++) assert_true(v_get(one.y[i], 0) == v_get(all.y[i], c));
      for (int i = 0; i < TIMES * 2 * COLUMNS; i++)
        assert_true(v_get(one.sens[i], 0) == v_get(all.sens[i], c));
    }
  }
  masting_arena_free(&arena);
}

/* A lane without a solution is NaN; the others have what they have without it. */
static void test_failures(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  int last = MASTING_LANES - 1;
  for (int m = 0; m < METHODS; m++)
    for (int how = 0; how < 4; how++) {
      swings good = {.y0 = {v_all(0)}}, bad = {.y0 = {v_all(0)}};
      make_swings(&good, 1e-6, m >= RK);
      make_swings(&bad, 1e-6, m >= RK);
      if (how == 0) bad.p[0] = v_put(bad.p[0], last, NAN);
      if (how == 1) bad.ts[1] = v_put(bad.ts[1], last, 0.1); /* before the one before it */
      if (how == 2) bad.ts[0] = v_put(bad.ts[0], last, v_get(bad.t0, last));
      if (how == 3) { /* too many steps, beyond its first time */
        bad.p[0] = v_put(bad.p[0], last, 1e7);
        bad.ts[0] = v_put(bad.ts[0], last, v_get(bad.t0, last) + 1e-9);
        bad.ode.max_steps = 300;
      }
      methods[m](&arena, &good.ode, good.y, good.sens);
      methods[m](&arena, &bad.ode, bad.y, bad.sens);
      for (int i = 0; i < TIMES * 2; i++) {
        assert_true(isnan(v_get(bad.y[i], last)));
        for (int c = 0; c < last; c++) assert_true(v_get(bad.y[i], c) == v_get(good.y[i], c));
      }
    }
  masting_arena_free(&arena);
}

static void test_trouble(void **unused) {
  masting_arena arena = {0};
  masting_trouble trouble = {0};
  swings s = {.y0 = {v_all(0)}};
  (void)unused;
  make_swings(&s, 1e-6, 0);
  s.ode.trouble = &trouble;
  s.ode.where = "swing.stan:7";
  masting_ode_rk45(&arena, &s.ode, s.y, s.sens);
  assert_null(masting_trouble_text(&trouble));
  s.ts[1] = v_all(0.25);
  masting_ode_rk45(&arena, &s.ode, s.y, s.sens);
  assert_string_equal(masting_trouble_text(&trouble),
                      "swing.stan:7: times of a differential equation; expected finite ones beyond "
                      "the initial time, "
                      "none before the one before it, got 0.25 after 0.3; try sorting them");
  masting_arena_free(&arena);
}

/* The interpolant is of order 4: it integrates cubic polynomials from 0 to x. */
static void test_interpolant(void **unused) {
  (void)unused;
  for (double x = 0.125; x <= 1; x += 0.125) {
    double w[MASTING_RK_STAGES];
    masting_rk_dense(x, w);
    for (int power = 0; power < 4; power++) {
      double sum = 0;
      for (int j = 0; j < MASTING_RK_STAGES; j++) sum += w[j] * pow(masting_rk_dopri.c[j], power);
      expect_near(sum, pow(x, power + 1) / (power + 1), 1e-14);
    }
  }
}

/* ---- Robertson's problem, stiff: at t = 40 by Hairer and Wanner 1996, "Solving ODEs II", IV.10 */

static void robertson(const masting_ode *ode, vreal t, const vreal *y, const vreal *p,
                      vreal *dydt) {
  (void)ode;
  (void)t;
  vreal slow = p[0] * y[0], fast = p[2] * y[1] * y[2], pair = p[1] * y[1] * y[1];
  dydt[0] = fast - slow;
  dydt[1] = slow - fast - pair;
  dydt[2] = pair;
}

static void robertson_jacobian(const masting_ode *ode, vreal t, const vreal *y, const vreal *p,
                               vreal *dydt, vreal *rows) {
  vreal w[3];
  robertson(ode, t, y, p, dydt);
  for (int64_t pass = 0; pass < masting_ode_passes(ode); pass++) {
    vreal *row = rows + 6 * pass;
    masting_ode_seed(ode, pass, w);
    row[0] = p[0] * (w[1] - w[0]);
    row[1] = p[2] * y[2] * (w[0] - w[1]) + 2 * p[1] * y[1] * (w[2] - w[1]);
    row[2] = p[2] * y[1] * (w[0] - w[1]);
    row[3] = y[0] * (w[1] - w[0]);
    row[4] = y[1] * y[1] * (w[2] - w[1]);
    row[5] = y[1] * y[2] * (w[0] - w[1]);
  }
}

static void solve_robertson(masting_arena *arena, int which, double factor, vreal y[3],
                            vreal *sens) {
  vreal y0[] = {v_all(1), v_all(0), v_all(0)}, t0 = v_all(0), ts = v_all(40);
  vreal p[] = {v_all(0.04), v_all(3e7), v_all(1e4)};
  p[which] *= factor;
  masting_ode ode = {.n = 3,
                     .np = 3,
                     .nt = 1,
                     .y0 = y0,
                     .t0 = &t0,
                     .ts = &ts,
                     .p = p,
                     .rel_tol = 1e-10,
                     .abs_tol = 1e-14,
                     .max_steps = 1e6,
                     .slopes = robertson,
                     .jacobian = robertson_jacobian,
                     .one_time = 1,
                     .same = 1};
  masting_ode_bdf(arena, &ode, y, sens);
}

static void test_stiff(void **unused) {
  masting_arena arena = {0};
  vreal y[3], sens[9], up[3], down[3];
  (void)unused;
  static const double size[] = {0.04, 3e7, 1e4}, step = 1e-3;
  solve_robertson(&arena, 0, 1, y, sens);
  expect_near(v_get(y[0], 0), 0.7158270688, 2e-9);
  expect_near(v_get(y[1], 0), 9.185534764e-6, 1e-13);
  expect_near(v_get(y[2], 0), 0.2841637457, 2e-9);
  for (int j = 0; j < 3; j++) {
    solve_robertson(&arena, j, 1 + step, up, NULL);
    solve_robertson(&arena, j, 1 - step, down, NULL);
    for (int i = 0; i < 3; i++) {
      double slope = (v_get(up[i], 0) - v_get(down[i], 0)) / (2 * step * size[j]);
      expect_near(v_get(sens[i * 3 + j], 0) * size[j], slope * size[j],
                  2e-6 * fmax(v_get(y[i], 0), 1e-3));
    }
  }
  masting_arena_free(&arena);
}

/* ---- reverse sweep */

static void test_adjoint(void **unused) {
  (void)unused;
  enum { NT = 2, N = 2, M = 3 };
  vreal sens[NT * N * M], y_adj[NT * N], adj[2] = {v_all(1), v_all(1)},
                                         ts_adj[NT] = {v_all(0), v_all(0)};
  for (int i = 0; i < NT * N * M; i++) sens[i] = v_all(i);
  for (int i = 0; i < NT * N; i++) y_adj[i] = v_all(i + 1);
  masting_ode_adjoint(NT * N, M, y_adj, sens, 1, 2, adj);
  masting_ode_adjoint_times(NT, N, M, y_adj, sens, 2, ts_adj);
  expect_near(v_get(adj[0], 0), 1 + 1 * 1 + 2 * 4 + 3 * 7 + 4 * 10, 0);
  expect_near(v_get(adj[1], 0), 1 + 1 * 2 + 2 * 5 + 3 * 8 + 4 * 11, 0);
  expect_near(v_get(ts_adj[0], 0), 1 * 2 + 2 * 5, 0);
  expect_near(v_get(ts_adj[1], 0), 3 * 8 + 4 * 11, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_closed_form), cmocka_unit_test(test_tolerance),
      cmocka_unit_test(test_lanes_alone), cmocka_unit_test(test_failures),
      cmocka_unit_test(test_trouble),     cmocka_unit_test(test_interpolant),
      cmocka_unit_test(test_stiff),       cmocka_unit_test(test_adjoint)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
