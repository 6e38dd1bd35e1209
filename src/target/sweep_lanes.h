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

typedef struct mst_lane_flags {
  vmask bad, tiny;
} mst_lane_flags;

/* One value into the thread's accumulator; scale: of its sum. */
static inline void mst_sweep_add(mst_sums sums, mst_thread_work *w, int64_t value,
                                 const vreal *scale, vreal x, mst_lane_flags *flag) {
  switch (sums) {
  case MST_SUMS_PLAIN:
    mst_deposit((vmask *)w->acc + value * MST_LIMBS, x, &flag->bad);
    return;
  case MST_SUMS_WATCHED:
    x *= *scale;
    flag->tiny |= v_and(v_lt(v_abs(x), v_all(MST_EXACT_TINY)), v_ne(x, v_all(0.0)));
    mst_deposit((vmask *)w->acc + value * MST_LIMBS, x, &flag->bad);
    return;
  case MST_SUMS_PROBE:
    mst_deposit_largest((vreal *)w->acc + value, x);
    return;
  case MST_SUMS_FAST:
    mst_deposit_fast((vreal *)w->acc + value, x, &flag->bad);
    return;
  }
}

/* All gradients of a tile, to sums from `at` on. */
static inline void mst_sweep_gradient(const mst_tile *tile, mst_sums sums, int64_t at,
                                      const vreal *scale, mst_lane_flags *flag) {
  mst_target *t = tile->target;
  mst_thread_work *w = tile->work;
  for (int i = 0; i < t->ndense; i++)
    for (int64_t e = t->dense[i].from; e < t->dense[i].to; e++)
      mst_sweep_add(sums, w, at + e, scale + e, ((vreal *)w->theta_grad)[e], flag);
  for (int g = 0; g < t->model->ngathers; g++) {
    const mst_gather_plan *plan = &t->gather[g];
    int64_t from = plan->start[tile->block], n = plan->start[tile->block + 1] - from;
    const vreal *grad = (const vreal *)w->gather_grad[g];
    for (int64_t i = 0; i < n; i++)
      for (int j = 0; j < t->model->gathers[g].nparams; j++) {
        const int64_t each = plan->each[j], to = plan->offset[j] + plan->groups[from + i] * each;
        for (int64_t e = 0; e < each; e++)
          mst_sweep_add(sums, w, at + to + e, scale + to + e, *grad++, flag);
      }
  }
}

static inline vmask mst_infinite(vreal x) { return v_not(v_lt(v_abs(x), v_all(INFINITY))); }

/* After a tile of which something was not summed: what it was (mst_thread_work). Rare. */
static __attribute__((noinline, cold, unused)) void mst_sweep_judge(const mst_tile *tile, int used,
                                                                    vreal lp, const vreal *scale) {
  mst_target *t = tile->target;
  mst_thread_work *w = tile->work;
  const int64_t at = (int64_t)tile->batch * MASTING_LANES;
  vmask hard, wide_lp;
  memcpy(&hard, w->hard + at, sizeof hard);
  memcpy(&wide_lp, w->wide_lp + at, sizeof wide_lp);
  wide_lp |= v_and(v_not(v_lt(v_abs(lp * *scale), v_all(MST_EXACT_MAX))), v_not(mst_infinite(lp)));
  hard |= mst_infinite(lp);
  for (int i = 0; i < used; i++)
    hard |= v_not(v_lt(v_abs(((vreal *)tile->extra)[i]), v_all(MST_EXACT_MAX)));
  for (int i = 0; i < t->ndense; i++)
    for (int64_t e = t->dense[i].from; e < t->dense[i].to; e++)
      hard |= mst_infinite(((vreal *)w->theta_grad)[e]);
  for (int g = 0; g < t->model->ngathers; g++) {
    const mst_gather_plan *plan = &t->gather[g];
    const int64_t n = plan->start[tile->block + 1] - plan->start[tile->block];
    for (int64_t i = 0; i < n * plan->width; i++)
      hard |= mst_infinite(((const vreal *)w->gather_grad[g])[i]);
  }
  memcpy(w->hard + at, &hard, sizeof hard);
  memcpy(w->wide_lp + at, &wide_lp, sizeof wide_lp);
}

static inline void mst_sweep_deposit_as(const mst_tile *tile, mst_sums sums, int nextra, int used,
                                        vreal lp) {
  mst_target *t = tile->target;
  mst_thread_work *w = tile->work;
  const int64_t slot = (int64_t)tile->batch * MASTING_LANES, each = 1 + t->layout.reduced;
  const vreal *scale = (const vreal *)t->range.scale + tile->batch * each;
  const int kept = sums == MST_SUMS_PROBE ? 0 : nextra;
  mst_lane_flags flag = {0}, of_lp = {0}; /* a log density may be tiny */
  int64_t at = tile->batch * (each + kept);
  mst_sweep_add(sums, w, at, scale, lp, &of_lp);
  flag.bad = of_lp.bad;
  for (int i = 0; kept && i < used; i++)
    mst_sweep_add(sums == MST_SUMS_WATCHED ? MST_SUMS_PLAIN : sums, w, at + 1 + i, scale,
                  ((vreal *)tile->extra)[i], &flag);
  mst_sweep_gradient(tile, sums, at + 1 + kept, scale + 1, &flag);
  vmask before;
  if (sums == MST_SUMS_WATCHED) {
    memcpy(&before, w->tiny + slot, sizeof before);
    before |= flag.tiny;
    memcpy(w->tiny + slot, &before, sizeof before);
  }
  if (sums == MST_SUMS_PROBE || !v_any(flag.bad)) return;
  memcpy(&before, w->bad + slot, sizeof before);
  before |= flag.bad;
  memcpy(w->bad + slot, &before, sizeof before);
  if (sums != MST_SUMS_FAST) mst_sweep_judge(tile, used, lp, scale);
}

static inline void mst_sweep_deposit(const mst_tile *tile, int nextra, int used, vreal lp) {
  switch (tile->target->sums) {
  case MST_SUMS_PLAIN:
    mst_sweep_deposit_as(tile, MST_SUMS_PLAIN, nextra, used, lp);
    return;
  case MST_SUMS_WATCHED:
    mst_sweep_deposit_as(tile, MST_SUMS_WATCHED, nextra, used, lp);
    return;
  case MST_SUMS_PROBE:
    mst_sweep_deposit_as(tile, MST_SUMS_PROBE, nextra, used, lp);
    return;
  case MST_SUMS_FAST:
    mst_sweep_deposit_as(tile, MST_SUMS_FAST, nextra, used, lp);
    return;
  }
}

static inline void mst_sweep_carry(mst_target *t, mst_thread_work *w, int nextra) {
  if (!mst_target_carries(t) || t->sums == MST_SUMS_PROBE) return;
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
  memset(w->hard, 0, (size_t)t->batches * sizeof(vmask));
  memset(w->wide_lp, 0, (size_t)t->batches * sizeof(vmask));
  memset(w->tiny, 0, (size_t)t->batches * sizeof(vmask));
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
