/* optim/span.c -- picks the functions for a lane width and SIMD level; see span.h. */
#include "config.h"

#include "optim/span.h"

#include "target/hot.h"

MST_HOT_PICK(mst_span_hot, mst_span_hot_, mst_span_hot_at)
