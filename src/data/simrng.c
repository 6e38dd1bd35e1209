/* data/simrng.c -- see simrng.h. */
#define _GNU_SOURCE
#include "data/simrng.h"

#include <sleef.h>

#include <math.h>

void mst_simrng_start(masting_rng *rng, uint64_t seed, mst_use use, int64_t row) {
  *rng = (masting_rng){.seed = seed, .row = (uint64_t)row, .use = use};
}

void mst_simrng_draw(masting_rng *rng, uint64_t seed, mst_use use, uint64_t chain, uint64_t draw) {
  *rng = (masting_rng){.seed = seed, .chain = chain, .draw = draw, .use = use};
}

static void seek(masting_rng *rng, int64_t row) {
  rng->row = (uint64_t)row;
  rng->count = 0;
  rng->spare_there = false;
}

/* As mst_rng_words, which has no place for both draw and row. */
static threefry4x64_ctr_t words(const masting_rng *rng) {
  threefry4x64_key_t key = {{rng->seed, rng->chain, rng->draw, 0}};
  threefry4x64_ctr_t counter = {{rng->count / 4, rng->row, (uint64_t)rng->use, 0}};
  return threefry4x64_R(20, counter, key);
}

static double uniform(masting_rng *rng) {
  if (rng->count % 4 == 0) rng->words = words(rng);
  return mst_uniform_from(rng->words.v[rng->count++ % 4]);
}

/* Box and Muller 1958, "A note on the generation of random normal deviates", Ann. Math. Stat.
 * 29(2). SLEEF's portable functions do not depend on which instructions a machine has. */
static double normal(masting_rng *rng) {
  if (rng->spare_there) {
    rng->spare_there = false;
    return rng->spare;
  }
  double u = uniform(rng), v = uniform(rng);
  double r = sqrt(-2.0 * Sleef_logd1_u10purec(u));
  Sleef_double_2 sc = Sleef_sincospid1_u05purec(2.0 * v);
  rng->spare = r * sc.x;
  rng->spare_there = true;
  return r * sc.y;
}

/* Marsaglia and Tsang 2000, "A simple method for generating gamma variables", ACM TOMS 26(3), with
 * their section 6 for shapes below one. */
static double gamma_number(masting_rng *rng, double shape) {
  double boost = 1.0;
  if (!(shape > 0) || isinf(shape)) return NAN;
  if (shape < 1.0) {
    boost = pow(uniform(rng), 1.0 / shape);
    shape += 1.0;
  }
  double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
  for (;;) {
    double x = normal(rng), v = 1.0 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    double u = uniform(rng);
    if (u < 1.0 - 0.0331 * x * x * x * x || log(u) < 0.5 * x * x + d * (1.0 - v + log(v)))
      return d * v * boost;
  }
}

/* Few: count uniforms until their product falls below exp(-mean) (Knuth, The Art of Computer
 * Programming, vol. 2, 3.4.1). */
static int64_t poisson_small(masting_rng *rng, double mean) {
  double limit = exp(-mean), product = uniform(rng);
  int64_t k = 0;
  for (; product > limit; k++) product *= uniform(rng);
  return k;
}

/* log(k!) less Stirling's formula. */
static double stirling_error(double k) {
  if (k < 16) {
    int sign;
    return lgamma_r(k + 1.0, &sign) - (k + 0.5) * log(k) + k - 0.91893853320467274178;
  }
  double i = 1.0 / k, ii = i * i;
  return i * (1.0 / 12 - ii * (1.0 / 360 - ii * (1.0 / 1260 - ii / 1680)));
}

/* k log(k / mean) + mean - k without cancellation where k is near the mean. */
static double deviance(double k, double mean) {
  if (fabs(k - mean) >= 0.1 * (k + mean)) return k * log(k / mean) + mean - k;
  double v = (k - mean) / (k + mean), sum = (k - mean) * v, term = 2.0 * k * v;
  for (int j = 1; j < 1000; j++) {
    term *= v * v;
    double next = sum + term / (2 * j + 1);
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

/* log of the probability of k by its saddle point: accurate for any mean, where the sum of large
 * logarithms is not. Loader 2000, "Fast and accurate computation of binomial probabilities". */
static double poisson_log(double k, double mean) {
  if (k == 0) return -mean;
  return -stirling_error(k) - deviance(k, mean) - 0.5 * log(2 * 3.14159265358979323846 * k);
}

/* Many: transformed rejection with squeeze, algorithm PTRS of Hoermann 1993, "The transformed
 * rejection method for generating Poisson random variables", Insurance: Math. and Economics 12(1).
 */
static int64_t poisson_large(masting_rng *rng, double mean) {
  double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
  double inv_alpha = 1.1239 + 1.1328 / (b - 3.4), vr = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    double u = uniform(rng) - 0.5, v = uniform(rng), us = 0.5 - fabs(u);
    double k = floor((2.0 * a / us + b) * u + mean + 0.43);
    if (k < 0 || k > 0x1p62) continue;
    if (us >= 0.07 && v <= vr) return (int64_t)k;
    if (us < 0.013 && v > us) continue;
    if (log(v) + log(inv_alpha) - log(a / (us * us) + b) <= poisson_log(k, mean)) return (int64_t)k;
  }
}

/* A mean that is no mean, or so large that counts stop being whole doubles, gives -1: the check of
 * the data that are read back names it. */
static int64_t poisson(masting_rng *rng, double mean) {
  if (!(mean >= 0) || mean > 0x1p52) return -1;
  return mean < 10 ? poisson_small(rng, mean) : poisson_large(rng, mean);
}

const masting_rng_ops mst_simrng_ops = {
    .uniform = uniform, .normal = normal, .gamma = gamma_number, .poisson = poisson, .seek = seek};
