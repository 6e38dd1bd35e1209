/* data/schema.h -- sizes, shapes and types of a model's data, determined before any number is read.
 *
 * Made by rank 0 from the model, the overrides and the shapes in the file; it is plain bytes and is
 * broadcast. Not collective.
 */
#ifndef MST_DATA_SCHEMA_H
#define MST_DATA_SCHEMA_H

#include "data/dataset.h"
#include "data/source.h"

typedef struct mst_var_schema {
  int shard_dim; /* which dim is the sharded one; -1: replicated */
  int64_t before,
      after; /* products of the dims before and after it; replicated: 1 and all elements */
  int ndims; /* in the file: as declared, or 1 for a scalar stored as [1], or fewer if empty */
  int64_t dims[MASTING_MAX_DIMS];
  masting_type type; /* in memory */
  bool whole;        /* in the file: whole numbers */
  bool narrow;       /* in the file: whole numbers that an int32 holds, whatever they are */
} mst_var_schema;

typedef struct mst_schema {
  int64_t size[MST_MAX_SIZES];
  mst_var_schema var[MST_MAX_DATA];
} mst_schema;

/* Fills *schema. source: open for reading, or NULL: sizes from options and fallbacks alone, and
 * variables of the declared types (for simulators). path: for messages. Errors: USAGE for
 * overrides that the model does not know, DATA for everything about the file. */
masting_status mst_schema_make(mst_schema *schema, const masting_model *model,
                               const mst_source *source, const char *path,
                               const mst_read_options *options, mst_error *err);

/* Hands to the source what --size and --data say; it is read before what is in the file. options
 * may be NULL. */
masting_status mst_given_scalars(mst_source *source, const mst_read_options *options,
                                 mst_error *err);

/* "x[D,N]", into text[size]; returns text. */
const char *mst_declared(char *text, size_t size, const masting_model *model, int ndims,
                         const int *dims, const char *name);

/* Bytes of an element in memory. */
int mst_type_bytes(masting_type type);

#endif
