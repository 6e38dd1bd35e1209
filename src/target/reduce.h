/* target/reduce.h -- within the room: one reduction, before scales (range.h) are looked at. */
#ifndef MST_TARGET_REDUCE_H
#define MST_TARGET_REDUCE_H

#include "target/pass.h"

/* Collective, one MPI_Allreduce. Threads' sums to totals, in the scales of the sums; word
 * [batches * lanes]: the lanes' flags (mst_range_word), summed over ranks. Stops all ranks when the
 * hashes differ. Fails only by MPI. */
masting_status mst_target_sum(mst_target *target, int nextra, int64_t *word, mst_error *err);

#endif
