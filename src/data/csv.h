/* data/csv.h -- a table in CSV (RFC 4180): each column is a variable, each row one element of it.
 *
 * The first line names the columns. Columns X.1, X.2 ... or X[1], X[2] ... are one matrix
 * X[rows, columns], in the order of their numbers; X1, X2 ... are both a matrix X and columns by
 * themselves. A column that holds anything but numbers is an error only when a model asks for
 * it. Not collective.
 */
#ifndef MST_DATA_CSV_H
#define MST_DATA_CSV_H

#include "data/source.h"

/* Adds the columns of the file to `into`, whose HDF5 file is open for writing. Errors: FORMAT
 * with the line where it is no table, DATA for a name that is given twice. */
masting_status mst_csv_read(mst_source *into, const char *path, mst_error *err);

#endif
