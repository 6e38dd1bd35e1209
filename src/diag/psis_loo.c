/* diag/psis_loo.c -- see psis_loo.h. */
#include "diag/psis_loo.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define GRID 1030 /* points of the fit, at most */

int64_t mst_loo_tail(int64_t n, double reff) {
  return (int64_t)ceil(fmin((double)n / 5, 3 * sqrt((double)n / reff)));
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The k-th smallest, k from 0; reorders x. Hoare's selection. */
static double select_kth(double *x, int64_t n, int64_t k) {
  int64_t low = 0, high = n - 1;
  while (low < high) {
    const double pivot = x[low + (high - low) / 2];
    int64_t i = low, j = high;
    while (i <= j) {
      while (x[i] < pivot) i++;
      while (x[j] > pivot) j--;
      if (i > j) break;
      const double swap = x[i];
      x[i++] = x[j];
      x[j--] = swap;
    }
    if (k <= j)
      high = j;
    else if (k >= i)
      low = i;
    else
      break;
  }
  return x[k];
}

static double mean_log(const double *x, int64_t n, double b) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += log1p(-b * x[i]);
  return sum / (double)n;
}

/* Shape and scale of the generalised Pareto distribution of x[n], ascending and positive. */
static void fit(const double *x, int64_t n, double *shape, double *scale) {
  double grid[GRID], length[GRID], b = 0, total = 0;
  int points = 30 + (int)sqrt((double)n);
  if (points > GRID) points = GRID;
  const double quartile = x[(int64_t)((double)n / 4 + 0.5) - 1];
  for (int i = 0; i < points; i++) {
    grid[i] = (1 - sqrt(points / (i + 0.5))) / (3 * quartile) + 1 / x[n - 1];
    const double k = mean_log(x, n, grid[i]);
    length[i] = (double)n * (log(-(grid[i] / k)) - k - 1);
  }
  for (int i = 0; i < points; i++) {
    double odds = 0;
    for (int j = 0; j < points; j++) odds += exp(length[j] - length[i]);
    if (!(1 / odds >= 10 * DBL_EPSILON)) continue;
    b += grid[i] / odds;
    total += 1 / odds;
  }
  b /= total;
  const double k = mean_log(x, n, b);
  *scale = -k / b;
  *shape = ((double)n * k + 10 * 0.5) / ((double)n + 10);
}

static double quantile(double p, double shape, double scale) {
  if (!(scale > 0)) return NAN;
  if (fabs(shape) < DBL_EPSILON) return -scale * log1p(-p);
  return scale * expm1(-shape * log1p(-p)) / shape;
}

/* The tail of w = exp(ratio - most) above `cut`, ascending, in place of its log ratios: tail[n]
 * becomes the smoothed log weights. Returns the shape. */
static double smooth(double *tail, int64_t n, double cut, double *excess) {
  double shape, scale;
  const double base = exp(cut);
  if (n <= 4) return INFINITY;
  for (int64_t i = 0; i < n; i++) excess[i] = exp(tail[i]) - base;
  fit(excess, n, &shape, &scale);
  if (!isfinite(shape)) return shape;
  for (int64_t i = 0; i < n; i++)
    tail[i] = fmin(log(quantile(((double)i + 0.5) / (double)n, shape, scale) + base), 0);
  return shape;
}

/* log of the sum of exp(x). */
static double log_sum(const double *x, int64_t n, double most) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += exp(x[i] - most);
  return most + log(sum);
}

static void density(const double *log_lik, int64_t n, mst_loo_point *out) {
  double most = -INFINITY, mean = 0, squares = 0;
  for (int64_t i = 0; i < n; i++) {
    if (log_lik[i] > most) most = log_lik[i];
    mean += log_lik[i] / (double)n;
  }
  for (int64_t i = 0; i < n; i++) squares += (log_lik[i] - mean) * (log_lik[i] - mean);
  out->lppd = log_sum(log_lik, n, most) - log((double)n);
  out->variance = squares / (double)n;
}

/* Draws of the body weigh exp(-log_lik - most), so each adds the same to the sum of weight times
 * density; those of the tail add their smoothed weight times their own density. */
void mst_loo_observation(const double *log_lik, int64_t n, int64_t tail, double *scratch,
                         mst_loo_point *out) {
  double least = INFINITY, *x = scratch, *top = scratch + n, *own = scratch + 2 * n;
  *out = (mst_loo_point){NAN, NAN, NAN, NAN};
  for (int64_t i = 0; i < n; i++) {
    if (isnan(log_lik[i])) return;
    if (log_lik[i] < least) least = log_lik[i];
  }
  density(log_lik, n, out);
  if (tail == 0) return;
  for (int64_t i = 0; i < n; i++) x[i] = least - log_lik[i]; /* log ratio, at most 0 */
  double cut = log(DBL_MIN);
  if (n > tail) cut = fmax(select_kth(x, n, n - tail - 1), cut);
  int64_t above = 0, body = 0;
  double weights = 0;
  for (int64_t i = 0; i < n; i++) {
    if (x[i] > cut) {
      top[above++] = x[i];
      continue;
    }
    weights += exp(x[i]);
    body++;
  }
  qsort(top, (size_t)above, sizeof *top, ascending);
  double sum = (double)body; /* relative to exp(least) */
  for (int64_t i = 0; i < above; i++) own[i] = top[i];
  out->k = smooth(top, above, cut, x); /* x is used up */
  for (int64_t i = 0; i < above; i++) {
    weights += exp(top[i]);
    sum += exp(top[i] - own[i]);
  }
  out->elpd_loo = log(sum) + least - log(weights);
}
