/* run/engine.h -- the chains' memory and one step of them all.
 *
 * The engine owns what the nuts room works on: states, pools of points, metrics, instructions. A
 * step: plan every chain, move the globals, sweep the rows, one reduction, finish the globals,
 * digest. All of it but the sweep is replicated on every rank, on the same bits.
 */
#ifndef MST_RUN_ENGINE_H
#define MST_RUN_ENGINE_H

#include "nuts/pass.h"
#include "nuts/tree.h"

typedef struct mst_engine {
  mst_target *target;
  const mst_pass_hot *hot;
  mst_pass pass;
  mst_tree *tree; /* [slots]: batches * lanes, chains first */
  bool *made;     /* [slots]: a draw was made in the last step */
  bool *stale;    /* [slots]: sums have changed their scales since the draw under way began */
  bool replaying; /* sums keep their scales (run/engine_archive.h) */
  /* draws that start keep where they begin: a buffer more, which costs a small model with row-local
   * parameters 2 % where its buffers fit the cache, and others nothing */
  bool keeps_starts;
  int slots, chains;
  int depth_before; /* deepest doubling planned a step ago: bounds the message's length */
  uint64_t hash;
  int64_t steps, gradients;
} mst_engine;

typedef struct mst_engine_options {
  uint64_t seed;
  double init_radius, step_size;
  int max_depth;
  mst_adaptation adaptation;
  bool pooled;
  bool rotates; /* chains may draw by rotation: only with a pool and an adapted metric */
} mst_engine_options;

/* Collective. Allocates for target's chains; metric 1. Errors are agreed. */
masting_status mst_engine_begin(mst_engine *engine, mst_target *target,
                                const mst_engine_options *options, mst_error *err);
void mst_engine_end(mst_engine *engine);

/* Does keeping the starts of draws cost nothing: no row-local parameters, or so many that a rank's
 * points do not fit a cache? The same on every rank. Not collective. */
bool mst_engine_may_keep(const mst_engine *engine);

/* Collective, one MPI_Allreduce. One leapfrog step of every chain that has something to do. Before
 * it the caller may have set pass.metric_instruction, chain metrics and the trees' step sizes. */
masting_status mst_engine_step(mst_engine *engine, mst_error *err);

/* Chain c's current point (the draw just made), unconstrained: globals [P] and this rank's
 * row-local elements [rows * L]. Valid until the next step. Not collective. */
const double *mst_engine_globals(const mst_engine *engine, int chain);
const double *mst_engine_locals(const mst_engine *engine, int chain);

/* The gradient of the log density there w.r.t. the globals, [P]; likewise. */
const double *mst_engine_gradient(const mst_engine *engine, int chain);

#endif
