/* adapt/window_dist.h -- like adapt/window.h, for more parameters than a rank should hold all
 * draws of.
 *
 * Draws are dealt out to the ranks in portions of MST_TILE, as mst_dist_covariance_cyclic takes
 * them. Means of each chain and sums of squared deviations from them are on every rank: all see
 * every draw and add it in the same order, so these have the same bits on any number of ranks.
 * Rank 0 also keeps the first draws whole, for fits by few draws.
 */
#ifndef MST_ADAPT_WINDOW_DIST_H
#define MST_ADAPT_WINDOW_DIST_H

#include "adapt/window.h"
#include "linalg/dist.h"

typedef struct mst_window_dist {
  const mst_comm *comm;
  int64_t n, elements, chains;
  mst_window mine; /* this rank's draws, portion after portion */
  int64_t few;     /* rank 0: as many of the first draws are in `first` */
  mst_window first;
  int64_t *count;          /* [chains] */
  double *mean_q, *mean_g; /* [chains][P] */
  double *m2_q, *m2_g;     /* [P] over all chains */
} mst_window_dist;

/* Not collective; errors are this rank's own. */
masting_status mst_window_dist_begin(mst_window_dist *window, const mst_comm *comm,
                                     int64_t elements, int64_t chains, int64_t few, mst_error *err);
void mst_window_dist_end(mst_window_dist *window);
void mst_window_dist_clear(mst_window_dist *window);

/* Every rank, with the same q[P] and gradient g[P]. Fails, on this rank alone, when no memory is
 * left. */
masting_status mst_window_dist_add(mst_window_dist *window, int chain, const double *q,
                                   const double *g, mst_error *err);

/* Draws less one a chain. */
int64_t mst_window_dist_degrees(const mst_window_dist *window);

/* Where draw i is among its rank's. */
static inline int64_t mst_window_dist_index(const mst_window_dist *w, int64_t i) {
  return i / MST_TILE / w->comm->size * MST_TILE + i % MST_TILE;
}

#endif
