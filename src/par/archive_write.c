/* par/archive_write.c -- bytes to the file, and the file to its name. See archive.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "par/archive_impl.h"

#define SOON (INT64_C(1) << 22) /* bytes after which what was written is sent to the device */

masting_status mst_archive_fail_errno(const mst_archive *a, const char *what, mst_error *err) {
  const bool users = errno == ENOENT || errno == EACCES || errno == ENOTDIR || errno == EROFS;
  return mst_fail(err, users ? MASTING_ERR_NOFILE : MASTING_ERR_IO, "%s: cannot %s: %s",
                  a->reading ? a->path : a->temporary, what, strerror(errno));
}

void mst_archive_put(mst_archive *a, const void *bytes, int64_t count, int64_t offset) {
  const char *at = bytes;
  while (count > 0 && !mst_archive_failed(a)) {
    const ssize_t n =
        pwrite(a->fd, at, count < (1 << 30) ? (size_t)count : (size_t)1 << 30, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n == 0) errno = ENOSPC;
      mst_archive_fail_errno(a, "write it", &a->error);
      return;
    }
    if (n >= SOON) (void)sync_file_range(a->fd, offset, n, SYNC_FILE_RANGE_WRITE);
    at += n;
    offset += n;
    count -= n;
  }
}

/* Rank 0, when every rank's pieces are on the device. */
masting_status mst_archive_seal(mst_archive *a, const uint64_t *hash, mst_error *err) {
  mst_archive_head head = {.table = (a->bytes + 7) / 8 * 8};
  const int64_t table = a->count * (int64_t)sizeof *a->piece;
  for (int64_t i = 0; i < a->count; i++) a->piece[i].hash = hash[i];
  head.bytes = head.table + table;
  mst_archive_head_seal(&head, a->piece, a->count);
  mst_archive_put(a, a->piece, table, head.table);
  mst_archive_put(a, &head, sizeof head, 0);
  if (!mst_archive_failed(a) && fsync(a->fd) != 0) mst_archive_fail_errno(a, "sync it", &a->error);
  *err = a->error;
  return err->status;
}

/* The name itself must survive a crash as well. */
static masting_status sync_folder(const mst_archive *a, mst_error *err) {
  char *folder = strdup(a->path);
  if (!folder) return mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", a->path);
  char *slash = strrchr(folder, '/');
  if (slash) slash[slash == folder] = '\0';
  const int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* EINVAL: a file system that has no such notion */
  if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
    mst_archive_fail_errno(a, "sync its folder", err);
  if (fd >= 0) close(fd);
  free(folder);
  return err->status;
}

/* By a link, so that PATH is there at every moment; where there are no links, in two steps. */
masting_status mst_archive_publish(const mst_archive *a, mst_error *err) {
  char *before = NULL;
  if (asprintf(&before, "%s.before", a->path) < 0)
    return mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", a->path);
  if (access(a->path, F_OK) == 0) {
    unlink(before);
    if (link(a->path, before) != 0 && rename(a->path, before) != 0)
      mst_archive_fail_errno(a, "keep the checkpoint before it", err);
  }
  free(before);
  if (err->status == MASTING_OK && rename(a->temporary, a->path) != 0)
    mst_archive_fail_errno(a, "rename it to its final name", err);
  return err->status == MASTING_OK ? sync_folder(a, err) : err->status;
}
