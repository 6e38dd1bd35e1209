/* store/globals.h -- rank 0's buffer of global parameters and statistics: a few draws of every
 * chain, in the file's order, so that they reach it in pieces and not number by number. Not
 * collective.
 */
#ifndef MST_STORE_GLOBALS_H
#define MST_STORE_GLOBALS_H

#include "data/h5_layout.h"
#include "store/plan.h"

typedef struct mst_globals mst_globals;

/* plan and layout must outlive it. Free with mst_globals_free. */
masting_status mst_globals_make(mst_globals **globals, const mst_plan *plan,
                                const mst_layout *layout, int chains, mst_error *err);
void mst_globals_free(mst_globals **globals);

/* Adds one draw: theta in storage order. Writes when a buffer is full or a second old. */
masting_status mst_globals_put(mst_globals *g, mst_h5_layout *file, mst_phase phase, int chain,
                               int draw, const double *theta, const mst_draw_stats *stats,
                               mst_error *err);

/* Writes what is buffered. */
masting_status mst_globals_flush(mst_globals *g, mst_h5_layout *file, mst_error *err);

#endif
