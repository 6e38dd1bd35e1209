/* target/gather.h -- which groups a block of rows touches, made once at load. Not collective. */
#ifndef MST_TARGET_GATHER_H
#define MST_TARGET_GATHER_H

#include "target/pass.h"

/* Makes the plan of gather g of the target's model from this rank's index data. */
masting_status mst_gather_make(mst_gather_plan *plan, const struct mst_target *target, int g,
                               mst_error *err);
void mst_gather_free(mst_gather_plan *plan);

#endif
