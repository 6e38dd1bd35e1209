/* run/metric_update.c -- see metric_update.h. */
#include "run/metric_update.h"

#include <math.h>
#include <string.h>

#include "adapt/metric_fit.h"
#include "base/clock.h"
#include "base/mem.h"

#define FEW_DRAWS 16 /* P over that: with fewer draws a distributed metric is of low rank */

static void make_slot(mst_metric *s, mst_metric_kind kind, int64_t n, mst_error *err) {
  const size_t p = (size_t)n;
  *s = (mst_metric){.kind = MST_KIND_LOW_RANK, .n = n};
  if (kind == MST_KIND_DENSE) {
    mst_alloc((void **)&s->c, p * p, sizeof(double), "dense metric", err);
    mst_alloc((void **)&s->l, p * p, sizeof(double), "dense metric", err);
  } else {
    mst_alloc((void **)&s->u, p * MST_METRIC_MAX_RANK, sizeof(double), "metric", err);
    mst_alloc((void **)&s->eigen, MST_METRIC_MAX_RANK, sizeof(double), "metric", err);
  }
  mst_alloc((void **)&s->scale, p, sizeof(double), "metric", err);
  for (size_t i = 0; err->status == MASTING_OK && i < p; i++) s->scale[i] = 1.0;
}

static void make_scratch(mst_engine *e, mst_error *err) {
  mst_pass *p = &e->pass;
  const size_t n = (size_t)p->global[0].stride, lanes = (size_t)e->target->lanes;
  mst_alloc((void **)&p->metric_u, n * lanes, sizeof(double), "metric", err);
  mst_alloc((void **)&p->metric_spare, n * lanes, sizeof(double), "metric", err);
  mst_alloc((void **)&p->metric_z, n + 32, sizeof(double), "metric", err);
  mst_alloc((void **)&p->metric_v, n + 32, sizeof(double), "metric", err);
  for (int b = 0; b < e->target->batches; b++) {
    mst_alloc((void **)&p->global[b].v, n * lanes, sizeof(double), "velocities", err);
    mst_alloc((void **)&p->global[b].v_other, n * lanes, sizeof(double), "velocities", err);
  }
}

static void make_dist(mst_metric_update *s, mst_error *err) {
  mst_pass *p = &s->engine->pass;
  const mst_target *t = s->engine->target;
  const int64_t n = t->layout.globals;
  for (int k = 0; k < 2; k++) {
    make_slot(&p->metric[k], MST_KIND_LOW_RANK, n, err);
    mst_window_dist_begin(&s->window_dist[k], t->comm, n, s->engine->chains, n / FEW_DRAWS, err);
  }
  mst_alloc((void **)&p->metric_pack, 2 * 16 * (size_t)n, sizeof(double), "metric", err);
  make_scratch(s->engine, err);
}

masting_status mst_metric_update_begin_dist(mst_metric_update *s, mst_engine *engine, double draws,
                                            mst_error *err) {
  *s = (mst_metric_update){
      .engine = engine, .kind = MST_KIND_DENSE, .condition = 1.0, .distributed = true};
  if (mst_metric_dist_begin(&s->dist, engine->target, draws, err) != MASTING_OK) return err->status;
  make_dist(s, err);
  if (mst_agree(engine->target->comm, err) != MASTING_OK) return err->status;
  engine->pass.not_diagonal = true;
  engine->pass.apply = mst_metric_dist_apply;
  engine->pass.apply_context = &s->dist;
  return MASTING_OK;
}

masting_status mst_metric_update_begin(mst_metric_update *s, mst_engine *engine,
                                       mst_metric_kind kind, mst_error *err) {
  const int64_t n = engine->target->layout.globals;
  *s = (mst_metric_update){.engine = engine, .kind = kind, .condition = 1.0};
  if (kind == MST_KIND_DENSE &&
      mst_metric_replicated_fits(engine->target->comm, n, err) != MASTING_OK)
    return err->status;
  for (int k = 0; k < 2; k++) {
    mst_window_begin(&s->window[k], n);
    make_slot(&engine->pass.metric[k], kind, n, err);
  }
  make_scratch(engine, err);
  if (mst_agree(engine->target->comm, err) == MASTING_OK) engine->pass.not_diagonal = true;
  return err->status;
}

void mst_metric_update_end(mst_metric_update *s) {
  if (!s->engine) return;
  mst_pass *p = &s->engine->pass;
  for (int k = 0; k < 2; k++) {
    mst_window_end(&s->window[k]);
    mst_window_dist_end(&s->window_dist[k]);
    mst_free(&p->metric[k].c);
    mst_free(&p->metric[k].l);
    mst_free(&p->metric[k].scale);
    mst_free(&p->metric[k].u);
    mst_free(&p->metric[k].eigen);
  }
  mst_free(&p->metric_u);
  mst_free(&p->metric_spare);
  mst_free(&p->metric_z);
  mst_free(&p->metric_v);
  for (int b = 0; p->global && b < s->engine->target->batches; b++) {
    mst_free(&p->global[b].v);
    mst_free(&p->global[b].v_other);
  }
  mst_free(&p->metric_pack);
  mst_free(&s->base);
  mst_metric_dist_end(&s->dist);
  s->engine = NULL;
}

enum { ALWAYS_DENSE = 64, NEVER_DENSE = 4096 }; /* globals */
#define LITTLE 0.1                              /* of a pass */
#define WORTH_A_SHAPE 4.0                       /* condition: half the leapfrog steps */

mst_metric_kind mst_metric_update_auto_kind(const mst_target *t) {
  const double p = (double)t->layout.globals, n = (double)t->data->shard.n;
  double pass = n * (1 + 10 * (double)t->layout.locals); /* about, in multiplications a chain */
  for (int v = 0; v < t->model->ndata; v++) pass += n * (double)t->row_bytes[v] / sizeof(double);
  const bool little = p <= ALWAYS_DENSE || p * p <= LITTLE * pass;
  return little && p <= NEVER_DENSE ? MST_KIND_DENSE : MST_KIND_LOW_RANK;
}

void mst_metric_update_from_diagonal(mst_metric_update *s) {
  mst_pass *p = &s->engine->pass;
  for (int k = 0; k < 2; k++)
    for (int64_t i = 0; i < p->metric[k].n; i++)
      p->metric[k].scale[i] = sqrt(p->global[0].minv[k][i]);
}

static void copy_shape(const mst_metric *from, mst_metric *to) {
  const size_t p = (size_t)from->n, bytes = sizeof(double);
  to->kind = from->kind;
  to->rank = from->rank;
  memcpy(to->scale, from->scale, p * bytes);
  if (from->c) memcpy(to->c, from->c, p * p * bytes);
  if (from->l) memcpy(to->l, from->l, p * p * bytes);
  if (from->u) memcpy(to->u, from->u, p * (size_t)from->rank * bytes);
  if (from->eigen) memcpy(to->eigen, from->eigen, (size_t)from->rank * bytes);
}

masting_status mst_metric_update_from_dist(mst_metric_update *s, mst_dist *covariance,
                                           mst_error *err) {
  mst_metric *metric = s->engine->pass.metric;
  mst_metric_fit_dist fit = {.scale = metric[0].scale};
  mst_metric_dist *dist = &s->dist;
  mst_dist_end(&dist->base.g);
  mst_dist_end(&dist->base.inverse);
  if (mst_metric_fit_dist_from_matrix(&fit, covariance, &dist->base, err) != MASTING_OK ||
      mst_metric_dist_set(dist, 0, &fit, err) != MASTING_OK)
    return err->status;
  mst_metric_dist_share(dist, 1);
  dist->has_base = true;
  s->condition = fit.condition;
  if (s->choose && s->condition < WORTH_A_SHAPE) {
    memcpy(metric[1].scale, metric[0].scale, (size_t)dist->n * sizeof(double));
    metric[0].kind = metric[1].kind = MST_KIND_LOW_RANK;
    metric[0].rank = metric[1].rank = 0;
    return MASTING_OK;
  }
  metric[0].kind = metric[1].kind = MST_KIND_DENSE;
  return MASTING_OK;
}

static masting_status from_elements_dist(mst_metric_update *s, mst_dist_element *element,
                                         void *context, const char *name, mst_error *err) {
  mst_dist c = {.n = 0};
  if (mst_dist_begin(&c, &s->dist.grid, name, (int)s->dist.n, err) == MASTING_OK &&
      mst_dist_fill(&c, element, context, err) == MASTING_OK)
    mst_metric_update_from_dist(s, &c, err);
  mst_dist_end(&c);
  return err->status;
}

masting_status mst_metric_update_from_elements(mst_metric_update *s, mst_dist_element *element,
                                               void *context, const char *name, mst_error *err) {
  if (s->distributed) return from_elements_dist(s, element, context, name, err);
  const int64_t n = s->engine->pass.metric[0].n;
  double *whole = NULL;
  mst_alloc((void **)&whole, (size_t)(n * n), sizeof *whole, "metric", err);
  for (int i = 0; i < n && err->status == MASTING_OK; i++)
    for (int j = 0; j <= i; j++) whole[i * n + j] = whole[j * n + i] = element(i, j, context);
  if (mst_agree(s->engine->target->comm, err) == MASTING_OK)
    mst_metric_update_from_covariance(s, whole, name, err);
  mst_free(&whole);
  return err->status;
}

masting_status mst_metric_update_from_covariance(mst_metric_update *s, const double *covariance,
                                                 const char *name, mst_error *err) {
  MST_ASSERT(!s->distributed);
  mst_metric *metric = s->engine->pass.metric;
  const size_t p = (size_t)metric->n;
  metric[0].kind = s->kind;
  mst_metric_from_covariance(&metric[0], covariance, name, &s->condition, err);
  if (err->status == MASTING_OK && s->kind == MST_KIND_DENSE && !s->base)
    mst_alloc((void **)&s->base, p * p, sizeof(double), "metric", err);
  if (mst_agree(s->engine->target->comm, err) != MASTING_OK) return err->status;
  if (s->choose && s->condition < WORTH_A_SHAPE) {
    for (size_t i = 0; i < p; i++) metric[0].scale[i] = sqrt(covariance[i * p + i]);
    metric[0].kind = MST_KIND_LOW_RANK;
    metric[0].rank = 0;
  }
  if (s->base) memcpy(s->base, metric[0].l, p * p * sizeof(double));
  copy_shape(&metric[0], &metric[1]);
  return MASTING_OK;
}

/* ---- recomputing */

static masting_status broadcast(mst_metric_update *s, mst_metric *metric, mst_error *err) {
  const mst_comm *comm = s->engine->target->comm;
  const int64_t n = metric->n;
  const bool dense = metric->kind == MST_KIND_DENSE;
  double *const parts[] = {dense ? metric->c : metric->scale, dense ? metric->l : metric->u,
                           metric->eigen};
  const int64_t counts[] = {dense ? n * n : n, dense ? n * n : n * metric->rank, metric->rank};
  for (int i = 0; i < (dense ? 2 : 3) && err->status == MASTING_OK; i++)
    for (int64_t at = 0; at < counts[i] && err->status == MASTING_OK; at += INT64_C(1) << 27) {
      const int64_t left = counts[i] - at, most = INT64_C(1) << 27;
      mst_mpi_check(
          MPI_Bcast(parts[i] + at, (int)(left < most ? left : most), MPI_DOUBLE, 0, comm->mpi),
          "MPI_Bcast", err);
    }
  return err->status;
}

/* A fit that fails (draws that do not vary, a matrix that LAPACK refuses) or is not worth it
 * leaves the diagonal metric in the slot. */
static void fall_back(mst_metric_update *s, int slot) {
  mst_metric *metric = &s->engine->pass.metric[slot];
  /* this slot's is of the step to come */
  const double *minv = s->engine->pass.global[0].minv[!slot];
  metric->kind = MST_KIND_LOW_RANK;
  metric->rank = 0;
  for (int64_t i = 0; i < metric->n; i++) metric->scale[i] = sqrt(minv[i]);
}

/* On rank 0, for all. */
static masting_status refit_replicated(mst_metric_update *s, int slot, mst_metric_kind kind,
                                       const mst_window *window, mst_error *err) {
  mst_pass *p = &s->engine->pass;
  mst_metric *metric = &p->metric[slot];
  const mst_comm *comm = s->engine->target->comm;
  double head[2] = {0, 0};
  metric->kind = kind;
  if (comm->rank == 0) {
    const double begun = mst_now();
    mst_error failed = {0};
    mst_metric_fit(metric, window, p->global[0].minv[!slot], s->base, &head[1], &failed);
    if (failed.status == MASTING_OK) head[0] = 1 + metric->rank;
    s->seconds += mst_now() - begun;
  }
  if (mst_mpi_check(MPI_Bcast(head, 2, MPI_DOUBLE, 0, comm->mpi), "MPI_Bcast", err) != MASTING_OK)
    return err->status;
  s->fits++;
  if (!s->base) s->condition = head[1]; /* with a base it is relative to that */
  if (head[0] == 0 || (s->choose && !s->base && head[1] < WORTH_A_SHAPE)) {
    fall_back(s, slot);
    return MASTING_OK;
  }
  metric->rank = (int)head[0] - 1;
  return broadcast(s, metric, err);
}

static masting_status refit_dist(mst_metric_update *s, int slot, const mst_window_dist *window,
                                 mst_error *err) {
  mst_metric_dist *dist = &s->dist;
  mst_pass *p = &s->engine->pass;
  mst_metric *metric = &p->metric[slot];
  mst_error failed = {0};
  if (dist->has_base && window->n <= window->few && p->metric[!slot].kind == MST_KIND_DENSE) {
    mst_metric_dist_share(dist, slot);
    metric->kind = MST_KIND_DENSE;
    return MASTING_OK;
  }
  mst_metric_dist_drop(dist, slot);
  if (window->n <= window->few)
    return refit_replicated(s, slot, MST_KIND_LOW_RANK, &window->first, err);
  const double begun = mst_now();
  mst_metric_fit_dist fit = {.scale = metric->scale};
  mst_metric_fit_dist_make(&fit, &dist->grid, window, p->global[0].minv[!slot],
                           dist->has_base ? &dist->base : NULL, &failed);
  const bool worth = failed.status == MASTING_OK && !(s->choose && fit.condition < WORTH_A_SHAPE);
  if (worth) mst_metric_dist_set(dist, slot, &fit, &failed);
  mst_dist_end(&fit.g);
  mst_dist_end(&fit.inverse);
  s->seconds += mst_now() - begun;
  s->fits++;
  s->condition = fit.condition;
  if (failed.status != MASTING_OK || !worth)
    fall_back(s, slot);
  else
    metric->kind = MST_KIND_DENSE;
  if (failed.status != MASTING_OK && failed.status != MASTING_ERR_DATA) *err = failed;
  return err->status;
}

static masting_status refit(mst_metric_update *s, int slot, int source, mst_error *err) {
  if (s->distributed) return refit_dist(s, slot, &s->window_dist[source], err);
  return refit_replicated(s, slot, s->kind, &s->window[source], err);
}

static void update_estimators(mst_metric_update *s, int c, mst_error *err) {
  const mst_engine *e = s->engine;
  const double *q = mst_engine_globals(e, c), *g = mst_engine_gradient(e, c);
  for (int k = 0; k < 2 && s->distributed; k++)
    mst_window_dist_add(&s->window_dist[k], c, q, g, err);
  for (int k = 0; k < 2 && !s->distributed; k++) mst_window_add(&s->window[k], c, q, g, err);
}

static void clear(mst_metric_update *s, int k) {
  if (s->distributed)
    mst_window_dist_clear(&s->window_dist[k]);
  else
    mst_window_clear(&s->window[k]);
}

masting_status mst_metric_update_step(mst_metric_update *s, mst_error *err) {
  const mst_pass *p = &s->engine->pass;
  if (p->metric_instruction.update >= 0 &&
      refit(s, p->metric_instruction.update, p->metric_instruction.source, err) != MASTING_OK)
    return err->status;
  if (p->metric_instruction.clear >= 0) clear(s, p->metric_instruction.clear);
  for (int c = 0; c < s->engine->chains && err->status == MASTING_OK; c++)
    if (s->engine->tree[c].update_estimators) update_estimators(s, c, err);
  return err->status;
}
