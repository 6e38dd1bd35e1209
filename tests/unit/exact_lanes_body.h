/* tests/unit/exact_lanes_body.h -- body of exact_w*.c: deposits at one lane width and SIMD
 * level. */
#include "exact_kernels.h"
#include "par/exact_lanes.h"

#define PASTE4_(a, b, c, d) a##b##c##d
#define PASTE4(a, b, c, d) PASTE4_(a, b, c, d)

exact_deposit_fn PASTE4(exact_deposit_, MST_ISA_TAG, _w, MASTING_LANES);

void PASTE4(exact_deposit_, MST_ISA_TAG, _w, MASTING_LANES)(const double *x, int n, int64_t *limbs,
                                                            int64_t *bad) {
  vmask flag;
  memcpy(&flag, bad, sizeof flag);
  for (int i = 0; i < n; i++) {
    vreal v;
    memcpy(&v, x + i * MASTING_LANES, sizeof v);
    mst_deposit((vmask *)limbs, v, &flag);
  }
  memcpy(bad, &flag, sizeof flag);
}
