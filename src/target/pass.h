/* target/pass.h -- one evaluation of the target as the sampler runs it: a sweep over this rank's
 * blocks, one reduction, the replicated part.
 *
 *   mst_target_sweep    every thread walks its blocks; per block and batch the caller's hooks move the row-local
 *                       state, the model's kernel adds log density and gradient, and what is summed goes
 *                       into the thread's accumulator
 *   mst_target_reduce   threads' accumulators -> one MPI_Allreduce -> totals, the same bits on all ranks
 *
 * All lane arrays are [..][lanes] doubles, 64-byte aligned; here they are plain double *, in hot code
 * (sweep_lanes.h) vreal *. Extras are sums over row-local elements that ride in the same message:
 * kinetic energies and U-turn products.
 */
#ifndef MST_TARGET_PASS_H
#define MST_TARGET_PASS_H

#include "par/exact.h"
#include "target/target.h"

#define MST_MAX_BATCHES 64
#define MST_MAX_EXTRAS 96

/* Where a gathered parameter's gradient goes, per block (see masting_gather). */
typedef struct mst_gather_plan {
  uint16_t *pos;       /* [my rows] */
  int64_t *start;      /* [my blocks + 1] into groups */
  int32_t *groups;     /* 0-based groups of a block, ascending */
  int most;            /* groups in the fullest block */
} mst_gather_plan;

typedef struct mst_thread_work {
  void *acc;           /* int64 [batches][values][MST_LIMBS][lanes], or double [batches][values][lanes] */
  int64_t *bad;        /* [batches][lanes], non-zero: something was not finite */
  double *theta_grad;  /* [globals][lanes] */
  double *local_grad;  /* [block elements][lanes] */
  double *local_theta; /* [block elements][lanes], with transforms */
  double *gather_grad[MASTING_MAX_GATHER]; /* [most][nparams][lanes] */
  void *scratch;       /* the model's */
  int64_t deposits;    /* since the last carry */
} mst_thread_work;

struct mst_target {
  const mst_comm *comm;
  const mst_dataset *data;
  const masting_model *model; /* at `lanes` lanes */
  void *state;                /* the model's */
  mst_layout layout;
  mst_isa isa;
  mst_reduction reduction;
  int chains, lanes, batches, threads;
  mst_gather_plan gather[MASTING_MAX_GATHER];
  bool gathered[MST_MAX_PARAMS];
  mst_thread_work *work;      /* [threads] */
  int64_t max_values;         /* 1 + MST_MAX_EXTRAS (with locals) + globals */
  void *message;
  double *total;              /* [batches][values][lanes] after the reduction */
  double *theta;              /* [batches][globals][lanes] constrained, for the sweep */
  double *theta_start;        /* the same at the points where draws start */
  double *jacobian;           /* [batches][lanes] log Jacobian of the globals at theta */
  uint64_t hash[2];           /* of the state that enters the step, set by the caller */
  int object;                 /* in: this rank cannot go on (a failed write) */
  int objections;             /* out, after a reduction: ranks that cannot go on */
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
  double *extra;    /* [nextra][lanes], zeroed: sums to deposit */
} mst_tile;

/* Totals of batch b, in this order: log density, extras, gradient w.r.t. the constrained globals. */
static inline double *mst_total_lp(const struct mst_target *t, int b, int nextra) {
  return t->total + (int64_t)b * (1 + nextra + t->layout.globals) * t->lanes;
}
static inline double *mst_total_extra(const struct mst_target *t, int b, int nextra) {
  return mst_total_lp(t, b, nextra) + t->lanes;
}
static inline double *mst_total_grad(const struct mst_target *t, int b, int nextra) {
  return mst_total_lp(t, b, nextra) + (int64_t)(1 + nextra) * t->lanes;
}

/* Whether carries must be passed on before the total: a block adds once to a value, so not while all
 * blocks together stay within what a limb has room for. */
static inline bool mst_target_carries(const struct mst_target *t) {
  return t->reduction == MST_EXACT && t->data->shard.blocks > MST_EXACT_MAX_DEPOSITS;
}

/* Collective, one MPI_Allreduce. Sums the threads' accumulators over ranks into target->total.
 * Stops all ranks when the hashes differ. Fails only by MPI. */
masting_status mst_target_reduce(struct mst_target *target, int nextra, mst_error *err);

/* Values a message holds with that many extras, and its bytes. Not collective. */
int64_t mst_target_bytes(const struct mst_target *target, int nextra);

#endif
