/* tests/unit/exact_w1.c -- see exact_lanes_body.h. */
#define MASTING_LANES 1
#include "exact_lanes_body.h"
