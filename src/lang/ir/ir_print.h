/* lang/ir/ir_print.h -- the intermediate representation as text, in the form that docs/ir.md
 * defines: for `masting compile --emit-ir`, for tests and for the debugger. Not collective. */
#ifndef MST_LANG_IR_PRINT_H
#define MST_LANG_IR_PRINT_H

#include <stdio.h>

#include "lang/ir/ir.h"

void mst_ir_print(FILE *f, const ir_program *p);
void mst_ir_print_name(FILE *f,
                       const ir_var *v); /* without the mark that names in C have (ir_names.c) */
void mst_ir_print_var(FILE *f, const ir_var *v);                /* `real x[N, 2]` */
void mst_ir_print_expr(FILE *f, const ir_expr *e);              /* with all parentheses */
void mst_ir_print_block(FILE *f, const ir_block *b, int depth); /* lines, indented by depth */
/* What mst_ir_print prints; in the pool. */
const char *mst_ir_text(lang_context *c, const ir_program *p);
const char *mst_ir_expr_text(lang_context *c, const ir_expr *e);

#endif
