/* gallery/unit_w16.c -- the gallery at 16 lanes; see unit.h. */
#define MASTING_LANES 16
#include "model/gallery/unit.h"
