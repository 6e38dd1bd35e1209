/* cli/cmd_laplace.c -- `masting laplace MODEL DATA`: draws of the Gaussian at the mode.
 * Collective. */
#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/climbing.h"
#include "cli/cmd.h"
#include "cli/job.h"
#include "cli/sample.h"
#include "run/laplace.h"

#define FAR 0.1     /* standard deviations from the mode that are worth a warning */
#define ROUGH 1e-3  /* relative asymmetry of the Hessian that is */

static const char *const latents[] = {"auto", "all", "moments", "none", NULL};
static const char *const progresses[] = {"auto", "bar", "log", "none", NULL};

typedef struct cli_laplace {
  mst_laplace_options run;
  const char *shard;
  int latents, progress, isa, threads, float32, json, quiet, joint;
  mst_opt_list size;
} cli_laplace;

static void print_json(const mst_job *job, const cli_laplace *o, const mst_laplace_result *r) {
  json_t *root = json_pack(
      "{s:i,s:i,s:s,s:i,s:f,s:f,s:f,s:I,s:I,s:I,s:f,s:f,s:f,s:I,s:f,s:f,s:I,s:s}", "ranks",
      job->comm.size, "threads", job->comm.threads, "isa", mst_isa_name(job->isa), "draws",
      o->run.draws, "lp", r->lp, "distance", r->distance, "asymmetry", r->asymmetry, "mode_passes",
      (json_int_t)r->mode_passes, "hessian_passes", (json_int_t)r->hessian_passes, "draw_passes",
      (json_int_t)r->draw_passes, "mode_seconds", r->mode_seconds, "hessian_seconds",
      r->hessian_seconds, "draw_seconds", r->draw_seconds, "refused", (json_int_t)r->refused,
      "weight_ess", r->weight_ess, "weight_ess_globals", r->global_ess,
      "peak_resident_bytes", (json_int_t)mst_resident_peak(), "out",
      o->run.mode.out);
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

static void header(const mst_job *job, const mst_model_set *model, const mst_dataset *data,
                   const cli_laplace *o) {
  mst_sample_options like;
  mst_sample_defaults(&like);
  like.chains = o->run.mode.starts;
  if (!o->quiet) mst_sample_header(job, model, data, &like);
}

static masting_status run(mst_job *job, mst_opts *opts, cli_laplace *o, mst_error *err) {
  const char *data_path = opts->npositional > 1 ? opts->positional[1] : NULL;
  mst_modes_options *m = &o->run.mode;
  mst_read_options read = {.float32 = o->float32};
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  mst_dataset data = {0};
  mst_laplace_result result = {0};
  mst_climbing_view view;
  mst_job_sizes(opts, &o->size, &sizes, &read.nsizes, err);
  read.sizes = sizes;
  job->chains = m->starts;
  job->lanes = m->lanes;
  job->build.cut.size = o->shard;
  m->data_path = data_path;
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      mst_job_output(job, m->out, m->force, err) == MASTING_OK &&
      mst_job_load(job, opts->positional[0], data_path, &read, &model, &data, err) == MASTING_OK) {
    mst_climbing_begin(&view, (mst_progress_mode)(o->quiet ? MST_PROGRESS_NONE : o->progress));
    header(job, &model, &data, o);
    mst_laplace(&job->comm, &model, &data, job->isa, &o->run, mst_climbing_show, &view, &result,
                err);
    mst_progress_end(&view.line);
    if (err->status == MASTING_OK) report(job, o, &result);
  }
  mst_laplace_free(&result);
  mst_dataset_free(&data);
  mst_model_close(&model);
  free(sizes);
  return err->status;
}

static int laplace(int argc, const char **argv, mst_opts *opts, cli_laplace *o) {
  mst_error err = {0};
  mst_modes_options *m = &o->run.mode;
  mst_opts_parse(opts, argc, argv, &err);
  if (opts->help) {
    mst_opts_help(opts, stdout);
    return 0;
  }
  if (err.status == MASTING_OK && (m->lanes & (m->lanes - 1)) != 0)
    mst_fail(&err, MASTING_ERR_USAGE, "--lanes: expected 1, 2, 4, 8 or 16, got '%d'", m->lanes);
  m->latents = (mst_latents)o->latents;
  o->run.joint = o->joint;
  mst_job job;
  mst_job_options how = {.threads = o->threads, .isa = o->isa,
                         .model = opts->npositional ? opts->positional[0] : NULL};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK) run(&job, opts, o, &err);
  return mst_job_end(&job, &err);
}

int cmd_laplace(int argc, const char **argv) {
  cli_laplace o = {.isa = MST_ISA_COUNT};
  mst_laplace_defaults(&o.run);
  mst_modes_options *m = &o.run.mode;
#define OPT(name, letter, kind, to, min, max, choices, arg, dflt, help)                            \
  {name, letter, MST_OPT_##kind, to, min, max, choices, arg, dflt, help, false}
  mst_opt table[] = {
      OPT("out", 'o', TEXT, &m->out, 0, 0, NULL, "FILE", "draws.h5", "where the draws go"),
      OPT("force", 'f', FLAG, &m->force, 0, 0, NULL, NULL, NULL, "overwrite an existing output"),
      OPT("draws", 'd', INT, &o.run.draws, 1, 1e9, NULL, "D", "1000", "draws, in one chain"),
      OPT("mode", 0, TEXT, &o.run.mode_file, 0, 0, NULL, "FILE", NULL,
          "a mode that `masting optimize -o FILE` found [it is sought]"),
      OPT("joint", 0, FLAG, &o.joint, 0, 0, NULL, NULL, NULL,
          "one Gaussian of all parameters; else row-local ones are integrated out"),
      OPT("starts", 'n', INT, &m->starts, 1, 64, NULL, "N", "8",
          "starts of the search; points evaluated side by side"),
      OPT("seed", 's', U64, &m->climb.seed, 0, 0, NULL, "SEED", "1",
          "same seed, same draws, for any ranks and threads"),
      OPT("init-radius", 0, REAL, &m->climb.init_radius, 0, 100, NULL, "RADIUS", "2",
          "start uniform in (-RADIUS, RADIUS), unconstrained scale"),
      OPT("max-iterations", 0, INT, &m->climb.max_iterations, 1, 1e9, NULL, "I", "2000",
          "a start ends after so many steps"),
      OPT("size", 0, MANY, &o.size, 0, 0, NULL, "NAME=VALUE", NULL,
          "a size that the data do not tell"),
      OPT("latents", 0, CHOICE, &o.latents, 0, 0, latents, NULL, "auto",
          "row-local parameters: all draws, mean and sd, or nothing"),
      OPT("float32", 0, FLAG, &o.float32, 0, 0, NULL, NULL, NULL,
          "keep covariates in single precision: half the memory"),
      OPT("threads", 't', INT, &o.threads, 1, 4096, NULL, "T", NULL,
          "OpenMP threads a rank [OMP_NUM_THREADS, or the rank's CPUs]"),
      OPT("lanes", 0, INT, &m->lanes, 1, 16, NULL, "L", NULL,
          "points in one SIMD batch: 1, 2, 4, 8, 16 [the machine's best]"),
      OPT("shard", 0, TEXT, &o.shard, 0, 0, NULL, "NAME", NULL,
          "size of a Stan program that is cut over the ranks; none: nothing [chosen]"),
      OPT("isa", 0, CHOICE, &o.isa, 0, 0, mst_isa_choices, NULL, "best",
          "SIMD level; best: what all ranks have"),
      OPT("progress", 0, CHOICE, &o.progress, 0, 0, progresses, NULL, "auto",
          "a line on the terminal, or lines in a log"),
      OPT("json", 0, FLAG, &o.json, 0, 0, NULL, NULL, NULL,
          "print times and counts as JSON on standard output"),
      OPT("quiet", 'q', FLAG, &o.quiet, 0, 0, NULL, NULL, NULL,
          "print warnings and errors only"),
      {0}};
#undef OPT
  mst_opts opts = {.command = "laplace", .synopsis = "MODEL [DATA] [options]", .table = table,
                   .about = "Draws of the Gaussian approximation of the posterior at its mode, on "
                            "the unconstrained\nscale: mean at the mode, covariance from second "
                            "derivatives there. The file has the log density of\nposterior and "
                            "approximation for each draw, and its weight.",
                   .min_positional = 1, .max_positional = 2};
  char *line = mst_command_line(argc, argv);
  m->command_line = line;
  int status = laplace(argc, argv, &opts, &o);
  mst_opts_free(&opts);
  free(line);
  return status;
}
