/* tests/mpi/count_calls.c -- see count_calls.h. Calls that communicate, counted and passed on. */
#include "count_calls.h"

#include <mpi.h>

call_counts calls;

#define COUNTED(name, parameters, arguments)                                                       \
  int MPI_##name parameters {                                                                      \
    calls.other++;                                                                                 \
    return PMPI_##name arguments;                                                                  \
  }

int MPI_Allreduce(const void *send, void *receive, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
  calls.allreduce++;
  return PMPI_Allreduce(send, receive, count, type, op, comm);
}

COUNTED(Barrier, (MPI_Comm comm), (comm))
COUNTED(Bcast, (void *x, int n, MPI_Datatype type, int root, MPI_Comm comm),
        (x, n, type, root, comm))
COUNTED(Reduce,
        (const void *x, void *y, int n, MPI_Datatype type, MPI_Op op, int root, MPI_Comm comm),
        (x, y, n, type, op, root, comm))
COUNTED(Iallreduce,
        (const void *x, void *y, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
         MPI_Request *request),
        (x, y, n, type, op, comm, request))
COUNTED(Gather,
        (const void *x, int n, MPI_Datatype type, void *y, int m, MPI_Datatype other, int root,
         MPI_Comm comm),
        (x, n, type, y, m, other, root, comm))
COUNTED(Gatherv,
        (const void *x, int n, MPI_Datatype type, void *y, const int *m, const int *at,
         MPI_Datatype other, int root, MPI_Comm comm),
        (x, n, type, y, m, at, other, root, comm))
COUNTED(Allgather,
        (const void *x, int n, MPI_Datatype type, void *y, int m, MPI_Datatype other,
         MPI_Comm comm),
        (x, n, type, y, m, other, comm))
COUNTED(Allgatherv,
        (const void *x, int n, MPI_Datatype type, void *y, const int *m, const int *at,
         MPI_Datatype other, MPI_Comm comm),
        (x, n, type, y, m, at, other, comm))
COUNTED(Scatter,
        (const void *x, int n, MPI_Datatype type, void *y, int m, MPI_Datatype other, int root,
         MPI_Comm comm),
        (x, n, type, y, m, other, root, comm))
COUNTED(Alltoall,
        (const void *x, int n, MPI_Datatype type, void *y, int m, MPI_Datatype other,
         MPI_Comm comm),
        (x, n, type, y, m, other, comm))
COUNTED(Alltoallv,
        (const void *x, const int *n, const int *from, MPI_Datatype type, void *y, const int *m,
         const int *at, MPI_Datatype other, MPI_Comm comm),
        (x, n, from, type, y, m, at, other, comm))
COUNTED(Exscan, (const void *x, void *y, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
        (x, y, n, type, op, comm))
COUNTED(Scan, (const void *x, void *y, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
        (x, y, n, type, op, comm))
COUNTED(Send, (const void *x, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm),
        (x, n, type, to, tag, comm))
COUNTED(Isend,
        (const void *x, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm,
         MPI_Request *request),
        (x, n, type, to, tag, comm, request))
COUNTED(Recv,
        (void *x, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Status *status),
        (x, n, type, from, tag, comm, status))
COUNTED(Irecv,
        (void *x, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Request *request),
        (x, n, type, from, tag, comm, request))
COUNTED(Iprobe, (int from, int tag, MPI_Comm comm, int *flag, MPI_Status *status),
        (from, tag, comm, flag, status))
