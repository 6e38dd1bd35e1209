/* lang/shard/shard_shared.c -- what rows read of the replicated part becomes a shared variable. */
#include "lang/shard/shard_impl.h"

typedef struct reading { /* of a variable */
  ir_var *to;            /* its shared variable, or NULL */
  bool declared;         /* in the rows themselves */
} reading;

typedef struct reads {
  cut_state *k;
  ir_table vars; /* of reading */
  bool density;
} reads;

static reading *reading_of(reads *r, const ir_var *v) { return mst_ir_entry(&r->vars, v); }

static void note_decl(void *context, ir_stmt *s) {
  reads *r = context;
  if (s->kind == IR_DECL) reading_of(r, s->var)->declared = true;
  if (s->kind == IR_FOR) reading_of(r, s->var)->declared = true;
}

static ir_var *shared(reads *r, ir_var *v) {
  cut_state *k = r->k;
  reading *of = reading_of(r, v);
  if (of->declared || (v->role != IR_LOCAL && v->role != IR_THETA)) return v;
  if (mst_cut_is_row(k, v)) return v;
  v->persistent = true;
  if (!r->density) return v;
  if (v->type != IR_LANE) {
    k->failed =
        mst_lang_format(k->c, "%s is data that changes in the model block and that rows read",
                        mst_ir_shown(k->c, v));
    return v;
  }
  if (!of->to) {
    ir_var *s = mst_ir_var(k->c, k->p, v->name, IR_LANE, IR_SHARED, v->ndims, v->dim);
    s->source_name = v->source_name;
    s->constant = true;
    s->shard_dim = -1;
    s->shared_from = v;
    of->to = s;
    MST_LANG_PUSH(k->c, k->p->shared, k->p->nshared, s);
  }
  return of->to;
}

static void share_expr(void *context, ir_expr *e) {
  reads *r = context;
  if (e->op == IR_LOAD && e->var->role != IR_SHARED && e->var != r->k->row)
    e->var = shared(r, e->var);
}

static void share_stmt(void *context, ir_stmt *s) {
  reads *r = context;
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->role != IR_SHARED) s->in[i] = shared(r, s->in[i]);
}

void mst_cut_share(cut_state *k, ir_block *rows, bool density) {
  reads r = {k, mst_ir_table(k->c, sizeof(reading)), density};
  mst_ir_edit_stmts(rows, note_decl, &r);
  mst_ir_edit_exprs(rows, share_expr, &r);
  mst_ir_edit_stmts(rows, share_stmt, &r);
}
