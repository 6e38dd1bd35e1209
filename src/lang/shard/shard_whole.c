/* lang/shard/shard_whole.c -- variables of rows that every rank needs whole, and what loops over
 * rows may read of them.
 *
 * A statement that needs a variable at other rows than its own makes it whole: data are read
 * whole, a parameter becomes global (the program is lowered again), a local is computed by
 * statements that run on every rank alike. A loop over rows may read what depends on parameters
 * and is whole, but its adjoint has an element for every row of the data: only where it can be
 * gathered (emit_gather.c), at the row itself, a few rows beside it or the row's index from
 * data, or where each row reads all of it anyway.
 */
#include <string.h>

#include "lang/syntax/ast.h"
#include "lang/ir/ir_walk.h"
#include "lang/shard/shard_impl.h"

/* rows to either side: each distance is a gather, of which there are 16 */
enum { MOST_BESIDE = 7 };

static const char *name_of(const ir_var *v) { return v->source_name ? v->source_name : "a result"; }

/* ---- variables that become whole */

static ir_parameter *parameter_of(const cut_state *k, const ir_var *v) {
  for (int i = 0; v->decl && i < k->p->nparams; i++)
    if (k->p->param[i].decl == v->decl) return &k->p->param[i];
  return NULL;
}

static bool is_listed(const cut_state *k, const ast_decl *d) {
  for (int i = 0; i < k->found->count; i++)
    if (k->found->decl[i] == d) return true;
  return false;
}

void mst_cut_start_whole(cut_state *k) {
  for (int i = 0; i < k->p->nvars; i++) {
    const ir_var *v = k->p->var[i];
    if (v->type != IR_LANE || !v->decl || !is_listed(k, v->decl)) continue;
    cut_var *of = mst_cut_var(k, v);
    if (v->role == IR_LOCAL && of->rows > 0) { /* the values on the constrained scale */
      of->rows = 0;
      of->whole = true;
    }
    if (v->role == IR_THETA) of->whole = true;
  }
  for (int i = 0; i < k->found->count; i++) mst_cut_note(k, "%s", k->found->note[i]);
}

static const char **one_more(cut_state *k, const char **list, const char *s) {
  const char **longer = MST_LANG_ARRAY(k->c, const char *, k->found->count + 1);
  for (int i = 0; i < k->found->count; i++) longer[i] = list[i];
  longer[k->found->count] = s;
  return longer;
}

static void make_global(cut_state *k, const ir_parameter *q, const char *note, const char *why) {
  if (!is_listed(k, q->decl)) {
    int n = k->found->count;
    const ast_decl **decl = MST_LANG_ARRAY(k->c, const ast_decl *, n + 1);
    for (int i = 0; i < n; i++) decl[i] = k->found->decl[i];
    decl[n] = q->decl;
    *k->found = (lang_whole){decl, one_more(k, k->found->note, note),
                             one_more(k, k->found->why, why), n + 1};
  }
  for (int i = 0; i < k->p->nvars; i++) {
    const ir_var *v = k->p->var[i];
    if (v->decl != q->decl) continue;
    mst_cut_var(k, v)->rows = 0;
    mst_cut_var(k, v)->whole = v->type == IR_LANE;
  }
}

bool mst_cut_is_read(const ir_var *v) {
  return v->role == IR_DATA && v->decl && v->decl->block == AST_IN_DATA;
}

void mst_cut_make_whole(cut_state *k, const ir_stmt *s, const ir_var *v) {
  const char *name = name_of(v);
  const ir_parameter *q = parameter_of(k, v);
  k->changed = true;
  mst_cut_var(k, v)->rows = 0;
  if (mst_cut_is_read(v)) {
    mst_cut_note(k, "line %d: needs %s at other rows than its own: %s is read whole on every rank",
                 s->loc.line, name, name);
    return;
  }
  char *why =
      mst_lang_format(k->c, "line %d: %s is needed as a whole, not row by row", s->loc.line, name);
  const char *note = mst_lang_format(
      k->c, "line %d: couples rows of %s: %s is kept whole on every rank", s->loc.line, name, name);
  if (q && q->local) {
    make_global(k, q, note, why);
    return;
  }
  if (!k->coupled) k->coupled = why;
  mst_cut_var(k, v)->whole = v->type == IR_LANE;
  const char *same = mst_lang_format(k->c, " %s is kept whole", name);
  if (v->source_name && !(k->report && strstr(k->report, same))) mst_cut_note(k, "%s", note);
}

/* ---- what a loop over rows reads of them */

/* The declaration, or the loop that counts, of an int in b. */
static const ir_stmt *definition(const ir_block *b, const ir_var *v) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    if ((s->kind == IR_DECL || s->kind == IR_FOR) && s->var == v) return s;
    const ir_stmt *in = definition(&s->body, v);
    if (!in) in = definition(&s->other, v);
    if (in) return in;
  }
  return NULL;
}

static const ir_expr *value_of(const ir_block *b, const ir_expr *e) {
  const ir_stmt *s;
  while ((e->op == IR_LOAD && e->nargs == 0 && e->var->constant && (s = definition(b, e->var)) &&
          s->kind == IR_DECL && s->rhs) ||
         e->op == IR_CHECK_INDEX)
    e = e->op == IR_CHECK_INDEX ? e->arg[0] : s->rhs;
  return e;
}

/* counter + something, a few rows from the row, which is counter + offset */
static bool is_beside(const ir_stmt *loop, int64_t offset, const ir_expr *e) {
  int64_t more = 0;
  if (e->op == IR_CALL && e->prim == IR_ADD && e->arg[1]->op == IR_CONST_INT) {
    more = e->arg[1]->integer;
    e = value_of(&loop->body, e->arg[0]);
  }
  more -= offset;
  return e->op == IR_LOAD && e->var == loop->var && more >= -MOST_BESIDE && more <= MOST_BESIDE;
}

/* An int of the data for each row, which every rank has whole; with bounds, so that no row's is
 * out of range. */
static bool is_whole_index(const cut_state *k, const ir_var *v) {
  const ast_expr *lower = mst_cut_is_read(v) ? v->decl->lower : NULL;
  return lower && lower->kind == AST_INT && lower->integer >= 1 && v->decl->upper &&
         v->type == IR_INT && v->ndims == 1 && mst_cut_row_dim(k, v) < 0 &&
         v->dim[0]->op == IR_LOAD && v->dim[0]->var == k->size;
}

/* g[row] - 1 with g from the row's data */
static bool is_datum(const cut_state *k, const ir_stmt *loop, int64_t offset, const ir_expr *e) {
  if (e->op != IR_CALL || e->prim != IR_ADD || !mst_ir_is_int(e->arg[1], -1)) return false;
  e = value_of(&loop->body, e->arg[0]);
  if (e->op != IR_LOAD || e->type != IR_INT || e->nargs != 1) return false;
  if (!mst_cut_is_row(k, e->var) && !is_whole_index(k, e->var)) return false;
  const ir_expr *at = value_of(&loop->body, e->arg[0]);
  int64_t more = 0;
  if (at->op == IR_CALL && at->prim == IR_ADD && at->arg[1]->op == IR_CONST_INT) {
    more = at->arg[1]->integer;
    at = at->arg[0];
  }
  return at->op == IR_LOAD && at->var == loop->var && more == offset;
}

static bool counts_all(const cut_state *k, const ir_stmt *loop, const ir_expr *e) {
  if (e->op != IR_LOAD || e->nargs != 0) return false;
  const ir_stmt *s = definition(&loop->body, e->var);
  return s && s->kind == IR_FOR && s->count->op == IR_LOAD && s->count->var == k->size;
}

typedef struct look {
  cut_state *k;
  const ir_stmt *loop;
  int64_t offset;
  bool fits;
  bool reads, known; /* whole variables; only those that loops with data of rows read too */
} look;

static void look_expr(void *context, ir_expr *e) {
  look *l = context;
  cut_state *k = l->k;
  if (e->op != IR_LOAD || !mst_cut_var(k, e->var)->whole || mst_cut_var(k, e->var)->inner) return;
  const ir_var *v = e->var;
  const ir_expr *at = value_of(&l->loop->body, e->arg[0]);
  bool first = v->role == IR_THETA || (v->dim[0]->op == IR_LOAD && v->dim[0]->var == k->size);
  l->fits &= first && (is_beside(l->loop, l->offset, at) || is_datum(k, l->loop, l->offset, at) ||
                       counts_all(k, l->loop, at));
  l->reads = true;
  l->known &= mst_cut_var(k, v)->read_by_rows;
}

static void look_stmt(void *context, ir_stmt *s) {
  look *l = context;
  for (int i = 0; i < s->nin; i++)
    if (mst_cut_var(l->k, s->in[i])->whole && !mst_cut_var(l->k, s->in[i])->inner) l->fits = false;
}

static void note_expr(void *context, ir_expr *e) {
  cut_state *k = context;
  if (e->op == IR_LOAD && mst_cut_var(k, e->var)->whole) mst_cut_var(k, e->var)->reading = true;
}

bool mst_cut_may_read_whole(cut_state *k, ir_stmt *loop, int64_t offset) {
  look l = {.k = k, .loop = loop, .offset = offset, .fits = true, .known = true};
  mst_ir_edit_stmts(&loop->body, look_stmt, &l);
  mst_ir_edit_exprs(&loop->body, look_expr, &l);
  if (!l.fits || !l.reads) return l.fits;
  if (!mst_cut_touched(k, loop)) return l.known;
  mst_ir_edit_exprs(&loop->body, note_expr, k);
  return true;
}

/* ---- is it worth it? */

static int64_t own_cost(const ir_stmt *s) {
  int64_t n = s->rhs ? 1 + mst_ir_cost(s->rhs) : 0;
  for (int i = 0; i < s->nindices; i++) n += mst_ir_cost(s->index[i]);
  return n + (s->cond ? mst_ir_cost(s->cond) : 0);
}

enum { ITERATIONS = 8, VERY_MUCH = 1 << 20, MOST = 1 << 30 };

/* Of vectors little a row; of matrices and differential equations much. */
static int64_t routine_cost(const ir_stmt *s) {
  bool much = s->ode != NULL;
  for (int i = 0; i < s->nin; i++) much |= s->in[i]->ndims > 1;
  for (int i = 0; i < s->nout; i++) much |= s->out[i]->ndims > 1;
  return much ? VERY_MUCH : ITERATIONS;
}

/* About: of one iteration of the block; a loop in it counts as some. */
static int64_t cost(const ir_block *b) {
  int64_t n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    int64_t in = cost(&s->body) + cost(&s->other);
    n += own_cost(s) + (s->kind == IR_FOR || s->kind == IR_WHILE ? ITERATIONS * in : in);
    if (s->kind == IR_ROUTINE) n += routine_cost(s);
  }
  return n < MOST ? n : MOST;
}

typedef struct whole_uses {
  cut_state *k;
  bool any;
} whole_uses;

/* Whether v depends on parameters and every rank has all rows of it, or a matrix of rows by
 * rows. */
static bool has_all_rows(const cut_state *k, const ir_var *v) {
  if (mst_cut_var(k, v)->whole) return true;
  for (int d = 0; d < v->ndims && v->type == IR_LANE && mst_cut_row_dim(k, v) < 0; d++)
    if (v->dim[d]->op == IR_LOAD && v->dim[d]->var == k->size) return true;
  return false;
}

static void find_whole_expr(void *context, ir_expr *e) {
  whole_uses *u = context;
  u->any |= e->op == IR_LOAD && has_all_rows(u->k, e->var);
}
static void find_whole_stmt(void *context, ir_stmt *s) {
  whole_uses *u = context;
  u->any |= s->kind == IR_ASSIGN && has_all_rows(u->k, s->var);
  for (int i = 0; i < s->nin; i++) u->any |= has_all_rows(u->k, s->in[i]);
  for (int i = 0; i < s->nout; i++) u->any |= has_all_rows(u->k, s->out[i]);
}

/* Of what every rank does for all rows: loops and routines that have to do with what is whole. */
static int64_t whole_cost(cut_state *k, const ir_block *b) {
  int64_t n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    whole_uses u = {k, false};
    mst_ir_edit_stmts(&(ir_block){&s, 1}, find_whole_stmt, &u);
    mst_ir_edit_exprs(&(ir_block){&s, 1}, find_whole_expr, &u);
    if (!u.any) continue;
    if (s->kind == IR_FOR || s->kind == IR_WHILE)
      n += cost(&s->body);
    else if (s->kind == IR_ROUTINE)
      n += cost(&(ir_block){&s, 1});
    else
      n += whole_cost(k, &s->body) + whole_cost(k, &s->other);
  }
  return n;
}

bool mst_cut_is_worth_it(cut_state *k, const cut_list *density) {
  enum { LEAST = 16 }; /* a part of what every rank does that rows have to do besides */
  int64_t whole = 0, rows = 0;
  for (int i = 0; i < density->count; i++) {
    const cut_segment *g = &density->segment[i];
    *(g->rows ? &rows : &whole) += g->rows ? cost(&g->block) : whole_cost(k, &g->block);
  }
  return LEAST * rows >= whole;
}

/* ---- rows by number */

/* first_row + row + *offset */
static bool is_number(const cut_state *k, const ir_expr *e, int *firsts, int *rows,
                      int64_t *offset) {
  if (e->op == IR_CONST_INT) {
    *offset += e->integer;
    return true;
  }
  if (e->op == IR_CHECK_INDEX || (e->op == IR_CALL && e->prim == IR_ADD)) {
    for (int i = 0; i < (e->op == IR_CALL ? 2 : 1); i++)
      if (!is_number(k, e->arg[i], firsts, rows, offset)) return false;
    return true;
  }
  if (e->op != IR_LOAD) return false;
  if (e->var == k->p->row_first) return ++*firsts == 1;
  return e->var == k->row && ++*rows == 1;
}

static ir_stmt *set_made(cut_state *k, ir_var *made, ir_expr *value) {
  ir_stmt *s = mst_ir_stmt(k->c, IR_ASSIGN, (lang_loc){0});
  s->var = made;
  s->index = MST_LANG_ARRAY(k->c, ir_expr *, 1);
  s->index[0] = mst_ir_scalar(k->c, k->row);
  s->nindices = 1;
  s->rhs = value;
  return s;
}

typedef struct making {
  cut_state *k;
  ir_table copy; /* of ir_var *: of an index that every rank has whole, the rows' own */
  ir_block set;  /* what makes them, row by row */
} making;

static ir_var *made_int(cut_state *k, const char *name) {
  ir_expr *dim = mst_ir_scalar(k->c, k->p->row_count);
  return mst_ir_var(k->c, k->p, name, IR_INT, IR_ROW_DATA, 1, &dim);
}

/* g[first_row + row] becomes the row's own, by which can be gathered. */
static void copy_expr(void *context, ir_expr *e) {
  making *m = context;
  cut_state *k = m->k;
  int firsts = 0, rows = 0;
  int64_t offset = 0;
  if (e->op != IR_LOAD || !is_whole_index(k, e->var)) return;
  if (!is_number(k, e->arg[0], &firsts, &rows, &offset) || firsts != 1 || rows != 1 || offset != 0)
    return;
  ir_var **made = mst_ir_entry(&m->copy, e->var);
  if (!*made) {
    *made = made_int(k, e->var->name);
    mst_ir_append(k->c, &m->set, set_made(k, *made, mst_ir_copy(k->c, e)));
  }
  e->var = *made;
  e->arg[0] = mst_ir_scalar(k->c, k->row);
}

static void number_expr(void *context, ir_expr *e) {
  making *m = context;
  cut_state *k = m->k;
  ir_program *p = k->p;
  int firsts = 0, rows = 0;
  int64_t offset = 0;
  if (e->op != IR_LOAD || e->var->role != IR_SHARED || e->nargs == 0) return;
  if (!is_number(k, e->arg[0], &firsts, &rows, &offset) || firsts != 1 || rows != 1) return;
  for (int i = 0; i < p->nrow_numbers; i++)
    if (p->row_number[i].offset == offset) return;
  ir_row_number new = {made_int(k, "row_number"), offset};
  MST_LANG_PUSH(k->c, p->row_number, p->nrow_numbers, new);
  /* first_row + row + offset, within the rows there are, from 1 */
  ir_expr *at =
      mst_ir_call2(k->c, IR_ADD, mst_ir_scalar(k->c, p->row_first), mst_ir_scalar(k->c, k->row));
  ir_expr *last =
      mst_ir_call2(k->c, IR_SUB, mst_ir_scalar(k->c, p->shard_size), mst_ir_int(k->c, 1));
  at = mst_ir_call2(k->c, IR_ADD, at, mst_ir_int(k->c, offset));
  if (offset > 0) at = mst_ir_call2(k->c, IR_INT_MIN, at, last);
  if (offset < 0) at = mst_ir_call2(k->c, IR_INT_MAX, at, mst_ir_int(k->c, 0));
  at = mst_ir_call2(k->c, IR_ADD, at, mst_ir_int(k->c, 1));
  mst_ir_append(k->c, &m->set, set_made(k, new.var, at));
}

void mst_cut_number_rows(cut_state *k) {
  ir_program *p = k->p;
  making m = {.k = k, .copy = mst_ir_table(k->c, sizeof(ir_var *))};
  mst_ir_edit_exprs(&p->rows, copy_expr, &m);
  mst_ir_edit_exprs(&p->rows, number_expr, &m);
  if (m.set.nstmts == 0) return;
  if (p->nphases == 0) {
    ir_phase phase = {0};
    ir_stmt *loop = mst_ir_stmt(k->c, IR_FOR, (lang_loc){0});
    loop->var = k->row;
    loop->count = mst_ir_scalar(k->c, p->row_count);
    mst_ir_append(k->c, &phase.rows, loop);
    MST_LANG_PUSH(k->c, p->phase, p->nphases, phase);
  }
  ir_block *body = &p->phase[0].rows.stmt[0]->body;
  for (int i = 0; i < m.set.nstmts; i++) mst_ir_append(k->c, body, m.set.stmt[i]);
}
