/* lang/lower/lower_routine.c -- calls of the algorithms of masting/stan/linalg.h. */
#include <string.h>

#include "lang/lower/lower_impl.h"

/* Sizes in the order of the routine's int arguments, and the shape of its result, as words: r or
 * c for rows or columns and a letter for the argument; n for the number of elements, i for an
 * int argument's value. */
typedef struct routine {
  const char *name;
  int nargs;
  const char *sizes;
  const char *rows, *columns;
} routine;

static const routine table[] = {{"cholesky_decompose", 1, "ra", "ra", "ra"},
                                {"mdivide_left_tri_low", 2, "ra cb", "ra", "cb"},
                                {"mdivide_right_tri_low", 2, "rb ra", "ra", "cb"},
                                {"mdivide_left", 2, "ra cb", "ra", "cb"},
                                {"mdivide_right", 2, "rb ra", "ra", "cb"},
                                {"mdivide_left_spd", 2, "ra cb", "ra", "cb"},
                                {"mdivide_right_spd", 2, "rb ra", "ra", "cb"},
                                {"inverse", 1, "ra", "ra", "ra"},
                                {"inverse_spd", 1, "ra", "ra", "ra"},
                                {"log_determinant", 1, "ra", "1", "1"},
                                {"log_determinant_spd", 1, "ra", "1", "1"},
                                {"determinant", 1, "ra", "1", "1"},
                                {"crossprod", 1, "ra ca", "ca", "ca"},
                                {"tcrossprod", 1, "ra ca", "ra", "ra"},
                                {"multiply_lower_tri_self_transpose", 1, "ra ca", "ra", "ra"},
                                {"quad_form", 2, "ra cb", "cb", "cb"},
                                {"quad_form_sym", 2, "ra cb", "cb", "cb"},
                                {"cumulative_sum", 1, "na", "na", "na"},
                                {"log_sum_exp", 1, "na", "1", "1"},
                                {"softmax", 1, "na", "na", "na"},
                                {"log_softmax", 1, "na", "na", "na"},
                                {"norm2", 1, "na", "1", "1"},
                                {"eigenvalues_sym", 1, "ra", "ra", "ra"},
                                {"eigenvectors_sym", 1, "ra", "ra", "ra"},
                                {"qr_thin_Q", 1, "ra ca", "ra", "ma"},
                                {"qr_thin_R", 1, "ra ca", "ma", "ca"},
                                {"qr_Q", 1, "ra ca", "ra", "ra"},
                                {"qr_R", 1, "ra ca", "ra", "ca"},
                                {"singular_values", 1, "ra ca", "ma", "ma"},
                                {"svd_U", 1, "ra ca", "ra", "ma"},
                                {"svd_V", 1, "ra ca", "ca", "ma"},
                                {"hypergeometric_series", 3, "na nb", "1", "1"},
                                {"matrix_exp", 1, "ra", "ra", "ra"},
                                {"matrix_power", 2, "ra ib", "ra", "ra"},
                                {"generalized_inverse", 1, "ra ca", "ca", "ra"},
                                {"sort_asc", 1, "na", "na", "na"},
                                {"sort_desc", 1, "na", "na", "na"},
                                {"sort_indices_asc", 1, "na", "na", "na"},
                                {"sort_indices_desc", 1, "na", "na", "na"}};

static ir_expr *extent(lower_state *l, const char *word, const lower_value *const *arg) {
  if (word[0] == '1') return mst_ir_int(l->c, 1);
  const lower_value *v = arg[word[1] - 'a'];
  if (word[0] == 'i') return mst_lower_hold(l, mst_lower_at(l, v, NULL), "n");
  bool row = v->type.base == LANG_ROW_VECTOR, matrix = v->type.base == LANG_MATRIX;
  ir_expr *r = row ? mst_ir_int(l->c, 1) : mst_lower_copy(l, v->dim[0]);
  ir_expr *c = matrix ? mst_lower_copy(l, v->dim[1])
               : row  ? mst_lower_copy(l, v->dim[0])
                      : mst_ir_int(l->c, 1);
  if (word[0] == 'r') return r;
  if (word[0] == 'c') return c;
  if (word[0] == 'm') return mst_ir_call2(l->c, IR_INT_MIN, r, c);
  return mst_lower_count(l, v);
}

/* The triangular factor of which the rest is not looked at, and so on, are the routine's
 * business. */
static const lower_value *call(lower_state *l, const routine *r, const lower_value *const *arg,
                               const ast_expr *e) {
  ir_type type = e->type.base == LANG_INT ? IR_INT : IR_REAL;
  ir_stmt *s = mst_ir_stmt(l->c, IR_ROUTINE, e->loc);
  s->name = r->name;
  s->in = MST_LANG_ARRAY(l->c, ir_var *, r->nargs);
  for (int i = 0; i < r->nargs; i++) {
    if (arg[i]->ndims == 0) continue;
    ir_var *in = mst_lower_whole(l, arg[i], arg[i]->type.base == LANG_INT ? IR_INT : IR_REAL)->var;
    if (in->type > type && type != IR_INT) type = in->type;
    if (in->type == IR_LANE && type == IR_INT) l->p->one_lane = true; /* the order of parameters */
    s->in[s->nin++] = in;
  }
  s->size = MST_LANG_ARRAY(l->c, ir_expr *, 3);
  for (const char *w = r->sizes; *w; w += w[2] ? 3 : 2) s->size[s->nsizes++] = extent(l, w, arg);
  ir_expr *dim[2] = {extent(l, r->rows, arg), extent(l, r->columns, arg)};
  int ndims = 2;
  if (e->type.base != LANG_MATRIX) {
    ndims = 1;
    if (e->type.base == LANG_ROW_VECTOR) dim[0] = dim[1];
  }
  ir_var *to = mst_lower_declare(l, "y", type, ndims, dim, NULL);
  to->once = true;
  s->out = MST_LANG_NEW(l->c, ir_var *);
  s->out[0] = to;
  s->nout = 1;
  mst_ir_append(l->c, l->out, s);
  if (e->type.arrays == 0 && (e->type.base == LANG_REAL || e->type.base == LANG_INT)) {
    ir_expr *zero = mst_ir_int(l->c, 0);
    return mst_lower_scalar(l, mst_ir_load(l->c, to, 1, &zero), LANG_REAL);
  }
  return mst_lower_variable(l, to, e->type);
}

/* softmax and the like of an array of vectors: of each. */
static const lower_value *call_each(lower_state *l, const routine *r, const lower_value *a,
                                    const ast_expr *e) {
  ir_type type = mst_lower_type_of(l, a);
  ir_var *to = mst_lower_declare(l, "y", type == IR_INT ? IR_REAL : type, a->ndims, a->dim, NULL);
  ast_expr *one = MST_LANG_NEW(l->c, ast_expr);
  ir_block *saved, *inner;
  ir_expr *index[2];
  *one = *e;
  one->type.arrays = 0;
  to->once = true;
  a = mst_lower_cheap(l, a);
  index[0] = mst_ir_scalar(l->c, mst_lower_loop_begin(l, a->dim[0], "n", &saved));
  const lower_value *x = mst_lower_element(l, a, index[0]);
  x = call(l, r, &x, one);
  mst_lower_nest_begin(l, x, index + 1, &inner);
  mst_lower_assign(l, to, 2, index, mst_lower_at(l, x, index + 1), false);
  mst_lower_nest_end(l, 1, inner);
  mst_lower_loop_end(l, saved);
  return mst_lower_variable(l, to, e->type);
}

const lower_value *mst_lower_routine(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n, const ast_expr *e) {
  if (e->type.arrays > 1 || n < 1 || arg[0]->ndims == 0) return NULL;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (table[i].nargs == n && !strcmp(table[i].name, name))
      return e->type.arrays == 1 && arg[0]->ndims == 2 ? call_each(l, &table[i], arg[0], e)
                                                       : call(l, &table[i], arg, e);
  return NULL;
}
