/* par/longsum.c -- see longsum.h. */
#include "par/longsum.h"

#include <math.h>

#define NANS MST_LONG_DIGITS
#define UPS (MST_LONG_DIGITS + 1)
#define DOWNS (MST_LONG_DIGITS + 2)
#define ADDED (MST_LONG_DIGITS + 3)
#define LOWEST (-1074)
#define MOST_ADDED (INT64_C(1) << 29)

void mst_long_carry(int64_t *sum) {
  int64_t carry = 0;
  for (int i = 0; i < MST_LONG_DIGITS - 1; i++) {
    int64_t word = sum[i] + carry;
    carry = word >> 32; /* rounds down: words end in [0, 2^32), the top one has the sign */
    sum[i] = word - carry * (INT64_C(1) << 32);
  }
  sum[MST_LONG_DIGITS - 1] += carry;
  sum[ADDED] = 0;
}

void mst_long_add(int64_t *sum, double x) {
  if (!isfinite(x)) {
    sum[isnan(x) ? NANS : x > 0 ? UPS : DOWNS]++;
    return;
  }
  if (x == 0) return;
  int exponent;
  int64_t whole = (int64_t)ldexp(frexp(fabs(x), &exponent), 53);
  int at = exponent - 53 - LOWEST; /* of the lowest bit */
  if (at < 0) {                    /* a subnormal number: its low bits are zero */
    whole >>= -at;
    at = 0;
  }
  const int word = at / 32, shift = at % 32;
  const uint64_t low = ((uint64_t)whole & 0xFFFFFFFFu) << shift;
  const uint64_t high = ((uint64_t)whole >> 32) << shift;
  const int64_t part[3] = {(int64_t)(low & 0xFFFFFFFFu),
                           (int64_t)((low >> 32) + (high & 0xFFFFFFFFu)), (int64_t)(high >> 32)};
  for (int i = 0; i < 3; i++) sum[word + i] += x > 0 ? part[i] : -part[i];
  if (++sum[ADDED] >= MOST_ADDED) mst_long_carry(sum);
}

void mst_long_join(int64_t *sum, const int64_t *other) {
  for (int i = 0; i < MST_LONG_WORDS; i++) sum[i] += other[i];
  if (sum[ADDED] >= MOST_ADDED) mst_long_carry(sum);
}

double mst_long_value(int64_t *sum) {
  mst_long_carry(sum);
  if (sum[NANS] || (sum[UPS] && sum[DOWNS])) return NAN;
  if (sum[UPS] || sum[DOWNS]) return sum[UPS] ? INFINITY : -INFINITY;
  double sign = 1;
  if (sum[MST_LONG_DIGITS - 1] < 0) {
    sign = -1;
    for (int i = 0; i < MST_LONG_DIGITS; i++) sum[i] = -sum[i];
    mst_long_carry(sum);
  }
  int top = MST_LONG_DIGITS - 1;
  while (top > 0 && sum[top] == 0) top--;
  /* three words hold 65 to 96 leading bits: the rest is less than an ulp */
  double value = 0;
  for (int i = top > 2 ? top - 2 : 0; i <= top; i++)
    value += ldexp((double)sum[i], 32 * i + LOWEST);
  if (sign < 0) {
    for (int i = 0; i < MST_LONG_DIGITS; i++) sum[i] = -sum[i];
    mst_long_carry(sum);
  }
  return sign * value;
}
