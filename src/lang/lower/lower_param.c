/* lang/lower/lower_param.c -- parameters: from the unconstrained scale, with the log Jacobian.
 *
 * The maps are those of the Stan reference manual, chapter "Constraint transforms" (simplex by
 * stick-breaking). Elementwise ones are written here, those of vectors and matrices in
 * prelude/transforms.stan as NAME_constrain_lp functions. A parameter that has the sharded size
 * among its dimensions is row-local and keeps its dimensions; the others, and those that every
 * rank needs whole, are flat in Stan's unconstrained order.
 */
#include <math.h>
#include <string.h>

#include "lang/lower/lower_impl.h"

static ir_expr *op2(lower_state *l, ir_prim p, ir_expr *a, ir_expr *b) {
  return mst_ir_call2(l->c, p, a, b);
}

typedef struct map { /* of a constraint of vectors or matrices */
  ast_constraint constraint;
  const char *function;
} map;
static const map maps[] = {{AST_SIMPLEX, "simplex_constrain_lp"},
                           {AST_ORDERED, "ordered_constrain_lp"},
                           {AST_POSITIVE_ORDERED, "positive_ordered_constrain_lp"},
                           {AST_UNIT_VECTOR, "unit_vector_constrain_lp"},
                           {AST_SUM_TO_ZERO, "sum_to_zero_constrain_lp"},
                           {AST_CHOLESKY_CORR, "cholesky_factor_corr_constrain_lp"},
                           {AST_CHOLESKY_COV, "cholesky_factor_cov_constrain_lp"},
                           {AST_CORR, "corr_matrix_constrain_lp"},
                           {AST_COV, "cov_matrix_constrain_lp"},
                           {AST_STOCHASTIC_COLUMN, "stochastic_column_constrain_lp"},
                           {AST_STOCHASTIC_ROW, "stochastic_row_constrain_lp"}};

static const char *map_of(const ast_decl *d) {
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
    if (maps[i].constraint == d->constraint) return maps[i].function;
  return NULL;
}

/* Unconstrained elements of one vector or matrix with these dimensions. */
static ir_expr *free_count(lower_state *l, const ast_decl *d, ir_expr *const *dim) {
  if (!map_of(d)) {
    ir_expr *n = mst_ir_int(l->c, 1);
    for (int i = 0; i < d->ndims - d->type.arrays; i++)
      n = op2(l, IR_MUL, n, mst_lower_copy(l, dim[i]));
    return n;
  }
  ir_expr *one = mst_ir_int(l->c, 1), *two = mst_ir_int(l->c, 2);
  ir_expr *k = mst_lower_copy(l, dim[0]), *m = mst_lower_copy(l, dim[0]);
  ir_expr *less = op2(l, IR_SUB, m, one);
  switch (d->constraint) {
  case AST_SIMPLEX:
    return less;
  case AST_SUM_TO_ZERO:
    return d->type.base == LANG_MATRIX
               ? op2(l, IR_MUL, less,
                     op2(l, IR_SUB, mst_lower_copy(l, dim[1]), mst_ir_int(l->c, 1)))
               : less;
  case AST_ORDERED:
  case AST_POSITIVE_ORDERED:
  case AST_UNIT_VECTOR:
    return k;
  case AST_CHOLESKY_CORR:
  case AST_CORR:
    return op2(l, IR_INT_DIV, op2(l, IR_MUL, k, less), two);
  case AST_COV:
    return op2(l, IR_INT_DIV, op2(l, IR_MUL, k, op2(l, IR_ADD, mst_lower_copy(l, dim[0]), one)),
               two);
  case AST_CHOLESKY_COV: { /* N (N + 1) / 2 + (M - N) N, dim[0] = M rows */
    ir_expr *n = mst_lower_copy(l, dim[1]);
    ir_expr *tri =
        op2(l, IR_INT_DIV,
            op2(l, IR_MUL, mst_lower_copy(l, n), op2(l, IR_ADD, mst_lower_copy(l, n), one)), two);
    return op2(l, IR_ADD, tri, op2(l, IR_MUL, op2(l, IR_SUB, k, mst_lower_copy(l, n)), n));
  }
  case AST_STOCHASTIC_COLUMN:
    return op2(l, IR_MUL, less, mst_lower_copy(l, dim[1]));
  case AST_STOCHASTIC_ROW:
    return op2(l, IR_MUL, k, op2(l, IR_SUB, mst_lower_copy(l, dim[1]), mst_ir_int(l->c, 1)));
  default:
    return k;
  }
}

static int shard_dim(const lower_state *l, ir_expr *const *dim, int ndims) {
  int found = -1;
  for (int i = 0; i < ndims && l->shard_size; i++) {
    if (dim[i]->op != IR_LOAD || dim[i]->var != l->shard_size) continue;
    if (found >= 0) return -1; /* twice: not a matter of rows */
    found = i;
  }
  return found;
}

static bool is_whole(const lower_state *l, const ast_decl *d) {
  const lang_whole *whole = l->attempt->whole;
  for (int i = 0; whole && i < whole->count; i++)
    if (whole->decl[i] == d) return true;
  return false;
}

/* ---- the unconstrained values as they stand in theta */

static ir_expr *flat_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  /* arrays row-major, then a matrix column-major: Stan's order */
  ir_expr *at = mst_ir_int(l->c, 0);
  int arrays = v->type.arrays;
  for (int i = 0; i < arrays; i++)
    at = op2(l, IR_ADD, op2(l, IR_MUL, at, mst_lower_copy(l, v->dim[i])), index[i]);
  int own = v->ndims - arrays;
  if (own == 1)
    at = op2(l, IR_ADD, op2(l, IR_MUL, at, mst_lower_copy(l, v->dim[arrays])), index[arrays]);
  if (own == 2) {
    ir_expr *column = op2(l, IR_ADD, op2(l, IR_MUL, at, mst_lower_copy(l, v->dim[arrays + 1])),
                          index[arrays + 1]);
    at = op2(l, IR_ADD, op2(l, IR_MUL, column, mst_lower_copy(l, v->dim[arrays])), index[arrays]);
  }
  return mst_ir_load(l->c, v->flat, 1, &at);
}

static const lower_value *flat_value(lower_state *l, ir_var *theta, lang_type type, int ndims,
                                     ir_expr **dim) {
  if (ndims == 1) return mst_lower_variable(l, theta, type);
  lower_value *v = mst_lower_new(l, type);
  v->ndims = ndims;
  for (int i = 0; i < ndims; i++) v->dim[i] = dim[i];
  v->flat = theta;
  v->cheap = true;
  v->element = flat_element;
  return v;
}

/* ---- elementwise constraints */

const lower_value *mst_lower_bound(lower_state *l, const ast_expr *e) {
  if (!e) return NULL;
  const lower_value *v = mst_lower_expr(l, e);
  if (v->ndims) return mst_lower_cheap(l, v);
  return mst_lower_scalar(
      l, mst_lower_hold(l, mst_ir_call1(l->c, IR_TO_REAL, mst_lower_at(l, v, NULL)), "bound"),
      LANG_REAL);
}

ir_expr *mst_lower_bound_at(lower_state *l, const lower_value *b, ir_expr *const *index) {
  return mst_lower_at(l, b, b->ndims ? index : NULL);
}

static bool infinite(const lower_value *b, double which) {
  return b && b->ndims == 0 && b->scalar->op == IR_CONST_REAL && b->scalar->real == which;
}

/* A bound of components of an array of tuples has not the array's dimensions. */
static ir_expr *pick(lower_state *l, const lower_value *bound, ir_expr *const *index, int ndims) {
  return mst_lower_bound_at(l, bound, bound->ndims ? index + ndims - bound->ndims : NULL);
}

/* x of y, the log Jacobian to target. index: [ndims] */
static ir_expr *constrained(lower_state *l, const ast_decl *d, const lower_value *low,
                            const lower_value *high, ir_expr *y, ir_expr *const *index, int ndims) {
  y = mst_lower_hold(l, y, "y");
#define Y mst_lower_copy(l, y)
  if (d->constraint == AST_OFFSET_MULTIPLIER) {
    ir_expr *x = y;
    if (high) {
      ir_expr *tau = mst_lower_hold(l, pick(l, high, index, ndims), "multiplier");
      mst_lower_target(l, mst_ir_call1(l->c, IR_LOG, mst_lower_copy(l, tau)));
      x = op2(l, IR_MUL, tau, x);
    }
    return low ? op2(l, IR_ADD, pick(l, low, index, ndims), x) : x;
  }
  if (low && high) {
    ir_expr *a = mst_lower_hold(l, pick(l, low, index, ndims), "lower");
    ir_expr *width = mst_lower_hold(
        l, op2(l, IR_SUB, pick(l, high, index, ndims), mst_lower_copy(l, a)), "width");
    ir_expr *jacobian = op2(l, IR_ADD, mst_ir_call1(l->c, IR_LOG_INV_LOGIT, Y),
                            mst_ir_call1(l->c, IR_LOG1M_INV_LOGIT, Y));
    mst_lower_target(
        l, op2(l, IR_ADD, mst_ir_call1(l->c, IR_LOG, mst_lower_copy(l, width)), jacobian));
    return op2(l, IR_ADD, a, op2(l, IR_MUL, width, mst_ir_call1(l->c, IR_INV_LOGIT, y)));
  }
  mst_lower_target(l, Y);
  ir_expr *x = mst_ir_call1(l->c, IR_EXP, y);
  if (low) return op2(l, IR_ADD, pick(l, low, index, ndims), x);
  return op2(l, IR_SUB, pick(l, high, index, ndims), x);
#undef Y
}

/* Where the values go: a local of the density, an output of generate. */
static ir_var *place(lower_state *l, const ast_decl *d, int ndims, ir_expr **dim, ir_expr *init) {
  ir_var *var;
  if (l->lanes) {
    var = mst_lower_declare(l, d->name, IR_LANE, ndims, dim, init);
    var->once = true;
  } else {
    var = mst_ir_var(l->c, l->p, d->name, IR_REAL, IR_OUTPUT, ndims, dim);
    MST_LANG_PUSH(l->c, l->p->output, l->p->noutputs, var);
    if (init) mst_lower_assign(l, var, 0, NULL, init, false);
  }
  var->source_name = d->name;
  var->decl = d;
  return var;
}

static const lower_value *elementwise(lower_state *l, const ast_decl *d, const lower_value *raw,
                                      int ndims, ir_expr **dim) {
  bool offset = d->constraint == AST_OFFSET_MULTIPLIER;
  const lower_value *low = mst_lower_bound(l, offset ? d->offset : d->lower);
  const lower_value *high = mst_lower_bound(l, offset ? d->multiplier : d->upper);
  if (!offset && infinite(low, -INFINITY)) low = NULL;
  if (!offset && infinite(high, INFINITY)) high = NULL;
  bool plain = d->constraint == AST_UNCONSTRAINED || (!low && !high);
  if (plain && l->lanes && ndims && raw->var) return mst_lower_retype(l, raw, d->type);
  if (ndims == 0) {
    ir_expr *y = mst_lower_at(l, raw, NULL);
    ir_expr *x = plain ? y : constrained(l, d, low, high, y, NULL, 0);
    return mst_lower_variable(l, place(l, d, 0, NULL, x), d->type);
  }
  ir_var *to = place(l, d, ndims, dim, NULL);
  const lower_value *v = mst_lower_variable(l, to, d->type);
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, v, index, &saved);
  ir_expr *y = mst_lower_at(l, raw, index);
  ir_expr *x = plain ? y : constrained(l, d, low, high, y, index, ndims);
  mst_lower_assign(l, to, ndims, index, x, false);
  mst_lower_nest_end(l, ndims, saved);
  return v;
}

/* ---- constraints of vectors and matrices */

static ir_expr *piece_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at[LOWER_DIMS];
  int n = 0;
  if (v->a->ndims == 1) { /* flat: e[0] + i */
    at[0] = op2(l, IR_ADD, mst_lower_copy(l, v->e[0]), index[0]);
    return mst_lower_at(l, v->a, at);
  }
  for (; n < v->nargs; n++) at[n] = mst_lower_at(l, v->arg[n], NULL);
  at[n] = index[0];
  return mst_lower_at(l, v->a, at);
}

static const lower_value *by_function(lower_state *l, const ast_decl *d, ir_var *theta, int ndims,
                                      ir_expr **dim, const ir_expr *count) {
  int arrays = d->type.arrays, own = ndims - arrays;
  ir_var *to = place(l, d, ndims, dim, NULL);
  const lower_value *outer = mst_lower_variable(l, to, d->type);
  lower_value shape = *outer; /* the array dimensions alone */
  shape.ndims = arrays;
  ir_expr *index[LOWER_DIMS], *inner[LOWER_DIMS];
  ir_block *saved, *saved2;
  mst_lower_nest_begin(l, &shape, index, &saved);
  lower_value *y = mst_lower_new(l, mst_lower_type(LANG_VECTOR, 0));
  y->ndims = 1;
  y->dim[0] = mst_lower_copy(l, count);
  y->a = mst_lower_variable(l, theta, mst_lower_type(LANG_VECTOR, 0));
  y->cheap = true;
  y->element = piece_element;
  ir_expr *at = mst_ir_int(l->c, 0);
  const lower_value **which = MST_LANG_ARRAY(l->c, const lower_value *, arrays + 1);
  for (int i = 0; i < arrays; i++) {
    at = op2(l, IR_ADD, op2(l, IR_MUL, at, mst_lower_copy(l, dim[i])), mst_lower_copy(l, index[i]));
    which[i] = mst_lower_scalar(l, mst_lower_copy(l, index[i]), LANG_INT);
  }
  y->e[0] = mst_lower_hold(l, op2(l, IR_MUL, at, mst_lower_copy(l, count)), "from");
  y->arg = which;
  y->nargs = arrays;
  const lower_value *arg[3] = {y, NULL, NULL};
  int n = 1;
  if (own == 2) arg[n++] = mst_lower_scalar(l, mst_lower_copy(l, dim[arrays]), LANG_INT);
  if (own == 2 && d->constraint != AST_CHOLESKY_CORR && d->constraint != AST_CORR &&
      d->constraint != AST_COV)
    arg[n++] = mst_lower_scalar(l, mst_lower_copy(l, dim[arrays + 1]), LANG_INT);
  const char *name = map_of(d);
  const ast_function *f = mst_lower_prelude(l, name, arg, n);
  if (!f)
    mst_lower_unsupported(l, d->loc,
                          mst_lang_format(l->c, "the constraint of %s (%s)", d->name, name));
  const lower_value *x = mst_lower_cheap(l, mst_lower_inline(l, f, arg, d));
  mst_lower_nest_begin(l, x, inner, &saved2);
  for (int i = 0; i < own; i++) index[arrays + i] = inner[i];
  mst_lower_assign(l, to, ndims, index, mst_lower_at(l, x, inner), false);
  mst_lower_nest_end(l, own, saved2);
  mst_lower_nest_end(l, arrays, saved);
  return outer;
}

/* ---- one parameter */

static ir_var *theta_of(lower_state *l, const ast_decl *d, bool local, int ndims, ir_expr **dim,
                        int where, ir_expr *count) {
  char *name = mst_lang_format(l->c, "free_%s", d->name);
  ir_type type = l->lanes ? IR_LANE : IR_REAL;
  ir_var *v = mst_ir_var(l->c, l->p, name, type, local ? IR_ROW_THETA : IR_THETA, local ? ndims : 1,
                         local ? dim : &count);
  v->source_name = d->name;
  v->decl = d;
  v->constant = true;
  v->shard_dim = local ? where : -1;
  return v;
}

static const lower_value *parameter(lower_state *l, const ast_decl *d, bool first, int *number) {
  ir_expr *dim[LOWER_DIMS], *free[LOWER_DIMS];
  int ndims;
  l->loc = d->loc;
  if (d->part) { /* its components, one after the other */
    const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, d->type.nelements);
    for (int i = 0; i < d->type.nelements; i++) part[i] = parameter(l, d->part[i], first, number);
    const lower_value *tuple = mst_lower_tuple(l, d, part);
    mst_lower_bind(l, d, tuple);
    return tuple;
  }
  mst_lower_dims(l, d, dim, &ndims);
  int arrays = d->type.arrays, where = shard_dim(l, dim, ndims);
  bool vectors = map_of(d) != NULL;
  bool local = where >= 0 && (!vectors || where < arrays) && !is_whole(l, d);
  ir_expr *each = free_count(l, d, dim + arrays), *count = mst_lower_copy(l, each);
  for (int i = 0; i < arrays; i++) count = op2(l, IR_MUL, mst_lower_copy(l, dim[i]), count);
  int nfree = ndims;
  for (int i = 0; i < ndims; i++) free[i] = dim[i];
  if (vectors) {
    nfree = arrays + 1;
    free[arrays] = each = mst_lower_hold(l, each, "count");
  }
  if (!local) count = mst_lower_hold(l, count, "count");
  ir_var *theta = theta_of(l, d, local, nfree, free, where, count);
  if (first) {
    ir_parameter p = {.decl = d, .local = local};
    MST_LANG_PUSH(l->c, l->p->param, l->p->nparams, p);
  }
  const int at = (*number)++;
  if (l->lanes)
    l->p->param[at].theta = theta;
  else
    l->p->param[at].value = theta;
  if (l->lanes) l->p->param[at].local = local;
  const lower_value *v;
  if (vectors) {
    v = by_function(l, d, theta, ndims, dim, each);
  } else {
    const lower_value *raw;
    ir_expr *zero = mst_ir_int(l->c, 0);
    if (local)
      raw = mst_lower_variable(l, theta, d->type);
    else if (ndims == 0)
      raw = mst_lower_scalar(l, mst_ir_load(l->c, theta, 1, &zero), LANG_REAL);
    else
      raw = flat_value(l, theta, d->type, ndims, dim);
    v = elementwise(l, d, raw, ndims, dim);
  }
  mst_lower_bind(l, d, v);
  return v;
}

void mst_lower_parameters(lower_state *l, bool first) {
  const ast_stmt *b = l->ast->parameters;
  int number = 0;
  for (int i = 0; b && i < b->nstmts; i++)
    if (b->stmt[i]->kind == AST_DECL) parameter(l, b->stmt[i]->decl, first, &number);
}
