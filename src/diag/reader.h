/* diag/reader.h -- a draws file, read variable by variable and piece by piece.
 *
 * Takes what the netCDF-4 / InferenceData form promises and no more: group posterior, numeric
 * datasets [chain][draw]..., coordinates as dimension scales. So files of ArviZ and PyMC open as
 * well. Draws that a stopped run never wrote (trailing NaN of sample_stats/lp) are left out, of all
 * chains alike. Several files are read as one, whose chains stand one after the other. Serial HDF5;
 * not collective; one thread at a time.
 */
#ifndef MST_DIAG_READER_H
#define MST_DIAG_READER_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define MST_READER_DIMS 30 /* axes of a variable behind chain and draw, at most */

typedef struct mst_axis { /* names of the places along an axis */
  int64_t size;
  int64_t *number; /* integer coordinates, or */
  char **text;     /* any other; both NULL: 0, 1, 2 ... */
} mst_axis;

typedef struct mst_draws_variable {
  char *name;
  bool moments; /* latent_moments/NAME_mean and NAME_sd, [chain]... */
  bool aside;   /* of log_likelihood or posterior_predictive: listed, and read when it is named */
  bool likelihood; /* of log_likelihood */
  bool by_row;     /* has an axis as long as the data have rows; known of our files only */
  int ndims;
  mst_axis axis[MST_READER_DIMS];
  int64_t elements;
  hid_t dataset, sd; /* sd: of moments */
} mst_draws_variable;

typedef struct mst_reader {
  hid_t file;
  const char *path;
  int64_t chains, draws;   /* of all files; draws: that all chains have */
  int64_t planned;         /* draws a chain that this file has room for */
  int64_t own_chains;      /* of this file */
  int64_t rows;            /* of the data; -1: the file does not say */
  struct mst_reader *next; /* the file behind this one; has the same variables in the same order */
  mst_draws_variable *variable;
  int variables, capacity;
} mst_reader;

/* Opens the file and lists its variables in the order they were made. Errors: MASTING_ERR_NOFILE,
 * MASTING_ERR_FORMAT (what it is instead), MASTING_ERR_MEMORY. Close it, also on failure. path is
 * kept. */
masting_status mst_reader_open(mst_reader *reader, const char *path, mst_error *err);
void mst_reader_close(mst_reader *reader);

/* The same of `count` files at once (in many.c): the chains of all, and the draws that each has.
 * Errors: MASTING_ERR_USAGE too, for files whose variables differ, or whose draws are the same. */
masting_status mst_reader_open_all(mst_reader *reader, const char *const *paths, int count,
                                   mst_error *err);

/* The variable of that name, of draws rather than moments; NULL: none. */
const mst_draws_variable *mst_reader_find(const mst_reader *reader, const char *name);

/* A text attribute of the first file into text[size], and a number; false if there is none. */
bool mst_reader_text(const mst_reader *reader, const char *name, char *text, size_t size);
bool mst_reader_number(const mst_reader *reader, const char *name, double *number);

/* How many elements from `first` on can be read at once if at most `most` are wanted: at least 1,
 * up to the end of an axis. */
int64_t mst_reader_piece(const mst_draws_variable *v, int64_t first, int64_t most);

/* Elements first .. first+count-1, as mst_reader_piece allows, into out[chains][draws][count]. */
masting_status mst_reader_draws(const mst_reader *reader, const mst_draws_variable *v,
                                int64_t first, int64_t count, double *out, mst_error *err);

/* The same of a moments variable: mean and sd, [chains][count]. */
masting_status mst_reader_moments(const mst_reader *reader, const mst_draws_variable *v,
                                  int64_t first, int64_t count, double *mean, double *sd,
                                  mst_error *err);

/* sample_stats/NAME into out[chains][draws]; false, and out untouched, if the file has none. */
bool mst_reader_stat(const mst_reader *reader, const char *name, double *out);

/* "w[0, 1]", or "tau" for a scalar; free() it. NULL without memory. */
char *mst_reader_label(const mst_draws_variable *v, int64_t element);

#endif
