/* cli/cmd_diagnose.c -- `masting diagnose FILE...`: whether to believe a run, and what to do. Needs
 * no MPI. */
#include "cli/cmd.h"
#include "cli/options.h"
#include "diag/diagnose.h"

#define PROBLEMS 1 /* exit status with --strict */

static int diagnose(const mst_opts *opts, int json, int strict, mst_error *err) {
  mst_reader r;
  mst_diagnosis d = {0};
  if (!mst_reader_open_all(&r, opts->positional, opts->npositional, err) &&
      !mst_diagnose(&d, &r, err)) {
    if (json)
      mst_diagnosis_print_json(&d, &r, stdout, err);
    else
      mst_diagnosis_print(&d, &r, stdout, err);
  }
  const int problems = d.problems;
  mst_diagnosis_free(&d);
  mst_reader_close(&r);
  return strict && problems ? PROBLEMS : 0;
}

int cmd_diagnose(int argc, const char **argv) {
  int json = 0, strict = 0, status = 0;
  mst_opt table[] = {
      {"strict", 0, MST_OPT_FLAG, &strict, 0, 0, NULL, NULL, NULL,
       "exit with status 1 when there are problems", false},
      {"json", 0, MST_OPT_FLAG, &json, 0, 0, NULL, NULL, NULL, "JSON in place of the text", false},
      {0}};
  mst_opts opts = {.command = "diagnose",
                   .synopsis = "FILE... [options]",
                   .table = table,
                   .about =
                       "What is wrong with the run that made a draws file, and what to do: "
                       "divergences and where they\nare, tree depth, E-BFMI, R-hat, effective "
                       "draws, chains that are stuck or apart (signs and labels\nexchanged are "
                       "recognised), step size, narrow directions.",
                   .min_positional = 1,
                   .max_positional = 1000};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK)
    status = diagnose(&opts, json, strict, &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return err.status != MASTING_OK ? masting_exit_status(err.status) : status;
}
