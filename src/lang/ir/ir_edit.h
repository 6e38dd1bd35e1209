/* lang/ir/ir_edit.h -- the intermediate representation changed in place: statements inserted and
 * removed, expressions visited to be rewritten, variables marked. Not collective; what is made
 * lives in the context's pool. */
#ifndef MST_LANG_IR_EDIT_H
#define MST_LANG_IR_EDIT_H

#include "lang/ir/ir.h"

void mst_ir_insert(lang_context *c, ir_block *b, int at, ir_stmt *s); /* before statement `at` */
void mst_ir_remove(ir_block *b, int at);
/* Declares a constant with the value before statement `at` of the block; returns a load of it. */
ir_expr *mst_ir_name_before(lang_context *c, ir_program *p, ir_block *b, int at, ir_expr *value,
                            const char *name);

/* Calls f for every statement of the block, nested ones included, each before what is in it. */
typedef void ir_edit_stmt(void *context, ir_stmt *s);
void mst_ir_edit_stmts(ir_block *b, ir_edit_stmt *f, void *context);
/* Calls f for every expression node of the block, each before its arguments; sizes of
 * declarations are included. f may replace the node's contents and arguments. */
typedef void ir_edit_expr(void *context, ir_expr *e);
void mst_ir_edit_exprs(ir_block *b, ir_edit_expr *f, void *context);

/* Marks the variables of a block whose elements are written once (ir_once.c). */
void mst_ir_mark_once(lang_context *c, ir_program *p, const ir_block *b);
/* Variables marked `unset` that may be read before they have a value are NaN until then; ints:
 * INT32_MIN (ir_unset.c). */
void mst_ir_fill_unset(lang_context *c, ir_program *p, ir_block *b);

#endif
