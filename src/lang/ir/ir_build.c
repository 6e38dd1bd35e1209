/* lang/ir/ir_build.c -- expressions, variables and statements of the IR: made, folded, typed,
 * compared. Names of variables are made unique here, and never one that C or the emitted file's
 * own text takes. */
#include "lang/ir/ir.h"

#include <math.h>
#include <string.h>

static const struct {
  const char *name;
  int nargs;
} primitives[IR_NPRIMS] = {
#define IR_PRIM_ENTRY_(upper, lower, n) {#lower, n},
    IR_PRIMITIVES(IR_PRIM_ENTRY_)
#undef IR_PRIM_ENTRY_
};

const char *mst_ir_prim_name(ir_prim prim) { return primitives[prim].name; }
int mst_ir_prim_args(ir_prim prim) { return primitives[prim].nargs; }

ir_prim mst_ir_prim_find(const char *name) {
  int p = 0;
  while (p < IR_NPRIMS && strcmp(primitives[p].name, name) != 0) p++;
  return (ir_prim)p;
}

static ir_expr *new_expr(lang_context *c, ir_op op, ir_type type, int nargs, ir_expr *const *arg) {
  ir_expr *e = MST_LANG_NEW(c, ir_expr);
  e->op = op;
  e->type = type;
  e->nargs = nargs;
  if (nargs > 0) {
    e->arg = MST_LANG_ARRAY(c, ir_expr *, nargs);
    memcpy(e->arg, arg, (size_t)nargs * sizeof *arg);
  }
  return e;
}

ir_expr *mst_ir_int(lang_context *c, int64_t value) {
  ir_expr *e = new_expr(c, IR_CONST_INT, IR_INT, 0, NULL);
  e->integer = value;
  return e;
}

ir_expr *mst_ir_real(lang_context *c, double value) {
  ir_expr *e = new_expr(c, IR_CONST_REAL, IR_REAL, 0, NULL);
  e->real = value;
  return e;
}

ir_expr *mst_ir_load(lang_context *c, ir_var *var, int nindices, ir_expr *const *index) {
  ir_expr *e = new_expr(c, IR_LOAD, var->type, nindices, index);
  e->var = var;
  return e;
}

ir_expr *mst_ir_scalar(lang_context *c, ir_var *var) { return mst_ir_load(c, var, 0, NULL); }

bool mst_ir_is_int(const ir_expr *e, int64_t value) {
  return e->op == IR_CONST_INT && e->integer == value;
}

/* A constant of either type. */
static bool constant(const ir_expr *e, double *value) {
  if (e->op == IR_CONST_INT) *value = (double)e->integer;
  if (e->op == IR_CONST_REAL) *value = e->real;
  return e->op == IR_CONST_INT || e->op == IR_CONST_REAL;
}

static bool is_value(const ir_expr *e, double value) {
  double x;
  return constant(e, &x) && x == value;
}

/* e as a real when it is an int. */
static ir_expr *at_least_real(lang_context *c, ir_expr *e) {
  return e->type == IR_INT ? mst_ir_call1(c, IR_TO_REAL, e) : e;
}

ir_expr *mst_ir_copy(lang_context *c, const ir_expr *e) {
  ir_expr *copy = MST_LANG_NEW(c, ir_expr);
  *copy = *e;
  if (e->nargs > 0) copy->arg = MST_LANG_ARRAY(c, ir_expr *, e->nargs);
  for (int i = 0; i < e->nargs; i++) copy->arg[i] = mst_ir_copy(c, e->arg[i]);
  return copy;
}

bool mst_ir_same(const ir_expr *a, const ir_expr *b) {
  if (a->op != b->op || a->type != b->type || a->nargs != b->nargs) return false;
  if (a->op == IR_CONST_INT && a->integer != b->integer) return false;
  if (a->op == IR_CONST_REAL && memcmp(&a->real, &b->real, sizeof a->real) != 0) return false;
  if (a->op == IR_LOAD && a->var != b->var) return false;
  if (a->op == IR_CALL &&
      (a->prim != b->prim || (a->prim >= IR_UNIFORM_RNG && a->prim <= IR_POISSON_RNG)))
    return false;
  for (int i = 0; i < a->nargs; i++)
    if (!mst_ir_same(a->arg[i], b->arg[i])) return false;
  return true;
}

/* ---- sums of ints: a canonical form in which equal terms cancel and the constant comes last */

enum { SUM_TERMS = 24 };
typedef struct int_sum {
  ir_expr *term[SUM_TERMS];
  int sign[SUM_TERMS];
  int count;
  int64_t offset;
} int_sum;

/* Adds sign * e. False: too many terms. */
static bool sum_add(int_sum *s, ir_expr *e, int sign) {
  if (e->op == IR_CONST_INT) {
    s->offset += sign * e->integer;
    return true;
  }
  if (e->op == IR_CALL && (e->prim == IR_ADD || e->prim == IR_SUB))
    return sum_add(s, e->arg[0], sign) && sum_add(s, e->arg[1], e->prim == IR_ADD ? sign : -sign);
  if (e->op == IR_CALL && e->prim == IR_NEG) return sum_add(s, e->arg[0], -sign);
  for (int i = 0; i < s->count; i++)
    if (s->sign[i] == -sign && mst_ir_same(s->term[i], e)) {
      s->count--;
      memmove(s->term + i, s->term + i + 1, (size_t)(s->count - i) * sizeof *s->term);
      memmove(s->sign + i, s->sign + i + 1, (size_t)(s->count - i) * sizeof *s->sign);
      return true;
    }
  if (s->count == SUM_TERMS) return false;
  s->term[s->count] = e;
  s->sign[s->count++] = sign;
  return true;
}

static ir_expr *int_call(lang_context *c, ir_prim prim, int nargs, ir_expr *const *arg) {
  ir_expr *e = new_expr(c, IR_CALL, IR_INT, nargs, arg);
  e->prim = prim;
  return e;
}

static ir_expr *sum_build(lang_context *c, const int_sum *s) {
  ir_expr *e = NULL;
  for (int pass = 0; pass < 2; pass++) /* what is added first, then what is taken off */
    for (int i = 0; i < s->count; i++) {
      if ((s->sign[i] > 0) != (pass == 0)) continue;
      if (!e)
        e = pass == 0 ? s->term[i] : int_call(c, IR_NEG, 1, &s->term[i]);
      else
        e = int_call(c, pass == 0 ? IR_ADD : IR_SUB, 2, (ir_expr *[]){e, s->term[i]});
    }
  if (!e) return mst_ir_int(c, s->offset);
  if (s->offset == 0) return e;
  return int_call(c, IR_ADD, 2, (ir_expr *[]){e, mst_ir_int(c, s->offset)});
}

static ir_expr *int_sum_of(lang_context *c, ir_prim prim, ir_expr *const *arg) {
  int_sum s = {.count = 0};
  bool fits = prim == IR_NEG
                  ? sum_add(&s, arg[0], -1)
                  : sum_add(&s, arg[0], 1) && sum_add(&s, arg[1], prim == IR_ADD ? 1 : -1);
  return fits ? sum_build(c, &s) : int_call(c, prim, prim == IR_NEG ? 1 : 2, arg);
}

/* ---- folding */

static int64_t compare(ir_prim prim, double a, double b) {
  switch (prim) {
  case IR_EQ:
    return a == b;
  case IR_NE:
    return a != b;
  case IR_LT:
    return a < b;
  case IR_LE:
    return a <= b;
  case IR_GT:
    return a > b;
  default:
    return a >= b;
  }
}

/* Ints: NULL when nothing folds. */
static ir_expr *fold_int(lang_context *c, ir_prim prim, ir_expr *const *arg, int nargs) {
  ir_expr *a = arg[0], *b = nargs > 1 ? arg[1] : NULL;
  bool ca = a->op == IR_CONST_INT, cb = b && b->op == IR_CONST_INT;
  int64_t x = a->integer, y = b ? b->integer : 0;
  switch (prim) {
  case IR_ADD:
  case IR_SUB:
  case IR_NEG:
    return int_sum_of(c, prim, arg);
  case IR_MUL:
    if (ca && cb) return mst_ir_int(c, x * y);
    if ((ca && x == 0) || (cb && y == 0)) return mst_ir_int(c, 0);
    if (ca && x == 1) return b;
    if (cb && y == 1) return a;
    return NULL;
  case IR_INT_DIV:
    if (cb && y == 1) return a;
    return ca && cb && y != 0 ? mst_ir_int(c, x / y) : NULL;
  case IR_INT_MOD:
    return ca && cb && y != 0 ? mst_ir_int(c, x % y) : NULL;
  case IR_INT_ABS:
    return ca ? mst_ir_int(c, x < 0 ? -x : x) : NULL;
  case IR_INT_MIN:
    if (mst_ir_same(a, b)) return a;
    return ca && cb ? mst_ir_int(c, x < y ? x : y) : NULL;
  case IR_INT_MAX:
    if (mst_ir_same(a, b)) return a;
    return ca && cb ? mst_ir_int(c, x > y ? x : y) : NULL;
  default:
    return NULL;
  }
}

/* Logic on ints; a mask beside a constant goes or decides. */
static ir_expr *fold_logic(lang_context *c, ir_prim prim, ir_expr *const *arg) {
  if (prim == IR_NOT) {
    if (arg[0]->op == IR_CONST_INT) return mst_ir_int(c, arg[0]->integer == 0);
    return arg[0]->op == IR_CALL && arg[0]->prim == IR_NOT && arg[0]->type == IR_MASK
               ? arg[0]->arg[0]
               : NULL;
  }
  for (int i = 0; i < 2; i++) {
    const ir_expr *a = arg[i];
    ir_expr *b = arg[1 - i];
    if (a->op != IR_CONST_INT) continue;
    bool decides = prim == IR_AND ? a->integer == 0 : a->integer != 0;
    if (decides) return mst_ir_int(c, prim == IR_OR);
    if (b->type == IR_MASK || (b->op == IR_CALL && b->prim >= IR_EQ && b->prim <= IR_NOT)) return b;
    return mst_ir_call2(c, IR_NE, b, mst_ir_int(c, 0));
  }
  return NULL;
}

static bool folded_value(ir_prim prim, double x, double y, double *r) {
  switch (prim) {
  case IR_ADD:
    *r = x + y;
    return true;
  case IR_SUB:
    *r = x - y;
    return true;
  case IR_MUL:
    *r = x * y;
    return true;
  case IR_DIV:
    *r = x / y;
    return y != 0;
  case IR_NEG:
    *r = -x;
    return true;
  case IR_SQUARE:
    *r = x * x;
    return true;
  case IR_INV:
    *r = 1 / x;
    return x != 0;
  case IR_SQRT:
    *r = sqrt(x);
    return x >= 0;
  case IR_LOG:
    *r = log(x);
    return x > 0;
  case IR_EXP:
    *r = exp(x);
    return true;
  case IR_LGAMMA:
    *r = lgamma(x);
    return x > 0;
  case IR_ABS:
    *r = fabs(x);
    return true;
  default:
    return false;
  }
}

/* c1 * (c2 * x) and c1 * -x: one constant. */
static ir_expr *fold_factors(lang_context *c, ir_expr *a, ir_expr *b) {
  double x, y;
  if (constant(b, &x)) {
    ir_expr *swap = a;
    a = b;
    b = swap;
  }
  if (!constant(a, &x) || b->op != IR_CALL || b->type == IR_INT) return NULL;
  if (b->prim == IR_NEG) return mst_ir_call2(c, IR_MUL, mst_ir_real(c, -x), b->arg[0]);
  if (b->prim == IR_MUL && constant(b->arg[0], &y))
    return mst_ir_call2(c, IR_MUL, mst_ir_real(c, x * y), b->arg[1]);
  return NULL;
}

/* Reals and lanes: constants, neutral elements, signs. NULL when nothing folds. */
static ir_expr *fold_real(lang_context *c, ir_prim prim, ir_expr *const *arg, int nargs) {
  ir_expr *a = arg[0], *b = nargs > 1 ? arg[1] : NULL;
  double x = 0, y = 0, r;
  if (constant(a, &x) && (!b || constant(b, &y)) && nargs <= 2 && folded_value(prim, x, y, &r))
    return mst_ir_real(c, r);
  switch (prim) {
  case IR_ADD:
    if (is_value(b, 0)) return at_least_real(c, a);
    if (is_value(a, 0)) return at_least_real(c, b);
    if (b->op == IR_CALL && b->prim == IR_NEG) return mst_ir_call2(c, IR_SUB, a, b->arg[0]);
    if (a->op == IR_CALL && a->prim == IR_NEG) return mst_ir_call2(c, IR_SUB, b, a->arg[0]);
    return NULL;
  case IR_SUB:
    if (is_value(b, 0)) return at_least_real(c, a);
    if (is_value(a, 0)) return mst_ir_call1(c, IR_NEG, b);
    if (b->op == IR_CALL && b->prim == IR_NEG) return mst_ir_call2(c, IR_ADD, a, b->arg[0]);
    return NULL;
  case IR_MUL:
    for (int i = 0; i < 2; i++) {
      if (is_value(arg[i], 1)) return at_least_real(c, arg[1 - i]);
      if (is_value(arg[i], -1)) return mst_ir_call1(c, IR_NEG, arg[1 - i]);
    }
    return fold_factors(c, a, b);
  case IR_DIV:
    if (is_value(b, 1)) return at_least_real(c, a);
    return is_value(a, 1) && b->type != IR_INT ? mst_ir_call1(c, IR_INV, b) : NULL;
  case IR_POW:
    if (is_value(b, 1)) return at_least_real(c, a);
    if (is_value(b, 2)) return mst_ir_call1(c, IR_SQUARE, a);
    if (is_value(b, 0.5)) return mst_ir_call1(c, IR_SQRT, a);
    if (is_value(b, -1)) return mst_ir_call1(c, IR_INV, a);
    return NULL;
  case IR_NEG:
    if (a->op == IR_CALL && a->prim == IR_NEG && a->arg[0]->type != IR_INT) return a->arg[0];
    if (a->op == IR_CALL && a->prim == IR_SUB) return mst_ir_call2(c, IR_SUB, a->arg[1], a->arg[0]);
    return NULL;
  default:
    return NULL;
  }
}

/* ---- calls */

static bool is_arithmetic(ir_prim prim) {
  return prim == IR_ADD || prim == IR_SUB || prim == IR_MUL || prim == IR_NEG;
}

static ir_type call_type(ir_prim prim, int nargs, ir_expr *const *arg) {
  ir_type widest = IR_INT;
  for (int i = 0; i < nargs; i++)
    if (arg[i]->type > widest) widest = arg[i]->type;
  switch (prim) {
  case IR_INT_DIV:
  case IR_INT_MOD:
  case IR_INT_ABS:
  case IR_INT_MIN:
  case IR_INT_MAX:
  case IR_TO_INT:
  case IR_FIRST_LANE:
  case IR_POISSON_RNG:
    return IR_INT;
  case IR_TO_REAL:
    return IR_REAL;
  case IR_EQ:
  case IR_NE:
  case IR_LT:
  case IR_LE:
  case IR_GT:
  case IR_GE:
  case IR_AND:
  case IR_OR:
  case IR_NOT:
  case IR_IS_NAN:
  case IR_IS_INF:
    return widest >= IR_LANE ? IR_MASK : IR_INT;
  case IR_MASK_REAL:
    return IR_LANE;
  case IR_VALID:
    return widest == IR_MASK ? IR_LANE : IR_REAL;
  default:
    break;
  }
  if (widest == IR_INT) return is_arithmetic(prim) ? IR_INT : IR_REAL;
  return widest == IR_MASK ? IR_LANE : widest;
}

static ir_expr *fold(lang_context *c, ir_prim prim, int nargs, ir_expr *const *arg, ir_type type) {
  double x, y;
  if (nargs == 0) return NULL;
  if (prim == IR_TO_INT) {
    if (arg[0]->type == IR_INT) return arg[0];
    return arg[0]->op == IR_CALL && arg[0]->prim == IR_TO_REAL ? arg[0]->arg[0] : NULL;
  }
  if (prim == IR_TO_REAL) {
    if (arg[0]->op == IR_CONST_INT) return mst_ir_real(c, (double)arg[0]->integer);
    return arg[0]->type == IR_INT ? NULL : arg[0];
  }
  if (prim >= IR_EQ && prim <= IR_GE)
    return constant(arg[0], &x) && constant(arg[1], &y) ? mst_ir_int(c, compare(prim, x, y)) : NULL;
  if (prim >= IR_AND && prim <= IR_NOT) return fold_logic(c, prim, arg);
  if (prim == IR_VALID)
    return arg[0]->op == IR_CONST_INT ? mst_ir_real(c, arg[0]->integer ? 0.0 : -INFINITY) : NULL;
  return type == IR_INT ? fold_int(c, prim, arg, nargs) : fold_real(c, prim, arg, nargs);
}

ir_expr *mst_ir_call(lang_context *c, ir_prim prim, int nargs, ir_expr *const *arg) {
  ir_type type = call_type(prim, nargs, arg);
  ir_expr *e = fold(c, prim, nargs, arg, type);
  if (e) return e;
  e = new_expr(c, IR_CALL, type, nargs, arg);
  e->prim = prim;
  return e;
}

ir_expr *mst_ir_call1(lang_context *c, ir_prim prim, ir_expr *a) {
  return mst_ir_call(c, prim, 1, &a);
}

ir_expr *mst_ir_call2(lang_context *c, ir_prim prim, ir_expr *a, ir_expr *b) {
  return mst_ir_call(c, prim, 2, (ir_expr *[]){a, b});
}

ir_expr *mst_ir_select(lang_context *c, ir_expr *cond, ir_expr *yes, ir_expr *no) {
  ir_type type = yes->type > no->type ? yes->type : no->type;
  if (cond->type == IR_MASK && type < IR_LANE) type = IR_LANE;
  if (type == IR_REAL) {
    yes = at_least_real(c, yes);
    no = at_least_real(c, no);
  }
  if (cond->op == IR_CONST_INT) return cond->integer ? yes : no;
  if (mst_ir_same(yes, no) && yes->type == type) return yes;
  /* x or -x: a sign, no branch */
  for (int i = 0; i < 2 && cond->type == IR_INT && type == IR_LANE; i++) {
    ir_expr *x = i ? no : yes, *minus = i ? yes : no;
    if (minus->op != IR_CALL || minus->prim != IR_NEG || !mst_ir_same(minus->arg[0], x)) continue;
    ir_expr *sign =
        mst_ir_select(c, cond, mst_ir_real(c, i ? -1.0 : 1.0), mst_ir_real(c, i ? 1.0 : -1.0));
    return mst_ir_call2(c, IR_MUL, sign, x);
  }
  return new_expr(c, IR_SELECT, type, 3, (ir_expr *[]){cond, yes, no});
}

ir_expr *mst_ir_check_index(lang_context *c, ir_expr *index, ir_expr *size, lang_loc loc) {
  if (index->op == IR_CONST_INT && size->op == IR_CONST_INT && index->integer >= 0 &&
      index->integer < size->integer)
    return index;
  ir_expr *e = new_expr(c, IR_CHECK_INDEX, IR_INT, 2, (ir_expr *[]){index, size});
  e->loc = loc;
  return e;
}

/* ---- statements and variables */

void mst_ir_append(lang_context *c, ir_block *b, ir_stmt *s) {
  MST_LANG_PUSH(c, b->stmt, b->nstmts, s);
}

ir_stmt *mst_ir_stmt(lang_context *c, ir_stmt_kind kind, lang_loc loc) {
  ir_stmt *s = MST_LANG_NEW(c, ir_stmt);
  s->kind = kind;
  s->loc = loc;
  return s;
}
