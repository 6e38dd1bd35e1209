/* masting/stan/quadrature.h, quadrature_gk.h, root_newton.h, root_powell.h: integrals and roots
 * with their sensitivities against closed forms; lanes do not see each other; failures stay in
 * their lane. Compiled at two lane widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <masting/stan/quadrature.h>
#include <masting/stan/quadrature_gk.h>
#include <masting/stan/root_newton.h>
#include <masting/stan/root_powell.h>

typedef void method(masting_arena *arena, const masting_ode *ode, vreal *y, vreal *sens);
static method *const rules[] = {masting_ode_double_exponential, masting_ode_gauss_kronrod};
static method *const solvers[] = {masting_ode_newton, masting_ode_powell};
enum { RULES = 2, SOLVERS = 2, COLUMNS = 4 };

static void expect_near(double got, double expected, double tolerance) {
  if (fabs(got - expected) <= tolerance * fmax(1, fabs(expected))) return;
  fail_msg("expected %.17g, got %.17g", expected, got);
}

/* ---- p0 exp(-p1 x): all derivatives are known */

static void decay(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f) {
  (void)ode;
  (void)y;
  *f = p[0] * v_exp(-p[1] * t);
}

static void decay_jacobian(const masting_ode *ode, vreal t, const vreal *y, const vreal *p,
                           vreal *f, vreal *row) {
  decay(ode, t, y, p, f);
  row[0] = v_all(0.0);
  row[1] = v_exp(-p[1] * t);
  row[2] = -t * *f;
}

typedef struct integral {
  vreal a, b, p[2];
  masting_ode ode;
  vreal y, sens[COLUMNS];
} integral;

/* Every lane has its own limits: on both sides of 0 and on one, and a last one at infinity. */
static void make_integral(integral *s) {
  *s = (integral){.a = v_all(0)};
  for (int c = 0; c < MASTING_LANES; c++) {
    s->a = v_put(s->a, c, -2 + 0.7 * c);
    s->b = v_put(s->b, c, c == MASTING_LANES - 1 ? INFINITY : 0.5 * c + 1);
    s->p[0] = v_put(s->p[0], c, 1.5 - 0.5 * c);
    s->p[1] = v_put(s->p[1], c, 0.3 + 0.4 * c);
  }
  s->ode = (masting_ode){.n = 1,
                         .np = 2,
                         .nt = 1,
                         .ts_vary = 1,
                         .t0_varies = 1,
                         .t0 = &s->a,
                         .ts = &s->b,
                         .p = s->p,
                         .rel_tol = 1e-8,
                         .max_steps = 15,
                         .slopes = decay,
                         .jacobian = decay_jacobian};
}

static void run_integral(masting_arena *arena, int rule, integral *s) {
  rules[rule](arena, &s->ode, &s->y, s->sens);
}

static void test_decay(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int rule = 0; rule < RULES; rule++) {
    integral s;
    make_integral(&s);
    run_integral(&arena, rule, &s);
    for (int c = 0; c < MASTING_LANES; c++) {
      double a = v_get(s.a, c), b = v_get(s.b, c), k = v_get(s.p[1], c), p = v_get(s.p[0], c);
      double at_a = exp(-k * a), at_b = exp(-k * b), part = (at_a - at_b) / k;
      double by_k = -part / k - (a * at_a - (at_b > 0 ? b * at_b : 0)) / k;
      expect_near(v_get(s.y, c), p * part, 1e-13);
      expect_near(v_get(s.sens[0], c), part, 1e-13);
      expect_near(v_get(s.sens[1], c), p * by_k, 1e-13);
      expect_near(v_get(s.sens[2], c), p * at_b, 1e-13);
      expect_near(v_get(s.sens[3], c), -p * at_a, 1e-13);
    }
  }
  masting_arena_free(&arena);
}

/* A lane's bits are those that it has with itself in every lane. */
static void test_lanes_alone(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int rule = 0; rule < RULES; rule++) {
    integral all, one;
    make_integral(&all);
    run_integral(&arena, rule, &all);
    for (int c = 0; c < MASTING_LANES; c++) {
      make_integral(&one);
      one.a = v_all(v_get(all.a, c));
      one.b = v_all(v_get(all.b, c));
      for (int j = 0; j < 2; j++) one.p[j] = v_all(v_get(all.p[j], c));
      run_integral(&arena, rule, &one);
      assert_true(v_get(one.y, 0) == v_get(all.y, c));
      for (int j = 0; j < COLUMNS; j++) assert_true(v_get(one.sens[j], 0) == v_get(all.sens[j], c));
    }
  }
  masting_arena_free(&arena);
}

/* A lane without an integral is NaN; the others have what they have without it. */
static void test_no_integral(void **unused) {
  masting_arena arena = {0};
  int last = MASTING_LANES - 1;
  (void)unused;
  for (int rule = 0; rule < RULES; rule++)
    for (int how = 0; how < 5; how++) {
      integral good, bad;
      make_integral(&good);
      make_integral(&bad);
      if (how == 0) bad.p[0] = v_put(bad.p[0], last, NAN);
      if (how == 1) bad.a = v_put(bad.a, last, NAN);
      if (how == 2) bad.b = v_put(bad.b, last, -9);         /* a > b */
      if (how == 3) bad.p[1] = v_put(bad.p[1], last, -0.1); /* grows to infinity */
      if (how == 4) bad.a = v_put(bad.a, last, INFINITY);   /* both are */
      run_integral(&arena, rule, &good);
      run_integral(&arena, rule, &bad);
      assert_true(isnan(v_get(bad.y, last)));
      for (int j = 0; j < COLUMNS; j++) assert_true(v_get(bad.sens[j], last) == 0);
      for (int c = 0; c < last; c++) assert_true(v_get(bad.y, c) == v_get(good.y, c));
    }
  masting_arena_free(&arena);
}

static void test_equal_limits(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int rule = 0; rule < RULES; rule++) {
    integral s;
    make_integral(&s);
    s.b = s.a;
    run_integral(&arena, rule, &s);
    assert_true(v_get(s.y, 0) == 0);
    expect_near(v_get(s.sens[2], 0), -v_get(s.sens[3], 0), 0);
  }
  masting_arena_free(&arena);
}

/* ---- what is not smooth: singular ends by xc, narrow peaks, oscillations, steps */

static void ends(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f) {
  double a = v_get(p[0], 0), b = v_get(p[1], 0);
  (void)ode;
  for (int c = 0; c < MASTING_LANES; c++) {
    double x = v_get(t, c), xc = v_get(*y, c);
    *f = v_put(*f, c, pow(xc < 0 ? -xc : x, a - 1) * pow(xc < 0 ? 1 - x : xc, b - 1));
  }
}
static void peak(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f) {
  vreal z = (t - p[0]) / p[1];
  (void)ode;
  (void)y;
  *f = v_exp(-0.5 * z * z) / (p[1] * 2.5066282746310005024);
}
static void wave(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f) {
  (void)ode;
  (void)y;
  *f = v_sin(p[0] * t);
}
static void tail(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f) {
  (void)ode;
  (void)y;
  *f = v_exp(-p[0] * v_log(t));
}
static void step(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f) {
  (void)ode;
  (void)y;
  *f = v_where(v_lt(t, p[0]), v_all(0.0), v_all(1.0));
}

typedef void function(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f);

static double integrate(int rule, function *f, double a, double b, double p0, double p1) {
  masting_arena arena = {0};
  vreal low = v_all(a), high = v_all(b), p[] = {v_all(p0), v_all(p1)}, y;
  masting_ode ode = {.n = 1,
                     .np = 2,
                     .nt = 1,
                     .t0 = &low,
                     .ts = &high,
                     .p = p,
                     .rel_tol = 1e-8,
                     .max_steps = 15,
                     .slopes = f};
  rules[rule](&arena, &ode, &y, NULL);
  masting_arena_free(&arena);
  return v_get(y, 0);
}

static void test_shapes(void **unused) {
  (void)unused;
  expect_near(integrate(0, ends, 0, 1, 0.1, 0.2), 14.599371492764829943, 1e-13); /* B(a, b) */
  expect_near(integrate(0, ends, 0, 1, 0.05, 3.5), 18.417672358530311, 1e-10);
  expect_near(integrate(0, tail, 1, INFINITY, 1.5, 0), 2, 1e-13);
  expect_near(integrate(0, tail, 2, INFINITY, 12, 0), pow(2, -11) / 11, 1e-15);
  for (int rule = 0; rule < RULES; rule++) {
    expect_near(integrate(rule, peak, -INFINITY, INFINITY, 0.3, 1), 1, 1e-13);
    expect_near(integrate(rule, peak, -INFINITY, INFINITY, -30, 0.5), 1, 1e-13);
    expect_near(integrate(rule, peak, -1, 2, 0.37, 1e-3), 1, 1e-13);
    expect_near(integrate(rule, peak, 0, INFINITY, 1000, 20), 1, 1e-13);
    expect_near(integrate(rule, peak, -INFINITY, 5, 7, 1), 0.022750131948179207, 1e-13);
    expect_near(integrate(rule, wave, -3, 40, 2, 0), (cos(6) - cos(80)) / 2, 1e-13);
    expect_near(integrate(rule, peak, 50, INFINITY, 0, 1), 0, 0); /* below the least double */
  }
  assert_true(isnan(integrate(0, tail, 1, INFINITY, 1, 0)));
  assert_true(isnan(integrate(1, tail, 1, INFINITY, 1, 0)));
  assert_true(isnan(integrate(0, ends, 0, 1, 0.02, 3.5))); /* much of it is below 1e-275 */
  assert_true(isnan(integrate(0, step, 0, 1, 0.3, 0)));
  assert_true(isnan(integrate(0, tail, 0, 1, 1.5, 0)));
}

static void test_trouble(void **unused) {
  masting_arena arena = {0};
  masting_trouble trouble = {0};
  integral s;
  (void)unused;
  make_integral(&s);
  s.ode.trouble = &trouble;
  s.ode.where = "decay.stan:7";
  run_integral(&arena, 0, &s);
  assert_null(masting_trouble_text(&trouble));
  s.b = v_all(-9);
  run_integral(&arena, 0, &s);
  assert_string_equal(masting_trouble_text(&trouble),
                      "decay.stan:7: integral from -2 to -9; expected limits in order and an error "
                      "estimate within the tolerance; try another tolerance, or to split the "
                      "interval where the function is not smooth");
  masting_arena_free(&arena);
}

/* ---- roots: y0 exp(y1) = p0, y0 - y1 = p1; y0 = W(p0 e^p1) */

static void roots(const masting_ode *ode, vreal t, const vreal *y, const vreal *p, vreal *f) {
  (void)ode;
  (void)t;
  f[0] = y[0] * v_exp(y[1]) - p[0];
  f[1] = y[0] - y[1] - p[1];
}

static void roots_jacobian(const masting_ode *ode, vreal t, const vreal *y, const vreal *p,
                           vreal *f, vreal *rows) {
  vreal w[2], e = v_exp(y[1]);
  roots(ode, t, y, p, f);
  for (int64_t pass = 0; pass < masting_ode_passes(ode); pass++) {
    vreal *row = rows + 4 * pass;
    masting_ode_seed(ode, pass, w);
    row[0] = w[0] * e + w[1];
    row[1] = w[0] * y[0] * e - w[1];
    row[2] = -w[0];
    row[3] = -w[1];
  }
}

typedef struct system_of {
  vreal guess[2], p[2];
  masting_ode ode;
  vreal y[2], sens[4];
} system_of;

static void make_system(system_of *s) {
  *s = (system_of){.p = {v_all(0)}};
  for (int c = 0; c < MASTING_LANES; c++) {
    s->guess[0] = v_put(s->guess[0], c, 0.2 * c);
    s->guess[1] = v_put(s->guess[1], c, -0.1 * c);
    s->p[0] = v_put(s->p[0], c, 2 + 3 * c);
    s->p[1] = v_put(s->p[1], c, 1 - 0.3 * c);
  }
  s->ode = (masting_ode){.n = 2,
                         .np = 2,
                         .nt = 1,
                         .y0 = s->guess,
                         .p = s->p,
                         .rel_tol = 1e-3,
                         .abs_tol = 1e-6,
                         .max_steps = 200,
                         .one_time = 1,
                         .slopes = roots,
                         .jacobian = roots_jacobian};
}

static void test_roots(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int m = 0; m < SOLVERS; m++) {
    system_of s;
    make_system(&s);
    solvers[m](&arena, &s.ode, s.y, s.sens);
    for (int c = 0; c < MASTING_LANES; c++) {
      double p0 = v_get(s.p[0], c), p1 = v_get(s.p[1], c), w = d_lambert_w0(p0 * exp(p1));
      double by0 = w / (1 + w) / p0, by1 = w / (1 + w);
      expect_near(v_get(s.y[0], c), w, 1e-14);
      expect_near(v_get(s.y[1], c), w - p1, 1e-14);
      expect_near(v_get(s.sens[0], c), by0, 1e-14);
      expect_near(v_get(s.sens[1], c), by1, 1e-14);
      expect_near(v_get(s.sens[2], c), by0, 1e-14);
      expect_near(v_get(s.sens[3], c), by1 - 1, 1e-14);
    }
  }
  masting_arena_free(&arena);
}

static void test_roots_alone(void **unused) {
  masting_arena arena = {0};
  (void)unused;
  for (int m = 0; m < SOLVERS; m++) {
    system_of all, one;
    make_system(&all);
    solvers[m](&arena, &all.ode, all.y, all.sens);
    for (int c = 0; c < MASTING_LANES; c++) {
      make_system(&one);
      for (int j = 0; j < 2; j++) {
        one.guess[j] = v_all(v_get(all.guess[j], c));
        one.p[j] = v_all(v_get(all.p[j], c));
      }
      solvers[m](&arena, &one.ode, one.y, one.sens);
      for (int i = 0; i < 2; i++) assert_true(v_get(one.y[i], 0) == v_get(all.y[i], c));
      for (int i = 0; i < 4; i++) assert_true(v_get(one.sens[i], 0) == v_get(all.sens[i], c));
    }
  }
  masting_arena_free(&arena);
}

static void test_no_root(void **unused) {
  masting_arena arena = {0};
  masting_trouble trouble = {0};
  (void)unused;
  for (int m = 0; m < SOLVERS; m++)
    for (int how = 0; how < 4; how++) {
      int first = how == 3 ? 0 : MASTING_LANES - 1; /* the others come after a failure, too */
      system_of good, bad;
      make_system(&good);
      make_system(&bad);
      if (how == 0) bad.p[1] = v_put(bad.p[1], first, NAN);
      if (how == 1) bad.guess[0] = v_put(bad.guess[0], first, INFINITY);
      if (how > 1) bad.p[0] = v_put(bad.p[0], first, -100); /* y e^y is not below -1/e */
      bad.ode.trouble = how == 2 ? &trouble : NULL;
      bad.ode.where = "roots.stan:3";
      solvers[m](&arena, &good.ode, good.y, good.sens);
      solvers[m](&arena, &bad.ode, bad.y, bad.sens);
      for (int c = 0; c < MASTING_LANES; c++)
        for (int i = 0; i < 2; i++)
          assert_true(c == first ? isnan(v_get(bad.y[i], c))
                                 : v_get(bad.y[i], c) == v_get(good.y[i], c));
    }
  assert_string_equal(masting_trouble_text(&trouble),
                      "roots.stan:3: no root of the equations; expected one near the guess, within "
                      "200 steps and with values of at most 1e-06; try another guess, or larger "
                      "tolerances");
  masting_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_decay),       cmocka_unit_test(test_lanes_alone),
      cmocka_unit_test(test_no_integral), cmocka_unit_test(test_equal_limits),
      cmocka_unit_test(test_shapes),      cmocka_unit_test(test_trouble),
      cmocka_unit_test(test_roots),       cmocka_unit_test(test_roots_alone),
      cmocka_unit_test(test_no_root)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
