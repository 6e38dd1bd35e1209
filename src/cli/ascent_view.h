/* cli/ascent_view.h -- output that optimize, pathfinder and laplace share: progress, costs,
 * values. */
#ifndef MST_CLI_ASCENT_VIEW_H
#define MST_CLI_ASCENT_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "cli/job.h"
#include "run/modes.h"
#include "run/progress.h"

/* A progress line of the ascents, on a terminal or in a log: an mst_optim_report. */
typedef struct mst_ascent_view {
  mst_progress_view line;
  double told_at;
  int halvings; /* log: of the number of ascents that are not done */
} mst_ascent_view;
/* Rank 0 prints model, sizes and ranks first; nothing when quiet. Not collective. */
void mst_ascent_view_begin(mst_ascent_view *view, const mst_job *job, const mst_model_set *model,
                           const mst_dataset *data, int starts, mst_progress_mode mode, int quiet);
void mst_ascent_view_show(void *view, const mst_optim_view *progress);

/* Prints gradients, passes and seconds on standard error. */
void mst_ascent_view_costs(int64_t gradients, int64_t passes, double seconds);

/* Rows of a table (command.h): convergence criteria of an ascent; `first`: help text of the
 * first. */
/* clang-format off */
#define MST_ROWS_TOLERANCES(ascent, first)                                                  \
  MST_ROW("tol-obj", 0, REAL, &(ascent)->tol_obj, 0, 1e300, NULL, "T", "1e-12", first),        \
      MST_ROW("tol-rel-obj", 0, REAL, &(ascent)->tol_rel_obj, 0, 1e300, NULL, "T", "1e4",    \
              "the same, relative, in units of 2.2e-16"),                                  \
      MST_ROW("tol-grad", 0, REAL, &(ascent)->tol_grad, 0, 1e300, NULL, "T", "1e-8",          \
              "... when the gradient is shorter"),                                         \
      MST_ROW("tol-rel-grad", 0, REAL, &(ascent)->tol_rel_grad, 0, 1e300, NULL, "T", "1e7",   \
              "... when g'Hg is less, relative, in units of 2.2e-16"),                      \
      MST_ROW("tol-param", 0, REAL, &(ascent)->tol_param, 0, 1e300, NULL, "T", "1e-8",        \
              "... when a step is shorter")
/* clang-format on */

/* Names and values of globals and derived quantities, "w[0, 1]" as in `masting summary`, as a
 * table on `out`: at most rows_each of each, what is left out is told on `notes`. Not
 * collective. */
void mst_print_globals(const mst_layout *layout, const double *theta, int64_t rows_each, FILE *out,
                       FILE *notes);

/* The same as members of a JSON object, arrays flat in row-major order. */
int mst_pack_globals(const mst_layout *layout, const double *theta, json_t *object);

#endif
