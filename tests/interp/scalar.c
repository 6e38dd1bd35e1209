/* tests/interp/scalar.c -- functions of one to three numbers, and over containers of them. */
#include <math.h>
#include <string.h>

#include "interp.h"

typedef num function(const num *x);
#define F(name, expression)                                                                        \
  static num name(const num *x) { return expression; }
#define A x[0]
#define B x[1]
F(f_phi, sp_phi(A))
F(f_phi_approx, 1 / (1 + expl(-(0.07056L * A * A * A + 1.5976L * A))))
F(f_acos, acosl(A))
F(f_acosh, acoshl(A))
F(f_asin, asinl(A))
F(f_asinh, asinhl(A))
F(f_atan, atanl(A))
F(f_atanh, atanhl(A))
F(f_cbrt, cbrtl(A))
F(f_ceil, ceill(A))
F(f_cos, cosl(A))
F(f_cosh, coshl(A))
F(f_digamma, sp_digamma(A))
F(f_erf, erfl(A))
F(f_erfc, erfcl(A))
F(f_exp, expl(A))
F(f_exp2, exp2l(A))
F(f_expm1, expm1l(A))
F(f_floor, floorl(A))
F(f_inv, 1 / A)
F(f_inv_phi, sp_inv_phi(A))
F(f_inv_cloglog, -expm1l(-expl(A)))
F(f_inv_logit, 1 / (1 + expl(-A)))
F(f_inv_sqrt, 1 / sqrtl(A))
F(f_inv_square, 1 / (A * A))
F(f_lgamma, sp_lgamma(A))
F(f_log, logl(A))
F(f_log1m, log1pl(-A))
F(f_log1m_exp, A > -0.5L ? logl(-expm1l(A)) : log1pl(-expl(A)))
F(f_log1m_inv_logit, -sp_log1p_exp(A))
F(f_log1p, log1pl(A))
F(f_log1p_exp, sp_log1p_exp(A))
F(f_log_inv_logit, -sp_log1p_exp(-A))
F(f_logit, logl(A / (1 - A)))
F(f_round, roundl(A))
F(f_sin, sinl(A))
F(f_sinh, sinhl(A))
F(f_sqrt, sqrtl(A))
F(f_square, A *A)
F(f_tan, tanl(A))
F(f_tanh, tanhl(A))
F(f_tgamma, tgammal(A))
F(f_trigamma, sp_trigamma(A))
F(f_trunc, truncl(A))
F(f_abs, fabsl(A))
F(f_log2, log2l(A))
F(f_log10, log10l(A))
F(f_minus, -A)
F(f_plus, A)
F(f_not, A == 0)
F(f_step, A < 0 ? 0 : 1)
F(f_int_step, A > 0 ? 1 : 0)
F(f_is_nan, isnan(A))
F(f_is_inf, isinf(A))
F(f_atan2, atan2l(A, B))
F(f_beta, expl(sp_lgamma(A) + sp_lgamma(B) - sp_lgamma(A + B)))
F(f_fdim, A > B ? A - B : 0)
F(f_fmax, fmaxl(A, B))
F(f_fmin, fminl(A, B))
F(f_fmod, fmodl(A, B))
F(f_gamma_p, sp_gamma_p(A, B))
F(f_gamma_q, 1 - sp_gamma_p(A, B))
F(f_hypot, hypotl(A, B))
F(f_lbeta, sp_lgamma(A) + sp_lgamma(B) - sp_lgamma(A + B))
F(f_lchoose, sp_lgamma(A + 1) - sp_lgamma(B + 1) - sp_lgamma(A - B + 1))
F(f_lmultiply, A == 0 ? 0 : A * logl(B))
F(f_log_diff_exp, A + f_log1m_exp(&(num){B - A}))
F(f_pow, powl(A, B))
F(f_ldexp, ldexpl(A, (int)B))
F(f_log_loss, B == 0 && A == 0 ? 0 : -(A != 0 ? logl(B) : log1pl(-B)))
F(f_fma, A *B + x[2])
F(f_eq, A == B)
F(f_neq, A != B)
F(f_lt, A < B)
F(f_lte, A <= B)
F(f_gt, A > B)
F(f_gte, A >= B)
F(f_and, A != 0 && B != 0)
F(f_or, A != 0 || B != 0)
F(f_modulus, A - B * truncl(A / B))
F(f_std_normal_log_qf, sp_inv_phi(expl(A)))
F(f_inc_beta, sp_inc_beta(A, B, x[2]))

typedef struct entry {
  const char *name;
  int args;
  function *f;
  bool whole; /* gives ints */
} entry;
static const entry table[] = {
    {"Phi", 1, f_phi, 0},
    {"Phi_approx", 1, f_phi_approx, 0},
    {"abs", 1, f_abs, 0},
    {"acos", 1, f_acos, 0},
    {"acosh", 1, f_acosh, 0},
    {"asin", 1, f_asin, 0},
    {"asinh", 1, f_asinh, 0},
    {"atan", 1, f_atan, 0},
    {"atan2", 2, f_atan2, 0},
    {"atanh", 1, f_atanh, 0},
    {"beta", 2, f_beta, 0},
    {"binary_log_loss", 2, f_log_loss, 0},
    {"cbrt", 1, f_cbrt, 0},
    {"ceil", 1, f_ceil, 0},
    {"cos", 1, f_cos, 0},
    {"cosh", 1, f_cosh, 0},
    {"digamma", 1, f_digamma, 0},
    {"erf", 1, f_erf, 0},
    {"erfc", 1, f_erfc, 0},
    {"exp", 1, f_exp, 0},
    {"exp2", 1, f_exp2, 0},
    {"expm1", 1, f_expm1, 0},
    {"fdim", 2, f_fdim, 0},
    {"floor", 1, f_floor, 0},
    {"fma", 3, f_fma, 0},
    {"fmax", 2, f_fmax, 0},
    {"fmin", 2, f_fmin, 0},
    {"fmod", 2, f_fmod, 0},
    {"gamma_p", 2, f_gamma_p, 0},
    {"gamma_q", 2, f_gamma_q, 0},
    {"hypot", 2, f_hypot, 0},
    {"inc_beta", 3, f_inc_beta, 0},
    {"int_step", 1, f_int_step, 1},
    {"inv", 1, f_inv, 0},
    {"inv_Phi", 1, f_inv_phi, 0},
    {"inv_cloglog", 1, f_inv_cloglog, 0},
    {"inv_logit", 1, f_inv_logit, 0},
    {"inv_sqrt", 1, f_inv_sqrt, 0},
    {"inv_square", 1, f_inv_square, 0},
    {"is_inf", 1, f_is_inf, 1},
    {"is_nan", 1, f_is_nan, 1},
    {"lbeta", 2, f_lbeta, 0},
    {"lchoose", 2, f_lchoose, 0},
    {"ldexp", 2, f_ldexp, 0},
    {"lgamma", 1, f_lgamma, 0},
    {"lmultiply", 2, f_lmultiply, 0},
    {"log", 1, f_log, 0},
    {"log10", 1, f_log10, 0},
    {"log1m", 1, f_log1m, 0},
    {"log1m_exp", 1, f_log1m_exp, 0},
    {"log1m_inv_logit", 1, f_log1m_inv_logit, 0},
    {"log1p", 1, f_log1p, 0},
    {"log1p_exp", 1, f_log1p_exp, 0},
    {"log2", 1, f_log2, 0},
    {"log_diff_exp", 2, f_log_diff_exp, 0},
    {"log_inv_logit", 1, f_log_inv_logit, 0},
    {"logical_and", 2, f_and, 1},
    {"logical_eq", 2, f_eq, 1},
    {"logical_gt", 2, f_gt, 1},
    {"logical_gte", 2, f_gte, 1},
    {"logical_lt", 2, f_lt, 1},
    {"logical_lte", 2, f_lte, 1},
    {"logical_negation", 1, f_not, 1},
    {"logical_neq", 2, f_neq, 1},
    {"logical_or", 2, f_or, 1},
    {"logit", 1, f_logit, 0},
    {"minus", 1, f_minus, 0},
    {"modulus", 2, f_modulus, 1},
    {"plus", 1, f_plus, 0},
    {"pow", 2, f_pow, 0},
    {"round", 1, f_round, 0},
    {"sin", 1, f_sin, 0},
    {"sinh", 1, f_sinh, 0},
    {"sqrt", 1, f_sqrt, 0},
    {"square", 1, f_square, 0},
    {"std_normal_log_qf", 1, f_std_normal_log_qf, 0},
    {"std_normal_qf", 1, f_inv_phi, 0},
    {"step", 1, f_step, 0},
    {"tan", 1, f_tan, 0},
    {"tanh", 1, f_tanh, 0},
    {"tgamma", 1, f_tgamma, 0},
    {"to_int", 1, f_trunc, 1},
    {"trigamma", 1, f_trigamma, 0},
    {"trunc", 1, f_trunc, 0},
};

val in_map(interp *s, val *arg, int n, num (*f)(const num *x), bool whole) {
  const val *shape = &arg[0];
  num x[4];
  for (int i = 1; i < n; i++)
    if (arg[i].ndims > shape->ndims) shape = &arg[i];
  lang_type type = shape->type;
  if (type.base == LANG_INT && !whole) type.base = LANG_REAL;
  if (whole) type.base = LANG_INT;
  val v = val_new(&s->mem, type, shape->dim);
  for (long k = 0; k < v.n; k++) {
    for (int i = 0; i < n; i++) x[i] = arg[i].x[arg[i].ndims ? k : 0];
    v.x[k] = f(x);
  }
  return v;
}

/* Constants without arguments. */
static bool constant(const in_args *a, const char *name, val *result) {
  static const struct {
    const char *name;
    num x;
  } list[] = {{"e", 2.71828182845904523536L},
              {"pi", 3.14159265358979323846L},
              {"sqrt2", 1.41421356237309504880L},
              {"log2", 0.693147180559945309417L},
              {"log10", 2.30258509299404568402L},
              {"machine_precision", 0x1p-52L},
              {"not_a_number", NAN},
              {"positive_infinity", INFINITY},
              {"negative_infinity", -INFINITY}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (strcmp(list[i].name, name) == 0) {
      *result = val_number(&a->s->mem, list[i].x);
      return true;
    }
  return false;
}

bool in_scalar_function(const in_args *a, const char *name, val *result) {
  if (a->n == 0) return constant(a, name, result);
  if (strcmp(name, "valid") == 0) { /* the prelude's: 0, or out of the support */
    *result = val_number(&a->s->mem, a->arg[0].x[0] != 0 ? 0 : -INFINITY);
    return true;
  }
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const entry *t = &table[i];
    if (t->args != a->n || strcmp(t->name, name) != 0) continue;
    bool ints =
        a->arg[0].type.base == LANG_INT && (t->f == f_abs || t->f == f_minus || t->f == f_plus);
    *result = in_moderate(a->s, in_map(a->s, a->arg, a->n, t->f, t->whole || ints), a->at);
    return true;
  }
  return false;
}
