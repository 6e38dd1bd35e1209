/* diag/diagnose_chains.c -- why chains do not agree: see diagnose_impl.h.
 *
 * Views are tried in turn in which chains may agree: without their signs (mirror images), with the
 * elements of a vector in order (labels exchanged). Then a chain that does not move, one far below
 * the others in log density, and chains in groups that are apart. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "diag/diagnose_impl.h"

#define TEXT 1500
#define BADLY 1.1  /* R-hat from which on chains are apart rather than unsettled */
#define STILL 1e-3 /* sd of a chain over the median sd of the chains: it does not move */
#define BELOW 10.0 /* spreads of log density that a chain lies below the others */
#define GAP 5.0    /* of chain means, in standard deviations within chains */
#define LABELS 20  /* elements of a vector whose labels may have been exchanged */

static double rhat_of(mst_case *c, const double *x) {
  mst_element e;
  mst_element_summarise(c->work, x, &e);
  return e.r_hat;
}

static void chain_moments(const mst_case *c, const double *x, int64_t chain, double *mean,
                          double *sd) {
  const double *y = x + chain * c->draws;
  double sum = 0, squares = 0, n = (double)c->draws;
  for (int64_t d = 0; d < c->draws; d++) sum += y[d] / n;
  for (int64_t d = 0; d < c->draws; d++) squares += (y[d] - sum) * (y[d] - sum) / n;
  *mean = sum;
  *sd = sqrt(squares);
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_of(const double *x, int64_t n) { /* n <= 64 chains and a few files of them */
  double sorted[512];
  if (n > 512) n = 512;
  memcpy(sorted, x, (size_t)n * sizeof *x);
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  return sorted[n / 2];
}

static void append(char *text, size_t size, const char *what) {
  size_t used = strlen(text);
  snprintf(text + used, size - used, "%s%s", used ? ", " : "", what);
}

/* ---- signs ---- */

/* Do the chains agree on the absolute value, while they have both signs? */
static bool is_mirrored(mst_case *c, const mst_suspect *s, mst_error *err) {
  bool up = false, down = false;
  if (mst_case_draws(c, s, c->space, err)) return false;
  for (int64_t k = 0; k < c->chains; k++) {
    double mean, sd;
    chain_moments(c, c->space, k, &mean, &sd);
    up = up || mean > 0;
    down = down || mean < 0;
  }
  for (int64_t k = 0; k < c->count; k++) c->space[k] = fabs(c->space[k]);
  return up && down && rhat_of(c, c->space) < MST_AGREES;
}

/* How many elements that are badly apart are mirrored; the first labels. Then those that are a
 * little apart and mirrored are explained by the same. */
static int mirrored(mst_case *c, char *names, size_t size, bool explained[], mst_error *err) {
  int found = 0;
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < c->apart.count && !err->status; i++) {
      const mst_suspect *s = &c->apart.item[i];
      if ((s->value.r_hat < BADLY) != (pass == 1) || !is_mirrored(c, s, err)) continue;
      explained[i] = pass == 0 || found > 0;
      if (pass == 0 && found++ < 3) append(names, size, s->label);
    }
  return found;
}

static void check_signs(mst_case *c, bool explained[], mst_error *err) {
  char says[TEXT], names[400] = "", more[60] = "";
  int found = mirrored(c, names, sizeof names, explained, err);
  if (!found) return;
  if (found > 3) snprintf(more, sizeof more, " and %d more that were looked at", found - 3);
  snprintf(says, sizeof says,
           "The chains agree on %s%s up to the sign: x and -x are equally good in this model, and "
           "each chain has found one of the two.",
           names, more);
  mst_case_say(
      c, MST_LEVEL_PROBLEM, "signs", says,
      "Nothing is wrong with the draws of what does not depend on the sign (a product of "
      "loadings and their transpose, predictions): look at those. Else fix the sign of one "
      "element (<lower=0>), which fixes the others.",
      err);
}

/* ---- labels ---- */

/* Is this the first element of a vector that is wholly among the globals? */
static bool whole_vector(const mst_case *c, int first) {
  const mst_draws_variable *v = c->globals.item[first].variable;
  if (v->ndims != 1 || c->globals.item[first].element != 0) return false;
  if (v->elements < 2 || v->elements > LABELS || first + v->elements > c->globals.count)
    return false;
  for (int64_t e = 0; e < v->elements; e++) {
    const mst_suspect *s = &c->globals.item[first + e];
    if (s->variable != v || s->element != e) return false;
  }
  return true;
}

/* Largest R-hat of the vector's elements once each draw is put in order. */
static double ordered_rhat(mst_case *c, int first, int64_t K, double *sorted) {
  const double *x = c->x + (int64_t)first * c->count;
  double one[LABELS], most = 0;
  for (int64_t i = 0; i < c->count; i++) {
    for (int64_t e = 0; e < K; e++) one[e] = x[e * c->count + i];
    qsort(one, (size_t)K, sizeof *one, ascending);
    for (int64_t e = 0; e < K; e++) sorted[e * c->count + i] = one[e];
  }
  for (int64_t e = 0; e < K; e++) most = fmax(most, rhat_of(c, sorted + e * c->count));
  return most;
}

static void check_labels(mst_case *c, bool explained[], mst_error *err) {
  char says[TEXT], names[400] = "", advice[400], one[100] = "mu";
  double *sorted = NULL;
  for (int i = 0; i < c->globals.count && !err->status; i++) {
    if (!whole_vector(c, i)) continue;
    const mst_draws_variable *v = c->globals.item[i].variable;
    double most = 0;
    for (int64_t e = 0; e < v->elements; e++) most = fmax(most, c->globals.item[i + e].value.r_hat);
    if (!(most > BADLY)) continue;
    if (mst_alloc((void **)&sorted, (size_t)(v->elements * c->count), sizeof *sorted,
                  "diagnose: labels", err))
      break;
    if (ordered_rhat(c, i, v->elements, sorted) < MST_AGREES) {
      if (!*names) snprintf(one, sizeof one, "%s", v->name);
      append(names, sizeof names, v->name);
      for (int k = 0; k < c->apart.count; k++)
        if (c->apart.item[k].variable == v) explained[k] = true;
    }
    mst_free(&sorted);
  }
  if (!*names) return;
  snprintf(says, sizeof says,
           "The elements of %s agree once they are put in order: chains have the same values under "
           "exchanged indices (label switching), as the components of a mixture may.",
           names);
  snprintf(
      advice, sizeof advice,
      "Declare %s as ordered[K], so that the labels are told apart; or look at quantities that "
      "do not depend on them. R-hat of the elements says nothing here.",
      one);
  mst_case_say(c, MST_LEVEL_PROBLEM, "labels", says, advice, err);
}

/* ---- chains ---- */

static void check_stuck(mst_case *c, mst_error *err) {
  char says[TEXT], which[300] = "", one[40];
  for (int64_t k = 0; k < c->chains; k++) {
    int still = 0, looked = 0;
    for (int i = 0; i < c->globals.count && i < 50; i++) {
      double sd[512], mean, own;
      for (int64_t j = 0; j < c->chains && j < 512; j++)
        chain_moments(c, c->x + (int64_t)i * c->count, j, &mean, &sd[j]);
      chain_moments(c, c->x + (int64_t)i * c->count, k, &mean, &own);
      double median = median_of(sd, c->chains);
      if (!(median > 0)) continue;
      looked++;
      still += own < STILL * median;
    }
    snprintf(one, sizeof one, "%" PRId64, k);
    if (looked && 2 * still > looked) append(which, sizeof which, one);
  }
  if (!*which) return;
  snprintf(says, sizeof says, "Chain %s hardly moved: it is stuck where the others are not.",
           which);
  mst_case_say(
      c, MST_LEVEL_PROBLEM, "stuck chains", says,
      "Do not simply drop it: it may have found a place that the others do not enter. Look "
      "at its step size and start; try --init pathfinder, a smaller --init radius, or "
      "--target-accept 0.95.",
      err);
}

/* Chains whose log density lies far below the best one's, beyond what draws of one posterior do. */
static void check_density(mst_case *c, mst_error *err) {
  char says[TEXT], which[300] = "", one[60];
  double best = -INFINITY, spread = 0;
  if (!c->lp) return;
  for (int64_t k = 0; k < c->chains; k++) {
    double mean, sd;
    chain_moments(c, c->lp, k, &mean, &sd);
    if (mean > best) spread = sd;
    best = fmax(best, mean);
  }
  for (int64_t k = 0; k < c->chains; k++) {
    double mean, sd;
    chain_moments(c, c->lp, k, &mean, &sd);
    if (!(mean < best - BELOW * fmax(spread, 0.5))) continue;
    snprintf(one, sizeof one, "%" PRId64 " (by %.3g)", k, best - mean);
    append(which, sizeof which, one);
  }
  if (!*which) return;
  snprintf(
      says, sizeof says,
      "The log density of chain %s lies below that of the best chain, whose draws vary by %.2g: "
      "it is in a lesser mode, or has not arrived.",
      which, spread);
  mst_case_say(
      c, MST_LEVEL_PROBLEM, "log density", says,
      "--init pathfinder or --init mode; more warm-up; if it comes back, the posterior has a "
      "lesser mode that a tighter prior may exclude.",
      err);
}

/* Groups of chains whose means of an element are apart: their text, or false. */
static bool groups_of(mst_case *c, const double *x, char *text, size_t size) {
  double mean[512], sorted[512], within = 0, cut = 0;
  int64_t n = c->chains < 512 ? c->chains : 512;
  for (int64_t k = 0; k < n; k++) {
    double sd;
    chain_moments(c, x, k, &mean[k], &sd);
    within += sd / (double)n;
  }
  memcpy(sorted, mean, (size_t)n * sizeof *mean);
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  double gap = 0;
  for (int64_t k = 0; k + 1 < n; k++)
    if (sorted[k + 1] - sorted[k] > gap) {
      gap = sorted[k + 1] - sorted[k];
      cut = 0.5 * (sorted[k + 1] + sorted[k]);
    }
  if (!(gap > GAP * within)) return false;
  char low[200] = "", high[200] = "", one[24];
  double about[2] = {0, 0};
  int64_t count[2] = {0, 0};
  for (int64_t k = 0; k < n; k++) {
    const bool upper = mean[k] > cut;
    snprintf(one, sizeof one, "%" PRId64, k);
    append(upper ? high : low, sizeof low, one);
    about[upper] += mean[k];
    count[upper]++;
  }
  snprintf(text, size, "chain %s near %.4g, chain %s near %.4g", low, about[0] / (double)count[0],
           high, about[1] / (double)count[1]);
  return true;
}

static void check_rest(mst_case *c, const bool explained[], mst_error *err) {
  char says[TEXT], worst[300] = "", groups[500] = "", where[300] = "";
  double most = 0;
  int rest = 0;
  for (int i = 0; i < c->apart.count && !err->status; i++) {
    const mst_suspect *s = &c->apart.item[i];
    if (explained[i]) continue;
    rest++;
    if (s->value.r_hat > most) {
      most = s->value.r_hat;
      snprintf(worst, sizeof worst, "%s", s->label);
    }
    if (*groups || s->value.r_hat < BADLY || mst_case_draws(c, s, c->space, err)) continue;
    if (groups_of(c, c->space, groups, sizeof groups))
      snprintf(where, sizeof where, "%s", s->label);
  }
  if (!rest) return;
  if (*groups) {
    snprintf(says, sizeof says,
             "The chains are in parts of the posterior that are apart: of %s, %s. Worst R-hat %.2f "
             "(%s). The draws of each part are right; how much each part weighs is not known.",
             where, groups, most, worst);
    mst_case_say(
        c, MST_LEVEL_PROBLEM, "modes", says,
        "Find out whether both are meant: tighter priors, or constraints, may leave one. More "
        "chains show how often each is met, which is not its weight.",
        err);
    return;
  }
  snprintf(says, sizeof says,
           "R-hat is above %g for %" PRId64 " of %" PRId64
           " elements, most %.3f for %s: the chains "
           "do not agree yet.",
           MST_WARN_RHAT, c->summary.verdict.over_rhat, c->summary.verdict.elements, most, worst);
  mst_case_say(
      c, most > MST_AGREES ? MST_LEVEL_PROBLEM : MST_LEVEL_NOTE, "agreement", says,
      "More draws (--draws), and more warm-up (--warmup) if it stays; when draws follow each "
      "other slowly, see `effective draws`.",
      err);
}

masting_status mst_case_chains(mst_case *c, mst_error *err) {
  bool explained[MST_CASE_ELEMENTS] = {0};
  char says[300];
  if (err->status || c->chains < 2) return err->status;
  const int before = c->to->problems;
  check_stuck(c, err);
  const bool stuck = c->to->problems > before;
  c->apart_badly = c->summary.verdict.worst_rhat > BADLY;
  check_density(c, err);
  check_signs(c, explained, err);
  check_labels(c, explained, err);
  if (!stuck || c->apart.of) check_rest(c, explained, err);
  if (c->apart.of || isnan(c->summary.verdict.worst_rhat) || stuck) return err->status;
  snprintf(says, sizeof says, "R-hat is at most %.3f (%s): the chains agree.",
           c->summary.verdict.worst_rhat, c->summary.verdict.worst_rhat_label);
  mst_case_say(c, MST_LEVEL_FINE, "agreement", says, NULL, err);
  return err->status;
}
