/* run/metric_at_mode.h -- the posterior's shape at a mode, as the sampler's first metric: the inverse
 * of the globals' Hessian with row-local parameters integrated out, and their variances given
 * the globals. Of a metric that is spread over the ranks (metric_dist.h) Hessian and inverse are,
 * too: no rank ever has either whole.
 */
#ifndef MST_RUN_METRIC_AT_MODE_H
#define MST_RUN_METRIC_AT_MODE_H

#include "run/metric_update.h"
#include "run/starts.h"

typedef struct mst_metric_at_mode {
  bool made;              /* there is a metric: covariance, or spread */
  double *covariance;     /* [P][P] */
  mst_dist dist;          /* the same over the ranks */
  double *local_variance; /* [row-local elements of this rank]; 0 where a row does not curve */
  int64_t passes;         /* over the data */
  /* directions that curve the wrong way at the mode: taken by their size. Spread: 1 if there are
     any */
  int bent;
  int64_t bad_rows; /* rows (of all ranks) whose row-local block does not curve */
} mst_metric_at_mode;

/* Collective. At the best of the modes that the starts found; after the starts are found, before
 * the engine's first step. grid: of a metric that is spread, or NULL. Where the density is not
 * finite around it there is no metric, and rank 0 warns; so it does where a metric that is
 * spread has directions that curve the wrong way, of which it names one. Errors are agreed. Free
 * also on failure. */
masting_status mst_metric_at_mode_make(mst_metric_at_mode *metric_at_mode, const mst_starts *starts,
                                       mst_target *target, const mst_grid *grid, mst_error *err);
void mst_metric_at_mode_free(mst_metric_at_mode *metric_at_mode);

/* Collective. Where there is a metric: it becomes that of shaping and, both slots, the row-local
 * elements' diagonal one. A matrix that is spread is taken. Errors are agreed. */
masting_status mst_metric_at_mode_apply(mst_metric_at_mode *metric_at_mode,
                                        mst_metric_update *metric_update, mst_error *err);

#endif
