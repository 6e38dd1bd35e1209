/* lang/ir/ir_uses.h -- which statements of a block mention a variable: found once for all of the
 * block's variables, so that a pass that asks for each takes time in proportion to the block. */
#ifndef MST_LANG_IR_USES_H
#define MST_LANG_IR_USES_H

#include "lang/ir/ir_table.h"

typedef struct ir_uses {
  ir_table of; /* by variable */
  int epoch;   /* which block the entries are of */
  int nstmts;
} ir_uses;

ir_uses mst_ir_uses(lang_context *c);
/* Looks through the statements of b and those within them; forgets another block's. Statements that
 * are NULL mention nothing. */
void mst_ir_uses_of(ir_uses *u, const ir_block *b);
/* The first statement of the block from `from` on that mentions v; their number: none. */
int mst_ir_uses_first(ir_uses *u, const ir_var *v, int from);
void mst_ir_uses_add(ir_uses *u, const ir_var *v,
                     int at);                            /* statement `at` mentions v from now on */
int mst_ir_uses_writes(ir_uses *u, const ir_var *v);     /* how often it is written */
int mst_ir_uses_last_write(ir_uses *u, const ir_var *v); /* by which statement last; -1 */

#endif
