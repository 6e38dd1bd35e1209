/* cli/cmd_sample.c -- `masting sample MODEL DATA`: the main job. Collective.
 *
 * Order: options, ranks agree, output refused if it exists, model, data, sampling, report. Nothing
 * is read before the output is known to be free, and nothing written before data and model agree.
 */
#include "cli/sample.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/number.h"
#include "run/progress.h"

static const char *const metrics[] = {"diag", "diag-var", "unit", "dense", "lowrank", "auto", NULL}; /* mst_metric */
static const char *const spreads[] = {"auto", "always", "never", NULL}; /* mst_spreading */
static const char *const reductions[] = {"exact", "fast", NULL};
static const char *const latents[] = {"auto", "all", "moments", "none", NULL};
static const char *const progresses[] = {"auto", "bar", "log", "none", NULL};

/* The options as the user sees them; out, and defaults, come from mst_sample_defaults. */
typedef struct cli_sample {
  const char *shard;
  const char *init; /* mode, pathfinder, or a radius */
  mst_sample_options run;
  int metric, spread, reduction, latents, progress, isa;
  int list, json, quiet, no_pool, float32, threads;
  mst_opt_list size;
} cli_sample;

/* --init: mode, pathfinder, or the radius of random starts. */
static masting_status read_init(cli_sample *o, mst_error *err) {
  for (int i = MST_INIT_MODE; mst_init_names[i]; i++)
    if (strcmp(o->init, mst_init_names[i]) == 0) {
      o->run.init = (mst_init)i;
      return MASTING_OK;
    }
  if (isalpha((unsigned char)o->init[0]))
    return mst_fail(err, MASTING_ERR_USAGE, "--init: expected mode, pathfinder or a radius, got '%s'; try --init mode",
                    o->init);
  return mst_parse_real("--init", o->init, 0, 100, "2", &o->run.init_radius, err);
}

static void tell(const char *line) { fprintf(stderr, "masting: %s\n", line); }

static masting_status check_metric_files(const cli_sample *o, mst_error *err) {
  const mst_sample_options *r = &o->run;
  const char *which = r->metric_file ? "--metric-file" : "--save-metric";
  if (o->no_pool && (r->metric_file || r->save_metric))
    return mst_fail(err, MASTING_ERR_USAGE, "--no-pool and %s: the file has one metric for all chains; expected one of the two",
                    which);
  if (r->metric_file && r->metric_named && o->metric == MST_METRIC_UNIT)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--metric unit and --metric-file: a unit metric is not read; expected one of the two");
  if (r->save_metric && (r->max_steps || r->warmup == 0))
    return mst_fail(err, MASTING_ERR_USAGE,
                    "%s and --save-metric: the metric is saved at the end of warm-up; expected one of the two",
                    r->max_steps ? "--max-steps" : "--warmup 0");
  return MASTING_OK;
}

static masting_status check_conflicts(mst_opts *opts, cli_sample *o, mst_error *err) {
  if (o->run.max_steps && mst_opts_given(opts, "out"))
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--max-steps and --out: a bounded run stores no draws; expected one of the "
                    "two; try --max-steps without --out");
  if (o->no_pool && o->metric == MST_METRIC_UNIT)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--no-pool and --metric unit: a unit metric is not estimated; expected one of "
                    "the two");
  if (o->no_pool && o->metric >= (int)MST_METRIC_DENSE)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--no-pool and --metric %s: all chains teach that metric; expected one of the two",
                    metrics[o->metric]);
  o->run.metric_named = mst_opts_given(opts, "metric");
  o->run.warmup_named = mst_opts_given(opts, "warmup");
  if (check_metric_files(o, err) != MASTING_OK) return err->status;
  if (o->run.lanes != 0 && (o->run.lanes & (o->run.lanes - 1)) != 0)
    return mst_fail(err, MASTING_ERR_USAGE, "--lanes: expected 1, 2, 4, 8 or 16, got '%d'",
                    o->run.lanes);
  if (o->run.save_warmup && o->run.warmup == 0)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--save-warmup and --warmup 0: there is no warm-up to save; expected one of "
                    "the two");
  if (o->run.max_steps) o->run.out = NULL;
  if ((o->run.max_steps || o->quiet) && !mst_opts_given(opts, "progress"))
    o->progress = MST_PROGRESS_NONE;
  o->run.metric = (mst_metric)o->metric;
  o->run.spread = (mst_spreading)o->spread;
  o->run.notice = o->quiet ? NULL : tell;
  o->run.reduction = (mst_reduction)o->reduction;
  o->run.latents = (mst_latents)o->latents;
  o->run.pool = !o->no_pool;
  return MASTING_OK;
}

static masting_status run(mst_job *job, mst_opts *opts, cli_sample *o, mst_error *err) {
  const char *data_path = opts->npositional > 1 ? opts->positional[1] : NULL;
  mst_read_options read = {.float32 = o->float32};
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  mst_dataset data = {0};
  mst_sample_result result = {0};
  mst_progress_view view;
  mst_job_sizes(opts, &o->size, &sizes, &read.nsizes, err);
  read.sizes = sizes;
  job->chains = o->run.chains;
  job->lanes = o->run.lanes;
  job->build.cut.size = o->shard;
  job->sizes_given = read.nsizes > 0;
  o->run.data_path = data_path;
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      (!o->run.out || mst_job_output(job, o->run.out, o->run.force, err) == MASTING_OK) &&
      (!o->run.save_metric || mst_metric_refuse(&job->comm, o->run.save_metric, o->run.force, err) == MASTING_OK) &&
      mst_job_load(job, opts->positional[0], data_path, &read, &model, &data, err) == MASTING_OK) {
    mst_progress_begin(&view, (mst_progress_mode)o->progress);
    if (!o->quiet) mst_sample_header(job, &model, &data, &o->run);
    mst_sample(&job->comm, &model, &data, job->isa, &o->run,
               job->comm.rank == 0 ? mst_progress_show : NULL, &view, &result, err);
    mst_progress_end(&view);
    if (err->status == MASTING_OK) mst_sample_report(job, &o->run, &result, o->quiet, o->json);
  }
  mst_dataset_free(&data);
  mst_model_close(&model);
  free(sizes);
  return err->status;
}

static int sample(int argc, const char **argv, mst_opts *opts, cli_sample *o) {
  mst_error err = {0};
  mst_opts_parse(opts, argc, argv, &err);
  if (opts->help) {
    mst_opts_help(opts, stdout);
    return 0;
  }
  if (o->list && err.status == MASTING_OK) {
    mst_gallery_print(stdout);
    return 0;
  }
  if (err.status == MASTING_OK && opts->npositional == 0)
    mst_fail(&err, MASTING_ERR_USAGE,
             "masting sample: no model; expected masting sample %s; try `masting sample --list`",
             opts->synopsis);
  if (err.status == MASTING_OK && read_init(o, &err) == MASTING_OK) check_conflicts(opts, o, &err);
  mst_job job;
  mst_job_options how = {.threads = o->threads, .isa = o->isa,
                         .model = opts->npositional ? opts->positional[0] : NULL};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK) run(&job, opts, o, &err);
  return mst_job_end(&job, &err);
}

int cmd_sample(int argc, const char **argv) {
  cli_sample o = {.isa = MST_ISA_COUNT, .init = "2"};
  mst_sample_defaults(&o.run);
  o.run.out = "draws.h5";
  char d[8][24];
  snprintf(d[0], sizeof d[0], "%d", o.run.chains);
  snprintf(d[1], sizeof d[1], "%d", o.run.warmup);
  snprintf(d[2], sizeof d[2], "%d", o.run.draws);
  snprintf(d[3], sizeof d[3], "%g", o.run.target_accept);
  snprintf(d[4], sizeof d[4], "%d", o.run.max_depth);
  snprintf(d[5], sizeof d[5], "%g", o.run.init_radius);
  snprintf(d[6], sizeof d[6], "%llu", (unsigned long long)o.run.seed);
  const double whole = 0x1p53;
  mst_sample_options *r = &o.run;
#define OPT(name, letter, kind, to, min, max, choices, arg, dflt, help)                            \
  {name, letter, MST_OPT_##kind, to, min, max, choices, arg, dflt, help, false}
  mst_opt table[] = {
      OPT("out", 'o', TEXT, &r->out, 0, 0, NULL, "FILE", "draws.h5", "where the draws go"),
      OPT("force", 'f', FLAG, &r->force, 0, 0, NULL, NULL, NULL, "overwrite an existing output"),
      OPT("chains", 'c', INT, &r->chains, 1, 64, NULL, "C", d[0], "chains, run side by side"),
      OPT("warmup", 'w', INT, &r->warmup, 0, 1e9, NULL, "W", d[1], "warm-up draws a chain"),
      OPT("draws", 'd', INT, &r->draws, 1, 1e9, NULL, "D", d[2], "draws a chain after warm-up"),
      OPT("seed", 's', U64, &r->seed, 0, 0, NULL, "SEED", d[6],
          "same seed, same draws, for any ranks and threads"),
      OPT("size", 0, MANY, &o.size, 0, 0, NULL, "NAME=VALUE", NULL,
          "a size that the data do not tell"),
      OPT("metric", 0, CHOICE, &o.metric, 0, 0, metrics, NULL, "diag",
          "from draws and gradients; Stan's variances; none; of the global parameters a matrix; some directions; the best"),
      OPT("metric-spread", 0, CHOICE, &o.spread, 0, 0, spreads, NULL, "auto",
          "a dense metric cut over the ranks; auto: from 1,024 global parameters on"),
      OPT("metric-file", 0, TEXT, &r->metric_file, 0, 0, NULL, "FILE", NULL,
          "metric and step size from a file (CmdStan's JSON too); fixed, or where --metric begins"),
      OPT("save-metric", 0, TEXT, &r->save_metric, 0, 0, NULL, "FILE", NULL,
          "write what warm-up learnt: .json (CmdStan reads it) or .h5"),
      OPT("no-pool", 0, FLAG, &o.no_pool, 0, 0, NULL, NULL, NULL,
          "estimate the metric for each chain by itself"),
      OPT("target-accept", 0, REAL, &r->target_accept, 0.01, 0.999, NULL, "A", d[3],
          "acceptance that the step size aims at"),
      OPT("max-depth", 0, INT, &r->max_depth, 1, 20, NULL, "M", d[4],
          "trees have up to 2^M leaves"),
      OPT("init", 0, TEXT, &o.init, 0, 0, NULL, "RADIUS", d[5],
          "start uniform in (-RADIUS, RADIUS), unconstrained scale; or mode, or pathfinder"),
      OPT("save-warmup", 0, FLAG, &r->save_warmup, 0, 0, NULL, NULL, NULL,
          "store the warm-up draws too"),
      OPT("latents", 0, CHOICE, &o.latents, 0, 0, latents, NULL, "auto",
          "row-local parameters: all draws, mean and sd, or nothing"),
      OPT("float32", 0, FLAG, &o.float32, 0, 0, NULL, NULL, NULL,
          "keep covariates in single precision: half the memory"),
      OPT("threads", 't', INT, &o.threads, 1, 4096, NULL, "T", NULL,
          "OpenMP threads a rank [OMP_NUM_THREADS, or the rank's CPUs]"),
      OPT("lanes", 0, INT, &r->lanes, 1, 16, NULL, "L", NULL,
          "chains in one SIMD batch: 1, 2, 4, 8, 16 [the machine's best]"),
      OPT("shard", 0, TEXT, &o.shard, 0, 0, NULL, "NAME", NULL,
          "size of a Stan program that is cut over the ranks; none: nothing [chosen]"),
      OPT("isa", 0, CHOICE, &o.isa, 0, 0, mst_isa_choices, NULL, "best",
          "SIMD level; best: what all ranks have"),
      OPT("reduction", 0, CHOICE, &o.reduction, 0, 0, reductions, NULL, "exact",
          "fast: plain sums, whose bits depend on ranks"),
      OPT("progress", 0, CHOICE, &o.progress, 0, 0, progresses, NULL, "auto",
          "a line on the terminal, or lines in a log"),
      OPT("max-steps", 0, I64, &r->max_steps, 1, whole, NULL, "S", NULL,
          "stop after S leapfrog steps and store nothing: for timing"),
      OPT("json", 0, FLAG, &o.json, 0, 0, NULL, NULL, NULL,
          "print times and counts as JSON on standard output"),
      OPT("quiet", 'q', FLAG, &o.quiet, 0, 0, NULL, NULL, NULL,
          "print warnings and errors only"),
      OPT("list", 0, FLAG, &o.list, 0, 0, NULL, NULL, NULL, "show the models of the gallery"),
      {0}};
#undef OPT
  mst_opts opts = {.command = "sample", .synopsis = "MODEL [DATA] [options]", .table = table,
                   .about = "Draws from the posterior of MODEL given DATA with the No-U-Turn "
                            "Sampler, over all ranks.\nMODEL is a name of the gallery (--list) or "
                            "a compiled model.so, or a Stan program model.stan; DATA is an HDF5 file.",
                   .min_positional = 0, .max_positional = 2};
  char *line = mst_command_line(argc, argv);
  o.run.command_line = line;
  int status = sample(argc, argv, &opts, &o);
  mst_opts_free(&opts);
  free(line);
  return status;
}
