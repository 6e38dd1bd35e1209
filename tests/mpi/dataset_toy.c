/* See dataset_toy.h. */
#define _GNU_SOURCE
#include "dataset_toy.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNBOUNDED .lower = MASTING_NO_BOUND_BELOW, .upper = MASTING_NO_BOUND_ABOVE
#define CHECKED(x) ((x) < 0 ? (perror(#x), abort()) : (void)0)

static const masting_size sizes[] = {{.name = "N", .doc = "rows"},
                                     {.name = "P", .doc = "columns"},
                                     {.name = "G", .doc = "groups"},
                                     {.name = "K", .doc = "layers"}};
static const masting_data data[] = {{.name = "X",
                                     .type = MASTING_F32,
                                     .ndims = 2,
                                     .dims = {TOY_N, TOY_P},
                                     UNBOUNDED,
                                     .upper_size = MASTING_NO_SIZE},
                                    {.name = "g",
                                     .type = MASTING_I32,
                                     .ndims = 1,
                                     .dims = {TOY_N},
                                     .lower = 1,
                                     .upper = MASTING_NO_BOUND_ABOVE,
                                     .upper_size = TOY_G},
                                    {.name = "t",
                                     .type = MASTING_F64,
                                     .ndims = 2,
                                     .dims = {TOY_P, TOY_N},
                                     UNBOUNDED,
                                     .upper_size = MASTING_NO_SIZE},
                                    {.name = "u",
                                     .type = MASTING_I32,
                                     .ndims = 3,
                                     .dims = {TOY_P, TOY_N, TOY_K},
                                     .lower = -9,
                                     .upper = 1e7,
                                     .upper_size = MASTING_NO_SIZE},
                                    {.name = "m",
                                     .type = MASTING_F64,
                                     .ndims = 2,
                                     .dims = {TOY_P, TOY_K},
                                     .lower = 0,
                                     .upper = MASTING_NO_BOUND_ABOVE,
                                     .upper_size = MASTING_NO_SIZE},
                                    {.name = "s",
                                     .type = MASTING_F64,
                                     .lower = 0x1p-1000,
                                     .upper = 10,
                                     .upper_size = MASTING_NO_SIZE},
                                    {.name = "c",
                                     .type = MASTING_I32,
                                     .ndims = 1,
                                     .dims = {TOY_G},
                                     UNBOUNDED,
                                     .upper_size = MASTING_NO_SIZE}};
static const masting_param params[] = {
    {.name = "a"},
    {.name = "w", .ndims = 2, .dims = {TOY_P, TOY_K}, .column_major = 1},
    {.name = "z", .ndims = 2, .dims = {TOY_N, TOY_K}},
    {.name = "v", .ndims = 2, .dims = {TOY_P, TOY_N}}};

double toy_value(int var, int64_t i, int64_t j, int64_t k) {
  switch (var) {
  case TOY_X:
    return (double)(i % 30) - 15.0 + (double)j * 4; /* fits int8 as well */
  case TOY_g:
    return 1.0 + (double)(i % 4);
  case TOY_t:
    return 1e7 * (double)i + (double)j + 0.5;
  case TOY_u:
    return 1e6 * (double)i + 10 * (double)(j % 1000) + (double)k;
  case TOY_m:
    return 10 * (double)i + (double)j + 0.25;
  case TOY_s:
    return 2.5;
  default:
    return 7.0 * (double)i - 3;
  }
}

static void no_rows(void *state, const masting_block *block) {
  (void)state;
  (void)block;
}

/* theta: a, then w column-major. */
static void sim_global(const masting_sim *sim, double *theta) {
  theta[0] = sim->ops->normal(sim->rng);
  for (int64_t k = 0; k < sim->size[TOY_K]; k++)
    for (int64_t p = 0; p < sim->size[TOY_P]; p++)
      theta[1 + k * sim->size[TOY_P] + p] = 100.0 * (double)p + (double)k;
}

static void sim_data(const masting_sim *sim, const double *theta, void *const *out) {
  (void)theta;
  double *m = out[TOY_m];
  int32_t *c = out[TOY_c];
  for (int64_t p = 0; p < sim->size[TOY_P]; p++)
    for (int64_t k = 0; k < sim->size[TOY_K]; k++)
      m[p * sim->size[TOY_K] + k] = toy_value(TOY_m, p, k, 0);
  *(double *)out[TOY_s] = toy_value(TOY_s, 0, 0, 0);
  for (int64_t g = 0; g < sim->size[TOY_G]; g++) c[g] = (int32_t)toy_value(TOY_c, g, 0, 0);
}

/* local: z[K], then v[P]; t is random, so that rows must be addressed rather than drawn in turn. */
static void sim_row(const masting_sim *sim, const double *theta, const void *const *replicated,
                    int64_t row, double *local, void *const *out) {
  int64_t P = sim->size[TOY_P], K = sim->size[TOY_K];
  (void)theta;
  (void)replicated;
  for (int64_t k = 0; k < K; k++) local[k] = (double)row + 0.125 * (double)k;
  for (int64_t p = 0; p < P; p++) {
    local[K + p] = -(double)row - 1000.0 * (double)p;
    ((float *)out[TOY_X])[p] = (float)toy_value(TOY_X, row, p, 0);
    ((double *)out[TOY_t])[p] = sim->ops->normal(sim->rng);
    for (int64_t k = 0; k < K; k++)
      ((int32_t *)out[TOY_u])[p * K + k] = (int32_t)toy_value(TOY_u, p, row, k);
  }
  *(int32_t *)out[TOY_g] = 1 + (int32_t)(row % sim->size[TOY_G]);
}

const masting_model toy_model = {.abi = MASTING_ABI,
                                 .lanes = MASTING_LANES,
                                 .name = "toy",
                                 .sizes = sizes,
                                 .nsizes = 4,
                                 .shard = TOY_N,
                                 .data = data,
                                 .ndata = 7,
                                 .params = params,
                                 .nparams = 4,
                                 .rows = no_rows,
                                 .sim_global = sim_global,
                                 .sim_data = sim_data,
                                 .sim_row = sim_row};

static char home[PATH_MAX], folder[64];

void toy_enter(const mst_comm *comm) {
  if (!getcwd(home, sizeof home)) abort();
  snprintf(folder, sizeof folder, "/tmp/masting-test-XXXXXX");
  if (comm->rank == 0 && !mkdtemp(folder)) abort();
  MPI_Bcast(folder, sizeof folder, MPI_BYTE, 0, comm->mpi);
  CHECKED(chdir(folder));
}

void toy_leave(const mst_comm *comm) {
  char command[128];
  MPI_Barrier(comm->mpi);
  CHECKED(chdir(home));
  snprintf(command, sizeof command, "rm -rf %s", folder);
  if (comm->rank == 0 && system(command) != 0) abort();
}

static hid_t open_or_create(const char *path) {
  hid_t f = access(path, F_OK) == 0 ? H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT)
                                    : H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
  CHECKED(f);
  return f;
}

static void put(hid_t f, const char *name, hid_t type, int ndims, const int64_t *dims,
                const double *values, int64_t chunk) {
  hsize_t extent[4], chunks[4];
  hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
  for (int i = 0; i < ndims; i++) {
    extent[i] = (hsize_t)dims[i];
    chunks[i] = extent[i] < (hsize_t)chunk ? extent[i] : (hsize_t)chunk;
  }
  if (chunk && ndims) {
    CHECKED(H5Pset_chunk(plist, ndims, chunks));
    CHECKED(H5Pset_deflate(plist, 1));
  }
  hid_t space = ndims ? H5Screate_simple(ndims, extent, NULL) : H5Screate(H5S_SCALAR);
  if (H5Lexists(f, name, H5P_DEFAULT) > 0) CHECKED(H5Ldelete(f, name, H5P_DEFAULT));
  hid_t set = H5Dcreate2(f, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
  CHECKED(set);
  if (values) CHECKED(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
  H5Dclose(set);
  H5Sclose(space);
  H5Pclose(plist);
}

void toy_put(const char *path, const char *name, hid_t type, int ndims, const int64_t *dims,
             const double *values) {
  hid_t f = open_or_create(path);
  put(f, name, type, ndims, dims, values, 0);
  CHECKED(H5Fclose(f));
}

void toy_drop(const char *path, const char *name) {
  hid_t f = open_or_create(path);
  CHECKED(H5Ldelete(f, name, H5P_DEFAULT));
  CHECKED(H5Fclose(f));
}

void toy_poke(const char *path, const char *name, int64_t element, double value) {
  hid_t f = open_or_create(path), set = H5Dopen2(f, name, H5P_DEFAULT), space = H5Dget_space(set);
  hssize_t n = H5Sget_simple_extent_npoints(space);
  double *all = malloc((size_t)n * sizeof *all);
  CHECKED(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all));
  all[element] = value;
  CHECKED(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all));
  free(all);
  H5Sclose(space);
  H5Dclose(set);
  CHECKED(H5Fclose(f));
}

void toy_write(const char *path, const toy_file *how) {
  const int64_t size[] = {how->n, 3, 4, 2};
  const double layers = 2;
  unlink(path);
  hid_t f = open_or_create(path);
  for (int v = 0; v < toy_model.ndata; v++) {
    const masting_data *d = &data[v];
    int64_t dims[4] = {1, 1, 1, 1};
    for (int i = 0; i < d->ndims; i++) dims[i] = size[d->dims[i]];
    double *values = malloc((size_t)(dims[0] * dims[1] * dims[2] + 1) * sizeof *values),
           *at = values;
    for (int64_t i = 0; i < dims[0]; i++)
      for (int64_t j = 0; j < dims[1]; j++)
        for (int64_t k = 0; k < dims[2]; k++) *at++ = toy_value(v, i, j, k);
    hid_t type = how->type[v]             ? how->type[v]
                 : d->type == MASTING_F64 ? H5T_NATIVE_DOUBLE
                 : d->type == MASTING_F32 ? H5T_NATIVE_FLOAT
                                          : H5T_NATIVE_INT32;
    put(f, d->name, type, d->ndims, dims, values, how->compressed ? 100 : 0);
    free(values);
  }
  put(f, "K", H5T_NATIVE_DOUBLE, 0, NULL, &layers, 0);
  CHECKED(H5Fclose(f));
}
