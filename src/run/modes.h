/* run/modes.h -- finds modes of the posterior by ascents from several starts at once, and writes
 * them to a file. */
#ifndef MST_RUN_MODES_H
#define MST_RUN_MODES_H

#include "optim/directions.h"
#include "optim/optim.h"
#include "store/drawfile.h"

typedef struct mst_modes_options {
  mst_ascent_options ascent; /* seed and radius of the starts among them */
  int starts, lanes;
  mst_reduction reduction;
  mst_latents latents;
  const char *out; /* NULL: no file */
  int force;
  bool hessian;                         /* the best mode's second derivatives, and their spectrum */
  const char *data_path, *command_line; /* for provenance */
} mst_modes_options;

void mst_modes_defaults(mst_modes_options *options);

typedef struct mst_mode { /* where a start ended */
  int start;              /* its number, from 1 */
  double lp, gradient;    /* log density with log Jacobians; length of its gradient */
  int iterations, evaluations;
  mst_outcome outcome;
} mst_mode;

typedef struct mst_modes_result {
  mst_mode *mode; /* [starts], best first */
  double *theta;  /* of the best: [globals] constrained, [derived], storage order */
  mst_layout layout;
  mst_directions directions; /* with options.hessian: of minus the Hessian at the best mode */
  int64_t hessian_passes;    /* over the data */
  int64_t steps, gradients, collectives, collective_bytes;
  double seconds;
} mst_modes_result;

/* Collective. Runs the ascents and writes a file with a chain of one draw for each start, best
 * first. Errors are agreed; that no start found a mode is MASTING_ERR_MODEL, and nothing is written
 * then. Free the result, also on failure. */
masting_status mst_modes_find(const mst_comm *comm, const mst_model_set *model,
                              const mst_dataset *data, mst_isa isa,
                              const mst_modes_options *options, mst_optim_report *report,
                              void *context, mst_modes_result *result, mst_error *err);
void mst_modes_free(mst_modes_result *result);

/* Collective. The same for the starts of an optim that has begun, without a file; the best mode is
 * that of start mode[0].start - 1. */
masting_status mst_modes_ascend(mst_optim *optim, mst_optim_report *report, void *context,
                                mst_modes_result *result, mst_error *err);

/* "beta[2] goes to infinity (it is 41.3) ..." with the remedy, for the model's name. Not
 * collective. */
masting_status mst_modes_runaway(const char *model, const mst_mode *mode, mst_error *err);

#endif
