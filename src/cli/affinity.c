/* cli/affinity.c -- how many threads a rank runs, from the CPUs that it was given. See job.h.
 *
 * `mpirun -n 1` binds its one rank to one core by itself, so two OpenMP threads would share that
 * core and run at half speed; unbound ranks of one node each see all its CPUs. Both are met here:
 * without OMP_NUM_THREADS a rank takes its fair share of its affinity mask.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "cli/job.h"

/* The CPUs that this rank may use. With OMP_PROC_BIND the first thread is pinned to its place from
 * the start, and its own mask no longer tells: then the places do. */
void mst_job_cpus(void *cpu_set) {
  cpu_set_t *mask = cpu_set;
  CPU_ZERO(mask);
#ifdef _OPENMP
  if (omp_get_proc_bind() != omp_proc_bind_false) {
    int ids[CPU_SETSIZE];
    for (int i = 0; i < omp_get_num_places(); i++) {
      int n = omp_get_place_num_procs(i);
      if (n > CPU_SETSIZE) continue;
      omp_get_place_proc_ids(i, ids);
      for (int k = 0; k < n; k++) CPU_SET((size_t)ids[k], mask);
    }
  }
#endif
  if (CPU_COUNT(mask) == 0 && sched_getaffinity(0, sizeof *mask, mask) != 0) CPU_SET(0, mask);
}

/* The node's ranks with my mask. */
static int count_sharers(MPI_Comm node, const cpu_set_t *mine) {
  int ranks = 1, same = 0;
  MPI_Comm_size(node, &ranks);
  cpu_set_t *all = calloc((size_t)ranks, sizeof *all);
  if (!all) abort();
  MPI_Allgather(mine, (int)sizeof *mine, MPI_BYTE, all, (int)sizeof *mine, MPI_BYTE, node);
  for (int i = 0; i < ranks; i++) same += CPU_EQUAL(&all[i], mine) != 0;
  free(all);
  return same;
}

static void warn_oversubscribed(const mst_job *job) {
  int mine = job->comm.threads * job->sharers > job->cpus, any = 0;
  MPI_Reduce(&mine, &any, 1, MPI_INT, MPI_SUM, 0, job->comm.mpi);
  if (job->comm.rank != 0 || !any) return;
  if (job->sharers == 1)
    mst_warn("placement: %d of %d ranks run %d threads on %d CPU%s; try `mpirun --bind-to none`, "
             "or `--map-by ppr:1:numa:PE=%d`",
             any, job->comm.size, job->comm.threads, job->cpus, job->cpus == 1 ? "" : "s",
             job->comm.threads);
  else
    mst_warn("placement: %d ranks of %d threads share %d CPUs; try fewer ranks or threads",
             job->sharers, job->comm.threads, job->cpus);
}

masting_status mst_job_affinity(mst_job *job, int threads, mst_error *err) {
  cpu_set_t mask;
  mst_job_cpus(&mask);
  job->cpus = CPU_COUNT(&mask);
  MPI_Comm node;
  if (mst_mpi_check(
          MPI_Comm_split_type(job->comm.mpi, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node),
          "MPI_Comm_split_type", err) != MASTING_OK)
    mst_abort_all(&job->comm, err);
  job->sharers = count_sharers(node, &mask);
  MPI_Comm_free(&node);
#ifdef _OPENMP
  int share = job->cpus / job->sharers;
  if (threads > 0)
    job->comm.threads = threads;
  else if (getenv("OMP_NUM_THREADS"))
    job->comm.threads = omp_get_max_threads();
  else
    job->comm.threads = share > 0 ? share : 1;
  omp_set_num_threads(job->comm.threads);
#else
  job->comm.threads = 1;
  if (threads > 1)
    mst_fail(err, MASTING_ERR_USAGE, "--threads %d: this build has no OpenMP; expected 1", threads);
#endif
  warn_oversubscribed(job);
  return mst_agree(&job->comm, err);
}
