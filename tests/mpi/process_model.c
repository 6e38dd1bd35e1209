/* tests/mpi/process_model.c -- see process_model.h. */
#define MASTING_LANES 2
#include "process_model.h"

#include "models/process.c"

const masting_model *const process_model = &MASTING_MODEL_SYMBOL;
