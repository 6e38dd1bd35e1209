/* lang/lower/lower_solve.c -- roots and integrals of functions of the user's: solve_newton,
 * solve_powell, algebra_solver and its like, integrate_1d and its like. See ir_ode.h. */
#include <string.h>

#include "lang/lower/lower_equation.h"

/* first: number of the argument that tolerances begin with, tolerances: how many there are; extra:
 * of the first argument that is handed on. control: as Stan has it; of an integral the tolerance,
 * the absolute one, and refinements: 0 is as many as Stan has for the kind of interval. */
static const struct {
  const char *name, *method;
  ir_ode_kind kind;
  int nargs; /* 0: any number */
  int first, tolerances, extra;
  double control[3];
} calls[] = {
    {"solve_newton", "newton", IR_ODE_ALGEBRAIC, 0, 2, 0, 2, {1e-3, 1e-6, 200}},
    {"solve_newton_tol", "newton", IR_ODE_ALGEBRAIC, 0, 2, 3, 5, {0}},
    {"solve_powell", "powell", IR_ODE_ALGEBRAIC, 0, 2, 0, 2, {1e-10, 1e-6, 200}},
    {"solve_powell_tol", "powell", IR_ODE_ALGEBRAIC, 0, 2, 3, 5, {0}},
    {"algebra_solver_newton", "newton", IR_ODE_ALGEBRAIC, 5, 5, 0, 2, {1e-3, 1e-6, 200}},
    {"algebra_solver_newton", "newton", IR_ODE_ALGEBRAIC, 8, 5, 3, 2, {0}},
    {"algebra_solver", "powell", IR_ODE_ALGEBRAIC, 5, 5, 0, 2, {1e-10, 1e-6, 1000}},
    {"algebra_solver", "powell", IR_ODE_ALGEBRAIC, 8, 5, 3, 2, {0}},
    {"integrate_1d", "double_exponential", IR_ODE_INTEGRAL, 6, 6, 0, 3, {0x1p-26, 0, 0}},
    {"integrate_1d", "double_exponential", IR_ODE_INTEGRAL, 7, 6, 1, 3, {0, 0, 0}},
    {"integrate_1d_double_exponential",
     "double_exponential",
     IR_ODE_INTEGRAL,
     0,
     3,
     0,
     3,
     {0x1p-26, 0, 15}},
    {"integrate_1d_double_exponential_tol", "double_exponential", IR_ODE_INTEGRAL, 0, 3, 3, 6, {0}},
    {"integrate_1d_gauss_kronrod", "gauss_kronrod", IR_ODE_INTEGRAL, 0, 3, 0, 3, {0x1p-26, 0, 15}},
    {"integrate_1d_gauss_kronrod_tol", "gauss_kronrod", IR_ODE_INTEGRAL, 0, 3, 3, 6, {0}}};

/* The unknowns, or the variable and its distance to a limit. */
static void begin(lower_equation *k, const lower_value *const *arg, ir_var *control,
                  const lower_value **inner, const ast_function *f) {
  lower_state *l = k->l;
  ir_ode *ode = k->ode;
  ir_expr *one = mst_ir_int(l->c, 1);
  if (ode->kind == IR_ODE_ALGEBRAIC) {
    ir_var *guess = mst_lower_whole(l, arg[1], IR_REAL)->var;
    ir_var *in[] = {guess, control, control, control};
    for (int i = 0; i < 4; i++) mst_lower_equation_input(k, in[i]);
    mst_lower_equation_sizes(k, one, guess->dim[0]);
    ode->one_time = true; /* chain after chain, with Jacobians */
    k->counted = "values of the function for a root; one for each unknown";
    mst_lower_equation_open(k);
    inner[0] = mst_lower_variable(l, ode->y, f->arg[0]->type);
    return;
  }
  ir_var *in[] = {control, mst_lower_held(l, arg[1], "lower"), mst_lower_held(l, arg[2], "upper"),
                  control};
  for (int i = 0; i < 4; i++) mst_lower_equation_input(k, in[i]);
  mst_lower_equation_sizes(k, one, one);
  ode->t0_varies = in[IR_ODE_T0]->type == IR_LANE;
  ode->ts_vary = in[IR_ODE_TS]->type == IR_LANE;
  mst_lower_equation_open(k);
  ir_expr *zero = mst_ir_int(l->c, 0);
  inner[0] = mst_lower_variable(l, ode->t, f->arg[0]->type);
  inner[1] = mst_lower_scalar(l, mst_ir_load(l->c, ode->y, 1, &zero), LANG_REAL);
}

static const lower_value *solve(lower_state *l, int which, const ast_expr *e,
                                const lower_value *const *arg) {
  const ast_function *f = arg[0]->ast->user;
  const lower_value *given[3] = {NULL, NULL, NULL};
  const bool integral = calls[which].kind == IR_ODE_INTEGRAL;
  for (int i = 0; i < calls[which].tolerances; i++) given[i] = arg[calls[which].first + i];
  lower_equation k =
      mst_lower_equation_make(l, integral ? "integral" : "root", calls[which].method, f, e);
  k.ode->kind = calls[which].kind;
  const lower_value **inner = MST_LANG_ARRAY(l->c, const lower_value *, f->nargs);
  begin(&k, arg, mst_lower_control(l, given, calls[which].control), inner, f);
  for (int i = integral ? 2 : 1, from = calls[which].extra; i < f->nargs; i++, from++)
    inner[i] = mst_lower_equation_hand(&k, arg[from], f->arg[i]);
  mst_lower_equation_inline(&k, f, inner, e);
  ir_var *y = mst_lower_equation_end(&k, 1, k.s->size + IR_ODE_STATES);
  if (!integral) return mst_lower_variable(l, y, e->type);
  ir_expr *zero = mst_ir_int(l->c, 0);
  return mst_lower_scalar(l, mst_ir_load(l->c, y, 1, &zero), LANG_REAL);
}

const lower_value *mst_lower_solve(lower_state *l, const char *name, const lower_value *const *arg,
                                   int n, const ast_expr *e) {
  for (int i = 0; i < (int)(sizeof calls / sizeof *calls); i++)
    if (strcmp(name, calls[i].name) == 0 && (!calls[i].nargs || calls[i].nargs == n))
      return solve(l, i, e, arg);
  return NULL;
}
