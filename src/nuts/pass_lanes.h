/* nuts/pass_lanes.h -- body of pass_w*.c: see pass.h. */
#include "nuts/rotate_metric_lanes.h"
#include "target/hot.h"
#include "target/sweep_lanes.h"

#define GLOBAL_ADDRESS (UINT64_C(1) << 62) /* globals' random numbers lie apart from the rows' */

static bool any_start(const mst_pass *pass, int batch) {
  for (int lane = 0; lane < W; lane++)
    if (pass->instruction[batch * W + lane].start == MST_START_DRAW) return true;
  return false;
}

/* Gradients of the globals where draws start, from the points' own record, in lane layout. */
static void load_start_gradient(const mst_pass *pass, const mst_state *s, int batch, vreal *g) {
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    if (o->start != MST_START_DRAW) continue;
    const double *from = s->point_g + ((int64_t)o->origin * W + lane) * s->stride;
    for (int64_t i = 0; i < s->elements; i++) ((double *)g)[i * W + lane] = from[i];
  }
}

static void before(mst_pass *pass) {
  mst_target *t = pass->target;
  const int64_t P = t->layout.globals;
  for (int b = 0; b < t->batches; b++) {
    const mst_state *s = &pass->global[b];
    double *extra = pass->global_extra + (int64_t)b * MST_MAX_EXTRAS * W;
    memset(extra, 0, sizeof(vreal) * MST_MAX_EXTRAS);
    for (int lane = 0; lane < W; lane++)
      pass->eps[b * W + lane] = pass->instruction[b * W + lane].eps;
    const rotation_view turn = view_rotation(pass, b);
    if (b == 0) span_metric(s, &pass->metric_instruction, 0, P);
    if (b == 0 && pass->metric_instruction.reference >= 0) span_reference(pass, pass->global, 0, P);
    span_begin(pass, s, b, 0, P, GLOBAL_ADDRESS);
    if (any_start(pass, b)) {
      /* gradients are free until the reduction: room for [globals][lanes] */
      vreal *g = (vreal *)mst_theta_grad(t, b, pass->nextra);
      load_start_gradient(pass, s, b, g);
      if (pass->not_diagonal) {
        span_learn(pass, s, b, 0, P, g);
        metric_momenta(pass, s, b, GLOBAL_ADDRESS, g, extra + MST_EXTRA_K0 * W);
        if (turn.any) rotate_metric_start(pass, s, b, GLOBAL_ADDRESS, g, extra + MST_EXTRA_K0 * W);
      } else {
        span_momenta(pass, s, b, 0, P, GLOBAL_ADDRESS, g, extra + MST_EXTRA_K0 * W);
        if (turn.any) rotate_start(pass, s, b, 0, P, GLOBAL_ADDRESS, g, extra + MST_EXTRA_K0 * W);
      }
      if (t->layout.locals) mst_globals_set(t, b, true, (const vreal *)s->q);
    }
    if (pass->not_diagonal) {
      metric_rest(pass, s, b);
      metric_move(pass, s, b);
      if (turn.any) rotate_metric_move(pass, s, b, &turn);
    } else {
      span_move(pass, s, b, 0, P);
      if (turn.any) rotate_move(s, &turn, 0, P);
    }
    span_store(pass, s, b, 0, P);
    ((vreal *)t->jacobian)[b] = mst_globals_set(t, b, false, (const vreal *)s->q);
  }
}

static int step_tile(const mst_tile *tile, void *context, vreal *lp) {
  mst_pass *pass = context;
  mst_target *t = tile->target;
  const int b = tile->batch;
  if (t->layout.locals == 0) {
    mst_sweep_kernel(tile, false, NULL, lp);
    return 0;
  }
  const mst_state *s = &pass->local[b];
  vreal *q = (vreal *)s->q + tile->element, *g = (vreal *)tile->work->local_grad;
  const rotation_view turn = view_rotation(pass, b);
  if (b == 0) span_metric(s, &pass->metric_instruction, tile->element, tile->elements);
  if (b == 0 && pass->metric_instruction.reference >= 0)
    span_reference(pass, pass->local, tile->element, tile->elements);
  span_begin(pass, s, b, tile->element, tile->elements, (uint64_t)tile->gelement);
  if (any_start(pass, b)) {
    vreal ignored = v_all(0.0);
    mst_sweep_kernel(tile, true, q, &ignored);
    span_momenta(pass, s, b, tile->element, tile->elements, (uint64_t)tile->gelement, g,
                 tile->extra + MST_EXTRA_K0 * W);
    if (turn.any)
      rotate_start(pass, s, b, tile->element, tile->elements, (uint64_t)tile->gelement, g,
                   tile->extra + MST_EXTRA_K0 * W);
  }
  span_move(pass, s, b, tile->element, tile->elements);
  if (turn.any) rotate_move(s, &turn, tile->element, tile->elements);
  span_store(pass, s, b, tile->element, tile->elements);
  mst_sweep_kernel(tile, false, q, lp);
  if (pass->metric_instruction.from_gradient)
    span_metric_from_gradient(pass, s, b, tile->element, tile->elements, g);
  vreal *middle = (vreal *)pass->thread_scratch[tile->thread];
  vreal k1 = span_kick(pass, s, b, tile->element, tile->elements, g, middle);
  if (turn.any)
    k1 = v_where(turn.lanes, rotate_kick_diagonal(s, &turn, tile->element, tile->elements, g), k1);
  return span_products(pass, s, b, tile->element, tile->elements, middle, k1, tile->extra);
}

static void sweep(mst_pass *pass, int thread) {
  mst_sweep(pass->target, thread, pass->nextra, step_tile, pass);
}

static int again_tile(const mst_tile *tile, void *context, vreal *lp) {
  const mst_pass *pass = context;
  const bool local = tile->target->layout.locals > 0;
  mst_sweep_kernel(tile, false,
                   local ? (const vreal *)pass->local[tile->batch].q + tile->element : NULL, lp);
  return 0;
}

static void sweep_again(mst_pass *pass, int thread) {
  mst_sweep(pass->target, thread, pass->nextra, again_tile, pass);
}

static void store_gradient(const mst_pass *pass, const mst_state *s, int b, const vreal *g) {
  double *to[W];
  for (int lane = 0; lane < W; lane++)
    to[lane] = s->point_g + ((int64_t)pass->instruction[b * W + lane].leaf * W + lane) * s->stride;
  store_points(g, s->elements, to);
}

/* Message's sums and the globals' own, together. */
static void results(mst_pass *pass, int b, const double *extra) {
  const mst_target *t = pass->target;
  const double *sums = pass->nextra ? mst_total_extra(t, b, pass->nextra) : NULL;
  for (int lane = 0; lane < W; lane++) {
    const int slot = b * W + lane;
    const mst_instruction *o = &pass->instruction[slot];
#define SUM(i) (extra[(i)*W + lane] + (sums ? sums[(i)*W + lane] : 0.0))
    pass->lp[slot] = mst_total_lp(t, b, pass->nextra)[lane];
    pass->k0[slot] = SUM(MST_EXTRA_K0);
    pass->k1[slot] = SUM(MST_EXTRA_K1);
    for (int k = 0; k < 2 * o->npairs; k++)
      pass->product[slot * 2 * MST_MAX_PAIRS + k] = SUM(MST_EXTRA_PAIRS + k);
#undef SUM
  }
}

static void after(mst_pass *pass) {
  mst_target *t = pass->target;
  for (int b = 0; b < t->batches; b++) {
    const mst_state *s = &pass->global[b];
    const int64_t P = s->elements;
    double *extra = pass->global_extra + (int64_t)b * MST_MAX_EXTRAS * W;
    mst_globals_finish(t, b, pass->nextra, (const vreal *)s->q);
    const vreal *g = (const vreal *)mst_theta_grad(t, b, pass->nextra);
    if (pass->metric_instruction.from_gradient) span_metric_from_gradient(pass, s, b, 0, P, g);
    /* theta_start is free again: room for [globals][lanes] */
    vreal *middle = (vreal *)(t->theta_start + b * P * W);
    const rotation_view turn = view_rotation(pass, b);
    vreal k1 = v_all(0.0);
    if (!pass->not_diagonal)
      k1 = span_kick(pass, s, b, 0, P, g, middle);
    else if (!turn.all)
      k1 = metric_kick(pass, s, b, g, half_step(pass, b), middle);
    if (turn.any)
      k1 = v_where(turn.lanes,
                   pass->not_diagonal ? rotate_metric_kick(pass, s, b, &turn, g)
                                      : rotate_kick_diagonal(s, &turn, 0, P, g),
                   k1);
    span_products(pass, s, b, 0, P, middle, k1, extra);
    store_gradient(pass, s, b, g);
    results(pass, b, extra);
  }
}

extern const mst_pass_hot MST_HOT_NAME(mst_pass_hot_);
const mst_pass_hot MST_HOT_NAME(mst_pass_hot_) = {before, sweep, sweep_again, after};
