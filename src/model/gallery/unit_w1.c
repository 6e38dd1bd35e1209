/* gallery/unit_w1.c -- the gallery at 1 lane; see unit.h. */
#define MASTING_LANES 1
#include "model/gallery/unit.h"
