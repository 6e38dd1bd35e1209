/* lang/lower/lower_covariance.c -- normals of many rows at once are marked where they are to be
 * spread over the ranks: see covariance.h.
 */
#include <string.h>

#include "lang/lower/lower_impl.h"

#define HALF_LOG_2PI 0.91893853320467274178

static bool is_data_int(const lower_state *l, const ir_expr *e) {
  if (e->op != IR_LOAD || e->nargs || e->type != IR_INT) return false;
  for (int i = 0; i < l->p->ndata; i++)
    if (l->p->data[i] == e->var) return true;
  return false;
}

/* Worth it: of many rows; or, where their number is not known, of an outcome that is data. */
static bool is_worth_it(lower_state *l, const lower_value *y) {
  const ir_expr *n = y->dim[0];
  if (!is_data_int(l, n) || !n->var->decl) return false;
  int64_t rows = mst_lower_size_value(l, n->var->decl);
  return rows >= 0 ? rows >= l->options->distribute_from : mst_lower_type_of(l, y) == IR_REAL;
}

static bool is_vector(const lower_value *v) {
  return v->type.arrays == 0 && (v->type.base == LANG_VECTOR || v->type.base == LANG_ROW_VECTOR);
}

bool mst_lower_mark_normal(lower_state *l, const char *name, const lower_value *const *arg, int n,
                           bool propto, bool target, bool negative, lang_loc loc) {
  bool factor = !strcmp(name, "multi_normal_cholesky_lpdf");
  if (!factor && strcmp(name, "multi_normal_lpdf") != 0) return false;
  if (n != 3 || !l->lanes || !l->target || !target || negative || l->nranges || l->so_far ||
      l->options->distribute_from <= 0)
    return false;
  const lower_value *y = arg[0], *mu = arg[1], *matrix = arg[2];
  if (!is_vector(y) || !is_vector(mu) || matrix->type.base != LANG_MATRIX || matrix->type.arrays)
    return false;
  if (mst_lower_type_of(l, matrix) != IR_LANE || !is_worth_it(l, y)) return false;
  l->p->has_normals = true;
  if (!l->attempt->mark_covariances) return false;
  mst_lower_match(l, name, y->dim[0], mu->dim[0], loc);
  mst_lower_match(l, name, y->dim[0], matrix->dim[0], loc);
  mst_lower_match(l, name, y->dim[0], matrix->dim[1], loc);
  const lower_value *difference = mst_lower_binary(
      l, IR_SUB, mst_lower_cheap(l, y), mst_lower_cheap(l, mu), mst_lower_type(LANG_VECTOR, 0));
  ir_var *residual = mst_lower_declare(l, "residual", IR_LANE, 1, y->dim, NULL);
  residual->once = true;
  mst_lower_fill(l, residual, difference);
  ir_stmt *s = mst_ir_stmt(l->c, IR_ROUTINE, loc);
  s->name = factor ? "multi_normal_cholesky" : "multi_normal";
  s->size = MST_LANG_NEW(l->c, ir_expr *);
  s->size[s->nsizes++] = mst_lower_copy(l, y->dim[0]);
  s->in = MST_LANG_ARRAY(l->c, ir_var *, 2);
  s->in[s->nin++] = residual;
  s->in[s->nin++] = mst_lower_whole(l, matrix, IR_LANE)->var;
  mst_ir_append(l->c, l->out, s);
  if (propto) { /* what the engine adds has the constant that `~` drops */
    ir_expr *rows = mst_ir_call1(l->c, IR_TO_REAL, mst_lower_copy(l, y->dim[0]));
    mst_lower_target(l, mst_ir_call2(l->c, IR_MUL, mst_ir_real(l->c, HALF_LOG_2PI), rows));
  }
  return true;
}
