/* lang/ir/ir_unset.c -- variables that may be read before they have a value: NaN until then.
 *
 * A variable of the program that is declared without a value is NaN in Stan (an int: the smallest).
 * Most are written before they are read, and this pass sees it, so that nothing is filled for them.
 *
 * What is known to be written is kept as boxes: in each dimension from `low` up to, not including,
 * `high`, linear forms of counters and sizes. An assignment to x[i + 1, j] adds a box of one
 * element. After the loop over j the box is a row; after the one over i a matrix; within it, the
 * rows of the iterations before. A branch adds what both sides write. What is read must lie in
 * one box. False alarms cost a loop that fills, never a wrong value.
 */
#include <math.h>

#include "lang/ir/ir_edit.h"
#include "lang/ir/ir_table.h"
#include "lang/ir/ir_walk.h"
#include "lang/ir/linear.h"

enum { DIMS = 10, MOST_LOOPS = 16, MOST_BOXES = 64 };

typedef struct box {
  lang_linear low[DIMS], high[DIMS];
} box;

typedef struct known {
  box *at;
  int n;
  bool all; /* every element; or this point is never reached */
} known;

typedef struct scan {
  lang_context *c;
  const ir_program *p;
  ir_table value; /* const ir_expr *: what a constant int of the block is */
  const ir_var *var;
  lang_linear dim[DIMS];
  bool shaped; /* all dimensions are linear forms */
  ir_var *loop[MOST_LOOPS];
  lang_linear count[MOST_LOOPS];
  bool counted[MOST_LOOPS];
  int nloops;
  bool silent; /* reads are not looked at */
  bool early;  /* something is read that may not be written yet */
} scan;

/* ---- index expressions as linear forms */

static bool form(scan *k, const ir_expr *e, lang_linear *to) {
  lang_linear b;
  if (e->op == IR_CONST_INT) {
    *to = mst_linear_int(e->integer);
    return true;
  }
  if (e->op == IR_CHECK_INDEX) return form(k, e->arg[0], to);
  if (e->op == IR_LOAD) {
    if (e->nargs || e->type != IR_INT || !(e->var->constant || e->var->role == IR_LOOP))
      return false;
    const ir_expr *const *value = mst_ir_entry(&k->value, e->var);
    if (*value && form(k, *value, to)) return true;
    *to = mst_linear_atom(e->var);
    return true;
  }
  if (e->op != IR_CALL) return false;
  if (e->prim != IR_ADD && e->prim != IR_SUB && e->prim != IR_NEG && e->prim != IR_MUL)
    return false;
  if (!form(k, e->arg[0], to)) return false;
  if (e->prim == IR_NEG) {
    b = *to;
    return mst_linear_add(to, &b, -2);
  }
  if (!form(k, e->arg[1], &b)) return false;
  if (e->prim != IR_MUL) return mst_linear_add(to, &b, e->prim == IR_ADD ? 1 : -1);
  if (b.n && to->n) return false;
  lang_linear product = mst_linear_int(0);
  const int64_t times = b.n ? to->constant : b.constant;
  if (!mst_linear_add(&product, b.n ? &b : to, times)) return false;
  *to = product;
  return true;
}

/* Of a count or a size: max(n, 0) is as good as n, since neither has elements when n is
 * negative. */
static bool size_form(scan *k, const ir_expr *e, lang_linear *to) {
  const ir_expr *const *value = NULL;
  if (e->op == IR_LOAD && e->nargs == 0) value = mst_ir_entry(&k->value, e->var);
  if (value && *value) e = *value;
  if (e->op == IR_CALL && e->prim == IR_INT_MAX && mst_ir_is_int(e->arg[1], 0)) e = e->arg[0];
  return form(k, e, to);
}

static bool less_equal(scan *k, const lang_linear *a, const lang_linear *b) {
  lang_linear given[2 * MOST_LOOPS], d = *b;
  int n = 0;
  if (!mst_linear_add(&d, a, -1)) return false;
  for (int i = 0; i < k->nloops; i++) {
    lang_linear counter = mst_linear_atom(k->loop[i]), rest = k->count[i];
    given[n++] = counter;
    rest.constant--;
    if (k->counted[i] && mst_linear_add(&rest, &counter, -1)) given[n++] = rest;
  }
  return mst_linear_holds(&d, given, n);
}

/* ---- boxes */

static bool within(scan *k, const box *a, const box *b) {
  for (int d = 0; d < k->var->ndims; d++)
    if (!less_equal(k, &b->low[d], &a->low[d]) || !less_equal(k, &a->high[d], &b->high[d]))
      return false;
  return true;
}

/* a grows by b when they meet in one dimension and are the same in all others. */
static bool joined(scan *k, box *a, const box *b) {
  int differs = -1;
  for (int d = 0; d < k->var->ndims; d++) {
    if (mst_linear_same(&a->low[d], &b->low[d]) && mst_linear_same(&a->high[d], &b->high[d]))
      continue;
    if (differs >= 0) return false;
    differs = d;
  }
  if (differs < 0) return true;
  if (mst_linear_same(&a->high[differs], &b->low[differs]))
    a->high[differs] = b->high[differs];
  else if (mst_linear_same(&b->high[differs], &a->low[differs]))
    a->low[differs] = b->low[differs];
  else
    return false;
  return true;
}

static void learn(scan *k, known *w, box b) {
  const lang_linear zero = mst_linear_int(0);
  if (w->all) return;
  for (int i = 0; i < w->n; i++)
    if (within(k, &b, &w->at[i])) return;
  for (int i = 0; i < w->n; i++)
    if (joined(k, &w->at[i], &b)) { /* what has grown may meet others */
      b = w->at[i];
      w->at[i] = w->at[--w->n];
      learn(k, w, b);
      return;
    }
  bool all = k->shaped;
  for (int d = 0; d < k->var->ndims && all; d++)
    all = less_equal(k, &b.low[d], &zero) && less_equal(k, &k->dim[d], &b.high[d]);
  if (all) w->all = true;
  if (w->n < MOST_BOXES) MST_LANG_PUSH(k->c, w->at, w->n, b);
}

static known copy_of(scan *k, const known *w) {
  known r = {.all = w->all};
  for (int i = 0; i < w->n; i++) MST_LANG_PUSH(k->c, r.at, r.n, w->at[i]);
  return r;
}

/* What is known after either of two branches. */
static known both(scan *k, const known *a, const known *b) {
  known r = {0};
  if (a->all) return copy_of(k, b);
  if (b->all) return copy_of(k, a);
  for (int pass = 0; pass < 2; pass++) {
    const known *from = pass ? b : a, *other = pass ? a : b;
    for (int i = 0; i < from->n; i++)
      for (int j = 0; j < other->n; j++)
        if (within(k, &from->at[i], &other->at[j])) {
          learn(k, &r, from->at[i]);
          break;
        }
  }
  return r;
}

/* ---- reading and writing */

static bool element(scan *k, ir_expr *const *index, int n, box *b) {
  const lang_linear one = mst_linear_int(1);
  if (n != k->var->ndims) return false;
  for (int d = 0; d < n; d++) {
    if (!form(k, index[d], &b->low[d])) return false;
    b->high[d] = b->low[d];
    if (!mst_linear_add(&b->high[d], &one, 1)) return false;
  }
  return true;
}

/* Of an index that is no linear form: any in its dimension. */
static bool may_be(scan *k, const ir_expr *load, box *b) {
  for (int d = 0; d < load->nargs; d++) {
    ir_expr *const *index = &load->arg[d];
    const lang_linear one = mst_linear_int(1);
    if (form(k, *index, &b->low[d])) {
      b->high[d] = b->low[d];
      if (!mst_linear_add(&b->high[d], &one, 1)) return false;
    } else {
      b->low[d] = mst_linear_int(0);
      b->high[d] = k->dim[d];
    }
  }
  return k->shaped;
}

typedef struct reading {
  scan *k;
  const known *w;
} reading;

static void read_one(const ir_expr *e, void *argument) {
  const reading *r = argument;
  box b;
  if (e->op != IR_LOAD || e->var != r->k->var || r->w->all) return;
  bool known_index = element(r->k, e->arg, e->nargs, &b) || may_be(r->k, e, &b);
  for (int i = 0; i < r->w->n && known_index; i++)
    if (within(r->k, &b, &r->w->at[i])) return;
  r->k->early = true;
}

static void read(scan *k, const ir_expr *e, const known *w) {
  reading r = {k, w};
  if (e && !k->silent) mst_ir_visit(e, read_one, &r);
}

static void read_whole(scan *k, const ir_var *v, const known *w) {
  if (v == k->var && !w->all && !k->silent) k->early = true;
}

/* ---- statements */

static void list(scan *k, const ir_block *b, int from, known *w);

/* The box as the iterations 0 to `count` - 1 of a loop make it; false: not all of it is sure. */
static bool over_iterations(scan *k, box *b, const ir_var *counter, const lang_linear *count) {
  int moves = -1;
  for (int d = 0; d < k->var->ndims; d++) {
    for (int i = 0; i < b->low[d].n; i++)
      if (b->low[d].atom[i]->id > counter->id) return false; /* declared in the loop */
    for (int i = 0; i < b->high[d].n; i++)
      if (b->high[d].atom[i]->id > counter->id) return false;
    const int64_t low = mst_linear_factor(&b->low[d], counter),
                  high = mst_linear_factor(&b->high[d], counter);
    if (low == 0 && high == 0) continue;
    if (moves >= 0 || low != high || (low != 1 && low != -1)) return false;
    moves = d;
  }
  lang_linear width, end = *count, at = mst_linear_atom((ir_var *)(uintptr_t)counter);
  if (moves < 0) return count->n == 0 && count->constant > 0;
  width = b->high[moves];
  if (!mst_linear_add(&width, &b->low[moves], -1) || width.n || width.constant != 1) return false;
  const int64_t sign = mst_linear_factor(&b->low[moves], counter);
  lang_linear *first = &b->low[moves], *last = &b->high[moves];
  if (!mst_linear_add(first, &at, -sign) || !mst_linear_add(last, &at, -sign)) return false;
  end.constant--;
  return mst_linear_add(sign > 0 ? last : first, &end, sign);
}

static void loop(scan *k, const ir_stmt *s, known *w) {
  known body = {0}, now = copy_of(k, w);
  const bool silent = k->silent, early = k->early;
  lang_linear count, here = mst_linear_atom(s->var);
  const bool counted = size_form(k, s->count, &count);
  if (k->nloops == MOST_LOOPS) {
    k->early = true;
    return;
  }
  k->loop[k->nloops] = s->var;
  k->count[k->nloops] = count;
  k->counted[k->nloops++] = counted;
  k->silent = true;
  list(k, &s->body, 0, &body);
  k->silent = silent;
  k->early = early;
  for (int i = 0; i < body.n && !silent; i++) {
    box b = body.at[i];
    if (over_iterations(k, &b, s->var, &here)) learn(k, &now, b);
  }
  if (!silent) list(k, &s->body, 0, &now);
  k->nloops--;
  for (int i = 0; i < body.n && counted; i++) {
    box b = body.at[i];
    if (over_iterations(k, &b, s->var, &count)) learn(k, w, b);
  }
  if (body.all && counted && count.n == 0 && count.constant > 0) w->all = true;
}

static void branches(scan *k, const ir_stmt *s, known *w) {
  known yes = copy_of(k, w), no = copy_of(k, w);
  list(k, &s->body, 0, &yes);
  list(k, &s->other, 0, &no);
  *w = both(k, &yes, &no);
}

static void assign(scan *k, const ir_stmt *s, known *w) {
  box b;
  for (int i = 0; i < s->nindices; i++) read(k, s->index[i], w);
  read(k, s->rhs, w);
  if (s->var != k->var) return;
  if (s->add) {
    ir_expr load = {.op = IR_LOAD, .var = s->var, .arg = s->index, .nargs = s->nindices};
    read(k, &load, w);
  }
  if (s->nindices == 0)
    w->all = true;
  else if (element(k, s->index, s->nindices, &b))
    learn(k, w, b);
}

static void statement(scan *k, const ir_stmt *s, known *w) {
  switch (s->kind) {
  case IR_DECL:
    read(k, s->rhs, w);
    for (int d = 0; d < s->var->ndims; d++) read(k, s->var->dim[d], w);
    break;
  case IR_ASSIGN:
    assign(k, s, w);
    break;
  case IR_FOR:
    read(k, s->count, w);
    loop(k, s, w);
    break;
  case IR_WHILE: {
    known now = copy_of(k, w);
    read(k, s->cond, w);
    list(k, &s->body, 0, &now);
    break;
  }
  case IR_IF:
    read(k, s->cond, w);
    branches(k, s, w);
    break;
  case IR_BLOCK:
    list(k, &s->body, 0, w);
    break;
  case IR_ROUTINE:
    for (int i = 0; i < s->nsizes; i++) read(k, s->size[i], w);
    for (int i = 0; i < s->nin; i++) read_whole(k, s->in[i], w);
    if (s->ode && !k->silent) k->early = true; /* it reads what its right-hand side does */
    for (int i = 0; i < s->nout; i++)
      if (s->out[i] == k->var) w->all = true;
    break;
  case IR_REJECT:
  case IR_PRINT:
    for (int i = 0; i < s->nargs; i++) read(k, s->arg[i], w);
    if (s->kind == IR_REJECT) w->all = true; /* nothing comes after it */
    break;
  default:
    read(k, s->rhs, w);
  }
}

static void list(scan *k, const ir_block *b, int from, known *w) {
  for (int i = from; i < b->nstmts && !w->all && !k->early; i++) statement(k, b->stmt[i], w);
}

static void note_value(const ir_stmt *s, void *argument) {
  scan *k = argument;
  if (s->kind != IR_DECL || !s->var->constant || s->var->type != IR_INT || !s->rhs) return;
  const ir_expr **value = mst_ir_entry(&k->value, s->var);
  *value = s->rhs;
}

static void note_values(scan *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) mst_ir_visit_stmts(b->stmt[i], note_value, k);
}

/* Whether the variable that statement `at` of the block declares may be read too early. */
static bool is_early(scan *k, const ir_block *b, int at) {
  known w = {0};
  k->var = b->stmt[at]->var;
  k->shaped = true;
  k->early = k->silent = false;
  k->nloops = 0;
  for (int d = 0; d < k->var->ndims; d++)
    if (mst_ir_is_int(k->var->dim[d], 0)) return false;
  for (int d = 0; d < k->var->ndims; d++)
    if (!size_form(k, k->var->dim[d], &k->dim[d])) k->shaped = false;
  list(k, b, at + 1, &w);
  if (k->var->role == IR_DATA && !w.all) return true; /* other blocks read it */
  return k->early;
}

/* ---- filling */

static ir_expr *nothing(lang_context *c, const ir_var *v) {
  return v->type == IR_INT ? mst_ir_int(c, INT32_MIN) : mst_ir_real(c, NAN);
}

static ir_stmt *filling(lang_context *c, ir_program *p, ir_var *v) {
  ir_stmt *s = mst_ir_stmt(c, IR_ASSIGN, (lang_loc){0});
  int outermost = -1;
  s->var = v;
  s->nindices = v->ndims;
  s->index = MST_LANG_ARRAY(c, ir_expr *, v->ndims);
  s->rhs = nothing(c, v);
  for (int d = v->ndims - 1; d >= 0; d--)
    if (v->dim[d]->op == IR_LOAD && v->dim[d]->var == p->shard_size) outermost = d;
  for (int pass = 0; pass < 2; pass++)
    for (int d = v->ndims - 1; d >= 0; d--) {
      if ((d == outermost) != (pass == 1)) continue;
      ir_stmt *f = mst_ir_stmt(c, IR_FOR, (lang_loc){0});
      ir_var *i = mst_ir_var(c, p, "i", IR_INT, IR_LOOP, 0, NULL);
      i->constant = true;
      f->var = i;
      f->count = mst_ir_copy(c, v->dim[d]);
      mst_ir_append(c, &f->body, s);
      f->loc = s->loc;
      ir_stmt *inner = s;
      while (inner->kind == IR_FOR) inner = inner->body.stmt[0];
      inner->index[d] = mst_ir_scalar(c, i);
      s = f;
    }
  return s;
}

static void fill(scan *k, ir_program *p, ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    fill(k, p, &s->body);
    fill(k, p, &s->other);
    if (s->kind != IR_DECL || !s->var->unset || s->rhs || !is_early(k, b, i)) continue;
    if (s->var->ndims == 0) {
      s->rhs = nothing(k->c, s->var);
      s->var->constant = false;
    } else {
      mst_ir_insert(k->c, b, ++i, filling(k->c, p, s->var));
    }
  }
}

void mst_ir_fill_unset(lang_context *c, ir_program *p, ir_block *b) {
  scan k = {.c = c, .p = p, .value = mst_ir_table(c, sizeof(const ir_expr *))};
  note_values(&k, &p->setup);
  if (b != &p->setup) note_values(&k, b);
  fill(&k, p, b);
}
