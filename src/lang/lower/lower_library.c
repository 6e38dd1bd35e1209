/* lang/lower/lower_library.c -- built-in functions of containers that are a matter of indices:
 * shapes, parts, joins, sums. What has a formula of its own is in the prelude, what is an
 * algorithm in lower_routine.c.
 */
#include <math.h>
#include <string.h>

#include "lang/lower/lower_impl.h"

#define ONE(l) mst_ir_int((l)->c, 1)

static ir_expr *op2(lower_state *l, ir_prim p, ir_expr *a, ir_expr *b) {
  return mst_ir_call2(l->c, p, a, b);
}

static const lower_value *integer(lower_state *l, ir_expr *e) {
  return mst_lower_scalar(l, e, LANG_INT);
}

static ir_expr *rows(lower_state *l, const lower_value *v) {
  return v->type.base == LANG_ROW_VECTOR ? ONE(l) : mst_lower_copy(l, v->dim[0]);
}
static ir_expr *cols(lower_state *l, const lower_value *v) {
  if (v->type.base == LANG_MATRIX) return mst_lower_copy(l, v->dim[1]);
  return v->type.base == LANG_ROW_VECTOR ? mst_lower_copy(l, v->dim[0]) : ONE(l);
}

/* ---- shapes */

static const lower_value *dims(lower_state *l, const lower_value *v) {
  ir_expr *n[1] = {mst_ir_int(l->c, v->ndims)};
  ir_var *to = mst_lower_declare(l, "dims", IR_INT, 1, n, NULL);
  to->once = true;
  for (int i = 0; i < v->ndims; i++) {
    ir_expr *at = mst_ir_int(l->c, i);
    mst_lower_assign(l, to, 1, &at, mst_lower_copy(l, v->dim[i]), false);
  }
  return mst_lower_variable(l, to, mst_lower_type(LANG_INT, 1));
}

static const lower_value *shape(lower_state *l, const char *name, const lower_value *a) {
  if (!strcmp(name, "rows")) return integer(l, rows(l, a));
  if (!strcmp(name, "cols")) return integer(l, cols(l, a));
  if (!strcmp(name, "num_elements")) return integer(l, mst_lower_count(l, a));
  if (!strcmp(name, "dims")) return dims(l, a);
  if (!strcmp(name, "size"))
    return integer(l, a->type.arrays == 0 && a->type.base == LANG_MATRIX ? mst_lower_count(l, a)
                      : a->ndims ? mst_lower_copy(l, a->dim[0])
                                 : ONE(l));
  return NULL;
}

/* ---- repeated and constant containers */

static ir_expr *repeated(lower_state *l, const lower_value *v, ir_expr *const *index) {
  if (v->a->ndims == 0) return mst_lower_at(l, v->a, NULL);
  return mst_lower_at(l, v->a, index + v->ndims - v->a->ndims);
}
static ir_expr *repeated_columns(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return mst_lower_at(l, v->a, index);
}

static ir_expr *int_arg(lower_state *l, const lower_value *v) {
  return mst_lower_hold(l, mst_lower_at(l, v, NULL), "n");
}

static const lower_value *repeat(lower_state *l, const lower_value *x, const lower_value *const *n,
                                 int count, lang_type type, bool columns) {
  lower_value *v = mst_lower_new(l, type);
  if (x->ndims == 0) {
    ir_expr *e = mst_lower_at(l, x, NULL);
    if (type.base != LANG_INT && e->type == IR_INT) e = mst_ir_call1(l->c, IR_TO_REAL, e);
    v->a =
        mst_lower_scalar(l, mst_lower_hold(l, e, "x"),
                         x->type.base == LANG_INT && type.base == LANG_INT ? LANG_INT : LANG_REAL);
  } else {
    v->a = mst_lower_cheap(l, x);
  }
  v->cheap = true;
  if (columns) { /* rep_matrix(vector, n): the vector is each column */
    v->ndims = 2;
    v->dim[0] = x->dim[0];
    v->dim[1] = int_arg(l, n[0]);
    v->element = repeated_columns;
    return v;
  }
  for (int i = 0; i < count; i++) v->dim[v->ndims++] = int_arg(l, n[i]);
  for (int i = 0; i < x->ndims; i++) v->dim[v->ndims++] = x->dim[i];
  v->element = repeated;
  return v;
}

static ir_expr *one_hot_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *k = op2(l, IR_SUB, mst_lower_copy(l, v->e[0]), ONE(l));
  bool ints = v->type.base == LANG_INT;
  return mst_ir_select(l->c, op2(l, IR_EQ, index[0], k), ints ? ONE(l) : mst_ir_real(l->c, 1),
                       ints ? mst_ir_int(l->c, 0) : mst_ir_real(l->c, 0));
}
static ir_expr *identity_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  (void)v;
  return mst_ir_select(l->c, op2(l, IR_EQ, index[0], index[1]), mst_ir_real(l->c, 1),
                       mst_ir_real(l->c, 0));
}
/* a + i (b - a) / (n - 1) */
static ir_expr *linspaced_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *step =
      op2(l, IR_MUL, mst_ir_call1(l->c, IR_TO_REAL, index[0]), mst_lower_copy(l, v->e[1]));
  return op2(l, IR_ADD, mst_lower_copy(l, v->e[0]), step);
}
static ir_expr *int_range_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return op2(l, IR_ADD, mst_lower_copy(l, v->e[0]),
             op2(l, IR_MUL, index[0], mst_lower_copy(l, v->e[1])));
}

static const lower_value *constant(lower_state *l, const char *name, const lower_value *const *arg,
                                   int n, lang_type type) {
  bool ones = !strncmp(name, "ones_", 5), zeros = !strncmp(name, "zeros_", 6);
  if (ones || zeros) {
    bool ints = type.base == LANG_INT;
    ir_expr *x = ints ? mst_ir_int(l->c, ones) : mst_ir_real(l->c, ones);
    return repeat(l, mst_lower_scalar(l, x, ints ? LANG_INT : LANG_REAL), arg, n, type, false);
  }
  lower_value *v = mst_lower_new(l, type);
  v->cheap = true;
  if (!strcmp(name, "identity_matrix")) {
    v->ndims = 2;
    v->dim[0] = v->dim[1] = int_arg(l, arg[0]);
    v->element = identity_element;
    return v;
  }
  v->ndims = 1;
  v->dim[0] = int_arg(l, arg[0]);
  if (!strncmp(name, "one_hot_", 8)) {
    v->e[0] = int_arg(l, arg[1]);
    v->element = one_hot_element;
    return v;
  }
  if (!strncmp(name, "linspaced_", 10)) {
    ir_expr *low = mst_lower_hold(l, mst_lower_at(l, arg[1], NULL), "low");
    ir_expr *span = op2(l, IR_SUB, mst_lower_at(l, arg[2], NULL), mst_lower_copy(l, low));
    ir_expr *gaps =
        op2(l, IR_INT_MAX, op2(l, IR_SUB, mst_lower_copy(l, v->dim[0]), ONE(l)), ONE(l));
    bool ints = type.base == LANG_INT;
    v->e[0] = low;
    if (!ints) gaps = mst_ir_call1(l->c, IR_TO_REAL, gaps);
    v->e[1] = mst_lower_hold(l, op2(l, ints ? IR_INT_DIV : IR_DIV, span, gaps), "step");
    v->element = ints ? int_range_element : linspaced_element;
    return v;
  }
  return NULL;
}

/* ---- the same elements in another shape */

static ir_expr *column_major_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *i = op2(l, IR_INT_MOD, mst_lower_copy(l, index[0]), mst_lower_copy(l, v->a->dim[0]));
  ir_expr *j = op2(l, IR_INT_DIV, index[0], mst_lower_copy(l, v->a->dim[0]));
  return mst_lower_at2(l, v->a, i, j);
}
static ir_expr *row_major_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at[LOWER_DIMS], *rest = mst_lower_copy(l, index[0]);
  for (int d = v->a->ndims - 1; d > 0; d--) {
    at[d] = op2(l, IR_INT_MOD, mst_lower_copy(l, rest), mst_lower_copy(l, v->a->dim[d]));
    rest = op2(l, IR_INT_DIV, rest, mst_lower_copy(l, v->a->dim[d]));
  }
  at[0] = rest;
  return mst_lower_at(l, v->a, at);
}

static const lower_value *flat(lower_state *l, const lower_value *a, lang_type type) {
  if (a->ndims == 1) return mst_lower_retype(l, a, type);
  lower_value *v = mst_lower_new(l, type);
  v->a = mst_lower_cheap(l, a);
  v->ndims = 1;
  v->dim[0] = mst_lower_hold(l, mst_lower_count(l, a), "n");
  v->cheap = true;
  v->element = a->type.base == LANG_MATRIX ? column_major_element : row_major_element;
  /* see all_flat, lower_density.c */
  if (a->type.base == LANG_MATRIX && a->type.arrays == 0) v->c = a;
  return v;
}

static ir_expr *column_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return mst_lower_at1(l, v->a, index[v->e[0] ? 1 : 0]); /* e[0] set: a row */
}
/* e[0]: whether the elements come column by column; NULL: they do. */
static ir_expr *matrix_of_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *by_column = op2(l, IR_MUL, mst_lower_copy(l, index[1]), mst_lower_copy(l, v->dim[0]));
  by_column = op2(l, IR_ADD, by_column, mst_lower_copy(l, index[0]));
  if (!v->e[0]) return mst_lower_at1(l, v->a, by_column);
  ir_expr *by_row = op2(l, IR_MUL, index[0], mst_lower_copy(l, v->dim[1]));
  by_row = op2(l, IR_ADD, by_row, index[1]);
  return mst_lower_at1(l, v->a, mst_ir_select(l->c, mst_lower_copy(l, v->e[0]), by_column, by_row));
}

static const lower_value *to_matrix(lower_state *l, const lower_value *const *arg, int n,
                                    lang_type type) {
  const lower_value *a = arg[0];
  if (n == 1 && a->ndims == 2) return mst_lower_retype(l, a, type);
  lower_value *v = mst_lower_new(l, type);
  v->ndims = 2;
  v->cheap = true;
  if (n == 1) {
    bool row = a->type.base == LANG_ROW_VECTOR;
    v->a = mst_lower_cheap(l, a);
    v->dim[0] = row ? ONE(l) : a->dim[0];
    v->dim[1] = row ? a->dim[0] : ONE(l);
    v->e[0] = row ? ONE(l) : NULL;
    v->element = column_element;
    return v;
  }
  v->a = mst_lower_cheap(l, flat(l, a, mst_lower_type(LANG_VECTOR, 0)));
  v->dim[0] = int_arg(l, arg[1]);
  v->dim[1] = int_arg(l, arg[2]);
  if (n == 4) v->e[0] = int_arg(l, arg[3]);
  v->element = matrix_of_element;
  return v;
}

static const lower_value *reshape(lower_state *l, const char *name, const lower_value *const *arg,
                                  int n, lang_type type) {
  const lower_value *a = arg[0];
  if (!strcmp(name, "to_vector") || !strcmp(name, "to_row_vector") || !strcmp(name, "to_array_1d"))
    return n == 1 ? flat(l, a, type) : NULL;
  if (!strcmp(name, "to_array_2d")) return mst_lower_retype(l, a, type);
  if (!strcmp(name, "to_matrix")) return to_matrix(l, arg, n, type);
  return NULL;
}

/* ---- parts */

static void keep(lower_value *v, int d, const ir_expr *size) {
  v->map[d] = (lower_map){LOWER_OFFSET, NULL, NULL};
  v->dim[v->ndims++] = (ir_expr *)(uintptr_t)size;
}

/* Elements from (1-based) on, count of them, of dimension d; both held. */
static void part(lower_state *l, lower_value *v, int d, ir_expr *from, ir_expr *count,
                 lang_loc loc) {
  ir_expr *most = op2(l, IR_ADD, mst_lower_copy(l, v->a->dim[d]), ONE(l));
  ir_expr *offset = op2(l, IR_SUB, from, ONE(l));
  ir_expr *end = op2(l, IR_ADD, mst_lower_copy(l, offset), mst_lower_copy(l, count));
  if (!mst_lower_same_dim(end, v->a->dim[d]))
    count = op2(l, IR_SUB, mst_ir_check_index(l->c, end, most, loc), mst_lower_copy(l, offset));
  count = mst_lower_hold(l, count, "count");
  v->map[d] = (lower_map){LOWER_OFFSET, mst_ir_is_int(offset, 0) ? NULL : offset, NULL};
  v->dim[v->ndims++] = count;
}

static void fixed(lower_state *l, lower_value *v, int d, ir_expr *at, lang_loc loc) {
  ir_expr *i = mst_lower_checked(l, op2(l, IR_SUB, at, ONE(l)), v->a->dim[d], loc, NULL);
  v->map[d] = (lower_map){LOWER_FIXED, mst_lower_hold(l, i, "at"), NULL};
}

static const lower_value *parts(lower_state *l, const char *name, const lower_value *const *arg,
                                int n, const ast_expr *e) {
  static const char *const names[] = {"head",  "tail",    "segment", "row", "col",
                                      "block", "sub_row", "sub_col", NULL};
  int which = 0;
  while (names[which] && strcmp(names[which], name) != 0) which++;
  if (!names[which] || n < 2) return NULL;
  lower_value *v = mst_lower_mapped(l, mst_lower_cheap(l, arg[0]), e->type);
  ir_expr *x[5] = {NULL};
  for (int i = 1; i < n && i < 5; i++) x[i] = int_arg(l, arg[i]);
  const ir_expr *n0 = v->a->dim[0];
  v->ast = e;
  switch (which) {
  case 0:
    part(l, v, 0, ONE(l), x[1], e->loc);
    break;
  case 1:
    part(l, v, 0,
         mst_lower_hold(
             l,
             op2(l, IR_ADD, op2(l, IR_SUB, mst_lower_copy(l, n0), mst_lower_copy(l, x[1])), ONE(l)),
             "from"),
         x[1], e->loc);
    break;
  case 2:
    part(l, v, 0, x[1], x[2], e->loc);
    break;
  case 3:
    fixed(l, v, 0, x[1], e->loc);
    break;
  case 4:
    keep(v, 0, n0);
    fixed(l, v, 1, x[1], e->loc);
    break;
  case 5:
    part(l, v, 0, x[1], x[3], e->loc);
    part(l, v, 1, x[2], x[4], e->loc);
    break;
  case 6:
    fixed(l, v, 0, x[1], e->loc);
    part(l, v, 1, x[2], x[3], e->loc);
    break;
  default:
    part(l, v, 0, x[1], x[3], e->loc);
    fixed(l, v, 1, x[2], e->loc);
    break;
  }
  for (int d = which == 3 ? 1 : v->ndims; d < v->a->ndims && which < 4; d++)
    keep(v, d, v->a->dim[d]);
  return v;
}

static ir_expr *diagonal_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return mst_lower_at2(l, v->a, index[0], index[0]);
}
static ir_expr *diag_matrix_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *x = mst_lower_at1(l, v->a, index[0]);
  return mst_ir_select(l->c, op2(l, IR_EQ, index[0], index[1]), x, mst_ir_real(l->c, 0));
}
static ir_expr *add_diag_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *x = v->b->ndims ? mst_lower_at1(l, v->b, index[0]) : mst_lower_at(l, v->b, NULL);
  ir_expr *a = mst_lower_at(l, v->a, index);
  return op2(l, IR_ADD, a,
             mst_ir_select(l->c, op2(l, IR_EQ, index[0], index[1]), x, mst_ir_real(l->c, 0)));
}
static ir_expr *pre_multiply_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *x = mst_lower_at1(l, v->a, index[0]);
  return op2(l, IR_MUL, x, mst_lower_at(l, v->b, index));
}
static ir_expr *post_multiply_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *x = mst_lower_at(l, v->a, index);
  return op2(l, IR_MUL, x, mst_lower_at1(l, v->b, index[1]));
}
static ir_expr *reverse_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at[LOWER_DIMS];
  for (int i = 1; i < v->ndims; i++) at[i] = index[i];
  at[0] = op2(l, IR_SUB, op2(l, IR_SUB, mst_lower_copy(l, v->dim[0]), ONE(l)), index[0]);
  return mst_lower_at(l, v->a, at);
}

static const lower_value *diagonals(lower_state *l, const char *name, const lower_value *const *arg,
                                    lang_type type) {
  lower_value *v = mst_lower_new(l, type);
  const lower_value *a = mst_lower_cheap(l, arg[0]);
  v->a = a;
  if (!strcmp(name, "diagonal")) {
    v->ndims = 1;
    v->dim[0] = op2(l, IR_INT_MIN, mst_lower_copy(l, a->dim[0]), mst_lower_copy(l, a->dim[1]));
    if (mst_lower_same_dim(a->dim[0], a->dim[1])) v->dim[0] = a->dim[0];
    v->cheap = true;
    v->element = diagonal_element;
    return v;
  }
  v->ndims = 2;
  if (!strcmp(name, "diag_matrix")) {
    v->dim[0] = v->dim[1] = a->dim[0];
    v->cheap = true;
    v->element = diag_matrix_element;
    return v;
  }
  v->b = arg[1]->ndims ? mst_lower_cheap(l, arg[1])
                       : mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at(l, arg[1], NULL), "d"),
                                          LANG_REAL);
  if (!strcmp(name, "add_diag")) {
    v->dim[0] = a->dim[0];
    v->dim[1] = a->dim[1];
    v->element = add_diag_element;
  } else if (!strcmp(name, "diag_pre_multiply")) {
    v->dim[0] = v->b->dim[0];
    v->dim[1] = v->b->dim[1];
    v->element = pre_multiply_element;
  } else if (!strcmp(name, "diag_post_multiply")) {
    v->dim[0] = a->dim[0];
    v->dim[1] = a->dim[1];
    v->element = post_multiply_element;
  } else {
    return NULL;
  }
  return v;
}

/* ---- joins: stored */

static void put(lower_state *l, ir_var *to, const lower_value *v, const ir_expr *row,
                const ir_expr *column, const lower_value *as) {
  ir_expr *index[LOWER_DIMS], *at[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, v, index, &saved);
  int n = to->ndims, m = v->ndims;
  for (int d = 0; d < n; d++) {
    int own = d - (n - m); /* a vector joined to a matrix lacks one dimension */
    if (m < n && as && as->type.base == LANG_VECTOR) own = d == 0 ? 0 : -1;
    at[d] = own >= 0 ? mst_lower_copy(l, index[own]) : mst_ir_int(l->c, 0);
    if (d == 0 && row) at[d] = op2(l, IR_ADD, at[d], mst_lower_copy(l, row));
    if (d == 1 && column) at[d] = op2(l, IR_ADD, at[d], mst_lower_copy(l, column));
  }
  ir_expr *e = mst_lower_at(l, v, v->ndims ? index : NULL);
  mst_lower_assign(l, to, n, at, e, false);
  mst_lower_nest_end(l, m, saved);
}

static const lower_value *append(lower_state *l, const char *name, const lower_value *const *arg,
                                 lang_type type) {
  const lower_value *a = arg[0], *b = arg[1];
  bool by_row = !strcmp(name, "append_row"), array = !strcmp(name, "append_array");
  ir_type t = mst_lower_type_of(l, a) > mst_lower_type_of(l, b) ? mst_lower_type_of(l, a)
                                                                : mst_lower_type_of(l, b);
  if (t == IR_INT && type.base != LANG_INT) t = IR_REAL;
  ir_expr *dim[LOWER_DIMS];
  int n = 0;
  const ir_expr *first;
  bool one = !array && type.base != LANG_MATRIX; /* vectors and scalars end to end */
  if (array || one) {
    ir_expr *na = a->ndims ? mst_lower_copy(l, a->dim[0]) : ONE(l);
    ir_expr *nb = b->ndims ? mst_lower_copy(l, b->dim[0]) : ONE(l);
    first = mst_lower_hold(l, na, "n");
    dim[n++] = op2(l, IR_ADD, mst_lower_copy(l, first), nb);
    for (int d = 1; d < a->ndims; d++) dim[n++] = a->dim[d];
  } else {
    first = mst_lower_hold(l, by_row ? rows(l, a) : cols(l, a), "n");
    ir_expr *sum = op2(l, IR_ADD, mst_lower_copy(l, first), by_row ? rows(l, b) : cols(l, b));
    dim[0] = by_row ? sum : rows(l, a);
    dim[1] = by_row ? cols(l, a) : sum;
    n = 2;
  }
  a = mst_lower_cheap(l, a);
  b = mst_lower_cheap(l, b);
  ir_var *to = mst_lower_declare(l, "joined", t, n, dim, NULL);
  to->once = true;
  bool rowwise = array || one || by_row;
  put(l, to, a, NULL, NULL, a);
  put(l, to, b, rowwise ? first : NULL, rowwise ? NULL : first, b);
  return mst_lower_variable(l, to, type);
}

/* ---- reductions */

static const lower_value *extreme(lower_state *l, const lower_value *a, bool most) {
  ir_type t = mst_lower_type_of(l, a);
  ir_expr *start = t == IR_INT ? mst_ir_int(l->c, most ? INT32_MIN : INT32_MAX)
                               : mst_ir_real(l->c, most ? -INFINITY : INFINITY);
  ir_var *m = mst_lower_declare(l, most ? "most" : "least", t, 0, NULL, start);
  ir_prim p = t == IR_INT ? (most ? IR_INT_MAX : IR_INT_MIN) : (most ? IR_FMAX : IR_FMIN);
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, a, index, &saved);
  mst_lower_assign(l, m, 0, NULL, op2(l, p, mst_ir_scalar(l->c, m), mst_lower_at(l, a, index)),
                   false);
  mst_lower_nest_end(l, a->ndims, saved);
  return mst_lower_scalar(l, mst_ir_scalar(l->c, m), t == IR_INT ? LANG_INT : LANG_REAL);
}

static const lower_value *product(lower_state *l, const lower_value *a) {
  ir_type t = mst_lower_type_of(l, a);
  ir_var *m =
      mst_lower_declare(l, "product", t, 0, NULL, t == IR_INT ? ONE(l) : mst_ir_real(l->c, 1));
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, a, index, &saved);
  mst_lower_assign(l, m, 0, NULL, op2(l, IR_MUL, mst_ir_scalar(l->c, m), mst_lower_at(l, a, index)),
                   false);
  mst_lower_nest_end(l, a->ndims, saved);
  return mst_lower_scalar(l, mst_ir_scalar(l->c, m), t == IR_INT ? LANG_INT : LANG_REAL);
}

static ir_expr *mean(lower_state *l, const lower_value *a) {
  return op2(l, IR_DIV, mst_ir_call1(l->c, IR_TO_REAL, mst_lower_sum(l, a)),
             mst_ir_call1(l->c, IR_TO_REAL, mst_lower_count(l, a)));
}

/* Sum of squares about the mean over n - 1; 0 for one element. */
static ir_expr *variance(lower_state *l, const lower_value *a) {
  a = mst_lower_cheap(l, a);
  ir_expr *m = mst_lower_hold(l, mean(l, a), "mean");
  const lower_value *d = mst_lower_binary(l, IR_SUB, a, mst_lower_scalar(l, m, LANG_REAL), a->type);
  lower_value *real = mst_lower_new(l, d->type);
  *real = *d;
  if (real->type.base == LANG_INT) real->type.base = LANG_REAL;
  ir_expr *s = mst_lower_sum(l, mst_lower_unary(l, IR_SQUARE, real, real->type));
  ir_expr *n = op2(l, IR_INT_MAX, op2(l, IR_SUB, mst_lower_count(l, a), ONE(l)), ONE(l));
  return op2(l, IR_DIV, s, mst_ir_call1(l->c, IR_TO_REAL, n));
}

static const lower_value *dot_product(lower_state *l, const lower_value *a, const lower_value *b) {
  a = mst_lower_cheap(l, a);
  b = mst_lower_cheap(l, b);
  lang_type t = mst_lower_type(LANG_VECTOR, 0);
  const lower_value *p =
      mst_lower_binary(l, IR_MUL, mst_lower_retype(l, a, t), mst_lower_retype(l, b, t), t);
  return mst_lower_scalar(l, mst_lower_sum(l, p), LANG_REAL);
}

static const lower_value *reductions(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n) {
  const lower_value *a = arg[0];
  if (n == 1 && a->ndims) {
    bool ints = a->type.base == LANG_INT;
    if (!strcmp(name, "sum"))
      return mst_lower_scalar(l, mst_lower_sum(l, a), ints ? LANG_INT : LANG_REAL);
    if (!strcmp(name, "prod")) return product(l, a);
    if (!strcmp(name, "min") || !strcmp(name, "max")) return extreme(l, a, name[1] == 'a');
    if (!strcmp(name, "mean")) return mst_lower_scalar(l, mean(l, a), LANG_REAL);
    if (!strcmp(name, "variance")) return mst_lower_scalar(l, variance(l, a), LANG_REAL);
    if (!strcmp(name, "sd"))
      return mst_lower_scalar(l, mst_ir_call1(l->c, IR_SQRT, variance(l, a)), LANG_REAL);
    if (!strcmp(name, "dot_self")) {
      a = mst_lower_cheap(l, a);
      return mst_lower_scalar(l, mst_lower_sum(l, mst_lower_unary(l, IR_SQUARE, a, a->type)),
                              LANG_REAL);
    }
  }
  if (n == 2 && !strcmp(name, "dot_product")) return dot_product(l, a, arg[1]);
  if (n == 2 && (!strcmp(name, "min") || !strcmp(name, "max"))) {
    bool ints = a->type.base == LANG_INT && arg[1]->type.base == LANG_INT, most = name[1] == 'a';
    return mst_lower_binary(l, ints ? (most ? IR_INT_MAX : IR_INT_MIN) : (most ? IR_FMAX : IR_FMIN),
                            a, arg[1], mst_lower_type(ints ? LANG_INT : LANG_REAL, 0));
  }
  if (n == 1 && a->ndims == 0 && !strcmp(name, "sum")) return a;
  return NULL;
}

/* ---- constants, target(), the rest */

static const lower_value *number(lower_state *l, const char *name) {
  static const struct {
    const char *name;
    double value;
  } table[] = {{"pi", 3.14159265358979323846},
               {"e", 2.71828182845904523536},
               {"sqrt2", 1.41421356237309504880},
               {"log2", 0.69314718055994530942},
               {"log10", 2.30258509299404568402},
               {"not_a_number", NAN},
               {"positive_infinity", INFINITY},
               {"negative_infinity", -INFINITY},
               {"machine_precision", 2.220446049250313080847e-16}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (!strcmp(table[i].name, name))
      return mst_lower_scalar(l, mst_ir_real(l->c, table[i].value), LANG_REAL);
  return NULL;
}

/* The operators under their names as functions. */
static const lower_value *operator(lower_state *l, const char *name, const lower_value *const *arg,
                                   const ast_expr *e) {
  static const struct {
    const char *name;
    ir_prim ints, reals;
  } table[] = {{"add", IR_ADD, IR_ADD},          {"subtract", IR_SUB, IR_SUB},
               {"elt_multiply", IR_MUL, IR_MUL}, {"elt_divide", IR_INT_DIV, IR_DIV},
               {"divide", IR_INT_DIV, IR_DIV},   {"modulus", IR_INT_MOD, IR_INT_MOD}};
  bool ints = arg[0]->type.base == LANG_INT && arg[1]->type.base == LANG_INT;
  if (!strcmp(name, "multiply")) return mst_lower_multiply(l, arg[0], arg[1], e->type);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (!strcmp(table[i].name, name))
      return mst_lower_binary(l, ints ? table[i].ints : table[i].reals, arg[0], arg[1], e->type);
  return NULL;
}

static const lower_value *scalars(lower_state *l, const char *name, const lower_value *const *arg,
                                  int n, const ast_expr *e) {
  if (n == 0) return number(l, name);
  if (n == 1 && arg[0]->type.base == LANG_INT && !strcmp(name, "abs"))
    return mst_lower_unary(l, IR_INT_ABS, arg[0], e->type);
  if (n == 1 && !strcmp(name, "to_int")) return mst_lower_unary(l, IR_TO_INT, arg[0], e->type);
  if (n == 1 && !strcmp(name, "int_step"))
    return mst_lower_scalar(l, op2(l, IR_GT, mst_lower_at(l, arg[0], NULL), mst_ir_real(l->c, 0)),
                            LANG_INT);
  if (n == 1 && !strcmp(name, "minus")) return mst_lower_unary(l, IR_NEG, arg[0], e->type);
  if (n == 2 && !strcmp(name, "pow")) {
    ir_expr *p = arg[1]->ndims == 0 ? mst_lower_at(l, arg[1], NULL) : NULL;
    if (p && p->op == IR_CONST_INT && p->integer == 2)
      return mst_lower_unary(l, IR_SQUARE, arg[0], e->type);
    return mst_lower_binary(l, IR_POW, arg[0], arg[1], e->type);
  }
  if (n == 1 && !strcmp(name, "plus")) return arg[0];
  return n == 2 ? operator(l, name, arg, e) : NULL;
}

const lower_value *mst_lower_library(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n, const ast_expr *e) {
  const lower_value *v = scalars(l, name, arg, n, e);
  if (v) return v;
  if (n == 1 && (v = shape(l, name, arg[0]))) return v;
  if (n >= 1 && (v = reductions(l, name, arg, n))) return v;
  if (n >= 1 && (v = reshape(l, name, arg, n, e->type))) return v;
  if (n >= 2 && (v = parts(l, name, arg, n, e))) return v;
  if (!strcmp(name, "transpose")) return mst_lower_transpose(l, arg[0]);
  if (!strcmp(name, "rep_vector") || !strcmp(name, "rep_row_vector") ||
      !strcmp(name, "rep_array") || !strcmp(name, "rep_matrix")) {
    bool columns = !strcmp(name, "rep_matrix") && arg[0]->type.base == LANG_VECTOR;
    return repeat(l, arg[0], arg + 1, n - 1, e->type, columns);
  }
  if (!strncmp(name, "ones_", 5) || !strncmp(name, "zeros_", 6) || !strncmp(name, "one_hot_", 8) ||
      !strncmp(name, "linspaced_", 10) || !strcmp(name, "identity_matrix"))
    return constant(l, name, arg, n, e->type);
  if (!strcmp(name, "append_row") || !strcmp(name, "append_col") || !strcmp(name, "append_array"))
    return append(l, name, arg, e->type);
  if (!strcmp(name, "reverse")) {
    lower_value *r = mst_lower_new(l, e->type);
    r->a = mst_lower_cheap(l, arg[0]);
    r->ndims = r->a->ndims;
    memcpy(r->dim, r->a->dim, sizeof r->dim);
    r->cheap = true;
    r->element = reverse_element;
    return r;
  }
  if (!strcmp(name, "diagonal") || !strcmp(name, "diag_matrix") || !strcmp(name, "add_diag") ||
      !strcmp(name, "diag_pre_multiply") || !strcmp(name, "diag_post_multiply"))
    return diagonals(l, name, arg, e->type);
  return mst_lower_routine(l, name, arg, n, e);
}
