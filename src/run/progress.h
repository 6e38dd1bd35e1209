/* run/progress.h -- progress of a run: one line redrawn on a terminal, or dated lines in a log.
 *
 * Rank 0 only; not collective. Everything goes to standard error, in one write each. Under mpirun
 * a rank's standard error is a pipe: AUTO then looks at what mpirun itself writes to.
 */
#ifndef MST_RUN_PROGRESS_H
#define MST_RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "run/sampler.h"

typedef enum mst_progress_mode {
  MST_PROGRESS_AUTO, /* BAR on a terminal, LOG elsewhere */
  MST_PROGRESS_BAR,
  MST_PROGRESS_LOG, /* at every tenth, at least every 30 s, and at the end */
  MST_PROGRESS_NONE
} mst_progress_mode;

typedef struct mst_progress_view {
  mst_progress_mode mode; /* BAR, LOG or NONE */
  bool utf8;              /* the terminal shows block characters */
  bool drawn;             /* a line stands unfinished on the terminal */
  int tenth;              /* LOG: tenths already reported */
  double told_at;         /* LOG: time of the last report, in seconds of the run */
  char terminal[64];      /* whose width is asked; "" if unknown */
} mst_progress_view;

void mst_progress_begin(mst_progress_view *view, mst_progress_mode mode);

/* An mst_progress_fn; context is the view. */
void mst_progress_show(void *view, const mst_progress *progress);

/* Ends a line that stands unfinished. */
void mst_progress_end(mst_progress_view *view);

/* Now, as lines in a log begin. */
void mst_progress_date(char *text, size_t size);

/* The line for a terminal of `width` columns, without control characters. */
void mst_progress_line(const mst_progress *p, int width, bool utf8, char *text, size_t size);

#endif
