/* linalg/dist_square.c -- see dist_square.h. */
#include "linalg/dist_square.h"

#include <math.h>
#include <string.h>

#include "linalg/dist_impl.h"

masting_status mst_square_begin(mst_square *s, const mst_grid *grid, const char *what, int n,
                                mst_error *err) {
  *s = (mst_square){.below = {.n = 0}};
  if (mst_dist_room(grid->comm, what, n, 2.0, err) != MASTING_OK) return err->status;
  if (mst_dist_begin(&s->below, grid, what, n, err) == MASTING_OK)
    mst_dist_begin(&s->above, grid, what, n, err);
  return err->status;
}

void mst_square_end(mst_square *s) {
  mst_dist_end(&s->below);
  mst_dist_end(&s->above);
}

void mst_square_column(mst_square *s, int j, const double *x) {
  const mst_dist *d = &s->below;
  const mst_grid *g = d->grid;
  const int tile = j / MST_TILE, k = j % MST_TILE;
  if (g->row < 0) return;
  for (int li = mst_first_row(d, tile); tile % g->cols == g->col && li < d->my_rows; li++) {
    const int ti = mst_tile_row(d, li), from = ti == tile ? k : 0;
    memcpy(mst_dist_tile(d, li, tile / g->cols) + k * MST_TILE + from, x + ti * MST_TILE + from,
           (size_t)(mst_tile_inside(d, ti) - from) * sizeof *x);
  }
  for (int lj = 0; tile % g->rows == g->row && lj < d->my_cols && mst_tile_col(d, lj) <= tile;
       lj++) {
    const int tj = mst_tile_col(d, lj), to = tj == tile ? k + 1 : MST_TILE;
    double *t = mst_dist_tile(&s->above, tile / g->rows, lj);
    for (int i = 0; i < to; i++) t[i * MST_TILE + k] = x[tj * MST_TILE + i];
  }
}

masting_status mst_square_mean(mst_square *s, const double *diagonal, double *asymmetry,
                               mst_error *err) {
  const mst_dist *d = &s->below;
  double most = 0;
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      const int ti = mst_tile_row(d, li), tj = mst_tile_col(d, lj);
      double *a = mst_dist_tile(d, li, lj), *b = mst_dist_tile(&s->above, li, lj);
      for (int j = 0; j < mst_tile_inside(d, tj); j++)
        for (int i = ti == tj ? j + 1 : 0; i < mst_tile_inside(d, ti); i++) {
          double *below = a + j * MST_TILE + i;
          const double above = b[j * MST_TILE + i];
          const double scale =
              sqrt(fabs(diagonal[ti * MST_TILE + i] * diagonal[tj * MST_TILE + j]));
          const double share = fabs(*below - above) / scale;
          if (scale > 0 && share > most) most = share;
          *below = (*below + above) / 2;
        }
    }
  mst_dist_end(&s->above);
  mst_dist_must(d, MPI_Allreduce(&most, asymmetry, 1, MPI_DOUBLE, MPI_MAX, d->grid->comm->mpi),
                "MPI_Allreduce", 1);
  return mst_agree(d->grid->comm, err);
}
