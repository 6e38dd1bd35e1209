/* cli/climbing.h -- what optimize and pathfinder show alike. */
#ifndef MST_CLI_CLIMBING_H
#define MST_CLI_CLIMBING_H

#include <jansson.h>
#include <stdio.h>

#include "run/modes.h"
#include "run/progress.h"

/* A progress line of starts that climb, on a terminal or in a log: an mst_optim_report. */
typedef struct mst_climbing_view {
  mst_progress_view line;
  double told_at;
  int halvings; /* log: of the number of starts that still climb */
} mst_climbing_view;
void mst_climbing_begin(mst_climbing_view *view, mst_progress_mode mode);
void mst_climbing_show(void *view, const mst_optim_view *progress);

/* Names and values of globals and derived quantities, "w[0, 1]" as in `masting summary`, as a table on `out`: at
 * most rows_each of each, what is left out is told on `notes`. Not collective. */
void mst_print_globals(const mst_layout *layout, const double *theta, int64_t rows_each, FILE *out,
                       FILE *notes);

/* The same as members of a JSON object, arrays flat in row-major order. */
int mst_pack_globals(const mst_layout *layout, const double *theta, json_t *object);

#endif
