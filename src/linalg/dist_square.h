/* linalg/dist_square.h -- a square matrix that is symmetric but for rounding, made column by
 * column; see dist.h.
 *
 * Every rank has each column whole as it is made (a gradient's difference is the same
 * everywhere) and keeps what lies in its own tiles: nothing is sent. Both halves are kept, as
 * one matrix of dist.h and the transpose of the other half as a second, so that columns may be
 * made again, and their difference tells how good they are: n^2 doubles over the ranks.
 */
#ifndef MST_LINALG_DIST_SQUARE_H
#define MST_LINALG_DIST_SQUARE_H

#include "linalg/dist.h"

typedef struct mst_square {
  mst_dist below, above; /* the lower half; the upper half, transposed; both have the diagonal */
} mst_square;

/* Collective, errors agreed, as mst_dist_begin. Free with mst_square_end (not collective), also
 * after an error. */
masting_status mst_square_begin(mst_square *s, const mst_grid *grid, const char *what, int n,
                                mst_error *err);
void mst_square_end(mst_square *s);

/* Column j, x[n], in place of what it was. Not collective; every rank of the grid is to be told
 * of every column. */
void mst_square_column(mst_square *s, int j, const double *x);

/* Collective, errors agreed. below becomes the mean of both halves and above is freed.
 * *asymmetry: the largest |a_ij - a_ji| / sqrt|a_ii a_jj|, on every rank; diagonal[n] is given,
 * everywhere. */
masting_status mst_square_mean(mst_square *s, const double *diagonal, double *asymmetry,
                               mst_error *err);

#endif
