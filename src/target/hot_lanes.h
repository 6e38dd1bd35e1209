/* target/hot_lanes.h -- body of hot_w*.c: see hot.h. */
#include "target/hot.h"
#include "target/sweep_lanes.h"

static void constrain(const mst_target *t, const double *y, double *theta, double *jacobian) {
  vreal lp = v_all(0.0);
  mst_globals_constrain(&t->layout, (const vreal *)y, (vreal *)theta, &lp);
  memcpy(jacobian, &lp, sizeof lp);
}

static void finish(const mst_target *t, const double *y, const double *theta,
                   const double *jacobian, double *lp, double *grad) {
  mst_globals_finish(t, (const vreal *)y, (const vreal *)theta, (const vreal *)jacobian, (vreal *)lp,
                     (vreal *)grad);
}

typedef struct eval_context {
  const vreal *local;
  vreal *local_grad;
} eval_context;

static int eval_tile(const mst_tile *tile, void *context, vreal *lp) {
  const eval_context *c = context;
  const mst_target *t = tile->target;
  int64_t at = tile->batch * t->data->shard.rows * t->layout.locals + tile->element;
  mst_sweep_kernel(tile, (vreal *)t->theta + tile->batch * t->layout.globals, c->local + at, lp);
  if (tile->elements)
    memcpy(c->local_grad + at, tile->work->local_grad, (size_t)tile->elements * sizeof(vreal));
  return 0;
}

static void eval(mst_target *t, int thread, const double *local, double *local_grad) {
  eval_context c = {(const vreal *)local, (vreal *)local_grad};
  mst_sweep(t, thread, 0, eval_tile, &c);
}

static void totals(mst_target *t, int64_t from, int64_t to) {
  vmask *limbs = t->message;
  for (int64_t v = from; v < to; v++)
    ((vreal *)t->total)[v] = mst_exact_total(limbs + v * MST_LIMBS);
}

extern const mst_target_hot MST_HOT_NAME(mst_target_hot_);
const mst_target_hot MST_HOT_NAME(mst_target_hot_) = {constrain, finish, eval, totals};
