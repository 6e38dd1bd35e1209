/* lang/shard/shard_rows.c -- which variables have a row for each row of the data, and which
 * statements touch one. */
#include "lang/shard/shard_impl.h"

cut_var *mst_cut_var(const cut_state *k, const ir_var *v) { return mst_ir_entry(k->vars, v); }

int mst_cut_row_dim(const cut_state *k, const ir_var *v) { return mst_cut_var(k, v)->rows - 1; }

bool mst_cut_is_row(const cut_state *k, const ir_var *v) {
  const cut_var *of = mst_cut_var(k, v);
  return of->rows > 0 && !of->inner;
}

typedef struct touch {
  cut_state *k;
  const ir_var *var;
} touch;

static void touch_expr(void *context, ir_expr *e) {
  touch *t = context;
  if (e->op == IR_LOAD && mst_cut_is_row(t->k, e->var)) t->var = e->var;
}

static void touch_stmt(void *context, ir_stmt *s) {
  touch *t = context;
  if ((s->kind == IR_ASSIGN || s->kind == IR_DECL) && mst_cut_is_row(t->k, s->var)) t->var = s->var;
  for (int i = 0; i < s->nin; i++)
    if (mst_cut_is_row(t->k, s->in[i])) t->var = s->in[i];
  for (int i = 0; i < s->nout; i++)
    if (mst_cut_is_row(t->k, s->out[i])) t->var = s->out[i];
}

const ir_var *mst_cut_touched(cut_state *k, ir_stmt *s) {
  touch t = {k, NULL};
  ir_block one = {&s, 1};
  mst_ir_edit_stmts(&one, touch_stmt, &t);
  if (!t.var) mst_ir_edit_exprs(&one, touch_expr, &t);
  return t.var;
}

bool mst_cut_any_rows(const cut_list *l) {
  for (int i = 0; i < l->count; i++)
    if (l->segment[i].rows) return true;
  return false;
}
