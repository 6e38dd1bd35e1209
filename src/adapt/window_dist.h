/* adapt/window_dist.h -- a window of draws (adapt/window.h) distributed over the ranks, for so many
 * parameters that no rank should store every draw.
 *
 * Portions of MST_TILE successive draws are stored by the ranks in turn, as
 * mst_dist_covariance_cyclic expects them. Every rank processes every draw in the same order and
 * keeps the means of each chain and the sums of squared deviations from them, so these have the
 * same bits on any number of ranks. Rank 0 also keeps the first draws, for low-rank fits by few
 * draws.
 */
#ifndef MST_ADAPT_WINDOW_DIST_H
#define MST_ADAPT_WINDOW_DIST_H

#include "adapt/window.h"
#include "linalg/dist.h"

typedef struct mst_window_dist {
  const mst_comm *comm;
  int64_t n, elements, chains;
  mst_window mine; /* this rank's draws, portion after portion */
  int64_t few;     /* rank 0: number of the first draws that `first` keeps */
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

/* Degrees of freedom: draws less one per chain. */
int64_t mst_window_dist_degrees(const mst_window_dist *window);

/* Index of draw i among the draws that its rank stores. */
static inline int64_t mst_window_dist_index(const mst_window_dist *w, int64_t i) {
  return i / MST_TILE / w->comm->size * MST_TILE + i % MST_TILE;
}

#endif
