/* adapt/metric_fit.h -- a dense or low-rank metric, estimated from draws and gradients.
 *
 * Deviations are from each chain's own mean. With S the diagonal metric's scale, sqrt of
 * sqrt(Var q / Var g), and A, B the covariances of q / S and of g S, both with a small multiple
 * of the identity added, the inverse mass is
 *
 *   C = S (A # B^-1) S,   A # B^-1 = B^-1/2 (B^1/2 A B^1/2)^1/2 B^-1/2
 *
 * the geometric mean: the matrix that minimises the Fisher divergence of a Gaussian from the
 * posterior (Seyboldt, Carlson and Carpenter 2025). For a Gaussian posterior A = B^-1 whatever
 * the sample, so C is right once there are more draws than parameters. With fewer, it is formed
 * in the space that draws and gradients span, and is S^2 elsewhere.
 *
 * With a base, an approximate inverse mass L L' known beforehand (from the Hessian at a mode), L
 * takes the place of S: the estimate is then shrunk towards the base, so few draws suffice.
 */
#ifndef MST_ADAPT_METRIC_FIT_H
#define MST_ADAPT_METRIC_FIT_H

#include <math.h>

#include "adapt/window.h"
#include "nuts/metric.h"
#include "nuts/state.h"

#define MST_METRIC_MAX_RANK 64

/* Weight of the identity that is added to both covariances: it covers the sampling error, which is
 * larger with few draws. degrees: draws less one a chain. */
static inline double mst_metric_shrinkage(int64_t parameters, double degrees) {
  return (1.0 + (double)parameters / degrees) / degrees;
}

/* S of a parameter from sums of squared deviations of draws and gradients; sqrt(minv) where they
 * do not vary. */
static inline double mst_metric_scale(double q, double g, double minv) {
  const double ratio = mst_fisher_ratio(q, g); /* the diagonal metric */
  return sqrt(ratio > MST_METRIC_LEAST && ratio < MST_METRIC_MOST ? ratio : minv);
}

/* Fills *metric, of the kind that it names; the caller has allocated its arrays (dense: c, l; low
 * rank: scale, u[P][MST_METRIC_MAX_RANK], eigen). minv[P] is the diagonal metric, used where a
 * parameter's draws or gradients do not vary. Low rank keeps the directions whose variance is
 * outside [1/2, 2], at most MST_METRIC_MAX_RANK of them. *condition: ratio of the largest to the
 * smallest eigenvalue of C relative to S^2, the gain over a diagonal metric. Fails when memory or
 * LAPACK does; *metric is then undefined. base[P][P]: lower factor, or NULL; dense only. Not
 * collective; one thread. */
masting_status mst_metric_fit(mst_metric *metric, const mst_window *window, const double *minv,
                              const double *base, double *condition, mst_error *err);

/* *metric, of the kind that it names, from covariance[P][P]. condition as above; its S is
 * the square root of the covariance's diagonal. name: in messages. MASTING_ERR_DATA: it is not
 * positive definite. */
masting_status mst_metric_from_covariance(mst_metric *metric, const double *covariance,
                                          const char *name, double *condition, mst_error *err);

/* From an inverse mass in c[P][P] (dense): its Cholesky factor into l. name: in messages. */
masting_status mst_metric_factor(mst_metric *metric, const char *name, mst_error *err);

#endif
