/* par/archive_impl.h -- what the files of archive share. Not collective. */
#ifndef MST_PAR_ARCHIVE_IMPL_H
#define MST_PAR_ARCHIVE_IMPL_H

#include "par/archive.h"

#define MST_ARCHIVE_NAME 40
#define MST_ARCHIVE_CHUNK (INT64_C(1) << 20) /* unit of what rank 0 writes */

typedef struct mst_archive_piece {
  char name[MST_ARCHIVE_NAME];
  int64_t offset, bytes, unit;
  uint64_t hash;
} mst_archive_piece;

typedef struct mst_archive_head {
  char magic[8];
  uint32_t format, order; /* order: 0x01020304 as the writer has it */
  int64_t count, table;   /* pieces; where their table stands */
  int64_t bytes;          /* of the file */
  uint64_t table_hash, hash;
} mst_archive_head;

struct mst_archive {
  mst_comm comm;
  bool reading;
  int fd;
  char *path, *temporary;
  mst_archive_piece *piece;
  int64_t count, room, next, bytes;
  mst_fields fields;
  mst_error error;
};

int64_t mst_archive_count(const mst_archive_piece *piece);                 /* of units */
int64_t mst_archive_unit_bytes(const mst_archive_piece *piece, int64_t i); /* of unit i */
uint64_t mst_archive_hash(const void *bytes, int64_t count, int64_t index);

/* All of it, or an error. */
masting_status mst_archive_pread(int fd, const char *path, void *bytes, int64_t count,
                                 int64_t offset, mst_error *err);

/* Head and table of an open file, checked; *piece is to be freed with mst_free. */
masting_status mst_archive_table(int fd, const char *path, mst_archive_head *head,
                                 mst_archive_piece **piece, mst_error *err);

void mst_archive_head_seal(mst_archive_head *head, const mst_archive_piece *piece, int64_t count);

/* An error with errno: which file, and what cannot be done. */
masting_status mst_archive_fail_errno(const mst_archive *archive, const char *what, mst_error *err);

/* Writes; the first failure stays in the archive. */
void mst_archive_put(mst_archive *archive, const void *bytes, int64_t count, int64_t offset);

/* Rank 0, when every rank's pieces are on the device: hashes, table and head; then the name. */
masting_status mst_archive_seal(mst_archive *archive, const uint64_t *hash, mst_error *err);
masting_status mst_archive_publish(const mst_archive *archive, mst_error *err);

#endif
