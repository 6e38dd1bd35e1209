/* lang/shard/shard_expand.c -- variables that several segments need move to the top of the
 * replicated block.
 *
 * When a loop is distributed over its parts, what one part hands to the next must be kept for
 * every iteration: the variable gets the loop's counter as a further dimension (scalar expansion;
 * Allen and Kennedy 2001, "Optimizing Compilers for Modern Architectures", section 5.3).
 */
#include <string.h>

#include "lang/shard/shard_impl.h"

typedef struct home {                /* where a variable is declared and used */
  int declared, first_use, last_use; /* segments, from 1; 0: none */
  bool moves;
  int loops;
  ir_var *loop[16];
  ir_expr *count[16];
  bool nested; /* under a loop or condition */
} home;

typedef struct survey {
  cut_state *k;
  ir_table *homes;
  int segment;
  ir_var *loop[16];
  ir_expr *count[16];
  int loops, depth;
} survey;

static void use(survey *s, const ir_var *v) {
  home *h = mst_ir_entry(s->homes, v);
  if (h->first_use == 0) h->first_use = s->segment + 1;
  h->last_use = s->segment + 1;
}

static void use_expr(void *context, ir_expr *e) {
  if (e->op == IR_LOAD) use(context, e->var);
}

static void survey_block(survey *s, ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *t = b->stmt[i];
    ir_stmt own = *t;
    ir_block one;
    ir_stmt *list[1] = {&own};
    own.body = own.other = (ir_block){0};
    one = (ir_block){list, 1};
    mst_ir_edit_exprs(&one, use_expr, s);
    if (t->kind == IR_DECL) {
      home *h = mst_ir_entry(s->homes, t->var);
      h->declared = s->segment + 1;
      h->loops = s->loops;
      h->nested = s->depth > 0;
      memcpy(h->loop, s->loop, sizeof h->loop);
      memcpy(h->count, s->count, sizeof h->count);
    }
    if (t->kind == IR_ASSIGN) use(s, t->var);
    for (int j = 0; j < t->nin; j++) use(s, t->in[j]);
    for (int j = 0; j < t->nout; j++) use(s, t->out[j]);
    bool loop = t->kind == IR_FOR && s->loops < 16;
    if (loop) {
      s->loop[s->loops] = t->var;
      s->count[s->loops++] = t->count;
    }
    s->depth++;
    survey_block(s, &t->body);
    survey_block(s, &t->other);
    s->depth--;
    if (loop) s->loops--;
  }
}

typedef struct rewrite {
  cut_state *k;
  ir_table *homes;
} rewrite;

static ir_expr **with_prefix(rewrite *r, const home *h, ir_expr **index, int n) {
  ir_expr **all = MST_LANG_ARRAY(r->k->c, ir_expr *, n + h->loops + 1);
  for (int i = 0; i < h->loops; i++) all[i] = mst_ir_scalar(r->k->c, h->loop[i]);
  for (int i = 0; i < n; i++) all[h->loops + i] = index[i];
  return all;
}

static void prefix_expr(void *context, ir_expr *e) {
  rewrite *r = context;
  if (e->op != IR_LOAD) return;
  const home *h = mst_ir_entry(r->homes, e->var);
  if (!h->moves) return;
  e->arg = with_prefix(r, h, e->arg, e->nargs);
  e->nargs += h->loops;
}

static void prefix_stmt(void *context, ir_stmt *s) {
  rewrite *r = context;
  if (s->kind != IR_ASSIGN) return;
  const home *h = mst_ir_entry(r->homes, s->var);
  if (!h->moves) return;
  s->index = with_prefix(r, h, s->index, s->nindices);
  s->nindices += h->loops;
}

/* Declarations that move become assignments of their initial value, or nothing. */
static void drop_decls(rewrite *r, ir_block *b) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    const home *h = s->kind == IR_DECL ? mst_ir_entry(r->homes, s->var) : NULL;
    if (h && h->moves) {
      if (!s->rhs) continue;
      s->kind = IR_ASSIGN;
      s->add = false;
      s->index = with_prefix(r, h, NULL, 0);
      s->nindices = h->loops;
      s->var->constant = false;
    }
    drop_decls(r, &s->body);
    drop_decls(r, &s->other);
    b->stmt[n++] = s;
  }
  b->nstmts = n;
}

static bool visible(const cut_state *k, const ir_expr *e) { /* at the top: data and numbers alone */
  if (e->op == IR_LOAD && e->var->role != IR_DATA) return false;
  if (e->op == IR_LOAD && mst_cut_row_dim(k, e->var) >= 0) return false;
  for (int i = 0; i < e->nargs; i++)
    if (!visible(k, e->arg[i])) return false;
  return true;
}

static void declare_at_top(rewrite *r, ir_block *top, ir_var *v) {
  cut_state *k = r->k;
  const home *h = mst_ir_entry(r->homes, v);
  ir_expr **dim = MST_LANG_ARRAY(k->c, ir_expr *, v->ndims + h->loops + 1);
  for (int i = 0; i < h->loops; i++) {
    dim[i] = mst_ir_copy(k->c, h->count[i]);
    if (!visible(k, dim[i]))
      k->failed = "a loop around rows has a number of iterations that is not data";
  }
  for (int i = 0; i < v->ndims; i++) {
    dim[h->loops + i] = v->dim[i];
    if (!visible(k, v->dim[i])) k->failed = "a variable used by rows has a size that is not data";
  }
  v->dim = dim;
  v->ndims += h->loops;
  if (mst_cut_is_row(k, v)) { /* made data of rows, which need no declaration */
    v->role = IR_DATA;
    mst_cut_var(k, v)->rows += h->loops;
    return;
  }
  ir_stmt *s = mst_ir_stmt(k->c, IR_DECL, (lang_loc){0});
  s->var = v;
  s->zero = true;
  /* Where its condition does not hold, rows hoist what they would compute from it all the same:
   * from a number that inverses, logarithms and the like are finite at, so that 0 times their
   * slope is 0. */
  if (v->type == IR_LANE && v->ndims == 0) s->rhs = mst_ir_real(k->c, 0.5);
  /* before everything else, in order */
  ir_block all = {0};
  mst_ir_append(k->c, &all, s);
  for (int i = 0; i < top->nstmts; i++) mst_ir_append(k->c, &all, top->stmt[i]);
  *top = all;
}

/* What is declared in rows is still there for the rows after them: but for those of setup, which
 * are several passes. */
static bool lasts(const cut_state *k, const cut_list *list, const ir_var *v, const home *h,
                  bool phases) {
  return list->segment[h->declared - 1].rows && !(phases && mst_cut_is_row(k, v));
}

bool mst_cut_expand(cut_state *k, ir_block *top, cut_list *list, bool phases) {
  const int n = k->p->nvars;
  ir_table homes = mst_ir_table(k->c, sizeof(home));
  survey s = {.k = k, .homes = &homes};
  for (int i = 0; i < list->count; i++) {
    s.segment = i;
    survey_block(&s, &list->segment[i].block);
  }
  rewrite r = {.k = k, .homes = &homes};
  bool any = false;
  for (int i = 0; i < n; i++) {
    const ir_var *v = k->p->var[i];
    home *h = mst_ir_entry(&homes, v);
    if (h->declared == 0 || mst_cut_var(k, v)->inner || lasts(k, list, v, h, phases)) continue;
    if (h->last_use <= h->declared || !h->nested) continue;
    h->moves = any = true;
  }
  if (!any) return true;
  for (int i = 0; i < list->count; i++) {
    mst_ir_edit_exprs(&list->segment[i].block, prefix_expr, &r);
    mst_ir_edit_stmts(&list->segment[i].block, prefix_stmt, &r);
    drop_decls(&r, &list->segment[i].block);
  }
  for (int i = n - 1; i >= 0; i--)
    if (((const home *)mst_ir_entry(&homes, k->p->var[i]))->moves)
      declare_at_top(&r, top, k->p->var[i]);
  return k->failed == NULL;
}
