/* store/skeleton.c -- see skeleton.h. */
#include "store/skeleton.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/h5.h"

int64_t mst_cell_whole(double x) { return fabs(x) < 0x1p63 ? (int64_t)x : INT64_MIN; }

void mst_skeleton_free(mst_skeleton *s) {
  free(s->dim);
  free(s->var);
  s->dim = NULL;
  s->var = NULL;
  s->ndims = s->nvars = s->dim_room = s->var_room = 0;
}

/* list, with room for one more than n elements. */
static void *with_room(void *list, int n, int *room, size_t size) {
  if (n < *room) return list;
  *room = *room ? 2 * *room : 64;
  list = realloc(list, (size_t)*room * size);
  MST_ASSERT(list);
  return list;
}

int mst_skeleton_group(mst_skeleton *s, const char *name) {
  MST_ASSERT(s->ngroups < MST_MAX_GROUPS);
  s->group[s->ngroups] = name;
  return s->ngroups++;
}

int mst_skeleton_dimension(mst_skeleton *s, int group, const char *name, int64_t size) {
  for (int i = 0; i < s->ndims; i++)
    if (s->dim[i].group == group && !strcmp(s->dim[i].name, name)) {
      MST_ASSERT(s->dim[i].size == size);
      return i;
    }
  s->dim = with_room(s->dim, s->ndims, &s->dim_room, sizeof *s->dim);
  mst_dimension *d = &s->dim[s->ndims];
  *d = (mst_dimension){.group = group, .size = size};
  snprintf(d->name, sizeof d->name, "%s", name);
  return s->ndims++;
}

int mst_skeleton_variable(mst_skeleton *s, int group, const char *name, mst_cell cell, bool fill,
                          int ndims, const int *dim) {
  MST_ASSERT(ndims <= MST_VARIABLE_DIMS);
  s->var = with_room(s->var, s->nvars, &s->var_room, sizeof *s->var);
  mst_variable *v = &s->var[s->nvars];
  *v = (mst_variable){.group = group, .cell = cell, .fill = fill, .ndims = ndims};
  snprintf(v->name, sizeof v->name, "%s", name);
  v->bytes = cell == MST_CELL_BOOL ? 1 : 8;
  for (int i = 0; i < ndims; i++) {
    v->dim[i] = dim[i];
    v->bytes *= s->dim[dim[i]].size;
  }
  return s->nvars++;
}

int64_t mst_skeleton_bytes(const mst_skeleton *s) {
  int64_t sum = 0;
  for (int i = 0; i < s->nvars; i++) sum += s->var[i].bytes;
  for (int i = 0; i < s->ndims; i++) sum += 8 * s->dim[i].size;
  return sum;
}

static masting_status h5_failed(const char *path, const char *doing, const char *name,
                                mst_error *err) {
  char why[256];
  return mst_fail(err, MASTING_ERR_IO, "%s: cannot %s %s: %s", path, doing, name,
                  mst_h5_why(why, sizeof why));
}

static bool put_text(hid_t at, const char *name, const char *text) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  hid_t attribute = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool good = attribute >= 0 && H5Awrite(attribute, type, &text) >= 0;
  mst_h5_close(&attribute);
  mst_h5_close(&space);
  mst_h5_close(&type);
  return good;
}

static bool put_number(hid_t at, const char *name, double number) {
  bool whole = number == nearbyint(number) && fabs(number) < 0x1p53;
  int64_t integer = whole ? (int64_t)number : 0;
  hid_t type = whole ? H5T_STD_I64LE : H5T_IEEE_F64LE, space = H5Screate(H5S_SCALAR);
  hid_t attribute = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool good = attribute >= 0 && (whole ? H5Awrite(attribute, H5T_NATIVE_INT64, &integer)
                                       : H5Awrite(attribute, H5T_NATIVE_DOUBLE, &number)) >= 0;
  mst_h5_close(&attribute);
  mst_h5_close(&space);
  return good;
}

masting_status mst_skeleton_attributes(hid_t h5, const char *path, const char *group,
                                       const mst_attribute *attributes, int n, mst_error *err) {
  hid_t at = H5Gopen2(h5, group, H5P_DEFAULT);
  if (at < 0) return h5_failed(path, "open group", group, err);
  for (int i = 0; i < n && !err->status; i++) {
    const mst_attribute *a = &attributes[i];
    if (H5Aexists(at, a->name) > 0) H5Adelete(at, a->name);
    if (!(a->text ? put_text(at, a->name, a->text) : put_number(at, a->name, a->number)))
      h5_failed(path, "write attribute", a->name, err);
  }
  mst_h5_close(&at);
  return err->status;
}

static masting_status make_dimension(mst_h5_layout *file, hid_t group, mst_dimension *d,
                                     mst_error *err) {
  hid_t scale;
  mst_h5_layout_dataset(file, group, d->name, H5T_STD_I64LE, 1, &d->size, NULL, &d->offset, &scale,
                        err);
  if (!err->status && H5DSset_scale(scale, d->name) < 0)
    h5_failed(file->partial, "make a dimension of", d->name, err);
  mst_h5_close(&scale);
  return err->status;
}

static bool attach(hid_t group, hid_t dataset, const char *dimension, int axis) {
  hid_t scale = H5Dopen2(group, dimension, H5P_DEFAULT);
  bool good = scale >= 0 && H5DSattach_scale(dataset, scale, (unsigned)axis) >= 0;
  mst_h5_close(&scale);
  return good;
}

static masting_status make_variable(mst_h5_layout *file, hid_t group, const mst_skeleton *s,
                                    mst_variable *v, mst_error *err) {
  static const double no_double = NAN;
  static const int64_t no_integer = -1;
  static const int8_t no_bool = 0;
  hid_t type = H5T_STD_I8LE, dataset;
  const void *fill = &no_bool;
  int64_t dims[MST_VARIABLE_DIMS] = {0};
  if (v->cell == MST_CELL_F64) type = H5T_IEEE_F64LE, fill = &no_double;
  if (v->cell == MST_CELL_I64) type = H5T_STD_I64LE, fill = &no_integer;
  for (int i = 0; i < v->ndims; i++) dims[i] = s->dim[v->dim[i]].size;
  mst_h5_layout_dataset(file, group, v->name, type, v->ndims, dims, v->fill ? fill : NULL,
                        &v->offset, &dataset, err);
  if (!err->status && v->cell == MST_CELL_BOOL && !put_text(dataset, "dtype", "bool"))
    h5_failed(file->partial, "write attribute dtype of", v->name, err);
  for (int i = 0; i < v->ndims && !err->status; i++)
    if (!attach(group, dataset, s->dim[v->dim[i]].name, i))
      h5_failed(file->partial, "attach a dimension to", v->name, err);
  mst_h5_close(&dataset);
  return err->status;
}

masting_status mst_skeleton_create(mst_skeleton *s, mst_h5_layout *file, mst_error *err) {
  for (int g = 0; g < s->ngroups && !err->status; g++) {
    hid_t group;
    mst_h5_layout_group(file, file->h5, s->group[g], &group, err);
    for (int i = 0; i < s->ndims && !err->status; i++)
      if (s->dim[i].group == g) make_dimension(file, group, &s->dim[i], err);
    for (int i = 0; i < s->nvars && !err->status; i++)
      if (s->var[i].group == g) make_variable(file, group, s, &s->var[i], err);
    mst_h5_close(&group);
  }
  return err->status;
}
