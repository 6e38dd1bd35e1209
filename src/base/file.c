/* base/file.c -- see file.h. */
#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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
