/* data/simrng.h -- the random numbers of simulators and derived quantities, addressed by (seed,
 * chain, draw, use, row, count); simulators have chain and draw 0.
 *
 * Uniforms and normals have the same bits on all machines of an architecture; gamma and Poisson
 * numbers use the C library's logarithms besides. Not collective.
 */
#ifndef MST_DATA_SIMRNG_H
#define MST_DATA_SIMRNG_H

#include <masting/model_abi.h>
#include <stdbool.h>

#include "base/rng.h"

struct masting_rng {
  uint64_t seed, chain, draw, row;
  mst_use use;
  uint64_t count;           /* uniforms taken */
  threefry4x64_ctr_t words; /* those that hold number `count` */
  bool spare_there;
  double spare; /* second normal of the last pair */
};

/* A stream at its beginning. */
void mst_simrng_start(masting_rng *rng, uint64_t seed, mst_use use, int64_t row);

/* The same for a draw of a chain (numbers of warm-up and after it must differ); row 0. */
void mst_simrng_draw(masting_rng *rng, uint64_t seed, mst_use use, uint64_t chain, uint64_t draw);

extern const masting_rng_ops mst_simrng_ops;

#endif
