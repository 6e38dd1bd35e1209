/* bench/empty_mpi.c -- starts MPI and ends it: what a start costs before masting does anything. */
#include <mpi.h>

int main(int argc, char **argv) {
  int provided;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  return MPI_Finalize();
}
