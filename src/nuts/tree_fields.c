/* nuts/tree_fields.c -- see tree_fields.h. */
#include "nuts/tree_fields.h"

static void draw_fields(mst_fields *f, mst_draw_stats *d) {
  double *const reals[] = {&d->lp,        &d->acceptance_rate, &d->step_size,
                           &d->energy,    &d->energy_error,    &d->max_energy_error,
                           &d->lp_approx, &d->log_weight,      &d->log_weight_globals};
  int *const ints[] = {&d->tree_depth,
                       &d->n_steps,
                       &d->iterations,
                       &d->evaluations,
                       &d->path,
                       &d->diverging,
                       &d->reached_max_treedepth,
                       &d->converged};
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) mst_field_real(f, reals[i]);
  for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) mst_field_int(f, ints[i]);
}

static void choice(mst_fields *f, mst_chain_state *phase) {
  int x = (int)*phase;
  mst_field_int(f, &x);
  f->bad |= x < MST_CHAIN_INIT || x > MST_CHAIN_FAILED;
  *phase = f->bad ? MST_CHAIN_FAILED : (mst_chain_state)x;
}

/* Buffers are numbers below MST_MAX_POINTS, or -1: they index arrays. */
static void buffers(mst_fields *f, int *x, size_t n) {
  mst_field_ints(f, x, n);
  for (size_t i = 0; i < n; i++) f->bad |= x[i] < -1 || x[i] >= MST_MAX_POINTS;
}

void mst_tree_fields(mst_fields *f, mst_tree *t) {
  uint64_t seed = t->seed;
  mst_field_u64(f, &seed);
  f->bad |= seed != t->seed;
  mst_field_same_int(f, t->chain);
  mst_field_same_int(f, t->max_depth);
  mst_field_real(f, &t->step_size);
  choice(f, &t->phase);
  mst_field_u64(f, &t->epoch);
  mst_field_u64(f, &t->uniforms);
  mst_field_int(f, &t->tries);
  mst_field_bool(f, &t->fresh);
  mst_field_bool(f, &t->update_estimators);
  mst_field_bool(f, &t->recompute_metric);
  mst_field_int(f, &t->search);
  int *const ints[] = {&t->depth,  &t->direction, &t->side,    &t->leapfrogs,
                       &t->checks, &t->rotate,    &t->rotating};
  for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) mst_field_int(f, ints[i]);
  f->bad |= t->rotate < 0 || t->rotate > MST_ROTATION_MOST;
  f->bad |= t->rotating < 0 || t->rotating > MST_ROTATION_MOST;
  f->bad |= t->depth < 0 || t->depth > MST_MAX_DEPTH;
  mst_field_i64(f, &t->leaf);
  double *const reals[] = {&t->eps,       &t->h0,         &t->log_w,
                           &t->log_w_sub, &t->accept_sum, &t->max_error};
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) mst_field_real(f, reals[i]);
  int *const points[] = {&t->prop, &t->sub, &t->outer, &t->inner, &t->origin};
  for (size_t i = 0; i < sizeof points / sizeof *points; i++) buffers(f, points[i], 1);
  buffers(f, t->first, MST_MAX_DEPTH + 1);
  buffers(f, t->last, MST_MAX_DEPTH + 1);
  mst_field_reals(f, t->lp, MST_MAX_POINTS);
  mst_field_reals(f, t->energy, MST_MAX_POINTS);
  draw_fields(f, &t->draw);
}

void mst_chain_metric_fields(mst_fields *f, mst_chain_metric *m) {
  mst_field_int(f, &m->slot);
  mst_field_int(f, &m->older);
  mst_field_int(f, &m->clear);
  mst_field_i64s(f, m->count, 2);
  f->bad |= (m->slot & ~1) || (m->older & ~1) || m->clear < -1 || m->clear > 1;
}

void mst_metric_instruction_fields(mst_fields *f, mst_metric_instruction *m) {
  mst_field_same_int(f, (int)m->adaptation);
  mst_field_same_int(f, m->pooled);
  mst_field_bool(f, &m->from_gradient);
  mst_field_int(f, &m->update);
  mst_field_int(f, &m->source);
  mst_field_int(f, &m->clear);
  mst_field_real(f, &m->samples);
  f->bad |= m->update < -1 || m->update > 1 || (m->source & ~1) || m->clear < -1 || m->clear > 1;
}

bool mst_tree_rewind(mst_tree *t) {
  if (t->phase != MST_CHAIN_DRAW || t->fresh) return false;
  t->epoch--;
  t->prop = t->origin;
  t->fresh = true;
  t->update_estimators = t->recompute_metric = false;
  t->outer = t->inner = t->sub = t->origin = -1;
  t->keeps_origin = true;
  return true;
}
