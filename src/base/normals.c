/* base/normals.c -- picks the variant; see normals.h and normals_hot.c. */
#include "config.h"

#include "base/normals.h"

mst_normals_fn mst_normals_base, mst_normals_v3, mst_normals_v4;

mst_normals_fn *mst_normals(mst_isa isa) {
#ifdef MASTING_HAVE_ISA_VARIANTS
  if (isa == MST_ISA_V4) return mst_normals_v4;
  if (isa == MST_ISA_V3) return mst_normals_v3;
#endif
  (void)isa;
  return mst_normals_base;
}
