/* cli/cmd_optimize.c -- `masting optimize MODEL DATA`: the mode. Collective. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/ascent_view.h"
#include "cli/cmd.h"
#include "cli/command.h"
#include "cli/directions_view.h"
#include "cli/sample.h"

#define ROWS_EACH 50 /* of a parameter, in the table */

static const char *const latents[] = {"auto", "all", "none", NULL};
static const mst_latents latents_of[] = {MST_LATENTS_AUTO, MST_LATENTS_ALL, MST_LATENTS_NONE};

typedef struct cli_optimize {
  mst_modes_options run;
  int latents, reduction, progress, json, quiet, integrated, hessian;
} cli_optimize;

static void print_starts(const mst_modes_result *r, int starts) {
  printf("\n%5s  %15s  %10s  %10s  %11s  %s\n", "start", "lp", "gradient", "iterations",
         "evaluations", "end");
  for (int i = 0; i < starts; i++) {
    const mst_mode *m = &r->mode[i];
    printf("%5d  %15.8g  %10.2g  %10d  %11d  %s%s%s%s%s\n", m->start, m->lp, m->gradient,
           m->iterations, m->evaluations, mst_ascent_end_text(m->outcome.end),
           *m->outcome.name ? ": " : "", m->outcome.name, *m->outcome.name ? " " : "",
           m->outcome.where);
  }
}

static json_t *pack_start(const mst_mode *m) {
  json_t *o =
      json_pack("{s:i,s:b,s:s,s:i,s:i}", "start", m->start, "converged",
                mst_ascent_converged(m->outcome.end), "end", mst_ascent_end_text(m->outcome.end),
                "iterations", m->iterations, "evaluations", m->evaluations);
  json_object_set_new(o, "lp", isfinite(m->lp) ? json_real(m->lp) : json_null());
  json_object_set_new(o, "gradient", isfinite(m->gradient) ? json_real(m->gradient) : json_null());
  if (*m->outcome.name) json_object_set_new(o, "runs_away", json_string(m->outcome.name));
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
  if (root && r->directions.n)
    json_object_set_new(root, "spectrum", mst_directions_json(&r->directions, &r->layout));
  if (root) json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  putchar('\n');
  json_decref(root);
}

/* Starts that found nothing, while others did; and modes that differ. */
static void warn(const cli_optimize *o, const mst_modes_result *r) {
  const int starts = o->run.starts;
  int lost = 0, lower = 0;
  for (int i = 0; i < starts; i++) {
    lost += !mst_ascent_converged(r->mode[i].outcome.end);
    lower += mst_ascent_converged(r->mode[i].outcome.end) && r->mode[0].lp - r->mode[i].lp > 0.01;
  }
  if (lost) {
    const mst_mode *m = &r->mode[starts - lost]; /* the highest of them */
    mst_warn("%d of %d starts found no mode; start %d: %s%s%s%s%s", lost, starts, m->start,
             mst_ascent_end_text(m->outcome.end), *m->outcome.name ? ": " : "", m->outcome.name,
             *m->outcome.name ? " " : "", m->outcome.where);
  }
  if (lower)
    mst_warn(
        "%d of %d starts ended at a mode that is lower than the best by more than 0.01: there are "
        "several modes, and one of them alone is not the posterior",
        lower, starts);
}

static void report(const mst_job *job, const cli_optimize *o, const mst_modes_result *r) {
  if (job->comm.rank != 0) return;
  if (o->json) {
    print_json(job, o, r);
  } else {
    mst_print_globals(&r->layout, r->theta, ROWS_EACH, stdout, stderr);
    print_starts(r, o->run.starts);
    if (r->directions.n) putchar('\n');
    mst_directions_print(&r->directions, &r->layout, "Hessian at the best mode", "", stdout);
  }
  if (!o->quiet) {
    mst_ascent_view_costs(r->gradients, r->steps, r->seconds);
    if (r->layout.locals)
      fprintf(stderr, "masting: row-local parameters are %s\n",
              o->run.out ? "in the file" : "not shown; try -o mode.h5");
    if (o->run.out) fprintf(stderr, "masting: modes in %s, best first\n", o->run.out);
  }
  warn(o, r);
}

static masting_status work(mst_command *c, mst_job *job, const mst_model_set *model,
                           const mst_dataset *data, mst_error *err) {
  cli_optimize *o = c->context;
  mst_modes_result result = {0};
  mst_ascent_view view;
  o->run.data_path = c->data_path;
  mst_ascent_view_begin(&view, job, model, data, c->chains, (mst_progress_mode)o->progress,
                        o->quiet);
  mst_modes_find(&job->comm, model, data, job->isa, &o->run, mst_ascent_view_show, &view, &result,
                 err);
  mst_progress_end(&view.line);
  if (err->status == MASTING_OK) report(job, o, &result);
  mst_modes_free(&result);
  return err->status;
}

int cmd_optimize(int argc, const char **argv) {
  cli_optimize o = {0};
  mst_command c = {.context = &o, .work = work, .isa = MST_ISA_COUNT};
  mst_modes_defaults(&o.run);
  mst_modes_options *r = &o.run;
  mst_ascent_options *ascent = &r->ascent;
  mst_opt table[] = {
      MST_ROW("out", 'o', TEXT, &r->out, 0, 0, NULL, "FILE", NULL,
              "write the modes as draws: a chain of one draw for each start, best first"),
      MST_ROW_FORCE(&r->force),
      MST_ROW("starts", 'n', INT, &r->starts, 1, 64, NULL, "N", "8",
              "starts, climbing side by side"),
      MST_ROW_SEED(&ascent->seed, "1", "modes"),
      MST_ROW_INIT_RADIUS(&ascent->init_radius, "start"),
      MST_ROW("hessian", 0, FLAG, &o.hessian, 0, 0, NULL, NULL, NULL,
              "second derivatives at the best mode: how stiff it is, and along what"),
      MST_ROW("integrated", 0, FLAG, &o.integrated, 0, 0, NULL, NULL, NULL,
              "of the global parameters, row-local ones integrated out (Laplace)"),
      MST_ROW_SIZE(&c),
      MST_ROW_DATA(&c),
      MST_ROW("history", 0, INT, &ascent->history, 1, MST_MAX_HISTORY, NULL, "M", "5",
              "steps that L-BFGS remembers"),
      MST_ROW_MAX_ITERATIONS(&ascent->max_iterations, "2000", "a start"),
      MST_ROWS_TOLERANCES(ascent, "converged when the log density changes by less"),
      MST_ROW("latents", 0, CHOICE, &o.latents, 0, 0, latents, NULL, "auto",
              "row-local parameters in the file"),
      MST_ROW_FLOAT32(&c),
      MST_ROW_THREADS(&c),
      MST_ROW_LANES(&r->lanes, "starts"),
      MST_ROW_SHARD(&c.shard),
      MST_ROW_COVARIANCE(&c.spread_from),
      MST_ROW_ISA(&c),
      MST_ROW_REDUCTION(&o.reduction),
      MST_ROW_PROGRESS(&o.progress),
      MST_ROW_JSON(&o.json, "JSON in place of the tables"),
      MST_ROW_QUIET(&o.quiet, "the result, "),
      {0}};
  mst_opts opts = {
      .command = "optimize",
      .synopsis = "MODEL [DATA] [options]",
      .table = table,
      .about = "The mode of MODEL given DATA: the highest point of the density that `masting "
               "sample` draws from,\non the unconstrained scale (log Jacobians included), by "
               "L-BFGS from several starts at once.",
      .min_positional = 1,
      .max_positional = 2};
  mst_error err = {0};
  char *line = mst_command_line(argc, argv);
  int status = 0;
  c.opts = &opts;
  if (mst_command_parse(&c, argc, argv, &err)) {
    r->command_line = line;
    o.run.ascent.integrated = o.integrated;
    o.run.hessian = o.hessian;
    o.run.latents = latents_of[o.latents];
    o.run.reduction = (mst_reduction)o.reduction;
    c.chains = r->starts;
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
