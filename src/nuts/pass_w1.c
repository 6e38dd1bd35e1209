/* nuts/pass_w1.c -- the pass for 1 lane. */
#define MASTING_LANES 1
#include "nuts/pass_lanes.h"
