/* cli/cmd_pathfinder.c -- `masting pathfinder MODEL DATA`: draws of Gaussians on the way to
 * modes. Collective. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/ascent_view.h"
#include "cli/cmd.h"
#include "cli/command.h"
#include "cli/sample.h"
#include "run/paths.h"

typedef struct cli_pathfinder {
  mst_paths_options run;
  int latents, reduction, progress, json, quiet, all;
} cli_pathfinder;

static const char *meaning(double k) {
  return k < MST_PSIS_GOOD ? "good: the draws stand for the posterior"
         : k < 1           ? "high: means are rough, tails are not to be trusted"
                           : "very high: the draws are near the posterior, no more";
}

static void print_paths(const mst_paths_result *r, int paths) {
  printf("%5s  %15s  %15s  %8s  %10s  %11s  %s\n", "path", "highest lp", "ELBO", "weight",
         "iterations", "evaluations", "end");
  for (int c = 0; c < paths; c++) {
    const mst_path_end *p = &r->path[c];
    printf("%5d  %15.8g  %15.8g  %7.1f%%  %4d of %-3d  %11lld  %s\n", c + 1, p->lp, p->elbo,
           100 * p->share, p->best, p->iterations, (long long)p->evaluations,
           p->sound ? mst_ascent_end_text(p->end) : "no Gaussian with a finite ELBO");
  }
  printf("Pareto k %.2f: %s\n", r->k, meaning(r->k));
}

static json_t *real_or_null(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static void print_json(const mst_job *job, const cli_pathfinder *o, const mst_paths_result *r) {
  json_t *paths = json_array();
  for (int c = 0; c < o->run.paths; c++) {
    const mst_path_end *p = &r->path[c];
    json_array_append_new(
        paths, json_pack("{s:o,s:o,s:f,s:i,s:i,s:I,s:b,s:s}", "lp", real_or_null(p->lp), "elbo",
                         real_or_null(p->elbo), "weight", p->share, "iterations", p->iterations,
                         "best_iteration", p->best, "evaluations", (json_int_t)p->evaluations,
                         "sound", p->sound, "end", mst_ascent_end_text(p->end)));
  }
  json_t *root =
      json_pack("{s:i,s:i,s:s,s:o,s:o,s:I,s:I,s:I,s:I,s:f,s:I,s:s}", "ranks", job->comm.size,
                "threads", job->comm.threads, "isa", mst_isa_name(job->isa), "paths", paths,
                "pareto_k", real_or_null(r->k), "steps", (json_int_t)r->steps, "gradients",
                (json_int_t)r->gradients, "collectives", (json_int_t)r->collectives,
                "collective_bytes", (json_int_t)r->collective_bytes, "seconds", r->seconds,
                "peak_resident_bytes", (json_int_t)mst_resident_peak(), "out", o->run.out);
  if (root) json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  putchar('\n');
  json_decref(root);
}

static void report(const mst_job *job, const cli_pathfinder *o, const mst_paths_result *r) {
  if (job->comm.rank != 0) return;
  if (o->json)
    print_json(job, o, r);
  else
    print_paths(r, o->run.paths);
  if (!o->quiet) {
    mst_ascent_view_costs(r->gradients, r->steps, r->seconds);
    fprintf(stderr, "masting: draws in %s; next: masting summary %s\n", o->run.out, o->run.out);
  }
  if (r->sound < o->run.paths)
    mst_warn("%d of %d paths have no Gaussian with a finite ELBO and no draws",
             o->run.paths - r->sound, o->run.paths);
  if (!(r->k < MST_PSIS_GOOD))
    mst_warn("Pareto k is %.2f, above %.1f: importance weights cannot mend what the Gaussians "
             "miss; good for "
             "starting points, not for inference; try `masting sample --init pathfinder`",
             r->k, MST_PSIS_GOOD);
}

static masting_status work(mst_command *c, mst_job *job, const mst_model_set *model,
                           const mst_dataset *data, mst_error *err) {
  cli_pathfinder *o = c->context;
  mst_paths_result result = {0};
  mst_ascent_view view;
  o->run.data_path = c->data_path;
  mst_ascent_view_begin(&view, job, model, data, c->chains, (mst_progress_mode)o->progress,
                        o->quiet);
  mst_paths_run(&job->comm, model, data, job->isa, &o->run, mst_ascent_view_show, &view, &result,
                err);
  mst_progress_end(&view.line);
  if (err->status == MASTING_OK) report(job, o, &result);
  mst_paths_free(&result);
  return err->status;
}

int cmd_pathfinder(int argc, const char **argv) {
  cli_pathfinder o = {0};
  mst_command c = {.context = &o, .work = work, .isa = MST_ISA_COUNT};
  mst_paths_defaults(&o.run);
  o.run.out = "draws.h5";
  mst_paths_options *r = &o.run;
  mst_ascent_options *ascent = &r->path.ascent;
  const double whole = 0x1p31 - 1;
  mst_opt table[] = {
      MST_ROW("out", 'o', TEXT, &r->out, 0, 0, NULL, "FILE", "draws.h5", "where the draws go"),
      MST_ROW_FORCE(&r->force),
      MST_ROW("paths", 'n', INT, &r->paths, 1, 64, NULL, "N", "8", "paths, side by side"),
      MST_ROW("draws", 'd', INT, &r->draws, 1, whole, NULL, "D", "1000",
              "draws in the file, chosen by weight among those of all paths"),
      MST_ROW("path-draws", 0, I64, &r->path.draws, 10, whole, NULL, "D", "1000",
              "draws of each path, for the weights"),
      MST_ROW("all-draws", 0, FLAG, &o.all, 0, 0, NULL, NULL, NULL,
              "store all draws of the paths, a chain a path, with their weights"),
      MST_ROW("elbo-draws", 0, INT, &r->path.elbo_draws, 1, 1e6, NULL, "K", "25",
              "draws at each step of a path, for its ELBO"),
      MST_ROW_SEED(&ascent->seed, "1", "draws"),
      MST_ROW_INIT_RADIUS(&ascent->init_radius, "paths begin"),
      MST_ROW_SIZE(&c),
      MST_ROW_DATA(&c),
      MST_ROW("history", 0, INT, &ascent->history, 1, MST_MAX_HISTORY, NULL, "M", "5",
              "steps that L-BFGS remembers"),
      MST_ROW_MAX_ITERATIONS(&ascent->max_iterations, "1000", "a path"),
      MST_ROWS_TOLERANCES(ascent, "a path ends when the log density changes by less"),
      MST_ROW_LATENTS(&o.latents),
      MST_ROW_FLOAT32(&c),
      MST_ROW_THREADS(&c),
      MST_ROW_LANES(&r->lanes, "paths"),
      MST_ROW_SHARD(&c.shard),
      MST_ROW_COVARIANCE(&c.spread_from),
      MST_ROW_ISA(&c),
      MST_ROW_REDUCTION(&o.reduction),
      MST_ROW_PROGRESS(&o.progress),
      MST_ROW_JSON(&o.json, "JSON in place of the table"),
      MST_ROW_QUIET(&o.quiet, "the result, "),
      {0}};
  mst_opts opts = {
      .command = "pathfinder",
      .synopsis = "MODEL [DATA] [options]",
      .table = table,
      .about =
          "Draws near the posterior of MODEL given DATA by Pathfinder: Gaussians along the ways to "
          "modes, from\nseveral starts at once, the best of each by its ELBO; draws are "
          "chosen by Pareto-smoothed importance weights.",
      .min_positional = 1,
      .max_positional = 2};
  mst_error err = {0};
  char *line = mst_command_line(argc, argv);
  int status = 0;
  c.opts = &opts;
  if (mst_command_parse(&c, argc, argv, &err)) {
    r->command_line = line;
    o.run.latents = (mst_latents)o.latents;
    o.run.resample = !o.all;
    o.run.reduction = (mst_reduction)o.reduction;
    c.chains = r->paths;
    c.seed = ascent->seed;
    c.lanes = r->lanes;
    c.out = r->out;
    c.force = r->force;
    status = mst_command_go(&c, &err);
  }
  mst_opts_free(&opts);
  free(line);
  return status;
}
