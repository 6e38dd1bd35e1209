/* tests/unit/exact_w2.c -- see exact_lanes_body.h. */
#define MASTING_LANES 2
#include "exact_lanes_body.h"
