/* optim/blocks.h -- the rows' own blocks of the Hessian. For hessian.c. */
#ifndef MST_OPTIM_BLOCKS_H
#define MST_OPTIM_BLOCKS_H

#include "optim/hessian.h"

/* Fractions of a standard deviation that a step may be, and what it is set to when it is less or
 * more. Off a mode a diagonal element may be small by chance, which says nothing of the scale: so
 * steps grow only if rounding would be seen, and then not far. */
#define MST_STEP_LEAST 1e-9
#define MST_STEP_MOST 1e-2
#define MST_STEP_GROWN 1e-6
#define MST_STEP_AIM 1e-3
#define MST_STEP_FIRST 6e-6 /* of max(1, |x|): cube root of the rounding error */
#define MST_STEP_ROUNDS 5

/* The next step along an axis where a step h has shown this curvature; 0: h was good. */
double mst_step_next(double h, double curvature);

/* d = D_r [n][n], not symmetric yet, becomes the lower factor of -D_r; false, and zeros, if there
 * is none. A pivot that is rounding error of its row's diagonal does not count as positive. */
bool mst_block_factorise(double *d, int64_t n);

/* All points of the batch at y, local, but for what the caller then moves. Not collective. */
void mst_batch_fill(mst_batch *batch, const double *y, const double *local);

/* A hook: a copy of the row-local gradients goes to context, an array of that shape. */
typedef struct mst_keep {
  const mst_batch *batch;
  double *to;
} mst_keep;
void mst_keep_gradient(const mst_tile *tile, void *context);

/* Collective. h->factor, bad_rows and first_bad at the point; kept: room for row-local gradients of
 * the batch. Errors are agreed. */
masting_status mst_blocks_make(mst_hessian *h, mst_batch *batch, const double *y,
                               const double *local, double *kept, mst_error *err);

#endif
