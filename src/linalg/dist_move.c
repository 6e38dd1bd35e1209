/* linalg/dist_move.c -- rows into a matrix, a matrix to one rank; see dist.h. */
#include "linalg/dist_impl.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"

typedef struct moves {
  int *counts,
      *starts; /* [4][ranks]: sent, received; [2][ranks]: first row and rows of each rank */
  double *out, *in;
} moves;

static void moves_end(moves *m) {
  mst_free(&m->counts);
  mst_free(&m->starts);
  mst_free(&m->out);
  mst_free(&m->in);
}

/* Elements 0 .. i of row i that are kept in grid column c. */
static int share_of_row(const mst_dist *d, int i, int c) {
  int count = 0;
  for (int tile = c; tile * MST_TILE <= i; tile += d->grid->cols)
    count += i - tile * MST_TILE < MST_TILE ? i - tile * MST_TILE + 1 : MST_TILE;
  return count;
}

/* Who gets what: counts in doubles, and their starts. */
static int64_t plan(const mst_dist *d, moves *m, const int *have, int to_me) {
  const mst_grid *g = d->grid;
  int ranks = g->comm->size;
  int *count = m->counts + to_me * ranks, *start = m->starts + to_me * ranks;
  int64_t total = 0;
  for (int r = 0; r < ranks; r++) {
    int from = to_me ? r : g->comm->rank, to = to_me ? g->comm->rank : r, at = 0;
    int64_t elements = 0;
    for (int i = have[2 * from]; at < have[2 * from + 1] && to < g->rows * g->cols; i++, at++)
      if (i / MST_TILE % g->rows == to / g->cols) elements += share_of_row(d, i, to % g->cols);
    count[r] = elements <= INT_MAX ? (int)elements : 0;
    start[r] = total <= INT_MAX ? (int)total : 0;
    total += elements;
  }
  return total;
}

static void pack(const mst_dist *d, const double *rows, int first, int count, int to, double *out) {
  const mst_grid *g = d->grid;
  for (int i = first; i < first + count && to < g->rows * g->cols; i++) {
    if (i / MST_TILE % g->rows != to / g->cols) continue;
    const double *row = rows + (size_t)(i - first) * (size_t)d->n;
    for (int tile = to % g->cols; tile * MST_TILE <= i; tile += g->cols) {
      int inside = i - tile * MST_TILE < MST_TILE ? i - tile * MST_TILE + 1 : MST_TILE;
      memcpy(out, row + tile * MST_TILE, (size_t)inside * sizeof *out);
      out += inside;
    }
  }
}

static void unpack(const mst_dist *d, const double *in, int first, int count) {
  const mst_grid *g = d->grid;
  for (int i = first; i < first + count; i++) {
    if (i / MST_TILE % g->rows != g->row) continue;
    int li = i / MST_TILE / g->rows, inner = i % MST_TILE;
    for (int lj = 0; lj < d->my_cols && mst_tile_col(d, lj) * MST_TILE <= i; lj++) {
      double *t = mst_dist_tile(d, li, lj);
      for (int j = 0; j < MST_TILE && mst_tile_col(d, lj) * MST_TILE + j <= i; j++)
        t[j * MST_TILE + inner] = *in++;
    }
  }
}

masting_status mst_dist_fill_rows(mst_dist *d, int first, int count, const double *rows,
                                  mst_error *err) {
  const mst_comm *comm = d->grid->comm;
  size_t ranks = (size_t)comm->size;
  int mine[2] = {first, count}, *have = NULL;
  int64_t got = 0;
  moves m = {0};
  mst_alloc((void **)&m.counts, 2 * ranks, sizeof(int), d->what, err);
  mst_alloc((void **)&m.starts, 2 * ranks, sizeof(int), d->what, err);
  mst_alloc((void **)&have, 2 * ranks, sizeof(int), d->what, err);
  if (first < 0 || count < 0 || first + count > d->n)
    mst_fail(err, MASTING_ERR_BUG, "%s: rows %d .. %d of %d", d->what, first + 1, first + count,
             d->n);
  if (mst_agree(comm, err) == MASTING_OK) {
    mst_dist_must(d, MPI_Allgather(mine, 2, MPI_INT, have, 2, MPI_INT, comm->mpi), "MPI_Allgather",
                  comm->size);
    int rows_in_all = 0;
    for (size_t r = 0; r < ranks; r++) rows_in_all += have[2 * r + 1];
    if (rows_in_all != d->n)
      mst_fail(err, MASTING_ERR_BUG, "%s: the ranks have %d rows of %d", d->what, rows_in_all,
               d->n);
    int64_t sent = plan(d, &m, have, 0);
    got = plan(d, &m, have, 1);
    if (sent > INT_MAX || got > INT_MAX)
      mst_fail(err, MASTING_ERR_MEMORY, "%s: more than %d elements on this rank; try more ranks",
               d->what, INT_MAX);
    else if (err->status == MASTING_OK &&
             mst_alloc((void **)&m.out, (size_t)sent, sizeof *m.out, d->what, err) == MASTING_OK)
      mst_alloc((void **)&m.in, (size_t)got, sizeof *m.in, d->what, err);
  }
  if (mst_agree(comm, err) == MASTING_OK) {
    for (int r = 0; r < comm->size; r++) pack(d, rows, first, count, r, m.out + m.starts[r]);
    mst_dist_must(d,
                  MPI_Alltoallv(m.out, m.counts, m.starts, MPI_DOUBLE, m.in, m.counts + ranks,
                                m.starts + ranks, MPI_DOUBLE, comm->mpi),
                  "MPI_Alltoallv", got);
    for (int r = 0; r < comm->size && d->grid->row >= 0; r++)
      unpack(d, m.in + m.starts[comm->size + r], have[2 * r], have[2 * r + 1]);
    mst_dist_pad(d);
  }
  moves_end(&m);
  mst_free(&have);
  if (err->status != MASTING_OK) return err->status;
  return mst_dist_finite(d, err);
}

masting_status mst_dist_gather(const mst_dist *d, double *whole, mst_error *err) {
  const mst_grid *g = d->grid;
  double room[MST_TILE_ELEMENTS];
  for (int tj = 0; tj < d->tiles; tj++)
    for (int ti = tj; ti < d->tiles; ti++) {
      int owner = mst_grid_rank(g, ti % g->rows, tj % g->cols);
      const double *t =
          owner == g->comm->rank ? mst_dist_tile(d, ti / g->rows, tj / g->cols) : room;
      if (owner == g->comm->rank && owner != 0)
        mst_dist_must(d, MPI_Send(t, MST_TILE_ELEMENTS, MPI_DOUBLE, 0, 0, g->comm->mpi), "MPI_Send",
                      0);
      if (g->comm->rank != 0) continue;
      if (owner != 0)
        mst_dist_must(d,
                      MPI_Recv(room, MST_TILE_ELEMENTS, MPI_DOUBLE, owner, 0, g->comm->mpi,
                               MPI_STATUS_IGNORE),
                      "MPI_Recv", MST_TILE_ELEMENTS);
      for (int i = ti * MST_TILE; i < d->n && i < (ti + 1) * MST_TILE; i++)
        for (int j = tj * MST_TILE; j < d->n && j < (tj + 1) * MST_TILE; j++)
          whole[(size_t)i * (size_t)d->n + (size_t)j] =
              j <= i ? t[(j % MST_TILE) * MST_TILE + i % MST_TILE] : 0.0;
    }
  /* above the diagonal */
  for (int i = 0; g->comm->rank == 0 && i < d->n; i++)
    memset(whole + (size_t)i * (size_t)d->n + i + 1, 0, (size_t)(d->n - 1 - i) * sizeof *whole);
  return mst_agree(g->comm, err);
}
