/* cli/cmd_info.c -- `masting info`: what this program is, and what it was given to run on.
 * Collective: every rank tells where it is, rank 0 prints.
 */
#define _GNU_SOURCE
#include "config.h"

#include <hdf5.h>
#include <jansson.h>
#include <limits.h>
#include <popt.h>
#include <sched.h>
#include <sleef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "cli/cmd.h"
#include "cli/job.h"
#include "linalg/lapack.h"

typedef struct place { /* of one rank */
  char host[64], cpus[96];
  int count, sharers, threads, isa;
} place;

/* "0-3,8": the CPUs of the affinity mask. */
static void mask_text(char *text, size_t size) {
  cpu_set_t mask;
  mst_job_cpus(&mask);
  text[0] = '\0';
  size_t used = 0;
  for (int i = 0; i < CPU_SETSIZE && used + 16 < size; i++) {
    if (!CPU_ISSET((size_t)i, &mask)) continue;
    int last = i;
    while (last + 1 < CPU_SETSIZE && CPU_ISSET((size_t)last + 1, &mask)) last++;
    used += (size_t)snprintf(text + used, size - used, last > i ? "%s%d-%d" : "%s%d",
                             used ? "," : "", i, last);
    i = last;
  }
}

static void print_build(FILE *f, mst_isa isa) {
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  unsigned major = 0, minor = 0, release = 0;
  MPI_Get_library_version(mpi, &length);
  H5get_libversion(&major, &minor, &release);
  fprintf(f, "masting        %s\n", PACKAGE_VERSION);
  fprintf(f, "compiler       %s\n", __VERSION__);
  fprintf(f, "flags          %s\n", MASTING_BUILD_FLAGS);
#ifdef _OPENMP
  fprintf(f, "OpenMP         %d\n", _OPENMP);
#else
  fputs("OpenMP         no\n", f);
#endif
  fprintf(f, "MPI            %.*s\n", (int)strcspn(mpi, ",\n"), mpi);
  fprintf(f, "HDF5           %u.%u.%u, parallel\n", major, minor, release);
  fprintf(f, "BLAS           %s\n", mst_blas_version());
  int lapack[3];
  mst_lapack_version(lapack);
  fprintf(f, "LAPACK         %d.%d.%d\n", lapack[0], lapack[1], lapack[2]);
  fprintf(f, "ScaLAPACK      %s\n", MASTING_SCALAPACK_VERSION);
  fprintf(f, "SLEEF          %d.%d\n", SLEEF_VERSION_MAJOR, SLEEF_VERSION_MINOR);
  fprintf(f, "jansson        %s\n", JANSSON_VERSION);
  fprintf(f, "xxHash         %u.%u.%u\n", XXH_versionNumber() / 10000,
          XXH_versionNumber() / 100 % 100, XXH_versionNumber() % 100);
#ifdef MASTING_HAVE_ISA_VARIANTS
  fputs("SIMD built     base, x86-64-v3, x86-64-v4\n", f);
#else
  fputs("SIMD built     base\n", f);
#endif
  fprintf(f, "SIMD used      %s, %d lanes a register\n", mst_isa_name(isa), mst_isa_lanes(isa));
}

static void print_places(FILE *f, const place *all, int ranks) {
  const char *wait = getenv("OMP_WAIT_POLICY"), *omp = getenv("OMP_NUM_THREADS");
  fprintf(f, "ranks          %d\n", ranks);
  fprintf(f, "threads        %d a rank (OMP_NUM_THREADS %s, OMP_WAIT_POLICY %s)\n", all[0].threads,
          omp ? omp : "not set", wait ? wait : "not set");
  fputs("\n rank  host                      CPUs  shared by  threads  SIMD       mask\n", f);
  for (int i = 0; i < ranks; i++)
    fprintf(f, "%5d  %-24s %5d  %9d  %7d  %-9s  %s\n", i, all[i].host, all[i].count, all[i].sharers,
            all[i].threads, mst_isa_name((mst_isa)all[i].isa), all[i].cpus);
}

static masting_status info(mst_job *job, mst_error *err) {
  place mine = {.count = job->cpus,
                .sharers = job->sharers,
                .threads = job->comm.threads,
                .isa = (int)mst_isa_here()};
  gethostname(mine.host, sizeof mine.host - 1);
  mask_text(mine.cpus, sizeof mine.cpus);
  place *all = calloc((size_t)job->comm.size, sizeof *all);
  if (!all) mst_fail(err, MASTING_ERR_MEMORY, "info: no memory left");
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      mst_mpi_check(MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, all, (int)sizeof mine, MPI_BYTE,
                               0, job->comm.mpi),
                    "MPI_Gather", err) == MASTING_OK &&
      job->comm.rank == 0) {
    print_build(stdout, job->isa);
    print_places(stdout, all, job->comm.size);
  }
  free(all);
  return err->status;
}

/* The folder that has README.md, docs/, data/ and jobs/: what MASTING_SOURCE names, the installed
 * documentation, that of a tree installed elsewhere, or the source tree around a build folder. */
static masting_status print_examples(mst_error *err) {
  char self[PATH_MAX] = "", folder[PATH_MAX + 32], probe[PATH_MAX + 64];
  const char *given = getenv("MASTING_SOURCE");
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  self[length > 0 ? length : 0] = '\0';
  char *slash = strrchr(self, '/');
  if (slash) *slash = '\0';
  for (int i = given && *given ? 0 : 1; i < 4; i++) {
    if (i == 0) snprintf(folder, sizeof folder, "%s", given);
    if (i == 1) snprintf(folder, sizeof folder, "%s", MASTING_DOCDIR);
    if (i == 2) snprintf(folder, sizeof folder, "%s/../share/doc/masting", self);
    if (i == 3) snprintf(folder, sizeof folder, "%s/..", self);
    snprintf(probe, sizeof probe, "%s/data/diamonds.h5", folder);
    char *real = access(probe, R_OK) == 0 ? realpath(folder, NULL) : NULL;
    if (!real) continue;
    puts(real);
    free(real);
    return MASTING_OK;
  }
  return mst_fail(err, MASTING_ERR_NOFILE,
                  "info: the examples are not there; expected data/diamonds.h5 in %s; try setting "
                  "MASTING_SOURCE to the folder of README.md",
                  given && *given ? given : MASTING_DOCDIR);
}

int cmd_info(int argc, const char **argv) {
  int threads = 0, examples = 0;
  mst_opt table[] = {{"threads", 't', MST_OPT_INT, &threads, 1, 4096, NULL, "T", NULL,
                      "as it would be given to sample", false},
                     {"examples", 0, MST_OPT_FLAG, &examples, 0, 0, NULL, NULL, NULL,
                      "only print the folder of README.md, docs, data and jobs", false},
                     {0}};
  mst_opts opts = {.command = "info",
                   .synopsis = "[options]",
                   .table = table,
                   .about = "Versions and build options; per rank: host, CPUs, threads, SIMD level "
                            "and binding.\nRun it by the same mpirun or srun as the job.",
                   .min_positional = 0,
                   .max_positional = 0};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help) {
    mst_opts_help(&opts, stdout);
    mst_opts_free(&opts);
    return 0;
  }
  mst_job job;
  mst_job_options how = {.threads = threads, .isa = MST_ISA_COUNT};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK) {
    if (!examples)
      info(&job, &err);
    else if (job.comm.rank == 0)
      print_examples(&err);
  }
  mst_opts_free(&opts);
  return mst_job_end(&job, &err);
}
