/* diag/verdict.c -- see verdict.h and, for the warnings, summary.h. */
#include "diag/verdict.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"

static void judge_row(mst_verdict *v, const mst_summary_row *row, double enough) {
  const mst_element *e = &row->value;
  double least = fmin(e->ess_bulk, e->ess_tail);
  v->undefined += isnan(e->mean);
  if (e->r_hat > MST_WARN_RHAT) v->over_rhat++;
  if (least < enough) v->under_ess++;
  if (!(e->r_hat <= v->worst_rhat) && !isnan(e->r_hat)) {
    v->worst_rhat = e->r_hat;
    v->worst_rhat_label = row->label;
  }
  if (least < fmin(v->least_ess_bulk, v->least_ess_tail) || (!v->least_ess_label && !isnan(least)))
    v->least_ess_label = row->label;
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

masting_status mst_verdict_make(mst_summary *s, const mst_reader *r, mst_error *err) {
  mst_verdict *v = &s->verdict;
  double *space, enough = MST_WARN_ESS_PER_CHAIN * (double)s->chains;
  *v = (mst_verdict){.worst_rhat = NAN, .least_ess_bulk = NAN, .least_ess_tail = NAN};
  for (int64_t i = 0; i < s->rows; i++) judge_row(v, &s->row[i], enough);
  v->unfinished = (r->planned - r->draws) * r->chains;
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

void mst_summary_warn(const mst_summary *s) {
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
             s->rows);
  if (v->over_rhat > 0)
    mst_warn("R-hat is above %g for %" PRId64 " of %" PRId64
             " elements, most %.3f for %s: the chains "
             "do not agree; try more warm-up and more draws",
             MST_WARN_RHAT, v->over_rhat, s->rows, v->worst_rhat, v->worst_rhat_label);
  if (v->under_ess > 0)
    mst_warn("the effective sample size is below %" PRId64 " (%d a chain) for %" PRId64
             " of %" PRId64 " elements, least %.0f for %s; try more draws",
             MST_WARN_ESS_PER_CHAIN * s->chains, MST_WARN_ESS_PER_CHAIN, v->under_ess, s->rows,
             fmin(v->least_ess_bulk, v->least_ess_tail), v->least_ess_label);
}
