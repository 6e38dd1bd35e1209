/* run/checkpoint.c -- see checkpoint.h. */
#define _GNU_SOURCE
#include "run/checkpoint.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/warmup_fields.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/show.h"
#include "run/engine_archive.h"
#include "run/identity.h"
#include "run/metric_archive.h"
#include "run/metric_kind.h"
#include "run/provenance.h"

/* ---- when ---- */

int mst_checkpoint_wanted(const mst_sampler *s, double now) {
  const mst_sample_options *o = s->options;
  int bits = o->ask ? o->ask(o->ask_context) : 0;
  if (o->checkpoint && o->checkpoint_every > 0 && now >= s->checkpoint_due)
    bits |= MST_REQUEST_CHECKPOINT;
  return bits;
}

static void schedule(mst_sampler *s, double took) {
  const mst_sample_options *o = s->options;
  const double least = o->checkpoint_share > 0 ? took / o->checkpoint_share : 0;
  s->checkpoint_due = mst_now() + (o->checkpoint_every > least ? o->checkpoint_every : least);
}

/* ---- what it is about ---- */

static void about_fields(mst_fields *f, mst_checkpoint_about *a) {
  mst_field_text(f, &a->identity);
  mst_field_text(f, &a->folder);
  mst_field_i64(f, &a->warmup_done);
  mst_field_i64(f, &a->draws_done);
  mst_field_int(f, &a->nwords);
  if (f->reading) {
    f->bad |= a->nwords < 0 || a->nwords > (1 << 20);
    a->words = f->bad ? NULL : calloc((size_t)a->nwords + 1, sizeof *a->words);
    if (!a->words) a->nwords = 0;
    f->bad |= !a->words;
  }
  for (int i = 0; i < a->nwords; i++) mst_field_text(f, &a->words[i]);
}

void mst_checkpoint_about_free(mst_checkpoint_about *a) {
  for (int i = 0; a->words && i < a->nwords; i++) free(a->words[i]);
  free(a->words);
  free(a->folder);
  free(a->identity);
  *a = (mst_checkpoint_about){0};
}

masting_status mst_checkpoint_look(const char *path, mst_checkpoint_about *about, mst_error *err) {
  mst_fields f;
  *about = (mst_checkpoint_about){0};
  if (mst_archive_peek(path, "run", &f, err) != MASTING_OK) return err->status;
  about_fields(&f, about);
  if (f.bad) mst_fail(err, MASTING_ERR_FORMAT, "%s: written by another version of masting", path);
  mst_fields_free(&f);
  if (err->status != MASTING_OK) mst_checkpoint_about_free(about);
  return err->status;
}

/* What this run writes; texts that are not its own are not freed. */
static void write_about(mst_sampler *s, mst_archive *a, char *identity) {
  char folder[PATH_MAX] = "?";
  if (!getcwd(folder, sizeof folder)) snprintf(folder, sizeof folder, "?");
  mst_checkpoint_about about = {.words = (char **)(uintptr_t)s->options->words,
                                .nwords = s->options->nwords,
                                .folder = folder,
                                .identity = identity,
                                .warmup_done = s->warmup_done,
                                .draws_done = s->draws_done};
  about_fields(mst_archive_fields(a, "run"), &about);
  mst_archive_fields_share(a);
  mst_archive_fields_end(a, "run");
}

/* ---- the state ---- */

static void run_fields(mst_fields *f, mst_sampler *s) {
  const double now = mst_now();
  double elapsed = now - s->begun, warm = s->warm_until > 0 ? s->warm_until - s->begun : -1;
  mst_warmup_fields(f, &s->warmup);
  mst_rotation_fields(f, &s->rotation);
  mst_field_ints(f, s->draws, (size_t)s->options->chains);
  mst_field_i64(f, &s->divergences);
  mst_field_i64(f, &s->warmup_done);
  mst_field_i64(f, &s->draws_done);
  mst_field_i64(f, &s->warm_steps);
  mst_field_real(f, &elapsed);
  mst_field_real(f, &warm);
  mst_field_real(f, &s->in_steps);
  mst_field_real(f, &s->depth_mean);
  mst_field_i64(f, &s->starts.gradients);
  mst_field_i64(f, &s->starts.passes);
  mst_field_int(f, &s->starts.found);
  mst_field_real(f, &s->starts.k);
  mst_field_real(f, &s->starts.seconds);
  mst_field_i64(f, &s->metric_at_mode.passes);
  if (!f->reading) return;
  s->begun = now - elapsed; /* times go on where they were */
  s->warm_until = warm >= 0 ? s->begun + warm : 0;
}

static bool learns(const mst_sampler *s) {
  const mst_metric_instruction *m = &s->engine.pass.metric_instruction;
  if (m->adaptation == MST_ADAPT_NONE) return false;
  if (m->pooled) return !s->warmup.final;
  for (int c = 0; c < s->engine.chains; c++)
    if (!s->warm[c].schedule.final) return true;
  return false;
}

/* All after the run's description and the draws file, in both directions. */
static void visit(mst_sampler *s, mst_archive *a) {
  run_fields(mst_archive_fields(a, "progress"), s);
  mst_archive_fields_end(a, "progress");
  if (mst_archive_failed(a)) return;
  mst_engine_archive(a, &s->engine, learns(s));
  if (mst_archive_failed(a)) return;
  if (mst_metric_kind_not_diagonal(s->options->metric))
    mst_metric_archive(a, &s->metric_update, mst_sampler_updates_metric(s) && !s->warmup.final);
  if (!mst_archive_failed(a)) mst_record_archive(a, &s->record);
}

/* ---- writing ---- */

static masting_status write_pieces(mst_sampler *s, char *identity, mst_error *err) {
  mst_archive *a = NULL;
  if (mst_archive_create(&a, s->comm, s->options->checkpoint, err) != MASTING_OK)
    return err->status;
  write_about(s, a, identity);
  mst_drawfile_fields(mst_archive_fields(a, "draws file"), s->file);
  mst_archive_fields_end(a, "draws file");
  visit(s, a);
  s->checkpoint_bytes = mst_archive_bytes(a);
  return mst_archive_end(&a, err);
}

/* Draws first: the checkpoint counts on them. */
static masting_status write_now(mst_sampler *s, mst_error *err) {
  const double begun = mst_now();
  if (s->local.status == MASTING_OK) mst_drawfile_sync(s->file, &s->local);
  mst_error draws = s->local;
  if (mst_agree(s->comm, &draws) != MASTING_OK) {
    *err = draws;
    return err->status;
  }
  char *identity = mst_identity(s);
  if (!identity) mst_fail(err, MASTING_ERR_MEMORY, "checkpoint: no memory left");
  if (mst_agree(s->comm, err) == MASTING_OK) write_pieces(s, identity, err);
  free(identity);
  s->resumable |= err->status == MASTING_OK;
  s->checkpoints += err->status == MASTING_OK;
  s->checkpoint_seconds += mst_now() - begun;
  schedule(s, mst_now() - begun);
  return err->status;
}

static masting_status stop(mst_sampler *s, mst_error *err) {
  s->stopped = true;
  if (s->file && s->local.status == MASTING_OK) mst_drawfile_sync(s->file, &s->local);
  *err = s->local;
  return mst_agree(s->comm, err);
}

masting_status mst_checkpoint_carry_out(mst_sampler *s, mst_error *err) {
  const bool writes = s->options->checkpoint && s->file, stops = s->requested & MST_REQUEST_STOP;
  mst_error failed = {0};
  s->engine.keeps_starts = true;
  if (writes && !mst_engine_replayable(&s->engine)) return MASTING_OK;
  s->engine.keeps_starts = writes && mst_engine_may_keep(&s->engine);
  s->requested = 0;
  if (writes && write_now(s, &failed) != MASTING_OK) {
    if (stops || s->local.status != MASTING_OK) {
      *err = failed;
      return err->status;
    }
    if (s->comm->rank == 0)
      mst_warn("%s; the run goes on, %s", failed.message,
               s->resumable ? "and the checkpoint before this one stays" : "without a checkpoint");
  }
  return stops ? stop(s, err) : MASTING_OK;
}

void mst_checkpoint_forget(mst_sampler *s) {
  static const char *const suffixes[] = {"", ".before", ".new", ".damaged"};
  char *name = NULL;
  schedule(s, 0);
  s->resumable = false;
  for (int i = 0; s->options->checkpoint && s->comm->rank == 0 && i < 4; i++) {
    if (asprintf(&name, "%s%s", s->options->checkpoint, suffixes[i]) < 0) continue;
    unlink(name);
    free(name);
  }
}

/* ---- reading ---- */

/* The checkpoint, or where it is damaged or gone the one before. The damaged one is put aside, so
 * that it does not become the one before of the next. Collective. */
static masting_status open_either(mst_sampler *s, mst_error *err) {
  char before[PATH_MAX], damaged[PATH_MAX];
  const char *path = s->options->resume;
  mst_error first = {0}, second = {0};
  if (mst_archive_open(&s->archive, s->comm, path, &first) == MASTING_OK) return MASTING_OK;
  snprintf(before, sizeof before, "%s.before", path);
  snprintf(damaged, sizeof damaged, "%s.damaged", path);
  const bool worth = first.status == MASTING_ERR_FORMAT || first.status == MASTING_ERR_NOFILE;
  if (!worth || mst_archive_open(&s->archive, s->comm, before, &second) != MASTING_OK) {
    *err = first;
    return err->status;
  }
  if (s->comm->rank == 0) {
    mst_warn("%s; going on from the checkpoint before it, %s", first.message, before);
    rename(path, damaged);
  }
  return MASTING_OK;
}

static masting_status check_identity(const mst_sampler *s, const mst_checkpoint_about *about,
                                     mst_error *err) {
  char differences[1200];
  char *now = mst_identity(s);
  if (!now) return mst_fail(err, MASTING_ERR_MEMORY, "checkpoint: no memory left");
  if (mst_identity_differs(about->identity, now, differences, sizeof differences) > 0)
    mst_fail(err, MASTING_ERR_USAGE,
             "%s: the checkpoint is of another run: %s; expected the same; try the command that "
             "began it, or --force without --resume to begin anew",
             s->options->resume, differences);
  free(now);
  return err->status;
}

masting_status mst_checkpoint_open(mst_sampler *s, mst_error *err) {
  mst_checkpoint_about about = {0};
  if (open_either(s, err) != MASTING_OK) return err->status;
  about_fields(mst_archive_fields(s->archive, "run"), &about);
  mst_archive_fields_end(s->archive, "run");
  if (mst_archive_failed(s->archive)) {
    mst_archive_end(&s->archive, err);
  } else {
    if (s->comm->rank == 0) check_identity(s, &about, err);
    mst_agree(s->comm, err);
    s->folder = about.folder;
    about.folder = NULL;
  }
  s->resumable = err->status == MASTING_OK;
  mst_checkpoint_about_free(&about);
  return err->status;
}

masting_status mst_checkpoint_file(mst_sampler *s, mst_error *err) {
  mst_drawfile_place place = {0};
  mst_drawfile_place_fields(mst_archive_fields(s->archive, "draws file"), &place);
  mst_archive_fields_end(s->archive, "draws file");
  place.folder = s->folder;
  if (mst_archive_failed(s->archive))
    mst_archive_end(&s->archive, err);
  else if (s->options->draws < place.draws)
    mst_fail(err, MASTING_ERR_USAGE, "%s: --draws was %d and is now %d; expected as many or more",
             s->options->resume, place.draws, s->options->draws);
  else
    mst_provenance_resume(&s->file, s->comm, s->options, s->target, &place, &s->moved, err);
  mst_drawfile_place_free(&place);
  return err->status;
}

/* Chains that had made all their draws have some to make again, if there shall be more. */
static void go_on(mst_sampler *s) {
  for (int c = 0; c < s->engine.chains; c++)
    if (s->engine.tree[c].phase == MST_CHAIN_DONE && s->draws[c] < s->options->draws)
      mst_tree_go(&s->engine.tree[c]);
}

static void tell(const mst_sampler *s) {
  char line[256], a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  if (s->comm->rank != 0 || !s->options->notice) return;
  snprintf(
      line, sizeof line, "resumed from %.120s: %s of %s draws done, %s", s->options->resume,
      mst_show_count(s->warmup_done + s->draws_done, a),
      mst_show_count((int64_t)s->options->chains * (s->options->warmup + s->options->draws), b),
      s->draws_done ? "sampling" : "warm-up");
  s->options->notice(line);
}

masting_status mst_checkpoint_read(mst_sampler *s, mst_error *err) {
  visit(s, s->archive);
  if (mst_archive_end(&s->archive, err) != MASTING_OK ||
      mst_engine_replay(&s->engine, err) != MASTING_OK)
    return err->status;
  s->own.force = 1; /* what it has written itself, --save-metric, it may write again */
  go_on(s);
  schedule(s, 0);
  tell(s);
  if (!s->moved) return MASTING_OK;
  /* the checkpoint shall not refer to a file that is gone */
  if (write_now(s, err) == MASTING_OK && s->comm->rank == 0) mst_drawfile_moved(s->file);
  return err->status;
}

masting_status mst_checkpoint_last(mst_sampler *s, mst_error *err) {
  mst_error failed = {0};
  if (!s->options->checkpoint_keep || !s->options->checkpoint || !s->file || s->stopped)
    return MASTING_OK;
  if (write_now(s, &failed) == MASTING_OK) return MASTING_OK;
  if (s->local.status != MASTING_OK)
    *err = failed;
  else if (s->comm->rank == 0)
    mst_warn("%s; the draws are complete", failed.message);
  return err->status;
}
