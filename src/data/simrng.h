/* data/simrng.h -- the random numbers of simulators, addressed by (seed, use, row, count).
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
  uint64_t seed, row;
  mst_use use;
  uint64_t count;           /* uniforms taken */
  threefry4x64_ctr_t words; /* those that hold number `count` */
  bool spare_there;
  double spare; /* second normal of the last pair */
};

/* A stream at its beginning. */
void mst_simrng_start(masting_rng *rng, uint64_t seed, mst_use use, int64_t row);

extern const masting_rng_ops mst_simrng_ops;

#endif
