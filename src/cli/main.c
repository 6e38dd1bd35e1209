/* cli/main.c -- the table of subcommands. MPI is started by those that need it, never here, so that
 * help, summary, compile and scaling run on a login node.
 */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/error.h"
#include "base/nearest.h"
#include "cli/cmd.h"
#include "cli/foreign.h"
#include "cli/manual.h"

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
    {"status", cmd_status, "what a run that is under way has reached"},
    {"recover", cmd_recover, "a whole draws file of what a run that ended early left"},
    {"loo", cmd_loo, "how well the model predicts each observation given the others"},
    {"waic", cmd_waic, "the same by the widely applicable information criterion"},
    {"compile", cmd_compile, "compile a model in Stan or C"},
    {"scaling", cmd_scaling, "time per leapfrog step over ranks and sizes: run, tabulate, plot"},
    {"info", cmd_info, "versions, build options, ranks, threads, lanes, binding"},
};
enum { MOST_THREADS = 4096 };
enum { COMMANDS = sizeof commands / sizeof *commands };

/* What the commands' man pages end with. */
static const char *const examples[][2] = {
    {"sample", "mpirun -n 4 masting sample model.stan data.h5 -o draws.h5"},
    {"optimize", "mpirun -n 4 masting optimize model.stan data.h5 -o mode.h5"},
    {"laplace", "mpirun -n 4 masting laplace model.stan data.h5 -o laplace.h5"},
    {"pathfinder", "mpirun -n 4 masting pathfinder model.stan data.h5 -o near.h5"},
    {"simulate", "masting simulate ppca --size N=5000 --size D=2 --size K=1 -o data.h5"},
    {"convert", "masting convert data.csv data.h5"},
    {"check", "masting check model.stan data.h5"},
    {"summary", "masting summary draws.h5 --var mu"},
    {"compile", "masting compile model.stan -o model.so"},
    {"scaling", "masting scaling ppca --size D=2 --size K=1 --ranks 1,2,4 --sizes 1e4,1e5"},
    {"info", "mpirun -n 4 masting info"},
};

static void usage(FILE *file) {
  fputs("usage: masting COMMAND [arguments]\n\ncommands:\n", file);
  for (int i = 0; i < COMMANDS; i++)
    fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].help);
  fputs("\n`masting COMMAND --help` tells more, `masting sample --list` shows the models,\n"
        "`masting version` the version. On many ranks: `mpirun -n 4 masting sample ...`.\n"
        "`masting help --man [COMMAND]` prints a man page, `masting help --completion bash` (zsh,\n"
        "fish) what a shell completes by.\n",
        file);
}

static const struct command *find(const char *name) {
  for (int i = 0; i < COMMANDS; i++)
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  return NULL;
}

static int unknown(const char *name) {
  const char *names[COMMANDS + 3];
  for (int i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
  names[COMMANDS] = "help";
  names[COMMANDS + 1] = "version";
  names[COMMANDS + 2] = NULL;
  const char *near = mst_nearest(name, names);
  mst_error err = {0};
  bool told = mst_foreign_command(name, &err);
  if (!told && near)
    mst_fail(&err, MASTING_ERR_USAGE, "%s: unknown command; did you mean '%s'?", name, near);
  else if (!told)
    mst_fail(&err, MASTING_ERR_USAGE, "%s: unknown command; try `masting help`", name);
  mst_error_print(&err);
  return masting_exit_status(err.status);
}

/* The command's option table in the form that mst_manual_choose was given. */
static int ask_help(const struct command *about) {
  const char *ask[] = {about->name, "--help", NULL};
  return about->run(2, ask);
}

static void describe(mst_manual_command list[COMMANDS + 1]) {
  for (int i = 0; i < COMMANDS; i++) {
    list[i] = (mst_manual_command){.name = commands[i].name, .help = commands[i].help};
    for (size_t k = 0; k < sizeof examples / sizeof *examples; k++)
      if (strcmp(examples[k][0], list[i].name) == 0) list[i].example = examples[k][1];
  }
  list[COMMANDS] = (mst_manual_command){0};
}

static int man(const char *name) {
  mst_manual_command list[COMMANDS + 1];
  const struct command *about = name ? find(name) : NULL;
  describe(list);
  if (!name) mst_manual_main(list, stdout);
  if (!name) return 0;
  if (!about) return unknown(name);
  mst_manual_choose(MST_MANUAL_MAN, &list[about - commands]);
  return ask_help(about);
}

static int completion(const char *shell) {
  mst_manual_command list[COMMANDS + 1];
  int which = 0, status = 0;
  while (mst_manual_shells[which] && (!shell || strcmp(mst_manual_shells[which], shell) != 0))
    which++;
  if (!mst_manual_shells[which]) {
    mst_error err = {0};
    mst_fail(&err, MASTING_ERR_USAGE, "--completion: expected bash, zsh or fish, got '%s'",
             shell ? shell : "");
    mst_error_print(&err);
    return masting_exit_status(err.status);
  }
  describe(list);
  mst_manual_choose((mst_manual_form)(MST_MANUAL_BASH + which), NULL);
  mst_manual_begin(list, stdout);
  for (int i = 0; i < COMMANDS && status == 0; i++) {
    mst_manual_choose((mst_manual_form)(MST_MANUAL_BASH + which), &list[i]);
    status = ask_help(&commands[i]);
  }
  mst_manual_end(stdout);
  return status;
}

/* `masting help ...` */
static int help(int argc, const char **argv) {
  if (argc < 2) {
    usage(stdout);
    return 0;
  }
  if (strcmp(argv[1], "--man") == 0) return man(argc > 2 ? argv[2] : NULL);
  if (strcmp(argv[1], "--completion") == 0) return completion(argc > 2 ? argv[2] : NULL);
  const struct command *about = find(argv[1]);
  return about ? ask_help(about) : unknown(argv[1]);
}

static bool is_any(const char *name, const char *a, const char *b, const char *c) {
  return strcmp(name, a) == 0 || strcmp(name, b) == 0 || strcmp(name, c) == 0;
}

/* OpenMP would start as many as it is told to. */
static bool too_many_threads(void) {
#ifdef _OPENMP
  mst_error err = {0};
  if (omp_get_max_threads() > MOST_THREADS)
    mst_fail(&err, MASTING_ERR_USAGE,
             "OMP_NUM_THREADS=%d: too many threads; expected at most %d; try --threads, or the "
             "number of CPUs of a rank",
             omp_get_max_threads(), MOST_THREADS);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return err.status != MASTING_OK;
#else
  return false;
#endif
}

int main(int argc, char **argv) {
  signal(SIGXFSZ, SIG_IGN); /* a file at its size limit is an error of write(), not our death */
  if (argc < 2) {
    usage(stderr);
    return 2;
  }
  const char **args = (const char **)argv;
  const char *name = args[1];
  if (is_any(name, "version", "--version", "-V")) {
    puts("masting " PACKAGE_VERSION);
    return 0;
  }
  if (is_any(name, "help", "--help", "-h")) return help(argc - 1, args + 1);
  if (too_many_threads()) return masting_exit_status(MASTING_ERR_USAGE);
  const struct command *command = find(name);
  return command ? command->run(argc - 1, args + 1) : unknown(name);
}
