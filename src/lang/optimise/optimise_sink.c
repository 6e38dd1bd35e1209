/* lang/optimise/optimise_sink.c -- variables live where they are used, and no longer: what is
 * declared outside of a loop but used in it alone, written first, is declared inside; so a loop
 * that only adds to target is seen as one. */
#include "lang/optimise/optimise_impl.h"

static bool mentions(optimise_state *o, const ir_stmt *s, const ir_var *v) {
  ir_set set = {0};
  mst_ir_stmt_reads(o->c, s, &set);
  mst_ir_stmt_writes(o->c, s, &set);
  return mst_set_has(&set, v);
}

static bool reads(optimise_state *o, const ir_expr *e, const ir_var *v) {
  ir_set set = {0};
  mst_ir_reads(o->c, e, &set);
  return mst_set_has(&set, v);
}

static bool covers(optimise_state *o, const ir_stmt *s, const ir_var *v, const ir_var **counter,
                   int n);

/* Whether the first statement of b that mentions v writes all of it, or for the loops around it
 * (counters) all that they run over. */
static bool block_covers(optimise_state *o, const ir_block *b, const ir_var *v,
                         const ir_var **counter, int n) {
  for (int i = 0; i < b->nstmts; i++)
    if (mentions(o, b->stmt[i], v)) return covers(o, b->stmt[i], v, counter, n);
  return false;
}

static bool covers(optimise_state *o, const ir_stmt *s, const ir_var *v, const ir_var **counter,
                   int n) {
  if (s->kind == IR_ROUTINE) {
    for (int i = 0; i < s->nin; i++)
      if (s->in[i] == v) return false;
    return true;
  }
  if (s->kind == IR_BLOCK) return block_covers(o, &s->body, v, counter, n);
  if (s->kind == IR_FOR && n < v->ndims) { /* the loops run over all dims in their order */
    const ir_var *more[16];
    if (n == 16 || !mst_ir_same(s->count, v->dim[n])) return false;
    for (int i = 0; i < n; i++) more[i] = counter[i];
    more[n] = s->var;
    return block_covers(o, &s->body, v, more, n + 1);
  }
  if (s->kind != IR_ASSIGN || s->var != v || s->add || n != v->ndims || reads(o, s->rhs, v))
    return false;
  for (int i = 0; i < n; i++)
    if (s->index[i]->op != IR_LOAD || s->index[i]->var != counter[i]) return false;
  return true;
}

/* The one block under `s` that may take the declaration of v; NULL: none. */
static ir_block *room_in(optimise_state *o, ir_stmt *s, const ir_var *v) {
  if ((s->cond && reads(o, s->cond, v)) || (s->count && reads(o, s->count, v))) return NULL;
  bool first = false, second = false;
  for (int i = 0; i < s->body.nstmts; i++) first |= mentions(o, s->body.stmt[i], v);
  for (int i = 0; i < s->other.nstmts; i++) second |= mentions(o, s->other.stmt[i], v);
  if (first == second || s->kind == IR_WHILE) return NULL;
  if (s->kind != IR_FOR && s->kind != IR_IF && s->kind != IR_BLOCK) return NULL;
  return first ? &s->body : &s->other;
}

static int first_mention(optimise_state *o, const ir_block *b, int from, const ir_var *v) {
  while (from < b->nstmts && !mentions(o, b->stmt[from], v)) from++;
  return from;
}

/* Variables that a declaration needs where it stands must not change on the way. */
static bool dims_hold(optimise_state *o, const ir_block *b, int from, int to, const ir_var *v) {
  ir_set need = {0}, writes = {0};
  for (int i = 0; i < v->ndims; i++) mst_ir_reads(o->c, v->dim[i], &need);
  for (int i = from; i <= to; i++) mst_ir_stmt_writes(o->c, b->stmt[i], &writes);
  return !mst_set_meets(&need, &writes);
}

static bool is_pure(const ir_expr *e) { return !e || !mst_ir_is_random(e); }

/* Moves the declaration at `at` into the only later statement that uses its variable. */
static bool sink_one(optimise_state *o, ir_block *b, int at) {
  ir_stmt *decl = b->stmt[at];
  ir_var *v = decl->var;
  if (v->role != IR_LOCAL || v->persistent || mst_set_has(&o->roots, v) || !is_pure(decl->rhs))
    return false;
  int user = first_mention(o, b, at + 1, v);
  if (user == b->nstmts || first_mention(o, b, user + 1, v) < b->nstmts) return false;
  ir_block *room = room_in(o, b->stmt[user], v);
  if (!room || !dims_hold(o, b, at + 1, user, v)) return false;
  if (b->stmt[user]->kind == IR_FOR && !block_covers(o, room, v, NULL, 0)) return false;
  if (b->stmt[user]->kind != IR_FOR && (decl->rhs || decl->zero)) return false;
  if (b->stmt[user]->kind == IR_FOR) {
    decl->rhs = NULL;
    decl->zero = false;
    v->constant = false;
  }
  mst_ir_insert(o->c, room, first_mention(o, room, 0, v), decl);
  mst_ir_remove(b, at);
  return true;
}

static int count_writes(const ir_block *b, const ir_var *v) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    n += s->kind == IR_ASSIGN && s->var == v;
    for (int k = 0; s->kind == IR_ROUTINE && k < s->nout; k++) n += s->out[k] == v;
    n += count_writes(&s->body, v) + count_writes(&s->other, v);
  }
  return n;
}

/* A scalar's declaration and its first assignment in the same block become one. */
static void join_one(optimise_state *o, ir_block *b, int at) {
  ir_stmt *decl = b->stmt[at];
  ir_var *v = decl->var;
  if (v->ndims > 0 || v->role != IR_LOCAL || !is_pure(decl->rhs)) return;
  int writes = count_writes(b, v);
  if (decl->rhs && writes == 0) v->constant = true;
  int i = first_mention(o, b, at + 1, v);
  if (i == b->nstmts) return;
  ir_stmt *s = b->stmt[i];
  if (s->kind != IR_ASSIGN || s->var != v || s->add || reads(o, s->rhs, v)) return;
  ir_stmt *joined = mst_ir_stmt(o->c, IR_DECL, s->loc);
  joined->var = v;
  joined->rhs = s->rhs;
  v->constant = writes == 1;
  b->stmt[i] = joined;
  mst_ir_remove(b, at);
}

void mst_optimise_sink(optimise_state *o, ir_block *b) {
  for (int i = b->nstmts; i-- > 0;)
    if (b->stmt[i]->kind == IR_DECL && !sink_one(o, b, i)) join_one(o, b, i);
  for (int i = 0; i < b->nstmts; i++) {
    mst_optimise_sink(o, &b->stmt[i]->body);
    mst_optimise_sink(o, &b->stmt[i]->other);
  }
}

/* ---- what nothing reads */

static bool is_needed(const ir_stmt *s, const ir_set *live) {
  switch (s->kind) {
  case IR_DECL:
  case IR_ASSIGN:
    return s->var->role != IR_LOCAL || mst_set_has(live, s->var) || !is_pure(s->rhs);
  case IR_ROUTINE:
    for (int i = 0; i < s->nout; i++)
      if (s->out[i]->role != IR_LOCAL || mst_set_has(live, s->out[i])) return true;
    return false;
  case IR_FOR:
  case IR_IF:
  case IR_BLOCK:
    for (int i = 0; i < s->body.nstmts; i++)
      if (is_needed(s->body.stmt[i], live)) return true;
    for (int i = 0; i < s->other.nstmts; i++)
      if (is_needed(s->other.stmt[i], live)) return true;
    return false;
  default:
    return true;
  }
}

static void add_own_reads(optimise_state *o, const ir_stmt *s, ir_set *live) {
  ir_stmt alone = *s;
  alone.body = alone.other = (ir_block){0};
  if (alone.kind == IR_ASSIGN) alone.add = false; /* what is only added to is not read */
  mst_ir_stmt_reads(o->c, &alone, live);
  /* all results, if one is read */
  for (int k = 0; k < alone.nout; k++) mst_set_add(o->c, live, alone.out[k]);
}

static void spread_live(optimise_state *o, const ir_block *b, ir_set *live) {
  for (int i = b->nstmts; i-- > 0;) {
    const ir_stmt *s = b->stmt[i];
    if (!is_needed(s, live)) continue;
    spread_live(o, &s->body, live);
    spread_live(o, &s->other, live);
    add_own_reads(o, s, live);
  }
}

static void sweep_dead(ir_block *b, const ir_set *live) {
  int kept = 0;
  for (int i = 0; i < b->nstmts; i++) {
    if (!is_needed(b->stmt[i], live)) continue;
    sweep_dead(&b->stmt[i]->body, live);
    sweep_dead(&b->stmt[i]->other, live);
    b->stmt[kept++] = b->stmt[i];
  }
  b->nstmts = kept;
}

void mst_optimise_remove_dead(optimise_state *o, ir_block *b) {
  ir_set live = mst_set_copy(o->c, &o->roots);
  ir_set before = {0};
  do spread_live(o, b, &live);
  while (mst_set_union(o->c, &before, &live));
  sweep_dead(b, &live);
}
