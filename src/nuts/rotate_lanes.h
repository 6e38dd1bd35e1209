/* nuts/rotate_lanes.h -- a step by exact rotation about a Gaussian; hot, compiled per lane width.
 *
 * The log density is split into that of a Gaussian with the mean m and the metric's inverse mass
 * C = L L', and a residual. In whitened coordinates, q = m + L y and momentum z ~ N(0, I), the
 * Gaussian's flow is a rotation of (y, z), and the residual's force is r = L' g + y with g the
 * gradient of the log density. A step of angle h is half a kick by r, the rotation, half a kick:
 *
 *   z += tan(h/2) r(y);   (y, z) <- (y cos h + z sin h, z cos h - y sin h);   z += tan(h/2) r(y)
 *
 * It is reversible and keeps volume whatever the residual is (Shahbaba, Lan, Johnson and Neal 2014,
 * "Split Hamiltonian Monte Carlo", section 3). Their kick is h/2; with tan(h/2) a residual force
 * that is constant, as a mean that is somewhat off makes it, is integrated without error. For a
 * Gaussian posterior with that covariance a step of a quarter turn is an independent draw for one
 * gradient.
 *
 * A lane that rotates keeps y in q_other and z, half a kick ahead, in p. Lanes that do not rotate
 * are left as they are. Not collective.
 */
#ifndef MST_NUTS_ROTATE_LANES_H
#define MST_NUTS_ROTATE_LANES_H

#include "nuts/span_lanes.h"

/* tan(h / 2) */
static inline double rotation_kick(const mst_instruction *o) { return (1.0 - o->cosine) / o->sine; }

/* Lanes of a batch that rotate in this step, with their angles. */
typedef struct rotation_view {
  bool any, all; /* all: of those that are active */
  vmask lanes;
  vreal c, s, kick; /* cos h, sin h, tan(h / 2) */
} rotation_view;

static inline rotation_view view_rotation(const mst_pass *pass, int batch) {
  rotation_view v = {.all = true};
  int64_t mask[W];
  double c[W], s[W], kick[W];
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    mask[lane] = -(int64_t)o->rotates;
    c[lane] = o->rotates ? o->cosine : 1.0;
    s[lane] = o->rotates ? o->sine : 0.0;
    kick[lane] = o->rotates ? rotation_kick(o) : 0.0;
    v.any |= o->rotates;
    v.all &= o->rotates || !o->active;
  }
  memcpy(&v.lanes, mask, sizeof v.lanes);
  memcpy(&v.c, c, sizeof v.c);
  memcpy(&v.s, s, sizeof v.s);
  memcpy(&v.kick, kick, sizeof v.kick);
  return v;
}

/* The Gaussian's mean, from the means of all chains weighted by their draws, and standard
 * deviations by the diagonal metric. Once per element, after span_metric and before any batch
 * updates its estimators. state: [batches]. */
static inline void span_reference(const mst_pass *pass, const mst_state *state, int64_t at,
                                  int64_t n) {
  const mst_metric_instruction *m = &pass->metric_instruction;
  const mst_target *t = pass->target;
  double *mean = state->mean + at, *sd = state->sd + at, weights = 0.0;
  memset(mean, 0, (size_t)n * sizeof *mean);
  for (int c = 0; c < t->chains; c++) {
    const double weight = (double)(pass->chain[c].count[m->reference] - 1);
    const mst_state *s = &state[c / W];
    const double *from = s->mean_q[m->reference] + (c % W) * s->stride + at;
    if (!(weight > 0.0)) continue;
    weights += weight;
    for (int64_t i = 0; i < n; i++) mean[i] += weight / weights * (from[i] - mean[i]);
  }
  for (int64_t i = 0; i < n; i++) sd[i] = sqrt(state->minv[m->reference_slot][at + i]);
}

/* A lane's draw on a chunk, under a diagonal metric: y into q_other, z half a kick ahead into p.
 * Returns the kinetic energy. g: the gradient where it starts, [n]. */
static inline double rotate_start_chunk(const mst_pass *pass, const mst_state *s,
                                        const mst_instruction *o, int lane, int64_t at, int64_t n,
                                        uint64_t first, const double *g) {
  double z[CHUNK + 32], kinetic[8] = {0};
  const double kick = rotation_kick(o);
  pass->std_normal(pass->seed, (uint64_t)o->chain, o->epoch, MST_USE_MOMENTUM, first, n, z);
  for (int64_t i = 0; i < n; i++) kinetic[i & 7] += z[i] * z[i];
  for (int64_t i = 0; i < n; i++) {
    const int64_t k = (at + i) * W + lane;
    const double y = (s->q[k] - s->mean[at + i]) / s->sd[at + i];
    s->q_other[k] = y;
    s->p[k] = z[i] + kick * (s->sd[at + i] * g[i] + y);
  }
  return 0.5 * sum8(kinetic);
}

/* Lanes that start a draw by rotation: like span_momenta. */
static inline void rotate_start(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                                int64_t n, uint64_t first, const vreal *g, double *k0) {
  double gl[CHUNK];
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    if (o->start != MST_START_DRAW || !o->rotates) continue;
    double sum = 0.0;
    for (int64_t c = 0; c < n; c += CHUNK) {
      const int64_t m = smaller(CHUNK, n - c);
      for (int64_t i = 0; i < m; i++) gl[i] = v_get(g[c + i], lane);
      sum += rotate_start_chunk(pass, s, o, lane, at + c, m, first + (uint64_t)c, gl);
    }
    k0[lane] += sum;
  }
}

/* The rotation of y and z; q follows only under a diagonal metric. */
static inline void rotate_pair(const rotation_view *v, vreal *restrict y, vreal *restrict z,
                               int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const vreal a = y[i], b = z[i];
    y[i] = v_where(v->lanes, v->c * a + v->s * b, a);
    z[i] = v_where(v->lanes, v->c * b - v->s * a, b);
  }
}

static inline void rotate_move(const mst_state *s, const rotation_view *v, int64_t at, int64_t n) {
  vreal *q = (vreal *)s->q + at, *y = (vreal *)s->q_other + at;
  rotate_pair(v, y, (vreal *)s->p + at, n);
  for (int64_t i = 0; i < n; i++)
    q[i] = v_where(v->lanes, s->mean[at + i] + s->sd[at + i] * y[i], q[i]);
}

/* Kick by r = u + y with u = L' g, in lanes that rotate; kinetic energies half way. */
static inline vreal rotate_kick(const rotation_view *v, const vreal *restrict u,
                                const vreal *restrict y, vreal *restrict z, int64_t n) {
  vreal sum[4] = {v_all(0.0), v_all(0.0), v_all(0.0), v_all(0.0)};
  for (int64_t i = 0; i < n; i++) {
    const vreal d = v->kick * (u[i] + y[i]), x = z[i] + d;
    sum[i & 3] += x * x;
    z[i] = v_where(v->lanes, x + d, z[i]);
  }
  return 0.5 * ((sum[0] + sum[2]) + (sum[1] + sum[3]));
}

/* The same under a diagonal metric, from the gradient g itself. */
static inline vreal rotate_kick_diagonal(const mst_state *s, const rotation_view *v, int64_t at,
                                         int64_t n, const vreal *restrict g) {
  const vreal *y = (const vreal *)s->q_other + at;
  vreal *z = (vreal *)s->p + at;
  vreal sum[4] = {v_all(0.0), v_all(0.0), v_all(0.0), v_all(0.0)};
  for (int64_t i = 0; i < n; i++) {
    const vreal d = v->kick * (s->sd[at + i] * g[i] + y[i]), x = z[i] + d;
    sum[i & 3] += x * x;
    z[i] = v_where(v->lanes, x + d, z[i]);
  }
  return 0.5 * ((sum[0] + sum[2]) + (sum[1] + sum[3]));
}

#endif
