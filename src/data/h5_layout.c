/* data/h5_layout.c -- see h5_layout.h. */
#define _GNU_SOURCE
#include "data/h5_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/show.h"
#include "data/h5.h"

/* Large datasets start on a page, so that every rank's pwrite is cheap for the file system. */
#define ALIGN_FROM (64 * 1024)
#define ALIGN_TO 4096
/* Linux writes at most 0x7ffff000 bytes a call. */
#define PIECE (INT64_C(1) << 30)

static masting_status set_path(mst_h5_layout *file, const char *path, mst_error *err) {
  memset(file, 0, sizeof *file);
  if (strlen(path) >= sizeof file->path)
    return mst_fail(err, MASTING_ERR_NOFILE,
                    "%.64s...: the path has %zu characters; expected at most %d", path,
                    strlen(path), MST_PATH_MAX - 1);
  snprintf(file->path, sizeof file->path, "%s", path);
  snprintf(file->partial, sizeof file->partial, "%s.partial", path);
  return MASTING_OK;
}

/* The folder or a permission is the user's to mend; the rest is the system's. */
static masting_status fail_errno(const char *path, const char *doing, int code, mst_error *err) {
  bool users = code == ENOENT || code == ENOTDIR || code == EACCES || code == EISDIR ||
               code == ENAMETOOLONG || code == EROFS;
  return mst_fail(err, users ? MASTING_ERR_NOFILE : MASTING_ERR_IO, "%s: cannot %s: %s", path,
                  doing, strerror(code));
}

static masting_status fail_h5(const mst_h5_layout *file, const char *doing, mst_error *err) {
  char why[256];
  return mst_fail(err, MASTING_ERR_IO, "%s: cannot %s: %s", file->partial, doing,
                  mst_h5_why(why, sizeof why));
}

masting_status mst_h5_layout_refuse(const char *path, int force, mst_error *err) {
  struct stat st;
  if (stat(path, &st) != 0) return MASTING_OK;
  if (S_ISDIR(st.st_mode))
    return mst_fail(err, MASTING_ERR_EXISTS, "%s: is a directory; expected a file name", path);
  if (force) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_EXISTS, "%s: exists already; try another name, or --force",
                  path);
}

/* Bytes that may be written to the file system of an open file; infinite: it does not say. */
static double free_bytes(int fd) {
  struct statvfs disk;
  const bool known = fstatvfs(fd, &disk) == 0 && disk.f_blocks > 0;
  return known ? (double)disk.f_bavail * (double)disk.f_frsize : INFINITY;
}

/* Asked before anything is reserved: a reservation that fails has filled the disk for everybody
 * meanwhile. */
masting_status mst_h5_layout_room(const char *path, int64_t bytes, const char *smaller,
                                  mst_error *err) {
  mst_h5_layout file;
  char wanted[MST_SHOW_SIZE], there[MST_SHOW_SIZE];
  if (set_path(&file, path, err) != MASTING_OK) return err->status;
  int fd = mst_file_fresh(file.partial, 0666);
  if (fd < 0) return fail_errno(file.partial, "create it", errno, err);
  const double has = free_bytes(fd);
  int why = has < (double)bytes ? ENOSPC : 0;
  if (!why && fallocate(fd, 0, 0, bytes) != 0) why = errno;
  if (why == EOPNOTSUPP || why == ENOSYS) why = 0;
  close(fd);
  if (!why) return MASTING_OK;
  unlink(file.partial);
  mst_show_bytes(bytes, wanted);
  if (why == EFBIG)
    return mst_fail(err, MASTING_ERR_IO,
                    "%s: no room for it: %s; expected that a file may have %s; try a larger limit "
                    "(ulimit -f)",
                    file.partial, strerror(why), wanted);
  return mst_fail(err, MASTING_ERR_IO,
                  "%s: no room for it: %s; expected %s on this disk, got %s; try %s", file.partial,
                  strerror(why), wanted,
                  isfinite(has) ? mst_show_bytes((int64_t)has, there) : "an unknown number",
                  smaller ? smaller : "another folder");
}

/* For files and groups alike: order tracked (netCDF-4 needs it), times not. */
static herr_t order_not_times(hid_t plist) {
  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  if (H5Pset_link_creation_order(plist, order) < 0 || H5Pset_attr_creation_order(plist, order) < 0)
    return -1;
  return H5Pset_obj_track_times(plist, 0);
}

masting_status mst_h5_layout_create(mst_h5_layout *file, const char *path, mst_error *err) {
  if (set_path(file, path, err) != MASTING_OK) return err->status;
  mst_h5_quiet();
  int fd = mst_file_fresh(file->partial, 0666);
  if (fd < 0) return fail_errno(file->partial, "create it", errno, err);
  close(fd);
  hid_t fcpl = H5Pcreate(H5P_FILE_CREATE), fapl = H5Pcreate(H5P_FILE_ACCESS);
  file->h5 = H5I_INVALID_HID;
  if (fcpl >= 0 && fapl >= 0 && order_not_times(fcpl) >= 0 &&
      H5Pset_alignment(fapl, ALIGN_FROM, ALIGN_TO) >= 0)
    file->h5 = H5Fcreate(file->partial, H5F_ACC_TRUNC, fcpl, fapl);
  masting_status status = file->h5 < 0 ? fail_h5(file, "create", err) : MASTING_OK;
  mst_h5_close(&fcpl);
  mst_h5_close(&fapl);
  if (file->h5 < 0) file->h5 = 0;
  return status;
}

masting_status mst_h5_layout_group(mst_h5_layout *file, hid_t parent, const char *name,
                                   hid_t *group, mst_error *err) {
  hid_t gcpl = H5Pcreate(H5P_GROUP_CREATE);
  *group = H5I_INVALID_HID;
  if (gcpl >= 0 && order_not_times(gcpl) >= 0)
    *group = H5Gcreate2(parent, name, H5P_DEFAULT, gcpl, H5P_DEFAULT);
  masting_status status = *group < 0 ? fail_h5(file, "make a group", err) : MASTING_OK;
  mst_h5_close(&gcpl);
  return status;
}

/* Contiguous, allocated at once, filled with *fill or not at all. */
static hid_t dataset_plist(hid_t type, const void *fill) {
  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  hid_t p = H5Pcreate(H5P_DATASET_CREATE);
  if (p < 0) return p;
  bool ok = H5Pset_layout(p, H5D_CONTIGUOUS) >= 0 && H5Pset_obj_track_times(p, 0) >= 0 &&
            H5Pset_attr_creation_order(p, order) >= 0 &&
            H5Pset_alloc_time(p, H5D_ALLOC_TIME_EARLY) >= 0 &&
            H5Pset_fill_time(p, fill ? H5D_FILL_TIME_ALLOC : H5D_FILL_TIME_NEVER) >= 0;
  if (ok && fill) ok = H5Pset_fill_value(p, type, fill) >= 0;
  if (!ok) mst_h5_close(&p);
  return p;
}

masting_status mst_h5_layout_dataset(mst_h5_layout *file, hid_t parent, const char *name,
                                     hid_t type, int ndims, const int64_t *dims, const void *fill,
                                     int64_t *offset, hid_t *dataset, mst_error *err) {
  hsize_t extent[H5S_MAX_RANK];
  int64_t elements = 1;
  for (int i = 0; i < ndims; i++) {
    extent[i] = (hsize_t)dims[i];
    elements *= dims[i];
  }
  hid_t space = ndims ? H5Screate_simple(ndims, extent, NULL) : H5Screate(H5S_SCALAR);
  hid_t plist = dataset_plist(type, fill), set = H5I_INVALID_HID;
  if (space >= 0 && plist >= 0)
    set = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
  *offset = MST_NO_OFFSET;
  masting_status status = MASTING_OK;
  if (set < 0) {
    status = fail_h5(file, "make a dataset", err);
  } else if (elements > 0) {
    haddr_t at = H5Dget_offset(set);
    if (at == HADDR_UNDEF)
      status = fail_h5(file, "place a dataset", err);
    else
      *offset = (int64_t)at;
  }
  mst_h5_close(&plist);
  mst_h5_close(&space);
  if (dataset)
    *dataset = set;
  else
    mst_h5_close(&set);
  return status;
}

/* fallocate and not posix_fallocate: where the file system cannot, glibc would write every block.
 */
static masting_status reserve(const mst_h5_layout *file, mst_error *err) {
  int fd = open(file->partial, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fail_errno(file->partial, "open it", errno, err);
  struct stat st;
  masting_status status = MASTING_OK;
  if (fstat(fd, &st) != 0) {
    status = fail_errno(file->partial, "look at it", errno, err);
  } else if (st.st_size > 0 && fallocate(fd, 0, 0, st.st_size) != 0 && errno != EOPNOTSUPP &&
             errno != ENOSYS) {
    status = mst_fail(err, MASTING_ERR_IO, "%s: cannot reserve %.1f MiB: %s", file->partial,
                      (double)st.st_size / 1048576.0, strerror(errno));
  } else if (fsync(fd) != 0) {
    status = fail_errno(file->partial, "sync it", errno, err);
  }
  close(fd);
  return status;
}

masting_status mst_h5_layout_seal(mst_h5_layout *file, mst_error *err) {
  herr_t flushed = H5Fflush(file->h5, H5F_SCOPE_GLOBAL);
  if (flushed < 0) fail_h5(file, "flush", err);
  hid_t h5 = file->h5;
  file->h5 = 0;
  if (H5Fclose(h5) < 0 && flushed >= 0) fail_h5(file, "close", err);
  return err->status == MASTING_OK ? reserve(file, err) : err->status;
}

masting_status mst_h5_layout_open(mst_h5_layout *file, const char *path, mst_error *err) {
  if (set_path(file, path, err) != MASTING_OK) return err->status;
  file->fd = open(file->partial, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (file->fd < 0) return fail_errno(file->partial, "open it", errno, err);
  file->open = true;
  return MASTING_OK;
}

hid_t mst_h5_layout_reopen(const mst_h5_layout *file) {
  hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
  if (fapl >= 0) H5Pset_file_locking(fapl, false, true);
#endif
  hid_t h5 = fapl < 0 ? fapl : H5Fopen(file->partial, H5F_ACC_RDWR, fapl);
  mst_h5_close(&fapl);
  return h5;
}

static masting_status sticky(const mst_h5_layout *file, mst_error *err) {
  if (file->failed.status != MASTING_OK && err->status == MASTING_OK) *err = file->failed;
  return file->failed.status;
}

masting_status mst_h5_layout_write(mst_h5_layout *file, int64_t offset, const void *bytes,
                                   int64_t count, mst_error *err) {
  if (file->failed.status != MASTING_OK) return sticky(file, err);
  const char *at = bytes;
  while (count > 0) {
    ssize_t n = pwrite(file->fd, at, (size_t)(count < PIECE ? count : PIECE), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      mst_fail(&file->failed, MASTING_ERR_IO,
               "%s: cannot write %" PRId64 " bytes at %" PRId64 ": %s", file->partial, count,
               offset, n < 0 ? strerror(errno) : "nothing was written");
      return sticky(file, err);
    }
    at += n;
    offset += n;
    count -= n;
  }
  return MASTING_OK;
}

masting_status mst_h5_layout_sync(mst_h5_layout *file, mst_error *err) {
  if (file->failed.status == MASTING_OK && fsync(file->fd) != 0)
    mst_fail(&file->failed, MASTING_ERR_IO, "%s: cannot sync: %s", file->partial, strerror(errno));
  return sticky(file, err);
}

/* The name itself must survive a crash as well. */
static masting_status sync_folder(const char *path, mst_error *err) {
  char folder[MST_PATH_MAX];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (!slash)
    snprintf(folder, sizeof folder, ".");
  else
    slash[slash == folder] = '\0';
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* EINVAL: a file system that has no such notion. */
  if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL)) fail_errno(folder, "sync it", errno, err);
  if (fd >= 0) close(fd);
  return err->status;
}

masting_status mst_h5_layout_publish(mst_h5_layout *file, int force, mst_error *err) {
  if (file->open && close(file->fd) != 0) {
    file->open = false;
    return fail_errno(file->partial, "close it", errno, err);
  }
  file->open = false;
  const int why = mst_file_publish(file->partial, file->path, force != 0);
  if (why == EEXIST) {
    mst_fail(
        err, MASTING_ERR_EXISTS,
        "%s: a file of that name appeared during the run; it stays, and what was made is whole "
        "in %s; try giving that another name",
        file->path, file->partial);
    file->partial[0] = '\0';
    return err->status;
  }
  if (why) return fail_errno(file->partial, "rename it to its final name", why, err);
  return sync_folder(file->path, err);
}

void mst_h5_layout_abandon(mst_h5_layout *file, int keep) {
  if (file->h5 > 0) H5Fclose(file->h5);
  file->h5 = 0;
  if (file->open) close(file->fd);
  file->open = false;
  if (!keep && file->partial[0]) unlink(file->partial);
}
