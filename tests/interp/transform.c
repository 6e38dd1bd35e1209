/* tests/interp/transform.c -- parameters from the unconstrained scale, log Jacobians to target.
 *
 * Written from the Stan reference manual, "Constraint Transforms" (2.36): stick-breaking simplex,
 * canonical partial correlations. Parameters come in Stan's order: arrays row-major, matrices by
 * columns. */
#include <math.h>

#include "interp.h"

static num next(interp *s) { return s->theta[s->at++]; }

static num log_inv_logit(num x) { return -sp_log1p_exp(-x); }
static num inv_logit(num x) { return 1 / (1 + expl(-x)); }

/* ---- one number */

static num bounded(interp *s, const ast_decl *d, num low, num high, num y) {
  bool is_low = d->lower && low > -INFINITY, is_high = d->upper && high < INFINITY;
  if (d->constraint == AST_OFFSET_MULTIPLIER) {
    num scale = d->multiplier ? high : 1;
    s->target += logl(scale);
    return (d->offset ? low : 0) + scale * y;
  }
  if (is_low && is_high) {
    s->target += logl(high - low) + log_inv_logit(y) + log_inv_logit(-y);
    return low + (high - low) * inv_logit(y);
  }
  if (!is_low && !is_high) return y;
  s->target += y;
  return is_low ? low + expl(y) : high - expl(y);
}

static num bound_at(const val *b, long i) { return b->x[b->ndims ? i : 0]; }

/* Where the k-th unconstrained number of a container goes: matrices are filled by columns. */
static long order_of(const val *v, long k) {
  if (v->type.base != LANG_MATRIX) return k;
  long rows = v->dim[v->ndims - 2], cols = v->dim[v->ndims - 1], size = rows * cols;
  long in = k % size;
  return k - in + in % rows * cols + in / rows;
}

static void elementwise(interp *s, const ast_decl *d, val *v) {
  const bool shift = d->constraint == AST_OFFSET_MULTIPLIER;
  const ast_expr *a = shift ? d->offset : d->lower, *b = shift ? d->multiplier : d->upper;
  val low = a ? in_eval(s, a) : val_number(&s->mem, 0);
  val high = b ? in_eval(s, b) : val_number(&s->mem, 1);
  for (long k = 0; k < v->n; k++) {
    long i = order_of(v, k);
    num y = next(s);
    v->x[i] = d->constraint == AST_UNCONSTRAINED
                  ? y
                  : bounded(s, d, bound_at(&low, i), bound_at(&high, i), y);
  }
}

/* ---- one vector; step: distance of its elements */

static void simplex(interp *s, num *x, long K, const num *y) {
  num stick = 1;
  for (long k = 0; k < K - 1; k++) {
    num a = y[k] - logl(K - 1 - k);
    s->target += logl(stick) + log_inv_logit(a) + log_inv_logit(-a);
    x[k] = stick * inv_logit(a);
    stick -= x[k];
  }
  x[K - 1] = stick;
}

static void ordered(interp *s, num *x, long K, bool positive) {
  for (long k = 0; k < K; k++) {
    num y = next(s);
    bool plain = k == 0 && !positive;
    x[k] = plain ? y : (k ? x[k - 1] : 0) + expl(y);
    if (!plain) s->target += y;
  }
}

static void unit_vector(interp *s, num *x, long K) {
  num sum = 0;
  for (long k = 0; k < K; k++) {
    x[k] = next(s);
    sum += x[k] * x[k];
  }
  for (long k = 0; k < K; k++) x[k] /= sqrtl(sum);
  s->target -= sum / 2;
}

/* x = H y, column n of H: 1 / sqrt(n (n + 1)) at 1 .. n, -n / sqrt(n (n + 1)) at n + 1. */
static void zero_sum(const num *y, num *x, long K) {
  for (long j = 0; j < K; j++) x[j] = 0;
  for (long n = 1; n < K; n++) {
    num w = y[n - 1] / sqrtl((num)n * (n + 1));
    for (long j = 0; j < n; j++) x[j] += w;
    x[n] -= n * w;
  }
}

static void simplex_next(interp *s, num *x, long K) {
  num y[K + 1];
  for (long k = 0; k < K - 1; k++) y[k] = next(s);
  simplex(s, x, K, y);
}

static void zero_sum_next(interp *s, num *x, long K) {
  num y[K + 1];
  for (long k = 0; k < K - 1; k++) y[k] = next(s);
  zero_sum(y, x, K);
}

/* ---- one matrix */

/* The basis that matrices have: column m has m at m, -1 before it and at the end, scaled. */
static void zero_sum_of_matrix(const num *y, num *x, long K) {
  for (long j = 0; j < K; j++) x[j] = 0;
  for (long m = 1; m < K; m++) {
    num w = y[m - 1] / sqrtl((num)m * (m + 1));
    for (long j = 1; j < m; j++) x[j - 1] -= w;
    x[m - 1] += m * w;
    x[K - 1] -= w;
  }
}

static void zero_sum_matrix(interp *s, val *v) {
  long N = v->dim[0], M = v->dim[1];
  num a[N * M + 1], column[N + 1], row[M + 1];
  for (long j = 0; j < M - 1; j++) {
    for (long i = 0; i < N - 1; i++) column[i] = next(s);
    num x[N + 1];
    zero_sum_of_matrix(column, x, N);
    for (long i = 0; i < N; i++) a[i * M + j] = x[i];
  }
  for (long i = 0; i < N; i++) {
    for (long j = 0; j < M - 1; j++) row[j] = a[i * M + j];
    zero_sum_of_matrix(row, v->x + i * M, M);
  }
}

static void stochastic(interp *s, val *v, bool columns) {
  long N = v->dim[0], M = v->dim[1], K = columns ? N : M, lines = columns ? M : N;
  num y[N * M + 1], x[K + 1];
  for (long j = 0; j < (columns ? M : M - 1); j++)
    for (long i = 0; i < (columns ? N - 1 : N); i++) y[columns ? j * K + i : i * K + j] = next(s);
  for (long l = 0; l < lines; l++) {
    simplex(s, x, K, y + l * K);
    for (long k = 0; k < K; k++) *(columns ? put2(v, k, l) : put2(v, l, k)) = x[k];
  }
}

static num log1m_tanh2(num y) { return 2 * (logl(2) - fabsl(y) - log1pl(expl(-2 * fabsl(y)))); }

/* Row i of a Cholesky factor from partial correlations z: z_j sqrt(what is left of the length). */
static void cholesky_corr(interp *s, val *v) {
  long K = v->dim[0];
  for (long i = 0; i < v->n; i++) v->x[i] = 0;
  for (long i = 0; i < K; i++) {
    num used = 0;
    for (long j = 0; j < i; j++) {
      num y = next(s);
      s->target += log1m_tanh2(y) + log1pl(-used) / 2;
      *put2(v, i, j) = tanhl(y) * sqrtl(1 - used);
      used += at2(v, i, j) * at2(v, i, j);
    }
    *put2(v, i, i) = sqrtl(1 - used);
  }
}

static void times_own_transpose(val *v) {
  long K = v->dim[0];
  num x[K * K + 1];
  for (long i = 0; i < K; i++)
    for (long j = 0; j < K; j++) {
      x[i * K + j] = 0;
      for (long k = 0; k < K; k++) x[i * K + j] += at2(v, i, k) * at2(v, j, k);
    }
  for (long i = 0; i < K * K; i++) v->x[i] = x[i];
}

static void corr(interp *s, val *v) {
  long K = v->dim[0];
  num z[K * K + 1];
  for (long j = 0; j < K; j++) /* partial correlations by columns */
    for (long i = j + 1; i < K; i++) {
      num y = next(s);
      z[i * K + j] = tanhl(y);
      s->target += log1m_tanh2(y) * (1 + (num)(K - j - 2) / 2);
    }
  for (long i = 0; i < K; i++) {
    num left = 1;
    for (long j = 0; j < K; j++) {
      num w = j < i ? z[i * K + j] : j == i ? 1 : 0;
      *put2(v, i, j) = w * sqrtl(left);
      if (j < i) left *= 1 - w * w;
    }
  }
  times_own_transpose(v);
}

static void cholesky_cov(interp *s, val *v, bool of_cov) {
  long rows = v->dim[0], cols = v->dim[1];
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < cols; j++) {
      num y = j <= i ? next(s) : 0;
      *put2(v, i, j) = j < i ? y : j == i ? expl(y) : 0;
      if (j == i) s->target += of_cov ? (num)(rows - i + 1) * y + logl(2) : y;
    }
}

static void one(interp *s, const ast_decl *d, val *v) {
  switch (d->constraint) {
  case AST_SIMPLEX:
    simplex_next(s, v->x, v->n);
    return;
  case AST_ORDERED:
  case AST_POSITIVE_ORDERED:
    ordered(s, v->x, v->n, d->constraint == AST_POSITIVE_ORDERED);
    return;
  case AST_UNIT_VECTOR:
    unit_vector(s, v->x, v->n);
    return;
  case AST_SUM_TO_ZERO:
    if (d->type.base == LANG_MATRIX)
      zero_sum_matrix(s, v);
    else
      zero_sum_next(s, v->x, v->n);
    return;
  case AST_CHOLESKY_CORR:
    cholesky_corr(s, v);
    return;
  case AST_CHOLESKY_COV:
    cholesky_cov(s, v, false);
    return;
  case AST_CORR:
    corr(s, v);
    return;
  case AST_COV:
    cholesky_cov(s, v, true);
    times_own_transpose(v);
    return;
  case AST_STOCHASTIC_COLUMN:
  case AST_STOCHASTIC_ROW:
    stochastic(s, v, d->constraint == AST_STOCHASTIC_COLUMN);
    return;
  default:
    interp_fail(s, IN_UNKNOWN, d->loc, "the constraint of %s", d->name);
  }
}

static bool is_elementwise(const ast_decl *d) {
  return d->constraint == AST_UNCONSTRAINED || d->constraint == AST_BOUNDS ||
         d->constraint == AST_OFFSET_MULTIPLIER;
}

static void fill(interp *s, const ast_decl *d, val *v) {
  if (v->item) {
    for (long i = 0; i < v->n; i++)
      for (int k = 0; k < d->type.nelements; k++)
        fill(s, d->element[k], &v->item[i * d->type.nelements + k]);
  } else if (is_elementwise(d)) {
    elementwise(s, d, v);
  } else if (v->type.arrays) {
    for (long i = 0; i < v->dim[0]; i++) {
      val part = val_at(v, i);
      fill(s, d, &part);
    }
  } else {
    one(s, d, v);
  }
}

val in_parameter(interp *s, const ast_decl *d) {
  val v = in_declare(s, d);
  fill(s, d, &v);
  return v;
}

/* ---- how many numbers a parameter has */

static long count(const ast_decl *d, const val *v) {
  if (v->item) {
    long sum = 0;
    for (long i = 0; i < v->n; i++)
      for (int k = 0; k < d->type.nelements; k++)
        sum += count(d->element[k], &v->item[i * d->type.nelements + k]);
    return sum;
  }
  long arrays = 1;
  for (int i = 0; i < d->type.arrays; i++) arrays *= v->dim[i];
  long a = v->ndims > d->type.arrays ? v->dim[d->type.arrays] : 1;
  long b = v->ndims > d->type.arrays + 1 ? v->dim[d->type.arrays + 1] : a;
  switch (d->constraint) {
  case AST_SIMPLEX:
    return arrays * (a - 1);
  case AST_SUM_TO_ZERO:
    return arrays * (d->type.base == LANG_MATRIX ? (a - 1) * (b - 1) : a - 1);
  case AST_CHOLESKY_CORR:
  case AST_CORR:
    return arrays * (a * (a - 1) / 2);
  case AST_COV:
    return arrays * (a * (a + 1) / 2);
  case AST_CHOLESKY_COV:
    return arrays * (b * (b + 1) / 2 + (a - b) * b);
  case AST_STOCHASTIC_COLUMN:
    return arrays * (a - 1) * b;
  case AST_STOCHASTIC_ROW:
    return arrays * a * (b - 1);
  default:
    return v->n;
  }
}

long in_free_count(interp *s, const ast_decl *d) {
  val v = in_declare(s, d);
  return count(d, &v);
}
