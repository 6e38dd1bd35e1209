/* lang/diff/diff_rules.c -- see diff_rules.h. Formulas not cited are those of any table of
 * derivatives; the others are in Abramowitz and Stegun 1964, "Handbook of Mathematical
 * Functions": 6.5 and 26.5 (incomplete gamma and beta), 9.1.27, 9.6.26 (Bessel); Owen 1956 (T);
 * Corless et al. 1996 (Lambert's W). */
#include "lang/diff/diff_rules.h"

#include <math.h>

#define SQRT_2_PI 2.50662827463100050242
#define INV_SQRT_2_PI 0.39894228040143267794
#define TWO_OVER_SQRT_PI 1.12837916709551257390
#define INV_TWO_PI 0.15915494309189533577
#define LN_2 0.69314718055994530942
#define INV_LN_2 1.44269504088896340736
#define INV_LN_10 0.43429448190325182765
#define SQRT_HALF 0.70710678118654752440

/* What a rule works with: x, y, z the arguments, r the result, t the adjoint; each use copies. */
typedef struct rule {
  lang_context *c;
  const ir_expr *call, *result, *t;
} rule;

static ir_expr *arg(const rule *d, int i) { return mst_ir_copy(d->c, d->call->arg[i]); }
static ir_expr *res(const rule *d) { return mst_ir_copy(d->c, d->result ? d->result : d->call); }
static ir_expr *adj(const rule *d) { return mst_ir_copy(d->c, d->t); }
static ir_expr *num(const rule *d, double x) { return mst_ir_real(d->c, x); }
static ir_expr *f1(const rule *d, ir_prim p, ir_expr *a) { return mst_ir_call1(d->c, p, a); }
static ir_expr *f2(const rule *d, ir_prim p, ir_expr *a, ir_expr *b) {
  return mst_ir_call2(d->c, p, a, b);
}
static ir_expr *add(const rule *d, ir_expr *a, ir_expr *b) { return f2(d, IR_ADD, a, b); }
static ir_expr *sub(const rule *d, ir_expr *a, ir_expr *b) { return f2(d, IR_SUB, a, b); }
static ir_expr *mul(const rule *d, ir_expr *a, ir_expr *b) { return f2(d, IR_MUL, a, b); }
static ir_expr *neg(const rule *d, ir_expr *a) { return f1(d, IR_NEG, a); }
static ir_expr *sq(const rule *d, ir_expr *a) { return f1(d, IR_SQUARE, a); }
static ir_expr *ex(const rule *d, ir_expr *a) { return f1(d, IR_EXP, a); }
/* t * e and t / e */
static ir_expr *times(const rule *d, ir_expr *e) { return mul(d, adj(d), e); }
static ir_expr *over(const rule *d, ir_expr *e) { return f2(d, IR_DIV, adj(d), e); }
/* t * e where cond holds, 0 elsewhere */
static ir_expr *where(const rule *d, ir_expr *cond, ir_expr *e) {
  return mst_ir_select(d->c, cond, times(d, e), num(d, 0.0));
}

static _Noreturn void no_rule(const rule *d) {
  mst_lang_fail(
      d->c, d->call->loc, 1,
      "%s: its derivative by this argument is not known; expected data there, got a value "
      "that depends on parameters; try moving it to transformed data",
      mst_ir_prim_name(d->call->prim));
}

/* y x^(y-1); at x = 0 without pow: right but for 0 < y < 1, where it is infinite */
static ir_expr *pow_base(const rule *d) {
  const ir_expr *y = d->call->arg[1];
  if (y->op == IR_CONST_REAL || y->op == IR_CONST_INT) {
    double p = y->op == IR_CONST_REAL ? y->real : (double)y->integer;
    if (p == 0) return NULL;
    return times(d, mul(d, num(d, p), f2(d, IR_POW, arg(d, 0), num(d, p - 1))));
  }
  ir_expr *at_zero = mst_ir_select(d->c, f2(d, IR_EQ, arg(d, 1), num(d, 1.0)), adj(d), num(d, 0.0));
  ir_expr *elsewhere = f2(d, IR_DIV, times(d, mul(d, arg(d, 1), res(d))), arg(d, 0));
  return mst_ir_select(d->c, f2(d, IR_EQ, arg(d, 0), num(d, 0.0)), at_zero, elsewhere);
}

static ir_expr *pow_exponent(const rule *d) {
  ir_expr *zero = f2(d, IR_EQ, arg(d, 0), num(d, 0.0));
  ir_expr *safe = mst_ir_select(d->c, mst_ir_copy(d->c, zero), num(d, 1.0), arg(d, 0));
  return mst_ir_select(d->c, zero, num(d, 0.0), times(d, mul(d, res(d), f1(d, IR_LOG, safe))));
}

static ir_expr *sign_of(const rule *d) {
  return mst_ir_select(d->c, f2(d, IR_GT, arg(d, 0), num(d, 0.0)), adj(d),
                       where(d, f2(d, IR_LT, arg(d, 0), num(d, 0.0)), num(d, -1.0)));
}

/* exp(x_k - r), 0 at x_k = -inf */
static ir_expr *share(const rule *d, int k) {
  return where(d, f2(d, IR_GT, arg(d, k), num(d, -INFINITY)), ex(d, sub(d, arg(d, k), res(d))));
}

static ir_expr *order(const rule *d, int step) {
  ir_expr *v = add(d, arg(d, 0), mst_ir_int(d->c, step));
  return f1(d, v->type == IR_INT ? IR_INT_ABS : IR_ABS, v);
}

/* A derivative by z of a Bessel function of order v: (s B_{|v-1|} + u B_{v+1}) / 2; for J and Y,
 * where the sign of order -1 differs, -B_1 at v = 0. */
static ir_expr *bessel(const rule *d, int k, double s, double u) {
  if (k == 0) no_rule(d);
  ir_prim p = d->call->prim;
  ir_expr *below = f2(d, p, order(d, -1), arg(d, 1)), *above = f2(d, p, order(d, 1), arg(d, 1));
  ir_expr *mean = add(d, mul(d, num(d, 0.5 * s), below), mul(d, num(d, 0.5 * u), above));
  if (s != u) {
    ir_expr *zero = f2(d, IR_EQ, arg(d, 0), mst_ir_int(d->c, 0));
    mean = mst_ir_select(d->c, zero, neg(d, f2(d, p, mst_ir_int(d->c, 1), arg(d, 1))), mean);
  }
  return times(d, mean);
}

static ir_expr *gamma_density(const rule *d) {
  ir_expr *l = sub(d, arg(d, 0), num(d, 1.0));
  l = f2(d, IR_LMULTIPLY, l, arg(d, 1));
  return ex(d, sub(d, sub(d, l, arg(d, 1)), f1(d, IR_LGAMMA, arg(d, 0))));
}

static ir_expr *beta_density(const rule *d) {
  ir_expr *l = f2(d, IR_LMULTIPLY, sub(d, arg(d, 0), num(d, 1.0)), arg(d, 2));
  ir_expr *m = f2(d, IR_LMULTIPLY, sub(d, arg(d, 1), num(d, 1.0)), sub(d, num(d, 1.0), arg(d, 2)));
  return ex(d, sub(d, add(d, l, m), f2(d, IR_LBETA, arg(d, 0), arg(d, 1))));
}

static ir_expr *owens(const rule *d, int k) {
  ir_expr *h2 = mul(d, num(d, -0.5), sq(d, arg(d, 0)));
  if (k == 0) {
    ir_expr *u = f1(d, IR_ERF, mul(d, num(d, SQRT_HALF), mul(d, arg(d, 0), arg(d, 1))));
    return times(d, mul(d, num(d, -0.5 * INV_SQRT_2_PI), mul(d, ex(d, h2), u)));
  }
  ir_expr *a2 = add(d, num(d, 1.0), sq(d, arg(d, 1)));
  ir_expr *top = mul(d, num(d, INV_TWO_PI), ex(d, mul(d, h2, mst_ir_copy(d->c, a2))));
  return f2(d, IR_DIV, times(d, top), a2);
}

static ir_expr *nonzero(const rule *d, ir_expr *e) {
  ir_expr *cond = f2(d, IR_EQ, e, num(d, 0.0));
  return mst_ir_select(d->c, cond, num(d, 1.0), mst_ir_copy(d->c, e));
}

/* At zero, where the slope is infinite, 0 as in Stan: what has underflowed no longer moves. */
static ir_expr *sqrt_rule(const rule *d) {
  ir_expr *slope = f2(d, IR_DIV, mul(d, num(d, 0.5), adj(d)), res(d));
  return mst_ir_select(d->c, f2(d, IR_EQ, res(d), num(d, 0.0)), num(d, 0.0), slope);
}

static ir_expr *digamma_step(const rule *d, ir_expr *x, ir_expr *n) {
  return f2(d, IR_DIGAMMA_STEP, x, n);
}

/* y / h / h, h = hypot(x, y): neither square need be a double */
static ir_expr *atan2_slope(const rule *d, int k) {
  ir_expr *h = nonzero(d, f2(d, IR_HYPOT, arg(d, 0), arg(d, 1)));
  ir_expr *slope = f2(d, IR_DIV, f2(d, IR_DIV, arg(d, 1 - k), h), mst_ir_copy(d->c, h));
  return times(d, k == 0 ? slope : neg(d, slope));
}

/* Of two equal arguments the second counts as the extreme one unless it is data: as in Stan. */
static ir_expr *extreme(const rule *d, int k) {
  bool least = d->call->prim == IR_FMIN, strict = d->call->arg[1]->type == IR_LANE;
  ir_prim compare = least ? (strict ? IR_LT : IR_LE) : strict ? IR_GT : IR_GE;
  ir_expr *first = f2(d, compare, arg(d, 0), arg(d, 1));
  return k == 0 ? mst_ir_select(d->c, first, adj(d), num(d, 0.0))
                : mst_ir_select(d->c, first, num(d, 0.0), adj(d));
}

/* A primitive whose derivative by argument k is the primitive of[k]. */
static ir_expr *by_primitive(const rule *d, int k, const ir_prim *of) {
  ir_expr *a[4];
  for (int i = 0; i < d->call->nargs; i++) a[i] = arg(d, i);
  return times(d, mst_ir_call(d->c, of[k], d->call->nargs, a));
}

/* By a and b; by p and q of log I(a, b) at p / (p + q) through the logit, log p - log q. */
static ir_expr *log_inc_beta(const rule *d, int k) {
  static const ir_prim of[] = {IR_LOG_INC_BETA_DA, IR_LOG_INC_BETA_DB, IR_LOG_INC_BETA_DL,
                               IR_LOG_INC_BETA_DL};
  ir_expr *e = by_primitive(d, k, of);
  if (k < 2) return e;
  e = f2(d, IR_DIV, e, arg(d, k));
  return k == 2 ? e : neg(d, e);
}

static ir_expr *rising(const rule *d, int k) {
  ir_expr *end = add(d, arg(d, 0), arg(d, 1));
  ir_expr *slope = k == 0 ? digamma_step(d, arg(d, 0), arg(d, 1)) : f1(d, IR_DIGAMMA, end);
  if (d->call->prim == IR_LOG_RISING_FACTORIAL) return times(d, slope);
  if (k == 1) slope = sub(d, slope, f1(d, IR_LOG, mst_ir_copy(d->c, end)));
  return times(d, sub(d, slope, f2(d, IR_DIV, arg(d, 1), mst_ir_copy(d->c, end))));
}

/* Logarithms of distribution functions and their parts. */
static ir_expr *rule_tail(const rule *d, int k) {
  switch (d->call->prim) {
  case IR_LOG_GAMMA_P:
    return by_primitive(d, k, (const ir_prim[]){IR_LOG_GAMMA_P_DA, IR_LOG_GAMMA_P_DX});
  case IR_LOG_GAMMA_Q:
    return by_primitive(d, k, (const ir_prim[]){IR_LOG_GAMMA_Q_DA, IR_LOG_GAMMA_Q_DX});
  case IR_LOG_INC_BETA:
    return log_inc_beta(d, k);
  case IR_LOG_SKEW_NORMAL:
    return by_primitive(d, k, (const ir_prim[]){IR_LOG_SKEW_NORMAL_DZ, IR_LOG_SKEW_NORMAL_DA});
  case IR_LOG_EXP_MOD_NORMAL:
    return by_primitive(d, k,
                        (const ir_prim[]){IR_LOG_EXP_MOD_NORMAL_DU, IR_LOG_EXP_MOD_NORMAL_DW});
  case IR_LOG_EXP_MOD_PART:
    return by_primitive(d, k, (const ir_prim[]){IR_LOG_EXP_MOD_PART_DU, IR_LOG_EXP_MOD_PART_DW});
  case IR_LOG_VON_MISES:
    return by_primitive(
        d, k,
        (const ir_prim[]){IR_LOG_VON_MISES_DLOW, IR_LOG_VON_MISES_DHIGH, IR_LOG_VON_MISES_DK});
  case IR_LOG_BETA_BINOMIAL:
    if (k < 2) no_rule(d);
    return by_primitive(d, k - 2,
                        (const ir_prim[]){IR_LOG_BETA_BINOMIAL_DA, IR_LOG_BETA_BINOMIAL_DB});
  case IR_LOG_BETA_NEG_BINOMIAL:
    if (k < 1) no_rule(d);
    return by_primitive(d, k - 1,
                        (const ir_prim[]){IR_LOG_BETA_NEG_BINOMIAL_DR, IR_LOG_BETA_NEG_BINOMIAL_DA,
                                          IR_LOG_BETA_NEG_BINOMIAL_DB});
  default:
    no_rule(d);
  }
}

/* Two arguments and more. */
static ir_expr *rule_many(const rule *d, int k) {
  switch (d->call->prim) {
  case IR_ADD:
    return adj(d);
  case IR_SUB:
    return k == 0 ? adj(d) : neg(d, adj(d));
  case IR_MUL:
    return times(d, arg(d, 1 - k));
  case IR_DIV:
    return k == 0 ? over(d, arg(d, 1)) : neg(d, f2(d, IR_DIV, times(d, res(d)), arg(d, 1)));
  case IR_POW:
    return k == 0 ? pow_base(d) : pow_exponent(d);
  case IR_LOG_SUM_EXP:
    return share(d, k);
  case IR_LOG_DIFF_EXP:
    return k == 0 ? share(d, 0) : neg(d, share(d, 1));
  case IR_LOG1P_EXP_OF:
    return k == 0 ? times(d, f2(d, IR_INV_LOGIT_OF, arg(d, 0), arg(d, 1))) : NULL;
  case IR_ATAN2:
    return atan2_slope(d, k);
  case IR_HYPOT:
    return f2(d, IR_DIV, times(d, arg(d, k)), nonzero(d, res(d)));
  case IR_FMOD:
    if (k == 0) return adj(d);
    return neg(d, times(d, f1(d, IR_TRUNC, f2(d, IR_DIV, arg(d, 0), arg(d, 1)))));
  case IR_FMIN:
  case IR_FMAX:
    return extreme(d, k);
  case IR_FDIM:
    return where(d, f2(d, IR_GT, arg(d, 0), arg(d, 1)), num(d, k == 0 ? 1.0 : -1.0));
  case IR_LBETA:
    return neg(d, times(d, digamma_step(d, arg(d, k), arg(d, 1 - k))));
  case IR_LCHOOSE: {
    ir_expr *rest = sub(d, arg(d, 0), arg(d, 1)), *one = num(d, 1.0);
    if (k == 0) return times(d, digamma_step(d, add(d, rest, one), arg(d, 1)));
    return times(d, digamma_step(d, add(d, arg(d, 1), one), sub(d, rest, arg(d, 1))));
  }
  case IR_LOG_RISING_FACTORIAL:
  case IR_LOG_RISING_REST:
    return rising(d, k);
  case IR_DIGAMMA_STEP: {
    ir_expr *end = f1(d, IR_TRIGAMMA, add(d, arg(d, 0), arg(d, 1)));
    return times(d, k == 1 ? end : sub(d, end, f1(d, IR_TRIGAMMA, arg(d, 0))));
  }
  case IR_LMULTIPLY:
    if (k == 0) return times(d, f1(d, IR_LOG, arg(d, 1)));
    return mst_ir_select(d->c, f2(d, IR_EQ, arg(d, 0), num(d, 0.0)), num(d, 0.0),
                         f2(d, IR_DIV, times(d, arg(d, 0)), arg(d, 1)));
  case IR_GAMMA_P:
  case IR_GAMMA_Q: {
    ir_expr *e = k == 0 ? f2(d, IR_GAMMA_P_DA, arg(d, 0), arg(d, 1)) : gamma_density(d);
    return times(d, d->call->prim == IR_GAMMA_P ? e : neg(d, e));
  }
  case IR_INC_BETA: {
    if (k == 2) return times(d, beta_density(d));
    ir_expr *a[] = {arg(d, 0), arg(d, 1), arg(d, 2)};
    return times(d, mst_ir_call(d->c, k == 0 ? IR_INC_BETA_DA : IR_INC_BETA_DB, 3, a));
  }
  case IR_LOG_MODIFIED_BESSEL_FIRST_KIND:
    return times(
        d,
        f2(d, k == 0 ? IR_LOG_MODIFIED_BESSEL_FIRST_KIND_DV : IR_LOG_MODIFIED_BESSEL_FIRST_KIND_DZ,
           arg(d, 0), arg(d, 1)));
  case IR_MODIFIED_BESSEL_FIRST_KIND:
    return bessel(d, k, 1, 1);
  case IR_MODIFIED_BESSEL_SECOND_KIND:
    return bessel(d, k, -1, -1);
  case IR_BESSEL_FIRST_KIND:
  case IR_BESSEL_SECOND_KIND:
    return bessel(d, k, 1, -1);
  case IR_OWENS_T:
    return owens(d, k);
  default:
    return rule_tail(d, k);
  }
}

/* 1 - x^2, exact near its zeros */
static ir_expr *one_less_square(const rule *d) {
  return mul(d, sub(d, num(d, 1.0), arg(d, 0)), add(d, num(d, 1.0), arg(d, 0)));
}

/* Angles and hyperbolic functions. */
static ir_expr *rule_angle(const rule *d) {
  switch (d->call->prim) {
  case IR_SIN:
    return times(d, f1(d, IR_COS, arg(d, 0)));
  case IR_COS:
    return neg(d, times(d, f1(d, IR_SIN, arg(d, 0))));
  case IR_TAN:
    return times(d, add(d, sq(d, res(d)), num(d, 1.0)));
  case IR_ASIN:
    return over(d, f1(d, IR_SQRT, one_less_square(d)));
  case IR_ACOS:
    return neg(d, over(d, f1(d, IR_SQRT, one_less_square(d))));
  case IR_ATAN:
    return over(d, add(d, sq(d, arg(d, 0)), num(d, 1.0)));
  case IR_SINH:
    return times(d, f1(d, IR_COSH, arg(d, 0)));
  case IR_COSH:
    return times(d, f1(d, IR_SINH, arg(d, 0)));
  case IR_TANH:
    return times(d, sub(d, num(d, 1.0), sq(d, res(d))));
  case IR_ASINH:
    return over(d, f2(d, IR_HYPOT, arg(d, 0), num(d, 1.0)));
  case IR_ACOSH:
    return over(d, mul(d, f1(d, IR_SQRT, sub(d, arg(d, 0), num(d, 1.0))),
                       f1(d, IR_SQRT, add(d, arg(d, 0), num(d, 1.0)))));
  case IR_ATANH:
    return over(d, one_less_square(d));
  default:
    no_rule(d);
  }
}

static ir_expr *rule_one(const rule *d) {
  switch (d->call->prim) {
  case IR_NEG:
    return neg(d, adj(d));
  case IR_TO_REAL:
    return adj(d);
  case IR_SQUARE:
    return times(d, mul(d, num(d, 2.0), arg(d, 0)));
  case IR_SQRT:
    return sqrt_rule(d);
  case IR_CBRT:
    return over(d, mul(d, num(d, 3.0), sq(d, res(d))));
  case IR_INV:
    return neg(d, times(d, sq(d, res(d))));
  case IR_EXP:
    return times(d, res(d));
  case IR_EXP2:
    return times(d, mul(d, num(d, LN_2), res(d)));
  case IR_EXPM1:
    return times(d, ex(d, arg(d, 0)));
  case IR_LOG:
    return over(d, arg(d, 0));
  case IR_LOG2:
    return f2(d, IR_DIV, mul(d, num(d, INV_LN_2), adj(d)), arg(d, 0));
  case IR_LOG10:
    return f2(d, IR_DIV, mul(d, num(d, INV_LN_10), adj(d)), arg(d, 0));
  case IR_LOG1P:
    return over(d, add(d, arg(d, 0), num(d, 1.0)));
  case IR_LOG1P_SQUARE:
    return times(d, f1(d, IR_LOG1P_SQUARE_SLOPE, arg(d, 0)));
  case IR_LOG1M:
    return neg(d, over(d, sub(d, num(d, 1.0), arg(d, 0))));
  case IR_LOG1P_EXP:
    return times(d, f1(d, IR_INV_LOGIT, arg(d, 0)));
  case IR_LOG1M_EXP:
    return neg(d, over(d, f1(d, IR_EXPM1, neg(d, arg(d, 0)))));
  case IR_LOG_INV_LOGIT:
    return times(d, f1(d, IR_INV_LOGIT, neg(d, arg(d, 0))));
  case IR_LOG1M_INV_LOGIT:
    return neg(d, times(d, f1(d, IR_INV_LOGIT, arg(d, 0))));
  case IR_INV_LOGIT:
    return times(d, mul(d, res(d), sub(d, num(d, 1.0), res(d))));
  case IR_LOGIT:
    return over(d, mul(d, arg(d, 0), sub(d, num(d, 1.0), arg(d, 0))));
  case IR_ABS:
    return sign_of(d);
  case IR_LGAMMA:
    return times(d, f1(d, IR_DIGAMMA, arg(d, 0)));
  case IR_TGAMMA:
    return times(d, mul(d, res(d), f1(d, IR_DIGAMMA, arg(d, 0))));
  case IR_DIGAMMA:
    return times(d, f1(d, IR_TRIGAMMA, arg(d, 0)));
  case IR_TRIGAMMA:
    return times(d, f1(d, IR_TETRAGAMMA, arg(d, 0)));
  case IR_ERF:
    return times(d, mul(d, num(d, TWO_OVER_SQRT_PI), ex(d, neg(d, sq(d, arg(d, 0))))));
  case IR_ERFC:
    return times(d, mul(d, num(d, -TWO_OVER_SQRT_PI), ex(d, neg(d, sq(d, arg(d, 0))))));
  case IR_PHI:
    return times(d, mul(d, num(d, INV_SQRT_2_PI), ex(d, mul(d, num(d, -0.5), sq(d, arg(d, 0))))));
  case IR_INV_PHI:
    return times(d, mul(d, num(d, SQRT_2_PI), ex(d, mul(d, num(d, 0.5), sq(d, res(d))))));
  case IR_STD_NORMAL_LCDF:
    return times(d, f1(d, IR_STD_NORMAL_HAZARD_LOWER, arg(d, 0)));
  case IR_STD_NORMAL_LCCDF:
    return neg(d, times(d, f1(d, IR_STD_NORMAL_HAZARD_LOWER, neg(d, arg(d, 0)))));
  case IR_STD_NORMAL_HAZARD_LOWER:
    return neg(d, times(d, mul(d, res(d), add(d, arg(d, 0), res(d)))));
  case IR_LAMBERT_W0:
  case IR_LAMBERT_WM1:
    return over(d, mul(d, ex(d, res(d)), add(d, res(d), num(d, 1.0))));
  default:
    return rule_angle(d);
  }
}

bool mst_diff_is_flat(ir_prim p) {
  switch (p) {
  case IR_FLOOR:
  case IR_CEIL:
  case IR_ROUND:
  case IR_TRUNC:
  case IR_STEP:
  case IR_VALID:
  case IR_MASK_REAL:
  case IR_FIRST_LANE:
    return true;
  default:
    return (p >= IR_INT_DIV && p <= IR_TO_INT) || (p >= IR_EQ && p <= IR_NOT) || p == IR_IS_NAN ||
           p == IR_IS_INF || p >= IR_UNIFORM_RNG;
  }
}

ir_expr *mst_diff_rule(lang_context *c, const ir_expr *call, int k, const ir_expr *result,
                       const ir_expr *t) {
  rule d = {c, call, result, t};
  if (mst_diff_is_flat(call->prim)) return NULL;
  return call->nargs > 1 ? rule_many(&d, k) : rule_one(&d);
}

bool mst_diff_is_linear(ir_prim prim) {
  return prim == IR_ADD || prim == IR_SUB || prim == IR_NEG || prim == IR_TO_REAL ||
         mst_diff_is_flat(prim);
}

bool mst_diff_uses_result(ir_prim prim) {
  switch (prim) {
  case IR_DIV:
  case IR_POW:
  case IR_LOG_SUM_EXP:
  case IR_LOG_DIFF_EXP:
  case IR_HYPOT:
  case IR_TAN:
  case IR_TANH:
  case IR_SQRT:
  case IR_CBRT:
  case IR_INV:
  case IR_EXP:
  case IR_EXP2:
  case IR_INV_LOGIT:
  case IR_TGAMMA:
  case IR_INV_PHI:
  case IR_STD_NORMAL_HAZARD_LOWER:
  case IR_LAMBERT_W0:
  case IR_LAMBERT_WM1:
    return true;
  default:
    return false;
  }
}
