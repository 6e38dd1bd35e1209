/* cli/cmd_convert.c -- `masting convert IN OUT [MODEL]`: JSON or CSV becomes HDF5, which many
 * ranks can read. MPI is started only to open a MODEL; one rank does the work.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/show.h"
#include "cli/cmd.h"
#include "cli/job.h"
#include "data/convert.h"

typedef struct convert_options {
  int force, float32;
  mst_opt_list size, given;
} convert_options;

static void report(const char *path, double seconds) {
  struct stat st;
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  if (stat(path, &st) == 0)
    fprintf(stderr, "masting: wrote %s: %s in %s\n", path, mst_show_bytes((int64_t)st.st_size, a),
            mst_show_seconds(seconds, b));
}

/* Collective. */
static masting_status with_model(mst_job *job, mst_opts *opts, const convert_options *o,
                                 mst_error *err) {
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  mst_read_options read = {.float32 = o->float32};
  mst_job_sizes(opts, &o->size, &o->given, &sizes, &read.nsizes, err);
  read.sizes = sizes;
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      mst_job_open(job, opts->positional[2], NULL, &read, &model, err) == MASTING_OK) {
    if (job->comm.rank == 0)
      mst_convert(opts->positional[0], opts->positional[1], mst_job_model(&model), &read, o->force,
                  err);
    mst_agree(&job->comm, err);
  }
  mst_model_close(&model);
  free(sizes);
  return err->status;
}

/* With a model under MPI: errors of the command line are agreed on there. */
static int run(mst_opts *opts, const convert_options *o, mst_error *err) {
  double start = mst_now();
  if (opts->npositional == 3) {
    mst_job job;
    mst_job_options how = {.isa = MST_ISA_COUNT, .model = opts->positional[2]};
    if (mst_job_begin(&job, &how, err) == MASTING_OK) with_model(&job, opts, o, err);
    if (err->status == MASTING_OK && job.comm.rank == 0)
      report(opts->positional[1], mst_now() - start);
    return mst_job_end(&job, err);
  }
  if (err->status == MASTING_OK && (o->size.count || o->given.count || o->float32))
    mst_fail(err, MASTING_ERR_USAGE,
             "masting convert: --size, --data and --float32 are for a MODEL; expected "
             "masting convert IN OUT MODEL");
  if (err->status == MASTING_OK && mst_convert(opts->positional[0], opts->positional[1], NULL, NULL,
                                               o->force, err) == MASTING_OK)
    report(opts->positional[1], mst_now() - start);
  if (err->status != MASTING_OK) mst_error_print(err);
  return masting_exit_status(err->status);
}

int cmd_convert(int argc, const char **argv) {
  convert_options o = {0};
  mst_opt table[] = {{"force", 'f', MST_OPT_FLAG, &o.force, 0, 0, NULL, NULL, NULL,
                      "overwrite an existing file", false},
                     {"size", 0, MST_OPT_MANY, &o.size, 0, 0, NULL, "NAME=VALUE", NULL,
                      "a size of MODEL that IN does not tell, once for each", false},
                     {"data", 0, MST_OPT_MANY, &o.given, 0, 0, NULL, "NAME=VALUE", NULL,
                      "a scalar of MODEL that IN does not have, once for each", false},
                     {"float32", 0, MST_OPT_FLAG, &o.float32, 0, 0, NULL, NULL, NULL,
                      "write as float32 what MODEL takes as such", false},
                     {0}};
  mst_opts opts = {
      .command = "convert",
      .synopsis = "IN OUT [MODEL] [options]",
      .table = table,
      .about =
          "Writes the JSON or CSV file IN as the HDF5 file OUT, of which every rank reads its own "
          "rows. With\nMODEL: what it asks for, checked, in its types; without: all numbers, as "
          "int32 or int64 where all\nare whole.",
      .min_positional = 2,
      .max_positional = 3};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  int status = 0;
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else
    status = run(&opts, &o, &err);
  mst_opts_free(&opts);
  return status;
}
