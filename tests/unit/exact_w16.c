/* tests/unit/exact_w16.c -- see exact_lanes_body.h. */
#define MASTING_LANES 16
#include "exact_lanes_body.h"
