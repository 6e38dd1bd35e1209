/* lang/ir/ir_verify.h -- what holds of a program between passes, checked.
 *
 * Of each function that the emitter will make of the program (setup, the density before it is
 * differentiated, the sweeps in the scopes in which they run after it, rows, generated quantities,
 * equations, the functions of a tile):
 *   - a variable is declared before it is used, in a scope that still lasts, and once;
 *   - an index is an int and there are as many as dimensions; nothing is stored in a narrower type;
 *   - what is loaded is stored somewhere before the function ends, or comes from outside;
 * and of the whole program: every variable is in p->var under its id, and its name is its own
 * and has the mark of names in the emitted C (ir_names.c), so that neither a keyword nor an
 * argument of the runtime can be meant. A fault is a mistake of the compiler and ends the
 * compilation. */
#ifndef MST_LANG_IR_VERIFY_H
#define MST_LANG_IR_VERIFY_H

#include "lang/ir/ir.h"

/* after: the name of the pass that ran last, for the message. */
void mst_ir_verify(lang_context *c, const ir_program *p, const char *after);

#endif
