/* target/hot_w1.c -- the target's hot functions for 1 lane. */
#define MASTING_LANES 1
#include "target/hot_lanes.h"
