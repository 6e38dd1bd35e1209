/* tests/mpi/drive.h -- the sampler's loop without files, so that a test can look at every step. */
#ifndef TESTS_MPI_DRIVE_H
#define TESTS_MPI_DRIVE_H

#include "adapt/warmup.h"
#include "fixture.h"
#include "run/engine.h"

typedef struct drive_options {
  int chains, lanes, max_depth, warmup;
  mst_adaptation adaptation;
  bool pooled;
  uint64_t seed;
} drive_options;

typedef struct drive {
  mst_target *target;
  mst_engine engine;
  mst_warmup warmup;
  mst_warmup_chain *warm;
  int *draws; /* per chain, after warm-up */
} drive;

/* Collective. Target, engine, starting points. Failures end the test. */
void drive_begin(drive *d, const mst_comm *comm, const fixture *g, const drive_options *options);
void drive_end(drive *d);

/* Collective. One step of all chains, adaptation included. */
void drive_step(drive *d);

/* Hash of what a run of that many steps went through: all positions of the globals at every
 * step, and at the end every row-local element in the order of rows. The same on all ranks,
 * collective. */
uint64_t drive_hash(const mst_comm *comm, const fixture *g, const drive_options *options,
                    int steps);

#endif
