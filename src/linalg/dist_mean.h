/* linalg/dist_mean.h -- the geometric mean of two distributed positive definite matrices.
 *
 * x # z^-1 is the limit of
 *
 *   X <- (m X + (m Z)^-1) / 2,   Z <- (m Z + (m X)^-1) / 2
 *
 * (Denman and Beavers 1976, scaled by determinants: Byers 1987). No eigendecomposition is used,
 * since its bits would depend on the grid; Cholesky factors give determinants and inverses, so the
 * law of dist.h holds.
 */
#ifndef MST_LINALG_DIST_MEAN_H
#define MST_LINALG_DIST_MEAN_H

#include "linalg/dist.h"

/* Collective, errors agreed. to becomes a copy of from; free it with mst_dist_end, also after an
 * error. */
masting_status mst_dist_copy(mst_dist *to, const mst_dist *from, mst_error *err);

/* Collective, errors agreed. x becomes x # z^-1, and z about its inverse. Both positive
 * definite, of one grid and order. *steps, if not NULL: of the iteration. */
masting_status mst_dist_geometric_mean(mst_dist *x, mst_dist *z, int *steps, mst_error *err);

#endif
