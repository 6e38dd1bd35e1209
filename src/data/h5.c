/* data/h5.c -- see h5.h. */
#include "data/h5.h"

#include <inttypes.h>
#include <stdio.h>

void mst_h5_quiet(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

typedef struct reason {
  char *text;
  size_t size;
} reason;

/* The walk starts where the error arose; the first entry is the most specific. */
static herr_t keep_first(unsigned n, const H5E_error2_t *entry, void *out) {
  reason *r = out;
  if (n == 0 && entry->desc) snprintf(r->text, r->size, "%s", entry->desc);
  return 0;
}

const char *mst_h5_why(char *text, size_t size) {
  reason r = {text, size};
  snprintf(text, size, "no reason given");
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &r);
  return text;
}

const char *mst_shape_text(char *text, size_t size, int ndims, const int64_t *dims) {
  if (ndims == 0) {
    snprintf(text, size, "a scalar");
    return text;
  }
  size_t used = 0;
  for (int i = 0; i < ndims && used < size; i++) {
    int n = snprintf(text + used, size - used, "%s%" PRId64, i ? ", " : "[", dims[i]);
    used += n > 0 ? (size_t)n : 0;
  }
  if (used < size) snprintf(text + used, size - used, "]");
  return text;
}

void mst_h5_close(hid_t *id) {
  if (*id >= 0) {
    hid_t stack = H5Eget_current_stack(); /* every call of HDF5 empties it */
    H5Idec_ref(*id);
    if (stack >= 0) H5Eset_current_stack(stack);
  }
  *id = H5I_INVALID_HID;
}
