/* run/metric_input.h -- the sampler's metric and step sizes from a file (--metric-file), and to one
 * (--save-metric).
 *
 * What a file gives is in place before the first draw. It stays as it is, unless the user names
 * a --metric: then it is where learning begins. Row-local parameters learn as ever when the file
 * has nothing for them. A dense matrix that the metric will spread over the ranks is read by all
 * of them, each its tiles, and written likewise (store/metricfile.h).
 */
#ifndef MST_RUN_METRIC_INPUT_H
#define MST_RUN_METRIC_INPUT_H

#include "run/sampler.h"
#include "run/metric_update.h"

/* Default warm-up draws when metric and step size are given: step-size adaptation and transient. */
#define MST_METRIC_INPUT_WARMUP 50

typedef struct mst_metric_input {
  const char *path; /* NULL: nothing was given */
  mst_metricfile_data data;
  mst_grid grid; /* and the file's dense matrix over it, where the metric is spread; else empty */
  mst_dist matrix;
  bool fixed;    /* the globals' part does not learn */
  double *local; /* [rows][L] of this rank; NULL: row-local parameters learn */
} mst_metric_input;

/* Collective, before the engine: reads options->metric_file, if any, and sets in *options what
 * follows from it: the metric's form where none was named; warm-up, where it is not asked for.
 * Errors are agreed. Free with mst_metric_input_free. */
masting_status mst_metric_input_read(mst_metric_input *metric_input, const mst_target *target,
                                     mst_sample_options *options, mst_error *err);
void mst_metric_input_free(mst_metric_input *metric_input); /* collective */

/* Does the file say all that a metric is? Then nothing but step sizes is learnt. */
bool mst_metric_input_complete(const mst_metric_input *metric_input, const mst_target *target);

/* Collective, when metrics have their first values and before chains draw: puts the file's in their
 * place. shaping: NULL for a diagonal. Errors are agreed. */
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

/* Collective, when all chains are warm: writes options->save_metric. slot: the metric's, of pass.
 * Errors are agreed. */
masting_status mst_metric_output(const mst_engine *engine, const mst_sample_options *options,
                                 int slot, mst_error *err);

#endif
