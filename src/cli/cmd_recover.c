/* cli/cmd_recover.c -- `masting recover OUT.partial`: a whole draws file of what a run left that
 * was stopped or killed. Needs no MPI. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/show.h"
#include "cli/cmd.h"
#include "cli/options.h"
#include "store/lock.h"
#include "store/whole.h"

#define PARTIAL ".partial"

typedef struct recover_options {
  const char *out;
  int force;
} recover_options;

static bool is_partial(const char *path) {
  const size_t n = strlen(path), m = strlen(PARTIAL);
  return n > m && !strcmp(path + n - m, PARTIAL);
}

static void tell(const char *partial, const char *out, const mst_whole *w) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  fprintf(stderr, "masting: %s: %s of %s draws a chain, %d chains%s; next: masting summary %s\n",
          out, mst_show_count(w->draws, a), mst_show_count(w->planned, b), (int)w->chains,
          w->warmup > 0 ? ", with warm-up" : "", out);
  if (w->no_moments)
    mst_warn(
        "%s: moments of row-local parameters are not there: a run writes them when it ends, and "
        "this one was killed; try --latents all",
        partial);
}

/* The draws of a run that still goes on are its own. */
static masting_status refuse_running(const char *path, mst_error *err) {
  mst_lock_state state;
  if (!mst_lock_look(path, &state) || state.gone) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_EXISTS,
                  "%s: a run still writes it: process %ld on host %s; try `masting status %s`, or "
                  "remove %s.lock if that job is gone",
                  path, state.process, state.host, path, path);
}

static masting_status recover(const char *name, const recover_options *o, mst_error *err) {
  mst_whole whole;
  char *partial = is_partial(name) ? strdup(name) : mst_name_beside(name, PARTIAL, err);
  if (!partial) return mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", name);
  if (!is_partial(name) && access(partial, F_OK) != 0) {
    free(partial);
    partial = strdup(name); /* an odd name, which has no default output */
  }
  char *whose = partial ? strdup(partial) : NULL;
  if (whose && is_partial(whose)) whose[strlen(whose) - strlen(PARTIAL)] = '\0';
  const char *out = o->out ? o->out : whose;
  if (!partial || !whose)
    mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", name);
  else if (!strcmp(out, partial))
    mst_fail(err, MASTING_ERR_USAGE,
             "%s: not a name that ends in .partial; expected one, or an output; try -o whole.h5",
             name);
  else if (!refuse_running(whose, err) && !mst_lock_hold(out, err)) {
    if (!mst_whole_make(partial, out, o->force, NULL, 0, &whole, err)) {
      if (!strcmp(out, whose)) unlink(partial);
      tell(partial, out, &whole);
    }
    mst_lock_drop(out);
  }
  free(partial);
  free(whose);
  return err->status;
}

int cmd_recover(int argc, const char **argv) {
  recover_options o = {0};
  mst_opt table[] = {{"out", 'o', MST_OPT_TEXT, &o.out, 0, 0, NULL, "FILE", NULL,
                      "where the draws go; the partial file stays then [the name without .partial]",
                      false},
                     {"force", 'f', MST_OPT_FLAG, &o.force, 0, 0, NULL, NULL, NULL,
                      "overwrite an existing file", false},
                     {0}};
  mst_opts opts = {.command = "recover",
                   .synopsis = "FILE.partial [options]",
                   .table = table,
                   .about =
                       "Makes a whole draws file of what a run left that was stopped or killed: "
                       "of as many draws a\nchain as every chain has. The partial file is "
                       "removed, unless -o says another name.",
                   .min_positional = 1,
                   .max_positional = 1};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK)
    recover(opts.positional[0], &o, &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}
