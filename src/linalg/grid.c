/* linalg/grid.c -- see grid.h. */
#include "linalg/grid.h"

#define TALLEST 4

static void choose(int ranks, int *rows, int *cols) {
  *rows = *cols = 1;
  for (int c = 1; c * c <= ranks; c++) {
    int r = ranks / c < TALLEST * c ? ranks / c : TALLEST * c;
    if (r * c >= *rows * *cols) { /* as many: the one that is more of a square */
      *rows = r;
      *cols = c;
    }
  }
}

masting_status mst_grid_begin(mst_grid *g, const mst_comm *comm, int rows, int cols,
                              mst_error *err) {
  if (rows == 0 && cols == 0) choose(comm->size, &rows, &cols);
  *g = (mst_grid){.comm = comm,
                  .rows = rows,
                  .cols = cols,
                  .row = -1,
                  .col = -1,
                  .along_row = MPI_COMM_NULL,
                  .along_col = MPI_COMM_NULL};
  if (rows < 1 || cols < 1 || rows > comm->size || rows * cols > comm->size)
    return mst_fail(err, MASTING_ERR_BUG, "grid: %d x %d needs more than %d ranks", rows, cols,
                    comm->size);
  int inside = comm->rank < rows * cols;
  if (inside) {
    g->row = comm->rank / cols;
    g->col = comm->rank % cols;
  }
  mst_mpi_check(MPI_Comm_split(comm->mpi, inside ? g->row : MPI_UNDEFINED, g->col, &g->along_row),
                "MPI_Comm_split", err);
  mst_mpi_check(MPI_Comm_split(comm->mpi, inside ? g->col : MPI_UNDEFINED, g->row, &g->along_col),
                "MPI_Comm_split", err);
  return mst_agree(comm, err);
}

void mst_grid_end(mst_grid *g) {
  if (g->along_row != MPI_COMM_NULL) MPI_Comm_free(&g->along_row);
  if (g->along_col != MPI_COMM_NULL) MPI_Comm_free(&g->along_col);
}
