/* cli/cmd_scaling.c -- `masting scaling MODEL`: strong, weak and N scaling of the time of a
 * leapfrog step. It starts ranks by a launcher and is itself no MPI program: run it once, not under
 * mpirun.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/number.h"
#include "cli/job.h"
#include "cli/scaling.h"

static const char *const modes[] = {"strong", "weak", "n", "all", NULL};

typedef struct scaling_options {
  const char *ranks, *sizes, *out, *plot, *data_dir;
  int mode;
  mst_opt_list size;
} scaling_options;

static int ascending(const void *a, const void *b) {
  const int64_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* "1,2,4" to ascending numbers without repeats, to be freed. */
static masting_status numbers(mst_opts *opts, const char *where, const char *text, double max,
                              int64_t **list, int *count, mst_error *err) {
  mst_opt_list parts = {0};
  *count = 0;
  mst_opts_split(opts, where, text, &parts, err);
  *list = calloc((size_t)parts.count + 1, sizeof **list);
  if (!*list) mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", where);
  for (int i = 0; i < parts.count && err->status == MASTING_OK; i++)
    mst_parse_whole(where, parts.item[i], 1, max, "1,2,4", &(*list)[i], err);
  if (err->status == MASTING_OK) {
    qsort(*list, (size_t)parts.count, sizeof **list, ascending);
    for (int i = 0; i < parts.count; i++)
      if (*count == 0 || (*list)[*count - 1] != (*list)[i]) (*list)[(*count)++] = (*list)[i];
  }
  free(parts.item);
  return err->status;
}

/* Name of the size that is cut over ranks. */
static masting_status shard_name(mst_opts *opts, mst_scaling *s, mst_error *err) {
  mst_model_set set = {0};
  if (mst_model_open(&set, s->model, MST_ISA_BASE, err) != MASTING_OK) return err->status;
  const masting_model *m = mst_job_model(&set);
  if (m->shard < 0)
    mst_fail(err, MASTING_ERR_USAGE,
             "%s: nothing is cut over ranks; expected a model with rows; try `masting sample "
             "--list`",
             s->model);
  else
    s->shard = mst_opts_keep(opts, m->sizes[m->shard].name);
  mst_model_close(&set);
  return err->status;
}

static masting_status prepare(mst_opts *opts, scaling_options *o, mst_scaling *s, mst_error *err) {
  int64_t *ranks = NULL;
  s->model = opts->positional[0];
  s->size = &o->size;
  s->mode = (mst_scaling_mode)o->mode;
  if (!s->launcher)
    s->launcher =
        s->threads == 1 ? "mpirun -n {ranks}" : "mpirun -n {ranks} --map-by slot:PE={threads}";
  if (numbers(opts, "--ranks", o->ranks, 1e6, &ranks, &s->nranks, err) == MASTING_OK)
    numbers(opts, "--sizes", o->sizes, 0x1p53 / 1e6, &s->sizes, &s->nsizes, err);
  s->ranks = calloc((size_t)s->nranks + 1, sizeof *s->ranks);
  for (int i = 0; s->ranks && ranks && i < s->nranks; i++) s->ranks[i] = (int)ranks[i];
  if (!s->ranks) mst_fail(err, MASTING_ERR_MEMORY, "--ranks: no memory left");
  free(ranks);
  if (err->status == MASTING_OK && !strstr(s->launcher, "{ranks}"))
    mst_fail(err, MASTING_ERR_USAGE,
             "--launcher: no {ranks}; expected such as 'mpirun -n "
             "{ranks}', got '%s'",
             s->launcher);
  if (err->status == MASTING_OK) shard_name(opts, s, err);
  return err->status == MASTING_OK ? mst_scaling_plan(s, err) : err->status;
}

/* The folder for data sets: given and kept, or made under TMPDIR and removed. */
static masting_status open_folder(const scaling_options *o, mst_scaling *s, char *temp, size_t size,
                                  mst_error *err) {
  const char *tmp = getenv("TMPDIR");
  s->keep_data = o->data_dir != NULL;
  if (o->data_dir) {
    if (mkdir(o->data_dir, 0777) != 0 && errno != EEXIST)
      return mst_fail(err, MASTING_ERR_NOFILE, "--data-dir %s: cannot be made: %s", o->data_dir,
                      strerror(errno));
    s->folder = o->data_dir;
    return MASTING_OK;
  }
  snprintf(temp, size, "%s/masting-scaling.XXXXXX", tmp && *tmp ? tmp : "/tmp");
  if (!mkdtemp(temp))
    return mst_fail(err, MASTING_ERR_NOFILE,
                    "%s: cannot be made: %s; try --data-dir on a disk "
                    "that all nodes share",
                    temp, strerror(errno));
  s->folder = temp;
  return MASTING_OK;
}

static masting_status study(const scaling_options *o, mst_scaling *s, mst_error *err) {
  char temp[PATH_MAX];
  if (open_folder(o, s, temp, sizeof temp, err) != MASTING_OK) return err->status;
  mst_scaling_run(s, err);
  if (!s->keep_data) rmdir(s->folder);
  if (err->status != MASTING_OK) return err->status;
  mst_scaling_judge(s);
  if (mst_scaling_csv(s, o->out, err) != MASTING_OK) return err->status;
  mst_scaling_print(s, stdout);
  fflush(stdout);
  fprintf(stderr, "masting: wrote %s\n", o->out);
  return o->plot ? mst_scaling_plot(s, o->plot, err) : MASTING_OK;
}

int cmd_scaling(int argc, const char **argv) {
  scaling_options o = {
      .ranks = "1,2", .sizes = "1e4,1e5,1e6", .out = "scaling.csv", .mode = MST_SCALING_ALL};
  mst_scaling s = {.threads = 1, .chains = 8, .repeats = 3, .run_seconds = 1, .seed = 1};
  mst_opt table[] = {
      {"ranks", 'r', MST_OPT_TEXT, &o.ranks, 0, 0, NULL, "R,R,...", "1,2", "rank counts", false},
      {"sizes", 'n', MST_OPT_TEXT, &o.sizes, 0, 0, NULL, "N,N,...", "1e4,1e5,1e6",
       "numbers of rows; for weak scaling, at the least rank count", false},
      {"mode", 'm', MST_OPT_CHOICE, &o.mode, 0, 0, modes, NULL, "all",
       "same N; same N a rank; growing N", false},
      {"size", 0, MST_OPT_MANY, &o.size, 0, 0, NULL, "NAME=VALUE", NULL,
       "other sizes of the model, for the simulator", false},
      {"launcher", 0, MST_OPT_TEXT, &s.launcher, 0, 0, NULL, "'COMMAND'", "mpirun -n {ranks}",
       "what starts ranks, with {ranks} and {threads}", false},
      {"threads", 't', MST_OPT_INT, &s.threads, 1, 4096, NULL, "T", "1", "OpenMP threads a rank",
       false},
      {"chains", 'c', MST_OPT_INT, &s.chains, 1, 64, NULL, "C", "8", "chains", false},
      {"repeat", 0, MST_OPT_INT, &s.repeats, 1, 99, NULL, "K", "3",
       "runs of a point: the median counts", false},
      {"seconds", 0, MST_OPT_REAL, &s.run_seconds, 0.001, 3600, NULL, "S", "1",
       "leapfrogs of a run should take so long", false},
      {"seed", 's', MST_OPT_U64, &s.seed, 0, 0, NULL, "SEED", "1", "of data and runs", false},
      {"data-dir", 0, MST_OPT_TEXT, &o.data_dir, 0, 0, NULL, "DIR", NULL,
       "keep the data sets there, and use those that are there [a folder in TMPDIR]", false},
      {"out", 'o', MST_OPT_TEXT, &o.out, 0, 0, NULL, "FILE", "scaling.csv", "the table as CSV",
       false},
      {"plot", 'p', MST_OPT_TEXT, &o.plot, 0, 0, NULL, "FILE", NULL,
       "draw the curves with their ideal lines: scaling.png", false},
      {0}};
  mst_opts opts = {.command = "scaling",
                   .synopsis = "MODEL [options]",
                   .table = table,
                   .about = "Times a leapfrog step over rank counts and sizes on simulated data, "
                            "and prints a table with\nefficiencies: strong T(R0) R0 / (T(R) R), "
                            "weak T(R0) / T(R). Not to be run under mpirun.",
                   .min_positional = 1,
                   .max_positional = 1};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK && prepare(&opts, &o, &s, &err) == MASTING_OK)
    study(&o, &s, &err);
  free(s.ranks);
  free(s.sizes);
  free(s.point);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}
