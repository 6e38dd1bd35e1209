/* lang/lower/lower_data.c -- the data block, and the size that is cut over the ranks. */
#include "lang/lower/lower_impl.h"

/* Another name for the number of rows, which is to be so at load. */
static void same_size(lower_state *l, ir_var *v) {
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, v->decl->loc),
          *r = mst_ir_stmt(l->c, IR_REJECT, v->decl->loc);
  s->cond =
      mst_ir_call2(l->c, IR_NE, mst_ir_scalar(l->c, v), mst_ir_scalar(l->c, l->p->shard_size));
  r->name = "error";
  r->nargs = 2;
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, 2);
  r->arg[0] = mst_ir_scalar(l->c, l->p->shard_size);
  r->arg[1] = mst_ir_scalar(l->c, v);
  r->text = MST_LANG_ARRAY(l->c, const char *, 3);
  r->text[0] = mst_lang_format(l->c, "%s and %s are cut over the ranks as one size; expected %s = ",
                               v->source_name, l->p->shard_size->source_name, v->source_name);
  r->text[1] = ", got ";
  r->text[2] = mst_lang_format(l->c, "; try --shard %s", l->p->shard_size->source_name);
  mst_ir_append(l->c, &s->body, r);
  mst_ir_append(l->c, l->out, s);
  l->p->shard_also = l->p->shard_also
                         ? mst_lang_format(l->c, "%s, %s", l->p->shard_also, v->source_name)
                         : v->source_name;
}

/* One variable that is read, or all components of a tuple. */
static const lower_value *read_variable(lower_state *l, const ast_decl *d) {
  if (d->part) {
    const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, d->type.nelements);
    for (int i = 0; i < d->type.nelements; i++) {
      part[i] = read_variable(l, d->part[i]);
      mst_lower_bind(l, d->part[i], part[i]);
    }
    return mst_lower_tuple(l, d, part);
  }
  ir_expr *dim[LOWER_DIMS];
  int ndims;
  mst_lower_dims(l, d, dim, &ndims);
  ir_type type = d->type.base == LANG_INT ? IR_INT : IR_REAL;
  ir_var *v = mst_ir_var(l->c, l->p, d->name, type, IR_DATA, ndims, dim);
  v->source_name = d->name;
  v->decl = d;
  v->constant = true;
  v->shard_dim = -1;
  for (int k = 0; k < ndims && l->shard_size; k++)
    if (dim[k]->op == IR_LOAD && dim[k]->var == l->shard_size && v->shard_dim < 0) v->shard_dim = k;
  MST_LANG_PUSH(l->c, l->p->data, l->p->ndata, v);
  return mst_lower_variable(l, v, d->type);
}

void mst_lower_data(lower_state *l) {
  const ast_stmt *b = l->ast->data;
  const ast_decl *cut = mst_lower_choose(l);
  for (int i = 0; b && i < b->nstmts; i++) {
    const ast_decl *d = b->stmt[i]->decl;
    if (b->stmt[i]->kind != AST_DECL) continue;
    bool same = cut && l->shard_size && mst_lower_same_size(l, cut, d);
    const lower_value *value = read_variable(l, d);
    ir_var *v = value->var;
    mst_lower_bind(l, d, same ? mst_lower_variable(l, l->p->shard_size, d->type) : value);
    if (same) same_size(l, v);
    if (d == cut) {
      l->shard_size = v;
      l->p->shard_size = v;
    }
  }
}
