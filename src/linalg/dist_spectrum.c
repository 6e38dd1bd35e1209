/* linalg/dist_spectrum.c -- eigenvalues by ScaLAPACK; see dist.h. Tiles are copied to the local
 * array that ScaLAPACK expects: the same rank has the same tiles, column-major with all of its rows
 * in one column. */
#include "linalg/dist_impl.h"

#include <string.h>

#include "base/mem.h"
#include "linalg/blas.h"
#include "linalg/scalapack.h"

typedef struct problem {
  const mst_dist *d;
  int context, system, desc[9];
  double *a, *z, *work;
  int *map, *iwork;
} problem;

static void copy_tiles(const mst_dist *d, double *a, size_t ld) {
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++)
      for (int j = 0; j < MST_TILE; j++)
        memcpy(a + (size_t)(lj * MST_TILE + j) * ld + (size_t)(li * MST_TILE),
               mst_dist_tile(d, li, lj) + j * MST_TILE, MST_TILE * sizeof *a);
}

static void context_begin(problem *p) {
  const mst_grid *g = p->d->grid;
  for (int c = 0; c < g->cols; c++) /* column-major */
    for (int r = 0; r < g->rows; r++) p->map[c * g->rows + r] = mst_grid_rank(g, r, c);
  p->context = p->system = Csys2blacs_handle(g->comm->mpi);
  Cblacs_gridmap(&p->context, p->map, g->rows, g->rows, g->cols);
}

/* On ranks of the grid. With lwork -1 only asks how much room is needed. */
static int solve(problem *p, double *values, double *work, int lwork, int *iwork, int liwork) {
  const int one = 1;
  int info = 0;
  pdsyevd_("V", "L", &p->d->n, p->a, &one, &one, p->desc, values, p->z, &one, &one, p->desc, work,
           &lwork, iwork, &liwork, &info, 1, 1);
  return info;
}

static void work_room(problem *p, double *values, int sizes[2], mst_error *err) {
  double room = 0;
  if (solve(p, values, &room, -1, &sizes[1], -1) != 0)
    mst_fail(err, MASTING_ERR_BUG, "%s: pdsyevd refuses its arguments", p->d->what);
  /* What it asks for does not suffice for its own call of pdormtr when a rank has few tiles. */
  sizes[0] = (int)room + 2 * MST_TILE * MST_TILE * (p->d->my_rows + p->d->my_cols + 2);
  if (mst_alloc((void **)&p->work, (size_t)sizes[0], sizeof *p->work, p->d->what, err) ==
      MASTING_OK)
    mst_alloc((void **)&p->iwork, (size_t)sizes[1], sizeof *p->iwork, p->d->what, err);
}

static masting_status arrays(problem *p, mst_error *err) {
  const mst_dist *d = p->d;
  size_t rows = (size_t)d->my_rows * MST_TILE, cols = (size_t)d->my_cols * MST_TILE;
  const int ld = rows > 0 ? (int)rows : 1, padded = d->tiles * MST_TILE;
  int desc[9] = {1, 0, padded, padded, MST_TILE, MST_TILE, 0, 0, ld};
  memcpy(p->desc, desc, sizeof desc);
  mst_alloc((void **)&p->a, rows * cols, sizeof *p->a, d->what, err);
  mst_alloc((void **)&p->z, rows * cols, sizeof *p->z, d->what, err);
  mst_alloc((void **)&p->map, (size_t)d->grid->comm->size, sizeof *p->map, d->what, err);
  return mst_agree(d->grid->comm, err);
}

/* Which of the wanted columns column j of the eigenvectors is: the first `count`, then the last;
 * -1: none. */
static int wanted_column(int n, int count, int j) {
  if (j < count) return j;
  return j < n && j >= n - count ? 2 * count - (n - j) : -1;
}

/* This rank's part of the wanted eigenvectors, [2 count][n]; zeros elsewhere. */
static void take_vectors(const problem *p, int count, double *vectors) {
  const mst_dist *d = p->d;
  const size_t ld = (size_t)p->desc[8], n = (size_t)d->n;
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int j = 0; j < MST_TILE; j++) {
      const int k = wanted_column(d->n, count, mst_tile_col(d, lj) * MST_TILE + j);
      const double *column = p->z + (size_t)(lj * MST_TILE + j) * ld;
      for (int li = 0; k >= 0 && li < d->my_rows; li++) {
        const int row = mst_tile_row(d, li);
        memcpy(vectors + (size_t)k * n + (size_t)row * MST_TILE, column + (size_t)li * MST_TILE,
               (size_t)mst_tile_inside(d, row) * sizeof *column);
      }
    }
}

/* Each rank has other elements, and all others are zero: the sum is exact. */
static void share_vectors(const mst_dist *d, int count, double *vectors) {
  const int all = 2 * count * d->n;
  if (count > 0)
    mst_dist_must(
        d, MPI_Allreduce(MPI_IN_PLACE, vectors, all, MPI_DOUBLE, MPI_SUM, d->grid->comm->mpi),
        "MPI_Allreduce", all);
}

/* A rank's share of the matrix, of its eigenvectors, and pdsyevd's workspace, which is as large. */
#define COPIES 3.0

masting_status mst_dist_spectrum(const mst_dist *d, double *values, mst_error *err) {
  return mst_dist_directions(d, values, 0, NULL, err);
}

masting_status mst_dist_directions(const mst_dist *d, double *values, int count, double *vectors,
                                   mst_error *err) {
  problem p = {.d = d};
  int sizes[2] = {0, 0}, info = 0;
  /* Of the tiles that mst_dist_room counts a matrix has twice as many when it is whole. */
  if (mst_dist_room(d->grid->comm, d->what, d->n, 2 * COPIES, err) == MASTING_OK &&
      mst_dist_finite(d, err) == MASTING_OK && arrays(&p, err) == MASTING_OK) {
    context_begin(&p);
    p.desc[1] = p.context;
    bool inside = d->grid->row >= 0;
    mst_blas_hold hold = mst_blas_single();
    if (inside) {
      copy_tiles(d, p.a, (size_t)p.desc[8]);
      work_room(&p, values, sizes, err);
    }
    if (mst_agree(d->grid->comm, err) == MASTING_OK && inside)
      info = solve(&p, values, p.work, sizes[0], p.iwork, sizes[1]);
    mst_blas_release(hold);
    if (info != 0)
      mst_fail(err, MASTING_ERR_DATA, "%s: pdsyevd: eigenvalues do not converge (info %d)", d->what,
               info);
    if (inside) Cblacs_gridexit(p.context);
    Cfree_blacs_system_handle(p.system);
    mst_agree(d->grid->comm, err);
    mst_bcast(d->grid->comm, values, (int64_t)d->n * (int64_t)sizeof *values, err);
    if (err->status == MASTING_OK && count > 0) {
      memset(vectors, 0, 2 * (size_t)count * (size_t)d->n * sizeof *vectors);
      if (inside) take_vectors(&p, count, vectors);
      share_vectors(d, count, vectors);
    }
  }
  mst_free(&p.a);
  mst_free(&p.z);
  mst_free(&p.work);
  mst_free(&p.iwork);
  mst_free(&p.map);
  return err->status;
}
