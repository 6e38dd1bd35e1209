/* optim/curvature_dist.h -- an inverse mass from a distributed Hessian: what mst_hessian_metric
 * (curvature.h) computes from a Hessian that every rank holds.
 *
 * With T = diag(sqrt|S_ii|), -S = T A T, where A has a diagonal of ones at a mode. Where A is
 * positive definite the inverse mass is T^-1 A^-1 T^-1. Else curvatures along the axes of A
 * count by their absolute value: A^-1 is replaced by (A^2 + d I)^-1/2, the geometric mean of I and
 * the inverse of A^2 + d I (linalg/dist_mean.h), as there is no spectrum whose bits do not depend
 * on the grid. d is MST_CURVATURE_LEAST of the sum of the squares of A's elements: more than their
 * rounding, so curvatures count as 3e-7 of that sum's root at least.
 */
#ifndef MST_OPTIM_CURVATURE_DIST_H
#define MST_OPTIM_CURVATURE_DIST_H

#include "linalg/dist.h"
#include "model/model.h"

#define MST_CURVATURE_LEAST 1e-13

/* Collective, errors agreed. s: S, with its diagonal[n]; it becomes the inverse mass, under that
 * name in messages; after an error it is to be freed all the same. along: where A is not
 * positive definite, the curvature and the parameters of a direction in which it is not (others
 * may be), else "". */
masting_status mst_curvature_dist(mst_dist *s, const double *diagonal, const mst_layout *layout,
                                  const char *name, char *along, size_t size, mst_error *err);

#endif
