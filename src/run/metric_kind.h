/* run/metric_kind.h -- selects the globals' metric (diagonal, low-rank or dense) and whether a
 * dense metric is distributed. Options and the target's sizes alone decide, so that a run can be
 * repeated on other ranks.
 */
#ifndef MST_RUN_METRIC_KIND_H
#define MST_RUN_METRIC_KIND_H

#include "run/sampler.h"
#include "run/metric_update.h"

/* Is the metric dense or low rank? Not collective. */
bool mst_metric_kind_not_diagonal(mst_metric_choice metric);

/* The kind of such a metric. Not collective; the same on every rank. */
mst_metric_kind mst_metric_kind_of(mst_metric_choice metric, const mst_target *target);

/* Is it dense, and its matrix distributed over the ranks? Not collective; the same on every
 * rank. */
bool mst_metric_kind_distributed(const mst_sample_options *options, mst_metric_choice metric,
                                 const mst_target *target);

/* Collective, errors agreed. Begins metric_update for options->metric, which is dense or low rank;
 * rank 0 prints a notice if the matrix is distributed. */
masting_status mst_metric_kind_begin(mst_metric_update *metric_update, mst_engine *engine,
                                     const mst_sample_options *options, mst_error *err);

#endif
