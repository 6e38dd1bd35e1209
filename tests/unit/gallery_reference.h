/* tests/unit/gallery_reference.h -- the gallery's log densities, written again from their formulas.
 *
 * In plain long double, one normalised density at a time, without a look at the kernels: what these
 * and the kernels may differ by is a constant.
 */
#ifndef MST_TESTS_GALLERY_REFERENCE_H
#define MST_TESTS_GALLERY_REFERENCE_H

#include <stdint.h>

/* Data as doubles in the model's order of variables, row by row where sharded; theta: constrained
 * globals in storage order; local [rows][locals]. */
typedef long double mst_reference(const int64_t *size, double *const *data,
                                  const long double *theta, const long double *local);

mst_reference *mst_reference_of(const char *model);

#endif
