/* Room linalg: matrices spread over the ranks. On every grid that the ranks allow: what LAPACK says
 * on one process, and the same bits as on the grid of one; what is refused is refused by all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dist_kit.h"
#include "linalg/dist.h"
#include "linalg/lapack.h"

#define DRAWS 150

static mst_comm comm;
static const int grids[][2] = {{1, 1}, {1, 2}, {2, 1}, {1, 3}, {3, 1}, {2, 2}};
static const int orders[] = {
    1, 5, MST_TILE - 1, MST_TILE, MST_TILE + 1, 2 * MST_TILE + 2, 4 * MST_TILE + 40};
#define GRIDS (int)(sizeof grids / sizeof *grids)
#define ORDERS (int)(sizeof orders / sizeof *orders)

static bool fits(int g) { return grids[g][0] * grids[g][1] <= comm.size; }

static double *room(int n) {
  double *a = calloc((size_t)n * (size_t)n, sizeof *a);
  assert_non_null(a);
  return a;
}

static void gathered(const mst_dist *d, double *whole) {
  mst_error err = {0};
  assert_int_equal(mst_dist_gather(d, whole, &err), MASTING_OK);
}

/* Rank 0: the largest difference of the lower triangles relative to the largest element. */
static void near(const double *a, const double *b, int n, double tolerance) {
  double largest = 0, off = 0;
  for (int i = 0; i < n && comm.rank == 0; i++)
    for (int j = 0; j <= i; j++) {
      largest = fmax(largest, fabs(b[i * n + j]));
      off = fmax(off, fabs(a[i * n + j] - b[i * n + j]));
    }
  if (!(off <= tolerance * largest)) fail_msg("off by %g of %g, order %d", off, largest, n);
}

/* A on a grid, then L, its inverse, and the inverse of A, each gathered: out[4][n][n] */
static void chain_of(const mst_grid *grid, int n, double *out) {
  kit k = {n, 4.0};
  mst_error err = {0};
  mst_dist d;
  int pivot = 5;
  assert_int_equal(mst_dist_begin(&d, grid, "a", n, &err), MASTING_OK);
  assert_int_equal(mst_dist_fill(&d, kit_spd, &k, &err), MASTING_OK);
  gathered(&d, out);
  assert_int_equal(mst_dist_cholesky(&d, &pivot, &err), MASTING_OK);
  assert_int_equal(pivot, -1);
  gathered(&d, out + n * n);
  double *diagonal = room(n);
  assert_int_equal(mst_dist_diagonal(&d, diagonal, &err), MASTING_OK);
  for (int i = 0; i < n && comm.rank == 0; i++)
    assert_true(diagonal[i] == out[n * n + i * (n + 1)]);
  free(diagonal);
  assert_int_equal(mst_dist_inverse_lower(&d, &err), MASTING_OK);
  gathered(&d, out + 2 * n * n);
  assert_int_equal(mst_dist_transposed_product(&d, &err), MASTING_OK);
  gathered(&d, out + 3 * n * n);
  assert_int_equal(mst_dist_cholesky(&d, NULL, &err), MASTING_OK); /* the padding is still 1 */
  mst_dist_end(&d);
}

static void test_factors(void **state) {
  (void)state;
  for (int t = 0; t < ORDERS; t++) {
    int n = orders[t];
    size_t bytes = 4 * (size_t)(n * n) * sizeof(double);
    double *one = malloc(bytes), *other = malloc(bytes), *l = room(n);
    for (int k = 0; k <= GRIDS; k++) { /* the grid of one once more, with threads */
      mst_grid grid;
      mst_error err = {0};
      int g = k % GRIDS;
      if (!fits(g)) continue;
      assert_int_equal(mst_grid_begin(&grid, &comm, grids[g][0], grids[g][1], &err), MASTING_OK);
      comm.threads = k == 0 ? 1 : 3;
      chain_of(&grid, n, k == 0 ? one : other);
      comm.threads = 1;
      mst_grid_end(&grid);
      if (k > 0 && comm.rank == 0) assert_memory_equal(one, other, bytes);
    }
    if (comm.rank == 0) {
      mst_error err = {0};
      memcpy(l, one, bytes / 4);
      assert_int_equal(mst_cholesky("a", l, n, NULL, &err), MASTING_OK);
      near(one + n * n, l, n, 1e-13);
      assert_int_equal(mst_inverse_lower("l", l, n, &err), MASTING_OK);
      near(one + 2 * n * n, l, n, 1e-12);
      memcpy(l, one + n * n, bytes / 4);
      assert_int_equal(mst_inverse_from_cholesky("l", l, n, &err), MASTING_OK);
      near(one + 3 * n * n, l, n, 1e-12);
    }
    free(one);
    free(other);
    free(l);
  }
}

/* Draws are with all ranks, or cut over them evenly, or all with the last. */
static void test_covariance(void **state) {
  (void)state;
  for (int t = 0; t < ORDERS; t++) {
    int n = orders[t];
    double *x = malloc(DRAWS * (size_t)n * sizeof *x), *mean = room(n), *s = room(n);
    double *one = room(n), *other = room(n);
    for (int i = 0; i < DRAWS * n; i++) x[i] = 3 + kit_uniform((uint64_t)i);
    for (int i = 0; i < n; i++) mean[i] = 3 + 0.01 * i;
    bool first = true;
    for (int g = 0; g < GRIDS; g++)
      for (int cut = 0; cut < 3 && fits(g); cut++) {
        mst_grid grid;
        mst_dist d;
        mst_error err = {0};
        int begin = cut == 0 ? 0 : cut == 1 ? DRAWS * comm.rank / comm.size : 0;
        int end = cut == 1 ? DRAWS * (comm.rank + 1) / comm.size : DRAWS;
        if (cut == 2 && comm.rank < comm.size - 1) end = 0;
        assert_int_equal(mst_grid_begin(&grid, &comm, grids[g][0], grids[g][1], &err), MASTING_OK);
        assert_int_equal(mst_dist_begin(&d, &grid, "s", n, &err), MASTING_OK);
        assert_int_equal(
            mst_dist_covariance(&d, x + begin * n, begin, end - begin, DRAWS, mean, 0.25, &err),
            MASTING_OK);
        gathered(&d, first ? one : other);
        if (!first && comm.rank == 0)
          assert_memory_equal(one, other, (size_t)(n * n) * sizeof *one);
        first = false;
        mst_dist_end(&d);
        mst_grid_end(&grid);
      }
    mst_error err = {0};
    assert_int_equal(mst_covariance("s", x, DRAWS, n, mean, 0.25, s, &err), MASTING_OK);
    near(one, s, n, 1e-13);
    free(x);
    free(mean);
    free(s);
    free(one);
    free(other);
  }
}

/* Rows given by ranks in odd portions are the elements of the function; a shift acts on them. */
static void test_rows(void **state) {
  (void)state;
  for (int t = 0; t < ORDERS; t++) {
    int n = orders[t],
        begin = comm.rank == 0 ? 0 : n * 2 / 3 + (n - n * 2 / 3) * (comm.rank - 1) / comm.size;
    int end = comm.rank == comm.size - 1 ? n
              : comm.rank == 0           ? n * 2 / 3
                                         : n * 2 / 3 + (n - n * 2 / 3) * comm.rank / comm.size;
    kit k = {n, 1.0};
    double *rows = malloc((size_t)(n * n + 1) * sizeof *rows), *whole = room(n), *add = room(n);
    for (int i = begin; i < end; i++)
      for (int j = 0; j < n; j++) rows[(i - begin) * n + j] = j <= i ? kit_spd(i, j, &k) : NAN;
    for (int i = 0; i < n; i++) add[i] = i;
    for (int g = 0; g < GRIDS; g++) {
      mst_grid grid;
      mst_dist d;
      mst_error err = {0};
      if (!fits(g)) continue;
      assert_int_equal(mst_grid_begin(&grid, &comm, grids[g][0], grids[g][1], &err), MASTING_OK);
      assert_int_equal(mst_dist_begin(&d, &grid, "a", n, &err), MASTING_OK);
      assert_int_equal(mst_dist_fill_rows(&d, begin, end - begin, rows, &err), MASTING_OK);
      gathered(&d, whole);
      for (int i = 0; i < n && comm.rank == 0; i++)
        for (int j = 0; j < n; j++)
          assert_true(whole[i * n + j] == (j <= i ? kit_spd(i, j, &k) : 0.0));
      mst_dist_shift(&d, 2.0, add);
      gathered(&d, whole);
      for (int i = 0; i < n && comm.rank == 0; i++)
        for (int j = 0; j <= i; j++)
          assert_true(whole[i * n + j] == 2 * kit_spd(i, j, &k) + (i == j ? i : 0.0));
      assert_int_equal(mst_dist_fill_rows(&d, 0, n + 1, rows, &err), MASTING_ERR_BUG);
      mst_dist_end(&d);
      mst_grid_end(&grid);
    }
    free(rows);
    free(whole);
    free(add);
  }
}

static void test_spectrum(void **state) {
  (void)state;
  for (int t = 0; t < ORDERS; t++) {
    int n = orders[t];
    kit k = {n, 1.0};
    double *a = room(n), *values = room(n), *expected = room(n);
    for (int g = 0; g < GRIDS; g++) {
      mst_grid grid;
      mst_dist d;
      mst_error err = {0};
      if (!fits(g)) continue;
      assert_int_equal(mst_grid_begin(&grid, &comm, grids[g][0], grids[g][1], &err), MASTING_OK);
      assert_int_equal(mst_dist_begin(&d, &grid, "a", n, &err), MASTING_OK);
      assert_int_equal(mst_dist_fill(&d, kit_spd, &k, &err), MASTING_OK);
      assert_int_equal(mst_dist_spectrum(&d, values, &err), MASTING_OK);
      for (int i = 0; i < n * n; i++) a[i] = i % n <= i / n ? kit_spd(i / n, i % n, &k) : 0.0;
      assert_int_equal(mst_spectrum("a", a, n, expected, false, &err), MASTING_OK);
      for (int i = 0; i < n; i++)
        assert_true(fabs(values[i] - expected[i]) < 1e-12 * expected[n - 1]);
      mst_dist_end(&d);
      mst_grid_end(&grid);
    }
    free(a);
    free(values);
    free(expected);
  }
}

/* A negative element on the diagonal, or one that is not a number, at (row, column). */
typedef struct spoilt {
  kit k;
  int row, column;
  double value;
} spoilt;

static double spoilt_element(int i, int j, void *context) {
  spoilt *s = context;
  return i == s->row && j == s->column ? s->value : kit_spd(i, j, &s->k);
}

static void test_refused(void **state) {
  (void)state;
  const int n = 200, rows[] = {0, MST_TILE - 1, MST_TILE, 2 * MST_TILE + 2, 199};
  char message[128];
  for (int g = 0; g < GRIDS; g++) {
    mst_grid grid;
    mst_error err = {0};
    mst_dist d;
    if (!fits(g)) continue;
    assert_int_equal(mst_grid_begin(&grid, &comm, grids[g][0], grids[g][1], &err), MASTING_OK);
    assert_int_equal(mst_dist_begin(&d, &grid, "metric", n, &err), MASTING_OK);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
      spoilt s = {{n, 1.0}, rows[r], rows[r], -1e-3};
      int pivot = -1;
      err = (mst_error){0};
      assert_int_equal(mst_dist_fill(&d, spoilt_element, &s, &err), MASTING_OK);
      assert_int_equal(mst_dist_cholesky(&d, &pivot, &err), MASTING_ERR_DATA);
      snprintf(message, sizeof message,
               "metric: not positive definite; pivot %d of 200 is not positive", rows[r] + 1);
      assert_string_equal(err.message, message);
      assert_int_equal(pivot, rows[r]);
    }
    for (size_t r = 1; r < sizeof rows / sizeof *rows; r++) {
      spoilt s = {{n, 1.0}, rows[r], rows[r - 1], r % 2 ? NAN : -INFINITY};
      err = (mst_error){0};
      assert_int_equal(mst_dist_fill(&d, spoilt_element, &s, &err), MASTING_ERR_DATA);
      snprintf(message, sizeof message, "metric: element (%d, %d) is %g; expected finite numbers",
               rows[r] + 1, rows[r - 1] + 1, s.value);
      assert_string_equal(err.message, message);
      err = (mst_error){0};
      assert_int_equal(mst_dist_cholesky(&d, NULL, &err), MASTING_ERR_DATA);
      assert_string_equal(err.message, message);
    }
    spoilt s = {{n, 1.0}, 70, 70, 0.0};
    err = (mst_error){0};
    assert_int_equal(mst_dist_fill(&d, spoilt_element, &s, &err), MASTING_OK);
    assert_int_equal(mst_dist_inverse_lower(&d, &err), MASTING_ERR_DATA);
    assert_string_equal(err.message, "metric: singular; row 71 of 200 has 0 on the diagonal");
    mst_dist_end(&d);
    mst_grid_end(&grid);
  }
  /* one rank's draws */
  mst_grid grid;
  mst_dist d;
  mst_error err = {0};
  double x[] = {1, 2, 3, comm.rank == comm.size - 1 ? NAN : 4, 5, 6};
  assert_int_equal(mst_grid_begin(&grid, &comm, 0, 0, &err), MASTING_OK);
  assert_int_equal(mst_dist_begin(&d, &grid, "draws", 3, &err), MASTING_OK);
  assert_int_equal(mst_dist_covariance(&d, x, 2 * comm.rank, 2, 2 * comm.size, NULL, 1.0, &err),
                   MASTING_ERR_DATA);
  assert_string_equal(err.message, "draws: a draw has nan in column 1; expected finite numbers");
  x[3] = 4;
  err = (mst_error){0};
  assert_int_equal(mst_dist_covariance(&d, x, 2 * comm.rank, 2, 2 * comm.size + 1, NULL, 1.0, &err),
                   MASTING_ERR_BUG);
  mst_dist_end(&d);
  mst_grid_end(&grid);
}

static void test_grids(void **state) {
  (void)state;
  mst_grid grid;
  mst_error err = {0};
  assert_int_equal(mst_grid_begin(&grid, &comm, comm.size, 2, &err), MASTING_ERR_BUG);
  err = (mst_error){0};
  assert_int_equal(mst_grid_begin(&grid, &comm, 0, 0, &err), MASTING_OK);
  const int chosen[][2] = {{1, 1}, {2, 1}, {3, 1}, {2, 2}};
  if (comm.size <= 4) {
    assert_int_equal(grid.rows, chosen[comm.size - 1][0]);
    assert_int_equal(grid.cols, chosen[comm.size - 1][1]);
  }
  /* Memory: about n^2 / 2 a rank. */
  mst_dist d;
  const int n = 20 * MST_TILE;
  assert_int_equal(mst_dist_begin(&d, &grid, "a", n, &err), MASTING_OK);
  double share = 0.5 * n * (n + MST_TILE) * sizeof(double) / (grid.rows * grid.cols);
  assert_true((double)mst_dist_bytes(&d) < 1.15 * share);
  mst_dist_end(&d);
  mst_grid_end(&grid);
}

/* Two million parameters: 16 TB in all, and the message says how many ranks would do. */
static void test_too_large(void **state) {
  (void)state;
  mst_grid grid;
  mst_dist d;
  mst_error err = {0};
  assert_int_equal(mst_grid_begin(&grid, &comm, 0, 0, &err), MASTING_OK);
  assert_int_equal(mst_dist_begin(&d, &grid, "metric", 2000000, &err), MASTING_ERR_MEMORY);
  double least, each, all = 4.0 * 2e6 * (2e6 + MST_TILE) / (1 << 30);
  long ranks, thousands = 0;
  int end = 0;
  sscanf(err.message,
         "metric: a dense matrix of order 2,000,000 is too large; expected at most %lf GiB a rank, "
         "got %lf TiB; try %ld,%ld ranks with as much memory each%n",
         &least, &each, &thousands, &ranks, &end);
  if (end == 0) {
    thousands = 0;
    sscanf(err.message,
           "metric: a dense matrix of order 2,000,000 is too large; expected at most %lf GiB a "
           "rank, got %lf TiB; try %ld ranks with as much memory each%n",
           &least, &each, &ranks, &end);
  }
  assert_int_equal(end, (int)strlen(err.message));
  assert_true(fabs(each * 1024 * comm.size / all - 1) < 0.02);
  assert_true(fabs((double)(1000 * thousands + ranks) * least / all - 1) < 0.05);
  mst_grid_end(&grid);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) {
    mst_error_print(&err);
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_grids),      cmocka_unit_test(test_factors),
      cmocka_unit_test(test_covariance), cmocka_unit_test(test_rows),
      cmocka_unit_test(test_spectrum),   cmocka_unit_test(test_refused),
      cmocka_unit_test(test_too_large),
  };
  int failed = cmocka_run_group_tests_name("dist", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
