/* target/sweep_lanes.h -- the walk over blocks; hot, compiled per lane width and SIMD level.
 *
 * Static inline functions for a file that defines MASTING_LANES; the hooks are known at compile
 * time there, so the whole pass is one function. A block's sums are formed in one fixed order by
 * one thread, whichever it is; nothing depends on addresses. Not collective.
 */
#ifndef MST_TARGET_SWEEP_LANES_H
#define MST_TARGET_SWEEP_LANES_H

#include <masting/model_abi.h>

#include "model/transform_lanes.h"
#include "par/exact_lanes.h"
#include "target/pass.h"

/* Global parameters: unconstrained y [globals] -> constrained theta, log Jacobian added to *lp. */
static inline void mst_globals_constrain(const mst_layout *l, const vreal *y, vreal *theta,
                                         vreal *lp) {
  for (int p = 0; p < l->model->nparams; p++)
    if (!l->param[p].local) mst_constrain_param(l, p, y, theta, lp);
}

/* The chain rule back: gradient w.r.t. theta in, w.r.t. y (Jacobian included) out, in place. */
static inline void mst_globals_back(const mst_layout *l, const vreal *y, const vreal *theta,
                                    vreal *grad) {
  for (int p = 0; p < l->model->nparams; p++)
    if (!l->param[p].local) mst_constrain_param_back(l, p, y, theta, grad, grad);
}

/* Before a sweep: a batch's theta (or theta_start) and what rows and normals read, from y;
 * returns the log Jacobian. Normals are of theta, so what the call for theta_start, which comes
 * first, leaves is overwritten. */
static inline vreal mst_globals_set(mst_target *t, int batch, bool start, const vreal *y) {
  vreal *theta = (vreal *)(start ? t->theta_start : t->theta) + batch * t->layout.globals;
  vreal lp = v_all(0.0);
  mst_globals_constrain(&t->layout, y, theta, &lp);
  if (t->shared || (t->normal && !start))
    t->model->prepare(t->state, mst_slot(batch, start), t->size, t->replicated, theta,
                      t->shared ? (vreal *)mst_swept(t, batch, start) : NULL,
                      (vreal *)mst_normal_grad(t, batch));
  return lp;
}

/* After the reduction: completes a batch's total log density by the model's global part and the log
 * Jacobian, and its mst_theta_grad, which becomes that w.r.t. y. */
static inline void mst_globals_finish(mst_target *t, int batch, int nextra, const vreal *y) {
  const int64_t P = t->layout.globals;
  const vreal *theta = (const vreal *)t->theta + batch * P;
  vreal *lp = (vreal *)mst_total_lp(t, batch, nextra);
  vreal *grad = (vreal *)mst_theta_grad(t, batch, nextra);
  const vreal *shared_grad = t->shared ? (const vreal *)mst_total_grad(t, batch, nextra) : NULL;
  if (t->shared) memset(grad, 0, (size_t)P * sizeof(vreal));
  if (t->model->global)
    t->model->global(t->state, mst_slot(batch, false), t->size, t->replicated, theta, shared_grad,
                     (const vreal *)mst_normal_grad(t, batch), grad, lp);
  *lp += ((const vreal *)t->jacobian)[batch];
  mst_globals_back(&t->layout, y, theta, grad);
}

static inline void mst_sweep_zero(mst_target *t, mst_thread_work *w, const int64_t block) {
  for (int i = 0; i < t->ndense; i++)
    memset(w->theta_grad + t->dense[i].from * MASTING_LANES, 0,
           (size_t)(t->dense[i].to - t->dense[i].from) * sizeof(vreal));
  for (int g = 0; g < t->model->ngathers; g++) {
    int64_t n = t->gather[g].start[block + 1] - t->gather[g].start[block];
    memset(w->gather_grad[g], 0, (size_t)(n * t->gather[g].width) * sizeof(vreal));
  }
}

/* The model's kernel on a tile, at theta or theta_start: log density into *lp, gradients into
 * the thread's buffers; the row-local gradient is w.r.t. the unconstrained elements, log
 * Jacobians included. */
static inline void mst_sweep_kernel(const mst_tile *tile, bool start, const vreal *y, vreal *lp) {
  mst_target *t = tile->target;
  mst_thread_work *w = tile->work;
  const mst_layout *l = &t->layout;
  const mst_dataset *d = t->data;
  const void *data[MST_MAX_DATA];
  const uint16_t *pos[MASTING_MAX_GATHER] = {0};
  vreal *gather_grad[MASTING_MAX_GATHER] = {0};
  int64_t first = mst_block_first(&d->shard, tile->block).v;
  for (int v = 0; v < t->model->ndata; v++)
    data[v] = (const char *)t->var[v] + first * t->row_bytes[v];
  for (int g = 0; g < t->model->ngathers; g++) {
    pos[g] = t->gather[g].pos + first;
    gather_grad[g] = (vreal *)w->gather_grad[g];
  }
  mst_sweep_zero(t, w, tile->block);
  const vreal *local = y;
  vreal *local_theta = (vreal *)w->local_theta;
  if (l->local_transforms) {
    for (int p = 0; p < t->model->nparams; p++)
      if (l->param[p].local) mst_constrain_rows(l, p, tile->rows, y, local_theta, lp);
    local = local_theta;
  }
  masting_block block = {.first_row = d->shard.first_row.v + first,
                         .rows = tile->rows,
                         .data = data,
                         .type = d->type,
                         .size = t->size,
                         .theta = (const vreal *)mst_swept(t, tile->batch, start),
                         .theta_grad = (vreal *)w->theta_grad,
                         .pos = pos,
                         .gather_grad = gather_grad,
                         .local = local,
                         .local_grad = (vreal *)w->local_grad,
                         .lp = lp,
                         .scratch = w->scratch};
  t->model->rows(t->state, &block);
  if (l->local_transforms)
    for (int p = 0; p < t->model->nparams; p++)
      if (l->param[p].local)
        mst_constrain_rows_back(l, p, tile->rows, y, local_theta, (vreal *)w->local_grad,
                                (vreal *)w->local_grad);
}

/* One value of batch `b` into the thread's accumulator. */
static inline void mst_sweep_add(mst_target *t, mst_thread_work *w, int64_t value, vreal x,
                                 vmask *bad) {
  if (t->reduction == MST_EXACT)
    mst_deposit((vmask *)w->acc + value * MST_LIMBS, x, bad);
  else
    mst_deposit_fast((vreal *)w->acc + value, x, bad);
}

static inline void mst_sweep_deposit(const mst_tile *tile, int nextra, int used, vreal lp) {
  mst_target *t = tile->target;
  mst_thread_work *w = tile->work;
  vmask bad;
  memcpy(&bad, w->bad + tile->batch * MASTING_LANES, sizeof bad);
  int64_t at = tile->batch * (1 + nextra + t->layout.reduced);
  mst_sweep_add(t, w, at++, lp, &bad);
  for (int i = 0; i < used; i++) mst_sweep_add(t, w, at + i, ((vreal *)tile->extra)[i], &bad);
  at += nextra;
  for (int i = 0; i < t->ndense; i++)
    for (int64_t e = t->dense[i].from; e < t->dense[i].to; e++)
      mst_sweep_add(t, w, at + e, ((vreal *)w->theta_grad)[e], &bad);
  for (int g = 0; g < t->model->ngathers; g++) {
    const mst_gather_plan *plan = &t->gather[g];
    int64_t from = plan->start[tile->block], n = plan->start[tile->block + 1] - from;
    const vreal *grad = (const vreal *)w->gather_grad[g];
    for (int64_t i = 0; i < n; i++)
      for (int j = 0; j < t->model->gathers[g].nparams; j++) {
        const int64_t each = plan->each[j],
                      to = at + plan->offset[j] + plan->groups[from + i] * each;
        for (int64_t e = 0; e < each; e++) mst_sweep_add(t, w, to + e, *grad++, &bad);
      }
  }
  memcpy(w->bad + tile->batch * MASTING_LANES, &bad, sizeof bad);
}

static inline void mst_sweep_carry(mst_target *t, mst_thread_work *w, int nextra) {
  if (!mst_target_carries(t)) return;
  int64_t values = t->batches * (1 + nextra + t->layout.reduced);
  for (int64_t v = 0; v < values; v++)
    for (int lane = 0; lane < MASTING_LANES; lane++)
      mst_exact_carry((int64_t *)w->acc + v * MST_LIMBS * MASTING_LANES + lane, MASTING_LANES);
  w->deposits = 0;
}

/* What to do with a tile: evaluate the kernel (mst_sweep_kernel) once or more, leave the last
 * gradients in the thread's buffers, add to *lp, set extras; returns how many extras are used. */
typedef int mst_tile_fn(const mst_tile *tile, void *context, vreal *lp);

/* Thread's share of a sweep: zeroes its accumulator, then every block, every batch. Not collective;
 * called by each thread of a parallel region. */
static inline void mst_sweep(mst_target *t, int thread, int nextra, mst_tile_fn *body,
                             void *context) {
  mst_thread_work *w = &t->work[thread];
  const int64_t values = t->batches * (1 + nextra + t->layout.reduced), L = t->layout.locals;
  memset(w->acc, 0, (size_t)values * (t->reduction == MST_EXACT ? MST_LIMBS : 1) * sizeof(vreal));
  memset(w->bad, 0, (size_t)t->batches * sizeof(vmask));
  w->deposits = 0;
  if (!t->model->rows) return;
  int64_t begin, end;
  vreal extra[MST_MAX_EXTRAS];
  mst_shard_thread(&t->data->shard, thread, t->threads, &begin, &end);
  for (int64_t block = begin; block < end; block++) {
    for (int batch = 0; batch < t->batches; batch++) {
      const int64_t row = mst_block_first(&t->data->shard, block).v;
      mst_tile tile = {.target = t,
                       .work = w,
                       .thread = thread,
                       .batch = batch,
                       .rows = mst_block_count(&t->data->shard, block),
                       .block = block,
                       .element = row * L,
                       .gelement = (t->data->shard.first_row.v + row) * L,
                       .extra = (double *)extra};
      tile.elements = (int)(tile.rows * L);
      memset(extra, 0, (size_t)nextra * sizeof(vreal));
      vreal lp = v_all(0.0);
      int used = body(&tile, context, &lp);
      mst_sweep_deposit(&tile, nextra, used, lp);
    }
    w->deposits += t->max_deposits_per_block;
    if (w->deposits + t->max_deposits_per_block > MST_EXACT_MAX_DEPOSITS)
      mst_sweep_carry(t, w, nextra);
  }
  mst_sweep_carry(t, w, nextra);
}

#endif
