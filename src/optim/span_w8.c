/* optim/span_w8.c -- vectors of 8 lanes. */
#define MASTING_LANES 8
#include "optim/span_lanes.h"
