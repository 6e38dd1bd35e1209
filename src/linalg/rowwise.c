/* linalg/rowwise.c -- see rowwise.h. */
#include "config.h"

#include "linalg/rowwise.h"

#include <string.h>

#include "base/mem.h"
#include "linalg/rowwise_hot.h"
#include "linalg/rowwise_impl.h"

#define PANEL MST_ROWWISE_PANEL
#define MANY_ELEMENTS 65536 /* of a matrix that several threads share */

extern const mst_rowwise_table mst_rowwise_table_base, mst_rowwise_table_v3, mst_rowwise_table_v4;

mst_rowwise_panel *mst_rowwise_kernel(mst_isa isa, int lanes) {
  const mst_rowwise_table *table = &mst_rowwise_table_base;
#ifdef MASTING_HAVE_ISA_VARIANTS
  if (isa == MST_ISA_V3) table = &mst_rowwise_table_v3;
  if (isa == MST_ISA_V4) table = &mst_rowwise_table_v4;
#endif
  (void)isa;
  return table->lanes[__builtin_ctz((unsigned)lanes)];
}

/* Tiles of a tile row: its work. */
static int64_t work(const mst_rowwise *r, int tile) {
  if (r->kind == MST_ROWWISE_SYMMETRIC) return r->tiles;
  return r->kind == MST_ROWWISE_LOWER ? tile + 1 : r->tiles - tile;
}

/* A rank begins where the work before it is nearest to its part of all. */
static void make_borders(mst_rowwise *r, int ranks) {
  int64_t total = 0, before = 0;
  for (int t = 0; t < r->tiles; t++) total += work(r, t);
  for (int k = 0, t = 0; k <= ranks; k++) {
    while (t < r->tiles && (2 * before + work(r, t)) * ranks <= 2 * k * total)
      before += work(r, t++);
    int row = t * MST_TILE;
    r->border[k] = k == ranks || row > r->n ? r->n : row;
  }
}

int mst_rowwise_first_column(const mst_rowwise *r, int row) {
  return r->kind == MST_ROWWISE_TRANSPOSED ? row / PANEL * PANEL : 0;
}

int mst_rowwise_columns(const mst_rowwise *r, int row) {
  int end = r->kind == MST_ROWWISE_LOWER ? row / PANEL * PANEL + PANEL : r->n;
  return (end < r->n ? end : r->n) - mst_rowwise_first_column(r, row);
}

static int panels_of(const mst_rowwise *r) { return (r->last - r->first + PANEL - 1) / PANEL; }

masting_status mst_rowwise_allocate(mst_rowwise *r, mst_error *err) {
  size_t ranks = r->comm ? (size_t)r->comm->size : 1;
  int rank = r->comm ? r->comm->rank : 0;
  r->tiles = (r->n + MST_TILE - 1) / MST_TILE;
  if (mst_alloc((void **)&r->border, ranks + 1, sizeof(int), r->what, err) != MASTING_OK ||
      mst_alloc((void **)&r->count, ranks, sizeof(int), r->what, err) != MASTING_OK ||
      mst_alloc((void **)&r->at, ranks, sizeof(int), r->what, err) != MASTING_OK)
    return err->status;
  make_borders(r, (int)ranks);
  r->first = r->border[rank];
  r->last = r->border[rank + 1];
  int panels = panels_of(r);
  if (mst_alloc((void **)&r->start, (size_t)panels + 1, sizeof *r->start, r->what, err) !=
      MASTING_OK)
    return err->status;
  for (int p = 0; p < panels; p++)
    r->start[p + 1] =
        r->start[p] + (size_t)PANEL * (size_t)mst_rowwise_columns(r, r->first + p * PANEL);
  return mst_alloc((void **)&r->a, r->start[panels], sizeof *r->a, r->what, err);
}

void mst_rowwise_end(mst_rowwise *r) {
  mst_free(&r->border);
  mst_free(&r->count);
  mst_free(&r->at);
  mst_free(&r->start);
  mst_free(&r->a);
}

size_t mst_rowwise_bytes(const mst_rowwise *r) { return r->start[panels_of(r)] * sizeof *r->a; }

double *mst_rowwise_element(const mst_rowwise *r, int row, int column) {
  return r->a + r->start[(row - r->first) / PANEL] +
         (size_t)(column - mst_rowwise_first_column(r, row)) * PANEL + row % PANEL;
}

int mst_rowwise_owner(const mst_rowwise *r, int row) {
  int low = 0,
      high = r->comm->size - 1; /* the last rank that begins at or before the row, and has some */
  while (low < high) {
    int middle = (low + high + 1) / 2;
    if (r->border[middle] <= row)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

void mst_rowwise_row(const mst_rowwise *r, int row, double *x) {
  const int first = r->kind == MST_ROWWISE_TRANSPOSED ? row : 0,
            end = r->kind == MST_ROWWISE_LOWER ? row + 1 : r->n;
  for (int j = 0; j < r->n; j++)
    x[j] = j >= first && j < end ? *mst_rowwise_element(r, row, j) : 0.0;
}

masting_status mst_rowwise_make(mst_rowwise *r, const mst_comm *comm, const char *what, int n,
                                mst_rowwise_kind kind, mst_isa isa, mst_error *err) {
  *r = (mst_rowwise){.comm = comm, .what = what, .kind = kind, .isa = isa, .n = n};
  if (mst_rowwise_allocate(r, err) != MASTING_OK) mst_rowwise_end(r);
  return err->status;
}

void mst_rowwise_put(mst_rowwise *r, int row, const double *x) {
  const int first = mst_rowwise_first_column(r, row), columns = mst_rowwise_columns(r, row);
  for (int j = first; j < first + columns; j++) *mst_rowwise_element(r, row, j) = x[j];
}

masting_status mst_rowwise_begin_replicated(mst_rowwise *r, const char *what, const double *a,
                                            int n, mst_rowwise_kind kind, mst_isa isa,
                                            mst_error *err) {
  *r = (mst_rowwise){.what = what, .kind = kind, .isa = isa, .n = n};
  if (mst_rowwise_allocate(r, err) != MASTING_OK) {
    mst_rowwise_end(r);
    return err->status;
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) {
      double value = a[(size_t)i * (size_t)n + (size_t)j];
      if (kind != MST_ROWWISE_TRANSPOSED) *mst_rowwise_element(r, i, j) = value;
      if (kind != MST_ROWWISE_LOWER) *mst_rowwise_element(r, j, i) = value;
    }
  return MASTING_OK;
}

/* Rows of one panel to y, which is of all rows. */
static void panel_times(const mst_rowwise *r, mst_rowwise_panel *kernel, int p, int lanes,
                        const double *x, double *y) {
  double sums[PANEL * 16];
  int row = r->first + p * PANEL, rows = r->last - row < PANEL ? r->last - row : PANEL;
  kernel(r->a + r->start[p], mst_rowwise_columns(r, row),
         x + (size_t)mst_rowwise_first_column(r, row) * (size_t)lanes, sums);
  memcpy(y + (size_t)row * (size_t)lanes, sums, (size_t)(rows * lanes) * sizeof *sums);
}

masting_status mst_rowwise_apply(const mst_rowwise *r, int lanes, const double *x, double *y,
                                 mst_error *err) {
  mst_rowwise_panel *kernel = mst_rowwise_kernel(r->isa, lanes);
  int panels = panels_of(r), threads = r->comm ? r->comm->threads : 1;
  /* Panels are distributed cyclically over threads: those of a triangle differ in length. */
#pragma omp parallel for schedule(static, 1)                                                       \
    num_threads(threads) if (threads > 1 && r->start[panels] > MANY_ELEMENTS)
  for (int p = 0; p < panels; p++) panel_times(r, kernel, p, lanes, x, y);
  if (!r->comm || r->comm->size == 1) return MASTING_OK;
  for (int k = 0; k < r->comm->size; k++) {
    r->count[k] = (r->border[k + 1] - r->border[k]) * lanes;
    r->at[k] = r->border[k] * lanes;
  }
  return mst_mpi_check(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, y, r->count, r->at,
                                      MPI_DOUBLE, r->comm->mpi),
                       "MPI_Allgatherv", err);
}

/* A panel's rows of y, given what is known of it: those before (L) or after (L') the panel. */
static void solve_panel(const mst_rowwise *r, mst_rowwise_panel *kernel, int p, int lanes,
                        double *y) {
  double sums[PANEL * 16];
  int row = r->first + p * PANEL, rows = r->last - row < PANEL ? r->last - row : PANEL;
  int lower = r->kind == MST_ROWWISE_LOWER, columns = lower ? row : r->n - row - rows;
  const double *a = r->a + r->start[p], *square = lower ? a + (size_t)row * PANEL : a;
  kernel(lower ? a : a + (size_t)rows * PANEL, columns,
         y + (lower ? (size_t)0 : (size_t)(row + rows) * (size_t)lanes), sums);
  y += (size_t)row * (size_t)lanes;
  for (int k = 0; k < rows; k++) {
    int i = lower ? k : rows - 1 - k;
    for (int c = 0; c < lanes; c++) {
      double value = y[i * lanes + c] - sums[i * lanes + c];
      for (int j = lower ? 0 : i + 1; j < (lower ? i : rows); j++)
        value -= square[j * PANEL + i] * y[j * lanes + c];
      y[i * lanes + c] = value / square[i * PANEL + i];
    }
  }
}

masting_status mst_rowwise_solve(const mst_rowwise *r, int lanes, double *y, mst_error *err) {
  if (r->kind == MST_ROWWISE_SYMMETRIC)
    return mst_fail(err, MASTING_ERR_BUG, "%s: a symmetric matrix is not solved by rows", r->what);
  mst_rowwise_panel *kernel = mst_rowwise_kernel(r->isa, lanes);
  int panels = panels_of(r), ranks = r->comm ? r->comm->size : 1,
      rank = r->comm ? r->comm->rank : 0;
  int lower = r->kind == MST_ROWWISE_LOWER;
  for (int k = 0; k < ranks; k++) {
    int turn = lower ? k : ranks - 1 - k, count = (r->border[turn + 1] - r->border[turn]) * lanes;
    for (int p = 0; p < panels && turn == rank; p++)
      solve_panel(r, kernel, lower ? p : panels - 1 - p, lanes, y);
    if (ranks > 1 && count > 0 &&
        mst_mpi_check(MPI_Bcast(y + (size_t)r->border[turn] * (size_t)lanes, count, MPI_DOUBLE,
                                turn, r->comm->mpi),
                      "MPI_Bcast", err) != MASTING_OK)
      break;
  }
  return err->status;
}
