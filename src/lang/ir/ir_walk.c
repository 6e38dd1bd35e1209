/* lang/ir/ir_walk.c -- see ir_walk.h. */
#include "lang/ir/ir_walk.h"

#include <string.h>

/* ---- sets */

/* The first word at or after `at`; s->nwords: none. */
static int find(const ir_set *s, int at) {
  int low = 0, high = s->nwords;
  if (high > 0 && s->word[high - 1].at < at) return high;
  while (low < high) {
    int mid = low + (high - low) / 2;
    if (s->word[mid].at < at)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

bool mst_set_has(const ir_set *s, const ir_var *v) {
  int i = find(s, v->id / 64);
  return i < s->nwords && s->word[i].at == v->id / 64 && (s->word[i].bits >> (v->id % 64) & 1);
}

static void reserve(lang_context *c, ir_set *s, int nwords) {
  if (nwords <= s->room) return;
  int room = nwords > 2 * s->room ? nwords : 2 * s->room;
  ir_set_word *word = MST_LANG_ARRAY(c, ir_set_word, room);
  if (s->nwords > 0) memcpy(word, s->word, (size_t)s->nwords * sizeof *word);
  s->word = word;
  s->room = room;
}

void mst_set_add(lang_context *c, ir_set *s, const ir_var *v) {
  const int at = v->id / 64, i = find(s, at);
  if (i == s->nwords || s->word[i].at != at) {
    reserve(c, s, s->nwords + 1);
    memmove(s->word + i + 1, s->word + i, (size_t)(s->nwords - i) * sizeof *s->word);
    s->word[i] = (ir_set_word){.at = at};
    s->nwords++;
  }
  s->word[i].bits |= (uint64_t)1 << (v->id % 64);
}

void mst_set_remove(ir_set *s, const ir_var *v) {
  const int at = v->id / 64, i = find(s, at);
  if (i < s->nwords && s->word[i].at == at) s->word[i].bits &= ~((uint64_t)1 << (v->id % 64));
}

bool mst_set_union(lang_context *c, ir_set *a, const ir_set *b) {
  bool grew = false;
  int extra = 0; /* words of b that a lacks */
  for (int i = 0, k = 0; i < b->nwords; i++) {
    while (k < a->nwords && a->word[k].at < b->word[i].at) k++;
    if (k < a->nwords && a->word[k].at == b->word[i].at) {
      grew |= (b->word[i].bits & ~a->word[k].bits) != 0;
      a->word[k].bits |= b->word[i].bits;
    } else if (b->word[i].bits) {
      extra++;
    }
  }
  if (extra == 0) return grew;
  reserve(c, a, a->nwords + extra);
  int k = a->nwords - 1, to = a->nwords + extra - 1;
  a->nwords += extra;
  for (int i = b->nwords - 1; i >= 0; i--) { /* merged from the end */
    if (!b->word[i].bits) continue;
    while (k >= 0 && a->word[k].at > b->word[i].at) a->word[to--] = a->word[k--];
    if (k < 0 || a->word[k].at < b->word[i].at) a->word[to--] = b->word[i];
  }
  return true;
}

bool mst_set_meets(const ir_set *a, const ir_set *b) {
  for (int i = 0, k = 0; i < a->nwords && k < b->nwords;) {
    if (a->word[i].at == b->word[k].at && (a->word[i].bits & b->word[k].bits)) return true;
    if (a->word[i].at <= b->word[k].at)
      i++;
    else
      k++;
  }
  return false;
}

bool mst_set_within(const ir_set *a, const ir_set *b) {
  for (int i = 0; i < a->nwords; i++) {
    int k = find(b, a->word[i].at);
    uint64_t there = k < b->nwords && b->word[k].at == a->word[i].at ? b->word[k].bits : 0;
    if (a->word[i].bits & ~there) return false;
  }
  return true;
}

void mst_set_intersect(ir_set *a, const ir_set *b) {
  for (int i = 0; i < a->nwords; i++) {
    int k = find(b, a->word[i].at);
    a->word[i].bits &= k < b->nwords && b->word[k].at == a->word[i].at ? b->word[k].bits : 0;
  }
}

int mst_set_list(lang_context *c, const ir_program *p, const ir_set *s, ir_var ***list) {
  int n = 0;
  *list = NULL;
  for (int i = 0; i < s->nwords; i++)
    for (int bit = 0; bit < 64; bit++)
      if (s->word[i].bits >> bit & 1) MST_LANG_PUSH(c, *list, n, p->var[64 * s->word[i].at + bit]);
  return n;
}

ir_set mst_set_copy(lang_context *c, const ir_set *s) {
  ir_set copy = {0};
  mst_set_union(c, &copy, s);
  return copy;
}

/* ---- visits */

void mst_ir_visit(const ir_expr *e, ir_visit *visit, void *argument) {
  visit(e, argument);
  for (int i = 0; i < e->nargs; i++) mst_ir_visit(e->arg[i], visit, argument);
}

static void visit_list(ir_expr *const *e, int n, ir_visit *visit, void *argument) {
  for (int i = 0; i < n; i++) mst_ir_visit(e[i], visit, argument);
}

void mst_ir_visit_stmts(const ir_stmt *s, ir_visit_stmts *visit, void *argument) {
  visit(s, argument);
  for (int i = 0; i < s->body.nstmts; i++) mst_ir_visit_stmts(s->body.stmt[i], visit, argument);
  for (int i = 0; i < s->other.nstmts; i++) mst_ir_visit_stmts(s->other.stmt[i], visit, argument);
}

typedef struct visitor {
  ir_visit *visit;
  void *argument;
} visitor;

static void visit_own(const ir_stmt *s, void *argument) {
  const visitor *v = argument;
  visit_list(s->index, s->nindices, v->visit, v->argument);
  if (s->rhs) mst_ir_visit(s->rhs, v->visit, v->argument);
  if (s->cond) mst_ir_visit(s->cond, v->visit, v->argument);
  if (s->count) mst_ir_visit(s->count, v->visit, v->argument);
  visit_list(s->size, s->nsizes, v->visit, v->argument);
  visit_list(s->arg, s->nargs, v->visit, v->argument);
  if (s->kind == IR_DECL) visit_list(s->var->dim, s->var->ndims, v->visit, v->argument);
}

void mst_ir_visit_stmt(const ir_stmt *s, ir_visit *visit, void *argument) {
  visitor v = {visit, argument};
  mst_ir_visit_stmts(s, visit_own, &v);
}

/* ---- reads, writes, declarations */

typedef struct collector {
  lang_context *c;
  ir_set *set;
} collector;

static void add_read(const ir_expr *e, void *argument) {
  const collector *k = argument;
  if (e->op == IR_LOAD) mst_set_add(k->c, k->set, e->var);
}

void mst_ir_reads(lang_context *c, const ir_expr *e, ir_set *set) {
  collector k = {c, set};
  mst_ir_visit(e, add_read, &k);
}

typedef struct var_visitor {
  ir_visit_var *visit;
  void *argument;
} var_visitor;

static void visit_load(const ir_expr *e, void *argument) {
  const var_visitor *k = argument;
  if (e->op == IR_LOAD) k->visit(e->var, false, k->argument);
}

static void visit_reads(const ir_stmt *s, const var_visitor *k) {
  visitor v = {visit_load, (void *)(uintptr_t)k};
  visit_own(s, &v);
  if (s->kind == IR_ASSIGN && s->add) k->visit(s->var, false, k->argument);
  if (s->kind == IR_PUSH) k->visit(s->var, false, k->argument);
  for (int i = 0; i < s->nin; i++) k->visit(s->in[i], false, k->argument);
  if (s->kind != IR_ROUTINE_ADJOINT) return;
  for (int i = 0; i < s->nout; i++) {
    k->visit(s->out[i], false, k->argument);
    if (s->out[i]->adjoint) k->visit(s->out[i]->adjoint, false, k->argument);
  }
}

static void visit_writes(const ir_stmt *s, const var_visitor *k) {
  if (s->kind == IR_ASSIGN || s->kind == IR_POP) k->visit(s->var, true, k->argument);
  if (s->kind == IR_ROUTINE)
    for (int i = 0; i < s->nout; i++) k->visit(s->out[i], true, k->argument);
  if (s->kind == IR_ROUTINE_ADJOINT)
    for (int i = 0; i < s->nin; i++)
      if (s->in[i]->adjoint) k->visit(s->in[i]->adjoint, true, k->argument);
}

static void visit_both(const ir_stmt *s, void *argument) {
  visit_reads(s, argument);
  visit_writes(s, argument);
}

void mst_ir_visit_vars(const ir_stmt *s, ir_visit_var *visit, void *argument) {
  var_visitor k = {visit, argument};
  mst_ir_visit_stmts(s, visit_both, &k);
}

static void add_var(ir_var *v, bool writes, void *argument) {
  const collector *k = argument;
  (void)writes;
  mst_set_add(k->c, k->set, v);
}

static void add_stmt_reads(const ir_stmt *s, void *argument) {
  var_visitor k = {add_var, argument};
  visit_reads(s, &k);
}

void mst_ir_stmt_reads(lang_context *c, const ir_stmt *s, ir_set *set) {
  collector k = {c, set};
  mst_ir_visit_stmts(s, add_stmt_reads, &k);
}

static void add_writes(const ir_stmt *s, void *argument) {
  var_visitor k = {add_var, argument};
  visit_writes(s, &k);
}

void mst_ir_stmt_writes(lang_context *c, const ir_stmt *s, ir_set *set) {
  collector k = {c, set};
  mst_ir_visit_stmts(s, add_writes, &k);
}

static void add_declared(const ir_stmt *s, void *argument) {
  const collector *k = argument;
  if (s->kind == IR_DECL || s->kind == IR_FOR || s->kind == IR_FOR_DOWN)
    mst_set_add(k->c, k->set, s->var);
}

void mst_ir_stmt_declares(lang_context *c, const ir_stmt *s, ir_set *set) {
  collector k = {c, set};
  mst_ir_visit_stmts(s, add_declared, &k);
}

/* ---- tests */

bool mst_ir_any(const ir_expr *e, ir_test *test, void *argument) {
  if (test(e, argument)) return true;
  for (int i = 0; i < e->nargs; i++)
    if (mst_ir_any(e->arg[i], test, argument)) return true;
  return false;
}

static bool draws(const ir_expr *e, void *argument) {
  (void)argument;
  return e->op == IR_CALL && e->prim >= IR_UNIFORM_RNG && e->prim <= IR_POISSON_RNG;
}

bool mst_ir_is_random(const ir_expr *e) { return mst_ir_any(e, draws, NULL); }

static bool may_fail(const ir_expr *e, void *argument) {
  (void)argument;
  return (e->op == IR_LOAD && e->nargs > 0) || e->op == IR_CHECK_INDEX;
}

bool mst_ir_is_blend(const ir_expr *e) {
  return e->op == IR_SELECT && e->type == IR_LANE && e->arg[0]->type == IR_INT &&
         mst_ir_cost(e->arg[1]) + mst_ir_cost(e->arg[2]) <= 6 &&
         !mst_ir_any(e->arg[1], may_fail, NULL) && !mst_ir_any(e->arg[2], may_fail, NULL);
}

int mst_ir_cost(const ir_expr *e) {
  int cost = 0;
  if (e->op == IR_SELECT) cost = 2;
  if (e->op == IR_CALL) {
    if (e->prim <= IR_MUL || (e->prim >= IR_NEG && e->prim <= IR_VALID) || e->prim == IR_SQUARE ||
        e->prim == IR_ABS)
      cost = 1;
    else if (e->prim == IR_DIV || e->prim == IR_INV || e->prim == IR_SQRT)
      cost = 8;
    else
      cost = 20;
  }
  for (int i = 0; i < e->nargs; i++) cost += mst_ir_cost(e->arg[i]);
  return cost;
}
