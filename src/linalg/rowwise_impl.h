/* linalg/rowwise_impl.h -- what the files of rowwise share. Not collective. */
#ifndef MST_LINALG_ROWWISE_IMPL_H
#define MST_LINALG_ROWWISE_IMPL_H

#include "linalg/rowwise.h"

/* Cuts n rows over comm and makes room, zeroed; what, form, n and comm are set. After an error:
 * mst_rowwise_end. */
masting_status mst_rowwise_allocate(mst_rowwise *r, mst_error *err);

/* The first column that a row's panel has, and how many. */
int mst_rowwise_first_column(const mst_rowwise *r, int row);
int mst_rowwise_columns(const mst_rowwise *r, int row);

/* Where element (row, column) lies; the row is this rank's, the column one of its panel's. */
double *mst_rowwise_element(const mst_rowwise *r, int row, int column);

#endif
