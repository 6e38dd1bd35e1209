/* optim/psis.h -- importance weights with a smoothed tail, and the tail's shape k as a diagnostic
 * of the approximation.
 *
 * Vehtari, Simpson, Gelman, Yao and Gabry 2024, "Pareto smoothed importance sampling", JMLR 25:
 * the largest weights are replaced by quantiles of the generalised Pareto distribution fitted to
 * them (Zhang and Stephens 2009, "A new and efficient estimation method for the generalized
 * Pareto distribution", Technometrics 51(3), with the prior of the former's appendix). k, its
 * shape, below 0.7: the weighted draws can be trusted; above 1: the ratios have no mean. Pure;
 * exponentials and logarithms have the same bits on every processor.
 */
#ifndef MST_OPTIM_PSIS_H
#define MST_OPTIM_PSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define MST_PSIS_GOOD 0.7

/* log_ratio[n] becomes log weights that sum to 1 (on the plain scale). What is not finite gets
 * weight 0. *k: +inf when too few draws make a tail. Errors: MASTING_ERR_MEMORY;
 * MASTING_ERR_INIT if no ratio is finite. */
masting_status mst_psis(double *log_ratio, int64_t n, double *k, mst_error *err);

/* count choices 0 .. n-1 with these weights, by random numbers of the seed. With replacement, or
 * without: then the first ones come again when no draw with a weight is left. log_weight has one
 * at least. */
void mst_psis_choose(const double *log_weight, int64_t n, uint64_t seed, bool replace,
                     int64_t count, int64_t *choice, double *scratch);

#endif
