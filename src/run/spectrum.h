/* run/spectrum.h -- how stiff what a run has found is, and along which parameters
 * (optim/directions.h): the Hessian at a mode, and the metric that chains use. What is reported,
 * never what a draw is made of.
 */
#ifndef MST_RUN_SPECTRUM_H
#define MST_RUN_SPECTRUM_H

#include "optim/directions.h"
#include "optim/hessian.h"
#include "run/engine.h"

/* Collective, errors agreed. The Hessian at a mode: y [globals], local [row-local elements of this
 * rank], unconstrained. integrated: of the density with row-local parameters integrated out
 * (optim/marginal.h), where `local` first becomes the rows' highest point, and marginal, which the
 * caller ends, is begun; else it is not touched. grid: as in optim/hessian.h. */
masting_status mst_hessian_at_mode(mst_hessian *hessian, mst_batch *batch, mst_marginal *marginal,
                                   const double *y, double *local, bool integrated,
                                   const mst_grid *grid, mst_error *err);

/* Collective, errors agreed. Directions of minus that Hessian, distributed over all ranks from the
 * start: no rank has all of it. *passes: over the data. Free the directions, also on failure. */
masting_status mst_spectrum_at_mode(mst_directions *directions, mst_target *target, const double *y,
                                    double *local, bool integrated, int64_t *passes,
                                    mst_error *err);

/* Collective, errors agreed. Directions of the inverse mass in slot of the engine's metric; none
 * (n is 0) of a diagonal one. */
masting_status mst_spectrum_of_metric(mst_directions *directions, const mst_engine *engine,
                                      int slot, mst_error *err);

#endif
