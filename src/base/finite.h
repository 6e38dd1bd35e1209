/* base/finite.h -- are all numbers finite? */
#ifndef MST_BASE_FINITE_H
#define MST_BASE_FINITE_H

#include <stdbool.h>
#include <stdint.h>

/* x[count]. What is not finite gives NaN when multiplied by 0, and keeps it in a sum; no branch, so
 * the compiler takes several at once. */
static inline bool mst_all_finite(const double *x, int64_t count) {
  double sum[8] = {0};
  const int64_t eights = count - count % 8;
  for (int64_t k = 0; k < eights; k += 8)
    for (int i = 0; i < 8; i++) sum[i] += 0 * x[k + i];
  for (int64_t k = eights; k < count; k++) sum[0] += 0 * x[k];
  for (int i = 1; i < 8; i++) sum[0] += sum[i];
  return sum[0] == 0;
}

#endif
