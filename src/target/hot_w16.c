/* target/hot_w16.c -- the target's hot functions for 16 lanes. */
#define MASTING_LANES 16
#include "target/hot_lanes.h"
