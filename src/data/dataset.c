/* data/dataset.c -- see dataset.h. Rank 0 looks at the file and plans; then each rank reads its
 * rows from HDF5, or rank 0 hands them out from text, which it has read whole. */
#define _GNU_SOURCE
#include "data/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "data/h5.h"
#include "data/memory.h"
#include "data/read.h"
#include "data/source.h"

#define PIECE_BYTES (INT64_C(32) << 20) /* of rows on their way to another rank */

typedef struct reader {
  mst_dataset *data;
  const mst_comm *comm;
  const masting_model *model;
  const char *path;
  mst_source source; /* rank 0's; of an HDF5 file every rank's, once the schema is known */
  mst_schema schema;
} reader;

static masting_status fail_elsewhere(const reader *r, const char *what, mst_error *err) {
  char host[65] = "";
  gethostname(host, sizeof host - 1);
  return mst_fail(
      err, MASTING_ERR_NOFILE,
      "%s: rank %d on host %s %s; expected the same file on all ranks; try a folder that all "
      "nodes share",
      r->path, r->comm->rank, host, what);
}

/* Collective. Every rank sees a readable file, and one of the same length. */
static masting_status look_everywhere(const reader *r, mst_error *err) {
  mst_error mine = {0};
  int64_t bytes = 0, first;
  char what[200];
  if (mst_source_look(r->path, &bytes, &mine) != MASTING_OK) {
    snprintf(what, sizeof what, "cannot read it (%.120s)", mine.message);
    fail_elsewhere(r, what, err);
  }
  if (mst_agree(r->comm, err) != MASTING_OK) return err->status;
  first = bytes;
  mst_bcast(r->comm, &first, sizeof first, err);
  if (first != bytes) {
    snprintf(what, sizeof what, "sees %" PRId64 " bytes where rank 0 sees %" PRId64, bytes, first);
    fail_elsewhere(r, what, err);
  }
  return mst_agree(r->comm, err);
}

/* Collective. Rank 0 opens the file; all of them must see it unless it is text. */
static masting_status open_source(reader *r, const mst_read_options *options, mst_error *err) {
  mst_error mine = {0};
  int64_t bytes;
  if (r->comm->rank == 0 && mst_source_look(r->path, &bytes, &mine) != MASTING_OK)
    mst_fail(err, MASTING_ERR_NOFILE, "%s: %s; expected a data file", r->path, mine.message);
  if (r->comm->rank == 0 && !err->status) mst_source_open(&r->source, r->path, err);
  if (r->comm->rank == 0 && !err->status) mst_given_scalars(&r->source, options, err);
  if (mst_agree(r->comm, err) != MASTING_OK) return err->status;
  mst_bcast(r->comm, &r->source.text, sizeof r->source.text, err);
  if (mst_agree(r->comm, err) != MASTING_OK) return err->status;
  return r->source.text ? MASTING_OK : look_everywhere(r, err);
}

/* Collective. What is wanted, on all ranks; rank 0 keeps the file open. */
static masting_status make_schema(reader *r, const mst_read_options *options, mst_error *err) {
  int first = 0;
  while (first < r->model->ndata && r->model->data[first].made) first++;
  if (!r->path && first < r->model->ndata) {
    char wanted[128];
    const masting_data *d = &r->model->data[first];
    mst_declared(wanted, sizeof wanted, r->model, d->ndims, d->dims, d->name);
    return mst_fail(err, MASTING_ERR_USAGE,
                    "model %s: it needs data; expected a file with %s%s, got none", r->model->name,
                    wanted, r->model->ndata > first + 1 ? " and others" : "");
  }
  if (r->path && open_source(r, options, err) != MASTING_OK) return err->status;
  if (r->comm->rank == 0)
    mst_schema_make(&r->schema, r->model, r->path ? &r->source : NULL, r->path, options, err);
  if (mst_agree(r->comm, err) != MASTING_OK) return err->status;
  mst_bcast(r->comm, &r->schema, sizeof r->schema, err);
  return mst_agree(r->comm, err);
}

/* Collective. Sizes, this rank's rows and memory for them. */
static masting_status make_room(const reader *r, mst_error *err) {
  mst_dataset *data = r->data;
  const masting_model *m = r->model;
  int64_t elements[MST_MAX_DATA];
  memcpy(data->size, r->schema.size, sizeof data->size);
  data->shard = mst_shard_make(m->shard == MASTING_NO_SIZE ? 0 : data->size[m->shard],
                               r->comm->rank, r->comm->size);
  for (int i = 0; i < m->ndata; i++) {
    const mst_var_schema *v = &r->schema.var[i];
    int64_t width = v->before * v->after;
    data->type[i] = v->type;
    data->sharded[i] = v->shard_dim >= 0;
    elements[i] = 0;
    if (m->data[i].made) continue;
    data->row_bytes[i] = data->sharded[i] ? width * mst_type_bytes(v->type) : 0;
    elements[i] = data->sharded[i] ? width * data->shard.rows : width;
    data->bytes += elements[i] * mst_type_bytes(v->type);
  }
  if (mst_memory_refuse(r->comm, data->bytes, r->path ? r->path : m->name, err)) return err->status;
  for (int i = 0; i < m->ndata; i++)
    if (!m->data[i].made)
      mst_alloc(&data->var[i], (size_t)elements[i], (size_t)mst_type_bytes(data->type[i]),
                m->data[i].name, err);
  return mst_agree(r->comm, err);
}

/* Collective. Rank 0 reads a replicated variable and hands it to the others. */
static masting_status read_replicated(const reader *r, int var, mst_error *err) {
  const mst_var_schema *v = &r->schema.var[var];
  if (r->comm->rank == 0) {
    mst_faults faults;
    hid_t set;
    mst_faults_clear(&faults);
    const char *name = r->model->data[var].name;
    if (mst_read_dataset(&set, mst_source_file(&r->source, name), false, r->path, name, err) ==
            MASTING_OK &&
        mst_read_rows(set, r->path, r->model, var, &r->schema, (mst_grow){0}, 0, r->data->var[var],
                      &faults, err) == MASTING_OK)
      mst_faults_fail(&faults, r->path, r->model, var, &r->schema, err);
    mst_h5_close(&set);
  }
  if (mst_agree(r->comm, err) != MASTING_OK) return err->status;
  mst_bcast(r->comm, r->data->var[var], v->after * mst_type_bytes(v->type), err);
  return mst_agree(r->comm, err);
}

/* Collective. Adds up the ranks' faults; the rank that has the first one puts it into words. */
static masting_status join_faults(const reader *r, int var, const mst_faults *mine,
                                  mst_error *err) {
  mst_faults all = *mine;
  mst_mpi_check(
      MPI_Allreduce(mine->count, all.count, MST_FAULTS, MPI_INT64_T, MPI_SUM, r->comm->mpi),
      "MPI_Allreduce", err);
  mst_mpi_check(
      MPI_Allreduce(mine->first, all.first, MST_FAULTS, MPI_INT64_T, MPI_MIN, r->comm->mpi),
      "MPI_Allreduce", err);
  mst_fault worst = mst_faults_worst(&all);
  if (worst != MST_FAULTS && mine->first[worst] == all.first[worst])
    mst_faults_fail(&all, r->path, r->model, var, &r->schema, err);
  return mst_agree(r->comm, err);
}

/* Rank 0 reads a rank's rows piece by piece and sends them. */
static void hand_out(const reader *r, hid_t set, int var, int to, mst_faults *faults,
                     mst_error *err) {
  const mst_shard s = mst_shard_make(r->data->shard.n, to, r->comm->size);
  const int64_t row = r->data->row_bytes[var], most = PIECE_BYTES / row + 1;
  void *piece = NULL;
  mst_alloc(&piece, (size_t)(most < s.rows ? most : s.rows), (size_t)row, "a piece of the data",
            err);
  for (int64_t first = 0; first < s.rows; first += most) {
    int64_t rows = s.rows - first < most ? s.rows - first : most;
    if (piece && err->status == MASTING_OK)
      mst_read_rows(set, r->path, r->model, var, &r->schema, (mst_grow){s.first_row.v + first},
                    rows, piece, faults, err);
    /* Nothing is sent after a failure but its fact: the other rank waits for each piece. */
    int count = err->status == MASTING_OK ? (int)(rows * row) : 0;
    mst_mpi_check(MPI_Send(piece, count, MPI_BYTE, to, var, r->comm->mpi), "MPI_Send", err);
  }
  mst_free(&piece);
}

static void take_in(const reader *r, int var, mst_error *err) {
  const int64_t row = r->data->row_bytes[var], most = PIECE_BYTES / row + 1;
  for (int64_t first = 0; first < r->data->shard.rows; first += most) {
    int64_t left = r->data->shard.rows - first, rows = left < most ? left : most;
    mst_mpi_check(MPI_Recv((char *)r->data->var[var] + first * row, (int)(rows * row), MPI_BYTE, 0,
                           var, r->comm->mpi, MPI_STATUS_IGNORE),
                  "MPI_Recv", err);
  }
}

/* Collective. Each rank its rows of a sharded variable, from rank 0, which sees all faults. */
static void share_rows(const reader *r, hid_t set, int var, mst_faults *faults, mst_error *err) {
  const mst_shard *s = &r->data->shard;
  if (r->comm->rank > 0) {
    take_in(r, var, err);
    return;
  }
  if (s->rows > 0)
    mst_read_rows(set, r->path, r->model, var, &r->schema, s->first_row, s->rows, r->data->var[var],
                  faults, err);
  for (int to = 1; to < r->comm->size; to++) hand_out(r, set, var, to, faults, err);
}

/* Collective. Each rank its rows of a sharded variable. */
static masting_status read_sharded(const reader *r, int var, mst_error *err) {
  const mst_shard *s = &r->data->shard;
  const bool text = r->source.text;
  mst_faults faults;
  hid_t set = H5I_INVALID_HID;
  mst_faults_clear(&faults);
  if (!text || r->comm->rank == 0)
    mst_read_dataset(&set, r->source.h5, !text && r->comm->size > 1, r->path,
                     r->model->data[var].name, err);
  if (mst_agree(r->comm, err) == MASTING_OK) {
    if (text)
      share_rows(r, set, var, &faults, err);
    else if (s->rows > 0)
      mst_read_rows(set, r->path, r->model, var, &r->schema, s->first_row, s->rows,
                    r->data->var[var], &faults, err);
    if (mst_agree(r->comm, err) == MASTING_OK) join_faults(r, var, &faults, err);
  }
  mst_h5_close(&set);
  return err->status;
}

/* Is anything of variable i to be read? */
static bool there(const reader *r, int i) {
  const mst_var_schema *v = &r->schema.var[i];
  return !r->model->data[i].made && v->before * v->after > 0 &&
         (v->shard_dim < 0 || r->data->shard.n > 0);
}

/* Collective. One rank alone goes on with the file it has; several open it together. */
static masting_status read_all(reader *r, mst_error *err) {
  const masting_model *m = r->model;
  bool any = false;
  for (int i = 0; i < m->ndata; i++) {
    if (!there(r, i)) continue;
    any |= r->data->sharded[i] != 0;
    if (!r->data->sharded[i] && read_replicated(r, i, err) != MASTING_OK) return err->status;
  }
  if (any && r->comm->size > 1 && !r->source.text) {
    mst_h5_close(&r->source.h5);
    mst_read_open(&r->source.h5, r->comm, r->path, err);
    if (mst_agree(r->comm, err) != MASTING_OK) return err->status;
  }
  for (int i = 0; i < m->ndata; i++)
    if (there(r, i) && r->data->sharded[i] && read_sharded(r, i, err) != MASTING_OK)
      return err->status;
  return MASTING_OK;
}

/* Collective. Blocks are hashed one by one and the hashes added: order and ranks do not matter, and
 * the seed tells block and variable apart. */
static masting_status hash_all(const reader *r, mst_error *err) {
  const masting_model *m = r->model;
  mst_dataset *data = r->data;
  uint64_t sums[MST_MAX_DATA] = {0}, total[MST_MAX_DATA] = {0};
  for (int i = 0; i < m->ndata; i++) {
    if (!data->sharded[i] || m->data[i].made) continue;
    for (int64_t b = 0; b < data->shard.my_blocks; b++) {
      const char *at =
          (const char *)data->var[i] + mst_block_first(&data->shard, b).v * data->row_bytes[i];
      size_t bytes = (size_t)(mst_block_count(&data->shard, b) * data->row_bytes[i]);
      sums[i] += XXH3_64bits_withSeed(at, bytes, (uint64_t)(data->shard.first_block + b));
    }
  }
  mst_mpi_check(MPI_Allreduce(sums, total, m->ndata, MPI_UINT64_T, MPI_SUM, r->comm->mpi),
                "MPI_Allreduce", err);
  uint64_t h = XXH3_64bits(data->size, (size_t)m->nsizes * sizeof *data->size);
  for (int i = 0; i < m->ndata; i++) {
    const mst_var_schema *v = &r->schema.var[i];
    if (m->data[i].made) continue;
    if (!data->sharded[i])
      total[i] = XXH3_64bits(data->var[i], (size_t)(v->after * mst_type_bytes(v->type)));
    h = XXH3_64bits_withSeed(m->data[i].name, strlen(m->data[i].name), h ^ (uint64_t)v->type);
    h = XXH3_64bits_withSeed(&total[i], sizeof total[i], h);
  }
  data->hash = h;
  return mst_agree(r->comm, err);
}

masting_status mst_dataset_read(mst_dataset *data, const mst_comm *comm, const masting_model *model,
                                const char *path, const mst_read_options *options, mst_error *err) {
  reader r = {.data = data, .comm = comm, .model = model, .path = path};
  r.source.h5 = r.source.given = H5I_INVALID_HID;
  memset(data, 0, sizeof *data);
  data->seed = options ? options->seed : 0;
  if (make_schema(&r, options, err) == MASTING_OK && make_room(&r, err) == MASTING_OK &&
      read_all(&r, err) == MASTING_OK)
    hash_all(&r, err);
  mst_source_close(&r.source);
  return err->status;
}

void mst_dataset_free(mst_dataset *data) {
  for (int i = 0; i < MST_MAX_DATA; i++) mst_free(&data->var[i]);
}
