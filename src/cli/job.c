/* cli/job.c -- see job.h. */
#define _GNU_SOURCE
#include "cli/job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

const char *const mst_isa_choices[] = {"base", "v3", "v4", "best", NULL};

/* Whether something that starts ranks started this process. */
static bool launched(void) {
  static const char *const tellers[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE",
                                        "SLURM_STEP_NUM_TASKS"};
  for (size_t i = 0; i < sizeof tellers / sizeof *tellers; i++)
    if (getenv(tellers[i])) return true;
  return false;
}

/* Hash of a file's bytes; 0 when it cannot be read. */
static uint64_t hash_file(const char *path) {
  uint64_t hash = 0;
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at != MAP_FAILED) {
      hash = XXH3_64bits(at, (size_t)st.st_size);
      munmap(at, (size_t)st.st_size);
    }
  }
  close(fd);
  return hash;
}

static masting_status same_everywhere(const mst_job *job, const char *model, mst_error *err) {
  char host[256] = "?";
  gethostname(host, sizeof host - 1);
  /* rank 0 alone reads a Stan program */
  bool file = model && strchr(model, '/') && !mst_is_stan(model);
  uint64_t mine[2] = {hash_file("/proc/self/exe"), file ? hash_file(model) : 0};
  uint64_t first[2] = {mine[0], mine[1]};
  if (mst_bcast(&job->comm, first, sizeof first, err) != MASTING_OK) mst_abort_all(&job->comm, err);
  if (mine[0] != first[0])
    mst_fail(err, MASTING_ERR_USAGE,
             "start: rank %d on %s runs another masting program than rank 0; expected the same "
             "build on every node; try a path that all nodes share",
             job->comm.rank, host);
  else if (mine[1] != first[1])
    mst_fail(err, MASTING_ERR_USAGE,
             "%s: rank %d on %s %s; expected the same model on every node; try a path that all "
             "nodes share",
             model, job->comm.rank, host,
             mine[1] ? "sees another file than rank 0" : "cannot read it");
  return mst_agree(&job->comm, err);
}

static masting_status agree_isa(mst_job *job, int asked, mst_error *err) {
  int here = (int)mst_isa_here(), all = here;
  if (mst_mpi_check(MPI_Allreduce(&here, &all, 1, MPI_INT, MPI_MIN, job->comm.mpi), "MPI_Allreduce",
                    err) != MASTING_OK)
    mst_abort_all(&job->comm, err);
  if (asked != MST_ISA_COUNT && asked > all)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "--isa %s: not on every rank; expected at most %s, the level that all ranks "
                    "have; try --isa best",
                    mst_isa_choices[asked], mst_isa_choices[all]);
  job->isa = asked == MST_ISA_COUNT ? (mst_isa)all : (mst_isa)asked;
  return MASTING_OK;
}

masting_status mst_job_begin(mst_job *job, const mst_job_options *options, mst_error *err) {
  memset(job, 0, sizeof *job);
  job->comm.mpi = MPI_COMM_NULL;
  if (err->status != MASTING_OK && !launched()) return err->status;
  mst_error start = {0};
  if (mst_comm_begin(&job->comm, &start) != MASTING_OK) {
    job->started = job->comm.mpi != MPI_COMM_NULL;
    *err = start;
    return err->status;
  }
  job->started = true;
  if (mst_agree(&job->comm, err) != MASTING_OK) return err->status;
  if (same_everywhere(job, options->model, err) != MASTING_OK) return err->status;
  if (agree_isa(job, options->isa, err) != MASTING_OK) return err->status;
  return mst_job_affinity(job, options->threads, err);
}

int mst_job_end(mst_job *job, const mst_error *err) {
  if (err->status != MASTING_OK && job->comm.rank == 0) mst_error_print(err);
  if (job->started) mst_comm_end(&job->comm);
  return masting_exit_status(err->status);
}

const masting_model *mst_job_model(const mst_model_set *set) {
  for (int i = 0; i < 5; i++)
    if (set->width[i]) return set->width[i];
  return NULL;
}

masting_status mst_job_load(const mst_job *job, const char *model_name, const char *data_path,
                            const mst_read_options *read, mst_model_set *model, mst_dataset *data,
                            mst_error *err) {
  if (mst_job_open(job, model_name, data_path, read, model, err) != MASTING_OK) return err->status;
  const masting_model *m = mst_job_model(model);
  int first = 0;
  while (first < m->ndata && m->data[first].made) first++;
  if (!data_path && first < m->ndata)
    return mst_fail(err, MASTING_ERR_USAGE,
                    "%s: no data file; expected one with '%s'; try `masting simulate %s -o "
                    "data.h5`",
                    model_name, m->data[first].name, model_name);
  return mst_dataset_read(data, &job->comm, m, data_path, read, err);
}

static void look_at_output(const char *path, int force, mst_error *err) {
  struct stat st;
  char folder[PATH_MAX];
  if (stat(path, &st) == 0) {
    if (S_ISDIR(st.st_mode))
      mst_fail(err, MASTING_ERR_USAGE, "%s: a folder; expected a file name for the output", path);
    else if (!force)
      mst_fail(err, MASTING_ERR_EXISTS,
               "%s: exists already; try another -o, or --force to overwrite it", path);
    return;
  }
  const char *slash = strrchr(path, '/');
  int length = slash ? (int)(slash - path) : 1;
  snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : length, slash ? path : ".");
  if (access(folder, W_OK) != 0)
    mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be written: %s: %s", path, folder,
             strerror(errno));
}

masting_status mst_job_output(const mst_job *job, const char *path, int force, mst_error *err) {
  if (job->comm.rank == 0) look_at_output(path, force, err);
  return mst_agree(&job->comm, err);
}
