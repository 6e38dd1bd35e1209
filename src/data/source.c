/* data/source.c -- see source.h. */
#define _GNU_SOURCE
#include "data/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "data/h5.h"

void mst_source_close(mst_source *source) {
  mst_h5_close(&source->h5);
  mst_h5_close(&source->given);
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

hid_t mst_source_file(const mst_source *source, const char *name) {
  return source->given > 0 && has(source->given, name) ? source->given : source->h5;
}

static bool is_given(const mst_source *source, const char *name) {
  return mst_source_file(source, name) != source->h5;
}

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
  else if (!strchr(wanted, '['))
    snprintf(hint, sizeof hint, "; try --data %.100s=VALUE", name);
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

/* Components of tuples have names like x:1. Where there is nothing of that name, x may have been
 * refused (*refused), or is an array without elements, of which components cannot be told. */
static bool tuple_without_elements(const mst_source *source, const char *name, char *stem,
                                   size_t size, const char **refused) {
  if ((size_t)snprintf(stem, size, "%s", name) >= size) return false;
  for (char *colon; (colon = strrchr(stem, ':'));) {
    *colon = '\0';
    *refused = mst_source_why(source, stem);
    if (*refused) return false;
    if (!has(source->h5, stem)) continue;
    hid_t set = H5Dopen2(source->h5, stem, H5P_DEFAULT), space = set < 0 ? set : H5Dget_space(set);
    const bool empty = space >= 0 && H5Sget_simple_extent_npoints(space) == 0;
    mst_h5_close(&space);
    mst_h5_close(&set);
    return empty;
  }
  return false;
}

masting_status mst_source_find(const mst_source *source, const char *path, const char *name,
                               const char *wanted, mst_found *found, mst_error *err) {
  const char *refused = mst_source_why(source, name);
  const hid_t file = mst_source_file(source, name);
  char stem[sizeof source->refused->name];
  if (refused && !is_given(source, name)) return mst_fail(err, MASTING_ERR_DATA, "%s", refused);
  if (!has(file, name)) {
    if (!tuple_without_elements(source, name, stem, sizeof stem, &refused))
      return refused ? mst_fail(err, MASTING_ERR_DATA, "%s", refused)
                     : fail_missing(source, path, name, wanted, err);
    name = stem;
  }
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
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

/* A number, or an array of one, of that name: a dataset, or else an attribute of the root. */
static bool scalar(hid_t file, const char *name, double *v) {
  hid_t at = H5I_INVALID_HID, space = H5I_INVALID_HID;
  bool ok = false;
  if (has(file, name)) {
    at = H5Dopen2(file, name, H5P_DEFAULT);
    space = at < 0 ? H5I_INVALID_HID : H5Dget_space(at);
    ok = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
         H5Dread(at, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) >= 0;
  } else if (H5Aexists(file, name) > 0) {
    at = H5Aopen(file, name, H5P_DEFAULT);
    space = at < 0 ? H5I_INVALID_HID : H5Aget_space(at);
    ok = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
         H5Aread(at, H5T_NATIVE_DOUBLE, v) >= 0;
  }
  mst_h5_close(&space);
  mst_h5_close(&at);
  return ok;
}

bool mst_source_scalar(const mst_source *source, const char *name, int64_t *value) {
  double v = 0;
  return scalar(mst_source_file(source, name), name, &v) && as_size(v, value);
}

masting_status mst_source_size(const mst_source *source, const char *path, const char *name,
                               int64_t *value, bool *there, mst_error *err) {
  const char *refused = mst_source_why(source, name);
  double v = 0;
  *there = false;
  const hid_t file = mst_source_file(source, name);
  if (refused && !is_given(source, name)) return mst_fail(err, MASTING_ERR_DATA, "%s", refused);
  if (!is_given(source, name) && !mst_source_names(source, name) &&
      H5Aexists(source->h5, name) <= 0)
    return MASTING_OK;
  if (!scalar(file, name, &v))
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: %s: it is no single number; expected a size, which is a whole number",
                    path, name);
  if (!as_size(v, value))
    return mst_fail(err, MASTING_ERR_DATA, "%s: %s: the value %s; expected a size, got %.9g", path,
                    name, fabs(v) < 0x1p53 ? "is not a whole number" : "does not fit 53 bits", v);
  *there = true;
  return MASTING_OK;
}

masting_status mst_source_give(mst_source *source, const char *name, double value, bool whole,
                               mst_error *err) {
  const int64_t number = (int64_t)value;
  const hid_t file_type = whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
  char why[256];
  if (source->given <= 0) {
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    if (fapl >= 0 && H5Pset_fapl_core(fapl, (size_t)1 << 16, 0) >= 0)
      source->given = H5Fcreate("/dev/null/masting-given", H5F_ACC_TRUNC, H5P_DEFAULT, fapl);
    mst_h5_close(&fapl);
  }
  if (has(source->given, name)) H5Ldelete(source->given, name, H5P_DEFAULT);
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t set =
      H5Dcreate2(source->given, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (set < 0 || H5Dwrite(set, file_type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                          whole ? (const void *)&number : &value) < 0)
    mst_fail(err, MASTING_ERR_MEMORY, "--data %s: cannot be kept in memory: %s", name,
             mst_h5_why(why, sizeof why));
  mst_h5_close(&set);
  mst_h5_close(&space);
  return err->status;
}
