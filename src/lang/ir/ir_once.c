/* lang/ir/ir_once.c -- which variables are written once: see ir.h. */
#include "lang/ir/ir_edit.h"

typedef struct writes {
  int count;  /* assignments */
  bool plain; /* each of them in a way that no element is written twice */
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
  writes *w;
  int *depth; /* loops around the declaration, by variable */
  ir_var *loop[64];
  int nloops;
} walk;

static void count_writes(walk *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    bool loop = s->kind == IR_FOR || s->kind == IR_WHILE;
    if (s->kind == IR_DECL) {
      k->depth[s->var->id] = k->nloops;
      if (s->rhs) k->w[s->var->id].count++;
    }
    if (s->kind == IR_ASSIGN) {
      writes *w = &k->w[s->var->id];
      int depth = k->depth[s->var->id];
      w->count++;
      if (s->add || !counts_through(s, k->loop + depth, k->nloops - depth)) w->plain = false;
    }
    if (loop && k->nloops < 64) k->loop[k->nloops++] = s->kind == IR_FOR ? s->var : NULL;
    count_writes(k, &s->body);
    if (loop) k->nloops--;
    count_writes(k, &s->other);
  }
}

void mst_ir_mark_once(lang_context *c, ir_program *p, const ir_block *b) {
  walk k = {.w = MST_LANG_ARRAY(c, writes, p->nvars), .depth = MST_LANG_ARRAY(c, int, p->nvars)};
  for (int i = 0; i < p->nvars; i++) k.w[i].plain = true;
  count_writes(&k, b);
  for (int i = 0; i < p->nvars; i++)
    if (k.w[i].plain && k.w[i].count == 1) p->var[i]->once = true;
}
