/* cli/parse.c -- the command line to options, by popt, and then the config file that it names. See
 * options.h. Apart from options.c, which the config file's reader uses.
 */
#include <popt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/foreign.h"
#include "cli/options.h"

enum { HELP = 1000, CONFIG = 1001 };

/* What popt found wrong, in our words. */
static masting_status popt_mistake(mst_opts *opts, poptContext context, int code, mst_error *err) {
  const char *bad = poptBadOption(context, POPT_BADOPTION_NOALIAS);
  char shown[128], name[128];
  snprintf(shown, sizeof shown, "%.*s", (int)strcspn(bad, "="), bad);
  snprintf(name, sizeof name, "%s", shown + strspn(shown, "-"));
  if (code == POPT_ERROR_NOARG)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "%s: no value; expected one after the option; try "
                    "`masting %s --help`",
                    shown, opts->command);
  if (code == POPT_ERROR_BADOPT) {
    if (shown[0] == '-' && shown[1] != '-')
      return mst_fail(err, MASTING_ERR_USAGE, "%s: unknown option; try `masting %s --help`", shown,
                      opts->command);
    mst_opt_find(opts, shown, name, err);
    return err->status;
  }
  return mst_fail(err, MASTING_ERR_USAGE, "%s: %s; try `masting %s --help`", shown,
                  poptStrerror(code), opts->command);
}

/* The option that takes NAME=VALUE, where it was given; --data before --size. */
static mst_opt *value_option(const mst_opts *opts) {
  mst_opt *found = NULL;
  for (mst_opt *o = opts->table; o->name; o++)
    if (o->given && o->kind == MST_OPT_MANY && o->arg && !strcmp(o->arg, "NAME=VALUE") &&
        (!found || !strcmp(o->name, "data")))
      found = o;
  return found;
}

/* `--data J=50 tau=2.5`: one more NAME=VALUE, which no file is called. */
static bool is_value(const mst_opts *opts, const char *argument) {
  const size_t name =
      strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
  return name > 0 && argument[name] == '=' && value_option(opts) && access(argument, F_OK) != 0;
}

static masting_status take_positional(mst_opts *opts, poptContext context, mst_error *err) {
  const char **rest = poptGetArgs(context);
  mst_opt_list list = {0};
  for (; rest && *rest; rest++)
    if (is_value(opts, *rest)) {
      if (mst_opts_append(opts, value_option(opts)->to, *rest, err) != MASTING_OK) break;
    } else if (mst_opts_append(opts, &list, *rest, err) != MASTING_OK)
      break;
  opts->positional = list.item;
  opts->npositional = list.count;
  if (err->status != MASTING_OK) return err->status;
  for (int i = 0; i < list.count; i++)
    if (mst_foreign_argument(opts, list.item[i], err)) return err->status;
  if (list.count < opts->min_positional)
    return mst_fail(
        err, MASTING_ERR_USAGE, "masting %s: %d argument%s too few; expected masting %s %s",
        opts->command, opts->min_positional - list.count,
        opts->min_positional - list.count == 1 ? "" : "s", opts->command, opts->synopsis);
  if (list.count > opts->max_positional)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "masting %s: one argument too many, '%s'; expected masting %s %s",
                    opts->command, list.item[opts->max_positional], opts->command, opts->synopsis);
  return MASTING_OK;
}

static masting_status walk(mst_opts *opts, poptContext context, const char **config,
                           mst_error *err) {
  int code;
  while ((code = poptGetNextOpt(context)) > 0) {
    char *value = poptGetOptArg(context);
    if (code == HELP) {
      opts->help = true;
    } else if (code == CONFIG) {
      *config = mst_opts_keep(opts, value);
    } else {
      mst_opt *opt = &opts->table[code - 1];
      char where[80];
      snprintf(where, sizeof where, "--%s", opt->name);
      mst_opt_set(opts, opt, where, value ? value : "", err);
    }
    free(value);
    if (err->status != MASTING_OK || opts->help) return err->status;
  }
  if (code < -1) return popt_mistake(opts, context, code, err);
  return MASTING_OK;
}

masting_status mst_opts_parse(mst_opts *opts, int argc, const char **argv, mst_error *err) {
  struct poptOption table[MST_MAX_OPTIONS + 3] = {{0}};
  int n = 0;
  for (const mst_opt *o = opts->table; o->name; o++, n++) {
    MST_ASSERT(n < MST_MAX_OPTIONS);
    table[n].longName = o->name;
    table[n].shortName = o->letter;
    table[n].argInfo = o->kind == MST_OPT_FLAG ? POPT_ARG_NONE : POPT_ARG_STRING;
    table[n].val = n + 1;
  }
  table[n++] = (struct poptOption){"help", 'h', POPT_ARG_NONE, NULL, HELP, NULL, NULL};
  table[n++] = (struct poptOption){"config", 0, POPT_ARG_STRING, NULL, CONFIG, NULL, NULL};
  poptContext context = poptGetContext(NULL, argc, argv, table, 0);
  if (!context) return mst_fail(err, MASTING_ERR_MEMORY, "options: no memory left");
  const char *config = NULL;
  walk(opts, context, &config, err);
  if (err->status == MASTING_OK && !opts->help) take_positional(opts, context, err);
  poptFreeContext(context);
  if (err->status == MASTING_OK && !opts->help && config) mst_opts_config(opts, config, err);
  return err->status;
}
