/* nuts/state.h -- the arrays of a batch of chains over a range of elements: the globals, or this
 * rank's row-local ones. Owned by run/engine; the nuts room neither allocates nor communicates.
 */
#ifndef MST_NUTS_STATE_H
#define MST_NUTS_STATE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Inverse masses, variances that is, which double arithmetic has room for. */
#define MST_METRIC_LEAST 1e-305
#define MST_METRIC_MOST 1e305

/* sqrt(Var q / Var g) from sums of squared deviations, where their ratio itself is no double
 * too. */
static inline double mst_fisher_ratio(double q, double g) {
  const double ratio = q / g;
  return ratio > 1e-290 && ratio < 1e290 ? sqrt(ratio) : sqrt(q) / sqrt(g);
}

/* The upper half of a double's bits, rounded: its whole range at 21 bits. */
static inline uint32_t mst_high_half(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return (uint32_t)((bits + 0x80000000u) >> 32);
}
static inline double mst_from_high_half(uint32_t half) {
  const uint64_t bits = (uint64_t)half << 32;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

typedef struct mst_state {
  int64_t elements, stride;  /* stride: elements rounded up, from one chain's buffer to the next */
  double *q, *p;             /* [elements][lanes]: the end that moves; p half a kick ahead */
  double *q_other, *p_other; /* [elements][lanes]: the tree's other end, likewise, outwards */
  /* globals under a dense or low-rank metric (metric.h): velocities of p, p_other; else NULL */
  double *v, *v_other;
  double *point_q; /* [MST_MAX_POINTS][lanes][stride] points of the tree */
  /* the same: momenta, only for U-turn products (only signs matter), by mst_high_half */
  uint32_t *point_p;
  double *point_g; /* globals only: gradients at the points; else NULL */
  /* [elements][lanes]: mean and standard deviation of the starting points; or NULL */
  const double *start_q, *start_sd;
  /* metric, inverse mass: pooled [2][stride], of which each chain uses one; or [elements][lanes] */
  double *minv[2], *minv_lane;
  /* the reference Gaussian of rotations (rotate_lanes.h), pooled [stride]: its mean, and standard
   * deviations by the diagonal metric; NULL: no chain rotates in this run */
  double *mean, *sd;
  int fixed; /* pooled: the metric was read from a file and is not recomputed */
  /* estimators of the metric, older and younger: means per chain [lanes][stride]; sums of squared
   * deviations, over the chain's mean, pooled [stride] or per chain [lanes][stride] */
  double *mean_q[2], *mean_g[2], *m2_q[2], *m2_g[2];
} mst_state;

#endif
