/* Simulated data: the same bytes for any number of ranks, read back as what the model drew, and
 * nothing left behind when the disk is full.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/isa.h"
#include "data/h5.h"
#include "data/simrng.h"
#include "dataset_toy.h"

static mst_comm comm;

static mst_read_options toy_sizes(mst_size_value size[4], int64_t n) {
  const mst_size_value fixture[] = {{.name = "N", .value = n},
                                    {.name = "P", .value = 3},
                                    {.name = "G", .value = 4},
                                    {.name = "K", .value = 2}};
  memcpy(size, fixture, sizeof fixture);
  return (mst_read_options){.sizes = size, .nsizes = 4};
}

static void *slurp(const char *path, size_t *bytes) {
  FILE *f = fopen(path, "rb");
  if (!f || fseek(f, 0, SEEK_END) != 0) fail_msg("%s: %s", path, strerror(errno));
  *bytes = (size_t)ftell(f);
  rewind(f);
  char *all = malloc(*bytes + 1);
  if (fread(all, 1, *bytes, f) != *bytes) fail_msg("%s: short", path);
  fclose(f);
  return all;
}

static void same_bytes(const char *a, const char *b) {
  size_t na, nb;
  char *pa = slurp(a, &na), *pb = slurp(b, &nb);
  assert_int_equal(na, nb);
  assert_memory_equal(pa, pb, na);
  free(pa);
  free(pb);
}

/* The first `ranks` ranks of the job as a job of their own; the others wait. */
static void on_ranks(int ranks, const masting_model *m, const char *path,
                     const mst_read_options *options, uint64_t seed) {
  mst_comm sub = {.threads = 1};
  mst_error err = {0};
  MPI_Comm_split(comm.mpi, comm.rank < ranks, comm.rank, &sub.mpi);
  MPI_Comm_rank(sub.mpi, &sub.rank);
  MPI_Comm_size(sub.mpi, &sub.size);
  if (comm.rank < ranks) mst_simulate(&sub, m, path, options, seed, 1, &err);
  if (err.status) fail_msg("%s", err.message);
  MPI_Comm_free(&sub.mpi);
  MPI_Barrier(comm.mpi);
}

static void bytes_do_not_depend_on_ranks(void **state) {
  (void)state;
  const int64_t n[] = {1, 255, 257, 1111};
  for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
    mst_size_value size[4];
    mst_read_options options = toy_sizes(size, n[i]);
    on_ranks(1, &toy_model, "one.h5", &options, 7);
    for (int ranks = 1; ranks <= comm.size; ranks++) {
      on_ranks(ranks, &toy_model, "many.h5", &options, 7);
      if (comm.rank == 0) same_bytes("one.h5", "many.h5");
      if (comm.rank == 0) assert_int_not_equal(access("many.h5.partial", F_OK), 0);
      MPI_Barrier(comm.mpi);
    }
  }
}

static void whole(hid_t f, const char *name, int64_t elements, double *out) {
  hid_t set = H5Dopen2(f, name, H5P_DEFAULT), space = H5Dget_space(set);
  if (set < 0) fail_msg("%s is not there", name);
  assert_int_equal(H5Sget_simple_extent_npoints(space), elements);
  H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
  H5Sclose(space);
  H5Dclose(set);
}

/* What the file holds, by plain HDF5: every element where its shape says. */
static void contents(void **state) {
  (void)state;
  enum { N = 515 };
  static double a[1], w[6], z[N * 2], v[3 * N], u[3 * N * 2], t[3 * N], X[N * 3], K[1];
  mst_size_value size[4];
  mst_read_options options = toy_sizes(size, N);
  on_ranks(comm.size, &toy_model, "toy.h5", &options, 3);
  hid_t f = H5Fopen("toy.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  whole(f, "K", 1, K);
  whole(f, "X", N * 3, X);
  whole(f, "t", 3 * N, t);
  whole(f, "u", 3 * N * 2, u);
  whole(f, "truth/a", 1, a);
  whole(f, "truth/w", 6, w);
  whole(f, "truth/z", N * 2, z);
  whole(f, "truth/v", 3 * N, v);
  H5Fclose(f);
  assert_true(K[0] == 2);
  masting_rng rng;
  mst_simrng_start(&rng, 3, MST_USE_SIM_GLOBAL, 0);
  assert_true(a[0] == mst_simrng_ops.normal(&rng));
  for (int p = 0; p < 3; p++)
    for (int k = 0; k < 2; k++) assert_true(w[p * 2 + k] == 100.0 * p + k);
  for (int n = 0; n < N; n++) {
    mst_simrng_start(&rng, 3, MST_USE_SIM_ROW, n);
    for (int p = 0; p < 3; p++) {
      assert_true(v[p * N + n] == -(double)n - 1000.0 * p);
      assert_true(X[n * 3 + p] == toy_value(TOY_X, n, p, 0));
      assert_true(t[p * N + n] == mst_simrng_ops.normal(&rng));
      for (int k = 0; k < 2; k++) assert_true(u[(p * N + n) * 2 + k] == toy_value(TOY_u, p, n, k));
    }
    for (int k = 0; k < 2; k++) assert_true(z[n * 2 + k] == n + 0.125 * k);
  }
  MPI_Barrier(comm.mpi);
}

/* Enough rows that writing and reading both go in several pieces; the model is the gallery's. */
static void many_rows(void **state) {
  (void)state;
  mst_model_set set = {0};
  mst_error err = {0};
  mst_dataset d;
  const mst_size_value size[] = {{.name = "N", .value = 2500000}, {.name = "D", .value = 2}};
  mst_read_options options = {.sizes = size, .nsizes = 2};
  mst_model_open(&set, "ppca", MST_ISA_BASE, &err);
  if (err.status) fail_msg("%s", err.message);
  const masting_model *m = set.width[0];
  on_ranks(comm.size, m, "many.h5", &options, 11);
  mst_dataset_read(&d, &comm, m, "many.h5", NULL, &err);
  if (err.status) fail_msg("%s", err.message);
  masting_rng rng;
  masting_sim sim = {.size = d.size, .ops = &mst_simrng_ops, .rng = &rng};
  double w[2], z, x[2];
  mst_simrng_start(&rng, 11, MST_USE_SIM_GLOBAL, 0);
  m->sim_global(&sim, w);
  for (int64_t r = 0; r < d.shard.rows; r += 7) {
    void *row[] = {x};
    mst_simrng_start(&rng, 11, MST_USE_SIM_ROW, d.shard.first_row.v + r);
    m->sim_row(&sim, w, NULL, d.shard.first_row.v + r, &z, row);
    assert_memory_equal((double *)d.var[0] + 2 * r, x, sizeof x);
  }
  mst_dataset_free(&d);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) toy_poke("many.h5", "x", 2500000 + 2400000, (double)NAN);
  MPI_Barrier(comm.mpi);
  mst_dataset_read(&d, &comm, m, "many.h5", NULL, &err);
  assert_string_equal(err.message,
                      "many.h5: x: 1 value is not finite; expected finite numbers, got "
                      "x[2,2400001] = nan (row 2400001, 1-based)");
  mst_dataset_free(&d);
  mst_model_close(&set);
  MPI_Barrier(comm.mpi);
}

static void refused(const masting_model *m, const char *path, const mst_read_options *options,
                    masting_status status, const char *message) {
  mst_error err = {0};
  mst_simulate(&comm, m, path, options, 1, 0, &err);
  assert_string_equal(err.message, message);
  assert_int_equal(err.status, status);
  MPI_Barrier(comm.mpi);
}

static void refusals(void **state) {
  (void)state;
  mst_size_value size[4];
  mst_read_options options = toy_sizes(size, 300), fewer = {.sizes = size + 1, .nsizes = 3};
  if (comm.rank == 0) fclose(fopen("there.h5", "w"));
  if (comm.rank == 0) mkdir("folder", 0777);
  MPI_Barrier(comm.mpi);
  refused(&toy_model, "there.h5", &options, MASTING_ERR_EXISTS,
          "there.h5: exists already; try another name, or --force");
  refused(&toy_model, "folder", &options, MASTING_ERR_EXISTS,
          "folder: is a directory; expected a file name");
  refused(&toy_model, "nowhere/data.h5", &options, MASTING_ERR_NOFILE,
          "nowhere/data.h5.partial: cannot create it: No such file or directory");
  refused(&toy_model, "new.h5", &fewer, MASTING_ERR_USAGE,
          "toy: size N (rows) is not known; expected a value for it; try --size N=VALUE");
  masting_model m = toy_model;
  m.sim_row = NULL;
  refused(
      &m, "new.h5", &options, MASTING_ERR_MODEL,
      "model toy: it cannot be simulated; expected a function sim_row, got NULL; try a model of "
      "`masting sample --list`");
  if (comm.rank == 0) assert_int_not_equal(access("new.h5.partial", F_OK), 0);
}

/* A file that may not grow is a disk that is full: errno instead of a signal. */
static void full_disk(void **state) {
  (void)state;
  mst_size_value size[4];
  mst_read_options options = toy_sizes(size, 30000);
  struct rlimit before, small;
  getrlimit(RLIMIT_FSIZE, &before);
  small = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  mst_error err = {0};
  assert_int_equal(mst_simulate(&comm, &toy_model, "full.h5", &options, 1, 0, &err),
                   MASTING_ERR_IO);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_non_null(strstr(err.message, "full.h5.partial: "));
  assert_non_null(strstr(err.message, strerror(EFBIG)));
  if (comm.rank == 0) {
    assert_int_not_equal(access("full.h5", F_OK), 0);
    assert_int_not_equal(access("full.h5.partial", F_OK), 0);
  }
  MPI_Barrier(comm.mpi);
}

/* Only the last rank fails, in the middle of its rows: all hear of it. */
static void one_rank_cannot_write(void **state) {
  (void)state;
  mst_size_value size[4];
  mst_read_options options = toy_sizes(size, 30000);
  struct rlimit before, small;
  if (comm.size == 1) skip();
  getrlimit(RLIMIT_FSIZE, &before);
  small = (struct rlimit){.rlim_cur = 1 << 19, .rlim_max = before.rlim_max};
  if (comm.rank == comm.size - 1) setrlimit(RLIMIT_FSIZE, &small);
  mst_error err = {0};
  assert_int_equal(mst_simulate(&comm, &toy_model, "part.h5", &options, 1, 0, &err),
                   MASTING_ERR_IO);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(err.rank, comm.size - 1);
  assert_non_null(strstr(err.message, "part.h5.partial: cannot write "));
  MPI_Barrier(comm.mpi);
  assert_int_not_equal(access("part.h5", F_OK), 0);
  assert_int_not_equal(access("part.h5.partial", F_OK), 0);
  MPI_Barrier(comm.mpi);
}

int main(void) {
  mst_error err = {0};
  const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_do_not_depend_on_ranks),
                                     cmocka_unit_test(contents),
                                     cmocka_unit_test(many_rows),
                                     cmocka_unit_test(refusals),
                                     cmocka_unit_test(full_disk),
                                     cmocka_unit_test(one_rank_cannot_write)};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) return 1;
  mst_h5_quiet();
  toy_enter(&comm);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  toy_leave(&comm);
  mst_comm_end(&comm);
  return failed;
}
