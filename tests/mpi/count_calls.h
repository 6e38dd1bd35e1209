/* tests/mpi/count_calls.h -- how many messages a program sends, by MPI's profiling interface. */
#ifndef TESTS_MPI_COUNT_CALLS_H
#define TESTS_MPI_COUNT_CALLS_H

#include <stdint.h>

typedef struct call_counts {
  int64_t allreduce, other; /* other: every other call that talks to another rank */
} call_counts;

extern call_counts calls;

#endif
