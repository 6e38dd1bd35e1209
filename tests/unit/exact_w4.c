/* tests/unit/exact_w4.c -- see exact_lanes_body.h. */
#define MASTING_LANES 4
#include "exact_lanes_body.h"
