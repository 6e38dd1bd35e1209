/* par/exact_lanes.h -- depositing lane vectors into exact accumulators; hot, compiled per lane
 * width.
 *
 * Not collective. See exact.h for the representation.
 */
#ifndef MST_PAR_EXACT_LANES_H
#define MST_PAR_EXACT_LANES_H

#include <masting/lanes.h>

#include "par/exact.h"

static inline vmask mst_bits_(vreal x) {
  vmask m;
  memcpy(&m, &x, sizeof m);
  return m;
}

/* Adds x to one value's limbs acc[MST_LIMBS]; bad lanes are set in *bad and add nothing. */
static inline void mst_deposit(vmask *acc, vreal x, vmask *bad) {
  const vreal m2 = v_all(0x1.8p52 * MST_UNIT2), m1 = v_all(0x1.8p52 * MST_UNIT1),
              m0 = v_all(0x1.8p52 * MST_UNIT0);
  vmask good = v_lt(v_abs(x), v_all(MST_EXACT_MAX)); /* false for NaN */
  *bad |= ~good;
  x = v_where(good, x, v_all(0.0));
  vreal t2 = x + m2;
  acc[2] += mst_bits_(t2) - mst_bits_(m2);
  x -= t2 - m2;
  vreal t1 = x + m1;
  acc[1] += mst_bits_(t1) - mst_bits_(m1);
  x -= t1 - m1;
  vreal t0 = x + m0;
  acc[0] += mst_bits_(t0) - mst_bits_(m0);
}

/* One value's limbs acc[MST_LIMBS] to canonical form, and their totals: mst_exact_carry and
 * mst_exact_value for all lanes at once. */
static inline vreal mst_exact_total(vmask *acc) {
#if MASTING_LANES == 1
  mst_exact_carry(acc, 1);
  return mst_exact_value(acc, 1);
#else
  const vmask half = (INT64_C(1) << (MST_LIMB_BITS - 1)) - (vmask){0};
  vmask c = (acc[0] + half) >> MST_LIMB_BITS;
  acc[0] -= c << MST_LIMB_BITS;
  acc[1] += c;
  c = (acc[1] + half) >> MST_LIMB_BITS;
  acc[1] -= c << MST_LIMB_BITS;
  acc[2] += c;
  vreal low = __builtin_convertvector(acc[1], vreal) * MST_UNIT1;
  low += __builtin_convertvector(acc[0], vreal) * MST_UNIT0;
  return __builtin_convertvector(acc[2], vreal) * MST_UNIT2 + low;
#endif
}

/* The same with doubles in limb 0 alone (`--reduction fast`, for comparison). */
static inline void mst_deposit_fast(vreal *acc, vreal x, vmask *bad) {
  *bad |= ~v_lt(v_abs(x), v_all(INFINITY));
  *acc += x;
}

/* The largest magnitude alone; of what is not finite: infinity. */
static inline void mst_deposit_largest(vreal *acc, vreal x) {
  const vreal a = v_abs(x), size = v_where(v_lt(a, v_all(INFINITY)), a, v_all(INFINITY));
  *acc = v_where(v_lt(*acc, size), size, *acc);
}

#endif
