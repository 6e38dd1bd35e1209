/* linalg/dist_symmetric.c -- see dist_symmetric.h. */
#include "linalg/dist_symmetric.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "linalg/blas.h"
#include "linalg/dist_impl.h"
#include "linalg/fortran.h"
#include "linalg/rowwise.h"

void mst_dist_over(mst_dist *d, double factor, const double *scale) {
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      const int ti = mst_tile_row(d, li), tj = mst_tile_col(d, lj);
      double *t = mst_dist_tile(d, li, lj);
      for (int j = 0; j < mst_tile_inside(d, tj); j++)
        for (int i = 0; i < mst_tile_inside(d, ti); i++)
          t[j * MST_TILE + i] =
              factor * t[j * MST_TILE + i] / (scale[ti * MST_TILE + i] * scale[tj * MST_TILE + j]);
    }
}

/* ---- the square ---- */

/* A tile on the diagonal as a whole square. */
static void mirror(double *t) {
  for (int j = 0; j < MST_TILE; j++)
    for (int i = 0; i < j; i++) t[j * MST_TILE + i] = t[i * MST_TILE + j];
}

/* Columns of tile column k, whole, on every rank: tile i at panel + i tiles. One rank adds each,
 * the others 0. */
static void take_panel(const mst_dist *d, int k, double *panel) {
  const mst_grid *g = d->grid;
  memset(panel, 0, (size_t)d->tiles * MST_TILE_ELEMENTS * sizeof *panel);
  for (int i = 0; i < d->tiles && g->row >= 0; i++) {
    const int ti = i > k ? i : k, tj = i > k ? k : i;
    if (ti % g->rows != g->row || tj % g->cols != g->col) continue;
    const double *t = mst_dist_tile(d, ti / g->rows, tj / g->cols);
    double *to = panel + (size_t)i * MST_TILE_ELEMENTS;
    if (i >= k)
      memcpy(to, t, MST_TILE_ELEMENTS * sizeof *to);
    else
      for (int b = 0; b < MST_TILE; b++)
        for (int a = 0; a < MST_TILE; a++) to[b * MST_TILE + a] = t[a * MST_TILE + b];
    if (i == k) mirror(to);
  }
  mst_dist_must(d,
                MPI_Allreduce(MPI_IN_PLACE, panel, d->tiles * MST_TILE_ELEMENTS, MPI_DOUBLE,
                              MPI_SUM, g->comm->mpi),
                "MPI_Allreduce", (int64_t)d->tiles * MST_TILE_ELEMENTS);
}

static void add_panel(const mst_dist *to, const double *panel) {
  static const int nb = MST_TILE;
  static const double one = 1.0;
#pragma omp parallel num_threads(to->grid->comm->threads)
  for (int lj = 0; lj < to->my_cols; lj++)
#pragma omp for schedule(dynamic, 2) nowait
    for (int li = mst_first_row(to, mst_tile_col(to, lj)); li < to->my_rows; li++)
      dgemm_("N", "T", &nb, &nb, &nb, &one,
             panel + (size_t)mst_tile_row(to, li) * MST_TILE_ELEMENTS, &nb,
             panel + (size_t)mst_tile_col(to, lj) * MST_TILE_ELEMENTS, &nb, &one,
             mst_dist_tile(to, li, lj), &nb, 1, 1);
}

masting_status mst_dist_square(const mst_dist *d, mst_dist *square, mst_error *err) {
  double *panel = NULL;
  mst_alloc((void **)&panel, (size_t)d->tiles * MST_TILE_ELEMENTS, sizeof *panel, d->what, err);
  if (mst_agree(d->grid->comm, err) == MASTING_OK) {
    memset(square->a, 0, mst_dist_bytes(square));
    mst_blas_hold hold = mst_blas_single();
    for (int k = 0; k < d->tiles; k++) {
      take_panel(d, k, panel);
      add_panel(square, panel);
    }
    mst_blas_release(hold);
    mst_dist_pad(square);
  }
  mst_free(&panel);
  return err->status;
}

/* ---- a direction ---- */

/* The first n rows and columns of d, as a matrix of their own. */
static masting_status leading(mst_dist *to, const mst_dist *d, int n, mst_error *err) {
  if (mst_dist_begin(to, d->grid, d->what, n, err) != MASTING_OK) return err->status;
  for (int lj = 0; lj < to->my_cols; lj++)
    for (int li = mst_first_row(to, mst_tile_col(to, lj)); li < to->my_rows; li++)
      memcpy(mst_dist_tile(to, li, lj), mst_dist_tile(d, li, lj),
             MST_TILE_ELEMENTS * sizeof *to->a);
  mst_dist_pad(to);
  return MASTING_OK;
}

/* Elements 0 .. row of that row, everywhere. */
static void take_row(const mst_dist *d, int row, double *x) {
  const mst_grid *g = d->grid;
  const int ti = row / MST_TILE;
  memset(x, 0, (size_t)(row + 1) * sizeof *x);
  for (int lj = 0; g->row == ti % g->rows && lj < d->my_cols && mst_tile_col(d, lj) <= ti; lj++) {
    const double *t = mst_dist_tile(d, ti / g->rows, lj);
    const int first = mst_tile_col(d, lj) * MST_TILE;
    for (int j = 0; j < MST_TILE && first + j <= row; j++)
      x[first + j] = t[j * MST_TILE + row % MST_TILE];
  }
  mst_dist_must(d, MPI_Allreduce(MPI_IN_PLACE, x, row + 1, MPI_DOUBLE, MPI_SUM, g->comm->mpi),
                "MPI_Allreduce", row + 1);
}

/* x = A^-1 x, of a factor L of A. */
static masting_status solve(const mst_dist *l, double *x, mst_error *err) {
  static const mst_rowwise_kind forms[] = {MST_ROWWISE_LOWER, MST_ROWWISE_TRANSPOSED};
  for (int k = 0; k < 2 && err->status == MASTING_OK; k++) {
    mst_rowwise r = {.n = 0};
    if (mst_rowwise_begin(&r, l, forms[k], MST_ISA_BASE, err) == MASTING_OK)
      mst_rowwise_solve(&r, 1, x, err);
    mst_rowwise_end(&r);
  }
  return err->status;
}

/* With d = [A b; b' c] up to the pivot's row: v = (-A^-1 b, 1), whose value is what is left of
 * c. */
masting_status mst_dist_direction(const mst_dist *d, int pivot, double *v, double *value,
                                  mst_error *err) {
  mst_dist l = {.n = 0};
  double *row = NULL, left, squares = 1.0;
  mst_alloc((void **)&row, (size_t)pivot + 1, sizeof *row, d->what, err);
  if (mst_agree(d->grid->comm, err) == MASTING_OK) {
    take_row(d, pivot, row);
    memset(v, 0, (size_t)d->n * sizeof *v);
    memcpy(v, row, (size_t)pivot * sizeof *v);
    if (pivot > 0 && leading(&l, d, pivot, err) == MASTING_OK &&
        mst_dist_cholesky(&l, NULL, err) == MASTING_OK)
      solve(&l, v, err);
  }
  if (err->status == MASTING_OK) {
    left = row[pivot];
    for (int i = 0; i < pivot; i++) {
      left -= row[i] * v[i];
      squares += v[i] * v[i];
    }
    for (int i = 0; i < pivot; i++) v[i] = -v[i] / sqrt(squares);
    v[pivot] = 1 / sqrt(squares);
    *value = left / squares;
  }
  mst_dist_end(&l);
  mst_free(&row);
  return err->status;
}
