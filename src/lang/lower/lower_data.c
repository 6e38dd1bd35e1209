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

void mst_lower_data(lower_state *l) {
  const ast_stmt *b = l->ast->data;
  const ast_decl *cut = mst_lower_choose(l);
  for (int i = 0; b && i < b->nstmts; i++) {
    const ast_decl *d = b->stmt[i]->decl;
    ir_expr *dim[LOWER_DIMS];
    int ndims;
    if (b->stmt[i]->kind != AST_DECL) continue;
    bool same = cut && l->shard_size && mst_lower_same_size(l, cut, d);
    if (d->type.base == LANG_TUPLE) mst_lower_unsupported(l, d->loc, "data that is a tuple");
    mst_lower_dims(l, d, dim, &ndims);
    ir_type type = d->type.base == LANG_INT ? IR_INT : IR_REAL;
    ir_var *v = mst_ir_var(l->c, l->p, d->name, type, IR_DATA, ndims, dim);
    v->source_name = d->name;
    v->decl = d;
    v->constant = true;
    v->shard_dim = -1;
    for (int k = 0; k < ndims && l->shard_size; k++)
      if (dim[k]->op == IR_LOAD && dim[k]->var == l->shard_size && v->shard_dim < 0)
        v->shard_dim = k;
    MST_LANG_PUSH(l->c, l->p->data, l->p->ndata, v);
    mst_lower_bind(l, d, mst_lower_variable(l, same ? l->p->shard_size : v, d->type));
    if (same) same_size(l, v);
    if (d == cut) {
      l->shard_size = v;
      l->p->shard_size = v;
    }
  }
}
