/* target/batch.h -- log densities and gradients at many points at once, row-local parameters
 * distributed with their rows: for modes, Hessians and draws of an approximation.
 *
 * A batch has `slots` points: globals, replicated, in y; row-local
 * elements of this rank's rows in local. The caller writes positions and calls mst_batch_eval; log
 * densities and gradients are then there, the same bits for any number of ranks and threads:
 *
 *     mst_batch b;
 *     mst_batch_begin(&b, target, &err);
 *     for (int s = 0; s < b.slots; s++) {         every slot holds a point; spare ones any good one
 *       for (int64_t i = 0; i < b.globals; i++) b.y[mst_batch_global(&b, s, i)] = ...;
 *       for (int64_t i = 0; i < b.locals; i++) b.local[mst_batch_local(&b, s, i)] = ...;
 *     }
 *     mst_batch_eval(&b, 0, NULL, NULL, &err);
 *     b.lp[s], mst_batch_grad(&b, s)[i * b.target->lanes], b.local_grad[mst_batch_local(&b, s, i)]
 *     mst_batch_end(&b);
 *
 * Sums over row-local elements (scalar products): a hook is called for every block of rows after
 * the model's kernel and adds to tile->extra; the sums are part of the same message.
 */
#ifndef MST_TARGET_BATCH_H
#define MST_TARGET_BATCH_H

#include "target/pass.h"

typedef struct mst_batch {
  mst_target *target;
  int slots;          /* points: the target's batches * lanes */
  int nextra;         /* of the last evaluation */
  int64_t globals;    /* P */
  int64_t locals;     /* row-local elements of this rank: its rows * L */
  double *y;          /* [batches][globals][lanes] unconstrained, in; the same on all ranks */
  double *local;      /* [batches][locals][lanes] unconstrained, in; element row * L + k */
  double *local_grad; /* [batches][locals][lanes] out, log Jacobians included */
  double *lp;         /* [slots] out: log density with log Jacobians; NaN: not finite somewhere */
} mst_batch;

/* Called by a thread for a block of rows of a batch when its gradients are in local_grad:
 * tile->element is the first of tile->elements row-local elements, tile->batch the batch. Sets
 * tile->extra[nextra][lanes] in one fixed order of operations. Its writes are to its own rows. */
typedef void mst_batch_hook(const mst_tile *tile, void *context);

/* Collective. Allocates; the target must live longer, and no sampler may step it meanwhile. Errors
 * are agreed. End with mst_batch_end, also after a failure. */
masting_status mst_batch_begin(mst_batch *batch, mst_target *target, mst_error *err);
void mst_batch_end(mst_batch *batch);

/* Collective, one MPI_Allreduce (more with normals over many rows). Log densities and gradients
 * at y, local. nextra: sums that the hook (NULL: none) makes, at most MST_MAX_EXTRAS, 0 without
 * row-local parameters. Ranks whose y differ stop, as in the sampler; trouble of the model is
 * agreed. */
masting_status mst_batch_eval(mst_batch *batch, int nextra, mst_batch_hook *hook, void *context,
                              mst_error *err);

/* Indices into y, and into local or local_grad. */
static inline int64_t mst_batch_global(const mst_batch *b, int slot, int64_t element) {
  const int lanes = b->target->lanes;
  return ((slot / lanes) * b->globals + element) * lanes + slot % lanes;
}
static inline int64_t mst_batch_local(const mst_batch *b, int slot, int64_t element) {
  const int lanes = b->target->lanes;
  return ((slot / lanes) * b->locals + element) * lanes + slot % lanes;
}

/* After an evaluation, until the next: gradient w.r.t. y of a slot, element i at [i * lanes]; and
 * sum i of the hook. */
static inline const double *mst_batch_grad(const mst_batch *b, int slot) {
  const int lanes = b->target->lanes;
  return mst_theta_grad(b->target, slot / lanes, b->nextra) + slot % lanes;
}
static inline double mst_batch_extra(const mst_batch *b, int slot, int i) {
  const int lanes = b->target->lanes;
  return mst_total_extra(b->target, slot / lanes, b->nextra)[i * lanes + slot % lanes];
}

#endif
