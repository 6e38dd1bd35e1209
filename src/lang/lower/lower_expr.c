/* lang/lower/lower_expr.c -- expressions: literals, operators, indexing. */
#include <math.h>
#include <string.h>

#include "lang/ir/ir_walk.h"
#include "lang/lower/lower_impl.h"

static bool is_scalar(const lower_value *v) { return v->ndims == 0; }

static ir_expr *unary_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return mst_ir_call1(l->c, v->prim, mst_lower_at(l, v->a, index));
}

/* A mask where an int must be. */
ir_expr *mst_lower_int_of(lower_state *l, ir_expr *e) {
  if (e->type != IR_MASK) return e;
  l->p->one_lane = true;
  return mst_ir_call1(l->c, IR_FIRST_LANE, e);
}

/* The operand of arithmetic: a comparison is a number there. */
static ir_expr *operand(lower_state *l, ir_expr *e, bool ints) {
  if (e->type != IR_MASK) return e;
  return ints ? mst_lower_int_of(l, e) : mst_ir_call1(l->c, IR_MASK_REAL, e);
}

const lower_value *mst_lower_unary(lower_state *l, ir_prim prim, const lower_value *a,
                                   lang_type type) {
  if (is_scalar(a))
    return mst_lower_retype(
        l,
        mst_lower_scalar(l, mst_ir_call1(l->c, prim, operand(l, mst_lower_at(l, a, NULL), true)),
                         type.base),
        type);
  lower_value *v = mst_lower_new(l, type);
  v->ndims = a->ndims;
  memcpy(v->dim, a->dim, sizeof v->dim);
  v->prim = prim;
  v->a = a;
  v->element = unary_element;
  return v;
}

static ir_expr *binary_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *a = mst_lower_at(l, v->a, v->a->ndims ? index : NULL);
  ir_expr *b = mst_lower_at(l, v->b, v->b->ndims ? index : NULL);
  return mst_ir_call2(l->c, v->prim, a, b);
}

/* A scalar operand of an elementwise operation, computed once. */
static const lower_value *held_scalar(lower_state *l, const lower_value *a) {
  if (!is_scalar(a)) return a;
  return mst_lower_retype(
      l,
      mst_lower_scalar(l, mst_lower_hold(l, operand(l, mst_lower_at(l, a, NULL), false), "t"),
                       a->type.base),
      a->type);
}

const lower_value *mst_lower_binary(lower_state *l, ir_prim prim, const lower_value *a,
                                    const lower_value *b, lang_type type) {
  bool ints = a->type.base == LANG_INT && b->type.base == LANG_INT;
  if (is_scalar(a) && is_scalar(b)) {
    ir_expr *x = operand(l, mst_lower_at(l, a, NULL), ints),
            *y = operand(l, mst_lower_at(l, b, NULL), ints);
    return mst_lower_scalar(l, mst_ir_call2(l->c, prim, x, y), type.base);
  }
  lower_value *v = mst_lower_new(l, type);
  const lower_value *shape = is_scalar(a) ? b : a;
  v->ndims = shape->ndims;
  memcpy(v->dim, shape->dim, sizeof v->dim);
  for (int d = 0; d < a->ndims && d < b->ndims; d++)
    mst_lower_match(l, NULL, a->dim[d], b->dim[d], (lang_loc){0});
  v->prim = prim;
  v->a = held_scalar(l, a);
  v->b = held_scalar(l, b);
  v->element = binary_element;
  return v;
}

static ir_expr *transpose_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return mst_lower_at2(l, v->a, index[1], index[0]);
}

const lower_value *mst_lower_transpose(lower_state *l, const lower_value *a) {
  lower_value *v = mst_lower_new(l, a->type);
  if (a->type.base == LANG_MATRIX) {
    v->ndims = 2;
    v->dim[0] = a->dim[1];
    v->dim[1] = a->dim[0];
    v->a = a;
    v->cheap = a->cheap;
    v->element = transpose_element;
    return v;
  }
  *v = *a;
  v->type.base = a->type.base == LANG_VECTOR ? LANG_ROW_VECTOR : LANG_VECTOR;
  return v;
}

/* ---- products */

static ir_expr *dot(lower_state *l, const lower_value *a, const lower_value *b, const ir_expr *row,
                    const ir_expr *column, const ir_expr *count) {
  ir_type type = mst_lower_type_of(l, a) > mst_lower_type_of(l, b) ? mst_lower_type_of(l, a)
                                                                   : mst_lower_type_of(l, b);
  if (type == IR_INT) type = IR_REAL;
  ir_var *sum = mst_lower_declare(l, "dot", type, 0, NULL, mst_ir_real(l->c, 0));
  ir_block *saved;
  ir_var *k = mst_lower_loop_begin(l, count, "k", &saved);
  ir_expr *at = mst_ir_scalar(l->c, k);
  ir_expr *x = row ? mst_lower_at2(l, a, row, at) : mst_lower_at1(l, a, at);
  ir_expr *y = column ? mst_lower_at2(l, b, at, column) : mst_lower_at1(l, b, at);
  mst_lower_assign(l, sum, 0, NULL, mst_ir_call2(l->c, IR_MUL, x, y), true);
  mst_lower_loop_end(l, saved);
  return mst_ir_scalar(l->c, sum);
}

static ir_expr *product_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  bool row = v->a->type.base == LANG_MATRIX, column = v->b->type.base == LANG_MATRIX;
  const ir_expr *i = row ? index[0] : NULL, *j = column ? index[v->ndims - 1] : NULL;
  return dot(l, v->a, v->b, i, j, v->e[0]);
}

static ir_expr *outer_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *x = mst_lower_at1(l, v->a, index[0]);
  return mst_ir_call2(l->c, IR_MUL, x, mst_lower_at1(l, v->b, index[1]));
}

const lower_value *mst_lower_multiply(lower_state *l, const lower_value *a, const lower_value *b,
                                      lang_type type) {
  if (is_scalar(a) || is_scalar(b)) return mst_lower_binary(l, IR_MUL, a, b, type);
  a = mst_lower_cheap(l, a);
  b = mst_lower_cheap(l, b);
  if (a->type.base != LANG_VECTOR)
    mst_lower_match(l, "*", a->dim[a->ndims - 1], b->dim[0], (lang_loc){0});
  if (a->type.base == LANG_ROW_VECTOR && b->type.base == LANG_VECTOR)
    return mst_lower_scalar(l, dot(l, a, b, NULL, NULL, a->dim[0]), LANG_REAL);
  lower_value *v = mst_lower_new(l, type);
  v->a = a;
  v->b = b;
  if (a->type.base == LANG_VECTOR) { /* vector * row_vector, or one-column products */
    v->ndims = 2;
    v->dim[0] = a->dim[0];
    v->dim[1] = b->type.base == LANG_MATRIX ? b->dim[1] : b->dim[0];
    v->element = outer_element;
    return v;
  }
  bool row = a->type.base == LANG_MATRIX, column = b->type.base == LANG_MATRIX;
  v->e[0] = row ? a->dim[1] : a->dim[0];
  if (row) v->dim[v->ndims++] = a->dim[0];
  if (column) v->dim[v->ndims++] = b->dim[1];
  v->element = product_element;
  return v;
}

/* ---- operators */

static const lower_value *solve(lower_state *l, const ast_expr *e, const lower_value *a,
                                const lower_value *b) {
  const lower_value *arg[2] = {a, b};
  const lower_value *v =
      mst_lower_library(l, e->op == AST_LEFT_DIV ? "mdivide_left" : "mdivide_right", arg, 2, e);
  if (!v) mst_lower_unsupported(l, e->loc, "division by a matrix");
  return v;
}

static ir_prim comparison(ast_op op) {
  switch (op) {
  case AST_EQ:
    return IR_EQ;
  case AST_NE:
    return IR_NE;
  case AST_LT:
    return IR_LT;
  case AST_LE:
    return IR_LE;
  case AST_GT:
    return IR_GT;
  case AST_GE:
    return IR_GE;
  default:
    return IR_NPRIMS;
  }
}

ir_expr *mst_lower_condition(lower_state *l, const ast_expr *e) {
  ir_expr *c = mst_lower_expr_scalar(l, e);
  if (c->type == IR_REAL) c = mst_ir_call2(l->c, IR_NE, c, mst_ir_real(l->c, 0));
  if (c->type == IR_LANE) c = mst_ir_call2(l->c, IR_NE, c, mst_ir_real(l->c, 0));
  return c;
}

static ir_expr *truth(lower_state *l, ir_expr *e) { /* an int as 0 or 1, for logic with masks */
  if (e->type == IR_MASK) return e;
  return mst_ir_call2(l->c, IR_NE, e,
                      e->type == IR_INT ? mst_ir_int(l->c, 0) : mst_ir_real(l->c, 0));
}

static void find_trouble(const ir_expr *e, void *argument) {
  if (e->op == IR_CHECK_INDEX || (e->op == IR_CALL && e->prim == IR_INT_DIV))
    *(bool *)argument = true;
}

/* The prelude's own conditions are written so that both sides may be evaluated. */
static bool in_prelude(const lower_state *l) { return l->frame && l->frame->function->prelude; }

/* Whether what must be evaluated may reject, fail or not end: then it is not to be evaluated for
 * chains that do not ask for it. */
static bool may_fail(const ir_block *side, const ir_expr *e) {
  bool found = false;
  if (e) mst_ir_visit(e, find_trouble, &found);
  for (int i = 0; i < side->nstmts && !found; i++) {
    const ir_stmt *s = side->stmt[i];
    const bool routine = s->kind == IR_ROUTINE && (s->ode || strncmp(s->name, "cholesky", 8) == 0);
    found = s->kind == IR_REJECT || s->kind == IR_PRINT || s->kind == IR_WHILE || routine ||
            s->kind == IR_TARGET || may_fail(&s->body, NULL) || may_fail(&s->other, NULL);
    if (!found) mst_ir_visit_stmt(s, find_trouble, &found);
  }
  return found;
}

/* a && b, a || b: b is not evaluated when a decides. Of masks both are, when nothing can go wrong
 * in b: else, and when one side is data, chains go one by one. */
static const lower_value *logic(lower_state *l, const ast_expr *e) {
  bool is_and = e->op == AST_AND;
  ir_expr *a = mst_lower_decided(l, truth(l, mst_lower_condition(l, e->arg[0])));
  if (a->op == IR_CONST_INT && (a->integer != 0) != is_and)
    return mst_lower_scalar(l, mst_ir_int(l->c, !is_and), LANG_INT);
  ir_block side = {0}, *saved = l->out;
  const bool sure = a->op == IR_CONST_INT;
  l->branches += !sure;
  l->unsure += !sure;
  l->out = &side;
  ir_expr *b = truth(l, mst_lower_condition(l, e->arg[1]));
  l->branches -= !sure;
  l->unsure -= !sure;
  if (a->type == IR_MASK && b->type == IR_MASK && (in_prelude(l) || !may_fail(&side, b))) {
    l->out = saved;
    for (int i = 0; i < side.nstmts; i++) mst_ir_append(l->c, l->out, side.stmt[i]);
    return mst_lower_scalar(l, mst_ir_call2(l->c, is_and ? IR_AND : IR_OR, a, b), LANG_INT);
  }
  b = mst_lower_int_of(l, b);
  l->out = saved;
  a = mst_lower_int_of(l, a);
  if (side.nstmts == 0)
    return mst_lower_scalar(l, mst_ir_call2(l->c, is_and ? IR_AND : IR_OR, a, b), LANG_INT);
  ir_var *t = mst_lower_declare(l, "both", IR_INT, 0, NULL, a);
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, e->loc);
  s->cond = mst_ir_scalar(l->c, t);
  if (!is_and) s->cond = mst_ir_call1(l->c, IR_NOT, s->cond);
  s->body = side;
  mst_ir_append(l->c, l->out, s);
  l->out = &s->body;
  mst_lower_assign(l, t, 0, NULL, b, false);
  l->out = saved;
  return mst_lower_scalar(l, mst_ir_scalar(l->c, t), LANG_INT);
}

static const lower_value *power(lower_state *l, const lower_value *a, const lower_value *b,
                                lang_type type) {
  if (is_scalar(b)) {
    ir_expr *n = mst_lower_at(l, b, NULL);
    if (n->op == IR_CONST_INT && n->integer == 2) return mst_lower_unary(l, IR_SQUARE, a, type);
    if (n->op == IR_CONST_REAL && n->real == 0.5) return mst_lower_unary(l, IR_SQRT, a, type);
  }
  return mst_lower_binary(l, IR_POW, a, b, type);
}

static const lower_value *binary(lower_state *l, const ast_expr *e) {
  if (e->op == AST_AND || e->op == AST_OR) return logic(l, e);
  const lower_value *a = mst_lower_expr(l, e->arg[0]), *b = mst_lower_expr(l, e->arg[1]);
  if (comparison(e->op) != IR_NPRIMS) return mst_lower_binary(l, comparison(e->op), a, b, e->type);
  bool ints = a->type.base == LANG_INT && b->type.base == LANG_INT;
  switch (e->op) {
  case AST_ADD:
    return mst_lower_binary(l, IR_ADD, a, b, e->type);
  case AST_SUB:
    return mst_lower_binary(l, IR_SUB, a, b, e->type);
  case AST_MUL:
    return mst_lower_multiply(l, a, b, e->type);
  case AST_ELT_MUL:
    return mst_lower_binary(l, IR_MUL, a, b, e->type);
  case AST_DIV:
    if (b->ndims && a->type.base != LANG_INT && b->type.base == LANG_MATRIX &&
        (a->type.base == LANG_MATRIX || a->type.base == LANG_ROW_VECTOR))
      return solve(l, e, a, b);
    return mst_lower_binary(l, ints ? IR_INT_DIV : IR_DIV, a, b, e->type);
  case AST_INT_DIV:
    return mst_lower_binary(l, IR_INT_DIV, a, b, e->type);
  case AST_MOD:
    return mst_lower_binary(l, IR_INT_MOD, a, b, e->type);
  case AST_ELT_DIV:
    return mst_lower_binary(l, IR_DIV, a, b, e->type);
  case AST_LEFT_DIV:
    return solve(l, e, a, b);
  case AST_POW:
  case AST_ELT_POW:
    return power(l, a, b, e->type);
  default:
    mst_lower_unsupported(l, e->loc, "this operator");
  }
}

static const lower_value *unary(lower_state *l, const ast_expr *e) {
  const lower_value *a = mst_lower_expr(l, e->arg[0]);
  switch (e->op) {
  case AST_PLUS:
    return a;
  case AST_NEG:
    return mst_lower_unary(l, IR_NEG, a, e->type);
  case AST_NOT:
    return mst_lower_scalar(
        l, mst_ir_call1(l->c, IR_NOT, truth(l, mst_lower_condition(l, e->arg[0]))), LANG_INT);
  case AST_TRANSPOSE:
    return mst_lower_transpose(l, a);
  default:
    mst_lower_unsupported(l, e->loc, "this operator");
  }
}

static void join(lower_state *l, ir_block *into, const ir_block *from) {
  for (int i = 0; i < from->nstmts; i++) mst_ir_append(l->c, into, from->stmt[i]);
}

static bool same_dims(const lower_value *a, const lower_value *b) {
  for (int d = 0; d < a->ndims; d++)
    if (!mst_lower_same_dim(a->dim[d], b->dim[d])) return false;
  return true;
}

/* Both sides have one size, which then no statement of theirs gives. */
static const lower_value *chosen_alike(lower_state *l, const ast_expr *e, ir_expr *cond,
                                       ir_block *side, const lower_value *const *v, ir_type type) {
  ir_block *saved = l->out;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, e->loc);
  s->cond = mst_lower_hold(l, cond, "cond");
  ir_var *to = mst_lower_declare(l, "chosen", type, v[0]->ndims, v[0]->dim, NULL);
  for (int k = 0; k < 2; k++) {
    l->out = &side[k];
    mst_lower_fill(l, to, v[k]);
    l->out = saved;
  }
  s->body = side[0];
  s->other = side[1];
  mst_ir_append(l->c, l->out, s);
  return mst_lower_variable(l, to, e->type);
}

/* A container is chosen in two steps: sizes first, so that it can be declared, then its elements;
 * what the sides do besides is done in the second. */
static const lower_value *chosen_container(lower_state *l, const ast_expr *e, ir_expr *cond,
                                           ir_block *side, const lower_value *const *v,
                                           ir_type type) {
  ir_expr *dim[LOWER_DIMS];
  ir_block *saved = l->out;
  cond = mst_lower_hold(l, cond, "cond");
  ir_stmt *first = mst_ir_stmt(l->c, IR_IF, e->loc), *second = mst_ir_stmt(l->c, IR_IF, e->loc);
  first->cond = mst_lower_copy(l, cond);
  second->cond = mst_lower_copy(l, cond);
  first->body = side[0];
  first->other = side[1];
  for (int d = 0; d < v[0]->ndims; d++) {
    ir_var *n = mst_lower_declare(l, "size", IR_INT, 0, NULL, mst_ir_int(l->c, 0));
    dim[d] = mst_ir_scalar(l->c, n);
    for (int k = 0; k < 2; k++) {
      l->out = k ? &first->other : &first->body;
      mst_lower_assign(l, n, 0, NULL, mst_lower_copy(l, v[k]->dim[d]), false);
      l->out = saved;
    }
  }
  mst_ir_append(l->c, l->out, first);
  ir_var *to = mst_lower_declare(l, "chosen", type, v[0]->ndims, dim, NULL);
  mst_ir_append(l->c, l->out, second);
  for (int k = 0; k < 2; k++) {
    l->out = k ? &second->other : &second->body;
    mst_lower_fill(l, to, mst_lower_expr(l, e->arg[1 + k]));
    l->out = saved;
  }
  return mst_lower_variable(l, to, e->type);
}

/* cond ? a : b. A condition of data evaluates one side; of parameters both, blended. */
/* The sides of a choice between containers, each in a block of its own; returns the wider type. */
static ir_type sides_of(lower_state *l, const ast_expr *e, ir_block *side, const lower_value **v) {
  ir_type type = e->type.base == LANG_INT ? IR_INT : IR_REAL;
  ir_block *saved = l->out;
  for (int k = 0; k < 2; k++) {
    side[k] = (ir_block){0};
    l->out = &side[k];
    v[k] = mst_lower_expr(l, e->arg[1 + k]);
    const ir_type own = mst_lower_type_of(l, v[k]);
    if (own > type) type = own;
  }
  l->out = saved;
  return type;
}

static const lower_value *choose_container(lower_state *l, const ast_expr *e, ir_expr *cond) {
  ir_block side[2];
  const lower_value *v[2], *chosen;
  const bool target = l->target;
  if (e->type.base == LANG_TUPLE) mst_lower_unsupported(l, e->loc, "a choice between tuples");
  if (cond->type == IR_MASK) cond = mst_lower_int_of(l, cond);
  l->branches++;
  l->unsure++;
  const ir_type type = sides_of(l, e, side, v);
  if (same_dims(v[0], v[1])) {
    chosen = chosen_alike(l, e, cond, side, v, type);
  } else {
    l->target = false; /* for sizes alone */
    sides_of(l, e, side, v);
    l->target = target;
    chosen = chosen_container(l, e, cond, side, v, type);
  }
  l->branches--;
  l->unsure--;
  return chosen;
}

static const lower_value *ternary(lower_state *l, const ast_expr *e) {
  ir_expr *cond = mst_lower_decided(l, mst_lower_condition(l, e->arg[0]));
  if (cond->op == IR_CONST_INT) {
    const lower_value *v = mst_lower_expr(l, e->arg[cond->integer ? 1 : 2]);
    if (v->type.base == LANG_INT && e->type.base == LANG_REAL && v->ndims == 0)
      v = mst_lower_scalar(l, mst_ir_call1(l->c, IR_TO_REAL, mst_lower_at(l, v, NULL)), LANG_REAL);
    return v;
  }
  bool container = e->type.arrays || (e->type.base != LANG_INT && e->type.base != LANG_REAL);
  if (container) return choose_container(l, e, cond);
  ir_block side[2] = {{0}, {0}}, *saved = l->out;
  const lower_value *v[2];
  ir_expr *x[2] = {NULL, NULL};
  ir_type type = e->type.base == LANG_INT ? IR_INT : IR_REAL;
  l->branches++;
  l->unsure++;
  for (int k = 0; k < 2; k++) {
    l->out = &side[k];
    v[k] = mst_lower_expr(l, e->arg[1 + k]);
    x[k] = mst_lower_int_of(l, mst_lower_at(l, v[k], NULL));
    if (x[k]->type > type) type = x[k]->type;
  }
  l->branches--;
  l->unsure--;
  l->out = saved;
  if (cond->type == IR_MASK && !in_prelude(l) &&
      (may_fail(&side[0], x[0]) || may_fail(&side[1], x[1])))
    cond = mst_lower_int_of(l, cond);
  if (cond->type == IR_MASK || (!side[0].nstmts && !side[1].nstmts)) {
    join(l, l->out, &side[0]);
    join(l, l->out, &side[1]);
    if (cond->type == IR_MASK && type == IR_INT) cond = mst_lower_int_of(l, cond);
    return mst_lower_scalar(l, mst_ir_select(l->c, cond, x[0], x[1]), e->type.base);
  }
  ir_var *t = mst_lower_declare(l, "chosen", type, 0, NULL, NULL);
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, e->loc);
  s->cond = cond;
  s->body = side[0];
  s->other = side[1];
  mst_ir_append(l->c, l->out, s);
  for (int k = 0; k < 2; k++) {
    l->out = k ? &s->other : &s->body;
    mst_lower_assign(l, t, 0, NULL, x[k], false);
    l->out = saved;
  }
  return mst_lower_scalar(l, mst_ir_scalar(l->c, t), e->type.base);
}

/* ---- indexing */

/* Whether counter, or counter + something not negative, is known to stay below size. */
static bool in_range(lower_state *l, const ir_expr *index, const ir_expr *size) {
  int64_t more = 0;
  if (index->op == IR_CONST_INT && size->op == IR_CONST_INT)
    return index->integer >= 0 && index->integer < size->integer;
  if (index->op == IR_CALL && index->prim == IR_ADD && index->arg[1]->op == IR_CONST_INT &&
      index->arg[1]->integer > 0) {
    more = index->arg[1]->integer;
    index = index->arg[0];
  }
  if (index->op != IR_LOAD || index->var->role != IR_LOOP) return false;
  for (int i = 0; i < l->nranges; i++) {
    if (l->range[i].var != index->var) continue;
    if (more == 0 && mst_lower_same_dim(l->range[i].count, size)) return true;
    ir_expr *end =
        mst_ir_call2(l->c, IR_ADD, mst_lower_copy(l, l->range[i].count), mst_ir_int(l->c, more));
    ir_expr *room = mst_ir_call2(l->c, IR_SUB, mst_lower_copy(l, size), end);
    return room->op == IR_CONST_INT && room->integer >= 0;
  }
  return false;
}

/* Whether the model declares the index variable with bounds 1 and that size. */
static bool declared_in_range(lower_state *l, const ast_expr *e, const ir_expr *size) {
  while (e && e->kind == AST_INDEX) e = e->arg[0];
  if (!e || e->kind != AST_VAR || !e->decl || e->decl->block != AST_IN_DATA) return false;
  const ast_decl *d = e->decl;
  if (!d->lower || !d->upper || d->lower->kind != AST_INT || d->lower->integer < 1) return false;
  if (d->upper->kind != AST_VAR && d->upper->kind != AST_INT) return false;
  if (d->upper->kind == AST_INT)
    return mst_lower_same_dim(mst_lower_expr_scalar(l, d->upper), size);
  /* a function that the value was handed to does not see the data's names */
  const lower_binding *upper = mst_lang_pointer(&l->bound, d->upper->decl);
  return upper && mst_lower_same_dim(mst_lower_at(l, upper->value, NULL), size);
}

ir_expr *mst_lower_checked(lower_state *l, ir_expr *index, const ir_expr *size, lang_loc loc,
                           const ast_expr *ast) {
  if (in_range(l, index, size)) return index;
  if (ast && declared_in_range(l, ast, size)) return index;
  return mst_ir_check_index(l->c, index, mst_lower_copy(l, size), loc);
}

static ir_expr *mapped_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at[LOWER_DIMS];
  int next = 0;
  for (int d = 0; d < v->a->ndims; d++) {
    const lower_map *m = &v->map[d];
    if (m->kind == LOWER_FIXED) {
      at[d] = mst_lower_copy(l, m->at);
    } else if (m->kind == LOWER_OFFSET) {
      ir_expr *i = mst_lower_copy(l, index[next++]);
      at[d] = m->at ? mst_ir_call2(l->c, IR_ADD, i, mst_lower_copy(l, m->at)) : i;
    } else {
      ir_expr *i = mst_lower_at1(l, m->multi, index[next++]);
      i = mst_ir_call2(l->c, IR_SUB, i, mst_ir_int(l->c, 1));
      at[d] = mst_lower_checked(l, i, v->a->dim[d], v->ast->loc, m->multi->ast);
    }
  }
  return mst_lower_at(l, v->a, at);
}

lower_value *mst_lower_mapped(lower_state *l, const lower_value *base, lang_type type) {
  lower_value *v = mst_lower_new(l, type);
  v->a = base;
  v->cheap = base->cheap;
  v->element = mapped_element;
  return v;
}

static ir_expr *minus_one(lower_state *l, ir_expr *e) {
  return mst_ir_call2(l->c, IR_SUB, e, mst_ir_int(l->c, 1));
}

/* low:high of a dimension: offset and count. */
static void range_of(lower_state *l, lower_value *v, int d, const ast_index *x, const ir_expr *size,
                     lang_loc loc) {
  ir_expr *low =
      x->low ? mst_lower_hold(l, mst_lower_expr_scalar(l, x->low), "low") : mst_ir_int(l->c, 1);
  ir_expr *high = x->high ? mst_lower_hold(l, mst_lower_expr_scalar(l, x->high), "high")
                          : mst_lower_copy(l, size);
  ir_expr *count = mst_ir_call2(
      l->c, IR_ADD, mst_ir_call2(l->c, IR_SUB, mst_lower_copy(l, high), mst_lower_copy(l, low)),
      mst_ir_int(l->c, 1));
  if (count->op != IR_CONST_INT && !mst_ir_same(count, size))
    count = mst_ir_call2(l->c, IR_INT_MAX, count, mst_ir_int(l->c, 0));
  ir_expr *offset = minus_one(l, low);
  /* high must not pass the end; checked where it is used */
  if (x->high && !mst_ir_same(high, size)) {
    ir_expr *most = mst_ir_call2(l->c, IR_ADD, mst_lower_copy(l, size), mst_ir_int(l->c, 1));
    ir_expr *ok = mst_ir_check_index(l->c, high, most, loc);
    /* count is computed from the checked value */
    ok = mst_lower_hold(l, ok, "high");
    count =
        mst_ir_call2(l->c, IR_INT_MAX, mst_ir_call2(l->c, IR_SUB, ok, mst_lower_copy(l, offset)),
                     mst_ir_int(l->c, 0));
  }
  if (count->op != IR_LOAD && count->op != IR_CONST_INT) count = mst_lower_hold(l, count, "count");
  v->map[d] = (lower_map){LOWER_OFFSET, mst_ir_is_int(offset, 0) ? NULL : offset, NULL};
  v->dim[v->ndims++] = count;
}

static const lower_value *indexed(lower_state *l, const lower_value *base, const ast_expr *e,
                                  lang_type type);

/* Of an array of tuples: each component has the array's dimensions first. */
static const lower_value *indexed_tuple(lower_state *l, const lower_value *base, const ast_expr *e,
                                        lang_type type) {
  lower_value *v = mst_lower_new(l, type);
  const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, base->nparts);
  for (int i = 0; i < base->nparts; i++) {
    lang_type own = base->part[i]->type;
    own.arrays -= base->type.arrays - type.arrays;
    part[i] = indexed(l, base->part[i], e, own);
  }
  v->part = part;
  v->nparts = base->nparts;
  v->ndims = type.arrays;
  for (int i = 0; i < v->ndims; i++) v->dim[i] = part[0]->dim[i];
  return v;
}

const lower_value *mst_lower_index(lower_state *l, const lower_value *base, const ast_expr *e,
                                   const ast_expr *base_ast) {
  (void)base_ast;
  return indexed(l, base, e, e->type);
}

static const lower_value *indexed(lower_state *l, const lower_value *base, const ast_expr *e,
                                  lang_type type) {
  if (base->nparts) return indexed_tuple(l, base, e, type);
  lower_value *v = mst_lower_mapped(l, base, type);
  v->ast = e;
  for (int d = 0; d < base->ndims; d++) {
    const ast_index *x = d < e->nindices ? &e->index[d] : NULL;
    const ir_expr *size = base->dim[d];
    if (!x || x->kind == AST_INDEX_ALL) {
      v->map[d] = (lower_map){LOWER_OFFSET, NULL, NULL};
      v->dim[v->ndims++] = base->dim[d];
    } else if (x->kind == AST_INDEX_SINGLE) {
      ir_expr *i = minus_one(l, mst_lower_expr_scalar(l, x->low));
      i = mst_lower_checked(l, i, size, x->low->loc, x->low);
      v->map[d] = (lower_map){LOWER_FIXED, mst_lower_hold(l, i, "at"), NULL};
    } else if (x->kind == AST_INDEX_MULTI) {
      lower_value *m = mst_lower_new(l, x->low->type);
      const lower_value *list = mst_lower_expr(l, x->low);
      *m = *(l->copies_indices ? mst_lower_copied(l, list) : mst_lower_cheap(l, list));
      m->ast = x->low;
      v->map[d] = (lower_map){LOWER_MULTI, NULL, m};
      v->dim[v->ndims++] = m->dim[0];
    } else {
      range_of(l, v, d, x, size, e->loc);
    }
  }
  if (v->ndims == 0) {
    ir_expr *none[1] = {NULL};
    return mst_lower_retype(l, mst_lower_scalar(l, mapped_element(l, v, none), type.base), type);
  }
  return v;
}

/* ---- literals */

/* {a, b, c} and [a, b, c]: stored, since an element cannot be picked from a list of expressions
 * by an index that is not known. */
static const lower_value *list_of(lower_state *l, const ast_expr *e, const lower_value **part,
                                  lang_type whole) {
  ir_type type = IR_INT;
  if (whole.base == LANG_TUPLE) {
    lower_value *v = mst_lower_new(l, whole);
    const lower_value **component = MST_LANG_ARRAY(l->c, const lower_value *, whole.nelements);
    for (int k = 0; k < whole.nelements; k++) {
      const lower_value **of = MST_LANG_ARRAY(l->c, const lower_value *, e->nargs + 1);
      lang_type own = whole.element[k];
      own.arrays += whole.arrays;
      for (int i = 0; i < e->nargs; i++) of[i] = part[i]->part[k];
      component[k] = list_of(l, e, of, own);
    }
    v->part = component;
    v->nparts = whole.nelements;
    v->ndims = whole.arrays;
    for (int i = 0; i < v->ndims; i++) v->dim[i] = component[0]->dim[i];
    return v;
  }
  if (e->kind == AST_ROW) type = IR_REAL;
  for (int i = 0; i < e->nargs; i++) {
    if (part[i]->ndims) part[i] = mst_lower_whole_any(l, part[i]);
    ir_type own = mst_lower_type_of(l, part[i]);
    if (own > type) type = own;
  }
  lang_base base = whole.base;
  if (type == IR_INT && base != LANG_INT) type = IR_REAL;
  ir_expr *dim[LOWER_DIMS];
  int inner = e->nargs ? part[0]->ndims : 0;
  dim[0] = mst_ir_int(l->c, e->nargs);
  for (int d = 0; d < inner; d++) dim[d + 1] = part[0]->dim[d];
  ir_var *to = mst_lower_declare(l, "list", type, inner + 1, dim, NULL);
  to->once = true;
  for (int i = 0; i < e->nargs; i++) {
    ir_expr *index[LOWER_DIMS];
    ir_block *saved;
    mst_lower_nest_begin(l, part[i], index + 1, &saved);
    index[0] = mst_ir_int(l->c, i);
    mst_lower_assign(l, to, inner + 1, index, mst_lower_at(l, part[i], index + 1), false);
    mst_lower_nest_end(l, inner, saved);
  }
  return mst_lower_variable(l, to, whole);
}

static const lower_value *literal(lower_state *l, const ast_expr *e) {
  const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, e->nargs ? e->nargs : 1);
  for (int i = 0; i < e->nargs; i++) part[i] = mst_lower_expr(l, e->arg[i]);
  return list_of(l, e, part, e->type);
}

static const lower_value *tuple(lower_state *l, const ast_expr *e) {
  lower_value *v = mst_lower_new(l, e->type);
  const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, e->nargs);
  for (int i = 0; i < e->nargs; i++) {
    const lower_value *x = mst_lower_expr(l, e->arg[i]);
    part[i] = x->type.base == LANG_TUPLE ? x : mst_lower_whole_any(l, x);
  }
  v->part = part;
  v->nparts = e->nargs;
  return v;
}

const lower_value *mst_lower_expr(lower_state *l, const ast_expr *e) {
  switch (e->kind) {
  case AST_INT:
    return mst_lower_scalar(l, mst_ir_int(l->c, e->integer), LANG_INT);
  case AST_REAL:
    return mst_lower_scalar(l, mst_ir_real(l->c, e->real), LANG_REAL);
  case AST_VAR:
    return mst_lower_lookup(l, e);
  case AST_UNARY:
    return unary(l, e);
  case AST_BINARY:
    return binary(l, e);
  case AST_TERNARY:
    return ternary(l, e);
  case AST_INDEX:
    return mst_lower_index(l, mst_lower_expr(l, e->arg[0]), e, e->arg[0]);
  case AST_CALL:
    return mst_lower_call(l, e);
  case AST_ARRAY:
  case AST_ROW:
    return literal(l, e);
  case AST_TUPLE:
    return tuple(l, e);
  case AST_TUPLE_GET: {
    const lower_value *t = mst_lower_expr(l, e->arg[0]);
    if (t->nparts < (int)e->integer) mst_lower_unsupported(l, e->loc, "this tuple");
    return t->part[e->integer - 1];
  }
  case AST_IMAG:
    mst_lower_unsupported(l, e->loc, "complex numbers");
  case AST_STRING:
    mst_lower_unsupported(l, e->loc, "a string here");
  }
  mst_lower_unsupported(l, e->loc, "this expression");
}

ir_expr *mst_lower_expr_scalar(lower_state *l, const ast_expr *e) {
  return mst_lower_at(l, mst_lower_expr(l, e), NULL);
}

ir_expr *mst_lower_expr_int(lower_state *l, const ast_expr *e) {
  return mst_lower_hold(l, mst_lower_expr_scalar(l, e), "n");
}
