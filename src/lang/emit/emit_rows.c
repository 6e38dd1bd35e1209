/* lang/emit/emit_rows.c -- the loop over a block's rows: its sums stay in registers where their
 * number is small.
 *
 * Row-local gradients of a row are summed in an array of its own and stored once; so is what the
 * row adds to the log density. Gradients of what rows share are summed in an array of the block
 * where the number of elements is known when the C is compiled: a memory that is read, added to
 * and written at every row costs more than the row's sums.
 */
#include "lang/emit/emit_impl.h"

#include <string.h>

/* ---- gradients of what rows share */

void mst_emit_open_block_sum(emit_state *e, const ir_var *adjoint, int k) {
  const char *n = mst_emit_known_count(e, e->tables.shared.var[k], 0, false);
  const char *at = mst_emit_offset(e, &e->tables.shared, k);
  if (n) {
    mst_text_add(e->t, "#if MASTING_FEW(%s)\n", n);
    mst_emit_line(e, "vreal %s[%s] = {v_all(0.0)};", adjoint->name, n);
    mst_text_add(e->t, "#else\n");
  }
  mst_emit_line(e, "vreal *const restrict %s = block->theta_grad + %s;", adjoint->name, at);
  if (n) mst_text_add(e->t, "#endif\n");
}

void mst_emit_close_block_sum(emit_state *e, const ir_var *adjoint, int k) {
  const char *n = mst_emit_known_count(e, e->tables.shared.var[k], 0, false);
  if (!n) return;
  mst_text_add(e->t, "#if MASTING_FEW(%s)\n", n);
  mst_emit_line(e, "for (int64_t i = 0; i < %s; i++) block->theta_grad[%s + i] += %s[i];", n,
                mst_emit_offset(e, &e->tables.shared, k), adjoint->name);
  mst_text_add(e->t, "#endif\n");
}

/* ---- the loop over rows */

typedef struct row_uses {
  emit_state *e;
  const ir_var *row;
  bool elsewhere; /* a row-local gradient is used in another way than [row, ...] */
} row_uses;

static bool is_row(const row_uses *u, const ir_expr *index) {
  return index->op == IR_LOAD && index->nargs == 0 && index->var == u->row;
}

static void look_expr(const ir_expr *x, void *argument) {
  row_uses *u = argument;
  if (x->op == IR_LOAD && mst_emit_row_theta_of(u->e, x->var) >= 0 &&
      !(x->nargs > 0 && is_row(u, x->arg[0])))
    u->elsewhere = true;
}

static void look_stmt(const ir_stmt *s, void *argument) {
  row_uses *u = argument;
  bool assigns = s->var && mst_emit_row_theta_of(u->e, s->var) >= 0;
  if (assigns && !(s->kind == IR_ASSIGN && s->nindices > 0 && is_row(u, s->index[0])))
    u->elsewhere = true;
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->adjoint && mst_emit_row_theta_of(u->e, s->in[i]->adjoint) >= 0)
      u->elsewhere = true;
}

/* The only loop over the rows, where every row adds to its own gradients alone; else none. */
void mst_emit_find_row_loop(emit_state *e) {
  const ir_block *const blocks[] = {&e->p->rows_gradient.forward, &e->p->rows_gradient.reverse};
  int loops = 0;
  e->row_loop = NULL;
  for (int b = 0; b < 2; b++)
    for (int i = 0; i < blocks[b]->nstmts; i++) {
      const ir_stmt *s = blocks[b]->stmt[i];
      if (s->kind == IR_DECL) continue;
      loops++;
      if (s->kind == IR_FOR && s->tile == IR_TILE_NONE && s->count->op == IR_LOAD &&
          s->count->var == e->p->row_count)
        e->row_loop = s;
    }
  if (loops != 1) e->row_loop = NULL;
  if (!e->row_loop) return;
  row_uses uses = {e, e->row_loop->var, false};
  mst_ir_visit_stmts(e->row_loop, look_stmt, &uses);
  mst_ir_visit_stmt(e->row_loop, look_expr, &uses);
  if (uses.elsewhere) e->row_loop = NULL;
}

void mst_emit_enter_row(emit_state *e) {
  const emit_group *g = &e->tables.row_theta;
  const char *row = e->row_loop->var->name;
  mst_emit_line(e, "vreal %s = v_all(0.0);", e->target = "row_target");
  for (int k = 0; k < g->count; k++) {
    const ir_var *v = g->var[k];
    const char *n = mst_emit_known_count(e, v, 1, false), *count = mst_emit_count(e, v, 1);
    const char *at = mst_emit_offset(e, g, k);
    if (!v->adjoint || !mst_set_has(&e->used, v->adjoint)) {
      mst_emit_line(
          e, "memset(block->local_grad + %s * row_theta + %s, 0, (size_t)(%s) * sizeof(vreal));",
          row, at, count);
      continue;
    }
    const char *adjoint = v->adjoint->name, *name = mst_emit_row_name(e, k);
    if (n) {
      mst_text_add(e->t, "#if MASTING_FEW(%s)\n", n);
      mst_emit_line(e, "vreal %s[%s] = {v_all(0.0)};", name, n);
      mst_text_add(e->t, "#else\n");
    }
    mst_emit_line(e, "vreal *const %s = %s + %s * row_theta;", name, adjoint, row);
    mst_emit_line(e, "memset(%s, 0, (size_t)(%s) * sizeof(vreal));", name, count);
    if (n) mst_text_add(e->t, "#endif\n");
  }
}

void mst_emit_leave_row(emit_state *e) {
  const emit_group *g = &e->tables.row_theta;
  const char *row = e->row_loop->var->name;
  for (int k = 0; k < g->count; k++) {
    const ir_var *v = g->var[k];
    const char *n = mst_emit_known_count(e, v, 1, false);
    if (!n || !v->adjoint || !mst_set_has(&e->used, v->adjoint)) continue;
    mst_text_add(e->t, "#if MASTING_FEW(%s)\n", n);
    mst_emit_line(e, "for (int64_t i = 0; i < %s; i++) %s[%s * row_theta + i] = %s[i];", n,
                  v->adjoint->name, row, mst_emit_row_name(e, k));
    mst_text_add(e->t, "#endif\n");
  }
  mst_emit_line(e, "target += row_target;");
  e->target = "target";
}
