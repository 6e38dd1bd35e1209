/* base/std_normal.c -- picks the variant; see std_normal.h and std_normal_hot.c. */
#include "config.h"

#include "base/std_normal.h"

mst_std_normal_fn mst_std_normal_base, mst_std_normal_v3, mst_std_normal_v4;

mst_std_normal_fn *mst_std_normal(mst_isa isa) {
#ifdef MASTING_HAVE_ISA_VARIANTS
  if (isa == MST_ISA_V4) return mst_std_normal_v4;
  if (isa == MST_ISA_V3) return mst_std_normal_v3;
#endif
  (void)isa;
  return mst_std_normal_base;
}
