/* tests/laws/dump_draws.c -- every draw in a draws file as bytes, to be hashed.
 *
 * dump_draws FILE: to standard output, in the order of names, "group/name dims" and the raw numbers
 * of every dataset of the groups that draws are in. What tells how the run was made (ranks, times)
 * is left out. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const groups[] = {"posterior", "sample_stats", "warmup_posterior",
                                     "warmup_sample_stats", "latent_moments"};
static int datasets;

static herr_t dump(hid_t group, const char *name, const H5L_info_t *info, void *prefix) {
  (void)info;
  hid_t set = H5Dopen(group, name, H5P_DEFAULT);
  if (set < 0) return 0; /* a group */
  hid_t space = H5Dget_space(set), stored = H5Dget_type(set);
  hid_t type = H5Tget_native_type(stored, H5T_DIR_ASCEND);
  hsize_t dims[32];
  const int rank = H5Sget_simple_extent_dims(space, dims, NULL);
  const size_t n = (size_t)H5Sget_simple_extent_npoints(space), size = H5Tget_size(type);
  char *bytes = malloc(n * size + 1);
  if (!bytes || H5Tget_class(type) == H5T_STRING ||
      H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0)
    exit(1);
  printf("%s/%s", (const char *)prefix, name);
  for (int i = 0; i < rank; i++) printf(" %llu", (unsigned long long)dims[i]);
  printf("\n");
  fwrite(bytes, size, n, stdout);
  datasets++;
  free(bytes);
  H5Tclose(type);
  H5Tclose(stored);
  H5Sclose(space);
  H5Dclose(set);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  hid_t file = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) return 1;
  H5Eset_auto(H5E_DEFAULT, NULL, NULL);
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
    hid_t group = H5Gopen(file, groups[i], H5P_DEFAULT);
    if (group < 0) continue;
    H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, dump, (void *)groups[i]);
    H5Gclose(group);
  }
  H5Fclose(file);
  return datasets ? 0 : 1;
}
