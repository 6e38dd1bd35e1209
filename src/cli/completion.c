/* cli/completion.c -- see completion.h.
 *
 * Models of the gallery are asked of the program when a MODEL is completed; everything else is in
 * the text.
 */
#include "cli/completion.h"

#include <string.h>

const char *const mst_manual_shells[] = {"bash", "zsh", "fish", NULL};

/* What may stand after the option. */
typedef enum value_kind { NOTHING, CHOICE, FILE_NAME, OTHER } value_kind;

static value_kind kind_of(const mst_opt *o) {
  if (o->choices) return CHOICE;
  if (!o->arg) return NOTHING;
  return strstr(o->arg, "FILE") || strstr(o->arg, "DIR") ? FILE_NAME : OTHER;
}

static bool takes_model(const mst_opts *opts) { return strncmp(opts->synopsis, "MODEL", 5) == 0; }

static void put_choices(const mst_opt *o, FILE *file) {
  for (int i = 0; o->choices[i]; i++) fprintf(file, "%s%s", i ? " " : "", o->choices[i]);
}

typedef const mst_opt *option_list[MST_MAX_OPTIONS + 3];

/* The command's options and those that all have; a NULL ends them. */
static void list_options(const mst_opts *opts, option_list all) {
  int n = 0;
  for (const mst_opt *o = opts->table; o->name && n < MST_MAX_OPTIONS; o++) all[n++] = o;
  for (const mst_opt *o = mst_opts_common(); o->name; o++) all[n++] = o;
  all[n] = NULL;
}

/* ---- bash */

void mst_completion_bash_begin(const mst_manual_command *commands, FILE *file) {
  fputs("# bash completion of masting, made from its option tables\n"
        "_masting() {\n"
        "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "  local options='' words='' files=yes models=''\n"
        "  COMPREPLY=()\n"
        "  if [ \"$cur\" = = ]; then cur=''; fi\n"
        "  if [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
        "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
        "    COMPREPLY=($(compgen -W 'help version",
        file);
  for (const mst_manual_command *c = commands; c->name; c++) fprintf(file, " %s", c->name);
  fputs("' -- \"$cur\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n", file);
}

void mst_completion_bash(const mst_opts *opts, FILE *file) {
  fprintf(file, "  %s)\n    options='", opts->command);
  option_list all;
  list_options(opts, all);
  for (int i = 0; all[i]; i++) {
    const mst_opt *o = all[i];
    fprintf(file, "%s--%s", i ? " " : "", o->name);
    if (o->letter) fprintf(file, " -%c", o->letter);
  }
  fprintf(file, "'\n    models=%s\n    case $prev in\n", takes_model(opts) ? "yes" : "''");
  for (int i = 0; all[i]; i++) {
    const mst_opt *o = all[i];
    if (kind_of(o) == NOTHING) continue;
    fprintf(file, "    --%s", o->name);
    if (o->letter) fprintf(file, " | -%c", o->letter);
    fputs(") options='' models=''", file);
    if (kind_of(o) != FILE_NAME) fputs(" files=''", file);
    if (kind_of(o) == CHOICE) {
      fputs(" words='", file);
      put_choices(o, file);
      fputc('\'', file);
    }
    fputs(" ;;\n", file);
  }
  fputs("    esac ;;\n", file);
}

void mst_completion_bash_end(FILE *file) {
  fputs("  esac\n"
        "  case $cur in\n"
        "  -*) words=\"$words $options\" files='' ;;\n"
        "  *) [ -z \"$models\" ] || words=\"$words $(masting sample --list 2>/dev/null | grep "
        "'^[a-z]')\" ;;\n"
        "  esac\n"
        "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "  [ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
        "}\n"
        "complete -o filenames -F _masting masting\n",
        file);
}

/* ---- zsh */

/* In single quotes; brackets and colons end parts of a specification. */
static void put_zsh(const char *text, FILE *file) {
  for (; *text; text++) {
    if (*text == '\'')
      fputs("'\\''", file);
    else if (strchr("[]:\\", *text))
      fprintf(file, "\\%c", *text);
    else
      fputc(*text, file);
  }
}

void mst_completion_zsh_begin(const mst_manual_command *commands, FILE *file) {
  fputs("#compdef masting\n"
        "# zsh completion of masting, made from its option tables\n"
        "_masting_model() {\n"
        "  compadd -- ${(f)\"$(masting sample --list 2>/dev/null | grep '^[a-z]')\"}\n"
        "  _files\n"
        "}\n"
        "_masting() {\n"
        "  local -a commands\n"
        "  if (( CURRENT == 2 )); then\n"
        "    commands=(\n"
        "      'help:list the commands, or the options of one'\n"
        "      'version:print the version'\n",
        file);
  for (const mst_manual_command *c = commands; c->name; c++) {
    fprintf(file, "      '%s:", c->name);
    put_zsh(c->help, file);
    fputs("'\n", file);
  }
  fputs("    )\n    _describe command commands\n    return\n  fi\n"
        "  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n",
        file);
}

static void zsh_option(const mst_opt *o, FILE *file) {
  const char *many = o->kind == MST_OPT_MANY ? "*" : "";
  fputs(" \\\n      ", file);
  if (o->letter && !*many)
    fprintf(file, "'(-%c --%s)'{-%c,--%s%s}'", o->letter, o->name, o->letter, o->name,
            kind_of(o) == NOTHING ? "" : "=");
  else
    fprintf(file, "'%s--%s%s", many, o->name, kind_of(o) == NOTHING ? "" : "=");
  fputc('[', file);
  put_zsh(o->help, file);
  fputc(']', file);
  if (kind_of(o) != NOTHING) {
    fputc(':', file);
    put_zsh(o->arg ? o->arg : o->name, file);
    fputc(':', file);
  }
  if (kind_of(o) == FILE_NAME) fputs("_files", file);
  if (kind_of(o) == CHOICE) {
    fputc('(', file);
    put_choices(o, file);
    fputc(')', file);
  }
  fputc('\'', file);
}

void mst_completion_zsh(const mst_opts *opts, FILE *file) {
  option_list all;
  list_options(opts, all);
  fprintf(file, "  %s)\n    _arguments", opts->command);
  for (int i = 0; all[i]; i++) zsh_option(all[i], file);
  if (takes_model(opts)) fputs(" \\\n      '1:MODEL:_masting_model'", file);
  fputs(" \\\n      '*:file:_files' ;;\n", file);
}

void mst_completion_zsh_end(FILE *file) { fputs("  esac\n}\n_masting \"$@\"\n", file); }

/* ---- fish */

static void put_fish(const char *text, FILE *file) {
  for (; *text; text++) {
    if (*text == '\'' || *text == '\\') fputc('\\', file);
    fputc(*text, file);
  }
}

void mst_completion_fish_begin(const mst_manual_command *commands, FILE *file) {
  fputs("# fish completion of masting, made from its option tables\n"
        "complete -c masting -n __fish_use_subcommand -f -a help -d 'list the commands, or the "
        "options of one'\n"
        "complete -c masting -n __fish_use_subcommand -f -a version -d 'print the version'\n",
        file);
  for (const mst_manual_command *c = commands; c->name; c++) {
    fprintf(file, "complete -c masting -n __fish_use_subcommand -f -a %s -d '", c->name);
    put_fish(c->help, file);
    fputs("'\n", file);
  }
}

void mst_completion_fish(const mst_opts *opts, FILE *file) {
  const char *seen = "__fish_seen_subcommand_from";
  option_list all;
  list_options(opts, all);
  for (int i = 0; all[i]; i++) {
    const mst_opt *o = all[i];
    fprintf(file, "complete -c masting -n '%s %s' -l %s", seen, opts->command, o->name);
    if (o->letter) fprintf(file, " -s %c", o->letter);
    if (kind_of(o) == FILE_NAME) fputs(" -r -F", file);
    if (kind_of(o) == OTHER) fputs(" -x", file);
    if (kind_of(o) == CHOICE) {
      fputs(" -x -a '", file);
      put_choices(o, file);
      fputc('\'', file);
    }
    fputs(" -d '", file);
    put_fish(o->help, file);
    fputs("'\n", file);
  }
  if (takes_model(opts))
    fprintf(file,
            "complete -c masting -n '%s %s' -a '(masting sample --list 2>/dev/null | string match "
            "-r \"^[a-z].*\")'\n",
            seen, opts->command);
}
