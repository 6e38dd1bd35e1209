/* base/error.c -- see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*mst_abort_hook)(void) = NULL;

int masting_exit_status(masting_status status) {
  switch (status) {
#define MASTING_X(code, exit_status, text)                                                         \
  case code:                                                                                       \
    return exit_status;
    MASTING_STATUS_LIST(MASTING_X)
#undef MASTING_X
  }
  return 70;
}

const char *masting_status_text(masting_status status) {
  switch (status) {
#define MASTING_X(code, exit_status, text)                                                         \
  case code:                                                                                       \
    return text;
    MASTING_STATUS_LIST(MASTING_X)
#undef MASTING_X
  }
  return "unknown status";
}

masting_status mst_fail(mst_error *err, masting_status status, const char *format, ...) {
  if (err->status != MASTING_OK) return err->status;
  va_list ap;
  va_start(ap, format);
  vsnprintf(err->message, sizeof err->message, format, ap);
  va_end(ap);
  err->status = status;
  err->rank = -1;
  return status;
}

void mst_error_print(const mst_error *err) {
  fprintf(stderr, "masting: error: %s\n", err->message);
  fflush(stderr);
}

void mst_warn(const char *format, ...) {
  char text[2048]; /* one write a message: ranks and launchers mix the pieces of several */
  va_list ap;
  va_start(ap, format);
  vsnprintf(text, sizeof text, format, ap);
  va_end(ap);
  fprintf(stderr, "masting: warning: %s\n", text);
}

void mst_assert_failed(const char *file, int line, const char *what) {
  fprintf(stderr,
          "masting: bug: %s:%d: assertion failed: %s; please report it with the command line\n",
          file, line, what);
  fflush(stderr);
  if (mst_abort_hook) mst_abort_hook();
  abort();
}

/* Levenshtein distance with a row of a table; names are short. */
static size_t distance(const char *a, const char *b) {
  size_t row[65], nb = strlen(b);
  if (nb > 64) return 64;
  for (size_t j = 0; j <= nb; j++) row[j] = j;
  for (size_t i = 0; a[i]; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < nb; j++) {
      size_t best = diagonal + (a[i] != b[j]);
      if (row[j + 1] + 1 < best) best = row[j + 1] + 1;
      if (row[j] + 1 < best) best = row[j] + 1;
      diagonal = row[j + 1];
      row[j + 1] = best;
    }
  }
  return row[nb];
}

const char *mst_nearest(const char *given, const char *const *names) {
  const char *best = NULL;
  size_t best_distance = strlen(given) / 3 + 2;
  for (; *names; names++) {
    size_t d = distance(given, *names);
    if (d < best_distance) {
      best_distance = d;
      best = *names;
    }
  }
  return best;
}
