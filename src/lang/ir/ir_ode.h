/* lang/ir/ir_ode.h -- a differential equation, a system of algebraic equations or an integral in
 * the IR: the sub-program of an IR_ROUTINE that solves it.
 *
 * The routine (masting/stan/ode.h, root.h, quadrature.h) has
 *   in    y0[n], t0, ts[T], control[3] (tolerances, steps), data..., and p[np] where lanes are
 *   handed on
 *   size  T, n, np, then ints...
 *   out   y[T, n], and where something is a lane the sensitivities [T * n, columns]
 * The right-hand side is inlined once into a block of its own, which reads t, y, p and its own
 * names for data and ints, and writes dydt. It works on lanes, whatever the solution is needed
 * for.
 *
 * Of algebraic equations y0 is the guess, y the unknowns, dydt what is to be 0; there is no time
 * (in[] has control in its place), T is 1, out is y[n]. Of an integral t is the variable, y[0] its
 * distance to the nearer limit, dydt[0] the integrand; t0 and ts are the limits (y0: control), T
 * and n are 1, out is y[1].
 */
#ifndef MST_LANG_ODE_H
#define MST_LANG_ODE_H

#include "lang/ir/ir.h"

enum { IR_ODE_Y0, IR_ODE_T0, IR_ODE_TS, IR_ODE_CONTROL, IR_ODE_DATA }; /* in */
enum { IR_ODE_TIMES, IR_ODE_STATES, IR_ODE_PARAMETERS, IR_ODE_INTS };  /* size */

typedef enum ir_ode_kind { IR_ODE_DIFFERENTIAL, IR_ODE_ALGEBRAIC, IR_ODE_INTEGRAL } ir_ode_kind;

typedef struct ir_ode {
  ir_ode_kind kind;
  const char *method;   /* "rk45", "ckrk", "bdf", "adams"; "newton", "powell"; "double_exponential",
                         "gauss_kronrod" */
  const char *function; /* its name in the model */
  const char *name;     /* of the emitted functions; NULL: not emitted yet */
  bool one_time;        /* t is the same in all lanes, IR_REAL */
  bool y0_varies, t0_varies, ts_vary; /* sensitivities by them; y0 also where only t0 is a lane */
  ir_var *t, *y, *p, *dydt;           /* p: NULL without lanes */
  ir_var **data;                      /* the block's names for in[IR_ODE_DATA ...] */
  int ndata;
  /* and for size[IR_ODE_STATES], [IR_ODE_PARAMETERS], [IR_ODE_INTS ...] in this order */
  ir_var **integer;
  int nints;
  ir_block block;
  bool differentiated;  /* somebody asks for derivatives of dydt */
  ir_gradient gradient; /* diff.h: of dydt */
} ir_ode;

#endif
