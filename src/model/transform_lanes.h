/* model/transform_lanes.h -- constraining transforms in lanes; hot, compiled per lane width.
 *
 * mst_constrain goes from y to x and adds the log Jacobian; mst_constrain_back turns d lp / d x
 * into d lp / d y, the Jacobian's own gradient included. Both take a span (transform.h) and
 * pointers to its first element; the forms for whole parameters and for rows of a layout stand
 * at the end. Formulas: Stan Reference Manual, "Constraint transforms". Not collective.
 */
#ifndef MST_MODEL_TRANSFORM_LANES_H
#define MST_MODEL_TRANSFORM_LANES_H

#include <masting/lanes.h>

#include "model/transform.h"

static inline void mst_constrain_ordered_(const mst_span *s, const vreal *y, vreal *x, vreal *lp) {
  for (int64_t g = 0; g < s->groups; g++) {
    const vreal *from = y + g * s->group_stride;
    vreal *to = x + g * s->group_stride;
    bool free_start = s->transform == MASTING_ORDERED;
    vreal before = free_start ? from[0] : v_exp(from[0]);
    if (!free_start) *lp += from[0];
    to[0] = before;
    for (int64_t k = 1; k < s->length; k++) {
      before += v_exp(from[k * s->stride]);
      *lp += from[k * s->stride];
      to[k * s->stride] = before;
    }
  }
}

static inline void mst_constrain_interval_(const mst_span *s, int64_t n, const vreal *y, vreal *x,
                                           vreal *lp) {
  const vreal one = v_all(1.0);
  double width = s->upper - s->lower;
  double log_width = log(width);
  for (int64_t i = 0; i < n; i++) {
    vreal size = v_abs(y[i]), e = v_exp(-size);
    *lp += log_width - size - 2.0 * v_log1p(e);
    x[i] = s->lower + width * (v_where(v_lt(y[i], v_all(0.0)), e, one) / (one + e));
  }
}

/* x = T(y); *lp += log |det dT/dy|. x and y must not overlap. */
static inline void mst_constrain(const mst_span *s, const vreal *y, vreal *x, vreal *lp) {
  int64_t n = s->groups * s->length;
  switch (s->transform) {
  case MASTING_IDENTITY:
    for (int64_t i = 0; i < n; i++) x[i] = y[i];
    return;
  case MASTING_LOWER:
    for (int64_t i = 0; i < n; i++) {
      x[i] = s->lower + v_exp(y[i]);
      *lp += y[i];
    }
    return;
  case MASTING_UPPER:
    for (int64_t i = 0; i < n; i++) {
      x[i] = s->upper - v_exp(y[i]);
      *lp += y[i];
    }
    return;
  case MASTING_INTERVAL:
    mst_constrain_interval_(s, n, y, x, lp);
    return;
  case MASTING_ORDERED:
  case MASTING_POSITIVE_ORDERED:
    mst_constrain_ordered_(s, y, x, lp);
    return;
  }
}

/* dx_j/dy_k = exp(y_k) for all j >= k: suffix sums, from the end so that it may be in place. */
static inline void mst_back_ordered_(const mst_span *s, const vreal *y, const vreal *grad_x,
                                     vreal *grad_y) {
  for (int64_t g = 0; g < s->groups; g++) {
    vreal after = v_all(0.0);
    for (int64_t k = s->length - 1; k >= 0; k--) {
      int64_t i = g * s->group_stride + k * s->stride;
      after += grad_x[i];
      bool free_start = s->transform == MASTING_ORDERED && k == 0;
      grad_y[i] = free_start ? after : after * v_exp(y[i]) + 1.0;
    }
  }
}

static inline void mst_back_interval_(const mst_span *s, int64_t n, const vreal *y,
                                      const vreal *grad_x, vreal *grad_y) {
  const vreal one = v_all(1.0);
  double width = s->upper - s->lower;
  for (int64_t i = 0; i < n; i++) {
    vreal e = v_exp(-v_abs(y[i])), inverse = one / (one + e);
    vreal slope = (one - e) * inverse; /* |1 - 2 inv_logit(y)| */
    grad_y[i] = grad_x[i] * (width * e * inverse * inverse) +
                v_where(v_lt(y[i], v_all(0.0)), slope, -slope);
  }
}

/* grad_y = d lp / d y, from y, x = T(y) and grad_x = d lp / d x (without the Jacobian). grad_y
 * may be grad_x. */
static inline void mst_constrain_back(const mst_span *s, const vreal *y, const vreal *x,
                                      const vreal *grad_x, vreal *grad_y) {
  int64_t n = s->groups * s->length;
  switch (s->transform) {
  case MASTING_IDENTITY:
    for (int64_t i = 0; i < n; i++) grad_y[i] = grad_x[i];
    return;
  case MASTING_LOWER: /* x - lower is exp(y), exactly so only for a bound at zero */
    for (int64_t i = 0; i < n; i++)
      grad_y[i] = grad_x[i] * (s->lower == 0 ? x[i] : v_exp(y[i])) + 1.0;
    return;
  case MASTING_UPPER:
    for (int64_t i = 0; i < n; i++)
      grad_y[i] = 1.0 - grad_x[i] * (s->upper == 0 ? -x[i] : v_exp(y[i]));
    return;
  case MASTING_INTERVAL:
    mst_back_interval_(s, n, y, grad_x, grad_y);
    return;
  case MASTING_ORDERED:
  case MASTING_POSITIVE_ORDERED:
    mst_back_ordered_(s, y, grad_x, grad_y);
    return;
  }
}

/* The same for a whole parameter of a layout: y, x and gradients are [globals] and the parameter's
 * offset is added here. */
static inline void mst_constrain_param(const mst_layout *l, int param, const vreal *y, vreal *x,
                                       vreal *lp) {
  const mst_span s = mst_span_of(l, param);
  const int64_t at = l->param[param].offset;
  mst_constrain(&s, y + at, x + at, lp);
}

static inline void mst_constrain_param_back(const mst_layout *l, int param, const vreal *y,
                                            const vreal *x, const vreal *grad_x, vreal *grad_y) {
  const mst_span s = mst_span_of(l, param);
  const int64_t at = l->param[param].offset;
  mst_constrain_back(&s, y + at, x + at, grad_x + at, grad_y + at);
}

/* The same for a row-local parameter's elements in a block of rows: all arrays are
 * [rows][locals]. */
static inline void mst_constrain_rows(const mst_layout *l, int param, int rows, const vreal *y,
                                      vreal *x, vreal *lp) {
  const mst_span s = mst_span_of(l, param);
  int64_t at = l->param[param].offset;
  for (int n = 0; n < rows; n++, at += l->locals) mst_constrain(&s, y + at, x + at, lp);
}

static inline void mst_constrain_rows_back(const mst_layout *l, int param, int rows, const vreal *y,
                                           const vreal *x, const vreal *grad_x, vreal *grad_y) {
  const mst_span s = mst_span_of(l, param);
  int64_t at = l->param[param].offset;
  for (int n = 0; n < rows; n++, at += l->locals)
    mst_constrain_back(&s, y + at, x + at, grad_x + at, grad_y + at);
}

#endif
