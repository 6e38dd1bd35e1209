/* lang/ir/ir_once.c -- which variables are written once: see ir.h. */
#include "lang/ir/ir_edit.h"
#include "lang/ir/ir_table.h"

typedef struct writes {
  int count;  /* assignments */
  bool twice; /* one of them may write an element twice */
  int depth;  /* loops around the declaration */
} writes;

static bool counts_through(const ir_stmt *s, ir_var *const *loop, int nloops) {
  bool used[64] = {false};
  for (int i = 0; i < s->nindices; i++) {
    const ir_expr *e = s->index[i];
    if (e->op == IR_CALL && e->prim == IR_ADD && e->nargs == 2) /* counter + something constant */
      e = e->arg[0]->op == IR_LOAD && e->arg[0]->var->role == IR_LOOP ? e->arg[0] : e->arg[1];
    if (e->op != IR_LOAD || e->var->role != IR_LOOP) continue;
    for (int k = 0; k < nloops; k++)
      if (loop[k] == e->var) used[k] = true;
  }
  for (int k = 0; k < nloops; k++)
    if (!used[k]) return false;
  return true;
}

typedef struct walk {
  ir_table of; /* of writes */
  ir_var *loop[64];
  int nloops;
} walk;

static writes *writes_of(walk *k, const ir_var *v) { return mst_ir_entry(&k->of, v); }

static void count_writes(walk *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    bool loop = s->kind == IR_FOR || s->kind == IR_WHILE;
    if (s->kind == IR_DECL) {
      writes_of(k, s->var)->depth = k->nloops;
      if (s->rhs) writes_of(k, s->var)->count++;
    }
    if (s->kind == IR_ASSIGN) {
      writes *w = writes_of(k, s->var);
      w->count++;
      if (s->add || !counts_through(s, k->loop + w->depth, k->nloops - w->depth)) w->twice = true;
    }
    if (loop && k->nloops < 64) k->loop[k->nloops++] = s->kind == IR_FOR ? s->var : NULL;
    count_writes(k, &s->body);
    if (loop) k->nloops--;
    count_writes(k, &s->other);
  }
}

void mst_ir_mark_once(lang_context *c, ir_program *p, const ir_block *b) {
  walk k = {.of = mst_ir_table(c, sizeof(writes))};
  count_writes(&k, b);
  for (int i = 0; i < p->nvars; i++) {
    const writes *w = writes_of(&k, p->var[i]);
    if (w->count == 1 && !w->twice) p->var[i]->once = true;
  }
}
