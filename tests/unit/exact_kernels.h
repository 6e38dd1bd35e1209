/* tests/unit/exact_kernels.h -- depositing at every lane width and SIMD level, for test_exact. */
#ifndef TESTS_EXACT_KERNELS_H
#define TESTS_EXACT_KERNELS_H

#include <stdint.h>

/* x [n][lanes], limbs [MST_LIMBS][lanes] and bad [lanes] are added to; limbs 64-byte aligned. */
typedef void exact_deposit_fn(const double *x, int n, int64_t *limbs, int64_t *bad);

#define EXACT_KERNELS(isa)                                                                         \
  extern exact_deposit_fn exact_deposit_##isa##_w1, exact_deposit_##isa##_w2,                      \
      exact_deposit_##isa##_w4, exact_deposit_##isa##_w8, exact_deposit_##isa##_w16

EXACT_KERNELS(base);
EXACT_KERNELS(v3);
EXACT_KERNELS(v4);

#endif
