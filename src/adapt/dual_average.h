/* adapt/dual_average.h -- step size by dual averaging.
 *
 * Nesterov's primal-dual averaging as in Hoffman and Gelman 2014, section 3.2.1: gamma 0.05, t0 10,
 * kappa 0.75, shrinking towards log(10 eps0). Exponentials are the portable ones: all ranks get the
 * same bits on any processor. Not collective.
 */
#ifndef MST_ADAPT_DUAL_AVERAGE_H
#define MST_ADAPT_DUAL_AVERAGE_H

typedef struct mst_dual_average {
  double target, mu, log_eps, log_eps_mean, error_mean;
  int count;
} mst_dual_average;

/* mu: value towards which the log step size is shrunk. */
void mst_dual_average_begin(mst_dual_average *d, double target, double eps, double mu);

/* One draw's mean acceptance; returns the next step size. */
double mst_dual_average_update(mst_dual_average *d, double accept);

/* The averaged log step size (that of the latest step before any update). */
double mst_dual_average_log(const mst_dual_average *d);

#endif
