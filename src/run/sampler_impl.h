/* run/sampler_impl.h -- the state of a run, which sampler.c and checkpoint.c share. */
#ifndef MST_RUN_SAMPLER_IMPL_H
#define MST_RUN_SAMPLER_IMPL_H

#include "adapt/warmup.h"
#include "par/archive.h"
#include "run/engine.h"
#include "run/metric_at_mode.h"
#include "run/metric_input.h"
#include "run/metric_update.h"
#include "run/record.h"
#include "run/sampler.h"

typedef struct mst_sampler {
  const mst_comm *comm;
  const mst_sample_options *options;
  mst_sample_options own; /* what options points to: a metric file may settle some */
  mst_metric_input metric_input;
  mst_target *target;
  mst_engine engine;
  mst_warmup warmup;
  mst_warmup_chain *warm; /* [chains] */
  mst_rotation rotation;
  int *draws; /* [chains] draws made after warm-up */
  mst_metric_update metric_update;
  mst_metric_at_mode metric_at_mode;
  mst_starts starts;
  mst_record record;
  mst_drawfile *file;
  mst_error local; /* this rank's own trouble, until it is agreed on */
  mst_progress_fn *report;
  void *context;
  double begun, reported, warm_until, in_steps, depth_mean;
  int64_t divergences, warmup_done, draws_done, warm_steps;
  int requested; /* by rank 0, and not carried out yet: bits of mst_request */
  bool stopped, resumable;
  double checkpoint_due, checkpoint_seconds; /* rank 0: when the next one is; on all so far */
  int64_t checkpoints, checkpoint_bytes;
  mst_archive *archive; /* while a run is resumed; and the folder that it began in */
  char *folder;
  bool moved; /* its draws were moved to another file */
} mst_sampler;

/* Does the globals' metric, dense or low-rank, still change? One read from a file does not. */
bool mst_sampler_updates_metric(const mst_sampler *s);

#endif
