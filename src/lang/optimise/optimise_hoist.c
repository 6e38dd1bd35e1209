/* lang/optimise/optimise_hoist.c -- what a loop does not change.
 *
 * Lanes and costly data go to a constant before the loop, from anywhere but the sides of a
 * selection by mask (whose derivative is cut to the mask). Array elements stay: a loop that
 * never runs may not read them. A term of target that the loop does not change is added once,
 * times the number of iterations.
 */
#include "lang/optimise/optimise_impl.h"

enum {
  COSTLY = 8,     /* from here on, data are worth a name */
  MOST_BACK = 256 /* names before the loop that are looked at for the same */
};

typedef struct loop {
  optimise_state *o;
  ir_block *outer; /* where the loop stands */
  int at;          /* its index there; grows with what is put before it */
  ir_set changing; /* what the loop writes and declares */
} loop;

static bool changes(const ir_expr *e, void *argument) {
  const loop *l = argument;
  if (e->op == IR_LOAD && (e->nargs > 0 || mst_set_has(&l->changing, e->var))) return true;
  if (e->op == IR_CHECK_INDEX) return true;
  return e->op == IR_CALL && e->prim >= IR_UNIFORM_RNG && e->prim <= IR_POISSON_RNG;
}

static bool is_invariant(loop *l, const ir_expr *e) { return !mst_ir_any(e, changes, l); }

static bool is_worthy(const ir_expr *e) {
  if (e->op != IR_CALL && e->op != IR_SELECT) return false;
  return e->type == IR_LANE ? mst_ir_cost(e) > 0 : e->type == IR_REAL && mst_ir_cost(e) >= COSTLY;
}

static ir_expr *before(loop *l, ir_expr *e, const char *name) {
  for (int i = l->at; i-- > 0 && i >= l->at - MOST_BACK &&
                      l->outer->stmt[i]->kind == IR_DECL;) { /* the same again? */
    ir_stmt *s = l->outer->stmt[i];
    if (s->rhs && s->var->constant && s->var->ndims == 0 && mst_ir_same(s->rhs, e))
      return mst_ir_scalar(l->o->c, s->var);
  }
  return mst_ir_name_before(l->o->c, l->o->p, l->outer, l->at++, e, name);
}

static const char *name_of(const ir_expr *e) {
  return e->op == IR_CALL && e->prim != IR_ADD && e->prim != IR_SUB && e->prim != IR_MUL &&
                 e->prim != IR_NEG
             ? mst_ir_prim_name(e->prim)
             : "c";
}

static ir_expr *hoist_expr(loop *l, ir_expr *e) {
  lang_context *c = l->o->c;
  if (is_worthy(e) && is_invariant(l, e)) return before(l, e, name_of(e));
  if (e->op == IR_CALL && e->prim == IR_DIV && e->type == IR_LANE && e->arg[1]->type >= IR_REAL &&
      is_invariant(l, e->arg[1])) {
    ir_expr *inverse = mst_ir_call2(c, IR_DIV, mst_ir_real(c, 1.0), e->arg[1]);
    if (inverse->op != IR_CONST_REAL) inverse = before(l, inverse, "inv");
    return mst_ir_call2(c, IR_MUL, hoist_expr(l, e->arg[0]), inverse);
  }
  int last = e->op == IR_SELECT && e->arg[0]->type == IR_MASK ? 1 : e->nargs;
  for (int i = 0; i < last; i++)
    if (e->op != IR_LOAD) e->arg[i] = hoist_expr(l, e->arg[i]);
  return e;
}

static void hoist_block(loop *l, ir_block *b);

static void hoist_stmt(loop *l, ir_stmt *s) {
  if (s->rhs) s->rhs = hoist_expr(l, s->rhs);
  if (s->cond) s->cond = hoist_expr(l, s->cond);
  for (int i = 0; i < s->nargs && s->kind != IR_REJECT; i++) s->arg[i] = hoist_expr(l, s->arg[i]);
  hoist_block(l, &s->body);
  hoist_block(l, &s->other);
}

static void hoist_block(loop *l, ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) hoist_stmt(l, b->stmt[i]);
}

/* ---- terms of target */

/* Takes the terms that do not change out of a sum; what is left, or NULL. */
static ir_expr *take_terms(loop *l, ir_expr *e, bool negative, ir_expr **taken) {
  lang_context *c = l->o->c;
  if (is_invariant(l, e)) {
    ir_expr *term = negative ? mst_ir_call1(c, IR_NEG, e) : e;
    *taken = *taken ? mst_ir_call2(c, IR_ADD, *taken, term) : term;
    return NULL;
  }
  if (e->op != IR_CALL || e->type < IR_REAL) return e;
  if (e->prim == IR_NEG) {
    ir_expr *a = take_terms(l, e->arg[0], !negative, taken);
    return a ? mst_ir_call1(c, IR_NEG, a) : NULL;
  }
  if (e->prim != IR_ADD && e->prim != IR_SUB) return e;
  ir_expr *a = take_terms(l, e->arg[0], negative, taken);
  ir_expr *b = take_terms(l, e->arg[1], negative != (e->prim == IR_SUB), taken);
  if (a && b) return mst_ir_call2(c, e->prim, a, b);
  if (a) return a;
  if (!b) return NULL;
  return e->prim == IR_SUB ? mst_ir_call1(c, IR_NEG, b) : b;
}

/* if (count > 0) target += count * terms; before the loop */
static void add_terms(loop *l, const ir_stmt *s, ir_expr *terms) {
  lang_context *c = l->o->c;
  ir_expr *times = mst_ir_call1(c, IR_TO_REAL, mst_ir_copy(c, s->count));
  ir_stmt *add = mst_ir_stmt(c, IR_TARGET, s->loc), *some = mst_ir_stmt(c, IR_IF, s->loc);
  add->rhs = mst_ir_call2(c, IR_MUL, times, terms);
  some->cond = mst_ir_call2(c, IR_GT, mst_ir_copy(c, s->count), mst_ir_int(c, 0));
  mst_ir_append(c, &some->body, add);
  mst_ir_insert(l->o->c, l->outer, l->at++,
                some->cond->op == IR_CONST_INT && some->cond->integer ? add : some);
}

static void hoist_terms(loop *l, ir_stmt *s) {
  ir_expr *terms = NULL;
  for (int i = 0; i < s->body.nstmts; i++) {
    ir_stmt *t = s->body.stmt[i];
    if (t->kind != IR_TARGET) continue;
    t->rhs = take_terms(l, t->rhs, false, &terms);
    if (!t->rhs) mst_ir_remove(&s->body, i--);
  }
  if (terms) add_terms(l, s, terms);
}

static void hoist_loop(optimise_state *o, ir_block *b, int *at) {
  ir_stmt *s = b->stmt[*at];
  loop l = {o, b, *at, {0}};
  mst_ir_stmt_writes(o->c, s, &l.changing);
  mst_ir_stmt_declares(o->c, s, &l.changing);
  hoist_terms(&l, s);
  hoist_block(&l, &s->body);
  *at = l.at;
}

void mst_optimise_hoist(optimise_state *o, ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    mst_optimise_hoist(o, &b->stmt[i]->body);
    mst_optimise_hoist(o, &b->stmt[i]->other);
    if (b->stmt[i]->kind == IR_FOR) hoist_loop(o, b, &i);
  }
}
