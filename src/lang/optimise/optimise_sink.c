/* lang/optimise/optimise_sink.c -- variables live where they are used, and no longer: what is
 * declared outside of a loop but used in it alone, written first, is declared inside; so a loop
 * that only adds to target is seen as one. */
#include "lang/ir/ir_uses.h"
#include "lang/optimise/optimise_impl.h"

typedef struct search {
  const ir_var *v;
  bool found;
} search;

static void find_var(ir_var *v, bool writes, void *argument) {
  search *k = argument;
  (void)writes;
  if (v == k->v) k->found = true;
}

static bool mentions(optimise_state *o, const ir_stmt *s, const ir_var *v) {
  search k = {v, false};
  (void)o;
  mst_ir_visit_vars(s, find_var, &k);
  return k.found;
}

static bool is_load_of(const ir_expr *e, void *argument) {
  return e->op == IR_LOAD && e->var == argument;
}

static bool reads(optimise_state *o, const ir_expr *e, const ir_var *v) {
  (void)o;
  return mst_ir_any(e, is_load_of, (void *)(uintptr_t)v);
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

/* Variables that a declaration needs where it stands must not change on the way. */
static bool dims_hold(optimise_state *o, const ir_block *b, int from, int to, const ir_var *v) {
  ir_set need = {0}, writes = {0};
  for (int i = 0; i < v->ndims; i++) mst_ir_reads(o->c, v->dim[i], &need);
  if (need.nwords == 0) return true;
  for (int i = from; i <= to; i++)
    if (b->stmt[i]) mst_ir_stmt_writes(o->c, b->stmt[i], &writes);
  return !mst_set_meets(&need, &writes);
}

static bool is_pure(const ir_expr *e) { return !e || !mst_ir_is_random(e); }

static int first_mention(optimise_state *o, const ir_block *b, const ir_var *v) {
  int i = 0;
  while (i < b->nstmts && !mentions(o, b->stmt[i], v)) i++;
  return i;
}

/* Variables are looked for within statements up to this many deep inside: of a program as large
 * as that, declarations stay where they are. */
enum { MOST_INSIDE = 4096 };

static void count_one(const ir_stmt *s, void *argument) {
  (void)s;
  ++*(int *)argument;
}

static bool is_large(const ir_stmt *s) {
  int n = 0;
  mst_ir_visit_stmts(s, count_one, &n);
  return n > MOST_INSIDE;
}

/* A block whose declarations are moved: those gone are NULL until the end. */
typedef struct sinker {
  optimise_state *o;
  ir_block *b;
  ir_uses *uses;
  bool *large; /* by statement */
} sinker;

/* The first statement from `from` on that uses v; those that are gone use nothing. */
static int next_use(const sinker *k, const ir_var *v, int from) {
  int i = mst_ir_uses_first(k->uses, v, from);
  while (i < k->b->nstmts && !k->b->stmt[i]) i = mst_ir_uses_first(k->uses, v, i + 1);
  return i;
}

/* Moves the declaration at `at` into the only later statement that uses its variable. */
static bool sink_one(sinker *k, int at) {
  optimise_state *o = k->o;
  ir_block *b = k->b;
  ir_stmt *decl = b->stmt[at];
  ir_var *v = decl->var;
  if (v->role != IR_LOCAL || v->persistent || mst_set_has(&o->roots, v) || !is_pure(decl->rhs))
    return false;
  int user = next_use(k, v, at + 1);
  if (user == b->nstmts || next_use(k, v, user + 1) < b->nstmts) return false;
  ir_block *room = k->large[user] ? NULL : room_in(o, b->stmt[user], v);
  if (!room || !dims_hold(o, b, at + 1, user, v)) return false;
  if (b->stmt[user]->kind == IR_FOR && !block_covers(o, room, v, NULL, 0)) return false;
  if (b->stmt[user]->kind != IR_FOR && (decl->rhs || decl->zero)) return false;
  if (b->stmt[user]->kind == IR_FOR) {
    decl->rhs = NULL;
    decl->zero = false;
    v->constant = false;
  }
  ir_set dims = {0};
  for (int i = 0; i < v->ndims; i++) mst_ir_reads(o->c, v->dim[i], &dims);
  ir_var **of = NULL;
  const int n = mst_set_list(o->c, o->p, &dims, &of);
  for (int i = 0; i < n; i++) mst_ir_uses_add(k->uses, of[i], user);
  mst_ir_insert(o->c, room, first_mention(o, room, v), decl);
  b->stmt[at] = NULL;
  return true;
}

/* A scalar's declaration and its first assignment in the same block become one. */
static void join_one(sinker *k, int at) {
  optimise_state *o = k->o;
  ir_block *b = k->b;
  ir_stmt *decl = b->stmt[at];
  ir_var *v = decl->var;
  if (v->ndims > 0 || v->role != IR_LOCAL || !is_pure(decl->rhs)) return;
  int writes = mst_ir_uses_writes(k->uses, v);
  if (decl->rhs && writes == 0) v->constant = true;
  int i = next_use(k, v, at + 1);
  if (i == b->nstmts) return;
  ir_stmt *s = b->stmt[i];
  if (s->kind != IR_ASSIGN || s->var != v || s->add || reads(o, s->rhs, v)) return;
  ir_stmt *joined = mst_ir_stmt(o->c, IR_DECL, s->loc);
  joined->var = v;
  joined->rhs = s->rhs;
  v->constant = writes == 1;
  b->stmt[i] = joined;
  b->stmt[at] = NULL;
}

static bool declares(const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++)
    if (b->stmt[i]->kind == IR_DECL) return true;
  return false;
}

static void sink_block(optimise_state *o, ir_uses *uses, ir_block *b) {
  if (declares(b)) {
    sinker k = {o, b, uses, MST_LANG_ARRAY(o->c, bool, b->nstmts)};
    mst_ir_uses_of(uses, b);
    for (int i = 0; i < b->nstmts; i++) k.large[i] = is_large(b->stmt[i]);
    for (int i = b->nstmts; i-- > 0;)
      if (b->stmt[i]->kind == IR_DECL && !sink_one(&k, i)) join_one(&k, i);
    int kept = 0;
    for (int i = 0; i < b->nstmts; i++)
      if (b->stmt[i]) b->stmt[kept++] = b->stmt[i];
    b->nstmts = kept;
  }
  for (int i = 0; i < b->nstmts; i++) {
    sink_block(o, uses, &b->stmt[i]->body);
    sink_block(o, uses, &b->stmt[i]->other);
  }
}

void mst_optimise_sink(optimise_state *o, ir_block *b) {
  ir_uses uses = mst_ir_uses(o->c);
  sink_block(o, &uses, b);
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
