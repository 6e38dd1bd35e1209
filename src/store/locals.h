/* store/locals.h -- a rank's rows of row-local and row-derived variables, to their places in the
 * file.
 *
 * In memory a row's elements of all parameters lie together, [rows][L] or [rows][row-derived
 * elements]; in the file a variable is [before][N][after]. A model with one row-local parameter
 * sharded along its first dimension (ppca's z) is written straight from the caller's memory in
 * one piece. Not collective; every rank.
 */
#ifndef MST_STORE_LOCALS_H
#define MST_STORE_LOCALS_H

#include "data/h5_layout.h"
#include "model/model.h"
#include "par/shard.h"
#include "store/skeleton.h"

typedef struct mst_locals {
  const mst_layout *layout;
  mst_shard shard;
  double *scratch;
} mst_locals;

masting_status mst_locals_make(mst_locals *l, const mst_layout *layout, const mst_shard *shard,
                               mst_error *err);
void mst_locals_free(mst_locals *l);

/* Writes output `param` of local[rows][mst_layout_row_width] as cells of that kind; offset:
 * where its [before][N][after] begins in the file. */
masting_status mst_locals_write(mst_locals *l, mst_h5_layout *file, int param, mst_cell cell,
                                int64_t offset, const double *local, mst_error *err);

/* NaN or -1 in this rank's rows of `count` successive [before][N][after] arrays. */
masting_status mst_locals_fill(mst_locals *l, mst_h5_layout *file, int param, mst_cell cell,
                               int64_t offset, int64_t count, mst_error *err);

/* Coordinates of this rank's rows: first_row, first_row + 1, ... into an int64 dataset of N. */
masting_status mst_locals_count(mst_locals *l, mst_h5_layout *file, int64_t offset, mst_error *err);

#endif
