/* tests/mpi/rows_model.h -- a model of the test's own, at four lanes: row-local parameters whose
 * curvature is data, so that it can be negative where it should not be. */
#ifndef TESTS_MPI_ROWS_MODEL_H
#define TESTS_MPI_ROWS_MODEL_H

#include <masting/model_abi.h>

/* u ~ Normal(0, 1); lp of a row: -c (z - u)^2 / 2. Size N, data c[N]. */
extern const masting_model *const rows_model;

#endif
