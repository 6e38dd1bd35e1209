/* run/metric_dist.h -- the dense metric of many global parameters, its matrices distributed over
 * the ranks.
 *
 * A slot of the metric (nuts/metric.h) stores, of C = S G S and G = L L', the rows of G and of
 * L'^-1 that this rank owns (linalg/rowwise): 12 P^2 bytes over all ranks. A draw starts with
 * p = S^-1 L'^-1 z and v = C p. Every product of a matrix with vectors is one MPI_Allgatherv.
 * Replicated state decides when products are computed, so all ranks call them alike, and the engine
 * compares the ranks' states before the first product of each step (mst_target_same).
 */
#ifndef MST_RUN_METRIC_DIST_H
#define MST_RUN_METRIC_DIST_H

#include "adapt/metric_fit_dist.h"
#include "linalg/rowwise.h"
#include "nuts/pass.h"

/* Number of globals from which --metric-spread auto distributes a dense metric. It must not depend
 * on the ranks: the algorithm differs, and with it the draws' last bits. */
#define MST_METRIC_DIST_FROM 1024

typedef struct mst_metric_dist_slot {
  bool made;
  mst_rowwise g, start; /* G; L'^-1 */
  double *scale;        /* [P] */
} mst_metric_dist_slot;

typedef struct mst_metric_dist {
  mst_target *target;
  mst_grid grid;
  int64_t n;
  mst_metric_dist_slot slot[2];
  int at[2]; /* index into slot[] for slots 0 and 1 of the metric: equal if they share matrices */
  double *room;              /* [P][16] */
  mst_metric_base_dist base; /* estimates are shrunk towards it, if has_base */
  bool has_base;
} mst_metric_dist;

/* Upper bound on a rank's bytes for that many parameters, ranks and stored draws: the draws, and
 * the matrices while one is being recomputed. Not collective. */
double mst_metric_dist_bytes(int64_t parameters, int ranks, double draws);

/* Bytes that a rank may allocate: the system's available memory divided by the ranks of this
 * machine, or the limit that a test has set with mst_metric_dist_limit. 0 or less: not known.
 * Collective. */
double mst_metric_dist_available(const mst_comm *comm);
void mst_metric_dist_limit(double bytes);

/* Collective; the same on all ranks. MASTING_ERR_MEMORY if a replicated dense metric does not fit
 * into a rank's memory. */
masting_status mst_metric_replicated_fits(const mst_comm *comm, int64_t parameters, mst_error *err);

/* Collective, errors agreed. MASTING_ERR_MEMORY if it does not fit. draws: that the metric is
 * estimated from, at most. End also after a failure. */
masting_status mst_metric_dist_begin(mst_metric_dist *dist, mst_target *target, double draws,
                                     mst_error *err);
void mst_metric_dist_end(mst_metric_dist *dist);

/* Collective, errors agreed. Sets slot 0 or 1 of the metric from an estimate, whose matrices are
 * freed; fit->scale stays the caller's. After an error the slot is empty. */
masting_status mst_metric_dist_set(mst_metric_dist *dist, int slot, mst_metric_fit_dist *fit,
                                   mst_error *err);

/* Frees what the slot holds, unless the other one shares it. Not collective. */
void mst_metric_dist_drop(mst_metric_dist *dist, int slot);

/* The slot shares the other one's matrices. */
void mst_metric_dist_share(mst_metric_dist *dist, int slot);

/* For mst_pass.apply; context: the mst_metric_dist. Failures of MPI stop all ranks. */
void mst_metric_dist_apply(void *context, int slot, mst_apply what, int lanes, const double *x,
                           double *y);

#endif
