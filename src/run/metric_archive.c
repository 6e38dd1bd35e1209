/* run/metric_archive.c -- see metric_archive.h. */
#include "run/metric_archive.h"

#include <stdio.h>
#include <string.h>

#include "adapt/metric_fit.h"
#include "base/mem.h"

/* A name with a number. */
#define NAMED(text, ...)                                                                           \
  char text[40];                                                                                   \
  snprintf(text, sizeof text, __VA_ARGS__)

/* Memory that reading needs on every rank. Collective while reading. */
static void *room(mst_archive *a, size_t count) {
  void *x = NULL;
  mst_error err = {0};
  mst_alloc(&x, count, sizeof(double), "checkpoint", &err);
  mst_archive_fail(a, &err);
  return x;
}

static void same_bool(mst_fields *f, bool own) {
  bool x = own;
  mst_field_bool(f, &x);
  f->bad |= x != own;
}

static void update_fields(mst_fields *f, mst_metric_update *s, bool *base) {
  mst_metric *slot = s->engine->pass.metric;
  int kind = (int)s->kind;
  mst_field_int(f, &kind);
  f->bad |= kind != (int)s->kind;
  same_bool(f, s->choose);
  same_bool(f, s->distributed);
  mst_field_real(f, &s->condition);
  mst_field_i64(f, &s->fits);
  mst_field_real(f, &s->seconds);
  mst_field_bool(f, base);
  for (int k = 0; k < 2; k++) {
    kind = (int)slot[k].kind;
    mst_field_int(f, &kind);
    slot[k].kind = kind == MST_KIND_DENSE ? MST_KIND_DENSE : MST_KIND_LOW_RANK;
    mst_field_int(f, &slot[k].rank);
    /* a dense metric has room for directions only where it is distributed */
    f->bad |= slot[k].rank < 0 || slot[k].rank > (slot[k].u ? MST_METRIC_MAX_RANK : 0);
  }
}

/* What every rank has of a slot. */
static void slot_arrays(mst_archive *a, mst_metric *m, int k) {
  const int64_t n = m->n, bytes = 8;
  NAMED(scale, "shape %d scale", k);
  mst_archive_whole(a, scale, m->scale, n * bytes);
  if (m->kind == MST_KIND_DENSE && m->c) {
    NAMED(mass, "shape %d inverse mass", k);
    NAMED(factor, "shape %d factor", k);
    mst_archive_whole(a, mass, m->c, n * n * bytes);
    mst_archive_whole(a, factor, m->l, n * n * bytes);
  }
  if (m->kind == MST_KIND_LOW_RANK && m->rank > 0) {
    NAMED(directions, "shape %d directions", k);
    NAMED(eigen, "shape %d eigenvalues", k);
    mst_archive_whole(a, directions, m->u, n * m->rank * bytes);
    mst_archive_whole(a, eigen, m->eigen, m->rank * bytes);
  }
}

/* ---- draws, on every rank ---- */

static void read_window(mst_archive *a, mst_window *w, const int *chain, const double *q,
                        const double *g, int64_t n) {
  mst_error err = {0};
  mst_window_clear(w);
  for (int64_t i = 0; i < n && err.status == MASTING_OK; i++)
    mst_window_add(w, chain[i], q + i * w->elements, g + i * w->elements, &err);
  mst_archive_fail(a, &err);
}

static void window(mst_archive *a, mst_window *w, int k) {
  int64_t n = w->n;
  const bool reading = mst_archive_reading(a);
  NAMED(fields, "draws %d", k);
  NAMED(chains, "draws %d chains", k);
  NAMED(points, "draws %d points", k);
  NAMED(slopes, "draws %d slopes", k);
  mst_field_i64(mst_archive_fields(a, fields), &n);
  mst_archive_fields_end(a, fields);
  if (mst_archive_failed(a) || n <= 0) return;
  const size_t all = (size_t)(n * w->elements);
  int *chain = reading ? room(a, (size_t)n) : w->chain;
  double *q = reading ? room(a, all) : w->q, *g = reading ? room(a, all) : w->g;
  mst_archive_whole(a, chains, chain, n * (int64_t)sizeof *chain);
  mst_archive_whole(a, points, q, (int64_t)all * 8);
  mst_archive_whole(a, slopes, g, (int64_t)all * 8);
  if (!reading) return;
  if (!mst_archive_failed(a)) read_window(a, w, chain, q, g, n);
  mst_free(&chain);
  mst_free(&q);
  mst_free(&g);
}

/* ---- draws distributed over the ranks ---- */

/* A portion of MST_TILE draws: chain, point and slope of each. Each rank writes those that it has.
 * Every rank reads all of them and adds them again in their order, so that what it keeps, and the
 * bits of means and squares, are as if the draws had been made on these ranks. */
static void pack(const mst_window_dist *w, int64_t from, int64_t to, double *x) {
  const int64_t p = w->elements;
  for (int64_t i = from; i < to; i++, x += 1 + 2 * p) {
    const int64_t at = mst_window_dist_index(w, i);
    x[0] = w->mine.chain[at];
    memcpy(x + 1, w->mine.q + at * p, (size_t)p * 8);
    memcpy(x + 1 + p, w->mine.g + at * p, (size_t)p * 8);
  }
}

static void unpack(mst_archive *a, mst_window_dist *w, int64_t draws, const double *x) {
  const int64_t p = w->elements;
  mst_error err = {0};
  for (int64_t i = 0; i < draws && err.status == MASTING_OK; i++, x += 1 + 2 * p) {
    if (!(x[0] >= 0 && x[0] < (double)w->chains))
      mst_fail(&err, MASTING_ERR_FORMAT, "checkpoint: a draw of no chain");
    else
      mst_window_dist_add(w, (int)x[0], x + 1, x + 1 + p, &err);
  }
  mst_archive_fail(a, &err);
}

static void window_dist(mst_archive *a, mst_window_dist *w, int k) {
  int64_t n = w->n;
  const int64_t record = 8 * (1 + 2 * w->elements);
  NAMED(fields, "draws %d", k);
  NAMED(portions, "draws %d portions", k);
  mst_field_i64(mst_archive_fields(a, fields), &n);
  mst_archive_fields_end(a, fields);
  if (mst_archive_failed(a) || n <= 0) return;
  double *x = room(a, (size_t)(MST_TILE * record / 8));
  mst_archive_units(a, portions, n * record, MST_TILE * record);
  if (mst_archive_reading(a)) mst_window_dist_clear(w);
  for (int64_t from = 0; from < n && !mst_archive_failed(a); from += MST_TILE) {
    const int64_t to = from + MST_TILE < n ? from + MST_TILE : n, portion = from / MST_TILE;
    const bool mine = portion % w->comm->size == w->comm->rank;
    if (!mst_archive_reading(a) && mine) pack(w, from, to, x);
    if (mst_archive_reading(a) || mine) mst_archive_unit(a, portion, x);
    mst_archive_agree(a);
    if (mst_archive_reading(a) && !mst_archive_failed(a)) unpack(a, w, to - from, x);
  }
  mst_free(&x);
}

/* ---- matrices distributed over the ranks ---- */

static void rows_of(mst_archive *a, const char *name, mst_rowwise *r) {
  const int64_t n = r->n;
  double *x = room(a, (size_t)n);
  mst_archive_units(a, name, n * n * 8, n * 8);
  for (int row = r->first; row < r->last && !mst_archive_failed(a); row++) {
    if (!mst_archive_reading(a)) mst_rowwise_row(r, row, x);
    mst_archive_unit(a, row, x);
    if (mst_archive_reading(a) && !mst_archive_failed(a)) mst_rowwise_put(r, row, x);
  }
  mst_archive_agree(a);
  mst_free(&x);
}

/* Room for a slot's matrices. Collective. */
static void make_slot(mst_archive *a, const mst_metric_dist *d, mst_metric_dist_slot *slot) {
  mst_error err = {0};
  const mst_target *t = d->target;
  const int n = (int)d->n;
  if (mst_rowwise_make(&slot->g, t->comm, "metric", n, MST_ROWWISE_SYMMETRIC, t->isa, &err) ==
          MASTING_OK &&
      mst_rowwise_make(&slot->start, t->comm, "metric", n, MST_ROWWISE_TRANSPOSED, t->isa, &err) !=
          MASTING_OK)
    mst_rowwise_end(&slot->g);
  slot->made = err.status == MASTING_OK;
  mst_archive_fail(a, &err);
}

static void slot_dist(mst_archive *a, const mst_metric_dist *d, mst_metric_dist_slot *slot, int k) {
  NAMED(scale, "matrix %d scale", k);
  NAMED(g, "matrix %d", k);
  NAMED(start, "matrix %d start", k);
  if (mst_archive_reading(a)) make_slot(a, d, slot);
  if (mst_archive_failed(a)) return;
  mst_archive_whole(a, scale, slot->scale, d->n * 8);
  rows_of(a, g, &slot->g);
  rows_of(a, start, &slot->start);
}

static void visit_tile(int64_t number, double *tile, void *context) {
  mst_archive_unit(context, number, tile);
}

static void tiles_of(mst_archive *a, const char *name, mst_metric_dist *d, mst_dist *matrix) {
  mst_error err = {0};
  if (mst_archive_reading(a)) {
    mst_dist_end(matrix);
    mst_dist_begin(matrix, &d->grid, "metric", (int)d->n, &err);
    mst_archive_fail(a, &err);
  }
  if (mst_archive_failed(a)) return;
  const int64_t tile = MST_TILE_ELEMENTS * 8;
  mst_archive_units(a, name, mst_dist_tiles(matrix) * tile, tile);
  mst_dist_each(matrix, visit_tile, a);
  mst_archive_agree(a);
}

static void dist(mst_archive *a, mst_metric_dist *d) {
  bool made[2] = {d->slot[0].made, d->slot[1].made};
  mst_fields *f = mst_archive_fields(a, "matrices");
  mst_field_ints(f, d->at, 2);
  f->bad |= (d->at[0] & ~1) || (d->at[1] & ~1);
  mst_field_bool(f, &d->has_base);
  for (int k = 0; k < 2; k++) mst_field_bool(f, &made[k]);
  mst_archive_fields_end(a, "matrices");
  for (int k = 0; k < 2 && !mst_archive_failed(a); k++)
    if (made[k]) slot_dist(a, d, &d->slot[k], k);
  if (mst_archive_failed(a) || !d->has_base) return;
  mst_archive_whole(a, "base scale", d->base.scale, d->n * 8);
  tiles_of(a, "base", d, &d->base.g);
  tiles_of(a, "base inverse", d, &d->base.inverse);
}

/* ---- all of it ---- */

void mst_metric_archive(mst_archive *a, mst_metric_update *s, bool learns) {
  mst_metric *slot = s->engine->pass.metric;
  const int64_t n = slot[0].n;
  bool base = s->base != NULL;
  update_fields(mst_archive_fields(a, "shape"), s, &base);
  mst_archive_fields_end(a, "shape");
  if (mst_archive_failed(a)) return;
  for (int k = 0; k < 2; k++) slot_arrays(a, &slot[k], k);
  if (base && !s->base) s->base = room(a, (size_t)(n * n));
  if (base) mst_archive_whole(a, "shape base", s->base, n * n * 8);
  if (s->distributed) dist(a, &s->dist);
  for (int k = 0; k < 2 && learns && !mst_archive_failed(a); k++) {
    if (s->distributed)
      window_dist(a, &s->window_dist[k], k);
    else
      window(a, &s->window[k], k);
  }
}
