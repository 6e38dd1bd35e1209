/* lang/lower/lower_assign.c -- assignments: the right side is evaluated before anything is stored.
 *
 * A value is lazy: its elements are computed where they are stored. So a value that reads the
 * variable that is written is computed whole beforehand, and so are the indices of the left side
 * that read it. Where the variable does not occur on the right there is nothing to copy.
 */
#include "lang/lower/lower_impl.h"

static void mark_if_lane(lower_state *l, const ast_decl *d, ir_var *var, ir_type type) {
  if (type != IR_LANE && type != IR_MASK) return;
  if (var->type == IR_LANE) return;
  if (d) mst_lower_mark_lane(l, d);
  if (var->type == IR_REAL && l->lanes) var->type = IR_LANE;
}

/* to[index] (op)= e for one element: `to` gives a load, whose variable and indices are written. */
static void store_element(lower_state *l, const ast_decl *d, const lower_value *to,
                          ir_expr *const *index, ir_expr *e, bool add) {
  ir_expr *load = mst_lower_at(l, to, index);
  if (load->op == IR_CALL && load->prim == IR_TO_REAL) load = load->arg[0];
  if (load->op != IR_LOAD) mst_lower_unsupported(l, e->loc, "an assignment to this");
  if (load->var->type == IR_INT) e = mst_lower_int_of(l, e);
  /* A component of a tuple has a declaration of its own, by which it is found again. */
  mark_if_lane(l, load->var->decl ? load->var->decl : d, load->var, e->type);
  mst_lower_assign(l, load->var, load->nargs, load->arg, e, add);
}

static void store(lower_state *l, const ast_decl *d, const lower_value *to, const lower_value *v,
                  bool add) {
  if (to->nparts) {
    for (int i = 0; i < to->nparts; i++)
      store(l, to->part[i]->var ? to->part[i]->var->decl : d, to->part[i], v->part[i], add);
    return;
  }
  for (int i = 0; i < to->ndims && v->ndims; i++)
    mst_lower_match(l, NULL, to->dim[i], v->dim[i], l->loc);
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  if (v->ndims == 0 && to->ndims)
    v = mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at(l, v, NULL), "t"), v->type.base);
  mst_lower_nest_begin(l, to, index, &saved);
  store_element(l, d, to, index, mst_lower_at(l, v, v->ndims ? index : NULL), add);
  mst_lower_nest_end(l, to->ndims, saved);
}

void mst_lower_store(lower_state *l, const ast_decl *d, const lower_value *to,
                     const lower_value *v) {
  store(l, d, to, v, false);
}

/* ---- what is read and written by the same statement */

static bool mentions(const ast_expr *e, const ast_decl *d);

static bool indices_mention(const ast_expr *e, const ast_decl *d) {
  for (int i = 0; i < e->nindices; i++)
    if (mentions(e->index[i].low, d) || mentions(e->index[i].high, d)) return true;
  return false;
}

static bool mentions(const ast_expr *e, const ast_decl *d) {
  if (!e) return false;
  if (e->kind == AST_VAR && e->decl == d) return true;
  for (int i = 0; i < e->nargs; i++)
    if (mentions(e->arg[i], d)) return true;
  return indices_mention(e, d);
}

static const ast_decl *root(const ast_expr *e) {
  while (e->kind == AST_INDEX || e->kind == AST_TUPLE_GET) e = e->arg[0];
  return e->kind == AST_VAR ? e->decl : NULL;
}

/* The variable that a left side is, or is a part of. */
static const ir_var *written_variable(const lower_value *to) {
  while (!to->var && to->a) to = to->a;
  return to->var;
}

static ir_expr *same_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return mst_lower_at(l, v->a, index);
}

const lower_value *mst_lower_copied(lower_state *l, const lower_value *v) {
  if (v->nparts) {
    lower_value *copy = mst_lower_new(l, v->type);
    const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, v->nparts);
    for (int i = 0; i < v->nparts; i++) part[i] = mst_lower_copied(l, v->part[i]);
    copy->part = part;
    copy->nparts = v->nparts;
    copy->ndims = v->ndims;
    for (int i = 0; i < v->ndims; i++) copy->dim[i] = v->dim[i];
    return copy;
  }
  if (v->ndims == 0) {
    ir_expr *e = mst_lower_int_of(l, mst_lower_at(l, v, NULL));
    if (e->op == IR_CONST_INT || e->op == IR_CONST_REAL) return v;
    ir_var *t = mst_lower_declare(l, "t", e->type, 0, NULL, e);
    return mst_lower_retype(l, mst_lower_scalar(l, mst_ir_scalar(l->c, t), v->type.base), v->type);
  }
  lower_value *lazy = mst_lower_new(l, v->type);
  *lazy = *v;
  lazy->var = NULL;
  lazy->a = v;
  lazy->element = same_element;
  return mst_lower_whole_any(l, lazy);
}

/* Whether an expression reads a variable that the left side, a tuple, writes. */
static bool reads_written(const ast_expr *lhs, const ast_expr *e) {
  if (lhs->kind != AST_TUPLE) return mentions(e, root(lhs));
  for (int i = 0; i < lhs->nargs; i++)
    if (reads_written(lhs->arg[i], e)) return true;
  return false;
}

bool mst_lower_writes(const ast_stmt *s, const ast_expr *read) {
  if (!s) return false;
  if (s->kind == AST_ASSIGN && reads_written(s->lhs, read)) return true;
  if (mst_lower_writes(s->body, read) || mst_lower_writes(s->other, read)) return true;
  for (int i = 0; i < s->nstmts; i++)
    if (mst_lower_writes(s->stmt[i], read)) return true;
  return false;
}

/* The place that a left side is. Indices that read the variable itself are copied. */
static const lower_value *place(lower_state *l, const ast_expr *lhs) {
  const ast_decl *d = root(lhs);
  bool outer = l->copies_indices;
  for (const ast_expr *e = lhs; e->kind == AST_INDEX || e->kind == AST_TUPLE_GET; e = e->arg[0])
    if (indices_mention(e, d)) l->copies_indices = true;
  const lower_value *to = mst_lower_expr(l, lhs);
  l->copies_indices = outer;
  return to;
}

/* Whether an element may be written twice: x[{1, 1}]. */
static bool may_repeat(const lower_value *to) {
  for (; to && !to->var; to = to->a)
    for (int d = 0; to->a && d < to->a->ndims; d++)
      if (to->map[d].kind == LOWER_MULTI) return true;
  return false;
}

/* ---- statements */

static const lower_value *combined(lower_state *l, const ast_stmt *s, const lower_value *to,
                                   const lower_value *v) {
  lang_type type = s->lhs->type;
  switch (s->op) {
  case AST_ADD:
    return mst_lower_binary(l, IR_ADD, to, v, type);
  case AST_SUB:
    return mst_lower_binary(l, IR_SUB, to, v, type);
  case AST_MUL:
    return mst_lower_multiply(l, to, v, type);
  case AST_ELT_MUL:
    return mst_lower_binary(l, IR_MUL, to, v, type);
  case AST_DIV:
  case AST_ELT_DIV:
    return mst_lower_binary(l, type.base == LANG_INT ? IR_INT_DIV : IR_DIV, to, v, type);
  default:
    mst_lower_unsupported(l, s->loc, "this assignment");
  }
}

static void assign_parts(lower_state *l, const ast_expr *lhs, const lower_value *v) {
  for (int i = 0; i < lhs->nargs; i++)
    if (lhs->arg[i]->kind == AST_TUPLE)
      assign_parts(l, lhs->arg[i], v->part[i]);
    else
      store(l, root(lhs->arg[i]), place(l, lhs->arg[i]), v->part[i], false);
}

void mst_lower_assignment(lower_state *l, const ast_stmt *s) {
  const ast_decl *d = root(s->lhs);
  const lower_value *v = mst_lower_expr(l, s->rhs);
  if (s->lhs->kind == AST_TUPLE) {
    assign_parts(l, s->lhs, reads_written(s->lhs, s->rhs) ? mst_lower_copied(l, v) : v);
    return;
  }
  const lower_value *to = place(l, s->lhs);
  bool other = v->var && v->var != written_variable(to); /* what a routine has made, say */
  if ((v->ndims || v->nparts) && !other && mentions(s->rhs, d)) v = mst_lower_copied(l, v);
  bool adds = (s->op == AST_ADD || s->op == AST_SUB) && to->type.base != LANG_INT;
  if (adds && !may_repeat(to)) {
    if (s->op == AST_SUB) v = mst_lower_unary(l, IR_NEG, v, v->type);
    store(l, d, to, v, true);
    return;
  }
  if (s->op != AST_OP_NONE) {
    v = combined(l, s, to, v);
    if (v->ndims) v = mst_lower_whole_any(l, v);
  }
  store(l, d, to, v, false);
}
