/* run/metric_update.h -- a metric of the globals with a shape, kept up during warm-up.
 *
 * adapt/warmup orders when a metric slot is recomputed and when an estimator starts afresh;
 * shaping carries this out for the globals' shapes. Rank 0 computes, one MPI_Bcast hands the
 * result to all, so that every rank has the same bits whatever its LAPACK; that is a few dozen
 * messages a run, none of them in a leapfrog step's way.
 *
 * Spread (metric_dist.h), all ranks compute; by few draws (P / 16) it is the low-rank shape of rank
 * 0, or the base.
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
  bool choose; /* auto: diagonal as long as it is as good */
  mst_window window[2];
  double condition;     /* of the latest shape, relative to the diagonal metric */
  int64_t fits;         /* computed so far */
  double seconds;       /* spent on that, rank 0 */
  bool distributed;     /* dense, spread over the ranks */
  mst_metric_dist dist; /* then, and in place of window ... */
  mst_window_dist window_dist[2];
  /* [P][P] lower factor of a given inverse mass that fits are drawn to; or NULL */
  double *base;
} mst_metric_update;

/* Collective. Gives the engine's pass two slots of a shape of that kind, diagonal with scale 1
 * at first. Errors are agreed. */
masting_status mst_metric_update_begin(mst_metric_update *metric_update, mst_engine *engine,
                                       mst_metric_kind kind, mst_error *err);
/* The same for a dense metric that is spread over the ranks. draws: that will teach it, at most.
 * MASTING_ERR_MEMORY says how much a rank needs, and how many ranks. */
masting_status mst_metric_update_begin_dist(mst_metric_update *metric_update, mst_engine *engine,
                                            double draws, mst_error *err);

void mst_metric_update_end(mst_metric_update *metric_update);

/* For auto: dense where its product is little beside a pass over the data, by counts (times
 * would make runs that cannot be repeated), else low rank. Not collective; the same on every
 * rank. */
mst_metric_kind mst_metric_update_auto_kind(const mst_target *target);

/* Both slots become the diagonal metric that the pass holds (after its start from gradients).
 * Not collective. */
void mst_metric_update_from_diagonal(mst_metric_update *metric_update);

/* Collective. Both slots become what covariance[P][P] (the same on all ranks) gives; dense fits
 * are drawn to it from then on. Not for a metric that is spread. Errors are agreed;
 * MASTING_ERR_DATA: it is not positive definite. */
masting_status mst_metric_update_from_covariance(mst_metric_update *metric_update,
                                                 const double *covariance, const char *name,
                                                 mst_error *err);

/* The same for a metric that is spread, from a matrix over the ranks, which is taken: it is left
 * empty, also after an error. Its `what` is its name in messages. */
masting_status mst_metric_update_from_dist(mst_metric_update *metric_update, mst_dist *covariance,
                                           mst_error *err);

/* The same, spread or not, by a function of row i and column j <= i, the same on every rank: no
 * rank need hold the matrix. */
masting_status mst_metric_update_from_elements(mst_metric_update *metric_update,
                                               mst_dist_element *element, void *context,
                                               const char *name, mst_error *err);

/* After mst_warmup_step, before the engine's: carries the orders out. Collective when a slot is
 * recomputed; errors are agreed then; others (memory) are this rank's own and come back for the
 * caller to raise. */
masting_status mst_metric_update_step(mst_metric_update *metric_update, mst_error *err);

#endif
