/* target/gather.h -- for each block of rows, the groups that its index data refer to; computed once
 * at load. Not collective. */
#ifndef MST_TARGET_GATHER_H
#define MST_TARGET_GATHER_H

#include "target/pass.h"

/* Makes the plans of all gathers of the target's model from this rank's index data, which is
 * checked, and finds what none of them picks from. */
masting_status mst_gathers_make(struct mst_target *target, mst_error *err);
void mst_gather_free(mst_gather_plan *plan);

#endif
