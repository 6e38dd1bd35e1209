/* par/archive.c -- see archive.h. */
#define _GNU_SOURCE
#include "par/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "par/archive_impl.h"

#define ALIGN_FROM (64 * 1024) /* pieces from this on begin on a page */
#define PAGE 4096

static void release(mst_archive **archive) {
  mst_archive *a = *archive;
  if (!a) return;
  if (a->fd >= 0) close(a->fd);
  free(a->path);
  free(a->temporary);
  mst_free(&a->piece);
  mst_fields_free(&a->fields);
  mst_free(archive);
}

static masting_status make(mst_archive **archive, const mst_comm *comm, const char *path,
                           bool reading, mst_error *err) {
  if (mst_alloc((void **)archive, 1, sizeof **archive, "checkpoint", err) != MASTING_OK)
    return err->status;
  mst_archive *a = *archive;
  a->comm = *comm;
  a->reading = reading;
  a->fd = -1;
  a->bytes = sizeof(mst_archive_head);
  a->path = strdup(path);
  if (asprintf(&a->temporary, "%s.new", path) < 0) a->temporary = NULL;
  if (!a->path || !a->temporary) mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", path);
  return err->status;
}

masting_status mst_archive_create(mst_archive **archive, const mst_comm *comm, const char *path,
                                  mst_error *err) {
  *archive = NULL;
  make(archive, comm, path, false, err);
  mst_archive *a = *archive;
  if (comm->rank == 0 && err->status == MASTING_OK) {
    unlink(a->temporary); /* of a run that died */
    a->fd = open(a->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (a->fd < 0) mst_archive_fail_errno(a, "create it", err);
  }
  if (mst_agree(comm, err) == MASTING_OK) {
    if (comm->rank != 0) a->fd = open(a->temporary, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (a->fd < 0) mst_archive_fail_errno(a, "open it", err);
    mst_agree(comm, err);
  }
  if (err->status != MASTING_OK) release(archive);
  return err->status;
}

/* ---- reading: everything is verified first ---- */

/* Sums of hashes of this rank's share of a piece's units. */
static uint64_t hash_share(mst_archive *a, const mst_archive_piece *p, char *buffer, int64_t room,
                           mst_error *err) {
  const int64_t units = mst_archive_count(p), size = a->comm.size, each = room / p->unit;
  int64_t at = units * a->comm.rank / size, end = units * (a->comm.rank + 1) / size;
  uint64_t sum = 0;
  while (at < end && err->status == MASTING_OK) {
    const int64_t here = end - at < each ? end - at : each;
    const int64_t bytes = (here - 1) * p->unit + mst_archive_unit_bytes(p, at + here - 1);
    if (mst_archive_pread(a->fd, a->path, buffer, bytes, p->offset + at * p->unit, err) !=
        MASTING_OK)
      break;
    for (int64_t i = 0; i < here; i++)
      sum += mst_archive_hash(buffer + i * p->unit, mst_archive_unit_bytes(p, at + i), at + i);
    at += here;
  }
  return sum;
}

/* Adds up over ranks what each has hashed of every piece. Collective. */
static masting_status add_hashes(const mst_archive *a, uint64_t *sum, mst_error *err) {
  return mst_mpi_check(
      MPI_Allreduce(MPI_IN_PLACE, sum, (int)a->count, MPI_UINT64_T, MPI_SUM, a->comm.mpi),
      "MPI_Allreduce", err);
}

static masting_status verify(mst_archive *a, mst_error *err) {
  int64_t room = MST_ARCHIVE_CHUNK;
  for (int64_t i = 0; i < a->count; i++) room = room < a->piece[i].unit ? a->piece[i].unit : room;
  uint64_t *sum = NULL;
  char *buffer = NULL;
  mst_alloc((void **)&sum, (size_t)a->count, sizeof *sum, "checkpoint", err);
  mst_alloc((void **)&buffer, (size_t)room, 1, "checkpoint", err);
  for (int64_t i = 0; i < a->count && err->status == MASTING_OK; i++)
    sum[i] = hash_share(a, &a->piece[i], buffer, room, err);
  if (mst_agree(&a->comm, err) == MASTING_OK && add_hashes(a, sum, err) == MASTING_OK)
    for (int64_t i = 0; i < a->count; i++)
      if (sum[i] != a->piece[i].hash)
        mst_fail(err, MASTING_ERR_FORMAT, "%s: damaged: '%s' has another checksum", a->path,
                 a->piece[i].name);
  mst_free(&sum);
  mst_free(&buffer);
  return err->status;
}

/* Rank 0's table is everybody's. Collective. */
static masting_status share_table(mst_archive *a, mst_archive_head *head, mst_error *err) {
  if (mst_bcast(&a->comm, head, sizeof *head, err) != MASTING_OK) return err->status;
  a->count = head->count;
  a->bytes = head->bytes;
  if (!a->piece)
    mst_alloc((void **)&a->piece, (size_t)a->count, sizeof *a->piece, "checkpoint", err);
  if (mst_agree(&a->comm, err) != MASTING_OK) return err->status;
  return mst_bcast(&a->comm, a->piece, a->count * (int64_t)sizeof *a->piece, err);
}

masting_status mst_archive_open(mst_archive **archive, const mst_comm *comm, const char *path,
                                mst_error *err) {
  mst_archive_head head = {.count = 0};
  *archive = NULL;
  make(archive, comm, path, true, err);
  mst_archive *a = *archive;
  if (err->status == MASTING_OK) {
    a->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (a->fd < 0)
      mst_archive_fail_errno(a, "open the checkpoint", err);
    else if (comm->rank == 0)
      mst_archive_table(a->fd, path, &head, &a->piece, err);
  }
  if (mst_agree(comm, err) == MASTING_OK && share_table(a, &head, err) == MASTING_OK)
    verify(a, err);
  if (err->status != MASTING_OK) release(archive);
  return err->status;
}

/* ---- pieces ---- */

bool mst_archive_reading(const mst_archive *a) { return a->reading; }
bool mst_archive_failed(const mst_archive *a) { return a->error.status != MASTING_OK; }
int64_t mst_archive_bytes(const mst_archive *a) { return a->bytes; }

void mst_archive_fail(mst_archive *a, const mst_error *error) {
  if (error->status != MASTING_OK && a->error.status == MASTING_OK) a->error = *error;
  mst_archive_agree(a);
}

void mst_archive_agree(mst_archive *a) {
  if (a->reading) mst_agree(&a->comm, &a->error);
}

static void grow(mst_archive *a) {
  if (a->count < a->room) return;
  const int64_t room = 2 * a->room + 64;
  mst_archive_piece *more = NULL;
  if (mst_alloc((void **)&more, (size_t)room, sizeof *more, "checkpoint", &a->error) != MASTING_OK)
    return;
  if (a->count) memcpy(more, a->piece, (size_t)a->count * sizeof *more);
  mst_free(&a->piece);
  a->piece = more;
  a->room = room;
}

static void append(mst_archive *a, const char *name, int64_t bytes, int64_t unit) {
  const int64_t align = bytes >= ALIGN_FROM ? PAGE : 8;
  grow(a);
  if (mst_archive_failed(a)) return;
  mst_archive_piece *p = &a->piece[a->count++];
  memset(p, 0, sizeof *p);
  MST_ASSERT(strlen(name) < sizeof p->name);
  memcpy(p->name, name, strlen(name));
  p->offset = (a->bytes + align - 1) / align * align;
  p->bytes = bytes;
  p->unit = unit;
  a->bytes = p->offset + bytes;
}

/* The piece that follows; NULL, with an error, if it is another one. bytes < 0: any. */
static mst_archive_piece *next(mst_archive *a, const char *name, int64_t bytes, int64_t unit) {
  if (unit <= 0) unit = 1;
  if (!a->reading) append(a, name, bytes, unit);
  if (mst_archive_failed(a)) return NULL;
  if (!a->reading) return &a->piece[a->count - 1];
  const char *found = a->next < a->count ? a->piece[a->next].name : "nothing";
  mst_archive_piece *p = a->next < a->count ? &a->piece[a->next++] : NULL;
  if (p && strcmp(found, name) == 0 && p->unit == unit && (bytes < 0 || p->bytes == bytes))
    return p;
  mst_fail(&a->error, MASTING_ERR_FORMAT,
           "%s: written by another version of masting, or of another run; expected '%s' of %lld "
           "bytes, got '%s' of %lld",
           a->path, name, (long long)bytes, found, p ? (long long)p->bytes : 0);
  return NULL;
}

static void put_whole(mst_archive *a, mst_archive_piece *p, const void *bytes) {
  for (int64_t i = 0; i < mst_archive_count(p); i++)
    p->hash += mst_archive_hash((const char *)bytes + i * p->unit, mst_archive_unit_bytes(p, i), i);
  mst_archive_put(a, bytes, p->bytes, p->offset);
}

/* Collective. */
static void get_whole(mst_archive *a, const mst_archive_piece *p, void *bytes) {
  if (a->comm.rank == 0) mst_archive_pread(a->fd, a->path, bytes, p->bytes, p->offset, &a->error);
  if (mst_agree(&a->comm, &a->error) == MASTING_OK) mst_bcast(&a->comm, bytes, p->bytes, &a->error);
}

mst_fields *mst_archive_fields(mst_archive *a, const char *name) {
  mst_fields_free(&a->fields);
  mst_fields *f = &a->fields;
  f->reading = a->reading;
  if (!a->reading) return f;
  mst_archive_piece *p = next(a, name, -1, MST_ARCHIVE_CHUNK);
  mst_error none = {0};
  if (p) f->bytes = malloc((size_t)p->bytes + 1);
  if (p && !f->bytes) mst_fail(&none, MASTING_ERR_MEMORY, "%s: no memory left", a->path);
  mst_archive_fail(a, &none);
  if (mst_archive_failed(a)) {
    mst_fields_free(f);
    f->reading = true;
    return f;
  }
  f->size = f->room = (size_t)p->bytes;
  get_whole(a, p, f->bytes);
  return f;
}

void mst_archive_fields_share(mst_archive *a) {
  mst_fields *f = &a->fields;
  int64_t size = (int64_t)f->size;
  mst_error err = {0};
  mst_bcast(&a->comm, &size, sizeof size, &err);
  if (err.status == MASTING_OK && (size_t)size > f->room && !f->bad) {
    unsigned char *more = realloc(f->bytes, (size_t)size);
    f->bad |= !more;
    if (more) f->bytes = more;
    if (more) f->room = (size_t)size;
  }
  if (f->bad) mst_fail(&err, MASTING_ERR_MEMORY, "%s: no memory left", a->path);
  if (mst_agree(&a->comm, &err) == MASTING_OK) {
    f->size = (size_t)size;
    mst_bcast(&a->comm, f->bytes, size, &err);
  }
  if (err.status != MASTING_OK && a->error.status == MASTING_OK) a->error = err;
}

void mst_archive_fields_end(mst_archive *a, const char *name) {
  mst_fields *f = &a->fields;
  if (a->reading) {
    if (!mst_fields_done(f))
      mst_fail(&a->error, MASTING_ERR_FORMAT,
               "%s: '%s' is of another version of masting, or of another run; try the masting that "
               "wrote it",
               a->path, name);
    mst_archive_agree(a);
    return;
  }
  if (f->bad) mst_fail(&a->error, MASTING_ERR_MEMORY, "%s: no memory left", a->path);
  mst_archive_whole(a, name, f->bytes, (int64_t)f->size);
}

void mst_archive_whole(mst_archive *a, const char *name, void *bytes, int64_t count) {
  mst_archive_piece *p = next(a, name, count, MST_ARCHIVE_CHUNK);
  if (a->reading) {
    if (mst_agree(&a->comm, &a->error) == MASTING_OK) get_whole(a, p, bytes);
  } else if (p && a->comm.rank == 0) {
    put_whole(a, p, bytes);
  }
}

void mst_archive_units(mst_archive *a, const char *name, int64_t bytes, int64_t unit) {
  next(a, name, bytes, unit);
}

void mst_archive_unit(mst_archive *a, int64_t i, void *unit) {
  if (mst_archive_failed(a)) return;
  mst_archive_piece *p = &a->piece[(a->reading ? a->next : a->count) - 1];
  MST_ASSERT(i >= 0 && i < mst_archive_count(p));
  const int64_t bytes = mst_archive_unit_bytes(p, i), offset = p->offset + i * p->unit;
  if (a->reading) {
    mst_archive_pread(a->fd, a->path, unit, bytes, offset, &a->error);
    return;
  }
  p->hash += mst_archive_hash(unit, bytes, i);
  mst_archive_put(a, unit, bytes, offset);
}

void mst_archive_rows(mst_archive *a, const char *name, const mst_shard *s, int64_t row_bytes,
                      void *mine) {
  mst_archive_piece *p = next(a, name, s->n * row_bytes, s->block_rows * row_bytes);
  const int64_t bytes = s->rows * row_bytes;
  const int64_t offset = p ? p->offset + s->first_row.v * row_bytes : 0;
  if (a->reading) {
    if (p) mst_archive_pread(a->fd, a->path, mine, bytes, offset, &a->error);
    mst_archive_agree(a);
    return;
  }
  if (!p || bytes == 0) return;
  for (int64_t b = 0; b < s->my_blocks; b++)
    p->hash += mst_archive_hash((const char *)mine + b * p->unit,
                                mst_archive_unit_bytes(p, s->first_block + b), s->first_block + b);
  mst_archive_put(a, mine, bytes, offset);
}

/* ---- the end ---- */

static masting_status finish(mst_archive *a, mst_error *err) {
  uint64_t *hash = NULL;
  if (mst_agree(&a->comm, &a->error) != MASTING_OK) {
    *err = a->error;
    return err->status;
  }
  if (fsync(a->fd) != 0) mst_archive_fail_errno(a, "sync it", err);
  mst_alloc((void **)&hash, (size_t)a->count, sizeof *hash, "checkpoint", err);
  for (int64_t i = 0; i < a->count && hash; i++) hash[i] = a->piece[i].hash;
  if (mst_agree(&a->comm, err) == MASTING_OK && add_hashes(a, hash, err) == MASTING_OK) {
    if (a->comm.rank == 0 && mst_archive_seal(a, hash, err) == MASTING_OK)
      mst_archive_publish(a, err);
    mst_agree(&a->comm, err);
  }
  mst_free(&hash);
  return err->status;
}

masting_status mst_archive_end(mst_archive **archive, mst_error *err) {
  mst_archive *a = *archive;
  if (!a) return err->status;
  if (a->reading) {
    if (mst_agree(&a->comm, &a->error) != MASTING_OK) *err = a->error;
  } else if (finish(a, err) != MASTING_OK && a->comm.rank == 0) {
    unlink(a->temporary);
  }
  release(archive);
  return err->status;
}
