/* lang/shard/shard_loop.c -- the one loop over the rows of a block: its counter becomes the row,
 * which is put first among the indices of data and outputs and taken away from those of locals. */
#include "lang/shard/shard_impl.h"

static bool keeps_row(const ir_var *v) { return v->role != IR_LOCAL; }

static void reorder_index(cut_state *k, const ir_var *v, ir_expr **index, int *n) {
  int d = mst_cut_row_dim(k, v);
  ir_expr *row = index[d];
  for (int i = d; i > 0; i--) index[i] = index[i - 1];
  index[0] = row;
  if (!keeps_row(v)) {
    for (int i = 1; i < *n; i++) index[i - 1] = index[i];
    (*n)--;
  }
}

static void reorder_expr(void *context, ir_expr *e) {
  cut_state *k = context;
  if (e->op == IR_LOAD && mst_cut_is_row(k, e->var)) {
    /* loads of loads: each node is visited once, and has its own list */
    reorder_index(k, e->var, e->arg, &e->nargs);
  } else if (e->op == IR_LOAD && e->var == k->row && !e->integer) {
    return;
  }
}

static void reorder_stmt(void *context, ir_stmt *s) {
  cut_state *k = context;
  if (s->kind == IR_ASSIGN && mst_cut_is_row(k, s->var))
    reorder_index(k, s->var, s->index, &s->nindices);
}

/* A row counter that is not the row index of a variable is the number of the row over all ranks. */
static void global_row(cut_state *k, ir_expr **e, bool index_of_row) {
  ir_expr *x = *e;
  if (x->op == IR_LOAD && x->var == k->row) {
    if (!index_of_row) *e = mst_ir_call2(k->c, IR_ADD, mst_ir_scalar(k->c, k->p->row_first), x);
    return;
  }
  for (int i = 0; i < x->nargs; i++)
    global_row(k, &x->arg[i],
               x->op == IR_LOAD && mst_cut_is_row(k, x->var) && i == mst_cut_row_dim(k, x->var));
}

static void global_rows(void *context, ir_stmt *s) {
  cut_state *k = context;
  for (int i = 0; i < s->nindices; i++)
    global_row(k, &s->index[i], mst_cut_is_row(k, s->var) && i == mst_cut_row_dim(k, s->var));
  if (s->rhs) global_row(k, &s->rhs, false);
  if (s->cond) global_row(k, &s->cond, false);
  if (s->count) global_row(k, &s->count, false);
  for (int i = 0; i < s->nsizes; i++) global_row(k, &s->size[i], false);
  for (int i = 0; i < s->nargs; i++) global_row(k, &s->arg[i], false);
}

void mst_cut_reorder_vars(cut_state *k) {
  for (int i = 0; i < k->p->nvars; i++) {
    ir_var *v = k->p->var[i];
    if (!mst_cut_is_row(k, v)) {
      v->shard_dim = -1;
      continue;
    }
    int d = mst_cut_row_dim(k, v);
    v->shard_dim = d;
    ir_expr **dim = MST_LANG_ARRAY(k->c, ir_expr *, v->ndims + 1);
    int n = 0;
    if (keeps_row(v)) dim[n++] = mst_ir_scalar(k->c, k->p->row_count);
    for (int j = 0; j < v->ndims; j++)
      if (j != d) dim[n++] = v->dim[j];
    v->dim = dim;
    v->ndims = n;
    if (v->role == IR_DATA) v->role = IR_ROW_DATA;
  }
}

ir_block mst_cut_row_block(cut_state *k, const cut_list *list) {
  ir_block b = {0};
  ir_stmt *s = mst_ir_stmt(k->c, IR_FOR, (lang_loc){0});
  s->var = k->row;
  s->count = mst_ir_scalar(k->c, k->p->row_count);
  for (int i = 0; i < list->count; i++)
    for (int j = 0; list->segment[i].rows && j < list->segment[i].block.nstmts; j++)
      mst_ir_append(k->c, &s->body, list->segment[i].block.stmt[j]);
  if (!s->body.nstmts) return b;
  mst_ir_edit_stmts(&s->body, global_rows, k);
  mst_ir_edit_exprs(&s->body, reorder_expr, k);
  mst_ir_edit_stmts(&s->body, reorder_stmt, k);
  mst_ir_append(k->c, &b, s);
  return b;
}
