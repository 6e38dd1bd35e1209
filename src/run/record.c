/* run/record.c -- see record.h. */
#include "run/record.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "model/transform.h"

static int64_t local_elements(const mst_record *r) {
  const mst_target *t = r->engine->target;
  return t->data->shard.rows * t->layout.locals;
}

static bool keeps_moments(const mst_record *r) {
  return r->file && r->engine->target->layout.locals &&
         mst_drawfile_latents(r->file) == MST_LATENTS_MOMENTS;
}

masting_status mst_record_begin(mst_record *r, const mst_engine *engine, mst_drawfile *file,
                                mst_error *err) {
  memset(r, 0, sizeof *r);
  r->engine = engine;
  r->file = file;
  const size_t chains = (size_t)engine->chains, n = (size_t)local_elements(r);
  mst_alloc((void **)&r->theta, (size_t)(engine->target->layout.globals + engine->target->layout.derived) + 1, 8, "a draw", err);
  mst_alloc((void **)&r->mean, chains, sizeof *r->mean, "moments", err);
  mst_alloc((void **)&r->m2, chains, sizeof *r->m2, "moments", err);
  mst_alloc((void **)&r->count, chains, sizeof *r->count, "moments", err);
  if (engine->target->layout.local_transforms)
    mst_alloc((void **)&r->staging, n, 8, "a draw's row-local parameters", err);
  for (size_t c = 0; err->status == MASTING_OK && keeps_moments(r) && c < chains; c++) {
    mst_alloc((void **)&r->mean[c], n, 8, "moments", err);
    mst_alloc((void **)&r->m2[c], n, 8, "moments", err);
  }
  return err->status;
}

void mst_record_end(mst_record *r) {
  for (int c = 0; r->mean && r->m2 && c < r->engine->chains; c++) {
    mst_free(&r->mean[c]);
    mst_free(&r->m2[c]);
  }
  mst_free(&r->mean);
  mst_free(&r->m2);
  mst_free(&r->count);
  mst_free(&r->theta);
  mst_free(&r->staging);
}

/* Row-local elements of the draw, constrained; the chain's own buffer when there is nothing to do. */
static const double *constrained_locals(mst_record *r, int c) {
  const mst_layout *l = &r->engine->target->layout;
  const double *y = mst_engine_locals(r->engine, c);
  if (!l->local_transforms) return y;
  const int64_t rows = r->engine->target->data->shard.rows;
  for (int p = 0; p < l->model->nparams; p++) {
    if (!l->param[p].local) continue;
    const mst_span span = mst_span_of(l, p);
#pragma omp parallel for schedule(static) num_threads(r->engine->target->threads)
    for (int64_t row = 0; row < rows; row++) {
      double ignored = 0;
      int64_t at = row * l->locals + l->param[p].offset;
      mst_constrain_scalar(&span, y + at, r->staging + at, &ignored);
    }
  }
  return r->staging;
}

static void constrain_globals(mst_record *r, int c) {
  const mst_layout *l = &r->engine->target->layout;
  const double *y = mst_engine_globals(r->engine, c);
  double ignored = 0;
  for (int p = 0; p < l->model->nparams; p++) {
    if (l->param[p].local) continue;
    const mst_span span = mst_span_of(l, p);
    mst_constrain_scalar(&span, y + l->param[p].offset, r->theta + l->param[p].offset, &ignored);
  }
  const mst_target *t = r->engine->target;
  const masting_derive at = {.chain = c};
  if (l->derived)
    l->model->derive(t->state, t->data->size, t->replicated, r->theta, &at, r->theta + l->globals);
}

static void learn_moments(mst_record *r, int c, const double *x) {
  const int64_t n = local_elements(r);
  double *mean = r->mean[c], *m2 = r->m2[c];
  const double share = 1.0 / (double)++r->count[c];
#pragma omp parallel for schedule(static) num_threads(r->engine->target->threads)
  for (int64_t i = 0; i < n; i++) {
    double d = x[i] - mean[i];
    mean[i] += d * share;
    m2[i] += d * (x[i] - mean[i]);
  }
}

masting_status mst_record_draw(mst_record *r, int c, mst_phase phase, int draw, mst_error *err) {
  const mst_engine *e = r->engine;
  if (!r->file) return MASTING_OK;
  if (e->target->comm->rank == 0) {
    const mst_draw *d = &e->tree[c].draw;
    const mst_draw_stats stats = {.lp = d->lp,
                                  .acceptance_rate = d->accept,
                                  .step_size = d->step_size,
                                  .energy = d->energy,
                                  .energy_error = d->energy_error,
                                  .max_energy_error = d->max_energy_error,
                                  .tree_depth = d->depth,
                                  .n_steps = d->leapfrogs,
                                  .diverging = d->diverging,
                                  .reached_max_treedepth = d->saturated};
    constrain_globals(r, c);
    if (mst_drawfile_put(r->file, phase, c, draw, r->theta, &stats, err) != MASTING_OK)
      return err->status;
  }
  if (e->target->layout.locals == 0) return MASTING_OK;
  const mst_latents latents = mst_drawfile_latents(r->file);
  if (latents == MST_LATENTS_NONE) return MASTING_OK;
  const double *x = constrained_locals(r, c);
  if (latents == MST_LATENTS_ALL)
    return mst_drawfile_put_local(r->file, phase, c, draw, x, err);
  if (phase == MST_PHASE_DRAWS) learn_moments(r, c, x);
  return MASTING_OK;
}

masting_status mst_record_moments(mst_record *r, mst_error *err) {
  if (!keeps_moments(r)) return MASTING_OK;
  const int64_t n = local_elements(r);
  for (int c = 0; c < r->engine->chains && err->status == MASTING_OK; c++) {
    const double degrees = (double)(r->count[c] - 1);
    for (int64_t i = 0; i < n; i++) r->m2[c][i] = sqrt(r->m2[c][i] / degrees);
    mst_drawfile_put_moments(r->file, c, r->mean[c], r->m2[c], err);
  }
  return err->status;
}
