/* linalg/scalapack.h -- what this room calls of ScaLAPACK and the BLACS. */
#ifndef MST_LINALG_SCALAPACK_H
#define MST_LINALG_SCALAPACK_H

#include <mpi.h>
#include <stddef.h>

int Csys2blacs_handle(MPI_Comm comm);
void Cfree_blacs_system_handle(int handle);
void Cblacs_gridmap(int *context, const int *map, int ldmap, int rows, int cols);
void Cblacs_gridexit(int context);

void pdsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *ia,
              const int *ja, const int *desca, double *w, double *z, const int *iz, const int *jz,
              const int *descz, double *work, const int *lwork, int *iwork, const int *liwork,
              int *info, size_t, size_t);

#endif
