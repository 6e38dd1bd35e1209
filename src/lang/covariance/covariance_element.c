/* lang/covariance/covariance_element.c -- one element of a matrix as a program of its own.
 *
 * The statements that write the matrix are gone through in their order. An assignment m[a, b] =
 * x inside loops writes the element wanted where a and b, linear forms of the counters, are its
 * row and column: that determines the counters, and the bounds of their loops become conditions,
 * nearly always decided by what is known of the place (below the diagonal, or on it). Of the
 * statements around the assignment those come along that x needs. Loops whose counters are in
 * neither index stay loops.
 */
#include <math.h>

#include "lang/covariance/covariance_iteration.h"

enum { MOST = 400 }; /* elements that one is put together from: they are not shared */

/* ---- what the assigned expression needs */

typedef struct helper {
  const ir_stmt *s;
  int level; /* statements of the path that it is in */
  bool needed;
} helper;

typedef struct helpers {
  helper *list;
  int count;
} helpers;

static const ir_block *block_of(const covariance_site *s, int i) {
  return s->otherwise[i] ? &s->path[i]->other : &s->path[i]->body;
}

static helpers helpers_of(covariance_state *k, const covariance_site *s) {
  helpers h = {0};
  for (int i = 0; i < s->n; i++) {
    const ir_block *b = block_of(s, i);
    const ir_stmt *next = i + 1 < s->n ? s->path[i + 1] : s->assign;
    for (int j = 0; b->stmt[j] != next; j++) {
      helper one = {.s = b->stmt[j], .level = i + 1};
      MST_LANG_PUSH(k->c, h.list, h.count, one);
    }
  }
  return h;
}

static bool meets_matrix(const covariance_state *k, const ir_set *set) {
  for (int i = 0; i < k->nvars; i++)
    if (mst_set_has(set, k->p->var[i]) && mst_covariance_is_matrix(k, k->p->var[i])) return true;
  return false;
}

/* A needed variable must be declared and written in the same iteration: nothing is carried from
 * element to element. */
typedef struct carried {
  covariance_state *k;
  const covariance_site *s;
  const ir_set *needed;
  ir_table level; /* of int: 1 + the loops of the path around its declaration */
  const ir_var *bad;
} carried;

static void look_carried(carried *w, const ir_stmt *s, int loops) {
  bool on_path = false;
  for (int i = 0; i < w->s->n; i++) on_path |= w->s->path[i] == s && s->kind == IR_FOR;
  if (s->kind == IR_DECL) *(int *)mst_ir_entry(&w->level, s->var) = 1 + loops;
  ir_set writes = {0};
  ir_stmt own = *s;
  own.body = own.other = (ir_block){0};
  mst_ir_stmt_writes(w->k->c, &own, &writes);
  for (int i = 0; i < w->k->nvars; i++) {
    const ir_var *v = w->k->p->var[i];
    if (mst_set_has(&writes, v) && mst_set_has(w->needed, v) &&
        !mst_covariance_is_matrix(w->k, v) && *(const int *)mst_ir_entry(&w->level, v) != 1 + loops)
      w->bad = v;
  }
  for (int i = 0; i < s->body.nstmts; i++) look_carried(w, s->body.stmt[i], loops + on_path);
  for (int i = 0; i < s->other.nstmts; i++) look_carried(w, s->other.stmt[i], loops + on_path);
}

static bool mark_needed(covariance_state *k, const covariance_site *s, helpers *h,
                        const ir_stmt *outermost) {
  ir_set needed = {0};
  mst_ir_reads(k->c, s->assign->rhs, &needed);
  for (int i = 0; i < s->n; i++) {
    if (s->path[i]->cond) mst_ir_reads(k->c, s->path[i]->cond, &needed);
    if (s->path[i]->count) mst_ir_reads(k->c, s->path[i]->count, &needed);
  }
  for (int i = h->count; i-- > 0;) {
    ir_set makes = {0};
    const ir_stmt *t = h->list[i].s;
    mst_ir_stmt_writes(k->c, t, &makes);
    if (t->kind == IR_DECL) mst_set_add(k->c, &makes, t->var);
    if (!mst_set_meets(&makes, &needed)) continue;
    if (meets_matrix(k, &makes)) { /* looked up where its element is read */
      bool others = false;
      for (int v = 0; v < k->nvars; v++)
        others |= mst_set_has(&makes, k->p->var[v]) && mst_set_has(&needed, k->p->var[v]) &&
                  !mst_covariance_is_matrix(k, k->p->var[v]);
      if (others)
        return mst_covariance_refuse(k, t->loc,
                                     "a loop writes elements and what others are computed from");
      if (t->kind == IR_ASSIGN) mst_ir_stmt_reads(k->c, t, &needed);
      continue;
    }
    h->list[i].needed = true;
    mst_ir_stmt_reads(k->c, t, &needed);
  }
  carried w = {.k = k, .s = s, .needed = &needed, .level = mst_ir_table(k->c, sizeof(int))};
  look_carried(&w, outermost, 0);
  return !w.bad || mst_covariance_refuse(k, s->assign->loc, "%s goes on from element to element",
                                         mst_ir_shown(k->c, w.bad));
}

/* ---- the value that an assignment gives */

static bool clone_helpers(covariance_state *k, const helpers *h, int level,
                          const ir_stmt *outermost) {
  for (int i = 0; i < h->count; i++)
    if (h->list[i].needed && h->list[i].level == level &&
        !mst_covariance_clone(k, h->list[i].s, outermost))
      return false;
  return true;
}

static ir_expr *new_value(covariance_state *k, const covariance_site *s, ir_expr *before,
                          const ir_stmt *outermost) {
  ir_expr *x = mst_covariance_map(k, s->assign->rhs, outermost, s->assign->loc);
  if (!x || !s->assign->add) return x;
  return mst_ir_call2(k->c, IR_ADD, before ? mst_ir_copy(k->c, before) : mst_ir_real(k->c, NAN), x);
}

static ir_expr *held(covariance_state *k, ir_expr *x, lang_loc loc, bool constant) {
  if (constant && ((x->op == IR_LOAD && x->nargs == 0) || x->op == IR_CONST_REAL)) return x;
  ir_stmt *d = mst_ir_stmt(k->c, IR_DECL, loc);
  d->var = mst_ir_var(k->c, k->p, "k", IR_LANE, IR_LOCAL, 0, NULL);
  d->var->constant = constant;
  d->var->once = constant;
  d->rhs = x;
  mst_ir_append(k->c, k->out, d);
  return mst_ir_scalar(k->c, d->var);
}

/* Conditions that are not decided, around what follows. */
static void guard(covariance_state *k, const covariance_place *p, lang_loc loc) {
  ir_expr *all = NULL;
  for (int i = 0; i < p->n; i++) {
    ir_expr *one =
        mst_ir_call2(k->c, IR_GE, mst_linear_expr(k->c, &p->cond[i]), mst_ir_int(k->c, 0));
    all = all ? mst_ir_call2(k->c, IR_AND, all, one) : one;
  }
  if (!all) return;
  ir_stmt *s = mst_ir_stmt(k->c, IR_IF, loc);
  s->cond = all;
  mst_ir_append(k->c, k->out, s);
  k->out = &s->body;
}

/* Conditions of the path that are decided; false: the assignment is not reached. */
static bool is_reached(covariance_state *k, covariance_site *s) {
  for (int i = 0; i < s->n; i++) {
    if (s->path[i]->kind != IR_IF) continue;
    int holds = mst_covariance_decided(k, s->path[i]->cond);
    s->stays[i] = holds < 0;
    if (holds >= 0 && (holds == 1) == s->otherwise[i]) return false;
  }
  return true;
}

/* The loops and conditions that stay, with what helps in each; k->out is then where the
 * assignment stands. */
static bool open_path(covariance_state *k, const covariance_site *s, const helpers *h,
                      const ir_stmt *outermost) {
  for (int i = 0; i < s->n; i++) {
    ir_stmt *copy;
    if (s->stays[i]) {
      if (!mst_covariance_open(k, s->path[i], outermost, &copy)) return false;
      k->out = s->otherwise[i] ? &copy->other : &copy->body;
    }
    if (!clone_helpers(k, h, i + 1, outermost)) return false;
  }
  return true;
}

/* Runs one assignment on the element: self->value goes from before to after. */
static bool run_site(covariance_state *k, covariance_site *s, covariance_self *self,
                     const covariance_place *rest, const ir_stmt *outermost) {
  bool stays = rest->n > 0;
  helpers h = helpers_of(k, s);
  if (!is_reached(k, s)) return true;
  if (!mark_needed(k, s, &h, outermost)) return false;
  for (int i = 0; i < s->n; i++) stays |= s->stays[i];
  lang_loc loc = s->assign->loc;
  ir_block *outer = k->out;
  if (stays) self->value = held(k, self->value ? self->value : mst_ir_real(k->c, NAN), loc, false);
  guard(k, rest, loc);
  if (!open_path(k, s, &h, outermost)) return false;
  ir_expr *x = new_value(k, s, self->value, outermost);
  if (!x) return false;
  if (stays) {
    ir_stmt *a = mst_ir_stmt(k->c, IR_ASSIGN, loc);
    a->var = self->value->var;
    a->rhs = x;
    mst_ir_append(k->c, k->out, a);
  } else {
    self->value = held(k, x, loc, true);
  }
  k->out = outer;
  return true;
}

/* ---- elements that the statement at hand has written itself */

static bool same_block(const covariance_site *a, const covariance_site *b) {
  for (int i = 0; i < a->n && i < b->n; i++)
    if (a->path[i] != b->path[i] || a->otherwise[i] != b->otherwise[i]) return false;
  return a->n == b->n;
}

static bool writes_here(covariance_state *k, const covariance_site *s,
                        const lang_linear wanted[2]) {
  lang_linear index[2];
  for (int e = 0; e < 2; e++)
    if (!mst_covariance_linear(k, s->assign->index[e], false, &index[e]) ||
        !mst_linear_same(&index[e], &wanted[e]))
      return false;
  return true;
}

/* What the assignment right before `reader`, in the same block, has just written. */
static ir_expr *written_beside(covariance_state *k, const covariance_sites *l,
                               const covariance_site *reader, const lang_linear wanted[2],
                               const ir_stmt *outermost, lang_loc loc) {
  const covariance_site *s = reader - 1;
  if (reader > l->site && same_block(s, reader) && !s->assign->add && writes_here(k, s, wanted))
    return mst_covariance_map(k, s->assign->rhs, outermost, s->assign->loc);
  mst_covariance_refuse(
      k, loc, "an element of %s is computed from one that the same loop computes elsewhere",
      mst_ir_shown(k->c, l->matrix));
  return NULL;
}

/* ---- all statements */

static bool run_statement(covariance_state *k, const ir_stmt *s, covariance_self *self) {
  covariance_sites *l = MST_LANG_NEW(k->c, covariance_sites);
  const lang_linear wanted[2] = {self->row, self->col};
  const covariance_site *ran = NULL;
  l->matrix = self->matrix;
  if (!mst_covariance_find_sites(k, s, l))
    return mst_covariance_refuse(k, s->loc, "it is not computed element by element");
  for (int i = 0; i < l->count; i++) {
    covariance_place rest;
    covariance_outcome f = mst_covariance_find_iteration(k, &l->site[i], wanted, &rest);
    if (f == MST_COVARIANCE_REFUSED)
      return mst_covariance_refuse(k, l->site[i].assign->loc,
                                   "an element is written at a place that is not simple");
    if (f == MST_COVARIANCE_NEVER) continue;
    if (ran && !mst_covariance_same_iterations(ran, &l->site[i]))
      return mst_covariance_refuse(k, l->site[i].assign->loc,
                                   "an element is written by two iterations of a loop");
    ran = &l->site[i];
    self->list = l;
    self->reader = &l->site[i];
    self->statement = s;
    if (!run_site(k, &l->site[i], self, &rest, s)) return false;
  }
  return true;
}

static const covariance_self *self_of(const covariance_state *k, const ir_var *matrix,
                                      const ir_stmt *statement) {
  for (const covariance_self *self = k->self; self; self = self->up)
    if (self->matrix == matrix && self->statement == statement) return self;
  return NULL;
}

ir_expr *mst_covariance_element(covariance_state *k, const ir_var *matrix, const lang_linear *row,
                                const lang_linear *col, const ir_stmt *before, lang_loc loc) {
  ir_set writes = {0};
  const lang_linear wanted[2] = {*row, *col};
  mst_set_add(k->c, &k->matrices, matrix);
  if (before) mst_ir_stmt_writes(k->c, before, &writes);
  if (mst_set_has(&writes, matrix)) { /* in the midst of its own statement */
    const covariance_self *self = self_of(k, matrix, before);
    if (!self) {
      mst_covariance_refuse(k, loc, "two matrices are computed from each other in one loop");
      return NULL;
    }
    if (mst_linear_same(row, &self->row) && mst_linear_same(col, &self->col))
      return self->value ? mst_ir_copy(k->c, self->value) : mst_ir_real(k->c, NAN);
    return written_beside(k, self->list, self->reader, wanted, before, loc);
  }
  if (++k->elements > MOST) {
    mst_covariance_refuse(k, loc, "an element is computed from more than %d others", MOST);
    return NULL;
  }
  covariance_self self = {.matrix = matrix, .row = *row, .col = *col, .up = k->self};
  k->self = &self;
  bool done = true;
  for (int i = 0; done && i < k->p->density.nstmts && k->p->density.stmt[i] != before; i++) {
    const ir_stmt *s = k->p->density.stmt[i];
    ir_set written = {0};
    mst_ir_stmt_writes(k->c, s, &written);
    if (mst_set_has(&written, matrix)) done = run_statement(k, s, &self);
  }
  k->self = self.up;
  if (!done) return NULL;
  return self.value ? self.value : mst_ir_real(k->c, NAN);
}
