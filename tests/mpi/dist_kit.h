/* tests/mpi/dist_kit.h -- matrices for tests of distributed linear algebra: every element has an
 * address, so that any rank can make it. */
#ifndef TESTS_DIST_KIT_H
#define TESTS_DIST_KIT_H

#include <math.h>
#include <stdint.h>

typedef struct kit {
  int n;
  double decades; /* of the scales of the rows: the condition is about 10^(2 decades) */
} kit;

static inline double kit_uniform(uint64_t at) { /* -0.5 .. 0.5 (splitmix64) */
  at += UINT64_C(0x9e3779b97f4a7c15);
  at = (at ^ (at >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  at = (at ^ (at >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (double)((at ^ (at >> 31)) >> 11) * 0x1p-53 - 0.5;
}

/* Symmetric, diagonally dominant before its rows and columns are scaled: positive definite. */
static inline double kit_spd(int i, int j, void *context) {
  const kit *k = context;
  double scale = pow(10.0, -k->decades * (i + j) / k->n);
  return scale * (i == j ? 1.0 + 0.5 * k->n : kit_uniform((uint64_t)i * 100003 + (uint64_t)j));
}

#endif
