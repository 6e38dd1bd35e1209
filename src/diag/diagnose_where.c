/* diag/diagnose_where.c -- where draws diverged, and along what the posterior is narrow: see
 * diagnose_impl.h. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "diag/diagnose_impl.h"
#include "linalg/lapack.h"

#define TEXT 1500
#define FEW 5         /* divergences that tell no place */
#define SIGNIFICANT 4 /* standard errors of a mean percentile */
#define NARROW 10.0   /* sd along the widest direction over that along the narrowest, scaled */
#define NAMED 3       /* elements that are named */

typedef struct place { /* of the divergent draws among all, along one element */
  int element;
  double z;     /* standard errors of their mean percentile from the middle */
  double share; /* of them in the tenth of all draws at their side */
} place;

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Share of the n sorted values below x; ties count half. */
static double percentile(const double *sorted, int64_t n, double x) {
  int64_t low = 0, high = n;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (sorted[middle] < x)
      low = middle + 1;
    else
      high = middle;
  }
  int64_t ties = 0;
  while (low + ties < n && sorted[low + ties] == x) ties++;
  return ((double)low + 0.5 * (double)ties) / (double)n;
}

static place place_of(mst_case *c, int element, const double *diverging, int64_t divergences) {
  const double *x = c->x + (int64_t)element * c->count;
  double *sorted = c->space + c->count, sum = 0, low = 0, high = 0;
  memcpy(sorted, x, (size_t)c->count * sizeof *x);
  qsort(sorted, (size_t)c->count, sizeof *sorted, ascending);
  for (int64_t i = 0; i < c->count; i++) {
    if (!(diverging[i] > 0)) continue;
    double p = percentile(sorted, c->count, x[i]);
    sum += p;
    low += p < 0.1;
    high += p > 0.9;
  }
  const double n = (double)divergences;
  const double z = (sum / n - 0.5) * sqrt(12 * n);
  return (place){element, z, (z < 0 ? low : high) / n};
}

static int further_out(const void *a, const void *b) {
  const double x = fabs(((const place *)a)->z), y = fabs(((const place *)b)->z);
  return (x < y) - (x > y);
}

static bool all_positive(const mst_case *c, int element) {
  const double *x = c->x + (int64_t)element * c->count;
  for (int64_t i = 0; i < c->count; i++)
    if (!(x[i] > 0)) return false;
  return true;
}

/* Appends where they are; the scale near 0 that explains them, or -1. */
static int tell_places(mst_case *c, const double *diverging, int64_t divergences, char *text,
                       size_t size, bool *any, mst_error *err) {
  place *all;
  int scale = -1, named = 0;
  if (divergences < FEW || !c->globals.count ||
      mst_alloc((void **)&all, (size_t)c->globals.count, sizeof *all, "diagnose: places", err))
    return -1;
  for (int i = 0; i < c->globals.count; i++) all[i] = place_of(c, i, diverging, divergences);
  qsort(all, (size_t)c->globals.count, sizeof *all, further_out);
  for (int i = 0; i < c->globals.count && named < NAMED && fabs(all[i].z) > SIGNIFICANT; i++) {
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s is %s (%.0f %% of them in its %s tenth)",
             named++ ? ", " : " They sit where ", c->globals.item[all[i].element].label,
             all[i].z < 0 ? "small" : "large", 100 * all[i].share,
             all[i].z < 0 ? "lowest" : "highest");
    if (scale < 0 && all[i].z < 0 && all_positive(c, all[i].element)) scale = all[i].element;
  }
  size_t used = strlen(text);
  snprintf(text + used, size - used, "%s",
           named ? "."
                 : " They sit in no place of their own among "
                   "the global quantities.");
  mst_free(&all);
  *any = named > 0;
  return scale;
}

static void by_chain(const mst_case *c, const double *diverging, char *text, size_t size) {
  for (int64_t k = 0; k < c->chains; k++) {
    int64_t here = 0;
    for (int64_t d = 0; d < c->draws; d++) here += diverging[k * c->draws + d] > 0;
    size_t used = strlen(text);
    if (here)
      snprintf(text + used, size - used, "%schain %" PRId64 ": %" PRId64, used ? ", " : "", k,
               here);
  }
}

masting_status mst_case_divergences(mst_case *c, mst_error *err) {
  const int64_t n = c->summary.verdict.divergences;
  char says[TEXT], advice[700], chains[400] = "", a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  if (n < 0 || err->status) return err->status;
  if (n == 0) {
    snprintf(says, sizeof says, "None in %s draws.", mst_show_count(c->count, a));
    mst_case_say(c, MST_LEVEL_FINE, "divergences", says, NULL, err);
    return err->status;
  }
  mst_reader_stat(c->reader, "diverging", c->space);
  by_chain(c, c->space, chains, sizeof chains);
  snprintf(
      says, sizeof says,
      "%s of %s draws diverged (%s): leapfrog steps were too large for the curvature there, and "
      "the draws may miss that part of the posterior.",
      mst_show_count(n, a), mst_show_count(c->count, b), chains);
  bool named = false;
  int scale = tell_places(c, c->space, n, says, sizeof says, &named, err);
  if (scale >= 0)
    snprintf(
        advice, sizeof advice,
        "%s is positive and they are where it is near 0: a funnel. Write what it scales "
        "non-centred (theta = mu + %s * z; z ~ std_normal()), or give it a prior that keeps it "
        "from 0. If there are few, --target-accept 0.95 to 0.99 may do.",
        c->globals.item[scale].label, c->globals.item[scale].label);
  else
    snprintf(
        advice, sizeof advice,
        "--target-accept 0.95 (smaller steps). If they stay, another parametrisation, or tighter "
        "priors%s.",
        named ? " on what is named here" : "");
  mst_case_say(c, MST_LEVEL_PROBLEM, "divergences", says, advice, err);
  return err->status;
}

/* ---- directions ---- */

/* Correlations of n globals, over all draws. */
static void correlations(const mst_case *c, int n, const int *which, double *r) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) {
      const double *x = c->x + which[i] * c->count, *y = c->x + which[j] * c->count;
      const mst_element *p = &c->globals.item[which[i]].value;
      const mst_element *q = &c->globals.item[which[j]].value;
      double sum = 0;
      for (int64_t k = 0; k < c->count; k++) sum += (x[k] - p->mean) * (y[k] - q->mean);
      double value = i == j ? 1 : sum / (double)(c->count - 1) / (p->sd * q->sd);
      r[(int64_t)i * n + j] = r[(int64_t)j * n + i] = value;
    }
}

/* "0.71 alpha - 0.70 beta[1]", the largest parts of a unit vector. */
static void tell_vector(const mst_case *c, int n, const int *which, const double *v, char *text,
                        size_t size) {
  bool told[MST_CASE_ELEMENTS] = {0};
  *text = '\0';
  for (int k = 0; k < 4; k++) {
    int most = -1;
    for (int i = 0; i < n; i++)
      if (!told[i] && (most < 0 || fabs(v[i]) > fabs(v[most]))) most = i;
    if (most < 0 || fabs(v[most]) < 0.2) break;
    told[most] = true;
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%.2f %s",
             v[most] < 0 ? (used ? " - " : "-") : (used ? " + " : ""), fabs(v[most]),
             c->globals.item[which[most]].label);
  }
}

/* Our files say which variables are parameters; quantities made of them by a formula would have
 * correlations of 1, which tell nothing. */
static bool is_parameter(const mst_reader *r, const char *name) {
  char all[8192];
  const size_t n = strlen(name);
  if (!mst_reader_text(r, "parameters", all, sizeof all) || !*all) return true;
  for (const char *at = all; *at; at += strcspn(at, " "), at += *at == ' ')
    if (!strncmp(at, name, n) && (at[n] == ' ' || !at[n])) return true;
  return false;
}

/* The parameters among the globals come first. Returns how many they are. */
static int parameters_first(mst_case *c, int which[], int most) {
  int n = 0;
  for (int i = 0; i < c->globals.count && n < most; i++)
    if (is_parameter(c->reader, c->globals.item[i].variable->name)) which[n++] = i;
  return n;
}

/* Directions of no width at all, of parameters that a constraint binds, are passed over. */
masting_status mst_case_directions(mst_case *c, mst_error *err) {
  double *r = NULL, *values = NULL;
  char says[TEXT], narrow[500], wide[500];
  int which[100];
  const int n = parameters_first(c, which, 100);
  if (err->status || n < 2 || c->count < 10 * n || c->apart_badly) return err->status;
  mst_alloc((void **)&r, (size_t)n * (size_t)n, sizeof *r, "diagnose: correlations", err);
  mst_alloc((void **)&values, (size_t)n, sizeof *values, "diagnose: correlations", err);
  if (!err->status) correlations(c, n, which, r);
  if (!err->status && !mst_spectrum("diagnose: correlations", r, n, values, true, err)) {
    int least = 0;
    while (least + 1 < n && values[least] < 1e-9 * n) least++;
    const double ratio = sqrt(values[n - 1] / values[least]);
    tell_vector(c, n, which, r + (int64_t)least * n, narrow, sizeof narrow);
    tell_vector(c, n, which, r + (int64_t)(n - 1) * n, wide, sizeof wide);
    snprintf(
        says, sizeof says,
        "In units of the standard deviations of the %d global parameters the posterior is %.3g "
        "times as wide along %s as along %s.",
        n, ratio, wide, narrow);
    const bool much = ratio > NARROW;
    mst_case_say(c, much ? MST_LEVEL_NOTE : MST_LEVEL_FINE, "directions", says,
                 much
                     ? "--metric auto, dense or lowrank learns such correlations; or centre "
                       "covariates, and write the model in the sum and difference of what is named."
                     : NULL,
                 err);
  }
  mst_free(&r);
  mst_free(&values);
  return err->status;
}
