/* model/transform.h -- constraining transforms: where they act, and scalar forms of them.
 *
 * The sampler moves on the unconstrained scale y, models see the constrained scale x = T(y), and
 * the log density gains log |det dT/dy|. Formulas: Stan Reference Manual, "Constraint
 * transforms". The lane forms that the sampler runs are in transform_lanes.h; those here are for
 * starting points, checks and tests. Not collective.
 */
#ifndef MST_MODEL_TRANSFORM_H
#define MST_MODEL_TRANSFORM_H

#include "model/model.h"

/* The elements of one parameter that stand together: `groups` independent vectors of `length`
 * elements; element k of group g is at g * group_stride + k * stride. Only ordered transforms care
 * for vectors, and act along them. */
typedef struct mst_span {
  masting_transform transform;
  double lower, upper;
  int64_t groups, length, group_stride, stride;
} mst_span;

/* The span of a parameter: all of a global one, or one row's elements of a row-local one. Add the
 * parameter's offset (and row * locals) to find its first element. */
mst_span mst_span_of(const mst_layout *layout, int param);

/* x[span] = T(y[span]); adds log |det dT/dy| to *lp. x and y must not overlap. */
void mst_constrain_scalar(const mst_span *span, const double *y, double *x, double *lp);

/* y[span] = T^-1(x[span]). Refuses values outside the support or on its border; `name` is the
 * parameter's, for the message. */
masting_status mst_unconstrain_scalar(const mst_span *span, const char *name, const double *x,
                                      double *y, mst_error *err);

#endif
