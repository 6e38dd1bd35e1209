/* lang/emit/emit_index.c -- which entry of a table a variable is: of the groups, the sums of a
 * phase, the data, the sums of a row. */
#include "lang/emit/emit_impl.h"

int mst_emit_group_index(const emit_group *g, const ir_var *v) {
  for (int i = 0; i < g->count; i++)
    if (g->var[i] == v) return i;
  return -1;
}

bool mst_emit_is_sum(const emit_state *e, const ir_var *v) {
  const ir_phase *f = &e->p->phase[e->phase];
  for (int k = 0; k < f->nsums; k++)
    if (f->sum[k] == v) return true;
  return false;
}

int mst_emit_data_index(const emit_state *e, const ir_var *v) {
  for (int i = 0; i < e->tables.ndata; i++)
    if (e->tables.data[i] == v) return i;
  return -1;
}

int mst_emit_row_theta_of(const emit_state *e, const ir_var *v) {
  const emit_group *g = &e->tables.row_theta;
  for (int k = 0; k < g->count && v->role == IR_ADJOINT; k++)
    if (g->var[k]->adjoint == v) return k;
  return -1;
}

const char *mst_emit_row_name(emit_state *e, int k) {
  return mst_lang_format(e->c, "%srow", e->tables.row_theta.var[k]->adjoint->name);
}

const char *mst_emit_row_sum(emit_state *e, const ir_var *v) {
  int k = e->kind == EMIT_ROWS && e->row_loop ? mst_emit_row_theta_of(e, v) : -1;
  return k >= 0 ? mst_emit_row_name(e, k) : NULL;
}
