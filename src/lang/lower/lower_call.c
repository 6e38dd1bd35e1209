/* lang/lower/lower_call.c -- calls: which of the ways to lower a function applies, and inlining. */
#include <math.h>
#include <string.h>

#include "lang/lower/lower_impl.h"

#define DEEPEST_INLINE 200

static uint64_t path_of(const lower_state *l, const void *site) {
  uint64_t h = l->frame ? l->frame->path : 0x243f6a8885a308d3u;
  h ^= (uint64_t)(uintptr_t)site + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdu;
}

static bool numeric(lang_base b) { return b != LANG_FUNCTION && b != LANG_TUPLE; }

/* A value as a function's argument: computed once, of the argument's type. */
static const lower_value *argument(lower_state *l, const ast_decl *d, const lower_value *v) {
  if (!numeric(v->type.base)) return v;
  if (v->ndims == 0) {
    ir_expr *e = mst_lower_at(l, v, NULL);
    if (d->type.base == LANG_REAL && e->type == IR_MASK) e = mst_ir_call1(l->c, IR_MASK_REAL, e);
    if (d->type.base == LANG_REAL && e->type == IR_INT) e = mst_ir_call1(l->c, IR_TO_REAL, e);
    return mst_lower_scalar(l, mst_lower_hold(l, e, d->name), d->type.base);
  }
  return mst_lower_retype(l, mst_lower_cheap(l, v), d->type);
}

/* Whether the only return is the last statement; with `branches`: or the last of each side of a
 * condition that is. */
static bool returns_at_end(const ast_stmt *b, bool branches) {
  if (!b || !mst_lower_returns(b) || b->kind == AST_RETURN) return true;
  if (branches && b->kind == AST_IF)
    return returns_at_end(b->body, true) && returns_at_end(b->other, true);
  if (b->kind != AST_BLOCK) return false;
  for (int i = 0; i + 1 < b->nstmts; i++)
    if (mst_lower_returns(b->stmt[i])) return false;
  const ast_stmt *last = b->stmt[b->nstmts - 1];
  return last->kind == AST_RETURN || last->kind == AST_BLOCK
             ? returns_at_end(last, branches)
             : branches && returns_at_end(last, true);
}

static const lower_value *inlined(lower_state *l, const ast_function *f,
                                  const lower_value *const *arg, lower_frame frame) {
  if (l->depth >= DEEPEST_INLINE)
    mst_lang_fail(l->c, f->loc, 1,
                  "function %s calls itself; expected functions that end by their form; try a loop",
                  f->name);
  if (f->recursive) mst_lower_recursion(l, f, f->loc);
  frame.unsure = l->unsure;
  frame.branches = l->branches;
  lower_binding *scope = l->scope, *inner = NULL;
  lower_loop *loop = l->loop;
  for (int i = 0; i < f->nargs; i++) {
    inner = mst_lower_bind_over(l, inner, f->arg[i], argument(l, f->arg[i], arg[i]));
  }
  l->depth++;
  l->scope = inner;
  l->frame = &frame;
  l->loop = NULL;
  if (!returns_at_end(f->body, frame.to_target)) {
    frame.returned = mst_lower_declare(l, "returned", IR_INT, 0, NULL, mst_ir_int(l->c, 0));
    frame.returned->constant = false;
  }
  mst_lower_stmts(l, f->body->stmt, f->body->nstmts);
  l->scope = scope;
  l->frame = frame.up;
  l->loop = loop;
  l->depth--;
  if (!frame.result) return mst_lower_new(l, mst_lower_type(LANG_VOID, 0));
  const lower_value *r = frame.result;
  if (f->result.base == LANG_REAL && r->ndims == 0 && r->type.base == LANG_INT)
    r = mst_lower_scalar(l, mst_ir_call1(l->c, IR_TO_REAL, mst_lower_at(l, r, NULL)), LANG_REAL);
  return r->nparts ? r : mst_lower_retype(l, r, f->result);
}

bool mst_lower_drops(const lower_state *l, const ast_function *f, bool unnormalised) {
  size_t n = strlen(f->name);
  bool here = !l->frame || l->propto;
  if (n > 3 && strcmp(f->name + n - 3, "_lp") == 0) return here;
  return unnormalised && here;
}

const lower_value *mst_lower_inline(lower_state *l, const ast_function *f,
                                    const lower_value *const *arg, const void *site) {
  return inlined(l, f, arg, (lower_frame){.function = f, .path = path_of(l, site), .up = l->frame});
}

void mst_lower_inline_target(lower_state *l, const ast_function *f, const lower_value *const *arg,
                             const void *site, bool negative) {
  inlined(l, f, arg,
          (lower_frame){.function = f,
                        .path = path_of(l, site),
                        .to_target = true,
                        .negative = negative,
                        .up = l->frame});
}

/* ---- the prelude */

static bool vector_like(lang_type t) {
  return (t.arrays == 0 && (t.base == LANG_VECTOR || t.base == LANG_ROW_VECTOR)) ||
         (t.arrays == 1 && (t.base == LANG_REAL || t.base == LANG_INT));
}

/* 3: the same type, 2: int for real, 1: another container with one dimension, 0: does not fit. */
static int fit(lang_type want, lang_type got) {
  if (mst_type_equal(want, got)) return 3;
  if (want.arrays == got.arrays && want.base == LANG_REAL && got.base == LANG_INT) return 2;
  if (vector_like(want) && vector_like(got) && want.base != LANG_INT) return 1;
  if (want.arrays == got.arrays && want.arrays > 0 &&
      (want.base == LANG_VECTOR || want.base == LANG_ROW_VECTOR) &&
      (got.base == LANG_VECTOR || got.base == LANG_ROW_VECTOR))
    return 1;
  return 0;
}

const ast_function *mst_lower_prelude(lower_state *l, const char *name,
                                      const lower_value *const *arg, int n) {
  const ast_function *best = NULL;
  int most = 0;
  for (int i = 0; i < l->nprelude; i++) {
    const ast_function *f = l->prelude[i];
    if (f->nargs != n || strcmp(f->name, name) != 0) continue;
    int score = 1;
    for (int k = 0; k < n && score; k++) {
      int one = fit(f->arg[k]->type, arg[k]->type);
      score = one ? score + one : 0;
    }
    if (score > most) {
      most = score;
      best = f;
    }
  }
  return best;
}

/* ---- elementwise functions */

enum { MOST_ARGS = 4 };

/* A scalar function over containers: the prelude's function is inlined for each element. */
static ir_expr *mapped(lower_state *l, const lower_value *v, ir_expr *const *index) {
  const lower_value *arg[MOST_ARGS];
  for (int i = 0; i < v->nargs; i++) {
    const lower_value *p = v->arg[i];
    arg[i] = mst_lower_scalar(l, mst_lower_at(l, p, p->ndims ? index : NULL), p->type.base);
  }
  if (v->function) return mst_lower_at(l, mst_lower_inline(l, v->function, arg, v->ast), NULL);
  ir_expr *e[MOST_ARGS];
  for (int i = 0; i < v->nargs; i++) e[i] = mst_lower_at(l, arg[i], NULL);
  return mst_ir_call(l->c, v->prim, v->nargs, e);
}

static const lower_value *elementwise(lower_state *l, const ast_expr *e, const char *name,
                                      const lower_value *const *arg, int n) {
  const lower_value *scalar[MOST_ARGS], *shape = NULL;
  if (n < 1 || n > MOST_ARGS) return NULL;
  lower_value *v = mst_lower_new(l, e->type);
  const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, n);
  for (int i = 0; i < n; i++) {
    if (!numeric(arg[i]->type.base)) return NULL;
    lang_base element = arg[i]->type.base == LANG_INT ? LANG_INT : LANG_REAL;
    scalar[i] = mst_lower_scalar(l, mst_ir_int(l->c, 0), element);
    part[i] = arg[i];
    if (arg[i]->ndims && !shape) shape = arg[i];
  }
  for (int i = 0; i < n; i++)
    for (int d = 0; d < arg[i]->ndims && d < shape->ndims; d++)
      mst_lower_match(l, name, shape->dim[d], arg[i]->dim[d], e->loc);
  v->ast = e;
  v->prim = mst_ir_prim_find(name);
  if (v->prim == IR_NPRIMS || mst_ir_prim_args(v->prim) != n)
    v->function = mst_lower_prelude(l, name, scalar, n);
  if (!v->function && (v->prim == IR_NPRIMS || mst_ir_prim_args(v->prim) != n)) return NULL;
  if (!shape) {
    if (v->function) return mst_lower_inline(l, v->function, arg, e);
    ir_expr *x[MOST_ARGS];
    for (int i = 0; i < n; i++) x[i] = mst_lower_at(l, arg[i], NULL);
    return mst_lower_retype(l, mst_lower_scalar(l, mst_ir_call(l->c, v->prim, n, x), e->type.base),
                            e->type);
  }
  for (int i = 0; i < n; i++)
    if (part[i]->ndims == 0)
      part[i] = mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at(l, part[i], NULL), "t"),
                                 part[i]->type.base);
  v->arg = part;
  v->nargs = n;
  v->ndims = shape->ndims;
  memcpy(v->dim, shape->dim, sizeof v->dim);
  v->element = mapped;
  return v;
}

/* ---- dispatch */

static bool random(const char *name) {
  size_t n = strlen(name);
  return n > 4 && strcmp(name + n - 4, "_rng") == 0;
}

/* An _rng of scalars over containers, or of vectors over arrays of them: an array of draws, made
 * in order. */
static const lower_value *draws(lower_state *l, const ast_expr *e, const char *name,
                                const lower_value *const *arg, int n) {
  const lower_value *one[8] = {NULL}, *shape = NULL;
  bool loops[8] = {false};
  if (n > 8) return NULL;
  for (int i = 0; i < n; i++) {
    loops[i] = arg[i]->ndims > 0;
    one[i] = mst_lower_scalar(l, mst_ir_int(l->c, 0),
                              arg[i]->type.base == LANG_INT ? LANG_INT : LANG_REAL);
  }
  const ast_function *f = mst_lower_prelude(l, name, one, n);
  bool scalar = f != NULL;
  if (!f) f = mst_lower_prelude_each(l, name, arg, n, loops);
  for (int i = n - 1; i >= 0; i--)
    if (loops[i]) shape = arg[i];
  if (!f || !shape) return NULL;
  for (int i = 0; i < n; i++)
    if (loops[i]) mst_lower_match(l, name, shape->dim[0], arg[i]->dim[0], e->loc);
  ir_type type = f->result.base == LANG_INT ? IR_INT : IR_REAL;
  ir_var *to = mst_lower_declare(l, "draw", type, scalar ? 1 : shape->ndims, shape->dim, NULL);
  to->once = true;
  ir_block *saved, *inner;
  ir_expr *i = mst_ir_scalar(l->c, mst_lower_loop_begin(l, shape->dim[0], "i", &saved)),
          *at[LOWER_DIMS];
  for (int k = 0; k < n; k++) one[k] = loops[k] ? mst_lower_element(l, arg[k], i) : arg[k];
  const lower_value *x = mst_lower_inline(l, f, one, e);
  mst_lower_nest_begin(l, x, at + 1, &inner);
  at[0] = i;
  mst_lower_assign(l, to, x->ndims + 1, at, mst_lower_at(l, x, at + 1), false);
  mst_lower_nest_end(l, x->ndims, inner);
  mst_lower_loop_end(l, saved);
  return mst_lower_variable(l, to, e->type);
}

static const lower_value *held_draw(lower_state *l, const lower_value *v) {
  if (v->ndims || v->var) return v;
  ir_expr *x = mst_lower_at(l, v, NULL);
  if (x->op == IR_LOAD) return v;
  ir_var *t = mst_lower_declare(l, "draw", x->type, 0, NULL, x);
  return mst_lower_retype(l, mst_lower_scalar(l, mst_ir_scalar(l->c, t), v->type.base), v->type);
}

const ast_function *mst_lower_reduce_sum(lower_state *l, const char *name,
                                         const lower_value *const *arg, int n,
                                         const lower_value **call) {
  if (strcmp(name, "reduce_sum") != 0 && strcmp(name, "reduce_sum_static") != 0) return NULL;
  if (n < 3 || arg[0]->type.base != LANG_FUNCTION || !arg[0]->ast->user) return NULL;
  call[0] = mst_lower_cheap(l, arg[1]);
  call[1] = mst_lower_scalar(l, mst_ir_int(l->c, 1), LANG_INT);
  call[2] = mst_lower_scalar(l, mst_lower_copy(l, arg[1]->dim[0]), LANG_INT);
  for (int i = 3; i < n; i++) call[i] = arg[i];
  return arg[0]->ast->user;
}

static const lower_value *built_in(lower_state *l, const ast_expr *e, const char *name,
                                   const lower_value *const *arg) {
  const lower_value *v = mst_lower_ode(l, name, arg, e->nargs, e);
  if (v) return v;
  v = mst_lower_solve(l, name, arg, e->nargs, e);
  if (v) return v;
  v = mst_lower_map_rect(l, name, arg, e->nargs, e);
  if (v) return v;
  v = mst_lower_transform(l, name, arg, e->nargs, e);
  if (v) return v;
  v = mst_lower_library(l, name, arg, e->nargs, e);
  if (v) return v;
  if (mst_lower_is_density(name)) {
    bool propto = e->unnormalised && (!l->frame || l->propto);
    v = mst_lower_density(l, name, arg, e->nargs, propto, false, false, e, e->loc);
    if (v) return v;
  }
  const lower_value **call = MST_LANG_ARRAY(l->c, const lower_value *, e->nargs + 1);
  const ast_function *f = mst_lower_reduce_sum(l, name, arg, e->nargs, call);
  if (f) {
    bool outer = l->propto;
    l->propto = mst_lower_drops(l, f, e->arg[0]->unnormalised);
    v = mst_lower_inline(l, f, call, e);
    l->propto = outer;
    return v;
  }
  f = mst_lower_prelude(l, name, arg, e->nargs);
  if (random(name)) {
    if (f) return held_draw(l, mst_lower_inline(l, f, arg, e));
    ir_prim prim = mst_ir_prim_find(name);
    if (prim != IR_NPRIMS && mst_ir_prim_args(prim) == e->nargs && e->nargs <= 1) {
      ir_expr *x = e->nargs ? mst_lower_at(l, arg[0], NULL) : NULL;
      return held_draw(l, mst_lower_scalar(l, mst_ir_call(l->c, prim, e->nargs, &x), e->type.base));
    }
    v = draws(l, e, name, arg, e->nargs);
    if (v) return v;
  }
  if (f) return mst_lower_inline(l, f, arg, e);
  v = elementwise(l, e, name, arg, e->nargs);
  if (v) return v;
  mst_lower_unsupported(l, e->loc, mst_lang_format(l->c, "function %s with these arguments", name));
}

/* target(): what was added up to here, as it is now; in generated quantities there is none. */
static const lower_value *target_so_far(lower_state *l) {
  if (!l->target) return mst_lower_scalar(l, mst_ir_real(l->c, NAN), LANG_REAL);
  if (!l->so_far) {
    l->asks_so_far = l->again = true;
    return mst_lower_scalar(l, mst_ir_real(l->c, 0), LANG_REAL);
  }
  ir_var *now =
      mst_lower_declare(l, "target_now", IR_LANE, 0, NULL, mst_ir_scalar(l->c, l->so_far));
  return mst_lower_scalar(l, mst_ir_scalar(l->c, now), LANG_REAL);
}

const lower_value *mst_lower_call(lower_state *l, const ast_expr *e) {
  if (!e->user && e->builtin && strcmp(e->builtin, "target") == 0) return target_so_far(l);
  const lower_value **arg = MST_LANG_ARRAY(l->c, const lower_value *, e->nargs ? e->nargs : 1);
  for (int i = 0; i < e->nargs; i++) arg[i] = mst_lower_expr(l, e->arg[i]);
  if (e->user && e->user->body && !(e->user->prelude && !l->frame)) {
    bool propto = l->propto;
    l->propto = mst_lower_drops(l, e->user, e->unnormalised);
    const lower_value *v = mst_lower_inline(l, e->user, arg, e);
    l->propto = propto;
    return v;
  }
  const char *name = e->builtin ? e->builtin : e->name;
  return built_in(l, e, name, arg);
}
