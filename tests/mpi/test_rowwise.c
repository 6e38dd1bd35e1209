/* Room linalg: a matrix times vectors by rows that are cut over the ranks: what its definition
 * says, and on any grid, lane width and number of threads the bits of the same matrix on one rank.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "count_calls.h"
#include "dist_kit.h"
#include "linalg/rowwise.h"

static mst_comm comm;
static const int orders[] = {1, 7, MST_TILE, MST_TILE + 1, 200, 515};
static const mst_rowwise_kind forms[] = {MST_ROWWISE_LOWER, MST_ROWWISE_TRANSPOSED,
                                         MST_ROWWISE_SYMMETRIC};

/* Element (i, j) of a matrix of a form, made of the lower triangle l. */
static double element(const double *l, int n, mst_rowwise_kind form, int i, int j) {
  if (form == MST_ROWWISE_TRANSPOSED || (form == MST_ROWWISE_SYMMETRIC && j > i)) {
    int k = i;
    i = j;
    j = k;
  }
  return j <= i ? l[i * n + j] : 0.0;
}

/* The lower triangle of a factor on every rank, and spread. */
static double *make(mst_dist *d, const mst_grid *grid, int n, mst_error *err) {
  kit k = {n, 0.5};
  double *l = calloc((size_t)n * (size_t)n, sizeof *l);
  assert_non_null(l);
  assert_int_equal(mst_dist_begin(d, grid, "l", n, err), MASTING_OK);
  assert_int_equal(mst_dist_fill(d, kit_spd, &k, err), MASTING_OK);
  assert_int_equal(mst_dist_cholesky(d, NULL, err), MASTING_OK);
  assert_int_equal(mst_dist_gather(d, l, err), MASTING_OK);
  assert_int_equal(mst_bcast(&comm, l, (int64_t)n * n * 8, err), MASTING_OK);
  return l;
}

static void check_product(const double *l, int n, mst_rowwise_kind form, int lanes, const double *x,
                          const double *y) {
  for (int i = 0; i < n; i += n < 100 ? 1 : 17)
    for (int c = 0; c < lanes; c++) {
      double sum = 0, size = 0;
      for (int j = 0; j < n; j++) {
        sum += element(l, n, form, i, j) * x[j * lanes + c];
        size += fabs(element(l, n, form, i, j) * x[j * lanes + c]);
      }
      if (!(fabs(sum - y[i * lanes + c]) <= 1e-14 * size))
        fail_msg("row %d of %d, lane %d", i, n, c);
    }
}

/* Lane c of x is the same numbers for every lane width. */
static void make_x(double *x, int n, int lanes) {
  for (int j = 0; j < n; j++)
    for (int c = 0; c < lanes; c++) x[j * lanes + c] = kit_uniform((uint64_t)(j * 16 + c + 1));
}

static void one_matrix(const mst_grid *grid, int n, mst_rowwise_kind form, mst_isa isa) {
  mst_error err = {0};
  mst_dist d;
  mst_rowwise cut, whole;
  double *l = make(&d, grid, n, &err), *x = malloc((size_t)n * 128), *y = malloc((size_t)n * 128);
  double *alone = malloc((size_t)n * 128), *wide = malloc((size_t)n * 128);
  assert_int_equal(mst_rowwise_begin(&cut, &d, form, isa, &err), MASTING_OK);
  assert_int_equal(mst_rowwise_begin_replicated(&whole, "l", l, n, form, isa, &err), MASTING_OK);
  for (int lanes = 16; lanes >= 1; lanes /= 2) {
    size_t bytes = (size_t)(n * lanes) * sizeof *y;
    make_x(x, n, lanes);
    memset(y, 0xff, bytes);
    calls = (call_counts){0};
    assert_int_equal(mst_rowwise_apply(&cut, lanes, x, y, &err), MASTING_OK);
    assert_int_equal(calls.other, comm.size > 1);
    assert_int_equal(calls.allreduce, 0);
    assert_int_equal(mst_rowwise_apply(&whole, lanes, x, alone, &err), MASTING_OK);
    check_product(l, n, form, lanes, x, y);
    assert_memory_equal(y, alone, bytes);
    if (lanes == 16) memcpy(wide, y, bytes);
    for (int i = 0; i < n * lanes; i++)
      assert_true(y[i] == wide[i / lanes * 16 + i % lanes]); /* the lane width does not matter */
    if (form == MST_ROWWISE_SYMMETRIC) continue;
    assert_int_equal(mst_rowwise_solve(&cut, lanes, y, &err), MASTING_OK);
    assert_int_equal(mst_rowwise_solve(&whole, lanes, alone, &err), MASTING_OK);
    assert_memory_equal(y, alone, bytes);
    for (int i = 0; i < n * lanes; i++) assert_true(fabs(y[i] - x[i]) < 1e-12);
  }
  mst_rowwise_end(&cut);
  mst_rowwise_end(&whole);
  mst_dist_end(&d);
  free(l);
  free(x);
  free(y);
  free(alone);
  free(wide);
}

static void test_products(void **state) {
  (void)state;
  const int grids[][2] = {{1, 1}, {1, 2}, {3, 1}, {2, 2}};
  for (int g = 0; g < 4; g++) {
    mst_grid grid;
    mst_error err = {0};
    if (grids[g][0] * grids[g][1] > comm.size) continue;
    assert_int_equal(mst_grid_begin(&grid, &comm, grids[g][0], grids[g][1], &err), MASTING_OK);
    for (size_t t = 0; t < sizeof orders / sizeof *orders; t++)
      for (int f = 0; f < 3; f++)
        for (int isa = 0; isa <= (int)mst_isa_here(); isa++)
          one_matrix(&grid, orders[t], forms[f], (mst_isa)isa);
    mst_grid_end(&grid);
  }
}

static void test_threads(void **state) {
  (void)state;
  mst_grid grid;
  mst_error err = {0};
  int kept = comm.threads;
  comm.threads = 3;
  assert_int_equal(mst_grid_begin(&grid, &comm, 0, 0, &err), MASTING_OK);
  for (int f = 0; f < 3; f++) one_matrix(&grid, 515, forms[f], mst_isa_here());
  mst_grid_end(&grid);
  comm.threads = kept;
}

/* Each rank has about its share, a triangle half of a square; a symmetric matrix is not solved. */
static void test_shares(void **state) {
  (void)state;
  const int n = 2000;
  kit k = {n, 0.0};
  mst_grid grid;
  mst_dist d;
  mst_error err = {0};
  assert_int_equal(mst_grid_begin(&grid, &comm, 0, 0, &err), MASTING_OK);
  assert_int_equal(mst_dist_begin(&d, &grid, "l", n, &err), MASTING_OK);
  assert_int_equal(mst_dist_fill(&d, kit_spd, &k, &err), MASTING_OK);
  for (int f = 0; f < 3; f++) {
    mst_rowwise r;
    double y[1] = {0};
    double all = (forms[f] == MST_ROWWISE_SYMMETRIC ? 8.0 : 4.0) * n * (n + 8), total = 0;
    assert_int_equal(mst_rowwise_begin(&r, &d, forms[f], mst_isa_here(), &err), MASTING_OK);
    double mine = (double)mst_rowwise_bytes(&r);
    assert_true(mine < all / comm.size + 8.0 * n * MST_TILE); /* to a tile row */
    MPI_Allreduce(&mine, &total, 1, MPI_DOUBLE, MPI_SUM, comm.mpi);
    assert_true(fabs(total - all) < 0.01 * all);
    if (forms[f] == MST_ROWWISE_SYMMETRIC) {
      assert_int_equal(mst_rowwise_solve(&r, 1, y, &err), MASTING_ERR_BUG);
      err = (mst_error){0};
    }
    mst_rowwise_end(&r);
  }
  mst_dist_end(&d);
  mst_grid_end(&grid);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) {
    mst_error_print(&err);
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_products),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_shares),
  };
  int failed = cmocka_run_group_tests_name("rowwise", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
