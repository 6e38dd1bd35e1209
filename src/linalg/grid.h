/* linalg/grid.h -- ranks as a grid of rows and columns, as ScaLAPACK has it: rank r stands in row r
 * / cols, column r % cols. Ranks from rows * cols on stand outside: they hold nothing, but take
 * part in every collective call. */
#ifndef MST_LINALG_GRID_H
#define MST_LINALG_GRID_H

#include "par/comm.h"

typedef struct mst_grid {
  const mst_comm *comm;
  int rows, cols;
  int row, col;                  /* of this rank; -1 outside */
  MPI_Comm along_row, along_col; /* ranks of this row by column, of this column by row; or null */
} mst_grid;

/* Collective. rows = cols = 0: chosen so that as many ranks as possible are used, in a grid at most
 * four times as tall as wide (a tall one factors faster than a wide one). The grid refers to comm.
 * Free with mst_grid_end. */
masting_status mst_grid_begin(mst_grid *grid, const mst_comm *comm, int rows, int cols,
                              mst_error *err);

/* Collective. */
void mst_grid_end(mst_grid *grid);

/* Rank in comm of the grid's place. Not collective. */
static inline int mst_grid_rank(const mst_grid *g, int row, int col) { return row * g->cols + col; }

/* Cyclic distribution of `count` things over `places`: how many `place` has (none outside the
 * grid); the local number of the first of its things that is not before `from`. Not collective. */
static inline int mst_cyclic_count(int count, int place, int places) {
  return place < 0 || count <= place ? 0 : (count - place + places - 1) / places;
}
static inline int mst_cyclic_from(int from, int place, int places) {
  return place < 0 ? 0 : (from - place + places - 1) / places;
}

#endif
