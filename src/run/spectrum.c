/* run/spectrum.c -- see spectrum.h. */
#include "run/spectrum.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "linalg/dist_symmetric.h"
#include "optim/blocks.h"
#include "run/metric_input.h"

#define NEWTON_STEPS 50 /* of rows, to their highest points */
#define WHAT "spectrum"

/* ---- at a mode ---- */

/* Rows to their highest points at y. */
static masting_status settle_rows(mst_batch *batch, mst_marginal *marginal, const double *y,
                                  double *local, mst_error *err) {
  if (mst_marginal_begin(marginal, batch, err) != MASTING_OK) return err->status;
  mst_batch_fill(batch, y, local);
  if (mst_marginal_rows(marginal, NEWTON_STEPS, err) != MASTING_OK) return err->status;
  for (int64_t i = 0; i < batch->locals; i++) local[i] = batch->local[mst_batch_local(batch, 0, i)];
  return MASTING_OK;
}

masting_status mst_hessian_at_mode(mst_hessian *h, mst_batch *batch, mst_marginal *marginal,
                                   const double *y, double *local, bool integrated,
                                   const mst_grid *grid, mst_error *err) {
  if (!integrated) return mst_hessian_make(h, batch, y, local, NULL, grid, err);
  if (settle_rows(batch, marginal, y, local, err) != MASTING_OK) return err->status;
  return mst_hessian_integrated(h, marginal, y, local, NULL, grid, err);
}

static masting_status negate(mst_dist *s, mst_error *err) {
  double *ones = NULL;
  mst_alloc((void **)&ones, (size_t)s->n, sizeof *ones, WHAT, err);
  if (mst_agree(s->grid->comm, err) == MASTING_OK) {
    for (int i = 0; i < s->n; i++) ones[i] = 1.0;
    mst_dist_over(s, -1.0, ones);
  }
  mst_free(&ones);
  return err->status;
}

masting_status mst_spectrum_at_mode(mst_directions *d, mst_target *target, const double *y,
                                    double *local, bool integrated, int64_t *passes,
                                    mst_error *err) {
  mst_batch batch = {0};
  mst_marginal marginal = {0};
  mst_hessian h = {0};
  mst_grid grid = {0};
  *d = (mst_directions){.n = 0};
  if (mst_grid_begin(&grid, target->comm, 0, 0, err) != MASTING_OK) return err->status;
  if (mst_batch_begin(&batch, target, err) == MASTING_OK &&
      mst_hessian_at_mode(&h, &batch, &marginal, y, local, integrated, &grid, err) == MASTING_OK &&
      negate(&h.dist, err) == MASTING_OK)
    mst_directions_make(d, &h.dist, MST_OF_PRECISION, err);
  *passes = h.evaluations;
  mst_hessian_free(&h);
  mst_marginal_end(&marginal);
  mst_batch_end(&batch);
  mst_grid_end(&grid);
  return err->status;
}

/* ---- of a metric ---- */

static double element_of(int i, int j, void *context) {
  const mst_metricfile_data *m = context;
  return m->kind == MST_KIND_DENSE ? m->inverse[(int64_t)i * m->n + j]
                                   : mst_metricfile_element(m, i, j);
}

/* This rank's rows of a metric that is distributed by rows. */
static masting_status fill_rows(mst_dist *a, const mst_metricfile_data *m, mst_error *err) {
  const int first = m->dist->first, count = m->dist->last - first;
  double *rows = NULL;
  mst_alloc((void **)&rows, (size_t)(count > 0 ? count : 1) * (size_t)m->n, sizeof *rows, WHAT,
            err);
  if (mst_agree(a->grid->comm, err) == MASTING_OK) {
    for (int i = 0; i < count; i++) mst_metricfile_row(m, first + i, rows + (int64_t)i * m->n);
    mst_dist_fill_rows(a, first, count, rows, err);
  }
  mst_free(&rows);
  return err->status;
}

static masting_status of_distributed(mst_directions *d, const mst_comm *comm,
                                     const mst_metricfile_data *m, mst_error *err) {
  mst_grid grid = {0};
  mst_dist a = {.n = 0};
  if (mst_grid_begin(&grid, comm, 0, 0, err) != MASTING_OK) return err->status;
  if (mst_dist_begin(&a, &grid, WHAT, (int)m->n, err) == MASTING_OK &&
      fill_rows(&a, m, err) == MASTING_OK)
    mst_directions_make(d, &a, MST_OF_COVARIANCE, err);
  mst_dist_end(&a);
  mst_grid_end(&grid);
  return err->status;
}

masting_status mst_spectrum_of_metric(mst_directions *d, const mst_engine *e, int slot,
                                      mst_error *err) {
  const mst_comm *comm = e->target->comm;
  mst_metricfile_data m = {0};
  double *diagonal = NULL;
  *d = (mst_directions){.n = 0};
  mst_alloc((void **)&diagonal, (size_t)e->target->layout.globals, sizeof *diagonal, WHAT, err);
  if (mst_agree(comm, err) == MASTING_OK) {
    mst_metric_view(e, slot, &m, diagonal);
    if (m.dist)
      of_distributed(d, comm, &m, err);
    else if (m.kind != MST_KIND_DIAGONAL)
      mst_directions_of_elements(d, comm, (int)m.n, element_of, &m, MST_OF_COVARIANCE, err);
  }
  mst_free(&diagonal);
  return err->status;
}
