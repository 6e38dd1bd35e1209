/* tests/mpi/test_metricfile_dist.c -- a metric file whose matrix no rank has whole: what ranks
 * write together is what one process would have written, what they read comes to the ranks that
 * own it, and what does not fit is told by name. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "draws_model.h"
#include "linalg/rowwise.h"
#include "par/comm.h"
#include "store/metricfile.h"

enum { N = 70, D = 12, K = 2, P = D * K + 1 + D * D }; /* 169: two tiles */

static mst_comm comm;
static mst_grid grid;
static char folder[64], path[128];
static masting_model model;
static mst_layout layout;
static mst_shard shard;
static double scale[P], want[P * P], other[P * P], step = 0.3;

/* G, with a diagonal of ones; no short decimals. */
static double element(int i, int j, void *context) {
  (void)context;
  return i == j ? 1.0 : 0.3 / (1.0 + abs(i - j)) / (1 + 0.01 * (i + j));
}

static void make(void) {
  const int64_t size[] = {N, D, K};
  mst_error err = {0};
  model = draws_model(1);
  assert_int_equal(mst_layout_make(&layout, &model, size, &err), MASTING_OK);
  assert_int_equal(layout.globals, P);
  shard = mst_shard_make(N, comm.rank, comm.size);
  for (int i = 0; i < P; i++) scale[i] = pow(10, 3.0 * i / P - 1);
  for (int i = 0; i < P; i++)
    for (int j = 0; j <= i; j++)
      want[i * P + j] = want[j * P + i] = scale[i] * (scale[j] * element(i, j, NULL));
}

static void put(const char *suffix, const double *inverse, const mst_rowwise *g) {
  mst_error err = {0};
  const mst_metricfile_data m = {.kind = MST_KIND_DENSE,
                                 .n = P,
                                 .inverse = (double *)(uintptr_t)inverse,
                                 .dist = g,
                                 .scale = scale,
                                 .step_size = step,
                                 .chains = 1,
                                 .step_sizes = &step};
  snprintf(path, sizeof path, "%s/m%s", folder, suffix);
  const mst_metricfile_spec spec = {.path = path,
                                    .force = 1,
                                    .layout = &layout,
                                    .shard = &shard,
                                    .metric = &m,
                                    .type = "dense_e"};
  if (mst_metricfile_write(&comm, &spec, &err)) fail_msg("%s", err.message);
}

/* What the tiles of all ranks hold, on rank 0. */
static masting_status read_spread(double *got, mst_error *err) {
  mst_metricfile_data m;
  mst_dist c = {.n = 0};
  if (mst_metricfile_read(&m, &comm, path, &layout, false, err) == MASTING_OK) {
    assert_int_equal(m.kind, MST_KIND_DENSE);
    assert_true(m.inverse == NULL || comm.rank == 0);
    assert_non_null(m.diagonal);
    double diagonal[P];
    mst_metricfile_diagonal(&m, diagonal);
    if (got)
      for (int i = 0; i < P; i++) assert_true(diagonal[i] == want[i * (P + 1)]);
    if (mst_metricfile_read_matrix(&m, path, &layout, &grid, &c, err) == MASTING_OK && got)
      mst_dist_gather(&c, got, err);
    assert_null(m.inverse);
  }
  mst_dist_end(&c);
  mst_metricfile_free(&m);
  return err->status;
}

static void remove_file(void) {
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) unlink(path);
}

static void written_and_read_by_all(void **state) {
  (void)state;
  static const char *const suffixes[] = {".json", ".h5"};
  mst_dist d;
  mst_rowwise g;
  mst_error err = {0};
  mst_dist_begin(&d, &grid, "test", P, &err);
  mst_dist_fill(&d, element, NULL, &err);
  if (mst_rowwise_begin(&g, &d, MST_ROWWISE_SYMMETRIC, MST_ISA_BASE, &err))
    fail_msg("%s", err.message);
  for (int k = 0; k < 2; k++) {
    mst_metricfile_data m;
    put(suffixes[k], NULL, &g);
    if (mst_metricfile_read(&m, &comm, path, &layout, true, &err)) fail_msg("%s", err.message);
    assert_memory_equal(m.inverse, want, sizeof want);
    assert_null(m.diagonal);
    mst_metricfile_free(&m);
    if (read_spread(other, &err)) fail_msg("%s", err.message);
    for (int i = 0; i < P && comm.rank == 0; i++)
      assert_memory_equal(other + i * P, want + i * P, (size_t)(i + 1) * sizeof(double));
    remove_file();
  }
  mst_rowwise_end(&g);
  mst_dist_end(&d);
}

/* Message of a file with that matrix, of both formats; %s: the path. */
static void refused(const double *inverse, const char *message) {
  static const char *const suffixes[] = {".json", ".h5"};
  for (int k = 0; k < 2; k++) {
    mst_error err = {0};
    char text[400];
    put(suffixes[k], inverse, NULL);
    assert_int_equal(read_spread(NULL, &err), MASTING_ERR_DATA);
    snprintf(text, sizeof text, "%s: inv_metric: %s", path, message);
    assert_string_equal(err.message, text);
    remove_file();
  }
}

static void what_is_no_inverse_mass_is_named(void **state) {
  (void)state;
  memcpy(other, want, sizeof want);
  other[140 * P + 70] = 0.5; /* below the diagonal; not a number for JSON has its own message */
  other[70 * P + 140] = 0.25;
  refused(other, "not symmetric; row 141 (S[10,8]), column 71 (S[4,10]) is 0.5, expected what is "
                 "at its mirror place, got 0.25 there");
  memcpy(other, want, sizeof want);
  other[100 * (P + 1)] = -2;
  refused(other, "diagonal element 101 (S[7,4]): expected a finite number above 0, got -2");
  memcpy(other, want, sizeof want);
  other[150 * P + 100] = other[100 * P + 150] = 2 * scale[100] * scale[150];
  refused(other, "not positive definite; expected a covariance of the parameters, got one that "
                 "breaks down at row 151 (S[11,6])");
}

/* Within rounding of text halves are taken for mirror images, and their mean is read. */
static void halves_that_all_but_agree_are_averaged(void **state) {
  (void)state;
  mst_error err = {0};
  memcpy(other, want, sizeof want);
  other[90 * P + 7] *= 1 + 1e-10;
  const double mean = 0.5 * (other[90 * P + 7] + other[7 * P + 90]);
  put(".h5", other, NULL);
  if (read_spread(other, &err)) fail_msg("%s", err.message);
  if (comm.rank == 0) assert_true(other[90 * P + 7] == mean && mean != want[90 * P + 7]);
  remove_file();
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  comm.threads = 2; /* share the tiles that a rank reads */
  if (comm.rank == 0) {
    snprintf(folder, sizeof folder, "metricfile-XXXXXX");
    if (!mkdtemp(folder)) return 1;
  }
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, comm.mpi);
  if (mst_grid_begin(&grid, &comm, 0, 0, &err)) mst_abort_all(&comm, &err);
  make();
  const struct CMUnitTest tests[] = {cmocka_unit_test(written_and_read_by_all),
                                     cmocka_unit_test(what_is_no_inverse_mass_is_named),
                                     cmocka_unit_test(halves_that_all_but_agree_are_averaged)};
  int failed = cmocka_run_group_tests_name("a metric file over the ranks", tests, NULL, NULL);
  if (comm.rank == 0) rmdir(folder);
  mst_grid_end(&grid);
  mst_comm_end(&comm);
  return failed;
}
