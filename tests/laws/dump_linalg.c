/* dump_linalg N: what matrices spread over the ranks give, as bytes on standard output: a factor,
 * its inverse, the inverse of the matrix, a covariance of draws that are cut over the ranks. Every
 * call is looked at. */
#include <stdio.h>
#include <stdlib.h>

#include "../mpi/dist_kit.h"
#include "linalg/blas.h"
#include "linalg/rowwise.h"

#define DRAWS 333

static mst_comm comm;

static void write_whole(const mst_dist *d, double *whole, mst_error *err) {
  size_t count = (size_t)d->n * (size_t)d->n;
  if (mst_dist_gather(d, whole, err) != MASTING_OK || comm.rank != 0) return;
  if (fwrite(whole, sizeof *whole, count, stdout) != count)
    mst_fail(err, MASTING_ERR_IO, "standard output cannot be written");
}

static void write_product(const mst_dist *d, mst_error *err) {
  mst_rowwise r;
  double *x = calloc(16 * (size_t)d->n, sizeof *x), *y = x + 8 * (size_t)d->n;
  if (!x) mst_fail(err, MASTING_ERR_MEMORY, "no memory left");
  if (mst_agree(&comm, err) != MASTING_OK ||
      mst_rowwise_begin(&r, d, MST_ROWWISE_LOWER, mst_isa_here(), err) != MASTING_OK)
    return;
  for (int i = 0; i < 8 * d->n; i++) x[i] = kit_uniform((uint64_t)i);
  mst_rowwise_apply(&r, 8, x, y, err);
  if (comm.rank == 0) fwrite(y, sizeof *y, 8 * (size_t)d->n, stdout);
  mst_rowwise_end(&r);
  free(x);
}

static masting_status factors(mst_dist *d, double *whole, mst_error *err) {
  kit k = {d->n, 4.0};
  if (mst_dist_fill(d, kit_spd, &k, err) == MASTING_OK &&
      mst_dist_cholesky(d, NULL, err) == MASTING_OK) {
    write_whole(d, whole, err);
    write_product(d, err);
  }
  if (err->status == MASTING_OK && mst_dist_inverse_lower(d, err) == MASTING_OK)
    write_whole(d, whole, err);
  if (err->status == MASTING_OK && mst_dist_transposed_product(d, err) == MASTING_OK)
    write_whole(d, whole, err);
  return err->status;
}

static masting_status covariance(mst_dist *d, double *whole, mst_error *err) {
  int begin = DRAWS * comm.rank / comm.size, end = DRAWS * (comm.rank + 1) / comm.size;
  size_t count = (size_t)(end - begin) * (size_t)d->n;
  double *x = malloc((count + 1) * sizeof *x);
  if (!x) mst_fail(err, MASTING_ERR_MEMORY, "no memory left");
  if (mst_agree(&comm, err) != MASTING_OK) return err->status;
  for (size_t i = 0; i < count; i++)
    x[i] = kit_uniform((uint64_t)begin * (uint64_t)d->n + (uint64_t)i);
  if (mst_dist_covariance(d, x, begin, end - begin, DRAWS, NULL, 1.0 / DRAWS, err) == MASTING_OK)
    write_whole(d, whole, err);
  free(x);
  return err->status;
}

int main(int argc, char **argv) {
  mst_error err = {0};
  mst_grid grid;
  mst_dist d;
  int n = argc > 1 ? atoi(argv[1]) : 0;
  double *whole = calloc((size_t)n * (size_t)n + 1, sizeof *whole);
  if (whole && mst_comm_begin(&comm, &err) == MASTING_OK &&
      mst_blas_agree(&comm, &err) == MASTING_OK &&
      mst_grid_begin(&grid, &comm, 0, 0, &err) == MASTING_OK &&
      mst_dist_begin(&d, &grid, "law", n, &err) == MASTING_OK &&
      factors(&d, whole, &err) == MASTING_OK && covariance(&d, whole, &err) == MASTING_OK) {
    mst_dist_end(&d);
    mst_grid_end(&grid);
  }
  if (err.status != MASTING_OK && comm.rank == 0) mst_error_print(&err);
  free(whole);
  mst_comm_end(&comm);
  return masting_exit_status(err.status);
}
