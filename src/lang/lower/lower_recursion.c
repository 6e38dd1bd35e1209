/* lang/lower/lower_recursion.c -- functions that call themselves: inlined as deep as they go, where
 * what ends them is known while the program is compiled: constants, ints of the data that have
 * been seen, and what is computed from those.
 */
#include "lang/lower/lower_impl.h"

enum { MOST_RECURSIONS = 4000 };

static const ir_expr *value_of(const lower_state *l, const ir_var *v) {
  for (int i = 0; v->constant && i < l->p->setup.nstmts; i++)
    if (l->p->setup.stmt[i]->kind == IR_DECL && l->p->setup.stmt[i]->var == v)
      return l->p->setup.stmt[i]->rhs;
  return NULL;
}

/* The expression with what is known in place of what is read; NULL: something is not known. */
static ir_expr *known(lower_state *l, const ir_expr *e, const ir_var **used, int *nused) {
  enum { MOST = 8 };
  if (e->type != IR_INT) return NULL;
  if (e->op == IR_CONST_INT) return mst_lower_copy(l, e);
  if (e->op == IR_LOAD && e->nargs == 0) {
    const ir_expr *value = value_of(l, e->var);
    if (value) return known(l, value, used, nused);
    const ast_decl *d = e->var->decl;
    if (!d || !d->top || d->block != AST_IN_DATA || e->var->ndims || *nused == MOST) return NULL;
    int64_t n = mst_lower_size_value(l, d);
    if (n < 0) return NULL;
    used[(*nused)++] = e->var;
    return mst_ir_int(l->c, n);
  }
  if (e->op != IR_CALL || e->nargs > 2) return NULL;
  ir_expr *arg[2] = {NULL, NULL};
  for (int i = 0; i < e->nargs; i++)
    if (!(arg[i] = known(l, e->arg[i], used, nused))) return NULL;
  return mst_ir_call(l->c, e->prim, e->nargs, arg);
}

/* Other data than those that were seen end the run. */
static void hold_to(lower_state *l, const ir_var *v) {
  ir_var *var = (ir_var *)(uintptr_t)v;
  if (var->is_held) return;
  var->is_held = true;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, v->decl->loc),
          *r = mst_ir_stmt(l->c, IR_REJECT, v->decl->loc);
  const int64_t n = mst_lower_size_value(l, v->decl);
  s->cond = mst_ir_call2(l->c, IR_NE, mst_ir_scalar(l->c, var), mst_ir_int(l->c, n));
  r->name = "error";
  r->nargs = 1;
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, 1);
  r->arg[0] = mst_ir_scalar(l->c, var);
  r->text = MST_LANG_ARRAY(l->c, const char *, 2);
  r->text[0] = mst_lang_format(l->c,
                               "a recursion goes by %s, and the program was compiled for %lld; try "
                               "compiling it again; got ",
                               v->name, (long long)n);
  mst_ir_append(l->c, &s->body, r);
  mst_ir_append(l->c, &l->p->setup, s);
}

ir_expr *mst_lower_decided(lower_state *l, ir_expr *cond) {
  if (!l->frame || !l->frame->function->recursive || cond->op == IR_CONST_INT) return cond;
  const ir_var *used[8];
  int n = 0;
  ir_expr *value = known(l, cond, used, &n);
  if (!value || value->op != IR_CONST_INT) return cond;
  for (int i = 0; i < n; i++) hold_to(l, used[i]);
  return value;
}

void mst_lower_recursion(lower_state *l, const ast_function *f, lang_loc loc) {
  const lower_frame *up = l->frame;
  while (up && up->function != f) up = up->up;
  if (!up) return;
  if (up->branches == l->branches && ++l->recursions <= MOST_RECURSIONS) return;
  mst_lang_fail(
      l->c, loc, 1,
      "recursion of %s: how far it goes is not known while the program is compiled, or it "
      "goes on for more than %d calls; expected an end by constants or ints of the data "
      "(with `masting sample`, which sees them); try a loop",
      f->name, MOST_RECURSIONS);
}
