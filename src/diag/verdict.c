/* diag/verdict.c -- see verdict.h and, for the warnings, summary.h. */
#include "diag/verdict.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"

static void keep_label(char to[256], const char *label) { snprintf(to, 256, "%s", label); }

void mst_verdict_begin(mst_summary *s) {
  s->verdict = (mst_verdict){.worst_rhat = NAN, .least_ess_bulk = NAN, .least_ess_tail = NAN};
}

void mst_verdict_judge(mst_summary *s, const mst_summary_row *row) {
  mst_verdict *v = &s->verdict;
  const mst_element *e = &row->value;
  double least = fmin(e->ess_bulk, e->ess_tail);
  v->elements++;
  v->undefined += isnan(e->mean);
  if (e->r_hat > MST_WARN_RHAT) v->over_rhat++;
  if (least < MST_WARN_ESS_PER_CHAIN * (double)s->chains) v->under_ess++;
  if (!(e->r_hat <= v->worst_rhat) && !isnan(e->r_hat)) {
    v->worst_rhat = e->r_hat;
    keep_label(v->worst_rhat_label, row->label);
  }
  if (least < fmin(v->least_ess_bulk, v->least_ess_tail) || (!*v->least_ess_label && !isnan(least)))
    keep_label(v->least_ess_label, row->label);
  v->least_ess_bulk = fmin(v->least_ess_bulk, e->ess_bulk);
  v->least_ess_tail = fmin(v->least_ess_tail, e->ess_tail);
}

/* How many draws have a statistic set; -1 without it. */
static int64_t count_set(const mst_reader *r, const char *name, double *space) {
  if (!mst_reader_stat(r, name, space)) return -1;
  int64_t count = 0;
  for (int64_t i = 0; i < r->chains * r->draws; i++) count += space[i] > 0;
  return count;
}

masting_status mst_verdict_end(mst_summary *s, const mst_reader *r, mst_error *err) {
  mst_verdict *v = &s->verdict;
  double *space;
  for (const mst_reader *one = r; one; one = one->next)
    v->unfinished += (one->planned - (r->next ? one->draws : r->draws)) * one->own_chains;
  if (mst_alloc((void **)&space, (size_t)(r->chains * r->draws), sizeof *space, "summary", err))
    return err->status;
  v->divergences = count_set(r, "diverging", space);
  v->saturated = count_set(r, "reached_max_treedepth", space);
  if (mst_reader_stat(r, "energy", space) &&
      !mst_alloc((void **)&v->ebfmi, (size_t)r->chains, sizeof *v->ebfmi, "summary", err))
    for (int64_t c = 0; c < r->chains; c++) v->ebfmi[c] = mst_ebfmi(space + c * r->draws, r->draws);
  mst_free(&space);
  return err->status;
}

static void warn_energy(const mst_summary *s) {
  const double *ebfmi = s->verdict.ebfmi;
  double least = NAN;
  char chains[128] = "";
  for (int64_t c = 0; c < s->chains && ebfmi; c++) {
    if (!(ebfmi[c] < MST_WARN_EBFMI)) continue;
    size_t used = strlen(chains);
    snprintf(chains + used, sizeof chains - used, "%s%" PRId64, used ? ", " : "", c);
    least = fmin(least, ebfmi[c]);
  }
  if (*chains)
    mst_warn(
        "E-BFMI is %.2f, below %.1f, in chain %s: heavy tails are explored slowly; try another "
        "parameterisation",
        least, MST_WARN_EBFMI, chains);
}

static double least_of(const double *x, int64_t n) {
  double least = NAN;
  for (int64_t i = 0; i < n && x; i++) least = fmin(least, x[i]);
  return least;
}

/* All of what was looked at and found well, in one line. */
static void tell_well(const mst_summary *s) {
  const mst_verdict *v = &s->verdict;
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  fputs("no problems found:", stderr);
  if (v->divergences == 0) fputs(" no divergences", stderr);
  fprintf(stderr, "%s%s draws", v->divergences == 0 ? " in " : " ",
          mst_show_count(s->chains * s->draws, a));
  if (v->saturated == 0) fputs(", none at the greatest tree depth", stderr);
  if (s->verdict.ebfmi)
    fprintf(stderr, ", E-BFMI at least %.2f", least_of(s->verdict.ebfmi, s->chains));
  fprintf(stderr, "; of %s element%s R-hat is at most %.3f (%s), ESS at least %s (%s)\n",
          mst_show_count(v->elements, b), v->elements == 1 ? "" : "s", v->worst_rhat,
          v->worst_rhat_label,
          mst_show_count((int64_t)fmin(v->least_ess_bulk, v->least_ess_tail), c),
          v->least_ess_label);
}

/* Is there something to judge, and is all of it well? */
static bool all_well(const mst_summary *s) {
  const mst_verdict *v = &s->verdict;
  bool energy = !(least_of(v->ebfmi, s->chains) < MST_WARN_EBFMI);
  return !isnan(v->worst_rhat) && energy && v->unfinished <= 0 && v->divergences <= 0 &&
         v->saturated <= 0 && !v->undefined && !v->over_rhat && !v->under_ess;
}

void mst_summary_warn(const mst_summary *s, bool quiet) {
  const mst_verdict *v = &s->verdict;
  int64_t draws = s->chains * s->draws;
  if (v->unfinished > 0)
    mst_warn("the run did not finish: %" PRId64 " draws were never written, the first %" PRId64
             " of each chain are summarised",
             v->unfinished, s->draws);
  if (v->divergences > 0)
    mst_warn("%" PRId64 " of %" PRId64 " draws diverged; try --target-accept 0.95, or another "
             "parameterisation",
             v->divergences, draws);
  if (v->saturated > 0)
    mst_warn("%" PRId64 " of %" PRId64
             " draws stopped at the greatest tree depth; try --max-depth 12",
             v->saturated, draws);
  warn_energy(s);
  if (v->undefined > 0)
    mst_warn("%" PRId64 " of %" PRId64 " elements have NaN among their draws", v->undefined,
             v->elements);
  if (s->chains == 1 && s->draws >= 4)
    mst_warn("one chain only: whether chains agree (R-hat) cannot be told; try --chains 4 or more");
  if (v->over_rhat > 0)
    mst_warn("R-hat is above %g for %" PRId64 " of %" PRId64
             " elements, most %.3f for %s: the chains "
             "do not agree; try more warm-up and more draws",
             MST_WARN_RHAT, v->over_rhat, v->elements, v->worst_rhat, v->worst_rhat_label);
  if (v->under_ess > 0)
    mst_warn("the effective sample size is below %" PRId64 " (%d a chain) for %" PRId64
             " of %" PRId64 " elements, least %.0f for %s; try more draws",
             MST_WARN_ESS_PER_CHAIN * s->chains, MST_WARN_ESS_PER_CHAIN, v->under_ess, v->elements,
             fmin(v->least_ess_bulk, v->least_ess_tail), v->least_ess_label);
  if (all_well(s)) {
    if (!quiet) tell_well(s);
  } else if (v->divergences > 0 || v->over_rhat > 0 || v->under_ess > 0) {
    fputs("`masting diagnose` tells where and why, and what to do\n", stderr);
  }
}
