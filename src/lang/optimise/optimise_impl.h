/* lang/optimise/optimise_impl.h -- the passes of the optimiser. All work on a block in place. */
#ifndef MST_LANG_OPTIMISE_IMPL_H
#define MST_LANG_OPTIMISE_IMPL_H

#include "lang/ir/ir_edit.h"
#include "lang/ir/ir_walk.h"
#include "lang/optimise/optimise.h"

typedef struct optimise_state {
  lang_context *c;
  ir_program *p;
  ir_set roots; /* variables that are read elsewhere */
} optimise_state;

/* optimise_sink.c */
/* Declarations go into the loop, branch or scope that alone uses the variable and writes it
 * before it reads it; and take the place of the first assignment. */
void mst_optimise_sink(optimise_state *o, ir_block *b);
/* what nothing reads, neither here nor elsewhere */
void mst_optimise_remove_dead(optimise_state *o, ir_block *b);

/* optimise_hoist.c: what a loop does not change goes before it; terms of target that it does not
 * change are multiplied by its count; division by what it does not change becomes
 * multiplication. */
void mst_optimise_hoist(optimise_state *o, ir_block *b);

/* optimise_unswitch.c: conditions that a loop does not change go around it. */
void mst_optimise_unswitch(optimise_state *o, ir_block *b);

/* optimise_share.c: equal costly expressions of a scope are evaluated once. */
void mst_optimise_share(optimise_state *o, ir_block *b);

#endif
