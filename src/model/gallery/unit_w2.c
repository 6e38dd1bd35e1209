/* gallery/unit_w2.c -- the gallery at 2 lanes; see unit.h. */
#define MASTING_LANES 2
#include "model/gallery/unit.h"
