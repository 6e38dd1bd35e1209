/* lang/lower_map.c -- map_rect: a loop over the jobs, whose results stand one after the other,
 * all of one length. A job of one number (a log density, most often) is a row of its own, so
 * that the loop can be cut over the ranks.
 */
#include <string.h>

#include "lang/lower_internal.h"

static const low_value *job(lower *l, const ast_function *f, const low_value *const *arg,
                            const ir_expr *i, const void *site) {
  const low_value *one[] = {arg[1], mst_low_element(l, arg[2], i), mst_low_element(l, arg[3], i),
                            mst_low_element(l, arg[4], i)};
  return mst_low_inline(l, f, one, site);
}

/* The length of a job's result, that of the first; 0 when there is none. Its type goes to *type. */
static ir_expr *length(lower *l, const ast_function *f, const low_value *const *arg,
                       const ast_expr *e, ir_type *type) {
  ir_expr *zero[] = {mst_ir_int(l->c, 0)};
  ir_var *v = mst_low_declare(l, "length", IR_INT, 0, NULL, zero[0]);
  v->constant = false;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, e->loc);
  ir_block *before = l->out;
  s->cond = mst_ir_call2(l->c, IR_GT, mst_low_copy(l, arg[2]->dim[0]), mst_ir_int(l->c, 0));
  l->out = &s->body;
  const low_value *x = job(l, f, arg, mst_ir_int(l->c, 0), arg[0]->ast);
  *type = mst_low_type_of(l, x);
  mst_low_assign(l, v, 0, NULL, mst_low_copy(l, x->dim[0]), false);
  l->out = before;
  if (x->dim[0]->op == IR_CONST_INT) return mst_low_copy(l, x->dim[0]);
  mst_ir_append(l->c, l->out, s);
  return mst_ir_scalar(l->c, v);
}

const low_value *mst_low_map_rect(lower *l, const char *name, const low_value *const *given, int n,
                                  const ast_expr *e) {
  const low_value *arg[5];
  if (strcmp(name, "map_rect") != 0 || n != 5 || given[0]->type.base != LANG_FUNCTION ||
      !given[0]->ast->user)
    return NULL;
  const ast_function *f = given[0]->ast->user;
  arg[0] = given[0];
  for (int i = 1; i < 5; i++) arg[i] = mst_low_cheap(l, given[i]);
  for (int i = 3; i < 5; i++) mst_low_match(l, name, arg[2]->dim[0], arg[i]->dim[0], e->loc);
  ir_type type;
  ir_expr *each = length(l, f, arg, e, &type), *jobs = arg[2]->dim[0], *all = mst_low_copy(l, jobs);
  bool single = mst_ir_is_int(each, 1);
  if (!single) all = mst_low_hold(l, mst_ir_call2(l->c, IR_MUL, all, mst_low_copy(l, each)), "n");
  ir_var *to = mst_low_declare(l, "results", type, 1, &all, NULL);
  to->once = true;
  ir_block *saved, *inner;
  ir_expr *i = mst_ir_scalar(l->c, mst_low_loop_begin(l, jobs, "job", &saved)), *at[LOW_DIMS];
  const low_value *x = mst_low_cheap(l, job(l, f, arg, i, e));
  mst_low_match(l, name, each, x->dim[0], e->loc);
  if (single) {
    ir_expr *zero = mst_ir_int(l->c, 0);
    mst_low_assign(l, to, 1, &i, mst_low_at(l, x, &zero), false);
  } else {
    mst_low_nest_begin(l, x, at, &inner);
    ir_expr *first = mst_ir_call2(l->c, IR_MUL, mst_low_copy(l, i), mst_low_copy(l, each));
    ir_expr *place = mst_ir_call2(l->c, IR_ADD, first, mst_low_copy(l, at[0]));
    mst_low_assign(l, to, 1, &place, mst_low_at(l, x, at), false);
    mst_low_nest_end(l, 1, inner);
  }
  mst_low_loop_end(l, saved);
  return mst_low_variable(l, to, e->type);
}
