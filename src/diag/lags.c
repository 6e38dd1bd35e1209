/* diag/lags.c -- picks the variant; see lags.h and lags_hot.c. */
#include "config.h"

#include "diag/lags.h"

mst_lags_fn mst_lags_base, mst_lags_v3, mst_lags_v4;

mst_lags_fn *mst_lags(mst_isa isa) {
#ifdef MASTING_HAVE_ISA_VARIANTS
  if (isa == MST_ISA_V4) return mst_lags_v4;
  if (isa == MST_ISA_V3) return mst_lags_v3;
#endif
  (void)isa;
  return mst_lags_base;
}
