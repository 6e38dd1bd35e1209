/* nuts/metric_lanes.h -- momenta, velocities and kicks of the globals under a dense or low-rank
 * metric; hot, compiled per lane width. See metric.h. Not collective; threads share the rows of
 * products of large matrices.
 */
#ifndef MST_NUTS_METRIC_LANES_H
#define MST_NUTS_METRIC_LANES_H

#include "nuts/metric.h"
#include "nuts/span_lanes.h"

#define METRIC_ROWS 4         /* rows of a product that are formed together */
#define METRIC_PARALLEL 65536 /* elements of a matrix from which threads share a product */

/* Rows [i, i + METRIC_ROWS) or fewer of C x; each sum in order of its columns. */
static inline void metric_rows(const double *restrict c, const vreal *restrict x, vreal *restrict y,
                               int64_t n, int64_t i) {
  if (i + METRIC_ROWS <= n) {
    vreal s[METRIC_ROWS] = {v_all(0.0), v_all(0.0), v_all(0.0), v_all(0.0)};
    for (int64_t j = 0; j < n; j++)
      for (int r = 0; r < METRIC_ROWS; r++) s[r] += c[(i + r) * n + j] * x[j];
    for (int r = 0; r < METRIC_ROWS; r++) y[i + r] = s[r];
    return;
  }
  for (; i < n; i++) {
    vreal s = v_all(0.0);
    for (int64_t j = 0; j < n; j++) s += c[i * n + j] * x[j];
    y[i] = s;
  }
}

static inline void metric_dense(const mst_metric *metric, const vreal *restrict x,
                                vreal *restrict y, int threads) {
  const int64_t n = metric->n, groups = (n + METRIC_ROWS - 1) / METRIC_ROWS;
  const double *c = metric->c;
  if (threads == 1 || n * n < METRIC_PARALLEL) {
    for (int64_t k = 0; k < groups; k++) metric_rows(c, x, y, n, k * METRIC_ROWS);
    return;
  }
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t k = 0; k < groups; k++) metric_rows(c, x, y, n, k * METRIC_ROWS);
}

/* y = S (x' + U (E - 1) U' x') with x' = S x; y may not be x. */
static inline void metric_low_rank(const mst_metric *metric, const vreal *restrict x,
                                   vreal *restrict y, int64_t n) {
  const int rank = metric->rank;
  for (int64_t i = 0; i < n; i++) y[i] = metric->scale[i] * x[i];
  /* columns are orthonormal: each may see what the others have changed */
  for (int k = 0; k < rank; k++) {
    vreal dot = v_all(0.0);
    for (int64_t i = 0; i < n; i++) dot += metric->u[i * rank + k] * y[i];
    dot *= metric->eigen[k] - 1.0;
    for (int64_t i = 0; i < n; i++) y[i] += metric->u[i * rank + k] * dot;
  }
  for (int64_t i = 0; i < n; i++) y[i] *= metric->scale[i];
}

/* y = C x of each lane's own metric; y, x: [P][lanes]; spare: another. */
static inline void metric_times(const mst_pass *pass, int batch, const vreal *x, vreal *y,
                                vreal *spare) {
  const int64_t n = pass->metric[0].n;
  int64_t mask[W];
  bool any[2] = {false, false};
  for (int lane = 0; lane < W; lane++) {
    const int slot = pass->chain[batch * W + lane].slot;
    any[slot] = true;
    mask[lane] = -(int64_t)slot;
  }
  for (int slot = 0; slot < 2; slot++) {
    if (!any[slot]) continue;
    vreal *to = slot && any[0] ? spare : y;
    if (pass->metric[slot].kind == MST_KIND_LOW_RANK)
      metric_low_rank(&pass->metric[slot], x, to, n);
    else if (pass->apply)
      pass->apply(pass->apply_context, slot, MST_APPLY_MASS, W, (const double *)x, (double *)to);
    else
      metric_dense(&pass->metric[slot], x, to, pass->target->threads);
  }
  if (!any[0] || !any[1]) return;
  vmask second;
  memcpy(&second, mask, sizeof second);
  for (int64_t i = 0; i < n; i++) y[i] = v_where(second, spare[i], y[i]);
}

/* ---- momenta: z standard normal -> p = L'^-1 z, v = L z */

static inline void metric_start_dense(const mst_metric *metric, double *restrict z,
                                      double *restrict v) {
  const int64_t n = metric->n;
  for (int64_t i = 0; i < n; i++) {
    double s = 0.0;
    for (int64_t j = 0; j <= i; j++) s += metric->l[i * n + j] * z[j];
    v[i] = s;
  }
  for (int64_t i = n - 1; i >= 0; i--) {
    const double *row = metric->l + i * n;
    const double p = z[i] / row[i];
    z[i] = p;
    for (int64_t j = 0; j < i; j++) z[j] -= row[j] * p;
  }
}

static inline void metric_start_low_rank(const mst_metric *metric, double *restrict z,
                                         double *restrict v) {
  const int64_t n = metric->n;
  const int rank = metric->rank;
  memcpy(v, z, (size_t)n * sizeof *v);
  for (int k = 0; k < rank; k++) {
    double dot = 0.0;
    for (int64_t i = 0; i < n; i++) dot += metric->u[i * rank + k] * z[i];
    const double root = sqrt(metric->eigen[k]), up = dot * (root - 1.0),
                 down = dot * (1.0 / root - 1.0);
    for (int64_t i = 0; i < n; i++) {
      v[i] += metric->u[i * rank + k] * up;
      z[i] += metric->u[i * rank + k] * down;
    }
  }
  for (int64_t i = 0; i < n; i++) {
    v[i] *= metric->scale[i];
    z[i] /= metric->scale[i];
  }
}

/* Both ends of a lane that starts with momenta p and velocities v. */
static inline void metric_put(const mst_state *s, const mst_instruction *o, int lane,
                              const double *p, const double *v, int stride) {
  uint32_t *keep = point_p(s, o->origin, lane, 0);
  for (int64_t i = 0; i < s->elements; i++) {
    keep[i] = mst_high_half(p[i * stride]);
    s->p[i * W + lane] = s->p_other[i * W + lane] = p[i * stride];
    s->v[i * W + lane] = s->v_other[i * W + lane] = v[i * stride];
    s->q_other[i * W + lane] = s->q[i * W + lane];
  }
}

/* Half a kick: dp = half g, dv = half u, with g and u at [i * stride]. */
static inline void metric_half_kick(const mst_state *s, int lane, double half, const double *g,
                                    const double *u, int stride) {
  for (int64_t i = 0; i < s->elements; i++) {
    const int64_t at = i * W + lane;
    const double dp = half * g[i * stride], dv = half * u[i * stride];
    s->p[at] += dp;
    s->v[at] += dv;
    s->p_other[at] -= dp;
    s->v_other[at] -= dv;
  }
}

/* z of a lane's draw; its kinetic energy. */
static inline double metric_std_normal(const mst_pass *pass, const mst_instruction *o,
                                       uint64_t first, int64_t n, double *z) {
  double kinetic[8] = {0};
  pass->std_normal(pass->seed, (uint64_t)o->chain, o->epoch, MST_USE_MOMENTUM, first, n, z);
  for (int64_t i = 0; i < n; i++) kinetic[i & 7] += z[i] * z[i];
  return 0.5 * sum8(kinetic);
}

/* One lane's draw: kinetic energy; momenta into p, velocities into v, both ends, before any
 * kick. */
static inline double metric_momenta_lane(const mst_pass *pass, const mst_state *s, int batch,
                                         int lane, uint64_t first) {
  const mst_instruction *o = &pass->instruction[batch * W + lane];
  const mst_metric *metric = &pass->metric[pass->chain[batch * W + lane].slot];
  const int64_t n = s->elements;
  double *z = pass->metric_z, *v = pass->metric_v;
  const double kinetic = metric_std_normal(pass, o, first, n, z);
  if (metric->kind == MST_KIND_LOW_RANK)
    metric_start_low_rank(metric, z, v);
  else
    metric_start_dense(metric, z, v);
  metric_put(s, o, lane, z, v, 1);
  return kinetic;
}

/* A trajectory of leapfrog steps. */
static inline bool metric_starts(const mst_instruction *o) {
  return o->start == MST_START_DRAW && !o->rotates;
}

static inline bool metric_is_dist(const mst_pass *pass, int slot) {
  return pass->apply && pass->metric[slot].kind == MST_KIND_DENSE;
}

static inline int metric_width(int columns) {
  int width = 1;
  while (width < columns) width *= 2;
  return width;
}

/* Up to 8 lanes of a slot whose matrices are distributed: columns z -> p; then p and g -> v and C
 * g, in one product. */
static inline void metric_momenta_columns(const mst_pass *pass, const mst_state *s, int batch,
                                          uint64_t first, const vreal *g, int slot, const int *lane,
                                          int lanes, double *k0) {
  const int64_t n = s->elements;
  const int thin = metric_width(lanes), both = 2 * thin;
  double *x = pass->metric_pack, *y = x + 16 * n, *z = pass->metric_z;
  memset(x, 0, (size_t)(n * thin) * sizeof *x);
  for (int k = 0; k < lanes; k++) {
    k0[lane[k]] += metric_std_normal(pass, &pass->instruction[batch * W + lane[k]], first, n, z);
    for (int64_t i = 0; i < n; i++) x[i * thin + k] = z[i];
  }
  pass->apply(pass->apply_context, slot, MST_APPLY_START, thin, x, y);
  for (int64_t i = 0; i < n; i++)
    for (int k = 0; k < thin; k++) {
      x[i * both + k] = y[i * thin + k];
      x[i * both + thin + k] = k < lanes ? v_get(g[i], lane[k]) : 0.0;
    }
  pass->apply(pass->apply_context, slot, MST_APPLY_MASS, both, x, y);
  for (int k = 0; k < lanes; k++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane[k]];
    metric_put(s, o, lane[k], x + k, y + k, both);
    metric_half_kick(s, lane[k], 0.5 * o->eps, x + thin + k, y + thin + k, both);
  }
}

static inline void metric_momenta_dist(const mst_pass *pass, const mst_state *s, int batch,
                                       uint64_t first, const vreal *g, double *k0) {
  for (int slot = 0; slot < 2; slot++) {
    int lane[8], lanes = 0;
    for (int l = 0; l < W && metric_is_dist(pass, slot); l++) {
      if (metric_starts(&pass->instruction[batch * W + l]) &&
          pass->chain[batch * W + l].slot == slot)
        lane[lanes++] = l;
      if (lanes == 8 || (lanes > 0 && l + 1 == W)) {
        metric_momenta_columns(pass, s, batch, first, g, slot, lane, lanes, k0);
        lanes = 0;
      }
    }
  }
}

/* Like span_momenta, for all globals. g: the gradient where draws start; u, spare: scratch,
 * [P][lanes]. */
static inline void metric_momenta(const mst_pass *pass, const mst_state *s, int batch,
                                  uint64_t first, const vreal *g, double *k0) {
  vreal *u = (vreal *)pass->metric_u, *spare = (vreal *)pass->metric_spare;
  bool whole = false;
  for (int lane = 0; lane < W; lane++)
    whole |= metric_starts(&pass->instruction[batch * W + lane]) &&
             !metric_is_dist(pass, pass->chain[batch * W + lane].slot);
  if (whole) metric_times(pass, batch, g, u, spare);
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    if (!metric_starts(o) || metric_is_dist(pass, pass->chain[batch * W + lane].slot)) continue;
    k0[lane] += metric_momenta_lane(pass, s, batch, lane, first);
    metric_half_kick(s, lane, 0.5 * o->eps, (const double *)g + lane, (const double *)u + lane, W);
  }
  if (pass->apply) metric_momenta_dist(pass, s, batch, first, g, k0);
}

/* Like span_move. */
static inline void metric_move(const mst_pass *pass, const mst_state *s, int batch) {
  const int64_t n = s->elements;
  vreal eps;
  memcpy(&eps, pass->eps + batch * W, sizeof eps);
  for (int lane = 0; lane < W; lane++) {
    if (!pass->instruction[batch * W + lane].flip) continue;
    flip_lane(s, lane, 0, n);
    for (int64_t i = 0; i < n; i++) {
      const double x = s->v[i * W + lane];
      s->v[i * W + lane] = s->v_other[i * W + lane];
      s->v_other[i * W + lane] = x;
    }
  }
  vreal *q = (vreal *)s->q;
  const vreal *v = (const vreal *)s->v;
  for (int64_t i = 0; i < n; i++) q[i] += eps * v[i];
}

/* Where a lane is evaluated without moving: no momentum, no velocity. */
static inline void metric_rest(const mst_pass *pass, const mst_state *s, int batch) {
  for (int lane = 0; lane < W; lane++) {
    const mst_start start = pass->instruction[batch * W + lane].start;
    if (start == MST_START_NONE || start == MST_START_DRAW) continue;
    for (int64_t i = 0; i < s->elements; i++) s->v[i * W + lane] = 0.0;
  }
}

/* Like kick. */
static inline vreal metric_kick(const mst_pass *pass, const mst_state *s, int batch, const vreal *g,
                                vreal half, vreal *restrict middle) {
  const int64_t n = s->elements;
  vreal *u = (vreal *)pass->metric_u, *spare = (vreal *)pass->metric_spare;
  metric_times(pass, batch, g, u, spare);
  vreal *p = (vreal *)s->p, *v = (vreal *)s->v, sum = v_all(0.0);
  for (int64_t i = 0; i < n; i++) {
    const vreal dp = half * g[i], dv = half * u[i], x = p[i] + dp, y = v[i] + dv;
    sum += x * y;
    middle[i] = x;
    p[i] = x + dp;
    v[i] = y + dv;
  }
  return 0.5 * sum;
}

#endif
