/* lang/emit/emit_generate.c -- what is stored with a draw: derive, derive_rows. */
#include "lang/emit/emit_impl.h"

static void end_function(emit_state *e) {
  mst_emit_close(e);
  if (e->rejects) {
    mst_emit_line(e, "return;");
    mst_text_add(e->t, "rejected:\n");
    mst_emit_close(e);
    mst_emit_line(e, "return;");
  }
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

/* NaN until a value is assigned; ints have none: the smallest. */
static void clear(emit_state *e) {
  const emit_group *g = &e->tables.output;
  mst_emit_line(e, "const int64_t elements = %s;", mst_emit_offset(e, g, g->count));
  mst_emit_line(e, "for (int64_t i = 0; i < elements; i++) out[i] = NAN;");
  for (int k = 0; k < g->count; k++)
    if (g->var[k]->type == IR_INT)
      mst_emit_line(e, "for (int64_t i = %s; i < %s; i++) out[i] = INT32_MIN;",
                    mst_emit_offset(e, g, k), mst_emit_offset(e, g, k + 1));
}

static void write_derive(emit_state *e) {
  ir_var **kept = NULL;
  int n = 0;
  mst_emit_declared(e->c, &e->p->generate, IR_LOCAL, true, &kept, &n);
  mst_emit_begin(e, EMIT_DERIVE);
  e->keeps = n > 0;
  mst_emit_collect(e, &e->p->generate);
  e->depth = 0;
  mst_emit_line(e, "/* What is stored with a draw. */");
  mst_emit_line(
      e, "static void model_derive(void *opaque, const int64_t *size, const void *const *data, "
         "const double *theta, const masting_derive *at, double *out) {");
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = opaque;");
  mst_emit_line(e, "(void)state;");
  mst_emit_line(e, "(void)size;");
  mst_emit_line(e, "(void)data;");
  mst_emit_line(e, "(void)theta;");
  mst_emit_line(e, "(void)at;");
  mst_emit_open(e);
  clear(e);
  mst_emit_block(e, &e->p->generate);
  end_function(e);
}

static void note_random(const ir_expr *x, void *argument) {
  if (x->op == IR_CALL && x->prim >= IR_UNIFORM_RNG && x->prim <= IR_POISSON_RNG)
    *(bool *)argument = true;
}

bool mst_emit_draws(const ir_block *b) {
  bool found = false;
  for (int i = 0; i < b->nstmts; i++) mst_ir_visit_stmt(b->stmt[i], note_random, &found);
  return found;
}

static bool rejects(const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    if (s->kind == IR_REJECT || rejects(&s->body) || rejects(&s->other)) return true;
  }
  return false;
}

void mst_emit_row_draws(emit_state *e, const ir_stmt *s) {
  ir_stmt inner = *s;
  mst_emit_line(e, "for (int64_t %s = 0; %s < block->rows; %s++) {", s->var->name, s->var->name,
                s->var->name);
  if (mst_emit_draws(&s->body))
    mst_emit_line(e, "  at->ops->seek(at->rng, block->first_row + %s);", s->var->name);
  inner.kind = IR_BLOCK;
  ir_stmt *list[] = {&inner};
  e->depth++;
  mst_emit_block(e, &(ir_block){list, 1});
  e->depth--;
  if (e->leave) mst_emit_line(e, "%s:;", e->leave);
  mst_emit_line(e, "}");
}

/* A rejection goes on with the next row, as the parameters of all rows are stored. */
static void write_row_loop(emit_state *e, const ir_stmt *s, int number) {
  if (rejects(&s->body)) e->leave = mst_lang_format(e->c, "next_row_%d", number);
  mst_emit_row_draws(e, s);
  e->leave = NULL;
}

/* The same for a block of rows. */
static void clear_rows(emit_state *e) {
  const emit_group *g = &e->tables.row_output;
  mst_emit_line(e, "for (int64_t i = 0; i < block->rows * row_out; i++) block->out[i] = NAN;");
  for (int k = 0; k < g->count; k++) {
    if (g->var[k]->type != IR_INT) continue;
    mst_emit_line(e, "for (int64_t i = 0; i < block->rows; i++)");
    mst_emit_line(e, "  for (int64_t k = %s; k < %s; k++) block->out[i * row_out + k] = INT32_MIN;",
                  mst_emit_offset(e, g, k), mst_emit_offset(e, g, k + 1));
  }
}

static void write_derive_rows(emit_state *e) {
  const ir_block *b = &e->p->generate_rows;
  mst_emit_begin(e, EMIT_DERIVE_ROWS);
  mst_emit_collect(e, b);
  e->depth = 0;
  mst_emit_line(e, "/* What is stored with a draw, row by row. */");
  mst_emit_line(e,
                "static void model_derive_rows(void *opaque, const masting_derive_block *block) {");
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = opaque;");
  mst_emit_line(e, "const masting_derive *const at = block->at;");
  mst_emit_line(e, "(void)state;");
  mst_emit_line(e, "(void)at;");
  mst_emit_open(e);
  clear_rows(e);
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    bool over_rows =
        s->kind == IR_FOR && s->count->op == IR_LOAD && s->count->var == e->p->row_count;
    if (over_rows && (mst_emit_draws(&s->body) || rejects(&s->body)))
      write_row_loop(e, s, i);
    else
      mst_emit_block(e, &(ir_block){&s, 1});
  }
  e->rows_reject = rejects(b);
  end_function(e);
}

void mst_emit_generate(emit_state *e) {
  if (e->p->noutputs > 0 || e->p->generate.nstmts > 0) write_derive(e);
  if (e->p->nrow_outputs > 0) write_derive_rows(e);
}
