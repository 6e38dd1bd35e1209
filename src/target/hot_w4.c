/* target/hot_w4.c -- the target's hot functions for 4 lanes. */
#define MASTING_LANES 4
#include "target/hot_lanes.h"
