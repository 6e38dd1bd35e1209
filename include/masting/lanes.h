/* masting/lanes.h -- vreal: one real number per chain, and the functions a model needs on it.
 *
 * All chains of a batch advance together. A parameter is a vreal whose lanes are the chains, so
 * one row of data is read once for all of them. MASTING_LANES (1, 2, 4, 8 or 16) is fixed when the
 * file that includes this header is compiled; arithmetic is written with plain operators and a
 * double is broadcast by them: `eta += x[j] * beta[j]`.
 *
 * Elementary functions are SLEEF's (1.0 ulp variants): the same bits whatever the address, the
 * number of threads or the lane that a chain sits in. No -ffast-math anywhere: NaN must stay NaN.
 */
#ifndef MASTING_LANES_H
#define MASTING_LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef MASTING_LANES
#define MASTING_LANES 8
#endif

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

#if MASTING_LANES == 1
typedef double vreal;
typedef int64_t vmask; /* 0 or -1 */
#elif MASTING_LANES == 2 || MASTING_LANES == 4 || MASTING_LANES == 8 || MASTING_LANES == 16
typedef double vreal __attribute__((vector_size(8 * MASTING_LANES)));
typedef int64_t vmask __attribute__((vector_size(8 * MASTING_LANES)));
#else
#error "MASTING_LANES must be 1, 2, 4, 8 or 16"
#endif

/* x in every lane. */
static inline vreal v_all(double x) {
#if MASTING_LANES == 1
  return x;
#else
  return x - (vreal){0};
#endif
}

static inline double v_get(vreal x, int lane) {
#if MASTING_LANES == 1
  (void)lane;
  return x;
#else
  return x[lane];
#endif
}

static inline vreal v_put(vreal x, int lane, double value) {
#if MASTING_LANES == 1
  (void)x;
  (void)lane;
  return value;
#else
  x[lane] = value;
  return x;
#endif
}

/* Comparisons: all bits set in the lanes where they hold. */
static inline vmask v_lt(vreal a, vreal b) {
#if MASTING_LANES == 1
  return -(int64_t)(a < b);
#else
  return (vmask)(a < b);
#endif
}

static inline vmask v_le(vreal a, vreal b) {
#if MASTING_LANES == 1
  return -(int64_t)(a <= b);
#else
  return (vmask)(a <= b);
#endif
}

static inline vmask v_eq(vreal a, vreal b) {
#if MASTING_LANES == 1
  return -(int64_t)(a == b);
#else
  return (vmask)(a == b);
#endif
}

static inline vmask v_gt(vreal a, vreal b) { return v_lt(b, a); }
static inline vmask v_ge(vreal a, vreal b) { return v_le(b, a); }
static inline vmask v_ne(vreal a, vreal b) { return ~v_eq(a, b); }
static inline vmask v_isnan(vreal x) { return v_ne(x, x); }
static inline vmask v_and(vmask a, vmask b) { return a & b; }
static inline vmask v_or(vmask a, vmask b) { return a | b; }
static inline vmask v_not(vmask a) { return ~a; }

#if defined(__has_builtin) && !defined(__clang__)
#define MASTING_HAS_PTEST_ __has_builtin(__builtin_ia32_ptestmq512)
#else
#define MASTING_HAS_PTEST_ 0
#endif

/* Whether a lane of the mask is set. For leaving out work that no lane needs, and for nothing that
 * changes what a lane gets. */
static inline int v_any(vmask m) {
#if MASTING_LANES == 1
  return m != 0;
#elif MASTING_LANES == 8 && defined(__AVX512F__) && MASTING_HAS_PTEST_
  typedef long long words __attribute__((vector_size(64)));
  return __builtin_ia32_ptestmq512((words)m, (words)m, 0xff) != 0;
#else
  int64_t any = 0;
  for (int lane = 0; lane < MASTING_LANES; lane++) any |= m[lane];
  return any != 0;
#endif
}

/* The bits of x, and back. */
static inline vmask v_bits(vreal x) {
  vmask bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline vreal v_from_bits(vmask bits) {
  vreal x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* a where the mask is set, b elsewhere. */
static inline vreal v_where(vmask m, vreal a, vreal b) {
#if MASTING_LANES == 1
  return m ? a : b;
#else
  return (vreal)(((vmask)a & m) | ((vmask)b & ~m));
#endif
}

static inline vreal v_abs(vreal x) { return v_from_bits(v_bits(x) & INT64_MAX); }

/* An elementary function, SLEEF's, on as many lanes at once as the machine has.
 *
 * Each is declared here, under a name of our own, and on x86-64 a register is a GNU vector: sleef.h
 * includes all of the compiler's intrinsics, 70,000 lines, and reading them was half the time that
 * a small model took to compile. A model may include sleef.h or immintrin.h itself. */
#if MASTING_LANES >= 8 && defined(__AVX512F__)
#define MASTING_V_CHUNK_ 8
#define MASTING_V_TYPE_ masting_register_
typedef double masting_register_ __attribute__((vector_size(64), may_alias));
#define MASTING_V_FN_(f, ulp) Sleef_##f##d8_##ulp##avx512f
#elif MASTING_LANES >= 4 && defined(__AVX2__) && defined(__FMA__)
#define MASTING_V_CHUNK_ 4
#define MASTING_V_TYPE_ masting_register_
typedef double masting_register_ __attribute__((vector_size(32), may_alias));
#define MASTING_V_FN_(f, ulp) Sleef_##f##d4_##ulp##avx2
#elif MASTING_LANES >= 2 && defined(__x86_64__)
#define MASTING_V_CHUNK_ 2
#define MASTING_V_TYPE_ masting_register_
typedef double masting_register_ __attribute__((vector_size(16), may_alias));
#define MASTING_V_FN_(f, ulp) Sleef_##f##d2_##ulp##sse2
#elif MASTING_LANES >= 2 && defined(__aarch64__)
#define MASTING_V_CHUNK_ 2
#define MASTING_V_TYPE_ float64x2_t
#define MASTING_V_FN_(f, ulp) Sleef_##f##d2_##ulp##advsimd
#else
#define MASTING_V_CHUNK_ 1
#define MASTING_V_TYPE_ double
#define MASTING_V_FN_(f, ulp) Sleef_##f##d1_##ulp##purec
#endif

#define MASTING_SYMBOL_TEXT_(symbol) #symbol
#define MASTING_SYMBOL_(symbol) __asm__(MASTING_SYMBOL_TEXT_(symbol))

#define MASTING_V_DEFINE_(name, f, ulp)                                                            \
  MASTING_V_TYPE_ name##_sleef_(MASTING_V_TYPE_) MASTING_SYMBOL_(MASTING_V_FN_(f, ulp));           \
  static inline vreal name(vreal x) {                                                              \
    MASTING_V_TYPE_ part[MASTING_LANES / MASTING_V_CHUNK_];                                        \
    memcpy(part, &x, sizeof x);                                                                    \
    for (int i = 0; i < MASTING_LANES / MASTING_V_CHUNK_; i++) part[i] = name##_sleef_(part[i]);   \
    memcpy(&x, part, sizeof x);                                                                    \
    return x;                                                                                      \
  }

/* The same for a function of two arguments. */
#define MASTING_V_DEFINE2_(name, f, ulp)                                                           \
  MASTING_V_TYPE_ name##_sleef_(MASTING_V_TYPE_, MASTING_V_TYPE_)                                  \
      MASTING_SYMBOL_(MASTING_V_FN_(f, ulp));                                                      \
  static inline vreal name(vreal x, vreal y) {                                                     \
    MASTING_V_TYPE_ part[MASTING_LANES / MASTING_V_CHUNK_];                                        \
    MASTING_V_TYPE_ other[MASTING_LANES / MASTING_V_CHUNK_];                                       \
    memcpy(part, &x, sizeof x);                                                                    \
    memcpy(other, &y, sizeof y);                                                                   \
    for (int i = 0; i < MASTING_LANES / MASTING_V_CHUNK_; i++)                                     \
      part[i] = name##_sleef_(part[i], other[i]);                                                  \
    memcpy(&x, part, sizeof x);                                                                    \
    return x;                                                                                      \
  }

/* SLEEF's scalar code in C: the same bits on every CPU. */
double d_exp_sleef_(double) MASTING_SYMBOL_(Sleef_expd1_u10purec);
double d_log_sleef_(double) MASTING_SYMBOL_(Sleef_logd1_u10purec);

MASTING_V_DEFINE_(v_exp, exp, u10)
MASTING_V_DEFINE_(v_log, log, u10)
MASTING_V_DEFINE_(v_log1p, log1p, u10)
MASTING_V_DEFINE_(v_expm1, expm1, u10)
MASTING_V_DEFINE_(v_sqrt, sqrt, u05)

/* log(1 + e^x) and 1/(1 + e^-x) together, without overflow at either end. */
static inline vreal v_log1p_exp_slope(vreal x, vreal *inv_logit) {
  vreal e = v_exp(-v_abs(x));
  vmask neg = v_lt(x, v_all(0.0));
  vreal one = v_all(1.0);
  *inv_logit = v_where(neg, e, one) / (one + e);
  return v_where(neg, v_all(0.0), x) + v_log1p(e);
}

#endif
