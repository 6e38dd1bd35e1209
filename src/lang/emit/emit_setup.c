/* lang/emit/emit_setup.c -- the state of a model, and the functions that fill and free it:
 * setup, the phases, begin, teardown, trouble. */
#include "lang/emit/emit_impl.h"
#include "lang/ir/ir_walk.h"

#include <string.h>

static void write_kept(emit_state *e, ir_var *const *var, int n) {
  for (int i = 0; i < n; i++) {
    bool array = var[i]->ndims > 0;
    mst_emit_line(e, "  %s %s%s;",
                  array ? mst_emit_element_type(var[i]->type) : mst_emit_type(var[i]->type),
                  array ? "*" : "", var[i]->name);
  }
}

static void write_slot(emit_state *e) {
  mst_emit_line(e, "/* What prepare keeps for global. */");
  mst_emit_line(e, "typedef struct model_slot {");
  mst_emit_line(e, "  masting_arena arena;");
  mst_emit_line(e, "  masting_tape tape;");
  ir_var **kept = NULL;
  int n = 0;
  mst_emit_declared(e->c, &e->p->density_gradient.forward, IR_LOCAL, true, &kept, &n);
  write_kept(e, kept, n);
  mst_emit_line(e, "} model_slot;");
  mst_emit_blank(e);
}

static void write_offsets(emit_state *e, const emit_group *g) {
  if (g->count > 0 && !mst_emit_group_fixed(g))
    mst_emit_line(e, "  int64_t at_%s[%d];", g->name, g->count + 1);
}

/* Whether a replicated data array is read after a phase, which is not given it. */
static bool read_after_phases(emit_state *e, const ir_var *v) {
  for (int i = 0; i < e->p->nphases; i++) {
    ir_set reads = {0};
    const ir_block *b = &e->p->phase[i].after;
    for (int k = 0; k < b->nstmts; k++) mst_ir_stmt_reads(e->c, b->stmt[k], &reads);
    if (mst_set_has(&reads, v)) return true;
  }
  return false;
}

void mst_emit_state(emit_state *e) {
  const emit_tables *t = &e->tables;
  e->depth = 0;
  if (e->p->split) write_slot(e);
  mst_emit_line(e, "typedef struct model_state {");
  mst_emit_line(e, "  masting_trouble trouble;");
  mst_emit_line(e, "  masting_arena arena;   /* of transformed data */");
  mst_emit_line(e, "  masting_arena derived; /* of what derive keeps */");
  for (int i = 0; i < t->nstate; i++) {
    const ir_var *v = t->state[i];
    mst_emit_line(e, "  %s %s%s;",
                  v->ndims ? mst_emit_element_type(v->type) : mst_emit_type(v->type),
                  v->ndims ? "*" : "", v->name);
  }
  for (int i = 0; i < t->ndata; i++)
    if (t->data[i]->role == IR_DATA && t->data[i]->ndims > 0 && read_after_phases(e, t->data[i]))
      mst_emit_line(e, "  const %s *%s;", mst_emit_element_type(t->data[i]->type),
                    t->data[i]->name);
  const emit_group *const groups[] = {&t->theta,  &t->row_theta, &t->shared,
                                      &t->normal, &t->output,    &t->row_output};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) write_offsets(e, groups[i]);
  ir_var **kept = NULL;
  int n = 0;
  mst_emit_declared(e->c, &e->p->generate, IR_LOCAL, true, &kept, &n);
  write_kept(e, kept, n);
  if (e->p->split) {
    mst_emit_line(e, "  int slots;");
    mst_emit_line(e, "  model_slot *slot;");
  }
  mst_emit_line(e, "} model_state;");
  mst_emit_blank(e);
}

/* ---- setup */

static void read_scalars(emit_state *e) {
  const emit_tables *t = &e->tables;
  for (int i = 0; i < t->nsizes; i++)
    if (t->size[i].var) mst_emit_line(e, "state->%s = size[%d];", t->size[i].var->name, i);
  for (int i = 0; i < t->ndata; i++) {
    const ir_var *v = t->data[i];
    if (v->role == IR_DATA && v->ndims == 0)
      mst_emit_line(e, "state->%s = *(const %s *)data[%d];", v->name,
                    mst_emit_element_type(v->type), i);
    else if (v->role == IR_DATA && read_after_phases(e, v))
      mst_emit_line(e, "state->%s = data[%d];", v->name, i);
  }
}

static bool needs_row_data(const ir_expr *x, void *argument) {
  (void)argument;
  return x->op == IR_LOAD && x->var->role == IR_ROW_DATA;
}

static int known_after(emit_state *e, const ir_expr *size);

/* " && n != 0" for the other dimensions that are known after statement `now`: an empty JSON list
 * does not tell what its inner dimensions are. */
static const char *unless_empty(emit_state *e, const emit_size *s, int now) {
  const char *text = "";
  for (int d = 0; d < s->of->ndims; d++) {
    const bool row = s->of->role == IR_ROW_DATA && d == 0;
    if (d == s->dim || (!row && s->of->dim[d]->op == IR_CONST_INT)) continue;
    if (row)
      text = mst_lang_format(e->c, "%s && size[%d] != 0", text, e->tables.shard);
    else if (known_after(e, s->of->dim[d]) <= now)
      text = mst_lang_format(e->c, "%s && %s != 0", text, mst_emit_factor(e, s->of->dim[d]));
  }
  return text;
}

static void check_size(emit_state *e, int i, int now) {
  const emit_size *s = &e->tables.size[i];
  const ir_expr *want = s->of->dim[s->dim];
  const char *name = mst_ir_shown(e->c, s->of);
  const char *place = s->of->decl ? mst_emit_place(e, s->of->decl->loc) : NULL;
  int declared = s->of->shard_dim > 0 ? (s->dim <= s->of->shard_dim ? s->dim - 1 : s->dim) : s->dim;
  const char *format =
      mst_lang_format(e->c,
                      "data: %s: dimension %d has %%lld elements; expected %%lld, "
                      "as %s declares; try to reshape it",
                      name, declared + 1, place ? mst_emit_format(e->c, place) : "the model");
  mst_emit_line(e, "if (size[%d] != %s%s) {", i, mst_emit_factor(e, want), unless_empty(e, s, now));
  mst_emit_line(
      e, "  masting_trouble_note(&state->trouble, %s, (long long)size[%d], (long long)(%s));",
      mst_emit_quoted(e->c, format), i, mst_emit_expr(e, want));
  mst_emit_line(e, "  goto rejected;");
  mst_emit_line(e, "}");
  e->rejects = true;
}

/* The statement of setup after which the size is known; -1: before all of them. */
static int known_after(emit_state *e, const ir_expr *size) {
  ir_set reads = {0};
  mst_ir_reads(e->c, size, &reads);
  for (int i = e->p->setup.nstmts - 1; i >= 0; i--) {
    ir_set made = {0};
    mst_ir_stmt_writes(e->c, e->p->setup.stmt[i], &made);
    mst_ir_stmt_declares(e->c, e->p->setup.stmt[i], &made);
    if (mst_set_meets(&made, &reads)) return i;
  }
  return -1;
}

/* The statements of setup, and after each the sizes of data that it has made known: before data
 * of that size are read. */
static void write_checked(emit_state *e) {
  const emit_tables *t = &e->tables;
  int *after = MST_LANG_ARRAY(e->c, int, t->nsizes + 1);
  for (int i = 0; i < t->nsizes; i++) {
    after[i] = -1;
    for (int d = 0; t->size[i].of && d < t->size[i].of->ndims; d++) {
      const int now = known_after(e, t->size[i].of->dim[d]);
      if (now > after[i]) after[i] = now;
    }
  }
  for (int k = -1; k < e->p->setup.nstmts; k++) {
    if (k >= 0) mst_emit_block(e, &(ir_block){&e->p->setup.stmt[k], 1});
    for (int i = 0; i < t->nsizes; i++)
      if (t->size[i].of && after[i] == k) check_size(e, i, k);
  }
}

/* Sizes that the model computes, as far as made data do not need them first. */
static void write_computed(emit_state *e) {
  for (int i = 0; i < e->tables.nsizes; i++)
    if (e->tables.size[i].value && !mst_ir_any(e->tables.size[i].value, needs_row_data, NULL))
      mst_emit_line(e, "size[%d] = masting_int_max(%s, 0);", i,
                    mst_emit_expr(e, e->tables.size[i].value));
}

static void collect_sizes(emit_state *e) {
  for (int i = 0; i < e->tables.nsizes; i++) {
    const emit_size *s = &e->tables.size[i];
    ir_stmt probe = {.kind = IR_TARGET,
                     .rhs = s->value ? s->value
                            : s->of  ? s->of->dim[s->dim]
                                     : NULL};
    ir_stmt *list[] = {&probe};
    if (probe.rhs) mst_emit_collect(e, &(ir_block){list, 1});
  }
}

static void finish_data(emit_state *e, const char *result) {
  mst_emit_close(e);
  mst_emit_line(e, "return %s;", result);
  if (e->rejects) {
    mst_text_add(e->t, "rejected:\n");
    mst_emit_close(e);
    mst_emit_line(e, "return masting_trouble_text(&state->trouble);");
  }
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

/* Data other than those that the C was compiled for are refused. */
static void write_known(emit_state *e) {
  for (int i = 0; i < e->p->ndata; i++) {
    const ir_var *v = e->p->data[i];
    if (!mst_emit_may_be_known(e->p, v)) continue;
    mst_emit_line(e, "if (MASTING_KNOWN_%s(state->%s) != state->%s)", v->source_name, v->name,
                  v->name);
    mst_emit_line(
        e,
        "  return \"%s: another value than the model was compiled for; try compiling it again\";",
        v->source_name);
  }
}

static void write_setup(emit_state *e) {
  mst_emit_begin(e, EMIT_SETUP);
  mst_emit_collect(e, &e->p->setup);
  collect_sizes(e);
  e->depth = 0;
  mst_emit_line(e, "static const char *model_setup(const masting_random *at, int64_t *size, const "
                   "void *const *data, void **opaque) {");
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = *opaque = masting_zeroed(1, sizeof *state);");
  mst_emit_line(e, "(void)at;");
  mst_emit_line(e, "(void)size;");
  mst_emit_line(e, "(void)data;");
  mst_emit_open(e);
  read_scalars(e);
  write_known(e);
  write_checked(e);
  write_computed(e);
  finish_data(e, "masting_trouble_text(&state->trouble)");
}

/* ---- phases */

static void write_phase_rows(emit_state *e, int phase) {
  const ir_phase *f = &e->p->phase[phase];
  mst_emit_begin(e, EMIT_PHASE_ROWS);
  e->phase = phase;
  e->written = (ir_set){0};
  for (int i = 0; i < f->rows.nstmts; i++) mst_ir_stmt_writes(e->c, f->rows.stmt[i], &e->written);
  mst_emit_collect(e, &f->rows);
  e->depth = 0;
  mst_emit_line(e,
                "static void model_phase_%d_rows(model_state *state, const masting_block *block, "
                "double *values) {",
                phase);
  e->depth = 1;
  mst_emit_line(e, "(void)state;");
  mst_emit_line(e, "(void)values;");
  if (mst_emit_draws(&f->rows)) mst_emit_line(e, "const masting_random *const at = block->at;");
  mst_emit_open(e);
  for (int i = 0; i < f->rows.nstmts; i++)
    if (f->rows.stmt[i]->kind == IR_FOR && mst_emit_draws(&f->rows.stmt[i]->body))
      mst_emit_row_draws(e, f->rows.stmt[i]);
    else
      mst_emit_block(e, &(ir_block){&f->rows.stmt[i], 1});
  mst_emit_close(e);
  if (e->rejects) { /* a row's data were refused */
    mst_emit_line(e, "return;");
    mst_text_add(e->t, "rejected:\n");
    mst_emit_close(e);
    mst_emit_line(e, "return;");
  }
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

static void write_phase_end(emit_state *e, int phase) {
  const ir_phase *f = &e->p->phase[phase];
  mst_emit_begin(e, EMIT_PHASE_END);
  e->phase = phase;
  mst_emit_collect(e, &f->after);
  collect_sizes(e);
  e->depth = 0;
  mst_emit_line(e,
                "static const char *model_phase_%d_end(model_state *state, const masting_random "
                "*at, int64_t *size, const double *values) {",
                phase);
  e->depth = 1;
  mst_emit_line(e, "(void)at;");
  mst_emit_line(e, "(void)size;");
  mst_emit_line(e, "(void)values;");
  mst_emit_open(e);
  for (int k = 0; k < f->nsums; k++) {
    const ir_var *v = f->sum[k];
    const char *at = mst_emit_sum_offset(e, phase, k), *n = mst_emit_count(e, v, 0);
    if (v->ndims == 0) {
      mst_emit_line(e, "state->%s = values[%s];", v->name, at);
      continue;
    }
    mst_emit_line(e,
                  "state->%s = masting_arena_take(&state->arena, (size_t)(%s) * sizeof(double));",
                  v->name, n);
    mst_emit_line(e, "memcpy(state->%s, values + %s, (size_t)(%s) * sizeof(double));", v->name, at,
                  n);
  }
  mst_emit_block(e, &f->after);
  write_computed(e);
  finish_data(e, "masting_trouble_text(&state->trouble)");
}

/* One function of the model that goes on to that of the phase. */
static void write_phase_switch(emit_state *e, const char *head, const char *call,
                               const char *otherwise) {
  e->depth = 0;
  mst_emit_line(e, "%s {", head);
  e->depth = 1;
  mst_emit_line(e, "switch (phase) {");
  for (int i = 0; i < e->p->nphases; i++)
    mst_emit_line(e, "case %d: %smodel_phase_%d%s;%s", i, *otherwise ? "return " : "", i, call,
                  *otherwise ? "" : " return;");
  mst_emit_line(e, "default: return%s;", otherwise);
  mst_emit_line(e, "}");
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

static void write_phases(emit_state *e) {
  if (e->p->nphases == 0) return;
  for (int i = 0; i < e->p->nphases; i++) {
    const ir_phase *f = &e->p->phase[i];
    write_phase_rows(e, i);
    write_phase_end(e, i);
    mst_emit_begin(e, EMIT_DENSITY); /* names without state-> */
    for (int k = 0; k < f->nsums; k++) {
      ir_stmt decl = {.kind = IR_DECL, .var = f->sum[k]};
      ir_stmt *list[] = {&decl};
      mst_emit_collect(e, &(ir_block){list, 1});
    }
    e->arena = e->tape = false;
    e->depth = 0;
    mst_emit_line(e, "static int64_t model_phase_%d_values(const model_state *state) {", i);
    e->depth = 1;
    mst_emit_line(e, "(void)state;");
    mst_emit_open(e);
    mst_emit_line(e, "return %s;", mst_emit_sum_offset(e, i, f->nsums));
    e->depth = 0;
    mst_emit_line(e, "}");
    mst_emit_blank(e);
  }
  write_phase_switch(e,
                     "static void model_phase_rows(void *state, int phase, const masting_block "
                     "*block, double *values)",
                     "_rows(state, block, values)", "");
  write_phase_switch(
      e,
      "static const char *model_phase_end(void *state, const masting_random *at, int "
      "phase, int64_t *size, const double *values)",
      "_end(state, at, size, values)", " NULL");
  mst_emit_line(
      e, "static int64_t model_phase_values(const void *state, const int64_t *size, int phase) {");
  mst_emit_line(e, "  (void)size;");
  mst_emit_line(e, "  switch (phase) {");
  for (int i = 0; i < e->p->nphases; i++)
    mst_emit_line(e, "  case %d: return model_phase_%d_values(state);", i, i);
  mst_emit_line(e, "  default: return 0;");
  mst_emit_line(e, "  }");
  mst_emit_line(e, "}");
  mst_emit_blank(e);
  mst_emit_line(e, "static masting_op model_phase_op(const void *state, int phase) {");
  mst_emit_line(e, "  (void)state;");
  mst_emit_line(e, "  (void)phase;");
  mst_emit_line(e, "  return MASTING_SUM;");
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

/* ---- begin, teardown, trouble */

static void write_begin(emit_state *e) {
  const emit_tables *t = &e->tables;
  const emit_group *const groups[] = {&t->theta,  &t->row_theta, &t->shared,
                                      &t->normal, &t->output,    &t->row_output};
  mst_emit_begin(e, EMIT_DENSITY);
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
    if (mst_emit_group_fixed(groups[i])) continue;
    for (int k = 0; k < groups[i]->count; k++) {
      ir_stmt decl = {.kind = IR_DECL, .var = groups[i]->var[k]};
      for (int d = groups[i]->first_dim; d < decl.var->ndims; d++) {
        ir_stmt probe = {.kind = IR_TARGET, .rhs = decl.var->dim[d]};
        ir_stmt *list[] = {&probe};
        mst_emit_collect(e, &(ir_block){list, 1});
      }
    }
  }
  e->depth = 0;
  mst_emit_line(e,
                "static const char *model_begin(void *opaque, const int64_t *size, int slots) {");
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = opaque;");
  mst_emit_line(e, "(void)size;");
  mst_emit_line(e, "(void)slots;");
  mst_emit_open(e);
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
    if (mst_emit_group_fixed(groups[i])) continue;
    const char *name = groups[i]->name;
    for (int k = 0; k < groups[i]->count; k++)
      mst_emit_line(e, "state->at_%s[%d] = state->at_%s[%d] + %s;", name, k + 1, name, k,
                    mst_emit_count(e, groups[i]->var[k], groups[i]->first_dim));
  }
  if (e->p->split) {
    mst_emit_line(e, "state->slot = masting_zeroed((size_t)slots, sizeof *state->slot);");
    mst_emit_line(e, "state->slots = slots;");
  }
  mst_emit_line(e, "return NULL;");
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

void mst_emit_setup(emit_state *e) {
  write_setup(e);
  write_phases(e);
  write_begin(e);
  mst_emit_line(e, "static void model_teardown(void *opaque) {");
  mst_emit_line(e, "  model_state *const state = opaque;");
  if (e->p->split) {
    mst_emit_line(e, "  for (int i = 0; i < state->slots; i++) {");
    mst_emit_line(e, "    masting_arena_free(&state->slot[i].arena);");
    mst_emit_line(e, "    masting_tape_free(&state->slot[i].tape);");
    mst_emit_line(e, "  }");
    mst_emit_line(e, "  free(state->slot);");
  }
  mst_emit_line(e, "  masting_arena_free(&state->arena);");
  mst_emit_line(e, "  masting_arena_free(&state->derived);");
  mst_emit_line(e, "  masting_arenas_free();");
  mst_emit_line(e, "  masting_tapes_free();");
  mst_emit_line(e, "  free(state);");
  mst_emit_line(e, "}");
  mst_emit_blank(e);
  mst_emit_line(e, "static const char *model_trouble(const void *state) {");
  mst_emit_line(e, "  return masting_trouble_text(&((const model_state *)state)->trouble);");
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}
