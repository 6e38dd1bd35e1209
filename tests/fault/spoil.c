/* tests/fault/spoil.c -- makes a good data file bad. Serial.
 *
 *   spoil FILE nan DATASET INDEX     element INDEX (0-based, row-major) becomes NaN
 *   spoil FILE rename DATASET NAME   the dataset gets another name
 *   spoil FILE transpose DATASET     a matrix of the same numbers with its dimensions exchanged
 */
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int put_nan(hid_t file, const char *name, const char *index) {
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
  hssize_t n = H5Sget_simple_extent_npoints(space), i = atoll(index);
  double *x = malloc((size_t)n * sizeof *x);
  int bad = n <= i || H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) < 0;
  if (!bad) {
    x[i] = NAN;
    bad = H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) < 0;
  }
  free(x);
  H5Sclose(space);
  return bad || H5Dclose(set) < 0;
}

static int transpose(hid_t file, const char *name) {
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
  hsize_t dims[2] = {0, 0};
  if (H5Sget_simple_extent_ndims(space) != 2) return 1;
  H5Sget_simple_extent_dims(space, dims, NULL);
  double *x = malloc(dims[0] * dims[1] * sizeof *x), *y = malloc(dims[0] * dims[1] * sizeof *y);
  int bad = H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) < 0;
  for (hsize_t i = 0; i < dims[0]; i++)
    for (hsize_t j = 0; j < dims[1]; j++) y[j * dims[0] + i] = x[i * dims[1] + j];
  H5Sclose(space);
  H5Dclose(set);
  hsize_t swapped[2] = {dims[1], dims[0]};
  bad = bad || H5Ldelete(file, name, H5P_DEFAULT) < 0;
  space = H5Screate_simple(2, swapped, NULL);
  set = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  bad = bad || H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, y) < 0;
  free(x);
  free(y);
  H5Sclose(space);
  return H5Dclose(set) < 0 || bad;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  hid_t file = H5Fopen(argv[1], H5F_ACC_RDWR, H5P_DEFAULT);
  if (file < 0) return 1;
  int bad = 1;
  if (strcmp(argv[2], "nan") == 0 && argc == 5) bad = put_nan(file, argv[3], argv[4]);
  if (strcmp(argv[2], "rename") == 0 && argc == 5)
    bad = H5Lmove(file, argv[3], file, argv[4], H5P_DEFAULT, H5P_DEFAULT) < 0;
  if (strcmp(argv[2], "transpose") == 0) bad = transpose(file, argv[3]);
  return H5Fclose(file) < 0 || bad;
}
