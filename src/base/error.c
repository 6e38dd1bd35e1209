/* base/error.c -- see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
