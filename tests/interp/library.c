/* tests/interp/library.c -- sizes, sums, order, log_mix. See interp.h. */
#include <math.h>
#include <string.h>

#include "interp.h"

#define MEM (&a->s->mem)
typedef val library(const in_args *a);

/* ---- sizes */

static val f_size(const in_args *a) {
  const val *v = &a->arg[0];
  return val_int(MEM, v->type.arrays ? v->dim[0] : v->n);
}
static val f_num_elements(const in_args *a) { return val_int(MEM, a->arg[0].n); }
static val f_rows(const in_args *a) {
  return val_int(MEM, a->arg[0].type.base == LANG_ROW_VECTOR ? 1 : a->arg[0].dim[0]);
}
static val f_cols(const in_args *a) {
  const val *v = &a->arg[0];
  return val_int(MEM, v->type.base == LANG_VECTOR ? 1 : v->dim[v->ndims - 1]);
}
static val f_dims(const in_args *a) {
  val v = val_array(MEM, LANG_INT, a->arg[0].ndims);
  for (long i = 0; i < v.n; i++) v.x[i] = a->arg[0].dim[i];
  return v;
}

/* ---- sums, extremes, moments */

static val scalar(const in_args *a, num x) {
  val v = val_number(MEM, x);
  if (a->arg[0].type.base == LANG_INT) v.type.base = LANG_INT;
  return v;
}
static num sum_of(const val *v) {
  num sum = 0;
  for (long i = 0; i < v->n; i++) sum += v->x[i];
  return sum;
}
static num about_mean(const val *v) {
  num mean = sum_of(v) / v->n, sum = 0;
  for (long i = 0; i < v->n; i++) sum += (v->x[i] - mean) * (v->x[i] - mean);
  return v->n == 1 ? 0 : sum / (v->n - 1);
}
static val extreme(const in_args *a, num sign) {
  num most = a->arg[0].type.base == LANG_INT && a->arg[0].n == 0 ? UNSET_INT : -INFINITY;
  for (int k = 0; k < a->n; k++)
    for (long i = 0; i < a->arg[k].n; i++)
      if (sign * a->arg[k].x[i] > most || isnan(a->arg[k].x[i])) most = sign * a->arg[k].x[i];
  return scalar(a, sign * most);
}
static val f_max(const in_args *a) { return extreme(a, 1); }
static val f_min(const in_args *a) { return extreme(a, -1); }
static val f_sum(const in_args *a) { return scalar(a, sum_of(&a->arg[0])); }
static val f_prod(const in_args *a) {
  num product = 1;
  for (long i = 0; i < a->arg[0].n; i++) product *= a->arg[0].x[i];
  return scalar(a, product);
}
static val f_mean(const in_args *a) { return val_number(MEM, sum_of(&a->arg[0]) / a->arg[0].n); }
static val f_variance(const in_args *a) { return val_number(MEM, about_mean(&a->arg[0])); }
static val f_sd(const in_args *a) { return val_number(MEM, sqrtl(about_mean(&a->arg[0]))); }
static val f_norm1(const in_args *a) {
  num sum = 0;
  for (long i = 0; i < a->arg[0].n; i++) sum += fabsl(a->arg[0].x[i]);
  return val_number(MEM, sum);
}
static num dot(const val *x, const val *y) {
  num sum = 0;
  for (long i = 0; i < x->n; i++) sum += x->x[i] * y->x[i];
  return sum;
}
static val f_norm2(const in_args *a) { return val_number(MEM, sqrtl(dot(&a->arg[0], &a->arg[0]))); }
static val f_dot_self(const in_args *a) { return val_number(MEM, dot(&a->arg[0], &a->arg[0])); }
static val f_dot_product(const in_args *a) {
  if (a->arg[0].n != a->arg[1].n) interp_fail(a->s, IN_BAD, a->at, "sizes differ in dot_product");
  return val_number(MEM, dot(&a->arg[0], &a->arg[1]));
}
static val f_squared_distance(const in_args *a) {
  num sum = 0;
  if (a->arg[0].n != a->arg[1].n) interp_fail(a->s, IN_BAD, a->at, "sizes differ in a distance");
  for (long i = 0; i < a->arg[0].n; i++) {
    num d = a->arg[0].x[i] - a->arg[1].x[i];
    sum += d * d;
  }
  return val_number(MEM, sum);
}
static val f_distance(const in_args *a) {
  return val_number(MEM, sqrtl(f_squared_distance(a).x[0]));
}

/* ---- on the log scale */

static num two(const num *x) { return sp_log_sum_exp(x, 2); }
static val f_log_sum_exp(const in_args *a) {
  if (a->n == 2) return in_map(a->s, a->arg, 2, two, false);
  return val_number(MEM, sp_log_sum_exp(a->arg[0].x, a->arg[0].n));
}
static val f_log_mix(const in_args *a) {
  const val *p = &a->arg[0], *l = &a->arg[1];
  if (a->n == 3) {
    num x[] = {logl(p->x[0]) + l->x[0], log1pl(-p->x[0]) + a->arg[2].x[0]};
    return val_number(MEM, sp_log_sum_exp(x, 2));
  }
  if (l->n % (p->n ? p->n : 1)) interp_fail(a->s, IN_BAD, a->at, "sizes differ in log_mix");
  num total = 0, x[p->n + 1];
  for (long r = 0; p->n && r < l->n / p->n; r++) {
    for (long k = 0; k < p->n; k++) x[k] = logl(p->x[k]) + l->x[r * p->n + k];
    total += sp_log_sum_exp(x, p->n);
  }
  return val_number(MEM, total);
}
static val log_softmax(const in_args *a, bool exponent) {
  val v = val_copy(MEM, &a->arg[0]);
  long K = v.ndims ? v.dim[v.ndims - 1] : 1;
  for (long at = 0; at < v.n; at += K) {
    num sum = sp_log_sum_exp(v.x + at, K);
    for (long k = 0; k < K; k++) {
      v.x[at + k] -= sum;
      if (exponent) v.x[at + k] = expl(v.x[at + k]);
    }
  }
  return v;
}
static val f_softmax(const in_args *a) { return log_softmax(a, true); }
static val f_log_softmax(const in_args *a) { return log_softmax(a, false); }

/* ---- order */

/* Insertion: stable; out[i]: number of the i-th smallest, or greatest. */
static void order(const val *v, bool down, long *out) {
  for (long i = 0; i < v->n; i++) {
    long k = i;
    for (; k > 0 && (down ? v->x[out[k - 1]] < v->x[i] : v->x[out[k - 1]] > v->x[i]); k--)
      out[k] = out[k - 1];
    out[k] = i;
  }
}
static val sorted(const in_args *a, bool down, bool indices) {
  val v = val_copy(MEM, &a->arg[0]);
  long out[v.n + 1];
  order(&a->arg[0], down, out);
  for (long i = 0; i < v.n; i++) v.x[i] = indices ? out[i] + 1 : a->arg[0].x[out[i]];
  if (indices) v.type = (lang_type){.base = LANG_INT, .arrays = 1};
  return v;
}
static val f_sort_asc(const in_args *a) { return sorted(a, false, false); }
static val f_sort_desc(const in_args *a) { return sorted(a, true, false); }
static val f_sort_indices_asc(const in_args *a) { return sorted(a, false, true); }
static val f_sort_indices_desc(const in_args *a) { return sorted(a, true, true); }
static val f_cumulative_sum(const in_args *a) {
  val v = val_copy(MEM, &a->arg[0]);
  for (long i = 1; i < v.n; i++) v.x[i] += v.x[i - 1];
  return v;
}
static val f_rank(const in_args *a) {
  long less = 0, at = (long)a->arg[1].x[0] - 1;
  for (long i = 0; i < a->arg[0].n; i++) less += a->arg[0].x[i] < a->arg[0].x[at];
  return val_int(MEM, less);
}

static const struct {
  const char *name;
  library *f;
} table[] = {{"size", f_size},
             {"num_elements", f_num_elements},
             {"rows", f_rows},
             {"cols", f_cols},
             {"dims", f_dims},
             {"max", f_max},
             {"min", f_min},
             {"sum", f_sum},
             {"prod", f_prod},
             {"mean", f_mean},
             {"variance", f_variance},
             {"sd", f_sd},
             {"norm1", f_norm1},
             {"norm2", f_norm2},
             {"dot_self", f_dot_self},
             {"dot_product", f_dot_product},
             {"squared_distance", f_squared_distance},
             {"distance", f_distance},
             {"log_sum_exp", f_log_sum_exp},
             {"log_mix", f_log_mix},
             {"softmax", f_softmax},
             {"log_softmax", f_log_softmax},
             {"sort_asc", f_sort_asc},
             {"sort_desc", f_sort_desc},
             {"sort_indices_asc", f_sort_indices_asc},
             {"sort_indices_desc", f_sort_indices_desc},
             {"cumulative_sum", f_cumulative_sum},
             {"rank", f_rank}};

bool in_library(const in_args *a, const char *name, val *result) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].name, name) != 0) continue;
    *result = table[i].f(a);
    return true;
  }
  return false;
}
