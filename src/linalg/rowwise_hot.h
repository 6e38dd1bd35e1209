/* linalg/rowwise_hot.h -- the kernel of rowwise, compiled per SIMD level. Not collective. */
#ifndef MST_LINALG_ROWWISE_HOT_H
#define MST_LINALG_ROWWISE_HOT_H

#include "base/isa.h"

/* y[8][lanes] = the panel a[columns][8] times x[columns][lanes], each from its first column to its
 * last. */
typedef void mst_rowwise_panel(const double *a, int columns, const double *x, double *y);

/* lanes: 1, 2, 4, 8 or 16. */
mst_rowwise_panel *mst_rowwise_kernel(mst_isa isa, int lanes);

typedef struct mst_rowwise_table {
  mst_rowwise_panel *lanes[5];
} mst_rowwise_table;

#endif
