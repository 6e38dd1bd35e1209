/* bench/cholesky.c -- cholesky KIND N REPEATS: seconds of a factorisation of order N, or more, the
 * best of REPEATS, and memory a rank.
 *
 * KIND dist: the matrix spread over the ranks, one thread each. lapack: dpotrf of one process, with
 * as many threads as OMP_NUM_THREADS gives the BLAS. inverse: as dist, with the inverse of the
 * matrix. normal: log density and gradient of a Gaussian process with N points, from its three
 * parameters on. Prints one line of JSON. Run by bench/bench.py.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "linalg/dist.h"
#include "linalg/fortran.h"
#include "linalg/normal.h"

static double element(int i, int j, void *context) {
  const int *n = context;
  return i == j ? *n : (double)((i * 7 + j * 13) % 1000) * 1e-3 - 0.5;
}

/* A Gaussian process over n points on a line, and its three derivatives. */
static double process(int i, int j, void *context) {
  const int *n = context;
  double x = 30.0 * (i - j) / *n;
  return exp(-0.5 * x * x) + (i == j ? 0.1 : 0.0);
}

static void derivatives(int row, int col, int rows, int cols, const double *weight, double *out,
                        void *context) {
  const int *n = context;
  for (int j = 0; j < cols; j++)
    for (int i = 0; i < rows; i++) {
      double x = 30.0 * (row + i - col - j) / *n, e = exp(-0.5 * x * x),
             w = weight[j * MST_TILE + i];
      out[0] += w * 2 * e;
      out[1] += w * e * x * x;
      out[2] += row + i == col + j ? w * 0.6 : 0.0;
    }
}

/* One run of `kind`, once d is there: seconds. */
static double timed(const char *kind, mst_dist *d, const double *residual, double *slope,
                    mst_error *err) {
  int n = d->n, normal = strcmp(kind, "normal") == 0;
  double value, slopes[3];
  if (!normal) mst_dist_fill(d, element, &n, err);
  MPI_Barrier(d->grid->comm->mpi);
  double begun = mst_now();
  if (normal) {
    mst_dist_fill(d, process, &n, err);
    mst_normal(d, residual, &value, slope, NULL, err);
    mst_normal_contract(d, 3, derivatives, &n, slopes, err);
  } else {
    mst_dist_cholesky(d, NULL, err);
  }
  if (strcmp(kind, "inverse") == 0) {
    mst_dist_inverse_lower(d, err);
    mst_dist_transposed_product(d, err);
  }
  return mst_now() - begun;
}

static double dist(const char *kind, const mst_comm *comm, int n, int repeats, double *bytes,
                   mst_error *err) {
  double best = INFINITY, *vectors = NULL;
  mst_grid grid;
  mst_dist d = {0};
  if (mst_alloc((void **)&vectors, 2 * (size_t)n, sizeof *vectors, "bench", err) != MASTING_OK ||
      mst_grid_begin(&grid, comm, 0, 0, err) != MASTING_OK)
    return 0;
  for (int i = 0; i < n; i++) vectors[i] = sin(i);
  for (int k = 0; k < repeats && mst_dist_begin(&d, &grid, "bench", n, err) == MASTING_OK; k++) {
    *bytes = (double)mst_dist_bytes(&d);
    best = fmin(best, timed(kind, &d, vectors, vectors + n, err));
    mst_dist_end(&d);
  }
  mst_free(&vectors);
  mst_grid_end(&grid);
  return best;
}

static double lapack(int n, int repeats, double *bytes, mst_error *err) {
  double best = 0, *a = NULL;
  if (mst_alloc((void **)&a, (size_t)n * (size_t)n, sizeof *a, "bench", err) != MASTING_OK)
    return 0;
  *bytes = (double)n * n * sizeof *a;
  for (int k = 0; k < repeats; k++) {
    int info = 0;
    for (int j = 0; j < n; j++)
      for (int i = j; i < n; i++) a[(size_t)j * (size_t)n + (size_t)i] = element(i, j, &n);
    double begun = mst_now();
    dpotrf_("L", &n, a, &n, &info, 1);
    double took = mst_now() - begun;
    if (k == 0 || took < best) best = took;
    if (info != 0) mst_fail(err, MASTING_ERR_BUG, "dpotrf: info %d", info);
  }
  mst_free(&a);
  return best;
}

int main(int argc, char **argv) {
  mst_comm comm;
  mst_error err = {0};
  if (argc != 4) {
    fprintf(stderr, "usage: cholesky dist|lapack|inverse|normal N REPEATS\n");
    return 2;
  }
  int n = atoi(argv[2]), repeats = atoi(argv[3]);
  double bytes = 0, seconds = 0, most[2];
  if (mst_comm_begin(&comm, &err) == MASTING_OK) {
    if (strcmp(argv[1], "lapack") == 0)
      seconds = lapack(n, repeats, &bytes, &err);
    else
      seconds = dist(argv[1], &comm, n, repeats, &bytes, &err);
    double mine[] = {bytes, (double)mst_resident_peak()};
    MPI_Reduce(mine, most, 2, MPI_DOUBLE, MPI_MAX, 0, comm.mpi);
    if (comm.rank == 0 && err.status == MASTING_OK)
      printf(
          "{\"n\": %d, \"ranks\": %d, \"seconds\": %.6f, \"gflops\": %.2f, \"matrix_bytes\": %.0f, "
          "\"resident_bytes\": %.0f}\n",
          n, comm.size, seconds, (double)n * n * n / 3e9 / seconds, most[0], most[1]);
  }
  if (err.status != MASTING_OK) mst_error_print(&err);
  mst_comm_end(&comm);
  return masting_exit_status(err.status);
}
