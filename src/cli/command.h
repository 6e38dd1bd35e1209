/* cli/command.h -- what sample, optimize, pathfinder and laplace do alike: read the command
 * line, start the job, refuse an existing output, open the model, read the data, work, and end
 * with one message.
 */
#ifndef MST_CLI_COMMAND_H
#define MST_CLI_COMMAND_H

#include "cli/job.h"

typedef struct mst_command mst_command;

/* Collective. Model and data stand ready; errors are agreed. */
typedef masting_status mst_command_work(mst_command *command, mst_job *job,
                                        const mst_model_set *model, const mst_dataset *data,
                                        mst_error *err);

struct mst_command {
  mst_opts *opts;
  void *context; /* the subcommand's own */
  mst_command_work *work;
  /* Before anything is read: further refusals. Collective; errors are agreed; may be NULL. */
  masting_status (*refuse)(mst_command *command, mst_job *job, mst_error *err);
  /* options, through the rows below */
  const char *shard;
  int isa, threads, float32;
  int64_t spread_from;
  mst_opt_list size, given;
  /* the subcommand's, set before mst_command_go */
  int chains, lanes; /* side by side; lanes 0: the machine's best */
  uint64_t seed;     /* of random numbers in data that the model makes */
  const char *out;   /* NULL: no file */
  int force;
  int exit_status; /* of work that succeeded; the same on all ranks */
  /* made by mst_command_go */
  const char *data_path; /* NULL: none was given */
};

/* Rows of a subcommand's table: name, letter, kind, where to, least, most, choices, argument,
 * default, help. */
/* clang-format off */
#define MST_ROW(name, letter, kind, to, min, max, choices, arg, dflt, help) \
  {name, letter, MST_OPT_##kind, to, min, max, choices, arg, dflt, help, false}
#define MST_ROW_SIZE(c) \
  MST_ROW("size", 0, MANY, &(c)->size, 0, 0, NULL, "NAME=VALUE", NULL, \
          "a size that the data do not tell")
#define MST_ROW_DATA(c) \
  MST_ROW("data", 0, MANY, &(c)->given, 0, 0, NULL, "NAME=VALUE", NULL, \
          "a size or scalar that DATA does not have, or in place of its own")
#define MST_ROW_FLOAT32(c)                                     \
  MST_ROW("float32", 0, FLAG, &(c)->float32, 0, 0, NULL, NULL, NULL, \
          "keep covariates in single precision: half the memory")
#define MST_ROW_THREADS(c)                                        \
  MST_ROW("threads", 't', INT, &(c)->threads, 1, 4096, NULL, "T", NULL, \
          "OpenMP threads a rank [OMP_NUM_THREADS, or the rank's CPUs]")
#define MST_ROW_SHARD(to)                             \
  MST_ROW("shard", 0, TEXT, to, 0, 0, NULL, "NAME", NULL, \
          "size of a Stan program that is cut over the ranks; none: nothing [chosen]")
#define MST_COVARIANCE_DIST_FROM 256 /* measured in docs/stan-language.md */
#define MST_TEXT_OF_(x) #x
#define MST_TEXT_OF(x) MST_TEXT_OF_(x)
#define MST_ROW_COVARIANCE(to) \
  MST_ROW("covariance-spread", 0, I64, to, 0, 0x1p53, NULL, "N", \
          MST_TEXT_OF(MST_COVARIANCE_DIST_FROM), \
          "rows from which on the ranks share the covariance of a normal; 0: never")
#define MST_ROW_FORCE(to) \
  MST_ROW("force", 'f', FLAG, to, 0, 0, NULL, NULL, NULL, "overwrite an existing output")
#define MST_ROW_SEED(to, dflt, what) \
  MST_ROW("seed", 's', U64, to, 0, 0, NULL, "SEED", dflt, \
          "same seed, same " what ", for any ranks and threads")
#define MST_ROW_INIT_RADIUS(to, what) \
  MST_ROW("init-radius", 0, REAL, to, 0, 100, NULL, "RADIUS", "2", \
          what " uniform in (-RADIUS, RADIUS), unconstrained scale")
#define MST_ROW_MAX_ITERATIONS(to, dflt, what) \
  MST_ROW("max-iterations", 0, INT, to, 1, 1e9, NULL, "I", dflt, what " ends after so many steps")
#define MST_ROW_LATENTS(to) \
  MST_ROW("latents", 0, CHOICE, to, 0, 0, mst_latents_choices, NULL, "auto", \
          "row-local parameters: all draws, mean and sd, or nothing")
#define MST_ROW_LANES(to, what) \
  MST_ROW("lanes", 0, INT, to, 1, 16, NULL, "L", NULL, \
          what " in one SIMD batch: 1, 2, 4, 8, 16 [the machine's best]")
#define MST_ROW_JSON(to, help) MST_ROW("json", 0, FLAG, to, 0, 0, NULL, NULL, NULL, help)
#define MST_ROW_QUIET(to, what) \
  MST_ROW("quiet", 'q', FLAG, to, 0, 0, NULL, NULL, NULL, "print " what "warnings and errors only")
#define MST_ROW_ISA(c)                                                     \
  MST_ROW("isa", 0, CHOICE, &(c)->isa, 0, 0, mst_isa_choices, NULL, "best", \
          "SIMD level; best: what all ranks have")
#define MST_ROW_REDUCTION(to)                                                    \
  MST_ROW("reduction", 0, CHOICE, to, 0, 0, mst_reduction_choices, NULL, "exact", \
          "fast: plain sums, whose bits depend on ranks")
#define MST_ROW_PROGRESS(to)                                                    \
  MST_ROW("progress", 0, CHOICE, to, 0, 0, mst_progress_choices, NULL, "auto", \
          "a line on the terminal, or lines in a log")
/* clang-format on */

extern const char *const mst_reduction_choices[]; /* mst_reduction */
extern const char *const mst_progress_choices[];  /* mst_progress_mode */
extern const char *const mst_latents_choices[];   /* mst_latents */

/* Reads the command line. False: --help was asked for and given. Not collective. */
bool mst_command_parse(mst_command *command, int argc, const char **argv, mst_error *err);

/* Collective. All the rest; *err may hold a mistake on the command line. Returns the exit
 * status. */
int mst_command_go(mst_command *command, mst_error *err);

#endif
