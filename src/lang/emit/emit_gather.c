/* lang/emit/emit_gather.c -- adjoints of shared arrays that rows pick from by an index of their
 * data, a[g[row]]: they go to the block's compact array of the groups that it has
 * (masting_gather), so that many groups cost no more than those.
 *
 * An array is gathered when every addition to its adjoint is at an index that is a row's datum
 * less 1, or the row's number over all ranks and a constant (ir_row_number), or a name for that.
 * Different additions may use different data.
 */
#include "lang/emit/emit_impl.h"

enum { MOST = 16 }; /* MASTING_MAX_GATHER */

typedef struct search {
  emit_state *e;
  const ir_var *adjoint;
  ir_var *by[MOST];
  int nby;
  bool fits;
} search;

static const ir_expr **name_of(const emit_state *e, const ir_var *v) {
  return mst_ir_entry(e->named, v);
}

/* The value of a name for an int. */
static const ir_expr *value_of(const emit_state *e, const ir_expr *x) {
  while (x->op == IR_LOAD && x->nargs == 0 && x->var->constant && *name_of(e, x->var))
    x = *name_of(e, x->var);
  return x->op == IR_CHECK_INDEX ? value_of(e, x->arg[0]) : x;
}

/* g[row] - 1: g, or NULL. */
static const ir_expr *row_datum(const emit_state *e, const ir_expr *x) {
  x = value_of(e, x);
  if (x->op != IR_CALL || x->prim != IR_ADD || !mst_ir_is_int(x->arg[1], -1)) return NULL;
  x = value_of(e, x->arg[0]);
  bool fits =
      x->op == IR_LOAD && x->var->role == IR_ROW_DATA && x->var->type == IR_INT && x->nargs == 1;
  return fits ? x : NULL;
}

/* first_row + row + offset, or, in a tile of rows, first_row + (row + each) + offset */
typedef struct number {
  bool first;
  const ir_expr *row, *each;
  int64_t offset;
} number;

/* Whether x is that, or names for it: adds up what there is. */
static bool is_number(const emit_state *e, const ir_expr *x, number *n) {
  x = value_of(e, x);
  if (x->op == IR_CONST_INT) {
    n->offset += x->integer;
    return true;
  }
  if (x->op == IR_CALL && x->prim == IR_ADD)
    return is_number(e, x->arg[0], n) && is_number(e, x->arg[1], n);
  if (x->op != IR_LOAD || x->nargs > 0) return false;
  if (x->var == e->p->row_first) return n->first = !n->first;
  const ir_expr **counter = mst_set_has(&e->row_counters, x->var) ? &n->row : &n->each;
  if (*counter || (counter == &n->each && !mst_set_has(&e->tile_counters, x->var))) return false;
  *counter = x;
  return true;
}

static void note_counter(const ir_stmt *s, void *argument) {
  emit_state *e = argument;
  if (s->kind != IR_FOR && s->kind != IR_FOR_DOWN) return;
  if (s->tile == IR_TILE_EACH)
    mst_set_add(e->c, &e->tile_counters, s->var);
  else if (s->count->op == IR_LOAD && s->count->var == e->p->row_count)
    mst_set_add(e->c, &e->row_counters, s->var);
}

/* What the index of an addition is a row's datum by: the variable, and *row; NULL: it is none. */
static ir_var *picked_by(const emit_state *e, const ir_expr *x, const ir_expr **row) {
  const ir_expr *datum = row_datum(e, x);
  if (datum) {
    *row = datum->arg[0];
    return datum->var;
  }
  number n = {0};
  *row = NULL;
  if (!e->p->nrow_numbers || !is_number(e, x, &n) || !n.first || !n.row) return NULL;
  *row = n.row;
  if (n.each)
    *row = mst_ir_call2(e->c, IR_ADD, mst_ir_copy(e->c, n.row), mst_ir_copy(e->c, n.each));
  for (int i = 0; i < e->p->nrow_numbers; i++)
    if (e->p->row_number[i].offset == n.offset) return e->p->row_number[i].var;
  return NULL;
}

void mst_emit_note_name(const ir_stmt *s, void *argument) {
  emit_state *e = argument;
  if (s->kind == IR_DECL && s->rhs && s->var->type == IR_INT && s->var->constant)
    *name_of(e, s->var) = s->rhs;
}

static void note_addition(const ir_stmt *s, void *argument) {
  search *h = argument;
  if (s->kind == IR_ROUTINE_ADJOINT)
    for (int i = 0; i < s->nin; i++) h->fits &= s->in[i]->adjoint != h->adjoint;
  if (s->kind != IR_ASSIGN || s->var != h->adjoint) return;
  const ir_expr *row;
  ir_var *by = s->add ? picked_by(h->e, s->index[0], &row) : NULL;
  int k = 0;
  while (by && k < h->nby && h->by[k] != by) k++;
  if (!by || k == MOST)
    h->fits = false;
  else if (k == h->nby)
    h->by[h->nby++] = by;
}

static void visit_rows(emit_state *e, ir_visit_stmts *visit, void *argument) {
  const ir_block *const blocks[] = {&e->p->rows_gradient.forward, &e->p->rows_gradient.reverse};
  for (int b = 0; b < 2; b++)
    for (int i = 0; i < blocks[b]->nstmts; i++)
      mst_ir_visit_stmts(blocks[b]->stmt[i], visit, argument);
}

/* The gather by this datum from arrays with this first dimension. */
static emit_gather *gather_by(emit_state *e, ir_var *by, const ir_expr *dim) {
  for (int i = 0; i < e->ngathers; i++)
    if (e->gather[i].by == by && mst_ir_same(e->gather[i].var[0]->dim[0], dim))
      return &e->gather[i];
  if (e->ngathers == MOST) return NULL;
  emit_gather g = {.by = by};
  g.pos = mst_ir_unique(e->c, e->p, mst_lang_format(e->c, "%s_pos", by->name));
  g.grad = mst_ir_unique(e->c, e->p, mst_lang_format(e->c, "%s_grad", by->name));
  MST_LANG_PUSH(e->c, e->gather, e->ngathers, g);
  return &e->gather[e->ngathers - 1];
}

static void add_gathers(emit_state *e, ir_var *shared, const search *h) {
  for (int i = 0; i < h->nby; i++) { /* all or none */
    emit_gather *g = e->ngathers < MOST ? gather_by(e, h->by[i], shared->dim[0]) : NULL;
    if (!g || g->count == MOST) return;
    if (g->count == 0) g->var[0] = shared; /* tells gather_by its dimension; added again below */
  }
  for (int i = 0; i < h->nby; i++) {
    emit_gather *g = gather_by(e, h->by[i], shared->dim[0]);
    g->var[g->count++] = shared;
  }
}

void mst_emit_find_gathers(emit_state *e) {
  visit_rows(e, mst_emit_note_name, e);
  visit_rows(e, note_counter, e);
  for (int k = 0; k < e->p->nshared; k++) {
    ir_var *v = e->p->shared[k];
    if (!v->adjoint || v->ndims == 0) continue;
    search h = {.e = e, .adjoint = v->adjoint, .fits = true};
    visit_rows(e, note_addition, &h);
    if (h.fits && h.nby > 0) add_gathers(e, v, &h);
  }
  for (int i = 0; i < e->ngathers; i++)
    while (e->ngathers > i && e->gather[i].count == 0) e->gather[i] = e->gather[--e->ngathers];
}

/* Elements of a group before the k-th array; k == count: all. */
static const char *elements(emit_state *e, const emit_gather *g, int k) {
  int64_t n = 0;
  const char *s = NULL;
  for (int i = 0; i < k; i++) {
    int64_t m = 1;
    for (int d = 1; d < g->var[i]->ndims; d++) {
      const ir_expr *dim = g->var[i]->dim[d];
      m = m < 0 || dim->op != IR_CONST_INT ? -1 : m * dim->integer;
    }
    if (m >= 0)
      n += m;
    else
      s = s ? mst_lang_format(e->c, "%s + %s", s, mst_emit_count(e, g->var[i], 1))
            : mst_emit_count(e, g->var[i], 1);
  }
  if (!s) return mst_lang_format(e->c, "%lld", (long long)n);
  return n ? mst_lang_format(e->c, "(%s + %lld)", s, (long long)n)
           : mst_lang_format(e->c, "(%s)", s);
}

const char *mst_emit_gathered(emit_state *e, const ir_var *adjoint, const ir_expr *index) {
  if (e->kind != EMIT_ROWS || adjoint->role != IR_ADJOINT || e->ngathers == 0) return NULL;
  const ir_expr *at_row;
  const ir_var *by = picked_by(e, index, &at_row);
  for (int i = 0; by && i < e->ngathers; i++)
    for (int k = 0; e->gather[i].by == by && k < e->gather[i].count; k++) {
      if (e->gather[i].var[k]->adjoint != adjoint) continue;
      const char *row = mst_emit_expr(e, at_row), *first = elements(e, &e->gather[i], k);
      const char *size = elements(e, &e->gather[i], e->gather[i].count);
      const char *at = mst_lang_format(e->c, "%s[%s]", e->gather[i].pos, row);
      if (e->gather[i].count > 1 || e->gather[i].var[k]->ndims > 1)
        at = mst_lang_format(e->c, "%s * %s", at, size);
      if (k > 0) at = mst_lang_format(e->c, "%s + %s", at, first);
      return mst_lang_format(e->c, "%s[%s", e->gather[i].grad, at);
    }
  return NULL;
}

bool mst_emit_is_gathered(const emit_state *e, const ir_var *shared) {
  for (int i = 0; i < e->ngathers; i++)
    for (int k = 0; k < e->gather[i].count; k++)
      if (e->gather[i].var[k] == shared) return true;
  return false;
}

void mst_emit_open_gathers(emit_state *e) {
  for (int i = 0; i < e->ngathers; i++) {
    mst_emit_line(e, "const uint16_t *const restrict %s = block->pos[%d];", e->gather[i].pos, i);
    mst_emit_line(e, "vreal *const restrict %s = block->gather_grad[%d];", e->gather[i].grad, i);
  }
}

void mst_emit_write_gathers(emit_state *e) {
  if (e->ngathers == 0) return;
  mst_emit_line(e, "static const masting_gather model_gathers[] = {");
  for (int i = 0; i < e->ngathers; i++) {
    const emit_gather *g = &e->gather[i];
    const char *list = "";
    for (int k = 0; k < g->count; k++)
      list = mst_lang_format(e->c, "%s%s%d", list, k ? ", " : "",
                             mst_emit_group_index(&e->tables.shared, g->var[k]));
    mst_emit_line(e, "  {.data = %d, .nparams = %d, .params = {%s}},",
                  mst_emit_data_index(e, g->by), g->count, list);
  }
  mst_emit_line(e, "};");
  mst_emit_blank(e);
}
