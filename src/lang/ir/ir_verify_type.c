/* lang/ir/ir_verify_type.c -- types and ranks. See ir_verify.h. */
#include "lang/ir/ir_print.h"
#include "lang/ir/ir_verify_impl.h"

static const char *const type_name[] = {"an int", "a real", "a lane", "a mask"};

static const char *text(const verify_state *k, const ir_expr *e) {
  return mst_ir_expr_text(k->c, e);
}

static void is_int(const verify_state *k, const ir_expr *e, const char *what) {
  if (e->type != IR_INT)
    mst_ir_fault(k, "%s is %s; expected an int, got %s", what, type_name[e->type], text(k, e));
}

/* The counter of a loop over the rows, or, in a tile, a sum that begins with it. */
static bool is_row(const verify_state *k, const ir_expr *e) {
  if (e->op == IR_CALL && e->prim == IR_ADD) e = e->arg[0];
  return e->op == IR_LOAD && e->nargs == 0 && mst_set_has(&k->row_counters, e->var);
}

/* A rank has a block of rows: what lives there is read and written at the row itself. */
static void at_row(const verify_state *k, const ir_var *v, ir_expr *const *index, int n) {
  if (!k->p->row_count || !mst_ir_verify_has_rows(v) || (n > 0 && is_row(k, index[0]))) return;
  mst_ir_fault(k, "%s, which has rows, is used at another row than the loop's; got %s",
               mst_ir_fault_name(k, v), n > 0 ? text(k, index[0]) : "no index");
}

static void ranks(const verify_state *k, const ir_var *v, ir_expr *const *index, int n) {
  if (n != v->ndims)
    mst_ir_fault(k, "%s has another number of indices than dimensions; expected %d, got %d",
                 mst_ir_fault_name(k, v), v->ndims, n);
  for (int i = 0; i < n; i++) {
    if (index[i]->type == IR_INT) continue;
    mst_ir_fault(k, "index %d of %s is %s; expected an int, got %s", i + 1, mst_ir_fault_name(k, v),
                 type_name[index[i]->type], text(k, index[i]));
  }
  at_row(k, v, index, n);
}

static void call(const verify_state *k, const ir_expr *e) {
  if (e->nargs != mst_ir_prim_args(e->prim))
    mst_ir_fault(k, "%s has another number of arguments; expected %d, got %d",
                 mst_ir_prim_name(e->prim), mst_ir_prim_args(e->prim), e->nargs);
  for (int i = 0; i < e->nargs; i++)
    if (e->type < IR_LANE && e->arg[i]->type == IR_LANE &&
        !(k->p->one_lane && e->prim == IR_TO_INT))
      mst_ir_fault(k, "%s of a lane is %s; expected a lane, got %s", mst_ir_prim_name(e->prim),
                   type_name[e->type], text(k, e));
}

void mst_ir_verify_expr(const verify_state *k, const ir_expr *e) {
  for (int i = 0; i < e->nargs; i++) mst_ir_verify_expr(k, e->arg[i]);
  switch (e->op) {
  case IR_LOAD:
    ranks(k, e->var, e->arg, e->nargs);
    if (e->type != e->var->type)
      mst_ir_fault(k, "a load of %s has another type than it; expected %s, got %s",
                   mst_ir_fault_name(k, e->var), type_name[e->var->type], type_name[e->type]);
    return;
  case IR_CHECK_INDEX:
    is_int(k, e->arg[0], "an index that is checked");
    is_int(k, e->arg[1], "the size that an index is checked by");
    return;
  case IR_SELECT:
    if (e->arg[0]->type != IR_INT && e->arg[0]->type != IR_MASK)
      mst_ir_fault(k, "a condition is %s; expected an int or a mask, got %s",
                   type_name[e->arg[0]->type], text(k, e->arg[0]));
    return;
  case IR_CALL:
    call(k, e);
    return;
  case IR_CONST_INT:
  case IR_CONST_REAL:
    return;
  }
}

static void fits(const verify_state *k, const ir_var *v, const ir_expr *value) {
  if (value->type <= v->type || (value->type == IR_REAL && v->role == IR_OUTPUT)) return;
  mst_ir_fault(k, "what is stored in %s is wider than it; expected %s, got %s: %s",
               mst_ir_fault_name(k, v), type_name[v->type], type_name[value->type], text(k, value));
}

static void any(const verify_state *k, ir_expr *const *e, int n) {
  for (int i = 0; i < n; i++) mst_ir_verify_expr(k, e[i]);
}

void mst_ir_verify_types(const verify_state *k, const ir_stmt *s) {
  any(k, s->index, s->nindices);
  any(k, s->size, s->nsizes);
  any(k, s->arg, s->nargs);
  if (s->rhs) mst_ir_verify_expr(k, s->rhs);
  if (s->cond) mst_ir_verify_expr(k, s->cond);
  if (s->count) mst_ir_verify_expr(k, s->count);
  if (s->kind == IR_DECL) {
    any(k, s->var->dim, s->var->tiled ? 0 : s->var->ndims);
    for (int i = 0; i < s->var->ndims && !s->var->tiled; i++) is_int(k, s->var->dim[i], "a size");
    if (s->rhs && s->var->ndims > 0)
      mst_ir_fault(k, "an array, %s, is declared with a value", mst_ir_fault_name(k, s->var));
    if (s->rhs) fits(k, s->var, s->rhs);
  }
  const bool whole = (s->kind == IR_PUSH || s->kind == IR_POP) && s->nindices == 0;
  if (s->kind == IR_ASSIGN || ((s->kind == IR_PUSH || s->kind == IR_POP) && !whole))
    ranks(k, s->var, s->index, s->nindices);
  if (s->kind == IR_ASSIGN) fits(k, s->var, s->rhs);
  if (s->count) is_int(k, s->count, "the count of a loop");
  if (s->cond && (s->kind == IR_IF || s->kind == IR_WHILE))
    is_int(k, s->cond, "the condition of a branch");
  for (int i = 0; i < s->nsizes; i++) is_int(k, s->size[i], "a size of a routine");
}
