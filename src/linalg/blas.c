/* linalg/blas.c -- see blas.h. */
#define _GNU_SOURCE
#include "config.h"

#include "linalg/blas.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

typedef void set_fn(int);
typedef int get_fn(void);
typedef char *tell_fn(void);

typedef struct openblas {
  set_fn *set;
  get_fn *get;
  tell_fn *config, *core;
} openblas;

#ifdef HAVE_OPENBLAS_SET_NUM_THREADS
set_fn openblas_set_num_threads;
get_fn openblas_get_num_threads;
tell_fn openblas_get_config, openblas_get_corename;
#else
/* Data pointer to function pointer, as POSIX allows for dlsym. */
static void find(const char *name, void *function) {
  void *symbol = dlsym(RTLD_DEFAULT, name);
  memcpy(function, &symbol, sizeof symbol);
}
#endif

/* OpenBLAS, if that is what runs: a system may put it in the place of the BLAS that was linked. */
static const openblas *library(void) {
  static openblas found;
  static int looked;
  if (!looked) {
#ifdef HAVE_OPENBLAS_SET_NUM_THREADS
    found = (openblas){openblas_set_num_threads, openblas_get_num_threads, openblas_get_config,
                       openblas_get_corename};
#else
    find("openblas_set_num_threads", &found.set);
    find("openblas_get_num_threads", &found.get);
    find("openblas_get_config", &found.config);
    find("openblas_get_corename", &found.core);
#endif
    looked = 1;
  }
  return found.set && found.get && found.config && found.core ? &found : NULL;
}

/* OpenBLAS built with OpenMP sets OpenMP's number of threads with its own: that is kept, too. */
mst_blas_hold mst_blas_single(void) {
  const openblas *blas = library();
  mst_blas_hold hold = {0, 0};
  if (!blas) return hold;
#ifdef _OPENMP
  hold.omp = omp_get_max_threads();
#endif
  hold.blas = blas->get();
  if (hold.blas != 1) blas->set(1);
  return hold;
}

void mst_blas_release(mst_blas_hold hold) {
  const openblas *blas = library();
  if (!blas || hold.blas == 1) return;
  blas->set(hold.blas);
#ifdef _OPENMP
  omp_set_num_threads(hold.omp);
#endif
}

const char *mst_blas_version(void) {
  static char text[128];
  const openblas *blas = library();
  if (!blas)
    return "not OpenBLAS: set its own variable to one thread (MKL_NUM_THREADS, BLIS_NUM_THREADS)";
  const char *config = blas->config();
  size_t name = strcspn(config, " ");
  size_t both = config[name] ? name + 1 + strcspn(config + name + 1, " ") : name;
  snprintf(text, sizeof text, "%.*s, %.40s kernels", (int)(both < 60 ? both : 60), config,
           blas->core());
  return text;
}

masting_status mst_blas_agree(const mst_comm *comm, mst_error *err) {
  const openblas *blas = library();
  char mine[64] = "", first[64];
  if (blas) snprintf(mine, sizeof mine, "%s", blas->core());
  memcpy(first, mine, sizeof first);
  mst_bcast(comm, first, (int64_t)sizeof first, err);
  if (err->status == MASTING_OK && strcmp(mine, first) != 0)
    mst_fail(
        err, MASTING_ERR_USAGE,
        "BLAS: this rank's processor makes OpenBLAS choose %s kernels, rank 0's %s; they round "
        "differently; try OPENBLAS_CORETYPE=%s for all ranks, or the older of the two",
        mine, first, first);
  return mst_agree(comm, err);
}
