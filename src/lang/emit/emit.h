/* lang/emit/emit.h -- IR to C text against masting/model_abi.h. */
#ifndef MST_LANG_EMIT_H
#define MST_LANG_EMIT_H

#include "lang/ir/ir.h"

/* The whole C file of a program that has been lowered (and sharded and optimised): readable,
 * with the model's names and line numbers as comments. In the pool. */
const char *mst_emit(lang_context *c, ir_program *p);

#endif
