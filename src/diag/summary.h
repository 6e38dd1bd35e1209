/* diag/summary.h -- the summary table of a draws file, and warnings about convergence.
 *
 * Reads any HDF5 file in the netCDF-4 / InferenceData form (group posterior, variables
 * [chain][draw]...), ours or one that ArviZ or PyMC wrote, piece by piece: never a whole variable
 * in memory. Row-local variables of which only moments were stored (group latent_moments) are
 * listed by mean and sd. Serial; not collective; needs no MPI.
 */
#ifndef MST_DIAG_SUMMARY_H
#define MST_DIAG_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "diag/element.h"

/* Limits of the warnings. */
#define MST_WARN_RHAT 1.01
#define MST_WARN_ESS_PER_CHAIN 100
#define MST_WARN_EBFMI 0.3

#define MST_SUMMARY_ROWS 50 /* of a variable, in the table, unless all are asked for */

typedef struct mst_summary_options {
  const char *path;
  const char *const *vars; /* only these variables; nvars 0: all */
  int nvars;
  int all;  /* table: every row of every variable */
  int json; /* JSON in place of the table: every row, numbers in full, null for what is undefined */
} mst_summary_options;

typedef struct mst_summary_row {
  char *label; /* "w[0, 1]", by the coordinates in the file, which count from 0 in ours */
  mst_element value;
} mst_summary_row;

typedef struct mst_summary_variable {
  char *name;
  bool moments; /* from latent_moments: only mean and sd are known */
  int ndims;    /* without chain and draw */
  int64_t dims[32];
  int64_t first_row, rows; /* in mst_summary.row */
} mst_summary_variable;

/* Over all variables that were summarised, and the sampler's statistics. -1: not in the file. */
typedef struct mst_verdict {
  double worst_rhat, least_ess_bulk, least_ess_tail; /* NaN: no element has one */
  int64_t over_rhat, under_ess, undefined; /* elements; undefined: with NaN among the draws */
  const char *worst_rhat_label, *least_ess_label; /* owned by the rows; NULL: none */
  int64_t divergences, saturated;                 /* draws; saturated: at the greatest tree depth */
  int64_t unfinished; /* draws that were never written (a run that was stopped) */
  double *ebfmi;      /* [chains], or NULL */
} mst_verdict;

typedef struct mst_summary {
  int64_t chains, draws;
  mst_summary_variable *variable;
  int64_t variables;
  mst_summary_row *row;
  int64_t rows;
  mst_verdict verdict;
} mst_summary;

/* Computes everything, with OpenMP threads over elements. Errors: MASTING_ERR_NOFILE, _FORMAT (not
 * a draws file), _USAGE (no variable of that name; lists them), _IO, _MEMORY. Free with
 * mst_summary_free, also on failure. */
masting_status mst_summary_make(mst_summary *summary, const mst_summary_options *options,
                                mst_error *err);
void mst_summary_free(mst_summary *summary);

/* Aligned columns: mean, sd, 5 %, 95 %, mcse_mean, ess_bulk, ess_tail, r_hat. mean, sd and
 * quantiles get as many decimals as mcse_mean says are meant. rows_each: at most so many rows a
 * variable, < 0: all; what is left out is told on `notes`. */
masting_status mst_summary_print(const mst_summary *summary, int64_t rows_each, FILE *out,
                                 FILE *notes, mst_error *err);

/* {"chains", "draws", "variables": [{"name", "shape", "rows": [...]}], "diagnostics": {...}}. */
masting_status mst_summary_print_json(const mst_summary *summary, FILE *out, mst_error *err);

/* One warning a line on standard error, with what to do; nothing when all is well. */
void mst_summary_warn(const mst_summary *summary);

/* `masting summary`: makes, prints to standard output, warns on standard error, frees. */
masting_status mst_summary_run(const mst_summary_options *options, mst_error *err);

#endif
