/* linalg/lapack.h -- dense matrices that one process holds: factors, inverses, covariances,
 * spectra.
 *
 * A matrix is n x n, row-major, its rows one after the other (a[i * n + j]); "lower" is j <= i. All
 * functions run on one thread of the BLAS, so their bits depend on neither OMP_NUM_THREADS nor
 * ranks. What is not finite is refused and its place named. `what` is the matrix's name in
 * messages. Errors are MASTING_ERR_DATA where the numbers are to blame. After an error a matrix is
 * undefined. Not collective, but for what is replicated: every rank calls it with the same bits and
 * gets the same.
 */
#ifndef MST_LINALG_LAPACK_H
#define MST_LINALG_LAPACK_H

#include <stdbool.h>

#include "linalg/blas.h"

/* a = L L': reads the lower half, leaves L there and zeros above. Not positive definite: an error
 * that names the row whose pivot is not positive; *pivot, if not NULL, is that row, counted from 0,
 * and -1 otherwise (also for other errors). */
masting_status mst_cholesky(const char *what, double *a, int n, int *pivot, mst_error *err);

/* l becomes its inverse; lower, with zeros above, as mst_cholesky leaves it. */
masting_status mst_inverse_lower(const char *what, double *l, int n, mst_error *err);

/* l, a factor, becomes the inverse of L L', whole and symmetric. */
masting_status mst_inverse_from_cholesky(const char *what, double *l, int n, mst_error *err);

/* Solves L x = b (or L' x = b) for columns right-hand sides at once; b[n][columns], overwritten. */
masting_status mst_solve_lower(const char *what, const double *l, int n, bool transposed, double *b,
                               int columns, mst_error *err);

/* s = scale sum over rows i of (x_i - mean)(x_i - mean)', whole and symmetric. x[rows][n]; mean[n]
 * or NULL for 0. */
masting_status mst_covariance(const char *what, const double *x, int rows, int n,
                              const double *mean, double scale, double *s, mst_error *err);

/* Eigenvalues, ascending, of a symmetric matrix whose lower half is read; with `vectors` row k of a
 * becomes the unit eigenvector of values[k], else a is undefined after it. A vector's sign is
 * LAPACK's. */
masting_status mst_spectrum(const char *what, double *a, int n, double *values, bool vectors,
                            mst_error *err);

/* Version of LAPACK: major, minor, patch. */
void mst_lapack_version(int version[3]);

#endif
