/* lang/shard/shard_order.c -- may rows come after all that is replicated, and the parts of a
 * statement one after the other? */
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

/* ---- may a loop, or a condition, stand around each part by itself? */

typedef struct parts { /* of what stands under a statement */
  cut_state *k;
  const ir_var *counter;
  ir_table
      beside;  /* of unsigned: dimensions in which some access has another index than the counter */
  ir_set kept; /* read, or assigned and not only added to */
  ir_set own;  /* declared there */
} parts;

static unsigned other_dims(const ir_var *counter, ir_expr *const *index, int n) {
  unsigned dims = ~0u;
  for (int i = 0; i < n && i < 32; i++)
    if (index[i]->op == IR_LOAD && index[i]->var == counter) dims &= ~(1u << i);
  return dims;
}

static void part_expr(void *context, ir_expr *e) {
  parts *q = context;
  if (e->op != IR_LOAD) return;
  *(unsigned *)mst_ir_entry(&q->beside, e->var) |= other_dims(q->counter, e->arg, e->nargs);
  mst_set_add(q->k->c, &q->kept, e->var);
}

static void part_stmt(void *context, ir_stmt *s) {
  parts *q = context;
  if (s->kind == IR_ASSIGN) {
    *(unsigned *)mst_ir_entry(&q->beside, s->var) |= other_dims(q->counter, s->index, s->nindices);
    if (!s->add) mst_set_add(q->k->c, &q->kept, s->var);
  }
  for (int i = 0; i < s->nin + s->nout; i++) {
    const ir_var *v = i < s->nin ? s->in[i] : s->out[i - s->nin];
    *(unsigned *)mst_ir_entry(&q->beside, v) = ~0u;
    mst_set_add(q->k->c, &q->kept, v);
  }
}

static void uses_of(cut_state *k, const ir_block *b, ir_set *reads, ir_set *writes) {
  for (int i = 0; i < b->nstmts; i++) {
    mst_ir_stmt_reads(k->c, b->stmt[i], reads);
    mst_ir_stmt_writes(k->c, b->stmt[i], writes);
  }
}

/* Whether one part writes what another uses, from iteration to iteration. */
static bool depend(parts *q, ir_set *shared) {
  ir_var **var = NULL;
  const int n = mst_set_list(q->k->c, q->k->p, shared, &var);
  for (int i = 0; i < n; i++)
    if (!mst_set_has(&q->own, var[i]) && mst_set_has(&q->kept, var[i]) &&
        *(unsigned *)mst_ir_entry(&q->beside, var[i]) == ~0u)
      return true;
  return false;
}

static ir_set common(cut_state *k, const ir_set *a, const ir_set *b) {
  ir_set both = mst_set_copy(k->c, a);
  mst_set_intersect(&both, b);
  return both;
}

/* Whether what decides about s is another for a part that comes later. In setup parts keep their
 * order, else rows come last. */
static bool changes_head(cut_state *k, ir_stmt *s, const cut_list *body, const cut_list *other) {
  ir_set head = {0}, written = {0}, ignored = {0};
  ir_stmt own = *s;
  own.body = own.other = (ir_block){0};
  mst_ir_stmt_reads(k->c, &own, &head);
  const int n = body->count + other->count;
  for (int i = 0; i < n; i++) {
    const cut_segment *g = i < body->count ? &body->segment[i] : &other->segment[i - body->count];
    if (k->sums ? i + 1 < n : !g->rows) uses_of(k, &g->block, &ignored, &written);
  }
  return mst_set_meets(&head, &written);
}

bool mst_cut_may_part(cut_state *k, ir_stmt *s, const cut_list *body, const cut_list *other) {
  if (changes_head(k, s, body, other)) return false;
  if (s->kind != IR_FOR || !k->sums) return true; /* else mst_cut_check_order */
  parts q = {k, s->var, mst_ir_table(k->c, sizeof(unsigned)), {0}, {0}};
  mst_ir_edit_stmts(&s->body, part_stmt, &q);
  mst_ir_edit_exprs(&s->body, part_expr, &q);
  mst_ir_stmt_declares(k->c, s, &q.own);
  for (int i = 0; i < body->count; i++) {
    ir_set reads = {0}, writes = {0};
    uses_of(k, &body->segment[i].block, &reads, &writes);
    for (int j = i + 1; j < body->count; j++) {
      ir_set later = {0}, written = {0};
      uses_of(k, &body->segment[j].block, &later, &written);
      ir_set before = common(k, &reads, &written), after = common(k, &writes, &later);
      ir_set both = common(k, &writes, &written);
      if (depend(&q, &before) || depend(&q, &after) || depend(&q, &both)) return false;
    }
  }
  return true;
}

/* ---- may rows come after all that is replicated? */

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
