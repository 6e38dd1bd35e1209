/* base/fields.h -- a block of state as bytes, written and read back by one and the same function.
 *
 * A function visits the fields of its struct in one order; whether they are written to the buffer
 * or read from it, the buffer says. So writer and reader cannot drift apart. Each field has a byte
 * before it that tells its kind: bytes of another layout are found (`bad`), not misread. Numbers
 * are as this machine has them; the container (par/archive.h) refuses another byte order. Not
 * collective.
 */
#ifndef MST_BASE_FIELDS_H
#define MST_BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mst_fields {
  bool reading;
  bool bad; /* read: not what was expected, or past the end; written: no memory */
  unsigned char *bytes;
  size_t size, room, at; /* at: next to be read */
} mst_fields;

void mst_fields_free(mst_fields *fields);

void mst_field_int(mst_fields *fields, int *x);
/* A number that must be this run's own: another is `bad`. */
void mst_field_same_int(mst_fields *fields, int own);
void mst_field_bool(mst_fields *fields, bool *x);
void mst_field_i64(mst_fields *fields, int64_t *x);
void mst_field_u64(mst_fields *fields, uint64_t *x);
void mst_field_real(mst_fields *fields, double *x);

/* Arrays whose length both sides know; another length is `bad`. */
void mst_field_ints(mst_fields *fields, int *x, size_t n);
void mst_field_i64s(mst_fields *fields, int64_t *x, size_t n);
void mst_field_reals(mst_fields *fields, double *x, size_t n);
void mst_field_bytes(mst_fields *fields, void *x, size_t n);

/* Read: *text becomes a new string, to be freed (NULL when bad). Written: it is read only. */
void mst_field_text(mst_fields *fields, char **text);

/* All was read, and nothing is left. */
bool mst_fields_done(const mst_fields *fields);

#endif
