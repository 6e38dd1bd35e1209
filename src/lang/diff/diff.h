/* lang/diff/diff.h -- reverse-mode differentiation, IR to IR.
 *
 * For a block whose outputs are additions to target: a block that computes target and adds to
 * the adjoints of the active variables given from outside. See diff.c for the scheme (store what
 * is overwritten, sweep back; loops that only add to target run forward and backward at once).
 * After Griewank and Walther 2008, "Evaluating Derivatives", chapters 4 and 6; Hascoet and
 * Pascual 2013 (the Tapenade tool).
 */
#ifndef MST_LANG_DIFF_H
#define MST_LANG_DIFF_H

#include "lang/ir/ir.h"

/* Active inputs (IR_THETA, IR_ROW_THETA, IR_SHARED lanes) get an adjoint variable, role
 * IR_ADJOINT with the dims of the variable (var->adjoint). When `split`, forward and reverse
 * become two functions: what reverse reads of forward's variables is marked persistent.
 * Variables in `seeded` (density block, those that rows read) have adjoints that start from
 * outside instead of from zero. */
ir_gradient mst_diff(lang_context *c, ir_program *p, const ir_block *block, bool split,
                     ir_var *const *seeded, int nseeded);

/* The pass: differentiates the density, the rows, the slopes of normals and the right-hand sides of
 * differential equations of a program; results go to p->density_gradient and the like. Once. */
void mst_diff_program(lang_context *c, ir_program *p);

#endif
