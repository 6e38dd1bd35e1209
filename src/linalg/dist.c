/* linalg/dist.c -- making, filling and reading a matrix; see dist.h. */
#include "linalg/dist.h"

#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "base/mem.h"
#include "base/show.h"
#include "data/memory.h"
#include "linalg/dist_impl.h"

double *mst_dist_tile(const mst_dist *d, int li, int lj) {
  int above = mst_first_row(d, mst_tile_col(d, lj)); /* tiles of this column that are not kept */
  return d->a + (d->column[lj] + (size_t)(li - above)) * MST_TILE_ELEMENTS;
}

void mst_dist_must(const mst_dist *d, int code, const char *call, int64_t count) {
  mst_error err = {0};
  if (mst_mpi_check(code, call, &err) != MASTING_OK) mst_abort_all(d->grid->comm, &err);
  mst_count(d->grid->comm, 8 * count);
}

void mst_dist_pad(mst_dist *d) {
  int last = d->tiles - 1, inside = d->n - last * MST_TILE;
  if (d->my_rows == 0 || mst_tile_row(d, d->my_rows - 1) != last) return;
  for (int lj = 0; lj < d->my_cols; lj++) {
    double *t = mst_dist_tile(d, d->my_rows - 1, lj);
    for (int j = 0; j < MST_TILE; j++)
      for (int i = inside; i < MST_TILE; i++)
        t[j * MST_TILE + i] = mst_tile_col(d, lj) == last && i == j ? 1.0 : 0.0;
    if (mst_tile_col(d, lj) == last)
      for (int j = inside; j < MST_TILE; j++) memset(t + j * MST_TILE, 0, (size_t)j * sizeof *t);
  }
}

masting_status mst_dist_room(const mst_comm *comm, const char *what, int n, double copies,
                             mst_error *err) {
  MPI_Comm node = MPI_COMM_NULL;
  int ranks = 1;
  double share = INFINITY, least = INFINITY; /* of a rank, of the memory that its host has left */
  double all = copies * 4.0 * n * (n + (double)MST_TILE), each = all / comm->size;
  if (mst_mpi_check(
          MPI_Comm_split_type(comm->mpi, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &node),
          "MPI_Comm_split_type", err) == MASTING_OK) {
    MPI_Comm_size(node, &ranks);
    MPI_Comm_free(&node);
    int64_t room = mst_memory_available();
    if (room >= 0) share = (double)room / ranks;
  }
  if (mst_agree(comm, err) != MASTING_OK ||
      mst_mpi_check(MPI_Allreduce(&share, &least, 1, MPI_DOUBLE, MPI_MIN, comm->mpi),
                    "MPI_Allreduce", err) != MASTING_OK ||
      each <= least)
    return err->status;
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE], d[MST_SHOW_SIZE];
  return mst_fail(
      err, MASTING_ERR_MEMORY,
      "%s: a dense matrix of order %s is too large; expected at most %s a rank, got %s; try "
      "%s ranks with as much memory each",
      what, mst_show_count(n, a), mst_show_bytes((int64_t)least, b),
      mst_show_bytes((int64_t)each, c), mst_show_count((int64_t)ceil(all / least), d));
}

/* `room`, if not NULL: the memory. */
static masting_status begin(mst_dist *d, const mst_grid *g, const char *what, int n, double *room,
                            mst_error *err) {
  *d = (mst_dist){.grid = g, .what = what, .n = n, .tiles = (n + MST_TILE - 1) / MST_TILE};
  if (n < 1) return mst_fail(err, MASTING_ERR_BUG, "%s: a matrix of order %d", what, n);
  if (!room && mst_dist_room(g->comm, what, n, 1.0, err) != MASTING_OK) return err->status;
  d->my_rows = mst_cyclic_count(d->tiles, g->row, g->rows);
  d->my_cols = mst_cyclic_count(d->tiles, g->col, g->cols);
  d->guest = room != NULL;
  d->a = room;
  if (mst_alloc((void **)&d->column, (size_t)d->my_cols + 1, sizeof *d->column, what, err) ==
      MASTING_OK) {
    for (int lj = 0; lj < d->my_cols; lj++) {
      int kept = d->my_rows - mst_first_row(d, mst_tile_col(d, lj));
      d->column[lj + 1] = d->column[lj] + (size_t)(kept > 0 ? kept : 0);
    }
    if (!room)
      mst_alloc((void **)&d->a, d->column[d->my_cols] * MST_TILE_ELEMENTS, sizeof *d->a, what, err);
  }
  if (mst_agree(g->comm, err) != MASTING_OK) {
    mst_dist_end(d);
    return err->status;
  }
  mst_dist_pad(d);
  return MASTING_OK;
}

masting_status mst_dist_begin(mst_dist *d, const mst_grid *g, const char *what, int n,
                              mst_error *err) {
  return begin(d, g, what, n, NULL, err);
}

masting_status mst_dist_begin_in(mst_dist *d, const mst_dist *room, const char *what, int n,
                                 mst_error *err) {
  MST_ASSERT(n <= room->n);
  return begin(d, room->grid, what, n, room->a, err);
}

void mst_dist_end(mst_dist *d) {
  mst_free(&d->column);
  if (d->guest) d->a = NULL;
  mst_free(&d->a);
}

size_t mst_dist_bytes(const mst_dist *d) {
  return d->column[d->my_cols] * MST_TILE_ELEMENTS * sizeof *d->a;
}

/* The first element of a tile that is not finite, if any. */
static void name_one(const mst_dist *d, int ti, int tj, const double *t, mst_error *err) {
  for (int j = 0; j < MST_TILE; j++)
    for (int i = ti == tj ? j : 0; i < MST_TILE; i++)
      if (!isfinite(t[j * MST_TILE + i])) {
        mst_fail(err, MASTING_ERR_DATA, "%s: element (%d, %d) is %g; expected finite numbers",
                 d->what, ti * MST_TILE + i + 1, tj * MST_TILE + j + 1, t[j * MST_TILE + i]);
        return;
      }
}

masting_status mst_dist_finite(const mst_dist *d, mst_error *err) {
  for (int lj = 0; lj < d->my_cols && err->status == MASTING_OK; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      const double *t = mst_dist_tile(d, li, lj);
      /* above the diagonal, too, where nothing is wrong */
      if (!mst_all_finite(t, MST_TILE_ELEMENTS))
        name_one(d, mst_tile_row(d, li), mst_tile_col(d, lj), t, err);
    }
  return mst_agree(d->grid->comm, err);
}

masting_status mst_dist_fill(mst_dist *d, mst_dist_element *element, void *context,
                             mst_error *err) {
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      double *t = mst_dist_tile(d, li, lj);
      int first_i = mst_tile_row(d, li) * MST_TILE, first_j = mst_tile_col(d, lj) * MST_TILE;
      for (int j = 0; j < MST_TILE; j++)
        for (int i = 0; i < MST_TILE; i++)
          t[j * MST_TILE + i] = first_i + i < d->n && first_j + j <= first_i + i
                                    ? element(first_i + i, first_j + j, context)
                                    : 0.0;
    }
  mst_dist_pad(d);
  return mst_dist_finite(d, err);
}

masting_status mst_dist_fill_parts(mst_dist *d, mst_dist_part *part, void *context,
                                   mst_error *err) {
#pragma omp parallel num_threads(d->grid->comm->threads)
  for (int lj = 0; lj < d->my_cols; lj++)
#pragma omp for schedule(dynamic, 1) nowait
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      const int ti = mst_tile_row(d, li), tj = mst_tile_col(d, lj);
      part(ti * MST_TILE, tj * MST_TILE, mst_tile_inside(d, ti), mst_tile_inside(d, tj),
           mst_dist_tile(d, li, lj), context);
    }
  mst_dist_pad(d);
  return mst_dist_finite(d, err);
}

void mst_dist_combine(mst_dist *d, double factor, double other_factor, const mst_dist *other) {
  size_t count = d->column[d->my_cols] * MST_TILE_ELEMENTS;
  for (size_t k = 0; k < count; k++) d->a[k] = factor * d->a[k] + other_factor * other->a[k];
  mst_dist_pad(d);
}

void mst_dist_shift(mst_dist *d, double factor, const double *add) {
  for (size_t k = 0; k < d->column[d->my_cols] * MST_TILE_ELEMENTS; k++) d->a[k] *= factor;
  for (int lj = 0; add && lj < d->my_cols; lj++) {
    int j = mst_tile_col(d, lj), li = mst_first_row(d, j);
    if (li >= d->my_rows || mst_tile_row(d, li) != j) continue;
    double *t = mst_dist_tile(d, li, lj);
    for (int i = 0; i < MST_TILE && j * MST_TILE + i < d->n; i++)
      t[i * (MST_TILE + 1)] += add[j * MST_TILE + i];
  }
  mst_dist_pad(d);
}

masting_status mst_dist_diagonal(const mst_dist *d, double *diagonal, mst_error *err) {
  memset(diagonal, 0, (size_t)d->n * sizeof *diagonal);
  for (int lj = 0; lj < d->my_cols; lj++) {
    int j = mst_tile_col(d, lj), li = mst_first_row(d, j);
    if (li >= d->my_rows || mst_tile_row(d, li) != j) continue;
    const double *t = mst_dist_tile(d, li, lj);
    for (int i = 0; i < MST_TILE && j * MST_TILE + i < d->n; i++)
      diagonal[j * MST_TILE + i] = t[i * (MST_TILE + 1)];
  }
  /* One rank has each, the others 0: sums are exact. */
  mst_dist_must(
      d, MPI_Allreduce(MPI_IN_PLACE, diagonal, d->n, MPI_DOUBLE, MPI_SUM, d->grid->comm->mpi),
      "MPI_Allreduce", d->n);
  return mst_agree(d->grid->comm, err);
}

void mst_dist_each(const mst_dist *d, mst_dist_visit *visit, void *context) {
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      const int64_t i = mst_tile_row(d, li), j = mst_tile_col(d, lj);
      visit(i * (i + 1) / 2 + j, mst_dist_tile(d, li, lj), context);
    }
}
