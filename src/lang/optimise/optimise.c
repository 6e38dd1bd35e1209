/* lang/optimise/optimise.c -- see optimise.h; what the passes share, and their order. */
#include "lang/ir/ir_ode.h"
#include "lang/optimise/optimise_impl.h"

#include <string.h>

void mst_insert(optimise_state *o, ir_block *b, int at, ir_stmt *s) {
  mst_ir_append(o->c, b, s);
  memmove(b->stmt + at + 1, b->stmt + at, (size_t)(b->nstmts - 1 - at) * sizeof *b->stmt);
  b->stmt[at] = s;
}

void mst_remove(ir_block *b, int at) {
  /* a count that is no power of two is copied by the next append, one that is was just filled:
     both safe */
  memmove(b->stmt + at, b->stmt + at + 1, (size_t)(b->nstmts - 1 - at) * sizeof *b->stmt);
  b->nstmts--;
}

ir_expr *mst_name_before(optimise_state *o, ir_block *b, int at, ir_expr *value, const char *name) {
  ir_var *v = mst_ir_var(o->c, o->p, name, value->type, IR_LOCAL, 0, NULL);
  ir_stmt *s = mst_ir_stmt(o->c, IR_DECL, (lang_loc){0});
  v->constant = v->once = true;
  s->var = v;
  s->rhs = value;
  mst_insert(o, b, at, s);
  return mst_ir_scalar(o->c, v);
}

static void optimise_sub(const ir_stmt *s, void *argument) {
  const optimise_state *o = argument;
  if (s->kind == IR_ROUTINE && s->ode) mst_optimise(o->c, o->p, &s->ode->block);
}

void mst_optimise(lang_context *c, ir_program *p, ir_block *block) {
  optimise_state o = {.c = c, .p = p};
  for (int i = 0; i < p->nshared; i++) mst_set_add(c, &o.roots, p->shared[i]->shared_from);
  for (int i = 0; i < p->nnormals; i++) {
    mst_set_add(c, &o.roots, p->normal[i].residual);
    for (int k = 0; k < p->normal[i].ninputs; k++) mst_set_add(c, &o.roots, p->normal[i].input[k]);
  }
  mst_remove_dead(&o, block);
  mst_sink(&o, block);
  mst_unswitch(&o, block);
  mst_share(&o, block);
  mst_hoist(&o, block);
  mst_remove_dead(&o, block);
  for (int i = 0; i < block->nstmts; i++) mst_ir_visit_stmts(block->stmt[i], optimise_sub, &o);
}
