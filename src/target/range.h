/* target/range.h -- sums of any magnitude: which scale each sum's fixed-point numbers have.
 *
 * A sum of par/exact.h takes summands up to 2^60 and loses what is below 2^-76. A sum of a lane
 * whose summands do not fit is scaled by a power of two, so that they do: rows then add x *
 * scale, and the total is divided by it, both without rounding. A block's sum is itself rounded
 * at 2^-53 of its size, and a scaled sum keeps 2^-76 of the largest block's, so nothing is lost
 * that there was.
 *
 * Scales are the same on all ranks, since all follow from reduced numbers: the message's flags
 * tell that a lane has summands beyond the range, or so far below it that a gradient would be
 * lost (looked for at each lane's first finite point, and in every step once sums of the target
 * were scaled). Then the rows are swept twice more, once for the largest summand of every sum (a
 * maximum needs no order), once with the new scales. A step that is not flagged costs nothing;
 * scales stay until sums leave their range again.
 */
#ifndef MST_TARGET_RANGE_H
#define MST_TARGET_RANGE_H

#include "target/pass.h"

/* Not collective. */
void mst_range_begin(mst_target *target, mst_error *err);
void mst_range_end(mst_target *target);

/* What a rank tells of a lane, to be summed over ranks. */
int64_t mst_range_word(const mst_target *target, int64_t slot);

/* Collective, after the first reduction of a step whose words are `word` [batches * lanes]:
 * sweeps and reduces again where sums need another scale, undoes the scales of target->total,
 * and makes the log densities of lanes NaN that are not finite somewhere. Fails only by MPI. */
masting_status mst_range_settle(mst_target *target, int nextra, int64_t *word, mst_error *err);

#endif
