/* adapt/window.h -- draws of the globals with their gradients, stored for fitting a dense or
 * low-rank metric.
 *
 * Two windows, older and younger, hold the draws that the two estimators of the diagonal metric
 * (adapt/warmup.h) have processed. Replicated on every rank. Not collective.
 */
#ifndef MST_ADAPT_WINDOW_H
#define MST_ADAPT_WINDOW_H

#include <stdint.h>

#include "base/error.h"

typedef struct mst_window {
  int64_t n, room, elements; /* draws, room for them, P */
  double *q, *g;             /* [n][P] */
  int *chain;                /* [n] */
} mst_window;

void mst_window_begin(mst_window *window, int64_t elements);
void mst_window_end(mst_window *window);
void mst_window_clear(mst_window *window);

/* Copies q[P] and its gradient g[P]. Fails when no memory is left. */
masting_status mst_window_add(mst_window *window, int chain, const double *q, const double *g,
                              mst_error *err);

#endif
