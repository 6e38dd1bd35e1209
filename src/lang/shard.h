/* lang/shard.h -- cuts the rows out of a lowered program.
 *
 * A statement of the density block is sharded when it is a loop over the sharded size that reads and writes
 * variables of that size at the loop's row only, and otherwise only reads replicated values and adds to
 * target. Such loops are fused in program order into p->rows. */
#ifndef MST_LANG_SHARD_H
#define MST_LANG_SHARD_H

#include "lang/ir.h"

/* name: the int data variable to cut; NULL: the one whose data is largest in dimensions; "none": nothing.
 * *report (in the pool): which size, which variables are local, which statement runs where and why not. */
void mst_shard(lang_context *c, ir_program *p, const char *name, const char **report);

#endif
