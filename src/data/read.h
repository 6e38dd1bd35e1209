/* data/read.h -- one variable's rows from HDF5 to memory: in pieces, converted, checked.
 *
 * Not collective (transfers are independent), except mst_read_open with more than one rank.
 */
#ifndef MST_DATA_READ_H
#define MST_DATA_READ_H

#include "data/check.h"

/* Collective. Opens the file for all ranks: through MPI-IO, or serially if there is one. Each
 * rank's error is its own: agree after it. */
masting_status mst_read_open(hid_t *file, const mst_comm *comm, const char *path, mst_error *err);

/* Opens a dataset. Collective over the ranks that opened the file. */
masting_status mst_read_dataset(hid_t *set, hid_t file, bool collective, const char *path,
                                const char *name, mst_error *err);

/* Reads rows [first, first + rows) of variable `var` into dest[rows][before * after], of type
 * schema->var[var].type; a replicated variable whole (first and rows are ignored). What breaks the
 * model's rules is recorded in *faults, which the caller has cleared. */
masting_status mst_read_rows(hid_t set, const char *path, const masting_model *model, int var,
                             const mst_schema *schema, mst_grow first, int64_t rows, void *dest,
                             mst_faults *faults, mst_error *err);

#endif
