/* cli/resume.c -- see resume.h. */
#define _GNU_SOURCE
#include "cli/resume.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/checkpoint.h"

static bool is_auto(const mst_resume *r) { return r->from && strcmp(r->from, "auto") == 0; }

static masting_status no_memory(mst_error *err) {
  return mst_fail(err, MASTING_ERR_MEMORY, "--resume: no memory left");
}

void mst_resume_free(mst_resume *r) {
  for (int i = 0; i < r->nwords; i++) free(r->words[i]);
  free(r->words);
  free(r->checkpoint);
  free(r->at);
}

static void append(mst_resume *r, const char *const *words, int n, mst_error *err) {
  char **more = realloc(r->words, (size_t)(r->nwords + n + 1) * sizeof *more);
  if (!more) {
    no_memory(err);
    return;
  }
  r->words = more;
  for (int i = 0; i < n && err->status == MASTING_OK; i++) {
    char *copy = strdup(words[i]);
    if (copy)
      r->words[r->nwords++] = copy;
    else
      no_memory(err);
  }
  r->words[r->nwords] = NULL;
}

/* The checkpoint, or the one before it, by its whole path: the folder may change. */
static masting_status look(mst_resume *r, mst_checkpoint_about *about, mst_error *err) {
  char *before = NULL;
  mst_error second = {0};
  r->at = realpath(r->from, NULL);
  if (mst_checkpoint_look(r->from, about, err) == MASTING_OK) return MASTING_OK;
  if (asprintf(&before, "%s.before", r->from) < 0) return no_memory(err);
  if (mst_checkpoint_look(before, about, &second) == MASTING_OK) *err = (mst_error){0};
  free(before);
  return err->status;
}

masting_status mst_resume_words(mst_resume *r, int argc, const char **argv, bool remembered,
                                mst_error *err) {
  mst_checkpoint_about about = {0};
  append(r, argv, 1, err);
  if (remembered && r->from && !is_auto(r) && err->status == MASTING_OK &&
      look(r, &about, err) == MASTING_OK) {
    append(r, (const char *const *)about.words, about.nwords, err);
    if (r->at && chdir(about.folder) != 0)
      mst_warn("%s: the run began in %s, which is not there; files are looked for here", r->from,
               about.folder);
  }
  mst_checkpoint_about_free(&about);
  if (err->status == MASTING_OK) append(r, argv + 1, argc - 1, err);
  return err->status;
}

static bool stands(const char *path) {
  char before[PATH_MAX];
  snprintf(before, sizeof before, "%s.before", path);
  return access(path, F_OK) == 0 || access(before, F_OK) == 0;
}

static masting_status refuse(const mst_resume *r, const mst_sample_options *o, mst_error *err) {
  if (!o->checkpoint || r->from || o->force || !stands(o->checkpoint)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_EXISTS,
                  "%s: a run of this output has not ended and can go on from here; expected "
                  "--resume or --force; try the same command with --resume auto, or --force to "
                  "begin anew",
                  o->checkpoint);
}

masting_status mst_resume_choose(mst_resume *r, const mst_job *job, mst_sample_options *o,
                                 mst_error *err) {
  int there = 0;
  if (!o->out) {
    o->checkpoint = o->resume = NULL;
    return MASTING_OK;
  }
  if (!r->at && r->from && !is_auto(r) && !(r->at = strdup(r->from))) no_memory(err);
  if (!r->file && !r->at && asprintf(&r->checkpoint, "%s.checkpoint", o->out) < 0) {
    r->checkpoint = NULL;
    no_memory(err);
  }
  o->checkpoint_keep = r->file != NULL;
  o->checkpoint = r->file ? r->file : r->at ? r->at : r->checkpoint;
  if (job->comm.rank == 0 && err->status == MASTING_OK) {
    refuse(r, o, err);
    there = is_auto(r) && stands(o->checkpoint);
  }
  if (mst_agree(&job->comm, err) != MASTING_OK ||
      mst_bcast(&job->comm, &there, sizeof there, err) != MASTING_OK)
    return err->status;
  o->resume = is_auto(r) ? there ? o->checkpoint : NULL : r->at;
  o->set_aside = is_auto(r) && !there;
  return MASTING_OK;
}
