/* lang/shard_split.c -- which statements are row loops, and blocks taken apart at them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/ast.h"
#include "lang/shard_internal.h"

/* ---- walks */

static void visit_expr(ir_expr *e, cut_visit *f, void *context) {
  if (!e) return;
  f(context, e);
  for (int i = 0; i < e->nargs; i++) visit_expr(e->arg[i], f, context);
}

static void visit_own(ir_stmt *s, cut_visit *f, void *context) {
  for (int i = 0; i < s->nindices; i++) visit_expr(s->index[i], f, context);
  visit_expr(s->rhs, f, context);
  visit_expr(s->cond, f, context);
  visit_expr(s->count, f, context);
  for (int i = 0; i < s->nsizes; i++) visit_expr(s->size[i], f, context);
  for (int i = 0; i < s->nargs; i++) visit_expr(s->arg[i], f, context);
  if (s->kind == IR_DECL)
    for (int i = 0; i < s->var->ndims; i++) visit_expr(s->var->dim[i], f, context);
}

void mst_cut_stmts(ir_block *b, cut_stmt *f, void *context) {
  for (int i = 0; i < b->nstmts; i++) {
    f(context, b->stmt[i]);
    mst_cut_stmts(&b->stmt[i]->body, f, context);
    mst_cut_stmts(&b->stmt[i]->other, f, context);
  }
}

void mst_cut_exprs(ir_block *b, cut_visit *f, void *context) {
  for (int i = 0; i < b->nstmts; i++) {
    visit_own(b->stmt[i], f, context);
    mst_cut_exprs(&b->stmt[i]->body, f, context);
    mst_cut_exprs(&b->stmt[i]->other, f, context);
  }
}

void mst_cut_note(cutter *k, const char *format, ...) {
  char text[512];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  k->report = mst_lang_format(k->c, "%s%s\n", k->report ? k->report : "", text);
}

/* ---- row loops */

typedef struct check {
  cutter *k;
  const ir_var *loop;
  bool ok;
  const ir_var *culprit; /* variable used at another row */
  const char *why;
} check;

static bool is_row(const cutter *k, const ir_var *v) {
  return v->id < k->p->nvars && k->row_dim[v->id] >= 0 && !k->inner[v->id];
}

static bool at_row(const check *q, const ir_var *v, ir_expr *const *index) {
  const ir_expr *e = index[q->k->row_dim[v->id]];
  return e->op == IR_LOAD && (e->var == q->loop || e->var == q->k->row);
}

static void check_expr(void *context, ir_expr *e) {
  check *q = context;
  if (e->op != IR_LOAD || !is_row(q->k, e->var) || at_row(q, e->var, e->arg)) return;
  q->ok = false;
  q->culprit = e->var;
  q->why = "is used at another row";
}

static void refuse(check *q, const ir_var *v, const char *why) {
  q->ok = false;
  q->culprit = v;
  q->why = why;
}

static void check_stmt(void *context, ir_stmt *s) {
  check *q = context;
  cutter *k = q->k;
  if (s->kind == IR_ASSIGN && !k->inner[s->var->id]) {
    if (is_row(k, s->var)) {
      if (s->var->role == IR_ROW_THETA || !at_row(q, s->var, s->index))
        refuse(q, s->var, "is written at another row");
    } else if (!(k->sums && s->add && s->var->type != IR_LANE)) {
      refuse(q, s->var, "has one value for all rows and is changed by a row");
    }
  }
  if (s->kind == IR_ROUTINE) {
    for (int i = 0; i < s->nin; i++)
      if (is_row(k, s->in[i])) refuse(q, s->in[i], "is used as a whole");
    for (int i = 0; i < s->nout; i++)
      if (!k->inner[s->out[i]->id]) refuse(q, s->out[i], "is written as a whole");
  }
}

static void mark_inner(void *context, ir_stmt *s) {
  cutter *k = context;
  if (s->kind == IR_DECL) k->inner[s->var->id] = true;
}
static void unmark_inner(void *context, ir_stmt *s) {
  cutter *k = context;
  if (s->kind == IR_DECL) k->inner[s->var->id] = false;
}

static bool counts_rows(const cutter *k, const ir_stmt *s) {
  return s->kind == IR_FOR && s->count->op == IR_LOAD && s->count->var == k->size;
}

static const char *name_of(const ir_var *v) { return v->source_name ? v->source_name : "a result"; }

static bool is_row_loop(cutter *k, ir_stmt *s) {
  if (!counts_rows(k, s)) return false;
  check q = {.k = k, .loop = s->var, .ok = true};
  mst_cut_stmts(&s->body, mark_inner, k);
  mst_cut_stmts(&s->body, check_stmt, &q);
  if (q.ok) mst_cut_exprs(&s->body, check_expr, &q);
  if (!q.ok) mst_cut_stmts(&s->body, unmark_inner, k);
  return q.ok;
}

/* ---- statements that are not row loops */

typedef struct touch {
  cutter *k;
  const ir_var *var;
} touch;

static void touch_expr(void *context, ir_expr *e) {
  touch *t = context;
  if (e->op == IR_LOAD && is_row(t->k, e->var)) t->var = e->var;
}
static void touch_stmt(void *context, ir_stmt *s) {
  touch *t = context;
  if ((s->kind == IR_ASSIGN || s->kind == IR_DECL) && is_row(t->k, s->var)) t->var = s->var;
  for (int i = 0; i < s->nin; i++)
    if (is_row(t->k, s->in[i])) t->var = s->in[i];
  for (int i = 0; i < s->nout; i++)
    if (is_row(t->k, s->out[i])) t->var = s->out[i];
}

static const ir_var *touched(cutter *k, ir_stmt *s) {
  touch t = {k, NULL};
  ir_block one = {&s, 1};
  mst_cut_stmts(&one, touch_stmt, &t);
  if (!t.var) mst_cut_exprs(&one, touch_expr, &t);
  return t.var;
}

bool mst_cut_touches_rows(cutter *k, ir_stmt *s) { return touched(k, s) != NULL; }

/* A replicated statement that needs a variable of rows as a whole: data are then read whole. */
static void needs_whole(cutter *k, ir_stmt *s) {
  for (const ir_var *v = touched(k, s); v && !k->failed; v = touched(k, s)) {
    if (v->role == IR_DATA && v->decl && v->decl->block == AST_IN_DATA) {
      k->row_dim[v->id] = -1;
      k->changed = true;
      mst_cut_note(k, "line %d: needs %s at other rows than its own: %s is read whole on every rank",
                   s->loc.line, name_of(v), name_of(v));
    } else {
      k->failed = mst_lang_format(k->c, "line %d: %s is needed as a whole, not row by row", s->loc.line,
                                  name_of(v));
    }
  }
}

static void add(cutter *k, cut_list *list, bool rows, ir_stmt *s) {
  if (!list->count || list->segment[list->count - 1].rows != rows) {
    cut_segment new = {.rows = rows};
    MST_LANG_PUSH(k->c, list->segment, list->count, new);
  }
  mst_ir_append(k->c, &list->segment[list->count - 1].block, s);
}

static ir_stmt *shell(cutter *k, const ir_stmt *s) {
  ir_stmt *r = MST_LANG_NEW(k->c, ir_stmt);
  *r = *s;
  r->body = r->other = (ir_block){0};
  return r;
}

static bool any_rows(const cut_list *l) {
  for (int i = 0; i < l->count; i++)
    if (l->segment[i].rows) return true;
  return false;
}

/* A loop, condition or scope around row loops: around each segment of its own. */
static void distribute(cutter *k, cut_list *list, ir_stmt *s) {
  cut_list body = mst_cut_split(k, &s->body), other = mst_cut_split(k, &s->other);
  if (!any_rows(&body) && !any_rows(&other)) {
    ir_stmt *r = shell(k, s);
    for (int i = 0; i < body.count; i++) r->body = body.segment[i].block;
    for (int i = 0; i < other.count; i++) r->other = other.segment[i].block;
    add(k, list, false, r);
    return;
  }
  for (int side = 0; side < 2; side++) {
    const cut_list *from = side ? &other : &body;
    for (int i = 0; i < from->count; i++) {
      ir_stmt *r = shell(k, s);
      if (r->cond) r->cond = mst_ir_copy(k->c, s->cond);
      if (r->count) r->count = mst_ir_copy(k->c, s->count);
      if (side) r->other = from->segment[i].block;
      else r->body = from->segment[i].block;
      add(k, list, from->segment[i].rows, r);
    }
  }
}

static void replace_row(void *context, ir_expr *e) {
  const check *q = context;
  if (e->op == IR_LOAD && e->var == q->loop) e->var = q->k->row;
}

cut_list mst_cut_split(cutter *k, const ir_block *b) {
  cut_list list = {0};
  for (int i = 0; i < b->nstmts && !k->failed; i++) {
    ir_stmt *s = b->stmt[i];
    if (s->kind == IR_DECL && is_row(k, s->var)) {
      add(k, &list, true, s);
    } else if (is_row_loop(k, s)) {
      check q = {.k = k, .loop = s->var};
      if (k->final) mst_cut_exprs(&s->body, replace_row, &q);
      for (int j = 0; j < s->body.nstmts; j++) add(k, &list, true, s->body.stmt[j]);
    } else if (s->kind == IR_FOR || s->kind == IR_IF || s->kind == IR_BLOCK) {
      if (mst_cut_touches_rows(k, s) && !counts_rows(k, s)) {
        distribute(k, &list, s);
      } else {
        needs_whole(k, s);
        add(k, &list, false, s);
      }
    } else {
      needs_whole(k, s);
      add(k, &list, false, s);
    }
  }
  return list;
}
