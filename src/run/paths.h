/* run/paths.h -- Pathfinder's draws to a file. */
#ifndef MST_RUN_PATHS_H
#define MST_RUN_PATHS_H

#include "optim/pathfinder.h"
#include "store/drawfile.h"

typedef struct mst_paths_options {
  mst_pathfinder_options path;
  int paths, lanes;
  int draws;    /* in the file, chosen by weight */
  int resample; /* 0: all draws of all paths instead, a chain a path */
  mst_reduction reduction;
  mst_latents latents;
  const char *out;
  int force;
  const char *data_path, *command_line; /* for provenance */
} mst_paths_options;

void mst_paths_defaults(mst_paths_options *options);

typedef struct mst_path_end { /* the outcome of a path */
  double lp, elbo;            /* highest log density met; ELBO of its best Gaussian */
  int iterations, best;       /* best: iteration of that Gaussian */
  int64_t evaluations;
  bool sound; /* it has one */
  mst_ascent_end end;
  double share; /* of the weight */
} mst_path_end;

typedef struct mst_paths_result {
  mst_path_end *path; /* [paths] */
  double k;           /* Pareto k */
  int sound;
  int64_t steps, gradients, collectives, collective_bytes;
  double seconds;
} mst_paths_result;

/* Collective. Runs the paths and writes the draws: one chain of options->draws chosen by weight
 * with replacement, in random order; or without resampling a chain of path.draws for every sound
 * path. Errors are agreed. Free the result, also on failure. */
masting_status mst_paths_run(const mst_comm *comm, const mst_model_set *model,
                             const mst_dataset *data, mst_isa isa, const mst_paths_options *options,
                             mst_optim_report *report, void *context, mst_paths_result *result,
                             mst_error *err);
void mst_paths_free(mst_paths_result *result);

#endif
