/* lang/shard/shard_split.c -- which statements are row loops, and blocks taken apart at them. */
#include "lang/shard/shard_impl.h"

/* ---- row loops */

enum { MOST_LESS = 64 }; /* rows that a loop over rows may leave out */

typedef struct check {
  cut_state *k;
  const ir_var *loop;
  int64_t offset; /* the row is the counter and this */
  bool ok;
  const ir_var *culprit; /* variable used at another row */
  bool data;             /* all such are data */
} check;

static bool is_counter(const check *q, const ir_expr *e) {
  return e->op == IR_LOAD && e->var == q->loop;
}

/* counter + offset, in the form in which sums of ints are kept */
static bool is_row_number(const check *q, const ir_expr *e) {
  if (q->offset == 0) return is_counter(q, e);
  return e->op == IR_CALL && e->prim == IR_ADD && is_counter(q, e->arg[0]) &&
         mst_ir_is_int(e->arg[1], q->offset);
}

static bool at_row(const check *q, const ir_var *v, ir_expr *const *index) {
  const ir_expr *e = index[mst_cut_row_dim(q->k, v)];
  return is_row_number(q, e) || (e->op == IR_LOAD && e->var == q->k->row);
}

static void refuse(check *q, const ir_var *v) {
  if (q->ok || (q->data && !mst_cut_is_read(v))) q->culprit = v;
  q->data = mst_cut_is_read(q->culprit);
  q->ok = false;
}

static void check_expr(void *context, ir_expr *e) {
  check *q = context;
  if (e->op != IR_LOAD || !mst_cut_is_row(q->k, e->var) || at_row(q, e->var, e->arg)) return;
  refuse(q, e->var);
}

static void check_stmt(void *context, ir_stmt *s) {
  check *q = context;
  cut_state *k = q->k;
  if (s->kind == IR_ASSIGN && !mst_cut_var(k, s->var)->inner) {
    if (mst_cut_is_row(k, s->var)) {
      if (s->var->role == IR_ROW_THETA || !at_row(q, s->var, s->index)) refuse(q, s->var);
    } else if (!(k->sums && s->add && s->var->type != IR_LANE)) {
      refuse(q, s->var);
    }
  }
  if (s->kind == IR_ROUTINE) {
    for (int i = 0; i < s->nin; i++)
      if (mst_cut_is_row(k, s->in[i])) refuse(q, s->in[i]);
    for (int i = 0; i < s->nout; i++)
      if (!mst_cut_var(k, s->out[i])->inner) refuse(q, s->out[i]);
  }
}

static void mark_inner(void *context, ir_stmt *s) {
  cut_state *k = context;
  if (s->kind == IR_DECL) mst_cut_var(k, s->var)->inner = true;
}
static void unmark_inner(void *context, ir_stmt *s) {
  cut_state *k = context;
  if (s->kind == IR_DECL) mst_cut_var(k, s->var)->inner = false;
}

/* A loop over all rows, or over all but a few at the ends (lags). *less: how many fewer. */
static bool counts_rows(const cut_state *k, const ir_stmt *s, int64_t *less) {
  const ir_expr *n = s->count;
  if (s->kind != IR_FOR) return false;
  *less = 0;
  if (n->op == IR_CALL && n->prim == IR_ADD && n->arg[1]->op == IR_CONST_INT &&
      n->arg[1]->integer < 0) {
    *less = -n->arg[1]->integer;
    n = *less <= MOST_LESS ? n->arg[0] : n;
  }
  return n->op == IR_LOAD && n->var == k->size;
}

/* *q: what stands against it. */
static bool rows_with(cut_state *k, ir_stmt *s, int64_t offset, check *q) {
  *q = (check){.k = k, .loop = s->var, .offset = offset, .ok = true};
  mst_ir_edit_stmts(&s->body, mark_inner, k);
  mst_ir_edit_stmts(&s->body, check_stmt, q);
  mst_ir_edit_exprs(&s->body, check_expr, q);
  if (q->ok) q->ok = mst_cut_may_read_whole(k, s, offset);
  if (!q->ok) mst_ir_edit_stmts(&s->body, unmark_inner, k);
  return q->ok;
}

static void find_print(void *context, ir_stmt *s) {
  if (s->kind == IR_PRINT) *(bool *)context = true;
}

/* A loop that prints is run by one rank from its first row to its last, so that what is printed
 * comes in order: it is no row loop. */
static bool prints(ir_stmt *s) {
  bool found = false;
  mst_ir_edit_stmts(&s->body, find_print, &found);
  return found;
}

/* *offset: the row of an iteration is the counter and this; *less: rows without one. *culprit: a
 * variable for which a loop over rows is no row loop, data before others; NULL: it is no loop
 * over rows. */
static bool is_row_loop(cut_state *k, ir_stmt *s, int64_t *offset, int64_t *less,
                        const ir_var **culprit) {
  const ir_var *others = NULL; /* with one offset or another, these would be whole */
  *culprit = NULL;
  if (!counts_rows(k, s, less) || prints(s)) return false;
  for (*offset = 0; *offset <= *less; ++*offset) {
    check q;
    if (rows_with(k, s, *offset, &q)) return true;
    if (q.data) *culprit = q.culprit;
    others = q.culprit;
  }
  if (!*culprit) *culprit = others;
  return false;
}

/* ---- statements that are not row loops */

/* A replicated statement needs variables of rows as a whole. */
static void needs_whole(cut_state *k, ir_stmt *s) {
  for (const ir_var *v = mst_cut_touched(k, s); v; v = mst_cut_touched(k, s))
    mst_cut_make_whole(k, s, v);
}

static void add(cut_state *k, cut_list *list, bool rows, ir_stmt *s) {
  if (!list->count || list->segment[list->count - 1].rows != rows) {
    cut_segment new = {.rows = rows};
    MST_LANG_PUSH(k->c, list->segment, list->count, new);
  }
  mst_ir_append(k->c, &list->segment[list->count - 1].block, s);
}

static ir_stmt *shell(cut_state *k, const ir_stmt *s) {
  ir_stmt *r = MST_LANG_NEW(k->c, ir_stmt);
  *r = *s;
  r->body = r->other = (ir_block){0};
  return r;
}

static void append(cut_state *k, ir_block *to, const cut_list *from, bool rows) {
  for (int i = 0; i < from->count; i++)
    for (int j = 0; from->segment[i].rows == rows && j < from->segment[i].block.nstmts; j++)
      mst_ir_append(k->c, to, from->segment[i].block.stmt[j]);
}

/* s around the segments of one kind. */
static void add_shell(cut_state *k, cut_list *list, const ir_stmt *s, const cut_list *body,
                      const cut_list *other, bool rows) {
  ir_stmt *r = shell(k, s);
  if (r->cond) r->cond = mst_ir_copy(k->c, s->cond);
  if (r->count) r->count = mst_ir_copy(k->c, s->count);
  append(k, &r->body, body, rows);
  append(k, &r->other, other, rows);
  if (r->body.nstmts || r->other.nstmts) add(k, list, rows, r);
}

/* s runs on every rank as a whole. */
static void keep_together(cut_state *k, cut_list *list, ir_stmt *s) {
  mst_lang_set_pointer(k->c, &k->together, s, s); /* the last split finds it so from the start */
  mst_ir_edit_stmts(&s->body, unmark_inner, k);
  mst_ir_edit_stmts(&s->other, unmark_inner, k);
  needs_whole(k, s);
  add(k, list, false, s);
}

/* A loop, condition or scope around row loops: once around what is replicated and once around
 * the rows, which come after all that is replicated anyway; in transformed data, whose rows make
 * sums that what follows reads, around each segment of its own. */
static void distribute(cut_state *k, cut_list *list, ir_stmt *s) {
  if (mst_lang_pointer(&k->together, s)) {
    keep_together(k, list, s);
    return;
  }
  ir_stmt head = *s; /* its condition, or count, is the same for all rows */
  head.body = head.other = (ir_block){0};
  needs_whole(k, &head);
  cut_list body = mst_cut_split(k, &s->body), other = mst_cut_split(k, &s->other);
  if (!mst_cut_any_rows(&body) && !mst_cut_any_rows(&other)) {
    ir_stmt *r = shell(k, s);
    for (int i = 0; i < body.count; i++) r->body = body.segment[i].block;
    for (int i = 0; i < other.count; i++) r->other = other.segment[i].block;
    add(k, list, false, r);
    return;
  }
  if (!k->final && !mst_cut_may_part(k, s, &body, &other)) {
    keep_together(k, list, s);
    return;
  }
  if (!k->sums) {
    mst_cut_check_order(k, &body, s->kind == IR_FOR ? s->var : NULL);
    mst_cut_check_order(k, &other, NULL);
    add_shell(k, list, s, &body, &other, false);
    add_shell(k, list, s, &body, &other, true);
    return;
  }
  for (int side = 0; side < 2; side++) {
    const cut_list *from = side ? &other : &body;
    for (int i = 0; i < from->count; i++) {
      cut_list one = {&from->segment[i], 1}, none = {0};
      add_shell(k, list, s, side ? &none : &one, side ? &one : &none, from->segment[i].rows);
    }
  }
}

static void replace_row(void *context, ir_expr *e) {
  const check *q = context;
  if (is_row_number(q, e)) {
    *e = *mst_ir_scalar(q->k->c, q->k->row);
  } else if (is_counter(q, e)) { /* the counter where it is not the row */
    *e = *mst_ir_call2(q->k->c, IR_SUB, mst_ir_scalar(q->k->c, q->k->row),
                       mst_ir_int(q->k->c, q->offset));
  }
}

/* The body of a row loop; under a condition when the loop leaves out rows at an end. */
static void add_rows(cut_state *k, cut_list *list, ir_stmt *s, int64_t offset, int64_t less) {
  check q = {.k = k, .loop = s->var, .offset = offset};
  if (k->final) mst_ir_edit_exprs(&s->body, replace_row, &q);
  if (less == 0) {
    for (int j = 0; j < s->body.nstmts; j++) add(k, list, true, s->body.stmt[j]);
    return;
  }
  ir_stmt *guard = mst_ir_stmt(k->c, IR_IF, s->loc);
  ir_expr *row = mst_ir_scalar(k->c, k->row);
  ir_expr *end = mst_ir_call2(k->c, IR_ADD, mst_ir_copy(k->c, s->count), mst_ir_int(k->c, offset));
  if (offset > 0)
    guard->cond = mst_ir_call2(k->c, IR_GE, mst_ir_copy(k->c, row), mst_ir_int(k->c, offset));
  if (offset < less) {
    ir_expr *before = mst_ir_call2(k->c, IR_LT, row, end);
    guard->cond = guard->cond ? mst_ir_call2(k->c, IR_AND, guard->cond, before) : before;
  }
  guard->body = s->body;
  add(k, list, true, guard);
}

cut_list mst_cut_split(cut_state *k, const ir_block *b) {
  cut_list list = {0};
  for (int i = 0; i < b->nstmts && !k->failed; i++) {
    ir_stmt *s = b->stmt[i];
    int64_t offset, less;
    const ir_var *culprit = NULL;
    if (s->kind == IR_DECL && mst_cut_is_row(k, s->var)) {
      add(k, &list, true, s);
    } else if (is_row_loop(k, s, &offset, &less, &culprit)) {
      add_rows(k, &list, s, offset, less);
    } else if (culprit && mst_cut_is_row(k, culprit)) {
      /* and the next analysis may find that the rest goes row by row */
      mst_cut_make_whole(k, s, culprit);
    } else if (s->kind == IR_FOR || s->kind == IR_IF || s->kind == IR_BLOCK) {
      if (mst_cut_touched(k, s) && !(counts_rows(k, s, &less) && less == 0)) {
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
