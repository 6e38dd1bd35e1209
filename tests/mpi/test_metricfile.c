/* tests/mpi/test_metricfile.c -- a metric that is written comes back to the last bit, row-local
 * elements too, on any number of ranks; what CmdStan would write over all parameters is taken
 * apart. */
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
#include "par/comm.h"
#include "store/metricfile.h"

enum { N = 700, D = 3, K = 2, RANK = 2, MOST = 64 };

static mst_comm comm;
static char folder[64], path[128];
static masting_model model;
static mst_layout layout;
static mst_shard shard;

static double value(int64_t i) { return 1.0 / (3.0 + (double)i); } /* no short decimal */

static double local_value(int64_t row, int64_t element) {
  return value(row * layout.locals + element + 1000);
}

static void make(void) {
  const int64_t size[] = {N, D, K};
  mst_error err = {0};
  model = draws_model(1);
  assert_int_equal(mst_layout_make(&layout, &model, size, &err), MASTING_OK);
  shard = mst_shard_make(N, comm.rank, comm.size);
  assert_true(layout.globals <= MOST);
}

/* Arrays as large as any form wants; values that are neither short nor equal. */
static double inverse[MOST * MOST], scale[MOST], eigen[RANK], directions[MOST * RANK], steps[3];

static mst_metricfile_data metric_of(mst_metric_kind kind) {
  const int64_t p = layout.globals;
  for (int64_t i = 0; i < p * p; i++) inverse[i] = 0;
  for (int64_t i = 0; i < p; i++) {
    inverse[kind == MST_KIND_DENSE ? i * p + i : i] = 1.0 + value(i);
    scale[i] = 2.0 + value(i);
    directions[i * RANK] = i == 1 ? 0.6 : i == 4 ? 0.8 : 0.0;
    directions[i * RANK + 1] = i == 1 ? -0.8 : i == 4 ? 0.6 : 0.0;
  }
  if (kind == MST_KIND_DENSE) inverse[3] = inverse[3 * p] = -value(5);
  eigen[0] = value(1), eigen[1] = 9.0 + value(2);
  for (int c = 0; c < 3; c++) steps[c] = 0.5 + value(c);
  mst_metricfile_data m = {
      .kind = kind, .n = p, .step_size = 0.7 + value(9), .chains = 3, .step_sizes = steps};
  if (kind != MST_KIND_LOW_RANK)
    m.inverse = inverse;
  else
    m.scale = scale, m.eigen = eigen, m.directions = directions, m.rank = RANK;
  return m;
}

static void same(const double *a, const double *b, int64_t n) {
  assert_true((a != NULL) == (b != NULL));
  if (a) assert_memory_equal(a, b, (size_t)n * sizeof *a);
}

static void check_rows(const mst_metricfile_data *got) {
  mst_error err = {0};
  double *rows = calloc((size_t)(shard.rows * layout.locals + 1), sizeof *rows);
  assert_true(got->rows);
  if (mst_metricfile_rows(got, path, &layout, &shard, rows, &err)) fail_msg("%s", err.message);
  for (int64_t r = 0; r < shard.rows; r++)
    for (int64_t e = 0; e < layout.locals; e++)
      assert_true(rows[r * layout.locals + e] == local_value(shard.first_row.v + r, e));
  free(rows);
}

static void round_trip(const char *suffix, mst_metric_kind kind) {
  static const char *const types[] = {"diag_e", "dense_e", "lowrank"};
  const mst_metricfile_data m = metric_of(kind);
  const mst_attribute about[] = {{"model", "draws \xc3\xa9 \"quoted\"", 0}, {"warmup", NULL, 150}};
  const int64_t p = layout.globals;
  mst_metricfile_data got;
  mst_error err = {0};
  double *local = calloc((size_t)(shard.rows * layout.locals + 1), sizeof *local);
  for (int64_t r = 0; r < shard.rows; r++)
    for (int64_t e = 0; e < layout.locals; e++)
      local[r * layout.locals + e] = local_value(shard.first_row.v + r, e);
  snprintf(path, sizeof path, "%s/m%s", folder, suffix);
  const mst_metricfile_spec spec = {.path = path,
                                    .force = 1,
                                    .layout = &layout,
                                    .shard = &shard,
                                    .metric = &m,
                                    .local = local,
                                    .type = types[kind],
                                    .attributes = about,
                                    .nattributes = 2};
  if (mst_metricfile_write(&comm, &spec, &err)) fail_msg("%s", err.message);
  if (mst_metricfile_read(&got, &comm, path, &layout, true, &err)) fail_msg("%s", err.message);
  assert_int_equal(got.kind, kind);
  assert_int_equal(got.n, p);
  assert_int_equal(got.chains, 3);
  assert_int_equal(got.rank, m.rank);
  assert_true(got.step_size == m.step_size);
  same(got.step_sizes, m.step_sizes, 3);
  same(got.inverse, m.inverse, kind == MST_KIND_DENSE ? p * p : p);
  same(got.scale, m.scale, p);
  same(got.eigen, m.eigen, RANK);
  same(got.directions, m.directions, p * RANK);
  if (strcmp(suffix, ".h5") == 0)
    check_rows(&got);
  else
    assert_false(got.rows);
  mst_metricfile_free(&got);
  free(local);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) unlink(path);
}

static void test_round_trips(void **state) {
  (void)state;
  for (mst_metric_kind kind = MST_KIND_DIAGONAL; kind <= MST_KIND_LOW_RANK; kind++) {
    round_trip(".json", kind);
    round_trip(".h5", kind);
  }
}

/* The matrix of a low rank, and its diagonal, by the definition. */
static void test_matrix(void **state) {
  (void)state;
  const mst_metricfile_data m = metric_of(MST_KIND_LOW_RANK);
  const int64_t p = m.n;
  double c[MOST * MOST], diagonal[MOST];
  mst_metricfile_matrix(&m, c);
  mst_metricfile_diagonal(&m, diagonal);
  for (int64_t i = 0; i < p; i++) {
    assert_true(fabs(diagonal[i] - c[i * p + i]) < 1e-12);
    for (int64_t j = 0; j < p; j++) {
      double want = i == j;
      for (int k = 0; k < RANK; k++)
        want += directions[i * RANK + k] * (eigen[k] - 1.0) * directions[j * RANK + k];
      assert_true(fabs(c[i * p + j] - scale[i] * want * scale[j]) < 1e-12);
    }
  }
}

/* A vector over all parameters in Stan's order, where every number says which element it is of. */
static void test_all_parameters(void **state) {
  (void)state;
  mst_metricfile_data got;
  mst_error err = {0};
  const int64_t all = mst_layout_elements(&layout);
  int64_t row, element;
  snprintf(path, sizeof path, "%s/all.json", folder);
  if (comm.rank == 0) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"metric_type\": \"diag_e\", \"inv_metric\": [", f);
    for (int64_t i = 0; i < all; i++) {
      const bool local = mst_layout_from_stan(&layout, i, &row, &element);
      fprintf(f, "%s%.17g", i ? ", " : "", local ? local_value(row, element) : value(element));
    }
    fputs("]}\n", f);
    fclose(f);
  }
  if (mst_metricfile_read(&got, &comm, path, &layout, true, &err)) fail_msg("%s", err.message);
  assert_int_equal(got.n, layout.globals);
  assert_true(got.step_size == 0);
  for (int64_t i = 0; i < got.n; i++) assert_true(got.inverse[i] == value(i));
  check_rows(&got);
  mst_metricfile_free(&got);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) unlink(path);
}

/* A failed write is everybody's, and leaves nothing. */
static void test_no_folder(void **state) {
  (void)state;
  static const char *const names[] = {"none/m.json", "none/m.h5"};
  for (int i = 0; i < 2; i++) {
    const mst_metricfile_data m = metric_of(MST_KIND_DIAGONAL);
    char want[300];
    mst_error err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    const mst_metricfile_spec spec = {
        .path = path, .layout = &layout, .shard = &shard, .metric = &m, .type = "diag_e"};
    snprintf(want, sizeof want, "%s.partial: cannot create it: No such file or directory", path);
    assert_int_equal(mst_metricfile_write(&comm, &spec, &err), MASTING_ERR_NOFILE);
    assert_string_equal(err.message, want);
  }
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  if (comm.rank == 0) {
    snprintf(folder, sizeof folder, "metricfile-XXXXXX");
    if (!mkdtemp(folder)) return 1;
  }
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, comm.mpi);
  make();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trips), cmocka_unit_test(test_matrix),
      cmocka_unit_test(test_all_parameters), cmocka_unit_test(test_no_folder)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (comm.rank == 0) rmdir(folder);
  mst_comm_end(&comm);
  return failed;
}
