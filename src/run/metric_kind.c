/* run/metric_kind.c -- see metric_kind.h. */
#include "run/metric_kind.h"

#include <stdio.h>

#include "base/show.h"

bool mst_metric_kind_not_diagonal(mst_metric_choice metric) {
  return metric == MST_METRIC_DENSE || metric == MST_METRIC_LOW_RANK || metric == MST_METRIC_AUTO;
}

mst_metric_kind mst_metric_kind_of(mst_metric_choice metric, const mst_target *target) {
  return metric == MST_METRIC_DENSE      ? MST_KIND_DENSE
         : metric == MST_METRIC_LOW_RANK ? MST_KIND_LOW_RANK
                                         : mst_metric_update_auto_kind(target);
}

bool mst_metric_kind_distributed(const mst_sample_options *o, mst_metric_choice metric,
                                 const mst_target *target) {
  const bool large = target->layout.globals >= MST_METRIC_DIST_FROM;
  return mst_metric_kind_not_diagonal(metric) &&
         mst_metric_kind_of(metric, target) == MST_KIND_DENSE &&
         (o->distribute == MST_DISTRIBUTE_ALWAYS ||
          (o->distribute == MST_DISTRIBUTE_AUTO && large));
}

static masting_status begin_dist(mst_metric_update *metric_update, mst_engine *engine,
                                 const mst_sample_options *o, mst_error *err) {
  char line[256], a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  const mst_comm *comm = engine->target->comm;
  const int64_t n = engine->target->layout.globals;
  const double draws = (double)o->chains * o->warmup;
  if (mst_metric_update_begin_dist(metric_update, engine, draws, err) != MASTING_OK)
    return err->status;
  if (comm->rank != 0 || !o->notice) return MASTING_OK;
  snprintf(line, sizeof line,
           "metric: the dense matrix of %s global parameters is spread over the ranks, %s each at "
           "most; a step has 3 "
           "messages, 2 more where a chain starts a draw",
           mst_show_count(n, a),
           mst_show_bytes((int64_t)mst_metric_dist_bytes(n, comm->size, draws), b));
  o->notice(line);
  return MASTING_OK;
}

masting_status mst_metric_kind_begin(mst_metric_update *metric_update, mst_engine *engine,
                                     const mst_sample_options *o, mst_error *err) {
  const mst_target *target = engine->target;
  if (mst_metric_kind_distributed(o, o->metric, target))
    begin_dist(metric_update, engine, o, err);
  else
    mst_metric_update_begin(metric_update, engine, mst_metric_kind_of(o->metric, target), err);
  metric_update->choose = o->metric == MST_METRIC_AUTO;
  return err->status;
}
