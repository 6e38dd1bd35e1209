/* lang/lower/lower_decl.c -- declarations: sizes, computed here or once at load; variables, outputs
 * and tuples. */
#include "lang/lower/lower_impl.h"

/* Whether a size is seen not to be negative: a constant, a size of data, sums of those. */
static bool is_size(const lower_state *l, const ir_expr *n) {
  if (n->op == IR_CONST_INT) return n->integer >= 0;
  if (n->op == IR_CALL && (n->prim == IR_ADD || n->prim == IR_MUL))
    return is_size(l, n->arg[0]) && is_size(l, n->arg[1]);
  if (n->op == IR_CALL && n->prim == IR_INT_MAX)
    return is_size(l, n->arg[0]) || is_size(l, n->arg[1]);
  if (n->op != IR_LOAD || n->nargs) return false;
  if (n->var->role == IR_LOOP || n->var->is_size) return true;
  const ast_decl *d = n->var->decl;
  if (d && d->block == AST_IN_DATA && d->lower && d->lower->kind == AST_INT)
    return d->lower->integer >= 0;
  for (int i = 0; i < l->p->ndata; i++)
    for (int k = 0; k < l->p->data[i]->ndims; k++)
      if (mst_ir_same(l->p->data[i]->dim[k], n)) return true;
  return false;
}

/* Ends the run, or the density, when a size is negative. */
static void check_size(lower_state *l, const ast_decl *d, ir_expr *n) {
  if (d->block == AST_IN_DATA || (l->frame && l->frame->function->prelude) || is_size(l, n)) return;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, d->loc), *r = mst_ir_stmt(l->c, IR_REJECT, d->loc);
  s->cond = mst_ir_call2(l->c, IR_LT, mst_lower_copy(l, n), mst_ir_int(l->c, 0));
  r->name = "error";
  r->nargs = 1;
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, 1);
  r->arg[0] = mst_lower_copy(l, n);
  r->text = MST_LANG_ARRAY(l->c, const char *, 2);
  r->text[0] =
      mst_lang_format(l->c, "size of %s; expected 0 or more, got ", d->name ? d->name : "it");
  mst_ir_append(l->c, &s->body, r);
  mst_ir_append(l->c, l->out, s);
  if (n->op == IR_LOAD && n->var->constant) n->var->is_size = true;
}

static void dims_here(lower_state *l, const ast_decl *d, ir_expr **dim, int *ndims) {
  *ndims = 0;
  for (int i = 0; i < d->ndims; i++) {
    ir_expr *n = mst_lower_expr_scalar(l, d->dims[i]);
    const bool known = is_size(l, n);
    n = mst_lower_fixed_int(l, n, "size");
    if (!known) check_size(l, d, n);
    dim[(*ndims)++] = n;
  }
  bool square = d->constraint == AST_CHOLESKY_CORR || d->constraint == AST_CORR ||
                d->constraint == AST_COV ||
                (d->constraint == AST_CHOLESKY_COV && d->ndims - d->type.arrays == 1);
  if (square && d->type.base == LANG_MATRIX && d->ndims - d->type.arrays == 1) {
    dim[*ndims] = mst_lower_copy(l, dim[*ndims - 1]);
    (*ndims)++;
  }
}

/* Sizes of a program variable depend on data alone: they are computed at load, once. */
static void dims_at_load(lower_state *l, const ast_decl *d, ir_expr **dim, int *ndims) {
  lower_sizes *s = mst_lang_pointer(&l->sizes, d);
  if (!s) {
    ir_block *saved = l->out;
    bool lanes = l->lanes, target = l->target;
    s = MST_LANG_NEW(l->c, lower_sizes);
    l->out = &l->p->setup;
    l->lanes = l->target = false;
    dims_here(l, d, s->dim, &s->ndims);
    l->out = saved;
    l->lanes = lanes;
    l->target = target;
    s->decl = d;
    mst_lang_set_pointer(l->c, &l->sizes, d, s);
  }
  *ndims = s->ndims;
  for (int i = 0; i < s->ndims; i++) dim[i] = mst_lower_copy(l, s->dim[i]);
}

bool mst_lower_dims(lower_state *l, const ast_decl *d, ir_expr **dim, int *ndims) {
  enum { MOST = 8 }; /* MASTING_MAX_DIMS of model_abi.h */
  if (d->top && !l->frame && d->block != AST_IN_TDATA && d->ndims > MOST)
    mst_lower_unsupported(l, d->loc, "data, a parameter or a result with more than 8 dimensions");
  bool program = d->top && !l->frame && d->block != AST_IN_DATA && d->block != AST_IN_TDATA;
  if (program)
    dims_at_load(l, d, dim, ndims);
  else
    dims_here(l, d, dim, ndims);
  return true;
}

static const lower_value *tuple_decl(lower_state *l, const ast_decl *d);

const lower_value *mst_lower_decl(lower_state *l, const ast_decl *d) {
  if (d->type.base == LANG_COMPLEX || d->type.base == LANG_COMPLEX_MATRIX ||
      d->type.base == LANG_COMPLEX_VECTOR || d->type.base == LANG_COMPLEX_ROW_VECTOR)
    mst_lower_unsupported(l, d->loc, "complex numbers");
  if (d->type.base == LANG_TUPLE) return tuple_decl(l, d);
  ir_expr *dim[LOWER_DIMS];
  int ndims;
  mst_lower_dims(l, d, dim, &ndims);
  ir_type type = d->type.base == LANG_INT ? IR_INT : mst_lower_is_lane(l, d) ? IR_LANE : IR_REAL;
  const char *name = d->name ? d->name : "element";
  ir_var *var;
  ir_expr *init = NULL; /* a scalar starts with its value */
  bool output = d->top && !l->lanes && !l->frame &&
                (d->block == AST_IN_TPARAMETERS || d->block == AST_IN_GENERATED);
  if (output) {
    var = mst_ir_var(l->c, l->p, name, type, IR_OUTPUT, ndims, dim);
    MST_LANG_PUSH(l->c, l->p->output, l->p->noutputs, var);
  } else {
    if (d->init && ndims == 0) {
      init = mst_lower_at(l, mst_lower_expr(l, d->init), NULL);
      if (type == IR_INT) init = mst_lower_int_of(l, init);
      if (init->type == IR_MASK) init = mst_ir_call1(l->c, IR_MASK_REAL, init);
      if (init->type == IR_INT && type != IR_INT) init = mst_ir_call1(l->c, IR_TO_REAL, init);
      if (init->type == IR_LANE && type == IR_REAL) {
        mst_lower_mark_lane(l, d);
        type = IR_LANE;
      }
    }
    var = mst_lower_declare(l, name, type, ndims, dim, init);
    var->unset = !d->init && !(l->frame && l->frame->function->prelude);
    if (d->top && d->block == AST_IN_TDATA) var->role = IR_DATA;
  }
  var->source_name = d->name;
  var->decl = d;
  const lower_value *v = mst_lower_variable(l, var, d->type);
  mst_lower_bind(l, d, v);
  if (d->init && !init) mst_lower_store(l, d, v, mst_lower_expr(l, d->init));
  return v;
}

const lower_value *mst_lower_tuple(lower_state *l, const ast_decl *d,
                                   const lower_value *const *part) {
  lower_value *v = mst_lower_new(l, d->type);
  v->part = part;
  v->nparts = d->type.nelements;
  v->ndims = d->type.arrays;
  for (int i = 0; i < v->ndims; i++) v->dim[i] = part[0]->dim[i];
  return v;
}

static const lower_value *tuple_decl(lower_state *l, const ast_decl *d) {
  const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, d->type.nelements);
  for (int i = 0; i < d->type.nelements; i++) part[i] = mst_lower_decl(l, d->part[i]);
  const lower_value *v = mst_lower_tuple(l, d, part);
  mst_lower_bind(l, d, v);
  if (d->init) mst_lower_store(l, d, v, mst_lower_expr(l, d->init));
  return v;
}
