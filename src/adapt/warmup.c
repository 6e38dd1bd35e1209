/* adapt/warmup.c -- see warmup.h. */
#include "adapt/warmup.h"

#include <math.h>
#include <string.h>

#include "base/portable.h"

/* Draws discarded as transient when the step size was given; otherwise the search for a step size
   covers the transient. */
#define TRANSIENT_DRAWS 10

static mst_schedule_kind kind_of(mst_adaptation adaptation) {
  return adaptation == MST_ADAPT_FISHER     ? MST_SCHEDULE_FISHER
         : adaptation == MST_ADAPT_VARIANCE ? MST_SCHEDULE_STAN
                                            : MST_SCHEDULE_NONE;
}

static void restart_step(mst_warmup *w, int c, double eps, double mu_factor) {
  mst_dual_average_begin(&w->chain[c].step, w->target_accept, eps, mst_log_same(mu_factor * eps));
}

void mst_warmup_begin(mst_warmup *w, mst_pass *pass, mst_tree *tree, mst_warmup_chain *chain,
                      int chains, int warmup, double target_accept) {
  const mst_schedule_kind kind = kind_of(pass->metric_instruction.adaptation);
  *w = (mst_warmup){.pass = pass,
                    .tree = tree,
                    .chain = chain,
                    .chains = chains,
                    .warmup = warmup,
                    .target_accept = target_accept,
                    .least_settled = warmup / 20,
                    .growth = 1};
  mst_schedule_begin(&w->schedule, kind, warmup, pass->metric_instruction.pooled ? chains : 1);
  w->final = w->schedule.final;
  for (int c = 0; c < chains; c++) {
    memset(&chain[c], 0, sizeof chain[c]);
    chain[c].schedule = w->schedule;
    chain[c].observed = chain[c].search = true;
    chain[c].uses_final = w->final;
    chain[c].over = warmup == 0;
  }
}

void mst_warmup_knows_steps(mst_warmup *w) {
  w->step_known = true;
  for (int c = 0; c < w->chains; c++) {
    w->chain[c].search = false;
    for (int i = 0; w->final && i < MST_STEP_TRIALS; i++)
      mst_step_trial(&w->chain[c].trials, w->tree[c].step_size, w->target_accept);
  }
}

static bool starts(const mst_tree *t) {
  return t->phase == MST_CHAIN_SEARCH || (t->phase == MST_CHAIN_DRAW && t->fresh);
}

/* ---- pooled ---- */

static int64_t samples(const mst_warmup *w, int estimator) {
  int64_t n = 0;
  for (int c = 0; c < w->chains; c++) {
    int64_t k = w->pass->chain[c].count[estimator];
    n += k > 0 ? k - 1 : 0;
  }
  return n;
}

static void clear_pooled(mst_warmup *w, int estimator) {
  w->pass->metric_instruction.clear = estimator;
  for (int c = 0; c < w->chains; c++) w->pass->chain[c].count[estimator] = 0;
}

static bool spare_slot_unused(const mst_warmup *w) {
  for (int c = 0; c < w->chains; c++)
    if (!starts(&w->tree[c]) && w->tree[c].phase == MST_CHAIN_DRAW &&
        w->pass->chain[c].slot != w->newest)
      return false;
  return true;
}

/* Fisher metrics are recomputed whenever each chain has made about a draw; Stan's at window
 * ends. */
static bool wants_update(const mst_warmup *w) {
  if (w->due) return true;
  if (w->pass->metric_instruction.adaptation != MST_ADAPT_FISHER || w->schedule.final ||
      w->fresh < w->chains)
    return false;
  return w->growth <= 1 || (double)samples(w, w->older) >= w->growth * (double)w->fitted;
}

static void pooled_step(mst_warmup *w) {
  if (w->final || !wants_update(w) || !spare_slot_unused(w)) return;
  int64_t n = samples(w, w->older);
  if (n >= 3) {
    w->pass->metric_instruction.update = !w->newest;
    w->pass->metric_instruction.source = w->older;
    w->pass->metric_instruction.samples = (double)n;
    w->newest = !w->newest;
    w->fitted = n;
  }
  if (w->clear_after) clear_pooled(w, w->older);
  w->clear_after = w->due = false;
  w->fresh = 0;
  if (w->schedule.final) w->final = true;
}

static void pooled_draw(mst_warmup *w) {
  w->total++;
  w->fresh++;
  mst_schedule_event e = mst_schedule_at(&w->schedule, (double)w->total / w->chains);
  if (e.discarded) clear_pooled(w, w->older);
  if (e.ended) w->due = true;
  if (!e.switched) return;
  w->due = true;
  if (w->pass->metric_instruction.adaptation == MST_ADAPT_FISHER) {
    clear_pooled(w, w->older);
    w->older = !w->older;
    return;
  }
  w->clear_after = true;
  for (int c = 0; c < w->chains; c++) w->chain[c].search = true;
}

/* ---- each chain its own ---- */

static void own_draw(mst_warmup *w, int c) {
  mst_warmup_chain *k = &w->chain[c];
  mst_chain_metric *m = &w->pass->chain[c];
  const bool fisher = w->pass->metric_instruction.adaptation == MST_ADAPT_FISHER;
  if (k->schedule.final) return;
  mst_schedule_event e = mst_schedule_at(&k->schedule, k->draws);
  if (e.discarded || (fisher && e.switched) || k->clear_after) {
    m->clear = m->older;
    m->count[m->older] = 0;
  }
  k->clear_after = !fisher && e.switched; /* the draw just made still belongs to the window */
  if (fisher && e.switched) m->older = !m->older;
  w->tree[c].recompute_metric = fisher || e.switched;
  if (e.switched && !fisher) k->search = true;
}

static bool metric_final(const mst_warmup *w, int c) {
  return w->pass->metric_instruction.pooled ? w->final : w->chain[c].schedule.final;
}

/* ---- every step ---- */

static void start_chain(mst_warmup *w, int c) {
  mst_warmup_chain *k = &w->chain[c];
  mst_tree *t = &w->tree[c];
  mst_chain_metric *m = &w->pass->chain[c];
  m->slot = w->newest;
  if (k->over) return;
  if (!k->observed) {
    k->observed = true;
    t->update_estimators = w->pass->metric_instruction.adaptation != MST_ADAPT_NONE;
    m->count[0]++;
    m->count[1]++;
  }
  if (t->phase == MST_CHAIN_SEARCH || t->rotate) return; /* a rotation has no step size to adapt */
  if (k->search) {
    k->search = false;
    k->step.count = 0;
    mst_tree_search(t);
    return;
  }
  if (k->step.count == 0) restart_step(w, c, t->step_size, w->step_known ? 1.0 : 10.0);
  if (metric_final(w, c) && !k->uses_final) {
    k->uses_final = true;
    restart_step(w, c, mst_exp_same(mst_dual_average_log(&k->step)), 1.0);
    t->step_size = mst_exp_same(k->step.log_eps);
  }
}

void mst_warmup_step(mst_warmup *w) {
  if (w->pass->metric_instruction.pooled) pooled_step(w);
  for (int c = 0; c < w->chains; c++)
    if (starts(&w->tree[c])) start_chain(w, c);
}

/* From all chains' draws with the final metric (pool), or the chain's own. */
static double fitted_step(const mst_warmup *w, int c) {
  const double guess = mst_exp_same(mst_dual_average_log(&w->chain[c].step));
  const bool pooled = w->pass->metric_instruction.pooled;
  const int first = pooled ? 0 : c, last = pooled ? w->chains : c + 1;
  mst_step_fit fit;
  mst_step_fit_begin(&fit, w->target_accept);
  for (int i = first; i < last; i++) mst_step_fit_add(&fit, &w->chain[i].trials);
  return mst_step_fit_end(&fit, guess);
}

bool mst_warmup_draw(mst_warmup *w, int c) {
  mst_warmup_chain *k = &w->chain[c];
  k->draws++;
  w->tree[c].step_size = mst_dual_average_update(&k->step, w->tree[c].draw.acceptance_rate);
  if (k->uses_final) {
    k->settled++;
    if (!w->step_known || k->draws > TRANSIENT_DRAWS)
      mst_step_trial(&k->trials, w->tree[c].draw.step_size, w->tree[c].draw.acceptance_rate);
  }
  if (!metric_final(w, c)) k->observed = false;
  if (w->pass->metric_instruction.pooled)
    pooled_draw(w);
  else
    own_draw(w, c);
  if (k->draws < w->warmup || !k->uses_final || k->settled < w->least_settled) return false;
  k->over = true;
  w->tree[c].step_size = fitted_step(w, c);
  return true;
}
