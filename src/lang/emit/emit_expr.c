/* lang/emit/emit_expr.c -- expressions as C. Mixed arithmetic of lanes and doubles is left to the
 * compiler, which broadcasts; arguments of functions, branches and masks are broadcast here. */
#include "lang/emit/emit_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Precedences of C, the higher the tighter. */
enum { LOOSE = 0, TERNARY, OR_, AND_, BIT_, EQUAL, ORDER, SUM, PRODUCT, UNARY, TIGHT };

typedef struct piece {
  const char *s;
  int level;
} piece;

static piece write_expr(emit_state *e, const ir_expr *x);

const char *mst_emit_type(ir_type type) {
  static const char *const names[] = {"int64_t", "double", "vreal", "vmask"};
  return names[type];
}

const char *mst_emit_element_type(ir_type type) {
  return type == IR_INT ? "int32_t" : mst_emit_type(type);
}

/* The text, in parentheses when it binds less tightly than `level`. */
static const char *fit(emit_state *e, piece p, int level) {
  return p.level >= level ? p.s : mst_lang_format(e->c, "(%s)", p.s);
}

const char *mst_emit_expr(emit_state *e, const ir_expr *x) { return write_expr(e, x).s; }
const char *mst_emit_factor(emit_state *e, const ir_expr *x) {
  return fit(e, write_expr(e, x), UNARY);
}

/* ---- numbers */

static const char *number(emit_state *e, double x) {
  if (isnan(x)) return "NAN";
  if (isinf(x)) return x > 0 ? "INFINITY" : "-INFINITY";
  char text[40];
  int digits = 15;
  do snprintf(text, sizeof text, "%.*g", digits, x);
  while (digits++ < 17 && strtod(text, NULL) != x);
  bool whole = strcspn(text, ".e") == strlen(text);
  return mst_lang_format(e->c, "%s%s", text, whole ? ".0" : "");
}

static piece real_piece(emit_state *e, double x) {
  return (piece){number(e, x), x < 0 || (x == 0 && signbit(x)) ? UNARY : TIGHT};
}

/* ---- conversions */

/* As a double or wider: ints are cast. */
static piece at_least_real(emit_state *e, const ir_expr *x) {
  if (x->op == IR_CONST_INT) return real_piece(e, (double)x->integer);
  piece p = write_expr(e, x);
  if (x->type != IR_INT) return p;
  return (piece){mst_lang_format(e->c, "(double)%s", fit(e, p, UNARY)), UNARY};
}

static piece convert(emit_state *e, const ir_expr *x, ir_type type) {
  if (type == IR_LANE && x->type < IR_LANE)
    return (piece){mst_lang_format(e->c, "v_all(%s)", at_least_real(e, x).s), TIGHT};
  if (type == IR_REAL) return at_least_real(e, x);
  if (type == IR_MASK && x->type == IR_INT) { /* an int condition beside masks */
    return (piece){mst_lang_format(e->c, "v_if(%s)", write_expr(e, x).s), TIGHT};
  }
  return write_expr(e, x);
}

const char *mst_emit_as(emit_state *e, const ir_expr *x, ir_type type) {
  return convert(e, x, type).s;
}

/* ---- elements */

int64_t mst_emit_fixed_count(const ir_var *v) {
  int64_t n = 1;
  for (int i = 0; i < v->ndims; i++) {
    if (v->dim[i]->op != IR_CONST_INT) return -1;
    n *= v->dim[i]->integer;
  }
  return n;
}

const char *mst_emit_count(emit_state *e, const ir_var *v, int first) {
  const char *s = NULL;
  for (int i = first; i < v->ndims; i++) {
    if (mst_ir_is_int(v->dim[i], 1)) continue;
    const char *d = fit(e, write_expr(e, v->dim[i]), UNARY);
    s = s ? mst_lang_format(e->c, "%s * %s", s, d) : d;
  }
  return s ? s : "1";
}

/* Row-major address by Horner's rule. */
static piece address(emit_state *e, const ir_var *v, ir_expr *const *index, int nindices) {
  piece p = write_expr(e, index[0]);
  for (int i = 1; i < nindices; i++) {
    piece add = write_expr(e, index[i]);
    if (mst_ir_is_int(v->dim[i], 1)) continue;
    const char *stride = fit(e, write_expr(e, v->dim[i]), UNARY);
    if (strcmp(p.s, "0") == 0)
      p = add;
    else if (strcmp(add.s, "0") == 0)
      p = (piece){mst_lang_format(e->c, "%s * %s", fit(e, p, PRODUCT), stride), PRODUCT};
    else
      p = (piece){
          mst_lang_format(e->c, "%s * %s + %s", fit(e, p, PRODUCT), stride, fit(e, add, SUM)), SUM};
  }
  return p;
}

/* Arrays of which a row has more than their own elements: the name of the row's length, or NULL. */
static const char *row_stride(const emit_state *e, const ir_var *v) {
  const emit_tables *t = &e->tables;
  if (v->role == IR_ADJOINT)
    if (mst_emit_row_theta_of(e, v) >= 0) return "row_theta";
  if (v->role == IR_ROW_THETA) return "row_theta";
  return mst_emit_group_index(&t->row_output, v) >= 0 ? "row_out" : NULL;
}

/* Scalars that are reached through a pointer. */
static bool is_pointed(const emit_state *e, const ir_var *v) {
  return v->role == IR_OUTPUT || v->role == IR_THETA ||
         (e->kind == EMIT_PHASE_ROWS && mst_emit_is_sum(e, v));
}

/* What the function calls it. */
static const char *handle(emit_state *e, const ir_var *v) {
  bool in_state = e->kind == EMIT_SETUP || e->kind == EMIT_PHASE_END;
  if (!in_state || v->role != IR_DATA) return v->name;
  return v->ndims > 0 && mst_emit_data_index(e, v) >= 0
             ? v->name
             : mst_lang_format(e->c, "state->%s", v->name);
}

const char *mst_emit_element(emit_state *e, ir_var *v, ir_expr *const *index, int nindices) {
  const char *name = handle(e, v);
  if (v->ndims == 0) return is_pointed(e, v) ? mst_lang_format(e->c, "%s[0]", name) : name;
  ir_var tail = *v; /* the address without the row */
  tail.dim = v->dim + 1;
  const char *gathered = mst_emit_gathered(e, v, index[0]);
  if (gathered && nindices == 1) return mst_lang_format(e->c, "%s]", gathered);
  if (gathered)
    return mst_lang_format(e->c, "%s + %s]", gathered,
                           fit(e, address(e, &tail, index + 1, nindices - 1), SUM));
  const char *sum = mst_emit_row_sum(e, v);
  if (sum)
    return mst_lang_format(e->c, "%s[%s]", sum,
                           nindices == 1 ? "0" : address(e, &tail, index + 1, nindices - 1).s);
  const char *stride = row_stride(e, v);
  if (!stride) return mst_lang_format(e->c, "%s[%s]", name, address(e, v, index, nindices).s);
  const char *row = fit(e, write_expr(e, index[0]), PRODUCT);
  if (nindices == 1) return mst_lang_format(e->c, "%s[%s * %s]", name, row, stride);
  const char *rest = fit(e, address(e, &tail, index + 1, nindices - 1), SUM);
  return mst_lang_format(e->c, "%s[%s * %s + %s]", name, row, stride, rest);
}

/* ---- calls */

static const char *infix(ir_prim prim, int *level) {
  switch (prim) {
  case IR_ADD:
    *level = SUM;
    return "+";
  case IR_SUB:
    *level = SUM;
    return "-";
  case IR_MUL:
    *level = PRODUCT;
    return "*";
  case IR_DIV:
    *level = PRODUCT;
    return "/";
  case IR_EQ:
    *level = EQUAL;
    return "==";
  case IR_NE:
    *level = EQUAL;
    return "!=";
  case IR_LT:
    *level = ORDER;
    return "<";
  case IR_LE:
    *level = ORDER;
    return "<=";
  case IR_GT:
    *level = ORDER;
    return ">";
  case IR_GE:
    *level = ORDER;
    return ">=";
  case IR_AND:
    *level = AND_;
    return "&&";
  case IR_OR:
    *level = OR_;
    return "||";
  default:
    return NULL;
  }
}

static piece infix_piece(emit_state *e, const ir_expr *x, const char *op, int level) {
  ir_type widest = x->arg[0]->type > x->arg[1]->type ? x->arg[0]->type : x->arg[1]->type;
  bool real = widest >= IR_REAL || x->prim == IR_DIV;
  piece a = real ? at_least_real(e, x->arg[0]) : write_expr(e, x->arg[0]);
  piece b = real ? at_least_real(e, x->arg[1]) : write_expr(e, x->arg[1]);
  /* C groups to the left; && inside || is bracketed to please the reader */
  bool logic = level == AND_ || level == OR_;
  const char *left = fit(e, a, logic ? BIT_ : level), *right = fit(e, b, logic ? BIT_ : level + 1);
  if (level == ORDER || level == EQUAL) left = fit(e, a, SUM), right = fit(e, b, SUM);
  if (x->type == IR_INT && x->prim == IR_ADD && x->arg[1]->op == IR_CONST_INT &&
      x->arg[1]->integer < 0)
    return (piece){mst_lang_format(e->c, "%s - %lld", left, -(long long)x->arg[1]->integer), SUM};
  if (x->type == IR_INT && x->prim == IR_MUL && x->arg[0]->op == IR_LOAD && x->arg[0]->nargs > 0)
    left = mst_lang_format(e->c, "(int64_t)%s", left); /* elements of arrays have 32 bits */
  return (piece){mst_lang_format(e->c, "%s %s %s", left, op, right), level};
}

/* Bessel functions of whole order: the order is an int for lanes too. */
static bool has_order(ir_prim p) {
  return p == IR_BESSEL_FIRST_KIND || p == IR_BESSEL_SECOND_KIND ||
         p == IR_MODIFIED_BESSEL_FIRST_KIND || p == IR_MODIFIED_BESSEL_SECOND_KIND;
}

static piece call_piece(emit_state *e, const char *name, const ir_expr *x, ir_type type) {
  const char *s = mst_lang_format(e->c, "%s(", name);
  for (int i = 0; i < x->nargs; i++) {
    bool order = i == 0 && has_order(x->prim);
    s = mst_lang_format(e->c, "%s%s%s", s, i ? ", " : "",
                        mst_emit_as(e, x->arg[i], order ? IR_INT : type));
  }
  return (piece){mst_lang_format(e->c, "%s)", s), TIGHT};
}

/* Comparisons and logic of lanes. */
static piece mask_piece(emit_state *e, const ir_expr *x) {
  static const char *const name[] = {[IR_EQ] = "v_eq", [IR_NE] = "v_ne", [IR_LT] = "v_lt",
                                     [IR_LE] = "v_le", [IR_GT] = "v_gt", [IR_GE] = "v_ge"};
  switch (x->prim) {
  case IR_AND:
    return call_piece(e, "v_and", x, IR_MASK);
  case IR_OR:
    return call_piece(e, "v_or", x, IR_MASK);
  case IR_NOT:
    return call_piece(e, "v_not", x, IR_MASK);
  case IR_IS_NAN:
    return call_piece(e, "v_isnan", x, IR_LANE);
  case IR_IS_INF: {
    const char *s = mst_emit_as(e, x->arg[0], IR_LANE);
    return (piece){mst_lang_format(e->c, "v_eq(v_abs(%s), v_all(INFINITY))", s), TIGHT};
  }
  default:
    return call_piece(e, name[x->prim], x, IR_LANE);
  }
}

static const char *where_text(emit_state *e, const ir_expr *x) {
  const char *place = mst_emit_place(e, x->loc);
  if (!place) place = "model";
  if (x->op == IR_CHECK_INDEX && x->var) {
    const char *name = mst_ir_shown(e->c, x->var);
    place = x->integer > 0
                ? mst_lang_format(e->c, "%s: %s, index %lld", place, name, (long long)x->integer)
                : mst_lang_format(e->c, "%s: %s", place, name);
  }
  return mst_emit_quoted(e->c, place);
}

static piece random_piece(emit_state *e, const ir_expr *x) {
  static const char *const name[] = {"uniform", "normal", "gamma", "poisson"};
  const char *s = mst_lang_format(e->c, "at->ops->%s(at->rng", name[x->prim - IR_UNIFORM_RNG]);
  if (x->nargs > 0) s = mst_lang_format(e->c, "%s, %s", s, mst_emit_as(e, x->arg[0], IR_REAL));
  return (piece){mst_lang_format(e->c, "%s)", s), TIGHT};
}

/* Primitives that are no function of special.h; level -1: not one of them. */
static piece special_piece(emit_state *e, const ir_expr *x) {
  const char *a; /* written once: nested calls would take exponential time */
  switch (x->prim) {
  case IR_NEG:
    return (piece){mst_lang_format(e->c, "-%s", fit(e, write_expr(e, x->arg[0]), TIGHT)), UNARY};
  case IR_NOT:
    return (piece){mst_lang_format(e->c, "!%s", mst_emit_factor(e, x->arg[0])), UNARY};
  case IR_TO_REAL:
    return at_least_real(e, x->arg[0]);
  case IR_TO_INT:
    return (piece){mst_lang_format(e->c, "(int64_t)%s", mst_emit_factor(e, x->arg[0])), UNARY};
  case IR_INT_DIV:
  case IR_INT_MOD:
    return (piece){mst_lang_format(e->c, "masting_%s(&state->trouble, %s, %s, %s)",
                                   mst_ir_prim_name(x->prim), mst_emit_expr(e, x->arg[0]),
                                   mst_emit_expr(e, x->arg[1]), where_text(e, x)),
                   TIGHT};
  case IR_INT_ABS:
    return call_piece(e, "masting_int_abs", x, IR_INT);
  case IR_INT_MIN:
    return call_piece(e, "masting_int_min", x, IR_INT);
  case IR_INT_MAX:
    return call_piece(e, "masting_int_max", x, IR_INT);
  case IR_MASK_REAL:
    return (piece){
        mst_lang_format(e->c, "v_where(%s, v_all(1.0), v_all(0.0))", mst_emit_expr(e, x->arg[0])),
        TIGHT};
  case IR_FIRST_LANE:
    return (piece){mst_lang_format(e->c, "%s != 0", fit(e, write_expr(e, x->arg[0]), SUM)), EQUAL};
  case IR_VALID:
    if (x->type == IR_LANE)
      return (piece){mst_lang_format(e->c, "v_where(%s, v_all(0.0), v_all(-INFINITY))",
                                     mst_emit_expr(e, x->arg[0])),
                     TIGHT};
    a = fit(e, write_expr(e, x->arg[0]), TERNARY + 1);
    return (piece){mst_lang_format(e->c, "%s ? 0.0 : -INFINITY", a), TERNARY};
  case IR_IS_NAN:
    return (piece){mst_lang_format(e->c, "isnan(%s) != 0", mst_emit_expr(e, x->arg[0])), EQUAL};
  case IR_IS_INF:
    return (piece){mst_lang_format(e->c, "isinf(%s) != 0", mst_emit_expr(e, x->arg[0])), EQUAL};
  case IR_UNIFORM_RNG:
  case IR_NORMAL_RNG:
  case IR_GAMMA_RNG:
  case IR_POISSON_RNG:
    return random_piece(e, x);
  default:
    return (piece){NULL, -1};
  }
}

static piece write_call(emit_state *e, const ir_expr *x) {
  int level;
  if (x->type == IR_MASK) return mask_piece(e, x);
  const char *op = infix(x->prim, &level);
  if (op) return infix_piece(e, x, op, level);
  if (x->prim == IR_SQUARE && x->arg[0]->op == IR_LOAD) {
    const char *s = fit(e, at_least_real(e, x->arg[0]), UNARY);
    return (piece){mst_lang_format(e->c, "%s * %s", s, s), PRODUCT};
  }
  piece p = special_piece(e, x);
  if (p.level >= 0) return p;
  const char *name = x->prim == IR_LOG_SUM_EXP ? "log_sum_exp2" : mst_ir_prim_name(x->prim);
  return call_piece(e, mst_lang_format(e->c, "%s_%s", x->type == IR_LANE ? "v" : "d", name), x,
                    x->type);
}

static piece write_select(emit_state *e, const ir_expr *x) {
  piece yes = convert(e, x->arg[1], x->type), no = convert(e, x->arg[2], x->type);
  if (x->arg[0]->type == IR_MASK)
    return (piece){
        mst_lang_format(e->c, "v_where(%s, %s, %s)", mst_emit_expr(e, x->arg[0]), yes.s, no.s),
        TIGHT};
  if (mst_ir_is_blend(x))
    return (piece){mst_lang_format(e->c, "v_where(v_if(%s), %s, %s)", mst_emit_expr(e, x->arg[0]),
                                   yes.s, no.s),
                   TIGHT};
  const char *cond = fit(e, write_expr(e, x->arg[0]), TERNARY + 1);
  return (piece){mst_lang_format(e->c, "%s ? %s : %s", cond, fit(e, yes, TERNARY + 1),
                                 fit(e, no, TERNARY + 1)),
                 TERNARY};
}

static piece write_expr(emit_state *e, const ir_expr *x) {
  switch (x->op) {
  case IR_CONST_INT:
    return (piece){mst_lang_format(e->c, "%lld", (long long)x->integer),
                   x->integer < 0 ? UNARY : TIGHT};
  case IR_CONST_REAL:
    return real_piece(e, x->real);
  case IR_LOAD: {
    const char *s = mst_emit_element(e, x->var, x->arg, x->nargs);
    if (x->var->role == IR_OUTPUT && x->type == IR_INT) /* outputs are doubles */
      return (piece){mst_lang_format(e->c, "(int64_t)%s", s), UNARY};
    return (piece){s, TIGHT};
  }
  case IR_SELECT:
    return write_select(e, x);
  case IR_CHECK_INDEX:
    return (piece){mst_lang_format(e->c, "masting_index(&state->trouble, %s, %s, %s)",
                                   mst_emit_expr(e, x->arg[0]), mst_emit_expr(e, x->arg[1]),
                                   where_text(e, x)),
                   TIGHT};
  case IR_CALL:
    return write_call(e, x);
  }
  return (piece){"0", TIGHT};
}

const char *mst_emit_whole(emit_state *e, ir_var *v) {
  if (v->ndims > 0) {
    ir_expr *zero[] = {mst_ir_int(e->c, 0), mst_ir_int(e->c, 0), mst_ir_int(e->c, 0),
                       mst_ir_int(e->c, 0), mst_ir_int(e->c, 0), mst_ir_int(e->c, 0),
                       mst_ir_int(e->c, 0), mst_ir_int(e->c, 0)};
    const char *first = mst_emit_element(e, v, zero, v->ndims);
    size_t n = strlen(first);
    return n > 3 && strcmp(first + n - 3, "[0]") == 0 ? mst_lang_copy(e->c, first, n - 3)
                                                      : mst_lang_format(e->c, "&%s", first);
  }
  return mst_lang_format(e->c, "&%s", mst_emit_element(e, v, NULL, 0));
}
