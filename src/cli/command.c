/* cli/command.c -- see command.h. */
#include "cli/command.h"

#include <stdlib.h>

const char *const mst_reduction_choices[] = {"exact", "fast", NULL};
const char *const mst_progress_choices[] = {"auto", "bar", "log", "none", NULL};
const char *const mst_latents_choices[] = {"auto", "all", "moments", "none", NULL};

bool mst_command_parse(mst_command *c, int argc, const char **argv, mst_error *err) {
  c->spread_from = MST_COVARIANCE_DIST_FROM;
  mst_opts_parse(c->opts, argc, argv, err);
  if (c->opts->help) mst_opts_help(c->opts, stdout);
  return !c->opts->help;
}

/* Nothing is read before the output is known to be free, and nothing written before data and
 * model agree. */
static void run(mst_command *c, mst_job *job, mst_error *err) {
  const mst_opts *opts = c->opts;
  mst_read_options read = {.float32 = c->float32};
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  mst_dataset data = {0};
  c->data_path = opts->npositional > 1 ? opts->positional[1] : NULL;
  mst_job_sizes(c->opts, &c->size, &c->given, &sizes, &read.nsizes, err);
  read.sizes = sizes;
  read.seed = c->seed;
  job->chains = c->chains;
  job->lanes = c->lanes;
  job->build.lang.size = c->shard;
  job->build.lang.distribute_from = c->spread_from;
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      (!c->out || mst_job_output(job, c->out, c->force, err) == MASTING_OK) &&
      (!c->refuse || c->refuse(c, job, err) == MASTING_OK) &&
      mst_job_load(job, opts->positional[0], c->data_path, &read, &model, &data, err) == MASTING_OK)
    c->work(c, job, &model, &data, err);
  mst_dataset_free(&data);
  mst_model_close(&model);
  free(sizes);
}

int mst_command_go(mst_command *c, mst_error *err) {
  mst_job job;
  const mst_job_options how = {.threads = c->threads,
                               .isa = c->isa,
                               .model = c->opts->npositional ? c->opts->positional[0] : NULL};
  mst_job_lanes(c->lanes, err);
  if (mst_job_begin(&job, &how, err) == MASTING_OK) run(c, &job, err);
  const int status = mst_job_end(&job, err);
  return status ? status : c->exit_status;
}
