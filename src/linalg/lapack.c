/* linalg/lapack.c -- see lapack.h. A row-major lower triangle is Fortran's upper one. */
#include "linalg/lapack.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "linalg/fortran.h"

#define CHUNK 64 /* rows of draws that are centred at a time */

void mst_lapack_version(int version[3]) { ilaver_(&version[0], &version[1], &version[2]); }

/* Elements [i][0 .. i], or [i][0 .. n-1] with whole, must be finite. */
static masting_status all_finite(const char *what, const double *a, int rows, int n, bool whole,
                                 mst_error *err) {
  for (int i = 0; i < rows; i++) {
    const double *row = a + (size_t)i * (size_t)n;
    for (int j = 0; j < (whole ? n : i + 1); j++)
      if (!isfinite(row[j]))
        return mst_fail(err, MASTING_ERR_DATA,
                        "%s: element (%d, %d) is %g; expected finite numbers", what, i + 1, j + 1,
                        row[j]);
  }
  return MASTING_OK;
}

/* A call of LAPACK that cannot fail for what the numbers are. */
static masting_status no_info(const char *what, const char *call, int info, mst_error *err) {
  if (info == 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_BUG, "%s: %s: info %d", what, call, info);
}

static void clear_above(double *a, int n) {
  for (int i = 0; i < n - 1; i++)
    memset(a + (size_t)i * (size_t)n + i + 1, 0, (size_t)(n - 1 - i) * sizeof *a);
}

static void mirror(double *a, int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      a[(size_t)j * (size_t)n + (size_t)i] = a[(size_t)i * (size_t)n + (size_t)j];
}

/* The first row of a lower triangle whose diagonal is not a positive number, or -1: a factor that
 * overflowed on the way has one that dpotrf does not report. */
static int bad_diagonal(const double *a, int n) {
  for (int i = 0; i < n; i++) {
    double d = a[(size_t)i * ((size_t)n + 1)];
    if (!(d > 0) || !isfinite(d)) return i;
  }
  return -1;
}

masting_status mst_cholesky(const char *what, double *a, int n, int *pivot, mst_error *err) {
  if (pivot) *pivot = -1;
  if (n == 0 || all_finite(what, a, n, n, false, err) != MASTING_OK) return err->status;
  int info = 0;
  mst_blas_hold hold = mst_blas_single();
  dpotrf_("U", &n, a, &n, &info, 1);
  mst_blas_release(hold);
  if (info < 0) return no_info(what, "dpotrf", info, err);
  int row = info > 0 ? info - 1 : bad_diagonal(a, n);
  if (row >= 0) {
    if (pivot) *pivot = row;
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: not positive definite; pivot %d of %d is not positive", what, row + 1, n);
  }
  clear_above(a, n);
  return MASTING_OK;
}

masting_status mst_inverse_lower(const char *what, double *l, int n, mst_error *err) {
  if (n == 0 || all_finite(what, l, n, n, false, err) != MASTING_OK) return err->status;
  int info = 0;
  mst_blas_hold hold = mst_blas_single();
  dtrtri_("U", "N", &n, l, &n, &info, 1, 1);
  mst_blas_release(hold);
  if (info > 0)
    return mst_fail(err, MASTING_ERR_DATA, "%s: singular; row %d of %d has 0 on the diagonal", what,
                    info, n);
  return no_info(what, "dtrtri", info, err);
}

masting_status mst_inverse_from_cholesky(const char *what, double *l, int n, mst_error *err) {
  if (n == 0 || all_finite(what, l, n, n, false, err) != MASTING_OK) return err->status;
  int info = 0;
  mst_blas_hold hold = mst_blas_single();
  dpotri_("U", &n, l, &n, &info, 1);
  mst_blas_release(hold);
  if (info > 0)
    return mst_fail(err, MASTING_ERR_DATA, "%s: singular; row %d of %d has 0 on the diagonal", what,
                    info, n);
  mirror(l, n);
  return no_info(what, "dpotri", info, err);
}

masting_status mst_solve_lower(const char *what, const double *l, int n, bool transposed, double *b,
                               int columns, mst_error *err) {
  if (n == 0 || columns == 0 || all_finite(what, l, n, n, false, err) != MASTING_OK)
    return err->status;
  for (int i = 0; i < n; i++)
    if (l[(size_t)i * ((size_t)n + 1)] == 0)
      return mst_fail(err, MASTING_ERR_DATA, "%s: singular; row %d of %d has 0 on the diagonal",
                      what, i + 1, n);
  const double one = 1.0;
  mst_blas_hold hold = mst_blas_single();
  /* To Fortran b is b' and l is L', upper: b' = x' L', or x' L */
  dtrsm_("R", "U", transposed ? "T" : "N", "N", &columns, &n, &one, l, &n, b, &columns, 1, 1, 1, 1);
  mst_blas_release(hold);
  return MASTING_OK;
}

masting_status mst_covariance(const char *what, const double *x, int rows, int n,
                              const double *mean, double scale, double *s, mst_error *err) {
  double *part = NULL, beta = 0.0;
  if (n == 0 || all_finite(what, x, rows, n, true, err) != MASTING_OK ||
      (mean && all_finite(what, mean, 1, n, true, err) != MASTING_OK) ||
      mst_alloc((void **)&part, (size_t)CHUNK * (size_t)n, sizeof *part, what, err) != MASTING_OK)
    return err->status;
  memset(s, 0, (size_t)n * (size_t)n * sizeof *s);
  mst_blas_hold hold = mst_blas_single();
  for (int first = 0; first < rows; first += CHUNK) {
    int count = rows - first < CHUNK ? rows - first : CHUNK;
    for (int i = 0; i < count; i++)
      for (int j = 0; j < n; j++)
        part[(size_t)i * (size_t)n + (size_t)j] =
            x[(size_t)(first + i) * (size_t)n + (size_t)j] - (mean ? mean[j] : 0.0);
    dsyrk_("U", "N", &n, &count, &scale, part, &n, &beta, s, &n, 1, 1);
    beta = 1.0;
  }
  mst_blas_release(hold);
  mst_free(&part);
  mirror(s, n);
  return MASTING_OK;
}

static masting_status eigen(const char *what, double *a, int n, double *values, const char *job,
                            double *work, int *iwork, const int *sizes, mst_error *err) {
  int info = 0;
  mst_blas_hold hold = mst_blas_single();
  dsyevd_(job, "U", &n, a, &n, values, work, &sizes[0], iwork, &sizes[1], &info, 1, 1);
  mst_blas_release(hold);
  if (info > 0)
    return mst_fail(err, MASTING_ERR_DATA, "%s: dsyevd: eigenvalues do not converge (info %d)",
                    what, info);
  return no_info(what, "dsyevd", info, err);
}

masting_status mst_spectrum(const char *what, double *a, int n, double *values, bool vectors,
                            mst_error *err) {
  if (n == 0 || all_finite(what, a, n, n, false, err) != MASTING_OK) return err->status;
  const char *job = vectors ? "V" : "N";
  double *work = NULL, room = 0;
  int *iwork = NULL, iroom = 0, ask[2] = {-1, -1};
  if (eigen(what, a, n, values, job, &room, &iroom, ask, err) != MASTING_OK) return err->status;
  int sizes[2] = {(int)room, iroom};
  if (mst_alloc((void **)&work, (size_t)sizes[0], sizeof *work, what, err) == MASTING_OK &&
      mst_alloc((void **)&iwork, (size_t)sizes[1], sizeof *iwork, what, err) == MASTING_OK)
    eigen(what, a, n, values, job, work, iwork, sizes, err);
  mst_free(&work);
  mst_free(&iwork);
  return err->status;
}
