/* cli/options.c -- see options.h. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/foreign.h"
#include "cli/manual.h"
#include "cli/number.h"

const char *mst_opts_keep(mst_opts *opts, const char *text) {
  char **more = realloc(opts->owned, (size_t)(opts->nowned + 1) * sizeof *more);
  if (!more) return NULL;
  opts->owned = more;
  char *copy = strdup(text);
  if (copy) opts->owned[opts->nowned++] = copy;
  return copy;
}

static masting_status out_of_memory(mst_error *err) {
  return mst_fail(err, MASTING_ERR_MEMORY, "options: no memory left");
}

masting_status mst_opts_append(mst_opts *opts, mst_opt_list *list, const char *value,
                               mst_error *err) {
  const char **more = realloc(list->item, (size_t)(list->count + 1) * sizeof *more);
  if (!more) return out_of_memory(err);
  list->item = more;
  const char *copy = mst_opts_keep(opts, value);
  if (!copy) return out_of_memory(err);
  list->item[list->count++] = copy;
  return MASTING_OK;
}

masting_status mst_opts_split(mst_opts *opts, const char *where, const char *text,
                              mst_opt_list *list, mst_error *err) {
  const char *at = text;
  for (;;) {
    size_t length = strcspn(at, ",");
    char part[256];
    if (length == 0 || length >= sizeof part)
      return mst_fail(err, MASTING_ERR_USAGE,
                      "%s: an empty part; expected values with commas between them, got '%s'",
                      where, text);
    memcpy(part, at, length);
    part[length] = '\0';
    if (mst_opts_append(opts, list, part, err) != MASTING_OK) return err->status;
    if (!at[length]) return MASTING_OK;
    at += length + 1;
  }
}

static masting_status set_choice(mst_opt *opt, const char *where, const char *value,
                                 mst_error *err) {
  char all[256] = "";
  for (int i = 0; opt->choices[i]; i++) {
    if (strcmp(value, opt->choices[i]) == 0) {
      *(int *)opt->to = i;
      return MASTING_OK;
    }
    size_t used = strlen(all);
    snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", opt->choices[i]);
  }
  const char *near = mst_nearest(value, opt->choices);
  return mst_fail(err, MASTING_ERR_USAGE, "%s: unknown choice; expected one of %s, got '%s'%s%s%s",
                  where, all, value, near ? "; did you mean '" : "", near ? near : "",
                  near ? "'?" : "");
}

masting_status mst_opt_set(mst_opts *opts, mst_opt *opt, const char *where, const char *value,
                           mst_error *err) {
  int64_t whole = 0;
  masting_status status = MASTING_OK;
  opt->given = true;
  switch (opt->kind) {
  case MST_OPT_FLAG:
    *(int *)opt->to = 1;
    return MASTING_OK;
  case MST_OPT_INT:
    status = mst_parse_whole(where, value, opt->min, opt->max, opt->shown_default, &whole, err);
    if (status == MASTING_OK) *(int *)opt->to = (int)whole;
    return status;
  case MST_OPT_I64:
    return mst_parse_whole(where, value, opt->min, opt->max, opt->shown_default, (int64_t *)opt->to,
                           err);
  case MST_OPT_U64:
    return mst_parse_seed(where, value, (uint64_t *)opt->to, err);
  case MST_OPT_REAL:
    return mst_parse_real(where, value, opt->min, opt->max, opt->shown_default, (double *)opt->to,
                          err);
  case MST_OPT_TEXT:
    if (!*value) return mst_fail(err, MASTING_ERR_USAGE, "%s: empty; expected %s", where, opt->arg);
    *(const char **)opt->to = mst_opts_keep(opts, value);
    return *(const char **)opt->to ? MASTING_OK : out_of_memory(err);
  case MST_OPT_CHOICE:
    return set_choice(opt, where, value, err);
  case MST_OPT_MANY:
    return mst_opts_append(opts, opt->to, value, err);
  }
  return MASTING_OK;
}

mst_opt *mst_opt_find(mst_opts *opts, const char *where, const char *name, mst_error *err) {
  const char *names[MST_MAX_OPTIONS + 3];
  int n = 0;
  for (mst_opt *o = opts->table; o->name; o++) {
    if (strcmp(o->name, name) == 0) return o;
    if (n < MST_MAX_OPTIONS) names[n++] = o->name;
  }
  if (mst_foreign_option(opts, where, name, err)) return NULL;
  names[n++] = "help";
  names[n++] = "config";
  names[n] = NULL;
  const char *near = mst_nearest(name, names);
  const char *dashes = strncmp(where, "--", 2) == 0 ? "--" : "";
  if (near)
    mst_fail(err, MASTING_ERR_USAGE, "%s: unknown option; did you mean '%s%s'?", where, dashes,
             near);
  else
    mst_fail(err, MASTING_ERR_USAGE, "%s: unknown option; try `masting %s --help`", where,
             opts->command);
  return NULL;
}

bool mst_opts_given(const mst_opts *opts, const char *name) {
  for (const mst_opt *o = opts->table; o->name; o++)
    if (strcmp(o->name, name) == 0) return o->given;
  return false;
}

void mst_opts_free(mst_opts *opts) {
  for (const mst_opt *o = opts->table; o->name; o++)
    if (o->kind == MST_OPT_MANY) free(((mst_opt_list *)o->to)->item);
  for (int i = 0; i < opts->nowned; i++) free(opts->owned[i]);
  free(opts->owned);
  free(opts->positional);
  opts->owned = NULL;
  opts->positional = NULL;
  opts->nowned = opts->npositional = 0;
}

static void print_option(FILE *file, const mst_opt *o) {
  char head[64], dash[8] = "    ";
  if (o->letter) snprintf(dash, sizeof dash, "-%c, ", o->letter);
  if (o->choices && !o->arg) {
    int used = snprintf(head, sizeof head, "%s--%s ", dash, o->name);
    for (int i = 0; o->choices[i] && used < (int)sizeof head; i++)
      used +=
          snprintf(head + used, sizeof head - (size_t)used, "%s%s", i ? "|" : "", o->choices[i]);
  } else {
    snprintf(head, sizeof head, "%s--%s%s%s", dash, o->name, o->arg ? " " : "",
             o->arg ? o->arg : "");
  }
  fprintf(file, "  %-32s  ", head);
  if (strlen(head) > 32) fprintf(file, "\n  %-32s  ", "");
  fputs(o->help, file);
  if (o->shown_default) fprintf(file, " [%s]", o->shown_default);
  fputc('\n', file);
}

const mst_opt *mst_opts_common(void) {
  static const mst_opt common[] = {{.name = "config",
                                    .arg = "FILE",
                                    .help = "options from a JSON object or `name = value` lines"},
                                   {.name = "help", .letter = 'h', .help = "this text"},
                                   {0}};
  return common;
}

void mst_opts_help(const mst_opts *opts, FILE *file) {
  if (mst_manual_options(opts, file)) return;
  fprintf(file, "usage: masting %s %s\n\n%s\n\noptions:\n", opts->command, opts->synopsis,
          opts->about);
  for (const mst_opt *o = opts->table; o->name; o++) print_option(file, o);
  for (const mst_opt *o = mst_opts_common(); o->name; o++) print_option(file, o);
}
