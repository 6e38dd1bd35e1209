/* lang/lower/lower.c -- the program: blocks in order, parameters, outputs, the size that is cut.
 * See lower.h. */
#include <string.h>

#include "lang/ir/ir_edit.h"
#include "lang/lower/lower_impl.h"

/* ---- blocks */

static void block(lower_state *l, const ast_stmt *b) {
  if (b) mst_lower_stmts(l, b->stmt, b->nstmts);
}

/* Parameters, transformed parameters, model; again until it is known what depends on parameters. */
static void density(lower_state *l) {
  lower_binding *data = l->scope;
  bool first = true;
  l->lanes = l->target = true;
  do {
    l->again = false;
    l->scope = data;
    l->p->density = (ir_block){0};
    l->p->one_lane = l->p->has_normals = false;
    l->out = &l->p->density;
    if (l->asks_so_far)
      l->so_far = mst_lower_declare(l, "so_far", IR_LANE, 0, NULL, mst_ir_real(l->c, 0));
    mst_lower_parameters(l, first);
    first = false;
    block(l, l->ast->tparameters);
    mst_lower_check_block(l, l->ast->tparameters);
    block(l, l->ast->model);
  } while (l->again);
  mst_ir_fill_unset(l->c, l->p, &l->p->density);
  mst_ir_mark_once(l->c, l->p, &l->p->density);
  l->scope = data;
}

static void generate(lower_state *l) {
  lower_binding *data = l->scope;
  bool one_lane = l->p->one_lane;
  l->lanes = l->target = false;
  l->so_far = NULL;
  l->out = &l->p->generate;
  mst_lower_parameters(l, false);
  block(l, l->ast->tparameters);
  if (!l->ast->parameters) mst_lower_check_block(l, l->ast->tparameters);
  block(l, l->ast->generated);
  mst_lower_check_block(l, l->ast->generated);
  mst_ir_fill_unset(l->c, l->p, &l->p->generate);
  l->p->one_lane = one_lane || l->one_lane;
  l->scope = data;
}

ir_program *mst_lower(lang_context *c, const ast_program *program, ast_function *const *prelude,
                      int nprelude, const char *name, const mst_lang_options *options,
                      const lang_attempt *attempt) {
  lower_state l = {.c = c,
                   .ast = program,
                   .prelude = prelude,
                   .nprelude = nprelude,
                   .options = options,
                   .attempt = attempt};
  l.p = MST_LANG_NEW(c, ir_program);
  l.p->name = name;
  l.out = &l.p->setup;
  mst_lower_data(&l);
  mst_lower_check_block(&l, program->data);
  l.in_tdata = true;
  block(&l, program->tdata);
  l.in_tdata = false;
  mst_lower_check_block(&l, program->tdata);
  mst_ir_fill_unset(c, l.p, &l.p->setup);
  density(&l);
  generate(&l);
  return l.p;
}
