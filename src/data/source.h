/* data/source.h -- a data file as one rank sees it: can it be opened, what is in it.
 *
 * Not collective; the serial driver. Data variables are datasets in the root group. Every function
 * that fails says what is wrong with the file and what it found instead.
 */
#ifndef MST_DATA_SOURCE_H
#define MST_DATA_SOURCE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct mst_found { /* a dataset */
  int ndims;
  int64_t dims[H5S_MAX_RANK];
  bool whole; /* whole numbers (integers, booleans); else floating point */
  bool is_signed;
  int bytes; /* of an element in the file */
} mst_found;

/* Is `path` a file that this process can read? *bytes: its size. The message says why not, from the
 * system: it does not name rank or host. */
masting_status mst_source_look(const char *path, int64_t *bytes, mst_error *err);

/* Opens an HDF5 file to read. Tells text, other formats, truncated and interrupted files apart. */
masting_status mst_source_open(hid_t *file, const char *path, mst_error *err);

/* Is there a dataset of that name? Other kinds of object are not. */
bool mst_source_has(hid_t file, const char *name);

/* Looks at a dataset of numbers. wanted: how the model declares it ("x[D,N]"), for messages, which
 * list what there is when it is missing and refuse text, compounds and the like. */
masting_status mst_source_find(hid_t file, const char *path, const char *name, const char *wanted,
                               mst_found *found, mst_error *err);

/* What a misspelt name was meant to be: one of `names` (NULL-terminated) that differs in case
 * alone, or, for a name long enough to tell, the nearest; else NULL. */
const char *mst_source_meant(const char *name, const char *const *names);

/* The value of a scalar (or one-element) dataset, or else attribute of the root, of that name that
 * holds a whole number. False: there is none, or it is something else. */
bool mst_source_scalar(hid_t file, const char *name, int64_t *value);

#endif
