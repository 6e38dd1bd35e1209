/* data/convert.h -- a text data file (JSON, CSV) becomes HDF5. */
#ifndef MST_DATA_CONVERT_H
#define MST_DATA_CONVERT_H

#include "data/dataset.h"

/* Writes the variables of the JSON or CSV file `in` to the HDF5 file `out`, contiguous, beside
 * it first and then renamed. model: only the variables it declares, checked as for a run, in its
 * types, with its sizes as scalars. NULL: all numbers, as int32 where all are whole and fit, int64
 * where they are wider, else float64; what cannot be data is left out, with a warning. force:
 * overwrite. Not collective. */
masting_status mst_convert(const char *in, const char *out, const masting_model *model,
                           const mst_read_options *options, int force, mst_error *err);

#endif
