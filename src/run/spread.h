/* run/spread.h -- the dense metric of many global parameters: its matrices spread over the ranks.
 *
 * A slot of the metric (nuts/shape.h) is, of C = S G S and G = L L', the rows of G and of L'^-1
 * that this rank has (linalg/rowwise): 12 P^2 bytes over the ranks. A draw starts with p = S^-1
 * L'^-1 z and v = C p. Every product of a matrix with vectors is one MPI_Allgatherv; products
 * are ordered by what is replicated, so all ranks call them alike, and the engine compares the
 * ranks' states before each step's first (mst_target_same).
 */
#ifndef MST_RUN_SPREAD_H
#define MST_RUN_SPREAD_H

#include "adapt/spread_fit.h"
#include "linalg/rowwise.h"
#include "nuts/pass.h"

/* Globals from which --metric-spread auto spreads a dense metric. It must not depend on the
 * ranks: the algorithm differs, and with it the draws' last bits. */
#define MST_SPREAD_FROM 1024

typedef struct mst_spread_slot {
  bool made;
  mst_rowwise g, start; /* G; L'^-1 */
  double *scale;        /* [P] */
} mst_spread_slot;

typedef struct mst_spread {
  mst_target *target;
  mst_grid grid;
  int64_t n;
  mst_spread_slot slot[2];
  int at[2];            /* where slots 0 and 1 of the metric are: the same, if it was given */
  double *room;         /* [P][16] */
  mst_spread_base base; /* fits are drawn to it, if has_base */
  bool has_base;
} mst_spread;

/* Bytes of a rank at most, for P parameters, that many ranks and draws that teach: matrices
 * while one is being recomputed, and draws. Not collective. */
double mst_spread_bytes(int64_t parameters, int ranks, double draws);

/* What a rank of its kind may take, in bytes: memory that the system has available, over the
 * ranks of this machine; or what mst_spread_limit (tests) has said. 0 or less: not known.
 * Collective. */
double mst_spread_available(const mst_comm *comm);
void mst_spread_limit(double bytes);

/* Collective; the same on all ranks. Whether a metric fits that every rank holds whole:
 * MASTING_ERR_MEMORY. */
masting_status mst_spread_whole_fits(const mst_comm *comm, int64_t parameters, mst_error *err);

/* Collective, errors agreed. Refuses what does not fit; draws: that teach the metric. End also
 * after a failure. */
masting_status mst_spread_begin(mst_spread *spread, mst_target *target, double draws,
                                mst_error *err);
void mst_spread_end(mst_spread *spread);

/* Collective, errors agreed. Slot (0 or 1) of the metric from a fit, whose matrices are freed;
 * fit->scale is the caller's. After an error the slot holds nothing. */
masting_status mst_spread_take(mst_spread *spread, int slot, mst_spread_fit *fit, mst_error *err);

/* Frees what the slot holds, unless the other one shares it. Not collective. */
void mst_spread_drop(mst_spread *spread, int slot);

/* The slot holds what the other one does. */
void mst_spread_share(mst_spread *spread, int slot);

/* For mst_pass.apply; context: the mst_spread. Failures of MPI stop all ranks. */
void mst_spread_apply(void *context, int slot, mst_apply what, int lanes, const double *x,
                      double *y);

#endif
