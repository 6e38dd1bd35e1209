/* target/target.h -- the batched log density and gradient: shards, threads, one reduction.
 *
 * Public to the rooms below for use without a sampler: `masting check`. The fused pass that the
 * sampler runs is in target/pass.h.
 */
#ifndef MST_TARGET_TARGET_H
#define MST_TARGET_TARGET_H

#include "base/isa.h"
#include "data/dataset.h"
#include "model/model.h"
#include "par/comm.h"

typedef enum mst_reduction { MST_EXACT, MST_FAST } mst_reduction;

typedef struct mst_target mst_target;

/* Collective. Binds model and data (both must outlive the target) for `chains` chains in batches of
 * `lanes` lanes (0: the best for this machine and number of chains). Errors are agreed. */
masting_status mst_target_create(mst_target **target, const mst_comm *comm,
                                 const mst_model_set *model, const mst_dataset *data, mst_isa isa,
                                 int chains, int lanes, mst_reduction reduction, mst_error *err);
void mst_target_free(mst_target **target); /* collective, if the model has normals over many rows */

const mst_layout *mst_target_layout(const mst_target *target);
/* of data that the model made, this rank */
int64_t mst_target_made_bytes(const mst_target *target);
int64_t mst_target_message_bytes(const mst_target *target); /* of one evaluation's allreduce */
/* bytes, this rank */
int64_t mst_target_resident_estimate(const mst_target *target, int tree_depth);

/* Collective. Log density (with log Jacobian, constants dropped) and its gradient at npoints
 * unconstrained points, each of mst_layout_elements() doubles in Stan's order, the same on every
 * rank. lp[npoints], grad[npoints][elements], valid on every rank. For checks, not for speed. */
masting_status mst_target_eval(mst_target *target, int npoints, const double *points, double *lp,
                               double *grad, mst_error *err);

#endif
