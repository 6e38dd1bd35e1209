/* run/metric_kind.h -- which form the globals' metric takes: a diagonal, or a shape (metric_update.h), on
 * every rank or spread over them. By the options and the target's sizes alone, so that a run can
 * be repeated on other ranks. */
#ifndef MST_RUN_METRIC_KIND_H
#define MST_RUN_METRIC_KIND_H

#include "run/sampler.h"
#include "run/metric_update.h"

/* More than a diagonal? Not collective. */
bool mst_metric_kind_not_diagonal(mst_metric_choice metric);

/* Of one that is. Not collective; the same on every rank. */
mst_metric_kind mst_metric_kind_of(mst_metric_choice metric, const mst_target *target);

/* Is it dense, and its matrix spread over the ranks? Not collective; the same on every rank. */
bool mst_metric_kind_distributed(const mst_sample_options *options, mst_metric_choice metric,
                                 const mst_target *target);

/* Collective, errors agreed. Begins shaping in the form that options->metric, which has one,
 * takes; rank 0 gives notice of a matrix that is spread. */
masting_status mst_metric_kind_begin(mst_metric_update *metric_update, mst_engine *engine,
                                     const mst_sample_options *options, mst_error *err);

#endif
