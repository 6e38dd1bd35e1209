/* linalg/dist_panel.c -- see dist_panel.h. */
#include "linalg/dist_panel.h"

#include <string.h>

#include "base/mem.h"

/* Of the tiles that `mine` of `takers` has in a cyclic distribution, those that `place` of `places`
 * has not. */
static size_t elsewhere(int tiles, int mine, int takers, int place, int places) {
  size_t count = 0;
  for (int t = mine; t < tiles; t += takers) count += t % places != place;
  return count;
}

/* Tiles of by_row, by_col, pack and turned. */
static void room_of(const mst_dist *d, size_t tiles[4]) {
  const mst_grid *g = d->grid;
  size_t rows = (size_t)d->my_rows, cols = (size_t)d->my_cols, down = 0, right = 0;
  if (g->row >= 0) {
    down = elsewhere(d->tiles, g->col, g->cols, g->row, g->rows);
    right = elsewhere(d->tiles, g->row, g->rows, g->col, g->cols);
  }
  tiles[0] = rows;
  tiles[1] = cols;
  tiles[2] = g->rows > 1 && g->cols > 1 ? (rows > cols ? rows : cols) : 0;
  tiles[3] = down > right ? down : right;
}

size_t mst_panel_bytes(const mst_dist *d) {
  size_t tiles[4];
  room_of(d, tiles);
  return (tiles[0] + tiles[1] + tiles[2] + tiles[3] + 2) * MST_TILE_BYTES;
}

masting_status mst_panel_begin(mst_panel *p, const mst_dist *d, mst_error *err) {
  const mst_grid *g = d->grid;
  size_t rows = (size_t)d->my_rows, cols = (size_t)d->my_cols, tiles[4];
  size_t places = (size_t)(g->rows > g->cols ? g->rows : g->cols);
  *p = (mst_panel){.d = d, .tile = MPI_DATATYPE_NULL};
  double **to[] = {&p->by_row, &p->by_col, &p->pack, &p->transposed};
  room_of(d, tiles);
  for (int i = 0; i < 4; i++)
    if (tiles[i] > 0) mst_alloc((void **)to[i], tiles[i], MST_TILE_BYTES, d->what, err);
  if (mst_alloc((void **)&p->diagonal, MST_TILE_ELEMENTS + 1, sizeof(double), d->what, err) ==
          MASTING_OK &&
      mst_alloc((void **)&p->room, MST_TILE_ELEMENTS, sizeof(double), d->what, err) == MASTING_OK &&
      mst_alloc((void **)&p->row_at, rows, sizeof *p->row_at, d->what, err) == MASTING_OK &&
      mst_alloc((void **)&p->col_at, cols, sizeof *p->col_at, d->what, err) == MASTING_OK &&
      mst_alloc((void **)&p->count, places, sizeof(int), d->what, err) == MASTING_OK &&
      mst_alloc((void **)&p->start, places, sizeof(int), d->what, err) == MASTING_OK &&
      mst_alloc((void **)&p->sent, places, sizeof(int), d->what, err) == MASTING_OK &&
      mst_alloc((void **)&p->origin, places, sizeof(int), d->what, err) == MASTING_OK) {
    mst_mpi_check(MPI_Type_contiguous(MST_TILE_ELEMENTS, MPI_DOUBLE, &p->tile),
                  "MPI_Type_contiguous", err);
    if (p->tile != MPI_DATATYPE_NULL) MPI_Type_commit(&p->tile);
  }
  if (mst_agree(g->comm, err) != MASTING_OK) mst_panel_end(p);
  return err->status;
}

void mst_panel_end(mst_panel *p) {
  mst_free(&p->diagonal);
  mst_free(&p->room);
  mst_free(&p->row_at);
  mst_free(&p->col_at);
  mst_free(&p->by_row);
  mst_free(&p->by_col);
  mst_free(&p->pack);
  mst_free(&p->transposed);
  mst_free(&p->count);
  mst_free(&p->start);
  mst_free(&p->sent);
  mst_free(&p->origin);
  if (p->d && p->tile != MPI_DATATYPE_NULL) MPI_Type_free(&p->tile);
  p->d = NULL;
}

double *mst_panel_own(const mst_panel *p, int k) {
  const mst_grid *g = p->d->grid;
  if (g->row != k % g->rows || g->col != k % g->cols) return NULL;
  return mst_dist_tile(p->d, k / g->rows, k / g->cols);
}

void mst_panel_diagonal(mst_panel *p, int k, int *report) {
  const mst_grid *g = p->d->grid;
  int owner = mst_grid_rank(g, k % g->rows, k % g->cols);
  p->diagonal[MST_TILE_ELEMENTS] = *report;
  mst_dist_must(p->d,
                MPI_Bcast(p->diagonal, MST_TILE_ELEMENTS + 1, MPI_DOUBLE, owner, g->comm->mpi),
                "MPI_Bcast", MST_TILE_ELEMENTS + 1);
  *report = (int)p->diagonal[MST_TILE_ELEMENTS];
}

void mst_panel_column(mst_panel *p, int k, int from) {
  const mst_dist *d = p->d;
  int first = mst_first_row(d, from), count = d->my_rows - first, root = k % d->grid->cols;
  if (d->grid->row < 0 || count <= 0) return;
  double *panel = p->by_row;
  if (d->grid->col == root) panel = mst_dist_tile(d, first, k / d->grid->cols);
  if (d->grid->cols > 1)
    mst_dist_must(d, MPI_Bcast(panel, count, p->tile, root, d->grid->along_row), "MPI_Bcast",
                  (int64_t)count * MST_TILE_ELEMENTS);
  for (int i = 0; i < count; i++) p->row_at[i] = panel + (size_t)i * MST_TILE_ELEMENTS;
}

void mst_panel_row(mst_panel *p, int k, int to) {
  const mst_dist *d = p->d;
  int count = mst_first_col(d, to), root = k % d->grid->rows;
  if (d->grid->row < 0 || count <= 0) return;
  for (int lj = 0; lj < count; lj++) {
    double *t = p->by_col + (size_t)lj * MST_TILE_ELEMENTS;
    if (d->grid->row == root) memcpy(t, mst_dist_tile(d, k / d->grid->rows, lj), MST_TILE_BYTES);
    p->col_at[lj] = t;
  }
  if (d->grid->rows > 1)
    mst_dist_must(d, MPI_Bcast(p->by_col, count, p->tile, root, d->grid->along_col), "MPI_Bcast",
                  (int64_t)count * MST_TILE_ELEMENTS);
}

/* `sent` tiles to all other places; p->count[] of them from each to p->turned. Not MPI_Allgatherv,
 * which needs room for what a rank has itself. */
static void exchange(mst_panel *p, MPI_Comm along, const double *message, int sent, int place,
                     int places) {
  int total = 0;
  for (int i = 0; i < places; i++) {
    if (i == place) p->count[i] = 0;
    p->sent[i] = i == place ? 0 : sent;
    p->start[i] = total;
    total += p->count[i];
  }
  mst_dist_must(p->d,
                MPI_Alltoallv(message, p->sent, p->origin, p->tile, p->transposed, p->count,
                              p->start, p->tile, along),
                "MPI_Alltoallv", (int64_t)total * MST_TILE_ELEMENTS);
}

/* Tiles from .. to - 1, distributed cyclically over `places` along `along`: this rank is `place`
 * and has its own at panel[]. It gets those of `mine` of `takers`, in their order, at out[]. */
static void turn(mst_panel *p, MPI_Comm along, const double **panel, int place, int places,
                 int mine, int takers, int from, int to, const double **out) {
  int first = mst_cyclic_from(from, place, places), sent = 0;
  int begin = mst_cyclic_from(from, mine, takers) * takers + mine;
  for (int i = 0; i < places; i++) p->count[i] = 0;
  for (int t = begin; t < to; t += takers) {
    p->count[t % places]++;
    if (t % places != place) continue;
    if (places > 1 && takers > 1)
      memcpy(p->pack + (size_t)sent * MST_TILE_ELEMENTS, panel[t / places - first], MST_TILE_BYTES);
    sent++;
  }
  /* With one taker it is all of the panel, which is contiguous. */
  const double *message = sent == 0 ? NULL : takers > 1 ? p->pack : panel[0];
  if (places > 1) exchange(p, along, message, sent, place, places);
  for (int t = begin; t < to; t += takers)
    *out++ = t % places == place
                 ? panel[t / places - first]
                 : p->transposed + (size_t)p->start[t % places]++ * MST_TILE_ELEMENTS;
}

void mst_panel_transpose_down(mst_panel *p, int from) {
  const mst_dist *d = p->d;
  const mst_grid *g = d->grid;
  if (g->row >= 0)
    turn(p, g->along_col, p->row_at, g->row, g->rows, g->col, g->cols, from, d->tiles, p->col_at);
}

void mst_panel_transpose_right(mst_panel *p, int to) {
  const mst_grid *g = p->d->grid;
  if (g->row >= 0)
    turn(p, g->along_row, p->col_at, g->col, g->cols, g->row, g->rows, 0, to, p->row_at);
}
