/* gallery/unit_w8.c -- the gallery at 8 lanes; see unit.h. */
#define MASTING_LANES 8
#include "model/gallery/unit.h"
