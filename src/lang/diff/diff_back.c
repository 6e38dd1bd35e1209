/* lang/diff/diff_back.c -- the reverse of a simple statement, in the state before it.
 *
 *   v = e       t = v_adj; v_adj = 0; each leaf of e: leaf_adj += t * de/dleaf
 *   v += e      the same with t = v_adj, which stays
 *   target += e the same with t = 1
 *
 * Adjoints of constants (declared with their value) and of elements assigned once need no
 * zeroing: nothing reads them after. A guard (s->cond of a declaration) is the mask under which
 * a value is wanted: products are cut to it, so that 0 times infinity of the side not taken does
 * not become NaN.
 */
#include "lang/diff/diff_impl.h"

typedef struct backward {
  diff_state *d;
  lang_context *c;
  ir_block *out;
  lang_loc loc;
} backward;

ir_var *mst_diff_adjoint(diff_state *d, ir_var *v) {
  if (!v->adjoint) {
    const char *name = mst_lang_format(d->c, "%s_adj", v->name);
    v->adjoint = mst_ir_var(d->c, d->p, name, IR_LANE, IR_ADJOINT, v->ndims, v->dim);
    v->adjoint->adjoint_of = v;
  }
  return v->adjoint;
}

/* e, or a name for its value when it is more than a product. */
static ir_expr *named(backward *b, ir_expr *e, const char *name) {
  if (mst_ir_cost(e) == 0 && (e->op != IR_LOAD || e->nargs == 0)) return e;
  ir_var *v = mst_ir_var(b->c, b->d->p, name, e->type, IR_LOCAL, 0, NULL);
  v->constant = true;
  ir_stmt *s = mst_ir_stmt(b->c, IR_DECL, b->loc);
  s->var = v;
  s->rhs = e;
  mst_ir_append(b->c, b->out, s);
  return mst_ir_scalar(b->c, v);
}

static void accumulate(backward *b, const ir_expr *leaf, ir_expr *t) {
  ir_stmt *s = mst_ir_stmt(b->c, IR_ASSIGN, b->loc);
  s->var = mst_diff_adjoint(b->d, leaf->var);
  s->nindices = leaf->nargs;
  s->index = MST_LANG_ARRAY(b->c, ir_expr *, leaf->nargs);
  for (int i = 0; i < leaf->nargs; i++) s->index[i] = mst_ir_copy(b->c, leaf->arg[i]);
  s->rhs = t;
  s->add = true;
  mst_ir_append(b->c, b->out, s);
}

static int active_args(const backward *b, const ir_expr *e) {
  int count = 0;
  for (int i = 0; i < e->nargs; i++) count += mst_diff_is_active(b->d, e->arg[i]);
  return count;
}

static ir_expr *both(backward *b, const ir_expr *guard, ir_expr *mask) {
  return guard ? mst_ir_call2(b->c, IR_AND, mst_ir_copy(b->c, guard), mask) : mask;
}

static void back(backward *b, const ir_expr *e, const ir_expr *t, const ir_expr *guard,
                 const ir_expr *result);

static void back_select(backward *b, const ir_expr *e, const ir_expr *t, const ir_expr *guard) {
  for (int k = 1; k <= 2; k++) {
    if (!mst_diff_is_active(b->d, e->arg[k])) continue;
    ir_expr *mask = mst_ir_copy(b->c, e->arg[0]), *zero = mst_ir_real(b->c, 0.0);
    ir_expr *cut = k == 1 ? mst_ir_select(b->c, mask, mst_ir_copy(b->c, t), zero)
                          : mst_ir_select(b->c, mask, zero, mst_ir_copy(b->c, t));
    if (k == 2) mask = mst_ir_call1(b->c, IR_NOT, mst_ir_copy(b->c, mask));
    const ir_expr *inner = guard;
    if (mask->type == IR_MASK) inner = both(b, guard, mst_ir_copy(b->c, mask));
    if (e->arg[k]->op != IR_LOAD) cut = named(b, cut, "t");
    back(b, e->arg[k], cut, inner, NULL);
  }
}

static void back_call(backward *b, const ir_expr *e, const ir_expr *t, const ir_expr *guard,
                      const ir_expr *result) {
  ir_expr *shared = (ir_expr *)t;
  if (active_args(b, e) > 1) shared = named(b, mst_ir_copy(b->c, t), "t");
  for (int k = 0; k < e->nargs; k++) {
    if (!mst_diff_is_active(b->d, e->arg[k])) continue;
    ir_expr *tk = mst_diff_rule(b->c, e, k, result, shared);
    if (!tk) continue;
    if (guard && !mst_diff_is_linear(e->prim))
      tk = mst_ir_select(b->c, mst_ir_copy(b->c, guard), tk, mst_ir_real(b->c, 0.0));
    back(b, e->arg[k], tk, guard, NULL);
  }
}

static void back(backward *b, const ir_expr *e, const ir_expr *t, const ir_expr *guard,
                 const ir_expr *result) {
  if (e->op == IR_LOAD)
    accumulate(b, e, mst_ir_copy(b->c, t));
  else if (e->op == IR_SELECT)
    back_select(b, e, t, guard);
  else if (e->op == IR_CALL)
    back_call(b, e, t, guard, result);
}

static void set_zero(backward *b, const ir_expr *leaf) {
  ir_stmt *s = mst_ir_stmt(b->c, IR_ASSIGN, b->loc);
  s->var = mst_diff_adjoint(b->d, leaf->var);
  s->nindices = leaf->nargs;
  s->index = MST_LANG_ARRAY(b->c, ir_expr *, leaf->nargs);
  for (int i = 0; i < leaf->nargs; i++) s->index[i] = mst_ir_copy(b->c, leaf->arg[i]);
  s->rhs = mst_ir_real(b->c, 0.0);
  mst_ir_append(b->c, b->out, s);
}

/* Whether the value stays as it is assigned here until the end of the variable's scope. */
static bool stays(const ir_stmt *s) {
  return s->kind == IR_DECL ? s->var->constant : !s->add && s->var->once;
}

static void back_value(backward *b, const ir_stmt *s) {
  if (!mst_set_has(&b->d->active, s->var) || (s->kind == IR_DECL && !s->rhs)) return;
  bool active = mst_diff_is_active(b->d, s->rhs),
       zero = s->kind == IR_ASSIGN && !s->add && !stays(s);
  if (!active && !zero) return;
  ir_expr **index = MST_LANG_ARRAY(b->c, ir_expr *, s->nindices);
  for (int i = 0; i < s->nindices; i++) index[i] = mst_ir_copy(b->c, s->index[i]);
  ir_expr *leaf = mst_ir_load(b->c, s->var, s->nindices, index);
  ir_expr *t = mst_ir_load(b->c, mst_diff_adjoint(b->d, s->var), s->nindices, index);
  if (active) {
    bool several = s->rhs->op != IR_LOAD || zero;
    if (zero) { /* a name also for a scalar: it is about to change */
      ir_var *v = mst_ir_var(b->c, b->d->p, "t", IR_LANE, IR_LOCAL, 0, NULL);
      v->constant = true;
      ir_stmt *decl = mst_ir_stmt(b->c, IR_DECL, b->loc);
      decl->var = v;
      decl->rhs = t;
      mst_ir_append(b->c, b->out, decl);
      t = mst_ir_scalar(b->c, v);
    } else if (several && s->nindices > 0)
      t = named(b, t, "t");
  }
  if (zero) set_zero(b, leaf);
  if (active) back(b, s->rhs, t, s->kind == IR_DECL ? s->cond : NULL, stays(s) ? leaf : NULL);
}

static void back_routine(backward *b, const ir_stmt *s) {
  bool wanted = false;
  for (int i = 0; i < s->nout; i++) wanted |= mst_set_has(&b->d->active, s->out[i]);
  if (!wanted) return;
  ir_stmt *adjoint = mst_ir_stmt(b->c, IR_ROUTINE_ADJOINT, s->loc);
  *adjoint = *s;
  adjoint->kind = IR_ROUTINE_ADJOINT;
  adjoint->size = MST_LANG_ARRAY(b->c, ir_expr *, s->nsizes);
  for (int i = 0; i < s->nsizes; i++) adjoint->size[i] = mst_ir_copy(b->c, s->size[i]);
  for (int i = 0; i < s->nin; i++)
    if (mst_set_has(&b->d->active, s->in[i])) mst_diff_adjoint(b->d, s->in[i]);
  for (int i = 0; i < s->nout; i++) mst_diff_adjoint(b->d, s->out[i]);
  mst_ir_append(b->c, b->out, adjoint);
}

void mst_diff_back(diff_state *d, diff_node *node) {
  backward b = {d, d->c, &node->reverse, node->s->loc};
  ir_stmt *s = node->s;
  if (s->kind == IR_DECL || s->kind == IR_ASSIGN) back_value(&b, s);
  if (s->kind == IR_TARGET && mst_diff_is_active(d, s->rhs))
    back(&b, s->rhs, mst_ir_real(d->c, 1.0), NULL, NULL);
  if (s->kind == IR_ROUTINE) back_routine(&b, s);
  for (int i = 0; i < node->reverse.nstmts; i++)
    mst_ir_stmt_reads(d->c, node->reverse.stmt[i], &node->reads);
}
