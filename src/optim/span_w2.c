/* optim/span_w2.c -- vectors of 2 lanes. */
#define MASTING_LANES 2
#include "optim/span_lanes.h"
