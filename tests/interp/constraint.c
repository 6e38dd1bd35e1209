/* tests/interp/constraint.c -- whether a value keeps to what its variable is declared with, by
 * Stan's tolerances. See interp.h. */
#include <math.h>

#include "interp.h"

#define CLOSE(x, to) (fabsl((x) - (to)) <= 1e-8L)

static num sum(const num *x, long n, long step) {
  num total = 0;
  for (long i = 0; i < n; i++) total += x[i * step];
  return total;
}

static num squares(const num *x, long n) {
  num total = 0;
  for (long i = 0; i < n; i++) total += x[i] * x[i];
  return total;
}

static bool simplex(const num *x, long n, long step) {
  for (long i = 0; i < n; i++)
    if (!(x[i * step] >= 0)) return false;
  return CLOSE(sum(x, n, step), 1);
}

static bool ordered(const num *x, long n) {
  for (long i = 1; i < n; i++)
    if (!(x[i] > x[i - 1])) return false;
  return true;
}

/* By elimination, of a copy. */
static bool positive_definite(interp *s, const val *x) {
  val left = val_copy(&s->mem, x);
  long n = x->dim[0];
  if (n == 1) return at2(x, 0, 0) > 1e-8L;
  for (long i = 0; i < n; i++)
    for (long j = 0; j < i; j++)
      if (!CLOSE(at2(x, i, j), at2(x, j, i))) return false;
  for (long k = 0; k < n; k++) {
    if (!(at2(&left, k, k) > 0)) return false;
    for (long i = k + 1; i < n; i++)
      for (long j = k + 1; j <= i; j++)
        *put2(&left, i, j) -= at2(&left, i, k) * at2(&left, j, k) / at2(&left, k, k);
  }
  return true;
}

static bool factor(const val *x, bool corr) {
  long rows = x->dim[0], cols = x->dim[1];
  for (long i = 0; i < cols; i++) {
    if (!(at2(x, i, i) > 0)) return false;
    for (long j = i + 1; j < cols; j++)
      if (at2(x, i, j) != 0) return false;
  }
  for (long i = 0; corr && i < rows; i++)
    if (!CLOSE(squares(x->x + i * cols, cols), 1)) return false;
  return rows >= cols;
}

static bool matrix(interp *s, ast_constraint c, const val *x) {
  long rows = x->dim[0], cols = x->dim[1];
  for (long i = 0; c == AST_CORR && i < rows; i++)
    if (!CLOSE(at2(x, i, i), 1)) return false;
  if (c == AST_CORR || c == AST_COV) return positive_definite(s, x);
  if (c == AST_CHOLESKY_CORR || c == AST_CHOLESKY_COV) return factor(x, c == AST_CHOLESKY_CORR);
  for (long i = 0; i < rows; i++) {
    if (c == AST_STOCHASTIC_ROW && !simplex(x->x + i * cols, cols, 1)) return false;
    if (c == AST_SUM_TO_ZERO && !CLOSE(sum(x->x + i * cols, cols, 1), 0)) return false;
  }
  for (long j = 0; j < cols; j++) {
    if (c == AST_STOCHASTIC_COLUMN && !simplex(x->x + j, rows, cols)) return false;
    if (c == AST_SUM_TO_ZERO && !CLOSE(sum(x->x + j, rows, cols), 0)) return false;
  }
  return true;
}

static bool whole(interp *s, ast_constraint c, const val *x) {
  for (long i = 0; x->type.arrays && i < x->dim[0]; i++) {
    val part = val_at(x, i);
    if (!whole(s, c, &part)) return false;
  }
  if (x->type.arrays) return true;
  switch (c) {
  case AST_SIMPLEX:
    return simplex(x->x, x->n, 1);
  case AST_UNIT_VECTOR:
    return CLOSE(squares(x->x, x->n), 1);
  case AST_ORDERED:
    return ordered(x->x, x->n);
  case AST_POSITIVE_ORDERED:
    return ordered(x->x, x->n) && (x->n == 0 || x->x[0] >= 0);
  case AST_SUM_TO_ZERO:
    return x->ndims == 2 ? matrix(s, c, x) : CLOSE(sum(x->x, x->n, 1), 0);
  default:
    return matrix(s, c, x);
  }
}

static bool within(interp *s, const ast_decl *d, const val *x) {
  const ast_expr *bound[] = {d->lower, d->upper};
  for (int k = 0; k < 2; k++) {
    if (!bound[k]) continue;
    val b = in_eval(s, bound[k]);
    for (long i = 0; i < x->n; i++) {
      num limit = b.x[b.ndims ? i : 0];
      if (k ? !(x->x[i] <= limit) : !(x->x[i] >= limit)) return false;
    }
  }
  return true;
}

bool in_keeps(interp *s, const ast_decl *d, const val *x) {
  if (x->item) {
    for (long i = 0; i < x->n; i++)
      for (int k = 0; k < d->type.nelements; k++)
        if (!in_keeps(s, d->element[k], &x->item[i * d->type.nelements + k])) return false;
    return true;
  }
  if (d->constraint == AST_BOUNDS) return within(s, d, x);
  if (d->constraint == AST_UNCONSTRAINED || d->constraint == AST_OFFSET_MULTIPLIER) return true;
  return whole(s, d->constraint, x);
}
