/* lang/lower/lower_map.c -- map_rect: a loop over the jobs, whose results stand one after the
 * other, all of one length. A job of one number (a log density, most often) is a row of its own,
 * so that the loop can be cut over the ranks.
 */
#include <string.h>

#include "lang/lower/lower_impl.h"

static const lower_value *job(lower_state *l, const ast_function *f, const lower_value *const *arg,
                              const ir_expr *i, const void *site) {
  const lower_value *one[] = {arg[1], mst_lower_element(l, arg[2], i),
                              mst_lower_element(l, arg[3], i), mst_lower_element(l, arg[4], i)};
  return mst_lower_inline(l, f, one, site);
}

/* The length of a job's result, that of the first; 0 when there is none. Its type goes to *type. */
static ir_expr *length(lower_state *l, const ast_function *f, const lower_value *const *arg,
                       const ast_expr *e, ir_type *type) {
  ir_expr *zero[] = {mst_ir_int(l->c, 0)};
  ir_var *v = mst_lower_declare(l, "length", IR_INT, 0, NULL, zero[0]);
  v->constant = false;
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, e->loc);
  ir_block *before = l->out;
  s->cond = mst_ir_call2(l->c, IR_GT, mst_lower_copy(l, arg[2]->dim[0]), mst_ir_int(l->c, 0));
  l->out = &s->body;
  const lower_value *x = job(l, f, arg, mst_ir_int(l->c, 0), arg[0]->ast);
  *type = mst_lower_type_of(l, x);
  mst_lower_assign(l, v, 0, NULL, mst_lower_copy(l, x->dim[0]), false);
  l->out = before;
  if (x->dim[0]->op == IR_CONST_INT) return mst_lower_copy(l, x->dim[0]);
  mst_ir_append(l->c, l->out, s);
  return mst_ir_scalar(l->c, v);
}

const lower_value *mst_lower_map_rect(lower_state *l, const char *name,
                                      const lower_value *const *given, int n, const ast_expr *e) {
  const lower_value *arg[5];
  if (strcmp(name, "map_rect") != 0 || n != 5 || given[0]->type.base != LANG_FUNCTION ||
      !given[0]->ast->user)
    return NULL;
  const ast_function *f = given[0]->ast->user;
  arg[0] = given[0];
  for (int i = 1; i < 5; i++) arg[i] = mst_lower_cheap(l, given[i]);
  for (int i = 3; i < 5; i++) mst_lower_match(l, name, arg[2]->dim[0], arg[i]->dim[0], e->loc);
  ir_type type;
  ir_expr *each = length(l, f, arg, e, &type), *jobs = arg[2]->dim[0],
          *all = mst_lower_copy(l, jobs);
  bool single = mst_ir_is_int(each, 1);
  if (!single)
    all = mst_lower_hold(l, mst_ir_call2(l->c, IR_MUL, all, mst_lower_copy(l, each)), "n");
  ir_var *to = mst_lower_declare(l, "results", type, 1, &all, NULL);
  to->once = true;
  ir_block *saved, *inner;
  ir_expr *i = mst_ir_scalar(l->c, mst_lower_loop_begin(l, jobs, "job", &saved)), *at[LOWER_DIMS];
  const lower_value *x = mst_lower_cheap(l, job(l, f, arg, i, e));
  mst_lower_match(l, name, each, x->dim[0], e->loc);
  if (single) {
    ir_expr *zero = mst_ir_int(l->c, 0);
    mst_lower_assign(l, to, 1, &i, mst_lower_at(l, x, &zero), false);
  } else {
    mst_lower_nest_begin(l, x, at, &inner);
    ir_expr *first = mst_ir_call2(l->c, IR_MUL, mst_lower_copy(l, i), mst_lower_copy(l, each));
    ir_expr *place = mst_ir_call2(l->c, IR_ADD, first, mst_lower_copy(l, at[0]));
    mst_lower_assign(l, to, 1, &place, mst_lower_at(l, x, at), false);
    mst_lower_nest_end(l, 1, inner);
  }
  mst_lower_loop_end(l, saved);
  return mst_lower_variable(l, to, e->type);
}
