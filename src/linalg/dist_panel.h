/* linalg/dist_panel.h -- messages of step k of an algorithm over tiles: the diagonal tile, a panel
 * of tiles to all ranks that need it, and the same panel transposed. Collective; an algorithm
 * allocates an mst_panel with the buffers once. */
#ifndef MST_LINALG_DIST_PANEL_H
#define MST_LINALG_DIST_PANEL_H

#include "linalg/dist_impl.h"

typedef struct mst_panel {
  const mst_dist *d;
  double *room;                    /* a tile, scratch */
  double *diagonal;                /* [MST_TILE_ELEMENTS + 1]; see mst_panel_diagonal */
  const double **row_at, **col_at; /* [my_rows], [my_cols]: where the panel's tiles are */
  double *by_row, *by_col;         /* [my_rows], [my_cols] tiles */
  double *pack, *transposed;       /* on a grid that is more than one high, or wide: for turning */
  int *count, *start, *sent;       /* [max(rows, cols)] */
  int *origin;                     /* the same, zeros */
  MPI_Datatype tile;
} mst_panel;

masting_status mst_panel_begin(mst_panel *p, const mst_dist *d, mst_error *err);
void mst_panel_end(mst_panel *p);
size_t mst_panel_bytes(const mst_dist *d); /* of one; not collective */

/* The rank of tile (k, k) has written p->diagonal: all get it and *report, a small whole number. */
void mst_panel_diagonal(mst_panel *p, int k, int *report);

/* Tile (k, k) of this rank, or NULL. Not collective. */
double *mst_panel_own(const mst_panel *p, int k);

/* Tiles (i, k), from <= i, which the ranks of column k % cols have, to all: row_at[li - first] for
 * local rows from the first that is not before `from`. They may be tiles of the matrix itself. */
void mst_panel_column(mst_panel *p, int k, int from);

/* Tiles (k, j), j < to, which the ranks of row k % rows have, to all: col_at[lj]. These are copies.
 */
void mst_panel_row(mst_panel *p, int k, int to);

/* row_at, as mst_panel_column left it, turned: tile (j, k) to col_at[lj - first] for local columns
 * j >= from. Here and below, tiles that this rank has stay where they are. */
void mst_panel_transpose_down(mst_panel *p, int from);

/* col_at, as mst_panel_row left it, turned: tile (k, i) to row_at[li] for local rows i < to. */
void mst_panel_transpose_right(mst_panel *p, int to);

#endif
