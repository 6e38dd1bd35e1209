/* linalg/dist_symmetric.h -- a symmetric matrix that need not be positive definite: scaled,
 * squared, and a direction of negative curvature. As in dist.h: collective and errors agreed where
 * nothing else is said; the bits of the first two do not depend on the grid. Apart from it
 * because few need it.
 */
#ifndef MST_LINALG_DIST_SYMMETRIC_H
#define MST_LINALG_DIST_SYMMETRIC_H

#include "linalg/dist.h"

/* a_ij = factor * a_ij / (scale_i scale_j); scale[n], everywhere. Not collective. */
void mst_dist_over(mst_dist *d, double factor, const double *scale);

/* square = d d: of another matrix on the same grid, of the same order, whose elements are
 * overwritten. Besides, a rank needs room for n x MST_TILE. */
masting_status mst_dist_square(const mst_dist *d, mst_dist *square, mst_error *err);

/* A unit vector v[n], everywhere, with v' d v = *value, where a factor of d breaks down at row
 * `pivot`, from 0: then the value is not positive, or as small as the pivot was. For messages:
 * its last bits depend on the grid. Needs room for three more matrices of order pivot. */
masting_status mst_dist_direction(const mst_dist *d, int pivot, double *v, double *value,
                                  mst_error *err);

#endif
