/* lang/lower/lower_transform.c -- the constraining transforms as functions: NAME_constrain,
 * NAME_jacobian, which adds the log Jacobian to target, and NAME_unconstrain. The functions are
 * those of prelude/transforms.stan, NAME_constrain_lp for the first two, element by element or
 * for each of an array of vectors or matrices.
 */
#include <string.h>

#include "lang/lower/lower_impl.h"

/* Dimensions of the result, as letters: r, c rows and columns of the first argument (a vector's:
 * r), R and C one more, p and q one less; 2, 3 the value of that argument; h r (r - 1) / 2, H r
 * (r + 1) / 2, t a trapezium's. */
static const struct transform {
  const char *name, *there, *back;
} table[] = {{"simplex", "R", "p"},
             {"ordered", "r", "r"},
             {"positive_ordered", "r", "r"},
             {"unit_vector", "r", "r"},
             {"sum_to_zero", "R", "p"},
             {"sum_to_zero", "RC", "pq"},
             {"stochastic_column", "Rc", "pc"},
             {"stochastic_row", "rC", "rq"},
             {"corr_matrix", "22", "h"},
             {"cov_matrix", "22", "H"},
             {"cholesky_factor_corr", "22", "h"},
             {"cholesky_factor_cov", "23", "t"},
             {"lower_bound", "", ""},
             {"upper_bound", "", ""},
             {"lower_upper_bound", "", ""},
             {"offset_multiplier", "", ""}};

static ir_expr *op2(lower_state *l, ir_prim p, ir_expr *a, ir_expr *b) {
  return mst_ir_call2(l->c, p, a, b);
}

/* half of n (n + more) */
static ir_expr *half(lower_state *l, const ir_expr *n, int more) {
  ir_expr *next = op2(l, IR_ADD, mst_lower_copy(l, n), mst_ir_int(l->c, more));
  return op2(l, IR_INT_DIV, op2(l, IR_MUL, mst_lower_copy(l, n), next), mst_ir_int(l->c, 2));
}

static ir_expr *dimension(lower_state *l, char letter, const lower_value *const *arg) {
  const lower_value *a = arg[0];
  const ir_expr *r = a->dim[a->type.arrays], *c = a->dim[a->type.arrays + 1];
  switch (letter) {
  case 'r':
    return mst_lower_copy(l, r);
  case 'c':
    return mst_lower_copy(l, c);
  case 'R':
    return op2(l, IR_ADD, mst_lower_copy(l, r), mst_ir_int(l->c, 1));
  case 'C':
    return op2(l, IR_ADD, mst_lower_copy(l, c), mst_ir_int(l->c, 1));
  case 'p':
    return op2(l, IR_SUB, mst_lower_copy(l, r), mst_ir_int(l->c, 1));
  case 'q':
    return op2(l, IR_SUB, mst_lower_copy(l, c), mst_ir_int(l->c, 1));
  case 'h':
    return half(l, r, -1);
  case 'H':
    return half(l, r, 1);
  case 't':
    return op2(l, IR_ADD, half(l, c, 1),
               op2(l, IR_MUL, op2(l, IR_SUB, mst_lower_copy(l, r), mst_lower_copy(l, c)),
                   mst_lower_copy(l, c)));
  default:
    return mst_lower_at(l, arg[letter - '1'], NULL);
  }
}

/* All arguments of a scalar transform are taken by their elements, of another only the first, by
 * its arrays'. */
static const lower_value *over(lower_state *l, const char *name, const char *dims,
                               const lower_value *const *given, int n, const ast_expr *e) {
  const lower_value *arg[3], *one[3], *shape = given[0];
  bool scalar = dims[0] == '\0';
  ir_type type = IR_REAL;
  for (int i = 0; i < n; i++) {
    arg[i] = given[i]->ndims
                 ? mst_lower_cheap(l, given[i])
                 : mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at(l, given[i], NULL), "t"),
                                    given[i]->type.base);
    if (mst_lower_type_of(l, arg[i]) > type) type = mst_lower_type_of(l, arg[i]);
    if (scalar && arg[i]->ndims && !shape->ndims) shape = given[i];
  }
  lower_value outer = *shape; /* the dimensions that are looped over */
  outer.ndims = scalar ? shape->ndims : shape->type.arrays;
  for (int i = 0; scalar && i < n; i++)
    for (int d = 0; d < arg[i]->ndims; d++)
      mst_lower_match(l, name, outer.dim[d], arg[i]->dim[d], e->loc);
  ir_expr *dim[LOWER_DIMS], *index[LOWER_DIMS], *inner[LOWER_DIMS];
  int own = (int)strlen(dims);
  for (int d = 0; d < outer.ndims; d++) dim[d] = outer.dim[d];
  for (int d = 0; d < own; d++)
    dim[outer.ndims + d] = mst_lower_hold(l, dimension(l, dims[d], arg), "n");
  ir_var *to = mst_lower_declare(l, "x", type, outer.ndims + own, dim, NULL);
  to->once = true;
  ir_block *saved, *saved2;
  mst_lower_nest_begin(l, &outer, index, &saved);
  for (int i = 0; i < n; i++) {
    one[i] = arg[i];
    if (scalar && arg[i]->ndims)
      one[i] = mst_lower_scalar(l, mst_lower_at(l, arg[i], index), LANG_REAL);
    for (int d = 0; !scalar && i == 0 && d < outer.ndims; d++)
      one[0] = mst_lower_element(l, one[0], index[d]);
  }
  const ast_function *f = mst_lower_prelude(l, name, one, n);
  if (!f)
    mst_lower_unsupported(l, e->loc,
                          mst_lang_format(l->c, "function %s with these arguments", e->name));
  const lower_value *x = mst_lower_inline(l, f, one, e);
  if (own) x = mst_lower_cheap(l, x);
  mst_lower_nest_begin(l, x, inner, &saved2);
  for (int d = 0; d < own; d++) index[outer.ndims + d] = inner[d];
  mst_lower_assign(l, to, outer.ndims + own, index, mst_lower_at(l, x, own ? inner : NULL), false);
  mst_lower_nest_end(l, own, saved2);
  mst_lower_nest_end(l, outer.ndims, saved);
  return mst_lower_variable(l, to, e->type);
}

const lower_value *mst_lower_transform(lower_state *l, const char *name,
                                       const lower_value *const *arg, int n, const ast_expr *e) {
  static const char *const suffix[] = {"_constrain", "_jacobian", "_unconstrain"};
  size_t length = strlen(name);
  for (size_t i = 0; i < 3 * (sizeof table / sizeof *table); i++) {
    const struct transform *t = &table[i / 3];
    size_t stem = strlen(t->name);
    const char *dims = i % 3 == 2 ? t->back : t->there;
    if (length <= stem || strncmp(name, t->name, stem) != 0 ||
        strcmp(name + stem, suffix[i % 3]) != 0)
      continue;
    if (!strcmp(t->name, "sum_to_zero") && (arg[0]->type.base == LANG_MATRIX) != (dims[1] != '\0'))
      continue;
    bool target = l->target;
    l->target = target && i % 3 == 1;
    const char *function = i % 3 == 2 ? name : mst_lang_format(l->c, "%s_constrain_lp", t->name);
    const lower_value *v = over(l, function, dims, arg, n, e);
    l->target = target;
    return v;
  }
  return NULL;
}
