/* cli/cmd_loo.c -- `masting loo FILE...` and `masting waic FILE...`. Need no MPI. */
#include <math.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/options.h"
#include "diag/loo.h"

typedef struct cli_loo {
  mst_loo_options run;
  int compare, json, points;
} cli_loo;

static masting_status one(const mst_opts *opts, const cli_loo *c, mst_error *err) {
  mst_reader r;
  mst_loo l = {0};
  if (!mst_reader_open_all(&r, opts->positional, opts->npositional, err) &&
      !mst_loo_make(&l, &r, &c->run, err)) {
    if (c->json)
      mst_loo_print_json(&l, stdout, err);
    else if (c->points)
      mst_loo_print_points(&l, &r, stdout, err);
    else
      mst_loo_print(&l, &r, stdout, err);
  }
  mst_loo_free(&l);
  mst_reader_close(&r);
  return err->status;
}

/* Each file is a model of its own. */
static masting_status several(const mst_opts *opts, const cli_loo *c, mst_error *err) {
  mst_loo *all;
  const int n = opts->npositional;
  if (mst_alloc((void **)&all, (size_t)n, sizeof *all, "loo: models", err)) return err->status;
  for (int i = 0; i < n && !err->status; i++) {
    mst_reader r;
    if (!mst_reader_open(&r, opts->positional[i], err)) mst_loo_make(&all[i], &r, &c->run, err);
    mst_reader_close(&r);
  }
  if (!err->status) mst_loo_compare(all, opts->positional, n, c->json, stdout, err);
  for (int i = 0; i < n; i++) mst_loo_free(&all[i]);
  mst_free(&all);
  return err->status;
}

static int run(mst_loo_kind kind, const char *name, const char *about, int argc,
               const char **argv) {
  cli_loo c = {.run = {.kind = kind, .reff = NAN}};
  mst_opt table[] = {{"log-lik", 0, MST_OPT_TEXT, &c.run.log_lik, 0, 0, NULL, "NAME", "log_lik",
                      "the log likelihood of each observation", false},
                     {"compare", 0, MST_OPT_FLAG, &c.compare, 0, 0, NULL, NULL, NULL,
                      "each file is a model: differences, their errors, weights of stacking",
                      false},
                     {"pointwise", 0, MST_OPT_FLAG, &c.points, 0, 0, NULL, NULL, NULL,
                      "CSV, a line for each observation", false},
                     {"json", 0, MST_OPT_FLAG, &c.json, 0, 0, NULL, NULL, NULL,
                      "JSON in place of the table", false},
                     {"reff", 0, MST_OPT_REAL, &c.run.reff, 1e-6, 10, NULL, "R", NULL,
                      "effective over plain number of draws [the mean over the posterior]", false},
                     {0}};
  if (kind == MST_WAIC) table[4] = (mst_opt){0};
  mst_opts opts = {.command = name,
                   .synopsis = "FILE... [options]",
                   .table = table,
                   .about = about,
                   .min_positional = 1,
                   .max_positional = 1000};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK && c.compare)
    several(&opts, &c, &err);
  else if (err.status == MASTING_OK)
    one(&opts, &c, &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}

int cmd_loo(int argc, const char **argv) {
  return run(
      MST_LOO, "loo",
      "Expected log density of each observation given the others (elpd), by Pareto smoothed "
      "importance\nsampling, and the shape k of the weights' tail, which tells where it is "
      "reliable. Several files\nare chains of one model, or with --compare models of the same "
      "data.",
      argc, argv);
}

int cmd_waic(int argc, const char **argv) {
  return run(
      MST_WAIC, "waic",
      "The widely applicable information criterion: log density of the observations less "
      "their variance.\n`masting loo` is more robust, and tells when it fails. Several files "
      "are chains of one model, or\nwith --compare models of the same data.",
      argc, argv);
}
