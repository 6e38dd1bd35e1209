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

typedef struct mst_series {
  double *x;      /* [count][stride], zero behind the n numbers of each */
  int64_t count;  /* at least 2 */
  int64_t n;      /* at least 2 */
  int64_t stride; /* mst_series_stride(n) */
} mst_series;

int64_t mst_series_stride(int64_t n);

/* The number of independent draws that would give the same standard error; all draws for a
 * constant, NaN for NaN. Uses the numbers up (means are taken off). */
double mst_ess(const mst_series *s);

/* Potential scale reduction of the series as they are (not split, not ranked). */
double mst_rhat(const mst_series *s);

#endif
