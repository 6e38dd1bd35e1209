/* diag/ess.h -- effective sample size and R-hat of a set of equally long series.
 *
 * Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021, "Rank-normalization, folding, and
 * localization: an improved R-hat", Bayesian Analysis 16(2); Geyer 1992, "Practical Markov chain
 * Monte Carlo", Statistical Science 7(4). Conventions (biased autocovariance, the last even term,
 * the floor of tau) are ArviZ's, so that the numbers are. Not collective; pure.
 */
#ifndef MST_DIAG_ESS_H
#define MST_DIAG_ESS_H

#include <stdint.h>

/* x: [series][n], n >= 2, series >= 2; used up (means are taken off). The number of draws that would
 * tell as much if they were independent; all of them for a constant, NaN for NaN. */
double mst_ess(double *x, int64_t series, int64_t n);

/* x: [series][n]. Potential scale reduction of the series as they are (not split, not ranked). */
double mst_rhat(const double *x, int64_t series, int64_t n);

#endif
