/* lang/ir/ir_table.h -- a table with an entry for each variable of a program, by id.
 *
 * Passes make variables while they run, so an array of p->nvars entries is too short by its end.
 * A table has an entry for every variable there will ever be: all zero bytes until it is written.
 * Entries stay where they are, so that a pointer to one may be kept. Memory: the context's pool. */
#ifndef MST_LANG_IR_TABLE_H
#define MST_LANG_IR_TABLE_H

#include "lang/ir/ir.h"

typedef struct ir_table {
  lang_context *c;
  size_t size; /* of an entry, bytes */
  char **part; /* of 64 entries each; NULL: not asked for yet */
  int nparts;
} ir_table;

ir_table mst_ir_table(lang_context *c, size_t size); /* an empty table of entries of `size` bytes */
void *mst_ir_entry(ir_table *t, const ir_var *v);    /* the entry of v */

#endif
