/* run/starts.h -- starting points of the sampler's chains other than random ones: each chain starts
 * near the mode that an ascent from its own random point reaches, or at a draw of Pathfinder.
 *
 * A chain starts at mode + sd z, with z standard normal and sd the square roots of L-BFGS's
 * diagonal of the inverse Hessian (optim/span.h), so that its energy is about that of a draw: with
 * conditional standard deviations the expected loss is P/2 nats, whatever the correlations. If the
 * density is not finite there, sd is halved. sd^2 is also the first metric.
 *
 * With row-local parameters the mode is that of the globals, the others integrated out
 * (optim/marginal.h): the joint mode is far from typical draws. Row-local parameters start around
 * their conditional modes given the globals' mode, with their standard deviations there.
 */
#ifndef MST_RUN_STARTS_H
#define MST_RUN_STARTS_H

#include "nuts/pass.h"
#include "optim/ascent.h"

typedef enum mst_init { MST_INIT_RANDOM, MST_INIT_MODE, MST_INIT_PATHFINDER } mst_init;

extern const char *const mst_init_names[]; /* random, mode, pathfinder */

#define MST_START_ITERATIONS 1000 /* limit on an ascent's iterations */

typedef struct mst_starts {
  int batches;
  bool *has_start;            /* [slots]: false: this chain found no mode and starts at random */
  double *global, *global_sd; /* [batches][globals][lanes] */
  double *local, *local_sd;   /* [batches][row-local elements of this rank][lanes] */
  int64_t gradients, passes;
  double jitter; /* standard deviation around the points, in units of sd: 1, or 0 at the points */
  double k;      /* Pathfinder's Pareto k; NaN without */
  int found;     /* chains with a start */
  int best;      /* the one of them whose mode is highest */
  double seconds;
} mst_starts;

/* Collective. Before the engine begins: one ascent for each of the target's chains, from the
 * sampler's own random point. Rank 0 warns of chains whose ascent finds no mode. Errors are agreed.
 * Free also on failure. */
masting_status mst_starts_modes(mst_starts *starts, mst_target *target,
                                const mst_ascent_options *ascent, mst_error *err);

/* Collective. The same by Pathfinder (optim/pathfinder.h), a path a chain: every chain starts at
 * a draw chosen by weight among those of all paths, no draw twice while there are others. Where
 * no path has a Gaussian all start at random points, and rank 0 warns. */
masting_status mst_starts_paths(mst_starts *starts, mst_target *target,
                                const mst_ascent_options *ascent, mst_error *err);
void mst_starts_free(mst_starts *starts);

/* Gives the pass its starts; they must live until chains have started. Not collective. */
void mst_starts_give(const mst_starts *starts, mst_pass *pass);

/* The first metric: sd^2, its mean over the chains that have one if metrics are pooled. Not
 * collective. */
void mst_starts_metric(const mst_starts *starts, const mst_pass *pass);

#endif
