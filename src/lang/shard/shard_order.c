/* lang/shard/shard_order.c -- may rows come after all that is replicated? */
#include "lang/shard/shard_impl.h"

/* By variable id, segments of the list; -1: none. */
typedef struct later {
  cut_state *k;
  int segment;
  int *read;          /* the first of rows that reads it */
  int *written;       /* the last that writes it */
  bool *own;          /* declared in this list */
  const ir_var *turn; /* counter of the loop whose body the list is, or NULL */
  unsigned *by_turn;  /* dimensions in which each access has that counter as its index */
} later;

static unsigned at_turn(const later *l, ir_expr *const *index, int n) {
  unsigned dims = 0;
  for (int i = 0; i < n && i < 32; i++)
    if (index[i]->op == IR_LOAD && index[i]->var == l->turn) dims |= 1u << i;
  return dims;
}

static void later_expr(void *context, ir_expr *e) {
  later *l = context;
  if (e->op != IR_LOAD || e->var->id >= l->k->p->nvars) return;
  int v = e->var->id;
  if (l->read[v] < 0) l->read[v] = l->segment;
  l->by_turn[v] &= at_turn(l, e->arg, e->nargs);
}

static void later_stmt(void *context, ir_stmt *s) {
  later *l = context;
  if (s->kind == IR_ASSIGN) {
    l->written[s->var->id] = l->segment;
    l->by_turn[s->var->id] &= at_turn(l, s->index, s->nindices);
  }
  if (s->kind == IR_DECL) l->own[s->var->id] = true;
  for (int i = 0; i < s->nout; i++) {
    l->written[s->out[i]->id] = l->segment;
    l->by_turn[s->out[i]->id] = 0;
  }
}

static void rows_stmt(void *context, ir_stmt *s) {
  later *l = context;
  for (int i = 0; i < s->nin; i++) {
    if (l->read[s->in[i]->id] < 0) l->read[s->in[i]->id] = l->segment;
    l->by_turn[s->in[i]->id] = 0;
  }
}

void mst_cut_check_order(cut_state *k, cut_list *list, const ir_var *turn) {
  int n = k->p->nvars;
  later l = {.k = k,
             .turn = turn,
             .by_turn = MST_LANG_ARRAY(k->c, unsigned, n),
             .read = MST_LANG_ARRAY(k->c, int, n),
             .written = MST_LANG_ARRAY(k->c, int, n),
             .own = MST_LANG_ARRAY(k->c, bool, n)};
  for (int i = 0; i < n; i++) {
    l.read[i] = l.written[i] = -1;
    l.by_turn[i] = ~0u;
  }
  for (int i = 0; i < list->count; i++) {
    l.segment = i;
    if (list->segment[i].rows) {
      mst_ir_edit_exprs(&list->segment[i].block, later_expr, &l);
      mst_ir_edit_stmts(&list->segment[i].block, rows_stmt, &l);
    } else {
      mst_ir_edit_stmts(&list->segment[i].block, later_stmt, &l);
    }
  }
  for (int i = 0; i < n; i++) {
    const ir_var *v = k->p->var[i];
    const char *name = v->source_name ? v->source_name : "a result";
    if (l.read[i] >= 0 && l.written[i] > l.read[i])
      k->failed = mst_lang_format(k->c, "%s changes after rows have read it", name);
    else if (turn && l.read[i] >= 0 && l.written[i] >= 0 && !l.own[i] && !l.by_turn[i])
      k->failed = mst_lang_format(
          k->c, "%s changes from turn to turn of a loop around rows that read it", name);
  }
}
