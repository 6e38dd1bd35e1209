/* adapt/step_fit.h -- estimates the step size whose mean acceptance equals the target, from draws
 * at several step sizes.
 *
 * Dual averaging visits step sizes around the right one, and since acceptance falls faster than
 * it rises, its average is too small: acceptance is 0.87 to 0.92 for a target of 0.8 after few
 * draws. So a curve is fitted to the draws: the energy error of a leapfrog trajectory is nearly
 * normal with a standard deviation in eps^2, which makes the mean acceptance erfc(kappa eps^2)
 * (Beskos et al. 2013, "Optimal tuning of the hybrid Monte Carlo algorithm", Bernoulli 19(5),
 * section 3). kappa is where the fitted acceptances have the sum of those seen. Same bits on
 * every processor. Not collective.
 */
#ifndef MST_ADAPT_STEP_FIT_H
#define MST_ADAPT_STEP_FIT_H

#define MST_STEP_TRIALS 32 /* a chain; the latest */

typedef struct mst_step_trials {
  int count; /* seen; the last MST_STEP_TRIALS are kept */
  double eps[MST_STEP_TRIALS], accept[MST_STEP_TRIALS];
} mst_step_trials;

void mst_step_trial(mst_step_trials *trials, double eps, double accept);

typedef struct mst_step_fit {
  double target;
  int sources;
  const mst_step_trials *source[64]; /* chains */
} mst_step_fit;

void mst_step_fit_begin(mst_step_fit *fit, double target);
void mst_step_fit_add(mst_step_fit *fit, const mst_step_trials *trials);

/* The step size; guess when there are fewer than 10 trials. At most a factor of 2 from guess. */
double mst_step_fit_end(const mst_step_fit *fit, double guess);

#endif
