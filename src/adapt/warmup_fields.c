/* adapt/warmup_fields.c -- see warmup_fields.h. */
#include "adapt/warmup_fields.h"

static void schedule_fields(mst_fields *f, mst_schedule *s) {
  mst_field_same_int(f, (int)s->kind);
  mst_field_same_int(f, s->warmup);
  mst_field_real(f, &s->next);
  mst_field_real(f, &s->window);
  mst_field_real(f, &s->late);
  mst_field_real(f, &s->end);
  mst_field_bool(f, &s->final);
  mst_field_bool(f, &s->discard);
}

static void average_fields(mst_fields *f, mst_dual_average *d) {
  mst_field_real(f, &d->target);
  mst_field_real(f, &d->mu);
  mst_field_real(f, &d->log_eps);
  mst_field_real(f, &d->log_eps_mean);
  mst_field_real(f, &d->error_mean);
  mst_field_int(f, &d->count);
}

static void chain_fields(mst_fields *f, mst_warmup_chain *c) {
  average_fields(f, &c->step);
  schedule_fields(f, &c->schedule);
  mst_field_int(f, &c->draws);
  mst_field_int(f, &c->settled);
  mst_field_int(f, &c->trials.count);
  f->bad |= c->trials.count < 0;
  mst_field_reals(f, c->trials.eps, MST_STEP_TRIALS);
  mst_field_reals(f, c->trials.accept, MST_STEP_TRIALS);
  mst_field_bool(f, &c->observed);
  mst_field_bool(f, &c->search);
  mst_field_bool(f, &c->clear_after);
  mst_field_bool(f, &c->uses_final);
  mst_field_bool(f, &c->over);
}

void mst_warmup_fields(mst_fields *f, mst_warmup *w) {
  mst_field_same_int(f, w->chains);
  mst_field_same_int(f, w->warmup);
  double target = w->target_accept, growth = w->growth;
  mst_field_real(f, &target);
  mst_field_real(f, &growth);
  f->bad |= target != w->target_accept || growth != w->growth;
  schedule_fields(f, &w->schedule);
  mst_field_i64(f, &w->total);
  mst_field_i64(f, &w->fresh);
  mst_field_int(f, &w->newest);
  mst_field_int(f, &w->older);
  f->bad |= (w->newest & ~1) || (w->older & ~1);
  mst_field_bool(f, &w->due);
  mst_field_i64(f, &w->fitted);
  mst_field_bool(f, &w->clear_after);
  mst_field_bool(f, &w->final);
  mst_field_bool(f, &w->step_known);
  for (int c = 0; c < w->chains; c++) chain_fields(f, &w->chain[c]);
}

static void kind_fields(mst_fields *f, mst_rotation_kind *k, int64_t globals) {
  mst_field_i64(f, &k->draws);
  mst_field_i64(f, &k->gradients);
  mst_field_real(f, &k->acceptance);
  if (k->jump) mst_field_reals(f, k->jump, (size_t)globals);
}

void mst_rotation_fields(mst_fields *f, mst_rotation *r) {
  const size_t chains = (size_t)r->chains, globals = (size_t)r->globals;
  mst_field_same_int(f, (int)r->choice);
  mst_field_same_int(f, r->chains);
  mst_field_bool(f, &r->ready);
  mst_field_ints(f, r->steps, chains);
  mst_field_ints(f, r->made, chains);
  for (size_t c = 0; c < chains; c++) f->bad |= r->steps[c] < 0 || r->steps[c] > MST_ROTATION_MOST;
  mst_field_i64(f, &r->samples);
  if (r->last) {
    mst_field_reals(f, r->last, chains * globals);
    mst_field_reals(f, r->mean, chains * globals);
    mst_field_reals(f, r->m2, globals);
  }
  for (int k = 0; k <= MST_ROTATION_MOST; k++) kind_fields(f, &r->kind[k], r->globals);
  kind_fields(f, &r->after, r->globals);
}
