/* lang/ir/ir_verify_scope.c -- declarations before uses, stores before the end. See ir_verify.h. */
#include "lang/ir/ir_verify_impl.h"

/* ---- what the function stores */

static void find_stores(const ir_stmt *s, void *argument) {
  verify_state *k = argument;
  const bool value = s->kind == IR_DECL && (s->rhs || s->zero || s->var->ndims > 0);
  /* arrays of no element, or of which none is asked for, may have no store at all: those of Stan's
     that might be read before are filled (ir_unset.c) */
  const bool array = value && s->var->ndims > 0 && !s->zero;
  if (s->var && ((value && !array) || s->kind == IR_ASSIGN || s->kind == IR_POP ||
                 s->kind == IR_FOR || s->kind == IR_FOR_DOWN))
    mst_set_add(k->c, &k->stored, s->var);
  for (int i = 0; i < s->nout; i++) mst_set_add(k->c, &k->stored, s->out[i]);
  if (s->kind != IR_ROUTINE_ADJOINT) return;
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->adjoint) mst_set_add(k->c, &k->stored, s->in[i]->adjoint);
}

/* ---- what it uses */

bool mst_ir_verify_has_rows(const ir_var *v) {
  if (v->role == IR_ADJOINT && v->adjoint_of) v = v->adjoint_of;
  return v->role == IR_ROW_DATA || v->role == IR_ROW_THETA;
}

/* A routine takes all of a variable: there is none of rows that a rank has all of. */
static void whole(const verify_state *k, const ir_var *v) {
  if (k->p->row_count && mst_ir_verify_has_rows(v))
    mst_ir_fault(k, "%s, which has rows, is used as a whole", mst_ir_fault_name(k, v));
}

static void used(const verify_state *k, const ir_var *v) {
  if (v->id < 0 || v->id >= k->p->nvars || k->p->var[v->id] != v)
    mst_ir_fault(
        k, "'%s' is not in the program's table of variables; expected it under its number, %d",
        v->name, v->id);
  if (mst_set_has(&k->given, v) || mst_set_has(&k->visible, v)) return;
  mst_ir_fault(k,
               "%s is used where it is not declared; expected a declaration before it, in a scope "
               "that lasts",
               mst_ir_fault_name(k, v));
}

/* No element to store: dims(x) of a scalar. */
static bool is_empty(const ir_var *v) {
  for (int i = 0; i < v->ndims; i++)
    if (mst_ir_is_int(v->dim[i], 0)) return true;
  return false;
}

static void loaded(const verify_state *k, const ir_var *v) {
  used(k, v);
  if (mst_set_has(&k->given, v) || mst_set_has(&k->stored, v) || is_empty(v)) return;
  mst_ir_fault(k, "%s is loaded and nothing stores it; expected an assignment in %s",
               mst_ir_fault_name(k, v), k->function);
}

static void load(const ir_expr *e, void *argument) {
  if (e->op == IR_LOAD) loaded(argument, e->var);
}

static void own_uses(verify_state *k, const ir_stmt *s) {
  ir_stmt own = *s;
  own.body = own.other = (ir_block){0};
  if (s->kind == IR_DECL && s->var->tiled) own.kind = IR_BLOCK; /* its dims are not used */
  mst_ir_visit_stmt(&own, load, k);
  if (s->kind == IR_ASSIGN || s->kind == IR_PUSH || (s->kind == IR_POP && !s->declares))
    used(k, s->var);
  for (int i = 0; i < s->nin; i++) loaded(k, s->in[i]);
  for (int i = 0; i < s->nout; i++) used(k, s->out[i]);
  for (int i = 0; i < s->nin; i++) whole(k, s->in[i]);
  for (int i = 0; i < s->nout; i++) whole(k, s->out[i]);
}

static void declare(verify_state *k, const ir_var *v, const ir_var ***mine, int *nmine) {
  if (mst_set_has(&k->visible, v) || mst_set_has(&k->given, v))
    mst_ir_fault(k,
                 "%s is declared again where it is still there; expected one declaration in a "
                 "scope",
                 mst_ir_fault_name(k, v));
  mst_set_add(k->c, &k->visible, v);
  MST_LANG_PUSH(k->c, *mine, *nmine, v);
}

static void block(verify_state *k, const ir_block *b, const ir_var ***mine, int *nmine);

static void scope(verify_state *k, const ir_block *b, const ir_var *counter) {
  const ir_var **mine = NULL;
  int nmine = 0;
  if (counter) declare(k, counter, &mine, &nmine);
  block(k, b, &mine, &nmine);
  for (int i = 0; i < nmine; i++)
    if (mine[i]->role != IR_DATA) /* that lives in the state */
      mst_set_remove(&k->visible, mine[i]);
}

static void block(verify_state *k, const ir_block *b, const ir_var ***mine, int *nmine) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    if (s->loc.line) k->loc = s->loc;
    own_uses(k, s);
    mst_ir_verify_types(k, s);
    if (s->kind == IR_DECL || (s->kind == IR_POP && s->declares)) declare(k, s->var, mine, nmine);
    const bool loop = s->kind == IR_FOR || s->kind == IR_FOR_DOWN;
    const bool rows = loop && s->count->op == IR_LOAD && s->count->var == k->p->row_count;
    if (rows) mst_set_add(k->c, &k->row_counters, s->var);
    if (loop || s->body.nstmts) scope(k, &s->body, loop ? s->var : NULL);
    if (s->other.nstmts) scope(k, &s->other, NULL);
  }
}

void mst_ir_verify_scope(verify_state *k, const char *function, const ir_block *const *list,
                         int nblocks) {
  const ir_var **mine = NULL;
  int nmine = 0;
  k->function = function;
  k->loc = (lang_loc){0};
  k->visible = k->stored = (ir_set){0};
  for (int i = 0; i < nblocks; i++)
    for (int j = 0; j < list[i]->nstmts; j++) mst_ir_visit_stmts(list[i]->stmt[j], find_stores, k);
  for (int i = 0; i < nblocks; i++) block(k, list[i], &mine, &nmine);
}
