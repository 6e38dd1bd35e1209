/* masting/stan/sleef.h -- SLEEF's elementary functions as d_NAME and v_NAME, and d_ forms of what
 * lanes.h has (comparisons, masks, blends). Included by special.h alone.
 *
 * At most 1 ulp (sqrt: 0.5, erfc: 1.5) by SLEEF's statement. d_ forms are its scalar code in C,
 * the same on every CPU; at one lane v_ forms are that code too. Repaired here is what SLEEF
 * leaves out: asinh and acosh overflow beyond 1e154, atan2 of two denormals is infinite.
 */
#ifndef MASTING_STAN_SLEEF_H
#define MASTING_STAN_SLEEF_H

#include <masting/lanes.h>

/* Masks of doubles: 0 or -1, as those of lanes. */
static inline int64_t d_lt(double a, double b) { return -(int64_t)(a < b); }
static inline int64_t d_le(double a, double b) { return -(int64_t)(a <= b); }
static inline int64_t d_gt(double a, double b) { return -(int64_t)(a > b); }
static inline int64_t d_ge(double a, double b) { return -(int64_t)(a >= b); }
static inline int64_t d_eq(double a, double b) { return -(int64_t)(a == b); }
static inline int64_t d_ne(double a, double b) { return -(int64_t)(a != b); }
static inline int64_t d_isnan(double x) { return -(int64_t)(x != x); }
static inline int64_t d_and(int64_t a, int64_t b) { return a & b; }
static inline int64_t d_or(int64_t a, int64_t b) { return a | b; }
static inline int64_t d_not(int64_t a) { return ~a; }
static inline int d_any(int64_t m) { return m != 0; }
static inline double d_where(int64_t m, double a, double b) { return m ? a : b; }

static inline int64_t d_bits(double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double d_from_bits(int64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline double d_abs(double x) { return __builtin_fabs(x); }

/* Correctly rounded by IEEE 754. */
static inline double d_sqrt(double x) { return __builtin_sqrt(x); }

#define MASTING_BOTH_(name, ulp)                                                                   \
  double d_##name##_sleef_(double) MASTING_SYMBOL_(Sleef_##name##d1_##ulp##purec);                 \
  static inline double d_##name(double x) { return d_##name##_sleef_(x); }                         \
  MASTING_V_DEFINE_(v_##name, name, ulp)
#define MASTING_BOTH2_(name, ulp)                                                                  \
  double d_##name##_sleef_(double, double) MASTING_SYMBOL_(Sleef_##name##d1_##ulp##purec);         \
  static inline double d_##name(double x, double y) { return d_##name##_sleef_(x, y); }            \
  MASTING_V_DEFINE2_(v_##name, name, ulp)

/* lanes.h has these on lanes. */
static inline double d_exp(double x) { return d_exp_sleef_(x); }
static inline double d_log(double x) { return d_log_sleef_(x); }
double d_log1p_sleef_(double) MASTING_SYMBOL_(Sleef_log1pd1_u10purec);
double d_expm1_sleef_(double) MASTING_SYMBOL_(Sleef_expm1d1_u10purec);
static inline double d_log1p(double x) { return d_log1p_sleef_(x); }
static inline double d_expm1(double x) { return d_expm1_sleef_(x); }

MASTING_BOTH_(exp2, u10)
MASTING_BOTH_(log2, u10)
MASTING_BOTH_(log10, u10)
MASTING_BOTH_(cbrt, u10)
MASTING_BOTH_(sin, u10)
MASTING_BOTH_(cos, u10)
MASTING_BOTH_(tan, u10)
MASTING_BOTH_(asin, u10)
MASTING_BOTH_(acos, u10)
MASTING_BOTH_(atan, u10)
MASTING_BOTH_(sinh, u10)
MASTING_BOTH_(cosh, u10)
MASTING_BOTH_(tanh, u10)
MASTING_BOTH_(atanh, u10)
MASTING_BOTH_(erf, u10)
MASTING_BOTH_(erfc, u15)
MASTING_BOTH_(tgamma, u10)
MASTING_BOTH2_(pow, u10)
MASTING_BOTH2_(hypot, u05)

double d_atan2_sleef_(double, double) MASTING_SYMBOL_(Sleef_atan2d1_u10purec);

/* The angle does not change when both are scaled. */
static inline double d_atan2(double y, double x) {
  double scale = d_abs(x) < 0x1p-900 && d_abs(y) < 0x1p-900 ? 0x1p600 : 1.0;
  return d_atan2_sleef_(y * scale, x * scale);
}

MASTING_V_DEFINE2_(v_atan2_, atan2, u10)
static inline vreal v_atan2(vreal y, vreal x) {
  vmask small = v_and(v_lt(v_abs(x), v_all(0x1p-900)), v_lt(v_abs(y), v_all(0x1p-900)));
  vreal scale = v_where(small, v_all(0x1p600), v_all(1.0));
  return v_atan2_(y * scale, x * scale);
}

double d_asinh_sleef_(double) MASTING_SYMBOL_(Sleef_asinhd1_u10purec);
double d_acosh_sleef_(double) MASTING_SYMBOL_(Sleef_acoshd1_u10purec);

/* SLEEF's are infinite beyond 1e154, where they are log(2x). */
static inline double d_asinh(double x) {
  double size = d_abs(x);
  if (!(size > 1e150)) return d_asinh_sleef_(x);
  return __builtin_copysign(d_log(size) + 0.69314718055994530942, x);
}

static inline double d_acosh(double x) {
  return x > 1e150 ? d_log(x) + 0.69314718055994530942 : d_acosh_sleef_(x);
}

MASTING_V_DEFINE_(v_asinh_, asinh, u10)
MASTING_V_DEFINE_(v_acosh_, acosh, u10)

static inline vreal v_asinh(vreal x) {
  vreal size = v_abs(x), far = v_log(size) + 0.69314718055994530942;
  far = v_where(v_lt(x, v_all(0.0)), -far, far);
  return v_where(v_gt(size, v_all(1e150)), far, v_asinh_(x));
}

static inline vreal v_acosh(vreal x) {
  vreal far = v_log(x) + 0.69314718055994530942;
  return v_where(v_gt(x, v_all(1e150)), far, v_acosh_(x));
}

#endif
