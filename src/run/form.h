/* run/form.h -- which form the globals' metric takes: a diagonal, or a shape (shaping.h), on
 * every rank or spread over them. By the options and the target's sizes alone, so that a run can
 * be repeated on other ranks. */
#ifndef MST_RUN_FORM_H
#define MST_RUN_FORM_H

#include "run/sampler.h"
#include "run/shaping.h"

/* More than a diagonal? Not collective. */
bool mst_form_shaped(mst_metric metric);

/* Of one that is. Not collective; the same on every rank. */
mst_shape_kind mst_form_kind(mst_metric metric, const mst_target *target);

/* Is it dense, and its matrix spread over the ranks? Not collective; the same on every rank. */
bool mst_form_spreads(const mst_sample_options *options, mst_metric metric,
                      const mst_target *target);

/* Collective, errors agreed. Begins shaping in the form that options->metric, which has one,
 * takes; rank 0 gives notice of a matrix that is spread. */
masting_status mst_form_begin(mst_shaping *shaping, mst_engine *engine,
                              const mst_sample_options *options, mst_error *err);

#endif
