/* base/error.h -- errors as values, and the one place where they are printed.
 *
 * A function that can fail takes an mst_error and returns a masting_status. A message reads
 *     where: what; expected X, got Y; try Z
 * (a part without content is omitted) and is complete where it is made: no caller adds to it. A
 * failure that one rank can see alone is agreed on by mst_agree (par/comm.h) before the next
 * collective. Bugs of ours are assertions that stay on: MST_ASSERT stops all ranks.
 */
#ifndef MST_BASE_ERROR_H
#define MST_BASE_ERROR_H

#include <masting/errors.h>

typedef struct mst_error {
  masting_status status;
  int rank; /* who saw it; -1: not known yet, or all */
  char message[2040];
} mst_error;

/* Fills *err (the first error wins: a set one is kept) and returns status. Not collective. */
masting_status mst_fail(mst_error *err, masting_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints `masting: error: message` to standard error. Not collective; call on rank 0. */
void mst_error_print(const mst_error *err);

/* Prints `masting: warning: ...` to standard error. Not collective. */
void mst_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a failed assertion runs before it aborts: par/ sets it to stop all ranks. */
extern void (*mst_abort_hook)(void);
_Noreturn void mst_assert_failed(const char *file, int line, const char *what);
#define MST_ASSERT(x) ((x) ? (void)0 : mst_assert_failed(__FILE__, __LINE__, #x))

#endif
