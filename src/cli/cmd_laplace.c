/* cli/cmd_laplace.c -- `masting laplace MODEL DATA`: draws of the Gaussian at the mode.
 * Collective. */
#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/ascent_view.h"
#include "cli/cmd.h"
#include "cli/command.h"
#include "cli/directions_view.h"
#include "cli/sample.h"
#include "run/laplace.h"

#define FAR 0.1    /* standard deviations from the mode that are worth a warning */
#define ROUGH 1e-3 /* relative asymmetry of the Hessian that is */

typedef struct cli_laplace {
  mst_laplace_options run;
  int latents, progress, json, quiet, joint;
} cli_laplace;

static void print_json(const mst_job *job, const cli_laplace *o, const mst_laplace_result *r) {
  json_t *root = json_pack(
      "{s:i,s:i,s:s,s:i,s:f,s:f,s:f,s:I,s:I,s:I,s:f,s:f,s:f,s:I,s:f,s:f,s:I,s:s}", "ranks",
      job->comm.size, "threads", job->comm.threads, "isa", mst_isa_name(job->isa), "draws",
      o->run.draws, "lp", r->lp, "distance", r->distance, "asymmetry", r->asymmetry, "mode_passes",
      (json_int_t)r->mode_passes, "hessian_passes", (json_int_t)r->hessian_passes, "draw_passes",
      (json_int_t)r->draw_passes, "mode_seconds", r->mode_seconds, "hessian_seconds",
      r->hessian_seconds, "draw_seconds", r->draw_seconds, "refused", (json_int_t)r->refused,
      "weight_ess", r->weight_ess, "weight_ess_globals", r->global_ess, "peak_resident_bytes",
      (json_int_t)mst_resident_peak(), "out", o->run.mode.out);
  if (root)
    json_object_set_new(root, "spectrum", mst_directions_json(&r->directions, &r->modes.layout));
  if (root) json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(root);
}

static void warn(const cli_laplace *o, const mst_laplace_result *r) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  if (r->distance > FAR)
    mst_warn("the point is %.2g standard deviations from the mode of the approximation: the climb "
             "ended early; try a larger --max-iterations",
             r->distance);
  if (r->asymmetry > ROUGH)
    mst_warn("second derivatives are known to about %.1g only: the density is rough or very steep "
             "there",
             r->asymmetry);
  if (r->refused)
    mst_warn("%s of %s draws have no finite density: their weight is 0",
             mst_show_count(r->refused, a), mst_show_count(o->run.draws, b));
  if (r->global_ess < 0.1 * o->run.draws)
    mst_warn("by their weights %s draws are worth %.0f: the posterior is not this Gaussian; try "
             "`masting sample`",
             mst_show_count(o->run.draws, a), r->global_ess);
}

static void report(const mst_job *job, const cli_laplace *o, const mst_laplace_result *r) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  if (job->comm.rank != 0) return;
  if (o->json) print_json(job, o, r);
  if (!o->quiet) {
    if (o->run.mode_file)
      fprintf(stderr, "masting: mode: lp %.8g, from %s\n", r->lp, o->run.mode_file);
    else
      fprintf(stderr, "masting: mode: lp %.8g, %s passes over the data, %s\n", r->lp,
              mst_show_count(r->mode_passes, a), mst_show_seconds(r->mode_seconds, b));
    fprintf(stderr, "masting: Hessian: %s passes, %s, symmetric to %.1g\n",
            mst_show_count(r->hessian_passes, a), mst_show_seconds(r->hessian_seconds, b),
            r->asymmetry);
    mst_directions_print(&r->directions, &r->modes.layout, "Hessian at the mode",
                         "masting: ", stderr);
    fprintf(stderr, "masting: draws: %s in %s passes, %s; worth %.0f by their weights\n",
            mst_show_count(o->run.draws, a), mst_show_count(r->draw_passes, b),
            mst_show_seconds(r->draw_seconds, c), r->weight_ess);
    if (r->integrated)
      fprintf(stderr, "masting: draws of the globals, the others integrated out: worth %.0f\n",
              r->global_ess);
    fprintf(stderr, "masting: draws in %s; next: masting summary %s\n", o->run.mode.out,
            o->run.mode.out);
  }
  warn(o, r);
}

static masting_status work(mst_command *c, mst_job *job, const mst_model_set *model,
                           const mst_dataset *data, mst_error *err) {
  cli_laplace *o = c->context;
  mst_laplace_result result = {0};
  mst_ascent_view view;
  o->run.mode.data_path = c->data_path;
  mst_ascent_view_begin(&view, job, model, data, c->chains, (mst_progress_mode)o->progress,
                        o->quiet);
  mst_laplace(&job->comm, model, data, job->isa, &o->run, mst_ascent_view_show, &view, &result,
              err);
  mst_progress_end(&view.line);
  if (err->status == MASTING_OK) report(job, o, &result);
  mst_laplace_free(&result);
  return err->status;
}

int cmd_laplace(int argc, const char **argv) {
  cli_laplace o = {0};
  mst_command c = {.context = &o, .work = work, .isa = MST_ISA_COUNT};
  mst_laplace_defaults(&o.run);
  mst_modes_options *m = &o.run.mode;
  mst_opt table[] = {
      MST_ROW("out", 'o', TEXT, &m->out, 0, 0, NULL, "FILE", "draws.h5", "where the draws go"),
      MST_ROW_FORCE(&m->force),
      MST_ROW("draws", 'd', INT, &o.run.draws, 1, 1e9, NULL, "D", "1000", "draws, in one chain"),
      MST_ROW("mode", 0, TEXT, &o.run.mode_file, 0, 0, NULL, "FILE", NULL,
              "a mode that `masting optimize -o FILE` found [it is sought]"),
      MST_ROW("joint", 0, FLAG, &o.joint, 0, 0, NULL, NULL, NULL,
              "one Gaussian of all parameters; else row-local ones are integrated out"),
      MST_ROW("starts", 'n', INT, &m->starts, 1, 64, NULL, "N", "8",
              "starts of the search; points evaluated side by side"),
      MST_ROW_SEED(&m->ascent.seed, "1", "draws"),
      MST_ROW_INIT_RADIUS(&m->ascent.init_radius, "start"),
      MST_ROW_MAX_ITERATIONS(&m->ascent.max_iterations, "2000", "a start"),
      MST_ROW_SIZE(&c),
      MST_ROW_DATA(&c),
      MST_ROW_LATENTS(&o.latents),
      MST_ROW_FLOAT32(&c),
      MST_ROW_THREADS(&c),
      MST_ROW_LANES(&m->lanes, "points"),
      MST_ROW_SHARD(&c.shard),
      MST_ROW_COVARIANCE(&c.spread_from),
      MST_ROW_ISA(&c),
      MST_ROW_PROGRESS(&o.progress),
      MST_ROW_JSON(&o.json, "print times and counts as JSON on standard output"),
      MST_ROW_QUIET(&o.quiet, ""),
      {0}};
  mst_opts opts = {.command = "laplace",
                   .synopsis = "MODEL [DATA] [options]",
                   .table = table,
                   .about = "Draws of the Gaussian approximation of the posterior at its mode, on "
                            "the unconstrained\nscale: mean at the mode, covariance from second "
                            "derivatives there. The file has the log density of\nposterior and "
                            "approximation for each draw, and its weight.",
                   .min_positional = 1,
                   .max_positional = 2};
  mst_error err = {0};
  char *line = mst_command_line(argc, argv);
  int status = 0;
  c.opts = &opts;
  if (mst_command_parse(&c, argc, argv, &err)) {
    m->command_line = line;
    m->latents = (mst_latents)o.latents;
    o.run.joint = o.joint;
    c.chains = m->starts;
    c.seed = m->ascent.seed;
    c.lanes = m->lanes;
    c.out = m->out;
    c.force = m->force;
    status = mst_command_go(&c, &err);
  }
  mst_opts_free(&opts);
  free(line);
  return status;
}
