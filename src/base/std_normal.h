/* base/std_normal.h -- standard normal deviates by address, many at once; hot, compiled per SIMD
 * level.
 *
 * Element i of a stream is always the same number, whichever elements are asked for together:
 * elements 4j .. 4j+3 are the two Box-Muller pairs of the stream's j-th counter (Box and Muller
 * 1958). The bits may differ between SIMD levels, not within one. Not collective.
 */
#ifndef MST_BASE_STD_NORMAL_H
#define MST_BASE_STD_NORMAL_H

#include "base/isa.h"
#include "base/rng.h"

/* out[0 .. count-1] = elements first .. first+count-1; first must be a multiple of 4; out has room
 * for count rounded up to a multiple of 32. */
typedef void mst_std_normal_fn(uint64_t seed, uint64_t chain, uint64_t epoch, mst_use use,
                               uint64_t first, int64_t count, double *out);

mst_std_normal_fn *mst_std_normal(mst_isa isa);

#endif
