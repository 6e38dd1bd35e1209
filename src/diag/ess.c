/* diag/ess.c -- see ess.h.
 *
 * Autocovariances are direct sums, eight lags at a time, because Geyer's rule stops at the first
 * pair of lags whose sum is not positive: a chain worth keeping needs 10 to 50 lags, for which
 * direct sums take less time than the transforms of all lags would. Chains that do not mix need all
 * of them, which the widest SIMD of the machine makes bearable (about 0.1 ms for 8 chains of 1000).
 * No FFT library is needed.
 */
#include "diag/ess.h"

#include <math.h>
#include <stdbool.h>

#include "diag/lags.h"

/* Below this spread ArviZ calls a series constant (numpy's finfo(float).resolution). */
#define CONSTANT_SPREAD 1e-15

int64_t mst_series_stride(int64_t n) { return n + MST_LAGS_PAD; }

/* By distances from the first number: exact for a constant, whose variance is then 0. */
static double mean_of(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x[i] - x[0];
  return x[0] + sum / (double)n;
}

/* Sample variance, divisor n - 1. */
static double variance_of(const double *x, int64_t n) {
  double mean = mean_of(x, n), sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum / (double)(n - 1);
}

typedef struct correlator { /* of series whose means are off */
  const mst_series *s;
  double within, plus; /* mean within-series variance; estimate of the posterior's variance */
  mst_lags_fn *lags;
  double sum[MST_LAGS]; /* of products at lags have .. have + MST_LAGS-1 */
  int64_t have;
} correlator;

/* Autocorrelation estimates at the lags t and t + 1; t is even and grows by 2. */
static void correlate(correlator *c, int64_t t, double *even, double *odd) {
  const mst_series *s = c->s;
  double terms = (double)(s->count * s->n);
  if (t % MST_LAGS == 0) c->lags(s->x, s->count, s->n, s->stride, c->have = t, c->sum);
  *even = 1 - (c->within - c->sum[t - c->have] / terms) / c->plus;
  *odd = 1 - (c->within - c->sum[t - c->have + 1] / terms) / c->plus;
}

/* Takes the means off and fills *c. */
static void centre(correlator *c, const mst_series *s) {
  double sum = 0, grand = 0, between = 0;
  double origin =
      mean_of(s->x, s->n); /* taken off first: a far-off location then costs no digits */
  for (int64_t k = 0; k < s->count; k++) {
    double *row = s->x + k * s->stride;
    for (int64_t i = 0; i < s->n; i++) row[i] -= origin;
    double mean = mean_of(row, s->n), step = mean - grand;
    grand += step / (double)(k + 1);
    between += step * (mean - grand);
    for (int64_t i = 0; i < s->n; i++) {
      row[i] -= mean;
      sum += row[i] * row[i];
    }
  }
  double biased = sum / (double)(s->count * s->n), n = (double)s->n;
  *c = (correlator){.s = s, .within = biased * n / (n - 1), .lags = mst_lags(mst_isa_here())};
  c->plus = biased + between / (double)(s->count - 1);
}

static bool is_constant(const mst_series *s) {
  double low = s->x[0], high = s->x[0];
  for (int64_t k = 0; k < s->count; k++)
    for (int64_t i = 0; i < s->n; i++) {
      double x = s->x[k * s->stride + i];
      if (x < low) low = x;
      if (x > high) high = x;
    }
  return high - low < CONSTANT_SPREAD;
}

double mst_ess(const mst_series *s) {
  double total = (double)(s->count * s->n);
  if (is_constant(s)) return total;
  correlator c;
  centre(&c, s);

  double even, odd, sum, tau = -1, least = INFINITY;
  correlate(&c, 0, &even, &odd);
  if (isnan(odd)) return NAN;
  even = 1; /* by definition; the estimate at lag 0 is only near it */
  sum = even + odd;
  /* Pairs of lags (0,1), (2,3), ...: positive sums only, made monotone, the last one set aside. */
  for (int64_t t = 2; t < s->n - 2 && sum > 0; t += 2) {
    least = fmin(least, sum);
    tau += 2 * least;
    correlate(&c, t, &even, &odd);
    sum = even + odd;
  }
  if (even > 0 || sum >= 0) tau += even; /* of the pair set aside, the even lag counts once */
  double floor_tau = 1 / log10(total);
  return total / (tau < floor_tau ? floor_tau : tau);
}

double mst_rhat(const mst_series *s) {
  double grand = 0, between = 0, within = 0, n = (double)s->n;
  for (int64_t k = 0; k < s->count; k++) {
    const double *row = s->x + k * s->stride;
    double mean = mean_of(row, s->n), step = mean - grand;
    grand += step / (double)(k + 1);
    between += step * (mean - grand);
    within += variance_of(row, s->n);
  }
  between *= n / (double)(s->count - 1);
  within /= (double)s->count;
  return sqrt((between / within + n - 1) / n);
}
