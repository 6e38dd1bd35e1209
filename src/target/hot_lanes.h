/* target/hot_lanes.h -- body of hot_w*.c: see hot.h. */
#include "target/hot.h"
#include "target/sweep_lanes.h"

static void constrain(mst_target *t, int batch, const double *y) {
  ((vreal *)t->jacobian)[batch] = mst_globals_set(t, batch, false, (const vreal *)y);
}

static void finish(mst_target *t, int batch, int nextra, const double *y) {
  mst_globals_finish(t, batch, nextra, (const vreal *)y);
}

static int eval_tile(const mst_tile *tile, void *context, vreal *lp) {
  const mst_eval_call *c = context;
  const mst_target *t = tile->target;
  int64_t at = tile->batch * t->data->shard.rows * t->layout.locals + tile->element;
  mst_sweep_kernel(tile, false, (const vreal *)c->local + at, lp);
  if (tile->elements)
    memcpy((vreal *)c->local_grad + at, tile->work->local_grad,
           (size_t)tile->elements * sizeof(vreal));
  if (c->hook) c->hook(tile, c->context);
  return c->nextra;
}

static void eval(mst_target *t, int thread, const mst_eval_call *call) {
  mst_eval_call c = *call;
  mst_sweep(t, thread, call->nextra, eval_tile, &c);
}

static void totals(mst_target *t, int64_t from, int64_t to) {
  vmask *limbs = t->message;
  for (int64_t v = from; v < to; v++)
    ((vreal *)t->total)[v] = mst_exact_total(limbs + v * MST_LIMBS);
}

extern const mst_target_hot MST_HOT_NAME(mst_target_hot_);
const mst_target_hot MST_HOT_NAME(mst_target_hot_) = {constrain, finish, eval, totals};
