/* lang/diff/diff_split.c -- statements to nodes, in the form that the reverse sweep wants:
 *
 *   - what a derivative reads and is more than a load gets a name: arguments of functions,
 *   results that
 *     their own derivative reads, masks, checked indices
 *   - conditions and counts whose variables the statement changes, or that reals decide, get a name
 *   - a selection by an int becomes an if; scopes are opened up unless they only add to target
 *   - no index of an assignment reads the variable that is assigned; nor does the right-hand
 *   side of +=
 */
#include "lang/diff/diff_impl.h"

typedef struct splitter {
  diff_state *d;
  lang_context *c;
  diff_list *out; /* where names are declared */
  lang_loc loc;
} splitter;

static void split_block(diff_state *d, const ir_block *block, diff_list *out);

static diff_node *add_node(diff_state *d, diff_list *out, ir_stmt *s) {
  diff_node *n = MST_LANG_NEW(d->c, diff_node);
  n->s = s;
  MST_LANG_PUSH(d->c, out->node, out->count, n);
  return n;
}

/* Declares a constant with this value; guard: the mask under which it is wanted, or NULL. */
static ir_expr *name_value(splitter *k, ir_expr *e, const ir_expr *guard, const char *name) {
  ir_var *v = mst_ir_var(k->c, k->d->p, name, e->type, IR_LOCAL, 0, NULL);
  v->constant = true;
  ir_stmt *s = mst_ir_stmt(k->c, IR_DECL, k->loc);
  s->var = v;
  s->rhs = e;
  if (mst_diff_is_active(k->d, e)) {
    mst_set_add(k->c, &k->d->active, v);
    s->cond = guard ? mst_ir_copy(k->c, guard) : NULL;
  }
  mst_diff_back(k->d, add_node(k->d, k->out, s));
  s->cond = NULL;
  return mst_ir_scalar(k->c, v);
}

/* Checked indices under e get names, except where an int decides whether they are evaluated at
 * all. */
static void name_checks(splitter *k, ir_expr *e) {
  for (int i = 0; i < e->nargs; i++) {
    if (e->op == IR_SELECT && e->arg[0]->type == IR_INT && i > 0) return;
    if (e->op == IR_CALL && (e->prim == IR_AND || e->prim == IR_OR) && i > 0) return;
    name_checks(k, e->arg[i]);
    if (e->arg[i]->op == IR_CHECK_INDEX) e->arg[i] = name_value(k, e->arg[i], NULL, "i");
  }
}

/* The same for a value that derivatives need but do not go through. */
static ir_expr *name_aside(splitter *k, ir_expr *e, const char *name) {
  ir_var *v = mst_ir_var(k->c, k->d->p, name, e->type, IR_LOCAL, 0, NULL);
  v->constant = true;
  ir_stmt *s = mst_ir_stmt(k->c, IR_DECL, k->loc);
  s->var = v;
  s->rhs = e;
  mst_diff_back(k->d, add_node(k->d, k->out, s));
  return mst_ir_scalar(k->c, v);
}

static bool is_leaf(const ir_expr *e) {
  return e->op == IR_LOAD || e->op == IR_CONST_INT || e->op == IR_CONST_REAL;
}

static ir_expr *split(splitter *k, ir_expr *e, const ir_expr *guard);

/* Something that may be copied: a load, a constant or a cheap expression of data. */
static ir_expr *leaf(splitter *k, ir_expr *e, const ir_expr *guard, const char *name) {
  if (mst_diff_is_active(k->d, e)) {
    e = split(k, e, guard);
    return is_leaf(e) ? e : name_value(k, e, guard, name);
  }
  return is_leaf(e) || mst_ir_cost(e) <= (e->type == IR_INT ? 4 : 1) ? e
                                                                     : name_value(k, e, NULL, name);
}

static ir_expr *and_mask(splitter *k, const ir_expr *guard, ir_expr *mask) {
  return guard ? mst_ir_call2(k->c, IR_AND, mst_ir_copy(k->c, guard), mask) : mask;
}

/* v, assigned in either branch of an if. */
static ir_expr *split_choice(splitter *k, ir_expr *e, const ir_expr *guard) {
  ir_var *v = mst_ir_var(k->c, k->d->p, "choice", IR_LANE, IR_LOCAL, 0, NULL);
  v->once = true;
  mst_set_add(k->c, &k->d->active, v);
  ir_stmt *decl = mst_ir_stmt(k->c, IR_DECL, k->loc), *choose = mst_ir_stmt(k->c, IR_IF, k->loc);
  decl->var = v;
  add_node(k->d, k->out, decl);
  choose->cond = e->arg[0];
  if (mst_ir_cost(e->arg[0]) > 4) choose->cond = name_value(k, e->arg[0], NULL, "cond");
  diff_node *n = add_node(k->d, k->out, choose);
  for (int i = 1; i <= 2; i++) {
    splitter inner = {k->d, k->c, i == 1 ? &n->body : &n->other, k->loc};
    ir_stmt *s = mst_ir_stmt(k->c, IR_ASSIGN, k->loc);
    s->var = v;
    s->rhs = mst_diff_is_active(k->d, e->arg[i]) ? split(&inner, e->arg[i], guard) : e->arg[i];
    mst_diff_back(k->d, add_node(k->d, inner.out, s));
  }
  return mst_ir_scalar(k->c, v);
}

/* log1p_exp and its like: value and slope share one exponential. */
static ir_expr *split_log1p_exp(splitter *k, ir_expr *e, const ir_expr *guard) {
  ir_expr *x = leaf(k, e->arg[0], guard, "v"), *y = mst_ir_copy(k->c, x);
  ir_expr *size = mst_ir_call1(k->c, IR_ABS, mst_ir_copy(k->c, x));
  ir_expr *ex = name_aside(k, mst_ir_call1(k->c, IR_EXP, mst_ir_call1(k->c, IR_NEG, size)), "e");
  if (e->prim == IR_LOG_INV_LOGIT) y = mst_ir_call1(k->c, IR_NEG, y);
  ir_expr *value = mst_ir_call2(k->c, IR_LOG1P_EXP_OF, y, ex);
  return e->prim == IR_LOG1P_EXP ? value : mst_ir_call1(k->c, IR_NEG, value);
}

/* e in the form wanted; active. Its arguments are taken over. */
static ir_expr *split(splitter *k, ir_expr *e, const ir_expr *guard) {
  if (e->op == IR_LOAD) return e;
  if (e->op == IR_SELECT) {
    if (e->arg[0]->type == IR_INT && !mst_ir_is_blend(e)) return split_choice(k, e, guard);
    ir_expr *m = leaf(k, e->arg[0], NULL, "mask");
    if (m->type == IR_INT) { /* no call is on either side: nothing to guard */
      e->arg[0] = m;
      for (int i = 1; i <= 2; i++)
        if (mst_diff_is_active(k->d, e->arg[i])) e->arg[i] = split(k, e->arg[i], guard);
      return e;
    }
    ir_expr *yes = and_mask(k, guard, mst_ir_copy(k->c, m));
    ir_expr *no = and_mask(k, guard, mst_ir_call1(k->c, IR_NOT, mst_ir_copy(k->c, m)));
    e->arg[0] = m;
    if (mst_diff_is_active(k->d, e->arg[1])) e->arg[1] = split(k, e->arg[1], yes);
    if (mst_diff_is_active(k->d, e->arg[2])) e->arg[2] = split(k, e->arg[2], no);
    return e;
  }
  if (e->op != IR_CALL) return e;
  if (e->prim == IR_LOG1P_EXP || e->prim == IR_LOG_INV_LOGIT || e->prim == IR_LOG1M_INV_LOGIT)
    return split_log1p_exp(k, e, guard);
  bool linear = mst_diff_is_linear(e->prim), one_sided = false;
  if (e->prim == IR_MUL)
    one_sided = !mst_diff_is_active(k->d, e->arg[0]) || !mst_diff_is_active(k->d, e->arg[1]);
  if (e->prim == IR_DIV) one_sided = !mst_diff_is_active(k->d, e->arg[1]);
  for (int i = 0; i < e->nargs; i++) {
    bool active = mst_diff_is_active(k->d, e->arg[i]);
    if (linear || (one_sided && active))
      e->arg[i] = active ? split(k, e->arg[i], guard) : e->arg[i];
    else
      e->arg[i] = leaf(k, e->arg[i], guard, e->arg[i]->type <= IR_REAL ? "c" : "v");
  }
  return mst_diff_uses_result(e->prim) && !one_sided ? name_value(k, e, guard, "r") : e;
}

/* The right-hand side of a value that is kept under its own name keeps its outermost call. */
static ir_expr *split_rhs(splitter *k, ir_expr *e, bool keeps) {
  name_checks(k, e);
  if (!mst_diff_is_active(k->d, e)) return e;
  int before = k->out->count;
  e = split(k, e, NULL);
  if (keeps && k->out->count > before && e->op == IR_LOAD && e->nargs == 0) {
    diff_node *last = k->out->node[k->out->count - 1];
    if (last->s->kind == IR_DECL && last->s->var == e->var) { /* the name just given: taken back */
      e = last->s->rhs;
      k->out->count--;
    }
  }
  return e;
}

/* ---- statements */

static bool adds_to_target(const ir_stmt *s) {
  if (s->kind == IR_TARGET || s->kind == IR_REJECT) return true;
  for (int i = 0; i < s->body.nstmts; i++)
    if (adds_to_target(s->body.stmt[i])) return true;
  for (int i = 0; i < s->other.nstmts; i++)
    if (adds_to_target(s->other.stmt[i])) return true;
  return false;
}

/* Writes nothing but target and what it declares itself. */
static bool target_only(lang_context *c, const ir_stmt *s) {
  if (!adds_to_target(s)) return false;
  ir_set writes = {0}, declares = {0};
  mst_ir_stmt_writes(c, s, &writes);
  mst_ir_stmt_declares(c, s, &declares);
  return mst_set_within(&writes, &declares);
}

static bool not_int(const ir_expr *e, void *argument) {
  (void)argument;
  return e->type != IR_INT;
}

/* A condition or count that can be evaluated again after the statement, or a name for it. */
static ir_expr *control(splitter *k, const ir_expr *e, const ir_stmt *s, const char *name) {
  ir_set reads = {0}, writes = {0};
  ir_expr *copy = mst_ir_copy(k->c, e);
  mst_ir_reads(k->c, e, &reads);
  mst_ir_stmt_writes(k->c, s, &writes);
  bool again =
      !mst_set_meets(&reads, &writes) && !mst_ir_any(e, not_int, NULL) && mst_ir_cost(e) <= 8;
  return again ? copy : name_value(k, copy, NULL, name);
}

static void split_value(splitter *k, const ir_stmt *s, ir_stmt *copy) {
  copy->rhs = s->rhs ? mst_ir_copy(k->c, s->rhs) : NULL;
  copy->index = MST_LANG_ARRAY(k->c, ir_expr *, s->nindices);
  ir_set reads = {0};
  for (int i = 0; i < s->nindices; i++) {
    copy->index[i] = mst_ir_copy(k->c, s->index[i]);
    name_checks(k, copy->index[i]);
    ir_set own = {0};
    mst_ir_reads(k->c, copy->index[i], &own);
    if (copy->index[i]->op == IR_CHECK_INDEX || mst_set_has(&own, s->var))
      copy->index[i] = name_value(k, copy->index[i], NULL, "i");
  }
  if (s->kind == IR_ASSIGN && s->add) {
    mst_ir_reads(k->c, s->rhs, &reads);
    if (mst_set_has(&reads, s->var)) {
      ir_expr **index = MST_LANG_ARRAY(k->c, ir_expr *, s->nindices);
      for (int i = 0; i < s->nindices; i++) index[i] = mst_ir_copy(k->c, copy->index[i]);
      ir_expr *old = mst_ir_load(k->c, s->var, s->nindices, index);
      copy->rhs = mst_ir_call2(k->c, IR_ADD, old, copy->rhs);
      copy->add = false;
    }
  }
  if (!copy->rhs || !(s->kind == IR_TARGET || mst_set_has(&k->d->active, s->var))) return;
  bool keeps =
      s->kind == IR_DECL ? s->var->constant : s->kind == IR_ASSIGN && !copy->add && s->var->once;
  copy->rhs = split_rhs(k, copy->rhs, keeps);
}

/* What must be named for it makes a block of an addition to target. */
static void split_target(splitter *k, const ir_stmt *s, ir_stmt *copy) {
  diff_list inner = {0};
  splitter i = {k->d, k->c, &inner, k->loc};
  split_value(&i, s, copy);
  diff_node *n = add_node(k->d, &inner, copy);
  n->fused = true;
  mst_diff_back(k->d, n);
  mst_ir_stmt_reads(k->c, s, &n->reads);
  if (inner.count == 1) {
    MST_LANG_PUSH(k->c, k->out->node, k->out->count, n);
    return;
  }
  diff_node *block = add_node(k->d, k->out, mst_ir_stmt(k->c, IR_BLOCK, s->loc));
  block->fused = true;
  block->body = inner;
  mst_ir_stmt_reads(k->c, s, &block->reads);
}

static void split_compound(splitter *k, const ir_stmt *s, ir_stmt *copy) {
  if (s->kind == IR_BLOCK && !target_only(k->c, s)) {
    split_block(k->d, &s->body, k->out);
    return;
  }
  if (s->kind == IR_FOR) copy->count = control(k, s->count, s, "count");
  if (s->kind == IR_IF) copy->cond = control(k, s->cond, s, "cond");
  if (s->kind == IR_WHILE) copy->cond = mst_ir_copy(k->c, s->cond);
  copy->body = copy->other = (ir_block){0};
  ir_var *trips = NULL;
  if (s->kind == IR_WHILE) {
    trips = mst_ir_var(k->c, k->d->p, "trips", IR_INT, IR_LOCAL, 0, NULL);
    ir_stmt *decl = mst_ir_stmt(k->c, IR_DECL, s->loc);
    decl->var = trips;
    decl->rhs = mst_ir_int(k->c, 0);
    add_node(k->d, k->out, decl);
  }
  diff_node *n = add_node(k->d, k->out, copy);
  n->trips = trips;
  n->fused = s->kind != IR_WHILE && target_only(k->c, s);
  ir_stmt named = *s; /* what the reverse sweep reads is the name of a condition, if it has one */
  named.cond = copy->cond;
  named.count = copy->count;
  mst_ir_stmt_reads(k->c, &named, &n->reads);
  split_block(k->d, &s->body, &n->body);
  split_block(k->d, &s->other, &n->other);
}

static void split_stmt(diff_state *d, const ir_stmt *s, diff_list *out) {
  splitter k = {d, d->c, out, s->loc};
  ir_stmt *copy = mst_ir_stmt(d->c, s->kind, s->loc);
  *copy = *s;
  switch (s->kind) {
  case IR_DECL:
  case IR_ASSIGN:
    split_value(&k, s, copy);
    break;
  case IR_TARGET:
    split_target(&k, s, copy);
    return;
  case IR_FOR:
  case IR_WHILE:
  case IR_IF:
  case IR_BLOCK:
    split_compound(&k, s, copy);
    return;
  default:
    break;
  }
  diff_node *n = add_node(d, out, copy);
  n->fused = s->kind == IR_REJECT;
  mst_diff_back(d, n);
  if (n->fused) mst_ir_stmt_reads(d->c, s, &n->reads);
}

static void split_block(diff_state *d, const ir_block *block, diff_list *out) {
  for (int i = 0; i < block->nstmts; i++) split_stmt(d, block->stmt[i], out);
}

diff_list mst_diff_split(diff_state *d, const ir_block *block) {
  diff_list list = {0};
  split_block(d, block, &list);
  return list;
}
