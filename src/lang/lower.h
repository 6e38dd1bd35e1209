/* lang/lower.h -- a checked AST to IR: functions inlined, containers taken apart, the prelude's
 * distributions put in place. */
#ifndef MST_LANG_LOWER_H
#define MST_LANG_LOWER_H

#include "lang/ast.h"
#include "lang/ir.h"

ir_program *mst_lower(lang_context *c, const ast_program *program, const char *name);

#endif
