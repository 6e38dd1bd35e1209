/* cli/jobmodel.c -- the model of a job, opened on every rank. See job.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/job.h"
#include "data/schema.h"
#include "data/source.h"
#include "model/cache.h"

static const char *const march[MST_ISA_COUNT] = {
#ifdef __x86_64__
    "x86-64", "x86-64-v3", "x86-64-v4"
#else
    "", "", ""
#endif
};

/* The lane width that the sampler would choose for these chains: see target.c. */
static int width_of(const mst_job *job) {
  int lanes = 1, chains = job->chains ? job->chains : 8;
  if (job->lanes) return job->lanes;
  while (lanes < chains && lanes < mst_isa_lanes(job->isa)) lanes *= 2;
  return lanes;
}

static void say(void *context, const char *model) {
  *(double *)context = mst_now();
  fprintf(stderr, "masting: compiling %s ...\n", model);
}

/* How long dimension `dim` of a variable is in the data file. */
static int64_t extent(void *argument, const char *variable, int dim) {
  const mst_source *source = argument;
  mst_found found;
  mst_error ignored = {0};
  if (mst_source_find(source, "", variable, variable, &found, &ignored) != MASTING_OK) return -1;
  return dim < found.ndims ? (int64_t)found.dims[dim] : -1;
}

static bool value(void *argument, const char *variable, int64_t *number) {
  return mst_source_scalar(argument, variable, number);
}

static masting_status build(const mst_job *job, const char *path, const char *data_path,
                            const mst_read_options *read, char **object, mst_error *err) {
  mst_build_options o = job->build;
  double since = 0;
  char text[MST_SHOW_SIZE];
  o.cc.march = march[job->isa];
  o.cc.widths = 1u << __builtin_ctz((unsigned)width_of(job));
  o.compiling = say;
  o.context = &since;
  /* Errors in the data are reported when they are read, later. */
  mst_source source = {.h5 = H5I_INVALID_HID, .given = H5I_INVALID_HID};
  mst_error ignored = {0};
  if (data_path && mst_source_open(&source, data_path, &ignored) == MASTING_OK) {
    if (!o.lang.size || !strcmp(o.lang.size, "none")) o.lang.extent = extent;
    mst_given_scalars(&source, read, &ignored);
    o.lang.value = value;
    o.lang.argument = &source;
  }
  mst_build(path, &o, object, err);
  mst_source_close(&source);
  if (since > 0 && err->status == MASTING_OK)
    fprintf(stderr, "masting: compiled in %s\n", mst_show_seconds(mst_now() - since, text));
  return err->status;
}

/* The whole file; NULL with an error. */
static char *load(const char *path, int64_t *count, mst_error *err) {
  size_t bytes = 0;
  char *text = mst_file_read(path, 0, &bytes);
  if (!text) mst_fail(err, MASTING_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
  *count = (int64_t)bytes;
  return text;
}

/* The object as a file of this rank alone, gone as soon as it is open. */
static masting_status open_copy(const mst_job *job, const char *bytes, int64_t count,
                                mst_model_set *model, mst_error *err) {
  const char *folder = getenv("TMPDIR");
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/masting-%d-XXXXXX", folder && *folder ? folder : "/tmp",
           job->comm.rank);
  int fd = mkostemp(path, O_CLOEXEC);
  int64_t done = 0;
  ssize_t n = 0;
  while (fd >= 0 && done < count && (n = write(fd, bytes + done, (size_t)(count - done))) > 0)
    done += n;
  if (fd < 0 || done < count)
    mst_fail(err, MASTING_ERR_IO,
             "%s: the compiled model cannot be written: %s; try setting TMPDIR", path,
             strerror(errno));
  else
    mst_model_open(model, path, (int)job->isa, err);
  if (fd >= 0) {
    close(fd);
    unlink(path);
  }
  return err->status;
}

static masting_status open_stan(const mst_job *job, const char *path, const char *data_path,
                                const mst_read_options *read, mst_model_set *model,
                                mst_error *err) {
  char *object = NULL, *bytes = NULL;
  int64_t count = 0;
  if (job->comm.rank == 0 && build(job, path, data_path, read, &object, err) == MASTING_OK &&
      job->comm.size > 1)
    bytes = load(object, &count, err);
  if (mst_agree(&job->comm, err) == MASTING_OK && job->comm.size > 1 &&
      mst_bcast(&job->comm, &count, sizeof count, err) == MASTING_OK) {
    if (!bytes && !(bytes = malloc((size_t)count + 1)))
      mst_fail(err, MASTING_ERR_MEMORY, "%s: no memory left", path);
    if (mst_agree(&job->comm, err) == MASTING_OK) mst_bcast(&job->comm, bytes, count, err);
  }
  if (err->status == MASTING_OK) {
    if (job->comm.rank == 0)
      mst_model_open(model, object, (int)job->isa, err);
    else
      open_copy(job, bytes, count, model, err);
  }
  /* the object's name ends in the hash of what it was made from */
  if (object) model->hash = XXH3_64bits(strrchr(object, '/'), strlen(strrchr(object, '/')));
  if (err->status == MASTING_OK) mst_cache_done(); /* a message may name what is in it */
  free(object);
  free(bytes);
  return mst_agree(&job->comm, err);
}

/* print() of a model (masting/stan/run.h): on rank 0, of the chains that there are. */
static void choose_prints(const mst_job *job) {
  const char *given = getenv("MASTING_PRINT");
  char chains[16];
  snprintf(chains, sizeof chains, "%d", job->chains ? job->chains : 8);
  if (job->comm.rank != 0)
    setenv("MASTING_PRINT", "off", 1);
  else if (!given || !*given)
    setenv("MASTING_PRINT", chains, 1);
}

masting_status mst_job_open(const mst_job *job, const char *name, const char *data_path,
                            const mst_read_options *read, mst_model_set *model, mst_error *err) {
  choose_prints(job);
  if (mst_is_stan(name)) return open_stan(job, name, data_path, read, model, err);
  mst_model_open(model, name, (int)job->isa, err);
  size_t count = 0;
  char *bytes =
      err->status == MASTING_OK && strchr(name, '/') ? mst_file_read(name, 0, &count) : NULL;
  if (bytes) model->hash = XXH3_64bits(bytes, count);
  free(bytes);
  return mst_agree(&job->comm, err);
}
