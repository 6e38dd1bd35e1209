/* tests/mpi/fixture.h -- data sets in memory, for tests of the target and of what stands on it. */
#ifndef TESTS_MPI_FIXTURE_H
#define TESTS_MPI_FIXTURE_H

#include "data/dataset.h"
#include "target/target.h"

typedef struct fixture {
  mst_model_set set;
  mst_dataset data;
} fixture;

/* Values of a data variable in place of simulated ones: fills one row (row -1: a replicated
 * variable, whole). */
typedef void fixture_fill(void *context, int variable, int64_t row, void *out);

/* Opens a model of the gallery and makes this rank's part of a data set of these sizes:
 * simulated with `seed`, or filled by `fill` when it is not NULL. Not collective; failures end
 * the test. */
void fixture_make(fixture *g, const mst_comm *comm, const char *model, const int64_t *size,
                  uint64_t seed, fixture_fill *fill, void *context);

/* The same for a model that the test brings: set->width[] is copied. */
void fixture_bind(fixture *g, const mst_comm *comm, const mst_model_set *set, const int64_t *size,
                  uint64_t seed, fixture_fill *fill, void *context);
void fixture_free(fixture *g);

/* The model at its narrowest width. */
const masting_model *fixture_model(const fixture *g);

/* Ends the test with the message, unless status is MASTING_OK. */
void must(const mst_error *err);

/* The same numbers on every rank, uniform in (-radius, radius): count points of n elements. */
double *fixture_points(int64_t n, int count, double radius, uint64_t seed);

/* XXH3 of bytes, equal on all ranks or the test ends. Collective. */
uint64_t same_hash(const mst_comm *comm, const void *bytes, size_t count);

#endif
