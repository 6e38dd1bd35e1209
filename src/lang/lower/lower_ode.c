/* lang/lower/lower_ode.c -- differential equations: ode_rk45 and its like, integrate_ode_rk45
 * and its like. See ir_ode.h. */
#include <string.h>

#include "lang/lower/lower_equation.h"

/* Tolerances and steps as Stan has them. */
static const struct {
  const char *name;
  double control[3];
  bool one_time; /* solved chain after chain */
} methods[] = {{"rk45", {1e-6, 1e-6, 1e6}, false},
               {"ckrk", {1e-6, 1e-6, 1e6}, false},
               {"bdf", {1e-10, 1e-10, 1e8}, true},
               {"adams", {1e-10, 1e-10, 1e8}, true}};

/* extra: arguments that the function has beyond t and y. */
static const lower_value *solve(lower_state *l, int method, const ast_expr *e,
                                const lower_value *const *arg, const lower_value *const *tolerance,
                                const lower_value *const *extra) {
  static const lower_value *const none[3] = {NULL, NULL, NULL};
  const ast_function *f = arg[0]->ast->user;
  lower_equation k = mst_lower_equation_make(l, "ode", methods[method].name, f, e);
  ir_ode *ode = k.ode;
  ir_var *in[] = {mst_lower_whole(l, arg[1], IR_REAL)->var, mst_lower_held(l, arg[2], "t0"),
                  mst_lower_whole(l, arg[3], IR_REAL)->var,
                  mst_lower_control(l, tolerance ? tolerance : none, methods[method].control)};
  for (int i = 0; i < 4; i++) mst_lower_equation_input(&k, in[i]);
  mst_lower_equation_sizes(&k, in[IR_ODE_TS]->dim[0], in[IR_ODE_Y0]->dim[0]);
  k.counted = "derivatives of the states";
  ode->t0_varies = in[IR_ODE_T0]->type == IR_LANE;
  ode->ts_vary = in[IR_ODE_TS]->type == IR_LANE;
  ode->y0_varies = in[IR_ODE_Y0]->type == IR_LANE || ode->t0_varies;
  ode->one_time = methods[method].one_time;
  mst_lower_equation_open(&k);
  const lower_value **inner = MST_LANG_ARRAY(l->c, const lower_value *, f->nargs);
  inner[0] = mst_lower_variable(l, ode->t, f->arg[0]->type);
  inner[1] = mst_lower_variable(l, ode->y, f->arg[1]->type);
  for (int i = 2; i < f->nargs; i++)
    inner[i] = mst_lower_equation_hand(&k, extra[i - 2], f->arg[i]);
  mst_lower_equation_inline(&k, f, inner, e);
  return mst_lower_variable(l, mst_lower_equation_end(&k, 2, k.s->size), e->type);
}

const lower_value *mst_lower_ode(lower_state *l, const char *name, const lower_value *const *arg,
                                 int n, const ast_expr *e) {
  bool old = !strncmp(name, "integrate_ode_", 14);
  if ((!old && strncmp(name, "ode_", 4) != 0) || n < 4 || arg[0]->type.base != LANG_FUNCTION)
    return NULL;
  const char *method = name + (old ? 14 : 4);
  size_t length = strcspn(method, "_");
  bool tolerances = old ? n == 10 : !strcmp(method + length, "_tol");
  for (int i = 0; i < (int)(sizeof methods / sizeof *methods); i++)
    if (strlen(methods[i].name) == length && !strncmp(method, methods[i].name, length))
      return solve(l, i, e, arg, tolerances ? arg + (old ? 7 : 4) : NULL,
                   arg + (old || !tolerances ? 4 : 7));
  return NULL;
}
