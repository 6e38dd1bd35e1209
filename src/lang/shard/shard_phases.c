/* lang/shard/shard_phases.c -- transformed data: passes over the rows, and what is computed
 * before and between them. */
#include "lang/ir/ir_walk.h"
#include "lang/shard/shard_impl.h"

/* ---- sums over rows */

static void find_sums(cut_state *k, ir_phase *phase, ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    find_sums(k, phase, &s->body);
    find_sums(k, phase, &s->other);
    if (s->kind != IR_ASSIGN || !s->add || mst_cut_var(k, s->var)->inner ||
        mst_cut_is_row(k, s->var))
      continue;
    ir_var *sum = NULL;
    for (int j = 0; j < phase->nsums; j++)
      if (phase->sum[j]->shared_from == s->var) sum = phase->sum[j];
    if (!sum) {
      sum = mst_ir_var(k->c, k->p, "sum", IR_REAL, IR_DATA, s->var->ndims, s->var->dim);
      sum->shared_from = s->var;
      sum->shard_dim = -1;
      MST_LANG_PUSH(k->c, phase->sum, phase->nsums, sum);
    }
    s->var = sum;
    if (s->rhs->type == IR_INT) s->rhs = mst_ir_call1(k->c, IR_TO_REAL, s->rhs);
  }
}

/* target variable += sum, for all elements. */
static void add_sum(cut_state *k, ir_block *b, ir_var *sum) {
  ir_expr *index[16];
  ir_block *out = b;
  for (int d = 0; d < sum->ndims && d < 16; d++) {
    ir_var *i = mst_ir_var(k->c, k->p, "i", IR_INT, IR_LOOP, 0, NULL);
    i->constant = true;
    ir_stmt *s = mst_ir_stmt(k->c, IR_FOR, (lang_loc){0});
    s->var = i;
    s->count = mst_ir_copy(k->c, sum->dim[d]);
    mst_ir_append(k->c, out, s);
    out = &s->body;
    index[d] = mst_ir_scalar(k->c, i);
  }
  ir_stmt *s = mst_ir_stmt(k->c, IR_ASSIGN, (lang_loc){0});
  s->var = sum->shared_from;
  s->add = true;
  s->nindices = sum->ndims;
  s->index = MST_LANG_ARRAY(k->c, ir_expr *, sum->ndims + 1);
  for (int d = 0; d < sum->ndims; d++) s->index[d] = mst_ir_copy(k->c, index[d]);
  s->rhs = mst_ir_load(k->c, sum, sum->ndims, index);
  if (s->var->type == IR_INT) s->rhs = mst_ir_call1(k->c, IR_TO_INT, s->rhs);
  mst_ir_append(k->c, out, s);
}

/* ---- phases */

/* What the rows and the statements that wait for them read and write. */
typedef struct waiting {
  ir_set reads, writes;
} waiting;

static void wait_for(cut_state *k, waiting *w, const ir_stmt *s) {
  mst_ir_stmt_reads(k->c, s, &w->reads);
  mst_ir_stmt_writes(k->c, s, &w->writes);
  mst_ir_stmt_declares(k->c, s, &w->writes);
}

/* Whether s may run before all rows: made data are allocated by sizes that are known then. */
static bool goes_first(cut_state *k, const waiting *w, const ir_stmt *s) {
  waiting own = {0};
  wait_for(k, &own, s);
  return !mst_set_meets(&own.reads, &w->writes) && !mst_set_meets(&own.writes, &w->reads) &&
         !mst_set_meets(&own.writes, &w->writes);
}

static void add_phase(cut_state *k, cut_segment *segment, waiting *w) {
  ir_phase phase = {0};
  cut_list one = {segment, 1};
  find_sums(k, &phase, &segment->block);
  /* declarations of made data stay with their rows: nothing is to be done for them */
  ir_block kept = {0};
  for (int j = 0; j < segment->block.nstmts; j++) {
    ir_stmt *s = segment->block.stmt[j];
    if (s->kind != IR_DECL || !mst_cut_is_row(k, s->var)) mst_ir_append(k->c, &kept, s);
    wait_for(k, w, s);
  }
  segment->block = kept;
  phase.rows = mst_cut_row_block(k, &one);
  if (!phase.rows.nstmts) return;
  for (int j = 0; j < phase.nsums; j++) {
    mst_set_add(k->c, &w->writes, phase.sum[j]->shared_from);
    add_sum(k, &phase.after, phase.sum[j]);
  }
  MST_LANG_PUSH(k->c, k->p->phase, k->p->nphases, phase);
}

void mst_cut_setup(cut_state *k, cut_list *list) {
  ir_block top = {0};
  waiting w = {0};
  if (!mst_cut_expand(k, &top, list, true)) return;
  for (int i = 0; i < top.nstmts; i++) top.stmt[i]->var->role = IR_DATA;
  k->p->setup = top;
  for (int i = 0; i < list->count; i++) {
    if (list->segment[i].rows) {
      add_phase(k, &list->segment[i], &w);
      continue;
    }
    for (int j = 0; j < list->segment[i].block.nstmts; j++) {
      ir_stmt *s = list->segment[i].block.stmt[j];
      /* phases need it */
      if (s->kind == IR_DECL && s->var->role == IR_LOCAL) s->var->role = IR_DATA;
      bool first = !k->p->nphases || goes_first(k, &w, s);
      if (!first) wait_for(k, &w, s);
      mst_ir_append(k->c, first ? &k->p->setup : &k->p->phase[k->p->nphases - 1].after, s);
    }
  }
}
