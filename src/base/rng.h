/* base/rng.h -- counter-based random numbers: every number has an address, and no state.
 *
 * A number is addressed by (seed, chain, epoch, use, index), never by rank or thread, so any rank
 * can make any number and every rank makes the same. The generator is Random123's Threefry-4x64-20
 * (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11): add, rotate and xor
 * on 64-bit words, which vectorise on every machine. Not collective.
 */
#ifndef MST_BASE_RNG_H
#define MST_BASE_RNG_H

#include <stdint.h>

#include <Random123/threefry.h>

/* What a number is for: part of its address. Add at the end, never renumber. */
typedef enum mst_use {
  MST_USE_INIT = 1,      /* starting points */
  MST_USE_MOMENTUM,      /* momenta, index = element */
  MST_USE_TREE,          /* directions and choices of a tree */
  MST_USE_SIM_GLOBAL,    /* simulators: global parameters */
  MST_USE_SIM_DATA,      /* simulators: replicated data */
  MST_USE_SIM_ROW,       /* simulators: a row, epoch = row */
  MST_USE_CHECK,         /* points at which a gradient is checked */
  MST_USE_DERIVE,        /* derived quantities of a draw */
  MST_USE_DERIVE_ROW,    /* row-derived quantities of a draw, epoch = row */
  MST_USE_APPROXIMATION, /* draws of a Gaussian approximation, epoch = draw, index = element */
  MST_USE_START,         /* starting points around given ones, index = element */
  MST_USE_PATH,          /* draws along a path to a mode, epoch = draw, index = element */
  MST_USE_RESAMPLE,      /* choices among weighted draws */
  MST_USE_SETUP,         /* data that a model makes, replicated: epoch 0, or 1 + phase */
  MST_USE_SETUP_ROW      /* the same of a row, in a phase */
} mst_use;

/* The four 64-bit words at an address; `index` counts words of four. */
static inline threefry4x64_ctr_t mst_rng_words(uint64_t seed, uint64_t chain, uint64_t epoch,
                                               mst_use use, uint64_t index) {
  threefry4x64_key_t key = {{seed, chain, 0, 0}};
  threefry4x64_ctr_t counter = {{index, epoch, (uint64_t)use, 0}};
  return threefry4x64_R(20, counter, key);
}

/* A uniform in (0,1), never 0 nor 1: 52 random bits and a half. Without integer-to-double
 * conversion, which not every SIMD set has. */
static inline double mst_uniform_from(uint64_t word) {
  union {
    uint64_t u;
    double d;
  } x = {(word >> 12) | UINT64_C(0x3FF0000000000000)};
  return x.d - 1.0 + 0x1p-53;
}

/* The index-th uniform of a stream. */
static inline double mst_uniform(uint64_t seed, uint64_t chain, uint64_t epoch, mst_use use,
                                 uint64_t index) {
  threefry4x64_ctr_t w = mst_rng_words(seed, chain, epoch, use, index >> 2);
  return mst_uniform_from(w.v[index & 3]);
}

#endif
