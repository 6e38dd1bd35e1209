/* cli/cmd_summary.c -- `masting summary FILE`: the table that people expect. Needs no MPI. */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/options.h"
#include "diag/summary.h"

static masting_status summarise(mst_opts *opts, mst_summary_options *o, const mst_opt_list *vars,
                                mst_error *err) {
  mst_opt_list list = {0};
  for (int i = 0; i < vars->count && err->status == MASTING_OK; i++)
    mst_opts_split(opts, "--var", vars->item[i], &list, err);
  o->path = opts->positional[0];
  o->vars = list.item;
  o->nvars = list.count;
  if (err->status == MASTING_OK) mst_summary_run(o, err);
  free(list.item);
  return err->status;
}

int cmd_summary(int argc, const char **argv) {
  mst_summary_options o = {0};
  mst_opt_list vars = {0};
  mst_opt table[] = {{"var", 0, MST_OPT_MANY, &vars, 0, 0, NULL, "NAME", NULL,
                      "only this variable; may be repeated, or names with commas", false},
                     {"all", 'a', MST_OPT_FLAG, &o.all, 0, 0, NULL, NULL, NULL,
                      "every row of large variables", false},
                     {"json", 0, MST_OPT_FLAG, &o.json, 0, 0, NULL, NULL, NULL,
                      "JSON in place of the table", false},
                     {0}};
  mst_opts opts = {.command = "summary",
                   .synopsis = "FILE [options]",
                   .table = table,
                   .about = "Mean, sd, 5 % and 95 % quantiles, Monte Carlo error, effective sample "
                            "sizes and R-hat of\na draws file, and warnings about what looks "
                            "wrong.",
                   .min_positional = 1,
                   .max_positional = 1};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK)
    summarise(&opts, &o, &vars, &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}
