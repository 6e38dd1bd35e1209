/* Room linalg: a normal whose covariance is spread over the ranks: its log density in closed form,
 * its slopes against finite differences, the same bits on every grid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dist_kit.h"
#include "linalg/lapack.h"
#include "linalg/normal.h"

static mst_comm comm;
static const int grids[][2] = {{1, 1}, {1, 2}, {3, 1}, {2, 2}};

/* A Gaussian process: alpha^2 exp(-(x_i - x_j)^2 / (2 rho^2)) + sigma^2 on the diagonal. */
typedef struct process {
  int n;
  double alpha, rho, sigma;
} process;

static double covariance(int i, int j, void *context) {
  const process *p = context;
  double distance = 10.0 * (i - j) / p->n / p->rho;
  return p->alpha * p->alpha * exp(-0.5 * distance * distance) +
         (i == j ? p->sigma * p->sigma : 0.0);
}

/* What is above the diagonal, or beyond n, must not matter: it is spoilt. */
static void part(int row, int col, int rows, int cols, double *out, void *context) {
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < rows; i++)
      out[j * MST_TILE + i] = row + i >= col + j ? covariance(row + i, col + j, context) : NAN;
}

static void derivatives(int row, int col, int rows, int cols, const double *weight, double *out,
                        void *context) {
  const process *p = context;
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < rows; i++) {
      double w = weight[j * MST_TILE + i];
      double distance = 10.0 * (row + i - col - j) / p->n / p->rho;
      double e = exp(-0.5 * distance * distance);
      out[0] += w * 2 * p->alpha * e;
      out[1] += w * p->alpha * p->alpha * e * distance * distance / p->rho;
      out[2] += row + i == col + j ? w * 2 * p->sigma : 0.0;
    }
}

static void residuals(double *r, int n) {
  for (int i = 0; i < n; i++) r[i] = sin(20.0 * i / n) + kit_uniform((uint64_t)i);
}

/* The log density, by LAPACK on this rank. */
static double reference(process p, const double *r) {
  mst_error err = {0};
  size_t n = (size_t)p.n;
  double *l = calloc(n * n, sizeof *l), *z = malloc(n * sizeof *z), value = 0;
  for (int i = 0; i < p.n; i++)
    for (int j = 0; j <= i; j++) l[i * p.n + j] = covariance(i, j, &p);
  memcpy(z, r, n * sizeof *z);
  assert_int_equal(mst_cholesky("k", l, p.n, NULL, &err), MASTING_OK);
  assert_int_equal(mst_solve_lower("l", l, p.n, false, z, 1, &err), MASTING_OK);
  for (int i = 0; i < p.n; i++)
    value -= 0.5 * z[i] * z[i] + log(l[i * (p.n + 1)]) + 0.5 * log(2 * acos(-1.0));
  free(l);
  free(z);
  return value;
}

/* Central difference of the reference with respect to *at, which is part of *p or of r. */
static double slope_of(double *at, const process *p, const double *r) {
  double kept = *at, h = 1e-5 * fmax(1.0, fabs(kept)), value[2];
  for (int s = 0; s < 2; s++) {
    *at = kept + (s ? h : -h);
    value[s] = reference(*p, r);
  }
  *at = kept;
  return (value[1] - value[0]) / (2 * h);
}

/* Log density, slopes of alpha, rho, sigma, and of the residuals: out[4 + n] */
static void evaluate(const mst_grid *grid, process *p, const double *r, double *out) {
  mst_dist d, room;
  mst_error err = {0};
  int pivot = 3;
  assert_int_equal(mst_dist_begin(&room, grid, "room", 200, &err), MASTING_OK);
  memset(room.a, 0xff, mst_dist_bytes(&room));
  assert_int_equal(mst_dist_begin_in(&d, &room, "k", p->n, &err), MASTING_OK);
  assert_int_equal(mst_dist_fill_parts(&d, part, p, &err), MASTING_OK);
  assert_int_equal(mst_normal(&d, r, &out[0], out + 4, &pivot, &err), MASTING_OK);
  assert_int_equal(pivot, -1);
  assert_int_equal(mst_normal_contract(&d, 3, derivatives, p, out + 1, &err), MASTING_OK);
  mst_dist_end(&d);
  mst_dist_end(&room);
}

static void test_process(void **state) {
  (void)state;
  const int orders[] = {1, MST_TILE, 150};
  for (int t = 0; t < 3; t++) {
    process p = {orders[t], 1.3, 0.8, 0.4};
    double r[150], one[154], other[154];
    residuals(r, p.n);
    for (int g = 0; g < 4; g++) {
      mst_grid grid;
      mst_error err = {0};
      comm.threads = 1 + g % 3;
      if (grids[g][0] * grids[g][1] > comm.size) continue;
      assert_int_equal(mst_grid_begin(&grid, &comm, grids[g][0], grids[g][1], &err), MASTING_OK);
      evaluate(&grid, &p, r, g == 0 ? one : other);
      mst_grid_end(&grid);
      if (g > 0) assert_memory_equal(one, other, sizeof(double) * (size_t)(4 + p.n));
    }
    assert_true(fabs(one[0] - reference(p, r)) < 1e-9 * fabs(one[0]));
    double *parameters[] = {&p.alpha, &p.rho, &p.sigma};
    for (int k = 0; k < 3; k++) {
      double slope = slope_of(parameters[k], &p, r);
      assert_true(fabs(one[1 + k] - slope) < 1e-6 * fmax(1.0, fabs(slope)));
    }
    for (int i = 0; i < p.n; i += 13) {
      double slope = slope_of(&r[i], &p, r);
      assert_true(fabs(one[4 + i] - slope) < 1e-6 * fmax(1.0, fabs(slope)));
    }
  }
}

static void test_refused(void **state) {
  (void)state;
  mst_grid grid;
  mst_dist d;
  mst_error err = {0};
  process p = {100, 1.0, 50.0, 0.0}; /* without noise: singular to rounding */
  double r[100], slope[100], value;
  int pivot = -1;
  residuals(r, p.n);
  assert_int_equal(mst_grid_begin(&grid, &comm, 0, 0, &err), MASTING_OK);
  assert_int_equal(mst_dist_begin(&d, &grid, "k", p.n, &err), MASTING_OK);
  assert_int_equal(mst_dist_fill(&d, covariance, &p, &err), MASTING_OK);
  assert_int_equal(mst_normal(&d, r, &value, slope, &pivot, &err), MASTING_ERR_DATA);
  assert_true(pivot > 0 && pivot < 20);
  err = (mst_error){0};
  p.sigma = 1;
  r[30] = NAN;
  assert_int_equal(mst_dist_fill(&d, covariance, &p, &err), MASTING_OK);
  assert_int_equal(mst_normal(&d, r, &value, slope, NULL, &err), MASTING_ERR_DATA);
  assert_string_equal(err.message, "k: residual 31 is nan; expected finite numbers");
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
      cmocka_unit_test(test_process),
      cmocka_unit_test(test_refused),
  };
  int failed = cmocka_run_group_tests_name("normal", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
