/* lang/lower_density.c -- distributions and additions to target.
 *
 * A density of scalars over containers is a loop over the prelude's scalar function; what it adds goes to target
 * inside the loop, so that the loop can be a loop over rows. Constants that `~` and _lupdf drop are the summands
 * that do not depend on parameters.
 */
#include <string.h>

#include "lang/lower_internal.h"

static bool ends(const char *name, const char *suffix) {
  size_t n = strlen(name), m = strlen(suffix);
  return n > m && strcmp(name + n - m, suffix) == 0;
}

bool mst_low_is_density(const char *name) {
  return ends(name, "_lpdf") || ends(name, "_lpmf") || ends(name, "_lcdf") || ends(name, "_lccdf") ||
         ends(name, "_cdf");
}

/* Drops summands that do not depend on parameters; NULL when nothing is left. */
static ir_expr *kept(lower *l, ir_expr *e) {
  if (e->type != IR_LANE) return NULL;
  if (e->op == IR_CALL && (e->prim == IR_ADD || e->prim == IR_SUB)) {
    ir_expr *a = kept(l, e->arg[0]), *b = kept(l, e->arg[1]);
    if (!a && b) return e->prim == IR_SUB ? mst_ir_call1(l->c, IR_NEG, b) : b;
    if (!b) return a;
    return mst_ir_call2(l->c, e->prim, a, b);
  }
  if (e->op == IR_CALL && e->prim == IR_NEG) {
    ir_expr *a = kept(l, e->arg[0]);
    return a ? mst_ir_call1(l->c, IR_NEG, a) : NULL;
  }
  return e;
}

static void to_target(lower *l, ir_expr *e, bool propto, bool negative) {
  if (propto && l->lanes) e = kept(l, e);
  if (!e) return;
  if (negative) e = mst_ir_call1(l->c, IR_NEG, e);
  mst_low_target(l, e);
}

static lang_base element_base(lang_type t) { return t.base == LANG_INT ? LANG_INT : LANG_REAL; }

/* The scalar function of the prelude for these arguments, containers taken by their elements. */
static const ast_function *scalar_function(lower *l, const char *name, const low_value *const *arg,
                                           int n) {
  const low_value *scalar[12];
  if (n > 12) return NULL;
  for (int i = 0; i < n; i++) {
    if (arg[i]->type.base == LANG_FUNCTION || arg[i]->type.base == LANG_TUPLE) return NULL;
    scalar[i] = mst_low_scalar(l, mst_ir_int(l->c, 0), element_base(arg[i]->type));
  }
  return mst_low_prelude(l, name, scalar, n);
}

/* Arguments that are to_vector(matrix) or the like in a loop over two dimensions would be a division and a
 * remainder per element; a matrix seen as a vector keeps it in `c` (lower_library.c). */
static bool all_flat(const low_value *const *arg, int n) {
  bool any = false;
  const low_value *first = NULL;
  for (int i = 0; i < n; i++) {
    if (arg[i]->ndims == 0) continue;
    if (!arg[i]->c || arg[i]->c->ndims != 2) return false;
    if (!first) first = arg[i]->c;
    if (!mst_low_same_dim(first->dim[0], arg[i]->c->dim[0]) ||
        !mst_low_same_dim(first->dim[1], arg[i]->c->dim[1]))
      return false;
    any = true;
  }
  return any;
}

static void check_sizes(lower *l, const char *name, const low_value *const *arg, int n,
                        const low_value *shape, lang_loc loc) {
  for (int i = 0; i < n; i++) {
    if (arg[i]->ndims == 0 || arg[i] == shape) continue;
    if (mst_low_same_dim(arg[i]->dim[0], shape->dim[0])) continue;
    ir_expr *a = mst_low_copy(l, shape->dim[0]), *b = mst_low_copy(l, arg[i]->dim[0]);
    ir_stmt *s = mst_ir_stmt(l->c, IR_IF, loc), *r = mst_ir_stmt(l->c, IR_REJECT, loc);
    s->cond = mst_ir_call2(l->c, IR_NE, a, b);
    if (mst_ir_is_int(s->cond, 0)) continue;
    r->name = "error";
    r->nargs = 2;
    r->arg = MST_LANG_ARRAY(l->c, ir_expr *, 2);
    r->arg[0] = mst_low_copy(l, a);
    r->arg[1] = mst_low_copy(l, b);
    r->text = MST_LANG_ARRAY(l->c, const char *, 3);
    r->text[0] = mst_lang_format(l->c, "%s: sizes of its arguments do not match; expected ", name);
    r->text[1] = ", got ";
    mst_ir_append(l->c, &s->body, r);
    mst_ir_append(l->c, l->out, s);
  }
}

static const low_value *vectorised(lower *l, const ast_function *f, const char *name,
                                   const low_value *const *given, int n, bool propto, bool target,
                                   bool negative, const void *site, lang_loc loc) {
  const low_value *arg[12], *element[12], *shape = NULL;
  bool flat = all_flat(given, n);
  for (int i = 0; i < n; i++) {
    arg[i] = given[i];
    if (arg[i]->ndims == 0)
      arg[i] = mst_low_scalar(l, mst_low_hold(l, mst_low_at(l, arg[i], NULL), f->arg[i]->name),
                              arg[i]->type.base);
    else if (flat)
      arg[i] = arg[i]->c;
    if (arg[i]->ndims && !shape) shape = arg[i];
  }
  check_sizes(l, name, arg, n, shape, loc);
  ir_var *sum = NULL;
  ir_stmt *declared = NULL;
  if (!target) {
    sum = mst_low_declare(l, "sum", l->lanes ? IR_LANE : IR_REAL, 0, NULL, mst_ir_real(l->c, 0));
    declared = l->out->stmt[l->out->nstmts - 1];
  }
  (void)declared;
  ir_expr *index[LOW_DIMS];
  ir_block *saved;
  mst_low_nest_begin(l, shape, index, &saved);
  for (int i = 0; i < n; i++)
    element[i] = arg[i]->ndims ? mst_low_scalar(l, mst_low_at(l, arg[i], index),
                                                element_base(arg[i]->type))
                               : arg[i];
  ir_expr *e = mst_low_at(l, mst_low_inline(l, f, element, site), NULL);
  if (target) {
    to_target(l, e, propto, negative);
  } else {
    if (propto && l->lanes) e = kept(l, e);
    if (e) mst_low_assign(l, sum, 0, NULL, e, true);
  }
  mst_low_nest_end(l, shape->ndims, saved);
  if (target) return mst_low_scalar(l, mst_ir_real(l->c, 0), LANG_REAL);
  return mst_low_scalar(l, mst_ir_scalar(l->c, sum), LANG_REAL);
}

/* ---- multivariate densities: vectorised over arrays of vectors */

static ir_expr *row_element(lower *l, const low_value *v, ir_expr *const *index) {
  ir_expr *at[LOW_DIMS];
  at[0] = mst_low_copy(l, v->e[0]);
  for (int i = 0; i < v->ndims; i++) at[i + 1] = index[i];
  return mst_low_at(l, v->a, at);
}

static const low_value *array_element(lower *l, const low_value *a, const ir_expr *i) {
  low_value *v = mst_low_new(l, a->type);
  v->type.arrays--;
  v->ndims = a->ndims - 1;
  for (int d = 0; d < v->ndims; d++) v->dim[d] = a->dim[d + 1];
  v->a = a;
  v->e[0] = mst_low_copy(l, i);
  v->cheap = a->cheap;
  v->element = row_element;
  if (v->ndims == 0) return mst_low_scalar(l, mst_low_at(l, v, NULL), v->type.base);
  return v;
}

static const low_value *unarrayed(lower *l, const low_value *a) {
  low_value *v = mst_low_new(l, a->type);
  *v = *a;
  v->type.arrays--;
  return v;
}

/* Tries the prelude with one array dimension less in some arguments; fills which. */
static const ast_function *multi_function(lower *l, const char *name, const low_value *const *arg,
                                          int n, bool *loops) {
  const low_value *one[12];
  if (n > 8) return NULL;
  for (int mask = 1; mask < 1 << n; mask++) {
    bool possible = true;
    for (int i = 0; i < n && possible; i++) {
      loops[i] = mask >> i & 1;
      if (loops[i] && arg[i]->type.arrays == 0) possible = false;
      one[i] = loops[i] && possible ? unarrayed(l, arg[i]) : arg[i];
    }
    if (!possible) continue;
    const ast_function *f = mst_low_prelude(l, name, one, n);
    if (f) return f;
  }
  return NULL;
}

static const low_value *add_up(lower *l, ir_expr *e, ir_var *sum, bool propto, bool target,
                               bool negative) {
  if (target) {
    to_target(l, e, propto, negative);
  } else {
    if (propto && l->lanes) e = kept(l, e);
    if (e) mst_low_assign(l, sum, 0, NULL, e, true);
  }
  return NULL;
}

static const low_value *multivariate(lower *l, const char *name, const low_value *const *given, int n,
                                     bool propto, bool target, bool negative, const void *site) {
  const low_value *arg[12];
  bool loops[12] = {false};
  for (int i = 0; i < n; i++) arg[i] = given[i];
  const ast_function *f = mst_low_prelude(l, name, arg, n);
  if (f) {
    ir_expr *e = mst_low_at(l, mst_low_inline(l, f, arg, site), NULL);
    if (!target) {
      if (propto && l->lanes) e = kept(l, e);
      return mst_low_scalar(l, e ? e : mst_ir_real(l->c, 0), LANG_REAL);
    }
    to_target(l, e, propto, negative);
    return mst_low_scalar(l, mst_ir_real(l->c, 0), LANG_REAL);
  }
  f = multi_function(l, name, arg, n, loops);
  if (!f) return NULL;
  int first = 0;
  while (!loops[first]) first++;
  for (int i = 0; i < n; i++) arg[i] = mst_low_cheap(l, arg[i]);
  ir_var *sum = target ? NULL
                       : mst_low_declare(l, "sum", l->lanes ? IR_LANE : IR_REAL, 0, NULL,
                                         mst_ir_real(l->c, 0));
  ir_block *saved;
  ir_expr *i = mst_ir_scalar(l->c, mst_low_loop_begin(l, arg[first]->dim[0], "n", &saved));
  for (int k = 0; k < n; k++)
    if (loops[k]) arg[k] = array_element(l, arg[k], i);
  add_up(l, mst_low_at(l, mst_low_inline(l, f, arg, site), NULL), sum, propto, target, negative);
  mst_low_loop_end(l, saved);
  return mst_low_scalar(l, target ? mst_ir_real(l->c, 0) : mst_ir_scalar(l->c, sum), LANG_REAL);
}

/* foo_glm(y | X, alpha, beta, ...) is foo(y | alpha + X * beta, ...). */
static const low_value *glm(lower *l, const char *name, const low_value *const *arg, int n,
                            bool propto, bool target, bool negative, const ast_expr *site,
                            lang_loc loc) {
  static const struct {
    const char *glm, *plain;
  } table[] = {{"bernoulli_logit_glm_lpmf", "bernoulli_logit_lpmf"},
               {"normal_id_glm_lpdf", "normal_lpdf"},
               {"poisson_log_glm_lpmf", "poisson_log_lpmf"},
               {"neg_binomial_2_log_glm_lpmf", "neg_binomial_2_log_lpmf"},
               {"binomial_logit_glm_lpmf", "binomial_logit_lpmf"},
               {"ordered_logistic_glm_lpmf", "ordered_logistic_lpmf"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].glm, name) != 0) continue;
    bool binomial = strncmp(name, "binomial", 8) == 0, ordered = strncmp(name, "ordered", 7) == 0;
    int x = binomial ? 2 : 1;
    const low_value *plain[8], *X = arg[x], *alpha = ordered ? NULL : arg[x + 1];
    const low_value *beta = arg[ordered ? x + 1 : x + 2];
    lang_type vector = mst_low_type(LANG_VECTOR, 0);
    if (X->type.base == LANG_ROW_VECTOR) { /* one row of covariates for all */
      low_value *row = mst_low_new(l, mst_low_type(LANG_ROW_VECTOR, 0));
      *row = *X;
      X = row;
    }
    const low_value *eta = mst_low_multiply(l, X, beta, X->type.base == LANG_MATRIX
                                                            ? vector
                                                            : mst_low_type(LANG_REAL, 0));
    if (alpha) eta = mst_low_binary(l, IR_ADD, alpha, eta, eta->ndims ? vector : alpha->type);
    int m = 0;
    for (int k = 0; k < x; k++) plain[m++] = arg[k];
    plain[m++] = eta;
    for (int k = ordered ? x + 2 : x + 3; k < n; k++) plain[m++] = arg[k];
    return mst_low_density(l, table[i].plain, plain, m, propto, target, negative, site, loc);
  }
  return NULL;
}

const low_value *mst_low_density(lower *l, const char *name, const low_value *const *arg, int n,
                                 bool propto, bool target, bool negative, const ast_expr *site,
                                 lang_loc loc) {
  const low_value *v = glm(l, name, arg, n, propto, target, negative, site, loc);
  if (v) return v;
  const ast_function *f = scalar_function(l, name, arg, n);
  bool container = false;
  for (int i = 0; i < n; i++) container = container || arg[i]->ndims > 0;
  if (f && container)
    return vectorised(l, f, name, arg, n, propto, target, negative, site, loc);
  return multivariate(l, name, arg, n, propto, target, negative, site);
}

/* ---- target += */

static bool is_call(const ast_expr *e, const char *name) {
  return e->kind == AST_CALL && !e->user && e->builtin && strcmp(e->builtin, name) == 0;
}

static bool single_return(const ast_function *f) {
  const ast_stmt *b = f->body;
  for (int i = 0; i + 1 < b->nstmts; i++)
    if (mst_low_returns(b->stmt[i])) return false;
  return b->nstmts && b->stmt[b->nstmts - 1]->kind == AST_RETURN && b->stmt[b->nstmts - 1]->rhs;
}

void mst_low_add_target(lower *l, const ast_expr *e, bool negative, bool propto) {
  if (e->kind == AST_BINARY && (e->op == AST_ADD || e->op == AST_SUB) && e->type.arrays == 0 &&
      e->type.base == LANG_REAL) {
    mst_low_add_target(l, e->arg[0], negative, propto);
    mst_low_add_target(l, e->arg[1], e->op == AST_SUB ? !negative : negative, propto);
    return;
  }
  if (e->kind == AST_UNARY && e->op == AST_NEG && e->type.arrays == 0 && e->type.base == LANG_REAL) {
    mst_low_add_target(l, e->arg[0], !negative, propto);
    return;
  }
  if (e->kind == AST_CALL && !e->user && e->builtin && mst_low_is_density(e->builtin)) {
    const low_value *arg[12];
    for (int i = 0; i < e->nargs && i < 12; i++) arg[i] = mst_low_expr(l, e->arg[i]);
    if (e->nargs <= 12 && mst_low_density(l, e->builtin, arg, e->nargs,
                                          propto || (e->unnormalised && (!l->frame || l->propto)),
                                          true, negative, e, e->loc))
      return;
    mst_low_unsupported(l, e->loc, mst_lang_format(l->c, "%s with these arguments", e->builtin));
  }
  (void)single_return;
  const low_value *v = is_call(e, "sum") ? mst_low_expr(l, e->arg[0]) : mst_low_expr(l, e);
  ir_expr *index[LOW_DIMS];
  ir_block *saved;
  mst_low_nest_begin(l, v, index, &saved);
  to_target(l, mst_low_at(l, v, v->ndims ? index : NULL), propto, negative);
  mst_low_nest_end(l, v->ndims, saved);
}

/* ---- y ~ name(...) T[low, high] */

static const low_value *call_density(lower *l, const char *stem, const char *suffix,
                                     const low_value *const *arg, int n, const ast_stmt *s) {
  const char *name = mst_lang_format(l->c, "%s%s", stem, suffix);
  const ast_expr *site = s->arg ? (const ast_expr *)s->arg : s->lhs;
  const low_value *v = mst_low_density(l, name, arg, n, false, false, false, site, s->loc);
  if (!v) mst_low_unsupported(l, s->loc, mst_lang_format(l->c, "truncation of %s", stem));
  return mst_low_scalar(l, mst_low_hold(l, mst_low_at(l, v, NULL), "log_mass"), LANG_REAL);
}

/* The log of the mass between the limits is taken off, once for each element of y. */
static void truncate(lower *l, const ast_stmt *s, const low_value *const *arg, int n, bool discrete) {
  const low_value *low = s->low ? mst_low_expr(l, s->low) : NULL;
  const low_value *high = s->high ? mst_low_expr(l, s->high) : NULL;
  const low_value *at[12];
  for (int i = 0; i < n; i++) at[i] = arg[i];
  if (arg[0]->ndims) mst_low_unsupported(l, s->loc, "truncation of a vectorised distribution");
  ir_expr *y = mst_low_hold(l, mst_low_at(l, arg[0], NULL), "y"), *mass;
  if (low) { /* below the lower limit for discrete ones is low - 1 */
    ir_expr *x = mst_low_hold(l, mst_low_at(l, low, NULL), "low");
    mst_low_target(l, mst_ir_call1(l->c, IR_VALID,
                                   mst_ir_call2(l->c, IR_GE, mst_low_copy(l, y), mst_low_copy(l, x))));
    if (discrete) x = mst_ir_call2(l->c, IR_SUB, x, mst_ir_int(l->c, 1));
    low = mst_low_scalar(l, x, low->type.base);
  }
  if (high) {
    ir_expr *x = mst_low_hold(l, mst_low_at(l, high, NULL), "high");
    mst_low_target(l, mst_ir_call1(l->c, IR_VALID,
                                   mst_ir_call2(l->c, IR_LE, mst_low_copy(l, y), mst_low_copy(l, x))));
    high = mst_low_scalar(l, x, high->type.base);
  }
  if (low && high) {
    at[0] = high;
    ir_expr *a = mst_low_at(l, call_density(l, s->name, "_lcdf", at, n, s), NULL);
    at[0] = low;
    ir_expr *b = mst_low_at(l, call_density(l, s->name, "_lcdf", at, n, s), NULL);
    mass = mst_ir_call2(l->c, IR_LOG_DIFF_EXP, a, b);
  } else if (low || high) {
    at[0] = low ? low : high;
    mass = mst_low_at(l, call_density(l, s->name, low ? "_lccdf" : "_lcdf", at, n, s), NULL);
  } else {
    return;
  }
  if (mass->type == IR_LANE || !l->lanes) mst_low_target(l, mst_ir_call1(l->c, IR_NEG, mass));
}

void mst_low_tilde(lower *l, const ast_stmt *s) {
  int n = s->nargs + 1;
  const low_value **arg = MST_LANG_ARRAY(l->c, const low_value *, n);
  arg[0] = mst_low_expr(l, s->lhs);
  for (int i = 0; i < s->nargs; i++) arg[i + 1] = mst_low_expr(l, s->arg[i]);
  if (s->truncated)
    for (int i = 0; i < n; i++)
      if (arg[i]->ndims == 0)
        arg[i] = mst_low_scalar(l, mst_low_hold(l, mst_low_at(l, arg[i], NULL), "y"), arg[i]->type.base);
  if (s->user && s->user->body && !s->user->prelude) {
    bool propto = l->propto;
    l->propto = true;
    const low_value *v = mst_low_inline(l, s->user, arg, s);
    l->propto = propto;
    to_target(l, mst_low_at(l, v, NULL), true, false);
  } else if (n > 12 || !mst_low_density(l, s->builtin, arg, n, true, true, false, s->lhs, s->loc)) {
    mst_low_unsupported(l, s->loc, mst_lang_format(l->c, "%s with these arguments", s->builtin));
  }
  if (s->truncated) truncate(l, s, arg, n, ends(s->builtin, "_lpmf"));
}
