/* data/text.h -- a text file, read byte by byte in pieces, that knows its line and column.
 *
 * Memory is one piece whatever the length of the file. Not collective. A mst_text is
 * zero-initialised before mst_text_open.
 */
#ifndef MST_DATA_TEXT_H
#define MST_DATA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define MST_TEXT_AHEAD 2048 /* most bytes that mst_text_ahead promises */

typedef struct mst_text {
  const char *path; /* of the caller */
  int fd;           /* + 1; 0: not open */
  int failed;       /* errno of a read that failed; the text then seems to end */
  bool last;        /* nothing follows what is in the buffer */
  char *buffer;     /* ends with a byte 0 at [end] */
  size_t at, end;
  int64_t before;     /* bytes of the file before buffer[0] */
  int64_t line;       /* from 1 */
  int64_t line_start; /* byte of the file where it begins */
} mst_text;

/* Opens the file and passes over a UTF-8 byte order mark. UTF-16 is refused. */
masting_status mst_text_open(mst_text *t, const char *path, mst_error *err);
void mst_text_close(mst_text *t);

/* Brings at least MST_TEXT_AHEAD bytes, or all that is left, to buffer[at]. */
void mst_text_more(mst_text *t);

/* The next bytes, MST_TEXT_AHEAD or all that is left, then a byte 0. Valid until the next call. */
static inline const char *mst_text_ahead(mst_text *t) {
  if (t->end - t->at < MST_TEXT_AHEAD && !t->last) mst_text_more(t);
  return t->buffer + t->at;
}

/* The next byte, which stays; -1 at the end. */
static inline int mst_text_peek(mst_text *t) {
  if (t->at == t->end && !t->last) mst_text_more(t);
  return t->at == t->end ? -1 : (unsigned char)t->buffer[t->at];
}

/* Passes over the byte that mst_text_peek has shown. */
static inline void mst_text_step(mst_text *t) {
  if (t->buffer[t->at++] == '\n') {
    t->line++;
    t->line_start = t->before + (int64_t)t->at;
  }
}

/* Of the next byte, in bytes from 1. */
static inline int64_t mst_text_column(const mst_text *t) {
  return t->before + (int64_t)t->at - t->line_start + 1;
}

/* What comes next, for messages: "'x'", "the end of the file", "byte 7". Returns text. */
const char *mst_text_next(mst_text *t, char text[40]);

#endif
