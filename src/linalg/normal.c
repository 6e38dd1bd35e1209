/* linalg/normal.c -- see normal.h. */
#include "linalg/normal.h"

#include <math.h>
#include <string.h>

#define MASTING_LANES 1
#include <masting/lanes.h>

#include "base/mem.h"
#include "linalg/dist_impl.h"
#include "par/longsum.h"

#define HALF_LOG_2PI 0.91893853320467274178

/* Exact sums of all ranks to values[count]. */
static void total(const mst_dist *d, int64_t *sums, int count, double *values) {
  for (int i = 0; i < count; i++) mst_long_carry(sums + (size_t)i * MST_LONG_WORDS);
  for (int from = 0; from < count; from += 4096) { /* in portions that MPI can count */
    int part = count - from < 4096 ? count - from : 4096;
    mst_dist_must(d,
                  MPI_Allreduce(MPI_IN_PLACE, sums + (size_t)from * MST_LONG_WORDS,
                                part * MST_LONG_WORDS, MPI_INT64_T, MPI_SUM, d->grid->comm->mpi),
                  "MPI_Allreduce", (int64_t)part * MST_LONG_WORDS);
  }
  for (int i = 0; i < count; i++) values[i] = mst_long_value(sums + (size_t)i * MST_LONG_WORDS);
}

/* out = t x, or t' x, for one tile. */
static void tile_times(const double *t, bool transposed, const double *x, double *out) {
  for (int i = 0; i < MST_TILE; i++) out[i] = 0;
  for (int j = 0; j < MST_TILE; j++) {
    const double *column = t + j * MST_TILE;
    if (transposed) {
      double part[8] = {0};
      for (int i = 0; i < MST_TILE; i += 8)
        for (int k = 0; k < 8; k++) part[k] += column[i + k] * x[i + k];
      for (int k = 0; k < 8; k++) out[j] += part[k];
    } else {
      for (int i = 0; i < MST_TILE; i++) out[i] += column[i] * x[j];
    }
  }
}

masting_status mst_dist_times(const mst_dist *d, bool transposed, const double *x, double *y,
                              mst_error *err) {
  int64_t *sums = NULL;
  double *padded = NULL, out[MST_TILE];
  size_t order = (size_t)d->tiles * MST_TILE;
  mst_alloc((void **)&sums, order, MST_LONG_WORDS * sizeof *sums, d->what, err);
  mst_alloc((void **)&padded, order, sizeof *padded, d->what, err);
  if (mst_agree(d->grid->comm, err) == MASTING_OK) {
    memcpy(padded, x, (size_t)d->n * sizeof *x);
    for (int lj = 0; lj < d->my_cols; lj++)
      for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
        size_t row = (size_t)mst_tile_row(d, li) * MST_TILE,
               col = (size_t)mst_tile_col(d, lj) * MST_TILE;
        size_t from = transposed ? row : col, to = transposed ? col : row;
        tile_times(mst_dist_tile(d, li, lj), transposed, padded + from, out);
        for (size_t i = 0; i < MST_TILE; i++)
          mst_long_add(sums + (to + i) * MST_LONG_WORDS, out[i]);
      }
    total(d, sums, d->n, y);
  }
  mst_free(&sums);
  mst_free(&padded);
  return err->status;
}

/* K^-1 to (a a' - K^-1) / 2 */
static void make_slopes(mst_dist *d, const double *a) {
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      double *t = mst_dist_tile(d, li, lj);
      int row = mst_tile_row(d, li) * MST_TILE, col = mst_tile_col(d, lj) * MST_TILE;
      for (int j = 0; j < MST_TILE && col + j < d->n; j++)
        for (int i = 0; i < MST_TILE && row + i < d->n; i++)
          t[j * MST_TILE + i] = 0.5 * (a[row + i] * a[col + j] - t[j * MST_TILE + i]);
    }
}

masting_status mst_normal(mst_dist *k, const double *residual, double *log_density, double *slope,
                          int *pivot, mst_error *err) {
  double *z = NULL, sum = 0, logs = 0;
  if (pivot) *pivot = -1;
  for (int i = 0; i < k->n; i++)
    if (!isfinite(residual[i]))
      mst_fail(err, MASTING_ERR_DATA, "%s: residual %d is %g; expected finite numbers", k->what,
               i + 1, residual[i]);
  mst_alloc((void **)&z, (size_t)k->n, sizeof *z, k->what, err);
  if (mst_agree(k->grid->comm, err) == MASTING_OK &&
      mst_dist_cholesky(k, pivot, err) == MASTING_OK &&
      mst_dist_diagonal(k, z, err) == MASTING_OK) {
    for (int i = 0; i < k->n; i++) logs += v_log(z[i]);
    if (mst_dist_inverse_lower(k, err) == MASTING_OK &&
        mst_dist_times(k, false, residual, z, err) == MASTING_OK &&
        mst_dist_times(k, true, z, slope, err) == MASTING_OK &&
        mst_dist_transposed_product(k, err) == MASTING_OK) {
      make_slopes(k, slope);
      for (int i = 0; i < k->n; i++) sum += z[i] * z[i];
      for (int i = 0; i < k->n; i++) slope[i] = -slope[i];
      *log_density = -0.5 * sum - logs - k->n * HALF_LOG_2PI;
    }
  }
  mst_free(&z);
  return err->status;
}

/* A tile's part of the sums: of the lower half, twice what is below the diagonal. */
static void contract_tile(const mst_dist *d, int li, int lj, mst_normal_derive *derive,
                          void *context, double *slopes) {
  const double *t = mst_dist_tile(d, li, lj);
  const int ti = mst_tile_row(d, li), tj = mst_tile_col(d, lj);
  const int row = ti * MST_TILE, col = tj * MST_TILE;
  const int rows = mst_tile_inside(d, ti), cols = mst_tile_inside(d, tj);
  _Alignas(64) double weight[MST_TILE_ELEMENTS];
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < rows; i++) {
      const int below = row + i - col - j;
      weight[j * MST_TILE + i] = below < 0 ? 0.0 : (below > 0 ? 2.0 : 1.0) * t[j * MST_TILE + i];
    }
  derive(row, col, rows, cols, weight, slopes, context);
}

/* A thread's share of the tiles, to its exact sums; room[count]. */
static void contract_some(const mst_dist *d, int thread, int count, mst_normal_derive *derive,
                          void *context, double *room, int64_t *exact) {
  int tile = 0;
  for (int lj = 0; lj < d->my_cols; lj++)
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++) {
      if (tile++ % d->grid->comm->threads != thread) continue;
      memset(room, 0, (size_t)count * sizeof *room);
      contract_tile(d, li, lj, derive, context, room);
      for (int p = 0; p < count; p++) mst_long_add(exact + (size_t)p * MST_LONG_WORDS, room[p]);
    }
}

masting_status mst_normal_contract(const mst_dist *d, int count, mst_normal_derive *derive,
                                   void *context, double *sums, mst_error *err) {
  const size_t threads = (size_t)d->grid->comm->threads, words = (size_t)count * MST_LONG_WORDS;
  int64_t *exact = NULL;
  double *room = NULL;
  if (count == 0) return MASTING_OK;
  mst_alloc((void **)&exact, threads * words, sizeof *exact, d->what, err);
  mst_alloc((void **)&room, threads * (size_t)count, sizeof *room, d->what, err);
  if (mst_agree(d->grid->comm, err) == MASTING_OK) {
#pragma omp parallel for schedule(static, 1) num_threads(d->grid->comm->threads)
    for (int k = 0; k < d->grid->comm->threads; k++)
      contract_some(d, k, count, derive, context, room + (size_t)k * (size_t)count,
                    exact + (size_t)k * words);
    for (size_t k = 1; k < threads; k++)
      for (size_t p = 0; p < (size_t)count; p++)
        mst_long_join(exact + p * MST_LONG_WORDS, exact + k * words + p * MST_LONG_WORDS);
    total(d, exact, count, sums);
  }
  mst_free(&exact);
  mst_free(&room);
  return err->status;
}
