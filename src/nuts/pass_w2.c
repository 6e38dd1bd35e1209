/* nuts/pass_w2.c -- the pass for 2 lanes. */
#define MASTING_LANES 2
#include "nuts/pass_lanes.h"
