/* run/modes.h -- modes of the posterior: several starts climb at once, and a file holds where
 * they end. */
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

/* Collective. Climbs, and writes the file with a chain of one draw for each start, best first.
 * Errors are agreed; that no start found a mode is MASTING_ERR_MODEL, and nothing is written
 * then. Free the result, also on failure. */
masting_status mst_modes_find(const mst_comm *comm, const mst_model_set *model,
                              const mst_dataset *data, mst_isa isa,
                              const mst_modes_options *options, mst_optim_report *report,
                              void *context, mst_modes_result *result, mst_error *err);
void mst_modes_free(mst_modes_result *result);

/* Collective. The same of starts that stand ready, without a file; where the best ended is
 * mode[0].start - 1 of optim. */
masting_status mst_modes_ascend(mst_optim *optim, mst_optim_report *report, void *context,
                                mst_modes_result *result, mst_error *err);

/* "beta[2] goes to infinity (it is 41.3) ..." with the remedy, for the model's name. Not
 * collective. */
masting_status mst_modes_runaway(const char *model, const mst_mode *mode, mst_error *err);

#endif
