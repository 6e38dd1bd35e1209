/* diag/axis.h -- the coordinates of one axis of a variable, from its dimension scale. Not
 * collective. */
#ifndef MST_DIAG_AXIS_H
#define MST_DIAG_AXIS_H

#include <stdio.h>

#include "diag/reader.h"

/* Sets the coordinates of axis->size places from the scale attached to dimension `dim` of the
 * dataset; leaves them unset where there is none of use. False only without memory. */
bool mst_axis_read(mst_axis *axis, hid_t dataset, int dim);
void mst_axis_free(mst_axis *axis);

/* The name of place i. */
void mst_axis_print(const mst_axis *axis, int64_t i, FILE *out);

#endif
