/* linalg/normal.h -- a multivariate normal, or a Gaussian process, whose covariance is distributed
 * over the ranks: its log density with slopes with respect to the mean and to the parameters of the
 * covariance.
 *
 * With K = L L', z = L^-1 r and a = L'^-1 z the log density of the residual r is
 *   -1/2 z'z - sum log L_ii - n/2 log(2 pi), its slope with respect to r is -a, with respect to K
 * (a a' - K^-1) / 2 (Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning",
 * equations 2.30 and 5.9). One matrix is needed, in which K, L, L^-1, K^-1 and the slopes follow
 * each other: n^2 / 2 doubles over the ranks. Sums over tiles are exact (par/longsum), so the law
 * of dist.h holds for all that is returned. Collective.
 */
#ifndef MST_LINALG_NORMAL_H
#define MST_LINALG_NORMAL_H

#include "linalg/dist.h"

/* k: the covariance; becomes the slope with respect to it (its lower half). residual[n] and
 * slope[n] are replicated. A covariance that is not positive definite: MASTING_ERR_DATA, and
 * *pivot, if not NULL, is the row, else -1. */
masting_status mst_normal(mst_dist *k, const double *residual, double *log_density, double *slope,
                          int *pivot, mst_error *err);

/* Slopes with respect to `count` parameters of K, on all ranks: sums[p] = sum over all i and j
 * of slope(i, j) dK(i, j) / dp. `derive` adds, for a part of the lower half, the sum of weight[j
 * * MST_TILE + i] dK(row + i, col + j) / dp, i < rows, j < cols, row + i >= col + j, to
 * slopes[count]; what is above the diagonal has weight 0. It is called on several threads at
 * once. */
typedef void mst_normal_derive(int row, int col, int rows, int cols, const double *weight,
                               double *slopes, void *context);
masting_status mst_normal_contract(const mst_dist *k, int count, mst_normal_derive *derive,
                                   void *context, double *sums, mst_error *err);

/* y = L x, or L' x, for a lower triangle; x[n] and y[n] are replicated and do not overlap. */
masting_status mst_dist_times(const mst_dist *l, bool transposed, const double *x, double *y,
                              mst_error *err);

#endif
