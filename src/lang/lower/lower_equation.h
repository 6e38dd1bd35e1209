/* lang/lower/lower_equation.h -- functions of the user's that a routine solves, integrates or
 * finds a root of: the call that becomes a sub-program, see ir_ode.h.
 *
 *   begin    in and size of the routine, names of the sub-program's variables, by the caller
 *   hand     a further argument: lanes go to p, data and ints to the block under names of its own
 *   inline   the function, once all arguments have been handed
 *   end      the routine is called, its result is declared
 */
#ifndef MST_LANG_LOWER_EQUATION_H
#define MST_LANG_LOWER_EQUATION_H

#include "lang/ir/ir_ode.h"
#include "lang/lower/lower_impl.h"

typedef struct lower_equation {
  lower_state *l;
  ir_ode *ode;
  ir_stmt *s;
  ir_expr *outer, *inner;   /* elements of p so far: as the caller counts them, and the block */
  const lower_value **lane; /* values whose elements go to p */
  int nlanes;
  const char *counted; /* what the function must return n of, for a message */
} lower_equation;

/* For a call of f by `site`: a routine of that name. */
lower_equation mst_lower_equation_make(lower_state *l, const char *kind, const char *method,
                                       const ast_function *f, const ast_expr *site);
/* One of the first inputs, and the sizes T and n; before _open. */
void mst_lower_equation_input(lower_equation *k, ir_var *v);
void mst_lower_equation_sizes(lower_equation *k, const ir_expr *times, const ir_expr *states);
/* Names of t, y, p and dydt in the block. */
void mst_lower_equation_open(lower_equation *k);
/* What the function's parameter d is, in the block. */
const lower_value *mst_lower_equation_hand(lower_equation *k, const lower_value *v,
                                           const ast_decl *d);
/* The function of these values of the block, called. */
void mst_lower_equation_inline(lower_equation *k, const ast_function *f, const lower_value **arg,
                               const ast_expr *site);
/* Appends the routine; its result, of these dimensions. */
ir_var *mst_lower_equation_end(lower_equation *k, int ndims, ir_expr *const *dim);

/* A scalar in a variable. */
ir_var *mst_lower_held(lower_state *l, const lower_value *v, const char *name);
/* Three numbers in a variable: those given, where given, else the others. */
ir_var *mst_lower_control(lower_state *l, const lower_value *const given[3],
                          const double otherwise[3]);

#endif
