/* lang/emit/emit_table.c -- sizes, data, parameters, shared values and derived quantities: which
 * there are, and the tables of masting_model that list them.
 *
 * A scalar int of the data block that stands alone as a dimension of data is a size. Other
 * dimensions of data are sizes without a name of the model's, read off the data's shape and
 * checked by setup. Dimensions of parameters and outputs that are no such size are computed.
 */
#include "lang/emit/emit_impl.h"

#include <stdio.h>
#include <string.h>

/* ---- sizes */

static bool is_plain(const emit_state *e, const ir_expr *dim) {
  if (dim->op != IR_LOAD || dim->nargs != 0 || dim->type != IR_INT) return false;
  for (int i = 0; i < e->p->ndata; i++)
    if (e->p->data[i] == dim->var) return true;
  return false;
}

static int add_size(emit_state *e, emit_size size) {
  emit_tables *t = &e->tables;
  MST_LANG_PUSH(e->c, t->size, t->nsizes, size);
  return t->nsizes - 1;
}

static int size_of_var(emit_state *e, ir_var *v) {
  emit_tables *t = &e->tables;
  for (int i = 0; i < t->nsizes; i++)
    if (t->size[i].var == v) return i;
  return add_size(e, (emit_size){.name = mst_ir_shown(e->c, v), .var = v});
}

int mst_emit_size_of(const emit_state *e, const ir_expr *dim) {
  const emit_tables *t = &e->tables;
  for (int i = 0; i < t->nsizes; i++) {
    if (t->size[i].var && dim->op == IR_LOAD && dim->var == t->size[i].var) return i;
    if (t->size[i].value && mst_ir_same(t->size[i].value, dim)) return i;
  }
  return -1;
}

static const char *dim_name(emit_state *e, const ir_var *v, int dim) {
  const char *name = mst_ir_shown(e->c, v);
  return mst_ir_unmarked(
      e->c, mst_ir_unique(e->c, e->p, mst_lang_format(e->c, "%s_dim_%d", name, dim + 1)));
}

/* The number of rows as a size that is not cut: of variables that every rank has whole. */
static int whole_size(const emit_state *e) {
  const emit_tables *t = &e->tables;
  for (int i = 0; i < t->nsizes; i++)
    if (t->size[i].value && t->size[i].value->op == IR_LOAD &&
        t->size[i].value->var == e->p->shard_size)
      return i;
  return -1;
}

/* The size of a dimension of a parameter, an output or made data. */
int mst_emit_computed_size(emit_state *e, const ir_var *v, int dim) {
  if (e->p->row_count && v->dim[dim]->op == IR_LOAD && v->dim[dim]->var == e->p->row_count)
    return e->tables.shard;
  int k = mst_emit_size_of(e, v->dim[dim]);
  if (k == e->tables.shard && k >= 0) k = whole_size(e); /* all rows, on every rank */
  return k >= 0 ? k : add_size(e, (emit_size){.name = dim_name(e, v, dim), .value = v->dim[dim]});
}

int mst_emit_read_size(emit_state *e, ir_var *v, int dim) {
  emit_tables *t = &e->tables;
  if (v->role == IR_ROW_DATA && dim == 0) return t->shard;
  /* read whole by every rank */
  bool rows = v->dim[dim]->op == IR_LOAD && v->dim[dim]->var == e->p->shard_size;
  if (!rows && is_plain(e, v->dim[dim])) return size_of_var(e, v->dim[dim]->var);
  for (int i = 0; i < t->nsizes; i++)
    if (t->size[i].of == v && t->size[i].dim == dim) return i;
  return add_size(e, (emit_size){.name = dim_name(e, v, dim), .of = v, .dim = dim});
}

bool mst_emit_is_made(const emit_state *e, const ir_var *v) {
  if (v->role != IR_ROW_DATA) return false;
  for (int i = 0; i < e->p->ndata; i++)
    if (e->p->data[i] == v) return false;
  return true;
}

/* ---- groups */

int64_t mst_emit_fixed_from(const ir_var *v, int first) {
  int64_t n = 1;
  for (int i = first; i < v->ndims; i++) {
    if (v->dim[i]->op != IR_CONST_INT) return -1;
    n *= v->dim[i]->integer;
  }
  return n;
}

bool mst_emit_group_fixed(const emit_group *g) { return !g->before || g->before[g->count] >= 0; }

const char *mst_emit_offset(emit_state *e, const emit_group *g, int k) {
  const char *few =
      k == 1 && g->before[1] < 0 ? mst_emit_known_count(e, g->var[0], g->first_dim, true) : NULL;
  if (few) return few; /* a stride that the C compiler may know */
  if (g->before[k] < 0) return mst_lang_format(e->c, "state->at_%s[%d]", g->name, k);
  return mst_lang_format(e->c, "%lld", (long long)g->before[k]);
}

const char *mst_emit_sum_offset(emit_state *e, int phase, int k) {
  const ir_phase *f = &e->p->phase[phase];
  const char *s = NULL;
  for (int i = 0; i < k; i++) {
    const char *n = mst_emit_count(e, f->sum[i], 0);
    s = s ? mst_lang_format(e->c, "%s + %s", s, n) : n;
  }
  return s ? s : "0";
}

/* ---- which there are */

static void make_sizes(emit_state *e) {
  emit_tables *t = &e->tables;
  ir_program *p = e->p;
  t->shard = -1;
  if (p->shard_size) t->shard = size_of_var(e, p->shard_size);
  for (int i = 0; i < p->nnormals; i++) size_of_var(e, p->normal[i].order);
  for (int i = 0; i < p->ndata; i++)
    for (int k = 0; k < p->data[i]->ndims; k++) mst_emit_read_size(e, p->data[i], k);
}

static void make_data(emit_state *e) {
  emit_tables *t = &e->tables;
  ir_program *p = e->p;
  for (int i = 0; i < p->ndata; i++) {
    ir_var *v = p->data[i];
    bool is_size = false;
    for (int k = 0; k < t->nsizes; k++) is_size |= t->size[k].var == v;
    if (!is_size) MST_LANG_PUSH(e->c, t->data, t->ndata, v);
    if (v->ndims == 0) MST_LANG_PUSH(e->c, t->state, t->nstate, v);
  }
  for (int i = 0; i < p->nvars; i++)
    if (mst_emit_is_made(e, p->var[i])) {
      MST_LANG_PUSH(e->c, t->data, t->ndata, p->var[i]);
      for (int k = 1; k < p->var[i]->ndims; k++) mst_emit_computed_size(e, p->var[i], k);
    }
}

static void add_state(emit_state *e, ir_var *v) {
  for (int i = 0; i < e->tables.nstate; i++)
    if (e->tables.state[i] == v) return;
  MST_LANG_PUSH(e->c, e->tables.state, e->tables.nstate, v);
}

void mst_emit_declared(lang_context *c, const ir_block *b, ir_role role, bool persistent,
                       ir_var ***list, int *count) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    if (s->kind == IR_DECL && s->var->role == role && (!persistent || s->var->persistent))
      MST_LANG_PUSH(c, *list, *count, s->var);
    mst_emit_declared(c, &s->body, role, persistent, list, count);
    mst_emit_declared(c, &s->other, role, persistent, list, count);
  }
}

static void make_state(emit_state *e) {
  ir_program *p = e->p;
  ir_var **list = NULL;
  int n = 0;
  mst_emit_declared(e->c, &p->setup, IR_DATA, false, &list, &n);
  for (int i = 0; i < p->nphases; i++) {
    for (int k = 0; k < p->phase[i].nsums; k++) add_state(e, p->phase[i].sum[k]);
    mst_emit_declared(e->c, &p->phase[i].after, IR_DATA, false, &list, &n);
  }
  for (int i = 0; i < n; i++) add_state(e, list[i]);
}

static void make_groups(emit_state *e) {
  emit_tables *t = &e->tables;
  ir_program *p = e->p;
  t->theta.name = t->value.name = "theta";
  t->row_theta.name = t->row_value.name = "row_theta";
  t->row_theta.first_dim = t->row_value.first_dim = 1;
  for (int i = 0; i < p->nparams; i++) {
    emit_group *g = p->param[i].local ? &t->row_theta : &t->theta;
    emit_group *h = p->param[i].local ? &t->row_value : &t->value;
    ir_var *v = p->param[i].theta, *w = p->param[i].value;
    for (int k = g->first_dim; k < v->ndims; k++) mst_emit_computed_size(e, v, k);
    MST_LANG_PUSH(e->c, g->var, g->count, v);
    MST_LANG_PUSH(e->c, h->var, h->count, w ? w : v);
  }
  t->shared = (emit_group){.name = "shared", .var = p->shared, .count = p->nshared};
  t->output = (emit_group){.name = "output", .var = p->output, .count = p->noutputs};
  t->row_output = (emit_group){
      .name = "row_output", .var = p->row_output, .count = p->nrow_outputs, .first_dim = 1};
  t->normal.name = "normal";
  for (int i = 0; i < p->nnormals; i++)
    for (int j = -1; j < p->normal[i].ninputs; j++) {
      ir_var *v = j < 0 ? p->normal[i].residual : p->normal[i].input[j];
      MST_LANG_PUSH(e->c, t->normal.var, t->normal.count, v);
      for (int k = 0; k < v->ndims; k++) mst_emit_computed_size(e, v, k);
    }
  for (int i = 0; i < p->nshared; i++)
    for (int k = 0; k < p->shared[i]->ndims; k++) mst_emit_computed_size(e, p->shared[i], k);
  for (int i = 0; i < p->noutputs; i++)
    for (int k = 0; k < p->output[i]->ndims; k++) mst_emit_computed_size(e, p->output[i], k);
  for (int i = 0; i < p->nrow_outputs; i++)
    for (int k = 1; k < p->row_output[i]->ndims; k++)
      mst_emit_computed_size(e, p->row_output[i], k);
}

void mst_emit_make_tables(emit_state *e) {
  emit_tables *t = &e->tables;
  make_sizes(e);
  make_data(e);
  t->ndata_slots = e->p->nvars;
  t->data_slot = MST_LANG_ARRAY(e->c, int, t->ndata_slots + 1);
  for (int i = 0; i < t->ndata; i++) t->data_slot[t->data[i]->id] = i + 1;
  make_state(e);
  make_groups(e);
  emit_group *const groups[] = {&t->theta,  &t->value,  &t->row_theta, &t->row_value,
                                &t->shared, &t->normal, &t->output,    &t->row_output};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) mst_emit_index_group(e, groups[i]);
}
