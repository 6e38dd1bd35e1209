/* lang/lower/lower_equation.c -- see lower_equation.h. */
#include "lang/lower/lower_equation.h"

#include "lang/ir/ir_edit.h"

static ir_expr *plus(lower_state *l, ir_expr *a, ir_expr *b) {
  return mst_ir_call2(l->c, IR_ADD, a, b);
}

/* An int of the caller's, and what the block calls it. */
static ir_expr *hand_int(lower_equation *k, ir_expr *e, const char *name) {
  lower_state *l = k->l;
  if (e->op == IR_CONST_INT) return e;
  ir_var *v = mst_ir_var(l->c, l->p, name, IR_INT, IR_LOCAL, 0, NULL);
  v->constant = true;
  MST_LANG_PUSH(l->c, k->s->size, k->s->nsizes, e);
  MST_LANG_PUSH(l->c, k->ode->integer, k->ode->nints, v);
  return mst_ir_scalar(l->c, v);
}

static int hand_dims(lower_equation *k, const lower_value *v, ir_expr **dim) {
  for (int i = 0; i < v->ndims; i++) dim[i] = hand_int(k, mst_lower_copy(k->l, v->dim[i]), "size");
  return v->ndims;
}

/* Data: a whole variable, which the block reads under a name of its own. */
static const lower_value *hand_data(lower_equation *k, const lower_value *v, const ast_decl *d) {
  lower_state *l = k->l;
  ir_expr *dim[LOWER_DIMS];
  ir_type type = d->type.base == LANG_INT ? IR_INT : IR_REAL;
  if (v->ndims == 0) {
    ir_expr *e = mst_lower_at(l, v, NULL);
    if (e->op == IR_CONST_REAL || e->op == IR_CONST_INT || type == IR_INT) {
      if (type == IR_INT) e = hand_int(k, mst_lower_hold(l, e, d->name), d->name);
      return mst_lower_scalar(l, e, d->type.base);
    }
    if (e->type == IR_INT) e = mst_ir_call1(l->c, IR_TO_REAL, e);
    v = mst_lower_variable(l, mst_lower_declare(l, d->name, type, 0, NULL, e), d->type);
  }
  v = v->var && v->ndims == 0 ? v : mst_lower_whole(l, v, type);
  ir_var *own = mst_ir_var(l->c, l->p, d->name, v->var->type, IR_LOCAL, hand_dims(k, v, dim), dim);
  own->constant = true;
  MST_LANG_PUSH(l->c, k->s->in, k->s->nin, v->var);
  MST_LANG_PUSH(l->c, k->ode->data, k->ode->ndata, own);
  return mst_lower_variable(l, own, d->type);
}

/* Element of a part of p, row-major from e[0] on. */
static ir_expr *packed(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at = NULL;
  for (int d = 0; d < v->ndims; d++) {
    if (at) at = mst_ir_call2(l->c, IR_MUL, at, mst_lower_copy(l, v->dim[d]));
    at = at ? plus(l, at, index[d]) : index[d];
  }
  ir_expr *first = mst_lower_copy(l, v->e[0]);
  at = at ? plus(l, first, at) : first;
  return mst_ir_load(l->c, v->flat, 1, &at);
}

/* Lanes: their place in p is set; they are copied once all are known. */
static const lower_value *hand_lanes(lower_equation *k, const lower_value *v, const ast_decl *d) {
  lower_state *l = k->l;
  lower_value *inner = mst_lower_new(l, d->type);
  v = v->ndims ? mst_lower_cheap(l, v) : v;
  inner->ndims = hand_dims(k, v, inner->dim);
  inner->cheap = true;
  inner->element = packed;
  inner->e[0] = mst_lower_copy(l, k->inner);
  inner->flat = k->ode->p;
  k->inner = plus(l, k->inner, mst_lower_count(l, inner));
  k->outer = mst_lower_hold(l, plus(l, k->outer, mst_lower_count(l, v)), "elements");
  MST_LANG_PUSH(l->c, k->lane, k->nlanes, v);
  return inner;
}

const lower_value *mst_lower_equation_hand(lower_equation *k, const lower_value *v,
                                           const ast_decl *d) {
  lower_state *l = k->l;
  if (v->nparts) {
    lower_value *inner = mst_lower_new(l, v->type);
    const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, v->nparts);
    for (int i = 0; i < v->nparts; i++) {
      ast_decl *e = MST_LANG_NEW(l->c, ast_decl);
      *e = *d->element[i];
      e->name = mst_lang_format(l->c, "%s_%d", d->name, i + 1);
      part[i] = mst_lower_equation_hand(k, v->part[i], e);
    }
    inner->part = part;
    inner->nparts = v->nparts;
    return inner;
  }
  bool lanes = d->type.base != LANG_INT && mst_lower_type_of(l, v) == IR_LANE;
  return lanes ? hand_lanes(k, v, d) : hand_data(k, v, d);
}

/* ---- the caller's side */

ir_var *mst_lower_held(lower_state *l, const lower_value *v, const char *name) {
  ir_expr *e = mst_lower_at(l, v, NULL);
  if (e->type == IR_INT) e = mst_ir_call1(l->c, IR_TO_REAL, e);
  return mst_lower_declare(l, name, e->type, 0, NULL, e);
}

ir_var *mst_lower_control(lower_state *l, const lower_value *const given[3],
                          const double otherwise[3]) {
  ir_expr *three[] = {mst_ir_int(l->c, 3)};
  ir_var *v = mst_lower_declare(l, "control", IR_REAL, 1, three, NULL);
  for (int i = 0; i < 3; i++) {
    ir_expr *at = mst_ir_int(l->c, i);
    ir_expr *e = given[i] ? mst_lower_at(l, given[i], NULL) : mst_ir_real(l->c, otherwise[i]);
    if (e->type == IR_INT) e = mst_ir_call1(l->c, IR_TO_REAL, e);
    mst_lower_assign(l, v, 1, &at, e, false);
  }
  return v;
}

/* p, filled with the lanes that are handed on. */
static void fill_p(lower_equation *k) {
  lower_state *l = k->l;
  if (!k->nlanes) {
    k->ode->p = NULL;
    return;
  }
  ir_var *p = mst_lower_declare(l, "p", IR_LANE, 1, &k->outer, NULL);
  ir_expr *first = mst_ir_int(l->c, 0);
  p->once = true;
  for (int i = 0; i < k->nlanes; i++) {
    const lower_value *v = k->lane[i];
    ir_expr *index[LOWER_DIMS], *at = NULL;
    ir_block *saved;
    mst_lower_nest_begin(l, v, index, &saved);
    for (int d = 0; d < v->ndims; d++) {
      if (at) at = mst_ir_call2(l->c, IR_MUL, at, mst_lower_copy(l, v->dim[d]));
      at = at ? plus(l, at, mst_lower_copy(l, index[d])) : mst_lower_copy(l, index[d]);
    }
    at = at ? plus(l, mst_lower_copy(l, first), at) : mst_lower_copy(l, first);
    mst_lower_assign(l, p, 1, &at, mst_lower_at(l, v, index), false);
    mst_lower_nest_end(l, v->ndims, saved);
    first = mst_lower_hold(l, plus(l, first, mst_lower_count(l, v)), "first");
  }
  p->once = true;
  MST_LANG_PUSH(l->c, k->s->in, k->s->nin, p);
}

/* ---- the block */

/* The function's result must be as long as the states. */
static void check_length(const lower_equation *k, const lower_value *v, const ir_expr *n,
                         lang_loc loc) {
  lower_state *l = k->l;
  ir_expr *differs = mst_ir_call2(l->c, IR_NE, mst_lower_copy(l, v->dim[0]), mst_lower_copy(l, n));
  if (mst_lower_same_dim(v->dim[0], n) || mst_ir_is_int(differs, 0)) return;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, loc), *r = mst_ir_stmt(l->c, IR_REJECT, loc);
  s->cond = differs;
  r->name = "error";
  r->nargs = 2;
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, 2);
  r->arg[0] = mst_lower_copy(l, n);
  r->arg[1] = mst_lower_copy(l, v->dim[0]);
  r->text = MST_LANG_ARRAY(l->c, const char *, 3);
  r->text[0] = mst_lang_format(l->c, "%s; expected ", k->counted);
  r->text[1] = " of them, got ";
  mst_ir_append(l->c, &s->body, r);
  mst_ir_append(l->c, l->out, s);
}

void mst_lower_equation_inline(lower_equation *k, const ast_function *f, const lower_value **arg,
                               const ast_expr *site) {
  lower_state *l = k->l;
  ir_ode *ode = k->ode;
  lower_state before = *l;
  bool one_lane = l->p->one_lane;
  l->lanes = true;
  l->target = false;
  l->p->one_lane = false;
  const ir_expr *n = ode->y->dim[0];
  ode->p->dim[0] = k->inner;
  do {
    l->again = false;
    ode->block = (ir_block){0};
    l->out = &ode->block;
    const lower_value *v = mst_lower_inline(l, f, arg, site);
    if (v->ndims == 0) {
      ir_expr *at = mst_ir_int(l->c, 0);
      mst_lower_assign(l, ode->dydt, 1, &at, mst_lower_at(l, v, NULL), false);
      continue;
    }
    check_length(k, v, n, site->loc);
    if (n->op == IR_CONST_INT && n->integer <= 16) {
      for (int i = 0; i < n->integer; i++) {
        ir_expr *at = mst_ir_int(l->c, i);
        mst_lower_assign(l, ode->dydt, 1, &at, mst_lower_at1(l, v, at), false);
      }
    } else {
      mst_lower_fill(l, ode->dydt, v);
    }
  } while (l->again);
  mst_ir_mark_once(l->c, l->p, &ode->block);
  ode->dydt->once = true;
  if (l->p->one_lane) l->one_lane = true;
  l->p->one_lane |= one_lane;
  l->again = before.again;
  l->lanes = before.lanes;
  l->target = before.target;
  l->out = before.out;
}

/* ---- the routine */

lower_equation mst_lower_equation_make(lower_state *l, const char *kind, const char *method,
                                       const ast_function *f, const ast_expr *site) {
  lower_equation k = {.l = l,
                      .ode = MST_LANG_NEW(l->c, ir_ode),
                      .s = mst_ir_stmt(l->c, IR_ROUTINE, site->loc),
                      .outer = mst_ir_int(l->c, 0),
                      .inner = mst_ir_int(l->c, 0)};
  k.s->name = mst_lang_format(l->c, "%s_%s", kind, method);
  k.s->ode = k.ode;
  k.ode->method = method;
  k.ode->function = f->name;
  return k;
}

void mst_lower_equation_input(lower_equation *k, ir_var *v) {
  MST_LANG_PUSH(k->l->c, k->s->in, k->s->nin, v);
}

void mst_lower_equation_sizes(lower_equation *k, const ir_expr *times, const ir_expr *states) {
  lower_state *l = k->l;
  const ir_expr *size[] = {times, states, mst_ir_int(l->c, 0)};
  ir_var *none = NULL;
  for (int i = 0; i < 3; i++)
    MST_LANG_PUSH(l->c, k->s->size, k->s->nsizes, mst_lower_copy(l, size[i]));
  for (int i = 0; i < 2; i++) MST_LANG_PUSH(l->c, k->ode->integer, k->ode->nints, none);
}

void mst_lower_equation_open(lower_equation *k) {
  lower_state *l = k->l;
  ir_ode *ode = k->ode;
  ir_expr *n = mst_lower_copy(l, k->s->size[IR_ODE_STATES]), *zero = mst_ir_int(l->c, 0);
  if (n->op != IR_CONST_INT) {
    ir_var *v = mst_ir_var(l->c, l->p, "states", IR_INT, IR_LOCAL, 0, NULL);
    v->constant = true;
    ode->integer[0] = v;
    n = mst_ir_scalar(l->c, v);
  }
  ode->t = mst_ir_var(l->c, l->p, "t", ode->one_time ? IR_REAL : IR_LANE, IR_LOCAL, 0, NULL);
  ode->t->constant = true;
  ode->y = mst_ir_var(l->c, l->p, "y", IR_LANE, IR_SHARED, 1, &n);
  /* as long as it turns out to be */
  ode->p = mst_ir_var(l->c, l->p, "p", IR_LANE, IR_SHARED, 1, &zero);
  ode->dydt = mst_ir_var(l->c, l->p, "dydt", IR_LANE, IR_OUTPUT, 1, &n);
}

ir_var *mst_lower_equation_end(lower_equation *k, int ndims, ir_expr *const *dim) {
  lower_state *l = k->l;
  ir_ode *ode = k->ode;
  ir_stmt *s = k->s;
  fill_p(k);
  s->size[IR_ODE_PARAMETERS] = k->outer;
  ir_type type = IR_REAL;
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->type == IR_LANE) type = IR_LANE;
  ir_var *y = mst_lower_declare(l, ode->function, type, ndims, dim, NULL);
  y->once = true;
  MST_LANG_PUSH(l->c, s->out, s->nout, y);
  if (type == IR_LANE) {
    ir_expr *columns = mst_lower_copy(l, s->size[IR_ODE_PARAMETERS]);
    if (ode->y0_varies) columns = plus(l, columns, mst_lower_copy(l, s->size[IR_ODE_STATES]));
    columns = plus(l, columns, mst_ir_int(l->c, ode->ts_vary + ode->t0_varies));
    ir_expr *all[] = {mst_lower_copy(l, s->size[IR_ODE_TIMES]),
                      mst_lower_copy(l, s->size[IR_ODE_STATES]), columns};
    ir_var *sens = mst_lower_declare(l, "sens", IR_LANE, 3, all, NULL);
    sens->once = true;
    MST_LANG_PUSH(l->c, s->out, s->nout, sens);
  }
  mst_ir_append(l->c, l->out, s);
  return y;
}
