/* lang/ir/ir_uses.c -- see ir_uses.h. */
#include "lang/ir/ir_uses.h"

#include <string.h>

#include "lang/ir/ir_walk.h"

typedef struct uses { /* an entry */
  int epoch;
  int *at, count; /* statements in order */
  int writes, last_write;
} uses;

typedef struct visitor {
  ir_uses *u;
  int at;
} visitor;

ir_uses mst_ir_uses(lang_context *c) { return (ir_uses){.of = mst_ir_table(c, sizeof(uses))}; }

static uses *entry(ir_uses *u, const ir_var *v) {
  uses *e = mst_ir_entry(&u->of, v);
  if (e->epoch != u->epoch) *e = (uses){.epoch = u->epoch, .last_write = -1};
  return e;
}

static void note(ir_var *v, bool writes, void *argument) {
  const visitor *k = argument;
  uses *e = entry(k->u, v);
  if (e->count == 0 || e->at[e->count - 1] != k->at)
    MST_LANG_PUSH(k->u->of.c, e->at, e->count, k->at);
  e->writes += writes;
  if (writes) e->last_write = k->at;
}

void mst_ir_uses_of(ir_uses *u, const ir_block *b) {
  u->epoch++;
  u->nstmts = b->nstmts;
  for (int i = 0; i < b->nstmts; i++) {
    visitor k = {u, i};
    if (b->stmt[i]) mst_ir_visit_vars(b->stmt[i], note, &k);
  }
}

static int place(const uses *e, int from) {
  int low = 0, high = e->count;
  while (low < high) {
    int mid = low + (high - low) / 2;
    if (e->at[mid] < from)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

int mst_ir_uses_first(ir_uses *u, const ir_var *v, int from) {
  const uses *e = entry(u, v);
  int i = place(e, from);
  return i < e->count ? e->at[i] : u->nstmts;
}

void mst_ir_uses_add(ir_uses *u, const ir_var *v, int at) {
  uses *e = entry(u, v);
  int i = place(e, at);
  if (i < e->count && e->at[i] == at) return;
  MST_LANG_PUSH(u->of.c, e->at, e->count, at);
  memmove(e->at + i + 1, e->at + i, (size_t)(e->count - 1 - i) * sizeof *e->at);
  e->at[i] = at;
}

int mst_ir_uses_writes(ir_uses *u, const ir_var *v) { return entry(u, v)->writes; }

int mst_ir_uses_last_write(ir_uses *u, const ir_var *v) { return entry(u, v)->last_write; }
