/* diag/order.c -- see order.h. */
#include "diag/order.h"

#include <math.h>
#include <string.h>

#define DIGIT_BITS 11
#define DIGITS 6 /* of 11 bits cover 64 */
#define BUCKETS (1 << DIGIT_BITS)

/* IEEE doubles sort as integers once negative ones are turned over. Adding 0 makes -0 a +0. */
static uint64_t key_of(double x) {
  uint64_t bits;
  x += 0.0;
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key) {
  uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static unsigned digit(uint64_t key, int d) {
  return (unsigned)(key >> (d * DIGIT_BITS)) & (BUCKETS - 1);
}

/* One pass of a least-significant-digit radix sort; false if all keys share the digit. */
static int pass(const mst_ranked *from, mst_ranked *to, uint32_t n, int d, uint32_t *count) {
  if (count[digit(from[0].key, d)] == n) return 0;
  uint32_t start = 0;
  for (int b = 0; b < BUCKETS; b++) {
    uint32_t here = count[b];
    count[b] = start;
    start += here;
  }
  for (uint32_t i = 0; i < n; i++) to[count[digit(from[i].key, d)]++] = from[i];
  return 1;
}

void mst_sort_values(const double *x, uint32_t n, double *value, uint32_t *at,
                     mst_ranked *scratch) {
  uint32_t count[DIGITS][BUCKETS];
  mst_ranked *from = scratch, *to = scratch + n;
  memset(count, 0, sizeof count);
  for (uint32_t i = 0; i < n; i++) {
    from[i] = (mst_ranked){key_of(x[i]), i};
    for (int d = 0; d < DIGITS; d++) count[d][digit(from[i].key, d)]++;
  }
  for (int d = 0; d < DIGITS && n > 0; d++) {
    if (!pass(from, to, n, d, count[d])) continue;
    mst_ranked *swap = from;
    from = to;
    to = swap;
  }
  for (uint32_t i = 0; i < n; i++) {
    value[i] = value_of(from[i].key);
    at[i] = from[i].at;
  }
}

void mst_sort_folded(const double *value, const uint32_t *at, uint32_t n, double centre,
                     double *folded, uint32_t *folded_at) {
  uint32_t right = 0;
  while (right < n && value[right] <= centre) right++;
  uint32_t left = right; /* left - 1 is the nearest below, right the nearest above */
  for (uint32_t i = 0; i < n; i++) {
    double below = left > 0 ? fabs(value[left - 1] - centre) : INFINITY;
    double above = right < n ? fabs(value[right] - centre) : INFINITY;
    int take_below = left > 0 && (right == n || below <= above);
    folded[i] = take_below ? below : above;
    folded_at[i] = take_below ? at[--left] : at[right++];
  }
}
