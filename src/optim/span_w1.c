/* optim/span_w1.c -- vectors of 1 lane. */
#define MASTING_LANES 1
#include "optim/span_lanes.h"
