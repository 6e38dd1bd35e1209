/* run/metric_input.h -- reads the sampler's metric and step sizes from a file (--metric-file), and
 * writes them to one (--save-metric).
 *
 * The file's metric is in place before the first draw. It stays fixed, unless the user also chooses
 * a --metric: then adaptation starts from it. Row-local parameters adapt as usual if the file has
 * no metric for them. A dense matrix that will be distributed over the ranks is read by all of
 * them, each its tiles, and written likewise (store/metricfile.h).
 */
#ifndef MST_RUN_METRIC_INPUT_H
#define MST_RUN_METRIC_INPUT_H

#include "run/sampler.h"
#include "run/metric_update.h"

/* Default warm-up draws when metric and step size are given: step-size adaptation and transient. */
#define MST_METRIC_INPUT_WARMUP 50

typedef struct mst_metric_input {
  const char *path; /* NULL: no file */
  mst_metricfile_data data;
  mst_grid grid; /* and the file's dense matrix on it, if the metric is distributed; else empty */
  mst_dist matrix;
  bool fixed;    /* the globals' metric is not adapted */
  double *local; /* [rows][L] of this rank; NULL: row-local parameters adapt */
} mst_metric_input;

/* Collective, before the engine: reads options->metric_file, if any, and sets in *options the
 * metric's kind and the warm-up length if the user named none.
 * Errors are agreed. Free with mst_metric_input_free. */
masting_status mst_metric_input_read(mst_metric_input *metric_input, const mst_target *target,
                                     mst_sample_options *options, mst_error *err);
void mst_metric_input_free(mst_metric_input *metric_input); /* collective */

/* Does the file hold the metric of all parameters? Then warm-up adapts step sizes only. */
bool mst_metric_input_complete(const mst_metric_input *metric_input, const mst_target *target);

/* Collective, after the metrics have their first values and before chains draw: replaces them by
 * the file's. metric_update: NULL for a diagonal metric. Errors are agreed. */
masting_status mst_metric_input_apply(mst_metric_input *metric_input, mst_engine *engine,
                                      mst_metric_update *metric_update, mst_error *err);

/* Step size of chain c: the file's own where it has as many chains, else the common one; 0: the
 * file has none. */
double mst_metric_input_step(const mst_metric_input *metric_input,
                             const mst_sample_options *options, int c);

/* The metric in a slot as a file has it, in *m, without step sizes. Arrays are the engine's, but
 * for diagonal[globals], where the squares of a low rank's scale go if it has no direction. Not
 * collective. */
void mst_metric_view(const mst_engine *engine, int slot, mst_metricfile_data *m, double *diagonal);

/* Collective, after the warm-up of all chains: writes options->save_metric. slot: the metric's, of
 * pass. Errors are agreed. */
masting_status mst_metric_output(const mst_engine *engine, const mst_sample_options *options,
                                 int slot, mst_error *err);

#endif
