/* adapt/dual_average.c -- see dual_average.h. */
#include "adapt/dual_average.h"

#include <math.h>

#include "base/portable.h"

void mst_dual_average_begin(mst_dual_average *d, double target, double eps, double mu) {
  *d = (mst_dual_average){.target = target, .mu = mu};
  d->log_eps = d->log_eps_mean = mst_log_same(eps);
}

double mst_dual_average_update(mst_dual_average *d, double accept) {
  const double gamma = 0.05, t0 = 10.0, kappa = 0.75;
  if (isnan(accept)) accept = 0.0;
  if (accept > 1.0) accept = 1.0;
  double t = ++d->count, eta = 1.0 / (t + t0);
  d->error_mean = (1.0 - eta) * d->error_mean + eta * (d->target - accept);
  d->log_eps = d->mu - d->error_mean * sqrt(t) / gamma;
  double weight = mst_exp_same(-kappa * mst_log_same(t));
  d->log_eps_mean = (1.0 - weight) * d->log_eps_mean + weight * d->log_eps;
  return mst_exp_same(d->log_eps);
}

double mst_dual_average_log(const mst_dual_average *d) { return d->log_eps_mean; }
