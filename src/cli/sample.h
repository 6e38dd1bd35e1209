/* cli/sample.h -- what `masting sample` prints before and after a run, and the list of the
 * gallery. */
#ifndef MST_CLI_SAMPLE_H
#define MST_CLI_SAMPLE_H

#include <stdio.h>

#include "cli/job.h"
#include "run/sampler.h"
#include "run/stop.h"

/* Not collective; rank 0 prints to standard error: model, sizes, chains (starts, paths), ranks,
 * threads, SIMD level. */
void mst_sample_header(const mst_job *job, const mst_model_set *model, const mst_dataset *data,
                       int chains);

/* Not collective; rank 0 prints to standard error where the draws are and what they cost (quiet:
 * divergences alone); with json also one JSON object to standard output. */
void mst_sample_report(const mst_job *job, const mst_sample_options *options,
                       const mst_sample_result *result, int quiet, int json);

/* Collective; rank 0 prints to standard error one line about a run that was stopped: why, the draws
 * that are kept, where, and the command that goes on. The exit status: 0 if the draws were made a
 * whole file as asked, else that of a process ended by the signal (128 + its number), or of
 * timeout (124). */
int mst_sample_stopped(const mst_job *job, const mst_sample_options *options, const mst_stop *stop,
                       const mst_sample_result *result);

/* The models of the gallery with sizes, data and parameters. */
void mst_gallery_print(FILE *file);

/* The command as one line, for provenance; to be freed; NULL when out of memory. */
char *mst_command_line(int argc, const char **argv);

#endif
