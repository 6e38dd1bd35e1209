/* diag/diagnose.c -- see diagnose.h: what is gathered, and the checks of statistics. */
#include "diag/diagnose.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "diag/diagnose_impl.h"

#define TEXT 1500
#define UNEVEN_STEPS 5.0   /* largest over least step size of the chains */
#define ACCEPTANCE_OFF 0.1 /* of the mean acceptance from its target */

void mst_case_say(mst_case *c, mst_level level, const char *check, const char *says,
                  const char *advice, mst_error *err) {
  mst_diagnosis *to = c->to;
  mst_finding *grown = realloc(to->finding, (size_t)(to->findings + 1) * sizeof *grown);
  if (grown) to->finding = grown;
  char *text = strdup(says), *what = advice ? strdup(advice) : NULL;
  if (!grown || !text || (advice && !what)) {
    free(text);
    free(what);
    mst_fail(err, MASTING_ERR_MEMORY, "diagnose: cannot allocate findings");
    return;
  }
  grown[to->findings++] = (mst_finding){level, check, text, what};
  to->problems += level == MST_LEVEL_PROBLEM;
  to->notes += level == MST_LEVEL_NOTE;
}

masting_status mst_case_draws(const mst_case *c, const mst_suspect *s, double *out,
                              mst_error *err) {
  return mst_reader_draws(c->reader, s->variable, s->element, 1, out, err);
}

static bool keep(mst_list *list, const mst_draws_variable *v, int64_t element,
                 const mst_summary_row *row) {
  list->of++;
  if (list->count == MST_CASE_ELEMENTS) return true;
  char *label = strdup(row->label);
  if (label) list->item[list->count++] = (mst_suspect){v, element, label, row->value};
  return label != NULL;
}

static double least_ess(const mst_element *e) { return fmin(e->ess_bulk, e->ess_tail); }

/* The slowest so far, the least first. */
static bool keep_slow(mst_list *list, const mst_draws_variable *v, int64_t element,
                      const mst_summary_row *row) {
  int at = list->count;
  while (at > 0 && least_ess(&row->value) < least_ess(&list->item[at - 1].value)) at--;
  if (at == MST_CASE_SLOW || isnan(least_ess(&row->value))) return true;
  char *label = strdup(row->label);
  if (!label) return false;
  if (list->count == MST_CASE_SLOW) free(list->item[--list->count].label);
  memmove(&list->item[at + 1], &list->item[at], (size_t)(list->count - at) * sizeof *list->item);
  list->item[at] = (mst_suspect){v, element, label, row->value};
  list->count++;
  return true;
}

static masting_status gather(void *context, const mst_summary_piece *piece, mst_error *err) {
  mst_case *c = context;
  const mst_draws_variable *v = piece->variable;
  bool memory = true;
  for (int64_t i = 0; i < piece->count && memory && !v->moments; i++) {
    const mst_summary_row *row = &piece->row[i];
    if (!v->by_row && row->value.sd > 0 && isfinite(row->value.sd))
      memory = keep(&c->globals, v, piece->first + i, row);
    if (row->value.r_hat > MST_WARN_RHAT)
      memory = memory && keep(&c->apart, v, piece->first + i, row);
    memory = memory && keep_slow(&c->slow, v, piece->first + i, row);
  }
  return memory ? MASTING_OK
                : mst_fail(err, MASTING_ERR_MEMORY, "diagnose: cannot allocate labels");
}

static masting_status load(mst_case *c, mst_error *err) {
  const mst_reader *r = c->reader;
  const size_t n = (size_t)c->count;
  const int64_t room = MST_CASE_BYTES / 8 / c->count;
  if (c->globals.count > room)
    while (c->globals.count > room) free(c->globals.item[--c->globals.count].label);
  mst_alloc((void **)&c->x, (size_t)c->globals.count * n, sizeof *c->x, "diagnose: draws", err);
  mst_alloc((void **)&c->lp, n, sizeof *c->lp, "diagnose: draws", err);
  mst_alloc((void **)&c->space, 2 * n, sizeof *c->space, "diagnose: draws", err);
  mst_element_work_make(&c->work, c->chains, c->draws, &mst_element_defaults, err);
  if (err->status) return err->status;
  if (!mst_reader_stat(r, "lp", c->lp)) mst_free(&c->lp);
  for (int i = 0; i < c->globals.count && !err->status; i++)
    mst_case_draws(c, &c->globals.item[i], c->x + (size_t)i * n, err);
  return err->status;
}

/* ---- the sampler's statistics ---- */

static void check_finished(mst_case *c, mst_error *err) {
  char says[TEXT];
  if (c->summary.verdict.unfinished <= 0) return;
  snprintf(says, sizeof says,
           "The run did not finish: %" PRId64 " draws were never written; the first %" PRId64
           " of each chain are looked at.",
           c->summary.verdict.unfinished, c->draws);
  mst_case_say(c, MST_LEVEL_NOTE, "finished", says, NULL, err);
}

static void check_depth(mst_case *c, mst_error *err) {
  char says[TEXT], a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  const int64_t at = c->summary.verdict.saturated;
  if (at < 0) return;
  if (at == 0) {
    mst_case_say(c, MST_LEVEL_FINE, "tree depth", "No draw stopped at the greatest tree depth.",
                 NULL, err);
    return;
  }
  snprintf(says, sizeof says,
           "%s of %s draws (%.2g %%) stopped at the greatest tree depth: trajectories were cut off "
           "before they turned. The draws are valid, but follow each other slowly.",
           mst_show_count(at, a), mst_show_count(c->count, b),
           100.0 * (double)at / (double)c->count);
  mst_case_say(c, at > c->count / 100 ? MST_LEVEL_PROBLEM : MST_LEVEL_NOTE, "tree depth", says,
               "If parameters correlate (see `directions`), --metric auto or dense makes trees "
               "shorter; else --max-depth 12.",
               err);
}

static void check_energy(mst_case *c, mst_error *err) {
  char says[TEXT], which[300] = "";
  const double *e = c->summary.verdict.ebfmi;
  double least = INFINITY;
  if (!e) return;
  for (int64_t i = 0; i < c->chains; i++) {
    size_t used = strlen(which);
    if (e[i] < MST_WARN_EBFMI)
      snprintf(which + used, sizeof which - used, "%s%" PRId64 " (%.2f)", used ? ", " : "", i,
               e[i]);
    least = fmin(least, e[i]);
  }
  if (!*which) {
    snprintf(says, sizeof says, "E-BFMI is at least %.2f: momenta reach all energies.", least);
    mst_case_say(c, MST_LEVEL_FINE, "energy", says, NULL, err);
    return;
  }
  snprintf(says, sizeof says,
           "E-BFMI is below %.1f in chain %s: the energy changes much less from draw to draw than "
           "it varies, so tails are explored slowly.",
           MST_WARN_EBFMI, which);
  mst_case_say(c, MST_LEVEL_PROBLEM, "energy", says,
               "Look for heavy tails or a scale near 0 among the slowest elements; write the model "
               "in other parameters (non-centred, or on a log scale), or give tighter priors.",
               err);
}

/* Mean over the draws of each chain; the least and largest of the chains. */
static void range_of_means(const mst_case *c, const double *x, double *least, double *most,
                           int64_t *lowest) {
  *least = INFINITY;
  *most = -INFINITY;
  for (int64_t k = 0; k < c->chains; k++) {
    double mean = 0;
    for (int64_t d = 0; d < c->draws; d++) mean += x[k * c->draws + d] / (double)c->draws;
    if (mean < *least) *lowest = k;
    *least = fmin(*least, mean);
    *most = fmax(*most, mean);
  }
}

static void check_steps(mst_case *c, mst_error *err) {
  char says[TEXT];
  double least, most, target = 0.8, slow, fast;
  int64_t at = 0, other = 0;
  if (!mst_reader_stat(c->reader, "step_size", c->space)) return;
  range_of_means(c, c->space, &slow, &fast, &at);
  if (fast > UNEVEN_STEPS * slow) {
    snprintf(says, sizeof says,
             "Step sizes differ from %.3g (chain %" PRId64 ") to %.3g: some chains warmed up in "
             "another part of the posterior than others.",
             slow, at, fast);
    mst_case_say(c, MST_LEVEL_NOTE, "step size", says,
                 "More warm-up (--warmup), or starts nearer to the posterior (--init pathfinder).",
                 err);
    return;
  }
  if (!mst_reader_stat(c->reader, "acceptance_rate", c->space)) return;
  mst_reader_number(c->reader, "target_accept", &target);
  range_of_means(c, c->space, &least, &most, &other);
  snprintf(says, sizeof says,
           "Step sizes are %.3g to %.3g; the mean acceptance of the chains is %.2f to %.2f, aimed "
           "at was %.2f.",
           slow, fast, least, most, target);
  const bool off = least < target - ACCEPTANCE_OFF;
  mst_case_say(c, off ? MST_LEVEL_NOTE : MST_LEVEL_FINE, "step size", says,
               off ? "Acceptance below its aim: the step size was learnt where the posterior is "
                     "wider than elsewhere; try more warm-up or --target-accept 0.9."
                   : NULL,
               err);
}

static void list_slow(const mst_case *c, char *text, size_t size) {
  *text = '\0';
  for (int i = 0; i < c->slow.count; i++) {
    const mst_suspect *s = &c->slow.item[i];
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s (%.0f)", i ? ", " : "", s->label,
             least_ess(&s->value));
  }
}

static void check_ess(mst_case *c, mst_error *err) {
  const mst_verdict *v = &c->summary.verdict;
  char says[TEXT], slow[700];
  double least = fmin(v->least_ess_bulk, v->least_ess_tail);
  if (isnan(least)) return;
  list_slow(c, slow, sizeof slow);
  const bool few = v->under_ess > 0;
  snprintf(says, sizeof says,
           "The least effective sample size is %.0f of %" PRId64 " draws%s. Slowest: %s.", least,
           c->count, few ? "" : ", enough for means and 5 % quantiles", slow);
  if (!few) {
    mst_case_say(c, MST_LEVEL_FINE, "effective draws", says, NULL, err);
    return;
  }
  size_t used = strlen(says);
  snprintf(says + used, sizeof says - used,
           " %" PRId64 " of %" PRId64 " elements have fewer than %" PRId64
           ": their quantiles and R-hat itself are uncertain.",
           v->under_ess, v->elements, MST_WARN_ESS_PER_CHAIN * c->chains);
  char advice[300];
  double times = ceil(MST_WARN_ESS_PER_CHAIN * (double)c->chains / fmax(least, 1));
  if (v->over_rhat)
    snprintf(advice, sizeof advice, "First make the chains agree (see above); then more draws.");
  else
    snprintf(
        advice, sizeof advice,
        "%.0f times the draws (--draws %.0f), or a metric that knows the correlations (--metric "
        "auto).",
        times, times * (double)c->draws);
  mst_case_say(c, MST_LEVEL_PROBLEM, "effective draws", says, advice, err);
}

static void check_values(mst_case *c, mst_error *err) {
  char says[TEXT];
  if (!c->summary.verdict.undefined) return;
  snprintf(says, sizeof says, "%" PRId64 " of %" PRId64 " elements have NaN among their draws.",
           c->summary.verdict.undefined, c->summary.verdict.elements);
  mst_case_say(c, MST_LEVEL_PROBLEM, "values", says,
               "Generated quantities that are not defined for all draws, or that reject(); nothing "
               "is known of how they mix.",
               err);
}

static void check_one_chain(mst_case *c, mst_error *err) {
  if (c->chains > 1) return;
  mst_case_say(c, MST_LEVEL_PROBLEM, "chains",
               "There is one chain only: whether another start would have led elsewhere cannot be "
               "told.",
               "--chains 4 or more: they run side by side and cost less than one after the other.",
               err);
}

/* Modes and approximations are no chains. */
static masting_status check_kind(const mst_reader *r, mst_error *err) {
  double *space;
  if (r->draws < 4)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "%s: %" PRId64 " draws a chain; expected 4 or more of a run of masting sample; "
                    "masting summary shows them",
                    r->path, r->draws);
  if (mst_alloc((void **)&space, (size_t)(r->chains * r->draws), sizeof *space, "diagnose", err))
    return err->status;
  if (mst_reader_stat(r, "log_weight", space) && !mst_reader_stat(r, "diverging", space))
    mst_fail(
        err, MASTING_ERR_USAGE,
        "%s: weighted draws of an approximation, not chains; expected a run of masting sample; "
        "masting summary shows them",
        r->path);
  mst_free(&space);
  return err->status;
}

masting_status mst_diagnose(mst_diagnosis *d, const mst_reader *reader, mst_error *err) {
  mst_case *c = NULL;
  mst_summary_options o = {.choice = mst_element_defaults};
  *d = (mst_diagnosis){.chains = reader->chains, .draws = reader->draws};
  if (check_kind(reader, err) || mst_alloc((void **)&c, 1, sizeof *c, "diagnose", err))
    return err->status;
  c->reader = reader;
  c->to = d;
  c->chains = reader->chains;
  c->draws = reader->draws;
  c->count = c->chains * c->draws;
  if (!mst_summary_make(&c->summary, reader, &o, gather, c, err) && !load(c, err)) {
    d->elements = c->summary.verdict.elements;
    check_finished(c, err);
    check_values(c, err);
    check_one_chain(c, err);
    mst_case_divergences(c, err);
    mst_case_chains(c, err);
    check_ess(c, err);
    check_energy(c, err);
    check_depth(c, err);
    check_steps(c, err);
    mst_case_directions(c, err);
  }
  for (int i = 0; i < c->globals.count; i++) free(c->globals.item[i].label);
  for (int i = 0; i < c->apart.count; i++) free(c->apart.item[i].label);
  for (int i = 0; i < c->slow.count; i++) free(c->slow.item[i].label);
  mst_summary_free(&c->summary);
  mst_element_work_free(&c->work);
  mst_free(&c->x);
  mst_free(&c->lp);
  mst_free(&c->space);
  mst_free(&c);
  return err->status;
}

void mst_diagnosis_free(mst_diagnosis *d) {
  for (int i = 0; i < d->findings; i++) {
    free(d->finding[i].says);
    free(d->finding[i].advice);
  }
  free(d->finding);
  *d = (mst_diagnosis){0};
}
