/* cli/manual.h -- the option tables once more: as man pages, and as completions for shells.
 *
 * A subcommand's table is known where it is parsed, so these are forms of --help: main.c chooses
 * one and asks the subcommand for help. Not collective.
 */
#ifndef MST_CLI_MANUAL_H
#define MST_CLI_MANUAL_H

#include "cli/options.h"

typedef enum mst_manual_form {
  MST_MANUAL_TEXT, /* --help as people read it */
  MST_MANUAL_MAN,
  MST_MANUAL_BASH,
  MST_MANUAL_ZSH,
  MST_MANUAL_FISH
} mst_manual_form;

extern const char *const mst_manual_shells[]; /* bash, zsh, fish, NULL */

typedef struct mst_manual_command {
  const char *name, *help; /* what it does, in a line */
  const char *example;     /* a command line; may be NULL */
} mst_manual_command;

/* Chooses the form of what mst_opts_help prints from now on; `about` is the command asked next. */
void mst_manual_choose(mst_manual_form form, const mst_manual_command *about);

/* Prints the options in the form chosen; false, and nothing, if that is MST_MANUAL_TEXT. */
bool mst_manual_options(const mst_opts *opts, FILE *file);

/* The page masting(1). `commands` ends with a NULL name. */
void mst_manual_main(const mst_manual_command *commands, FILE *file);

/* What stands before and after the commands in a shell's completion. */
void mst_manual_begin(const mst_manual_command *commands, FILE *file);
void mst_manual_end(FILE *file);

#endif
