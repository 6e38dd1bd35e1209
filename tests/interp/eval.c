/* tests/interp/eval.c -- expressions: operators, indices, literals. See interp.h. */
#include <math.h>
#include <string.h>

#include "interp.h"

num in_number(interp *s, const ast_expr *e) { return in_eval(s, e).x[0]; }
long in_int(interp *s, const ast_expr *e) { return (long)in_number(s, e); }

val in_promote(val v, lang_type type) {
  if (v.type.base == LANG_INT && type.base == LANG_REAL) v.type.base = LANG_REAL;
  return v;
}

val in_moderate(interp *s, val v, lang_loc at) {
  for (long i = 0; i < v.n && !v.item; i++) {
    if (isinf(v.x[i])) continue;
    if (fabsl(v.x[i]) > 1e100L)
      interp_fail(s, IN_UNKNOWN, at, "numbers beyond 1e100 are not judged");
    if (v.type.base != LANG_INT && fabsl(v.x[i]) > s->largest) s->largest = fabsl(v.x[i]);
  }
  return v;
}

/* ---- operators */

static bool single(const val *v) { return v->ndims == 0; }

static num int_divide(interp *s, const ast_expr *e, num a, num b) {
  if (b == 0) interp_fail(s, IN_BAD, e->loc, "an int is divided by 0");
  return (num)((long)a / (long)b);
}

static num one_of(interp *s, const ast_expr *e, ast_op op, num a, num b, bool whole) {
  switch (op) {
  case AST_ADD:
    return a + b;
  case AST_SUB:
    return a - b;
  case AST_MUL:
  case AST_ELT_MUL:
    return a * b;
  case AST_DIV:
  case AST_ELT_DIV:
    return whole ? int_divide(s, e, a, b) : a / b;
  case AST_INT_DIV:
    return int_divide(s, e, a, b);
  case AST_MOD:
    return a - b * int_divide(s, e, a, b);
  case AST_POW:
  case AST_ELT_POW:
    return powl(a, b);
  case AST_EQ:
    return a == b;
  case AST_NE:
    return a != b;
  case AST_LT:
    return a < b;
  case AST_LE:
    return a <= b;
  case AST_GT:
    return a > b;
  case AST_GE:
    return a >= b;
  case AST_AND:
    return a != 0 && b != 0;
  case AST_OR:
    return a != 0 || b != 0;
  default:
    interp_fail(s, IN_UNKNOWN, e->loc, "an operator that is not interpreted");
  }
}

static val each(interp *s, const ast_expr *e, ast_op op, const val *a, const val *b,
                lang_type type) {
  const val *shape = single(a) ? b : a;
  if (!single(a) && !single(b) && !val_same_shape(a, b))
    interp_fail(s, IN_BAD, e->loc, "sizes differ");
  val v = val_new(&s->mem, type, shape->dim);
  bool whole = a->type.base == LANG_INT && b->type.base == LANG_INT;
  for (long i = 0; i < v.n; i++)
    v.x[i] = one_of(s, e, op, a->x[single(a) ? 0 : i], b->x[single(b) ? 0 : i], whole);
  return v;
}

static bool is_matrixlike(const val *v) { return v->ndims > 0 && v->type.arrays == 0; }

static val product(interp *s, const ast_expr *e, const val *a, const val *b, lang_type type) {
  if (a->type.base == LANG_ROW_VECTOR && b->type.base == LANG_VECTOR) {
    if (a->n != b->n) interp_fail(s, IN_BAD, e->loc, "sizes differ in a product");
    num sum = 0;
    for (long i = 0; i < a->n; i++) sum += a->x[i] * b->x[i];
    return val_number(&s->mem, sum);
  }
  val v = la_multiply(s, a, b);
  v.type = type;
  if (type.base == LANG_VECTOR) v.ndims = 1;
  if (type.base == LANG_ROW_VECTOR) {
    v.ndims = 1;
    v.dim[0] = v.dim[1];
  }
  return v;
}

val in_operate(interp *s, const ast_expr *e, ast_op op, const val *a, const val *b,
               lang_type type) {
  if (op == AST_MUL && is_matrixlike(a) && is_matrixlike(b)) return product(s, e, a, b, type);
  if (op == AST_LEFT_DIV) {
    val v = la_solve(s, a, b, e->loc);
    v.type = type;
    if (type.base == LANG_VECTOR) v.ndims = 1;
    return v;
  }
  if (op == AST_DIV && is_matrixlike(b) && is_matrixlike(a)) { /* a / b = (b' \ a')' */
    val bt = la_transpose(s, b), at = la_transpose(s, a), x = la_solve(s, &bt, &at, e->loc);
    val m = la_as_matrix(s, &x), v = la_transpose(s, &m);
    v.type = type;
    if (type.base == LANG_ROW_VECTOR) {
      v.ndims = 1;
      v.dim[0] = v.n;
    }
    return v;
  }
  return each(s, e, op, a, b, type);
}

static val unary(interp *s, const ast_expr *e) {
  val a = in_eval(s, e->arg[0]);
  if (e->op == AST_PLUS) return a;
  if (e->op == AST_TRANSPOSE) {
    val v = a;
    if (a.type.base == LANG_MATRIX) return la_transpose(s, &a);
    v.type = e->type;
    return v;
  }
  val v = val_new(&s->mem, e->type, a.dim);
  for (long i = 0; i < v.n; i++) v.x[i] = e->op == AST_NEG ? -a.x[i] : a.x[i] == 0;
  return v;
}

static val binary(interp *s, const ast_expr *e) {
  if (e->op == AST_AND || e->op == AST_OR) { /* the right side only where it decides */
    bool left = in_number(s, e->arg[0]) != 0;
    if (left == (e->op == AST_OR)) return val_int(&s->mem, left);
    return val_int(&s->mem, in_number(s, e->arg[1]) != 0);
  }
  val a = in_eval(s, e->arg[0]), b = in_eval(s, e->arg[1]);
  return in_moderate(s, in_operate(s, e, e->op, &a, &b, e->type), e->loc);
}

/* ---- indices */

static void span_range(interp *s, const ast_expr *e, in_span *span, long low, long high, long n) {
  span->kept = true;
  span->n = high < low ? 0 : high - low + 1;
  if (span->n && (low < 1 || high > n))
    interp_fail(s, IN_BAD, e->loc, "index %ld:%ld of %ld", low, high, n);
  span->at = mem_take(&s->mem, (size_t)span->n * sizeof(long));
  for (long i = 0; i < span->n; i++) span->at[i] = low - 1 + i;
}

static void span_of(interp *s, const ast_expr *e, const ast_index *x, long n, in_span *span) {
  switch (x->kind) {
  case AST_INDEX_ALL:
    span_range(s, e, span, 1, n, n);
    return;
  case AST_INDEX_FROM:
    span_range(s, e, span, in_int(s, x->low), n, n);
    return;
  case AST_INDEX_TO:
    span_range(s, e, span, 1, in_int(s, x->high), n);
    return;
  case AST_INDEX_BETWEEN:
    span_range(s, e, span, in_int(s, x->low), in_int(s, x->high), n);
    return;
  default:
    break;
  }
  val at = in_eval(s, x->low);
  span->kept = at.ndims > 0;
  span->n = at.n;
  span->at = mem_take(&s->mem, (size_t)at.n * sizeof(long));
  for (long i = 0; i < at.n; i++) {
    long k = (long)at.x[i];
    if (k < 1 || k > n) interp_fail(s, IN_BAD, e->loc, "index %ld of %ld", k, n);
    span->at[i] = k - 1;
  }
}

void in_spans(interp *s, const ast_expr *e, const val *v, in_span *span, int *count) {
  for (int i = 0; i < e->nindices; i++) {
    if (*count >= v->ndims) interp_fail(s, IN_BAD, e->loc, "too many indices");
    span_of(s, e, &e->index[i], v->dim[*count], &span[*count]);
    (*count)++;
  }
}

/* The shape of what the indices select; its numbers, in order, are at (*positions)[0 .. n - 1]. The
 * type is the caller's to say. */
val in_select(interp *s, const val *v, in_span *span, int count, long **positions) {
  long turn[MOST_DIMS] = {0};
  val out = {.type = v->type, .n = 1};
  for (int i = count; i < v->ndims; i++)
    span_range(s, &(ast_expr){0}, &span[i], 1, v->dim[i], v->dim[i]);
  for (int i = 0; i < v->ndims; i++) {
    out.n *= span[i].n;
    if (span[i].kept) out.dim[out.ndims++] = span[i].n;
  }
  *positions = mem_take(&s->mem, (size_t)out.n * sizeof(long));
  for (long k = 0; k < out.n; k++) {
    long at = 0;
    for (int i = 0; i < v->ndims; i++) at = at * v->dim[i] + span[i].at[turn[i]];
    (*positions)[k] = at;
    for (int i = v->ndims; i-- > 0;) {
      if (++turn[i] < span[i].n) break;
      turn[i] = 0;
    }
  }
  return out;
}

static val indexed(interp *s, const ast_expr *e) {
  in_span span[MOST_DIMS];
  int count = 0;
  long *position;
  val of = in_eval(s, e->arg[0]);
  in_spans(s, e, &of, span, &count);
  val out = in_select(s, &of, span, count, &position);
  out.type = e->type;
  if (of.item) {
    int parts = of.type.nelements;
    out.item = mem_take(&s->mem, (size_t)(out.n * parts) * sizeof(val));
    for (long i = 0; i < out.n; i++)
      memcpy(&out.item[i * parts], &of.item[position[i] * parts], (size_t)parts * sizeof(val));
    return out;
  }
  out.x = mem_take(&s->mem, (size_t)out.n * sizeof(num));
  for (long i = 0; i < out.n; i++) out.x[i] = of.x[position[i]];
  return out;
}

/* ---- literals */

static val array_of(interp *s, const ast_expr *e) {
  long dim[MOST_DIMS] = {e->nargs};
  val first = in_eval(s, e->arg[0]);
  memcpy(dim + 1, first.dim, sizeof(long) * (MOST_DIMS - 1));
  val v = val_new(&s->mem, e->type, dim);
  for (int i = 0; i < e->nargs; i++) {
    val one = i ? in_eval(s, e->arg[i]) : first;
    if (!val_same_shape(&one, &first))
      interp_fail(s, IN_BAD, e->arg[i]->loc, "elements of an array differ in size");
    if (v.item) {
      long items = one.n * one.type.nelements;
      for (long k = 0; k < items; k++) v.item[i * items + k] = val_copy(&s->mem, &one.item[k]);
    } else if (one.n) {
      memcpy(v.x + i * one.n, one.x, (size_t)one.n * sizeof(num));
    }
  }
  return v;
}

static val row_of(interp *s, const ast_expr *e) {
  if (e->type.base == LANG_ROW_VECTOR) {
    val v = val_row(&s->mem, e->nargs);
    for (int i = 0; i < e->nargs; i++) v.x[i] = in_number(s, e->arg[i]);
    return v;
  }
  val first = in_eval(s, e->arg[0]), v = val_matrix(&s->mem, e->nargs, first.n);
  for (int i = 0; i < e->nargs; i++) {
    val one = i ? in_eval(s, e->arg[i]) : first;
    if (one.n != first.n) interp_fail(s, IN_BAD, e->loc, "rows of a matrix differ in size");
    if (one.n) memcpy(v.x + i * one.n, one.x, (size_t)one.n * sizeof(num));
  }
  return v;
}

static val tuple_of(interp *s, const ast_expr *e) {
  val v = val_new(&s->mem, e->type, NULL);
  for (int i = 0; i < e->nargs; i++) v.item[i] = in_eval(s, e->arg[i]);
  return v;
}

val in_eval(interp *s, const ast_expr *e) {
  switch (e->kind) {
  case AST_INT:
    return val_int(&s->mem, e->integer);
  case AST_REAL:
    return val_number(&s->mem, e->real);
  case AST_VAR:
    return *in_find(s, e);
  case AST_UNARY:
    return unary(s, e);
  case AST_BINARY:
    return binary(s, e);
  case AST_TERNARY: {
    val v = in_eval(s, e->arg[in_number(s, e->arg[0]) != 0 ? 1 : 2]);
    v.type = e->type;
    return v;
  }
  case AST_INDEX:
    return indexed(s, e);
  case AST_CALL:
    return in_call(s, e);
  case AST_ARRAY:
    return array_of(s, e);
  case AST_ROW:
    return row_of(s, e);
  case AST_TUPLE:
    return tuple_of(s, e);
  case AST_TUPLE_GET:
    return in_eval(s, e->arg[0]).item[e->integer - 1];
  default:
    interp_fail(s, IN_UNKNOWN, e->loc, "an expression that is not interpreted");
  }
}
