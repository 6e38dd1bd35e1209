/* adapt/warmup.h -- warm-up: adaptation of step sizes and metric before chains sample.
 *
 * With a pool, the draws of all chains estimate one metric: squared deviations about each chain's
 * own mean are summed over chains, so chains in different modes do not inflate it. Chains never
 * wait for each other: a metric has two slots, a chain switches to the newest when it starts a
 * draw, and the other slot is recomputed once no trajectory uses it. A chain that has made its
 * warm-up draws before the metric is final continues its warm-up. Every decision follows from draw
 * counts, which are the same on every rank. Each chain's step size follows dual averaging; when a
 * chain ends its warm-up, the step size that meets the target acceptance is fitted to the draws of
 * all chains under the final metric (step_fit.h). Not collective.
 */
#ifndef MST_ADAPT_WARMUP_H
#define MST_ADAPT_WARMUP_H

#include "adapt/dual_average.h"
#include "adapt/schedule.h"
#include "adapt/step_fit.h"
#include "nuts/pass.h"
#include "nuts/tree.h"

typedef struct mst_warmup_chain {
  mst_dual_average step;
  mst_schedule schedule;  /* no pool */
  int draws;              /* warm-up draws made */
  int settled;            /* of them, with the final metric */
  mst_step_trials trials; /* the latest of those */
  bool observed;          /* the estimators have processed the latest draw */
  bool search;            /* search for a step size again before the next draw */
  bool clear_after;       /* variance, no pool: reset the estimator with the next draw */
  bool uses_final;        /* the chain moves under the final metric */
  bool over;
} mst_warmup_chain;

typedef struct mst_warmup {
  mst_pass *pass;
  mst_tree *tree;
  int chains, warmup;
  double target_accept;
  mst_warmup_chain *chain; /* [chains], the caller's memory */
  mst_schedule schedule;   /* pool */
  int64_t total;           /* warm-up draws of all chains */
  int64_t fresh;           /* of them, since the last recomputation */
  int newest, older;       /* metric slot, estimator */
  bool due;                /* a recomputation must come: switch or end */
  /* a dense or low-rank metric is costly to recompute: its estimator must have grown by this factor
   * since; 1: always */
  double growth;
  int64_t fitted;    /* draws in it at the last recomputation */
  bool clear_after;  /* variance: and then the estimator starts afresh */
  bool final;        /* the metric will not change any more */
  int least_settled; /* draws that a chain makes with the final metric at least */
  /* chains begin with a step size that is about right: it is not searched for */
  bool step_known;
} mst_warmup;

void mst_warmup_begin(mst_warmup *w, mst_pass *pass, mst_tree *tree, mst_warmup_chain *chain,
                      int chains, int warmup, double target_accept);

/* After mst_warmup_begin: the trees' step sizes are about right. They are not searched for, and
 * with a metric that is final already they stand for the draws that a short warm-up lacks: as if
 * MST_STEP_TRIALS draws of each chain had met the target with them, of which every draw replaces
 * one. */
void mst_warmup_knows_steps(mst_warmup *w);

/* Before each step: sets pass->metric_instruction, and the flags of the chains that start a
 * draw. */
void mst_warmup_step(mst_warmup *w);

/* Chain c has made a warm-up draw: true when its warm-up is over and its step size fixed. */
bool mst_warmup_draw(mst_warmup *w, int c);

#endif
