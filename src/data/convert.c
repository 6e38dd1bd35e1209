/* data/convert.c -- see convert.h. */
#include "data/convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/h5.h"
#include "data/h5_layout.h"
#include "data/read.h"
#include "data/source.h"

#define PIECE_BYTES (INT64_C(16) << 20)

typedef struct item { /* a dataset to be written */
  char name[256];
  hid_t type; /* in the file and on the way */
  int ndims;
  int64_t dims[MASTING_MAX_DIMS];
  int64_t value;  /* of a size that the file may not have */
  bool size;      /* it is such a size */
  int64_t offset; /* in the file */
} item;

typedef struct conversion {
  const char *in, *out;
  mst_source source;
  item *items;
  int count, force;
  mst_schema schema;
  mst_h5_layout file;
  mst_error *err;
} conversion;

static int64_t elements(const item *i) {
  int64_t n = 1;
  for (int d = 0; d < i->ndims; d++) n *= i->dims[d];
  return n;
}

static int64_t item_bytes(const item *i) { return elements(i) * (int64_t)H5Tget_size(i->type); }

static item *add_item(conversion *c, const char *name) {
  item *grown = realloc(c->items, (size_t)(c->count + 1) * sizeof *grown);
  if (!grown) {
    mst_fail(c->err, MASTING_ERR_MEMORY, "%s: cannot allocate memory", c->in);
    return NULL;
  }
  c->items = grown;
  item *i = &grown[c->count++];
  memset(i, 0, sizeof *i);
  snprintf(i->name, sizeof i->name, "%s", name);
  return i;
}

/* A variable of the source as it is. */
static herr_t add_found(hid_t h5, const char *name, const H5L_info_t *link, void *out) {
  conversion *c = out;
  mst_found found;
  (void)h5;
  (void)link;
  if (mst_source_find(&c->source, c->in, name, name, &found, c->err) != MASTING_OK) return -1;
  item *i = add_item(c, name);
  if (!i) return -1;
  i->type = !found.whole       ? H5T_NATIVE_DOUBLE
            : found.bytes <= 4 ? H5T_NATIVE_INT32
                               : H5T_NATIVE_INT64;
  i->ndims = found.ndims;
  for (int d = 0; d < found.ndims; d++) i->dims[d] = found.dims[d];
  return 0;
}

static masting_status find_all(conversion *c) {
  H5Literate(c->source.h5, H5_INDEX_NAME, H5_ITER_INC, NULL, add_found, c);
  for (int i = 0; i < c->source.nrefused; i++)
    mst_warn("left out: %s", c->source.refused[i].message);
  if (c->count == 0 && c->err->status == MASTING_OK)
    mst_fail(c->err, MASTING_ERR_DATA, "%s: there are no numbers in it; expected variables", c->in);
  return c->err->status;
}

/* Are the values of variable `var` as the model declares them? Read in pieces, and dropped. */
static masting_status check_values(conversion *c, const masting_model *m, int var) {
  const mst_var_schema *v = &c->schema.var[var];
  const int64_t rows = v->shard_dim < 0 ? 1 : c->schema.size[m->shard];
  const int64_t row = v->before * v->after * mst_type_bytes(v->type);
  mst_faults faults;
  hid_t set = H5I_INVALID_HID;
  void *piece = NULL;
  if (row == 0 || rows == 0) return MASTING_OK;
  int64_t most = PIECE_BYTES / row + 1;
  if (most > rows) most = rows;
  mst_faults_clear(&faults);
  if (mst_alloc(&piece, (size_t)most, (size_t)row, m->data[var].name, c->err) == MASTING_OK)
    mst_read_dataset(&set, mst_source_file(&c->source, m->data[var].name), false, c->in,
                     m->data[var].name, c->err);
  for (int64_t r = 0; r < rows && c->err->status == MASTING_OK; r += most)
    mst_read_rows(set, c->in, m, var, &c->schema, (mst_grow){r}, rows - r < most ? rows - r : most,
                  piece, &faults, c->err);
  if (c->err->status == MASTING_OK) mst_faults_fail(&faults, c->in, m, var, &c->schema, c->err);
  mst_h5_close(&set);
  mst_free(&piece);
  return c->err->status;
}

/* The variables that the model declares, in its types and shapes. */
static masting_status find_wanted(conversion *c, const masting_model *m,
                                  const mst_read_options *options) {
  if (mst_schema_make(&c->schema, m, &c->source, c->in, options, c->err) != MASTING_OK)
    return c->err->status;
  for (int s = 0; s < m->nsizes; s++) {
    item *i = m->sizes[s].computed ? NULL : add_item(c, m->sizes[s].name);
    if (!i) continue;
    i->type = H5T_NATIVE_INT64;
    i->size = true;
    i->value = c->schema.size[s];
  }
  for (int var = 0; var < m->ndata; var++) {
    const mst_var_schema *v = &c->schema.var[var];
    if (m->data[var].made) continue;
    if (check_values(c, m, var) != MASTING_OK) return c->err->status;
    item *i = add_item(c, m->data[var].name);
    if (!i) return c->err->status;
    i->type = v->type == MASTING_F64   ? H5T_NATIVE_DOUBLE
              : v->type == MASTING_F32 ? H5T_NATIVE_FLOAT
                                       : H5T_NATIVE_INT32;
    i->ndims = m->data[var].ndims;
    for (int d = 0; d < i->ndims; d++) i->dims[d] = c->schema.size[m->data[var].dims[d]];
  }
  return c->err->status;
}

static masting_status lay_out(conversion *c) {
  int64_t bytes = (int64_t)1 << 20;
  for (int i = 0; i < c->count; i++) bytes += item_bytes(&c->items[i]) + 4096;
  if (mst_h5_layout_room(c->out, bytes, NULL, c->err) != MASTING_OK ||
      mst_h5_layout_create(&c->file, c->out, c->err) != MASTING_OK)
    return c->err->status;
  for (int i = 0; i < c->count && c->err->status == MASTING_OK; i++) {
    item *at = &c->items[i];
    mst_h5_layout_dataset(&c->file, c->file.h5, at->name, at->type, at->ndims, at->dims, NULL,
                          &at->offset, NULL, c->err);
  }
  return c->err->status == MASTING_OK ? mst_h5_layout_seal(&c->file, c->err) : c->err->status;
}

/* `count` elements from `first` on along the first dimension of the source, or all of a scalar. */
static herr_t read_piece(hid_t set, const item *i, int64_t first, int64_t count, void *out) {
  hsize_t start[MASTING_MAX_DIMS] = {0}, extent[MASTING_MAX_DIMS] = {0};
  if (i->ndims == 0) return H5Dread(set, i->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
  for (int d = 0; d < i->ndims; d++) extent[d] = (hsize_t)i->dims[d];
  start[0] = (hsize_t)first;
  extent[0] = (hsize_t)count;
  hid_t file = H5Dget_space(set), memory = H5Screate_simple(i->ndims, extent, NULL);
  herr_t ok = -1;
  if (file >= 0 && memory >= 0 &&
      H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0)
    ok = H5Dread(set, i->type, memory, file, H5P_DEFAULT, out);
  mst_h5_close(&memory);
  mst_h5_close(&file);
  return ok;
}

static masting_status write_item(conversion *c, const item *i) {
  const int64_t all = i->ndims ? i->dims[0] : 1, row = all ? item_bytes(i) / all : 0;
  hid_t set = H5I_INVALID_HID;
  void *piece = NULL;
  if (i->size) return mst_h5_layout_write(&c->file, i->offset, &i->value, 8, c->err);
  if (row == 0) return MASTING_OK;
  int64_t most = PIECE_BYTES / row + 1;
  if (most > all) most = all;
  if (mst_alloc(&piece, (size_t)most, (size_t)row, i->name, c->err) == MASTING_OK)
    mst_read_dataset(&set, mst_source_file(&c->source, i->name), false, c->in, i->name, c->err);
  for (int64_t r = 0; r < all && c->err->status == MASTING_OK; r += most) {
    int64_t count = all - r < most ? all - r : most;
    char why[256];
    if (read_piece(set, i, r, count, piece) < 0)
      mst_fail(c->err, MASTING_ERR_BUG, "%s: %s: cannot be read back: %s", c->in, i->name,
               mst_h5_why(why, sizeof why));
    else
      mst_h5_layout_write(&c->file, i->offset + r * row, piece, count * row, c->err);
  }
  mst_h5_close(&set);
  mst_free(&piece);
  return c->err->status;
}

static masting_status write_all(conversion *c) {
  if (lay_out(c) != MASTING_OK || mst_h5_layout_open(&c->file, c->out, c->err) != MASTING_OK)
    return c->err->status;
  for (int i = 0; i < c->count; i++)
    if (write_item(c, &c->items[i]) != MASTING_OK) return c->err->status;
  return mst_h5_layout_sync(&c->file, c->err) == MASTING_OK
             ? mst_h5_layout_publish(&c->file, c->force, c->err)
             : c->err->status;
}

masting_status mst_convert(const char *in, const char *out, const masting_model *model,
                           const mst_read_options *options, int force, mst_error *err) {
  conversion c = {.in = in,
                  .out = out,
                  .source = {.h5 = H5I_INVALID_HID, .given = H5I_INVALID_HID},
                  .force = force,
                  .err = err};
  mst_error mine = {0};
  int64_t bytes;
  if (mst_source_look(in, &bytes, &mine) != MASTING_OK)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: %s; expected a data file", in, mine.message);
  if (mst_h5_layout_refuse(out, force, err) == MASTING_OK &&
      mst_source_open(&c.source, in, err) == MASTING_OK) {
    if (!c.source.text)
      mst_fail(err, MASTING_ERR_FORMAT, "%s: it is HDF5; expected JSON or CSV", in);
    else if (!mst_given_scalars(&c.source, model ? options : NULL, err) &&
             (model ? find_wanted(&c, model, options) : find_all(&c)) == MASTING_OK)
      write_all(&c);
  }
  mst_h5_layout_abandon(&c.file, err->status == MASTING_OK);
  mst_source_close(&c.source);
  free(c.items);
  return err->status;
}
