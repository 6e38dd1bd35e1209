/* linalg/dist_mean.c -- see dist_mean.h. */
#include "linalg/dist_mean.h"

#include "base/mem.h"
#include "base/portable.h"

#define MOST_STEPS 60
#define NEAR 1e-3

masting_status mst_dist_copy(mst_dist *to, const mst_dist *from, mst_error *err) {
  if (mst_dist_begin(to, from->grid, from->what, from->n, err) == MASTING_OK)
    mst_dist_combine(to, 0.0, 1.0, from);
  return err->status;
}

/* d becomes its factor; its log determinant, summed in one order. diagonal: room for [n]. */
static masting_status factor(mst_dist *d, double *diagonal, double *log_det, mst_error *err) {
  double sum = 0;
  if (mst_dist_cholesky(d, NULL, err) != MASTING_OK ||
      mst_dist_diagonal(d, diagonal, err) != MASTING_OK)
    return err->status;
  for (int i = 0; i < d->n; i++) sum += mst_log_same(diagonal[i]);
  *log_det = 2.0 * sum;
  return MASTING_OK;
}

/* One step; true when it was the last. */
static bool step(mst_dist *x, mst_dist *z, bool first, double *diagonal, mst_error *err) {
  mst_dist fx = {0}, fz = {0};
  double log_x = 0, log_z = 0;
  bool last = false;
  if (mst_dist_copy(&fx, x, err) == MASTING_OK &&
      factor(&fx, diagonal, &log_x, err) == MASTING_OK && mst_dist_copy(&fz, z, err) == MASTING_OK)
    factor(&fz, diagonal, &log_z, err);
  if (err->status == MASTING_OK) {
    const double bound = 0.5 * (log_x + log_z);
    last = !first && bound < NEAR;
    const double m = last ? 1.0 : mst_exp_same(-bound / x->n);
    if (mst_dist_inverse_lower(&fz, err) == MASTING_OK &&
        mst_dist_transposed_product(&fz, err) == MASTING_OK)
      mst_dist_combine(x, 0.5 * m, 0.5 / m, &fz);
    if (!last && err->status == MASTING_OK && mst_dist_inverse_lower(&fx, err) == MASTING_OK &&
        mst_dist_transposed_product(&fx, err) == MASTING_OK)
      mst_dist_combine(z, 0.5 * m, 0.5 / m, &fx);
  }
  mst_dist_end(&fx);
  mst_dist_end(&fz);
  return last;
}

masting_status mst_dist_geometric_mean(mst_dist *x, mst_dist *z, int *steps, mst_error *err) {
  double *diagonal = NULL;
  bool done = false;
  int k = 0;
  mst_alloc((void **)&diagonal, (size_t)x->n, sizeof *diagonal, "metric", err);
  mst_agree(x->grid->comm, err);
  for (; !done && err->status == MASTING_OK; k++) {
    if (k == MOST_STEPS)
      mst_fail(err, MASTING_ERR_DATA, "metric: no geometric mean of %s and %s after %d steps",
               x->what, z->what, MOST_STEPS);
    else
      done = step(x, z, k == 0, diagonal, err);
  }
  if (steps) *steps = k;
  mst_free(&diagonal);
  return err->status;
}
