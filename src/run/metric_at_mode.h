/* run/metric_at_mode.h -- the sampler's first metric from the Hessian at a mode: the inverse of the
 * negative Hessian of the globals with row-local parameters integrated out, and the variances of
 * the row-local parameters given the globals. For a metric distributed over the ranks
 * (metric_dist.h) Hessian and inverse are distributed too: no rank ever holds a whole matrix.
 */
#ifndef MST_RUN_METRIC_AT_MODE_H
#define MST_RUN_METRIC_AT_MODE_H

#include "run/metric_update.h"
#include "run/starts.h"

typedef struct mst_metric_at_mode {
  bool made;              /* a metric was found: in covariance, or in dist */
  double *covariance;     /* [P][P] */
  mst_dist dist;          /* the same, distributed over the ranks */
  double *local_variance; /* [row-local elements of this rank]; 0 where the curvature is not
                             positive */
  int64_t passes;         /* over the data */
  /* number of directions of negative curvature at the mode; |curvature| is used for them.
     Distributed: 1 if there are any */
  int negative_directions;
  int64_t bad_rows; /* rows (of all ranks) whose row-local block is not positive definite */
} mst_metric_at_mode;

/* Collective. Computes the metric at the highest of the modes that the starts found: call it after
 * they are found and before the engine's first step. grid: the ranks of a distributed metric, or
 * NULL. If the density is not finite near the mode, no metric is made and rank 0 warns. Rank 0 also
 * warns if a distributed metric has directions of negative curvature, and names one. Errors are
 * agreed. Free also on failure. */
masting_status mst_metric_at_mode_make(mst_metric_at_mode *metric_at_mode, const mst_starts *starts,
                                       mst_target *target, const mst_grid *grid, mst_error *err);
void mst_metric_at_mode_free(mst_metric_at_mode *metric_at_mode);

/* Collective. If a metric was made, it becomes the globals' metric (metric_update) and the diagonal
 * metric of the row-local elements, in both slots. Memory of a distributed matrix moves to
 * metric_update. Errors are agreed. */
masting_status mst_metric_at_mode_apply(mst_metric_at_mode *metric_at_mode,
                                        mst_metric_update *metric_update, mst_error *err);

#endif
