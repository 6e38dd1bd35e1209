/* cli/main.c -- the table of subcommands. MPI is started by those that need it, never here, so that
 * help, summary, compile and scaling run on a login node.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "cli/cmd.h"

static const struct command {
  const char *name;
  int (*run)(int argc, const char **argv);
  const char *help;
} commands[] = {
    {"sample", cmd_sample, "draw from the posterior of MODEL given DATA"},
    {"optimize", cmd_optimize, "the mode of MODEL given DATA, from several starts at once"},
    {"laplace", cmd_laplace, "draws of the Gaussian approximation at the mode, with weights"},
    {"pathfinder", cmd_pathfinder, "draws near the posterior, from Gaussians on the ways to modes"},
    {"simulate", cmd_simulate, "make a data set from a model's simulator"},
    {"convert", cmd_convert, "a data file in JSON or CSV becomes HDF5"},
    {"check", cmd_check, "gradient against finite differences, shapes, memory, message size"},
    {"summary", cmd_summary, "means, quantiles, R-hat and effective sample sizes of a draws file"},
    {"diagnose", cmd_diagnose, "what is wrong with a run, in plain words, and what to do"},
    {"compile", cmd_compile, "compile a model in Stan or C"},
    {"scaling", cmd_scaling, "time per leapfrog step over ranks and sizes: run, tabulate, plot"},
    {"info", cmd_info, "versions, build options, ranks, threads, lanes, binding"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *file) {
  fputs("usage: masting COMMAND [arguments]\n\ncommands:\n", file);
  for (int i = 0; i < COMMANDS; i++)
    fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].help);
  fputs("\n`masting COMMAND --help` tells more, `masting sample --list` shows the models,\n"
        "`masting --version` the version. On many ranks: `mpirun -n 4 masting sample ...`.\n",
        file);
}

static const struct command *find(const char *name) {
  for (int i = 0; i < COMMANDS; i++)
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  return NULL;
}

static int unknown(const char *name) {
  const char *names[COMMANDS + 2];
  for (int i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
  names[COMMANDS] = "help";
  names[COMMANDS + 1] = NULL;
  const char *near = mst_nearest(name, names);
  mst_error err = {0};
  if (near)
    mst_fail(&err, MASTING_ERR_USAGE, "%s: unknown command; did you mean '%s'?", name, near);
  else
    mst_fail(&err, MASTING_ERR_USAGE, "%s: unknown command; try `masting help`", name);
  mst_error_print(&err);
  return masting_exit_status(err.status);
}

int main(int argc, char **argv) {
  signal(SIGXFSZ, SIG_IGN); /* a file at its size limit is an error of write(), not our death */
  if (argc < 2) {
    usage(stderr);
    return 2;
  }
  const char **args = (const char **)argv;
  const char *name = args[1];
  if (strcmp(name, "--version") == 0) {
    puts("masting " PACKAGE_VERSION);
    return 0;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    if (argc == 2) {
      usage(stdout);
      return 0;
    }
    const struct command *about = find(args[2]);
    const char *ask[] = {args[2], "--help", NULL};
    return about ? about->run(2, ask) : unknown(args[2]);
  }
  const struct command *command = find(name);
  return command ? command->run(argc - 1, args + 1) : unknown(name);
}
