/* data/h5.h -- HDF5's error messages, and small wrappers that both readers and writers need.
 *
 * Not collective, unless the file behind the identifier was opened through MPI-IO: then as the
 * HDF5 call underneath. HDF5's own printing is switched off by mst_h5_quiet; the reason is fetched
 * by mst_h5_why.
 */
#ifndef MST_DATA_H5_H
#define MST_DATA_H5_H

#include <hdf5.h>
#include <stdint.h>

#include "base/error.h"

/* Stops HDF5 from printing its error stack. Cheap; call it before the first HDF5 call of a job. */
void mst_h5_quiet(void);

/* The innermost message of HDF5's error stack, into text[size]; "no reason given" without one. For
 * failures of the system this holds errno's text. Returns text. Only mst_h5_close may be called in
 * between. */
const char *mst_h5_why(char *text, size_t size);

/* Writes "[3, 5000]" (or "a scalar" without dims) into text[size] and returns text. */
const char *mst_shape_text(char *text, size_t size, int ndims, const int64_t *dims);

/* Closes an identifier of any kind if it is one, and sets it to H5I_INVALID_HID. The error stack
 * stays, so that a failed call may be cleaned up after before mst_h5_why asks for its reason. */
void mst_h5_close(hid_t *id);

#endif
