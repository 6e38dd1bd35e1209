/* run/laplace.h -- finds a mode, its Hessian, and writes draws of the Gaussian approximation
 * there. */
#ifndef MST_RUN_LAPLACE_H
#define MST_RUN_LAPLACE_H

#include "optim/directions.h"
#include "run/modes.h"

typedef struct mst_laplace_options {
  mst_modes_options
      mode; /* how the mode is found; its seed and output file are also those of the draws */
  /* NULL: the mode is searched for; else read from a file of `masting optimize`, chain 1, draw 1 */
  const char *mode_file;
  bool joint; /* the highest point of all parameters, and one Gaussian of them; else
                           * row-local ones are integrated out (optim/marginal.h) */
  int draws;
} mst_laplace_options;

void mst_laplace_defaults(mst_laplace_options *options);

typedef struct mst_laplace_result {
  mst_modes_result modes;    /* modes.mode has one element when the mode was given */
  mst_directions directions; /* of minus the Hessian at the mode */
  double *sd;                /* [globals] of the approximation, unconstrained scale */
  double lp;                 /* log density at the mode */
  double distance;           /* of the point from the approximation's own mode, in standard
                            * deviations, by the globals' gradient */
  double asymmetry;          /* of the Hessian, relative: what differences are good for */
  int64_t mode_passes, hessian_passes, draw_passes; /* over the data */
  double mode_seconds, hessian_seconds, draw_seconds;
  int64_t refused;   /* draws without a finite density */
  double weight_ess; /* effective number of draws by their weights: (sum w)^2 / sum w^2 */
  double global_ess; /* the same of the globals alone, row-local parameters integrated out */
  bool integrated;
} mst_laplace_result;

/* Collective. Errors are agreed; where there is no Gaussian (optim/gauss.h) nothing is written.
 * report: of the ascent, may be NULL. Free the result, also on failure. */
masting_status mst_laplace(const mst_comm *comm, const mst_model_set *model,
                           const mst_dataset *data, mst_isa isa, const mst_laplace_options *options,
                           mst_optim_report *report, void *context, mst_laplace_result *result,
                           mst_error *err);
void mst_laplace_free(mst_laplace_result *result);

#endif
