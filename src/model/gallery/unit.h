/* gallery/unit.h -- all models of the gallery at the lane width MASTING_LANES and the SIMD level
 * MST_ISA_TAG, and the table of them. Included once by each unit_w*.c, by nothing else. */
#define MASTING_GALLERY_ISA

#include "model/gallery/tables.h"

#include "model/gallery/eight_schools.c"
#include "model/gallery/eight_schools_centered.c"
#include "model/gallery/hierarchical.c"
#include "model/gallery/linear.c"
#include "model/gallery/logistic.c"
#include "model/gallery/ppca.c"

const masting_model *const MST_GALLERY_TABLE(MST_ISA_TAG,
                                             MASTING_LANES)[] = {&ppca_model,
                                                                 &linear_model,
                                                                 &logistic_model,
                                                                 &hierarchical_model,
                                                                 &eight_schools_model,
                                                                 &eight_schools_centered_model,
                                                                 0};
