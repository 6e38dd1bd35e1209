/* run/shaping.c -- see shaping.h. */
#include "run/shaping.h"

#include <math.h>
#include <string.h>

#include "adapt/shape_fit.h"
#include "base/clock.h"
#include "base/mem.h"

#define FEW_DRAWS 16 /* P over that: a spread metric is of low rank up to there */

static void make_slot(mst_shape *s, mst_shape_kind kind, int64_t n, mst_error *err) {
  const size_t p = (size_t)n;
  *s = (mst_shape){.kind = MST_SHAPE_LOW_RANK, .n = n};
  if (kind == MST_SHAPE_DENSE) {
    mst_alloc((void **)&s->c, p * p, sizeof(double), "dense metric", err);
    mst_alloc((void **)&s->l, p * p, sizeof(double), "dense metric", err);
  } else {
    mst_alloc((void **)&s->u, p * MST_SHAPE_MOST_RANK, sizeof(double), "metric", err);
    mst_alloc((void **)&s->eigen, MST_SHAPE_MOST_RANK, sizeof(double), "metric", err);
  }
  mst_alloc((void **)&s->scale, p, sizeof(double), "metric", err);
  for (size_t i = 0; err->status == MASTING_OK && i < p; i++) s->scale[i] = 1.0;
}

static void make_scratch(mst_engine *e, mst_error *err) {
  mst_pass *p = &e->pass;
  const size_t n = (size_t)p->global[0].stride, lanes = (size_t)e->target->lanes;
  mst_alloc((void **)&p->shape_u, n * lanes, sizeof(double), "metric", err);
  mst_alloc((void **)&p->shape_spare, n * lanes, sizeof(double), "metric", err);
  mst_alloc((void **)&p->shape_z, n + 32, sizeof(double), "metric", err);
  mst_alloc((void **)&p->shape_v, n + 32, sizeof(double), "metric", err);
  for (int b = 0; b < e->target->batches; b++) {
    mst_alloc((void **)&p->global[b].v, n * lanes, sizeof(double), "velocities", err);
    mst_alloc((void **)&p->global[b].v_other, n * lanes, sizeof(double), "velocities", err);
  }
}

static void make_spread(mst_shaping *s, mst_error *err) {
  mst_pass *p = &s->engine->pass;
  const mst_target *t = s->engine->target;
  const int64_t n = t->layout.globals;
  for (int k = 0; k < 2; k++) {
    make_slot(&p->shape[k], MST_SHAPE_LOW_RANK, n, err);
    mst_dealt_window_begin(&s->dealt[k], t->comm, n, s->engine->chains, n / FEW_DRAWS, err);
  }
  mst_alloc((void **)&p->shape_pack, 2 * 16 * (size_t)n, sizeof(double), "metric", err);
  make_scratch(s->engine, err);
}

masting_status mst_shaping_begin_spread(mst_shaping *s, mst_engine *engine, double draws,
                                        mst_error *err) {
  *s = (mst_shaping){.engine = engine, .kind = MST_SHAPE_DENSE, .condition = 1.0, .spreads = true};
  if (mst_spread_begin(&s->spread, engine->target, draws, err) != MASTING_OK) return err->status;
  make_spread(s, err);
  if (mst_agree(engine->target->comm, err) != MASTING_OK) return err->status;
  engine->pass.shaped = true;
  engine->pass.apply = mst_spread_apply;
  engine->pass.apply_context = &s->spread;
  return MASTING_OK;
}

masting_status mst_shaping_begin(mst_shaping *s, mst_engine *engine, mst_shape_kind kind,
                                 mst_error *err) {
  const int64_t n = engine->target->layout.globals;
  *s = (mst_shaping){.engine = engine, .kind = kind, .condition = 1.0};
  if (kind == MST_SHAPE_DENSE && mst_spread_whole_fits(engine->target->comm, n, err) != MASTING_OK)
    return err->status;
  for (int k = 0; k < 2; k++) {
    mst_window_begin(&s->window[k], n);
    make_slot(&engine->pass.shape[k], kind, n, err);
  }
  make_scratch(engine, err);
  if (mst_agree(engine->target->comm, err) == MASTING_OK) engine->pass.shaped = true;
  return err->status;
}

void mst_shaping_end(mst_shaping *s) {
  if (!s->engine) return;
  mst_pass *p = &s->engine->pass;
  for (int k = 0; k < 2; k++) {
    mst_window_end(&s->window[k]);
    mst_dealt_window_end(&s->dealt[k]);
    mst_free(&p->shape[k].c);
    mst_free(&p->shape[k].l);
    mst_free(&p->shape[k].scale);
    mst_free(&p->shape[k].u);
    mst_free(&p->shape[k].eigen);
  }
  mst_free(&p->shape_u);
  mst_free(&p->shape_spare);
  mst_free(&p->shape_z);
  mst_free(&p->shape_v);
  for (int b = 0; p->global && b < s->engine->target->batches; b++) {
    mst_free(&p->global[b].v);
    mst_free(&p->global[b].v_other);
  }
  mst_free(&p->shape_pack);
  mst_free(&s->base);
  mst_spread_end(&s->spread);
  s->engine = NULL;
}

enum { ALWAYS_DENSE = 64, NEVER_DENSE = 4096 }; /* globals */
#define LITTLE 0.1                              /* of a pass */
#define WORTH_A_SHAPE 4.0                       /* condition: half the leapfrog steps */

mst_shape_kind mst_shaping_choice(const mst_target *t) {
  const double p = (double)t->layout.globals, n = (double)t->data->shard.n;
  double pass = n * (1 + 10 * (double)t->layout.locals); /* about, in multiplications a chain */
  for (int v = 0; v < t->model->ndata; v++) pass += n * (double)t->row_bytes[v] / sizeof(double);
  const bool little = p <= ALWAYS_DENSE || p * p <= LITTLE * pass;
  return little && p <= NEVER_DENSE ? MST_SHAPE_DENSE : MST_SHAPE_LOW_RANK;
}

void mst_shaping_from_diagonal(mst_shaping *s) {
  mst_pass *p = &s->engine->pass;
  for (int k = 0; k < 2; k++)
    for (int64_t i = 0; i < p->shape[k].n; i++)
      p->shape[k].scale[i] = sqrt(p->global[0].minv[k][i]);
}

static void copy_shape(const mst_shape *from, mst_shape *to) {
  const size_t p = (size_t)from->n, bytes = sizeof(double);
  to->kind = from->kind;
  to->rank = from->rank;
  memcpy(to->scale, from->scale, p * bytes);
  if (from->c) memcpy(to->c, from->c, p * p * bytes);
  if (from->l) memcpy(to->l, from->l, p * p * bytes);
  if (from->u) memcpy(to->u, from->u, p * (size_t)from->rank * bytes);
  if (from->eigen) memcpy(to->eigen, from->eigen, (size_t)from->rank * bytes);
}

masting_status mst_shaping_give_matrix(mst_shaping *s, mst_dist *covariance, mst_error *err) {
  mst_shape *shape = s->engine->pass.shape;
  mst_spread_fit fit = {.scale = shape[0].scale};
  mst_spread *spread = &s->spread;
  mst_dist_end(&spread->base.g);
  mst_dist_end(&spread->base.inverse);
  if (mst_spread_take_matrix(&fit, covariance, &spread->base, err) != MASTING_OK ||
      mst_spread_take(spread, 0, &fit, err) != MASTING_OK)
    return err->status;
  mst_spread_share(spread, 1);
  spread->has_base = true;
  s->condition = fit.condition;
  if (s->choose && s->condition < WORTH_A_SHAPE) {
    memcpy(shape[1].scale, shape[0].scale, (size_t)spread->n * sizeof(double));
    shape[0].kind = shape[1].kind = MST_SHAPE_LOW_RANK;
    shape[0].rank = shape[1].rank = 0;
    return MASTING_OK;
  }
  shape[0].kind = shape[1].kind = MST_SHAPE_DENSE;
  return MASTING_OK;
}

static masting_status give_elements_spread(mst_shaping *s, mst_dist_element *element, void *context,
                                           const char *name, mst_error *err) {
  mst_dist c = {.n = 0};
  if (mst_dist_begin(&c, &s->spread.grid, name, (int)s->spread.n, err) == MASTING_OK &&
      mst_dist_fill(&c, element, context, err) == MASTING_OK)
    mst_shaping_give_matrix(s, &c, err);
  mst_dist_end(&c);
  return err->status;
}

masting_status mst_shaping_give_elements(mst_shaping *s, mst_dist_element *element, void *context,
                                         const char *name, mst_error *err) {
  if (s->spreads) return give_elements_spread(s, element, context, name, err);
  const int64_t n = s->engine->pass.shape[0].n;
  double *whole = NULL;
  mst_alloc((void **)&whole, (size_t)(n * n), sizeof *whole, "metric", err);
  for (int i = 0; i < n && err->status == MASTING_OK; i++)
    for (int j = 0; j <= i; j++) whole[i * n + j] = whole[j * n + i] = element(i, j, context);
  if (mst_agree(s->engine->target->comm, err) == MASTING_OK) mst_shaping_give(s, whole, name, err);
  mst_free(&whole);
  return err->status;
}

masting_status mst_shaping_give(mst_shaping *s, const double *covariance, const char *name,
                                mst_error *err) {
  MST_ASSERT(!s->spreads);
  mst_shape *shape = s->engine->pass.shape;
  const size_t p = (size_t)shape->n;
  shape[0].kind = s->kind;
  mst_shape_from_covariance(&shape[0], covariance, name, &s->condition, err);
  if (err->status == MASTING_OK && s->kind == MST_SHAPE_DENSE && !s->base)
    mst_alloc((void **)&s->base, p * p, sizeof(double), "metric", err);
  if (mst_agree(s->engine->target->comm, err) != MASTING_OK) return err->status;
  if (s->choose && s->condition < WORTH_A_SHAPE) {
    for (size_t i = 0; i < p; i++) shape[0].scale[i] = sqrt(covariance[i * p + i]);
    shape[0].kind = MST_SHAPE_LOW_RANK;
    shape[0].rank = 0;
  }
  if (s->base) memcpy(s->base, shape[0].l, p * p * sizeof(double));
  copy_shape(&shape[0], &shape[1]);
  return MASTING_OK;
}

/* ---- recomputing */

static masting_status broadcast(mst_shaping *s, mst_shape *shape, mst_error *err) {
  const mst_comm *comm = s->engine->target->comm;
  const int64_t n = shape->n;
  const bool dense = shape->kind == MST_SHAPE_DENSE;
  double *const parts[] = {dense ? shape->c : shape->scale, dense ? shape->l : shape->u,
                           shape->eigen};
  const int64_t counts[] = {dense ? n * n : n, dense ? n * n : n * shape->rank, shape->rank};
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
static void fall_back(mst_shaping *s, int slot) {
  mst_shape *shape = &s->engine->pass.shape[slot];
  /* this slot's is of the step to come */
  const double *minv = s->engine->pass.global[0].minv[!slot];
  shape->kind = MST_SHAPE_LOW_RANK;
  shape->rank = 0;
  for (int64_t i = 0; i < shape->n; i++) shape->scale[i] = sqrt(minv[i]);
}

/* On rank 0, for all. */
static masting_status refit_whole(mst_shaping *s, int slot, mst_shape_kind kind,
                                  const mst_window *window, mst_error *err) {
  mst_pass *p = &s->engine->pass;
  mst_shape *shape = &p->shape[slot];
  const mst_comm *comm = s->engine->target->comm;
  double head[2] = {0, 0};
  shape->kind = kind;
  if (comm->rank == 0) {
    const double begun = mst_now();
    mst_error failed = {0};
    mst_shape_fit(shape, window, p->global[0].minv[!slot], s->base, &head[1], &failed);
    if (failed.status == MASTING_OK) head[0] = 1 + shape->rank;
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
  shape->rank = (int)head[0] - 1;
  return broadcast(s, shape, err);
}

static masting_status refit_spread(mst_shaping *s, int slot, const mst_dealt_window *window,
                                   mst_error *err) {
  mst_spread *spread = &s->spread;
  mst_pass *p = &s->engine->pass;
  mst_shape *shape = &p->shape[slot];
  mst_error failed = {0};
  if (spread->has_base && window->n <= window->few && p->shape[!slot].kind == MST_SHAPE_DENSE) {
    mst_spread_share(spread, slot);
    shape->kind = MST_SHAPE_DENSE;
    return MASTING_OK;
  }
  mst_spread_drop(spread, slot);
  if (window->n <= window->few)
    return refit_whole(s, slot, MST_SHAPE_LOW_RANK, &window->first, err);
  const double begun = mst_now();
  mst_spread_fit fit = {.scale = shape->scale};
  mst_spread_learn(&fit, &spread->grid, window, p->global[0].minv[!slot],
                   spread->has_base ? &spread->base : NULL, &failed);
  const bool worth = failed.status == MASTING_OK && !(s->choose && fit.condition < WORTH_A_SHAPE);
  if (worth) mst_spread_take(spread, slot, &fit, &failed);
  mst_dist_end(&fit.g);
  mst_dist_end(&fit.inverse);
  s->seconds += mst_now() - begun;
  s->fits++;
  s->condition = fit.condition;
  if (failed.status != MASTING_OK || !worth)
    fall_back(s, slot);
  else
    shape->kind = MST_SHAPE_DENSE;
  if (failed.status != MASTING_OK && failed.status != MASTING_ERR_DATA) *err = failed;
  return err->status;
}

static masting_status refit(mst_shaping *s, int slot, int source, mst_error *err) {
  if (s->spreads) return refit_spread(s, slot, &s->dealt[source], err);
  return refit_whole(s, slot, s->kind, &s->window[source], err);
}

static void learn(mst_shaping *s, int c, mst_error *err) {
  const mst_engine *e = s->engine;
  const double *q = mst_engine_globals(e, c), *g = mst_engine_gradient(e, c);
  for (int k = 0; k < 2 && s->spreads; k++) mst_dealt_window_add(&s->dealt[k], c, q, g, err);
  for (int k = 0; k < 2 && !s->spreads; k++) mst_window_add(&s->window[k], c, q, g, err);
}

static void clear(mst_shaping *s, int k) {
  if (s->spreads)
    mst_dealt_window_clear(&s->dealt[k]);
  else
    mst_window_clear(&s->window[k]);
}

masting_status mst_shaping_step(mst_shaping *s, mst_error *err) {
  const mst_pass *p = &s->engine->pass;
  if (p->metric.update >= 0 && refit(s, p->metric.update, p->metric.source, err) != MASTING_OK)
    return err->status;
  if (p->metric.clear >= 0) clear(s, p->metric.clear);
  for (int c = 0; c < s->engine->chains && err->status == MASTING_OK; c++)
    if (s->engine->tree[c].learn) learn(s, c, err);
  return err->status;
}
