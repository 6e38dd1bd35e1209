/* lang/lower/lower_value.c -- values of the lowering: scalars, containers that give elements on
 * demand, loops. */
#include <string.h>

#include "lang/lower/lower_impl.h"

lang_type mst_lower_type(lang_base base, int arrays) {
  return (lang_type){.base = base, .arrays = arrays};
}

lower_value *mst_lower_new(lower_state *l, lang_type type) {
  lower_value *v = MST_LANG_NEW(l->c, lower_value);
  v->type = type;
  return v;
}

ir_expr *mst_lower_copy(lower_state *l, const ir_expr *e) { return mst_ir_copy(l->c, e); }

static ir_expr *scalar_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  (void)index;
  return mst_lower_copy(l, v->scalar);
}

const lower_value *mst_lower_scalar(lower_state *l, ir_expr *e, lang_base base) {
  lower_value *v = mst_lower_new(l, mst_lower_type(base, 0));
  v->scalar = e;
  v->element = scalar_element;
  return v;
}

static ir_expr *variable_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  return mst_ir_load(l->c, v->var, v->ndims, index);
}

const lower_value *mst_lower_variable(lower_state *l, ir_var *var, lang_type type) {
  lower_value *v = mst_lower_new(l, type);
  v->var = var;
  v->ndims = var->ndims;
  v->cheap = true;
  for (int i = 0; i < var->ndims; i++) v->dim[i] = var->dim[i];
  v->element = variable_element;
  if (var->ndims == 0) v->scalar = mst_ir_scalar(l->c, var);
  return v;
}

ir_expr *mst_lower_at(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *copy[LOWER_DIMS];
  for (int i = 0; i < v->ndims; i++) copy[i] = mst_lower_copy(l, index[i]);
  if (v->nparts) mst_lower_unsupported(l, l->loc, "this use of a tuple");
  ir_expr *e = v->element(l, v, copy);
  if (e->type == IR_INT && v->type.base != LANG_INT) e = mst_ir_call1(l->c, IR_TO_REAL, e);
  return e;
}

ir_expr *mst_lower_at1(lower_state *l, const lower_value *v, const ir_expr *i) {
  ir_expr *index[1] = {(ir_expr *)(uintptr_t)i};
  return mst_lower_at(l, v, index);
}

ir_expr *mst_lower_at2(lower_state *l, const lower_value *v, const ir_expr *i, const ir_expr *j) {
  ir_expr *index[2] = {(ir_expr *)(uintptr_t)i, (ir_expr *)(uintptr_t)j};
  return mst_lower_at(l, v, index);
}

/* Nodes of an expression; a large number for what should not be repeated. */
static int weight(const ir_expr *e) {
  if (e->op == IR_CONST_INT || e->op == IR_CONST_REAL) return 0;
  if (e->op == IR_LOAD && e->nargs == 0) return 0;
  if (e->type != IR_INT || e->op != IR_CALL) return 100;
  int sum = 1;
  for (int i = 0; i < e->nargs; i++) sum += weight(e->arg[i]);
  return e->prim == IR_ADD || e->prim == IR_SUB || e->prim == IR_NEG ? sum : 100;
}

ir_expr *mst_lower_hold(lower_state *l, ir_expr *e, const char *name) {
  if (weight(e) <= 2) return e;
  if (e->type == IR_MASK) return e;
  return mst_ir_scalar(l->c, mst_lower_declare(l, name ? name : "t", e->type, 0, NULL, e));
}

/* ---- ints that change */

static bool may_change(const lower_state *l, const ir_var *v) {
  if (!v->decl || !v->decl->written || v->role == IR_LOOP) return false;
  return l->in_tdata || !v->decl->top || v->decl->block != AST_IN_TDATA;
}

static bool is_declared_in(const ir_block *b, const ir_var *v) {
  for (int i = b->nstmts; i-- > 0;)
    if (b->stmt[i]->kind == IR_DECL && b->stmt[i]->var == v) return true;
  return false;
}

ir_expr *mst_lower_fixed_int(lower_state *l, ir_expr *e, const char *name) {
  if (e->op == IR_CONST_INT) return e;
  if (e->op != IR_LOAD || e->nargs) return mst_lower_hold(l, e, name);
  if (!may_change(l, e->var)) return e;
  lower_fixed *f = mst_lang_pointer(&l->fixed, e->var);
  if (f && f->copy && f->in == l->out && is_declared_in(l->out, f->copy))
    return mst_ir_scalar(l->c, f->copy);
  if (!f) f = MST_LANG_NEW(l->c, lower_fixed);
  mst_lang_set_pointer(l->c, &l->fixed, e->var, f);
  *f = (lower_fixed){mst_lower_declare(l, name, IR_INT, 0, NULL, e), l->out};
  return mst_ir_scalar(l->c, f->copy);
}

static void forget_copy(lower_state *l, const ir_var *v) {
  lower_fixed *f = mst_lang_pointer(&l->fixed, v);
  if (f) f->copy = NULL;
}

ir_var *mst_lower_declare(lower_state *l, const char *name, ir_type type, int ndims,
                          ir_expr *const *dim, ir_expr *init) {
  ir_expr *held[LOWER_DIMS] = {NULL};
  for (int i = 0; i < ndims; i++)
    held[i] = mst_lower_fixed_int(l, mst_lower_copy(l, dim[i]), "size");
  ir_var *var = mst_ir_var(l->c, l->p, name, type, IR_LOCAL, ndims, held);
  ir_stmt *s = mst_ir_stmt(l->c, IR_DECL, l->loc);
  s->var = var;
  s->rhs = init;
  var->constant = init != NULL;
  /* others may need it as a size */
  if (l->out == &l->p->setup && (init || ndims)) var->role = IR_DATA;
  mst_ir_append(l->c, l->out, s);
  return var;
}

void mst_lower_assign(lower_state *l, ir_var *var, int n, ir_expr *const *index, ir_expr *rhs,
                      bool add) {
  ir_stmt *s = mst_ir_stmt(l->c, IR_ASSIGN, l->loc);
  if (rhs->type == IR_MASK) rhs = mst_ir_call1(l->c, IR_MASK_REAL, rhs);
  s->var = var;
  s->nindices = n;
  s->index = MST_LANG_ARRAY(l->c, ir_expr *, n ? n : 1);
  for (int i = 0; i < n; i++) s->index[i] = mst_lower_copy(l, index[i]);
  s->rhs = rhs;
  s->add = add;
  var->constant = false;
  forget_copy(l, var);
  mst_ir_append(l->c, l->out, s);
}

void mst_lower_target(lower_state *l, ir_expr *e) {
  if (!l->target) return;
  e = e->type == IR_INT    ? mst_ir_call1(l->c, IR_TO_REAL, e)
      : e->type == IR_MASK ? mst_ir_call1(l->c, IR_MASK_REAL, e)
                           : e;
  if (l->so_far) e = mst_lower_hold(l, e, "term");
  ir_stmt *s = mst_ir_stmt(l->c, IR_TARGET, l->loc);
  s->rhs = e;
  mst_ir_append(l->c, l->out, s);
  if (l->so_far) mst_lower_assign(l, l->so_far, 0, NULL, mst_lower_copy(l, e), true);
}

ir_expr *mst_lower_count(lower_state *l, const lower_value *v) {
  ir_expr *n = mst_ir_int(l->c, 1);
  for (int i = 0; i < v->ndims; i++)
    n = mst_ir_call2(l->c, IR_MUL, n, mst_lower_copy(l, v->dim[i]));
  return n;
}

bool mst_lower_same_dim(const ir_expr *a, const ir_expr *b) { return mst_ir_same(a, b); }

void mst_lower_match(lower_state *l, const char *what, const ir_expr *a, const ir_expr *b,
                     lang_loc loc) {
  if (mst_ir_same(a, b)) return;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, loc), *r = mst_ir_stmt(l->c, IR_REJECT, loc);
  s->cond = mst_ir_call2(l->c, IR_NE, mst_lower_copy(l, a), mst_lower_copy(l, b));
  if (mst_ir_is_int(s->cond, 0)) return;
  r->name = "error";
  r->nargs = 2;
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, 2);
  r->arg[0] = mst_lower_copy(l, a);
  r->arg[1] = mst_lower_copy(l, b);
  r->text = MST_LANG_ARRAY(l->c, const char *, 3);
  r->text[0] =
      what ? mst_lang_format(l->c, "%s: sizes of its arguments do not match; expected ", what)
           : "sizes do not match; expected ";
  r->text[1] = ", got ";
  mst_ir_append(l->c, &s->body, r);
  mst_ir_append(l->c, l->out, s);
}

ir_var *mst_lower_loop_begin(lower_state *l, const ir_expr *count, const char *name,
                             ir_block **saved) {
  ir_expr *n = mst_lower_copy(l, count);
  n = mst_lower_fixed_int(l, n, "count");
  ir_var *var = mst_ir_var(l->c, l->p, name, IR_INT, IR_LOOP, 0, NULL);
  ir_stmt *s = mst_ir_stmt(l->c, IR_FOR, l->loc);
  s->var = var;
  s->count = n;
  var->constant = true;
  mst_ir_append(l->c, l->out, s);
  *saved = l->out;
  l->out = &s->body;
  if ((l->nranges & (l->nranges - 1)) == 0)
    l->range = mst_lang_grow(l->c, l->range, sizeof *l->range, (size_t)l->nranges);
  l->range[l->nranges++] = (lower_range){var, mst_lower_copy(l, n)};
  return var;
}

void mst_lower_loop_end(lower_state *l, ir_block *saved) {
  l->out = saved;
  l->nranges--;
}

void mst_lower_nest_begin(lower_state *l, const lower_value *v, ir_expr **index, ir_block **saved) {
  static const char *const names[] = {"i", "j", "k", "m"};
  ir_block *outer = l->out, *ignore;
  int first = -1;
  for (int d = 0; d < v->ndims && l->shard_size; d++)
    if (v->dim[d]->op == IR_LOAD && v->dim[d]->var == l->shard_size) {
      first = d;
      break;
    }
  for (int pass = 0; pass < 2; pass++)
    for (int d = 0; d < v->ndims; d++)
      if ((pass == 0) == (d == first))
        index[d] = mst_ir_scalar(
            l->c,
            mst_lower_loop_begin(l, v->dim[d], d == first ? "n" : names[d < 3 ? d : 3], &ignore));
  *saved = outer;
}

void mst_lower_nest_end(lower_state *l, int ndims, ir_block *saved) {
  l->out = saved;
  l->nranges -= ndims;
}

void mst_lower_fill(lower_state *l, ir_var *var, const lower_value *v) {
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, v, index, &saved);
  ir_expr *e = mst_lower_at(l, v, index);
  mst_lower_assign(l, var, v->ndims, index, e, false);
  mst_lower_nest_end(l, v->ndims, saved);
}

ir_type mst_lower_type_of(lower_state *l, const lower_value *v) {
  if (v->var) return v->var->type;
  ir_block scratch = {0}, *saved = l->out;
  int ranges = l->nranges;
  ir_expr *index[LOWER_DIMS];
  for (int i = 0; i < v->ndims; i++) index[i] = mst_ir_int(l->c, 0);
  l->out = &scratch;
  ir_type type = mst_lower_at(l, v, index)->type;
  l->out = saved;
  l->nranges = ranges;
  return type == IR_MASK ? IR_LANE : type;
}

static ir_type wider(ir_type a, ir_type b) { return a > b ? a : b; }

const lower_value *mst_lower_whole(lower_state *l, const lower_value *v, ir_type type) {
  ir_type own = mst_lower_type_of(l, v);
  type = wider(type, own);
  if (v->var && v->var->type == type && v->ndims == v->var->ndims) return v;
  if (v->ndims == 0) {
    lower_value *s = mst_lower_new(l, v->type);
    *s = *mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at(l, v, NULL), "t"), v->type.base);
    s->type = v->type;
    return s;
  }
  ir_var *var = mst_lower_declare(l, "a", type, v->ndims, v->dim, NULL);
  var->once = true;
  mst_lower_fill(l, var, v);
  return mst_lower_variable(l, var, v->type);
}

const lower_value *mst_lower_whole_any(lower_state *l, const lower_value *v) {
  return mst_lower_whole(l, v, IR_INT);
}

const lower_value *mst_lower_cheap(lower_state *l, const lower_value *v) {
  return v->cheap || v->nparts ? v : mst_lower_whole_any(l, v);
}

const lower_value *mst_lower_retype(lower_state *l, const lower_value *v, lang_type type) {
  lower_value *r = mst_lower_new(l, type);
  *r = *v;
  r->type = type;
  return r;
}

ir_expr *mst_lower_sum(lower_state *l, const lower_value *v) {
  ir_type type = mst_lower_type_of(l, v);
  if (v->ndims == 0) return mst_lower_at(l, v, NULL);
  if (type == IR_INT && v->type.base != LANG_INT) type = IR_REAL; /* a vector of ints */
  ir_expr *zero = type == IR_INT ? mst_ir_int(l->c, 0) : mst_ir_real(l->c, 0);
  ir_var *sum = mst_lower_declare(l, "sum", type, 0, NULL, zero);
  ir_expr *index[LOWER_DIMS];
  ir_block *saved;
  mst_lower_nest_begin(l, v, index, &saved);
  mst_lower_assign(l, sum, 0, NULL, mst_lower_at(l, v, index), true);
  mst_lower_nest_end(l, v->ndims, saved);
  return mst_ir_scalar(l->c, sum);
}
