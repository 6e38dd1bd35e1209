/* optim/optim.h -- ascents from several starts at once: their memory, and one step of all of them.
 *
 * Every lane is a start, and one pass over the data serves all (target/batch.h). Globals are
 * replicated; row-local parameters, their gradients and the pairs of L-BFGS stay on the rank
 * that owns their rows, and scalar products over them are part of the evaluation's one message. A
 * step:
 *
 *     plan      every start's state machine             ascent
 *     move      accept, pair, direction, trial point    span, on threads over this rank's rows
 *     evaluate  one sweep, one MPI_Allreduce            target/batch
 *     digest    log density and products                ascent
 *
 * All but the sweep and the rows is replicated on every rank, on the same bits.
 */
#ifndef MST_OPTIM_OPTIM_H
#define MST_OPTIM_OPTIM_H

#include "base/std_normal.h"
#include "optim/marginal.h"
#include "optim/path.h"
#include "optim/span.h"
#include "target/batch.h"

typedef struct mst_optim {
  mst_target *target;
  mst_ascent_options options;
  const mst_span_hot *hot;
  mst_batch batch;
  mst_span_state *global, *local;      /* [batches] */
  mst_move *move;                      /* [batches] */
  mst_ascent_instruction *instruction; /* [slots] */
  mst_ascent *start;                   /* [slots]: batches * lanes, the caller's starts first */
  double *dot;                         /* [batches][mst_dots][lanes] */
  bool *stepped;  /* [slots]: a step was taken in the last evaluation; of a path that
                                   * repeats: a draw was evaluated */
  mst_path *path; /* [slots] of paths, else NULL */
  mst_path_options path_options;
  double *approx_dot; /* [batches][mst_approx_dots][lanes] */
  double *path_lp;    /* [slots][2][draws]: log densities of the paths' draws */
  mst_std_normal_fn *std_normal;
  /* with options.integrated: the density that is maximised; local is empty then */
  mst_marginal *marginal;
  /* ... row-local elements where it was last finite, as in the batch */
  double *rows;
  int starts;
  int64_t steps, gradients; /* evaluations of all; of single starts */
  double begun;
} mst_optim;

/* Progress of the ascents. */
typedef struct mst_optim_view {
  int starts, ascending, iterations; /* iterations: of the start that has made most */
  double best;                       /* log density; -inf: none yet */
  int64_t gradients;
  double elapsed;
  bool finished;
} mst_optim_view;
typedef void mst_optim_report(void *context, const mst_optim_view *view);

/* Collective. Starts an ascent for each of the target's chains. The target must outlive it, and
 * nothing else may step it meanwhile. Errors are agreed. End with mst_optim_end, also after a
 * failure. */
masting_status mst_optim_begin(mst_optim *optim, mst_target *target,
                               const mst_ascent_options *options, mst_error *err);
void mst_optim_end(mst_optim *optim);

/* Collective. Makes every start a path (path.h), before the first step. With row-local
 * parameters a message has room for the products of few pairs: a history of at most
 * MST_PATH_HISTORY, or MASTING_ERR_USAGE. Errors are agreed. */
#define MST_PATH_HISTORY 5
masting_status mst_optim_paths(mst_optim *optim, int elbo_draws, int64_t draws, int patience,
                               mst_error *err);

/* Collective, one MPI_Allreduce. One evaluation of every start that has something to do. */
masting_status mst_optim_step(mst_optim *optim, mst_error *err);

/* Collective. Steps until all are done; rank 0 calls report (may be NULL) a few times a second.
 * A start that finds no point with finite density is an error, as in the sampler. */
masting_status mst_optim_run(mst_optim *optim, mst_optim_report *report, void *context,
                             mst_error *err);

/* Copies a start's present point: globals [P] and this rank's row-local elements (with
 * options.integrated they are near their highest point there). Not collective. */
void mst_optim_globals(const mst_optim *optim, int start, double *y);
void mst_optim_locals(const mst_optim *optim, int start, double *y);

typedef struct mst_outcome { /* outcome of an ascent, as reported to the user */
  mst_ascent_end end;        /* the ascent's own, or MST_END_UNBOUNDED if a scale tends to 0 */
  char name[160]; /* the parameter that diverges, in Stan's notation, "beta[2]"; "" if none */
  char where[96]; /* "goes to infinity (it is 41.3)" */
} mst_outcome;

/* Collective. For MST_END_INFINITY and _UNBOUNDED the parameter that moves most is named. A
 * start counts as _UNBOUNDED too if its line search failed, or its steps became short at a large
 * gradient, near a bound of a global parameter (a scale that tends to 0). In outcome.c. */
void mst_optim_outcome(const mst_optim *optim, int start, mst_outcome *outcome);

#endif
