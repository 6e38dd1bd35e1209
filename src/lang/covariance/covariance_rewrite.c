/* lang/covariance/covariance_rewrite.c -- expressions and helping statements of the density
 * block as they read in an element's program: counters that the element's place determines
 * become linear forms of it, lanes from outside become inputs, elements of matrices become their
 * values.
 */
#include <stdarg.h>
#include <stdio.h>

#include "lang/covariance/covariance_rewrite.h"

bool mst_covariance_refuse(covariance_state *k, lang_loc loc, const char *format, ...) {
  va_list arg;
  char text[300];
  if (k->why) return false;
  va_start(arg, format);
  vsnprintf(text, sizeof text, format, arg);
  va_end(arg);
  k->why = loc.line ? mst_lang_format(k->c, "line %d: %s", loc.line, text)
                    : mst_lang_format(k->c, "%s", text);
  return false;
}

static bool is_order(const covariance_state *k, const ir_expr *e) {
  return e->op == IR_LOAD && e->nargs == 0 && e->var == k->normal->order;
}

bool mst_covariance_is_matrix(const covariance_state *k, const ir_var *v) {
  return v->role == IR_LOCAL && v->type == IR_LANE && v->ndims == 2 && is_order(k, v->dim[0]) &&
         is_order(k, v->dim[1]);
}

/* A constant int inside a statement is another name for what it is set to. */
static const ir_expr *alias(const covariance_state *k, const ir_var *v) {
  if (v->id >= k->nvars || v->type != IR_INT || v->ndims || !mst_covariance_var(k, v)->top ||
      !mst_covariance_var(k, v)->decl)
    return NULL;
  return v->constant ? mst_covariance_var(k, v)->decl->rhs : NULL;
}

static bool times_constant(covariance_state *k, const ir_expr *e, bool raw, lang_linear *out) {
  int i = e->arg[0]->op == IR_CONST_INT ? 0 : 1;
  lang_linear a;
  *out = mst_linear_int(0);
  return e->arg[i]->op == IR_CONST_INT && mst_covariance_linear(k, e->arg[1 - i], raw, &a) &&
         mst_linear_add(out, &a, e->arg[i]->integer);
}

/* 0 <= index < size, as far as can be seen. */
static bool is_within(covariance_state *k, const lang_linear *index, const ir_expr *size) {
  lang_linear room;
  if (!mst_covariance_linear(k, size, false, &room) || !mst_linear_add(&room, index, -1))
    return false;
  room.constant--;
  return mst_linear_holds(index, k->facts, k->nfacts) &&
         mst_linear_holds(&room, k->facts, k->nfacts);
}

bool mst_covariance_linear(covariance_state *k, const ir_expr *e, bool raw, lang_linear *out) {
  lang_linear b;
  if (e->type != IR_INT) return false;
  switch (e->op) {
  case IR_CONST_INT:
    *out = mst_linear_int(e->integer);
    return true;
  case IR_CHECK_INDEX:
    return mst_covariance_linear(k, e->arg[0], raw, out) && (raw || is_within(k, out, e->arg[1]));
  case IR_LOAD:
    if (e->nargs) return false;
    if (e->var->id < k->nvars && mst_covariance_var(k, e->var)->as.is_linear) {
      *out = mst_covariance_var(k, e->var)->as.linear;
      return true;
    }
    if (alias(k, e->var)) return mst_covariance_linear(k, alias(k, e->var), raw, out);
    if (e->var->id < k->nvars && (e->var->role == IR_LOCAL || (e->var->role == IR_LOOP && !raw)))
      return false;
    *out = mst_linear_atom(e->var);
    return true;
  case IR_CALL:
    if (e->prim == IR_MUL) return times_constant(k, e, raw, out);
    if (e->prim == IR_NEG) {
      *out = mst_linear_int(0);
      return mst_covariance_linear(k, e->arg[0], raw, &b) && mst_linear_add(out, &b, -1);
    }
    return (e->prim == IR_ADD || e->prim == IR_SUB) &&
           mst_covariance_linear(k, e->arg[0], raw, out) &&
           mst_covariance_linear(k, e->arg[1], raw, &b) &&
           mst_linear_add(out, &b, e->prim == IR_ADD ? 1 : -1);
  default:
    return false;
  }
}

/* ---- what comes from outside */

static bool never_changes(const ir_var *v) { return v->role == IR_THETA || v->once || v->constant; }

static ir_var *input(covariance_state *k, ir_var *v, const ir_stmt *site) {
  const ir_stmt *at = never_changes(v) ? k->mark : site;
  for (int i = k->first_input; i < k->ninputs; i++)
    if (k->input[i].of == v && k->input[i].at == at) return k->input[i].formal;
  covariance_input in = {.of = v, .at = at};
  in.copy = mst_ir_var(k->c, k->p, v->name, IR_LANE, IR_LOCAL, v->ndims, v->dim);
  in.copy->once = true;
  in.formal = mst_ir_var(k->c, k->p, v->name, IR_LANE, IR_SHARED, v->ndims, v->dim);
  in.formal->constant = true;
  in.formal->source_name = v->source_name;
  MST_LANG_PUSH(k->c, k->input, k->ninputs, in);
  return in.formal;
}

/* ---- expressions */

static ir_expr *element_of(covariance_state *k, const ir_expr *e, const ir_stmt *site,
                           lang_loc loc) {
  lang_linear row, col;
  if (!mst_covariance_linear(k, e->arg[0], false, &row) ||
      !mst_covariance_linear(k, e->arg[1], false, &col)) {
    mst_covariance_refuse(k, loc, "an element of %s is read at a place that is not simple",
                          mst_ir_shown(k->c, e->var));
    return NULL;
  }
  return mst_covariance_element(k, e->var, &row, &col, site, loc);
}

static bool map_args(covariance_state *k, const ir_expr *e, const ir_stmt *site, lang_loc loc,
                     ir_expr **arg) {
  for (int i = 0; i < e->nargs; i++)
    if (!(arg[i] = mst_covariance_map(k, e->arg[i], site, loc))) return false;
  return true;
}

static ir_expr *load(covariance_state *k, const ir_expr *e, const ir_stmt *site, lang_loc loc) {
  ir_var *v = e->var;
  ir_expr *arg[MST_COVARIANCE_DIMS];
  bool own = v->id < k->nvars;
  if (own && mst_covariance_var(k, v)->as.clone)
    v = mst_covariance_var(k, v)->as.clone;
  else if (alias(k, v))
    return mst_covariance_map(k, alias(k, v), site, loc);
  else if (own && mst_covariance_is_matrix(k, v))
    return element_of(k, e, site, loc);
  else if (v->type == IR_LANE &&
           (v->role == IR_THETA || (v->role == IR_LOCAL && own && !mst_covariance_var(k, v)->top)))
    v = input(k, v, site);
  else if (own && v->role != IR_DATA) {
    mst_covariance_refuse(k, loc, "%s changes from element to element in a way that is not simple",
                          mst_ir_shown(k->c, v));
    return NULL;
  }
  return map_args(k, e, site, loc, arg) ? mst_ir_load(k->c, v, e->nargs, arg) : NULL;
}

int mst_covariance_decided(covariance_state *k, const ir_expr *e) {
  lang_linear a, b, back;
  if (e->op != IR_CALL || e->prim < IR_EQ || e->prim > IR_GE || e->arg[0]->type != IR_INT ||
      e->arg[1]->type != IR_INT)
    return -1;
  if (!mst_covariance_linear(k, e->arg[0], false, &a) ||
      !mst_covariance_linear(k, e->arg[1], false, &b))
    return -1;
  back = b;
  /* b - a and a - b */
  if (!mst_linear_add(&back, &a, -1) || !mst_linear_add(&a, &b, -1)) return -1;
  bool ge = mst_linear_holds(&a, k->facts, k->nfacts),
       lt = mst_linear_fails(&a, k->facts, k->nfacts);
  bool le = mst_linear_holds(&back, k->facts, k->nfacts),
       gt = mst_linear_fails(&back, k->facts, k->nfacts);
  switch (e->prim) {
  case IR_EQ:
    return ge && le ? 1 : lt || gt ? 0 : -1;
  case IR_NE:
    return ge && le ? 0 : lt || gt ? 1 : -1;
  case IR_LT:
    return lt ? 1 : ge ? 0 : -1;
  case IR_LE:
    return le ? 1 : gt ? 0 : -1;
  case IR_GT:
    return gt ? 1 : le ? 0 : -1;
  default:
    return ge ? 1 : lt ? 0 : -1;
  }
}

ir_expr *mst_covariance_map(covariance_state *k, const ir_expr *e, const ir_stmt *site,
                            lang_loc loc) {
  lang_linear form;
  ir_expr *arg[MST_COVARIANCE_DIMS];
  int known = mst_covariance_decided(k, e);
  if (known >= 0) return mst_ir_int(k->c, known);
  if (e->type == IR_INT && mst_covariance_linear(k, e, false, &form))
    return mst_linear_expr(k->c, &form);
  switch (e->op) {
  case IR_CONST_INT:
  case IR_CONST_REAL:
    return mst_ir_copy(k->c, e);
  case IR_LOAD:
    return load(k, e, site, loc);
  case IR_SELECT:
    if (!(arg[0] = mst_covariance_map(k, e->arg[0], site, loc))) return NULL;
    if (arg[0]->op == IR_CONST_INT)
      return mst_covariance_map(k, e->arg[arg[0]->integer ? 1 : 2], site, loc);
    for (int i = 1; i < 3; i++)
      if (!(arg[i] = mst_covariance_map(k, e->arg[i], site, loc))) return NULL;
    return mst_ir_select(k->c, arg[0], arg[1], arg[2]);
  case IR_CHECK_INDEX: {
    if (!map_args(k, e, site, loc, arg)) return NULL;
    ir_expr *x = mst_ir_check_index(k->c, arg[0], arg[1], e->loc);
    x->var = e->var;
    x->integer = e->integer;
    return x;
  }
  case IR_CALL:
    return map_args(k, e, site, loc, arg) ? mst_ir_call(k->c, e->prim, e->nargs, arg) : NULL;
  }
  return NULL;
}

/* ---- statements that help: what an element needs besides its expression */

static ir_var *clone_var(covariance_state *k, ir_var *v, const ir_stmt *site, lang_loc loc) {
  ir_expr *dim[MST_COVARIANCE_DIMS];
  for (int i = 0; i < v->ndims; i++)
    if (!(dim[i] = mst_covariance_map(k, v->dim[i], site, loc))) return NULL;
  ir_var *to = mst_ir_var(k->c, k->p, v->name, v->type, v->role, v->ndims, dim);
  to->constant = v->constant;
  to->once = v->once;
  mst_covariance_var(k, v)->as = (covariance_as){.clone = to};
  if (v->role == IR_LOOP)
    mst_covariance_var(k, v)->as =
        (covariance_as){.is_linear = true, .linear = mst_linear_atom(to), .clone = to};
  return to;
}

static bool clone_block(covariance_state *k, const ir_block *b, const ir_stmt *site) {
  for (int i = 0; i < b->nstmts; i++)
    if (!mst_covariance_clone(k, b->stmt[i], site)) return false;
  return true;
}

bool mst_covariance_open(covariance_state *k, const ir_stmt *s, const ir_stmt *site,
                         ir_stmt **copy) {
  *copy = mst_ir_stmt(k->c, s->kind, s->loc);
  if (s->count && !((*copy)->count = mst_covariance_map(k, s->count, site, s->loc))) return false;
  if (s->cond && !((*copy)->cond = mst_covariance_map(k, s->cond, site, s->loc))) return false;
  if (s->kind == IR_FOR && !((*copy)->var = clone_var(k, s->var, site, s->loc))) return false;
  mst_ir_append(k->c, k->out, *copy);
  return true;
}

static bool clone_simple(covariance_state *k, const ir_stmt *s, const ir_stmt *site) {
  ir_stmt *copy = mst_ir_stmt(k->c, s->kind, s->loc);
  if (s->rhs && !(copy->rhs = mst_covariance_map(k, s->rhs, site, s->loc))) return false;
  if (s->kind == IR_DECL) {
    if (!(copy->var = clone_var(k, s->var, site, s->loc))) return false;
    copy->zero = s->zero;
  } else {
    copy->var = s->var->id < k->nvars ? mst_covariance_var(k, s->var)->as.clone : NULL;
    if (!copy->var)
      return mst_covariance_refuse(k, s->loc, "%s is written for one element and lives on",
                                   mst_ir_shown(k->c, s->var));
    copy->add = s->add;
    copy->nindices = s->nindices;
    copy->index = MST_LANG_ARRAY(k->c, ir_expr *, s->nindices + 1);
    for (int i = 0; i < s->nindices; i++)
      if (!(copy->index[i] = mst_covariance_map(k, s->index[i], site, s->loc))) return false;
  }
  mst_ir_append(k->c, k->out, copy);
  return true;
}

bool mst_covariance_clone(covariance_state *k, const ir_stmt *s, const ir_stmt *site) {
  ir_stmt *copy;
  ir_block *outer = k->out;
  switch (s->kind) {
  case IR_DECL:
    if (s->var->ndims == 0 && alias(k, s->var)) return true;
    return clone_simple(k, s, site);
  case IR_ASSIGN:
    return clone_simple(k, s, site);
  case IR_FOR:
  case IR_IF:
  case IR_BLOCK:
    if (!mst_covariance_open(k, s, site, &copy)) return false;
    k->out = &copy->body;
    bool done = clone_block(k, &s->body, site);
    k->out = &copy->other;
    done = done && clone_block(k, &s->other, site);
    k->out = outer;
    return done;
  default:
    return mst_covariance_refuse(k, s->loc,
                                 "a statement beside the elements does more than compute them");
  }
}
