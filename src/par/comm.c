/* par/comm.c -- see comm.h. */
#define _GNU_SOURCE
#include "par/comm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

static void abort_everything(void) {
  int on = 0;
  MPI_Initialized(&on);
  if (on) MPI_Abort(MPI_COMM_WORLD, 70);
}

masting_status mst_mpi_check(int code, const char *call, mst_error *err) {
  if (code == MPI_SUCCESS) return MASTING_OK;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return mst_fail(err, MASTING_ERR_MPI, "%s: MPI failed: %s", call, text);
}

/* A job whose ranks do not know of each other would run N copies that overwrite each other. */
static masting_status refuse_singletons(const mst_comm *comm, mst_error *err) {
  static const char *const tellers[] = {"SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
  for (size_t i = 0; i < sizeof tellers / sizeof *tellers; i++) {
    const char *value = getenv(tellers[i]);
    if (comm->size == 1 && value && atoi(value) > 1)
      return mst_fail(err, MASTING_ERR_USAGE,
                      "MPI: %s=%s but this process sees one rank only, so the ranks do not know of "
                      "each other; try `mpirun` in place of `srun`, or `srun --mpi=pmix`",
                      tellers[i], value);
  }
  return MASTING_OK;
}

masting_status mst_comm_begin(mst_comm *comm, mst_error *err) {
  int provided = 0;
  memset(comm, 0, sizeof *comm);
  comm->mpi = MPI_COMM_NULL;
  comm->size = 1;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
    return mst_fail(err, MASTING_ERR_MPI, "MPI_Init_thread: MPI does not start");
  mst_abort_hook = abort_everything;
  MPI_Comm_dup(MPI_COMM_WORLD, &comm->mpi);
  MPI_Comm_set_errhandler(comm->mpi, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(comm->mpi, &comm->rank);
  MPI_Comm_size(comm->mpi, &comm->size);
#ifdef _OPENMP
  comm->threads = omp_get_max_threads();
#else
  comm->threads = 1;
#endif
  return refuse_singletons(comm, err);
}

void mst_comm_end(mst_comm *comm) {
  if (comm->mpi != MPI_COMM_NULL) MPI_Comm_free(&comm->mpi);
  int on = 0;
  MPI_Initialized(&on);
  if (on) MPI_Finalize();
}

masting_status mst_agree(const mst_comm *comm, mst_error *err) {
  int mine = err->status == MASTING_OK ? comm->size : comm->rank, first = comm->size;
  mst_error lost = {0};
  if (mst_mpi_check(MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm->mpi), "MPI_Allreduce",
                    &lost) != MASTING_OK)
    mst_abort_all(comm, &lost);
  mst_count(comm, (int64_t)sizeof first);
  if (first == comm->size) return MASTING_OK;
  if (comm->rank == first) err->rank = first;
  if (mst_mpi_check(MPI_Bcast(err, (int)sizeof *err, MPI_BYTE, first, comm->mpi), "MPI_Bcast",
                    &lost) != MASTING_OK)
    mst_abort_all(comm, &lost);
  mst_count(comm, (int64_t)sizeof *err);
  return err->status;
}

masting_status mst_bcast(const mst_comm *comm, void *bytes, int64_t count, mst_error *err) {
  char *at = bytes;
  while (count > 0) {
    int piece = count > (1 << 30) ? (1 << 30) : (int)count;
    if (mst_mpi_check(MPI_Bcast(at, piece, MPI_BYTE, 0, comm->mpi), "MPI_Bcast", err) != MASTING_OK)
      return err->status;
    at += piece;
    count -= piece;
  }
  return MASTING_OK;
}

void mst_abort_all(const mst_comm *comm, const mst_error *err) {
  fprintf(stderr, "masting: error: rank %d: %s\n", comm->rank, err->message);
  fflush(stderr);
  MPI_Abort(MPI_COMM_WORLD, masting_exit_status(err->status));
  abort();
}
