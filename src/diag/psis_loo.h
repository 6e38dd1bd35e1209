/* diag/psis_loo.h -- leave-one-out cross-validation of one observation, by importance sampling.
 *
 * Vehtari, Gelman and Gabry 2017, "Practical Bayesian model evaluation using leave-one-out
 * cross-validation and WAIC", Statistics and Computing 27; the tail of the weights is smoothed as
 * in Vehtari, Simpson, Gelman, Yao and Gabry 2024, "Pareto smoothed importance sampling", JMLR 25,
 * with the fit of Zhang and Stephens 2009, Technometrics 51(3). Conventions (where the tail begins,
 * when it is smoothed) are ArviZ's, so that the numbers are. Not collective; pure.
 */
#ifndef MST_DIAG_PSIS_LOO_H
#define MST_DIAG_PSIS_LOO_H

#include <stdint.h>

/* Of one observation, in nats. k: the shape of the weights' tail; +inf with too few draws in it. */
typedef struct mst_loo_point {
  double elpd_loo, k;    /* expected log density of the observation without it */
  double lppd, variance; /* log of the mean density over draws; variance of the log density */
} mst_loo_point;

/* log_lik[n]: of one observation, per draw; tail: draws in the tail, of mst_loo_tail. scratch: 3n.
 * NaN among the draws: all NaN. tail 0: lppd and variance only, the rest NaN. */
void mst_loo_observation(const double *log_lik, int64_t n, int64_t tail, double *scratch,
                         mst_loo_point *out);

/* reff: effective over plain number of draws. */
int64_t mst_loo_tail(int64_t n, double reff);

#endif
