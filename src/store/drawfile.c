/* store/drawfile.c -- see drawfile.h.
 *
 *     lock.c     who may write the output
 *     plan.c      what the file holds
 *     skeleton.c  its HDF5 structure, made by rank 0
 *     globals.c   rank 0's buffered global draws and statistics
 *     locals.c    every rank's row-local draws
 * and this file, which joins them and keeps the first error.
 */
#define _GNU_SOURCE
#include "store/drawfile.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "config.h"
#include "data/h5.h"
#include "data/h5_layout.h"
#include "store/drawfile_impl.h"
#include "store/lock.h"
#include "store/globals.h"
#include "store/locals.h"
#include "store/plan.h"
#include "store/whole.h"

#define HASTEN_BYTES (4 << 20)
#define METADATA_BYTES (1 << 18) /* generous; attributes hold the model's text */

static masting_status stuck(const mst_drawfile *f, mst_error *err) {
  if (f->error.status && !err->status) *err = f->error;
  return f->error.status;
}

/* Keeps err as the file's error and returns its status. */
static masting_status settle(mst_drawfile *f, const mst_error *err) {
  if (err->status && !f->error.status) f->error = *err;
  return err->status;
}

/* The whole file's space in PATH.partial, before HDF5 sees the disk: HDF5 that meets a full disk
 * in the middle of its work leaves itself unusable. */
static masting_status check_room(const mst_drawfile *f, mst_error *err) {
  char smaller[160];
  snprintf(smaller, sizeof smaller, "%sfewer --draws, %sor another folder",
           f->plan.latents == MST_LATENTS_ALL ? "--latents moments, " : "",
           f->plan.draws[MST_PHASE_WARMUP] > 0 ? "no --save-warmup, " : "");
  return mst_h5_layout_room(f->file.path, mst_skeleton_bytes(&f->plan.skeleton) + METADATA_BYTES,
                            smaller, err);
}

/* ISO 8601 in UTC with microseconds, as ArviZ writes it. */
static void now_text(char text[64]) {
  struct timeval now;
  struct tm utc;
  gettimeofday(&now, NULL);
  gmtime_r(&now.tv_sec, &utc);
  size_t n = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &utc);
  snprintf(text + n, 64 - n, ".%06ld+00:00", (long)now.tv_usec);
}

static masting_status put_attributes(mst_drawfile *f, const mst_drawfile_spec *spec,
                                     mst_error *err) {
  char created[64];
  now_text(created);
  const mst_attribute ours[] = {{"created_at", created, 0},
                                {"creation_library", "masting", 0},
                                {"creation_library_version", PACKAGE_VERSION, 0},
                                {"inference_library", "masting", 0},
                                {"inference_library_version", PACKAGE_VERSION, 0}};
  const mst_attribute data = {"data_path", spec->data_path, 0};
  const mst_attribute run = {MST_RUN_ID, NULL, (double)f->id};
  int n = (int)(sizeof ours / sizeof *ours);
  const char *path = f->file.partial;
  mst_skeleton_attributes(f->file.h5, path, "/", ours, n, err);
  if (!err->status)
    mst_skeleton_attributes(f->file.h5, path, "/", spec->attributes, spec->nattributes, err);
  if (!err->status) mst_skeleton_attributes(f->file.h5, path, "/", &run, 1, err);
  if (!err->status && spec->data_path)
    mst_skeleton_attributes(f->file.h5, path, "/constant_data", &data, 1, err);
  return err->status;
}

/* Rank 0: the lock, the room, the HDF5 file. */
static masting_status lay_out(mst_drawfile *f, const mst_drawfile_spec *spec, mst_error *err) {
  if (spec->from ? mst_drawfile_find(f, spec, err)
                 : mst_lock_take(spec->path, spec->force || spec->set_aside, err))
    return err->status;
  f->locked = true;
  if (spec->set_aside && mst_drawfile_set_aside(spec->path, err)) return err->status;
  f->id = mst_drawfile_new_id();
  snprintf(f->file.path, sizeof f->file.path, "%s", spec->path);
  snprintf(f->file.partial, sizeof f->file.partial, "%s.partial", spec->path);
  if (check_room(f, err) || mst_h5_layout_create(&f->file, spec->path, err) ||
      mst_skeleton_create(&f->plan.skeleton, &f->file, err) || put_attributes(f, spec, err))
    return err->status;
  return mst_h5_layout_seal(&f->file, err);
}

/* Rank 0: room behind the end of the file for the closing attributes, so that a disk that fills up
 * during the run does not spoil its end. Best effort. */
static void reserve_closing(const mst_drawfile *f) {
  off_t end = lseek(f->file.fd, 0, SEEK_END);
  if (end > 0) (void)fallocate(f->file.fd, FALLOC_FL_KEEP_SIZE, end, METADATA_BYTES);
}

/* Rank 0: coordinates that are not cut over the ranks, and the sizes. */
static masting_status write_small(mst_drawfile *f, mst_error *err) {
  mst_skeleton *s = &f->plan.skeleton;
  for (int i = 0; i < s->ndims; i++)
    for (int64_t v = 0; v < s->dim[i].size && !s->dim[i].sharded && !err->status; v++)
      mst_h5_layout_write(&f->file, s->dim[i].offset + 8 * v, &v, 8, err);
  for (int i = 0; i < f->layout.model->nsizes && !err->status; i++)
    if (f->plan.size[i] >= 0)
      mst_h5_layout_write(&f->file, s->var[f->plan.size[i]].offset, &f->layout.size[i], 8, err);
  return err->status;
}

static void fill_rows(mst_drawfile *f, int output, int variable, int64_t count, mst_error *err) {
  const mst_variable *v = &f->plan.skeleton.var[variable];
  mst_locals_fill(&f->locals, &f->file, output, v->cell, v->offset, count, err);
}

/* Every rank: NaN where its row-local numbers will stand, and its rows' coordinates. */
static masting_status write_rows(mst_drawfile *f, mst_error *err) {
  mst_skeleton *s = &f->plan.skeleton;
  for (int i = 0; i < s->ndims && !err->status; i++)
    if (s->dim[i].sharded) mst_locals_count(&f->locals, &f->file, s->dim[i].offset, err);
  for (int i = 0; i < f->layout.outputs && !err->status; i++) {
    if (!f->layout.param[i].local) continue;
    for (int phase = 0; phase < 2 && !err->status; phase++)
      if (f->plan.param[phase][i] >= 0)
        fill_rows(f, i, f->plan.param[phase][i], f->chains * f->plan.draws[phase], err);
    if (f->plan.mean[i] < 0 || err->status) continue;
    fill_rows(f, i, f->plan.mean[i], f->chains, err);
    fill_rows(f, i, f->plan.sd[i], f->chains, err);
  }
  return err->status;
}

static masting_status prepare(mst_drawfile *f, const mst_drawfile_spec *spec, mst_error *err) {
  f->layout = *spec->layout;
  f->chains = spec->chains;
  f->force = spec->force;
  if (!(f->given = strdup(spec->path))) return mst_fail(err, MASTING_ERR_MEMORY, "no memory left");
  if (mst_draw_plan_make(&f->plan, spec, err) ||
      mst_locals_make(&f->locals, &f->layout, spec->shard, err))
    return err->status;
  if (f->comm.rank != 0) return MASTING_OK;
  if (mst_globals_make(&f->globals, &f->plan, &f->layout, f->chains, err)) return err->status;
  return lay_out(f, spec, err);
}

static masting_status begin(mst_drawfile *f, const mst_drawfile_spec *spec, mst_error *err) {
  if (mst_agree(&f->comm, err)) return err->status;
  mst_skeleton *s = &f->plan.skeleton; /* every rank has planned the same; rank 0 has laid it out */
  mst_bcast(&f->comm, s->dim, s->ndims * (int64_t)sizeof *s->dim, err);
  mst_bcast(&f->comm, s->var, s->nvars * (int64_t)sizeof *s->var, err);
  if (mst_agree(&f->comm, err)) return err->status;
  if (!mst_h5_layout_open(&f->file, spec->path, err)) {
    if (f->comm.rank == 0) {
      reserve_closing(f);
      write_small(f, err);
    }
    if (!err->status) write_rows(f, err);
  }
  return mst_agree(&f->comm, err);
}

masting_status mst_drawfile_create(mst_drawfile **file, const mst_comm *comm,
                                   const mst_drawfile_spec *spec, mst_error *err) {
  mst_drawfile *f = NULL;
  struct sigaction now;
  /* A file-size limit is an error with a message (EFBIG), not a silent death. */
  if (sigaction(SIGXFSZ, NULL, &now) == 0 && now.sa_handler == SIG_DFL) signal(SIGXFSZ, SIG_IGN);
  *file = NULL;
  if (!mst_alloc((void **)&f, 1, sizeof *f, "draws file", err)) {
    f->comm = *comm;
    prepare(f, spec, err);
  }
  if (!mst_agree(comm, err) && !begin(f, spec, err) && spec->from) {
    if (comm->rank == 0) mst_drawfile_copy(f, spec, err);
    mst_agree(comm, err);
  }
  if (err->status) {
    mst_drawfile_abandon(&f, 0);
    return err->status;
  }
  *file = f;
  return MASTING_OK;
}

mst_latents mst_drawfile_latents(const mst_drawfile *file) { return file->plan.latents; }

masting_status mst_drawfile_put(mst_drawfile *file, mst_phase phase, int chain, int draw,
                                const double *theta, const mst_draw_stats *stats, mst_error *err) {
  if (stuck(file, err)) return err->status;
  MST_ASSERT(file->comm.rank == 0);
  mst_globals_put(file->globals, &file->file, phase, chain, draw, theta, stats, err);
  return settle(file, err);
}

/* Every few MiB of a chain's draws are sent on their way to the device, so that the fsync at the
 * end has little left to wait for. A hint: whether it works does not matter. */
static void hasten(const mst_drawfile *f, int64_t begins, int64_t bytes, int draw, int draws) {
  int64_t each = HASTEN_BYTES / (bytes > 0 ? bytes : 1) + 1;
  if ((draw + 1) % each && draw + 1 < draws) return;
  int64_t count = (draw + 1) % each ? (draw + 1) % each : each;
  (void)sync_file_range(f->file.fd, begins + bytes - count * bytes, count * bytes,
                        SYNC_FILE_RANGE_WRITE);
}

masting_status mst_drawfile_put_local(mst_drawfile *file, mst_phase phase, int chain, int draw,
                                      const double *local, const double *row_derived,
                                      mst_error *err) {
  if (stuck(file, err)) return err->status;
  int64_t at = (int64_t)chain * file->plan.draws[phase] + draw;
  MST_ASSERT(chain >= 0 && chain < file->chains && draw >= 0 && draw < file->plan.draws[phase]);
  for (int i = 0; i < file->layout.outputs && !err->status; i++) {
    const mst_param_layout *q = &file->layout.param[i];
    int variable = file->plan.param[phase][i];
    if (!q->local || variable < 0) continue;
    const mst_variable *v = &file->plan.skeleton.var[variable];
    int64_t bytes = 8 * q->elements * file->layout.n;
    int64_t begins = v->offset + at * bytes;
    const double *from = i < file->layout.model->nparams ? local : row_derived;
    if (!mst_locals_write(&file->locals, &file->file, i, v->cell, begins, from, err))
      hasten(file, begins, bytes, draw, (int)file->plan.draws[phase]);
  }
  return settle(file, err);
}

masting_status mst_drawfile_put_moments(mst_drawfile *file, int chain, const double *mean,
                                        const double *sd, mst_error *err) {
  if (stuck(file, err)) return err->status;
  MST_ASSERT(chain >= 0 && chain < file->chains);
  const mst_layout *l = &file->layout;
  const mst_variable *var = file->plan.skeleton.var;
  for (int i = 0; i < l->outputs && !err->status; i++) {
    if (file->plan.mean[i] < 0) continue;
    const int64_t part = i < l->model->nparams ? 0 : file->locals.shard.rows * l->locals;
    const int64_t skip = (int64_t)chain * 8 * l->param[i].elements * l->n;
    mst_locals_write(&file->locals, &file->file, i, MST_CELL_F64,
                     var[file->plan.mean[i]].offset + skip, mean + part, err);
    if (!err->status)
      mst_locals_write(&file->locals, &file->file, i, MST_CELL_F64,
                       var[file->plan.sd[i]].offset + skip, sd + part, err);
  }
  return settle(file, err);
}

masting_status mst_drawfile_flush(mst_drawfile *file, mst_error *err) {
  if (stuck(file, err)) return err->status;
  if (file->globals) mst_globals_flush(file->globals, &file->file, err);
  return settle(file, err);
}

/* Rank 0, when every rank's numbers are on the device. */
static masting_status write_closing(mst_drawfile *f, const mst_attribute *attributes,
                                    int nattributes, mst_error *err) {
  if (nattributes > 0) {
    hid_t h5 = mst_h5_layout_reopen(&f->file);
    char why[256];
    if (h5 < 0)
      return mst_fail(err, MASTING_ERR_IO, "%s: cannot open it again: %s", f->file.partial,
                      mst_h5_why(why, sizeof why));
    mst_skeleton_attributes(h5, f->file.partial, "/", attributes, nattributes, err);
    if (H5Fclose(h5) < 0)
      mst_fail(err, MASTING_ERR_IO, "%s: cannot close it: %s", f->file.partial,
               mst_h5_why(why, sizeof why));
  }
  return err->status ? err->status : mst_h5_layout_sync(&f->file, err);
}

static masting_status close_with(mst_drawfile *f, const mst_attribute *attributes, int nattributes,
                                 mst_error *err) {
  if (write_closing(f, attributes, nattributes, err)) return err->status;
  return mst_h5_layout_publish(&f->file, f->force, err);
}

masting_status mst_drawfile_finish(mst_drawfile **file, const mst_attribute *attributes,
                                   int nattributes, mst_error *err) {
  mst_drawfile *f = *file;
  if (!mst_drawfile_flush(f, err)) mst_h5_layout_sync(&f->file, err);
  if (!mst_agree(&f->comm, err)) {
    if (f->comm.rank == 0) close_with(f, attributes, nattributes, err);
    mst_agree(&f->comm, err);
  }
  mst_drawfile_abandon(file, 1);
  return err->status;
}

masting_status mst_drawfile_stop(mst_drawfile **file, int reached, bool whole,
                                 const mst_attribute *attributes, int nattributes, mst_error *err) {
  mst_drawfile *f = *file;
  const mst_attribute count = {"draws_reached", NULL, reached};
  if (!mst_drawfile_flush(f, err)) mst_h5_layout_sync(&f->file, err);
  if (!mst_agree(&f->comm, err)) {
    if (f->comm.rank == 0 && !write_closing(f, &count, 1, err) && whole) {
      mst_whole made;
      if (!mst_whole_make(f->file.partial, f->file.path, f->force, attributes, nattributes, &made,
                          err))
        unlink(f->file.partial);
    }
    mst_agree(&f->comm, err);
  }
  mst_drawfile_abandon(file, 1);
  return err->status;
}

void mst_drawfile_abandon(mst_drawfile **file, int keep) {
  mst_drawfile *f = *file;
  if (!f) return;
  mst_h5_layout_abandon(&f->file, keep || !f->locked);
  if (f->locked) mst_lock_drop(f->file.path);
  mst_skeleton_free(&f->plan.skeleton);
  mst_globals_free(&f->globals);
  mst_locals_free(&f->locals);
  free(f->given);
  mst_free(file);
}
