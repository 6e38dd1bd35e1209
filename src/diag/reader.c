/* diag/reader.c -- see reader.h; the coordinates are read in axis.c, files joined in many.c. */
#define _GNU_SOURCE
#include "diag/reader.h"

#include <errno.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "data/h5.h"
#include "diag/axis.h"

static masting_status no_memory(const mst_reader *r, mst_error *err) {
  return mst_fail(err, MASTING_ERR_MEMORY, "%s: cannot allocate memory for its variables", r->path);
}

static masting_status open_file(mst_reader *r, mst_error *err) {
  struct stat there;
  char why[256];
  if (stat(r->path, &there) != 0)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be opened: %s", r->path, strerror(errno));
  if (!S_ISREG(there.st_mode))
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: not a file; expected a draws file, got a %s",
                    r->path, S_ISDIR(there.st_mode) ? "folder" : "device or pipe");
  mst_h5_quiet();
  if (H5Fis_hdf5(r->path) <= 0)
    return mst_fail(
        err, MASTING_ERR_FORMAT,
        "%s: not in HDF5 format; expected the draws file of `masting sample`, ArviZ or PyMC",
        r->path);
  r->file = H5Fopen(r->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (r->file < 0)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: cannot be opened as HDF5: %s; is it truncated?",
                    r->path, mst_h5_why(why, sizeof why));
  return MASTING_OK;
}

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *text) {
  char *to = text;
  size_t used = strlen(to);
  (void)group;
  (void)info;
  snprintf(to + used, 400 - used, "%s%s", used ? ", " : "", name);
  return 0;
}

static masting_status no_posterior(const mst_reader *r, mst_error *err) {
  char names[400] = "";
  H5Literate(r->file, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, names);
  return mst_fail(
      err, MASTING_ERR_FORMAT,
      "%s: no draws; expected group posterior with variables [chain, draw, ...], got: %s", r->path,
      *names ? names : "nothing");
}

/* Rank and dims of a numeric dataset that is no coordinate; -1 for anything else. */
static int shape_of(hid_t dataset, hsize_t dims[H5S_MAX_RANK]) {
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  H5T_class_t class = H5Tget_class(type);
  int ndims = H5Sget_simple_extent_ndims(space);
  bool numeric = class == H5T_INTEGER || class == H5T_FLOAT;
  if (ndims > 0) H5Sget_simple_extent_dims(space, dims, NULL);
  mst_h5_close(&space);
  mst_h5_close(&type);
  return numeric && H5DSis_scale(dataset) <= 0 ? ndims : -1;
}

typedef struct listing {
  mst_reader *reader;
  mst_error *err;
  const char *group;
} listing;

static mst_draws_variable *new_variable(mst_reader *r, const char *name) {
  if (r->variables == r->capacity) {
    int more = r->capacity ? 2 * r->capacity : 16;
    void *grown = realloc(r->variable, (size_t)more * sizeof *r->variable);
    if (!grown) return NULL;
    r->variable = grown;
    r->capacity = more;
  }
  mst_draws_variable *v = &r->variable[r->variables];
  memset(v, 0, sizeof *v);
  v->dataset = v->sd = H5I_INVALID_HID;
  v->name = strdup(name);
  if (!v->name) return NULL;
  r->variables++;
  return v;
}

/* Fills axes from the dataset's dims from `skip` on. */
static bool set_axes(mst_draws_variable *v, int ndims, int skip, const hsize_t *dims,
                     int64_t rows) {
  v->elements = 1;
  v->ndims = ndims - skip;
  for (int i = 0; i < v->ndims; i++) {
    v->axis[i].size = (int64_t)dims[skip + i];
    v->elements *= v->axis[i].size;
    if (!mst_axis_read(&v->axis[i], v->dataset, skip + i)) return false;
    v->by_row = v->by_row || v->axis[i].size == rows;
  }
  return true;
}

static herr_t add_variable(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  listing *l = data;
  mst_reader *r = l->reader;
  hsize_t dims[H5S_MAX_RANK];
  (void)info;
  hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
  if (dataset < 0) return 0; /* a group below */
  int ndims = shape_of(dataset, dims);
  bool draws = ndims >= 2 && ndims <= MST_READER_DIMS + 2;
  if (draws && r->chains == 0) {
    r->chains = (int64_t)dims[0];
    r->planned = (int64_t)dims[1];
  }
  if (!draws || (int64_t)dims[0] != r->chains || (int64_t)dims[1] != r->planned) {
    H5Dclose(dataset);
    return 0;
  }
  mst_draws_variable *v = new_variable(r, name);
  if (v) {
    v->dataset = dataset;
    v->likelihood = !strcmp(l->group, "log_likelihood");
    v->aside = strcmp(l->group, "posterior") != 0;
  } else {
    H5Dclose(dataset);
  }
  if (!v || !set_axes(v, ndims, 2, dims, r->rows)) no_memory(r, l->err);
  return l->err->status ? -1 : 0;
}

/* latent_moments: NAME_mean [chain]... with its NAME_sd. */
static herr_t add_moments(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  listing *l = data;
  mst_reader *r = l->reader;
  hsize_t dims[H5S_MAX_RANK];
  char own[512], sd[520];
  (void)info;
  size_t n = strlen(name);
  if (n < 6 || n >= sizeof own || strcmp(name + n - 5, "_mean")) return 0;
  snprintf(own, sizeof own, "%.*s", (int)(n - 5), name);
  snprintf(sd, sizeof sd, "%s_sd", own);
  hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
  int ndims = dataset < 0 ? -1 : shape_of(dataset, dims);
  if (ndims < 1 || ndims > MST_READER_DIMS + 1 || (int64_t)dims[0] != r->chains ||
      H5Lexists(group, sd, H5P_DEFAULT) <= 0) {
    mst_h5_close(&dataset);
    return 0;
  }
  mst_draws_variable *v = new_variable(r, own);
  if (!v) {
    H5Dclose(dataset);
    no_memory(r, l->err);
    return -1;
  }
  v->moments = true;
  v->dataset = dataset;
  v->sd = H5Dopen2(group, sd, H5P_DEFAULT);
  if (!set_axes(v, ndims, 1, dims, r->rows)) no_memory(r, l->err);
  return l->err->status ? -1 : 0;
}

/* In the order of creation where the file keeps it, else by name. */
static void each_link(mst_reader *r, const char *name, H5L_iterate_t visit, mst_error *err) {
  if (err->status || H5Lexists(r->file, name, H5P_DEFAULT) <= 0) return;
  hid_t group = H5Gopen2(r->file, name, H5P_DEFAULT);
  if (group < 0) return;
  unsigned order = 0;
  hid_t plist = H5Gget_create_plist(group);
  if (plist >= 0) H5Pget_link_creation_order(plist, &order);
  mst_h5_close(&plist);
  H5_index_t by = order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  listing l = {r, err, name};
  H5Literate(group, by, H5_ITER_INC, NULL, visit, &l);
  H5Gclose(group);
}

/* Draws that every chain has: up to the last one whose lp was written. */
static masting_status count_finished(mst_reader *r, mst_error *err) {
  double *lp;
  r->draws = r->planned;
  if (mst_alloc((void **)&lp, (size_t)(r->chains * r->draws), sizeof *lp, "summary: lp", err))
    return err->status;
  if (mst_reader_stat(r, "lp", lp))
    for (int64_t c = 0; c < r->chains; c++) {
      int64_t there = r->planned;
      while (there > 0 && isnan(lp[c * r->planned + there - 1])) there--;
      if (there < r->draws) r->draws = there;
    }
  mst_free(&lp);
  if (r->draws > 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_FORMAT,
                  "%s: no finished draws; expected at least one of every chain", r->path);
}

/* What a text attribute holds, of fixed or variable length. */
bool mst_reader_text(const mst_reader *r, const char *name, char *text, size_t size) {
  if (H5Aexists(r->file, name) <= 0) return false;
  hid_t attribute = H5Aopen(r->file, name, H5P_DEFAULT), type = H5Aget_type(attribute);
  char *all = NULL;
  bool good = false;
  if (H5Tis_variable_str(type) > 0 && H5Aread(attribute, type, &all) >= 0 && all) {
    snprintf(text, size, "%s", all);
    H5free_memory(all);
    good = true;
  }
  mst_h5_close(&type);
  mst_h5_close(&attribute);
  return good;
}

bool mst_reader_number(const mst_reader *r, const char *name, double *number) {
  if (H5Aexists(r->file, name) <= 0) return false;
  hid_t attribute = H5Aopen(r->file, name, H5P_DEFAULT), type = H5Aget_type(attribute);
  H5T_class_t class = H5Tget_class(type);
  bool good = (class == H5T_INTEGER || class == H5T_FLOAT) &&
              H5Aread(attribute, H5T_NATIVE_DOUBLE, number) >= 0;
  mst_h5_close(&type);
  mst_h5_close(&attribute);
  return good;
}

masting_status mst_reader_open(mst_reader *reader, const char *path, mst_error *err) {
  double rows = -1;
  *reader = (mst_reader){.file = H5I_INVALID_HID, .path = path, .rows = -1};
  if (open_file(reader, err)) return err->status;
  if (mst_reader_number(reader, "rows", &rows)) reader->rows = (int64_t)rows;
  each_link(reader, "posterior", add_variable, err);
  if (!err->status && reader->chains * reader->planned == 0) return no_posterior(reader, err);
  reader->own_chains = reader->chains;
  each_link(reader, "log_likelihood", add_variable, err);
  each_link(reader, "posterior_predictive", add_variable, err);
  each_link(reader, "latent_moments", add_moments, err);
  return err->status ? err->status : count_finished(reader, err);
}

void mst_reader_close(mst_reader *reader) {
  for (int i = 0; i < reader->variables; i++) {
    mst_draws_variable *v = &reader->variable[i];
    for (int a = 0; a < v->ndims; a++) mst_axis_free(&v->axis[a]);
    mst_h5_close(&v->dataset);
    mst_h5_close(&v->sd);
    free(v->name);
  }
  free(reader->variable);
  mst_h5_close(&reader->file);
  if (reader->next) mst_reader_close(reader->next);
  mst_free(&reader->next);
  *reader = (mst_reader){.file = H5I_INVALID_HID};
}

const mst_draws_variable *mst_reader_find(const mst_reader *r, const char *name) {
  for (int i = 0; i < r->variables; i++)
    if (!r->variable[i].moments && !strcmp(r->variable[i].name, name)) return &r->variable[i];
  return NULL;
}

/* The axis along which a piece runs: everything behind it is read whole. *inner: elements behind
 * it. */
static int piece_axis(const mst_draws_variable *v, int64_t most, int64_t *inner) {
  int axis = v->ndims - 1;
  *inner = 1;
  while (axis > 0 && *inner * v->axis[axis].size <= most) *inner *= v->axis[axis--].size;
  return axis;
}

int64_t mst_reader_piece(const mst_draws_variable *v, int64_t first, int64_t most) {
  int64_t inner;
  int axis = piece_axis(v, most, &inner);
  if (axis < 0) return 1;
  int64_t size = v->axis[axis].size, left = size - first / inner % size, fit = most / inner;
  return (left < fit ? left : fit < 1 ? 1 : fit) * inner;
}

/* Reads the block of elements behind `leading` axes that are read whole, or up to lead[]. */
static masting_status read_block(const mst_reader *r, const mst_draws_variable *v, hid_t dataset,
                                 int leading, const hsize_t *lead, int64_t first, int64_t count,
                                 double *out, mst_error *err) {
  hsize_t start[H5S_MAX_RANK] = {0}, extent[H5S_MAX_RANK] = {0};
  char why[256];
  for (int i = 0; i < leading; i++) extent[i] = lead[i];
  int64_t index = first, left = count;
  for (int a = v->ndims - 1; a >= 0; a--) {
    int64_t size = v->axis[a].size, here = left < size ? left : size;
    start[leading + a] = (hsize_t)(index % size);
    extent[leading + a] = (hsize_t)here;
    index /= size;
    left /= here;
  }
  hid_t from = H5Dget_space(dataset), to = H5Screate_simple(leading + v->ndims, extent, NULL);
  bool good = from >= 0 && to >= 0 &&
              H5Sselect_hyperslab(from, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 &&
              H5Dread(dataset, H5T_NATIVE_DOUBLE, to, from, H5P_DEFAULT, out) >= 0;
  if (!good)
    mst_fail(err, MASTING_ERR_IO, "%s: cannot read %s: %s", r->path, v->name,
             mst_h5_why(why, sizeof why));
  mst_h5_close(&from);
  mst_h5_close(&to);
  return err->status;
}

/* The same variable in each file, one after the other. */
masting_status mst_reader_draws(const mst_reader *reader, const mst_draws_variable *v,
                                int64_t first, int64_t count, double *out, mst_error *err) {
  const int64_t which = v - reader->variable;
  for (const mst_reader *r = reader; r && !err->status; r = r->next) {
    const hsize_t lead[2] = {(hsize_t)r->own_chains, (hsize_t)reader->draws};
    const mst_draws_variable *here = &r->variable[which];
    read_block(r, here, here->dataset, 2, lead, first, count, out, err);
    out += r->own_chains * reader->draws * count;
  }
  return err->status;
}

masting_status mst_reader_moments(const mst_reader *reader, const mst_draws_variable *v,
                                  int64_t first, int64_t count, double *mean, double *sd,
                                  mst_error *err) {
  const int64_t which = v - reader->variable;
  for (const mst_reader *r = reader; r && !err->status; r = r->next) {
    const hsize_t lead[1] = {(hsize_t)r->own_chains};
    const mst_draws_variable *here = &r->variable[which];
    if (!read_block(r, here, here->dataset, 1, lead, first, count, mean, err))
      read_block(r, here, here->sd, 1, lead, first, count, sd, err);
    mean += r->own_chains * count;
    sd += r->own_chains * count;
  }
  return err->status;
}

static bool own_stat(const mst_reader *r, int64_t draws, const char *full, double *out) {
  hsize_t dims[H5S_MAX_RANK];
  if (H5Lexists(r->file, "sample_stats", H5P_DEFAULT) <= 0 ||
      H5Lexists(r->file, full, H5P_DEFAULT) <= 0)
    return false;
  mst_error ignored = {0};
  mst_draws_variable v = {.name = (char *)full};
  const hsize_t lead[2] = {(hsize_t)r->own_chains, (hsize_t)draws};
  hid_t dataset = H5Dopen2(r->file, full, H5P_DEFAULT);
  bool good = dataset >= 0 && shape_of(dataset, dims) == 2 && dims[0] == lead[0] &&
              dims[1] == (hsize_t)r->planned &&
              !read_block(r, &v, dataset, 2, lead, 0, 1, out, &ignored);
  mst_h5_close(&dataset);
  return good;
}

bool mst_reader_stat(const mst_reader *reader, const char *name, double *out) {
  char full[300];
  snprintf(full, sizeof full, "sample_stats/%s", name);
  for (const mst_reader *r = reader; r; r = r->next) {
    if (!own_stat(r, reader->draws, full, out)) return false;
    out += r->own_chains * reader->draws;
  }
  return true;
}

char *mst_reader_label(const mst_draws_variable *v, int64_t element) {
  int64_t index[MST_READER_DIMS];
  for (int a = v->ndims - 1; a >= 0; a--) {
    index[a] = element % v->axis[a].size;
    element /= v->axis[a].size;
  }
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (!out) return NULL;
  fputs(v->name, out);
  for (int a = 0; a < v->ndims; a++) {
    fputs(a ? ", " : "[", out);
    mst_axis_print(&v->axis[a], index[a], out);
  }
  if (v->ndims) fputc(']', out);
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}
