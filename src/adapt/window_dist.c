/* adapt/window_dist.c -- see window_dist.h. Means by Welford's recurrence. */
#include "adapt/window_dist.h"

#include <string.h>

#include "base/mem.h"

masting_status mst_window_dist_begin(mst_window_dist *w, const mst_comm *comm, int64_t elements,
                                     int64_t chains, int64_t few, mst_error *err) {
  const size_t p = (size_t)elements, all = p * (size_t)chains;
  *w = (mst_window_dist){.comm = comm, .elements = elements, .chains = chains, .few = few};
  mst_window_begin(&w->mine, elements);
  mst_window_begin(&w->first, elements);
  mst_alloc((void **)&w->count, (size_t)chains, sizeof *w->count, "metric", err);
  mst_alloc((void **)&w->mean_q, all, sizeof(double), "metric", err);
  mst_alloc((void **)&w->mean_g, all, sizeof(double), "metric", err);
  mst_alloc((void **)&w->m2_q, p, sizeof(double), "metric", err);
  return mst_alloc((void **)&w->m2_g, p, sizeof(double), "metric", err);
}

void mst_window_dist_end(mst_window_dist *w) {
  mst_window_end(&w->mine);
  mst_window_end(&w->first);
  mst_free(&w->count);
  mst_free(&w->mean_q);
  mst_free(&w->mean_g);
  mst_free(&w->m2_q);
  mst_free(&w->m2_g);
}

void mst_window_dist_clear(mst_window_dist *w) {
  const size_t p = (size_t)w->elements, chains = (size_t)w->chains;
  w->n = 0;
  mst_window_clear(&w->mine);
  mst_window_end(&w->first);
  mst_window_begin(&w->first, w->elements);
  memset(w->count, 0, chains * sizeof *w->count);
  memset(w->mean_q, 0, chains * p * sizeof(double));
  memset(w->mean_g, 0, chains * p * sizeof(double));
  memset(w->m2_q, 0, p * sizeof(double));
  memset(w->m2_g, 0, p * sizeof(double));
}

static void add_moments(int64_t p, double count, const double *x, double *mean, double *m2) {
  for (int64_t i = 0; i < p; i++) {
    const double before = x[i] - mean[i];
    mean[i] += before / count;
    m2[i] += before * (x[i] - mean[i]);
  }
}

masting_status mst_window_dist_add(mst_window_dist *w, int chain, const double *q, const double *g,
                                   mst_error *err) {
  const int64_t i = w->n++, p = w->elements;
  const double count = (double)++w->count[chain];
  add_moments(p, count, q, w->mean_q + chain * p, w->m2_q);
  add_moments(p, count, g, w->mean_g + chain * p, w->m2_g);
  if (i / MST_TILE % w->comm->size == w->comm->rank) mst_window_add(&w->mine, chain, q, g, err);
  if (w->comm->rank == 0 && i < w->few) mst_window_add(&w->first, chain, q, g, err);
  if (i == w->few) mst_window_end(&w->first); /* not wanted any more */
  return err->status;
}

int64_t mst_window_dist_degrees(const mst_window_dist *w) {
  int64_t n = w->n;
  for (int64_t c = 0; c < w->chains; c++) n -= w->count[c] > 0;
  return n;
}
