/* nuts/pass_w4.c -- the pass for 4 lanes. */
#define MASTING_LANES 4
#include "nuts/pass_lanes.h"
