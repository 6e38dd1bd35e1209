/* lang/emit/emit.c -- the whole file: includes, tables, state, functions, the model. */
#include "lang/emit/emit_impl.h"

#include <string.h>

static void write_head(emit_state *e) {
  const char *source = e->c->nsources > 0 ? e->c->source[0].name : e->p->name;
  mst_emit_line(e, "/* Made by the Stan compiler of masting from %s; see masting/model_abi.h.",
                mst_emit_commented(e->c, source));
  mst_emit_line(e, " *");
  mst_emit_line(e, " * A vreal holds one number per chain. x_adj__ is the derivative of the log "
                   "density by x__.");
  mst_emit_line(e, " * Values that the reverse sweep needs are pushed on a tape. */");
  if (e->p->one_lane) {
    mst_emit_line(e, "#include <masting/lanes.h>");
    mst_emit_line(e, "#if MASTING_LANES == 1 /* its control flow depends on parameters */");
  }
  mst_emit_line(e, "#include <masting/model_abi.h>");
  mst_emit_line(e, "#include <masting/stan/linalg.h>");
  mst_emit_ode_headers(e);
  mst_emit_line(e, "#include <masting/stan/run.h>");
  mst_emit_line(e, "#include <masting/stan/special.h>");
  mst_emit_blank(e);
  for (int i = 0; i < e->p->ndata; i++) {
    const ir_var *v = e->p->data[i];
    if (!mst_emit_may_be_known(e->p, v)) continue;
    mst_emit_line(e, "#ifndef MASTING_KNOWN_%s", v->source_name);
    mst_emit_line(e, "#define MASTING_KNOWN_%s(x) (x)", v->source_name);
    mst_emit_line(e, "#endif");
  }
  mst_emit_line(e, "#pragma GCC diagnostic ignored \"-Wunknown-pragmas\"");
  mst_emit_line(e, "#pragma GCC diagnostic ignored \"-Wunused-variable\"");
  mst_emit_line(e, "#pragma GCC diagnostic ignored \"-Wunused-but-set-variable\"");
  mst_emit_blank(e);
}

static void write_model(emit_state *e) {
  const emit_tables *t = &e->tables;
  const ir_program *p = e->p;
  e->depth = 0;
  mst_emit_line(e, "MASTING_MODEL(%s) = {", mst_ir_unique(e->c, e->p, p->name));
  e->depth = 1;
  mst_emit_line(e, ".abi = MASTING_ABI,");
  mst_emit_line(e, ".lanes = MASTING_LANES,");
  mst_emit_line(e, ".name = %s,", mst_emit_quoted(e->c, p->name));
  mst_emit_line(e, ".doc = %s,",
                mst_emit_quoted(e->c, e->c->nsources > 0 ? e->c->source[0].name : p->name));
  if (t->nsizes > 0) mst_emit_line(e, ".sizes = model_sizes,");
  mst_emit_line(e, ".nsizes = %d,", t->nsizes);
  mst_emit_line(e, t->shard >= 0 ? ".shard = %d," : ".shard = MASTING_NO_SIZE,", t->shard);
  if (t->ndata > 0) mst_emit_line(e, ".data = model_data,");
  mst_emit_line(e, ".ndata = %d,", t->ndata);
  if (p->nparams > 0) mst_emit_line(e, ".params = model_params,");
  mst_emit_line(e, ".nparams = %d,", p->nparams);
  if (p->nshared > 0) mst_emit_line(e, ".shared = model_shared,");
  mst_emit_line(e, ".nshared = %d,", p->nshared);
  if (e->ngathers > 0) {
    mst_emit_line(e, ".gathers = model_gathers,");
    mst_emit_line(e, ".ngathers = %d,", e->ngathers);
  }
  if (p->nnormals > 0) {
    mst_emit_line(e, ".normals = model_normals,");
    mst_emit_line(e, ".nnormals = %d,", p->nnormals);
  }
  mst_emit_line(e, ".setup = model_setup,");
  mst_emit_line(e, ".teardown = model_teardown,");
  if (p->nphases > 0) {
    mst_emit_line(e, ".nphases = %d,", p->nphases);
    mst_emit_line(e, ".phase_values = model_phase_values,");
    mst_emit_line(e, ".phase_op = model_phase_op,");
    mst_emit_line(e, ".phase_rows = model_phase_rows,");
    mst_emit_line(e, ".phase_end = model_phase_end,");
  }
  mst_emit_line(e, ".begin = model_begin,");
  if (e->p->split) mst_emit_line(e, ".prepare = model_prepare,");
  if (p->shard_size) mst_emit_line(e, ".rows = model_rows,");
  if (mst_emit_has_global(e)) mst_emit_line(e, ".global = model_global,");
  mst_emit_line(e, ".trouble = model_trouble,");
  if (p->noutputs > 0) mst_emit_line(e, ".derived = model_derived,");
  mst_emit_line(e, ".nderived = %d,", p->noutputs);
  if (p->noutputs > 0 || p->generate.nstmts > 0) mst_emit_line(e, ".derive = model_derive,");
  if (p->nrow_outputs > 0) {
    mst_emit_line(e, ".row_derived = model_row_derived,");
    mst_emit_line(e, ".nrow_derived = %d,", p->nrow_outputs);
    mst_emit_line(e, ".derive_rows = model_derive_rows,");
    if (e->rows_reject) mst_emit_line(e, ".rows_may_reject = 1,");
  }
  e->depth = 0;
  mst_emit_line(e, "};");
}

const char *mst_emit(lang_context *c, ir_program *p) {
  emit_text text = {.c = c};
  ir_table named = mst_ir_table(c, sizeof(const ir_expr *));
  emit_state e = {.c = c, .p = p, .t = &text, .named = &named};
  mst_emit_make_tables(&e);
  mst_emit_find_gathers(&e);
  write_head(&e);
  mst_emit_write_tables(&e);
  mst_emit_state(&e);
  mst_emit_odes(&e);
  mst_emit_setup(&e);
  mst_emit_density(&e);
  mst_emit_generate(&e);
  write_model(&e);
  if (p->one_lane) mst_emit_line(&e, "#endif");
  return text.s;
}
