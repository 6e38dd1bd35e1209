/* store/move.c -- draws of a run that stopped, or is done, to a file that has room for more. See
 * drawfile_impl.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/drawfile_impl.h"
#include "store/lock.h"

#define PIECE (INT64_C(1) << 20)

/* In the folder that the run began in, where the name is not a whole path. To be freed. */
static char *there(const mst_drawfile_place *p, const char *suffix) {
  char *name = NULL;
  const bool whole = p->path[0] == '/' || !p->folder;
  if (asprintf(&name, "%s%s%s%s", whole ? "" : p->folder, whole ? "" : "/", p->path, suffix) < 0)
    return NULL;
  return name;
}

static bool is_it(const char *path, const mst_drawfile_place *p) {
  struct stat st;
  return path && lstat(path, &st) == 0 && S_ISREG(st.st_mode) && mst_drawfile_id_of(path) == p->id;
}

/* The file with the draws: to be freed; NULL: nowhere. */
static char *source_of(const mst_drawfile *f, const mst_drawfile_place *p) {
  static const char *const suffixes[] = {".partial", ".partial.old", ""};
  for (int here = 1; here >= 0; here--)
    for (int i = 0; i < 3; i++) {
      char *path = NULL;
      if (!here)
        path = there(p, suffixes[i]);
      else if (asprintf(&path, "%s%s", f->given, suffixes[i]) < 0)
        path = NULL;
      if (is_it(path, p)) return path;
      free(path);
    }
  return NULL;
}

static masting_status not_found(const mst_drawfile_place *p, mst_error *err) {
  return mst_fail(
      err, MASTING_ERR_NOFILE,
      "%s.partial: the draws that the checkpoint goes on with cannot be found; expected "
      "them there, or as %s, in %s",
      p->path, p->path, p->folder ? p->folder : "this folder");
}

masting_status mst_drawfile_find(mst_drawfile *f, const mst_drawfile_spec *spec, mst_error *err) {
  if (mst_drawfile_refuse(spec->path, spec->force, err) != MASTING_OK ||
      mst_lock_hold(spec->path, err) != MASTING_OK)
    return err->status;
  f->locked = true;
  char *source = source_of(f, spec->from), *old = mst_name_beside(f->given, ".partial.old", err);
  char *partial = mst_name_beside(f->given, ".partial", err);
  if (!source) {
    not_found(spec->from, err);
  } else if (old && partial && strcmp(source, partial) == 0 && rename(partial, old) != 0) {
    mst_fail(err, MASTING_ERR_IO, "%s: cannot rename it: %s", partial, strerror(errno));
  }
  free(source);
  free(old);
  free(partial);
  return err->status;
}

void mst_drawfile_moved(const mst_drawfile *f) {
  mst_error ignored = {0};
  char *old = mst_name_beside(f->given, ".partial.old", &ignored);
  if (old) unlink(old);
  free(old);
}

static masting_status copy(mst_drawfile *f, int fd, const char *path, int64_t from, int64_t to,
                           int64_t count, char *room, mst_error *err) {
  while (count > 0 && err->status == MASTING_OK) {
    const ssize_t n = pread(fd, room, (size_t)(count < PIECE ? count : PIECE), from);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return mst_fail(err, MASTING_ERR_IO, "%s: cannot read it: %s", path,
                      n < 0 ? strerror(errno) : "it is cut short");
    mst_h5_layout_write(&f->file, to, room, n, err);
    from += n;
    to += n;
    count -= n;
  }
  return err->status;
}

/* A variable of so many draws a chain becomes one of more. */
static void copy_variable(mst_drawfile *f, int fd, const char *path, const mst_plan *old,
                          int variable, mst_phase phase, char *room, mst_error *err) {
  if (variable < 0 || old->draws[phase] <= 0 || err->status != MASTING_OK) return;
  const mst_variable *a = &old->skeleton.var[variable], *b = &f->plan.skeleton.var[variable];
  const int64_t draws = old->draws[phase], each = a->bytes / (f->chains * draws);
  for (int64_t c = 0; c < f->chains && a->bytes > 0; c++)
    copy(f, fd, path, a->offset + c * draws * each, b->offset + c * f->plan.draws[phase] * each,
         draws * each, room, err);
}

static void copy_all(mst_drawfile *f, int fd, const char *path, const mst_plan *old, char *room,
                     mst_error *err) {
  for (int phase = 0; phase < 2; phase++) {
    for (int i = 0; i < f->layout.outputs; i++)
      copy_variable(f, fd, path, old, old->param[phase][i], (mst_phase)phase, room, err);
    for (int i = 0; i < MST_STATS; i++)
      copy_variable(f, fd, path, old, old->stat[phase][i], (mst_phase)phase, room, err);
  }
}

/* The plan of the old file: this one's with fewer draws. */
static masting_status old_plan(const mst_drawfile_spec *spec, mst_plan *old, mst_error *err) {
  const mst_drawfile_place *p = spec->from;
  mst_drawfile_spec was = *spec;
  was.draws = p->draws;
  was.warmup = p->warmup;
  if (mst_draw_plan_make(old, &was, err) != MASTING_OK) return err->status;
  if (old->skeleton.nvars != p->vars || p->chains != spec->chains || p->warmup != spec->warmup)
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: the draws to go on with are laid out otherwise than this run's", p->path);
  for (int i = 0; i < old->skeleton.nvars; i++) old->skeleton.var[i].offset = p->var_offset[i];
  return MASTING_OK;
}

masting_status mst_drawfile_copy(mst_drawfile *f, const mst_drawfile_spec *spec, mst_error *err) {
  char *source = source_of(f, spec->from), *room = NULL;
  mst_plan *old = NULL;
  if (!source) return not_found(spec->from, err);
  const int fd = open(source, O_RDONLY | O_CLOEXEC);
  if (fd < 0) mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot open it: %s", source, strerror(errno));
  mst_alloc((void **)&old, 1, sizeof *old, "draws file", err);
  mst_alloc((void **)&room, (size_t)PIECE, 1, "draws file", err);
  if (err->status == MASTING_OK && old_plan(spec, old, err) == MASTING_OK)
    copy_all(f, fd, source, old, room, err);
  if (fd >= 0) close(fd);
  if (old) mst_skeleton_free(&old->skeleton);
  mst_free(&old);
  mst_free(&room);
  free(source);
  return err->status;
}
