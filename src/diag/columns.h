/* diag/columns.h -- which numbers a summary shows, and what they are called.
 *
 * Table, CSV and JSON walk the same list. Not collective; pure.
 */
#ifndef MST_DIAG_COLUMNS_H
#define MST_DIAG_COLUMNS_H

#include <stddef.h>

#include "diag/element.h"

#define MST_COLUMNS (10 + MST_QUANTILES + 2)

typedef enum mst_column_kind {
  MST_COLUMN_VALUE, /* on the scale of the draws: as many decimals as the Monte Carlo error means */
  MST_COLUMN_COUNT, /* whole */
  MST_COLUMN_RATIO  /* R-hat: three decimals */
} mst_column_kind;

typedef struct mst_column {
  char head[24]; /* of the table: "5%" */
  char key[24];  /* of CSV and JSON: "q5" */
  mst_column_kind kind;
  size_t offset; /* of its double in mst_element */
} mst_column;

typedef struct mst_columns {
  int count;
  mst_column column[MST_COLUMNS];
} mst_columns;

/* What --columns may name, NULL-terminated. */
extern const char *const mst_column_names[];

/* The named columns, in that order; quantiles and hdi stand for several. names NULL: what the table
 * shows unless told otherwise, with the interval if `hdi`; count < 0: all there are. Errors:
 * MASTING_ERR_USAGE, with what is near. */
masting_status mst_columns_make(mst_columns *columns, const char *const *names, int count, bool hdi,
                                const mst_element_choice *choice, mst_error *err);

/* The number of a column. */
double mst_column_of(const mst_column *column, const mst_element *element);

#endif
