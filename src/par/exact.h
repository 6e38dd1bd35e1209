/* par/exact.h -- sums whose bits do not depend on order: fixed-point numbers in 64-bit limbs.
 *
 * A value is three limbs with units 2^-76, 2^-28 and 2^20: 1.3e-23 fine, up to 2^60 = 1.2e18 a
 * summand. A double is cut into three signed digits of at most 2^47 (by adding and subtracting a
 * large constant, which rounds exactly) and the digits are added to the limbs; integer addition
 * is associative, so threads and ranks may add in any order. 2^16 summands fit before carries
 * must be passed on (mst_exact_carry), and after that 2^15 ranks. The final rounding acts on the
 * canonical form, which is unique: the result is the same bits wherever it is formed. A summand
 * that is not finite or too large is left out and flagged: its lane's total is NaN.
 *
 * After the idea of long accumulators, Kulisch 2013, "Computer Arithmetic and Validity"; digits
 * by error-free extraction as in Demmel and Nguyen 2015, "Parallel reproducible summation", IEEE
 * Trans. Comput. 64(7).
 *
 * Layout of an accumulator of n values: int64 [n][MST_LIMBS][lanes]. Not collective.
 */
#ifndef MST_PAR_EXACT_H
#define MST_PAR_EXACT_H

#include <stdint.h>

#define MST_LIMBS 3
#define MST_LIMB_BITS 48
#define MST_EXACT_MAX 0x1p60
#define MST_EXACT_TINY 0x1p-43           /* of a sum below it fewer than 33 bits are left */
#define MST_EXACT_MAX_DEPOSITS (1 << 15) /* between two calls of mst_exact_carry */

#define MST_UNIT0 0x1p-76
#define MST_UNIT1 0x1p-28
#define MST_UNIT2 0x1p20

/* Brings one value's limbs (at stride) to canonical form: the lower two in [-2^47, 2^47). */
static inline void mst_exact_carry(int64_t *limb, int stride) {
  const int64_t half = INT64_C(1) << (MST_LIMB_BITS - 1);
  int64_t c = (limb[0] + half) >> MST_LIMB_BITS;
  limb[0] -= c * (INT64_C(1) << MST_LIMB_BITS);
  limb[stride] += c;
  c = (limb[stride] + half) >> MST_LIMB_BITS;
  limb[stride] -= c * (INT64_C(1) << MST_LIMB_BITS);
  limb[2 * stride] += c;
}

/* The double nearest to a canonical value (within one unit in the last place). */
static inline double mst_exact_value(const int64_t *limb, int stride) {
  double low = (double)limb[stride] * MST_UNIT1 + (double)limb[0] * MST_UNIT0;
  return (double)limb[2 * stride] * MST_UNIT2 + low;
}

#endif
