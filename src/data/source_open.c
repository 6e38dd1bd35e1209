/* data/source_open.c -- opens a data file by its contents: HDF5 as it is, text through the reader
 * of its format. See source.h. Apart from source.c, which the readers use.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/csv.h"
#include "data/h5.h"
#include "data/json.h"
#include "data/source.h"

masting_status mst_source_look(const char *path, int64_t *bytes, mst_error *err) {
  struct stat st;
  if (stat(path, &st) != 0) return mst_fail(err, MASTING_ERR_NOFILE, "%s", strerror(errno));
  if (S_ISDIR(st.st_mode)) return mst_fail(err, MASTING_ERR_NOFILE, "it is a directory");
  if (S_ISFIFO(st.st_mode)) return mst_fail(err, MASTING_ERR_NOFILE, "it is a FIFO");
  if (!S_ISREG(st.st_mode)) return mst_fail(err, MASTING_ERR_NOFILE, "it is not a regular file");
  /* Opened, not asked by access(): network file systems decide at the open. */
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return mst_fail(err, MASTING_ERR_NOFILE, "%s", strerror(errno));
  close(fd);
  *bytes = (int64_t)st.st_size;
  return MASTING_OK;
}

/* What a file is that is none of ours, by its first bytes. */
static masting_status fail_unknown(const char *path, mst_error *err) {
  static const struct {
    const char *magic;
    size_t length;
    const char *name;
  } formats[] = {{"\x93NUMPY", 6, "a NumPy file"},
                 {"PK\x03\x04", 4, "a ZIP archive (or .npz)"},
                 {"\x1f\x8b", 2, "compressed by gzip"},
                 {"CDF", 3, "a netCDF-3 file"},
                 {"PAR1", 4, "a Parquet file"}};
  char head[33] = "";
  FILE *f = fopen(path, "rb");
  size_t n = f ? fread(head, 1, sizeof head - 1, f) : 0;
  if (f) fclose(f);
  if (n == 0)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: it is empty; expected HDF5, JSON or CSV, got 0 bytes", path);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
    if (n >= formats[i].length && !memcmp(head, formats[i].magic, formats[i].length))
      return mst_fail(err, MASTING_ERR_FORMAT,
                      "%s: not a data file; expected HDF5, JSON or CSV, got %s; %s", path,
                      formats[i].name, "try writing the arrays with h5py");
  size_t printable = 0;
  while (printable < n && (isprint((unsigned char)head[printable]) || head[printable] == '\t'))
    printable++;
  if (printable == n || head[printable] == '\n' || head[printable] == '\r')
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: not a data file; expected HDF5, JSON or CSV, got text that begins with "
                    "\"%.*s\"; if it is CSV, try the suffix .csv",
                    path, (int)printable, head);
  return mst_fail(
      err, MASTING_ERR_FORMAT,
      "%s: not a data file; expected HDF5, JSON or CSV, got unknown bytes; if a program "
      "was stopped while it wrote the file, try making it again",
      path);
}

/* Searches HDF5's error stack for entries that distinguish damage, locks and interrupted
 * writers. */
typedef struct open_reason {
  unsigned long long size, stored;
  bool truncated, written, locked;
} open_reason;

static herr_t search_reason(unsigned n, const H5E_error2_t *entry, void *out) {
  open_reason *r = out;
  (void)n;
  if (!entry->desc) return 0;
  const char *t = strstr(entry->desc, "truncated file");
  if (t && sscanf(t, "truncated file: eof = %llu, sblock->base_addr = %*u, stored_eof = %llu",
                  &r->size, &r->stored) == 2)
    r->truncated = true;
  if (strstr(entry->desc, "already open for write")) r->written = true;
  if (strstr(entry->desc, "unable to lock file")) r->locked = true;
  return 0;
}

static masting_status fail_open(const char *path, mst_error *err) {
  open_reason r = {0};
  char why[256];
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, search_reason, &r);
  mst_h5_why(why, sizeof why);
  if (r.truncated)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: the HDF5 file is truncated; expected %llu bytes, got %llu; try copying it "
                    "again",
                    path, r.stored, r.size);
  if (r.written)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: the HDF5 file was left open by the program that wrote it; expected a file "
                    "that was closed; if that program has ended, try `h5clear -s %s`",
                    path, path);
  if (r.locked)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: the HDF5 file is locked; expected that nobody writes it; try again later, "
                    "or with HDF5_USE_FILE_LOCKING=FALSE if the file system has no locks",
                    path);
  return mst_fail(err, MASTING_ERR_FORMAT, "%s: the HDF5 file is damaged: %s; try making it again",
                  path, why);
}

static bool has_suffix(const char *path, const char *suffix) {
  size_t n = strlen(path), m = strlen(suffix);
  return n > m && !strcasecmp(path + n - m, suffix);
}

/* Which reader takes a file that is not HDF5; NULL: none. A suffix counts only for text. */
typedef masting_status text_reader(mst_source *into, const char *path, mst_error *err);
static text_reader *find_reader(const char *path) {
  unsigned char head[256];
  FILE *f = fopen(path, "rb");
  size_t n = f ? fread(head, 1, sizeof head, f) : 0, at = 0, odd = 0;
  if (f) fclose(f);
  if (n >= 3 && !memcmp(head, "\xef\xbb\xbf", 3)) at = 3;
  while (at < n && (isspace(head[at]) || head[at] == '[')) at++;
  if (at < n && (head[at] == '{' || (at > 0 && head[at - 1] == '['))) return mst_json_read;
  if (n >= 2 && (!memcmp(head, "\xff\xfe", 2) || !memcmp(head, "\xfe\xff", 2)))
    return mst_json_read;
  for (size_t i = 0; i < n; i++) odd += head[i] < ' ' && !isspace(head[i]);
  if (odd || n == 0) return NULL;
  return has_suffix(path, ".json") ? mst_json_read : has_suffix(path, ".csv") ? mst_csv_read : NULL;
}

/* An HDF5 file that is nowhere but in memory: the name is one that no file can have. */
static masting_status open_memory(mst_source *source, const char *path, mst_error *err) {
  char why[256];
  hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
  if (fapl >= 0 && H5Pset_fapl_core(fapl, (size_t)16 << 20, 0) >= 0)
    source->h5 = H5Fcreate("/dev/null/masting", H5F_ACC_TRUNC, H5P_DEFAULT, fapl);
  if (source->h5 < 0)
    mst_fail(err, MASTING_ERR_MEMORY, "%s: cannot be kept in memory: %s", path,
             mst_h5_why(why, sizeof why));
  mst_h5_close(&fapl);
  source->text = true;
  return err->status;
}

masting_status mst_source_open(mst_source *source, const char *path, mst_error *err) {
  struct stat st;
  mst_h5_quiet();
  *source = (mst_source){.h5 = H5I_INVALID_HID, .given = H5I_INVALID_HID};
  /* a pipe would be waited for, for ever */
  if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: it is not a regular file; expected a data file",
                    path);
  htri_t is = H5Fis_hdf5(path);
  if (is == 0) {
    text_reader *read = find_reader(path);
    if (!read) return fail_unknown(path, err);
    return open_memory(source, path, err) == MASTING_OK ? read(source, path, err) : err->status;
  }
  source->h5 = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  return source->h5 < 0 ? fail_open(path, err) : MASTING_OK;
}
