/* linalg/dist_covariance.c -- covariances of draws, into a matrix distributed over the ranks; see
 * dist.h.
 *
 * Draws are taken MST_TILE at a time, by their number; every tile of the matrix is changed by one
 * product a portion, so portions, and with them the bits, do not depend on who has the draws.
 */
#include "linalg/dist_impl.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "linalg/blas.h"
#include "linalg/fortran.h"

static const int nb = MST_TILE;

typedef struct portion {
  double *rows; /* [MST_TILE][n]: draws of all ranks */
  double *by_row,
      *by_col; /* [tiles][MST_TILE draws][MST_TILE]: centred, of the rank's rows and columns */
  int *count, *start; /* [ranks], in doubles */
  int *firsts;        /* [ranks][2]: first draw and draws of each rank */
} portion;

static void portion_end(portion *p) {
  mst_free(&p->rows);
  mst_free(&p->by_row);
  mst_free(&p->by_col);
  mst_free(&p->count);
  mst_free(&p->start);
  mst_free(&p->firsts);
}

static masting_status portion_begin(portion *p, const mst_dist *d, const double *x, int count,
                                    mst_error *err) {
  size_t ranks = (size_t)d->grid->comm->size, tile = MST_TILE_ELEMENTS * sizeof(double);
  memset(p, 0, sizeof *p);
  mst_alloc((void **)&p->rows, (size_t)MST_TILE * (size_t)d->n, sizeof(double), d->what, err);
  mst_alloc((void **)&p->by_row, (size_t)d->my_rows, tile, d->what, err);
  mst_alloc((void **)&p->by_col, (size_t)d->my_cols, tile, d->what, err);
  mst_alloc((void **)&p->count, ranks, sizeof(int), d->what, err);
  mst_alloc((void **)&p->start, ranks, sizeof(int), d->what, err);
  mst_alloc((void **)&p->firsts, 2 * ranks, sizeof(int), d->what, err);
  for (size_t k = 0; k < (size_t)count * (size_t)d->n; k++)
    if (!isfinite(x[k])) {
      mst_fail(err, MASTING_ERR_DATA, "%s: a draw has %g in column %d; expected finite numbers",
               d->what, x[k], (int)(k % (size_t)d->n) + 1);
      break;
    }
  if (mst_agree(d->grid->comm, err) != MASTING_OK) portion_end(p);
  return err->status;
}

/* Who has which draws; whether all have all. All ranks see the same and come to the same end. */
static masting_status who_has(portion *p, const mst_dist *d, int first, int count, int draws,
                              bool *with_all, mst_error *err) {
  int mine[2] = {first, count}, next = 0;
  mst_dist_must(d, MPI_Allgather(mine, 2, MPI_INT, p->firsts, 2, MPI_INT, d->grid->comm->mpi),
                "MPI_Allgather", d->grid->comm->size);
  *with_all = true;
  bool in_order = true;
  for (int r = 0; r < d->grid->comm->size; r++) {
    *with_all = *with_all && p->firsts[2 * r] == 0 && p->firsts[2 * r + 1] == draws;
    if (p->firsts[2 * r + 1] == 0) continue;
    in_order = in_order && p->firsts[2 * r] == next;
    next = p->firsts[2 * r] + p->firsts[2 * r + 1];
  }
  if (*with_all || (in_order && next == draws)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_BUG, "%s: the ranks do not have %d draws once, in their order",
                  d->what, draws);
}

/* Draws from .. to - 1 of all ranks. */
static const double *fetch(portion *p, const mst_dist *d, const double *x, int from, int to) {
  int rank = d->grid->comm->rank;
  for (int r = 0, at = 0; r < d->grid->comm->size; r++) {
    int begin = p->firsts[2 * r], end = begin + p->firsts[2 * r + 1];
    if (begin < from) begin = from;
    if (end > to) end = to;
    p->count[r] = end > begin ? (end - begin) * d->n : 0;
    p->start[r] = at;
    at += p->count[r];
  }
  int begin = p->firsts[2 * rank] > from ? 0 : from - p->firsts[2 * rank];
  const double *mine = p->count[rank] > 0 ? x + (size_t)begin * (size_t)d->n : p->rows;
  mst_dist_must(d,
                MPI_Allgatherv(mine, p->count[rank], MPI_DOUBLE, p->rows, p->count, p->start,
                               MPI_DOUBLE, d->grid->comm->mpi),
                "MPI_Allgatherv", (int64_t)(to - from) * d->n);
  return p->rows;
}

/* What one tile row (or column) has of `draws` draws: out[draws][MST_TILE], 0 beyond n. */
static void centre(const mst_dist *d, const double *rows, int draws, const double *mean, int tile,
                   double *out) {
  int first = tile * MST_TILE, inside = mst_tile_inside(d, tile);
  for (int k = 0; k < draws; k++)
    for (int i = 0; i < MST_TILE; i++)
      out[k * MST_TILE + i] = i >= inside ? 0.0
                                          : rows[(size_t)k * (size_t)d->n + (size_t)(first + i)] -
                                                (mean ? mean[first + i] : 0.0);
}

static void add(portion *p, const mst_dist *d, const double *rows, int draws, const double *mean,
                double scale) {
  const double one = 1.0;
  for (int li = 0; li < d->my_rows; li++)
    centre(d, rows, draws, mean, mst_tile_row(d, li), p->by_row + (size_t)li * MST_TILE_ELEMENTS);
  for (int lj = 0; lj < d->my_cols; lj++)
    centre(d, rows, draws, mean, mst_tile_col(d, lj), p->by_col + (size_t)lj * MST_TILE_ELEMENTS);
#pragma omp parallel num_threads(d->grid->comm->threads)
  for (int lj = 0; lj < d->my_cols; lj++)
#pragma omp for schedule(dynamic, 2) nowait
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++)
      dgemm_("N", "T", &nb, &nb, &draws, &scale, p->by_row + (size_t)li * MST_TILE_ELEMENTS, &nb,
             p->by_col + (size_t)lj * MST_TILE_ELEMENTS, &nb, &one, mst_dist_tile(d, li, lj), &nb,
             1, 1);
}

masting_status mst_dist_covariance(mst_dist *d, const double *x, int first, int count, int draws,
                                   const double *mean, double scale, mst_error *err) {
  portion p;
  bool with_all = false;
  if (portion_begin(&p, d, x, count, err) != MASTING_OK) return err->status;
  if (who_has(&p, d, first, count, draws, &with_all, err) == MASTING_OK) {
    memset(d->a, 0, mst_dist_bytes(d));
    mst_blas_hold hold = mst_blas_single();
    for (int from = 0; from < draws; from += MST_TILE) {
      int to = draws - from < MST_TILE ? draws : from + MST_TILE;
      const double *rows = with_all ? x + (size_t)from * (size_t)d->n : fetch(&p, d, x, from, to);
      add(&p, d, rows, to - from, mean, scale);
    }
    mst_blas_release(hold);
    mst_dist_pad(d);
  }
  portion_end(&p);
  if (err->status != MASTING_OK) return err->status;
  return mst_dist_finite(d, err);
}

masting_status mst_dist_covariance_cyclic(mst_dist *d, int draws, mst_dist_draws *rows,
                                          void *context, double scale, mst_error *err) {
  const mst_comm *comm = d->grid->comm;
  portion p;
  if (portion_begin(&p, d, NULL, 0, err) != MASTING_OK) return err->status;
  memset(d->a, 0, mst_dist_bytes(d));
  mst_blas_hold hold = mst_blas_single();
  for (int from = 0; from < draws; from += MST_TILE) {
    int to = draws - from < MST_TILE ? draws : from + MST_TILE,
        owner = from / MST_TILE % comm->size;
    if (owner == comm->rank) rows(from, to, p.rows, context);
    mst_dist_must(d, MPI_Bcast(p.rows, (to - from) * d->n, MPI_DOUBLE, owner, comm->mpi),
                  "MPI_Bcast", (int64_t)(to - from) * d->n);
    add(&p, d, p.rows, to - from, NULL, scale);
  }
  mst_blas_release(hold);
  mst_dist_pad(d);
  portion_end(&p);
  return mst_dist_finite(d, err);
}
