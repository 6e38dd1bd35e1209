/* nuts/span_lanes.h -- what a step does to a range of elements; hot, compiled per lane width.
 *
 * All functions take elements [at, at + n) of a span and the instructions of the batch's lanes; g
 * is the gradient of that range, [n][lanes]. Sums are formed in one fixed order. Not collective.
 */
#ifndef MST_NUTS_SPAN_LANES_H
#define MST_NUTS_SPAN_LANES_H

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <masting/lanes.h>

#include "nuts/pass.h"

#define W MASTING_LANES
#define CHUNK 256 /* elements of a chain handled at once outside lane layout */

/* Buffer of a lane, from element `at` on. */
static inline double *point_q(const mst_state *s, int buffer, int lane, int64_t at) {
  return s->point_q + ((int64_t)buffer * W + lane) * s->stride + at;
}
static inline uint32_t *point_p(const mst_state *s, int buffer, int lane, int64_t at) {
  return s->point_p + ((int64_t)buffer * W + lane) * s->stride + at;
}

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- metric ---- */

static inline double clamp_metric(double x, double otherwise) {
  return x > MST_METRIC_LEAST && x < MST_METRIC_MOST ? x : otherwise;
}

static inline double metric_from(mst_adaptation adaptation, double m2_q, double m2_g,
                                 double samples, double otherwise) {
  if (adaptation == MST_ADAPT_FISHER) return clamp_metric(mst_fisher_ratio(m2_q, m2_g), otherwise);
  /* Stan's regularisation, smaller where it would hide a variance that is smaller still */
  const double n = samples, least = 1e-3 * fmin(1.0, 1e10 * (m2_q / n));
  return clamp_metric(n / (n + 5.0) * (m2_q / n) + least * (5.0 / (n + 5.0)), otherwise);
}

/* Pooled: recompute a slot, then clear an estimator. Once per element, before any batch updates its
 * estimators. */
static inline void span_metric(const mst_state *s, const mst_metric_instruction *m, int64_t at,
                               int64_t n) {
  if (m->update >= 0 && !s->fixed) {
    double *to = s->minv[m->update] + at;
    const double *from = s->minv[!m->update] + at;
    const double *q = s->m2_q[m->source] + at, *g = s->m2_g[m->source] + at;
    for (int64_t i = 0; i < n; i++)
      to[i] = metric_from(m->adaptation, q[i], g[i], m->samples, from[i]);
  }
  if (m->clear >= 0) {
    memset(s->m2_q[m->clear] + at, 0, (size_t)n * sizeof(double));
    memset(s->m2_g[m->clear] + at, 0, (size_t)n * sizeof(double));
  }
}

/* Welford's update of one estimator by one chain's draw (q, g), contiguous. */
static inline void accumulate_one(double *restrict mean, double *restrict m2,
                                  const double *restrict x, int64_t count, int64_t n) {
  const double share = 1.0 / (double)count;
  if (count == 1) {
    memcpy(mean, x, (size_t)n * sizeof(double));
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    double d = x[i] - mean[i], m = mean[i] + d * share;
    m2[i] += d * (x[i] - m);
    mean[i] = m;
  }
}

static inline void accumulate_lane(const mst_pass *pass, const mst_state *s, int slot, int lane,
                                   int64_t at, int64_t n, const double *q, const double *g) {
  const mst_chain_metric *c = &pass->chain[slot];
  const bool pooled = pass->metric_instruction.pooled;
  for (int k = 0; k < 2; k++) {
    const int64_t mean = lane * s->stride + at, m2 = pooled ? at : mean;
    if (!pooled && c->clear == k) {
      memset(s->m2_q[k] + m2, 0, (size_t)n * sizeof(double));
      memset(s->m2_g[k] + m2, 0, (size_t)n * sizeof(double));
    }
    accumulate_one(s->mean_q[k] + mean, s->m2_q[k] + m2, q, c->count[k], n);
    accumulate_one(s->mean_g[k] + mean, s->m2_g[k] + m2, g, c->count[k], n);
  }
}

static inline void recompute_lane(const mst_pass *pass, const mst_state *s, int slot, int lane,
                                  int64_t at, int64_t n) {
  const mst_chain_metric *c = &pass->chain[slot];
  const int64_t m2 = lane * s->stride + at;
  const double samples = (double)(c->count[c->older] - 1);
  for (int64_t i = 0; i < n; i++) {
    double *to = s->minv_lane + (at + i) * W + lane;
    *to = metric_from(pass->metric_instruction.adaptation, s->m2_q[c->older][m2 + i],
                      s->m2_g[c->older][m2 + i], samples, *to);
  }
}

/* Every chain is at a point with gradient g: metric 1/mean|g|, from all chains or each its own. */
static inline void span_metric_from_gradient(const mst_pass *pass, const mst_state *s, int batch,
                                             int64_t at, int64_t n, const vreal *g) {
  const mst_target *t = pass->target;
  const int lanes = (int)smaller(W, t->chains - batch * W);
  double *sum = s->m2_g[0] + at;
  for (int64_t i = 0; i < n; i++) {
    if (!pass->metric_instruction.pooled) {
      for (int lane = 0; lane < W; lane++)
        s->minv_lane[(at + i) * W + lane] = clamp_metric(1.0 / fabs(v_get(g[i], lane)), 1.0);
      continue;
    }
    double total = batch ? sum[i] : 0.0;
    for (int lane = 0; lane < lanes; lane++) total += fabs(v_get(g[i], lane));
    sum[i] = total;
    if (batch == t->batches - 1) {
      s->minv[0][at + i] = s->minv[1][at + i] = clamp_metric((double)t->chains / total, 1.0);
      sum[i] = 0.0;
    }
  }
}

/* ---- the metric as lane vectors ---- */

typedef struct metric_view {
  const double *m0, *m1; /* pooled */
  const vreal *lane;     /* per chain */
  vmask second;
  int mode; /* 0: all lanes m0; 1: mixed; 2: per chain */
} metric_view;

static inline metric_view view_metric(const mst_pass *pass, const mst_state *s, int batch,
                                      int64_t at) {
  metric_view v = {0};
  if (!pass->metric_instruction.pooled) {
    v.mode = 2;
    v.lane = (const vreal *)s->minv_lane + at;
    return v;
  }
  int64_t mask[W];
  int ones = 0;
  for (int lane = 0; lane < W; lane++) {
    int slot = pass->chain[batch * W + lane].slot;
    mask[lane] = -(int64_t)slot;
    ones += slot;
  }
  memcpy(&v.second, mask, sizeof v.second);
  v.mode = ones != 0 && ones != W;
  v.m0 = s->minv[ones == W] + at;
  v.m1 = s->minv[1] + at;
  return v;
}

static inline vreal metric_at(const metric_view *v, int64_t i, const int mode) {
  if (mode == 0) return v_all(v->m0[i]);
  if (mode == 1) return v_where(v->second, v_all(v->m1[i]), v_all(v->m0[i]));
  return v->lane[i];
}

/* ---- registers ---- */

/* One register of doubles, whatever the lane width, and as many of their upper halves. */
#if defined(__AVX512F__)
#define REGISTER 8
#elif defined(__AVX2__)
#define REGISTER 4
#else
#define REGISTER 2
#endif
typedef double wide __attribute__((vector_size(8 * REGISTER)));
typedef uint32_t wide_half __attribute__((vector_size(4 * REGISTER)));
typedef uint64_t wide_bits __attribute__((vector_size(8 * REGISTER)));

static inline wide load(const double *x) {
  wide v;
  memcpy(&v, x, sizeof v);
  return v;
}
/* GCC 12 splits these conversions in halves when they are written as __builtin_convertvector. */
static inline wide load_half(const uint32_t *x) {
#if defined(__AVX512F__)
  return (wide)_mm512_slli_epi64(_mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)x)), 32);
#elif defined(__AVX2__)
  return (wide)_mm256_slli_epi64(_mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)x)), 32);
#else
  wide_half v;
  memcpy(&v, x, sizeof v);
  return (wide)(__builtin_convertvector(v, wide_bits) << 32);
#endif
}

/* ---- lane layout to a chain's own ---- */

#if W == 8
static inline void transpose8(const vreal *x, vreal *y) {
  vreal a[8], b[8];
  for (int i = 0; i < 8; i += 2) {
    a[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int k = 0; k < 2; k++) {
      b[i + k] = __builtin_shufflevector(a[i + k], a[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      b[i + k + 2] = __builtin_shufflevector(a[i + k], a[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int k = 0; k < 4; k++) {
    y[k] = __builtin_shufflevector(b[k], b[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    y[k + 4] = __builtin_shufflevector(b[k], b[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}
#endif

/* x [n][lanes] -> to[lane][0..n). */
static inline void store_points(const vreal *x, int64_t n, double *const *to) {
  int64_t i = 0;
#if W == 8
  for (; i + 8 <= n; i += 8) {
    vreal y[8];
    transpose8(x + i, y);
    for (int lane = 0; lane < 8; lane++) memcpy(to[lane] + i, &y[lane], sizeof y[lane]);
  }
#endif
  for (; i < n; i++)
    for (int lane = 0; lane < W; lane++) to[lane][i] = v_get(x[i], lane);
}

static inline void store_momenta(const vreal *x, int64_t n, uint32_t *const *to) {
  int64_t i = 0;
#if W == 8
  for (; i + 8 <= n; i += 8) {
    vreal y[8];
    transpose8(x + i, y);
    for (int lane = 0; lane < 8; lane++) {
#if defined(__AVX512F__)
      const __m512i bits = _mm512_add_epi64((__m512i)y[lane], _mm512_set1_epi64(0x80000000));
      _mm256_storeu_si256((__m256i *)(to[lane] + i),
                          _mm512_cvtepi64_epi32(_mm512_srli_epi64(bits, 32)));
#else
      typedef uint32_t vhalf8 __attribute__((vector_size(32)));
      typedef uint64_t vbits8 __attribute__((vector_size(64)));
      const vhalf8 f =
          __builtin_convertvector(((vbits8)y[lane] + UINT64_C(0x80000000)) >> 32, vhalf8);
      memcpy(to[lane] + i, &f, sizeof f);
#endif
    }
  }
#endif
  for (; i < n; i++)
    for (int lane = 0; lane < W; lane++) to[lane][i] = mst_high_half(v_get(x[i], lane));
}

/* ---- starts ---- */

static inline void init_lane(const mst_pass *pass, const mst_instruction *o, double *q, int64_t n,
                             uint64_t first) {
  for (int64_t i = 0; i < n; i++)
    q[i * W] = pass->init_radius * (2.0 * mst_uniform(pass->seed, (uint64_t)o->chain, o->epoch,
                                                      MST_USE_INIT, first + (uint64_t)i) -
                                    1.0);
}

/* Around a given point; nearer to it with every try. */
static inline void started_lane(const mst_pass *pass, const mst_state *s, const mst_instruction *o,
                                int lane, int64_t at, int64_t n, uint64_t first) {
  double z[CHUNK + 32];
  const double near = ldexp(pass->start_jitter, 1 - (int)o->epoch);
  for (int64_t c = 0; c < n; c += CHUNK) {
    const int64_t m = smaller(CHUNK, n - c);
    pass->std_normal(pass->seed, (uint64_t)o->chain, o->epoch, MST_USE_START, first + (uint64_t)c,
                     m, z);
    for (int64_t i = 0; i < m; i++) {
      const int64_t k = (at + c + i) * W + lane;
      s->q[k] = s->start_q[k] + near * s->start_sd[k] * z[i];
    }
  }
}

/* Positions of the lanes that start; `first` is the address of element `at`. */
static inline void span_begin(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                              int64_t n, uint64_t first) {
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    double *q = s->q + at * W + lane, *p = s->p + at * W + lane;
    if (o->start == MST_START_NONE) continue;
    if (o->start == MST_START_INIT && pass->has_start && pass->has_start[batch * W + lane]) {
      started_lane(pass, s, o, lane, at, n, first);
    } else if (o->start == MST_START_INIT) {
      init_lane(pass, o, q, n, first);
    } else {
      const double *from = point_q(s, o->origin, lane, at);
      for (int64_t i = 0; i < n; i++) q[i * W] = from[i];
    }
    if (o->start != MST_START_DRAW)
      for (int64_t i = 0; i < n; i++) p[i * W] = 0.0;
  }
}

static inline double sum8(const double *x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

/* Momenta of one lane's draw on a chunk: p0 = z / sqrt(minv); both ends half a kick ahead. */
static inline double momenta_chunk(const mst_pass *pass, const mst_state *s, int batch, int lane,
                                   int64_t at, int64_t n, uint64_t first, const double *g) {
  const mst_instruction *o = &pass->instruction[batch * W + lane];
  double z[CHUNK + 32], minv[CHUNK], kinetic[8] = {0};
  const int slot = pass->chain[batch * W + lane].slot;
  pass->std_normal(pass->seed, (uint64_t)o->chain, o->epoch, MST_USE_MOMENTUM, first, n, z);
  if (pass->metric_instruction.pooled)
    memcpy(minv, s->minv[slot] + at, (size_t)n * sizeof(double));
  else
    for (int64_t i = 0; i < n; i++) minv[i] = s->minv_lane[(at + i) * W + lane];
  uint32_t *keep = point_p(s, o->origin, lane, at);
  int64_t whole = n & ~INT64_C(7);
  for (int64_t i = 0; i < whole; i += 8)
    for (int k = 0; k < 8; k++) kinetic[k] += z[i + k] * z[i + k];
  for (int64_t i = whole; i < n; i++) kinetic[i - whole] += z[i] * z[i];
  for (int64_t i = 0; i < n; i++) z[i] /= sqrt(minv[i]);
  for (int64_t i = 0; i < n; i++) keep[i] = mst_high_half(z[i]);
  double *q = s->q + at * W + lane, *p = s->p + at * W + lane;
  double *qo = s->q_other + at * W + lane, *po = s->p_other + at * W + lane;
  const double half = 0.5 * o->eps;
  for (int64_t i = 0; i < n; i++) {
    p[i * W] = z[i] + half * g[i];
    po[i * W] = z[i] - half * g[i];
    qo[i * W] = q[i * W];
  }
  return 0.5 * sum8(kinetic);
}

/* Updates the diagonal metric's estimators with the completed draws. */
static inline void span_learn(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                              int64_t n, const vreal *g) {
  double gl[CHUNK];
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    if (o->start != MST_START_DRAW || !o->update_estimators) continue;
    for (int64_t c = 0; c < n; c += CHUNK) {
      const int64_t m = smaller(CHUNK, n - c);
      for (int64_t i = 0; i < m; i++) gl[i] = v_get(g[c + i], lane);
      accumulate_lane(pass, s, batch * W + lane, lane, at + c, m,
                      point_q(s, o->origin, lane, at + c), gl);
    }
  }
}

/* Momenta of the lanes that start a trajectory, with the gradient where they start, and what the
 * metric learns from it. Adds kinetic energies to k0[lanes]. */
static inline void span_momenta(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                                int64_t n, uint64_t first, const vreal *g, double *k0) {
  double gl[CHUNK];
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    if (o->start != MST_START_DRAW || o->rotates) continue;
    double sum = 0.0;
    for (int64_t c = 0; c < n; c += CHUNK) {
      const int64_t m = smaller(CHUNK, n - c);
      for (int64_t i = 0; i < m; i++) gl[i] = v_get(g[c + i], lane);
      if (o->update_estimators)
        accumulate_lane(pass, s, batch * W + lane, lane, at + c, m,
                        point_q(s, o->origin, lane, at + c), gl);
      if (o->recompute_metric) recompute_lane(pass, s, batch * W + lane, lane, at + c, m);
      sum += momenta_chunk(pass, s, batch, lane, at + c, m, first + (uint64_t)c, gl);
    }
    k0[lane] += sum;
  }
}

/* ---- flips and drift ---- */

static inline void flip_lane(const mst_state *s, int lane, int64_t at, int64_t n) {
  double *q = s->q + at * W + lane, *p = s->p + at * W + lane;
  double *qo = s->q_other + at * W + lane, *po = s->p_other + at * W + lane;
  for (int64_t i = 0; i < n; i++) {
    double x = q[i * W], y = p[i * W];
    q[i * W] = qo[i * W];
    p[i * W] = po[i * W];
    qo[i * W] = x;
    po[i * W] = y;
  }
}

static inline void drift(vreal *restrict q, const vreal *restrict p, const metric_view *v,
                         int64_t n, vreal eps, const int mode) {
  for (int64_t i = 0; i < n; i++) q[i] += eps * (metric_at(v, i, mode) * p[i]);
}

static inline void span_move(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                             int64_t n) {
  vreal eps;
  memcpy(&eps, pass->eps + batch * W, sizeof eps);
  for (int lane = 0; lane < W; lane++)
    if (pass->instruction[batch * W + lane].flip) flip_lane(s, lane, at, n);
  vreal *q = (vreal *)s->q + at;
  const vreal *p = (const vreal *)s->p + at;
  const metric_view v = view_metric(pass, s, batch, at);
  if (v.mode == 0)
    drift(q, p, &v, n, eps, 0);
  else if (v.mode == 1)
    drift(q, p, &v, n, eps, 1);
  else
    drift(q, p, &v, n, eps, 2);
}

/* The new points, where all chains have moved, into their buffers. */
static inline void span_store(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                              int64_t n) {
  double *to[W];
  for (int lane = 0; lane < W; lane++)
    to[lane] = point_q(s, pass->instruction[batch * W + lane].leaf, lane, at);
  store_points((const vreal *)s->q + at, n, to);
}

/* ---- kick, energy, U-turn products ---- */

static inline vreal kick(vreal *restrict p, const vreal *restrict g, const metric_view *v,
                         int64_t n, vreal half, vreal *restrict middle, const int mode) {
  vreal sum[4] = {v_all(0.0), v_all(0.0), v_all(0.0), v_all(0.0)};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; k++) { /* four sums, for the latency of an addition */
      vreal d = half * g[i + k], x = p[i + k] + d;
      sum[k] += metric_at(v, i + k, mode) * (x * x);
      middle[i + k] = x;
      p[i + k] = x + d;
    }
  for (; i < n; i++) {
    vreal d = half * g[i], x = p[i] + d;
    sum[0] += metric_at(v, i, mode) * (x * x);
    middle[i] = x;
    p[i] = x + d;
  }
  return 0.5 * ((sum[0] + sum[2]) + (sum[1] + sum[3]));
}

/* (q_b - q_a).p_a and (q_b - q_a).p_b, in eight partial sums each whatever the register. */
static inline void pair_products(const double *qa, const uint32_t *pa, const double *qb,
                                 const uint32_t *pb, int64_t n, double *out) {
  enum { PARTS = 8 / REGISTER };
  wide wa[PARTS] = {0}, wb[PARTS] = {0};
  double a[8], b[8];
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int k = 0; k < PARTS; k++) {
      const int64_t j = i + k * REGISTER;
      const wide d = load(qb + j) - load(qa + j);
      wa[k] += d * load_half(pa + j);
      wb[k] += d * load_half(pb + j);
    }
  memcpy(a, wa, sizeof a);
  memcpy(b, wb, sizeof b);
  for (int k = 0; i < n; i++, k++) {
    double d = qb[i] - qa[i];
    a[k] += d * mst_from_high_half(pa[i]);
    b[k] += d * mst_from_high_half(pb[i]);
  }
  out[0] += sum8(a);
  out[1] += sum8(b);
}

static inline vreal half_step(const mst_pass *pass, int batch) {
  vreal eps;
  memcpy(&eps, pass->eps + batch * W, sizeof eps);
  return 0.5 * eps;
}

/* Kick with the gradient g at the new points; momenta there into middle, [n][lanes]; returns
 * kinetic energies. */
static inline vreal span_kick(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                              int64_t n, const vreal *g, vreal *middle) {
  const vreal half = half_step(pass, batch);
  vreal *p = (vreal *)s->p + at;
  const metric_view v = view_metric(pass, s, batch, at);
  if (v.mode == 0) return kick(p, g, &v, n, half, middle, 0);
  if (v.mode == 1) return kick(p, g, &v, n, half, middle, 1);
  return kick(p, g, &v, n, half, middle, 2);
}

/* Keeps the new points' momenta; kinetic energies and U-turn products are added to
 * extra[][lanes]; returns extras used. */
static inline int span_products(const mst_pass *pass, const mst_state *s, int batch, int64_t at,
                                int64_t n, const vreal *middle, vreal k1, double *extra) {
  uint32_t *to[W];
  for (int lane = 0; lane < W; lane++)
    to[lane] = point_p(s, pass->instruction[batch * W + lane].leaf, lane, at);
  store_momenta(middle, n, to);
  ((vreal *)extra)[MST_EXTRA_K1] += k1;
  int used = MST_EXTRA_PAIRS;
  for (int lane = 0; lane < W; lane++) {
    const mst_instruction *o = &pass->instruction[batch * W + lane];
    if (!o->active) continue;
    for (int k = 0; k < o->npairs; k++) {
      double both[2] = {0};
      pair_products(point_q(s, o->a[k], lane, at), point_p(s, o->a[k], lane, at),
                    point_q(s, o->b[k], lane, at), point_p(s, o->b[k], lane, at), n, both);
      extra[(MST_EXTRA_PAIRS + 2 * k) * W + lane] += both[0];
      extra[(MST_EXTRA_PAIRS + 2 * k + 1) * W + lane] += both[1];
    }
    if (MST_EXTRA_PAIRS + 2 * o->npairs > used) used = MST_EXTRA_PAIRS + 2 * o->npairs;
  }
  return used;
}

#endif
