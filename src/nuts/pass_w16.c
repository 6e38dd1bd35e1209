/* nuts/pass_w16.c -- the pass for 16 lanes. */
#define MASTING_LANES 16
#include "nuts/pass_lanes.h"
