/* diag/lags.h -- sums of lagged products, eight lags at once; hot, compiled per SIMD level.
 *
 * Not collective; pure. The last bits may differ between SIMD levels.
 */
#ifndef MST_DIAG_LAGS_H
#define MST_DIAG_LAGS_H

#include <stdint.h>

#include "base/isa.h"

#define MST_LAGS 8      /* lags a call gives */
#define MST_LAGS_PAD 16 /* zeros that must follow the n numbers of each series */

/* sum[j] = the sum over all series and i of x[i] x[i + t + j], j = 0 .. MST_LAGS-1; t < n.
 * x: [series][stride], stride >= n + MST_LAGS_PAD; a lag of n or more gives 0. */
typedef void mst_lags_fn(const double *x, int64_t series, int64_t n, int64_t stride, int64_t t,
                         double sum[MST_LAGS]);

mst_lags_fn *mst_lags(mst_isa isa);

#endif
