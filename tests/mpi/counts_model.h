/* tests/mpi/counts_model.h -- a model of the test's own, at two lanes: two row-local parameters a
 * row that depend on each other, not Gaussian given the globals. */
#ifndef TESTS_MPI_COUNTS_MODEL_H
#define TESTS_MPI_COUNTS_MODEL_H

#include <masting/model_abi.h>

/* y ~ Poisson(exp(a + s z1 + b z2 + z1 z2 / 10)); all parameters, s > 0 too, ~ Normal(0, 1). Size
 * N, data y[N], as real numbers. */
extern const masting_model *const counts_model;

#endif
