/* store/skeleton.h -- the HDF5 side of a draws file: all groups, dimensions and datasets, no
 * numbers.
 *
 * Written by one process through the serial driver and closed; what remains to be known is where
 * in the file each dataset's numbers begin. Every dataset is contiguous, every dimension of a group
 * has a coordinate dataset that is a dimension scale attached on every axis, creation order is
 * tracked for links and attributes: what netCDF-4 readers need (docs/draws-file.md). Not
 * collective.
 */
#ifndef MST_STORE_SKELETON_H
#define MST_STORE_SKELETON_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "data/h5_layout.h"
#include "store/drawfile.h"

#define MST_NAME_SIZE 256
#define MST_MAX_GROUPS 8
#define MST_VARIABLE_DIMS (2 + MASTING_MAX_DIMS)

typedef enum mst_cell { MST_CELL_F64, MST_CELL_I64, MST_CELL_BOOL } mst_cell;

/* The bits of a whole number that travels as a double; INT64_MIN for what is none. */
int64_t mst_cell_whole(double x);

typedef struct mst_dimension {
  int group;
  char name[MST_NAME_SIZE];
  int64_t size;
  bool sharded;   /* cut over the ranks: each writes the coordinates of its rows */
  int64_t offset; /* in the file, of its coordinates 0 .. size-1 as int64 */
} mst_dimension;

typedef struct mst_variable {
  int group;
  char name[MST_NAME_SIZE];
  mst_cell cell;
  int ndims;
  int dim[MST_VARIABLE_DIMS]; /* indices into mst_skeleton.dim */
  bool fill;                  /* give it values that say "not there yet" */
  int64_t bytes;
  int64_t offset; /* in the file; MST_NO_OFFSET without elements */
} mst_variable;

typedef struct mst_skeleton {
  const char *group[MST_MAX_GROUPS];
  int ngroups, ndims, nvars, dim_room, var_room;
  mst_dimension *dim; /* [ndims] */
  mst_variable *var;  /* [nvars] */
} mst_skeleton;

/* Zeroed it is an empty one. */
void mst_skeleton_free(mst_skeleton *s);

/* A group, a dimension (found again by name), a variable: each returns its index. */
int mst_skeleton_group(mst_skeleton *s, const char *name);
int mst_skeleton_dimension(mst_skeleton *s, int group, const char *name, int64_t size);
int mst_skeleton_variable(mst_skeleton *s, int group, const char *name, mst_cell cell, bool fill,
                          int ndims, const int *dim);

/* Bytes of all numbers. */
int64_t mst_skeleton_bytes(const mst_skeleton *s);

/* Lays everything out in a layfile just created and sets all offsets. Doubles of variables whose
 * `fill` is set begin as NaN and whole numbers as -1; all else is undefined until it is written. */
masting_status mst_skeleton_create(mst_skeleton *s, mst_h5_layout *file, mst_error *err);

/* Sets attributes of a group ("/": of the file) behind an open file identifier; ones of the same
 * name are replaced. Text is variable-length UTF-8; a whole number becomes int64, any other a
 * double. `path` is for messages. */
masting_status mst_skeleton_attributes(hid_t h5, const char *path, const char *group,
                                       const mst_attribute *attributes, int n, mst_error *err);

#endif
