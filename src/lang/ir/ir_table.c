/* lang/ir/ir_table.c -- see ir_table.h. */
#include "lang/ir/ir_table.h"

#include <string.h>

enum { IR_TABLE_PART = 64 };

ir_table mst_ir_table(lang_context *c, size_t size) { return (ir_table){.c = c, .size = size}; }

static void grow(ir_table *t, int parts) {
  const int n = parts > 2 * t->nparts ? parts : 2 * t->nparts;
  char **part = MST_LANG_ARRAY(t->c, char *, n);
  if (t->nparts > 0) memcpy(part, t->part, (size_t)t->nparts * sizeof *part);
  t->part = part;
  t->nparts = n;
}

void *mst_ir_entry(ir_table *t, const ir_var *v) {
  const int at = v->id / IR_TABLE_PART;
  if (at >= t->nparts) grow(t, at + 1);
  if (!t->part[at]) t->part[at] = mst_lang_alloc(t->c, IR_TABLE_PART * t->size);
  return t->part[at] + (size_t)(v->id % IR_TABLE_PART) * t->size;
}
