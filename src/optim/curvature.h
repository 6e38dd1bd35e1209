/* optim/curvature.h -- quantities computed from a Hessian: factor, covariance, a metric for
 * warm-up, and the directions in which -S is not positive definite.
 *
 * All is done on -S scaled to a diagonal of ones, so that parameters of any scale are judged
 * alike; "along" below means in units of conditional standard deviations. Replicated: the same
 * bits on every rank (LAPACK on one thread); not collective. Of a Hessian that every rank has
 * whole; for one that is distributed: curvature_dist.h.
 */
#ifndef MST_OPTIM_CURVATURE_H
#define MST_OPTIM_CURVATURE_H

#include "optim/hessian.h"

/* Directions whose curvature, so scaled, is less are flat: differences could not tell more. */
#define MST_FLAT 1e-10

/* root [P][P]: lower R with R R' = -S. Not positive definite: MASTING_ERR_INIT, with the
 * eigenvalues at fault, the parameters that the directions are made of, and what can be done. */
masting_status mst_hessian_root(const mst_hessian *h, const mst_layout *layout, double *root,
                                mst_error *err);

/* covariance [P][P] = (-S)^-1, whole and symmetric: of the globals, row-local parameters integrated
 * out in the Gaussian approximation. Errors as above. */
masting_status mst_hessian_covariance(const mst_hessian *h, const mst_layout *layout,
                                      double *covariance, mst_error *err);

/* "-0.31 along +0.71 w[1,1] -0.70 w[2,1]": a value, and the largest components of a unit
 * vector[n] of the globals. Returns the text's length, cut to size. */
int mst_hessian_direction(const mst_layout *layout, double value, const double *vector, int64_t n,
                          char *text, size_t size);

/* For a sampler's metric, at any point, mode or not: covariance [P][P] is as above where -S is
 * positive definite. Else curvatures along the axes of -S, scaled, count by their size, whatever
 * their sign, and as `least` of the largest at least; *negative_directions (NULL: not asked for) is
 * how many were changed. local_variance: those of mst_hessian_row_variances, NULL: not asked
 * for. */
masting_status mst_hessian_metric(const mst_hessian *h, double least, double *covariance,
                                  double *local_variance, int *negative_directions, mst_error *err);

/* variance [rows L of this rank]: diagonal of every row's (-D_r)^-1, given the globals; in rows
 * without a factor 0. */
void mst_hessian_row_variances(const mst_hessian *h, double *variance);

#endif
