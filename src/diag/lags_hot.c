/* diag/lags_hot.c -- see lags.h. One load of x serves eight lags; the zeros behind a series stand
 * in for the products that a longer lag does not have, so that there is no remainder to treat
 * apart. */
#include <string.h>

#include "diag/lags.h"

#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define NAME PASTE(mst_lags_, MST_ISA_TAG)

#if defined(__AVX512F__)
#define WIDE 8
#elif defined(__AVX2__)
#define WIDE 4
#else
#define WIDE 2
#endif
typedef double wide __attribute__((vector_size(8 * WIDE)));

mst_lags_fn NAME;

void NAME(const double *x, int64_t series, int64_t n, int64_t stride, int64_t t,
          double sum[MST_LAGS]) {
  wide total[MST_LAGS] = {{0}};
  for (int64_t s = 0; s < series; s++, x += stride)
    for (int64_t i = 0; i < n - t; i += WIDE) {
      wide here, later;
      memcpy(&here, x + i, sizeof here);
      for (int j = 0; j < MST_LAGS; j++) {
        memcpy(&later, x + i + t + j, sizeof later);
        total[j] += here * later;
      }
    }
  for (int j = 0; j < MST_LAGS; j++) {
    sum[j] = 0;
    for (int k = 0; k < WIDE; k++) sum[j] += total[j][k];
  }
}
