/* lang/lower/lower_density.c -- distributions and additions to target.
 *
 * A density of scalars over containers is a loop over the prelude's scalar function; what it
 * adds goes to target inside the loop, so that the loop can be a loop over rows. Constants that
 * `~` and _lupdf drop are the summands that do not depend on parameters.
 */
#include <string.h>

#include "lang/lower/lower_impl.h"

static bool ends(const char *name, const char *suffix) {
  size_t n = strlen(name), m = strlen(suffix);
  return n > m && strcmp(name + n - m, suffix) == 0;
}

bool mst_lower_is_density(const char *name) {
  return ends(name, "_lpdf") || ends(name, "_lpmf") || ends(name, "_lcdf") ||
         ends(name, "_lccdf") || ends(name, "_cdf");
}

/* Drops summands that do not depend on parameters; NULL when nothing is left. */
static ir_expr *kept(lower_state *l, ir_expr *e) {
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

/* The summands that kept() drops. */
static ir_expr *dropped(lower_state *l, ir_expr *e) {
  if (e->type != IR_LANE) return e;
  if (e->op == IR_CALL && (e->prim == IR_ADD || e->prim == IR_SUB)) {
    ir_expr *a = dropped(l, e->arg[0]), *b = dropped(l, e->arg[1]);
    if (!a && b) return e->prim == IR_SUB ? mst_ir_call1(l->c, IR_NEG, b) : b;
    if (!b) return a;
    return mst_ir_call2(l->c, e->prim, a, b);
  }
  if (e->op == IR_CALL && e->prim == IR_NEG) {
    ir_expr *a = dropped(l, e->arg[0]);
    return a ? mst_ir_call1(l->c, IR_NEG, a) : NULL;
  }
  return NULL;
}

static void to_target(lower_state *l, ir_expr *e, bool propto, bool negative) {
  /* what data alone say is a statement of its own: shard_constant.c */
  if (l->lanes && e->type == IR_LANE) {
    ir_expr *constant = propto ? NULL : dropped(l, mst_lower_copy(l, e));
    if (constant) mst_lower_target(l, negative ? mst_ir_call1(l->c, IR_NEG, constant) : constant);
    e = kept(l, e);
  } else if (propto && l->lanes) {
    e = NULL;
  }
  if (!e) return;
  if (negative) e = mst_ir_call1(l->c, IR_NEG, e);
  mst_lower_target(l, e);
}

ir_var *mst_lower_sum_begin(lower_state *l) {
  return mst_lower_declare(l, "sum", l->lanes ? IR_LANE : IR_REAL, 0, NULL, mst_ir_real(l->c, 0));
}

void mst_lower_term(lower_state *l, ir_expr *e, ir_var *sum, bool propto, bool negative) {
  if (!sum) {
    to_target(l, e, propto, negative);
    return;
  }
  if (propto && l->lanes) e = kept(l, e);
  if (e) mst_lower_assign(l, sum, 0, NULL, e, true);
}

static lang_base element_base(lang_type t) { return t.base == LANG_INT ? LANG_INT : LANG_REAL; }

/* The scalar function of the prelude for these arguments, containers taken by their elements. */
static const ast_function *scalar_function(lower_state *l, const char *name,
                                           const lower_value *const *arg, int n) {
  const lower_value *scalar[12];
  if (n > 12) return NULL;
  for (int i = 0; i < n; i++) {
    if (arg[i]->type.base == LANG_FUNCTION || arg[i]->type.base == LANG_TUPLE) return NULL;
    scalar[i] = mst_lower_scalar(l, mst_ir_int(l->c, 0), element_base(arg[i]->type));
  }
  return mst_lower_prelude(l, name, scalar, n);
}

/* Arguments that are to_vector(matrix) or the like in a loop over two dimensions would be a
 * division and a remainder per element; a matrix seen as a vector keeps it in `c`
 * (lower_library.c). */
static bool all_flat(const lower_value *const *arg, int n) {
  bool any = false;
  const lower_value *first = NULL;
  for (int i = 0; i < n; i++) {
    if (arg[i]->ndims == 0) continue;
    if (!arg[i]->c || arg[i]->c->ndims != 2) return false;
    if (!first) first = arg[i]->c;
    if (!mst_lower_same_dim(first->dim[0], arg[i]->c->dim[0]) ||
        !mst_lower_same_dim(first->dim[1], arg[i]->c->dim[1]))
      return false;
    any = true;
  }
  return any;
}

static const lower_value *vectorised(lower_state *l, const ast_function *f, const char *name,
                                     const lower_value *const *given, int n, bool propto,
                                     bool target, bool negative, const void *site, lang_loc loc) {
  const lower_value *arg[12], *element[12], *shape = NULL;
  bool flat = all_flat(given, n);
  for (int i = 0; i < n; i++) {
    arg[i] = given[i];
    if (arg[i]->ndims == 0)
      arg[i] = mst_lower_scalar(
          l, mst_lower_hold(l, mst_lower_at(l, arg[i], NULL), f->arg[i]->name), arg[i]->type.base);
    else if (flat)
      arg[i] = arg[i]->c;
    if (arg[i]->ndims && !shape) shape = arg[i];
  }
  for (int i = 0; i < n; i++)
    if (arg[i]->ndims) mst_lower_match(l, name, shape->dim[0], arg[i]->dim[0], loc);
  ir_var *sum = target ? NULL : mst_lower_sum_begin(l);
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, shape, index, &saved);
  for (int i = 0; i < n; i++)
    element[i] = arg[i]->ndims ? mst_lower_scalar(l, mst_lower_at(l, arg[i], index),
                                                  element_base(arg[i]->type))
                               : arg[i];
  ir_expr *e = mst_lower_at(l, mst_lower_inline(l, f, element, site), NULL);
  mst_lower_term(l, e, sum, propto, negative);
  mst_lower_nest_end(l, shape->ndims, saved);
  return mst_lower_scalar(l, sum ? mst_ir_scalar(l->c, sum) : mst_ir_real(l->c, 0), LANG_REAL);
}

/* ---- which of the ways */

/* name_cdf is exp(name_lcdf); the standard normal's logarithms are primitives. */
static const lower_value *cumulative(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n, const ast_expr *site,
                                     lang_loc loc) {
  size_t length = strlen(name);
  bool lower_tail = !strcmp(name, "std_normal_lcdf");
  if (n == 1 && (lower_tail || !strcmp(name, "std_normal_lccdf"))) {
    ir_prim prim = lower_tail ? IR_STD_NORMAL_LCDF : IR_STD_NORMAL_LCCDF;
    const lower_value *v = mst_lower_unary(l, prim, arg[0], arg[0]->type);
    return v->ndims ? mst_lower_scalar(l, mst_lower_sum(l, v), LANG_REAL) : v;
  }
  if (!ends(name, "_cdf")) return NULL;
  const char *log_name = mst_lang_format(l->c, "%.*s_lcdf", (int)length - 4, name);
  const lower_value *v = mst_lower_density(l, log_name, arg, n, false, false, false, site, loc);
  return v ? mst_lower_unary(l, IR_EXP, v, v->type) : NULL;
}

const lower_value *mst_lower_density(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n, bool propto,
                                     bool to_target, bool negative, const ast_expr *site,
                                     lang_loc loc) {
  const lower_value *v = cumulative(l, name, arg, n, site, loc);
  if (v && to_target) {
    mst_lower_term(l, mst_lower_at(l, v, NULL), NULL, propto, negative);
    return mst_lower_scalar(l, mst_ir_real(l->c, 0), LANG_REAL);
  }
  if (v) return v;
  v = mst_lower_glm(l, name, arg, n, propto, to_target, negative, site, loc);
  if (v) return v;
  const ast_function *f = scalar_function(l, name, arg, n);
  bool container = false;
  for (int i = 0; i < n; i++) container = container || arg[i]->ndims > 0;
  if (f && container) return vectorised(l, f, name, arg, n, propto, to_target, negative, site, loc);
  return mst_lower_multivariate(l, name, arg, n, propto, to_target, negative, site, loc);
}

/* ---- target += */

static bool is_call(const ast_expr *e, const char *name) {
  return e->kind == AST_CALL && !e->user && e->builtin && strcmp(e->builtin, name) == 0;
}

/* A function of the program whose result is a real. */
static bool is_own(const ast_expr *e) {
  return e->kind == AST_CALL && e->user && e->user->body && !e->user->prelude &&
         e->user->result.base == LANG_REAL && e->user->result.arrays == 0;
}

static void own_target(lower_state *l, const ast_expr *e, bool negative) {
  const lower_value **arg = MST_LANG_ARRAY(l->c, const lower_value *, e->nargs + 1);
  const lower_value **call = MST_LANG_ARRAY(l->c, const lower_value *, e->nargs + 1);
  bool outer = l->propto;
  for (int i = 0; i < e->nargs; i++) arg[i] = mst_lower_expr(l, e->arg[i]);
  const ast_function *f =
      is_own(e) ? e->user : mst_lower_reduce_sum(l, e->builtin, arg, e->nargs, call);
  if (!f)
    mst_lower_unsupported(l, e->loc, mst_lang_format(l->c, "%s with these arguments", e->builtin));
  l->propto = mst_lower_drops(l, f, is_own(e) ? e->unnormalised : e->arg[0]->unnormalised);
  mst_lower_inline_target(l, f, is_own(e) ? arg : call, e, negative);
  l->propto = outer;
}

/* Whether e reads what was added before: then its summands are not added one by one. */
static bool reads_target(const ast_expr *e) {
  if (e->kind == AST_CALL && e->user && ends(e->user->name, "_lp")) return true;
  if (is_call(e, "target")) return true;
  for (int i = 0; i < e->nargs; i++)
    if (reads_target(e->arg[i])) return true;
  return false;
}

void mst_lower_add_target(lower_state *l, const ast_expr *e, bool negative, bool propto) {
  if (l->so_far && e->kind != AST_CALL && reads_target(e)) {
    const lower_value *v = mst_lower_expr(l, e);
    if (v->ndims == 0) {
      to_target(l, mst_lower_hold(l, mst_lower_at(l, v, NULL), "term"), propto, negative);
      return;
    }
  }
  if (e->kind == AST_BINARY && (e->op == AST_ADD || e->op == AST_SUB) && e->type.arrays == 0 &&
      e->type.base == LANG_REAL) {
    mst_lower_add_target(l, e->arg[0], negative, propto);
    mst_lower_add_target(l, e->arg[1], e->op == AST_SUB ? !negative : negative, propto);
    return;
  }
  if (e->kind == AST_UNARY && e->op == AST_NEG && e->type.arrays == 0 &&
      e->type.base == LANG_REAL) {
    mst_lower_add_target(l, e->arg[0], !negative, propto);
    return;
  }
  if (e->kind == AST_CALL && !e->user && e->builtin && mst_lower_is_density(e->builtin)) {
    const lower_value *arg[12];
    for (int i = 0; i < e->nargs && i < 12; i++) arg[i] = mst_lower_expr(l, e->arg[i]);
    if (e->nargs <= 12 && mst_lower_density(l, e->builtin, arg, e->nargs,
                                            propto || (e->unnormalised && (!l->frame || l->propto)),
                                            true, negative, e, e->loc))
      return;
    mst_lower_unsupported(l, e->loc, mst_lang_format(l->c, "%s with these arguments", e->builtin));
  }
  if (is_own(e) || is_call(e, "reduce_sum") || is_call(e, "reduce_sum_static")) {
    own_target(l, e, negative);
    return;
  }
  const lower_value *v = is_call(e, "sum") ? mst_lower_expr(l, e->arg[0]) : mst_lower_expr(l, e);
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, v, index, &saved);
  to_target(l, mst_lower_at(l, v, v->ndims ? index : NULL), propto, negative);
  mst_lower_nest_end(l, v->ndims, saved);
}

/* ---- y ~ name(...) T[low, high] */

static const lower_value *call_density(lower_state *l, const char *stem, const char *suffix,
                                       const lower_value *const *arg, int n, const ast_stmt *s) {
  const char *name = mst_lang_format(l->c, "%s%s", stem, suffix);
  const ast_expr *site = s->arg ? (const ast_expr *)s->arg : s->lhs;
  const ast_function *own = s->tail[strcmp(suffix, "_lccdf") == 0];
  const lower_value *v =
      own ? mst_lower_inline(l, own, arg, site)
          : mst_lower_density(l, name, arg, n, false, false, false, site, s->loc);
  if (!v) mst_lower_unsupported(l, s->loc, mst_lang_format(l->c, "truncation of %s", stem));
  return mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at(l, v, NULL), "log_mass"), LANG_REAL);
}

/* Of one outcome arg[0]: the log of the mass between the limits, which are held, is taken off. */
static void truncate_one(lower_state *l, const ast_stmt *s, const lower_value *const *arg, int n,
                         const ir_expr *least, const ir_expr *most, bool discrete) {
  const lower_value *at[12], *low = NULL, *high = NULL;
  for (int i = 0; i < n; i++) at[i] = arg[i];
  ir_expr *y = mst_lower_hold(l, mst_lower_at(l, arg[0], NULL), "y"), *mass;
  if (least) { /* below the lower limit for discrete ones is low - 1 */
    ir_expr *x = mst_lower_copy(l, least);
    mst_lower_target(
        l, mst_ir_call1(l->c, IR_VALID,
                        mst_ir_call2(l->c, IR_GE, mst_lower_copy(l, y), mst_lower_copy(l, x))));
    if (discrete) x = mst_ir_call2(l->c, IR_SUB, x, mst_ir_int(l->c, 1));
    low = mst_lower_scalar(l, x, least->type == IR_INT ? LANG_INT : LANG_REAL);
  }
  if (most) {
    ir_expr *x = mst_lower_copy(l, most);
    mst_lower_target(
        l, mst_ir_call1(l->c, IR_VALID,
                        mst_ir_call2(l->c, IR_LE, mst_lower_copy(l, y), mst_lower_copy(l, x))));
    high = mst_lower_scalar(l, x, most->type == IR_INT ? LANG_INT : LANG_REAL);
  }
  if (low && high) {
    at[0] = high;
    ir_expr *a = mst_lower_at(l, call_density(l, s->name, "_lcdf", at, n, s), NULL);
    at[0] = low;
    ir_expr *b = mst_lower_at(l, call_density(l, s->name, "_lcdf", at, n, s), NULL);
    mass = mst_ir_call2(l->c, IR_LOG_DIFF_EXP, a, b);
  } else {
    at[0] = low ? low : high;
    mass = mst_lower_at(l, call_density(l, s->name, low ? "_lccdf" : "_lcdf", at, n, s), NULL);
  }
  if (mass->type == IR_LANE || !l->lanes) mst_lower_target(l, mst_ir_call1(l->c, IR_NEG, mass));
}

static ir_expr *limit(lower_state *l, const ast_expr *e, const char *name) {
  return e ? mst_lower_hold(l, mst_lower_at(l, mst_lower_expr(l, e), NULL), name) : NULL;
}

static void truncate(lower_state *l, const ast_stmt *s, const lower_value *const *arg, int n,
                     bool discrete) {
  const ir_expr *least = limit(l, s->low, "low"), *most = limit(l, s->high, "high");
  const lower_value *one[12], *shape = NULL;
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  if (!least && !most) return;
  for (int i = 0; i < n; i++)
    if (arg[i]->ndims && !shape) shape = arg[i];
  if (s->user && arg[0]->ndims)
    mst_lower_unsupported(l, s->loc,
                          "truncation of a vectorised distribution of the program's own");
  if (!shape || s->user) {
    truncate_one(l, s, arg, n, least, most, discrete);
    return;
  }
  mst_lower_nest_begin(l, shape, index, &saved);
  for (int i = 0; i < n; i++)
    one[i] = arg[i]->ndims
                 ? mst_lower_scalar(l, mst_lower_at(l, arg[i], index), element_base(arg[i]->type))
                 : arg[i];
  truncate_one(l, s, one, n, least, most, discrete);
  mst_lower_nest_end(l, shape->ndims, saved);
}

void mst_lower_tilde(lower_state *l, const ast_stmt *s) {
  int n = s->nargs + 1;
  const lower_value **arg = MST_LANG_ARRAY(l->c, const lower_value *, n);
  arg[0] = mst_lower_expr(l, s->lhs);
  for (int i = 0; i < s->nargs; i++) arg[i + 1] = mst_lower_expr(l, s->arg[i]);
  for (int i = 0; s->truncated && i < n; i++) /* used twice */
    arg[i] = arg[i]->ndims
                 ? mst_lower_cheap(l, arg[i])
                 : mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at(l, arg[i], NULL), "y"),
                                    arg[i]->type.base);
  if (s->user && s->user->body && !s->user->prelude) {
    bool propto = l->propto;
    l->propto = mst_lower_drops(l, s->user, true);
    mst_lower_inline_target(l, s->user, arg, s, false);
    l->propto = propto;
  } else if (n > 12 ||
             !mst_lower_density(l, s->builtin, arg, n, true, true, false, s->lhs, s->loc)) {
    mst_lower_unsupported(l, s->loc, mst_lang_format(l->c, "%s with these arguments", s->builtin));
  }
  if (s->truncated) truncate(l, s, arg, n, ends(s->user ? s->user->name : s->builtin, "_lpmf"));
}
