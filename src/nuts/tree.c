/* nuts/tree.c -- see tree.h. Exponentials and logarithms are SLEEF's portable variants, which give
 * the same bits on every processor: all ranks must decide alike. */
#include "nuts/tree.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/portable.h"
#include "base/rng.h"

#define QUARTER_TURN 1.5707963267948966

static double log_add(double a, double b) {
  double high = a > b ? a : b, low = a > b ? b : a;
  if (low == -INFINITY) return high;
  return high + mst_log1p_same(mst_exp_same(low - high));
}

static double uniform(mst_tree *t) {
  return mst_uniform(t->seed, (uint64_t)t->chain, t->epoch, MST_USE_TREE, t->uniforms++);
}

/* So that buffers of a draw depend on where it began alone. */
static void forget_levels(mst_tree *t) {
  for (int i = 0; i <= MST_MAX_DEPTH; i++) t->first[i] = t->last[i] = -1;
}

void mst_tree_begin(mst_tree *t, uint64_t seed, int chain, int max_depth, double step_size) {
  memset(t, 0, sizeof *t);
  MST_ASSERT(max_depth >= 1 && max_depth <= MST_MAX_DEPTH);
  t->seed = seed;
  t->chain = chain;
  t->max_depth = max_depth;
  t->step_size = step_size;
  t->phase = MST_CHAIN_INIT;
  t->prop = t->sub = t->outer = t->inner = t->origin = -1;
  forget_levels(t);
}

void mst_tree_point(mst_tree *t) {
  MST_ASSERT(t->phase == MST_CHAIN_READY);
  t->phase = MST_CHAIN_POINT;
}

void mst_tree_search(mst_tree *t) {
  t->phase = MST_CHAIN_SEARCH;
  t->search = 0;
}

void mst_tree_go(mst_tree *t) {
  t->phase = MST_CHAIN_DRAW;
  t->fresh = true;
}

/* ---- buffers ---- */

static uint64_t bit(int buffer) { return buffer < 0 ? 0 : UINT64_C(1) << buffer; }

/* Lowest buffer that no one needs any more. The first leaf of a level is needed while the level is
 * open, its last leaf until the level above closes: both are bits of the next leaf's number. */
static int free_buffer(const mst_tree *t, int64_t next) {
  uint64_t used = bit(t->prop) | bit(t->sub) | bit(t->outer) | bit(t->inner) | bit(t->origin);
  if (next >= 0) {
    used |= bit(t->first[t->depth]);
    for (int l = 0; l < t->depth; l++) {
      if (next & ((INT64_C(1) << l) - 1)) used |= bit(t->first[l]);
      if (next & (INT64_C(1) << l)) used |= bit(t->last[l]) | bit(t->first[l + 1]);
    }
  }
  int buffer = __builtin_ctzll(~used);
  MST_ASSERT(buffer < MST_MAX_POINTS);
  return buffer;
}

/* ---- plan ---- */

/* A rotation has no direction, and spends no random number on it. */
static void begin_doubling(mst_tree *t) {
  t->direction = t->rotating || uniform(t) >= 0.5 ? 1 : -1;
  t->leaf = 0;
  t->log_w_sub = -INFINITY;
  t->sub = -1;
}

static void plan_start(mst_tree *t, mst_instruction *o) {
  t->epoch++;
  t->uniforms = 0;
  t->depth = 0;
  t->eps = t->step_size;
  t->log_w = 0.0;
  t->accept_sum = 0.0;
  t->max_error = 0.0;
  t->leapfrogs = 0;
  t->outer = t->inner = t->prop;
  t->origin = t->keeps_origin ? t->prop : -1;
  forget_levels(t);
  t->rotating = t->rotate;
  begin_doubling(t);
  t->side = t->direction;
  o->start = MST_START_DRAW;
  o->origin = t->prop;
  o->update_estimators = t->update_estimators;
  o->recompute_metric = t->recompute_metric;
  t->fresh = t->update_estimators = t->recompute_metric = false;
}

static void add_pair(mst_instruction *o, int a, int b) {
  MST_ASSERT(o->npairs < MST_MAX_PAIRS && a >= 0 && b >= 0);
  o->a[o->npairs] = (uint8_t)a;
  o->b[o->npairs++] = (uint8_t)b;
}

/* Products needed to close this leaf's subtrees. */
static void plan_pairs(mst_tree *t, mst_instruction *o) {
  const int64_t n = t->leaf;
  for (int l = 1; l <= t->depth && (n >> (l - 1) & 1); l++) {
    add_pair(o, t->first[l], o->leaf);
    if (l == 1) continue;
    add_pair(o, t->first[l], t->first[l - 1]);
    add_pair(o, t->last[l - 1], o->leaf);
  }
  t->checks = o->npairs;
  if (n != (INT64_C(1) << t->depth) - 1) return;
  add_pair(o, t->outer, o->leaf);
  if (t->depth == 0) return;
  add_pair(o, t->outer, t->first[t->depth]);
  add_pair(o, t->inner, o->leaf);
}

/* Leaf n opens a subtree at every level that it is the first of. */
static void open_levels(mst_tree *t, int buffer) {
  for (int l = 0; l <= t->depth && (t->leaf & ((INT64_C(1) << l) - 1)) == 0; l++)
    t->first[l] = buffer;
}

/* Of a quarter turn in 1, 2 and 3 steps. */
static const double cosines[MST_ROTATION_MOST] = {0.0, 0.70710678118654752, 0.86602540378443865},
                    sines[MST_ROTATION_MOST] = {1.0, 0.70710678118654752, 0.5};

/* Points on the way are not kept. */
static void plan_rotation(mst_tree *t, mst_instruction *o) {
  o->rotates = true;
  o->cosine = cosines[t->rotating - 1];
  o->sine = sines[t->rotating - 1];
  o->leaf = free_buffer(t, -1);
}

static void plan_draw(mst_tree *t, mst_instruction *o) {
  if (t->fresh) plan_start(t, o);
  if (t->rotating) {
    plan_rotation(t, o);
    return;
  }
  o->flip = t->direction != t->side;
  if (o->flip) {
    /* the other end's last point becomes the inner one, and this side's the outer */
    int end = t->inner;
    t->inner = t->outer;
    t->outer = end;
    t->side = t->direction;
  }
  o->leaf = free_buffer(t, t->leaf);
  o->eps = t->direction * t->eps;
  open_levels(t, o->leaf);
  plan_pairs(t, o);
}

static void plan_evaluation(mst_tree *t, mst_instruction *o, mst_start start) {
  t->epoch++;
  o->start = start;
  o->origin = t->prop;
  o->leaf = free_buffer(t, -1);
}

void mst_tree_plan(mst_tree *t, mst_instruction *o) {
  memset(o, 0, sizeof *o);
  o->chain = t->chain;
  o->active = true;
  switch (t->phase) {
  case MST_CHAIN_INIT:
    plan_evaluation(t, o, MST_START_INIT);
    break;
  case MST_CHAIN_POINT:
    plan_evaluation(t, o, MST_START_POINT);
    break;
  case MST_CHAIN_SEARCH:
    plan_evaluation(t, o, MST_START_DRAW);
    o->eps = t->step_size;
    o->update_estimators = t->update_estimators;
    o->recompute_metric = t->recompute_metric;
    t->update_estimators = t->recompute_metric = false;
    break;
  case MST_CHAIN_DRAW:
    plan_draw(t, o);
    break;
  case MST_CHAIN_READY:
  case MST_CHAIN_DONE:
  case MST_CHAIN_FAILED:
    o->active = false;
    o->leaf = free_buffer(t, -1);
    break;
  }
  o->epoch = t->epoch;
}

/* ---- digest ---- */

static void digest_init(mst_tree *t, const mst_instruction *o, double lp, double k1) {
  t->tries++;
  if (isfinite(lp) && isfinite(k1)) {
    t->prop = o->leaf;
    t->lp[o->leaf] = lp;
    t->phase = MST_CHAIN_READY;
  } else if (t->tries >= MST_INIT_TRIES) {
    t->phase = MST_CHAIN_FAILED;
  }
}

/* Stan's heuristic: halve or double, with fresh momenta, until acceptance crosses 0.8. */
static void digest_search(mst_tree *t, double lp, double k0, double k1) {
  double gain = (lp - k1) - (t->lp[t->prop] - k0);
  int now = !isnan(gain) && gain > -0.22314355131420976 /* log 0.8 */ ? 1 : -1;
  if (t->search == 0) t->search = now;
  if (now != t->search || t->step_size < 1e-12 || t->step_size > 1e7) {
    mst_tree_go(t);
    return;
  }
  t->step_size *= t->search > 0 ? 2.0 : 0.5;
}

static bool turned(const mst_tree *t, const double *product, int from, int to) {
  for (int k = from; k < to; k++)
    if (!(t->direction * product[2 * k] > 0 && t->direction * product[2 * k + 1] > 0)) return true;
  return false;
}

static bool end_draw(mst_tree *t) {
  t->draw = (mst_draw_stats){.lp = t->lp[t->prop],
                             .acceptance_rate = t->accept_sum / t->leapfrogs,
                             .step_size = t->rotating ? QUARTER_TURN / t->rotating : t->eps,
                             .energy = t->energy[t->prop],
                             .energy_error = t->energy[t->prop] - t->h0,
                             .max_energy_error = t->max_error,
                             .tree_depth = t->depth,
                             .n_steps = t->leapfrogs,
                             .diverging = t->draw.diverging,
                             .reached_max_treedepth = !t->rotating && t->depth >= t->max_depth};
  t->fresh = true;
  t->outer = t->inner = t->sub = t->origin = -1;
  return true;
}

/* The doubling is complete without a U-turn inside: choose between its proposal and the old one,
 * check the joined tree for a U-turn, continue or stop. */
static bool join(mst_tree *t, const mst_instruction *o, const double *product) {
  double log_ratio = t->log_w_sub - t->log_w;
  if (log_ratio >= 0 || uniform(t) < mst_exp_same(log_ratio)) t->prop = t->sub;
  t->log_w = log_add(t->log_w, t->log_w_sub);
  bool stop = turned(t, product, t->checks, o->npairs);
  t->inner = o->leaf; /* the end that moves; the other end is outer */
  t->depth++;
  if (stop || t->depth >= t->max_depth) return end_draw(t);
  begin_doubling(t);
  return false;
}

static bool digest_leaf(mst_tree *t, const mst_instruction *o, double lp, double k1,
                        const double *product) {
  double energy = k1 - lp, error = energy - t->h0;
  if (isnan(error)) error = INFINITY;
  t->lp[o->leaf] = lp;
  t->energy[o->leaf] = energy;
  t->leapfrogs++;
  t->accept_sum += error < 0 ? 1.0 : mst_exp_same(-error);
  if (fabs(error) > fabs(t->max_error)) t->max_error = error;
  t->draw.diverging = error > MST_DIVERGENCE;
  if (t->draw.diverging) return end_draw(t);
  t->log_w_sub = log_add(t->log_w_sub, -error);
  if (t->leaf == 0 || uniform(t) < mst_exp_same(-error - t->log_w_sub)) t->sub = o->leaf;
  if (turned(t, product, 0, t->checks)) return end_draw(t);
  if (t->leaf == (INT64_C(1) << t->depth) - 1) return join(t, o, product);
  /* this leaf is the last of the highest level it closes */
  t->last[__builtin_ctzll(~(uint64_t)t->leaf)] = o->leaf;
  t->leaf++;
  return false;
}

/* What cannot be evaluated is rejected, at once. That is no divergence: a quarter turn may well end
 * where no trajectory of short steps would go, and nothing is missed where it is refused. */
static bool digest_rotation(mst_tree *t, const mst_instruction *o, double lp, double k1) {
  double energy = k1 - lp, error = energy - t->h0;
  t->leapfrogs++;
  if (!isfinite(energy)) error = INFINITY;
  if (error <= MST_DIVERGENCE && t->leapfrogs < t->rotating) return false;
  const double accept = error < 0 ? 1.0 : mst_exp_same(-error);
  t->lp[o->leaf] = lp;
  t->energy[o->leaf] = energy;
  t->max_error = error;
  t->accept_sum = accept * t->leapfrogs;
  t->draw.diverging = false;
  if (uniform(t) < accept) t->prop = o->leaf;
  return end_draw(t);
}

bool mst_tree_digest(mst_tree *t, const mst_instruction *o, double lp, double k0, double k1,
                     const double *product) {
  switch (t->phase) {
  case MST_CHAIN_INIT:
    digest_init(t, o, lp, k1);
    return false;
  case MST_CHAIN_POINT:
    t->prop = o->leaf;
    t->lp[o->leaf] = lp;
    t->phase = MST_CHAIN_READY;
    return false;
  case MST_CHAIN_SEARCH:
    digest_search(t, lp, k0, k1);
    return false;
  case MST_CHAIN_DRAW:
    if (o->start == MST_START_DRAW) {
      t->h0 = k0 - t->lp[t->prop];
      t->energy[t->prop] = t->h0;
    }
    return t->rotating ? digest_rotation(t, o, lp, k1) : digest_leaf(t, o, lp, k1, product);
  case MST_CHAIN_READY:
  case MST_CHAIN_DONE:
  case MST_CHAIN_FAILED:
    break;
  }
  return false;
}
