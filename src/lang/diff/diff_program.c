/* lang/diff/diff_program.c -- which blocks of a program are differentiated, and with respect to
 * what. */
#include "lang/diff/diff.h"
#include "lang/ir/ir_ode.h"
#include "lang/ir/ir_walk.h"

typedef struct diff_job {
  lang_context *c;
  ir_program *p;
} diff_job;

static void equations_of(diff_job *j, const ir_block *b);

static void equation(const ir_stmt *s, void *argument) {
  diff_job *j = argument;
  ir_ode *ode = s->kind == IR_ROUTINE ? s->ode : NULL;
  if (!ode) return;
  equations_of(j, &ode->block); /* a right-hand side may solve another equation */
  /* with sensitivities, or by a method of several steps, which solves equations by Newton's */
  if (ode->differentiated || !(s->nout > 1 || ode->one_time)) return;
  ode->differentiated = true;
  ode->gradient = mst_diff(j->c, j->p, &ode->block, false, &ode->dydt, 1);
}

static void equations_of(diff_job *j, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) mst_ir_visit_stmts(b->stmt[i], equation, j);
}

static void all_equations(diff_job *j) {
  const ir_program *p = j->p;
  const ir_block *const list[] = {&p->setup,
                                  &p->density_gradient.forward,
                                  &p->density_gradient.reverse,
                                  &p->rows_gradient.forward,
                                  &p->rows_gradient.reverse,
                                  &p->generate,
                                  &p->generate_rows};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) equations_of(j, list[i]);
  for (int i = 0; i < p->nphases; i++) {
    equations_of(j, &p->phase[i].rows);
    equations_of(j, &p->phase[i].after);
  }
}

static void drop_target(ir_block *b) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    drop_target(&b->stmt[i]->body);
    drop_target(&b->stmt[i]->other);
    if (b->stmt[i]->kind != IR_TARGET) b->stmt[n++] = b->stmt[i];
  }
  b->nstmts = n;
}

void mst_diff_program(lang_context *c, ir_program *p) {
  diff_job j = {c, p};
  ir_var **seeded = NULL; /* rows, or normals, carry slopes back to them */
  int nseeded = 0;
  for (int i = 0; i < p->nshared; i++) MST_LANG_PUSH(c, seeded, nseeded, p->shared[i]->shared_from);
  for (int i = 0; i < p->nnormals; i++) {
    MST_LANG_PUSH(c, seeded, nseeded, p->normal[i].residual);
    for (int k = 0; k < p->normal[i].ninputs; k++)
      MST_LANG_PUSH(c, seeded, nseeded, p->normal[i].input[k]);
  }
  p->split = nseeded > 0;
  p->differentiated = true;
  p->density_gradient = mst_diff(c, p, &p->density, p->split, seeded, nseeded);
  if (p->rows.nstmts > 0) p->rows_gradient = mst_diff(c, p, &p->rows, false, NULL, 0);
  all_equations(&j);
  for (int i = 0; i < p->nnormals; i++) {
    ir_gradient *g = &p->normal[i].gradient;
    *g = mst_diff(c, p, &p->normal[i].slopes, false, NULL, 0);
    drop_target(&g->forward);
    drop_target(&g->reverse);
  }
}
