/* linalg/dist_factor.c -- factor, inverse of a factor, product with its transpose; see dist.h.
 *
 * The algorithms over tiles are those of Quintana-Orti et al. 2009, "Programming matrix
 * algorithms-by-blocks for thread-level parallelism", ACM TOMS 36(3). In each step k every tile of
 * the rest is changed by one product of two tiles; so the order in which a tile is changed is that
 * of k on any grid. Threads of the rank share the tiles of a step: who takes which changes no bits.
 */
#include "linalg/dist_panel.h"

#include <math.h>
#include <string.h>

#include "linalg/blas.h"
#include "linalg/fortran.h"

static const int nb = MST_TILE;
static const double one = 1.0;

/* Rows of tile row `tile` that calls work on: those within the matrix, to a multiple of what a
 * kernel takes at once. The padding beyond would only cost time: up to a sixth where there are
 * ten tiles. */
static int used(const mst_dist *d, int tile) { return (mst_tile_inside(d, tile) + 7) / 8 * 8; }

/* c += scale op(a) op(b): in `m` rows, sums of `k` products. */
static void multiply(const char *ta, const char *tb, int m, int k, double scale, const double *a,
                     const double *b, double *c) {
  dgemm_(ta, tb, &m, &nb, &k, &scale, a, &nb, b, &nb, &one, c, &nb, 1, 1);
}

/* b = b t'^-1 for the lower triangle t, in `m` rows */
static void divide(const double *t, int m, double *b) {
  dtrsm_("R", "L", "T", "N", &m, &nb, &one, t, &nb, b, &nb, 1, 1, 1, 1);
}

static void clear_above(double *t) {
  for (int j = 1; j < MST_TILE; j++) memset(t + j * MST_TILE, 0, (size_t)j * sizeof *t);
}

/* Factors a diagonal tile. 0, or the first row, from 1, whose pivot is not a positive number. */
static int factor_tile(double *t) {
  int info = 0;
  dpotrf_("L", &nb, t, &nb, &info, 1);
  for (int i = 0; info <= 0 && i < MST_TILE; i++) {
    double pivot = t[i * (MST_TILE + 1)];
    if (!(pivot > 0) || !isfinite(pivot)) info = i + 1;
  }
  clear_above(t);
  return info;
}

/* Steps whose panels are kept, so that a tile stays in the cache for all of them. */
#define GROUP 2

/* Room for a group of steps, all or nothing. */
static masting_status group_begin(mst_panel p[GROUP], const mst_dist *d, mst_error *err) {
  memset(p, 0, GROUP * sizeof *p);
  for (int m = 0; m < GROUP && err->status == MASTING_OK; m++) mst_panel_begin(&p[m], d, err);
  return err->status;
}

static void group_end(mst_panel p[GROUP]) {
  for (int m = 0; m < GROUP; m++) mst_panel_end(&p[m]);
}

size_t mst_dist_factor_bytes(const mst_dist *d) { return GROUP * mst_panel_bytes(d); }

static int group_at(const mst_dist *d, int k0) {
  return d->tiles - k0 < GROUP ? d->tiles - k0 : GROUP;
}

/* What steps k0 .. k0 + steps - 1 change in the local columns [first_j, last_j). */
static void cholesky_update(const mst_panel *p, int k0, int steps, int first_j, int last_j) {
  const mst_dist *d = p->d;
#pragma omp parallel num_threads(d->grid->comm->threads)
  for (int lj = first_j; lj < last_j; lj++)
#pragma omp for schedule(dynamic, 2) nowait
    for (int li = mst_first_row(d, mst_tile_col(d, lj)); li < d->my_rows; li++)
      for (int m = 0; m < steps; m++)
        multiply("N", "T", used(d, mst_tile_row(d, li)), nb, -1.0,
                 p[m].row_at[li - mst_first_row(d, k0 + m + 1)],
                 p[m].col_at[lj - mst_first_col(d, k0 + m + 1)], mst_dist_tile(d, li, lj));
}

/* Step k; 0, or the failing row, from 1. */
static int cholesky_step(mst_panel *p, int k) {
  const mst_dist *d = p->d;
  const mst_grid *g = d->grid;
  int report = 0;
  double *own = mst_panel_own(p, k);
  if (own) {
    report = factor_tile(own);
    memcpy(p->diagonal, own, MST_TILE_ELEMENTS * sizeof *own);
  }
  mst_panel_diagonal(p, k, &report);
  if (report > 0) return k * MST_TILE + report;
  if (g->col == k % g->cols) {
#pragma omp parallel for schedule(dynamic, 2) num_threads(d->grid->comm->threads)
    for (int li = mst_first_row(d, k + 1); li < d->my_rows; li++)
      divide(p->diagonal, used(d, mst_tile_row(d, li)), mst_dist_tile(d, li, k / g->cols));
  }
  mst_panel_column(p, k, k + 1);
  mst_panel_transpose_down(p, k + 1);
  return 0;
}

static int cholesky_steps(mst_panel *p) {
  const mst_dist *d = p->d;
  for (int k0 = 0; k0 < d->tiles; k0 += GROUP) {
    int steps = group_at(d, k0);
    for (int m = 0; m < steps; m++) {
      int k = k0 + m;
      cholesky_update(p, k0, m, mst_first_col(d, k), mst_first_col(d, k + 1));
      int failed = cholesky_step(&p[m], k);
      if (failed > 0) return failed;
    }
    cholesky_update(p, k0, steps, mst_first_col(d, k0 + steps), d->my_cols);
  }
  return 0;
}

masting_status mst_dist_cholesky(mst_dist *d, int *pivot, mst_error *err) {
  mst_panel p[GROUP] = {0};
  int failed = 0;
  if (pivot) *pivot = -1;
  if (mst_dist_finite(d, err) == MASTING_OK && group_begin(p, d, err) == MASTING_OK) {
    mst_blas_hold hold = mst_blas_single();
    failed = cholesky_steps(p);
    mst_blas_release(hold);
  }
  group_end(p);
  if (failed == 0) return err->status;
  if (pivot) *pivot = failed - 1;
  return mst_fail(err, MASTING_ERR_DATA,
                  "%s: not positive definite; pivot %d of %d is not positive", d->what, failed,
                  d->n);
}

/* b = scale times t b, or b t. */
static void multiply_into(bool left, double scale, const double *t, double *b) {
  const double zero = 0.0;
  _Alignas(64) double room[MST_TILE_ELEMENTS];
  memcpy(room, b, MST_TILE_ELEMENTS * sizeof *b);
  dgemm_("N", "N", &nb, &nb, &nb, &scale, left ? t : room, &nb, left ? room : t, &nb, &zero, b, &nb,
         1, 1);
}

/* In step k rows below take X(k, .) times their element of column k; by then row k has the sum over
 * columns before k, and only the division by its diagonal is missing. Here the diagonal tile is
 * inverted, column k divided by it, and both column and row are sent. 0, or the first row, from 1,
 * with 0 on the diagonal. */
static int inverse_panel(mst_panel *p, int k) {
  const mst_dist *d = p->d;
  const mst_grid *g = d->grid;
  int singular = 0;
  double *own = mst_panel_own(p, k);
  if (own) {
    dtrtri_("L", "N", &nb, own, &nb, &singular, 1, 1);
    memcpy(p->diagonal, own, MST_TILE_ELEMENTS * sizeof *own);
  }
  mst_panel_diagonal(p, k, &singular);
  if (singular > 0) return k * MST_TILE + singular;
  if (g->col == k % g->cols) {
#pragma omp parallel for schedule(dynamic, 2) num_threads(d->grid->comm->threads)
    for (int li = mst_first_row(d, k + 1); li < d->my_rows; li++)
      multiply_into(false, -1.0, p->diagonal, mst_dist_tile(d, li, k / g->cols));
  }
  mst_panel_column(p, k, k + 1);
  mst_panel_row(p, k, k);
  return 0;
}

/* What steps [from, to) of the group change in local rows [first_i, last_i) and columns [first_j,
 * last_j). */
static void inverse_update(const mst_panel *p, int k0, int from, int to, int first_i, int last_i,
                           int first_j, int last_j) {
  const mst_dist *d = p->d;
#pragma omp parallel num_threads(d->grid->comm->threads)
  for (int lj = first_j; lj < last_j; lj++)
#pragma omp for schedule(dynamic, 2) nowait
    for (int li = first_i; li < last_i; li++)
      for (int m = from; m < to; m++)
        multiply("N", "N", used(d, mst_tile_row(d, li)), nb, 1.0,
                 p[m].row_at[li - mst_first_row(d, k0 + m + 1)], p[m].col_at[lj],
                 mst_dist_tile(d, li, lj));
}

static int inverse_group(mst_panel *p, int k0, int steps) {
  const mst_dist *d = p->d;
  const mst_grid *g = d->grid;
  for (int m = 0; m < steps; m++) {
    int k = k0 + m; /* its row first takes what the steps before it in the group give */
    for (int b = 0; b < m; b++)
      inverse_update(p, k0, b, b + 1, mst_first_row(d, k), mst_first_row(d, k + 1), 0,
                     mst_first_col(d, k0 + b));
    int singular = inverse_panel(&p[m], k);
    if (singular > 0) return singular;
  }
  int below = mst_first_row(d, k0 + steps), before = mst_first_col(d, k0);
  inverse_update(p, k0, 0, steps, below, d->my_rows, 0, before);
  for (int m = 1; m < steps; m++) /* columns of the group, which the panels before were made of */
    inverse_update(p, k0, m, m + 1, below, d->my_rows, before, mst_first_col(d, k0 + m));
  for (int m = 0; m < steps; m++) {
    int k = k0 + m;
    if (g->row != k % g->rows) continue;
#pragma omp parallel for schedule(dynamic, 2) num_threads(d->grid->comm->threads)
    for (int lj = 0; lj < mst_first_col(d, k); lj++)
      multiply_into(true, 1.0, p[m].diagonal, mst_dist_tile(d, k / g->rows, lj));
  }
  return 0;
}

masting_status mst_dist_inverse_lower(mst_dist *d, mst_error *err) {
  mst_panel p[GROUP] = {0};
  int singular = 0;
  if (mst_dist_finite(d, err) == MASTING_OK && group_begin(p, d, err) == MASTING_OK) {
    mst_blas_hold hold = mst_blas_single();
    for (int k0 = 0; k0 < d->tiles && singular == 0; k0 += GROUP)
      singular = inverse_group(p, k0, group_at(d, k0));
    mst_blas_release(hold);
  }
  group_end(p);
  if (singular == 0) return err->status;
  return mst_fail(err, MASTING_ERR_DATA, "%s: singular; row %d of %d has 0 on the diagonal",
                  d->what, singular, d->n);
}

static void transpose(const double *t, double *out) {
  for (int j0 = 0; j0 < MST_TILE; j0 += 8)
    for (int i0 = 0; i0 < MST_TILE; i0 += 8)
      for (int j = j0; j < j0 + 8; j++)
        for (int i = i0; i < i0 + 8; i++) out[i * MST_TILE + j] = t[j * MST_TILE + i];
}

/* Step k adds what row k of L gives to all products of columns before it; its own row then becomes
 * that of L' L as far as row k alone gives it. Here row k is sent, in both directions; left factors
 * are transposed once, not in each call. */
static void product_panel(mst_panel *p, int k) {
  const mst_dist *d = p->d;
  double *own = mst_panel_own(p, k);
  int report = 0;
  if (own) memcpy(p->diagonal, own, MST_TILE_ELEMENTS * sizeof *own);
  mst_panel_diagonal(p, k, &report);
  transpose(p->diagonal, p->room);
  mst_panel_row(p, k, k);
  mst_panel_transpose_right(p, k);
#pragma omp parallel for schedule(dynamic, 2) num_threads(d->grid->comm->threads)
  for (int li = 0; li < mst_first_row(d, k); li++) {
    transpose(p->row_at[li], p->by_row + (size_t)li * MST_TILE_ELEMENTS);
    p->row_at[li] = p->by_row + (size_t)li * MST_TILE_ELEMENTS;
  }
}

/* What steps [from, to) of the group, which begins at k0, add to local rows [first_i, last_i). */
static void product_update(const mst_panel *p, int k0, int from, int to, int first_i, int last_i) {
  const mst_dist *d = p->d;
#pragma omp parallel num_threads(d->grid->comm->threads)
  for (int lj = 0; lj < d->my_cols; lj++) {
    int top = mst_first_row(d, mst_tile_col(d, lj));
#pragma omp for schedule(dynamic, 2) nowait
    for (int li = top > first_i ? top : first_i; li < last_i; li++)
      for (int m = from; m < to; m++)
        multiply("N", "N", nb, used(d, k0 + m), 1.0, p[m].row_at[li], p[m].col_at[lj],
                 mst_dist_tile(d, li, lj));
  }
}

static void product_own(mst_panel *p, int k) {
  const mst_dist *d = p->d;
  const mst_grid *g = d->grid;
  if (g->row != k % g->rows) return;
#pragma omp parallel for schedule(dynamic, 2) num_threads(d->grid->comm->threads)
  for (int lj = 0; lj < mst_first_col(d, k + 1); lj++) {
    double *t = mst_dist_tile(d, k / g->rows, lj);
    memset(t, 0, MST_TILE_ELEMENTS * sizeof *t);
    multiply("N", "N", nb, nb, 1.0, p->room,
             /* with the padding: it stays 1 */
             mst_tile_col(d, lj) == k ? p->diagonal : p->col_at[lj], t);
  }
}

masting_status mst_dist_transposed_product(mst_dist *d, mst_error *err) {
  mst_panel p[GROUP] = {0};
  if (mst_dist_finite(d, err) == MASTING_OK && group_begin(p, d, err) == MASTING_OK) {
    mst_blas_hold hold = mst_blas_single();
    for (int k0 = 0; k0 < d->tiles; k0 += GROUP) {
      int steps = group_at(d, k0);
      for (int m = 0; m < steps; m++) product_panel(&p[m], k0 + m);
      product_update(p, k0, 0, steps, 0, mst_first_row(d, k0));
      for (int m = 0; m < steps; m++) {
        product_update(p, k0, m, m + 1, mst_first_row(d, k0), mst_first_row(d, k0 + m));
        product_own(&p[m], k0 + m);
      }
    }
    mst_blas_release(hold);
  }
  group_end(p);
  return err->status;
}
