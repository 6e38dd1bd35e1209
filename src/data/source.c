/* data/source.c -- see source.h. */
#define _GNU_SOURCE
#include "data/source.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"
#include "data/csv.h"
#include "data/h5.h"
#include "data/json.h"

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

/* Looks through HDF5's error stack for what tells damage, locks and interrupted writers apart. */
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
  mst_h5_quiet();
  *source = (mst_source){.h5 = H5I_INVALID_HID};
  htri_t is = H5Fis_hdf5(path);
  if (is == 0) {
    text_reader *read = find_reader(path);
    if (!read) return fail_unknown(path, err);
    return open_memory(source, path, err) == MASTING_OK ? read(source, path, err) : err->status;
  }
  source->h5 = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  return source->h5 < 0 ? fail_open(path, err) : MASTING_OK;
}

void mst_source_close(mst_source *source) {
  mst_h5_close(&source->h5);
  free(source->refused);
  source->refused = NULL;
  source->nrefused = 0;
}

masting_status mst_source_refuse(mst_source *source, const char *name, const char *message,
                                 mst_error *err) {
  mst_refused *all = realloc(source->refused, (size_t)(source->nrefused + 1) * sizeof *all);
  if (!all) return mst_fail(err, MASTING_ERR_MEMORY, "%s: cannot allocate memory", name);
  source->refused = all;
  snprintf(all[source->nrefused].name, sizeof all->name, "%s", name);
  snprintf(all[source->nrefused++].message, sizeof all->message, "%s", message);
  return MASTING_OK;
}

const char *mst_source_why(const mst_source *source, const char *name) {
  for (int i = 0; i < source->nrefused; i++)
    if (!strcmp(source->refused[i].name, name)) return source->refused[i].message;
  return NULL;
}

static H5O_type_t kind_of(hid_t file, const char *name) {
  H5O_info_t info;
  if (H5Lexists(file, name, H5P_DEFAULT) <= 0 || H5Oexists_by_name(file, name, H5P_DEFAULT) <= 0 ||
      H5Oget_info_by_name2(file, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
    return H5O_TYPE_UNKNOWN;
  return info.type;
}

static bool has(hid_t file, const char *name) { return kind_of(file, name) == H5O_TYPE_DATASET; }

bool mst_source_names(const mst_source *source, const char *name) {
  return mst_source_why(source, name) || H5Lexists(source->h5, name, H5P_DEFAULT) > 0;
}

#define LIST_MOST 64

typedef struct listing {
  char text[600]; /* "alpha, x, y" */
  size_t used;
  char name[LIST_MOST][64];
  int count, more;
} listing;

static herr_t add_name(hid_t file, const char *name, const H5L_info_t *link, void *out) {
  listing *l = out;
  (void)link;
  if (kind_of(file, name) != H5O_TYPE_DATASET) return 0;
  size_t need = strlen(name) + 3;
  if (l->count == LIST_MOST || l->used + need > sizeof l->text) {
    l->more++;
    return 0;
  }
  l->used += (size_t)snprintf(l->text + l->used, sizeof l->text - l->used, "%s%s",
                              l->count ? ", " : "", name);
  snprintf(l->name[l->count++], sizeof l->name[0], "%s", name);
  return 0;
}

const char *mst_source_meant(const char *name, const char *const *names) {
  for (int i = 0; names[i]; i++)
    if (!strcasecmp(name, names[i])) return names[i];
  return strlen(name) < 3 ? NULL : mst_nearest(name, names);
}

static masting_status fail_missing(const mst_source *source, const char *path, const char *name,
                                   const char *wanted, mst_error *err) {
  const hid_t file = source->h5;
  listing list = {.count = 0};
  const char *names[LIST_MOST + 1] = {NULL};
  char more[40] = "", hint[200] = "";
  H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, &list);
  for (int i = 0; i < list.count; i++) names[i] = list.name[i];
  const char *meant = mst_source_meant(name, names);
  if (meant)
    snprintf(hint, sizeof hint, "; did you mean '%s'%s?", meant,
             strcasecmp(name, meant) ? "" : " (case matters)");
  if (list.more) snprintf(more, sizeof more, " and %d more", list.more);
  return mst_fail(err, MASTING_ERR_DATA, "%s: %s '%s'; expected %s, got %s%s%s", path,
                  source->text                            ? "there is no variable"
                  : kind_of(file, name) == H5O_TYPE_GROUP ? "there is a group, no dataset"
                                                          : "there is no dataset",
                  name, wanted,
                  list.count     ? list.text
                  : source->text ? "no numbers at all"
                                 : "no datasets at all",
                  more, hint);
}

/* Booleans of h5py are enumerations of integers and convert as such. */
static masting_status look_type(hid_t set, const char *path, const char *name, mst_found *found,
                                mst_error *err) {
  hid_t type = H5Dget_type(set);
  H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
  found->bytes = type < 0 ? 0 : (int)H5Tget_size(type);
  found->whole = class == H5T_INTEGER || class == H5T_ENUM;
  found->is_signed = class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2;
  mst_h5_close(&type);
  if (found->whole || class == H5T_FLOAT) return MASTING_OK;
  const char *got = class == H5T_STRING     ? "text"
                    : class == H5T_COMPOUND ? "a compound (a table or complex numbers)"
                    : class == H5T_VLEN     ? "lists of unequal length"
                                            : "something else";
  return mst_fail(err, MASTING_ERR_DATA,
                  "%s: %s: wrong type; expected numbers, got %s; try storing it as int or float",
                  path, name, got);
}

static masting_status look_shape(hid_t set, const char *path, const char *name, mst_found *found,
                                 mst_error *err) {
  hsize_t dims[H5S_MAX_RANK];
  hid_t space = H5Dget_space(set);
  int n = space < 0 || H5Sget_simple_extent_type(space) == H5S_NULL
              ? -1
              : H5Sget_simple_extent_dims(space, dims, NULL);
  mst_h5_close(&space);
  if (n < 0)
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: %s: no elements; expected numbers, got an empty dataset", path, name);
  found->ndims = n;
  for (int i = 0; i < n; i++) found->dims[i] = (int64_t)dims[i];
  return MASTING_OK;
}

masting_status mst_source_find(const mst_source *source, const char *path, const char *name,
                               const char *wanted, mst_found *found, mst_error *err) {
  const char *refused = mst_source_why(source, name);
  if (refused) return mst_fail(err, MASTING_ERR_DATA, "%s", refused);
  if (!has(source->h5, name)) return fail_missing(source, path, name, wanted, err);
  hid_t set = H5Dopen2(source->h5, name, H5P_DEFAULT);
  if (set < 0) {
    char why[256];
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: %s: cannot be opened: %s; try making the file again", path, name,
                    mst_h5_why(why, sizeof why));
  }
  if (look_type(set, path, name, found, err) == MASTING_OK) look_shape(set, path, name, found, err);
  mst_h5_close(&set);
  return err->status;
}

/* Sizes are whole numbers, but R and MATLAB write them as floats. */
static bool as_size(double value, int64_t *out) {
  if (!(fabs(value) < 0x1p53) || value != floor(value)) return false;
  *out = (int64_t)value;
  return true;
}

bool mst_source_scalar(const mst_source *source, const char *name, int64_t *value) {
  const hid_t file = source->h5;
  double v = 0;
  hid_t at = H5I_INVALID_HID, space = H5I_INVALID_HID;
  bool ok = false;
  if (has(file, name)) {
    at = H5Dopen2(file, name, H5P_DEFAULT);
    space = at < 0 ? H5I_INVALID_HID : H5Dget_space(at);
    ok = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
         H5Dread(at, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &v) >= 0;
  } else if (H5Aexists(file, name) > 0) {
    at = H5Aopen(file, name, H5P_DEFAULT);
    space = at < 0 ? H5I_INVALID_HID : H5Aget_space(at);
    ok = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
         H5Aread(at, H5T_NATIVE_DOUBLE, &v) >= 0;
  }
  mst_h5_close(&space);
  mst_h5_close(&at);
  return ok && as_size(v, value);
}
