/* cli/job.h -- what sample, simulate, check and info do alike: start MPI, place threads, agree that
 * all ranks run the same program and model at the same SIMD level, and end with one message.
 */
#ifndef MST_CLI_JOB_H
#define MST_CLI_JOB_H

#include <stdbool.h>

#include "base/isa.h"
#include "cli/options.h"
#include "data/dataset.h"
#include "model/build.h"
#include "model/model.h"
#include "par/comm.h"

typedef struct mst_job {
  mst_comm comm;
  mst_isa isa;
  int cpus;     /* hardware threads that this rank may run on */
  int sharers;  /* ranks of this node with that same set of CPUs, this one included */
  bool started; /* MPI is on */
  /* of a Stan program: what the subcommand's options say, set before mst_job_load */
  mst_build_options build;
  /* likewise, for the lane width that is compiled; lanes 0: the machine's best */
  int chains, lanes;
} mst_job;

typedef struct mst_job_options {
  int threads;       /* 0: OMP_NUM_THREADS, or else the rank's share of its CPUs */
  int isa;           /* an mst_isa, or MST_ISA_COUNT for the best that all ranks have */
  const char *model; /* name or path, for the agreement; NULL: none */
} mst_job_options;

/* Collective. Starts MPI unless *err is set and no launcher is there, agrees on *err (a mistake on
 * the command line), on the program, the model file and the SIMD level, and places threads. */
masting_status mst_job_begin(mst_job *job, const mst_job_options *options, mst_error *err);

/* Collective. Rank 0 prints *err if it is set; ends MPI; returns the exit status. */
int mst_job_end(mst_job *job, const mst_error *err);

/* Threads of this rank: CPUs of its affinity mask, shared fairly with the ranks of this node that
 * have the same mask; sets comm.threads. Collective over the node (in affinity.c). */
masting_status mst_job_affinity(mst_job *job, int threads, mst_error *err);

/* Fills a cpu_set_t with the CPUs that this rank may use. Not collective (in affinity.c). */
void mst_job_cpus(void *cpu_set);

/* --size NAME=VALUE and --data NAME=VALUE, repeated: the last of a name wins. data may be NULL.
 * *sizes is to be freed; names live with the options. Not collective (in sizes.c). */
masting_status mst_job_sizes(mst_opts *opts, const mst_opt_list *list, const mst_opt_list *data,
                             mst_size_value **sizes, int *count, mst_error *err);

/* --lanes: refuses a number that no batch has; 0: not given. *err may hold an earlier mistake,
 * which stays. Not collective (in sizes.c). */
masting_status mst_job_lanes(int lanes, mst_error *err);

/* Collective. Opens the model; a Stan program is compiled by rank 0, unless it was before, and
 * handed to the others (in jobmodel.c). data_path: the size that is cut is chosen by it, and
 * small ints in it, or given by --size and --data, are compiled in; NULL: by the program alone. */
masting_status mst_job_open(const mst_job *job, const char *model_name, const char *data_path,
                            const mst_read_options *read, mst_model_set *model, mst_error *err);

/* Collective. Opens the model and reads the data (DATA may be NULL when the model declares
 * none). */
masting_status mst_job_load(const mst_job *job, const char *model_name, const char *data_path,
                            const mst_read_options *read, mst_model_set *model, mst_dataset *data,
                            mst_error *err);

/* The kernels of the fewest lanes that a model has: for what is not about lanes. */
const masting_model *mst_job_model(const mst_model_set *set);

/* Collective. Rank 0 looks: refuses an existing output without force, and a folder that is not
 * there or cannot be written. */
masting_status mst_job_output(const mst_job *job, const char *path, int force, mst_error *err);

/* For the options of those subcommands: base, v3, v4, best. */
extern const char *const mst_isa_choices[];

#endif
