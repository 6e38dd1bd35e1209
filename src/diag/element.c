/* diag/element.c -- see element.h. */
#include "diag/element.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "diag/ess.h"
#include "diag/normal_quantile.h"
#include "diag/order.h"

#define DROPPED UINT32_MAX

const mst_element_choice mst_element_defaults = {{0.05, 0.95}, 2, 0.94, true};

struct mst_element_work {
  mst_element_choice choice;
  int64_t chains, draws;
  mst_series series;        /* the split ones, 2 a chain; what mst_ess uses up */
  uint32_t count, split;    /* draws in all, and in all split series */
  uint32_t *place;          /* [count] where a draw stands in series.x, or DROPPED */
  double *score;            /* [2 split + 1] normal score of an average rank r, at 2 r */
  double *value, *folded;   /* [count] sorted */
  uint32_t *at, *folded_at; /* [count] their draws */
  mst_ranked *scratch;      /* [2 count] */
};

static void fill_tables(mst_element_work *w) {
  int64_t half = w->series.n;
  for (int64_t c = 0; c < w->chains; c++)
    for (int64_t d = 0; d < w->draws; d++) {
      bool second = d >= w->draws - half, middle = d >= half && !second;
      int64_t row = 2 * c + second, at = second ? d - (w->draws - half) : d;
      w->place[c * w->draws + d] = middle ? DROPPED : (uint32_t)(row * w->series.stride + at);
    }
  for (uint32_t r2 = 2; r2 <= 2 * w->split; r2++) /* Blom 1958: (r - 3/8) / (S + 1/4) */
    w->score[r2] = mst_normal_quantile((0.5 * (double)r2 - 0.375) / ((double)w->split + 0.25));
}

masting_status mst_element_work_make(mst_element_work **work, int64_t chains, int64_t draws,
                                     const mst_element_choice *choice, mst_error *err) {
  mst_element_work *w;
  const char *what = "summary: work space";
  *work = NULL;
  if (chains < 1 || draws < 1 || chains > INT32_MAX / 64 / draws)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "summary: %lld chains of %lld draws; expected between 1 and %d draws in all",
                    (long long)chains, (long long)draws, INT32_MAX / 64);
  if (mst_alloc((void **)&w, 1, sizeof *w, what, err) != MASTING_OK) return err->status;
  w->choice = *choice;
  w->chains = chains;
  w->draws = draws;
  w->series = (mst_series){.count = 2 * chains, .n = draws / 2};
  w->series.stride = mst_series_stride(w->series.n);
  w->count = (uint32_t)(chains * draws);
  w->split = (uint32_t)(w->series.count * w->series.n);
  *work = w;
  size_t n = w->count, score = 2 * (size_t)w->split + 1;
  size_t padded = (size_t)(w->series.count * w->series.stride);
  if (mst_alloc((void **)&w->place, n, sizeof *w->place, what, err) != MASTING_OK ||
      mst_alloc((void **)&w->score, score, sizeof *w->score, what, err) != MASTING_OK ||
      mst_alloc((void **)&w->value, n, sizeof *w->value, what, err) != MASTING_OK ||
      mst_alloc((void **)&w->folded, n, sizeof *w->folded, what, err) != MASTING_OK ||
      mst_alloc((void **)&w->at, n, sizeof *w->at, what, err) != MASTING_OK ||
      mst_alloc((void **)&w->folded_at, n, sizeof *w->folded_at, what, err) != MASTING_OK ||
      mst_alloc((void **)&w->series.x, padded, sizeof *w->series.x, what, err) != MASTING_OK ||
      mst_alloc((void **)&w->scratch, 2 * n, sizeof *w->scratch, what, err) != MASTING_OK) {
    mst_element_work_free(work);
    return err->status;
  }
  fill_tables(w);
  return MASTING_OK;
}

void mst_element_work_free(mst_element_work **work) {
  mst_element_work *w = *work;
  if (!w) return;
  mst_free(&w->place);
  mst_free(&w->score);
  mst_free(&w->value);
  mst_free(&w->folded);
  mst_free(&w->at);
  mst_free(&w->folded_at);
  mst_free(&w->series.x);
  mst_free(&w->scratch);
  mst_free(work);
}

/* Mean and sample standard deviation; false if a value is NaN. Sums are of distances from the first
 * draw, so that a constant has an sd of 0 and a far-off location costs no digits. */
static bool moments(const double *x, uint32_t n, mst_element *out) {
  double origin = isfinite(x[0]) ? x[0] : 0, sum = 0, squares = 0;
  for (uint32_t i = 0; i < n; i++) sum += x[i] - origin;
  out->mean = origin + sum / n;
  for (uint32_t i = 0; i < n; i++) squares += (x[i] - out->mean) * (x[i] - out->mean);
  out->sd = n > 1 ? sqrt(squares / (n - 1)) : NAN;
  if (isfinite(sum)) return true;
  for (uint32_t i = 0; i < n; i++)
    if (isnan(x[i])) return false;
  return true;
}

/* Type 7 of Hyndman and Fan 1996, "Sample quantiles in statistical packages", American Statistician
 * 50(4). The two products are rounded apart (hence volatile): a fused multiply-add would decide
 * ties `x <= quantile` otherwise than ArviZ does. */
static double quantile(const double *sorted, uint32_t n, double p) {
  if (n == 1) return sorted[0];
  double at = (double)n * p + (1 - p), below = floor(fmin(fmax(at, 1), n - 1.0));
  double part = fmin(fmax(at - below, 0), 1);
  uint32_t k = (uint32_t)below;
  volatile double lower = (1 - part) * sorted[k - 1], upper = part * sorted[k];
  return lower + upper;
}

static double median(const double *sorted, uint32_t n) {
  return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* Normal scores of the average ranks of the sorted values, into w->series at the draws' places. */
static void to_scores(mst_element_work *w, const double *sorted, const uint32_t *at) {
  uint32_t rank = 0; /* of draws with a place, so far */
  for (uint32_t i = 0, end; i < w->count; i = end) {
    uint32_t tied = 0;
    for (end = i; end < w->count && sorted[end] == sorted[i]; end++)
      tied += w->place[at[end]] != DROPPED;
    if (end == i) end++; /* NaN among folded infinities equals nothing */
    double score = w->score[2 * rank + tied + 1];
    for (uint32_t j = i; j < end && tied; j++)
      if (w->place[at[j]] != DROPPED) w->series.x[w->place[at[j]]] = score;
    rank += tied;
  }
}

static void to_split(mst_element_work *w, const double *x) {
  for (uint32_t i = 0; i < w->count; i++)
    if (w->place[i] != DROPPED) w->series.x[w->place[i]] = x[i];
}

static double ess_below(mst_element_work *w, const double *x, double limit) {
  for (uint32_t i = 0; i < w->count; i++)
    if (w->place[i] != DROPPED) w->series.x[w->place[i]] = x[i] <= limit ? 1 : 0;
  return mst_ess(&w->series);
}

/* Shortest interval of the sorted values that reaches over floor(prob n) of them. */
static void shortest(const double *sorted, uint32_t n, double prob, mst_element *out) {
  uint32_t reach = (uint32_t)floor(prob * (double)n), best = 0;
  for (uint32_t i = 1; i + reach < n; i++)
    if (sorted[i + reach] - sorted[i] < sorted[best + reach] - sorted[best]) best = i;
  out->hdi_low = sorted[best];
  out->hdi_high = sorted[best + reach];
}

/* Of the squared distances from the mean: their ESS, and the delta method for the root. */
static double sd_error(mst_element_work *w, const double *x, double mean) {
  double second = 0, fourth = 0, n = w->count;
  for (uint32_t i = 0; i < w->count; i++) {
    double square = (x[i] - mean) * (x[i] - mean);
    second += square / n;
    fourth += square * square / n;
    if (w->place[i] != DROPPED) w->series.x[w->place[i]] = square;
  }
  double spread = (fourth - second * second) / mst_ess(&w->series);
  return sqrt(spread / second / 4);
}

double mst_element_ess(mst_element_work *w, const double *x) {
  if (w->draws < 4) return NAN;
  to_split(w, x);
  return mst_ess(&w->series);
}

static void tell_nothing(mst_element *e) {
  double *x = &e->mean;
  for (size_t i = 0; i < sizeof *e / sizeof *x; i++) x[i] = NAN;
}

void mst_element_summarise(mst_element_work *w, const double *x, mst_element *out) {
  const mst_element_choice *c = &w->choice;
  uint32_t n = w->count;
  tell_nothing(out);
  if (!moments(x, n, out)) return;
  mst_sort_values(x, n, w->value, w->at, w->scratch);
  for (int i = 0; i < c->nquantiles; i++) out->quantile[i] = quantile(w->value, n, c->quantile[i]);
  shortest(w->value, n, c->hdi, out);
  out->median = median(w->value, n);
  mst_sort_folded(w->value, w->at, n, out->median, w->folded, w->folded_at);
  out->mad = median(w->folded, n);
  if (w->draws < 4) return;

  double low = ess_below(w, x, quantile(w->value, n, 0.05));
  double high = ess_below(w, x, quantile(w->value, n, 0.95));
  out->ess_tail = high < low ? high : low;
  out->mcse_mean = out->sd / sqrt(mst_element_ess(w, x));
  if (c->sd_mcse) out->mcse_sd = sd_error(w, x, out->mean);

  to_scores(w, w->value, w->at);
  double bulk = w->chains > 1 ? mst_rhat(&w->series) : NAN;
  out->ess_bulk = mst_ess(&w->series);
  if (w->chains < 2) return;
  to_scores(w, w->folded, w->folded_at);
  double tails = mst_rhat(&w->series);
  out->r_hat = tails > bulk ? tails : bulk; /* NaN of the bulk wins, that of the tails does not */
}

double mst_ebfmi(const double *energy, int64_t draws) {
  if (draws < 2) return NAN;
  double mean = 0, changes = 0, squares = 0;
  for (int64_t i = 0; i < draws; i++) mean += energy[i] / (double)draws;
  for (int64_t i = 0; i < draws; i++) {
    squares += (energy[i] - mean) * (energy[i] - mean);
    if (i > 0) changes += (energy[i] - energy[i - 1]) * (energy[i] - energy[i - 1]);
  }
  double length = (double)(draws - 1);
  return (changes / length) / (squares / length);
}
