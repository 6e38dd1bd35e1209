/* par/longsum.h -- exact sums of doubles of any magnitude, for what is summed once and not in every
 * step (that is par/exact.h).
 *
 * All bits that a double can have, from 2^-1074 up, stand in 64-bit words of 32 bits each, and
 * the rest of each word takes carries: integer additions, which are associative, so order,
 * threads and ranks do not matter. After Kulisch 2013, "Computer Arithmetic and Validity", and
 * Neal 2015, "Fast exact summation using small and large superaccumulators", arXiv:1505.05571.
 * Not collective.
 */
#ifndef MST_PAR_LONGSUM_H
#define MST_PAR_LONGSUM_H

#include <stdint.h>

#define MST_LONG_DIGITS 68 /* words of 32 bits: 2^-1074 to 2^1024 and 2^78 carries */
/* and counts: NaN, inf, -inf, additions since a carry */
#define MST_LONG_WORDS (MST_LONG_DIGITS + 4)

/* Adds x to a sum, which begins as zeros. */
void mst_long_add(int64_t *sum, double x);

/* Adds another sum, which has been carried or added to fewer than 2^29 times since. */
void mst_long_join(int64_t *sum, const int64_t *other);

/* Passes carries on: after it up to 2^30 sums that were carried may be added word by word. */
void mst_long_carry(int64_t *sum);

/* The sum as a double: within an ulp of it, and the same for equal sums. It is carried. */
double mst_long_value(int64_t *sum);

#endif
