/* optim/span_w4.c -- vectors of 4 lanes. */
#define MASTING_LANES 4
#include "optim/span_lanes.h"
