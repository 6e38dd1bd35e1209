/* lang/covariance/covariance.c -- see covariance.h: which densities are marked, where their
 * covariance comes from, what goes. */
#include <string.h>

#include "lang/covariance/covariance_impl.h"

/* ---- from the mark back to the covariance */

covariance_var *mst_covariance_var(const covariance_state *k, const ir_var *v) {
  return mst_ir_entry(k->vars, v);
}

static bool writes_to(covariance_state *k, const ir_stmt *s, const ir_var *v) {
  ir_set writes = {0};
  mst_ir_stmt_writes(k->c, s, &writes);
  return mst_set_has(&writes, v);
}

/* The one statement before `mark` that writes v; NULL: none, or several. */
static ir_stmt *only_writer(covariance_state *k, const ir_var *v, const ir_stmt *mark) {
  ir_stmt *found = NULL;
  const ir_block *b = &k->p->density;
  for (int i = 0; i < b->nstmts && b->stmt[i] != mark; i++) {
    if (!writes_to(k, b->stmt[i], v)) continue;
    if (found) return NULL;
    found = b->stmt[i];
  }
  return found;
}

static bool loads(const ir_expr *e, const ir_var *v) {
  return e->op == IR_LOAD && e->nargs == 0 && e->var == v;
}

/* for (i) for (j) v[i, j] = w[i, j]: w. */
static ir_var *copied_from(covariance_state *k, const ir_stmt *s) {
  if (s->kind != IR_FOR || s->body.nstmts != 1 || s->body.stmt[0]->kind != IR_FOR) return NULL;
  const ir_stmt *in = s->body.stmt[0], *a = in->body.nstmts == 1 ? in->body.stmt[0] : NULL;
  if (!a || a->kind != IR_ASSIGN || a->add || a->nindices != 2 ||
      !loads(s->count, k->normal->order) || !loads(in->count, k->normal->order) ||
      a->rhs->op != IR_LOAD || a->rhs->nargs != 2)
    return NULL;
  if (!loads(a->index[0], s->var) || !loads(a->index[1], in->var) ||
      !loads(a->rhs->arg[0], s->var) || !loads(a->rhs->arg[1], in->var))
    return NULL;
  return mst_covariance_is_matrix(k, a->rhs->var) ? a->rhs->var : NULL;
}

/* The covariance whose factor `l` is; *at: the statement that factors it. Both kinds of
 * variables go. */
static ir_var *covariance_of(covariance_state *k, ir_var *l, const ir_stmt *mark,
                             const ir_stmt **at) {
  for (*at = mark;;) {
    ir_stmt *s = only_writer(k, l, *at);
    mst_set_add(k->c, &k->matrices, l);
    if (!s) break;
    *at = s;
    if (s->kind == IR_ROUTINE && !strcmp(s->name, "cholesky_decompose")) return s->in[0];
    if (!(l = copied_from(k, s))) break;
  }
  mst_covariance_refuse(
      k, mark->loc,
      "the factor is not that of a covariance which the program computes and does "
      "nothing else with");
  return NULL;
}

/* ---- the two functions of a tile */

static ir_expr *get(covariance_state *k, ir_var *v) { return mst_ir_scalar(k->c, v); }
static ir_expr *add(covariance_state *k, ir_expr *a, ir_expr *b) {
  return mst_ir_call2(k->c, IR_ADD, a, b);
}
static ir_expr *less(covariance_state *k, ir_expr *a, ir_expr *b) {
  return mst_ir_call2(k->c, IR_SUB, a, b);
}

static ir_var *named_int(covariance_state *k, const char *name, ir_expr *value) {
  ir_var *v = mst_ir_var(k->c, k->p, name, IR_INT, IR_LOCAL, 0, NULL);
  ir_stmt *s = mst_ir_stmt(k->c, IR_DECL, (lang_loc){0});
  v->constant = v->once = true;
  s->var = v;
  s->rhs = value;
  mst_ir_append(k->c, k->out, s);
  return v;
}

static ir_stmt *open_loop(covariance_state *k, const char *name, ir_expr *count) {
  ir_stmt *s = mst_ir_stmt(k->c, IR_FOR, (lang_loc){0});
  s->var = mst_ir_var(k->c, k->p, name, IR_INT, IR_LOOP, 0, NULL);
  s->var->constant = true;
  s->count = count;
  mst_ir_append(k->c, k->out, s);
  k->out = &s->body;
  return s;
}

/* The element in row i and column j, which is element `down` of column `across` of the tile. */
static bool one_element(covariance_state *k, const ir_var *matrix, const ir_stmt *before, ir_var *i,
                        ir_var *j, ir_expr *across, ir_expr *down, bool slopes) {
  const lang_linear row = mst_linear_atom(i), col = mst_linear_atom(j);
  ir_normal *n = k->normal;
  k->elements = k->nfacts = 0;
  k->facts[k->nfacts++] = col;
  for (int last = 0; last < 1 + (i != j); last++) { /* N - 1 - i and N - 1 - j */
    lang_linear room = mst_linear_atom(n->order);
    room.constant = -1;
    mst_linear_add(&room, last ? &col : &row, -1);
    k->facts[k->nfacts++] = room;
  }
  if (i != j) {
    lang_linear below = row;
    mst_linear_add(&below, &col, -1);
    below.constant = -1;
    k->facts[k->nfacts++] = row;
    k->facts[k->nfacts++] = below;
  }
  ir_expr *value = mst_covariance_element(k, matrix, &row, &col, before, n->loc),
          *at[2] = {across, down};
  if (!value) return false;
  ir_stmt *s = mst_ir_stmt(k->c, slopes ? IR_TARGET : IR_ASSIGN, (lang_loc){0});
  if (slopes) {
    s->rhs = mst_ir_call2(k->c, IR_MUL, mst_ir_load(k->c, n->weight, 2, at), value);
  } else {
    s->var = n->out;
    s->nindices = 2;
    s->index = MST_LANG_ARRAY(k->c, ir_expr *, 2);
    memcpy(s->index, at, sizeof at);
    s->rhs = value;
  }
  mst_ir_append(k->c, k->out, s);
  return true;
}

/* Column by column: the element on the diagonal, if it is in the tile, then those below it. */
static bool tile(covariance_state *k, const ir_var *matrix, const ir_stmt *before, bool slopes,
                 ir_block *out) {
  ir_normal *n = k->normal;
  k->out = out;
  ir_stmt *across = open_loop(k, "across", get(k, n->cols));
  ir_var *j = named_int(k, "j", add(k, get(k, n->col), get(k, across->var)));
  ir_stmt *on = mst_ir_stmt(k->c, IR_IF, (lang_loc){0});
  on->cond =
      mst_ir_call2(k->c, IR_AND, mst_ir_call2(k->c, IR_GE, get(k, j), get(k, n->row)),
                   mst_ir_call2(k->c, IR_LT, get(k, j), add(k, get(k, n->row), get(k, n->rows))));
  mst_ir_append(k->c, k->out, on);
  k->out = &on->body;
  if (!one_element(k, matrix, before, j, j, get(k, across->var), less(k, get(k, j), get(k, n->row)),
                   slopes))
    return false;
  k->out = &across->body;
  ir_expr *from = mst_ir_call2(k->c, IR_INT_MAX, mst_ir_int(k->c, 0),
                               less(k, add(k, get(k, j), mst_ir_int(k->c, 1)), get(k, n->row)));
  ir_var *first = named_int(k, "first", from);
  ir_stmt *down = open_loop(k, "down", less(k, get(k, n->rows), get(k, first)));
  ir_var *i = named_int(k, "i", add(k, add(k, get(k, n->row), get(k, first)), get(k, down->var)));
  return one_element(k, matrix, before, i, j, get(k, across->var),
                     add(k, get(k, first), get(k, down->var)), slopes);
}

static void declare_tile(covariance_state *k) {
  ir_normal *n = k->normal;
  ir_var **const given[] = {&n->row, &n->col, &n->rows, &n->cols, &n->lead};
  static const char *const name[] = {"row", "col", "rows", "cols", "lead"};
  for (int i = 0; i < 5; i++) {
    *given[i] = mst_ir_var(k->c, k->p, name[i], IR_INT, IR_LOOP, 0, NULL);
    (*given[i])->constant = true;
  }
  ir_expr *dim[2] = {get(k, n->cols), get(k, n->lead)};
  n->out = mst_ir_var(k->c, k->p, "out", IR_LANE, IR_OUTPUT, 2, dim);
  n->weight = mst_ir_var(k->c, k->p, "weight", IR_REAL, IR_LOCAL, 2, dim);
  n->weight->constant = true;
}

/* ---- what goes, and what comes in its place */

/* Whether s has no other effect than to write matrices whose elements are computed where they
 * are asked for. */
static bool only_writes_matrices(covariance_state *k, const ir_stmt *s) {
  ir_set writes = {0};
  bool some = false;
  if (s->kind == IR_DECL) return mst_set_has(&k->matrices, s->var);
  if (s->kind == IR_ROUTINE && !s->nout)
    return s->in[1]->role == IR_LOCAL && mst_set_has(&k->matrices, s->in[1]);
  mst_ir_stmt_writes(k->c, s, &writes);
  for (int i = 0; i < k->nvars; i++) {
    const ir_var *v = k->p->var[i];
    if (!mst_set_has(&writes, v) || mst_covariance_var(k, v)->top == s) continue;
    if (!mst_set_has(&k->matrices, v)) return false;
    some = true;
  }
  return some;
}

static void find_effect(const ir_stmt *s, void *argument) {
  bool *found = argument;
  if (s->kind == IR_TARGET || s->kind == IR_PRINT || s->kind == IR_REJECT || s->kind == IR_WHILE)
    *found = true;
}

static void copy_of(covariance_state *k, const covariance_input *in, ir_block *to) {
  ir_stmt *d = mst_ir_stmt(k->c, IR_DECL, (lang_loc){0});
  ir_expr *index[10], *again[10];
  ir_block *outer = k->out;
  d->var = in->copy;
  mst_ir_append(k->c, to, d);
  k->out = to;
  for (int i = 0; i < in->of->ndims; i++) {
    index[i] = get(k, open_loop(k, "i", mst_ir_copy(k->c, in->of->dim[i]))->var);
    again[i] = mst_ir_copy(k->c, index[i]);
  }
  ir_expr *value = mst_ir_load(k->c, in->of, in->of->ndims, index);
  if (in->of->ndims == 0) {
    d->rhs = value;
    in->copy->constant = true;
  } else {
    ir_stmt *a = mst_ir_stmt(k->c, IR_ASSIGN, (lang_loc){0});
    a->var = in->copy;
    a->nindices = in->of->ndims;
    a->index = MST_LANG_ARRAY(k->c, ir_expr *, in->of->ndims);
    memcpy(a->index, again, (size_t)in->of->ndims * sizeof *again);
    a->rhs = value;
    mst_ir_append(k->c, k->out, a);
  }
  k->out = outer;
}

/* Whether anything that stays reads a matrix that goes. */
static bool is_read(covariance_state *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    ir_set reads = {0};
    bool effect = false;
    mst_ir_visit_stmts(b->stmt[i], find_effect, &effect);
    if (!effect && only_writes_matrices(k, b->stmt[i])) continue;
    mst_ir_stmt_reads(k->c, b->stmt[i], &reads);
    mst_ir_stmt_writes(k->c, b->stmt[i], &reads);
    if (mst_set_meets(&reads, &k->matrices))
      return !mst_covariance_refuse(
          k, b->stmt[i]->loc, "the covariance, or its factor, is used for more than this density");
  }
  return false;
}

static void replace(covariance_state *k) {
  ir_block rest = {0};
  ir_block *b = &k->p->density;
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    for (int n = 0; n < k->ninputs; n++)
      if (k->input[n].at == s) copy_of(k, &k->input[n], &rest);
    if (!only_writes_matrices(k, s)) mst_ir_append(k->c, &rest, b->stmt[i]);
  }
  *b = rest;
}

/* ---- all densities */

static void note_places(covariance_state *k) {
  const ir_block *b = &k->p->density;
  for (int i = 0; i < b->nstmts; i++) {
    ir_set declares = {0};
    mst_ir_stmt_declares(k->c, b->stmt[i], &declares);
    for (int v = 0; v < k->nvars; v++)
      if (mst_set_has(&declares, k->p->var[v]) && b->stmt[i]->kind != IR_DECL)
        mst_covariance_var(k, k->p->var[v])->top = b->stmt[i];
  }
}

static void note_decl(const ir_stmt *s, void *argument) {
  covariance_state *k = argument;
  if (s->kind == IR_DECL) mst_covariance_var(k, s->var)->decl = s;
}

static bool is_mark(const ir_stmt *s) {
  return s->kind == IR_ROUTINE &&
         (!strcmp(s->name, "multi_normal") || !strcmp(s->name, "multi_normal_cholesky"));
}

static bool extract_one(covariance_state *k, const ir_stmt *mark) {
  ir_normal *n = k->normal;
  const ir_stmt *before = mark;
  ir_var *matrix = mark->in[1];
  n->loc = mark->loc;
  n->residual = mark->in[0];
  n->order = mark->size[0]->var;
  k->mark = mark;
  k->first_input = k->ninputs;
  if (mst_covariance_is_matrix(k, matrix) && !strcmp(mark->name, "multi_normal_cholesky") &&
      !(matrix = covariance_of(k, matrix, mark, &before)))
    return false;
  if (!mst_covariance_is_matrix(k, matrix))
    return mst_covariance_refuse(
        k, mark->loc, "its matrix is not one of %s rows and columns that the model block computes",
        mst_ir_shown(k->c, n->order));
  declare_tile(k);
  if (!tile(k, matrix, before, false, &n->covariance) || !tile(k, matrix, before, true, &n->slopes))
    return false;
  for (int i = k->first_input; i < k->ninputs; i++) {
    int count = n->ninputs;
    MST_LANG_PUSH(k->c, n->input, count, k->input[i].copy);
    MST_LANG_PUSH(k->c, n->formal, n->ninputs, k->input[i].formal);
  }
  return n->ninputs > 0 ||
         mst_covariance_refuse(k, mark->loc, "its covariance does not depend on parameters");
}

static bool has_mark(const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++)
    if (is_mark(b->stmt[i]) || has_mark(&b->stmt[i]->body) || has_mark(&b->stmt[i]->other))
      return true;
  return false;
}

static bool extract_all(covariance_state *k) {
  enum { MOST = 8 };
  ir_program *p = k->p;
  if (p->one_lane)
    return mst_covariance_refuse(k, (lang_loc){0},
                                 "the program's control flow depends on parameters");
  note_places(k);
  for (int i = 0; i < p->density.nstmts; i++) mst_ir_visit_stmts(p->density.stmt[i], note_decl, k);
  for (int i = 0; i < p->density.nstmts; i++) {
    const ir_stmt *s = p->density.stmt[i];
    ir_normal n = {0};
    k->normal = &n;
    if (!is_mark(s)) {
      if (has_mark(&s->body) || has_mark(&s->other))
        return mst_covariance_refuse(k, s->loc,
                                     "a normal of all rows stands in a loop or a condition");
      continue;
    }
    if (p->nnormals == MOST)
      return mst_covariance_refuse(k, s->loc, "there are more than %d normals of all rows", MOST);
    if (!extract_one(k, s)) return false;
    MST_LANG_PUSH(k->c, p->normal, p->nnormals, n);
  }
  if (is_read(k, &p->density)) return false;
  replace(k);
  return true;
}

bool mst_covariance_extract(lang_context *c, ir_program *p, const char **report) {
  ir_table vars = mst_ir_table(c, sizeof(covariance_var));
  covariance_state k = {.c = c, .p = p, .nvars = p->nvars, .vars = &vars};
  bool done = extract_all(&k);
  *report = k.why;
  return done;
}

/* ---- lanes to doubles */

static void expr_to_one(const ir_expr *e, void *argument) {
  (void)argument;
  ir_expr *x = (ir_expr *)(uintptr_t)e;
  if (x->op == IR_LOAD && x->var->type == IR_LANE) x->var->type = IR_REAL;
  if (x->op == IR_CALL && x->prim == IR_MASK_REAL) x->prim = IR_TO_REAL;
  if (x->type == IR_LANE) x->type = IR_REAL;
  if (x->type == IR_MASK) x->type = IR_INT;
}

static void stmt_to_one(const ir_stmt *s, void *argument) {
  (void)argument;
  if (s->var && s->var->type == IR_LANE) s->var->type = IR_REAL;
}

static void block_to_one(ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    mst_ir_visit_stmts(b->stmt[i], stmt_to_one, NULL);
    mst_ir_visit_stmt(b->stmt[i], expr_to_one, NULL);
  }
}

void mst_covariance_one_chain(ir_program *p) {
  for (int i = 0; i < p->nnormals; i++) {
    block_to_one(&p->normal[i].covariance);
    block_to_one(&p->normal[i].gradient.forward);
    block_to_one(&p->normal[i].gradient.reverse);
  }
}
