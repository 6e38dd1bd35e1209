/* linalg/dist_impl.h -- what the files of dist share. */
#ifndef MST_LINALG_DIST_IMPL_H
#define MST_LINALG_DIST_IMPL_H

#include "linalg/dist.h"

#define MST_TILE_BYTES (MST_TILE_ELEMENTS * sizeof(double))

/* The tile of local row li and column lj, at or below the diagonal. */
double *mst_dist_tile(const mst_dist *d, int li, int lj);

/* Local number to global number of a tile's row or column. */
static inline int mst_tile_row(const mst_dist *d, int li) {
  return li * d->grid->rows + d->grid->row;
}
static inline int mst_tile_col(const mst_dist *d, int lj) {
  return lj * d->grid->cols + d->grid->col;
}
/* Local number of the first tile row, or column, that is not before global number `from`. */
static inline int mst_first_row(const mst_dist *d, int from) {
  return mst_cyclic_from(from, d->grid->row, d->grid->rows);
}
static inline int mst_first_col(const mst_dist *d, int from) {
  return mst_cyclic_from(from, d->grid->col, d->grid->cols);
}

/* Rows, or columns, of the matrix that are in a tile row, or column: the last is padded. */
static inline int mst_tile_inside(const mst_dist *d, int tile) {
  const int left = d->n - tile * MST_TILE;
  return left < MST_TILE ? left : MST_TILE;
}

/* MPI that fails here cannot be told to ranks that wait in the same call: all are stopped. `count`:
 * numbers of 8 bytes that the call brought, to be counted. */
void mst_dist_must(const mst_dist *d, int code, const char *call, int64_t count);

/* Collective: every element that the rank has must be finite. */
masting_status mst_dist_finite(const mst_dist *d, mst_error *err);

/* Writes the identity beyond n. */
void mst_dist_pad(mst_dist *d);

#endif
