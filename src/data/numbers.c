/* data/numbers.c -- see numbers.h.
 *
 * Up to 2^53 as digits and 10^22 as power both are doubles, and one multiplication or division
 * rounds correctly (Clinger 1990, "How to read floating point numbers accurately"); strtod does the
 * others.
 */
#include "data/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/h5.h"

static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline bool digit(char c) { return c >= '0' && c <= '9'; }

/* Digits from p on are appended to *value; what does not fit makes *wide. */
static const char *digits(const char *p, uint64_t *value, bool *wide) {
  for (; digit(*p); p++) {
    if (*value > (UINT64_MAX - 9) / 10)
      *wide = true;
    else
      *value = *value * 10 + (uint64_t)(*p - '0');
  }
  return p;
}

/* ([eE][+-]?[0-9]+)? from p on; NULL: an e without digits. */
static const char *exponent(const char *p, int64_t *e) {
  if (*p != 'e' && *p != 'E') return p;
  bool minus = *++p == '-', wide = false;
  uint64_t value = 0;
  if (*p == '+' || *p == '-') p++;
  if (!digit(*p)) return NULL;
  p = digits(p, &value, &wide);
  if (wide || value > 1000000) value = 1000000;
  *e += minus ? -(int64_t)value : (int64_t)value;
  return p;
}

size_t mst_number_read(const char *text, mst_number *number) {
  const char *p = text;
  bool minus = *p == '-', wide = false;
  uint64_t value = 0;
  int64_t e = 0;
  if (minus) p++;
  if (!digit(*p) || (*p == '0' && digit(p[1]))) return 0;
  p = digits(p, &value, &wide);
  number->whole =
      *p != '.' && *p != 'e' && *p != 'E' && !wide && value <= (uint64_t)INT64_MAX + minus;
  if (number->whole) {
    number->integer = minus ? (int64_t)(0 - value) : (int64_t)value;
    return (size_t)(p - text);
  }
  if (*p == '.') {
    const char *point = p++;
    if (!digit(*p)) return 0;
    p = digits(p, &value, &wide);
    e = -(p - point - 1);
  }
  p = exponent(p, &e);
  if (!p) return 0;
  if (wide || value > UINT64_C(1) << 53 || e < -22 || e > 22) {
    number->real = strtod(text, NULL);
  } else {
    double x = e < 0 ? (double)value / power[-e] : (double)value * power[e];
    number->real = minus ? -x : x;
  }
  return (size_t)(p - text);
}

bool mst_number_word(const char *word, size_t length, double *value) {
  bool minus = length && *word == '-', sign = minus || (length && *word == '+');
  if (length == 3 && !strncasecmp(word, "nan", 3)) {
    *value = (double)NAN;
    return true;
  }
  word += sign;
  length -= sign;
  if (!(length == 3 && !strncasecmp(word, "inf", 3)) &&
      !(length == 8 && !strncasecmp(word, "infinity", 8)))
    return false;
  *value = minus ? -(double)INFINITY : (double)INFINITY;
  return true;
}

static bool grow(mst_numbers *all) {
  int64_t room = all->room ? all->room * 2 : 1024;
  void *at = realloc(all->at, (size_t)room * 8);
  if (!at) return false;
  all->at = at;
  all->room = room;
  return true;
}

/* In place, number by number: both are 8 bytes. */
static void make_real(mst_numbers *all) {
  char *at = all->at;
  for (int64_t i = 0; i < all->count; i++) {
    int64_t whole;
    memcpy(&whole, at + 8 * i, 8);
    double x = (double)whole;
    memcpy(at + 8 * i, &x, 8);
  }
  all->real = true;
}

bool mst_numbers_add(mst_numbers *all, const mst_number *number) {
  if (all->count == all->room && !grow(all)) return false;
  if (!number->whole && !all->real) make_real(all);
  if (all->real)
    ((double *)all->at)[all->count++] = number->whole ? (double)number->integer : number->real;
  else
    ((int64_t *)all->at)[all->count++] = number->integer;
  return true;
}

void mst_numbers_clear(mst_numbers *all) {
  all->count = 0;
  all->real = false;
}

void mst_numbers_free(mst_numbers *all) {
  free(all->at);
  *all = (mst_numbers){0};
}

static bool narrow(const mst_numbers *all) {
  const int64_t *x = all->at;
  int64_t wide = 0;
  for (int64_t i = 0; i < all->count; i++) wide += x[i] < INT32_MIN || x[i] > INT32_MAX;
  return wide == 0;
}

masting_status mst_numbers_write(const mst_numbers *all, hid_t file, const char *path,
                                 const char *name, int ndims, const int64_t *dims, mst_error *err) {
  hid_t memory = all->real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
  hid_t type = !all->real && narrow(all) ? H5T_NATIVE_INT32 : memory;
  hsize_t extent[H5S_MAX_RANK];
  char why[256];
  for (int i = 0; i < ndims; i++) extent[i] = (hsize_t)dims[i];
  hid_t space = ndims ? H5Screate_simple(ndims, extent, NULL) : H5Screate(H5S_SCALAR);
  hid_t set = space < 0
                  ? H5I_INVALID_HID
                  : H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (set < 0 || (all->count && H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, all->at) < 0))
    mst_fail(err, MASTING_ERR_MEMORY, "%s: %s: cannot be kept: %s", path, name,
             mst_h5_why(why, sizeof why));
  mst_h5_close(&set);
  mst_h5_close(&space);
  return err->status;
}
