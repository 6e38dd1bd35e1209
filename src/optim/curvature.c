/* optim/curvature.c -- see curvature.h. */
#include "optim/curvature.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "linalg/lapack.h"

#define WHAT "Hessian"
#define TOLD 3 /* directions named in a message, and parameters named of each */

/* -S scaled to a diagonal of ones (or minus ones, or zeros): a [P][P], scale [P]. */
static void scaled(const mst_hessian *h, double *a, double *scale) {
  const int64_t P = h->globals;
  for (int64_t i = 0; i < P; i++) {
    const double size = sqrt(fabs(h->matrix[i * (P + 1)]));
    scale[i] = size > 0 ? size : 1;
  }
  for (int64_t i = 0; i < P; i++)
    for (int64_t j = 0; j < P; j++) a[i * P + j] = -h->matrix[i * P + j] / (scale[i] * scale[j]);
}

/* The factor of a scaled matrix; false if a pivot is no more than rounding of the diagonal. */
static bool factorise(double *a, int n, mst_error *err) {
  mst_error failed = {0};
  int pivot = -1;
  if (mst_cholesky(WHAT, a, n, &pivot, &failed) != MASTING_OK && pivot < 0) *err = failed;
  for (int i = 0; pivot < 0 && i < n; i++) {
    const double d = a[(size_t)i * ((size_t)n + 1)];
    if (!(d * d > MST_FLAT)) pivot = i;
  }
  return pivot < 0 && err->status == MASTING_OK;
}

/* ---- directions ---- */

int mst_hessian_direction(const mst_layout *layout, double value, const double *vector, int64_t n,
                          char *text, size_t size) {
  int64_t told[TOLD];
  int used = snprintf(text, size, "%.3g along", value), count = 0;
  for (; count < TOLD && count < n; count++) {
    int64_t best = -1;
    for (int64_t i = 0; i < n; i++) {
      bool taken = false;
      for (int k = 0; k < count; k++) taken |= told[k] == i;
      if (!taken && (best < 0 || fabs(vector[i]) > fabs(vector[best]))) best = i;
    }
    if (fabs(vector[best]) < 0.1 && count > 0) break;
    told[count] = best;
    char name[MST_ELEMENT_NAME];
    mst_global_name(layout, best, name, sizeof name);
    if (used < (int)size)
      used += snprintf(text + used, size - (size_t)used, " %+.2f %s", vector[best], name);
  }
  return used < (int)size ? used : (int)size - 1;
}

static masting_status tell(const mst_hessian *h, const mst_layout *layout, mst_error *err) {
  const int n = (int)h->globals;
  const size_t P = (size_t)n;
  double *a = NULL, *values = NULL, *scale = NULL;
  char text[1024] = "";
  int bad = 0, used = 0;
  mst_alloc((void **)&a, P * P, sizeof *a, WHAT, err);
  mst_alloc((void **)&values, P, sizeof *values, WHAT, err);
  mst_alloc((void **)&scale, P, sizeof *scale, WHAT, err);
  if (err->status == MASTING_OK) scaled(h, a, scale);
  if (err->status == MASTING_OK && mst_spectrum(WHAT, a, n, values, true, err) == MASTING_OK) {
    while (bad < n && (bad == 0 || values[bad] <= MST_FLAT)) bad++;
    for (int k = 0; k < bad && k < TOLD && used < (int)sizeof text - 1; k++) {
      if (k) used += snprintf(text + used, sizeof text - (size_t)used, "; ");
      if (used < (int)sizeof text - 1)
        used += mst_hessian_direction(layout, values[k], a + (size_t)k * P, n, text + used,
                                      sizeof text - (size_t)used);
    }
    mst_fail(err, MASTING_ERR_INIT,
             "model %s: the log density does not curve downwards along %d of %d directions at this "
             "point; expected eigenvalues over 0, got (scaled to conditional standard deviations) "
             "%s%s; try to start from a mode, or priors that pin what the data do not",
             layout->model->name, bad, n, text, bad > TOLD ? "; and more" : "");
  }
  mst_free(&a);
  mst_free(&values);
  mst_free(&scale);
  return err->status;
}

/* ---- factor and covariance ---- */

masting_status mst_hessian_root(const mst_hessian *h, const mst_layout *layout, double *root,
                                mst_error *err) {
  const int64_t P = h->globals;
  double *scale = NULL;
  if (mst_alloc((void **)&scale, (size_t)P, sizeof *scale, WHAT, err) != MASTING_OK)
    return err->status;
  scaled(h, root, scale);
  if (!factorise(root, (int)P, err) && err->status == MASTING_OK) tell(h, layout, err);
  for (int64_t i = 0; err->status == MASTING_OK && i < P; i++)
    for (int64_t j = 0; j <= i; j++) root[i * P + j] *= scale[i];
  mst_free(&scale);
  return err->status;
}

masting_status mst_hessian_covariance(const mst_hessian *h, const mst_layout *layout,
                                      double *covariance, mst_error *err) {
  int negative_directions = 0;
  if (mst_hessian_metric(h, MST_FLAT, covariance, NULL, &negative_directions, err) == MASTING_OK &&
      negative_directions)
    tell(h, layout, err);
  return err->status;
}

/* a [n][n], symmetric, becomes its inverse with eigenvalues by their size, at least least *
 * largest. */
static masting_status bend(double *a, int n, double least, int *negative_directions,
                           mst_error *err) {
  const size_t P = (size_t)n;
  double *values = NULL, *to = NULL, largest = 0;
  mst_alloc((void **)&values, P, sizeof *values, WHAT, err);
  mst_alloc((void **)&to, P * P, sizeof *to, WHAT, err);
  if (err->status == MASTING_OK && mst_spectrum(WHAT, a, n, values, true, err) == MASTING_OK) {
    for (size_t k = 0; k < P; k++) largest = fmax(largest, fabs(values[k]));
    for (size_t k = 0; k < P; k++) {
      const double size = fmax(fabs(values[k]), least * largest);
      *negative_directions += values[k] != size;
      for (size_t i = 0; i < P; i++) a[k * P + i] /= size > 0 ? sqrt(size) : 1;
    }
    mst_covariance(WHAT, a, n, n, NULL, 1.0, to, err);
    memcpy(a, to, P * P * sizeof *a);
  }
  mst_free(&values);
  mst_free(&to);
  return err->status;
}

void mst_hessian_row_variances(const mst_hessian *h, double *variance) {
  const int64_t L = h->each;
  for (int64_t r = 0; L && r < h->rows; r++)
    mst_block_variances(h->factor + r * L * L, L, variance + r * L);
}

masting_status mst_hessian_metric(const mst_hessian *h, double least, double *covariance,
                                  double *local_variance, int *negative_directions,
                                  mst_error *err) {
  const int64_t P = h->globals;
  double *scale = NULL;
  int changed = 0;
  if (mst_alloc((void **)&scale, (size_t)P, sizeof *scale, WHAT, err) != MASTING_OK)
    return err->status;
  scaled(h, covariance, scale);
  if (factorise(covariance, (int)P, err))
    mst_inverse_from_cholesky(WHAT, covariance, (int)P, err);
  else if (err->status == MASTING_OK) {
    scaled(h, covariance, scale);
    bend(covariance, (int)P, least, &changed, err);
  }
  for (int64_t i = 0; err->status == MASTING_OK && i < P; i++)
    for (int64_t j = 0; j < P; j++) covariance[i * P + j] /= scale[i] * scale[j];
  if (local_variance) mst_hessian_row_variances(h, local_variance);
  if (negative_directions) *negative_directions = changed;
  mst_free(&scale);
  return err->status;
}
