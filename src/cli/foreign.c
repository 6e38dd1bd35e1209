/* cli/foreign.c -- see foreign.h. */
#include "cli/foreign.h"

#include <string.h>
#include <unistd.h>

static const struct name {
  const char *theirs; /* with - for _ */
  const char *ours;   /* an option, taken where the command has it; NULL: see how */
  const char *how;
} names[] = {
    {"adapt-delta", "target-accept", NULL},
    {"delta", "target-accept", NULL},
    {"iter-sampling", "draws", NULL},
    {"num-samples", "draws", NULL},
    {"samples", "draws", NULL},
    {"num-draws", "draws", NULL},
    {"iter-warmup", "warmup", NULL},
    {"num-warmup", "warmup", NULL},
    {"tune", "warmup", NULL},
    {"num-chains", "chains", NULL},
    {"parallel-chains", "chains", NULL},
    {"max-treedepth", "max-depth", NULL},
    {"random-seed", "seed", NULL},
    {"threads-per-chain", "threads", NULL},
    {"num-threads", "threads", NULL},
    {"output-file", "out", NULL},
    {"output", "out", NULL},
    {"inits", "init", NULL},
    {"metric-type", "metric", NULL},
    {"inv-metric", "metric-file", NULL},
    {"refresh", "progress", NULL},
    {"progressbar", "progress", NULL},
    {"iter", "max-iterations", NULL},
    {"num-paths", "paths", NULL},
    {"iter", "draws", NULL},
    {"data", NULL, "the data file as the second argument: MODEL DATA"},
    {"data-file", NULL, "the data file as the second argument: MODEL DATA"},
    {"cores", NULL,
     "nothing, as all chains run side by side; more processes by `mpirun -n 4 masting`"},
    {"thin", NULL,
     "nothing, as all draws are kept; every tenth of them in ArviZ is "
     "idata.sel(draw=slice(None, None, 10))"},
    {"engine", NULL, "nothing, as NUTS is what sample runs; `masting help` lists other methods"},
    {"algorithm", NULL, "nothing, as NUTS is what sample runs; `masting help` lists other methods"},
};

static bool has(const mst_opts *opts, const char *name) {
  for (const mst_opt *o = opts->table; o->name; o++)
    if (strcmp(o->name, name) == 0) return true;
  return false;
}

/* The row of a name that the command has no option of its own for. */
static const struct name *find(const mst_opts *opts, const char *theirs) {
  char name[64];
  snprintf(name, sizeof name, "%s", theirs);
  for (char *c = name; *c; c++)
    if (*c == '_') *c = '-';
  if (has(opts, name)) return NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i].theirs, name) == 0 && (!names[i].ours || has(opts, names[i].ours)))
      return &names[i];
  return NULL;
}

bool mst_foreign_option(const mst_opts *opts, const char *where, const char *name, mst_error *err) {
  const struct name *row = find(opts, name);
  const char *dashes = strncmp(where, "--", 2) == 0 ? "--" : "";
  if (!row) return false;
  if (row->ours)
    mst_fail(err, MASTING_ERR_USAGE, "%s: another program's name; expected %s%s", where, dashes,
             row->ours);
  else
    mst_fail(err, MASTING_ERR_USAGE, "%s: another program's option; expected %s", where, row->how);
  return true;
}

/* The option of ours that a name means, with _ or - and in our words or theirs. */
static const char *option_of(const mst_opts *opts, const char *theirs, char *own, size_t size) {
  const struct name *row = find(opts, theirs);
  if (row) return row->ours;
  snprintf(own, size, "%s", theirs);
  for (char *c = own; *c; c++)
    if (*c == '_') *c = '-';
  return has(opts, own) ? own : NULL;
}

bool mst_foreign_argument(const mst_opts *opts, const char *argument, mst_error *err) {
  char name[64], own[64];
  size_t length = strcspn(argument, "=");
  if (!argument[length] || length == 0 || length >= sizeof name || access(argument, F_OK) == 0)
    return false;
  memcpy(name, argument, length);
  name[length] = '\0';
  const char *ours = option_of(opts, name, own, sizeof own);
  if (ours) {
    mst_fail(err, MASTING_ERR_USAGE,
             "%s: neither a file nor an option; expected options with dashes; try --%s %s",
             argument, ours, argument + length + 1);
    return true;
  }
  if (strcmp(name, "file") != 0) return mst_foreign_option(opts, argument, name, err);
  mst_fail(err, MASTING_ERR_USAGE,
           "%s: neither a file nor an option; expected masting %s MODEL DATA -o FILE", argument,
           opts->command);
  return true;
}

static const struct {
  const char *name, *answer;
} commands[] = {
    {"advi", NULL},
    {"variational", NULL},
    {"vb", NULL},
    {"meanfield", NULL},
    {"fullrank", NULL},
    {"generate_quantities", "made while sampling; expected them in the draws of `masting sample`"},
    {"log_prob", "another program's command; expected `masting check MODEL DATA --at points.json "
                 "--json`"},
};

bool mst_foreign_command(const char *name, mst_error *err) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(commands[i].name, name) != 0) continue;
    mst_fail(err, MASTING_ERR_USAGE, "%s: %s", name,
             commands[i].answer
                 ? commands[i].answer
                 : "ADVI is not here: its noisy ascent seldom tells when it has arrived, nor how "
                   "far off it is; try `masting pathfinder`, which weighs its draws and tells "
                   "Pareto k, or `masting laplace`");
    return true;
  }
  return false;
}
