/* cli/manual.c -- man pages; and which form is chosen. See manual.h. */
#include "config.h"

#include "cli/manual.h"

#include <ctype.h>
#include <string.h>

#include "cli/completion.h"

static mst_manual_form form;
static mst_manual_command command;

void mst_manual_choose(mst_manual_form chosen, const mst_manual_command *about) {
  form = chosen;
  if (about) command = *about;
}

/* Text for roff: hyphens of options stay hyphens, and no line begins with a request. */
static void put(FILE *file, const char *text) {
  bool begins = true;
  for (; *text; text++) {
    if (begins && (*text == '.' || *text == '\'')) fputs("\\&", file);
    if (*text == '-')
      fputs("\\-", file);
    else if (*text == '\\')
      fputs("\\e", file);
    else
      fputc(*text, file);
    begins = *text == '\n';
  }
}

static void heading(FILE *file, const char *name, const char *separator) {
  fputs(".TH MASTING", file);
  if (*name) put(file, separator);
  for (const char *c = name; *c; c++) fputc(toupper((unsigned char)*c), file);
  fputs(" 1 \"\" \"masting " PACKAGE_VERSION "\" \"masting\"\n.SH NAME\nmasting", file);
  put(file, *name ? separator : "");
  put(file, name);
}

static void man_option(FILE *file, const mst_opt *o) {
  fputs(".TP\n", file);
  if (o->letter) fprintf(file, "\\fB\\-%c\\fR, ", o->letter);
  fputs("\\fB\\-\\-", file);
  put(file, o->name);
  fputs("\\fR", file);
  if (o->choices && !o->arg) {
    for (int i = 0; o->choices[i]; i++) {
      fputs(i ? "|\\fB" : " \\fB", file);
      put(file, o->choices[i]);
      fputs("\\fR", file);
    }
  } else if (o->arg) {
    fputs(" \\fI", file);
    put(file, o->arg);
    fputs("\\fR", file);
  }
  fputc('\n', file);
  put(file, o->help);
  if (o->shown_default) {
    fputs(" [", file);
    put(file, o->shown_default);
    fputc(']', file);
  }
  fputc('\n', file);
}

static void man_end(FILE *file, const char *example) {
  fputs(".SH EXIT STATUS\n0 done; 2 a mistake on the command line, in the model or in a name of a "
        "file; 65 the data; 70 a bug of masting; 74 input or output failed.\n",
        file);
  if (example) {
    fputs(".SH EXAMPLES\n.nf\n", file);
    put(file, example);
    fputs("\n.fi\n", file);
  }
  fputs(".SH SEE ALSO\n", file);
  if (example && strstr(example, "mpirun")) fputs(".BR mpirun (1),\n", file);
}

static void man_command(const mst_opts *opts, FILE *file) {
  heading(file, opts->command, "-");
  fputs(" \\- ", file);
  put(file, command.help);
  fputs("\n.SH SYNOPSIS\n\\fBmasting ", file);
  put(file, opts->command);
  fputs("\\fR ", file);
  put(file, opts->synopsis);
  fputs("\n.SH DESCRIPTION\n", file);
  put(file, opts->about);
  fputs("\n.SH OPTIONS\n", file);
  for (const mst_opt *o = opts->table; o->name; o++) man_option(file, o);
  for (const mst_opt *o = mst_opts_common(); o->name; o++) man_option(file, o);
  man_end(file, command.example);
  fputs(".BR masting (1)\n", file);
}

static const struct {
  const char *name, *what;
} variables[] = {
    {"MASTING_CACHE", "folder of compiled Stan programs"},
    {"MASTING_INCLUDE", "folder of the public headers, where they are not where masting was "
                        "installed"},
    {"MASTING_SOURCE", "folder of README.md, docs, data and jobs, for masting info --examples"},
    {"MASTING_PRINT", "off: print() of Stan programs prints nothing"},
    {"OMP_NUM_THREADS", "threads a rank, unless --threads is given"},
    {"CC", "the C compiler for models"},
    {"TMPDIR", "where compiled programs are kept for a moment on each node"},
};

void mst_manual_main(const mst_manual_command *commands, FILE *file) {
  heading(file, "", "");
  fputs(" \\- the No\\-U\\-Turn Sampler over MPI ranks\n.SH SYNOPSIS\n\\fBmasting\\fR COMMAND "
        "[arguments]\n.br\n\\fBmpirun \\-n\\fR 4 \\fBmasting\\fR COMMAND [arguments]\n"
        ".SH DESCRIPTION\nmasting takes a Stan program and a data file, samples the posterior over "
        "the ranks of a cluster, and writes the draws to an HDF5 file that opens in ArviZ, xarray "
        "and R. Each command has a page of its own.\n.SH COMMANDS\n",
        file);
  for (const mst_manual_command *c = commands; c->name; c++) {
    fputs(".TP\n\\fB", file);
    put(file, c->name);
    fputs("\\fR\n", file);
    put(file, c->help);
    fputc('\n', file);
  }
  fputs(".TP\n\\fBhelp\\fR [COMMAND]\nlists the commands, or the options of one. "
        "\\fB\\-\\-man\\fR [COMMAND] prints its page, \\fB\\-\\-completion\\fR bash|zsh|fish the "
        "completion of a shell.\n.TP\n\\fBversion\\fR, \\fB\\-V\\fR, "
        "\\fB\\-\\-version\\fR\nprints the version.\n.SH ENVIRONMENT\n",
        file);
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    fprintf(file, ".TP\n\\fB%s\\fR\n", variables[i].name);
    put(file, variables[i].what);
    fputc('\n', file);
  }
  man_end(file, "mpirun -n 4 masting sample model.stan data.h5 -o draws.h5\nmasting summary "
                "draws.h5");
  for (const mst_manual_command *c = commands; c->name; c++) {
    fputs(".BR masting\\-", file);
    put(file, c->name);
    fprintf(file, " (1)%s\n", c[1].name ? "," : "");
  }
}

bool mst_manual_options(const mst_opts *opts, FILE *file) {
  switch (form) {
  case MST_MANUAL_TEXT:
    return false;
  case MST_MANUAL_MAN:
    man_command(opts, file);
    break;
  case MST_MANUAL_BASH:
    mst_completion_bash(opts, file);
    break;
  case MST_MANUAL_ZSH:
    mst_completion_zsh(opts, file);
    break;
  case MST_MANUAL_FISH:
    mst_completion_fish(opts, file);
    break;
  }
  return true;
}

void mst_manual_begin(const mst_manual_command *commands, FILE *file) {
  if (form == MST_MANUAL_BASH) mst_completion_bash_begin(commands, file);
  if (form == MST_MANUAL_ZSH) mst_completion_zsh_begin(commands, file);
  if (form == MST_MANUAL_FISH) mst_completion_fish_begin(commands, file);
}

void mst_manual_end(FILE *file) {
  if (form == MST_MANUAL_BASH) mst_completion_bash_end(file);
  if (form == MST_MANUAL_ZSH) mst_completion_zsh_end(file);
}
