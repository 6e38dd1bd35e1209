/* optim/psis.c -- see psis.h. */
#include "optim/psis.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/portable.h"
#include "base/rng.h"

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Mean of log(1 - b x). */
static double mean_log(const double *x, int64_t n, double b) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += mst_log1p_same(-b * x[i]);
  return sum / (double)n;
}

/* Shape and scale of the generalised Pareto distribution of the excesses x[n], ascending,
 * positive. The posterior mean of b = -shape/scale under Zhang and Stephens' prior, over a grid. */
static void fit(const double *x, int64_t n, double *shape, double *scale) {
  enum { MOST = 30 + 1000 };
  double grid[MOST], likelihood[MOST], b = 0, total = 0;
  int points = 30 + (int)sqrt((double)n);
  if (points > MOST) points = MOST;
  const double quartile = x[(int64_t)((double)n / 4 + 0.5) - 1], largest = x[n - 1];
  for (int i = 0; i < points; i++) {
    grid[i] = 1 / largest + (1 - sqrt(points / (i + 0.5))) / (3 * quartile);
    const double k = mean_log(x, n, grid[i]);
    likelihood[i] = (double)n * (mst_log_same(-grid[i] / k) - k - 1);
  }
  for (int i = 0; i < points; i++) {
    double odds = 0;
    for (int j = 0; j < points; j++) odds += mst_exp_same(likelihood[j] - likelihood[i]);
    const double weight = 1 / odds;
    if (!(weight >= 10 * DBL_EPSILON)) continue;
    b += weight * grid[i];
    total += weight;
  }
  b /= total;
  const double k = mean_log(x, n, b);
  *scale = -k / b;
  *shape = ((double)n * k + 0.5 * 10) / ((double)n + 10); /* shrunk to 0.5, as if by ten more */
}

static double quantile(double p, double shape, double scale) {
  if (fabs(shape) < DBL_EPSILON) return -scale * mst_log1p_same(-p);
  return scale * mst_expm1_same(-shape * mst_log1p_same(-p)) / shape;
}

/* log w, at most 0: those above the cut become quantiles of the fit, in their order. */
static double smooth(double *x, int64_t n, int64_t tail, double *sorted, int64_t *place) {
  double shape, scale;
  for (int64_t i = 0; i < n; i++) sorted[i] = x[i];
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  const double cut = fmax(sorted[n - tail - 1], mst_log_same(DBL_MIN)), base = mst_exp_same(cut);
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!(sorted[i] > cut)) continue;
    sorted[count++] = mst_exp_same(sorted[i]) - base; /* ascending; count <= i */
  }
  if (count <= 4) return INFINITY;
  fit(sorted, count, &shape, &scale);
  if (!isfinite(shape)) return INFINITY;
  if (shape < 1.0 / 3) return shape; /* nothing to smooth */
  /* rank of each within the tail, by insertion into place[] */
  int64_t found = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!(x[i] > cut)) continue;
    int64_t at = found++;
    for (; at > 0 && x[place[at - 1]] > x[i]; at--) place[at] = place[at - 1];
    place[at] = i;
  }
  for (int64_t r = 0; r < found; r++) {
    const double w = quantile(((double)r + 0.5) / (double)found, shape, scale) + base;
    x[place[r]] = fmin(mst_log_same(w), 0);
  }
  return shape;
}

masting_status mst_psis(double *x, int64_t n, double *k, mst_error *err) {
  double most = -INFINITY, sum = 0, *sorted = NULL;
  int64_t *place = NULL, finite = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!isfinite(x[i])) continue;
    most = fmax(most, x[i]);
    finite++;
  }
  if (!finite)
    return mst_fail(err, MASTING_ERR_INIT,
                    "importance weights: no draw has a finite log density; expected some");
  if (mst_alloc((void **)&sorted, (size_t)n, 8, "importance weights", err) == MASTING_OK &&
      mst_alloc((void **)&place, (size_t)n, sizeof *place, "importance weights", err) ==
          MASTING_OK) {
    for (int64_t i = 0; i < n; i++) x[i] = isfinite(x[i]) ? x[i] - most : -INFINITY;
    const int64_t tail = (int64_t)ceil(fmin(0.2 * (double)n, 3 * sqrt((double)n)));
    *k = n > tail + 1 && tail > 4 ? smooth(x, n, tail, sorted, place) : INFINITY;
    for (int64_t i = 0; i < n; i++) sum += mst_exp_same(x[i]);
    const double norm = mst_log_same(sum);
    for (int64_t i = 0; i < n; i++) x[i] -= norm;
  }
  mst_free(&sorted);
  mst_free(&place);
  return err->status;
}

/* One after the other, by chance: the share of [0, total) that u falls into. */
static void with_replacement(const double *w, int64_t n, double total, uint64_t seed, int64_t count,
                             int64_t *choice) {
  for (int64_t c = 0; c < count; c++) {
    const double u = mst_uniform(seed, 0, 0, MST_USE_RESAMPLE, (uint64_t)c) * total;
    double below = 0;
    choice[c] = 0;
    for (int64_t i = 0; i < n && below <= u; i++) {
      below += w[i];
      if (w[i] > 0) choice[c] = i;
    }
  }
}

/* The largest of log w + Gumbel noise are draws without replacement, whatever the weights' range
 * (Efraimidis and Spirakis 2006, in logarithms). keys: their place. */
static void without_replacement(const double *log_weight, int64_t n, uint64_t seed, int64_t count,
                                int64_t *choice, double *key) {
  for (int64_t i = 0; i < n; i++) {
    const double u = mst_uniform(seed, 1, 0, MST_USE_RESAMPLE, (uint64_t)i);
    key[i] = log_weight[i] - mst_log_same(-mst_log_same(u));
  }
  int64_t found = 0;
  for (int64_t c = 0; c < count; c++) {
    int64_t most = 0;
    for (int64_t i = 1; i < n; i++)
      if (key[i] > key[most]) most = i;
    const bool left = key[most] > -INFINITY; /* else the first ones come again */
    choice[c] = left ? most : choice[c - found];
    found += left;
    key[most] = -INFINITY;
  }
}

void mst_psis_choose(const double *log_weight, int64_t n, uint64_t seed, bool replace,
                     int64_t count, int64_t *choice, double *scratch) {
  double total = 0;
  if (!replace) {
    without_replacement(log_weight, n, seed, count, choice, scratch);
    return;
  }
  for (int64_t i = 0; i < n; i++) total += scratch[i] = mst_exp_same(log_weight[i]);
  with_replacement(scratch, n, total, seed, count, choice);
}
