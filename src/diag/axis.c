/* diag/axis.c -- see axis.h. */
#define _GNU_SOURCE
#include "diag/axis.h"

#include <hdf5_hl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "data/h5.h"

/* What netCDF-4 calls the scale of a dimension that has no coordinates. */
#define NO_COORDINATES "This is a netCDF dimension but not a netCDF variable"

static bool read_numbers(mst_axis *axis, hid_t scale) {
  axis->number = malloc((size_t)axis->size * sizeof *axis->number);
  if (!axis->number) return false;
  if (H5Dread(scale, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, axis->number) < 0)
    mst_axis_free(axis);
  return true;
}

static bool read_reals(mst_axis *axis, hid_t scale) {
  double *x = malloc((size_t)axis->size * sizeof *x);
  axis->text = calloc((size_t)axis->size, sizeof *axis->text);
  bool memory = x && axis->text;
  bool good = memory && H5Dread(scale, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0;
  for (int64_t i = 0; i < axis->size && good && memory; i++)
    memory = asprintf(&axis->text[i], "%g", x[i]) >= 0;
  free(x);
  if (!good || !memory) mst_axis_free(axis);
  return memory;
}

static bool read_fixed_texts(mst_axis *axis, hid_t scale, hid_t type) {
  size_t width = H5Tget_size(type);
  char *all = calloc((size_t)axis->size, width);
  axis->text = calloc((size_t)axis->size, sizeof *axis->text);
  bool memory = all && axis->text;
  bool good = memory && H5Dread(scale, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) >= 0;
  for (int64_t i = 0; i < axis->size && good && memory; i++)
    memory = (axis->text[i] = strndup(all + (size_t)i * width, width)) != NULL;
  free(all);
  if (!good || !memory) mst_axis_free(axis);
  return memory;
}

static bool read_texts(mst_axis *axis, hid_t scale, hid_t type) {
  if (H5Tis_variable_str(type) <= 0) return read_fixed_texts(axis, scale, type);
  char **all = calloc((size_t)axis->size, sizeof *all);
  axis->text = calloc((size_t)axis->size, sizeof *axis->text);
  bool memory = all && axis->text;
  bool good = memory && H5Dread(scale, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) >= 0;
  for (int64_t i = 0; i < axis->size && good && memory; i++)
    memory = (axis->text[i] = strdup(all[i] ? all[i] : "")) != NULL;
  hid_t space = H5Dget_space(scale);
  if (good) H5Dvlen_reclaim(type, space, H5P_DEFAULT, all);
  mst_h5_close(&space);
  free(all);
  if (!good || !memory) mst_axis_free(axis);
  return memory;
}

typedef struct visit {
  mst_axis *axis;
  bool memory;
} visit;

static herr_t read_scale(hid_t dataset, unsigned dim, hid_t scale, void *data) {
  visit *v = data;
  char name[128] = "";
  (void)dataset;
  (void)dim;
  hid_t type = H5Dget_type(scale), space = H5Dget_space(scale);
  bool fits = H5Sget_simple_extent_ndims(space) == 1 &&
              H5Sget_simple_extent_npoints(space) == v->axis->size && v->axis->size > 0;
  H5DSget_scale_name(scale, name, sizeof name);
  if (fits && strncmp(name, NO_COORDINATES, strlen(NO_COORDINATES))) {
    H5T_class_t class = H5Tget_class(type);
    if (class == H5T_INTEGER) v->memory = read_numbers(v->axis, scale);
    if (class == H5T_FLOAT) v->memory = read_reals(v->axis, scale);
    if (class == H5T_STRING) v->memory = read_texts(v->axis, scale, type);
  }
  mst_h5_close(&space);
  mst_h5_close(&type);
  return 1; /* the first scale is the one */
}

bool mst_axis_read(mst_axis *axis, hid_t dataset, int dim) {
  visit v = {axis, true};
  if (H5DSget_num_scales(dataset, (unsigned)dim) > 0)
    H5DSiterate_scales(dataset, (unsigned)dim, NULL, read_scale, &v);
  return v.memory;
}

void mst_axis_free(mst_axis *axis) {
  for (int64_t i = 0; i < axis->size && axis->text; i++) free(axis->text[i]);
  free(axis->text);
  free(axis->number);
  axis->text = NULL;
  axis->number = NULL;
}

void mst_axis_print(const mst_axis *axis, int64_t i, FILE *out) {
  if (axis->text)
    fputs(axis->text[i], out);
  else
    fprintf(out, "%" PRId64, axis->number ? axis->number[i] : i);
}
