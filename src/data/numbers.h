/* data/numbers.h -- numbers out of text: how one is read, and an array of them that grows.
 *
 * Not collective.
 */
#ifndef MST_DATA_NUMBERS_H
#define MST_DATA_NUMBERS_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct mst_number {
  bool whole; /* written without point and exponent, and fits 64 bits: in `integer` */
  int64_t integer;
  double real; /* the nearest double otherwise; infinite: beyond all doubles */
} mst_number;

/* Reads a number in JSON's grammar, -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?, correctly
 * rounded. text ends with a byte that is none of these. Returns bytes read; 0: no such number. */
size_t mst_number_read(const char *text, mst_number *number);

/* The value of "Inf", "-inf", "+Infinity", "NaN" in any case, `length` bytes. False: another
 * word. */
bool mst_number_word(const char *word, size_t length, double *value);

/* An array that holds int64 until the first real number comes, then double. Zeroed: empty. */
typedef struct mst_numbers {
  int64_t count, room;
  bool real;
  void *at; /* int64_t or double */
} mst_numbers;

/* Adds a number. False: no memory. */
bool mst_numbers_add(mst_numbers *all, const mst_number *number);

/* Empties the array; memory stays for the next. */
void mst_numbers_clear(mst_numbers *all);
void mst_numbers_free(mst_numbers *all);

/* Writes them as a dataset `name` of an HDF5 file: int32 if all are whole and fit, or int64, or
 * float64. path: for messages. */
masting_status mst_numbers_write(const mst_numbers *all, hid_t file, const char *path,
                                 const char *name, int ndims, const int64_t *dims, mst_error *err);

#endif
