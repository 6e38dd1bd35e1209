/* lang/lower/lower_check.c -- constraints of variables that are no parameters: each is held against
 * what it is declared with, at the end of its block.
 *
 * Bounds are written here, constraints of vectors and matrices in prelude/constraints.stan. Literal
 * bounds of data, and sizes as bounds, are left to what reads the data (data/check.h), which counts
 * what is outside. A value that may depend on parameters adds minus infinity to target; elsewhere
 * there is a message: of data it ends the run, of generated quantities it rejects the draw's.
 */
#include <math.h>
#include <string.h>

#include "lang/lower/lower_impl.h"
#include "lang/syntax/parse.h"

typedef struct kind { /* a constraint of vectors or matrices */
  ast_constraint constraint;
  const char *name; /* of its functions */
} kind;
static const kind kinds[] = {{AST_SIMPLEX, "simplex"},
                             {AST_ORDERED, "ordered"},
                             {AST_POSITIVE_ORDERED, "positive_ordered"},
                             {AST_UNIT_VECTOR, "unit_vector"},
                             {AST_SUM_TO_ZERO, "sum_to_zero"},
                             {AST_CHOLESKY_CORR, "cholesky_factor_corr"},
                             {AST_CHOLESKY_COV, "cholesky_factor_cov"},
                             {AST_CORR, "corr_matrix"},
                             {AST_COV, "cov_matrix"},
                             {AST_STOCHASTIC_COLUMN, "stochastic_column"},
                             {AST_STOCHASTIC_ROW, "stochastic_row"}};

/* ---- messages */

static void say(ir_stmt *r, const char *text) { r->text[r->nargs] = text; }

static void say_value(ir_stmt *r, ir_expr *e) { r->arg[r->nargs++] = e; }

static const char *more(lower_state *l, const ir_stmt *r, const char *text) {
  const char *before = r->text[r->nargs];
  return before ? mst_lang_format(l->c, "%s%s", before, text) : text;
}

/* "x[2,3]" */
static void name_element(lower_state *l, ir_stmt *r, const lower_checked *x) {
  say(r, more(l, r, x->decl->name));
  for (int i = 0; i < x->nindices; i++) {
    say(r, more(l, r, i ? "," : "["));
    say_value(r, mst_ir_call2(l->c, IR_ADD, mst_lower_copy(l, x->index[i]), mst_ir_int(l->c, 1)));
  }
  if (x->nindices) say(r, "]");
}

static bool ends_run(const ast_decl *d) {
  return d->block == AST_IN_DATA || d->block == AST_IN_TDATA;
}

void mst_lower_say_element(lower_state *l, ir_stmt *r, const lower_checked *x) {
  if (ends_run(x->decl)) r->name = "error";
  r->loc = x->decl->loc;
  name_element(l, r, x);
  say(r, more(l, r, ": "));
}

/* ---- bounds */

/* Whether a bound is left to what reads the data. */
static bool is_read_by(const lower_state *l, const ast_expr *e, bool upper) {
  if (!e) return true;
  if (e->kind == AST_UNARY && (e->op == AST_NEG || e->op == AST_PLUS)) e = e->arg[0];
  if (e->kind == AST_INT || e->kind == AST_REAL) return true;
  if (!upper || e->kind != AST_VAR || !e->decl || e->decl->block != AST_IN_DATA) return false;
  if (e->decl->type.base != LANG_INT || e->decl->ndims) return false;
  const lower_binding *b = mst_lang_pointer(&l->bound, e->decl);
  if (!b || !b->value->var || b->value->var->decl != e->decl) return false;
  const ast_stmt *data = l->ast->data; /* a scalar that stands alone as a dimension is a size */
  for (int i = 0; i < data->nstmts; i++) {
    const ast_decl *d = data->stmt[i]->kind == AST_DECL ? data->stmt[i]->decl : NULL;
    for (int k = 0; d && k < d->ndims; k++)
      if (d->dims[k]->kind == AST_VAR && d->dims[k]->decl == e->decl) return true;
  }
  return false;
}

/* As it stands in the program, without parentheses around it. */
static const char *text_of(lower_state *l, const ast_expr *e) {
  const char *text = mst_ast_show(l->c, e);
  if (e->kind != AST_BINARY || text[0] != '(') return text;
  return mst_lang_format(l->c, "%.*s", (int)strlen(text) - 2, text + 1);
}

static void refuse_bound(lower_state *l, const lower_checked *x, const ast_expr *bound, bool upper,
                         ir_expr *value, ir_expr *limit, ir_expr *fits) {
  const ast_decl *d = x->decl;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, d->loc), *r = mst_ir_stmt(l->c, IR_REJECT, d->loc);
  const bool literal = bound->kind == AST_INT || bound->kind == AST_REAL;
  s->cond = mst_ir_call1(l->c, IR_NOT, fits);
  if (ends_run(d)) r->name = "error";
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, LOWER_DIMS + 3);
  r->text = MST_LANG_ARRAY(l->c, const char *, LOWER_DIMS + 4);
  say(r, mst_lang_format(l->c, "%s: a value is too %s; expected at %s %s%s", d->name,
                         upper ? "large" : "small", upper ? "most" : "least",
                         literal ? "" : text_of(l, bound), literal ? "" : " = "));
  say_value(r, limit);
  say(r, ", got ");
  name_element(l, r, x);
  say(r, more(l, r, " = "));
  say_value(r, value);
  if (x->nindices) say(r, " (1-based)");
  mst_ir_append(l->c, &s->body, r);
  mst_ir_append(l->c, l->out, s);
}

/* Functions whose values lie in a range whatever they are given; NaN apart, which is no density
 * either. */
static const struct {
  const char *name;
  double low, high;
} ranges[] = {{"inv_logit", 0, 1},   {"Phi", 0, 1},         {"Phi_approx", 0, 1},
              {"inv_cloglog", 0, 1}, {"exp", 0, HUGE_VAL},  {"square", 0, HUGE_VAL},
              {"abs", 0, HUGE_VAL},  {"sqrt", 0, HUGE_VAL}, {"log1p_exp", 0, HUGE_VAL},
              {"tanh", -1, 1}};

/* Whether a transformed parameter is seen to keep to a literal bound: it is one such function, and
 * nothing is assigned to it later. */
static bool keeps(const ast_decl *d, const ast_expr *e, bool upper) {
  const ast_expr *x = d->block == AST_IN_TPARAMETERS && !d->written ? d->init : NULL;
  const bool minus = e->kind == AST_UNARY && e->op == AST_NEG;
  if (minus) e = e->arg[0];
  if (!x || x->kind != AST_CALL || x->user || (e->kind != AST_INT && e->kind != AST_REAL))
    return false;
  const double size = e->kind == AST_INT ? (double)e->integer : e->real,
               limit = minus ? -size : size;
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (!strcmp(ranges[i].name, x->builtin ? x->builtin : x->name))
      return upper ? ranges[i].high <= limit : ranges[i].low >= limit;
  return false;
}

/* The bound, unless nothing is to be held against it: NULL. */
static const lower_value *bound_of(lower_state *l, const ast_decl *d, const ast_expr *e,
                                   bool upper) {
  if (!e || (d->block == AST_IN_DATA && is_read_by(l, e, upper)) || keeps(d, e, upper)) return NULL;
  const lower_value *b = mst_lower_bound(l, e);
  const bool infinite = b->ndims == 0 && b->scalar->op == IR_CONST_REAL &&
                        b->scalar->real == (upper ? INFINITY : -INFINITY);
  return infinite ? NULL : b;
}

static void check_bounds(lower_state *l, const ast_decl *d, const lower_value *v) {
  const ast_expr *of[] = {d->lower, d->upper};
  const lower_value *bound[2];
  for (int k = 0; k < 2; k++) bound[k] = bound_of(l, d, of[k], k == 1);
  if (!bound[0] && !bound[1]) return;
  ir_expr *index[LOWER_DIMS], *both = NULL;
  ir_block *saved = l->out;
  if (v->ndims) mst_lower_nest_begin(l, v, index, &saved);
  ir_expr *value = mst_lower_hold(l, mst_lower_at(l, v, index), "value");
  for (int k = 0; k < 2; k++) {
    if (!bound[k]) continue;
    /* without the dimensions of an array of tuples */
    ir_expr *const *own = index + v->ndims - bound[k]->ndims;
    ir_expr *limit = mst_lower_hold(l, mst_lower_bound_at(l, bound[k], own), "limit");
    ir_expr *fits =
        mst_ir_call2(l->c, k ? IR_LE : IR_GE, mst_lower_copy(l, value), mst_lower_copy(l, limit));
    if (l->target)
      both = both ? mst_ir_call2(l->c, IR_AND, both, fits) : fits;
    else
      refuse_bound(l, &(lower_checked){d, index, v->ndims}, of[k], k == 1, mst_lower_copy(l, value),
                   limit, fits);
  }
  if (both) mst_lower_target(l, mst_ir_call1(l->c, IR_VALID, both));
  if (v->ndims) mst_lower_nest_end(l, v->ndims, saved);
}

/* ---- vectors and matrices */

static ir_expr *inner_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at[LOWER_DIMS];
  for (int i = 0; i < v->nargs; i++) at[i] = mst_lower_at(l, v->arg[i], NULL);
  for (int i = 0; i < v->ndims; i++) at[v->nargs + i] = index[i];
  return mst_lower_at(l, v->a, at);
}

/* The vector or matrix of an array that stands at these indices. */
static const lower_value *inner(lower_state *l, const lower_value *v, ir_expr *const *index) {
  const int arrays = v->type.arrays;
  if (!arrays) return v;
  lower_value *x = mst_lower_new(l, mst_lower_type(v->type.base, 0));
  const lower_value **which = MST_LANG_ARRAY(l->c, const lower_value *, arrays);
  for (int i = 0; i < arrays; i++)
    which[i] = mst_lower_scalar(l, mst_lower_copy(l, index[i]), LANG_INT);
  x->ndims = v->ndims - arrays;
  for (int i = 0; i < x->ndims; i++) x->dim[i] = v->dim[arrays + i];
  x->a = v;
  x->arg = which;
  x->nargs = arrays;
  x->cheap = true;
  x->element = inner_element;
  return x;
}

static void check_whole(lower_state *l, const ast_decl *d, const lower_value *v, const char *name) {
  const lower_checked *const outer = l->checked;
  const char *function = mst_lang_format(l->c, l->target ? "%s_valid" : "%s_check", name);
  lower_value shape = *v;
  ir_expr *index[LOWER_DIMS];
  ir_block *saved = l->out;
  shape.ndims = v->type.arrays;
  if (shape.ndims) mst_lower_nest_begin(l, &shape, index, &saved);
  const lower_value *x = inner(l, v, index);
  const ast_function *f = mst_lower_prelude(l, function, &x, 1);
  if (l->target) {
    mst_lower_inline_target(l, f, &x, d, false);
  } else {
    l->checked = &(lower_checked){d, index, shape.ndims};
    mst_lower_inline(l, f, &x, d);
    l->checked = outer;
  }
  if (shape.ndims) mst_lower_nest_end(l, shape.ndims, saved);
}

static void check(lower_state *l, const ast_decl *d, const lower_value *v) {
  l->loc = d->loc;
  for (int i = 0; i < v->nparts; i++) check(l, d->part[i], v->part[i]);
  if (d->constraint == AST_BOUNDS) check_bounds(l, d, v);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (kinds[i].constraint == d->constraint) check_whole(l, d, v, kinds[i].name);
}

void mst_lower_check_block(lower_state *l, const ast_stmt *b) {
  for (int i = 0; b && i < b->nstmts; i++) {
    const ast_decl *d = b->stmt[i]->kind == AST_DECL ? b->stmt[i]->decl : NULL;
    const lower_binding *value = d && d->top ? mst_lower_binding_of(l, d) : NULL;
    if (value) check(l, d, value->value);
  }
}
