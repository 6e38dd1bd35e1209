/* gallery/wide.h -- one SIMD register of doubles, whatever the lane width.
 *
 * Kernels whose arithmetic does not care which lane an element belongs to run on flat arrays of
 * doubles, a register at a time: so few lanes still fill the registers, and many lanes are
 * several registers that the compiler keeps apart. Its width follows from the SIMD level alone.
 * Functions are SLEEF's of that width, as in lanes.h: an element's result does not depend on its
 * position.
 */
#ifndef MST_MODEL_GALLERY_WIDE_H
#define MST_MODEL_GALLERY_WIDE_H

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <sleef.h>

#include <masting/lanes.h>

#if defined(__AVX512F__)
#define WIDE 8
#define WIDE_FN_(f, ulp) Sleef_##f##d8_##ulp##avx512f
typedef __m512d wide_sleef;
#elif defined(__AVX2__) && defined(__FMA__)
#define WIDE 4
#define WIDE_FN_(f, ulp) Sleef_##f##d4_##ulp##avx2
typedef __m256d wide_sleef;
#elif defined(__x86_64__)
#define WIDE 2
#define WIDE_FN_(f, ulp) Sleef_##f##d2_##ulp##sse2
typedef __m128d wide_sleef;
#elif defined(__aarch64__)
#define WIDE 2
#define WIDE_FN_(f, ulp) Sleef_##f##d2_##ulp##advsimd
typedef float64x2_t wide_sleef;
#else
#error "wide.h: no SIMD registers known for this architecture"
#endif

typedef double wide __attribute__((vector_size(8 * WIDE)));
typedef int64_t wide_mask __attribute__((vector_size(8 * WIDE)));
/* The same where it stands in memory, at any address. */
typedef double wide_memory __attribute__((vector_size(8 * WIDE), aligned(8), may_alias));

/* The part of a vreal that one register holds: all of it, or WIDE lanes of it. */
#if MASTING_LANES < WIDE
#define PART MASTING_LANES
#else
#define PART WIDE
#endif
#define PARTS (MASTING_LANES / PART)
#if PART == 1
typedef double part;
typedef double part_memory;
#else
typedef double part __attribute__((vector_size(8 * PART)));
typedef double part_memory __attribute__((vector_size(8 * PART), aligned(8), may_alias));
#endif

#define WIDE_INLINE static inline __attribute__((always_inline))

WIDE_INLINE wide wide_all(double x) { return x - (wide){0}; }
WIDE_INLINE wide wide_load(const double *p) { return *(const wide_memory *)p; }
WIDE_INLINE void wide_store(double *p, wide x) { *(wide_memory *)p = x; }
WIDE_INLINE part part_load(const double *p) { return *(const part_memory *)p; }
WIDE_INLINE void part_store(double *p, part x) { *(part_memory *)p = x; }

WIDE_INLINE wide wide_exp(wide x) { return (wide)WIDE_FN_(exp, u10)((wide_sleef)x); }
WIDE_INLINE wide wide_log(wide x) { return (wide)WIDE_FN_(log, u10)((wide_sleef)x); }

WIDE_INLINE wide wide_where(wide_mask m, wide a, wide b) {
  return (wide)(((wide_mask)a & m) | ((wide_mask)b & ~m));
}
WIDE_INLINE wide wide_abs(wide x) { return (wide)((wide_mask)x & ((wide_mask){0} + INT64_MAX)); }

#endif
