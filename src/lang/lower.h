/* lang/lower.h -- a checked AST to IR: functions inlined, containers taken apart, the prelude's
 * distributions put in place. */
#ifndef MST_LANG_LOWER_H
#define MST_LANG_LOWER_H

#include "lang/ast.h"
#include "lang/ir.h"

/* shard: name of the int data variable whose rows are to be cut (loops over it are made outermost, and
 * parameters of that size are row-local), NULL: chosen, "none": none. */
ir_program *mst_lower(lang_context *c, const ast_program *program, const char *name, const char *shard);

#endif
