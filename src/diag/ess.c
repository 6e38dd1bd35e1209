/* diag/ess.c -- see ess.h.
 *
 * Autocovariances are direct sums, lag by lag, because Geyer's rule stops at the first pair of lags
 * whose sum is negative: a chain worth keeping needs 10 to 50 lags, for which direct sums take less
 * time than the transforms of all lags would, and they need no FFT library.
 */
#include "diag/ess.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define WIDE 4
typedef double wide __attribute__((vector_size(8 * WIDE)));

/* Below this spread ArviZ calls a series constant (numpy's finfo(float).resolution). */
#define CONSTANT_SPREAD 1e-15

static double mean_of(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x[i];
  return sum / (double)n;
}

/* Sample variance, divisor n - 1. */
static double variance_of(const double *x, int64_t n) {
  double mean = mean_of(x, n), sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum / (double)(n - 1);
}

/* *sum0 += sum x[i] x[i+t], *sum1 += the same at lag t + 1; t + 1 < n. */
static void add_lag_pair(const double *x, int64_t n, int64_t t, double *sum0, double *sum1) {
  wide a0 = {0}, b0 = {0}, a1 = {0}, b1 = {0};
  int64_t i = 0, full = n - t - 1; /* terms that both lags have */
  for (; i + 2 * WIDE <= full; i += 2 * WIDE) {
    wide x0, x1, y0, y1, z0, z1;
    memcpy(&x0, x + i, sizeof x0);
    memcpy(&x1, x + i + WIDE, sizeof x1);
    memcpy(&y0, x + i + t, sizeof y0);
    memcpy(&y1, x + i + t + WIDE, sizeof y1);
    memcpy(&z0, x + i + t + 1, sizeof z0);
    memcpy(&z1, x + i + t + 1 + WIDE, sizeof z1);
    a0 += x0 * y0;
    a1 += x1 * y1;
    b0 += x0 * z0;
    b1 += x1 * z1;
  }
  a0 += a1;
  b0 += b1;
  double lag0 = (a0[0] + a0[1]) + (a0[2] + a0[3]), lag1 = (b0[0] + b0[1]) + (b0[2] + b0[3]);
  for (; i < full; i++) {
    lag0 += x[i] * x[i + t];
    lag1 += x[i] * x[i + t + 1];
  }
  *sum0 += lag0 + x[full] * x[full + t];
  *sum1 += lag1;
}

typedef struct centred { /* the series after their means are off, and what the estimator needs */
  const double *x;
  int64_t series, n;
  double within, plus; /* mean within-series variance; estimate of the posterior's variance */
} centred;

/* Autocorrelation estimates at lags t and t + 1. */
static void correlations(const centred *c, int64_t t, double *even, double *odd) {
  double sum0 = 0, sum1 = 0, terms = (double)(c->series * c->n);
  for (int64_t s = 0; s < c->series; s++) add_lag_pair(c->x + s * c->n, c->n, t, &sum0, &sum1);
  *even = 1 - (c->within - sum0 / terms) / c->plus;
  *odd = 1 - (c->within - sum1 / terms) / c->plus;
}

/* Takes the means off x and fills *c. */
static void centre(centred *c, double *x, int64_t series, int64_t n) {
  double sum = 0, grand = 0, between = 0;
  double origin = mean_of(x, n); /* taken off first: a far-off location then costs no digits */
  for (int64_t s = 0; s < series; s++) {
    double *row = x + s * n;
    for (int64_t i = 0; i < n; i++) row[i] -= origin;
    double mean = mean_of(row, n), step = mean - grand;
    grand += step / (double)(s + 1);
    between += step * (mean - grand);
    for (int64_t i = 0; i < n; i++) {
      row[i] -= mean;
      sum += row[i] * row[i];
    }
  }
  double biased = sum / (double)(series * n);
  *c = (centred){x, series, n, biased * (double)n / ((double)n - 1), biased};
  if (series > 1) c->plus += between / (double)(series - 1);
}

static bool is_constant(const double *x, int64_t count) {
  double low = x[0], high = x[0];
  for (int64_t i = 1; i < count; i++) {
    if (x[i] < low) low = x[i];
    if (x[i] > high) high = x[i];
  }
  return high - low < CONSTANT_SPREAD;
}

double mst_ess(double *x, int64_t series, int64_t n) {
  double total = (double)(series * n);
  if (is_constant(x, series * n)) return total;
  centred c;
  centre(&c, x, series, n);

  double even = 1, odd, sum, tau = -1, least = INFINITY, ignored;
  correlations(&c, 0, &ignored, &odd); /* lag 0 is 1 by definition */
  sum = even + odd;
  if (isnan(odd)) return NAN;
  /* Pairs of lags (0,1), (2,3), ...: positive sums only, made monotone, the last one set aside. */
  for (int64_t t = 2; t < n - 2 && sum > 0; t += 2) {
    least = fmin(least, sum);
    tau += 2 * least;
    correlations(&c, t, &even, &odd);
    sum = even + odd;
  }
  if (even > 0 || sum >= 0) tau += even; /* of the pair set aside, the even lag counts once */
  double floor_tau = 1 / log10(total);
  return total / (tau < floor_tau ? floor_tau : tau);
}

double mst_rhat(const double *x, int64_t series, int64_t n) {
  double grand = 0, between = 0, within = 0;
  for (int64_t s = 0; s < series; s++) {
    double mean = mean_of(x + s * n, n), step = mean - grand;
    grand += step / (double)(s + 1);
    between += step * (mean - grand);
    within += variance_of(x + s * n, n);
  }
  double length = (double)n;
  between *= length / (double)(series - 1);
  within /= (double)series;
  return sqrt((between / within + length - 1) / length);
}
