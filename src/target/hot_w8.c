/* target/hot_w8.c -- the target's hot functions for 8 lanes. */
#define MASTING_LANES 8
#include "target/hot_lanes.h"
