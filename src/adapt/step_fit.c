/* adapt/step_fit.c -- see step_fit.h. */
#include "adapt/step_fit.h"

#include <math.h>
#include <sleef.h>

#include "base/error.h"
#include "base/portable.h"

#define FEWEST_TRIALS 10
#define HALVINGS 40

static double erfc_same(double x) { return Sleef_cinz_erfcd1_u15purec(x); }

void mst_step_trial(mst_step_trials *t, double eps, double accept) {
  const int at = t->count++ % MST_STEP_TRIALS;
  t->eps[at] = eps;
  t->accept[at] = isnan(accept) ? 0.0 : accept;
}

void mst_step_fit_begin(mst_step_fit *fit, double target) {
  fit->target = target;
  fit->sources = 0;
}

void mst_step_fit_add(mst_step_fit *fit, const mst_step_trials *trials) {
  MST_ASSERT(fit->sources < (int)(sizeof fit->source / sizeof *fit->source));
  fit->source[fit->sources++] = trials;
}

static int kept(const mst_step_trials *t) {
  return t->count < MST_STEP_TRIALS ? t->count : MST_STEP_TRIALS;
}

/* Sum of fitted minus seen acceptances, falling in kappa. */
static double excess(const mst_step_fit *fit, double kappa) {
  double sum = 0;
  for (int s = 0; s < fit->sources; s++)
    for (int i = 0; i < kept(fit->source[s]); i++) {
      const double eps = fit->source[s]->eps[i];
      sum += erfc_same(kappa * eps * eps) - fit->source[s]->accept[i];
    }
  return sum;
}

/* Halves [low, high], on whose ends a falling function changes sign. */
static double inverse_erfc(double y) {
  double low = 0, high = 6;
  for (int i = 0; i < HALVINGS; i++) {
    double middle = 0.5 * (low + high);
    if (erfc_same(middle) > y)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

double mst_step_fit_end(const mst_step_fit *fit, double guess) {
  int trials = 0;
  for (int s = 0; s < fit->sources; s++) trials += kept(fit->source[s]);
  if (trials < FEWEST_TRIALS) return guess;
  /* Factors 1/4 and 4 in kappa are factors 2 and 1/2 in the step size. */
  const double u = inverse_erfc(fit->target), middle = mst_log_same(u / (guess * guess));
  double low = middle - 2 * 0.69314718055994531, high = middle + 2 * 0.69314718055994531;
  for (int i = 0; i < HALVINGS; i++) {
    double log_kappa = 0.5 * (low + high);
    if (excess(fit, mst_exp_same(log_kappa)) > 0)
      low = log_kappa;
    else
      high = log_kappa;
  }
  return sqrt(u / mst_exp_same(0.5 * (low + high)));
}
