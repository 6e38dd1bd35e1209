/* data/json.h -- Stan's JSON: an object of numbers and nested arrays of numbers.
 *
 *     {"N": 3, "y": [1.5, -2, "Inf"], "X": [[1, 2], [3, 4], [5, 6]]}
 *
 * Read in one pass with the memory of its numbers. Infinities and NaN may be bare words (NaN,
 * Infinity, -Infinity, as Python writes them) or text. What cannot be data (text, booleans, null,
 * objects, which are Stan's tuples, ragged arrays) is an error only when a model asks for it: files
 * hold other things besides. Not collective.
 */
#ifndef MST_DATA_JSON_H
#define MST_DATA_JSON_H

#include "data/source.h"

/* Adds the variables of the file to `into`, whose HDF5 file is open for writing. Errors: FORMAT
 * with line and column where it is not JSON, DATA for a name that is given twice. */
masting_status mst_json_read(mst_source *into, const char *path, mst_error *err);

#endif
