/* target/hot_w2.c -- the target's hot functions for 2 lanes. */
#define MASTING_LANES 2
#include "target/hot_lanes.h"
