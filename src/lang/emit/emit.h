/* lang/emit/emit.h -- IR to C text against masting/model_abi.h. */
#ifndef MST_LANG_EMIT_H
#define MST_LANG_EMIT_H

#include "lang/ir/ir.h"

/* The whole C file of a program that has been lowered (and cut and optimised) and differentiated:
 * readable, with the model's names and line numbers as comments. In the pool. Makes names, and
 * variables for its own use; statements stay as they are. */
const char *mst_emit(lang_context *c, ir_program *p);

/* An int of the data whose value may be given when the C is compiled: -D'MASTING_KNOWN_D(x)=2'
 * makes loops over D loops of two iterations. Setup refuses data with another value. */
bool mst_emit_may_be_known(const ir_program *p, const ir_var *v);

#endif
