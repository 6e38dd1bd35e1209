/* tests/interp/reshape.c -- values made, joined, cut and laid out anew. See interp.h. */
#include <math.h>
#include <string.h>

#include "interp.h"

#define MEM (&a->s->mem)
typedef val library(const in_args *a);

static long whole(const in_args *a, int i) { return (long)a->arg[i].x[0]; }

/* ---- repeated */

static val filled(val v, num x) {
  for (long i = 0; i < v.n; i++) v.x[i] = x;
  return v;
}
static val f_rep_vector(const in_args *a) {
  return filled(val_vector(MEM, whole(a, 1)), a->arg[0].x[0]);
}
static val f_rep_row_vector(const in_args *a) {
  return filled(val_row(MEM, whole(a, 1)), a->arg[0].x[0]);
}
static val f_rep_matrix(const in_args *a) {
  const val *x = &a->arg[0];
  bool row = x->type.base == LANG_ROW_VECTOR, column = x->type.base == LANG_VECTOR;
  val v = val_matrix(MEM, column ? x->n : whole(a, 1), row ? x->n : whole(a, a->n - 1));
  for (long i = 0; i < v.dim[0]; i++)
    for (long j = 0; j < v.dim[1]; j++) *put2(&v, i, j) = x->x[row ? j : column ? i : 0];
  return v;
}
static val f_rep_array(const in_args *a) {
  const val *x = &a->arg[0];
  long dim[MOST_DIMS];
  lang_type type = x->type;
  type.arrays += a->n - 1;
  for (int i = 1; i < a->n; i++) dim[i - 1] = whole(a, i);
  memcpy(dim + a->n - 1, x->dim, (size_t)x->ndims * sizeof(long));
  val v = val_new(MEM, type, dim);
  long items = x->n * (x->item ? type.nelements : 1);
  for (long i = 0; i < v.n / (x->n ? x->n : 1); i++)
    for (long k = 0; k < items; k++) {
      if (x->item)
        v.item[i * items + k] = val_copy(MEM, &x->item[k]);
      else
        v.x[i * items + k] = x->x[k];
    }
  return v;
}

/* ones_, zeros_, one_hot_, linspaced_ with what they make at the end of the name */
static bool made(const in_args *a, const char *name, val *result) {
  static const struct {
    const char *head;
    int args;
  } heads[] = {{"ones_", 1}, {"zeros_", 1}, {"one_hot_", 2}, {"linspaced_", 3}};
  for (int h = 0; h < 4; h++) {
    size_t n = strlen(heads[h].head);
    if (strncmp(name, heads[h].head, n) != 0 || a->n != heads[h].args) continue;
    long K = whole(a, 0);
    const char *what = name + n;
    val v = strcmp(what, "vector") == 0       ? val_vector(MEM, K)
            : strcmp(what, "row_vector") == 0 ? val_row(MEM, K)
            : strcmp(what, "int_array") == 0  ? val_array(MEM, LANG_INT, K)
                                              : val_array(MEM, LANG_REAL, K);
    for (long i = 0; i < K; i++) {
      num last = h == 3 ? a->arg[2].x[0] : 0, first = h == 3 ? a->arg[1].x[0] : 0;
      num step = K > 1 ? (last - first) / (K - 1) : 0;
      if (v.type.base == LANG_INT && K > 1) step = truncl((last - first) / (K - 1));
      v.x[i] = h == 0   ? 1
               : h == 1 ? 0
               : h == 2 ? i + 1 == whole(a, 1)
               : K == 1 ? last
                        : first + i * step;
    }
    *result = v;
    return true;
  }
  return false;
}
static val f_identity(const in_args *a) {
  val v = filled(val_matrix(MEM, whole(a, 0), whole(a, 0)), 0);
  for (long i = 0; i < v.dim[0]; i++) *put2(&v, i, i) = 1;
  return v;
}

/* ---- laid out anew: to_vector and the like take matrices by columns, arrays by rows */

static num by_columns(const val *v, long k) {
  if (v->type.base != LANG_MATRIX || v->type.arrays) return v->x[k];
  return at2(v, k % v->dim[0], k / v->dim[0]);
}
static val f_to_vector(const in_args *a) {
  val v = val_vector(MEM, a->arg[0].n);
  for (long k = 0; k < v.n; k++) v.x[k] = by_columns(&a->arg[0], k);
  return v;
}
static val f_to_row_vector(const in_args *a) {
  val v = val_row(MEM, a->arg[0].n);
  for (long k = 0; k < v.n; k++) v.x[k] = by_columns(&a->arg[0], k);
  return v;
}
static val f_to_array_1d(const in_args *a) {
  val v = val_array(MEM, a->arg[0].type.base == LANG_INT ? LANG_INT : LANG_REAL, a->arg[0].n);
  for (long k = 0; k < v.n; k++) v.x[k] = by_columns(&a->arg[0], k);
  return v;
}
static val f_to_array_2d(const in_args *a) {
  val v = a->arg[0];
  v.type = (lang_type){.base = LANG_REAL, .arrays = 2};
  return v;
}
static val f_to_matrix(const in_args *a) {
  const val *x = &a->arg[0];
  bool rows_first = a->n == 4 && whole(a, 3) == 0;
  if (a->n == 1) {
    val v = *x;
    if (x->ndims == 2) {
      v.type = (lang_type){.base = LANG_MATRIX};
      return v;
    }
    v = x->type.base == LANG_VECTOR ? val_matrix(MEM, x->n, 1) : val_matrix(MEM, 1, x->n);
    memcpy(v.x, x->x, (size_t)x->n * sizeof(num));
    return v;
  }
  val v = val_matrix(MEM, whole(a, 1), whole(a, 2));
  if (v.n != x->n) interp_fail(a->s, IN_BAD, a->at, "to_matrix: another number of elements");
  for (long k = 0; k < v.n; k++) {
    long i = rows_first ? k / v.dim[1] : k % v.dim[0];
    long j = rows_first ? k % v.dim[1] : k / v.dim[0];
    *put2(&v, i, j) = by_columns(x, k);
  }
  return v;
}

/* ---- parts; elements of an array may be anything */

static val part(const in_args *a, long from, long n) {
  const val *x = &a->arg[0];
  if (from < 0 || n < 0 || from + n > x->dim[0])
    interp_fail(a->s, IN_BAD, a->at, "a part beyond the end");
  long inner = x->dim[0] ? x->n / x->dim[0] : 0;
  val v = *x;
  v.dim[0] = n;
  v.n = n * inner;
  if (x->item)
    v.item = x->item + from * inner * x->type.nelements;
  else
    v.x = x->x + from * inner;
  return v;
}
static val f_head(const in_args *a) { return part(a, 0, whole(a, 1)); }
static val f_tail(const in_args *a) { return part(a, a->arg[0].dim[0] - whole(a, 1), whole(a, 1)); }
static val f_segment(const in_args *a) { return part(a, whole(a, 1) - 1, whole(a, 2)); }
static val f_reverse(const in_args *a) {
  const val *x = &a->arg[0];
  val v = val_copy(MEM, x);
  long rows = x->dim[0], inner = rows ? x->n / rows : 0;
  if (x->item) interp_fail(a->s, IN_UNKNOWN, a->at, "reverse of tuples");
  for (long i = 0; i < rows; i++)
    memcpy(v.x + i * inner, x->x + (rows - 1 - i) * inner, (size_t)inner * sizeof(num));
  return v;
}
static val cut(const in_args *a, long i, long j, long rows, long cols) {
  const val *x = &a->arg[0];
  if (i < 1 || j < 1 || i - 1 + rows > x->dim[0] || j - 1 + cols > x->dim[1])
    interp_fail(a->s, IN_BAD, a->at, "a part beyond the end");
  val v = val_matrix(MEM, rows, cols);
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < cols; c++) *put2(&v, r, c) = at2(x, i - 1 + r, j - 1 + c);
  return v;
}
static val flat(val v, lang_base base) {
  v.type = (lang_type){.base = base};
  v.ndims = 1;
  v.dim[0] = v.n;
  return v;
}
static val f_row(const in_args *a) {
  return flat(cut(a, whole(a, 1), 1, 1, a->arg[0].dim[1]), LANG_ROW_VECTOR);
}
static val f_col(const in_args *a) {
  return flat(cut(a, 1, whole(a, 1), a->arg[0].dim[0], 1), LANG_VECTOR);
}
static val f_sub_row(const in_args *a) {
  return flat(cut(a, whole(a, 1), whole(a, 2), 1, whole(a, 3)), LANG_ROW_VECTOR);
}
static val f_sub_col(const in_args *a) {
  return flat(cut(a, whole(a, 1), whole(a, 2), whole(a, 3), 1), LANG_VECTOR);
}
static val f_block(const in_args *a) {
  return cut(a, whole(a, 1), whole(a, 2), whole(a, 3), whole(a, 4));
}

/* ---- joined */

static val f_append_array(const in_args *a) {
  const val *x = &a->arg[0], *y = &a->arg[1];
  long dim[MOST_DIMS];
  memcpy(dim, x->n ? x->dim : y->dim, sizeof dim);
  dim[0] = x->dim[0] + y->dim[0];
  if (x->item) interp_fail(a->s, IN_UNKNOWN, a->at, "append_array of tuples");
  lang_type type = x->type;
  if (y->type.base == LANG_REAL) type.base = LANG_REAL;
  val v = val_new(MEM, type, dim);
  if (x->n) memcpy(v.x, x->x, (size_t)x->n * sizeof(num));
  if (y->n) memcpy(v.x + x->n, y->x, (size_t)y->n * sizeof(num));
  return v;
}
static val vectors_joined(const in_args *a, lang_base base) {
  const val *x = &a->arg[0], *y = &a->arg[1];
  val v = base == LANG_VECTOR ? val_vector(MEM, x->n + y->n) : val_row(MEM, x->n + y->n);
  if (x->n) memcpy(v.x, x->x, (size_t)x->n * sizeof(num));
  if (y->n) memcpy(v.x + x->n, y->x, (size_t)y->n * sizeof(num));
  return v;
}
static bool made_of(const in_args *a, lang_base base) {
  for (int i = 0; i < 2; i++)
    if (a->arg[i].ndims && a->arg[i].type.base != base) return false;
  return true;
}
static val as_rows(const in_args *a, int i) { /* a row_vector: one row; a vector: one column */
  val v = a->arg[i];
  if (v.ndims == 2) return v;
  bool row = v.type.base == LANG_ROW_VECTOR;
  v.ndims = 2;
  v.type = (lang_type){.base = LANG_MATRIX};
  v.dim[0] = row ? 1 : v.n;
  v.dim[1] = row ? v.n : 1;
  return v;
}
static val joined(const in_args *a, bool rows) {
  val x = as_rows(a, 0), y = as_rows(a, 1);
  if (x.dim[rows] != y.dim[rows]) interp_fail(a->s, IN_BAD, a->at, "sizes differ in append");
  val v = rows ? val_matrix(MEM, x.dim[0] + y.dim[0], x.dim[1])
               : val_matrix(MEM, x.dim[0], x.dim[1] + y.dim[1]);
  for (long i = 0; i < v.dim[0]; i++)
    for (long j = 0; j < v.dim[1]; j++) {
      bool first = rows ? i < x.dim[0] : j < x.dim[1];
      *put2(&v, i, j) = first  ? at2(&x, i, j)
                        : rows ? at2(&y, i - x.dim[0], j)
                               : at2(&y, i, j - x.dim[1]);
    }
  return v;
}
static val f_append_row(const in_args *a) {
  return made_of(a, LANG_VECTOR) ? vectors_joined(a, LANG_VECTOR) : joined(a, true);
}
static val f_append_col(const in_args *a) {
  return made_of(a, LANG_ROW_VECTOR) ? vectors_joined(a, LANG_ROW_VECTOR) : joined(a, false);
}

static const struct {
  const char *name;
  library *f;
} table[] = {{"rep_vector", f_rep_vector},
             {"rep_row_vector", f_rep_row_vector},
             {"rep_matrix", f_rep_matrix},
             {"rep_array", f_rep_array},
             {"identity_matrix", f_identity},
             {"to_vector", f_to_vector},
             {"to_row_vector", f_to_row_vector},
             {"to_array_1d", f_to_array_1d},
             {"to_array_2d", f_to_array_2d},
             {"to_matrix", f_to_matrix},
             {"head", f_head},
             {"tail", f_tail},
             {"segment", f_segment},
             {"reverse", f_reverse},
             {"row", f_row},
             {"col", f_col},
             {"sub_row", f_sub_row},
             {"sub_col", f_sub_col},
             {"block", f_block},
             {"append_array", f_append_array},
             {"append_row", f_append_row},
             {"append_col", f_append_col}};

bool in_reshape(const in_args *a, const char *name, val *result) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].name, name) != 0) continue;
    *result = table[i].f(a);
    return true;
  }
  return made(a, name, result);
}
