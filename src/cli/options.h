/* cli/options.h -- one option table, filled from the command line and an optional config file.
 *
 * popt splits the command line; numbers, ranges and choices are checked here, so that every wrong
 * value gets a message that names the option, the value, the character and what was expected. A
 * file given with --config holds the same option names, as a JSON object or as `name = value`
 * lines; the command line wins over it. Not collective.
 */
#ifndef MST_CLI_OPTIONS_H
#define MST_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

typedef enum mst_opt_kind {
  MST_OPT_FLAG,   /* int: set to 1 */
  MST_OPT_INT,    /* int, within min and max */
  MST_OPT_I64,    /* int64_t, within min and max */
  MST_OPT_U64,    /* uint64_t, any */
  MST_OPT_REAL,   /* double, within min and max */
  MST_OPT_TEXT,   /* const char *, owned by the parser */
  MST_OPT_CHOICE, /* int: index into choices */
  MST_OPT_MANY    /* mst_opt_list: may be given many times */
} mst_opt_kind;

#define MST_MAX_OPTIONS 64 /* rows of a table */

typedef struct mst_opt_list {
  const char **item; /* owned by the parser */
  int count;
} mst_opt_list;

typedef struct mst_opt {
  const char *name; /* without dashes; NULL ends a table */
  char letter;      /* 0: none */
  mst_opt_kind kind;
  void *to;                   /* keeps its value when the option is not given */
  double min, max;            /* inclusive, numbers only */
  const char *const *choices; /* NULL-terminated */
  const char *arg;            /* what the value is called in the help */
  const char *shown_default;  /* in the help, and in "try"; may be NULL */
  const char *help;
  bool given; /* out */
} mst_opt;

typedef struct mst_opts {
  const char *command;  /* "sample" */
  const char *synopsis; /* "MODEL DATA [options]" */
  const char *about;    /* one or more lines for the help */
  mst_opt *table;
  int min_positional, max_positional;
  const char **positional; /* out, owned by the parser */
  int npositional;         /* out */
  bool help;               /* out: --help was given */
  char **owned;            /* strings of the parser */
  int nowned;
} mst_opts;

/* Parses argv[1 ..]; argv[0] is the subcommand's name. Stops early, with help set, at --help. The
 * first mistake is the error. Free with mst_opts_free, also on failure (in parse.c). */
masting_status mst_opts_parse(mst_opts *opts, int argc, const char **argv, mst_error *err);
void mst_opts_free(mst_opts *opts);

/* The options that every command has; a NULL name ends them. */
const mst_opt *mst_opts_common(void);

/* Prints synopsis, what it does and all options with their defaults; or what manual.h chose. */
void mst_opts_help(const mst_opts *opts, FILE *file);

/* Whether the option was given, on the command line or in the config file. */
bool mst_opts_given(const mst_opts *opts, const char *name);

/* Sets one option from text; `where` begins the message (`--draws`, or `run.json: draws`). */
masting_status mst_opt_set(mst_opts *opts, mst_opt *opt, const char *where, const char *value,
                           mst_error *err);

/* The option of that name; NULL, with an error that says what is near, if there is none. */
mst_opt *mst_opt_find(mst_opts *opts, const char *where, const char *name, mst_error *err);

/* Applies a config file to options that are not given yet (in config.c). */
masting_status mst_opts_config(mst_opts *opts, const char *path, mst_error *err);

/* A copy of text that lives until mst_opts_free; NULL when out of memory. */
const char *mst_opts_keep(mst_opts *opts, const char *text);

/* Appends a copy of `value`, which lives until mst_opts_free; list->item is the caller's to
 * free. */
masting_status mst_opts_append(mst_opts *opts, mst_opt_list *list, const char *value,
                               mst_error *err);

/* Appends the parts of `text` between commas to list; an empty part is an error of `where`. The
 * strings live until mst_opts_free; list->item is the caller's to free. */
masting_status mst_opts_split(mst_opts *opts, const char *where, const char *text,
                              mst_opt_list *list, mst_error *err);

#endif
