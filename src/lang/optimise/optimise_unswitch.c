/* lang/optimise/optimise_unswitch.c -- a condition that a loop does not change goes around the
 * loop.
 *
 * `for (i) if (c) a` becomes `if (c) for (i) a`, with the else side in a loop of its own: the
 * loop is then plain, and what it hoists is only computed where the condition holds.
 * Neighbouring conditions that are the same become one first.
 */
#include "lang/optimise/optimise_impl.h"

static bool may_not_be_there(const ir_expr *e, void *argument) {
  (void)argument;
  return (e->op == IR_LOAD && e->nargs > 0) || e->op == IR_CHECK_INDEX || mst_ir_is_random(e);
}

/* if (c) a; if (c) b; to if (c) { a; b; }, where a leaves c as it is. */
static void merge(optimise_state *o, ir_block *b) {
  for (int i = 0; i + 1 < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i], *next = b->stmt[i + 1];
    if (s->kind != IR_IF || next->kind != IR_IF || !mst_ir_same(s->cond, next->cond)) continue;
    ir_set reads = {0}, writes = {0};
    mst_ir_reads(o->c, s->cond, &reads);
    mst_ir_stmt_writes(o->c, s, &writes);
    if (mst_set_meets(&reads, &writes)) continue;
    for (int k = 0; k < next->body.nstmts; k++) mst_ir_append(o->c, &s->body, next->body.stmt[k]);
    for (int k = 0; k < next->other.nstmts; k++)
      mst_ir_append(o->c, &s->other, next->other.stmt[k]);
    mst_ir_remove(b, i + 1);
    i--;
  }
}

static bool holds_throughout(optimise_state *o, const ir_stmt *loop, const ir_expr *cond) {
  ir_set reads = {0}, changing = {0};
  if (mst_ir_any(cond, may_not_be_there, NULL)) return false;
  mst_ir_reads(o->c, cond, &reads);
  mst_ir_stmt_writes(o->c, loop, &changing);
  mst_ir_stmt_declares(o->c, loop, &changing);
  return !mst_set_meets(&reads, &changing);
}

/* The loop with another body; the two sides share its counter. */
static ir_stmt *loop_around(optimise_state *o, const ir_stmt *loop, ir_block body) {
  ir_stmt *s = mst_ir_stmt(o->c, IR_FOR, loop->loc);
  s->var = loop->var;
  s->count = mst_ir_copy(o->c, loop->count);
  s->body = body;
  return s;
}

void mst_optimise_unswitch(optimise_state *o, ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    mst_optimise_unswitch(o, &s->body);
    mst_optimise_unswitch(o, &s->other);
    if (s->kind != IR_FOR) continue;
    merge(o, &s->body);
    ir_stmt *inner = s->body.nstmts == 1 ? s->body.stmt[0] : NULL;
    if (!inner || inner->kind != IR_IF || !holds_throughout(o, s, inner->cond)) continue;
    ir_block body = {0}, other = {0};
    if (inner->body.nstmts) mst_ir_append(o->c, &body, loop_around(o, s, inner->body));
    if (inner->other.nstmts) mst_ir_append(o->c, &other, loop_around(o, s, inner->other));
    inner->body = body;
    inner->other = other;
    b->stmt[i] = inner;
    mst_optimise_unswitch(o, &inner->body); /* conditions in it, now that it is alone */
    mst_optimise_unswitch(o, &inner->other);
  }
}
