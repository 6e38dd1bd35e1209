/* par/comm.h -- the ranks of a run, and how they agree.
 *
 * mst_comm is this process's view of the communicator. `mst_agree` is how a failure that one rank
 * sees alone becomes everybody's before the next collective: law "no rank ever waits for a rank
 * that has left".
 */
#ifndef MST_PAR_COMM_H
#define MST_PAR_COMM_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Collective calls of this rank and the bytes that it had from them. */
typedef struct mst_traffic {
  int64_t calls, bytes;
} mst_traffic;

typedef struct mst_comm {
  MPI_Comm mpi;
  int rank, size;
  int threads;          /* OpenMP threads that this rank will use */
  mst_traffic *traffic; /* NULL, or where agreements and matrices over these ranks are counted */
} mst_comm;

/* Collective. Initialises MPI (FUNNELED), duplicates MPI_COMM_WORLD, makes MPI errors return,
 * installs the abort hook. Refuses a job whose processes were started without MPI (SLURM_NTASKS or
 * PMI_SIZE > 1 and one rank). Frees nothing on failure: the caller prints and calls
 * mst_comm_end. */
masting_status mst_comm_begin(mst_comm *comm, mst_error *err);

/* Collective. Ends MPI. */
void mst_comm_end(mst_comm *comm);

/* Collective. If any rank's err is set, all ranks get that of the lowest such rank (with its number
 * in err->rank) and its status is returned on all; else MASTING_OK. One allreduce when all is
 * well. */
masting_status mst_agree(const mst_comm *comm, mst_error *err);

/* Collective. Rank 0's bytes to all. */
masting_status mst_bcast(const mst_comm *comm, void *bytes, int64_t count, mst_error *err);

/* Counts a collective call, if the comm counts. Not collective. */
static inline void mst_count(const mst_comm *comm, int64_t bytes) {
  if (!comm->traffic) return;
  comm->traffic->calls++;
  comm->traffic->bytes += bytes;
}

/* Turns an MPI return code into an error that names the call. Not collective. */
masting_status mst_mpi_check(int code, const char *call, mst_error *err);

/* Not collective, does not return: prints the error with the rank's number and stops all ranks. */
_Noreturn void mst_abort_all(const mst_comm *comm, const mst_error *err);

#endif
