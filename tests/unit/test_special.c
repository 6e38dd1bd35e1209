/* tests/unit/test_special.c -- masting/stan/special.h against values of mpmath (special_values.h).
 *
 * Compiled at several lane widths. d_NAME and v_NAME are held to the accuracy that the headers
 * state, and to limits and NaN; v_NAME gives a lane the same bits whatever the other lanes hold
 * and wherever it stands. `test_special --report` prints the errors found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include <masting/stan/linalg.h> /* names must not clash */
#include <masting/stan/special.h>

#include "special_values.h"

#define FEW 1.2e-15 /* what "a few ulp" means here */

typedef struct entry {
  const char *name;
  int args; /* real ones */
  double (*d1)(double);
  vreal (*v1)(vreal);
  double (*d2)(double, double);
  vreal (*v2)(vreal, vreal);
  double (*d3)(double, double, double);
  vreal (*v3)(vreal, vreal, vreal);
  const double *rows; /* arguments and value */
  size_t cells;
  double relative, absolute; /* error allowed: relative |value| + absolute */
} entry;

#define ONE(f, rel, abs)                                                                           \
  { #f, 1, d_##f, v_##f, 0, 0, 0, 0, ref_##f, sizeof ref_##f / sizeof(double), rel, abs }
#define TWO(f, rel, abs)                                                                           \
  { #f, 2, 0, 0, d_##f, v_##f, 0, 0, ref_##f, sizeof ref_##f / sizeof(double), rel, abs }
#define THREE(f, rel, abs)                                                                         \
  { #f, 3, 0, 0, 0, 0, d_##f, v_##f, ref_##f, sizeof ref_##f / sizeof(double), rel, abs }
#define ORDER(f, rel, abs)                                                                         \
  { #f, 2, 0, 0, d_##f##_, v_##f##_, 0, 0, ref_##f, sizeof ref_##f / sizeof(double), rel, abs }

/* Functions of an integer order, as functions of two reals; each lane may have another order
 * here. */
#define ORDER_AS_REAL(f)                                                                           \
  static double d_##f##_(double n, double x) { return n == n ? d_##f((int)n, x) : NAN; }           \
  static vreal v_##f##_(vreal n, vreal x) {                                                        \
    vreal result = v_all(NAN);                                                                     \
    for (int i = 0; i < MASTING_LANES; i++)                                                        \
      if (v_get(n, i) == v_get(n, i))                                                              \
        result = v_put(result, i, v_get(v_##f((int)v_get(n, i), x), i));                           \
    return result;                                                                                 \
  }
ORDER_AS_REAL(modified_bessel_first_kind)
ORDER_AS_REAL(modified_bessel_second_kind)
ORDER_AS_REAL(bessel_first_kind)
ORDER_AS_REAL(bessel_second_kind)

static const entry entries[] = {
    ONE(exp, FEW, 0),
    ONE(expm1, FEW, 0),
    ONE(exp2, FEW, 0),
    ONE(log, FEW, 0),
    ONE(log2, FEW, 0),
    ONE(log10, FEW, 0),
    ONE(log1p, FEW, 0),
    ONE(sqrt, 2.3e-16, 0),
    ONE(cbrt, FEW, 0),
    ONE(sin, FEW, 0),
    ONE(cos, FEW, 0),
    ONE(tan, FEW, 0),
    ONE(asin, FEW, 0),
    ONE(acos, FEW, 0),
    ONE(atan, FEW, 0),
    ONE(sinh, FEW, 0),
    ONE(cosh, FEW, 0),
    ONE(tanh, FEW, 0),
    ONE(asinh, FEW, 0),
    ONE(acosh, FEW, 0),
    ONE(atanh, FEW, 0),
    ONE(erf, FEW, 0),
    ONE(erfc, FEW, 0),
    ONE(tgamma, FEW, 0),
    ONE(log1p_exp, FEW, 0),
    ONE(log1m_exp, FEW, 0),
    ONE(log1m, FEW, 0),
    ONE(inv_logit, FEW, 0),
    ONE(logit, FEW, 3e-16),
    ONE(log_inv_logit, FEW, 0),
    ONE(log1m_inv_logit, FEW, 0),
    ONE(inv_cloglog, FEW, 0),
    ONE(floor, 0, 0),
    ONE(ceil, 0, 0),
    ONE(trunc, 0, 0),
    ONE(round, 0, 0),
    TWO(pow, FEW, 0),
    TWO(atan2, FEW, 0),
    TWO(hypot, FEW, 0),
    TWO(log_sum_exp2, FEW, 3e-16),
    TWO(log_diff_exp, FEW, 3e-16),
    ONE(lgamma, 1e-15, 4e-14),
    ONE(digamma, 2e-15, 2e-15),
    ONE(trigamma, 2e-15, 0),
    ONE(tetragamma, 4e-15, 2e-14),
    TWO(lbeta, 3e-15, 3e-14),
    TWO(lchoose, 3e-15, 3e-14),
    TWO(log_rising_factorial, 4e-15, 3e-14),
    TWO(log_falling_factorial, 4e-15, 3e-14),
    TWO(log_rising_rest, 1e-15, 4e-12),
    TWO(digamma_step, 4e-15, 0),
    ONE(log1p_square, FEW, 0),
    ONE(log1p_square_slope, FEW, 0),
    TWO(log_exp_mod_part, FEW, 2e-15),
    TWO(log_exp_mod_part_du, 1e-15, 2e-14),
    TWO(log_exp_mod_part_dw, 1e-15, 2e-14),
    ONE(Phi, 2e-15, 0),
    ONE(std_normal_lcdf, 2e-15, 0),
    ONE(std_normal_lccdf, 2e-15, 0),
    ONE(std_normal_hazard_lower, 2e-15, 0),
    ONE(inv_Phi, 1e-15, 1e-16),
    ONE(lambert_w0, 1e-14, 0),
    ONE(lambert_wm1, 1e-14, 0),
    TWO(gamma_p, 2e-13, 0),
    TWO(gamma_q, 2e-13, 0),
    TWO(gamma_p_da, 2e-13, 1e-15),
    THREE(inc_beta, 3e-13, 2e-15),
    THREE(inc_beta_da, 3e-12, 5e-15),
    THREE(inc_beta_db, 3e-12, 5e-15),
    TWO(owens_t, 2e-15, 0),
    TWO(log_modified_bessel_first_kind, 1e-14, 1e-14),
    TWO(log_modified_bessel_first_kind_dz, 1e-15, 2e-15),
    TWO(log_modified_bessel_first_kind_dv, 5e-15, 5e-15),
    ORDER(modified_bessel_first_kind, 2e-13, 0),
    ORDER(modified_bessel_second_kind, 1e-14, 0),
    ORDER(bessel_first_kind, 1e-14, 1e-15),
    ORDER(bessel_second_kind, 2e-14, 1e-15),
};
#define ENTRIES ((int)(sizeof entries / sizeof entries[0]))

static int rows_of(const entry *e) { return (int)e->cells / (e->args + 1); }
static const double *row_of(const entry *e, int i) { return e->rows + i * (e->args + 1); }

static double call_d(const entry *e, const double *row) {
  if (e->args == 3) return e->d3(row[0], row[1], row[2]);
  return e->args == 1 ? e->d1(row[0]) : e->d2(row[0], row[1]);
}

static vreal call_v(const entry *e, const vreal *x) {
  if (e->args == 3) return e->v3(x[0], x[1], x[2]);
  return e->args == 1 ? e->v1(x[0]) : e->v2(x[0], x[1]);
}

/* The error in units of what is allowed. */
static double excess(const entry *e, double got, double want) {
  if (got == want || (got != got && want != want)) return 0;
  double allowed = e->relative * fabs(want) + e->absolute;
  double error = fabs(got - want);
  if (!(error < INFINITY)) return INFINITY;
  return allowed > 0 ? error / allowed : INFINITY;
}

/* Row i in every lane; with stride 1, lane c has row i + c. */
static void fill(const entry *e, int i, int stride, vreal *x) {
  x[0] = x[1] = x[2] = v_all(0.0);
  for (int a = 0; a < e->args; a++) {
    for (int lane = 0; lane < MASTING_LANES; lane++)
      x[a] = v_put(x[a], lane, row_of(e, (i + stride * lane) % rows_of(e))[a]);
  }
}

static void show(char *to, size_t size, const entry *e, const double *row) {
  if (e->args == 1)
    snprintf(to, size, "%s(%.17g)", e->name, row[0]);
  else if (e->args == 2)
    snprintf(to, size, "%s(%.17g, %.17g)", e->name, row[0], row[1]);
  else
    snprintf(to, size, "%s(%.17g, %.17g, %.17g)", e->name, row[0], row[1], row[2]);
}

static void test_values(void **state) {
  (void)state;
  int bad = 0;
  for (int k = 0; k < ENTRIES; k++) {
    const entry *e = &entries[k];
    for (int i = 0; i < rows_of(e); i++) {
      vreal x[3];
      fill(e, i, 0, x);
      const double *row = row_of(e, i);
      double want = row[e->args], d = call_d(e, row), v = v_get(call_v(e, x), 0);
      if (excess(e, d, want) <= 1 && excess(e, v, want) <= 1) continue;
      char text[160];
      show(text, sizeof text, e, row);
      print_error("%s: expected %.17g, got %.17g, in lanes %.17g\n", text, want, d, v);
      bad++;
    }
  }
  assert_int_equal(bad, 0);
}

static void test_lanes_do_not_see_each_other(void **state) {
  (void)state;
  for (int k = 0; k < ENTRIES; k++) {
    const entry *e = &entries[k];
    for (int i = 0; i < rows_of(e); i++) {
      vreal x[3], mixed;
      fill(e, i, 1, x);
      mixed = call_v(e, x);
      for (int lane = 0; lane < MASTING_LANES; lane++) {
        int r = (i + lane) % rows_of(e);
        fill(e, r, 0, x);
        double alone = v_get(call_v(e, x), 0), got = v_get(mixed, lane);
        char text[160];
        show(text, sizeof text, e, row_of(e, r));
        if (d_bits(got) != d_bits(alone) && !(got != got && alone != alone))
          fail_msg("%s: %.17g in lane %d beside others, %.17g alone", text, got, lane, alone);
      }
    }
  }
}

/* Limits, poles, and what lies outside the domain. */
static const struct edge {
  const char *name;
  double x, y, want;
} edges[] = {
#define I INFINITY
    {"exp", I, 0, I},
    {"exp", -I, 0, 0},
    {"exp", 710, 0, I},
    {"exp", -746, 0, 0},
    {"expm1", -I, 0, -1},
    {"log", 0, 0, -I},
    {"log", -1, 0, NAN},
    {"log", I, 0, I},
    {"log1p", -1, 0, -I},
    {"log1p", -2, 0, NAN},
    {"log2", 0, 0, -I},
    {"log10", 0, 0, -I},
    {"exp2", I, 0, I},
    {"exp2", -I, 0, 0},
    {"exp2", 1024, 0, I},
    {"sqrt", -1, 0, NAN},
    {"sqrt", I, 0, I},
    {"cbrt", -I, 0, -I},
    {"sin", I, 0, NAN},
    {"cos", I, 0, NAN},
    {"tan", I, 0, NAN},
    {"asin", 1.5, 0, NAN},
    {"acos", -1.5, 0, NAN},
    {"acos", 1, 0, 0},
    {"atan", I, 0, 1.5707963267948966},
    {"sinh", -I, 0, -I},
    {"cosh", -I, 0, I},
    {"tanh", I, 0, 1},
    {"tanh", -I, 0, -1},
    {"asinh", -I, 0, -I},
    {"acosh", I, 0, I},
    {"acosh", 0.5, 0, NAN},
    {"acosh", 1, 0, 0},
    {"atanh", 1, 0, I},
    {"atanh", -1, 0, -I},
    {"atanh", 2, 0, NAN},
    {"erf", I, 0, 1},
    {"erf", -I, 0, -1},
    {"erfc", I, 0, 0},
    {"erfc", -I, 0, 2},
    {"tgamma", 172, 0, I},
    {"tgamma", I, 0, I},
    {"tgamma", 0, 0, I},
    {"tgamma", -2, 0, NAN},
    {"log1p_exp", I, 0, I},
    {"log1p_exp", -I, 0, 0},
    {"log1m_exp", 0, 0, -I},
    {"log1m_exp", -I, 0, 0},
    {"log1m_exp", 1, 0, NAN},
    {"log1m", 1, 0, -I},
    {"inv_logit", I, 0, 1},
    {"inv_logit", -I, 0, 0},
    {"logit", 0, 0, -I},
    {"logit", 1, 0, I},
    {"logit", 2, 0, NAN},
    {"log_inv_logit", -I, 0, -I},
    {"log_inv_logit", I, 0, 0},
    {"log1m_inv_logit", I, 0, -I},
    {"inv_cloglog", I, 0, 1},
    {"inv_cloglog", -I, 0, 0},
    {"floor", I, 0, I},
    {"floor", -I, 0, -I},
    {"ceil", -0.5, 0, 0},
    {"round", 0.5, 0, 1},
    {"round", -0.5, 0, -1},
    {"round", 2.5, 0, 3},
    {"round", -I, 0, -I},
    {"trunc", -1.7, 0, -1},
    {"pow", 0, 0, 1},
    {"pow", 0, 2, 0},
    {"pow", 0, -1, I},
    {"pow", -1, 0.5, NAN},
    {"pow", I, 2, I},
    {"pow", 0.5, I, 0},
    {"pow", 0.5, -I, I},
    {"atan2", 0, 1, 0},
    {"atan2", 1e-310, 1e-310, 0.78539816339744831},
    {"atan2", 0, -1, 3.1415926535897931},
    {"atan2", 1, 0, 1.5707963267948966},
    {"hypot", -I, 1, I},
    {"hypot", 0, 0, 0},
    {"log_sum_exp2", -I, -I, -I},
    {"log_sum_exp2", -I, 2, 2},
    {"log_sum_exp2", 2, -I, 2},
    {"log_sum_exp2", I, I, I},
    {"log_sum_exp2", I, -I, I},
    {"log_sum_exp2", 0, 0, 0.69314718055994531},
    {"log_diff_exp", 3, 3, -I},
    {"log_diff_exp", -I, -I, -I},
    {"log_diff_exp", I, I, NAN},
    {"log_diff_exp", 2, 3, NAN},
    {"log_diff_exp", 3, -I, 3},
    {"log_diff_exp", I, 3, I},
    {"lgamma", 0, 0, I},
    {"lgamma", -1, 0, I},
    {"lgamma", -7, 0, I},
    {"lgamma", I, 0, I},
    {"lgamma", -I, 0, I},
    {"lgamma", -1e16, 0, I},
    {"digamma", 0, 0, -I},
    {"digamma", -3, 0, NAN},
    {"digamma", I, 0, I},
    {"digamma", -I, 0, NAN},
    {"trigamma", 0, 0, I},
    {"trigamma", -2, 0, I},
    {"trigamma", I, 0, 0},
    {"lbeta", 0, 2, I},
    {"lbeta", 3, 0, I},
    {"lbeta", 0, 0, I},
    {"lbeta", 2, I, -I},
    {"lbeta", I, I, -I},
    {"lbeta", -1, 2, NAN},
    {"lbeta", 2, -1, NAN},
    {"lchoose", 5, -1, -I},
    {"lchoose", 5, 6, -I},
    {"lchoose", 5, 7, NAN},
    {"lchoose", 5, -2, NAN},
    {"lchoose", -1, 0, 0},
    {"lchoose", 0, 0, 0},
    {"Phi", I, 0, 1},
    {"Phi", -I, 0, 0},
    {"Phi", -40, 0, 0},
    {"Phi", 0, 0, 0.5},
    {"std_normal_lcdf", I, 0, 0},
    {"std_normal_lcdf", -I, 0, -I},
    {"std_normal_lccdf", I, 0, -I},
    {"std_normal_lccdf", -I, 0, 0},
    {"std_normal_hazard_lower", I, 0, 0},
    {"std_normal_hazard_lower", -I, 0, I},
    {"inv_Phi", 0, 0, -I},
    {"inv_Phi", 1, 0, I},
    {"inv_Phi", 0.5, 0, 0},
    {"inv_Phi", -0.1, 0, NAN},
    {"inv_Phi", 1.1, 0, NAN},
    {"lambert_w0", 0, 0, 0},
    {"lambert_w0", I, 0, I},
    {"lambert_w0", -0.5, 0, NAN},
    {"lambert_w0", -0.36787944117144233, 0, -1},
    {"lambert_wm1", -0.36787944117144233, 0, -1},
    {"lambert_wm1", 0, 0, -I},
    {"lambert_wm1", 0.1, 0, NAN},
    {"lambert_wm1", -0.5, 0, NAN},
    {"gamma_p", 2, 0, 0},
    {"gamma_p", 2, I, 1},
    {"gamma_p", I, 2, 0},
    {"gamma_p", -1, 2, NAN},
    {"gamma_p", 2, -1, NAN},
    {"gamma_p", 0, 2, 1},
    {"gamma_q", 2, 0, 1},
    {"gamma_q", 2, I, 0},
    {"gamma_p", 1e300, 1e299, 0},
    {"gamma_q", 1e9, 1.5e9, 0},
    {"gamma_q", 0.5, 800, 0},
    {"gamma_p_da", 2, 0, 0},
    {"gamma_p_da", 2, I, 0},
    {"owens_t", 0, I, 0.25},
    {"owens_t", I, 1, 0},
    {"owens_t", 0, -I, -0.25},
    {"owens_t", 2, 0, 0},
    {"log_modified_bessel_first_kind", 0, 0, 0},
    {"log_modified_bessel_first_kind", 2, 0, -I},
    {"log_modified_bessel_first_kind", 1, I, I},
    {"log_modified_bessel_first_kind", -1, 1, NAN},
    {"log_modified_bessel_first_kind_dz", 1, I, 1},
    {"modified_bessel_first_kind", 0, 0, 1},
    {"modified_bessel_first_kind", 3, 0, 0},
    {"modified_bessel_first_kind", 1, I, I},
    {"modified_bessel_first_kind", 1, -I, -I},
    {"modified_bessel_second_kind", 1, 0, I},
    {"modified_bessel_second_kind", 1, I, 0},
    {"modified_bessel_second_kind", 1, -1, NAN},
    {"modified_bessel_second_kind", 300, 1e-9, I},
    {"bessel_first_kind", 0, 0, 1},
    {"bessel_first_kind", 2, 0, 0},
    {"bessel_first_kind", 2, I, 0},
    {"bessel_first_kind", 400, 1e-3, 0},
    {"bessel_second_kind", 0, 0, -I},
    {"bessel_second_kind", 2, I, 0},
    {"bessel_second_kind", 2, -1, NAN},
    {"bessel_second_kind", 300, 1e-9, -I},
#undef I
};
/* Three arguments: the incomplete beta function. */
static void test_inc_beta_edges(void **state) {
  (void)state;
  assert_true(d_inc_beta(2, 3, 0) == 0 && d_inc_beta(2, 3, 1) == 1);
  assert_true(isnan(d_inc_beta(2, 3, 1.5)) && isnan(d_inc_beta(0, 3, 0.5)));
  assert_true(isnan(d_inc_beta(2, -1, 0.5)) && isnan(d_inc_beta(2, 3, -0.5)));
  assert_true(d_inc_beta_da(2, 3, 0) == 0 && d_inc_beta_db(2, 3, 1) == 0);
}

#define EDGES ((int)(sizeof edges / sizeof edges[0]))

/* An edge in one lane only: work that is left out when no lane needs it must still be done. */
static int edge_is_wrong(const entry *e, const double *x, double want) {
  vreal lanes[3];
  fill(e, 0, 1, lanes);
  for (int a = 0; a < e->args; a++) lanes[a] = v_put(lanes[a], MASTING_LANES - 1, x[a]);
  double d = call_d(e, x), v = v_get(call_v(e, lanes), MASTING_LANES - 1);
  if (excess(e, d, want) <= 1 && excess(e, v, want) <= 1) return 0;
  char text[160];
  show(text, sizeof text, e, x);
  print_error("%s: expected %.17g, got %.17g, in lanes %.17g\n", text, want, d, v);
  return 1;
}

static void test_edges(void **state) {
  (void)state;
  int bad = 0;
  for (int i = 0; i < EDGES; i++) {
    int found = 0;
    for (int k = 0; k < ENTRIES; k++) {
      if (strcmp(edges[i].name, entries[k].name) != 0) continue;
      found = 1;
      bad += edge_is_wrong(&entries[k], (double[]){edges[i].x, edges[i].y, 0.5}, edges[i].want);
    }
    assert_true(found);
  }
  for (int k = 0; k < ENTRIES; k++)
    for (int a = 0; a < entries[k].args; a++) {
      double x[3] = {1.0, 1.0, 0.5};
      x[a] = NAN;
      if (strcmp(entries[k].name, "pow") == 0 && a == 1) continue; /* 1^NaN is 1 */
      bad += edge_is_wrong(&entries[k], x, NAN);
    }
  assert_int_equal(bad, 0);
}

/* What is exact, and masks. */
static void test_exact_ones(void **state) {
  (void)state;
#define SAME(f, a, b, want)                                                                        \
  do {                                                                                             \
    double got_d = d_##f(a, b), got_v = v_get(v_##f(v_all(a), v_all(b)), MASTING_LANES - 1);       \
    if (!(got_d == (want)) || !(got_v == (want)))                                                  \
      fail_msg(#f "(" #a ", " #b "): expected " #want ", got %g, in lanes %g", got_d, got_v);      \
  } while (0)
  SAME(fmin, 1.0, 2.0, 1.0);
  SAME(fmin, 2.0, 1.0, 1.0);
  SAME(fmin, NAN, 1.0, 1.0);
  SAME(fmin, 1.0, NAN, 1.0);
  SAME(fmax, 1.0, 2.0, 2.0);
  SAME(fmax, 2.0, 1.0, 2.0);
  SAME(fmax, NAN, 1.0, 1.0);
  SAME(fmax, 1.0, NAN, 1.0);
  SAME(fdim, 3.0, 1.0, 2.0);
  SAME(fdim, 1.0, 3.0, 0.0);
  SAME(fdim, INFINITY, INFINITY, 0.0);
  SAME(fmod, 5.5, 2.0, 1.5);
  SAME(fmod, -5.5, 2.0, -1.5);
  SAME(fmod, 1e300, 7.0, 1.0);
  SAME(lmultiply, 0.0, 0.0, 0.0);
  SAME(lmultiply, 2.0, 1.0, 0.0);
  SAME(multiply_log, 1.0, 0.0, -INFINITY);
  assert_true(isnan(d_fdim(NAN, 1.0)) && isnan(v_get(v_fdim(v_all(1.0), v_all(NAN)), 0)));
  assert_true(d_step(-1.0) == 0 && d_step(0.0) == 1 && v_get(v_step(v_all(-1e-300)), 0) == 0);
  assert_true(d_square(3.0) == 9 && d_inv(4.0) == 0.25 && d_inv_sqrt(4.0) == 0.5);
  assert_true(v_get(v_inv_square(v_all(2.0)), 0) == 0.25);
  assert_true(signbit(v_get(v_trunc(v_all(-0.3)), 0)) && !signbit(v_get(v_abs(v_all(-0.0)), 0)));
  vmask m = v_and(v_le(v_all(1.0), v_all(1.0)), v_not(v_gt(v_all(1.0), v_all(1.0))));
  m = v_and(m, v_and(v_ge(v_all(1.0), v_all(1.0)), v_ne(v_all(NAN), v_all(NAN))));
  m = v_and(m, v_or(v_eq(v_all(0.0), v_all(-0.0)), v_isnan(v_all(1.0))));
  assert_true(v_any(m) && v_get(v_where(m, v_all(1.0), v_all(2.0)), MASTING_LANES - 1) == 1);
  assert_false(v_any(v_isnan(v_all(0.0))));
}

/* Log of the multivariate gamma function, by its recurrence in the dimension. */
static void test_lmgamma(void **state) {
  (void)state;
  double x = 5.25, want = d_lgamma(x);
  for (int k = 1; k < 6; k++) {
    assert_true(fabs(d_lmgamma(k, x) - want) < 1e-13);
    assert_true(fabs(v_get(v_lmgamma(k, v_all(x)), 0) - want) < 1e-13);
    want += 0.5 * k * log(3.14159265358979323846) + d_lgamma(x - 0.5 * k);
  }
}

static void report(void) {
  for (int k = 0; k < ENTRIES; k++) {
    const entry *e = &entries[k];
    double worst[2] = {0, 0}, at[2] = {0, 0};
    for (int i = 0; i < rows_of(e); i++) {
      vreal x[3];
      fill(e, i, 0, x);
      const double *row = row_of(e, i);
      double error[2] = {excess(e, call_d(e, row), row[e->args]),
                         excess(e, v_get(call_v(e, x), 0), row[e->args])};
      for (int j = 0; j < 2; j++)
        if (error[j] > worst[j]) worst[j] = error[j], at[j] = row[0];
    }
    printf("%-26s allowed %.1e |y| + %.1e; used: doubles %.3f (at %g), lanes %.3f (at %g)\n",
           e->name, e->relative, e->absolute, worst[0], at[0], worst[1], at[1]);
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--report") == 0) {
    report();
    return 0;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),         cmocka_unit_test(test_edges),
      cmocka_unit_test(test_inc_beta_edges), cmocka_unit_test(test_exact_ones),
      cmocka_unit_test(test_lmgamma),        cmocka_unit_test(test_lanes_do_not_see_each_other),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
