/* nuts/pass_w8.c -- the pass for 8 lanes. */
#define MASTING_LANES 8
#include "nuts/pass_lanes.h"
