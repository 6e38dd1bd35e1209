/* data/memory.c -- see memory.h. Pages are given lazily, so an allocation that is too large
 * succeeds and the job is killed much later, without a word: better to compare beforehand. */
#define _GNU_SOURCE
#include "data/memory.h"

#include <stdio.h>
#include <unistd.h>

#include "base/show.h"

int64_t mst_memory_available(void) {
  char line[128];
  long long kib = -1;
  FILE *f = fopen("/proc/meminfo", "r");
  if (!f) return -1;
  while (kib < 0 && fgets(line, sizeof line, f))
    if (sscanf(line, "MemAvailable: %lld", &kib) != 1) kib = -1;
  fclose(f);
  return kib < 0 ? -1 : (int64_t)kib * 1024;
}

masting_status mst_memory_refuse(const mst_comm *comm, int64_t bytes, const char *what,
                                 mst_error *err) {
  MPI_Comm node = MPI_COMM_NULL;
  int64_t here = 0, room = -1;
  int ranks = 1;
  if (mst_mpi_check(
          MPI_Comm_split_type(comm->mpi, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &node),
          "MPI_Comm_split_type", err) == MASTING_OK) {
    MPI_Comm_size(node, &ranks);
    mst_mpi_check(MPI_Allreduce(&bytes, &here, 1, MPI_INT64_T, MPI_SUM, node), "MPI_Allreduce",
                  err);
    MPI_Comm_free(&node);
    room = mst_memory_available();
  }
  if (room >= 0 && here > room) {
    char host[65] = "", a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
    gethostname(host, sizeof host - 1);
    mst_fail(
        err, MASTING_ERR_MEMORY,
        "%s: too large for the memory of host %s; expected at most %s, got %s on %d rank%s (%s on "
        "this one); try more nodes",
        what, host, mst_show_bytes(room, a), mst_show_bytes(here, b), ranks, ranks == 1 ? "" : "s",
        mst_show_bytes(bytes, c));
  }
  return mst_agree(comm, err);
}
