/* linalg/rowwise.h -- a dense matrix times a vector of every chain: y = A x, for all lanes at once.
 *
 * Each rank has whole rows, in order: tiles of MST_TILE rows, whose borders depend on n alone, as
 * many as make its share of the work. A triangular matrix has its non-zero half only. An element of
 * y is formed by one thread of one rank, over columns in ascending order, and then sent to all by
 * the one message of a call: its bits depend on neither ranks nor threads nor lanes (law), only on
 * the SIMD level. A rank's memory is the matrix's (n^2 / 2 doubles for a triangle) over the ranks.
 *
 * x and y are [n][lanes], lanes 1, 2, 4, 8 or 16, replicated: the same on all ranks before, and
 * after.
 */
#ifndef MST_LINALG_ROWWISE_H
#define MST_LINALG_ROWWISE_H

#include "base/isa.h"
#include "linalg/dist.h"

typedef enum mst_rowwise_kind {
  MST_ROWWISE_LOWER,      /* the lower triangle as it is: L */
  MST_ROWWISE_TRANSPOSED, /* the lower triangle transposed: L' */
  MST_ROWWISE_SYMMETRIC   /* the lower half and its mirror image */
} mst_rowwise_kind;

#define MST_ROWWISE_PANEL 8 /* rows that lie together, column after column */

typedef struct mst_rowwise {
  const mst_comm *comm; /* NULL: this rank has all rows and no message is sent */
  const char *what;
  mst_rowwise_kind kind;
  mst_isa isa;
  int n, tiles;
  int *border;     /* [ranks + 1]: first row of each rank */
  int first, last; /* rows [first, last) of this rank */
  size_t *start;   /* [panels of this rank + 1]: where they lie in a */
  double *a;
  int *count, *at; /* [ranks]: of the message */
} mst_rowwise;

/* Collective. From a distributed matrix, which is kept. Needs the memory of both and 64 MiB. */
masting_status mst_rowwise_begin(mst_rowwise *r, const mst_dist *d, mst_rowwise_kind kind,
                                 mst_isa isa, mst_error *err);

/* Not collective: from a lower triangle that this rank has, row-major a[n][n]; nothing is cut and
 * nothing sent. */
masting_status mst_rowwise_begin_replicated(mst_rowwise *r, const char *what, const double *a,
                                            int n, mst_rowwise_kind kind, mst_isa isa,
                                            mst_error *err);

/* The same, zeroed, to be filled by mst_rowwise_put: rows [first, last) of this rank, cut over comm
 * as mst_rowwise_begin cuts them. Not collective; errors are this rank's own. */
masting_status mst_rowwise_make(mst_rowwise *r, const mst_comm *comm, const char *what, int n,
                                mst_rowwise_kind kind, mst_isa isa, mst_error *err);

/* A row of this rank from x[n], as mst_rowwise_row gives it. Not collective. */
void mst_rowwise_put(mst_rowwise *r, int row, const double *x);

void mst_rowwise_end(mst_rowwise *r); /* not collective */

/* Bytes of the matrix on this rank. Not collective. */
size_t mst_rowwise_bytes(const mst_rowwise *r);

/* The rank that has a row. Not collective. */
int mst_rowwise_owner(const mst_rowwise *r, int row);

/* Row of this rank, x[n]: whole, with zeros where the form has none. Not collective. */
void mst_rowwise_row(const mst_rowwise *r, int row, double *x);

/* y = A x; they do not overlap. Collective unless comm is NULL: one MPI_Allgatherv, if there is
 * more than one rank. Threads: comm->threads, for matrices that are worth it. */
masting_status mst_rowwise_apply(const mst_rowwise *r, int lanes, const double *x, double *y,
                                 mst_error *err);

/* y = A^-1 y, for a triangle. Collective unless comm is NULL: one MPI_Bcast a rank, and the ranks
 * work one after the other: for what is done now and then. A zero on the diagonal gives infinities.
 */
masting_status mst_rowwise_solve(const mst_rowwise *r, int lanes, double *y, mst_error *err);

#endif
