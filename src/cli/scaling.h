/* cli/scaling.h -- time per leapfrog step over rank counts and sizes: what is run, kept and shown.
 *
 * A point is a rank count and a number of rows N. Each is timed by runs of `masting sample
 * --max-steps`, which do the same leapfrogs whatever the rank count. Efficiencies, with R0 the
 * least rank count and T the median time of a step: strong E = T(R0) R0 / (T(R) R) at the same N;
 * weak E = T(R0) / T(R) at the same N/R. Not collective; no MPI.
 */
#ifndef MST_CLI_SCALING_H
#define MST_CLI_SCALING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/options.h"

enum { MST_SCALING_MODES = 4 };
typedef enum mst_scaling_mode {
  MST_SCALING_STRONG,
  MST_SCALING_WEAK,
  MST_SCALING_N,
  MST_SCALING_ALL
} mst_scaling_mode;

typedef struct mst_scaling_point {
  int ranks;
  int64_t n;
  int64_t steps;      /* leapfrog steps of a run */
  double seconds;     /* of a step, median over the runs */
  double least, most; /* fastest and slowest run */
  double gradients_per_second;
  double message_bytes; /* of a step's collective */
  double strong, weak;  /* efficiencies; NaN where there is nothing to compare with */
} mst_scaling_point;

typedef struct mst_scaling {
  const char *model; /* as given */
  const char *shard; /* name of the size that is varied */
  int threads, chains, repeats;
  double run_seconds; /* aimed at for one run */
  uint64_t seed;
  const char *launcher; /* with {ranks} and {threads} */
  const char *folder;   /* where data sets are made */
  bool keep_data;
  const mst_opt_list *size; /* other sizes, NAME=VALUE */
  int *ranks, nranks;       /* ascending */
  int64_t *sizes;
  int nsizes; /* ascending */
  mst_scaling_mode mode;
  mst_scaling_point *point; /* by n, then ranks */
  int npoints;
} mst_scaling;

/* T = fixed + per_row N/R + per_doubling log2 R, least squares of relative errors; terms that would
 * be negative are left out (0). worst: largest relative error of the fit. */
typedef struct mst_scaling_fit {
  double fixed, per_row, per_doubling, worst;
} mst_scaling_fit;

/* Lists the points that the mode asks for. */
masting_status mst_scaling_plan(mst_scaling *s, mst_error *err);

/* Makes data, runs everything, fills in the points, and tells progress on standard error. */
masting_status mst_scaling_run(mst_scaling *s, mst_error *err);

/* Fills in efficiencies. */
void mst_scaling_judge(mst_scaling *s);
mst_scaling_fit mst_scaling_fit_points(const mst_scaling *s);

/* The CSV at path, by a rename; the table for people. */
masting_status mst_scaling_csv(const mst_scaling *s, const char *path, mst_error *err);
void mst_scaling_print(const mst_scaling *s, FILE *file);

/* Writes PLOT's gnuplot script beside it (.gp for .png) and draws it. Without gnuplot: says so,
 * keeps the script, and succeeds. */
masting_status mst_scaling_plot(const mst_scaling *s, const char *path, mst_error *err);

#endif
