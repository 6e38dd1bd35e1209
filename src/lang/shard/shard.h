/* lang/shard/shard.h -- cuts the rows out of a lowered program.
 *
 * A statement is sharded when it is a loop over the sharded size whose body touches variables of
 * that size at the loop's row only, writes nothing else, and otherwise only reads replicated
 * values and adds to target. Such loops are taken out of where they stand (loops around them are
 * distributed, conditions around them repeated) and fused in program order into p->rows,
 * p->phase[].rows and p->generate_rows. A variable that some statement needs at other rows
 * becomes replicated (shard_whole.c). What has no data of rows in it but stands in the density
 * block is computed at load.
 */
#ifndef MST_LANG_SHARD_H
#define MST_LANG_SHARD_H

#include "lang/ir/ir.h"
#include "lang/lower/lower.h"

/* Cuts p, which was lowered for p->shard_size with *whole. Returns false when that cannot be
 * done: p is then of no use and the program is to be lowered again, with more parameters in
 * *whole when they were put there, else with shard "none". *report (in the pool): the size,
 * where each variable lives, which statement runs where, and why not. */
bool mst_cut(lang_context *c, ir_program *p, lang_whole *whole, const char **report);

/* Replaces ints that are copies of a size or a counter by it. Before all else of the cut. */
void mst_cut_copies(lang_context *c, ir_program *p);

/* Local sums that only target reads become additions to target, so that loops that add to them
 * are row loops. Before mst_cut. */
void mst_cut_sums(lang_context *c, ir_program *p);

/* What the density adds to target from data alone is added up once, in setup. Before
 * mst_cut_load_time. */
void mst_cut_constants(lang_context *c, ir_program *p);

/* Moves what depends on data alone from the density block to setup. Before mst_cut. */
void mst_cut_load_time(lang_context *c, ir_program *p);

#endif
