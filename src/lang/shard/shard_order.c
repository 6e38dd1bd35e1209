/* lang/shard/shard_order.c -- may rows come after all that is replicated? */
#include "lang/ir/ir_walk.h"
#include "lang/shard/shard_impl.h"

typedef struct access { /* of a variable, by the segments of the list, numbered from 1 */
  int read;             /* the first segment of rows that reads it; 0: none */
  int written;          /* the last segment that writes it; 0: none */
  bool own;             /* declared in this list */
  unsigned beside;      /* dimensions in which some access has another index than the counter */
} access;

typedef struct order {
  ir_table accesses;
  int segment;
  ir_set touched;
  cut_state *k;
  const ir_var *counter; /* of the loop whose body the list is, or NULL */
} order;

static access *access_of(order *o, const ir_var *v) {
  mst_set_add(o->k->c, &o->touched, v);
  return mst_ir_entry(&o->accesses, v);
}

/* Dimensions whose index is not the counter itself. */
static unsigned beside(const order *o, ir_expr *const *index, int n) {
  unsigned dims = ~0u;
  for (int i = 0; i < n && i < 32; i++)
    if (index[i]->op == IR_LOAD && index[i]->var == o->counter) dims &= ~(1u << i);
  return dims;
}

static void row_expr(void *context, ir_expr *e) {
  order *o = context;
  if (e->op != IR_LOAD) return;
  access *a = access_of(o, e->var);
  if (a->read == 0) a->read = o->segment;
  a->beside |= beside(o, e->arg, e->nargs);
}

static void row_stmt(void *context, ir_stmt *s) {
  order *o = context;
  for (int i = 0; i < s->nin; i++) {
    access *a = access_of(o, s->in[i]);
    if (a->read == 0) a->read = o->segment;
    a->beside = ~0u;
  }
}

static void replicated_stmt(void *context, ir_stmt *s) {
  order *o = context;
  if (s->kind == IR_ASSIGN) {
    access *a = access_of(o, s->var);
    a->written = o->segment;
    a->beside |= beside(o, s->index, s->nindices);
  }
  if (s->kind == IR_DECL) access_of(o, s->var)->own = true;
  for (int i = 0; i < s->nout; i++) {
    access *a = access_of(o, s->out[i]);
    a->written = o->segment;
    a->beside = ~0u;
  }
}

void mst_cut_check_order(cut_state *k, cut_list *list, const ir_var *counter) {
  order o = {.accesses = mst_ir_table(k->c, sizeof(access)), .counter = counter, .k = k};
  for (int i = 0; i < list->count; i++) {
    o.segment = i + 1;
    if (list->segment[i].rows) {
      mst_ir_edit_exprs(&list->segment[i].block, row_expr, &o);
      mst_ir_edit_stmts(&list->segment[i].block, row_stmt, &o);
    } else {
      mst_ir_edit_stmts(&list->segment[i].block, replicated_stmt, &o);
    }
  }
  ir_var **var = NULL;
  const int n = mst_set_list(k->c, k->p, &o.touched, &var);
  for (int i = 0; i < n; i++) {
    const ir_var *v = var[i];
    const access *a = access_of(&o, v);
    const char *name = v->source_name ? v->source_name : "a result";
    if (a->read && a->written > a->read)
      k->failed = mst_lang_format(k->c, "%s changes after rows have read it", name);
    else if (counter && a->read && a->written && !a->own && a->beside == ~0u)
      k->failed = mst_lang_format(
          k->c, "%s changes from iteration to iteration of a loop around rows that read it", name);
  }
}
