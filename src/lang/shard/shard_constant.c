/* lang/shard/shard_constant.c -- what `target +=` adds from data alone is summed once, at load.
 *
 * The density block is copied without everything that depends on parameters, and of that copy
 * what the constant summands need goes to setup, where they are added up; the density adds the
 * sum. In programs whose control flow depends on parameters everything stays.
 */
#include "lang/shard/shard_impl.h"

typedef struct copier {
  lang_context *c;
  ir_program *p;
  ir_table vars; /* of copied */
  bool changed;
  ir_var *sum;
} copier;

typedef struct copied { /* of a variable */
  bool needed;
  ir_var *to; /* its copy */
} copied;

static copied *copied_of(copier *k, const ir_var *v) { return mst_ir_entry(&k->vars, v); }

static void find_lane(void *context, ir_expr *e) {
  bool *found = context;
  if (e->type == IR_LANE || e->type == IR_MASK) *found = true;
}

/* Lanes in the statement itself, not in what is under it. */
static bool has_lane(const ir_stmt *s) {
  bool found = false;
  ir_stmt own = *s;
  ir_stmt *list[1] = {&own};
  own.body = own.other = (ir_block){0};
  mst_ir_edit_exprs(&(ir_block){list, 1}, find_lane, &found);
  if (s->var && s->var->type == IR_LANE) found = true;
  for (int i = 0; i < s->nin; i++) found = found || s->in[i]->type == IR_LANE;
  for (int i = 0; i < s->nout; i++) found = found || s->out[i]->type == IR_LANE;
  return found;
}

static bool is_constant(const ir_stmt *s) {
  return s->kind == IR_TARGET && s->rhs->type == IR_REAL;
}

static bool any_constant(const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++)
    if (is_constant(b->stmt[i]) || any_constant(&b->stmt[i]->body) ||
        any_constant(&b->stmt[i]->other))
      return true;
  return false;
}

/* ---- which variables the constants need */

static void need(void *context, ir_expr *e) {
  copier *k = context;
  if (e->op != IR_LOAD || copied_of(k, e->var)->needed) return;
  copied_of(k, e->var)->needed = k->changed = true;
}

static void need_own(copier *k, const ir_stmt *s) {
  ir_stmt own = *s;
  ir_stmt *list[1] = {&own};
  own.body = own.other = (ir_block){0};
  mst_ir_edit_exprs(&(ir_block){list, 1}, need, k);
  for (int i = 0; i < s->nin; i++) {
    ir_expr load = {.op = IR_LOAD, .var = s->in[i]};
    need(k, &load);
  }
}

static bool writes_needed(copier *k, const ir_stmt *s) {
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && copied_of(k, s->var)->needed) return true;
  for (int i = 0; i < s->nout; i++)
    if (copied_of(k, s->out[i])->needed) return true;
  return false;
}

/* Whether s, or something under it, is part of the copy. */
static bool wanted(copier *k, const ir_stmt *s) {
  if (is_constant(s)) return true;
  if (has_lane(s) || s->kind == IR_TARGET || s->kind == IR_PRINT || s->kind == IR_REJECT)
    return false;
  if (writes_needed(k, s)) return true;
  for (int i = 0; i < s->body.nstmts; i++)
    if (wanted(k, s->body.stmt[i])) return true;
  for (int i = 0; i < s->other.nstmts; i++)
    if (wanted(k, s->other.stmt[i])) return true;
  return false;
}

/* From the last statement to the first: what is needed is mostly written before. */
static void look(copier *k, const ir_block *b) {
  for (int i = b->nstmts; i-- > 0;) {
    const ir_stmt *s = b->stmt[i];
    if (!wanted(k, s)) continue;
    look(k, &s->other);
    look(k, &s->body);
    need_own(k, s);
  }
}

/* ---- the copy */

static ir_var *copy_var(copier *k, ir_var *v) {
  if (!copied_of(k, v)->to) {
    ir_var *w = mst_ir_var(k->c, k->p, v->name, v->type, v->role, v->ndims, v->dim);
    int id = w->id;
    const char *name = w->name;
    *w = *v;
    w->id = id;
    w->name = name;
    copied_of(k, v)->to = w;
  }
  return copied_of(k, v)->to;
}

static void rename_expr(void *context, ir_expr *e) {
  copier *k = context;
  if (e->op == IR_LOAD && copied_of(k, e->var)->to) e->var = copied_of(k, e->var)->to;
}

static ir_expr *copy_expr(copier *k, const ir_expr *e) { return e ? mst_ir_copy(k->c, e) : NULL; }

static ir_expr **copy_list(copier *k, ir_expr *const *list, int n) {
  ir_expr **copy = MST_LANG_ARRAY(k->c, ir_expr *, n + 1);
  for (int i = 0; i < n; i++) copy[i] = mst_ir_copy(k->c, list[i]);
  return copy;
}

static void copy_block(copier *k, const ir_block *from, ir_block *to);

static ir_var **copy_vars(copier *k, ir_var *const *list, int n) {
  ir_var **copy = MST_LANG_ARRAY(k->c, ir_var *, n + 1);
  for (int i = 0; i < n; i++) copy[i] = list[i];
  return copy;
}

static ir_stmt *copy_stmt(copier *k, const ir_stmt *s) {
  ir_stmt *t = MST_LANG_NEW(k->c, ir_stmt);
  *t = *s;
  t->body = t->other = (ir_block){0};
  if (s->kind == IR_DECL || s->kind == IR_FOR) t->var = copy_var(k, s->var);
  t->index = copy_list(k, s->index, s->nindices);
  t->rhs = copy_expr(k, s->rhs);
  t->cond = copy_expr(k, s->cond);
  t->count = copy_expr(k, s->count);
  t->size = copy_list(k, s->size, s->nsizes);
  t->in = copy_vars(k, s->in, s->nin);
  t->out = copy_vars(k, s->out, s->nout);
  if (s->kind == IR_TARGET) {
    t->kind = IR_ASSIGN;
    t->var = k->sum;
    t->add = true;
  }
  copy_block(k, &s->body, &t->body);
  copy_block(k, &s->other, &t->other);
  return t;
}

static void copy_block(copier *k, const ir_block *from, ir_block *to) {
  for (int i = 0; i < from->nstmts; i++)
    if (wanted(k, from->stmt[i])) mst_ir_append(k->c, to, copy_stmt(k, from->stmt[i]));
}

static void rename_stmt(void *context, ir_stmt *s) {
  copier *k = context;
  if (s->kind == IR_ASSIGN && copied_of(k, s->var)->to) s->var = copied_of(k, s->var)->to;
  if (s->kind == IR_DECL) /* sizes are expressions of its own */
    s->var->dim = copy_list(k, s->var->dim, s->var->ndims);
  for (int i = 0; i < s->nin; i++)
    if (copied_of(k, s->in[i])->to) s->in[i] = copied_of(k, s->in[i])->to;
  for (int i = 0; i < s->nout; i++)
    if (copied_of(k, s->out[i])->to) s->out[i] = copied_of(k, s->out[i])->to;
}

static void drop_constants(ir_block *b) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    if (is_constant(s)) continue;
    drop_constants(&s->body);
    drop_constants(&s->other);
    b->stmt[n++] = s;
  }
  b->nstmts = n;
}

static void to_data(ir_block *b) { /* at the top of setup a variable may be a size of others */
  for (int i = 0; i < b->nstmts; i++)
    if (b->stmt[i]->kind == IR_DECL && b->stmt[i]->var->role == IR_LOCAL)
      b->stmt[i]->var->role = IR_DATA;
}

void mst_cut_constants(lang_context *c, ir_program *p) {
  if (p->one_lane || !any_constant(&p->density)) return;
  copier k = {.c = c, .p = p, .vars = mst_ir_table(c, sizeof(copied))};
  do {
    k.changed = false;
    look(&k, &p->density);
  } while (k.changed);
  k.sum = mst_ir_var(c, p, "constant", IR_REAL, IR_DATA, 0, NULL);
  k.sum->shard_dim = -1;
  ir_stmt *s = mst_ir_stmt(c, IR_DECL, (lang_loc){0});
  s->var = k.sum;
  s->rhs = mst_ir_real(c, 0);
  mst_ir_append(c, &p->setup, s);
  ir_block copy = {0};
  copy_block(&k, &p->density, &copy);
  mst_ir_edit_stmts(&copy, rename_stmt, &k);
  mst_ir_edit_exprs(&copy, rename_expr, &k);
  to_data(&copy);
  for (int i = 0; i < copy.nstmts; i++) mst_ir_append(c, &p->setup, copy.stmt[i]);
  drop_constants(&p->density);
  ir_stmt *t = mst_ir_stmt(c, IR_TARGET, (lang_loc){0});
  t->rhs = mst_ir_scalar(c, k.sum);
  mst_ir_append(c, &p->density, t);
}
