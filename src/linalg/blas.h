/* linalg/blas.h -- the BLAS that this room links: its version, and how to hold it to one thread.
 *
 * A threaded BLAS cuts sums otherwise for another number of threads, so its answers depend on
 * OMP_NUM_THREADS. Whatever enters a draw is computed by one thread: all of this room's functions
 * hold the BLAS to one and give back what was set. Where the BLAS has no such call (it is not
 * OpenBLAS), its environment variable must say so; mst_blas_version tells.
 *
 * OpenBLAS picks its kernels by the processor, and other kernels round otherwise: ranks on
 * different processors must be told to use the same (mst_blas_agree).
 */
#ifndef MST_LINALG_BLAS_H
#define MST_LINALG_BLAS_H

#include "par/comm.h"

typedef struct mst_blas_hold {
  int blas, omp; /* threads before */
} mst_blas_hold;

/* One thread from here on, until mst_blas_release. Holds nest. Not collective; not for several
 * threads at once. */
mst_blas_hold mst_blas_single(void);
void mst_blas_release(mst_blas_hold hold);

/* "OpenBLAS 0.3.21, SkylakeX kernels"; a static string. Not collective. */
const char *mst_blas_version(void);

/* Collective. An error on all ranks if their processors made the BLAS choose different kernels: the
 * replicated matrices would differ. */
masting_status mst_blas_agree(const mst_comm *comm, mst_error *err);

#endif
