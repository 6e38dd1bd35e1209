/* diag/summary.h -- the summary of a draws file, and warnings about convergence.
 *
 * Reads any HDF5 file in the netCDF-4 / InferenceData form (group posterior, variables
 * [chain][draw]...), ours or one that ArviZ or PyMC wrote, piece by piece, and hands the rows on as
 * they are made: memory does not grow with the file. What has an element for each row of the data
 * comes behind the other variables. Row-local variables of which only moments were stored (group
 * latent_moments) are listed by mean and sd. Serial; not collective; needs no MPI.
 */
#ifndef MST_DIAG_SUMMARY_H
#define MST_DIAG_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "diag/columns.h"
#include "diag/element.h"
#include "diag/reader.h"
#include "diag/select.h"

/* Limits of the warnings. */
#define MST_WARN_RHAT 1.01
#define MST_WARN_ESS_PER_CHAIN 100
#define MST_WARN_EBFMI 0.3

#define MST_SUMMARY_ROWS 50 /* of a variable, in the table, unless all are asked for */

typedef enum mst_summary_form {
  MST_SUMMARY_TABLE,
  MST_SUMMARY_CSV,
  MST_SUMMARY_JSON
} mst_summary_form;

typedef struct mst_summary_options {
  const char *const *paths; /* one or more files, read as one */
  int npaths;
  mst_select select;
  mst_summary_form form;
  int all; /* table: every row of every variable */
  mst_element_choice choice;
  mst_columns columns;
  int quiet; /* says nothing when nothing is wrong */
} mst_summary_options;

typedef struct mst_summary_row {
  char *label; /* "w[0, 1]", by the coordinates in the file, which count from 0 in ours */
  mst_element value;
} mst_summary_row;

/* Rows of one variable, in order. */
typedef struct mst_summary_piece {
  const mst_draws_variable *variable;
  const mst_summary_row *row; /* [count], elements first .. first + count - 1 */
  int64_t first, count;
  bool begins, ends; /* the first, the last piece of the variable */
} mst_summary_piece;

/* Over all variables that were summarised, and the sampler's statistics. -1: not in the file. */
typedef struct mst_verdict {
  int64_t elements;                                  /* that were summarised */
  double worst_rhat, least_ess_bulk, least_ess_tail; /* NaN: no element has one */
  int64_t over_rhat, under_ess, undefined; /* elements; undefined: with NaN among the draws */
  char worst_rhat_label[256], least_ess_label[256]; /* "": none */
  int64_t divergences, saturated; /* draws; saturated: at the greatest tree depth */
  int64_t unfinished;             /* draws that were never written (a run that was stopped) */
  double *ebfmi;                  /* [chains], or NULL */
} mst_verdict;

typedef struct mst_summary {
  int64_t chains, draws;
  mst_verdict verdict;
} mst_summary;

/* Takes a piece; what it points to is gone after the call. */
typedef masting_status mst_summary_visit(void *context, const mst_summary_piece *piece,
                                         mst_error *err);

/* Computes everything, with OpenMP threads over elements, and calls `visit` for each piece. Errors:
 * MASTING_ERR_NOFILE, _FORMAT (not a draws file), _USAGE (nothing of that name; lists what there
 * is), _IO, _MEMORY. Free with mst_summary_free, also on failure. */
masting_status mst_summary_make(mst_summary *summary, const mst_reader *reader,
                                const mst_summary_options *options, mst_summary_visit *visit,
                                void *context, mst_error *err);
void mst_summary_free(mst_summary *summary);

/* Aligned columns (in table.c). mean, sd and quantiles get as many decimals as mcse_mean says are
 * meant. What is left out is told on `notes`. */
typedef struct mst_table mst_table;
masting_status mst_table_begin(mst_table **table, const mst_summary_options *options, FILE *out,
                               FILE *notes, mst_error *err);
mst_summary_visit mst_table_add;
masting_status mst_table_end(mst_table **table, mst_error *err);

/* A line of names, then one for each row (in rows_csv.c); context: mst_csv_rows. */
typedef struct mst_csv_rows {
  const mst_columns *columns;
  FILE *out;
  bool begun;
} mst_csv_rows;
mst_summary_visit mst_csv_rows_add;

/* {"chains", "draws", "variables": [{"name", "shape", "rows": [...]}], "diagnostics": {...}} (in
 * json.c). */
typedef struct mst_json_rows {
  const mst_reader *reader;
  const mst_columns *columns;
  FILE *out;
  bool begun, rows;
} mst_json_rows;
mst_summary_visit mst_json_rows_add;
masting_status mst_json_rows_end(mst_json_rows *rows, const mst_summary *summary, mst_error *err);

/* One warning a line on standard error, with what to do; when all is well, that, with the counts,
 * unless `quiet`. */
void mst_summary_warn(const mst_summary *summary, bool quiet);

/* `masting summary`: makes, prints to standard output, warns on standard error, frees. */
masting_status mst_summary_run(const mst_summary_options *options, mst_error *err);

#endif
