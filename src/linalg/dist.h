/* linalg/dist.h -- a symmetric or lower triangular matrix distributed over the ranks.
 *
 * The lower half is cut into tiles of MST_TILE x MST_TILE, distributed over the grid as ScaLAPACK's
 * block-cyclic layout does: tile (I, J) lives in grid row I % rows, column J % cols. A tile is
 * contiguous, column-major. n is padded to whole tiles with the identity, so that all tiles are
 * alike. A rank's memory is about n^2 / 2 / ranks doubles.
 *
 * Law: the bits of every element depend on n and the numbers alone, not on the grid or the number
 * of ranks. Every element is formed by calls of BLAS and LAPACK on one tile, of a shape that n and
 * the tile give, on aligned memory, in one order, which the algorithm gives and the grid does not.
 * (pdpotrf, pdtrtri and pdsyrk do not have this: what is one call on one rank is several, of other
 * shapes, on more, and a BLAS has different kernels for different shapes.)
 *
 * Where nothing else is said, functions are collective and their errors agreed on; outside the grid
 * ranks take part without holding anything. Rows and columns are counted from 0, in messages
 * from 1. After an error the matrix is undefined. Threads of a rank share its tiles, each with a
 * BLAS of one thread.
 */
#ifndef MST_LINALG_DIST_H
#define MST_LINALG_DIST_H

#include <stdbool.h>
#include <stddef.h>

#include "linalg/grid.h"

/* A multiple of the 4 x 12 numbers that OpenBLAS's kernel for AVX2 has in registers, and small
 * enough for its small-matrix kernel for AVX-512 (m n k <= 1e6). Measured with AVX2, order 4000:
 * 64 has 0.7, 96 has 0.8, 120 0.8, 144 0.75 of the speed of dpotrf (bench/bench.py, row
 * cholesky). */
#define MST_TILE 96
#define MST_TILE_ELEMENTS (MST_TILE * MST_TILE)

typedef struct mst_dist {
  const mst_grid *grid;
  const char *what;     /* in messages */
  int n, tiles;         /* order, and tiles along it */
  int my_rows, my_cols; /* of tiles, that this rank has a share of */
  size_t *column;       /* [my_cols + 1]: where a local column's tiles begin in `a` */
  bool guest;           /* `a` is another matrix's */
  double *a;            /* local tiles, column after column, in a column from the diagonal down */
} mst_dist;

/* Is there memory for `copies` matrices of order n? If not, MASTING_ERR_MEMORY on all ranks: what a
 * rank would need and has, and how many ranks with as much would do. Where the system does not
 * tell, all is well. mst_dist_begin asks for one; who is going to make several asks first. */
masting_status mst_dist_room(const mst_comm *comm, const char *what, int n, double copies,
                             mst_error *err);

/* A matrix of zeros, but for the padding. `what` (not copied) and grid must live as long.
 * MASTING_ERR_MEMORY says how much a rank needs. Free with mst_dist_end. */
masting_status mst_dist_begin(mst_dist *d, const mst_grid *grid, const char *what, int n,
                              mst_error *err);
void mst_dist_end(mst_dist *d); /* not collective */

/* The same in the memory of `room`, a matrix on the same grid of no smaller order, which must live
 * longer: of such matrices one at a time has its numbers. */
masting_status mst_dist_begin_in(mst_dist *d, const mst_dist *room, const char *what, int n,
                                 mst_error *err);

/* Bytes of the matrix on this rank. Not collective. */
size_t mst_dist_bytes(const mst_dist *d);

/* Elements from a function of row i and column j, j <= i, called for those that the rank has. */
typedef double mst_dist_element(int i, int j, void *context);
masting_status mst_dist_fill(mst_dist *d, mst_dist_element *element, void *context, mst_error *err);

/* The same by tiles: elements (row + i, col + j), i < rows, j < cols, to out[j * MST_TILE + i];
 * what it leaves above the diagonal stays there, and nothing reads it. Called on several threads
 * at once. */
typedef void mst_dist_part(int row, int col, int rows, int cols, double *out, void *context);
masting_status mst_dist_fill_parts(mst_dist *d, mst_dist_part *part, void *context, mst_error *err);

/* Elements from rows: this rank has rows first .. first + count - 1 (count may be 0),
 * rows[count][n], of which columns 0 .. i are read. Together the ranks have every row once. */
masting_status mst_dist_fill_rows(mst_dist *d, int first, int count, const double *rows,
                                  mst_error *err);

/* scale times the sum over draws of (x - mean)(x - mean)'. This rank has draws first .. first +
 * count - 1 of `draws`, x[count][n]; each draw is with one rank, or all are with all. mean[n],
 * everywhere, or NULL for zeros. */
masting_status mst_dist_covariance(mst_dist *d, const double *x, int first, int count, int draws,
                                   const double *mean, double scale, mst_error *err);

/* The same for draws distributed block-cyclically in portions of MST_TILE: rank from / MST_TILE %
 * ranks stores draws [from, to), from a multiple of MST_TILE, and its `rows`, called on that rank
 * only, writes them to x[to - from][n]. The portions are those of mst_dist_covariance, and so are
 * the bits. */
typedef void mst_dist_draws(int from, int to, double *x, void *context);
masting_status mst_dist_covariance_cyclic(mst_dist *d, int draws, mst_dist_draws *rows,
                                          void *context, double scale, mst_error *err);

/* a = factor * a + other_factor * other, of matrices on the same grid, of one order. Not
 * collective. */
void mst_dist_combine(mst_dist *d, double factor, double other_factor, const mst_dist *other);

/* a = factor * a + diag(add); add[n], everywhere, or NULL for zeros. Not collective. */
void mst_dist_shift(mst_dist *d, double factor, const double *add);

/* A = L L', in place. Not positive definite: MASTING_ERR_DATA naming the row, on all ranks; *pivot,
 * if not NULL, is that row, else -1. */
masting_status mst_dist_cholesky(mst_dist *d, int *pivot, mst_error *err);

/* L becomes its inverse. */
masting_status mst_dist_inverse_lower(mst_dist *d, mst_error *err);

/* L becomes the lower half of L' L: after the two above, of the inverse of A. */
masting_status mst_dist_transposed_product(mst_dist *d, mst_error *err);

/* Bytes that each of these three has on this rank besides the matrix. Not collective. */
size_t mst_dist_factor_bytes(const mst_dist *d);

/* diagonal[n] on every rank. */
masting_status mst_dist_diagonal(const mst_dist *d, double *diagonal, mst_error *err);

/* Eigenvalues of a symmetric matrix, ascending, values[n] on every rank. ScaLAPACK's pdsyevd: the
 * law does not hold for these, only to rounding. The matrix is kept; a rank needs three times its
 * share of n^2 besides. */
masting_status mst_dist_spectrum(const mst_dist *d, double *values, mst_error *err);

/* The same, and eigenvectors of unit length: vectors[2 count][n] on every rank, the `count`
 * least eigenvalues' first, ascending, then the `count` largest ones'; 2 count <= n. An
 * eigenvector's sign is pdsyevd's. */
masting_status mst_dist_directions(const mst_dist *d, double *values, int count, double *vectors,
                                   mst_error *err);

/* Calls `visit` for each tile that this rank has: its number among all tiles at or below the
 * diagonal, row after row, and its MST_TILE_ELEMENTS numbers, which may be changed. Not
 * collective. */
typedef void mst_dist_visit(int64_t number, double *tile, void *context);
void mst_dist_each(const mst_dist *d, mst_dist_visit *visit, void *context);

/* How many tiles there are at or below the diagonal. */
static inline int64_t mst_dist_tiles(const mst_dist *d) {
  return (int64_t)d->tiles * (d->tiles + 1) / 2;
}

/* The matrix as one lower triangle, row-major [n][n], on rank 0 (elsewhere NULL is fine). For tests
 * and small matrices. */
masting_status mst_dist_gather(const mst_dist *d, double *whole, mst_error *err);

#endif
