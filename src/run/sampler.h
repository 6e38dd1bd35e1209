/* run/sampler.h -- the sampler's main loop: step, adapt, store, report, stop. */
#ifndef MST_RUN_SAMPLER_H
#define MST_RUN_SAMPLER_H

#include <stdint.h>

#include "adapt/rotation.h"
#include "data/dataset.h"
#include "linalg/dist.h"
#include "par/comm.h"
#include "optim/directions.h"
#include "run/request.h"
#include "run/starts.h"
#include "store/drawfile.h"
#include "store/metricfile.h"
#include "target/target.h"

typedef enum mst_metric_choice {
  MST_METRIC_DIAG,
  MST_METRIC_DIAG_VAR,
  MST_METRIC_UNIT,
  MST_METRIC_DENSE, /* of the globals; row-local ones stay diagonal, as with the next */
  MST_METRIC_LOW_RANK,
  /* one of these two or the diagonal, by the estimate and the cost of a product */
  MST_METRIC_AUTO
} mst_metric_choice;

typedef enum mst_distribute {
  MST_DISTRIBUTE_AUTO,
  MST_DISTRIBUTE_ALWAYS,
  MST_DISTRIBUTE_NEVER
} mst_distribute;

typedef struct mst_sample_options {
  int chains;        /* 8 */
  int warmup, draws; /* per chain */
  /* whether the user set these options: a metric file sets the others (run/metric_input.h) */
  int warmup_named, metric_named;
  uint64_t seed;
  mst_metric_choice metric;
  /* distribute a dense metric's matrices over the ranks; auto: from MST_METRIC_DIST_FROM globals */
  mst_distribute distribute;
  int pool; /* 1: metric from all chains */
  mst_sampler_choice sampler;
  double target_accept; /* 0.8 */
  int max_depth;        /* 10 */
  mst_init init;
  double init_radius; /* 2: starting points uniform in (-2, 2) on the unconstrained scale */
  int lanes;          /* 0: best for the machine */
  mst_reduction reduction;
  int save_warmup;
  mst_latents latents;
  const char *out; /* NULL: draws are not stored (benchmarks) */
  int force;
  const char *metric_file, *save_metric; /* NULL: none */
  int spectrum;                          /* 1: of the metric, once chains are warm */
  const char *data_path;                 /* for provenance */
  const char *command_line;              /* for provenance */
  /* called on rank 0 with one-line notices before sampling; may be NULL */
  void (*notice)(const char *line);
  /* first inverse mass of a dense or low-rank metric of the globals, by elements; or NULL */
  mst_dist_element *inverse_mass;
  void *inverse_mass_context;
  int64_t max_steps; /* 0: none; stop after that many leapfrog steps (benchmarks) */
  int finish;        /* 1: what a stopped run has becomes a whole draws file */
  /* on rank 0, before every leapfrog step: what all shall do after it; NULL: nothing */
  mst_request_fn *ask;
  void *ask_context;
  /* run/checkpoint.h. checkpoint: where it is written, NULL: none is. Every so many seconds (0:
   * only when asked), and never taking more than that share of the time (0: no limit). resume: go
   * on from there; NULL: begin. set_aside: draws that an earlier run left unfinished are renamed,
   * not refused. words: the command's, to be kept in it */
  const char *checkpoint, *resume;
  double checkpoint_every, checkpoint_share;
  int set_aside, checkpoint_keep; /* keep: it stays when the run is done, for more draws */
  const char *const *words;
  int nwords;
  /* lines NAME=VALUE of what decides the draws and is not among these options; may be NULL */
  const char *identity;
} mst_sample_options;

/* What a progress line needs; made on rank 0 a few times a second. */
typedef struct mst_progress {
  int chains, warmup, draws;                       /* per chain, asked for */
  int64_t warmup_done, draws_done;                 /* over all chains */
  int64_t divergences;                             /* in draws, not in warm-up */
  double step_size, mean_depth;                    /* over chains; depth over the latest draws */
  int64_t gradients;                               /* of single chains */
  double gradients_per_second, elapsed, remaining; /* seconds; remaining < 0: not known yet */
  int finished;
} mst_progress;
typedef void mst_progress_fn(void *context, const mst_progress *progress);

typedef struct mst_sample_result {
  int64_t steps;        /* leapfrog steps of the batch: a reduction each */
  int64_t warmup_steps; /* of them, until the last chain finished its warm-up */
  int64_t gradients;    /* single-chain gradients */
  int64_t collectives, collective_bytes;
  int64_t divergences;
  int64_t warmup_done, draws_done; /* draws, over all chains */
  int draws_least;                 /* draws after warm-up that every chain has */
  /* the run ended by MST_REQUEST_STOP, before its last draw: what it has is in PATH.partial */
  bool stopped;
  bool kept;      /* a stopped run: PATH.partial stays, or PATH was made of it */
  bool finished;  /* PATH has draws_least draws a chain (options.finish) */
  bool resumable; /* a whole checkpoint stands at options.checkpoint */
  int64_t checkpoints, checkpoint_bytes; /* written by this job; of the latest */
  double checkpoint_seconds;             /* on all of them */
  /* to find starting points (--init mode), not among the above */
  int64_t start_gradients, start_passes;
  int starts_found;     /* chains that start from a mode, or at a draw of Pathfinder's */
  double start_k;       /* Pareto k of those; NaN without */
  double start_seconds; /* of the warm-up's */
  double warmup_seconds, sampling_seconds, first_gradient_seconds;
  double step_seconds; /* mean time of a leapfrog step of all chains */
  int warmup;          /* draws a chain, as it came out */
  /* of the globals at the end of warm-up: "diagonal", "dense", "low rank" */
  const char *metric_kind;
  int metric_rank; /* low rank: directions */
  /* condition number of the posterior's covariance relative to the diagonal metric; 0: unknown */
  double metric_condition;
  bool metric_distributed; /* over the ranks */
  /* draws by rotation after warm-up; in it, trajectories and trials in 1 to 3 steps; and what a
   * draw of them is worth (adapt/rotation.h). Their jumps are not here. */
  mst_rotation_kind rotations, trial[MST_ROTATION_MOST + 1];
  double trial_worth[MST_ROTATION_MOST + 1];
  int64_t metric_fits;   /* times that a dense or low-rank metric was recomputed */
  double metric_seconds; /* on that */
  /* with options.spectrum: of the metric (n is 0 of a diagonal one), and what names parameters */
  mst_directions directions;
  mst_layout layout;
} mst_sample_result;

void mst_sample_result_free(mst_sample_result *result);

void mst_sample_defaults(mst_sample_options *options);

/* Collective. Samples; rank 0 calls progress (may be NULL). Errors are agreed. Free the result,
 * also on failure. */
masting_status mst_sample(const mst_comm *comm, const mst_model_set *model, const mst_dataset *data,
                          mst_isa isa, const mst_sample_options *options, mst_progress_fn *progress,
                          void *context, mst_sample_result *result, mst_error *err);

#endif
