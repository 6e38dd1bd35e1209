/* gallery/unit.h -- all models of the gallery at the lane width MASTING_LANES and the SIMD level
 * MST_ISA_TAG, and the table of them. Included once by each unit_w*.c, by nothing else. */
#define MASTING_GALLERY_ISA

#include "model/gallery/tables.h"

#include "model/gallery/ppca.c"

const masting_model *const MST_GALLERY_TABLE(MST_ISA_TAG, MASTING_LANES)[] = {
    &ppca_model, 0};
