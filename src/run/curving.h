/* run/curving.h -- the posterior's shape at a mode, as the sampler's first metric: the inverse of the globals' Hessian with
 * row-local parameters integrated out, and their variances given the globals.
 */
#ifndef MST_RUN_CURVING_H
#define MST_RUN_CURVING_H

#include "run/starts.h"

typedef struct mst_curving {
  double *covariance;     /* [P][P]; NULL: there is none */
  double *local_variance; /* [row-local elements of this rank]; 0 where a row does not curve */
  int64_t passes;         /* over the data */
  int bent;               /* directions that curve the wrong way at the mode: taken by their size */
  int64_t bad_rows;       /* rows (of all ranks) whose row-local block does not curve */
} mst_curving;

/* Collective. At the best of the modes that the starts found; after the starts are found, before the engine's first step. Where the
 * density is not finite around it there is no covariance, and rank 0 warns. Errors are agreed. Free also on failure. */
masting_status mst_curving_make(mst_curving *curving, const mst_starts *starts, mst_target *target, mst_error *err);
void mst_curving_free(mst_curving *curving);

/* The row-local elements' diagonal metric, both slots, where it is known. Not collective. */
void mst_curving_locals(const mst_curving *curving, const mst_pass *pass);

#endif
