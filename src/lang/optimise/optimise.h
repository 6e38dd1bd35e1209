/* lang/optimise/optimise.h -- IR to IR, before differentiation: sinks declarations into the loop
 * that alone uses them, hoists what a loop does not change, shares equal subexpressions within a
 * block. */
#ifndef MST_LANG_OPTIMISE_H
#define MST_LANG_OPTIMISE_H

#include "lang/ir/ir.h"

void mst_optimise(lang_context *c, ir_program *p, ir_block *block);
/* The pass: every block that runs more than once. */
void mst_optimise_program(lang_context *c, ir_program *p);

#endif
