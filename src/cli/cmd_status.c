/* cli/cmd_status.c -- `masting status OUT`: from another terminal, what a run has reached. Needs no
 * MPI, and disturbs nothing: the run's file is only read. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/cmd.h"
#include "cli/options.h"
#include "diag/reader.h"
#include "diag/summary.h"
#include "store/lock.h"

#define SMALL 10000 /* elements of a variable, up to which its R-hat is looked at */
#define LEAST 8     /* draws a chain, from which there is something to say */

/* The note that a run leaves in its lock: see show_and_note in cmd_sample.c. */
static void print_note(const char *note) {
  long long warm[2], draws[2], divergences;
  double elapsed, left;
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  if (sscanf(note, "warmup %lld/%lld draws %lld/%lld divergences %lld elapsed %lf left %lf",
             &warm[0], &warm[1], &draws[0], &draws[1], &divergences, &elapsed, &left) != 7) {
    puts("  it has not begun to sample");
    return;
  }
  const bool warming = draws[0] == 0 && warm[0] < warm[1];
  printf("  %s: %s of %s draws of all chains", warming ? "warm-up" : "sampling",
         mst_show_count(warming ? warm[0] : draws[0], a),
         mst_show_count(warming ? warm[1] : draws[1], b));
  if (!warming) printf(", %lld divergence%s", divergences, divergences == 1 ? "" : "s");
  printf("\n  %s so far", mst_show_seconds(elapsed, a));
  if (left >= 0) printf(", about %s left", mst_show_seconds(left, b));
  putchar('\n');
}

/* Variables that are not large: a look should not read gigabytes. Their names live with r. */
static int small_ones(const mst_reader *r, const char **name) {
  int n = 0;
  for (int i = 0; i < r->variables; i++)
    if (!r->variable[i].moments && !r->variable[i].aside && r->variable[i].elements <= SMALL)
      name[n++] = r->variable[i].name;
  return n;
}

static masting_status pass_over(void *context, const mst_summary_piece *piece, mst_error *err) {
  (void)context;
  (void)piece;
  return err->status;
}

static masting_status judge(const char *path, mst_reader *r, mst_error *err) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  const char **name = NULL;
  mst_summary s = {0};
  printf("  %s draws of each of %s chains are in %s\n", mst_show_count(r->draws, a),
         mst_show_count(r->chains, b), path);
  if (r->draws < LEAST) return MASTING_OK;
  if (mst_alloc((void **)&name, (size_t)r->variables, sizeof *name, "status", err))
    return err->status;
  const mst_summary_options o = {.select = {name, small_ones(r, name)},
                                 .choice = mst_element_defaults};
  if (o.select.names > 0 && !mst_summary_make(&s, r, &o, pass_over, NULL, err)) {
    const mst_verdict *v = &s.verdict;
    const bool both = isfinite(v->worst_rhat);
    if (both) printf("  R-hat at most %.3f (%s)", v->worst_rhat, v->worst_rhat_label);
    if (isfinite(v->least_ess_bulk) && *v->least_ess_label)
      printf("%sESS at least %.0f (%s)", both ? "; " : "  ",
             fmin(v->least_ess_bulk, v->least_ess_tail), v->least_ess_label);
    putchar('\n');
  }
  mst_summary_free(&s);
  mst_free(&name);
  return err->status;
}

static masting_status status(const char *out, mst_error *err) {
  mst_lock_state lock;
  mst_reader r;
  char a[MST_SHOW_SIZE];
  char *partial = mst_name_beside(out, ".partial", err);
  if (!partial) return err->status;
  const bool locked = mst_lock_look(out, &lock), there = access(partial, F_OK) == 0;
  const bool runs = locked && !lock.gone, whole = access(out, F_OK) == 0;
  if (!runs && !there && !whole) {
    mst_fail(err, MASTING_ERR_NOFILE,
             "%s: no run of that name; expected it, or %s, or %s.lock, in this folder", out,
             partial, out);
    free(partial);
    return err->status;
  }
  if (runs)
    printf("%s: running: process %ld on host %s, heard of %s ago\n", out, lock.process, lock.host,
           mst_show_seconds(lock.silent < 1 ? 1 : lock.silent, a));
  else
    printf("%s: %s\n", out,
           there ? "ended early; `masting recover` makes a whole file of what is there"
                 : "finished");
  if (runs) print_note(lock.note);
  const char *path = there ? partial : out;
  mst_error unread = {0}; /* a file that is just being laid out */
  if (there || whole) {
    if (!mst_reader_open(&r, path, &unread)) judge(path, &r, err);
    mst_reader_close(&r);
    if (unread.status && !runs) *err = unread;
  }
  free(partial);
  return err->status;
}

int cmd_status(int argc, const char **argv) {
  mst_opt table[] = {{0}};
  mst_opts opts = {.command = "status",
                   .synopsis = "FILE",
                   .table = table,
                   .about = "What the run that writes the draws file FILE has reached: draws, time "
                            "left, R-hat and effective\nsample size so far, of variables that are "
                            "not large.",
                   .min_positional = 1,
                   .max_positional = 1};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK)
    status(opts.positional[0], &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}
