/* optim/curvature_dist.c -- see curvature_dist.h. */
#include "optim/curvature_dist.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "linalg/dist_mean.h"
#include "linalg/dist_symmetric.h"
#include "optim/curvature.h"

/* to becomes a^-1; *pivot: not, as the factor breaks down at this row or all but does; else -1. */
static masting_status invert(const mst_dist *a, mst_dist *to, double *diagonal, int *pivot,
                             mst_error *err) {
  mst_error failed = {0};
  *pivot = -1;
  if (mst_dist_copy(to, a, err) != MASTING_OK) return err->status;
  if (mst_dist_cholesky(to, pivot, &failed) != MASTING_OK) {
    if (*pivot < 0) *err = failed;
    return err->status;
  }
  if (mst_dist_diagonal(to, diagonal, err) != MASTING_OK) return err->status;
  for (int i = 0; i < a->n && *pivot < 0; i++)
    if (!(diagonal[i] * diagonal[i] > MST_FLAT)) *pivot = i;
  if (*pivot < 0 && mst_dist_inverse_lower(to, err) == MASTING_OK)
    mst_dist_transposed_product(to, err);
  return err->status;
}

/* to becomes (a^2 + d)^-1/2. */
static masting_status bend(const mst_dist *a, mst_dist *to, double *diagonal, mst_error *err) {
  mst_dist square = {.n = 0};
  double sum = 0;
  if (mst_dist_begin(&square, a->grid, "square of the Hessian", a->n, err) == MASTING_OK &&
      mst_dist_square(a, &square, err) == MASTING_OK &&
      mst_dist_diagonal(&square, diagonal, err) == MASTING_OK &&
      mst_dist_begin(to, a->grid, "identity", a->n, err) == MASTING_OK) {
    for (int i = 0; i < a->n; i++) sum += diagonal[i];
    for (int i = 0; i < a->n; i++) diagonal[i] = MST_CURVATURE_LEAST * sum;
    mst_dist_shift(&square, 1.0, diagonal);
    for (int i = 0; i < a->n; i++) diagonal[i] = 1.0;
    mst_dist_shift(to, 1.0, diagonal);
    mst_dist_geometric_mean(to, &square, NULL, err);
  }
  mst_dist_end(&square);
  return err->status;
}

/* A direction that cannot be found is no trouble: the metric does not need it. */
static void tell(const mst_dist *a, int pivot, const mst_layout *layout, double *v, char *along,
                 size_t size) {
  mst_error unheard = {0};
  double value = 0;
  if (mst_dist_direction(a, pivot, v, &value, &unheard) == MASTING_OK)
    mst_hessian_direction(layout, value, v, a->n, along, size);
}

masting_status mst_curvature_dist(mst_dist *s, const double *diagonal, const mst_layout *layout,
                                  const char *name, char *along, size_t size, mst_error *err) {
  const size_t n = (size_t)s->n;
  double *scale = NULL, *room = NULL;
  mst_dist to = {.n = 0};
  int pivot = -1;
  *along = '\0';
  mst_alloc((void **)&scale, n, sizeof *scale, "Hessian", err);
  mst_alloc((void **)&room, n, sizeof *room, "Hessian", err);
  if (mst_agree(s->grid->comm, err) == MASTING_OK) {
    for (size_t i = 0; i < n; i++) scale[i] = diagonal[i] != 0 ? sqrt(fabs(diagonal[i])) : 1.0;
    mst_dist_over(s, -1.0, scale);
    if (invert(s, &to, room, &pivot, err) == MASTING_OK && pivot >= 0) {
      mst_dist_end(&to);
      tell(s, pivot, layout, room, along, size);
      bend(s, &to, room, err);
    }
  }
  if (err->status == MASTING_OK) {
    mst_dist_over(&to, 1.0, scale);
    mst_dist_end(s);
    *s = to;
    s->what = name;
  } else {
    mst_dist_end(&to);
  }
  mst_free(&scale);
  mst_free(&room);
  return err->status;
}
