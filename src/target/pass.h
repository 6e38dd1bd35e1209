/* target/pass.h -- one evaluation of the target as the sampler runs it: a sweep over this rank's
 * blocks, one reduction, the replicated part.
 *
 *   mst_target_sweep    every thread walks its blocks; per block and batch the caller's hooks move
 *                       the row-local state, the model's kernel adds log density and gradient, and
 *                       whatever is summed is added to the thread's accumulator
 *   mst_target_reduce   threads' accumulators -> one MPI_Allreduce -> totals, the same bits on all
 *                       ranks
 *   mst_target_normals  with normals over many rows: their log densities and slopes (normal.h)
 *
 * All lane arrays are [..][lanes] doubles, 64-byte aligned; here they are plain double *, in hot
 * code (sweep_lanes.h) vreal *. Extras are further sums over row-local elements in the same
 * message: kinetic energies and U-turn products.
 */
#ifndef MST_TARGET_PASS_H
#define MST_TARGET_PASS_H

#include "par/exact.h"
#include "target/target.h"

#define MST_MAX_BATCHES 64
#define MST_MAX_EXTRAS 96

/* Where the gradient of gathered arrays goes, per block (see masting_gather). */
typedef struct mst_gather_plan {
  int64_t width; /* elements of a group, of all arrays together */
  int64_t offset[MASTING_MAX_GATHER],
      each[MASTING_MAX_GATHER]; /* per array: first element among the
                        * swept ones, elements a group */
  uint16_t *pos;                /* [my rows] */
  int64_t *start;               /* [my blocks + 1] into groups */
  int32_t *groups;              /* 0-based groups of a block, ascending */
  int most;                     /* groups in the fullest block */
} mst_gather_plan;

typedef struct mst_run { /* swept elements that lie together */
  int64_t from, to;
} mst_run;

typedef struct mst_thread_work {
  /* int64 [batches][values][MST_LIMBS][lanes], or double [batches][values][lanes] */
  void *acc;
  int64_t *bad; /* [batches][lanes], non-zero: something was not summed */
  /* the same, of those: not finite, or an extra; a log density that is finite and beyond the range;
   * a gradient far below it (range.h) */
  int64_t *hard, *wide_lp, *tiny;
  double *theta_grad;                      /* [swept][lanes] */
  double *local_grad;                      /* [block elements][lanes] */
  double *local_theta;                     /* [block elements][lanes], with transforms */
  double *gather_grad[MASTING_MAX_GATHER]; /* [most][width][lanes] */
  void *scratch;                           /* the model's */
  int64_t deposits;                        /* since the last carry */
} mst_thread_work;

/* How a sweep adds: plainly; in the scales of the sums, looking for gradients that are lost
 * (then all of range.h); for the largest summands alone; in doubles. */
typedef enum mst_sums { MST_SUMS_PLAIN, MST_SUMS_WATCHED, MST_SUMS_PROBE, MST_SUMS_FAST } mst_sums;

/* Whether sums of a lane are worth another scale: none are; where the log density itself is not
 * beyond the range (if it is, the trajectory has diverged); all are. */
typedef enum mst_heed { MST_HEED_NOTHING, MST_HEED_GRADIENT, MST_HEED_ALL } mst_heed;

/* Has a lane had a finite point, and was any of its sums scaled? */
typedef enum mst_seen { MST_SEEN_NEVER, MST_SEEN_PLAIN, MST_SEEN_SCALED } mst_seen;

typedef struct mst_range {
  /* [batches][1 + swept][lanes]: powers of two, of the log density and the gradient */
  double *scale;
  uint8_t *seen, *heed; /* [batches * lanes] mst_seen; mst_heed, set by the caller of a step */
  double *extras;       /* room for those of a step that is swept again */
  bool scaled;          /* is any scale not 1? */
  int quiet, wait;      /* steps without looking for lost gradients, after false alarms */
  int64_t changes;      /* times that a scale was changed */
} mst_range;

/* target.h declares mst_target without members, and that is all that rooms see which only evaluate
 * (cli). The members stand here because code compiled per lane width (sweep_lanes.h, nuts, optim)
 * indexes the arrays for every block of rows: a call per access would cost more than the access.
 *
 * What rows read are the swept elements: the shared values of a model that has them, else its
 * constrained globals. Their gradient is what the message carries. */
struct mst_target {
  const mst_comm *comm;
  const mst_dataset *data;
  const masting_model *model; /* at `lanes` lanes */
  void *state;                /* the model's */
  mst_layout layout;
  int64_t size[MST_MAX_SIZES]; /* computed ones included */
  void *var[MST_MAX_DATA];     /* as in the dataset, made ones included */
  void *made[MST_MAX_DATA];    /* those that are ours */
  int64_t row_bytes[MST_MAX_DATA];
  int64_t made_bytes; /* of this rank */
  mst_isa isa;
  mst_reduction reduction;
  mst_sums sums;
  mst_range range;
  /* set by the caller of a reduction: sweeps the rows once more where they are; NULL: cannot */
  void (*again)(void *context);
  void *again_context;
  uint64_t model_hash; /* mst_model_set.hash; right on rank 0 */
  int chains, lanes, batches, threads;
  mst_gather_plan gather[MASTING_MAX_GATHER];
  mst_run dense[MST_MAX_PARAMS]; /* swept elements that no gather picks from */
  int ndense;
  int max_deposits_per_block; /* largest number of deposits of a block into one value */
  mst_thread_work *work;      /* [threads] */
  int64_t max_values;         /* 1 + MST_MAX_EXTRAS (with locals) + swept elements */
  void *message;
  double *total;       /* [batches][values][lanes] after the reduction */
  double *theta;       /* [batches][globals][lanes] constrained */
  double *theta_start; /* the same at the points where draws start */
  /* [batches][shared][lanes] at theta; without shared values: no array */
  double *shared;
  double *shared_start; /* the same at theta_start */
  double *grad;         /* with shared values: [batches][globals][lanes] */
  double *normal; /* [batches][elements of normals][lanes] at theta, as prepare writes it; after
                               * mst_target_normals d lp / d of the same; NULL without normals */
  int *source;    /* [batches * lanes], with normals, in: the slot whose point this one has:
                               * itself, one before it, or -1: its numbers do not matter */
  struct mst_normal_work *normal_work;
  double *jacobian;    /* [batches][lanes] log Jacobian of the globals at theta */
  uint64_t hash[2];    /* of the state that enters the step, set by the caller */
  int abort_requested; /* in: this rank asks all to stop (a failed write) */
  int abort_count;     /* out, after a reduction: number of ranks that asked */
  int noted;           /* in: this rank noted a signal */
  int noted_count;     /* out, after a reduction: number of ranks that did */
  int request;         /* in, of rank 0 alone: bits that all ranks shall know (run/request.h) */
  int requested;       /* out, after a reduction: those bits, on every rank */
  int64_t collectives, collective_bytes; /* counted */
  const void *replicated[MST_MAX_DATA];
};

/* A block of a batch, as a hook sees it. */
typedef struct mst_tile {
  struct mst_target *target;
  struct mst_thread_work *work;
  int thread, batch, rows;
  int64_t block;    /* of this rank */
  int64_t element;  /* first row-local element of this rank */
  int64_t gelement; /* the same, counted over all ranks */
  int elements;
  double *extra; /* [nextra][lanes], zeroed: sums to deposit */
} mst_tile;

/* Totals of batch b, in this order: log density, extras, gradient w.r.t. the swept elements. */
static inline double *mst_total_lp(const struct mst_target *t, int b, int nextra) {
  return t->total + (int64_t)b * (1 + nextra + t->layout.reduced) * t->lanes;
}
static inline double *mst_total_extra(const struct mst_target *t, int b, int nextra) {
  return mst_total_lp(t, b, nextra) + t->lanes;
}
static inline double *mst_total_grad(const struct mst_target *t, int b, int nextra) {
  return mst_total_lp(t, b, nextra) + (int64_t)(1 + nextra) * t->lanes;
}

/* Batch b's gradient w.r.t. the globals, [globals][lanes]: the totals themselves if globals are
 * swept. */
static inline double *mst_theta_grad(const struct mst_target *t, int b, int nextra) {
  return t->grad ? t->grad + (int64_t)b * t->layout.globals * t->lanes
                 : mst_total_grad(t, b, nextra);
}

/* What the rows of batch b read: at theta, or at theta_start. */
static inline const double *mst_swept(const struct mst_target *t, int b, bool start) {
  const double *all =
      t->shared ? (start ? t->shared_start : t->shared) : (start ? t->theta_start : t->theta);
  return all + (int64_t)b * t->layout.reduced * t->lanes;
}

/* What prepare writes for the normals of batch b, and then the slopes; NULL without any. */
static inline double *mst_normal_grad(const struct mst_target *t, int b) {
  return t->normal ? t->normal + (int64_t)b * t->layout.normals * t->lanes : NULL;
}

/* What the model says of its slots: a batch at theta (which global follows), and at theta_start. */
static inline int mst_slot(int batch, bool start) { return 2 * batch + start; }
static inline int mst_slots(const struct mst_target *t) { return 2 * t->batches; }

/* Whether carries must be propagated before the total: yes once the blocks' deposits into one value
 * could overflow a limb. */
static inline bool mst_target_carries(const struct mst_target *t) {
  return t->reduction == MST_EXACT &&
         t->data->shard.blocks > MST_EXACT_MAX_DEPOSITS / t->max_deposits_per_block;
}

/* Collective, one MPI_Allreduce, and two more where sums change their scales (range.h). Sums the
 * threads' accumulators over ranks into target->total. Stops all ranks when the hashes differ.
 * Fails only by MPI. */
masting_status mst_target_reduce(struct mst_target *target, int nextra, mst_error *err);

/* Collective, one MPI_Allreduce of two words: stops all ranks when the hashes differ, before a
 * step that has other messages than its reduction. */
masting_status mst_target_same(struct mst_target *target, mst_error *err);

/* Collective if there are normals. After mst_target_reduce: adds the normals' log densities to the
 * totals, -inf where there is none. If abort_count is not 0, nothing is computed. abort_count then
 * also counts ranks whose model has reported an error. Errors are the same on all ranks. */
masting_status mst_target_normals(struct mst_target *target, int nextra, mst_error *err);

/* Has this rank's model reported an error (masting_model.trouble)? It is then in *err. Not
 * collective. */
masting_status mst_target_trouble(const struct mst_target *target, mst_error *err);

/* Values a message holds with that many extras, and its bytes. Not collective. */
int64_t mst_target_bytes(const struct mst_target *target, int nextra);

#endif
