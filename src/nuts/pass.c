/* nuts/pass.c -- picks the pass for a lane width and SIMD level; see pass.h. */
#include "config.h"

#include "nuts/pass.h"

#include "target/hot.h"

MST_HOT_PICK(mst_pass_hot, mst_pass_hot_, mst_pass_hot_at)
