/* cli/cmd_optimize.c -- `masting optimize MODEL DATA`: the mode. Collective. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/climbing.h"
#include "cli/cmd.h"
#include "cli/job.h"
#include "cli/sample.h"

#define ROWS_EACH 50 /* of a parameter, in the table */

static const char *const latents[] = {"auto", "all", "none", NULL};
static const mst_latents latents_of[] = {MST_LATENTS_AUTO, MST_LATENTS_ALL, MST_LATENTS_NONE};
static const char *const reductions[] = {"exact", "fast", NULL};
static const char *const progresses[] = {"auto", "bar", "log", "none", NULL};

typedef struct cli_optimize {
  mst_modes_options run;
  const char *shard;
  int latents, reduction, progress, isa, threads, float32, json, quiet, integrated;
  mst_opt_list size;
} cli_optimize;

static void print_starts(const mst_modes_result *r, int starts) {
  printf("\n%5s  %15s  %10s  %10s  %11s  %s\n", "start", "lp", "gradient", "iterations", "evaluations",
         "end");
  for (int i = 0; i < starts; i++) {
    const mst_mode *m = &r->mode[i];
    printf("%5d  %15.8g  %10.2g  %10d  %11d  %s%s%s%s%s\n", m->start, m->lp, m->gradient, m->iterations,
           m->evaluations, mst_climb_end_text(m->fate.end), *m->fate.name ? ": " : "", m->fate.name,
           *m->fate.name ? " " : "", m->fate.where);
  }
}

static json_t *pack_start(const mst_mode *m) {
  json_t *o = json_pack("{s:i,s:b,s:s,s:i,s:i}", "start", m->start, "converged",
                        mst_climb_converged(m->fate.end), "end", mst_climb_end_text(m->fate.end),
                        "iterations", m->iterations, "evaluations", m->evaluations);
  json_object_set_new(o, "lp", isfinite(m->lp) ? json_real(m->lp) : json_null());
  json_object_set_new(o, "gradient", isfinite(m->gradient) ? json_real(m->gradient) : json_null());
  if (*m->fate.name) json_object_set_new(o, "runs_away", json_string(m->fate.name));
  return o;
}

static void print_json(const mst_job *job, const cli_optimize *o, const mst_modes_result *r) {
  json_t *starts = json_array(), *mode = json_object();
  for (int i = 0; i < o->run.starts; i++) json_array_append_new(starts, pack_start(&r->mode[i]));
  mst_pack_globals(&r->layout, r->theta, mode);
  json_t *root = json_pack(
      "{s:i,s:i,s:s,s:o,s:o,s:I,s:I,s:I,s:I,s:f,s:I,s:s?}", "ranks", job->comm.size, "threads",
      job->comm.threads, "isa", mst_isa_name(job->isa), "mode", mode, "starts", starts, "steps",
      (json_int_t)r->steps, "gradients", (json_int_t)r->gradients, "collectives",
      (json_int_t)r->collectives, "collective_bytes", (json_int_t)r->collective_bytes, "seconds",
      r->seconds, "peak_resident_bytes", (json_int_t)mst_resident_peak(), "out", o->run.out);
  if (root) json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  putchar('\n');
  json_decref(root);
}

/* Starts that found nothing, while others did; and modes that differ. */
static void warn(const cli_optimize *o, const mst_modes_result *r) {
  const int starts = o->run.starts;
  int lost = 0, lower = 0;
  for (int i = 0; i < starts; i++) {
    lost += !mst_climb_converged(r->mode[i].fate.end);
    lower += mst_climb_converged(r->mode[i].fate.end) && r->mode[0].lp - r->mode[i].lp > 0.01;
  }
  if (lost) {
    const mst_mode *m = &r->mode[starts - lost]; /* the highest of them */
    mst_warn("%d of %d starts found no mode; start %d: %s%s%s%s%s", lost, starts, m->start,
             mst_climb_end_text(m->fate.end), *m->fate.name ? ": " : "", m->fate.name, *m->fate.name ? " " : "", m->fate.where);
  }
  if (lower)
    mst_warn("%d of %d starts ended at a mode that is lower than the best by more than 0.01: there are "
             "several modes, and one of them alone is not the posterior", lower, starts);
}

static void report(const mst_job *job, const cli_optimize *o, const mst_modes_result *r) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  if (job->comm.rank != 0) return;
  if (o->json) {
    print_json(job, o, r);
  } else {
    mst_print_globals(&r->layout, r->theta, ROWS_EACH, stdout, stderr);
    print_starts(r, o->run.starts);
  }
  if (!o->quiet) {
    fprintf(stderr, "masting: work: %s gradients in %s passes over the data, %s\n",
            mst_show_count(r->gradients, a), mst_show_count(r->steps, b),
            mst_show_seconds(r->seconds, c));
    if (r->layout.locals)
      fprintf(stderr, "masting: row-local parameters are %s\n",
              o->run.out ? "in the file" : "not shown; try -o mode.h5");
    if (o->run.out) fprintf(stderr, "masting: modes in %s, best first\n", o->run.out);
  }
  warn(o, r);
}

static void header(const mst_job *job, const mst_model_set *model, const mst_dataset *data,
                   const cli_optimize *o) {
  mst_sample_options like;
  mst_sample_defaults(&like);
  like.chains = o->run.starts;
  if (!o->quiet) mst_sample_header(job, model, data, &like);
}

static masting_status run(mst_job *job, mst_opts *opts, cli_optimize *o, mst_error *err) {
  const char *data_path = opts->npositional > 1 ? opts->positional[1] : NULL;
  mst_read_options read = {.float32 = o->float32};
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  mst_dataset data = {0};
  mst_modes_result result = {0};
  mst_climbing_view view;
  mst_job_sizes(opts, &o->size, &sizes, &read.nsizes, err);
  read.sizes = sizes;
  job->chains = o->run.starts;
  job->lanes = o->run.lanes;
  job->build.cut.size = o->shard;
  o->run.data_path = data_path;
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      (!o->run.out || mst_job_output(job, o->run.out, o->run.force, err) == MASTING_OK) &&
      mst_job_load(job, opts->positional[0], data_path, &read, &model, &data, err) == MASTING_OK) {
    mst_climbing_begin(&view, (mst_progress_mode)(o->quiet ? MST_PROGRESS_NONE : o->progress));
    header(job, &model, &data, o);
    mst_modes_find(&job->comm, &model, &data, job->isa, &o->run, mst_climbing_show, &view, &result,
                   err);
    mst_progress_end(&view.line);
    if (err->status == MASTING_OK) report(job, o, &result);
  }
  mst_modes_free(&result);
  mst_dataset_free(&data);
  mst_model_close(&model);
  free(sizes);
  return err->status;
}

static int optimize(int argc, const char **argv, mst_opts *opts, cli_optimize *o) {
  mst_error err = {0};
  mst_opts_parse(opts, argc, argv, &err);
  if (opts->help) {
    mst_opts_help(opts, stdout);
    return 0;
  }
  if (err.status == MASTING_OK && (o->run.lanes & (o->run.lanes - 1)) != 0)
    mst_fail(&err, MASTING_ERR_USAGE, "--lanes: expected 1, 2, 4, 8 or 16, got '%d'", o->run.lanes);
  o->run.climb.integrated = o->integrated;
  o->run.latents = latents_of[o->latents];
  o->run.reduction = (mst_reduction)o->reduction;
  mst_job job;
  mst_job_options how = {.threads = o->threads, .isa = o->isa,
                         .model = opts->npositional ? opts->positional[0] : NULL};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK) run(&job, opts, o, &err);
  return mst_job_end(&job, &err);
}

int cmd_optimize(int argc, const char **argv) {
  cli_optimize o = {.isa = MST_ISA_COUNT};
  mst_modes_defaults(&o.run);
  mst_modes_options *r = &o.run;
  mst_climb_options *c = &r->climb;
#define OPT(name, letter, kind, to, min, max, choices, arg, dflt, help)                            \
  {name, letter, MST_OPT_##kind, to, min, max, choices, arg, dflt, help, false}
  mst_opt table[] = {
      OPT("out", 'o', TEXT, &r->out, 0, 0, NULL, "FILE", NULL,
          "write the modes as draws: a chain of one draw for each start, best first"),
      OPT("force", 'f', FLAG, &r->force, 0, 0, NULL, NULL, NULL, "overwrite an existing output"),
      OPT("starts", 'n', INT, &r->starts, 1, 64, NULL, "N", "8", "starts, climbing side by side"),
      OPT("seed", 's', U64, &c->seed, 0, 0, NULL, "SEED", "1",
          "same seed, same modes, for any ranks and threads"),
      OPT("init-radius", 0, REAL, &c->init_radius, 0, 100, NULL, "RADIUS", "2",
          "start uniform in (-RADIUS, RADIUS), unconstrained scale"),
      OPT("integrated", 0, FLAG, &o.integrated, 0, 0, NULL, NULL, NULL,
          "of the global parameters, row-local ones integrated out (Laplace)"),
      OPT("size", 0, MANY, &o.size, 0, 0, NULL, "NAME=VALUE", NULL,
          "a size that the data do not tell"),
      OPT("history", 0, INT, &c->history, 1, MST_MAX_HISTORY, NULL, "M", "5",
          "steps that L-BFGS remembers"),
      OPT("max-iterations", 0, INT, &c->max_iterations, 1, 1e9, NULL, "I", "2000",
          "a start ends after so many steps"),
      OPT("tol-obj", 0, REAL, &c->tol_obj, 0, 1e300, NULL, "T", "1e-12",
          "converged when the log density changes by less"),
      OPT("tol-rel-obj", 0, REAL, &c->tol_rel_obj, 0, 1e300, NULL, "T", "1e4",
          "the same, relative, in units of 2.2e-16"),
      OPT("tol-grad", 0, REAL, &c->tol_grad, 0, 1e300, NULL, "T", "1e-8",
          "... when the gradient is shorter"),
      OPT("tol-rel-grad", 0, REAL, &c->tol_rel_grad, 0, 1e300, NULL, "T", "1e7",
          "... when g'Hg is less, relative, in units of 2.2e-16"),
      OPT("tol-param", 0, REAL, &c->tol_param, 0, 1e300, NULL, "T", "1e-8",
          "... when a step is shorter"),
      OPT("latents", 0, CHOICE, &o.latents, 0, 0, latents, NULL, "auto",
          "row-local parameters in the file"),
      OPT("float32", 0, FLAG, &o.float32, 0, 0, NULL, NULL, NULL,
          "keep covariates in single precision: half the memory"),
      OPT("threads", 't', INT, &o.threads, 1, 4096, NULL, "T", NULL,
          "OpenMP threads a rank [OMP_NUM_THREADS, or the rank's CPUs]"),
      OPT("lanes", 0, INT, &r->lanes, 1, 16, NULL, "L", NULL,
          "starts in one SIMD batch: 1, 2, 4, 8, 16 [the machine's best]"),
      OPT("shard", 0, TEXT, &o.shard, 0, 0, NULL, "NAME", NULL,
          "size of a Stan program that is cut over the ranks; none: nothing [chosen]"),
      OPT("isa", 0, CHOICE, &o.isa, 0, 0, mst_isa_choices, NULL, "best",
          "SIMD level; best: what all ranks have"),
      OPT("reduction", 0, CHOICE, &o.reduction, 0, 0, reductions, NULL, "exact",
          "fast: plain sums, whose bits depend on ranks"),
      OPT("progress", 0, CHOICE, &o.progress, 0, 0, progresses, NULL, "auto",
          "a line on the terminal, or lines in a log"),
      OPT("json", 0, FLAG, &o.json, 0, 0, NULL, NULL, NULL, "JSON in place of the tables"),
      OPT("quiet", 'q', FLAG, &o.quiet, 0, 0, NULL, NULL, NULL,
          "print the result, warnings and errors only"),
      {0}};
#undef OPT
  mst_opts opts = {.command = "optimize", .synopsis = "MODEL [DATA] [options]", .table = table,
                   .about = "The mode of MODEL given DATA: the highest point of the density that `masting "
                            "sample` draws from,\non the unconstrained scale (log Jacobians included), by "
                            "L-BFGS from several starts at once.",
                   .min_positional = 1, .max_positional = 2};
  char *line = mst_command_line(argc, argv);
  o.run.command_line = line;
  int status = optimize(argc, argv, &opts, &o);
  mst_opts_free(&opts);
  free(line);
  return status;
}
