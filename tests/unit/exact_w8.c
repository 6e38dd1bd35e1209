/* tests/unit/exact_w8.c -- see exact_lanes_body.h. */
#define MASTING_LANES 8
#include "exact_lanes_body.h"
