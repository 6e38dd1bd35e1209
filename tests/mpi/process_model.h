/* tests/mpi/process_model.h -- tests/models/process.c at two lanes. */
#ifndef TESTS_MPI_PROCESS_MODEL_H
#define TESTS_MPI_PROCESS_MODEL_H

#include <masting/model_abi.h>

extern const masting_model *const process_model;

#endif
