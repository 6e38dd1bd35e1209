/* optim/pathfinder.h -- Pathfinder: Gaussians along several paths to modes at once, the best of
 * each by its ELBO, and draws of them all, weighted by the density.
 *
 *   mst_pathfinder_run    runs the paths (path.h) side by side as lanes; each samples from its best
 *                         Gaussian; ratios of densities become smoothed weights (psis.h)
 *   mst_pathfinder_emit   makes the draws chosen by weight once more and passes them on one by one:
 *                         no draw is ever stored, so row-local parameters cost no memory
 *
 * Several paths together are a mixture; as in the multi-path variant of Zhang et al. 2022 a
 * draw's ratio is by the Gaussian it comes from. The same bits on any number of ranks and
 * threads.
 */
#ifndef MST_OPTIM_PATHFINDER_H
#define MST_OPTIM_PATHFINDER_H

#include "optim/optim.h"
#include "optim/psis.h"

typedef struct mst_pathfinder_options {
  mst_ascent_options ascent; /* seed, radius, history, tolerances */
  int elbo_draws;            /* 25: a step of a path */
  int patience;              /* 0: see path.h */
  int64_t draws;             /* 1000: of each path, for the weights */
} mst_pathfinder_options;

void mst_pathfinder_defaults(mst_pathfinder_options *options);

typedef struct mst_pathfinder {
  mst_optim optim;
  mst_pathfinder_options options;
  double *log_weight; /* [paths][draws], sum of weights 1; -inf for paths that failed */
  double k;           /* Pareto k of the ratios */
  int sound;          /* paths with a Gaussian */
} mst_pathfinder;

/* Collective. As many paths as the target has chains. Errors are agreed; that no path has a
 * Gaussian is MASTING_ERR_INIT. End it, also after a failure. */
masting_status mst_pathfinder_run(mst_pathfinder *p, mst_target *target,
                                  const mst_pathfinder_options *options, mst_optim_report *report,
                                  void *context, mst_error *err);
void mst_pathfinder_end(mst_pathfinder *p);

/* A draw, in lane `path` of optim.batch (y, local): number `index` of those asked for. */
typedef struct mst_pathfinder_draw {
  int64_t index;
  int path;
  double lp, log_approx, log_weight;
} mst_pathfinder_draw;
typedef masting_status mst_pathfinder_take(void *context, const mst_pathfinder_draw *draw,
                                           mst_error *err);

/* Collective. count draws chosen by weight, with replacement or without; or with choose false
 * all draws of all sound paths (count is not read), one path's after the other's. take is called
 * on every rank for each, in any order of index; its error is this rank's alone and is agreed on
 * here. */
masting_status mst_pathfinder_emit(mst_pathfinder *p, bool choose, bool replace, int64_t count,
                                   mst_pathfinder_take *take, void *context, mst_error *err);

#endif
