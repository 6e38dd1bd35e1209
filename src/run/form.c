/* run/form.c -- see form.h. */
#include "run/form.h"

#include <stdio.h>

#include "base/show.h"

bool mst_form_shaped(mst_metric metric) {
  return metric == MST_METRIC_DENSE || metric == MST_METRIC_LOW_RANK || metric == MST_METRIC_AUTO;
}

mst_shape_kind mst_form_kind(mst_metric metric, const mst_target *target) {
  return metric == MST_METRIC_DENSE      ? MST_SHAPE_DENSE
         : metric == MST_METRIC_LOW_RANK ? MST_SHAPE_LOW_RANK
                                         : mst_shaping_choice(target);
}

bool mst_form_spreads(const mst_sample_options *o, mst_metric metric, const mst_target *target) {
  const bool large = target->layout.globals >= MST_SPREAD_FROM;
  return mst_form_shaped(metric) && mst_form_kind(metric, target) == MST_SHAPE_DENSE &&
         (o->spread == MST_SPREAD_ALWAYS || (o->spread == MST_SPREAD_AUTO && large));
}

static masting_status begin_spread(mst_shaping *shaping, mst_engine *engine,
                                   const mst_sample_options *o, mst_error *err) {
  char line[256], a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  const mst_comm *comm = engine->target->comm;
  const int64_t n = engine->target->layout.globals;
  const double draws = (double)o->chains * o->warmup;
  if (mst_shaping_begin_spread(shaping, engine, draws, err) != MASTING_OK) return err->status;
  if (comm->rank != 0 || !o->notice) return MASTING_OK;
  snprintf(line, sizeof line,
           "metric: the dense matrix of %s global parameters is spread over the ranks, %s each at "
           "most; a step has 3 "
           "messages, 2 more where a chain starts a draw",
           mst_show_count(n, a),
           mst_show_bytes((int64_t)mst_spread_bytes(n, comm->size, draws), b));
  o->notice(line);
  return MASTING_OK;
}

masting_status mst_form_begin(mst_shaping *shaping, mst_engine *engine, const mst_sample_options *o,
                              mst_error *err) {
  const mst_target *target = engine->target;
  if (mst_form_spreads(o, o->metric, target))
    begin_spread(shaping, engine, o, err);
  else
    mst_shaping_begin(shaping, engine, mst_form_kind(o->metric, target), err);
  shaping->choose = o->metric == MST_METRIC_AUTO;
  return err->status;
}
