/* cli/cmd_pathfinder.c -- `masting pathfinder MODEL DATA`: draws of Gaussians on the way to modes. Collective. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/climbing.h"
#include "cli/cmd.h"
#include "cli/job.h"
#include "cli/sample.h"
#include "run/paths.h"

static const char *const latents[] = {"auto", "all", "moments", "none", NULL}; /* mst_latents */
static const char *const reductions[] = {"exact", "fast", NULL};
static const char *const progresses[] = {"auto", "bar", "log", "none", NULL};

typedef struct cli_pathfinder {
  mst_paths_options run;
  const char *shard;
  int latents, reduction, progress, isa, threads, float32, json, quiet, all;
  mst_opt_list size;
} cli_pathfinder;

static const char *meaning(double k) {
  return k < MST_PSIS_GOOD ? "good: the draws stand for the posterior"
         : k < 1           ? "high: means are rough, tails are not to be trusted"
                           : "very high: the draws are near the posterior, no more";
}

static void print_paths(const mst_paths_result *r, int paths) {
  printf("%5s  %15s  %15s  %8s  %10s  %11s  %s\n", "path", "highest lp", "ELBO", "weight", "iterations",
         "evaluations", "end");
  for (int c = 0; c < paths; c++) {
    const mst_path_end *p = &r->path[c];
    printf("%5d  %15.8g  %15.8g  %7.1f%%  %4d of %-3d  %11lld  %s\n", c + 1, p->lp, p->elbo, 100 * p->share,
           p->best, p->iterations, (long long)p->evaluations,
           p->sound ? mst_climb_end_text(p->end) : "no Gaussian with a finite ELBO");
  }
  printf("Pareto k %.2f: %s\n", r->k, meaning(r->k));
}

static json_t *real_or_null(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static void print_json(const mst_job *job, const cli_pathfinder *o, const mst_paths_result *r) {
  json_t *paths = json_array();
  for (int c = 0; c < o->run.paths; c++) {
    const mst_path_end *p = &r->path[c];
    json_array_append_new(paths, json_pack("{s:o,s:o,s:f,s:i,s:i,s:I,s:b,s:s}", "lp", real_or_null(p->lp), "elbo",
                                           real_or_null(p->elbo), "weight", p->share, "iterations", p->iterations,
                                           "best_iteration", p->best, "evaluations", (json_int_t)p->evaluations,
                                           "sound", p->sound, "end", mst_climb_end_text(p->end)));
  }
  json_t *root = json_pack(
      "{s:i,s:i,s:s,s:o,s:o,s:I,s:I,s:I,s:I,s:f,s:I,s:s}", "ranks", job->comm.size, "threads",
      job->comm.threads, "isa", mst_isa_name(job->isa), "paths", paths, "pareto_k", real_or_null(r->k), "steps",
      (json_int_t)r->steps, "gradients", (json_int_t)r->gradients, "collectives",
      (json_int_t)r->collectives, "collective_bytes", (json_int_t)r->collective_bytes, "seconds",
      r->seconds, "peak_resident_bytes", (json_int_t)mst_resident_peak(), "out", o->run.out);
  if (root) json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  putchar('\n');
  json_decref(root);
}

static void report(const mst_job *job, const cli_pathfinder *o, const mst_paths_result *r) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  if (job->comm.rank != 0) return;
  if (o->json)
    print_json(job, o, r);
  else
    print_paths(r, o->run.paths);
  if (!o->quiet) {
    fprintf(stderr, "masting: work: %s gradients in %s passes over the data, %s\n",
            mst_show_count(r->gradients, a), mst_show_count(r->steps, b),
            mst_show_seconds(r->seconds, c));
    fprintf(stderr, "masting: draws in %s; next: masting summary %s\n", o->run.out, o->run.out);
  }
  if (r->sound < o->run.paths)
    mst_warn("%d of %d paths have no Gaussian with a finite ELBO and no draws", o->run.paths - r->sound,
             o->run.paths);
  if (!(r->k < MST_PSIS_GOOD))
    mst_warn("Pareto k is %.2f, above %.1f: importance weights cannot mend what the Gaussians miss; good for "
             "starting points, not for inference; try `masting sample --init pathfinder`",
             r->k, MST_PSIS_GOOD);
}

static void header(const mst_job *job, const mst_model_set *model, const mst_dataset *data,
                   const cli_pathfinder *o) {
  mst_sample_options like;
  mst_sample_defaults(&like);
  like.chains = o->run.paths;
  if (!o->quiet) mst_sample_header(job, model, data, &like);
}

static masting_status run(mst_job *job, mst_opts *opts, cli_pathfinder *o, mst_error *err) {
  const char *data_path = opts->npositional > 1 ? opts->positional[1] : NULL;
  mst_read_options read = {.float32 = o->float32};
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  mst_dataset data = {0};
  mst_paths_result result = {0};
  mst_climbing_view view;
  mst_job_sizes(opts, &o->size, &sizes, &read.nsizes, err);
  read.sizes = sizes;
  job->chains = o->run.paths;
  job->lanes = o->run.lanes;
  job->build.cut.size = o->shard;
  o->run.data_path = data_path;
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      mst_job_output(job, o->run.out, o->run.force, err) == MASTING_OK &&
      mst_job_load(job, opts->positional[0], data_path, &read, &model, &data, err) == MASTING_OK) {
    mst_climbing_begin(&view, (mst_progress_mode)(o->quiet ? MST_PROGRESS_NONE : o->progress));
    header(job, &model, &data, o);
    mst_paths_run(&job->comm, &model, &data, job->isa, &o->run, mst_climbing_show, &view, &result,
                   err);
    mst_progress_end(&view.line);
    if (err->status == MASTING_OK) report(job, o, &result);
  }
  mst_paths_free(&result);
  mst_dataset_free(&data);
  mst_model_close(&model);
  free(sizes);
  return err->status;
}

static int pathfinder(int argc, const char **argv, mst_opts *opts, cli_pathfinder *o) {
  mst_error err = {0};
  mst_opts_parse(opts, argc, argv, &err);
  if (opts->help) {
    mst_opts_help(opts, stdout);
    return 0;
  }
  if (err.status == MASTING_OK && (o->run.lanes & (o->run.lanes - 1)) != 0)
    mst_fail(&err, MASTING_ERR_USAGE, "--lanes: expected 1, 2, 4, 8 or 16, got '%d'", o->run.lanes);
  o->run.latents = (mst_latents)o->latents;
  o->run.resample = !o->all;
  o->run.reduction = (mst_reduction)o->reduction;
  mst_job job;
  mst_job_options how = {.threads = o->threads, .isa = o->isa,
                         .model = opts->npositional ? opts->positional[0] : NULL};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK) run(&job, opts, o, &err);
  return mst_job_end(&job, &err);
}

int cmd_pathfinder(int argc, const char **argv) {
  cli_pathfinder o = {.isa = MST_ISA_COUNT};
  mst_paths_defaults(&o.run);
  o.run.out = "draws.h5";
  mst_paths_options *r = &o.run;
  mst_climb_options *c = &r->path.climb;
  const double whole = 0x1p31 - 1;
#define OPT(name, letter, kind, to, min, max, choices, arg, dflt, help)                            \
  {name, letter, MST_OPT_##kind, to, min, max, choices, arg, dflt, help, false}
  mst_opt table[] = {
      OPT("out", 'o', TEXT, &r->out, 0, 0, NULL, "FILE", "draws.h5", "where the draws go"),
      OPT("force", 'f', FLAG, &r->force, 0, 0, NULL, NULL, NULL, "overwrite an existing output"),
      OPT("paths", 'n', INT, &r->paths, 1, 64, NULL, "N", "8", "paths, side by side"),
      OPT("draws", 'd', INT, &r->draws, 1, whole, NULL, "D", "1000",
          "draws in the file, chosen by weight among those of all paths"),
      OPT("path-draws", 0, I64, &r->path.draws, 10, whole, NULL, "D", "1000",
          "draws of each path, for the weights"),
      OPT("all-draws", 0, FLAG, &o.all, 0, 0, NULL, NULL, NULL,
          "store all draws of the paths, a chain a path, with their weights"),
      OPT("elbo-draws", 0, INT, &r->path.elbo_draws, 1, 1e6, NULL, "K", "25",
          "draws at each step of a path, for its ELBO"),
      OPT("seed", 's', U64, &c->seed, 0, 0, NULL, "SEED", "1",
          "same seed, same draws, for any ranks and threads"),
      OPT("init-radius", 0, REAL, &c->init_radius, 0, 100, NULL, "RADIUS", "2",
          "paths begin uniform in (-RADIUS, RADIUS), unconstrained scale"),
      OPT("size", 0, MANY, &o.size, 0, 0, NULL, "NAME=VALUE", NULL,
          "a size that the data do not tell"),
      OPT("history", 0, INT, &c->history, 1, MST_MAX_HISTORY, NULL, "M", "5",
          "steps that L-BFGS remembers"),
      OPT("max-iterations", 0, INT, &c->max_iterations, 1, 1e9, NULL, "I", "1000",
          "a path ends after so many steps"),
      OPT("tol-obj", 0, REAL, &c->tol_obj, 0, 1e300, NULL, "T", "1e-12",
          "a path ends when the log density changes by less"),
      OPT("tol-rel-obj", 0, REAL, &c->tol_rel_obj, 0, 1e300, NULL, "T", "1e4",
          "the same, relative, in units of 2.2e-16"),
      OPT("tol-grad", 0, REAL, &c->tol_grad, 0, 1e300, NULL, "T", "1e-8",
          "... when the gradient is shorter"),
      OPT("tol-rel-grad", 0, REAL, &c->tol_rel_grad, 0, 1e300, NULL, "T", "1e7",
          "... when g'Hg is less, relative, in units of 2.2e-16"),
      OPT("tol-param", 0, REAL, &c->tol_param, 0, 1e300, NULL, "T", "1e-8",
          "... when a step is shorter"),
      OPT("latents", 0, CHOICE, &o.latents, 0, 0, latents, NULL, "auto",
          "row-local parameters: all draws, mean and sd, or nothing"),
      OPT("float32", 0, FLAG, &o.float32, 0, 0, NULL, NULL, NULL,
          "keep covariates in single precision: half the memory"),
      OPT("threads", 't', INT, &o.threads, 1, 4096, NULL, "T", NULL,
          "OpenMP threads a rank [OMP_NUM_THREADS, or the rank's CPUs]"),
      OPT("lanes", 0, INT, &r->lanes, 1, 16, NULL, "L", NULL,
          "paths in one SIMD batch: 1, 2, 4, 8, 16 [the machine's best]"),
      OPT("shard", 0, TEXT, &o.shard, 0, 0, NULL, "NAME", NULL,
          "size of a Stan program that is cut over the ranks; none: nothing [chosen]"),
      OPT("isa", 0, CHOICE, &o.isa, 0, 0, mst_isa_choices, NULL, "best",
          "SIMD level; best: what all ranks have"),
      OPT("reduction", 0, CHOICE, &o.reduction, 0, 0, reductions, NULL, "exact",
          "fast: plain sums, whose bits depend on ranks"),
      OPT("progress", 0, CHOICE, &o.progress, 0, 0, progresses, NULL, "auto",
          "a line on the terminal, or lines in a log"),
      OPT("json", 0, FLAG, &o.json, 0, 0, NULL, NULL, NULL, "JSON in place of the table"),
      OPT("quiet", 'q', FLAG, &o.quiet, 0, 0, NULL, NULL, NULL,
          "print the result, warnings and errors only"),
      {0}};
#undef OPT
  mst_opts opts = {.command = "pathfinder", .synopsis = "MODEL [DATA] [options]", .table = table,
                   .about = "Draws near the posterior of MODEL given DATA by Pathfinder: Gaussians along the ways to "
                            "modes, from\nseveral starts at once, the best of each by its ELBO; draws are "
                            "chosen by Pareto-smoothed importance weights.",
                   .min_positional = 1, .max_positional = 2};
  char *line = mst_command_line(argc, argv);
  o.run.command_line = line;
  int status = pathfinder(argc, argv, &opts, &o);
  mst_opts_free(&opts);
  free(line);
  return status;
}
