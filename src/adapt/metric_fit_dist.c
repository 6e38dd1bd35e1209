/* adapt/metric_fit_dist.c -- see metric_fit_dist.h. */
#include "adapt/metric_fit_dist.h"

#include <math.h>
#include <string.h>

#include "adapt/metric_fit.h"
#include "base/mem.h"
#include "linalg/dist_mean.h"
#include "linalg/dist_symmetric.h"

/* ---- G = L L' to L^-1 */

/* The condition k of G has (k + 1)^2 / (4 k) >= (e' G e) (e' G^-1 e) for any unit vector e. */
static masting_status judge(mst_metric_fit_dist *fit, const mst_dist *inverse, double *diagonal,
                            mst_error *err) {
  double *other = NULL, most = 1;
  mst_alloc((void **)&other, (size_t)fit->g.n, sizeof *other, "metric", err);
  if (mst_agree(fit->g.grid->comm, err) == MASTING_OK &&
      mst_dist_diagonal(&fit->g, diagonal, err) == MASTING_OK &&
      mst_dist_diagonal(inverse, other, err) == MASTING_OK)
    for (int i = 0; i < fit->g.n; i++) most = fmax(most, diagonal[i] * other[i]);
  const double k = 2 * most - 1;
  fit->condition = k + sqrt(k * k - 1);
  mst_free(&other);
  return err->status;
}

/* fit->inverse from fit->g. */
static masting_status root(mst_metric_fit_dist *fit, mst_error *err) {
  if (mst_dist_copy(&fit->inverse, &fit->g, err) != MASTING_OK ||
      mst_dist_cholesky(&fit->inverse, NULL, err) != MASTING_OK)
    return err->status;
  return mst_dist_inverse_lower(&fit->inverse, err);
}

/* ---- from draws */

typedef struct portion {
  const mst_window_dist *window;
  const double *scale;
  bool gradients;
} portion;

/* Deviations from the chains' means, over (times) the scale. */
static void deviations(int from, int to, double *x, void *context) {
  const portion *p = context;
  const mst_window_dist *w = p->window;
  const int64_t n = w->elements;
  const double *all = p->gradients ? w->mine.g : w->mine.q,
               *means = p->gradients ? w->mean_g : w->mean_q;
  for (int64_t k = from; k < to; k++) {
    const int64_t at = mst_window_dist_index(w, k);
    const double *row = all + at * n, *mean = means + w->mine.chain[at] * n;
    for (int64_t i = 0; i < n; i++) {
      const double away = row[i] - mean[i];
      x[(k - from) * n + i] = p->gradients ? away * p->scale[i] : away / p->scale[i];
    }
  }
}

static void scale_of(const mst_window_dist *w, const double *minv, double *scale) {
  for (int64_t i = 0; i < w->elements; i++)
    scale[i] = mst_metric_scale(w->m2_q[i], w->m2_g[i], minv[i]);
}

/* A covariance with the identity's share, or the base's. */
static masting_status covariance(mst_dist *d, const mst_grid *grid, portion *p, const char *what,
                                 const mst_dist *base, double *ones, mst_error *err) {
  const double degrees = (double)mst_window_dist_degrees(p->window);
  const double share = mst_metric_shrinkage(p->window->elements, degrees);
  if (mst_dist_begin(d, grid, what, (int)p->window->elements, err) != MASTING_OK ||
      mst_dist_covariance_cyclic(d, (int)p->window->n, deviations, p, 1.0 / degrees, err) !=
          MASTING_OK)
    return err->status;
  for (int i = 0; i < d->n; i++) ones[i] = share;
  if (base)
    mst_dist_combine(d, 1.0, share, base);
  else
    mst_dist_shift(d, 1.0, ones);
  return MASTING_OK;
}

static masting_status finish(mst_metric_fit_dist *fit, double *diagonal, mst_error *err) {
  if (err->status != MASTING_OK) {
    mst_dist_end(&fit->g);
    mst_dist_end(&fit->inverse);
  }
  mst_free(&diagonal);
  return err->status;
}

static masting_status begin(mst_metric_fit_dist *fit, const mst_grid *grid, int64_t n,
                            double **diagonal, mst_error *err) {
  memset(&fit->g, 0, sizeof fit->g);
  memset(&fit->inverse, 0, sizeof fit->inverse);
  fit->steps = 0;
  fit->condition = 1.0;
  mst_alloc((void **)diagonal, (size_t)n, sizeof **diagonal, "metric", err);
  return mst_agree(grid->comm, err);
}

masting_status mst_metric_fit_dist_make(mst_metric_fit_dist *fit, const mst_grid *grid,
                                        const mst_window_dist *window, const double *minv,
                                        const mst_metric_base_dist *base, mst_error *err) {
  double *diagonal = NULL;
  mst_dist z = {0};
  portion p = {.window = window, .scale = fit->scale};
  if (begin(fit, grid, window->elements, &diagonal, err) == MASTING_OK) {
    if (base)
      memcpy(fit->scale, base->scale, (size_t)window->elements * sizeof(double));
    else
      scale_of(window, minv, fit->scale);
    covariance(&fit->g, grid, &p, "covariance of draws", base ? &base->g : NULL, diagonal, err);
  }
  p.gradients = true;
  if (err->status == MASTING_OK)
    covariance(&z, grid, &p, "covariance of gradients", base ? &base->inverse : NULL, diagonal,
               err);
  if (err->status == MASTING_OK &&
      mst_dist_geometric_mean(&fit->g, &z, &fit->steps, err) == MASTING_OK)
    judge(fit, &z, diagonal, err);
  mst_dist_end(&z);
  if (err->status == MASTING_OK) root(fit, err);
  return finish(fit, diagonal, err);
}

/* ---- given */

/* G^-1 from L^-1, and with it a bound on the condition number of G. */
static masting_status keep(mst_metric_fit_dist *fit, mst_metric_base_dist *base, double *diagonal,
                           mst_error *err) {
  mst_dist inverse = {0};
  if (mst_dist_copy(&inverse, &fit->inverse, err) == MASTING_OK &&
      mst_dist_transposed_product(&inverse, err) == MASTING_OK)
    judge(fit, &inverse, diagonal, err);
  if (base && err->status == MASTING_OK && mst_dist_copy(&base->g, &fit->g, err) == MASTING_OK) {
    memcpy(base->scale, fit->scale, (size_t)fit->g.n * sizeof(double));
    base->inverse = inverse;
  } else {
    mst_dist_end(&inverse);
  }
  return err->status;
}

/* S from the diagonal of c. */
static masting_status scale_by(mst_metric_fit_dist *fit, const mst_dist *c, double *diagonal,
                               mst_error *err) {
  if (mst_dist_diagonal(c, diagonal, err) != MASTING_OK) return err->status;
  for (int i = 0; i < c->n && err->status == MASTING_OK; i++) {
    if (!(diagonal[i] > 0) || !isfinite(diagonal[i]))
      mst_fail(
          err, MASTING_ERR_DATA,
          "%s: not positive definite; expected a positive number on the diagonal, got %g in row %d",
          c->what, diagonal[i], i + 1);
    fit->scale[i] = sqrt(diagonal[i]);
  }
  return err->status; /* the same everywhere */
}

masting_status mst_metric_fit_dist_from_matrix(mst_metric_fit_dist *fit, mst_dist *c,
                                               mst_metric_base_dist *base, mst_error *err) {
  double *diagonal = NULL;
  if (begin(fit, c->grid, c->n, &diagonal, err) == MASTING_OK &&
      scale_by(fit, c, diagonal, err) == MASTING_OK) {
    fit->g = *c;
    *c = (mst_dist){.n = 0};
    mst_dist_over(&fit->g, 1.0, fit->scale);
    if (root(fit, err) == MASTING_OK) keep(fit, base, diagonal, err);
  }
  mst_dist_end(c);
  return finish(fit, diagonal, err);
}

masting_status mst_metric_fit_dist_from_elements(mst_metric_fit_dist *fit, const mst_grid *grid,
                                                 const char *name, int64_t n,
                                                 mst_dist_element *element, void *context,
                                                 mst_metric_base_dist *base, mst_error *err) {
  mst_dist c = {.n = 0};
  memset(&fit->g, 0, sizeof fit->g);
  memset(&fit->inverse, 0, sizeof fit->inverse);
  if (mst_dist_begin(&c, grid, name, (int)n, err) == MASTING_OK &&
      mst_dist_fill(&c, element, context, err) == MASTING_OK)
    return mst_metric_fit_dist_from_matrix(fit, &c, base, err);
  mst_dist_end(&c);
  return err->status;
}
