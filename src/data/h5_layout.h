/* data/h5_layout.h -- an HDF5 file that is laid out once and then written by every rank at once.
 *
 * One rank creates PATH.partial through the serial driver: groups, attributes and contiguous
 * datasets with their space allocated; it records each dataset's offset in the file and closes it.
 * After that it is a plain file with known offsets: every rank writes its numbers by pwrite,
 * without collectives, without locks and with the exact errno. At the end it is synced and renamed,
 * so PATH never names half a file. No times are recorded: equal contents make equal bytes.
 *
 *   1. rank 0: mst_h5_layout_room, _create, _group and _dataset as often as needed, _seal
 *   2. agree; broadcast the offsets
 *   3. every rank: mst_h5_layout_open, _write as often as needed, _sync
 *   4. agree
 *   5. rank 0: mst_h5_layout_publish; the others, or all after any error: mst_h5_layout_abandon
 *
 * Not collective, any of it: the caller agrees on errors. A mst_h5_layout is zero-initialised
 * before first use.
 */
#ifndef MST_DATA_H5_LAYOUT_H
#define MST_DATA_H5_LAYOUT_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define MST_PATH_MAX 4096
#define MST_NO_OFFSET INT64_C(-1) /* of a dataset without elements */

typedef struct mst_h5_layout {
  char path[MST_PATH_MAX];
  char partial[MST_PATH_MAX + 16];
  hid_t h5;  /* while laid out: the HDF5 file, for attributes and the like; else 0 */
  bool open; /* fd is one */
  int fd;
  mst_error failed; /* the first failed write: it stays */
} mst_h5_layout;

/* Is there anything at `path`? Without force that is MASTING_ERR_EXISTS. For a check ahead of long
 * work; a directory is refused even with force. */
masting_status mst_h5_layout_refuse(const char *path, int force, mst_error *err);

/* Is there room for `bytes`? The file system is asked, then they are allocated in PATH.partial,
 * which mst_h5_layout_create releases. A disk or a limit that is too small is thus reported here
 * (MASTING_ERR_IO, with what is wanted and what is free), and not inside HDF5, which would crash.
 * smaller: what to try when the disk is too small; NULL: another folder. */
masting_status mst_h5_layout_room(const char *path, int64_t bytes, const char *smaller,
                                  mst_error *err);

/* Creates PATH.partial (replacing one that a crash left; a link is not followed). Creation order of
 * links and attributes is
 * tracked in the root, times are not. Errors: NOFILE (cannot be created there), IO. */
masting_status mst_h5_layout_create(mst_h5_layout *file, const char *path, mst_error *err);

/* Creates a group below `parent` (file->h5 for the root), made as the root is. The caller closes
 * *group with mst_h5_close. */
masting_status mst_h5_layout_group(mst_h5_layout *file, hid_t parent, const char *name,
                                   hid_t *group, mst_error *err);

/* Creates a contiguous dataset below `parent` with its space allocated. type: of the file and of
 * the bytes that will be written. fill: one element that stands where nothing is written, or NULL:
 * then every byte must be written (a hole reads as zero). *offset: byte offset of element 0, or
 * MST_NO_OFFSET if there are no elements. dataset: NULL, or where an open identifier is left for
 * attributes, closed by the caller before mst_h5_layout_seal. */
masting_status mst_h5_layout_dataset(mst_h5_layout *file, hid_t parent, const char *name,
                                     hid_t type, int ndims, const int64_t *dims, const void *fill,
                                     int64_t *offset, hid_t *dataset, mst_error *err);

/* Flushes and closes the HDF5 side and reserves the disk space, so that a disk that is too small is
 * found now: MASTING_ERR_IO names file and bytes. */
masting_status mst_h5_layout_seal(mst_h5_layout *file, mst_error *err);

/* Opens PATH.partial, as sealed by some rank, for writing. The rank that sealed it calls this as
 * well. */
masting_status mst_h5_layout_open(mst_h5_layout *file, const char *path, mst_error *err);

/* PATH.partial behind HDF5 once more, for attributes, by one process; negative on failure. Nothing
 * is locked: a reader of the file, who does lock it, must not spoil the end of a run. */
hid_t mst_h5_layout_reopen(const mst_h5_layout *file);

/* Writes count bytes at offset. The first failure names file and errno, stays, and is returned by
 * every later write and by sync. */
masting_status mst_h5_layout_write(mst_h5_layout *file, int64_t offset, const void *bytes,
                                   int64_t count, mst_error *err);

/* fsync, and the sticky error if there is one. May be called any number of times. */
masting_status mst_h5_layout_sync(mst_h5_layout *file, mst_error *err);

/* Closes, renames PATH.partial to PATH and syncs the folder. Every rank must have synced. Other
 * ranks just close: mst_h5_layout_abandon(file, 1). Without force a file that appeared at PATH
 * meanwhile is MASTING_ERR_EXISTS, and PATH.partial stays, whatever abandon is told. */
masting_status mst_h5_layout_publish(mst_h5_layout *file, int force, mst_error *err);

/* Closes whatever is open; without keep removes PATH.partial. Safe on a zeroed one. */
void mst_h5_layout_abandon(mst_h5_layout *file, int keep);

#endif
