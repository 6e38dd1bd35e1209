/* nuts/rotate_metric_lanes.h -- rotations (rotate_lanes.h) of the globals under a dense or low-rank
 * metric, whose L whitens them; hot, compiled per lane width. All chains that rotate are under the
 * final metric, so one slot serves them. Not collective.
 */
#ifndef MST_NUTS_ROTATE_METRIC_LANES_H
#define MST_NUTS_ROTATE_METRIC_LANES_H

#include "nuts/metric_lanes.h"
#include "nuts/rotate_lanes.h"

/* L x, L' x and L^-1 x of a lower triangle; y may not be x. Each sum in order of its columns. */
static inline void lower_times(const double *restrict l, const vreal *restrict x, vreal *restrict y,
                               int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    vreal s = v_all(0.0);
    for (int64_t j = 0; j <= i; j++) s += l[i * n + j] * x[j];
    y[i] = s;
  }
}

static inline void lower_transposed_times(const double *restrict l, const vreal *restrict x,
                                          vreal *restrict y, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = v_all(0.0);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) y[j] += l[i * n + j] * x[i];
}

static inline void lower_solve(const double *restrict l, const vreal *restrict x, vreal *restrict y,
                               int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    vreal s = x[i];
    for (int64_t j = 0; j < i; j++) s -= l[i * n + j] * y[j];
    y[i] = s / l[i * n + i];
  }
}

/* y += U f(E) U' y, with f(E) = E^power - 1: columns of U are orthonormal. */
static inline void low_rank_scale(const mst_metric *metric, vreal *y, int64_t n, bool inverse) {
  const int rank = metric->rank;
  for (int k = 0; k < rank; k++) {
    const double root = sqrt(metric->eigen[k]);
    vreal dot = v_all(0.0);
    for (int64_t i = 0; i < n; i++) dot += metric->u[i * rank + k] * y[i];
    dot *= (inverse ? 1.0 / root : root) - 1.0;
    for (int64_t i = 0; i < n; i++) y[i] += metric->u[i * rank + k] * dot;
  }
}

/* y = L x */
static inline void whitened_to_position(const mst_metric *metric, const vreal *x, vreal *y,
                                        int64_t n) {
  if (metric->kind != MST_KIND_LOW_RANK) {
    lower_times(metric->l, x, y, n);
    return;
  }
  memcpy(y, x, (size_t)n * sizeof *y);
  low_rank_scale(metric, y, n, false);
  for (int64_t i = 0; i < n; i++) y[i] *= metric->scale[i];
}

/* y = L' x */
static inline void gradient_to_whitened(const mst_metric *metric, const vreal *x, vreal *y,
                                        int64_t n) {
  if (metric->kind != MST_KIND_LOW_RANK) {
    lower_transposed_times(metric->l, x, y, n);
    return;
  }
  for (int64_t i = 0; i < n; i++) y[i] = metric->scale[i] * x[i];
  low_rank_scale(metric, y, n, false);
}

/* y = L^-1 x */
static inline void position_to_whitened(const mst_metric *metric, const vreal *x, vreal *y,
                                        int64_t n) {
  if (metric->kind != MST_KIND_LOW_RANK) {
    lower_solve(metric->l, x, y, n);
    return;
  }
  for (int64_t i = 0; i < n; i++) y[i] = x[i] / metric->scale[i];
  low_rank_scale(metric, y, n, true);
}

static inline const mst_metric *metric_of_rotations(const mst_pass *pass, int batch) {
  int slot = 0;
  for (int lane = 0; lane < W; lane++)
    if (pass->instruction[batch * W + lane].rotates) slot = pass->chain[batch * W + lane].slot;
  return &pass->metric[slot];
}

/* Like rotate_start, for all globals. */
static inline void rotate_metric_start(const mst_pass *pass, const mst_state *s, int batch,
                                       uint64_t first, const vreal *g, double *k0) {
  const int64_t n = s->elements;
  const mst_metric *metric = metric_of_rotations(pass, batch);
  vreal *u = (vreal *)pass->metric_u, *y = (vreal *)pass->metric_spare;
  const vreal *q = (const vreal *)s->q;
  for (int64_t i = 0; i < n; i++) u[i] = q[i] - s->mean[i];
  position_to_whitened(metric, u, y, n);
  gradient_to_whitened(metric, g, u, n);
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    if (o->start != MST_START_DRAW || !o->rotates) continue;
    const double kick = rotation_kick(o);
    double *z = pass->metric_z;
    k0[lane] += metric_std_normal(pass, o, first, n, z);
    for (int64_t i = 0; i < n; i++) {
      const double of_lane = v_get(y[i], lane);
      s->q_other[i * W + lane] = of_lane;
      s->p[i * W + lane] = z[i] + kick * (v_get(u[i], lane) + of_lane);
    }
  }
}

static inline void rotate_metric_move(const mst_pass *pass, const mst_state *s, int batch,
                                      const rotation_view *v) {
  const int64_t n = s->elements;
  vreal *q = (vreal *)s->q, *y = (vreal *)s->q_other, *u = (vreal *)pass->metric_u;
  rotate_pair(v, y, (vreal *)s->p, n);
  whitened_to_position(metric_of_rotations(pass, batch), y, u, n);
  for (int64_t i = 0; i < n; i++) q[i] = v_where(v->lanes, s->mean[i] + u[i], q[i]);
}

static inline vreal rotate_metric_kick(const mst_pass *pass, const mst_state *s, int batch,
                                       const rotation_view *v, const vreal *g) {
  vreal *u = (vreal *)pass->metric_u;
  gradient_to_whitened(metric_of_rotations(pass, batch), g, u, s->elements);
  return rotate_kick(v, u, (const vreal *)s->q_other, (vreal *)s->p, s->elements);
}

#endif
