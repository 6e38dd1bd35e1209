/* base/file.c -- see file.h. */
#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read until the end, not to a size that the system reports: it is 0 for pipes and under /proc. */
static char *read_all(FILE *f, size_t most, size_t *size) {
  char *text = NULL;
  size_t room = 0;
  *size = 0;
  for (;;) {
    if (room - *size < 4096) {
      char *more = realloc(text, room = 2 * room + 16384);
      if (!more) break;
      text = more;
    }
    const size_t n = fread(text + *size, 1, room - *size - 1, f);
    *size += n;
    if (most && *size > most) {
      errno = EFBIG;
      break;
    }
    if (n > 0) continue;
    if (ferror(f)) break;
    text[*size] = '\0';
    return text;
  }
  free(text);
  return NULL;
}

char *mst_file_read(const char *path, size_t most, size_t *bytes) {
  FILE *f = fopen(path, "rbe");
  struct stat st;
  if (!f) return NULL;
  char *text = NULL;
  size_t size = 0;
  if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode))
    errno = EISDIR;
  else
    text = read_all(f, most, &size);
  const int why = errno;
  fclose(f);
  errno = why;
  if (bytes) *bytes = size;
  return text;
}

int mst_file_fresh(const char *path, unsigned mode) {
  if (unlink(path) != 0 && errno != ENOENT) return -1;
  return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
}

int mst_file_publish(const char *from, const char *to, bool replace) {
  if (replace) return rename(from, to) == 0 ? 0 : errno;
#ifdef RENAME_NOREPLACE
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
#endif
  /* a file system without it: a second name is refused where there is one */
  if (link(from, to) == 0) return unlink(from) == 0 ? 0 : errno;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) return errno;
  struct stat there;
  if (lstat(to, &there) == 0) return EEXIST;
  return rename(from, to) == 0 ? 0 : errno;
}
