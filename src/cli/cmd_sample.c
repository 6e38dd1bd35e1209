/* cli/cmd_sample.c -- `masting sample MODEL DATA`: the main job. Collective. */
#include "cli/sample.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cmd.h"
#include "cli/command.h"
#include "cli/number.h"
#include "cli/resume.h"
#include "run/progress.h"
#include "store/lock.h"

/* mst_metric_choice */
static const char *const metrics[] = {"diag", "diag-var", "unit", "dense", "lowrank", "auto", NULL};
static const char *const samplers[] = {"nuts", "rotation", "auto", NULL}; /* mst_sampler_choice */
static const char *const distribute_names[] = {"auto", "always", "never",
                                               NULL}; /* mst_distribute */

/* Of the time that checkpoints may take, unless the user says how often they are written. */
#define CHECKPOINT_SHARE 0.01

/* The options as the user sees them; out, and defaults, come from mst_sample_defaults. */
typedef struct cli_sample {
  const char *time_limit; /* NULL: none but the Slurm job's */
  mst_stop stop;
  mst_progress_view view;
  double noted;     /* when the lock was last told */
  const char *init; /* mode, pathfinder, or a radius */
  mst_sample_options run;
  mst_resume resume;
  char identity[256];
  int metric, sampler, distribute, reduction, latents, progress;
  int list, json, quiet, no_pool;
} cli_sample;

/* --init: mode, pathfinder, or the radius of random starts. */
static masting_status read_init(cli_sample *o, mst_error *err) {
  for (int i = MST_INIT_MODE; mst_init_names[i]; i++)
    if (strcmp(o->init, mst_init_names[i]) == 0) {
      o->run.init = (mst_init)i;
      return MASTING_OK;
    }
  if (isalpha((unsigned char)o->init[0]))
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--init: expected mode, pathfinder or a radius, got '%s'; try --init mode",
                    o->init);
  return mst_parse_real("--init", o->init, 0, 100, "2", &o->run.init_radius, err);
}

static void tell(const char *line) { fprintf(stderr, "masting: %s\n", line); }

static masting_status check_metric_files(const cli_sample *o, mst_error *err) {
  const mst_sample_options *r = &o->run;
  const char *which = r->metric_file ? "--metric-file" : "--save-metric";
  if (o->no_pool && (r->metric_file || r->save_metric))
    return mst_fail(
        err, MASTING_ERR_USAGE,
        "--no-pool and %s: the file has one metric for all chains; expected one of the two", which);
  if (r->metric_file && r->metric_named && o->metric == MST_METRIC_UNIT)
    return mst_fail(
        err, MASTING_ERR_USAGE,
        "--metric unit and --metric-file: a unit metric is not read; expected one of the two");
  if (r->save_metric && (r->max_steps || r->warmup == 0))
    return mst_fail(
        err, MASTING_ERR_USAGE,
        "%s and --save-metric: the metric is saved at the end of warm-up; expected one of the two",
        r->max_steps ? "--max-steps" : "--warmup 0");
  return MASTING_OK;
}

static masting_status check_conflicts(mst_opts *opts, cli_sample *o, mst_error *err) {
  if (o->run.max_steps && mst_opts_given(opts, "out"))
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--max-steps and --out: a bounded run stores no draws; expected one of the "
                    "two; try --max-steps without --out");
  if (o->run.max_steps && o->resume.from)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--max-steps and --resume: a bounded run has no checkpoint; expected one of "
                    "the two");
  if (!mst_opts_given(opts, "checkpoint-every")) o->run.checkpoint_share = CHECKPOINT_SHARE;
  if (o->no_pool && o->metric == MST_METRIC_UNIT)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--no-pool and --metric unit: a unit metric is not estimated; expected one of "
                    "the two");
  if (o->no_pool && o->metric >= (int)MST_METRIC_DENSE)
    return mst_fail(
        err, MASTING_ERR_USAGE,
        "--no-pool and --metric %s: all chains teach that metric; expected one of the two",
        metrics[o->metric]);
  if (o->sampler == MST_SAMPLER_ROTATION &&
      (o->no_pool || o->metric == MST_METRIC_UNIT || o->metric == MST_METRIC_DIAG_VAR))
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--sampler rotation and %s%s: rotations are about a Gaussian that all chains "
                    "learn from draws and gradients; expected one of the two; try --metric diag, "
                    "dense, lowrank or auto",
                    o->no_pool ? "--no-pool" : "--metric ", o->no_pool ? "" : metrics[o->metric]);
  o->run.metric_named = mst_opts_given(opts, "metric");
  o->run.warmup_named = mst_opts_given(opts, "warmup");
  if (check_metric_files(o, err) != MASTING_OK) return err->status;
  if (o->run.save_warmup && o->run.warmup == 0)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--save-warmup and --warmup 0: there is no warm-up to save; expected one of "
                    "the two");
  if (o->run.max_steps) o->run.out = NULL;
  if ((o->run.max_steps || o->quiet) && !mst_opts_given(opts, "progress"))
    o->progress = MST_PROGRESS_NONE;
  o->run.metric = (mst_metric_choice)o->metric;
  o->run.sampler = (mst_sampler_choice)o->sampler;
  o->run.distribute = (mst_distribute)o->distribute;
  o->run.notice = o->quiet ? NULL : tell;
  o->run.reduction = (mst_reduction)o->reduction;
  o->run.latents = (mst_latents)o->latents;
  o->run.pool = !o->no_pool;
  return MASTING_OK;
}

/* --time-limit: seconds, or none: not even that of the Slurm job. */
static masting_status read_limit(cli_sample *o, mst_error *err) {
  if (!o->time_limit || strcmp(o->time_limit, "none") != 0) o->stop.slurm_end = mst_stop_slurm();
  if (o->time_limit && strcmp(o->time_limit, "none") != 0)
    mst_parse_duration("--time-limit", o->time_limit, &o->stop.limit, err);
  return err->status;
}

/* The line on the terminal; and once a second a note in the lock, which `masting status` reads. */
static void show_and_note(void *context, const mst_progress *p) {
  cli_sample *o = context;
  char note[MST_LOCK_NOTE];
  mst_progress_show(&o->view, p);
  if (!o->run.out || p->elapsed - o->noted < 1) return;
  o->noted = p->elapsed;
  snprintf(note, sizeof note,
           "warmup %lld/%lld draws %lld/%lld divergences %lld elapsed %.0f left %.0f",
           (long long)p->warmup_done, (long long)p->chains * p->warmup, (long long)p->draws_done,
           (long long)p->chains * p->draws, (long long)p->divergences, p->elapsed, p->remaining);
  mst_lock_note(o->run.out, note);
}

static masting_status refuse(mst_command *c, mst_job *job, mst_error *err) {
  cli_sample *o = c->context;
  if (mst_resume_choose(&o->resume, job, &o->run, err) == MASTING_OK && o->run.save_metric)
    mst_metricfile_refuse(&job->comm, o->run.save_metric, o->run.force || o->run.resume, err);
  return err->status;
}

/* What decides the draws and is not among the sampler's own options. */
static void note_identity(mst_command *c, cli_sample *o) {
  snprintf(o->identity, sizeof o->identity,
           "--float32=%s\n--shard=%.100s\n--covariance-spread=%lld\n", c->float32 ? "yes" : "no",
           c->shard ? c->shard : "chosen", (long long)c->spread_from);
  o->run.identity = o->identity;
}

static masting_status work(mst_command *c, mst_job *job, const mst_model_set *model,
                           const mst_dataset *data, mst_error *err) {
  cli_sample *o = c->context;
  mst_sample_result result = {0};
  o->run.data_path = c->data_path;
  mst_progress_begin(&o->view, (mst_progress_mode)o->progress);
  if (!o->quiet) mst_sample_header(job, model, data, o->run.chains);
  mst_sample(&job->comm, model, data, job->isa, &o->run, job->comm.rank == 0 ? show_and_note : NULL,
             o, &result, err);
  mst_progress_end(&o->view);
  if (err->status == MASTING_OK && result.stopped)
    c->exit_status = mst_sample_stopped(job, &o->run, &o->stop, &result);
  if (err->status == MASTING_OK && !result.stopped)
    mst_sample_report(job, &o->run, &result, o->quiet, o->json);
  mst_sample_result_free(&result);
  return err->status;
}

static int sample(mst_command *c, cli_sample *o, mst_error *err) {
  if (o->list && err->status == MASTING_OK) {
    mst_gallery_print(stdout);
    return 0;
  }
  if (err->status == MASTING_OK && c->opts->npositional == 0)
    mst_fail(err, MASTING_ERR_USAGE,
             "masting sample: no model; expected masting sample %s; try `masting sample --list`",
             c->opts->synopsis);
  if (err->status == MASTING_OK && read_init(o, err) == MASTING_OK &&
      read_limit(o, err) == MASTING_OK)
    check_conflicts(c->opts, o, err);
  c->chains = o->run.chains;
  c->seed = o->run.seed;
  c->lanes = o->run.lanes;
  c->out = o->run.out;
  c->force = o->run.force;
  note_identity(c, o);
  return mst_command_go(c, err);
}

/* The command line; where it names a checkpoint and no model, after the one that made it. False:
 * --help was asked for and given. */
static bool parse(mst_command *c, cli_sample *o, int argc, const char **argv, mst_error *err) {
  mst_opts *opts = c->opts;
  if (!mst_command_parse(c, argc, argv, err)) return false;
  if (err->status != MASTING_OK) return true;
  const bool remembered = opts->npositional == 0 && o->resume.from;
  if (mst_resume_words(&o->resume, argc, argv, remembered, err) != MASTING_OK) return true;
  o->run.words = (const char *const *)o->resume.words + 1;
  o->run.nwords = o->resume.nwords - 1;
  if (!remembered || o->resume.nwords == argc) return true;
  mst_opts_free(opts);
  opts->positional = NULL;
  opts->npositional = 0;
  c->size = (mst_opt_list){0};
  for (mst_opt *row = opts->table; row->name; row++) row->given = false;
  return mst_command_parse(c, o->resume.nwords, (const char **)o->resume.words, err);
}

int cmd_sample(int argc, const char **argv) {
  cli_sample o = {.init = "2"};
  mst_command c = {.context = &o, .refuse = refuse, .work = work, .isa = MST_ISA_COUNT};
  mst_sample_defaults(&o.run);
  o.stop.begun = mst_now();
  o.run.ask = mst_stop_ask;
  o.run.ask_context = &o.stop;
  o.run.out = "draws.h5";
  char d[8][24];
  snprintf(d[0], sizeof d[0], "%d", o.run.chains);
  snprintf(d[1], sizeof d[1], "%d", o.run.warmup);
  snprintf(d[2], sizeof d[2], "%d", o.run.draws);
  snprintf(d[3], sizeof d[3], "%g", o.run.target_accept);
  snprintf(d[4], sizeof d[4], "%d", o.run.max_depth);
  snprintf(d[5], sizeof d[5], "%g", o.run.init_radius);
  snprintf(d[6], sizeof d[6], "%llu", (unsigned long long)o.run.seed);
  snprintf(d[7], sizeof d[7], "%g", o.run.checkpoint_every);
  const double whole = 0x1p53;
  mst_sample_options *r = &o.run;
  mst_opt table[] = {
      MST_ROW("out", 'o', TEXT, &r->out, 0, 0, NULL, "FILE", "draws.h5", "where the draws go"),
      MST_ROW_FORCE(&r->force),
      MST_ROW("chains", 'c', INT, &r->chains, 1, 64, NULL, "C", d[0], "chains, run side by side"),
      MST_ROW("warmup", 'w', INT, &r->warmup, 0, 1e9, NULL, "W", d[1], "warm-up draws a chain"),
      MST_ROW("draws", 'd', INT, &r->draws, 1, 1e9, NULL, "D", d[2], "draws a chain after warm-up"),
      MST_ROW_SEED(&r->seed, d[6], "draws"),
      MST_ROW_SIZE(&c),
      MST_ROW_DATA(&c),
      MST_ROW("sampler", 0, CHOICE, &o.sampler, 0, 0, samplers, NULL, "nuts",
              "trajectories; rotations about a Gaussian, a gradient a draw; the better by trial"),
      MST_ROW("metric", 0, CHOICE, &o.metric, 0, 0, metrics, NULL, "diag",
              "from draws and gradients; Stan's variances; none; of the global parameters a "
              "matrix; some directions; the best"),
      MST_ROW("metric-spread", 0, CHOICE, &o.distribute, 0, 0, distribute_names, NULL, "auto",
              "a dense metric cut over the ranks; auto: from 1,024 global parameters on"),
      MST_ROW(
          "metric-file", 0, TEXT, &r->metric_file, 0, 0, NULL, "FILE", NULL,
          "metric and step size from a file (CmdStan's JSON too); fixed, or where --metric begins"),
      MST_ROW("save-metric", 0, TEXT, &r->save_metric, 0, 0, NULL, "FILE", NULL,
              "write what warm-up learnt: .json (CmdStan reads it) or .h5"),
      MST_ROW("spectrum", 0, FLAG, &r->spectrum, 0, 0, NULL, NULL, NULL,
              "tell how stiff the learnt metric is, and along which parameters"),
      MST_ROW("no-pool", 0, FLAG, &o.no_pool, 0, 0, NULL, NULL, NULL,
              "estimate the metric for each chain by itself"),
      MST_ROW("target-accept", 0, REAL, &r->target_accept, 0.01, 0.999, NULL, "A", d[3],
              "acceptance that the step size aims at"),
      MST_ROW("max-depth", 0, INT, &r->max_depth, 1, MST_MAX_DEPTH, NULL, "M", d[4],
              "trees have up to 2^M leaves"),
      MST_ROW("init", 0, TEXT, &o.init, 0, 0, NULL, "RADIUS", d[5],
              "start uniform in (-RADIUS, RADIUS), unconstrained scale; or mode, or pathfinder"),
      MST_ROW("checkpoint", 0, TEXT, &o.resume.file, 0, 0, NULL, "FILE", "OUT.checkpoint",
              "where the run can go on from, if it is stopped"),
      MST_ROW("checkpoint-every", 0, REAL, &r->checkpoint_every, 0, 1e9, NULL, "SECONDS", d[7],
              "how often it is written; 0: only when asked"),
      MST_ROW("resume", 0, TEXT, &o.resume.from, 0, 0, NULL, "FILE", NULL,
              "go on from a checkpoint; auto: from this output's own, or begin"),
      MST_ROW("save-warmup", 0, FLAG, &r->save_warmup, 0, 0, NULL, NULL, NULL,
              "store the warm-up draws too"),
      MST_ROW(
          "time-limit", 0, TEXT, &o.time_limit, 0, 0, NULL, "TIME", NULL,
          "stop after this time (3h50m, 90s, 3:50:00) with what there is; none [the Slurm job's]"),
      MST_ROW("finish", 0, FLAG, &r->finish, 0, 0, NULL, NULL, NULL,
              "what a run has that is stopped becomes a whole draws file"),
      MST_ROW_LATENTS(&o.latents),
      MST_ROW_FLOAT32(&c),
      MST_ROW_THREADS(&c),
      MST_ROW_LANES(&r->lanes, "chains"),
      MST_ROW_SHARD(&c.shard),
      MST_ROW_COVARIANCE(&c.spread_from),
      MST_ROW_ISA(&c),
      MST_ROW_REDUCTION(&o.reduction),
      MST_ROW_PROGRESS(&o.progress),
      MST_ROW("max-steps", 0, I64, &r->max_steps, 1, whole, NULL, "S", NULL,
              "stop after S leapfrog steps and store nothing: for timing"),
      MST_ROW_JSON(&o.json, "print times and counts as JSON on standard output"),
      MST_ROW_QUIET(&o.quiet, ""),
      MST_ROW("list", 0, FLAG, &o.list, 0, 0, NULL, NULL, NULL, "show the models of the gallery"),
      {0}};
  mst_opts opts = {
      .command = "sample",
      .synopsis = "MODEL [DATA] [options]",
      .table = table,
      .about = "Draws from the posterior of MODEL given DATA with the No-U-Turn "
               "Sampler, over all ranks.\nMODEL is a Stan program model.stan, a name of the "
               "gallery (--list) or a compiled model.so;\nDATA is HDF5, JSON or CSV.",
      .min_positional = 0,
      .max_positional = 2};
  mst_error err = {0};
  char *line = mst_command_line(argc, argv);
  o.run.command_line = line;
  c.opts = &opts;
  bool goes = parse(&c, &o, argc, argv, &err);
  int status = goes ? sample(&c, &o, &err) : 0;
  mst_opts_free(&opts);
  mst_resume_free(&o.resume);
  free(line);
  return status;
}
