/* base/portable.h -- exp, log, expm1 and log1p with the same bits on every processor.
 *
 * A decision that every rank makes for itself (accept, step size, weight) must not depend on which
 * C library or SIMD level a rank has. These are SLEEF's purely scalar functions without fused
 * multiply-add, within 1 ulp. Not collective; pure.
 */
#ifndef MST_BASE_PORTABLE_H
#define MST_BASE_PORTABLE_H

#include <sleef.h>

static inline double mst_exp_same(double x) { return Sleef_cinz_expd1_u10purec(x); }
static inline double mst_log_same(double x) { return Sleef_cinz_logd1_u10purec(x); }
static inline double mst_expm1_same(double x) { return Sleef_cinz_expm1d1_u10purec(x); }
static inline double mst_log1p_same(double x) { return Sleef_cinz_log1pd1_u10purec(x); }

#endif
