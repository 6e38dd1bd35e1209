/* gallery/gallery.h -- looking a built-in model up by name. Not collective. */
#ifndef MST_MODEL_GALLERY_GALLERY_H
#define MST_MODEL_GALLERY_GALLERY_H

#include <stdbool.h>

#include "model/model.h"

/* Fills *set with the kernels of that SIMD level (an mst_isa that was built); false: no such
 * name. */
bool mst_gallery_find(mst_model_set *set, const char *name, int isa);

#endif
