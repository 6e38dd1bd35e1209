/* lang/emit/emit_density.c -- the functions of an evaluation: prepare, rows, global. */
#include "lang/emit/emit_impl.h"

/* Without rows in any case, though the density may be flat: a model needs one of the two. */
bool mst_emit_has_global(const emit_state *e) {
  const ir_gradient *g = &e->p->density_gradient;
  return !e->p->shard_size || g->forward.nstmts + g->reverse.nstmts > 0 || e->p->split;
}

static void end_function(emit_state *e) {
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

/* The variable of the density block that the k-th of a group, shared or normal, is. */
static ir_var *source(const emit_group *g, int k) {
  return g->var[k]->shared_from ? g->var[k]->shared_from : g->var[k];
}

/* What rows read, or normals are computed from, out to where they find it. */
static void write_out(emit_state *e, const emit_group *g) {
  for (int k = 0; k < g->count; k++) {
    const ir_var *from = source(g, k);
    const char *at = mst_emit_offset(e, g, k);
    if (g->var[k]->ndims == 0)
      mst_emit_line(e, "%s[%s] = %s%s;", g->name, at, from->name,
                    from->role == IR_THETA ? "[0]" : "");
    else
      mst_emit_line(e, "memcpy(%s + %s, %s, (size_t)(%s) * sizeof(vreal));", g->name, at,
                    from->name, mst_emit_count(e, g->var[k], 0));
  }
}

/* Collects these variables as if a statement read them. */
static void collect_out(emit_state *e, const emit_group *g, bool adjoints) {
  for (int k = 0; k < g->count; k++) {
    ir_var *from = source(g, k);
    ir_stmt probe = {.kind = IR_PUSH, .var = from, .nindices = -1};
    ir_stmt *list[] = {&probe};
    if (adjoints) probe.var = from->role == IR_THETA ? from->adjoint : NULL;
    bool tape = e->tape;
    if (probe.var) mst_emit_collect(e, &(ir_block){list, 1});
    e->tape = tape;
  }
}

static void write_prepare(emit_state *e) {
  mst_emit_begin(e, EMIT_PREPARE);
  mst_emit_collect(e, &e->p->density_gradient.forward);
  collect_out(e, &e->tables.shared, false);
  collect_out(e, &e->tables.normal, false);
  e->depth = 0;
  mst_emit_line(e, "/* Transforms, and all values that the reverse sweep will read. */");
  mst_emit_line(e, "static void model_prepare(void *opaque, int slot, const int64_t *size, const "
                   "void *const *data, "
                   "const vreal *theta, vreal *shared, vreal *normal) {");
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = opaque;");
  mst_emit_line(e, "model_slot *const kept = state->slot + slot;");
  mst_emit_line(e, "(void)size;");
  mst_emit_line(e, "(void)data;");
  mst_emit_line(e, "(void)theta;");
  mst_emit_line(e, "(void)normal;");
  mst_emit_open(e);
  mst_emit_block(e, &e->p->density_gradient.forward);
  write_out(e, &e->tables.shared);
  write_out(e, &e->tables.normal);
  mst_emit_close(e);
  end_function(e);
}

/* Adjoints that rows, or normals, have summed: each under a name of its own for the declarations
 * that start from them; those of theta go to the gradient at once. */
static void open_seeds(emit_state *e, const emit_group *g) {
  for (int k = 0; k < g->count; k++) {
    const ir_var *from = source(g, k);
    const char *at = mst_emit_offset(e, g, k);
    if (from->role == IR_THETA) {
      if (from->adjoint)
        mst_emit_line(e, "for (int64_t i = 0; i < %s; i++) %s[i] += (%s_grad + %s)[i];",
                      mst_emit_count(e, from, 0), from->adjoint->name, g->name, at);
    } else if (from->adjoint)
      mst_emit_line(e, "const vreal *const restrict %sshared = %s_grad + %s;", from->name, g->name,
                    at);
  }
}

static void write_global(emit_state *e) {
  mst_emit_begin(e, e->p->split ? EMIT_GLOBAL : EMIT_DENSITY);
  if (!e->p->split) mst_emit_collect(e, &e->p->density_gradient.forward);
  mst_emit_collect(e, &e->p->density_gradient.reverse);
  if (e->p->split) collect_out(e, &e->tables.shared, true);
  e->depth = 0;
  mst_emit_line(
      e,
      e->p->split
          ? "/* The reverse sweep, from what rows have summed; and what is not summed over rows. */"
          : "/* Density and gradient. */");
  mst_emit_line(e, "static void model_global(void *opaque, int slot, const int64_t *size, const "
                   "void *const *data, "
                   "const vreal *theta, const vreal *shared_grad, const vreal *normal_grad, vreal "
                   "*grad, vreal *lp) {");
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = opaque;");
  if (e->p->split) mst_emit_line(e, "model_slot *const kept = state->slot + slot;");
  const char *const unused[] = {"slot",  "state",       "size",        "data",
                                "theta", "shared_grad", "normal_grad", "grad"};
  for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
    mst_emit_line(e, "(void)%s;", unused[i]);
  mst_emit_line(e, "vreal target = v_all(0.0);");
  mst_emit_open(e);
  if (e->p->split) open_seeds(e, &e->tables.shared);
  if (e->p->split) open_seeds(e, &e->tables.normal);
  if (!e->p->split) mst_emit_block(e, &e->p->density_gradient.forward);
  mst_emit_block(e, &e->p->density_gradient.reverse);
  mst_emit_line(e, "*lp += target;");
  mst_emit_close(e);
  end_function(e);
}

static void write_rows(emit_state *e) {
  mst_emit_begin(e, EMIT_ROWS);
  mst_emit_collect(e, &e->p->rows_gradient.forward);
  mst_emit_collect(e, &e->p->rows_gradient.reverse);
  mst_emit_find_row_loop(e);
  e->depth = 0;
  mst_emit_line(e, "/* Density and gradient of a block of rows. */");
  mst_emit_line(e, "static void model_rows(void *opaque, const masting_block *block) {");
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = opaque;");
  mst_emit_line(e, "(void)state;");
  mst_emit_line(e, "vreal target = v_all(0.0);");
  mst_emit_open(e);
  mst_emit_block(e, &e->p->rows_gradient.forward);
  mst_emit_block(e, &e->p->rows_gradient.reverse);
  mst_emit_line(e, "*block->lp += target;");
  mst_emit_close(e);
  e->row_loop = NULL;
  end_function(e);
}

void mst_emit_density(emit_state *e) {
  if (e->p->split) write_prepare(e);
  if (e->p->shard_size)
    write_rows(e); /* also where rows add nothing: a cut size has its function */
  if (mst_emit_has_global(e)) write_global(e);
  mst_emit_normals(e);
}
