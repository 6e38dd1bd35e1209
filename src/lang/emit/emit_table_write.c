/* lang/emit/emit_table_write.c -- the tables of masting_model as C: sizes, data, parameters, shared
 * values, derived quantities. */
#include "lang/emit/emit_impl.h"

static const char *shown_name(const emit_state *e, const ir_var *v) {
  return v->decl && v->decl->name ? v->decl->name : mst_ir_shown(e->c, v);
}

static void write_sizes(emit_state *e) {
  const emit_tables *t = &e->tables;
  if (t->nsizes == 0) return;
  mst_emit_line(e, "static const masting_size model_sizes[] = {");
  for (int i = 0; i < t->nsizes; i++) {
    const emit_size *s = &t->size[i];
    const char *doc = s->var ? "of the data block" : s->of ? "read off the data" : "computed";
    mst_emit_line(e, "  {.name = %s, .zero = 1%s, .doc = %s},", mst_emit_quoted(e->c, s->name),
                  s->value ? ", .computed = 1" : "", mst_emit_quoted(e->c, doc));
  }
  mst_emit_line(e, "};");
  mst_emit_blank(e);
}

/* `, .ndims = 2, .dims = {0, 3}`; in the order in which the model declares them: the row first
 * in the IR goes to its place. */
static const char *dims_text(emit_state *e, const int *dim, int ndims, int shard_dim) {
  const char *s = "";
  for (int i = 0; i < ndims; i++) {
    int from = i;
    if (shard_dim > 0) from = i < shard_dim ? i + 1 : i == shard_dim ? 0 : i;
    s = mst_lang_format(e->c, "%s%s%d", s, i ? ", " : "", dim[from]);
  }
  return ndims ? mst_lang_format(e->c, ", .ndims = %d, .dims = {%s}", ndims, s) : "";
}

/* A literal bound. */
static bool literal(const ast_expr *x, double *value) {
  if (!x) return false;
  if (x->kind == AST_UNARY && (x->op == AST_NEG || x->op == AST_PLUS) &&
      literal(x->arg[0], value)) {
    if (x->op == AST_NEG) *value = -*value;
    return true;
  }
  if (x->kind == AST_INT) *value = (double)x->integer;
  if (x->kind == AST_REAL) *value = x->real;
  return x->kind == AST_INT || x->kind == AST_REAL;
}

static const char *bounds_text(emit_state *e, const ir_var *v) {
  double lower, upper;
  const ast_decl *d = v->decl;
  const char *low = "MASTING_NO_BOUND_BELOW", *high = "MASTING_NO_BOUND_ABOVE";
  int size = -1;
  if (d && d->constraint == AST_BOUNDS) {
    if (literal(d->lower, &lower)) low = mst_lang_format(e->c, "%.17g", lower);
    if (literal(d->upper, &upper)) high = mst_lang_format(e->c, "%.17g", upper);
    for (int i = 0; d->upper && d->upper->kind == AST_VAR && i < e->tables.nsizes; i++)
      if (e->tables.size[i].var && e->tables.size[i].var->decl == d->upper->decl) size = i;
  }
  return mst_lang_format(e->c, ", .lower = %s, .upper = %s, .upper_size = %s", low, high,
                         size >= 0 ? mst_lang_format(e->c, "%d", size) : "MASTING_NO_SIZE");
}

static void write_data(emit_state *e) {
  const emit_tables *t = &e->tables;
  if (t->ndata == 0) return;
  mst_emit_line(e, "static const masting_data model_data[] = {");
  for (int i = 0; i < t->ndata; i++) {
    ir_var *v = t->data[i];
    bool made = mst_emit_is_made(e, v);
    int dim[64];
    for (int k = 0; k < v->ndims; k++)
      dim[k] = made ? mst_emit_computed_size(e, v, k) : mst_emit_read_size(e, v, k);
    const char *place = v->decl ? mst_emit_place(e, v->decl->loc) : NULL;
    /* made data that the program has elsewhere too, as an output, have a name that no user has */
    const bool own = !made || (v->decl && v->decl->top && v->decl->block == AST_IN_TDATA);
    const char *name = own ? shown_name(e, v) : v->name;
    mst_emit_line(e, "  {.name = %s, .type = %s%s%s, .doc = %s%s},", mst_emit_quoted(e->c, name),
                  v->type == IR_INT ? "MASTING_I32" : "MASTING_F64",
                  dims_text(e, dim, v->ndims, v->shard_dim), bounds_text(e, v),
                  mst_emit_quoted(e->c, place ? place : ""),
                  made                 ? ", .made = 1"
                  : v->type == IR_REAL ? ", .infinite = 1"
                                       : "");
  }
  mst_emit_line(e, "};");
  mst_emit_blank(e);
}

static void write_params(emit_state *e) {
  ir_program *p = e->p;
  if (p->nparams == 0) return;
  mst_emit_line(e, "static const masting_param model_params[] = {");
  for (int i = 0; i < p->nparams; i++) {
    ir_var *v = p->param[i].theta;
    int dim[64], ndims = v->ndims;
    for (int k = 0; k < ndims; k++) dim[k] = mst_emit_computed_size(e, v, k);
    const char *name = p->param[i].decl ? p->param[i].decl->name : shown_name(e, v);
    mst_emit_line(e, "  {.name = %s%s, .hidden = 1, .doc = \"unconstrained\"},",
                  mst_emit_quoted(e->c, name),
                  dims_text(e, dim, ndims, p->param[i].local ? v->shard_dim : -1));
  }
  mst_emit_line(e, "};");
  mst_emit_blank(e);
}

void mst_emit_write_group(emit_state *e, const char *table, const emit_group *g, bool shared) {
  if (g->count == 0) return;
  mst_emit_line(e, "static const masting_param model_%s[] = {", table);
  for (int i = 0; i < g->count; i++) {
    ir_var *v = g->var[i];
    int dim[64];
    for (int k = 0; k < v->ndims; k++) dim[k] = mst_emit_computed_size(e, v, k);
    const char *name = shared ? mst_ir_unmarked(e->c, v->name) : shown_name(e, v);
    const char *place = v->decl ? mst_emit_place(e, v->decl->loc) : NULL;
    bool generated = !shared && v->decl && v->decl->block == AST_IN_GENERATED;
    mst_emit_line(e, "  {.name = %s%s, .doc = %s%s%s},", mst_emit_quoted(e->c, name),
                  dims_text(e, dim, v->ndims, g->first_dim ? v->shard_dim : -1),
                  mst_emit_quoted(e->c, place ? place : ""),
                  v->type == IR_INT ? ", .integer = 1" : "", generated ? ", .rejectable = 1" : "");
  }
  mst_emit_line(e, "};");
  mst_emit_blank(e);
}

void mst_emit_write_tables(emit_state *e) {
  e->depth = 0;
  write_sizes(e);
  write_data(e);
  write_params(e);
  mst_emit_write_group(e, "shared", &e->tables.shared, true);
  mst_emit_write_gathers(e);
  mst_emit_write_group(e, "derived", &e->tables.output, false);
  mst_emit_write_group(e, "row_derived", &e->tables.row_output, false);
}
