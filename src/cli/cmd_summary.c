/* cli/cmd_summary.c -- `masting summary FILE...`: the table that people expect. Needs no MPI. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/number.h"
#include "cli/options.h"
#include "diag/summary.h"
#include "store/lock.h"

/* Where there is no such file but its partial one: that, and it is said. To be freed; NULL:
 * none. */
static char *partial_of(const char *path, mst_error *err) {
  mst_lock_state lock;
  if (err->status || access(path, F_OK) == 0) return NULL;
  char *partial = mst_name_beside(path, ".partial", err);
  if (partial && access(partial, F_OK) != 0) {
    free(partial);
    return NULL;
  }
  if (!partial) return NULL;
  if (mst_lock_look(path, &lock) && !lock.gone)
    mst_warn(
        "%s: not there yet: process %ld on host %s writes it; these are its draws so far, from %s",
        path, lock.process, lock.host, partial);
  else
    mst_warn(
        "%s: not there: its run ended early; these are the draws of %s; `masting recover %s` makes "
        "a whole file of them",
        path, partial, partial);
  return partial;
}

typedef struct cli_summary {
  mst_opt_list vars, files, columns, quantiles;
  double hdi;
  int all, json, csv, quiet;
} cli_summary;

/* `--var 'theta[1]' 'theta*'`: what looks like a pattern and is no file is one more name. */
static bool is_pattern(const char *text) {
  struct stat there;
  return strpbrk(text, "*?[") && stat(text, &there) != 0;
}

/* Appends the parts of text between commas that are not inside brackets. */
static masting_status split_names(mst_opts *opts, const char *text, mst_opt_list *list,
                                  mst_error *err) {
  char part[256];
  size_t used = 0;
  int depth = 0;
  for (const char *at = text;; at++) {
    depth += (*at == '[') - (*at == ']');
    if (*at && (*at != ',' || depth > 0)) {
      if (used + 1 < sizeof part) part[used++] = *at;
      continue;
    }
    part[used] = '\0';
    if (!used)
      return mst_fail(err, MASTING_ERR_USAGE,
                      "--var: an empty part; expected names with commas between them, got '%s'",
                      text);
    if (mst_opts_append(opts, list, part, err)) return err->status;
    if (!*at) return MASTING_OK;
    used = 0;
  }
}

static masting_status read_quantiles(mst_opts *opts, const cli_summary *c, mst_element_choice *to,
                                     mst_error *err) {
  mst_opt_list list = {0};
  for (int i = 0; i < c->quantiles.count && !err->status; i++)
    mst_opts_split(opts, "--quantiles", c->quantiles.item[i], &list, err);
  if (list.count > MST_QUANTILES)
    mst_fail(err, MASTING_ERR_USAGE, "--quantiles: expected at most %d, got %d", MST_QUANTILES,
             list.count);
  if (list.count) to->nquantiles = list.count;
  for (int i = 0; i < list.count && !err->status; i++)
    mst_parse_real("--quantiles", list.item[i], 0, 1, "0.025,0.5,0.975", &to->quantile[i], err);
  free(list.item);
  return err->status;
}

static masting_status read_columns(mst_opts *opts, const cli_summary *c, mst_summary_options *o,
                                   mst_error *err) {
  mst_opt_list list = {0};
  for (int i = 0; i < c->columns.count && !err->status; i++)
    mst_opts_split(opts, "--columns", c->columns.item[i], &list, err);
  const bool every = !list.count && o->form != MST_SUMMARY_TABLE;
  if (!err->status)
    mst_columns_make(&o->columns, list.item, every ? -1 : list.count, mst_opts_given(opts, "hdi"),
                     &o->choice, err);
  o->choice.sd_mcse = false;
  for (int i = 0; i < o->columns.count; i++)
    if (!strcmp(o->columns.column[i].key, "mcse_sd")) o->choice.sd_mcse = true;
  free(list.item);
  return err->status;
}

static masting_status summarise(mst_opts *opts, const cli_summary *c, mst_error *err) {
  mst_summary_options o = {.choice = mst_element_defaults, .all = c->all, .quiet = c->quiet};
  mst_opt_list names = {0}, files = {0};
  o.form = c->json ? MST_SUMMARY_JSON : c->csv ? MST_SUMMARY_CSV : MST_SUMMARY_TABLE;
  o.choice.hdi = c->hdi;
  if (c->json && c->csv)
    mst_fail(err, MASTING_ERR_USAGE, "--json and --csv: expected one of the two");
  for (int i = 0; i < c->vars.count && !err->status; i++)
    split_names(opts, c->vars.item[i], &names, err);
  for (int i = 0; i < opts->npositional && !err->status; i++) {
    const bool name = c->vars.count && is_pattern(opts->positional[i]);
    char *partial = name ? NULL : partial_of(opts->positional[i], err);
    mst_opts_append(opts, name ? &names : &files, partial ? partial : opts->positional[i], err);
    free(partial);
  }
  if (!err->status && !files.count)
    mst_fail(err, MASTING_ERR_USAGE, "masting summary: no file; expected masting summary %s",
             opts->synopsis);
  o.paths = files.item;
  o.npaths = files.count;
  o.select = (mst_select){names.item, names.count};
  if (!err->status && !read_quantiles(opts, c, &o.choice, err) && !read_columns(opts, c, &o, err))
    mst_summary_run(&o, err);
  free(names.item);
  free(files.item);
  return err->status;
}

int cmd_summary(int argc, const char **argv) {
  cli_summary c = {.hdi = mst_element_defaults.hdi};
  mst_opt table[] = {
      {"var", 0, MST_OPT_MANY, &c.vars, 0, 0, NULL, "NAME", NULL,
       "only this: w, 'w[0, 1]', 'theta*'; may be repeated, or names with commas", false},
      {"quantiles", 0, MST_OPT_MANY, &c.quantiles, 0, 0, NULL, "P,P,...", "0.05,0.95",
       "probabilities of the quantiles", false},
      {"hdi", 0, MST_OPT_REAL, &c.hdi, 0.01, 0.999, NULL, "P", "0.94",
       "the shortest interval that has this probability", false},
      {"columns", 0, MST_OPT_MANY, &c.columns, 0, 0, NULL, "NAME,...", NULL,
       "of mean, sd, median, mad, quantiles, hdi, mcse_mean, mcse_sd, ess_bulk, ess_tail, r_hat",
       false},
      {"all", 'a', MST_OPT_FLAG, &c.all, 0, 0, NULL, NULL, NULL, "every row of large variables",
       false},
      {"csv", 0, MST_OPT_FLAG, &c.csv, 0, 0, NULL, NULL, NULL,
       "CSV in place of the table: every row and column", false},
      {"json", 0, MST_OPT_FLAG, &c.json, 0, 0, NULL, NULL, NULL, "JSON in place of the table",
       false},
      {"quiet", 'q', MST_OPT_FLAG, &c.quiet, 0, 0, NULL, NULL, NULL,
       "say nothing when nothing is wrong", false},
      {0}};
  mst_opts opts = {.command = "summary",
                   .synopsis = "FILE... [options]",
                   .table = table,
                   .about = "Mean, sd, quantiles, Monte Carlo error, effective sample sizes and "
                            "R-hat of a draws file, and\nwarnings about what looks wrong. Several "
                            "files of one model are read as one with all their chains.",
                   .min_positional = 1,
                   .max_positional = 1000};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK)
    summarise(&opts, &c, &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}
