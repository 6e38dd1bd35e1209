/* lang/optimise/optimise.c -- see optimise.h; what the passes share, and their order. */
#include "lang/ir/ir_ode.h"
#include "lang/optimise/optimise_impl.h"

#include <string.h>

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
  mst_optimise_remove_dead(&o, block);
  mst_optimise_sink(&o, block);
  mst_optimise_unswitch(&o, block);
  mst_optimise_share(&o, block);
  mst_optimise_hoist(&o, block);
  mst_optimise_remove_dead(&o, block);
  for (int i = 0; i < block->nstmts; i++) mst_ir_visit_stmts(block->stmt[i], optimise_sub, &o);
}

void mst_optimise_program(lang_context *c, ir_program *p) {
  mst_optimise(c, p, &p->setup);
  mst_optimise(c, p, &p->density);
  mst_optimise(c, p, &p->rows);
  for (int i = 0; i < p->nphases; i++) mst_optimise(c, p, &p->phase[i].rows);
  for (int i = 0; i < p->nnormals; i++) {
    mst_optimise(c, p, &p->normal[i].covariance);
    mst_optimise(c, p, &p->normal[i].slopes);
  }
}
