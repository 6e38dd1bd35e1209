/* model/transform.c -- see transform.h. */
#include "model/transform.h"

#include <math.h>

mst_span mst_span_of(const mst_layout *layout, int param) {
  const masting_param *p = &layout->model->params[param];
  const mst_param_layout *q = &layout->param[param];
  mst_span s = {p->transform, p->lower, p->upper, 1, q->elements, q->elements, 1};
  if (p->transform == MASTING_ORDERED || p->transform == MASTING_POSITIVE_ORDERED) {
    bool columns = p->column_major && !q->local;
    s.length = q->dims[p->ndims - 1];
    s.groups = s.length ? q->elements / s.length : 0;
    s.stride = columns ? s.groups : 1;
    s.group_stride = columns ? 1 : s.length;
  }
  return s;
}

static double interval(double lower, double upper, double y, double *lp) {
  double e = exp(-fabs(y));
  *lp += log(upper - lower) - fabs(y) - 2 * log1p(e);
  return lower + (upper - lower) * ((y < 0 ? e : 1) / (1 + e));
}

static double constrain(const mst_span *s, double y, bool first, double before, double *lp) {
  switch (s->transform) {
  case MASTING_IDENTITY:
    return y;
  case MASTING_LOWER:
    *lp += y;
    return s->lower + exp(y);
  case MASTING_UPPER:
    *lp += y;
    return s->upper - exp(y);
  case MASTING_INTERVAL:
    return interval(s->lower, s->upper, y, lp);
  case MASTING_ORDERED:
    if (first) return y;
    break;
  case MASTING_POSITIVE_ORDERED:
    break;
  }
  *lp += y;
  return before + exp(y);
}

void mst_constrain_scalar(const mst_span *span, const double *y, double *x, double *lp) {
  for (int64_t g = 0; g < span->groups; g++) {
    double before = 0;
    for (int64_t k = 0; k < span->length; k++) {
      int64_t i = g * span->group_stride + k * span->stride;
      x[i] = before = constrain(span, y[i], k == 0, before, lp);
    }
  }
}

/* The support of element x after the element `before`: *low < x < *high. */
static void support(const mst_span *s, bool first, double before, double *low, double *high) {
  *low = -INFINITY;
  *high = INFINITY;
  if (s->transform == MASTING_LOWER || s->transform == MASTING_INTERVAL) *low = s->lower;
  if (s->transform == MASTING_UPPER || s->transform == MASTING_INTERVAL) *high = s->upper;
  if (s->transform == MASTING_POSITIVE_ORDERED || (s->transform == MASTING_ORDERED && !first))
    *low = before;
}

static double unconstrain(const mst_span *s, bool first, double before, double x) {
  switch (s->transform) {
  case MASTING_IDENTITY:
    return x;
  case MASTING_LOWER:
    return log(x - s->lower);
  case MASTING_UPPER:
    return log(s->upper - x);
  case MASTING_INTERVAL:
    return log(x - s->lower) - log(s->upper - x);
  case MASTING_ORDERED:
    if (first) return x;
    break;
  case MASTING_POSITIVE_ORDERED:
    break;
  }
  return log(x - before);
}

masting_status mst_unconstrain_scalar(const mst_span *span, const char *name, const double *x,
                                      double *y, mst_error *err) {
  for (int64_t g = 0; g < span->groups; g++) {
    double before = 0;
    for (int64_t k = 0; k < span->length; k++) {
      int64_t i = g * span->group_stride + k * span->stride;
      double low, high;
      support(span, k == 0, before, &low, &high);
      if (!(x[i] > low && x[i] < high))
        return mst_fail(
            err, MASTING_ERR_DATA,
            "%s: element %lld is outside its support; expected between %g and %g, got %g", name,
            (long long)(i + 1), low, high, x[i]);
      y[i] = unconstrain(span, k == 0, before, x[i]);
      before = x[i];
    }
  }
  return MASTING_OK;
}
