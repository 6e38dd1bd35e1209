/* linalg/rowwise_move.c -- tiles of a matrix that is distributed over a grid go to the ranks that
 * have their rows; see rowwise.h.
 *
 * In waves of whole tile columns, so that what is on the way is small. All ranks walk through the
 * tiles of a wave in the same order and know which rank has each and which needs it.
 */
#include <string.h>

#include "base/mem.h"
#include "linalg/dist_impl.h"
#include "linalg/rowwise_impl.h"

/* a rank, about: to send, and as many to receive */
#define WAVE_TILES (int)((32 << 20) / MST_TILE_BYTES)

typedef struct wave {
  const mst_dist *d;
  mst_rowwise *r;
  int from, to;                               /* tile columns */
  int *out_count, *out_at, *in_count, *in_at; /* [ranks], tiles */
  double *out, *in;
  size_t out_room, in_room; /* tiles */
} wave;

/* What is done with a tile that goes from rank `from` to rank `to`. */
typedef void visit(wave *w, int ti, int tj, bool turned, int from, int to);

static void walk(wave *w, visit *f) {
  const mst_grid *g = w->d->grid;
  mst_rowwise_kind kind = w->r->kind;
  for (int tj = w->from; tj < w->to; tj++)
    for (int ti = tj; ti < w->d->tiles; ti++) {
      int from = mst_grid_rank(g, ti % g->rows, tj % g->cols);
      if (kind != MST_ROWWISE_TRANSPOSED)
        f(w, ti, tj, false, from, mst_rowwise_owner(w->r, ti * MST_TILE));
      if (kind == MST_ROWWISE_TRANSPOSED || (kind == MST_ROWWISE_SYMMETRIC && ti > tj))
        f(w, ti, tj, true, from, mst_rowwise_owner(w->r, tj * MST_TILE));
    }
}

static void count_tile(wave *w, int ti, int tj, bool turned, int from, int to) {
  int rank = w->r->comm->rank;
  (void)ti;
  (void)tj;
  (void)turned;
  if (from == rank) w->out_count[to]++;
  if (to == rank) w->in_count[from]++;
}

static void pack_tile(wave *w, int ti, int tj, bool turned, int from, int to) {
  const mst_grid *g = w->d->grid;
  (void)turned;
  if (from != w->r->comm->rank) return;
  memcpy(w->out + (size_t)w->out_at[to]++ * MST_TILE_ELEMENTS,
         mst_dist_tile(w->d, ti / g->rows, tj / g->cols), MST_TILE_BYTES);
}

/* A tile becomes part of its rows' panels: element (i, j) of the lower triangle, and (j, i) if
 * turned. */
static void unpack_tile(wave *w, int ti, int tj, bool turned, int from, int to) {
  mst_rowwise *r = w->r;
  if (to != r->comm->rank) return;
  const double *t = w->in + (size_t)w->in_at[from]++ * MST_TILE_ELEMENTS;
  bool both = ti == tj && r->kind == MST_ROWWISE_SYMMETRIC;
  int first_i = ti * MST_TILE, first_j = tj * MST_TILE;
  int rows = r->n - first_i < MST_TILE ? r->n - first_i : MST_TILE;
  for (int j = 0; j < MST_TILE && first_j + j < r->n; j++)
    for (int i = ti == tj ? j : 0; i < rows; i++) {
      double value = t[j * MST_TILE + i];
      if (!turned) *mst_rowwise_element(r, first_i + i, first_j + j) = value;
      if (turned || both) *mst_rowwise_element(r, first_j + j, first_i + i) = value;
    }
}

/* Counts to starts; tiles in all. */
static size_t starts(const int *count, int *at, int ranks) {
  int total = 0;
  for (int k = 0; k < ranks; k++) {
    at[k] = total;
    total += count[k];
  }
  return (size_t)total;
}

static void plan(wave *w, size_t *sent, size_t *got) {
  size_t ranks = (size_t)w->r->comm->size;
  memset(w->out_count, 0, ranks * sizeof(int));
  memset(w->in_count, 0, ranks * sizeof(int));
  walk(w, count_tile);
  *sent = starts(w->out_count, w->out_at, (int)ranks);
  *got = starts(w->in_count, w->in_at, (int)ranks);
}

/* Calls f for each wave, in order, with `w->from` and `w->to` set. */
static bool next_wave(wave *w) {
  int64_t wide = (int64_t)WAVE_TILES * w->r->comm->size / w->d->tiles;
  w->from = w->to;
  w->to = w->from + (int)(wide < 1 ? 1 : wide < w->d->tiles ? wide : w->d->tiles);
  if (w->to > w->d->tiles) w->to = w->d->tiles;
  return w->from < w->d->tiles;
}

static void send(wave *w, MPI_Datatype tile) {
  size_t sent, got;
  int ranks = w->r->comm->size;
  plan(w, &sent, &got);
  walk(w, pack_tile);
  starts(w->out_count, w->out_at, ranks); /* packing moved them */
  mst_dist_must(w->d,
                MPI_Alltoallv(w->out, w->out_count, w->out_at, tile, w->in, w->in_count, w->in_at,
                              tile, w->r->comm->mpi),
                "MPI_Alltoallv", (int64_t)got * MST_TILE_ELEMENTS);
  walk(w, unpack_tile);
}

static masting_status wave_begin(wave *w, mst_error *err) {
  size_t ranks = (size_t)w->r->comm->size;
  int **arrays[] = {&w->out_count, &w->out_at, &w->in_count, &w->in_at};
  for (int i = 0; i < 4; i++) mst_alloc((void **)arrays[i], ranks, sizeof(int), w->r->what, err);
  while (err->status == MASTING_OK && next_wave(w)) {
    size_t sent, got;
    plan(w, &sent, &got);
    if (sent > w->out_room) w->out_room = sent;
    if (got > w->in_room) w->in_room = got;
  }
  w->to = 0;
  mst_alloc((void **)&w->out, w->out_room, MST_TILE_BYTES, w->r->what, err);
  return mst_alloc((void **)&w->in, w->in_room, MST_TILE_BYTES, w->r->what, err);
}

masting_status mst_rowwise_begin(mst_rowwise *r, const mst_dist *d, mst_rowwise_kind kind,
                                 mst_isa isa, mst_error *err) {
  *r = (mst_rowwise){.comm = d->grid->comm, .what = d->what, .kind = kind, .isa = isa, .n = d->n};
  wave w = {.d = d, .r = r};
  MPI_Datatype tile = MPI_DATATYPE_NULL;
  if (mst_rowwise_allocate(r, err) == MASTING_OK && wave_begin(&w, err) == MASTING_OK) {
    mst_mpi_check(MPI_Type_contiguous(MST_TILE_ELEMENTS, MPI_DOUBLE, &tile), "MPI_Type_contiguous",
                  err);
    if (tile != MPI_DATATYPE_NULL) MPI_Type_commit(&tile);
  }
  if (mst_agree(r->comm, err) == MASTING_OK)
    while (next_wave(&w)) send(&w, tile);
  if (tile != MPI_DATATYPE_NULL) MPI_Type_free(&tile);
  mst_free(&w.out);
  mst_free(&w.in);
  mst_free(&w.out_count);
  mst_free(&w.out_at);
  mst_free(&w.in_count);
  mst_free(&w.in_at);
  if (err->status != MASTING_OK) mst_rowwise_end(r);
  return err->status;
}
