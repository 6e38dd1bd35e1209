/* cli/cmd_simulate.c -- `masting simulate MODEL`: a data set from the model's simulator.
 * Collective: the same bytes for any number of ranks.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/show.h"
#include "cli/cmd.h"
#include "cli/job.h"

typedef struct simulate_options {
  const char *out;
  uint64_t seed;
  int force, threads;
  mst_opt_list size;
} simulate_options;

static void report(const mst_job *job, const char *path, double seconds) {
  struct stat st;
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  if (job->comm.rank != 0 || stat(path, &st) != 0) return;
  fprintf(stderr, "masting: wrote %s: %s in %s on %d rank%s\n", path,
          mst_show_bytes((int64_t)st.st_size, a), mst_show_seconds(seconds, b), job->comm.size,
          job->comm.size == 1 ? "" : "s");
}

static masting_status simulate(mst_job *job, mst_opts *opts, const simulate_options *o,
                               mst_error *err) {
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  double start = mst_now();
  int nsizes = 0;
  mst_job_sizes(opts, &o->size, NULL, &sizes, &nsizes, err);
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      mst_job_output(job, o->out, o->force, err) == MASTING_OK) {
    mst_model_open(&model, opts->positional[0], (int)job->isa, err);
    mst_read_options read = {.sizes = sizes, .nsizes = nsizes};
    if (mst_agree(&job->comm, err) == MASTING_OK)
      mst_simulate(&job->comm, mst_job_model(&model), o->out, &read, o->seed, o->force, err);
    if (err->status == MASTING_OK) report(job, o->out, mst_now() - start);
    mst_model_close(&model);
  }
  free(sizes);
  return err->status;
}

int cmd_simulate(int argc, const char **argv) {
  simulate_options o = {.out = "data.h5", .seed = 1};
  mst_opt table[] = {
      {"out", 'o', MST_OPT_TEXT, &o.out, 0, 0, NULL, "FILE", "data.h5", "where the data go", false},
      {"size", 0, MST_OPT_MANY, &o.size, 0, 0, NULL, "NAME=VALUE", NULL,
       "a size of the model, once for each: --size N=1e6", false},
      {"seed", 0, MST_OPT_U64, &o.seed, 0, 0, NULL, "SEED", "1", "of the random numbers", false},
      {"force", 'f', MST_OPT_FLAG, &o.force, 0, 0, NULL, NULL, NULL, "overwrite an existing file",
       false},
      {"threads", 0, MST_OPT_INT, &o.threads, 1, 4096, NULL, "T", NULL, "OpenMP threads a rank",
       false},
      {0}};
  mst_opts opts = {.command = "simulate",
                   .synopsis = "MODEL [options]",
                   .table = table,
                   .about = "Draws covariates, parameters and data of MODEL, and writes the data "
                            "to an HDF5 file,\nthe true parameters to its group /truth. The file "
                            "has the same bytes for any number of ranks.",
                   .min_positional = 1,
                   .max_positional = 1};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help) {
    mst_opts_help(&opts, stdout);
    mst_opts_free(&opts);
    return 0;
  }
  mst_job job;
  mst_job_options how = {.threads = o.threads,
                         .isa = MST_ISA_COUNT,
                         .model = opts.npositional ? opts.positional[0] : NULL};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK) simulate(&job, &opts, &o, &err);
  mst_opts_free(&opts);
  return mst_job_end(&job, &err);
}
