/* par/archive_table.c -- head and table of an archive: made, and checked before they are believed.
 * See archive.h. */
#define XXH_INLINE_ALL
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/mem.h"
#include "par/archive_impl.h"

#define MAGIC "mastckpt"
#define FORMAT 1
#define ORDER 0x01020304u
#define MOST_PIECES (1 << 20)

int64_t mst_archive_count(const mst_archive_piece *p) {
  return p->bytes / p->unit + (p->bytes % p->unit != 0);
}

int64_t mst_archive_unit_bytes(const mst_archive_piece *p, int64_t i) {
  const int64_t left = p->bytes - i * p->unit;
  return left < p->unit ? left : p->unit;
}

uint64_t mst_archive_hash(const void *bytes, int64_t count, int64_t index) {
  return XXH3_64bits_withSeed(bytes, (size_t)count, (uint64_t)index + 1);
}

masting_status mst_archive_pread(int fd, const char *path, void *bytes, int64_t count,
                                 int64_t offset, mst_error *err) {
  char *at = bytes;
  while (count > 0) {
    const size_t piece = count < (1 << 30) ? (size_t)count : (size_t)1 << 30;
    const ssize_t n = pread(fd, at, piece, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return mst_fail(err, MASTING_ERR_IO, "%s: cannot read it: %s", path, strerror(errno));
    if (n == 0) return mst_fail(err, MASTING_ERR_FORMAT, "%s: the file is cut short", path);
    at += n;
    offset += n;
    count -= n;
  }
  return MASTING_OK;
}

static uint64_t hash_head(const mst_archive_head *head) {
  return mst_archive_hash(head, (int64_t)offsetof(mst_archive_head, hash), 0);
}

void mst_archive_head_seal(mst_archive_head *h, const mst_archive_piece *piece, int64_t count) {
  memcpy(h->magic, MAGIC, sizeof h->magic);
  h->format = FORMAT;
  h->order = ORDER;
  h->count = count;
  h->table_hash = mst_archive_hash(piece, count * (int64_t)sizeof *piece, 0);
  h->hash = hash_head(h);
}

static masting_status check_head(const mst_archive_head *h, const char *path, int64_t bytes,
                                 mst_error *err) {
  if (memcmp(h->magic, MAGIC, sizeof h->magic) != 0)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: not a checkpoint of masting", path);
  if (h->order != ORDER)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: written on a machine with another byte order; expected this one's", path);
  if (h->format != FORMAT)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: written by another version of masting; expected format %d, got %u; try "
                    "the masting that wrote it",
                    path, FORMAT, h->format);
  if (hash_head(h) != h->hash)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: damaged: its head has another checksum", path);
  if (h->bytes != bytes)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: the file is cut short or grown; expected %lld bytes, got %lld", path,
                    (long long)h->bytes, (long long)bytes);
  const int64_t table = h->count * (int64_t)sizeof(mst_archive_piece);
  if (h->count < 0 || h->count > MOST_PIECES || h->table < (int64_t)sizeof *h ||
      h->table + table != bytes)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: damaged: its head makes no sense", path);
  return MASTING_OK;
}

static masting_status check_pieces(const mst_archive_head *h, const mst_archive_piece *piece,
                                   const char *path, mst_error *err) {
  if (mst_archive_hash(piece, h->count * (int64_t)sizeof *piece, 0) != h->table_hash)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: damaged: its table has another checksum", path);
  for (int64_t i = 0; i < h->count; i++) {
    const mst_archive_piece *p = &piece[i];
    if (!memchr(p->name, 0, sizeof p->name) || p->unit <= 0 || p->bytes < 0 || p->offset < 0 ||
        p->bytes > h->table || p->offset > h->table - p->bytes)
      return mst_fail(err, MASTING_ERR_FORMAT, "%s: damaged: its table makes no sense", path);
  }
  return MASTING_OK;
}

masting_status mst_archive_table(int fd, const char *path, mst_archive_head *head,
                                 mst_archive_piece **piece, mst_error *err) {
  struct stat st;
  *piece = NULL;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: not a regular file; expected a checkpoint", path);
  if (st.st_size < (off_t)sizeof *head)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: too short for a checkpoint: expected at least %zu bytes, got %lld", path,
                    sizeof *head, (long long)st.st_size);
  if (mst_archive_pread(fd, path, head, sizeof *head, 0, err) != MASTING_OK ||
      check_head(head, path, st.st_size, err) != MASTING_OK ||
      mst_alloc((void **)piece, (size_t)head->count, sizeof **piece, "checkpoint", err) !=
          MASTING_OK)
    return err->status;
  if (mst_archive_pread(fd, path, *piece, head->count * (int64_t)sizeof **piece, head->table,
                        err) == MASTING_OK)
    check_pieces(head, *piece, path, err);
  if (err->status != MASTING_OK) mst_free(piece);
  return err->status;
}

/* ---- before there are ranks ---- */

static const mst_archive_piece *find(const mst_archive_piece *piece, int64_t count,
                                     const char *name) {
  for (int64_t i = 0; i < count; i++)
    if (strcmp(piece[i].name, name) == 0) return &piece[i];
  return NULL;
}

static masting_status read_fields(int fd, const char *path, const mst_archive_piece *p,
                                  mst_fields *f, mst_error *err) {
  uint64_t hash = 0;
  f->bytes = malloc((size_t)p->bytes + 1);
  f->size = (size_t)p->bytes;
  f->reading = true;
  if (!f->bytes) return mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", path);
  if (mst_archive_pread(fd, path, f->bytes, p->bytes, p->offset, err) != MASTING_OK)
    return err->status;
  for (int64_t i = 0; i < mst_archive_count(p); i++)
    hash += mst_archive_hash(f->bytes + i * p->unit, mst_archive_unit_bytes(p, i), i);
  if (hash == p->hash) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_FORMAT, "%s: damaged: '%s' has another checksum", path, p->name);
}

masting_status mst_archive_peek(const char *path, const char *name, mst_fields *fields,
                                mst_error *err) {
  mst_archive_head head = {.count = 0};
  mst_archive_piece *piece = NULL;
  *fields = (mst_fields){.reading = true};
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot open the checkpoint: %s", path,
                    strerror(errno));
  if (mst_archive_table(fd, path, &head, &piece, err) == MASTING_OK) {
    const mst_archive_piece *p = find(piece, head.count, name);
    if (p)
      read_fields(fd, path, p, fields, err);
    else
      mst_fail(err, MASTING_ERR_FORMAT, "%s: there is no piece '%s'; expected a run's checkpoint",
               path, name);
  }
  close(fd);
  mst_free(&piece);
  if (err->status != MASTING_OK) mst_fields_free(fields);
  return err->status;
}
