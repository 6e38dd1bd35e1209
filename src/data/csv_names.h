/* data/csv_names.h -- which variables the columns of a table are, by their names. Not
 * collective. */
#ifndef MST_DATA_CSV_NAMES_H
#define MST_DATA_CSV_NAMES_H

#include <stdbool.h>

#include "base/error.h"

#define MST_CSV_NAME 256 /* bytes of a name, with its end */

typedef struct mst_csv_variable {
  char name[MST_CSV_NAME];
  int width;                     /* columns; 0: a matrix of which some are missing */
  int *column;                   /* [width] which columns, in order */
  bool matrix;                   /* [rows, width] rather than [rows] */
  char lacks[MST_CSV_NAME + 16]; /* width 0: the column that is not there */
} mst_csv_variable;

/* Finds the variables of `columns` columns. Columns without a name are none. Free with
 * mst_csv_names_free, also on failure. Errors: MEMORY. */
masting_status mst_csv_names(const char (*name)[MST_CSV_NAME], int columns, mst_csv_variable **all,
                             int *count, mst_error *err);
void mst_csv_names_free(mst_csv_variable *all, int count);

#endif
