/* gallery/unit_w4.c -- the gallery at 4 lanes; see unit.h. */
#define MASTING_LANES 4
#include "model/gallery/unit.h"
