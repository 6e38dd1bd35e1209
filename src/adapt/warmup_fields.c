/* adapt/warmup_fields.c -- see warmup_fields.h. */
#include "adapt/warmup_fields.h"

static void same_int(mst_fields *f, int own) {
  int x = own;
  mst_field_int(f, &x);
  f->bad |= x != own;
}

static void schedule_fields(mst_fields *f, mst_schedule *s) {
  same_int(f, (int)s->kind);
  same_int(f, s->warmup);
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
  same_int(f, w->chains);
  same_int(f, w->warmup);
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
