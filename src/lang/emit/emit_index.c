/* lang/emit/emit_index.c -- which entry of a table a variable is: of the groups, the sums of a
 * phase, the data, the sums of a row. */
#include "lang/emit/emit_impl.h"

void mst_emit_index_group(emit_state *e, emit_group *g) {
  g->nslots = e->p->nvars;
  g->slot = MST_LANG_ARRAY(e->c, int, g->nslots + 1);
  g->before = MST_LANG_ARRAY(e->c, int64_t, g->count + 1);
  for (int i = 0; i < g->count; i++) {
    int64_t n = mst_emit_fixed_from(g->var[i], g->first_dim);
    if (!g->slot[g->var[i]->id]) g->slot[g->var[i]->id] = i + 1;
    g->before[i + 1] = n < 0 || g->before[i] < 0 ? -1 : g->before[i] + n;
  }
}

int mst_emit_group_index(const emit_group *g, const ir_var *v) {
  return v->id < g->nslots ? g->slot[v->id] - 1 : -1;
}

bool mst_emit_is_sum(const emit_state *e, const ir_var *v) {
  const ir_phase *f = &e->p->phase[e->phase];
  for (int k = 0; k < f->nsums; k++)
    if (f->sum[k] == v) return true;
  return false;
}

int mst_emit_data_index(const emit_state *e, const ir_var *v) {
  const emit_tables *t = &e->tables;
  return v->id < t->ndata_slots ? t->data_slot[v->id] - 1 : -1;
}

int mst_emit_row_theta_of(const emit_state *e, const ir_var *v) {
  return v->role == IR_ADJOINT ? mst_emit_group_index(&e->tables.row_theta, v->adjoint_of) : -1;
}

const char *mst_emit_row_name(emit_state *e, int k) {
  return mst_lang_format(e->c, "%srow", e->tables.row_theta.var[k]->adjoint->name);
}

const char *mst_emit_row_sum(emit_state *e, const ir_var *v) {
  int k = e->kind == EMIT_ROWS && e->row_loop ? mst_emit_row_theta_of(e, v) : -1;
  return k >= 0 ? mst_emit_row_name(e, k) : NULL;
}
