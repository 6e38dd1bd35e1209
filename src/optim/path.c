/* optim/path.c -- see path.h. */
#include "optim/path.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

#define LAST (UINT64_C(1) << 60) /* addresses of the final draws lie apart */

void mst_path_begin(mst_path *p, const mst_path_options *options, mst_ascent *ascent, double *lp,
                    double *log_approx) {
  *p = (mst_path){.options = options,
                  .ascent = ascent,
                  .best_elbo = -INFINITY,
                  .lp = lp,
                  .log_approx = log_approx};
}

void mst_path_repeat(mst_path *p, const int64_t *again, int64_t count) {
  MST_ASSERT(p->state == MST_PATH_WAIT);
  if (count == 0) return;
  p->again = again;
  p->count = count;
  p->made = 0;
  p->ready = false;
  p->state = MST_PATH_REPEAT;
}

/* Address of the random numbers of draw k of this phase; 0: none more. Never 0 for a draw. */
static uint64_t noise(const mst_path *p, int64_t k) {
  switch (p->state) {
  case MST_PATH_FIT:
  case MST_PATH_LOOK:
    return k < p->options->elbo_draws ? ((uint64_t)p->ascent->iterations << 20) + (uint64_t)k + 1
                                      : 0;
  case MST_PATH_BACK:
  case MST_PATH_SAMPLE:
    return k < p->options->draws ? LAST + (uint64_t)k : 0;
  case MST_PATH_REPEAT:
    return k < p->count ? LAST + (uint64_t)p->again[k] : 0;
  default:
    return 0;
  }
}

/* ---- plan ---- */

static void plan_ascent(mst_path *p, mst_ascent_instruction *o) {
  if (p->resume) {
    o->step = p->hold;
    p->resume = false;
    return;
  }
  mst_ascent_plan(p->ascent, o);
  if (!p->stepped) return;
  p->stepped = false; /* the step is taken over, the search along the next direction waits */
  p->hold = o->step;
  o->step = 0;
  p->state = MST_PATH_FIT;
  p->made = 0;
  o->noise = noise(p, 0);
}

static void plan_draw(mst_path *p, mst_ascent_instruction *o) {
  o->draw = true;
  o->parts = p->parts;
  o->noise = noise(p, p->made + 1);
}

void mst_path_plan(mst_path *p, mst_ascent_instruction *o) {
  *o = (mst_ascent_instruction){.slot = -1};
  switch (p->state) {
  case MST_PATH_ASCENT:
    plan_ascent(p, o);
    break;
  case MST_PATH_BACK:
    o->restore = true;
    o->noise = noise(p, 0);
    break;
  case MST_PATH_LOOK:
  case MST_PATH_SAMPLE:
    plan_draw(p, o);
    break;
  case MST_PATH_REPEAT:
    if (p->ready)
      plan_draw(p, o);
    else
      o->noise = noise(p, 0);
    break;
  case MST_PATH_FIT:
  case MST_PATH_WAIT:
  case MST_PATH_FAILED:
    break;
  }
  o->keep = p->keep;
  p->keep = false;
}

/* ---- digest ---- */

static void aim(mst_path *p, const double *approx_dot) {
  p->log_q = mst_approx_draw_make(&p->approx, approx_dot, p->options->elements, &p->parts);
}

/* Back to the ascent, or to the best Gaussian when it is over. */
static void go_on(mst_path *p) {
  const int since = p->ascent->iterations - p->best_iteration, patience = p->options->patience;
  const bool enough = patience && since >= patience && p->best_elbo > -INFINITY;
  p->made = 0;
  if (p->ascent->state != MST_ASCENT_DONE && !enough) {
    p->state = MST_PATH_ASCENT;
    p->resume = true;
  } else {
    p->state = p->best_elbo > -INFINITY ? MST_PATH_BACK : MST_PATH_FAILED;
  }
}

static void digest_ascent(mst_path *p, double lp, const double *dot) {
  p->stepped = mst_ascent_digest(p->ascent, lp, dot);
  if (!p->stepped && p->ascent->state == MST_ASCENT_DONE) go_on(p);
}

static void digest_fit(mst_path *p, const double *approx_dot) {
  if (!mst_approx_make(&p->approx, &p->ascent->history, approx_dot)) {
    go_on(p);
    return;
  }
  p->elbo = 0;
  p->state = MST_PATH_LOOK;
  aim(p, approx_dot);
}

static void digest_look(mst_path *p, double lp, const double *approx_dot) {
  p->elbo += isfinite(lp) ? (lp - p->log_q) / p->options->elbo_draws : -INFINITY;
  if (++p->made < p->options->elbo_draws && p->elbo > -INFINITY) {
    aim(p, approx_dot);
    return;
  }
  if (p->elbo > p->best_elbo) {
    p->best_elbo = p->elbo;
    p->best_iteration = p->ascent->iterations;
    p->best_history = p->ascent->history;
    p->keep = true;
  }
  go_on(p);
}

static void digest_back(mst_path *p, const double *approx_dot) {
  const bool sound = mst_approx_make(&p->approx, &p->best_history, approx_dot);
  p->state = sound ? MST_PATH_SAMPLE : MST_PATH_FAILED; /* it was, with these very numbers */
  if (sound) aim(p, approx_dot);
}

static void digest_sample(mst_path *p, double lp, const double *approx_dot) {
  p->lp[p->made] = lp;
  p->log_approx[p->made] = p->log_q;
  if (++p->made == p->options->draws)
    p->state = MST_PATH_WAIT;
  else
    aim(p, approx_dot);
}

static bool digest_repeat(mst_path *p, const double *approx_dot) {
  const bool drew = p->ready;
  if (drew && ++p->made == p->count) {
    p->state = MST_PATH_WAIT;
    return true;
  }
  aim(p, approx_dot);
  p->ready = true;
  return drew;
}

bool mst_path_digest(mst_path *p, double lp, const double *dot, const double *approx_dot) {
  if (!mst_path_rests(p)) p->evaluations++;
  switch (p->state) {
  case MST_PATH_ASCENT:
    digest_ascent(p, lp, dot);
    break;
  case MST_PATH_FIT:
    digest_fit(p, approx_dot);
    break;
  case MST_PATH_LOOK:
    digest_look(p, lp, approx_dot);
    break;
  case MST_PATH_BACK:
    digest_back(p, approx_dot);
    break;
  case MST_PATH_SAMPLE:
    digest_sample(p, lp, approx_dot);
    break;
  case MST_PATH_REPEAT:
    return digest_repeat(p, approx_dot);
  case MST_PATH_WAIT:
  case MST_PATH_FAILED:
    break;
  }
  return false;
}
