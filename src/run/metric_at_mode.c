/* run/metric_at_mode.c -- see metric_at_mode.h. */
#include "run/metric_at_mode.h"

#include "optim/curvature_dist.h"
#include "base/mem.h"
#include "optim/curvature.h"

#define NAME "covariance at the mode"

void mst_metric_at_mode_free(mst_metric_at_mode *c) {
  mst_free(&c->covariance);
  mst_free(&c->local_variance);
  mst_dist_end(&c->dist);
}

/* One chain's elements of an array in lane layout. */
static double *lane_of(const double *all, int64_t elements, int lanes, int chain, mst_error *err) {
  void *one = NULL;
  if (mst_alloc(&one, (size_t)elements, sizeof(double), "a mode", err) != MASTING_OK) return NULL;
  const double *from = all + chain / lanes * elements * lanes + chain % lanes;
  for (int64_t i = 0; i < elements; i++) ((double *)one)[i] = from[i * lanes];
  return one;
}

/* Whole, on every rank. */
static masting_status invert(mst_metric_at_mode *c, const mst_hessian *h, const mst_target *t,
                             mst_error *trouble, mst_error *err) {
  const size_t P = (size_t)h->globals;
  mst_alloc((void **)&c->covariance, P * P, sizeof(double), "a metric", err);
  if (mst_agree(t->comm, err) == MASTING_OK)
    mst_hessian_metric(h, MST_FLAT, c->covariance, c->local_variance, &c->negative_directions,
                       trouble);
  return err->status;
}

/* Spread over the ranks. */
static void invert_dist(mst_metric_at_mode *c, mst_hessian *h, const mst_target *t,
                        mst_error *trouble) {
  char along[256];
  c->dist = h->dist;
  h->dist = (mst_dist){.n = 0};
  if (mst_curvature_dist(&c->dist, h->diagonal, &t->layout, NAME, along, sizeof along, trouble) !=
      MASTING_OK)
    return;
  mst_hessian_row_variances(h, c->local_variance);
  c->negative_directions = *along != '\0';
  if (c->negative_directions && t->comm->rank == 0)
    mst_warn("where chains start the log density does not curve downwards in every direction "
             "(scaled to conditional standard "
             "deviations: %s); the metric begins with curvatures by their size",
             along);
}

/* The Hessian and what follows from it. `trouble`: the density is not fit for one, which is no
 * error of the run. */
static void make(mst_metric_at_mode *c, mst_batch *batch, const double *y, const double *local,
                 const double *sd, const mst_grid *grid, mst_error *trouble, mst_error *err) {
  mst_hessian h = {0};
  mst_marginal marginal = {0};
  const mst_target *t = batch->target;
  mst_alloc((void **)&c->local_variance, (size_t)batch->locals, sizeof(double), "a metric", err);
  if (mst_agree(t->comm, err) != MASTING_OK) return;
  if (t->layout.locals == 0)
    mst_hessian_make(&h, batch, y, local, sd, grid, trouble);
  else if (mst_marginal_begin(&marginal, batch, err) == MASTING_OK)
    mst_hessian_integrated(&h, &marginal, y, local, sd, grid, trouble);
  mst_marginal_end(&marginal);
  if (err->status == MASTING_OK) {
    c->passes = h.evaluations;
    c->bad_rows = h.bad_rows;
  }
  if (err->status == MASTING_OK && trouble->status == MASTING_OK) {
    if (grid)
      invert_dist(c, &h, t, trouble);
    else
      invert(c, &h, t, trouble, err);
  }
  mst_hessian_free(&h);
}

masting_status mst_metric_at_mode_make(mst_metric_at_mode *c, const mst_starts *s, mst_target *t,
                                       const mst_grid *grid, mst_error *err) {
  mst_batch batch = {0};
  mst_error trouble = {0};
  const int64_t L = t->data->shard.rows * t->layout.locals;
  double *y = lane_of(s->global, t->layout.globals, t->lanes, s->best, err);
  double *sd = lane_of(s->global_sd, t->layout.globals, t->lanes, s->best, err);
  double *local = lane_of(s->local, L, t->lanes, s->best, err);
  if (mst_agree(t->comm, err) == MASTING_OK && mst_batch_begin(&batch, t, err) == MASTING_OK)
    make(c, &batch, y, local, sd, grid, &trouble, err);
  mst_batch_end(&batch);
  mst_free(&y);
  mst_free(&sd);
  mst_free(&local);
  c->made = err->status == MASTING_OK && trouble.status == MASTING_OK;
  if (trouble.status == MASTING_OK) return mst_agree(t->comm, err);
  if (trouble.status != MASTING_ERR_INIT && trouble.status != MASTING_ERR_DATA &&
      err->status == MASTING_OK)
    *err = trouble;
  mst_free(&c->covariance);
  mst_dist_end(&c->dist);
  if (mst_agree(t->comm, err) == MASTING_OK && t->comm->rank == 0)
    mst_warn("no metric from the curvature where chains start, it is learnt from draws alone: %s",
             trouble.message);
  return err->status;
}

static void apply_locals(const mst_metric_at_mode *c, const mst_pass *pass) {
  const mst_state *s = &pass->local[0]; /* pooled: one metric for all batches */
  for (int64_t i = 0; i < s->elements; i++)
    if (c->local_variance[i] > 0) s->minv[0][i] = s->minv[1][i] = c->local_variance[i];
}

masting_status mst_metric_at_mode_apply(mst_metric_at_mode *c, mst_metric_update *metric_update,
                                        mst_error *err) {
  if (!c->made) return MASTING_OK;
  apply_locals(c, &metric_update->engine->pass);
  if (c->covariance)
    return mst_metric_update_from_covariance(metric_update, c->covariance, NAME, err);
  return mst_metric_update_from_dist(metric_update, &c->dist, err);
}
