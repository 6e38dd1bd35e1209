/* data/source.h -- a data file as one rank sees it: can it be opened, what is in it.
 *
 * Not collective; the serial driver. Data variables are datasets in the root group. Text files
 * (JSON, CSV) are read whole and become an HDF5 file in memory, so whatever looks at data has
 * one kind to look at. Every function that fails says what is wrong with the file and what it
 * found instead.
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

typedef struct mst_refused { /* a variable of a text file that cannot be data */
  char name[256];
  char message[1200];
} mst_refused;

typedef struct mst_source {
  hid_t h5;
  hid_t given; /* scalars of the command line, in the memory of this rank; they come first */
  bool text;   /* it was JSON or CSV: h5 is in the memory of this rank alone */
  mst_refused *refused;
  int nrefused;
} mst_source;

/* Is `path` a file that this process can read? *bytes: its size. The message says why not, from the
 * system: it does not name rank or host. */
masting_status mst_source_look(const char *path, int64_t *bytes, mst_error *err);

/* Opens a data file to read: HDF5 or JSON by their contents, CSV by the suffix. Tells other
 * formats, damaged, truncated and interrupted files apart. Close with mst_source_close, also on
 * failure (in source_open.c). */
masting_status mst_source_open(mst_source *source, const char *path, mst_error *err);
void mst_source_close(mst_source *source);

/* Adds a scalar that the command line has; one of that name in the file is not looked at any more.
 */
masting_status mst_source_give(mst_source *source, const char *name, double value, bool whole,
                               mst_error *err);

/* The file to read `name` from: what the command line gave, or the data file. */
hid_t mst_source_file(const mst_source *source, const char *name);

/* For readers of text: `name` is in the file, but cannot be data; asked for it, mst_source_find
 * says `message`. */
masting_status mst_source_refuse(mst_source *source, const char *name, const char *message,
                                 mst_error *err);

/* Why a variable was refused; NULL: it was not. */
const char *mst_source_why(const mst_source *source, const char *name);

/* Is there anything of that name, refused or not? */
bool mst_source_names(const mst_source *source, const char *name);

/* Looks at a dataset of numbers. wanted: how the model declares it ("x[D,N]"), for messages, which
 * list what there is when it is missing and refuse text, compounds and the like. */
masting_status mst_source_find(const mst_source *source, const char *path, const char *name,
                               const char *wanted, mst_found *found, mst_error *err);

/* What a misspelt name was meant to be: one of `names` (NULL-terminated) that differs in case
 * alone, or, for a name long enough to tell, the nearest; else NULL. */
const char *mst_source_meant(const char *name, const char *const *names);

/* The value of a scalar (or one-element) dataset, or else attribute of the root, of that name that
 * holds a whole number. False: there is none, or it is something else. */
bool mst_source_scalar(const mst_source *source, const char *name, int64_t *value);

/* The same for a size that a model asks for: what stands under its name and is no whole number is
 * refused. *there: is there anything of that name? */
masting_status mst_source_size(const mst_source *source, const char *path, const char *name,
                               int64_t *value, bool *there, mst_error *err);

#endif
