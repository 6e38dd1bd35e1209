/* adapt/rotation.c -- see rotation.h. */
#include "adapt/rotation.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#define LEAST_TRIALS 8

masting_status mst_rotation_begin(mst_rotation *r, mst_sampler_choice choice, int64_t globals,
                                  bool locals, int chains, mst_error *err) {
  const size_t n = (size_t)globals, c = (size_t)chains;
  *r = (mst_rotation){.choice = choice, .start_cost = locals, .chains = chains, .globals = globals};
  mst_alloc((void **)&r->steps, c, sizeof *r->steps, "chains", err);
  mst_alloc((void **)&r->made, c, sizeof *r->made, "chains", err);
  if (choice == MST_SAMPLER_NUTS) return err->status;
  mst_alloc((void **)&r->last, c * n, sizeof(double), "trials of rotations", err);
  mst_alloc((void **)&r->mean, c * n, sizeof(double), "trials of rotations", err);
  mst_alloc((void **)&r->m2, n, sizeof(double), "trials of rotations", err);
  for (int k = 0; k <= MST_ROTATION_MOST; k++)
    mst_alloc((void **)&r->kind[k].jump, n, sizeof(double), "trials of rotations", err);
  return err->status;
}

void mst_rotation_end(mst_rotation *r) {
  mst_free(&r->steps);
  mst_free(&r->made);
  mst_free(&r->last);
  mst_free(&r->mean);
  mst_free(&r->m2);
  for (int k = 0; k <= MST_ROTATION_MOST; k++) mst_free(&r->kind[k].jump);
}

int mst_rotation_next(const mst_rotation *r, int c, bool warm, int draw) {
  if (!r->ready) return 0;
  if (warm) return draw % MST_ROTATION_MIX == MST_ROTATION_MIX - 1 ? 0 : r->steps[c];
  return r->made[c] % (MST_ROTATION_MOST + 1);
}

static void count(mst_rotation_kind *kind, const mst_draw_stats *draw) {
  kind->draws++;
  kind->gradients += draw->n_steps;
  kind->acceptance += draw->acceptance_rate;
}

void mst_rotation_warmup_draw(mst_rotation *r, int c, const mst_tree *t, const double *q) {
  if (!r->ready) return;
  const int64_t n = r->globals;
  double *last = r->last + c * n, *mean = r->mean + c * n, *jump = r->kind[t->rotating].jump;
  if (r->made[c]++ > 0) { /* of the first, nobody knows from where */
    count(&r->kind[t->rotating], &t->draw);
    r->samples++;
    for (int64_t i = 0; i < n; i++) jump[i] += (q[i] - last[i]) * (q[i] - last[i]);
  }
  memcpy(last, q, (size_t)n * sizeof *last);
  for (int64_t i = 0; i < n; i++) {
    const double d = q[i] - mean[i];
    mean[i] += d / r->made[c];
    r->m2[i] += d * (q[i] - mean[i]);
  }
}

void mst_rotation_draw(mst_rotation *r, const mst_tree *t) {
  if (t->rotating) count(&r->after, &t->draw);
}

double mst_rotation_acceptance(const mst_rotation_kind *kind) {
  return kind->draws ? kind->acceptance / (double)kind->draws : NAN;
}

static double effective(double j) { return j / (2.0 - j); }

double mst_rotation_worth(const mst_rotation *r, int steps) {
  const mst_rotation_kind *kind = &r->kind[steps];
  if (kind->draws < LEAST_TRIALS) return NAN;
  double least = 1.0;
  for (int64_t i = 0; i < r->globals; i++) {
    const double variance = r->m2[i] / (double)r->samples;
    least = fmin(least, kind->jump[i] / (double)kind->draws / (2.0 * variance));
  }
  const double a = mst_rotation_acceptance(kind);
  return steps ? fmin(effective(least), a * effective(a)) : effective(least);
}

static double gain(const mst_rotation *r, int steps) {
  const mst_rotation_kind *kind = &r->kind[steps];
  const double cost = kind->draws ? (double)kind->gradients / (double)kind->draws : steps;
  return mst_rotation_worth(r, steps) / (cost + r->start_cost);
}

void mst_rotation_choose(mst_rotation *r, int c) {
  if (!r->ready || r->choice == MST_SAMPLER_NUTS) return;
  double best = r->choice == MST_SAMPLER_AUTO ? gain(r, 0) : -1.0;
  if (isnan(best)) return;
  for (int k = 1; k <= MST_ROTATION_MOST; k++) {
    const double g = gain(r, k);
    if (!(g > best)) continue;
    best = g;
    r->steps[c] = k;
  }
}
