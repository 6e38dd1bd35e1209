/* lang/ir/ir_edit.c -- see ir_edit.h. */
#include "lang/ir/ir_edit.h"

#include <string.h>

void mst_ir_insert(lang_context *c, ir_block *b, int at, ir_stmt *s) {
  mst_ir_append(c, b, s);
  memmove(b->stmt + at + 1, b->stmt + at, (size_t)(b->nstmts - 1 - at) * sizeof *b->stmt);
  b->stmt[at] = s;
}

void mst_ir_remove(ir_block *b, int at) {
  /* a count that is no power of two is copied by the next append, one that is was just filled:
     both safe */
  memmove(b->stmt + at, b->stmt + at + 1, (size_t)(b->nstmts - 1 - at) * sizeof *b->stmt);
  b->nstmts--;
}

ir_expr *mst_ir_name_before(lang_context *c, ir_program *p, ir_block *b, int at, ir_expr *value,
                            const char *name) {
  ir_var *v = mst_ir_var(c, p, name, value->type, IR_LOCAL, 0, NULL);
  ir_stmt *s = mst_ir_stmt(c, IR_DECL, (lang_loc){0});
  v->constant = v->once = true;
  s->var = v;
  s->rhs = value;
  mst_ir_insert(c, b, at, s);
  return mst_ir_scalar(c, v);
}

static void visit_expr(ir_expr *e, ir_edit_expr *f, void *context) {
  if (!e) return;
  f(context, e);
  for (int i = 0; i < e->nargs; i++) visit_expr(e->arg[i], f, context);
}

static void visit_own(ir_stmt *s, ir_edit_expr *f, void *context) {
  for (int i = 0; i < s->nindices; i++) visit_expr(s->index[i], f, context);
  visit_expr(s->rhs, f, context);
  visit_expr(s->cond, f, context);
  visit_expr(s->count, f, context);
  for (int i = 0; i < s->nsizes; i++) visit_expr(s->size[i], f, context);
  for (int i = 0; i < s->nargs; i++) visit_expr(s->arg[i], f, context);
  if (s->kind == IR_DECL)
    for (int i = 0; i < s->var->ndims; i++) visit_expr(s->var->dim[i], f, context);
}

void mst_ir_edit_stmts(ir_block *b, ir_edit_stmt *f, void *context) {
  for (int i = 0; i < b->nstmts; i++) {
    f(context, b->stmt[i]);
    mst_ir_edit_stmts(&b->stmt[i]->body, f, context);
    mst_ir_edit_stmts(&b->stmt[i]->other, f, context);
  }
}

void mst_ir_edit_exprs(ir_block *b, ir_edit_expr *f, void *context) {
  for (int i = 0; i < b->nstmts; i++) {
    visit_own(b->stmt[i], f, context);
    mst_ir_edit_exprs(&b->stmt[i]->body, f, context);
    mst_ir_edit_exprs(&b->stmt[i]->other, f, context);
  }
}
