/* run/curving.h -- the posterior's shape at a mode, as the sampler's first metric: the inverse
 * of the globals' Hessian with row-local parameters integrated out, and their variances given
 * the globals. Of a metric that is spread over the ranks (spread.h) Hessian and inverse are,
 * too: no rank ever has either whole.
 */
#ifndef MST_RUN_CURVING_H
#define MST_RUN_CURVING_H

#include "run/shaping.h"
#include "run/starts.h"

typedef struct mst_curving {
  bool made;              /* there is a metric: covariance, or spread */
  double *covariance;     /* [P][P] */
  mst_dist spread;        /* the same over the ranks */
  double *local_variance; /* [row-local elements of this rank]; 0 where a row does not curve */
  int64_t passes;         /* over the data */
  /* directions that curve the wrong way at the mode: taken by their size. Spread: 1 if there are
     any */
  int bent;
  int64_t bad_rows; /* rows (of all ranks) whose row-local block does not curve */
} mst_curving;

/* Collective. At the best of the modes that the starts found; after the starts are found, before
 * the engine's first step. grid: of a metric that is spread, or NULL. Where the density is not
 * finite around it there is no metric, and rank 0 warns; so it does where a metric that is
 * spread has directions that curve the wrong way, of which it names one. Errors are agreed. Free
 * also on failure. */
masting_status mst_curving_make(mst_curving *curving, const mst_starts *starts, mst_target *target,
                                const mst_grid *grid, mst_error *err);
void mst_curving_free(mst_curving *curving);

/* Collective. Where there is a metric: it becomes that of shaping and, both slots, the row-local
 * elements' diagonal one. A matrix that is spread is taken. Errors are agreed. */
masting_status mst_curving_give(mst_curving *curving, mst_shaping *shaping, mst_error *err);

#endif
