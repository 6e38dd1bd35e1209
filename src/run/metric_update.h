/* run/metric_update.h -- recomputes a dense or low-rank metric of the globals during warm-up.
 *
 * adapt/warmup decides when a metric slot is recomputed and when an estimator is reset; this file
 * carries it out for the globals' dense or low-rank metric. Rank 0 computes, one MPI_Bcast hands
 * the result to all, so that every rank has the same bits whatever its LAPACK: a few dozen messages
 * a run, none of them within a leapfrog step.
 *
 * A distributed metric (metric_dist.h) is computed by all ranks; with few draws (up to P / 16) it
 * is rank 0's low-rank estimate instead, or the base.
 */
#ifndef MST_RUN_METRIC_UPDATE_H
#define MST_RUN_METRIC_UPDATE_H

#include "adapt/warmup.h"
#include "adapt/window.h"
#include "run/engine.h"
#include "run/metric_dist.h"

typedef struct mst_metric_update {
  mst_engine *engine;
  mst_metric_kind kind;
  bool choose; /* auto: diagonal while that is as good */
  mst_window window[2];
  double condition;     /* of the latest metric, relative to the diagonal one */
  int64_t fits;         /* computed so far */
  double seconds;       /* spent on that, rank 0 */
  bool distributed;     /* dense, distributed over the ranks */
  mst_metric_dist dist; /* if distributed; then window_dist takes the place of window */
  mst_window_dist window_dist[2];
  /* [P][P] lower factor of the inverse mass that dense estimates are shrunk towards; or NULL */
  double *base;
} mst_metric_update;

/* Collective. Gives the engine's pass two slots of a metric of that kind, initially the
 * identity. Errors are agreed. */
masting_status mst_metric_update_begin(mst_metric_update *metric_update, mst_engine *engine,
                                       mst_metric_kind kind, mst_error *err);
/* The same for a dense metric distributed over the ranks. draws: an upper bound on the draws that
 * it will be estimated from. MASTING_ERR_MEMORY: the message says what a rank needs and how many
 * ranks would do. */
masting_status mst_metric_update_begin_dist(mst_metric_update *metric_update, mst_engine *engine,
                                            double draws, mst_error *err);

void mst_metric_update_end(mst_metric_update *metric_update);

/* For --metric auto: dense if its matrix product costs little beside a pass over the data, else low
 * rank. It compares operation counts, not times, so that a run can be repeated. Not collective; the
 * same on every rank. */
mst_metric_kind mst_metric_update_auto_kind(const mst_target *target);

/* Both slots become the diagonal metric that the pass holds (after its start from gradients).
 * Not collective. */
void mst_metric_update_from_diagonal(mst_metric_update *metric_update);

/* Collective. Sets both slots from covariance[P][P] (the same on all ranks); dense estimates are
 * shrunk towards it from then on. Not for a distributed metric. Errors are agreed;
 * MASTING_ERR_DATA: it is not positive definite. */
masting_status mst_metric_update_from_covariance(mst_metric_update *metric_update,
                                                 const double *covariance, const char *name,
                                                 mst_error *err);

/* The same for a distributed metric, from a distributed matrix, whose memory this function takes
 * over: it is empty on return, also after an error. Its `what` is its name in messages. */
masting_status mst_metric_update_from_dist(mst_metric_update *metric_update, mst_dist *covariance,
                                           mst_error *err);

/* The same, distributed or not, from a function that returns element (i, j), j <= i, the same on
 * every rank: no rank needs to hold the matrix. */
masting_status mst_metric_update_from_elements(mst_metric_update *metric_update,
                                               mst_dist_element *element, void *context,
                                               const char *name, mst_error *err);

/* Between mst_warmup_step and the engine's step: carries out pass->metric_instruction. Collective
 * when a slot is recomputed, and errors are agreed then; other errors (memory) are this rank's own,
 * and the caller must agree on them. */
masting_status mst_metric_update_step(mst_metric_update *metric_update, mst_error *err);

#endif
