/* target/normal.h -- normals over many rows at once (masting_normal): their log densities and
 * slopes, between the reduction and the replicated part of an evaluation.
 *
 * A covariance of MST_NORMAL_ALONE rows or more is distributed over the ranks (linalg/dist.h), one
 * chain after the other in one matrix; this is the one part of an evaluation that has
 * messages besides the reduction. Smaller ones every rank makes for itself, without messages: on
 * a grid of one rank the bits are the same (law of linalg/dist.h).
 */
#ifndef MST_TARGET_NORMAL_H
#define MST_TARGET_NORMAL_H

#include "target/pass.h"

/* Below it messages cost what they save: with bench/cholesky, two ranks of one machine need as
 * long as one at 128 to 320 rows, and 0.7 of it at 512; a network makes that later, not sooner. */
#define MST_NORMAL_ALONE 256

/* Collective. After the layout is made: room for the matrices and vectors, t->normal_work. Errors
 * are agreed; MASTING_ERR_MEMORY says what a rank would need and how many ranks would do. */
masting_status mst_normals_begin(mst_target *t, mst_error *err);

/* Collective if a matrix is distributed. Also after a failed begin, or none. */
void mst_normals_end(mst_target *t);

/* Is the covariance of normal i distributed over the ranks? Not collective. */
bool mst_normal_is_distributed(const mst_target *t, int i);

/* Bytes of this rank: matrices, their panels, vectors. Not collective. */
int64_t mst_normals_bytes(const mst_target *t);

#endif
