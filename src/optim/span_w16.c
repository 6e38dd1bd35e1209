/* optim/span_w16.c -- vectors of 16 lanes. */
#define MASTING_LANES 16
#include "optim/span_lanes.h"
