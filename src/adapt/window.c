/* adapt/window.c -- see window.h. */
#include "adapt/window.h"

#include <stdlib.h>
#include <string.h>

void mst_window_begin(mst_window *w, int64_t elements) { *w = (mst_window){.elements = elements}; }

void mst_window_end(mst_window *w) {
  free(w->q);
  free(w->g);
  free(w->chain);
  *w = (mst_window){0};
}

void mst_window_clear(mst_window *w) { w->n = 0; }

static masting_status grow(mst_window *w, mst_error *err) {
  const int64_t room = w->room ? 2 * w->room : 64;
  const size_t bytes = (size_t)room * (size_t)w->elements * sizeof(double);
  double *q = realloc(w->q, bytes);
  if (q) w->q = q;
  double *g = q ? realloc(w->g, bytes) : NULL;
  if (g) w->g = g;
  int *chain = g ? realloc(w->chain, (size_t)room * sizeof *chain) : NULL;
  if (!chain)
    return mst_fail(err, MASTING_ERR_MEMORY,
                    "metric: no memory for %lld draws of %lld global parameters; expected %.1f MiB "
                    "more; try --metric "
                    "diag or a shorter --warmup",
                    (long long)room, (long long)w->elements, 2.0 * (double)bytes / (1 << 20));
  w->chain = chain;
  w->room = room;
  return MASTING_OK;
}

masting_status mst_window_add(mst_window *w, int chain, const double *q, const double *g,
                              mst_error *err) {
  if (w->n == w->room && grow(w, err) != MASTING_OK) return err->status;
  const size_t bytes = (size_t)w->elements * sizeof(double);
  memcpy(w->q + w->n * w->elements, q, bytes);
  memcpy(w->g + w->n * w->elements, g, bytes);
  w->chain[w->n++] = chain;
  return MASTING_OK;
}
