/* tests/interp/linear.c -- linear algebra by the plainest methods. See interp.h. */
#include <math.h>
#include <string.h>

#include "interp.h"

#define MEM (&a->s->mem)
typedef val library(const in_args *a);

val la_as_matrix(interp *s, const val *a) {
  (void)s;
  val v = *a;
  if (a->ndims == 2) return v;
  bool row = a->type.base == LANG_ROW_VECTOR;
  v.ndims = 2;
  v.type = (lang_type){.base = LANG_MATRIX};
  v.dim[0] = row ? 1 : a->n;
  v.dim[1] = row ? a->n : 1;
  return v;
}

val la_multiply(interp *s, const val *x, const val *y) {
  val a = la_as_matrix(s, x), b = la_as_matrix(s, y);
  if (a.dim[1] != b.dim[0]) interp_fail(s, IN_BAD, (lang_loc){0}, "sizes differ in a product");
  val v = val_matrix(&s->mem, a.dim[0], b.dim[1]);
  for (long i = 0; i < a.dim[0]; i++)
    for (long j = 0; j < b.dim[1]; j++) {
      num sum = 0;
      for (long k = 0; k < a.dim[1]; k++) sum += at2(&a, i, k) * at2(&b, k, j);
      *put2(&v, i, j) = sum;
    }
  return v;
}

val la_transpose(interp *s, const val *x) {
  val a = la_as_matrix(s, x), v = val_matrix(&s->mem, a.dim[1], a.dim[0]);
  for (long i = 0; i < a.dim[0]; i++)
    for (long j = 0; j < a.dim[1]; j++) *put2(&v, j, i) = at2(&a, i, j);
  return v;
}

/* Gaussian elimination with row pivots on [a | b]; returns the determinant's log size. */
static num eliminate(val *a, val *b) {
  long n = a->dim[0];
  num log_det = 0;
  for (long k = 0; k < n; k++) {
    long p = k;
    for (long i = k + 1; i < n; i++)
      if (fabsl(at2(a, i, k)) > fabsl(at2(a, p, k))) p = i;
    for (long j = 0; p != k && j < n + b->dim[1]; j++) {
      num *u = j < n ? put2(a, k, j) : put2(b, k, j - n);
      num *w = j < n ? put2(a, p, j) : put2(b, p, j - n);
      num t = *u;
      *u = *w;
      *w = t;
    }
    log_det += logl(fabsl(at2(a, k, k)));
    for (long i = 0; i < n; i++) {
      if (i == k) continue;
      num f = at2(a, i, k) / at2(a, k, k);
      for (long j = k; j < n; j++) *put2(a, i, j) -= f * at2(a, k, j);
      for (long j = 0; j < b->dim[1]; j++) *put2(b, i, j) -= f * at2(b, k, j);
    }
  }
  for (long i = 0; i < n; i++)
    for (long j = 0; j < b->dim[1]; j++) *put2(b, i, j) /= at2(a, i, i);
  return log_det;
}

val la_solve(interp *s, const val *x, const val *y, lang_loc at) {
  val a = val_copy(&s->mem, x), b = la_as_matrix(s, y);
  b = val_copy(&s->mem, &b);
  if (a.dim[0] != a.dim[1] || a.dim[1] != b.dim[0])
    interp_fail(s, IN_BAD, at, "sizes differ in a system of equations");
  eliminate(&a, &b);
  return b;
}

num la_log_det(interp *s, const val *x) {
  val a = val_copy(&s->mem, x), b = val_matrix(&s->mem, a.dim[0], 0);
  return eliminate(&a, &b);
}

val la_cholesky(interp *s, const val *a, lang_loc at) {
  long n = a->dim[0];
  val v = val_matrix(&s->mem, n, n);
  if (a->dim[0] != a->dim[1]) interp_fail(s, IN_BAD, at, "cholesky of what is not square");
  for (long i = 0; i < n; i++)
    for (long j = 0; j < n; j++) {
      num sum = at2(a, i, j);
      if (j > i) {
        *put2(&v, i, j) = 0;
        continue;
      }
      for (long k = 0; k < j; k++) sum -= at2(&v, i, k) * at2(&v, j, k);
      if (i == j && !(sum > 0))
        interp_fail(s, IN_REJECTED, at, "a matrix that is not positive definite");
      *put2(&v, i, j) = i == j ? sqrtl(sum) : sum / at2(&v, j, j);
    }
  return v;
}

/* ---- functions of the language */

static val product3(const in_args *a, const val *x, const val *y, const val *z) {
  val v = la_multiply(a->s, x, y);
  return la_multiply(a->s, &v, z);
}
static val f_crossprod(const in_args *a) {
  val t = la_transpose(a->s, &a->arg[0]);
  return la_multiply(a->s, &t, &a->arg[0]);
}
static val f_tcrossprod(const in_args *a) {
  val t = la_transpose(a->s, &a->arg[0]);
  return la_multiply(a->s, &a->arg[0], &t);
}
static val triangle(const in_args *a, const val *x) {
  val v = val_copy(MEM, x);
  for (long i = 0; i < v.dim[0]; i++)
    for (long j = i + 1; j < v.dim[1]; j++) *put2(&v, i, j) = 0;
  return v;
}
static val f_lower_tri_self(const in_args *a) {
  val l = triangle(a, &a->arg[0]), t = la_transpose(a->s, &l);
  return la_multiply(a->s, &l, &t);
}
static val like_second(const in_args *a, val v) {
  v.type = a->arg[1].type;
  v.ndims = a->arg[1].ndims;
  return v;
}
static val f_mdivide_left(const in_args *a) {
  return like_second(a, la_solve(a->s, &a->arg[0], &a->arg[1], a->at));
}
static val f_mdivide_left_tri_low(const in_args *a) {
  val l = triangle(a, &a->arg[0]);
  return like_second(a, la_solve(a->s, &l, &a->arg[1], a->at));
}
static val divide_right(const in_args *a, const val *by) {
  val t = la_transpose(a->s, by), b = la_transpose(a->s, &a->arg[0]);
  val x = la_solve(a->s, &t, &b, a->at), v = la_transpose(a->s, &x);
  v.type = a->arg[0].type;
  v.ndims = a->arg[0].ndims;
  if (v.ndims == 1) v.dim[0] = v.n;
  return v;
}
static val f_mdivide_right(const in_args *a) { return divide_right(a, &a->arg[1]); }
static val f_mdivide_right_tri_low(const in_args *a) {
  val l = triangle(a, &a->arg[1]);
  return divide_right(a, &l);
}
static val identity(const in_args *a, long n) {
  val v = val_matrix(MEM, n, n);
  for (long i = 0; i < v.n; i++) v.x[i] = i % (n + 1) == 0;
  return v;
}
static val f_inverse(const in_args *a) {
  val one = identity(a, a->arg[0].dim[0]);
  return la_solve(a->s, &a->arg[0], &one, a->at);
}
static val f_log_determinant(const in_args *a) {
  return val_number(MEM, la_log_det(a->s, &a->arg[0]));
}
static val f_cholesky(const in_args *a) { return la_cholesky(a->s, &a->arg[0], a->at); }
static val f_diag_matrix(const in_args *a) {
  val v = val_matrix(MEM, a->arg[0].n, a->arg[0].n);
  for (long i = 0; i < v.n; i++) v.x[i] = 0;
  for (long i = 0; i < a->arg[0].n; i++) *put2(&v, i, i) = a->arg[0].x[i];
  return v;
}
static val f_diagonal(const in_args *a) {
  long n = a->arg[0].dim[0] < a->arg[0].dim[1] ? a->arg[0].dim[0] : a->arg[0].dim[1];
  val v = val_vector(MEM, n);
  for (long i = 0; i < n; i++) v.x[i] = at2(&a->arg[0], i, i);
  return v;
}
static val f_add_diag(const in_args *a) {
  val v = val_copy(MEM, &a->arg[0]);
  for (long i = 0; i < v.dim[0] && i < v.dim[1]; i++)
    *put2(&v, i, i) += a->arg[1].x[a->arg[1].ndims ? i : 0];
  return v;
}
static val scaled(const in_args *a, int matrix, bool rows, bool columns) {
  val v = val_copy(MEM, &a->arg[matrix]);
  const num *d = a->arg[1 - matrix].x;
  for (long i = 0; i < v.dim[0]; i++)
    for (long j = 0; j < v.dim[1]; j++) *put2(&v, i, j) *= (rows ? d[i] : 1) * (columns ? d[j] : 1);
  return v;
}
static val f_diag_pre_multiply(const in_args *a) { return scaled(a, 1, true, false); }
static val f_diag_post_multiply(const in_args *a) { return scaled(a, 0, false, true); }
static val f_quad_form_diag(const in_args *a) { return scaled(a, 0, true, true); }
static val f_quad_form(const in_args *a) {
  val b = la_as_matrix(a->s, &a->arg[1]), t = la_transpose(a->s, &b);
  val v = product3(a, &t, &a->arg[0], &b);
  return a->arg[1].ndims == 1 ? val_number(MEM, v.x[0]) : v;
}
static val f_trace(const in_args *a) {
  num sum = 0;
  for (long i = 0; i < a->arg[0].dim[0]; i++) sum += at2(&a->arg[0], i, i);
  return val_number(MEM, sum);
}

/* ---- covariance functions: sigma^2 k(|x_i - x_j| / length) */

static num distance2(const val *x, long i, const val *y, long j) {
  long inner = x->ndims > 1 ? x->dim[1] : 1;
  num sum = 0;
  for (long k = 0; k < inner; k++) {
    num d = x->x[i * inner + k] - y->x[j * inner + k];
    sum += d * d;
  }
  return sum;
}
static val kernel(const in_args *a, num (*k)(num r2)) {
  const val *x = &a->arg[0], *y = a->n == 4 ? &a->arg[1] : x;
  const val *sigma = &a->arg[a->n - 2], *length = &a->arg[a->n - 1];
  if (length->ndims) interp_fail(a->s, IN_UNKNOWN, a->at, "a kernel with several length scales");
  val v = val_matrix(MEM, x->dim[0], y->dim[0]);
  for (long i = 0; i < v.dim[0]; i++)
    for (long j = 0; j < v.dim[1]; j++)
      *put2(&v, i, j) =
          sigma->x[0] * sigma->x[0] * k(distance2(x, i, y, j) / (length->x[0] * length->x[0]));
  return v;
}
static num exp_quad(num r2) { return expl(-r2 / 2); }
static num exponential(num r2) { return expl(-sqrtl(r2)); }
static num matern32(num r2) { return (1 + sqrtl(3 * r2)) * expl(-sqrtl(3 * r2)); }
static num matern52(num r2) { return (1 + sqrtl(5 * r2) + 5 * r2 / 3) * expl(-sqrtl(5 * r2)); }
static val f_exp_quad(const in_args *a) { return kernel(a, exp_quad); }
static val f_exponential(const in_args *a) { return kernel(a, exponential); }
static val f_matern32(const in_args *a) { return kernel(a, matern32); }
static val f_matern52(const in_args *a) { return kernel(a, matern52); }

static const struct {
  const char *name;
  library *f;
} table[] = {{"crossprod", f_crossprod},
             {"tcrossprod", f_tcrossprod},
             {"multiply_lower_tri_self_transpose", f_lower_tri_self},
             {"mdivide_left", f_mdivide_left},
             {"mdivide_left_spd", f_mdivide_left},
             {"mdivide_left_tri_low", f_mdivide_left_tri_low},
             {"mdivide_right", f_mdivide_right},
             {"mdivide_right_spd", f_mdivide_right},
             {"mdivide_right_tri_low", f_mdivide_right_tri_low},
             {"inverse", f_inverse},
             {"inverse_spd", f_inverse},
             {"log_determinant", f_log_determinant},
             {"log_determinant_spd", f_log_determinant},
             {"cholesky_decompose", f_cholesky},
             {"diag_matrix", f_diag_matrix},
             {"diagonal", f_diagonal},
             {"add_diag", f_add_diag},
             {"diag_pre_multiply", f_diag_pre_multiply},
             {"diag_post_multiply", f_diag_post_multiply},
             {"quad_form", f_quad_form},
             {"quad_form_sym", f_quad_form},
             {"quad_form_diag", f_quad_form_diag},
             {"trace", f_trace},
             {"gp_exp_quad_cov", f_exp_quad},
             {"gp_exponential_cov", f_exponential},
             {"gp_matern32_cov", f_matern32},
             {"gp_matern52_cov", f_matern52}};

/* The operators by their names. */
static bool operator_of(const in_args *a, const char *name, val *result) {
  static const struct {
    const char *name;
    ast_op op;
  } list[] = {{"add", AST_ADD},    {"subtract", AST_SUB},         {"multiply", AST_MUL},
              {"divide", AST_DIV}, {"elt_multiply", AST_ELT_MUL}, {"elt_divide", AST_ELT_DIV}};
  for (size_t i = 0; a->n == 2 && i < sizeof list / sizeof *list; i++) {
    if (strcmp(list[i].name, name) != 0) continue;
    const val *x = &a->arg[0], *y = &a->arg[1];
    if (list[i].op == AST_MUL && x->ndims && y->ndims)
      interp_fail(a->s, IN_UNKNOWN, a->at, "multiply() of matrices");
    const ast_expr e = {.loc = a->at};
    lang_type type = x->ndims ? x->type : y->type;
    if (!x->ndims && !y->ndims && x->type.base == LANG_REAL) type = x->type;
    *result = in_operate(a->s, &e, list[i].op, x, y, type);
    return true;
  }
  return false;
}

bool in_linear(const in_args *a, const char *name, val *result) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].name, name) != 0) continue;
    *result = table[i].f(a);
    return true;
  }
  return operator_of(a, name, result);
}
