/* lang/diff/diff.c -- the two sweeps of a block, put together from its nodes.
 *
 * forward   every statement but the fused ones; an assignment first pushes the value that it
 * overwrites, a
 *           scope that ends pushes what it declared, as far as the reverse sweep reads it
 * reverse   the statements from last to first: values come back from the tape, so that every
 * statement finds
 *           what was there before it; then its adjoints. Loops run down. Fused statements (they
 *           do nothing but add to target) run here forward and backward at once, an iteration at
 *           a time, without tape.
 */
#include "lang/diff/diff_impl.h"
#include "lang/ir/ir_uses.h"

#include <string.h>

static ir_expr *copied(lang_context *c, const ir_expr *e) { return e ? mst_ir_copy(c, e) : NULL; }

static void append_block(lang_context *c, ir_block *out, const ir_block *block) {
  for (int i = 0; i < block->nstmts; i++) mst_ir_append(c, out, block->stmt[i]);
}

static void sweep(diff_state *d, const diff_list *list, ir_block *forward, ir_block *reverse);

/* A tape operation on the element that s assigns, or on all of v. */
static ir_stmt *tape(diff_state *d, ir_stmt_kind kind, const ir_stmt *s, ir_var *v) {
  ir_stmt *t = mst_ir_stmt(d->c, kind, s ? s->loc : (lang_loc){0});
  t->var = v;
  if (!s) return t;
  t->nindices = s->nindices;
  t->index = MST_LANG_ARRAY(d->c, ir_expr *, s->nindices);
  for (int i = 0; i < s->nindices; i++) t->index[i] = mst_ir_copy(d->c, s->index[i]);
  return t;
}

static void find_pops(lang_context *c, const ir_block *b, ir_set *popped) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    if (s->kind == IR_POP) mst_set_add(c, popped, s->var);
    find_pops(c, &s->body, popped);
    find_pops(c, &s->other, popped);
  }
}

/* Scalars of the scope that the reverse sweep restores without ever reading their last value:
 * there they begin without one. (Arrays are restored by element, so they are kept whole.) */
static void declare_restored(diff_state *d, const diff_list *list, const ir_block *inner,
                             ir_block *reverse) {
  ir_set popped = {0};
  find_pops(d->c, inner, &popped);
  for (int i = 0; i < list->nkept; i++) mst_set_remove(&popped, list->kept[i]);
  for (int i = 0; i < list->count; i++) {
    const ir_stmt *s = list->node[i]->s;
    if (s->kind != IR_DECL || s->var->ndims > 0 || s->var->persistent) continue;
    if (!mst_set_has(&popped, s->var)) continue;
    ir_stmt *decl = mst_ir_stmt(d->c, IR_DECL, s->loc);
    decl->var = s->var;
    mst_ir_append(d->c, reverse, decl);
  }
}

/* Both sweeps of a scope of its own. */
static void sweep_scope(diff_state *d, const diff_list *list, ir_block *forward,
                        ir_block *reverse) {
  ir_block inner = {0};
  sweep(d, list, forward, &inner);
  for (int i = 0; i < list->nkept; i++)
    mst_ir_append(d->c, forward, tape(d, IR_PUSH, NULL, list->kept[i]));
  for (int i = list->nkept; i-- > 0;) {
    ir_stmt *pop = tape(d, IR_POP, NULL, list->kept[i]);
    pop->declares = true;
    mst_ir_append(d->c, reverse, pop);
  }
  declare_restored(d, list, &inner, reverse);
  append_block(d->c, reverse, &inner);
}

static void both_at_once(diff_state *d, const diff_list *list, ir_block *out) {
  ir_block reverse = {0};
  sweep(d, list, out, &reverse);
  append_block(d->c, out, &reverse);
}

static ir_stmt *same_head(diff_state *d, const ir_stmt *s) {
  ir_stmt *copy = mst_ir_stmt(d->c, s->kind, s->loc);
  *copy = *s;
  copy->body = copy->other = (ir_block){0};
  copy->count = copied(d->c, s->count);
  copy->cond = copied(d->c, s->cond);
  return copy;
}

static bool declares_arrays(const diff_list *list) {
  for (int i = 0; i < list->count; i++)
    if (list->node[i]->s->kind == IR_DECL && list->node[i]->s->var->ndims > 0) return true;
  return false;
}

static void run_fused(diff_state *d, const diff_node *n, ir_block *reverse) {
  if (n->s->kind == IR_TARGET || n->s->kind == IR_REJECT) {
    mst_ir_append(d->c, reverse, n->s);
    append_block(d->c, reverse, &n->reverse);
    return;
  }
  /* names are unique: no scope is needed */
  if (n->s->kind == IR_BLOCK && !declares_arrays(&n->body)) {
    both_at_once(d, &n->body, reverse);
    return;
  }
  ir_stmt *copy = same_head(d, n->s);
  copy->independent = n->s->kind == IR_FOR;
  both_at_once(d, &n->body, &copy->body);
  both_at_once(d, &n->other, &copy->other);
  mst_ir_append(d->c, reverse, copy);
}

/* Whether the iterations may come in any order: nothing from the tape, and what is written is
 * only added to and not read. */
static bool any_order(lang_context *c, const ir_block *body) {
  ir_set writes = {0}, reads = {0};
  for (int i = 0; i < body->nstmts; i++) {
    const ir_stmt *s = body->stmt[i];
    if (s->kind == IR_DECL && s->var->ndims == 0) {
      if (s->rhs) mst_ir_reads(c, s->rhs, &reads);
      continue;
    }
    if (s->kind != IR_ASSIGN || !s->add) return false;
    mst_set_add(c, &writes, s->var);
    mst_ir_reads(c, s->rhs, &reads);
    for (int k = 0; k < s->nindices; k++) mst_ir_reads(c, s->index[k], &reads);
  }
  return !mst_set_meets(&writes, &reads);
}

static void sweep_loop(diff_state *d, const diff_node *n, ir_block *forward, ir_block *reverse) {
  ir_stmt *up = same_head(d, n->s), *down = same_head(d, n->s);
  sweep_scope(d, &n->body, &up->body, &down->body);
  if (n->trips && down->body.nstmts > 0) {
    ir_stmt *count = mst_ir_stmt(d->c, IR_ASSIGN, n->s->loc);
    count->var = n->trips;
    count->rhs = mst_ir_int(d->c, 1);
    count->add = true;
    mst_ir_append(d->c, &up->body, count);
    down->var = mst_ir_var(d->c, d->p, "trip", IR_INT, IR_LOOP, 0, NULL);
    down->count = mst_ir_scalar(d->c, n->trips);
    down->cond = NULL;
  }
  if (n->trips || up->body.nstmts > 0) mst_ir_append(d->c, forward, up);
  if (down->body.nstmts == 0) return;
  down->kind = !n->trips && any_order(d->c, &down->body) ? IR_FOR : IR_FOR_DOWN;
  mst_ir_append(d->c, reverse, down);
}

static void sweep_if(diff_state *d, const diff_node *n, ir_block *forward, ir_block *reverse) {
  ir_stmt *there = same_head(d, n->s), *back = same_head(d, n->s);
  sweep_scope(d, &n->body, &there->body, &back->body);
  sweep_scope(d, &n->other, &there->other, &back->other);
  if (there->body.nstmts + there->other.nstmts > 0) mst_ir_append(d->c, forward, there);
  if (back->body.nstmts + back->other.nstmts > 0) mst_ir_append(d->c, reverse, back);
}

static void sweep_node(diff_state *d, const diff_node *n, ir_block *forward, ir_block *reverse) {
  if (n->fused)
    run_fused(d, n, reverse);
  else if (n->s->kind == IR_FOR || n->s->kind == IR_WHILE)
    sweep_loop(d, n, forward, reverse);
  else if (n->s->kind == IR_IF)
    sweep_if(d, n, forward, reverse);
  else {
    if (n->push) {
      mst_ir_append(d->c, forward, tape(d, IR_PUSH, n->s, n->s->var));
      mst_ir_append(d->c, reverse, tape(d, IR_POP, n->s, n->s->var));
    }
    mst_ir_append(d->c, forward, n->s);
    append_block(d->c, reverse, &n->reverse);
  }
}

/* Zeroed adjoints of what the scope declares. */
static void declare_adjoints(diff_state *d, const diff_list *list, ir_block *reverse) {
  for (int i = 0; i < list->count; i++) {
    const ir_stmt *s = list->node[i]->s;
    if (s->kind != IR_DECL || !mst_set_has(&d->active, s->var)) continue;
    ir_stmt *decl = mst_ir_stmt(d->c, IR_DECL, s->loc);
    decl->var = mst_diff_adjoint(d, s->var);
    decl->zero = true;
    mst_ir_append(d->c, reverse, decl);
  }
}

static void sweep(diff_state *d, const diff_list *list, ir_block *forward, ir_block *reverse) {
  declare_adjoints(d, list, reverse);
  ir_block *piece = MST_LANG_ARRAY(d->c, ir_block, list->count);
  for (int i = 0; i < list->count; i++) sweep_node(d, list->node[i], forward, &piece[i]);
  for (int i = list->count; i-- > 0;) append_block(d->c, reverse, &piece[i]);
}

/* ---- adjoints that begin with their first contribution */

/* The zero declaration at `at` moves to the first addition in the same scope; false: it goes
 * altogether. */
static bool begin_later(lang_context *c, ir_uses *uses, ir_block *b, int at) {
  ir_var *v = b->stmt[at]->var;
  int i = mst_ir_uses_first(uses, v, at + 1);
  if (i == b->nstmts) return false;
  ir_stmt *s = b->stmt[i];
  ir_set reads = {0};
  if (s->kind != IR_ASSIGN || s->var != v || !s->add) return true;
  mst_ir_reads(c, s->rhs, &reads);
  if (mst_set_has(&reads, v)) return true;
  ir_stmt *decl = mst_ir_stmt(c, IR_DECL, s->loc);
  decl->var = v;
  decl->rhs = s->rhs;
  v->constant = mst_ir_uses_last_write(uses, v) <= i;
  b->stmt[i] = decl;
  return false;
}

static bool may_begin_later(const ir_stmt *s) {
  return s->kind == IR_DECL && s->zero && s->var->role == IR_ADJOINT && !s->var->seed &&
         s->var->ndims == 0;
}

static void begin_adjoints(lang_context *c, ir_uses *uses, ir_block *b) {
  bool any = false;
  for (int i = 0; i < b->nstmts; i++) {
    any |= may_begin_later(b->stmt[i]);
    begin_adjoints(c, uses, &b->stmt[i]->body);
    begin_adjoints(c, uses, &b->stmt[i]->other);
  }
  if (!any) return;
  mst_ir_uses_of(uses, b);
  for (int i = 0; i < b->nstmts; i++)
    if (may_begin_later(b->stmt[i]) && !begin_later(c, uses, b, i)) b->stmt[i] = NULL;
  int kept = 0;
  for (int i = 0; i < b->nstmts; i++)
    if (b->stmt[i]) b->stmt[kept++] = b->stmt[i];
  b->nstmts = kept;
}

ir_gradient mst_diff(lang_context *c, ir_program *p, const ir_block *block, bool split,
                     ir_var *const *seeded, int nseeded) {
  diff_state d = {.c = c, .p = p};
  ir_gradient g = {0};
  ir_set need = {0};
  d.active = mst_diff_active(c, block, seeded, nseeded);
  diff_list list = mst_diff_split(&d, block);
  mst_diff_need(&d, &list, &need);
  for (int i = 0; i < nseeded; i++) /* rows alone may read a parameter */
    if (mst_set_has(&d.active, seeded[i]) || seeded[i]->role == IR_THETA)
      mst_diff_adjoint(&d, seeded[i])->seed = seeded[i];
  ir_block inner = {0};
  sweep(&d, &list, &g.forward, &inner);
  for (int i = 0; split && i < list.count; i++) {
    ir_stmt *s = list.node[i]->s;
    if (s->kind == IR_DECL && mst_set_has(&need, s->var)) s->var->persistent = true;
  }
  if (split) declare_restored(&d, &list, &inner, &g.reverse);
  append_block(c, &g.reverse, &inner);
  ir_uses uses = mst_ir_uses(c);
  begin_adjoints(c, &uses, &g.reverse);
  mst_diff_tile(c, p, &g.reverse);
  return g;
}
