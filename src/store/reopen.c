/* store/reopen.c -- goes on with a draws file that a run left unfinished. See drawfile.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/h5.h"
#include "store/drawfile_impl.h"
#include "store/lock.h"

#define MOST_VARIABLES (1 << 24)

int64_t mst_drawfile_new_id(void) {
  uint64_t id = 0;
  if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id) id = (uint64_t)getpid();
  return (int64_t)(id >> 11);
}

masting_status mst_drawfile_sync(mst_drawfile *f, mst_error *err) {
  if (mst_drawfile_flush(f, err) == MASTING_OK) mst_h5_layout_sync(&f->file, err);
  return err->status;
}

masting_status mst_drawfile_set_aside(const char *path, mst_error *err) {
  char *partial = mst_name_beside(path, ".partial", err),
       *before = mst_name_beside(path, ".partial.before", err);
  if (partial && before && rename(partial, before) == 0)
    mst_warn("%s: unfinished draws of an earlier run without a checkpoint are kept as %s", partial,
             before);
  free(partial);
  free(before);
  return err->status;
}

/* ---- where things stand ---- */

void mst_drawfile_fields(mst_fields *fields, mst_drawfile *f) {
  mst_skeleton *s = &f->plan.skeleton;
  int64_t dims = s->ndims, vars = s->nvars;
  int draws = (int)f->plan.draws[MST_PHASE_DRAWS], warmup = (int)f->plan.draws[MST_PHASE_WARMUP];
  int latents = (int)f->plan.latents;
  mst_field_i64(fields, &f->id);
  mst_field_text(fields, &f->given);
  mst_field_int(fields, &latents);
  mst_field_int(fields, &f->chains);
  mst_field_int(fields, &draws);
  mst_field_int(fields, &warmup);
  mst_field_i64(fields, &dims);
  mst_field_i64(fields, &vars);
  for (int i = 0; i < s->ndims; i++) mst_field_i64(fields, &s->dim[i].offset);
  for (int i = 0; i < s->nvars; i++) mst_field_i64(fields, &s->var[i].offset);
}

static int64_t *offsets(mst_fields *fields, int64_t n) {
  fields->bad |= n < 0 || n > MOST_VARIABLES;
  int64_t *x = fields->bad ? NULL : calloc((size_t)n + 1, sizeof *x);
  fields->bad |= !x;
  for (int64_t i = 0; x && i < n; i++) mst_field_i64(fields, &x[i]);
  return x;
}

void mst_drawfile_place_fields(mst_fields *fields, mst_drawfile_place *p) {
  mst_field_i64(fields, &p->id);
  mst_field_text(fields, &p->path);
  mst_field_int(fields, &p->latents);
  fields->bad |= p->latents < MST_LATENTS_AUTO || p->latents > MST_LATENTS_NONE;
  mst_field_int(fields, &p->chains);
  mst_field_int(fields, &p->draws);
  mst_field_int(fields, &p->warmup);
  mst_field_i64(fields, &p->dims);
  mst_field_i64(fields, &p->vars);
  p->dim_offset = offsets(fields, p->dims);
  p->var_offset = offsets(fields, p->vars);
}

void mst_drawfile_place_free(mst_drawfile_place *p) {
  free(p->path);
  free(p->dim_offset);
  free(p->var_offset);
  *p = (mst_drawfile_place){0};
}

/* The plan's offsets are the file's. */
static masting_status put_offsets(mst_drawfile *f, const mst_drawfile_place *p, mst_error *err) {
  mst_skeleton *s = &f->plan.skeleton;
  if (p->dims != s->ndims || p->vars != s->nvars || p->chains != f->chains ||
      p->draws != f->plan.draws[MST_PHASE_DRAWS] || p->warmup != f->plan.draws[MST_PHASE_WARMUP])
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: the unfinished draws are laid out otherwise than this run's; expected %d "
                    "chains of %d draws, got %d of %d",
                    f->file.partial, f->chains, (int)f->plan.draws[MST_PHASE_DRAWS], p->chains,
                    p->draws);
  for (int i = 0; i < s->ndims; i++) s->dim[i].offset = p->dim_offset[i];
  for (int i = 0; i < s->nvars; i++) s->var[i].offset = p->var_offset[i];
  return MASTING_OK;
}

bool mst_drawfile_same_place(const mst_drawfile_spec *spec, const mst_drawfile_place *p) {
  return strcmp(spec->path, p->path) == 0 && spec->draws == p->draws;
}

/* ---- is it that run's? ---- */

int64_t mst_drawfile_id_of(const char *partial) {
  int64_t id = -1;
  mst_h5_quiet();
  hid_t h5 = H5Fopen(partial, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (h5 < 0) return -1;
  hid_t at = H5Aexists(h5, MST_RUN_ID) > 0 ? H5Aopen(h5, MST_RUN_ID, H5P_DEFAULT) : -1;
  if (at >= 0 && H5Aread(at, H5T_NATIVE_INT64, &id) < 0) id = -1;
  if (at >= 0) H5Aclose(at);
  H5Fclose(h5);
  return id;
}

static masting_status check_partial(const char *partial, int64_t id, mst_error *err) {
  struct stat st;
  if (lstat(partial, &st) != 0)
    return mst_fail(err, MASTING_ERR_NOFILE,
                    "%s: the draws that the checkpoint goes on with cannot be found: %s; expected "
                    "them beside the output",
                    partial, strerror(errno));
  if (!S_ISREG(st.st_mode))
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: not a regular file", partial);
  if (mst_drawfile_id_of(partial) != id)
    return mst_fail(
        err, MASTING_ERR_DATA,
        "%s: these draws are of another run than the checkpoint; expected those that it "
        "was written with; try --force to begin again",
        partial);
  return MASTING_OK;
}

masting_status mst_drawfile_refuse(const char *path, int force, mst_error *err) {
  struct stat st;
  if (force || lstat(path, &st) != 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_EXISTS,
                  "%s: the output exists already, and a run that would write it is unfinished; try "
                  "renaming it, or --force to overwrite it",
                  path);
}

/* Rank 0. */
static masting_status take(mst_drawfile *f, const mst_drawfile_spec *spec,
                           const mst_drawfile_place *place, mst_error *err) {
  if (mst_globals_make(&f->globals, &f->plan, &f->layout, f->chains, err) != MASTING_OK ||
      mst_drawfile_refuse(spec->path, spec->force, err) != MASTING_OK ||
      mst_lock_hold(spec->path, err) != MASTING_OK)
    return err->status;
  f->locked = true;
  f->id = place->id;
  return check_partial(f->file.partial, place->id, err);
}

static masting_status prepare(mst_drawfile *f, const mst_drawfile_spec *spec,
                              const mst_drawfile_place *place, mst_error *err) {
  f->layout = *spec->layout;
  f->chains = spec->chains;
  f->force = spec->force;
  if (!(f->given = strdup(spec->path))) return mst_fail(err, MASTING_ERR_MEMORY, "no memory left");
  snprintf(f->file.path, sizeof f->file.path, "%s", spec->path);
  snprintf(f->file.partial, sizeof f->file.partial, "%s.partial", spec->path);
  if (mst_draw_plan_make(&f->plan, spec, err) != MASTING_OK ||
      mst_locals_make(&f->locals, &f->layout, spec->shard, err) != MASTING_OK ||
      put_offsets(f, place, err) != MASTING_OK || f->comm.rank != 0)
    return err->status;
  return take(f, spec, place, err);
}

masting_status mst_drawfile_reopen(mst_drawfile **file, const mst_comm *comm,
                                   const mst_drawfile_spec *spec, const mst_drawfile_place *place,
                                   mst_error *err) {
  mst_drawfile *f = NULL;
  struct sigaction now;
  if (sigaction(SIGXFSZ, NULL, &now) == 0 && now.sa_handler == SIG_DFL) signal(SIGXFSZ, SIG_IGN);
  *file = NULL;
  if (mst_alloc((void **)&f, 1, sizeof *f, "draws file", err) == MASTING_OK) {
    f->comm = *comm;
    prepare(f, spec, place, err);
  }
  if (mst_agree(comm, err) == MASTING_OK) {
    mst_h5_layout_open(&f->file, spec->path, err);
    mst_agree(comm, err);
  }
  if (err->status != MASTING_OK)
    mst_drawfile_abandon(&f, 1);
  else
    *file = f;
  return err->status;
}
