/* data/text.c -- see text.h. */
#define _GNU_SOURCE
#include "data/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define PIECE_BYTES ((size_t)1 << 20)

void mst_text_more(mst_text *t) {
  memmove(t->buffer, t->buffer + t->at, t->end - t->at);
  t->before += (int64_t)t->at;
  t->end -= t->at;
  t->at = 0;
  while (!t->last && t->end < PIECE_BYTES) {
    ssize_t n = read(t->fd - 1, t->buffer + t->end, PIECE_BYTES - t->end);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) t->failed = errno;
    if (n <= 0) t->last = true;
    if (n > 0) t->end += (size_t)n;
  }
  t->buffer[t->end] = '\0';
}

masting_status mst_text_open(mst_text *t, const char *path, mst_error *err) {
  t->path = path;
  t->line = 1;
  t->fd = open(path, O_RDONLY | O_CLOEXEC) + 1;
  if (!t->fd)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be opened: %s", path, strerror(errno));
  if (mst_alloc((void **)&t->buffer, PIECE_BYTES + 1, 1, path, err) != MASTING_OK)
    return err->status;
  const char *head = mst_text_ahead(t);
  if (t->end >= 2 && (!memcmp(head, "\xff\xfe", 2) || !memcmp(head, "\xfe\xff", 2)))
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: wrong encoding; expected UTF-8, got UTF-16; try "
                    "saving it as UTF-8",
                    path);
  if (t->end >= 3 && !memcmp(head, "\xef\xbb\xbf", 3)) {
    t->at = 3;
    t->line_start = 3;
  }
  return MASTING_OK;
}

void mst_text_close(mst_text *t) {
  if (t->fd) close(t->fd - 1);
  t->fd = 0;
  mst_free(&t->buffer);
}

const char *mst_text_next(mst_text *t, char text[40]) {
  int c = mst_text_peek(t);
  if (c < 0)
    snprintf(text, 40, "the end of the file");
  else if (isgraph(c))
    snprintf(text, 40, "'%c'", c);
  else
    snprintf(text, 40, "%s", c == '\n' || c == '\r' ? "the end of the line" : "");
  if (!text[0]) snprintf(text, 40, "byte %d", c);
  return text;
}
