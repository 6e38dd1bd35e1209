/* base/fields.c -- see fields.h. */
#include "base/fields.h"

#include <stdlib.h>
#include <string.h>

void mst_fields_free(mst_fields *f) {
  free(f->bytes);
  *f = (mst_fields){0};
}

static void put(mst_fields *f, const void *from, size_t n) {
  if (f->size + n > f->room && !f->bad) {
    const size_t room = 2 * f->room + n + 256;
    unsigned char *more = realloc(f->bytes, room);
    if (more) {
      f->bytes = more;
      f->room = room;
    }
    f->bad |= !more;
  }
  if (f->bad) return;
  memcpy(f->bytes + f->size, from, n);
  f->size += n;
}

static void get(mst_fields *f, void *to, size_t n) {
  if (f->bad || n > f->size - f->at) {
    f->bad = true;
    return;
  }
  memcpy(to, f->bytes + f->at, n);
  f->at += n;
}

static void move(mst_fields *f, char kind, void *x, size_t n) {
  char found = kind;
  if (!f->reading) {
    put(f, &kind, 1);
    put(f, x, n);
    return;
  }
  get(f, &found, 1);
  f->bad |= found != kind;
  if (!f->bad) get(f, x, n);
}

static bool same_length(mst_fields *f, size_t n) {
  uint64_t length = n;
  move(f, '[', &length, sizeof length);
  f->bad |= length != n;
  return !f->bad;
}

void mst_field_int(mst_fields *f, int *x) { move(f, 'i', x, sizeof *x); }
void mst_field_i64(mst_fields *f, int64_t *x) { move(f, 'l', x, sizeof *x); }
void mst_field_u64(mst_fields *f, uint64_t *x) { move(f, 'u', x, sizeof *x); }
void mst_field_real(mst_fields *f, double *x) { move(f, 'd', x, sizeof *x); }

void mst_field_same_int(mst_fields *f, int own) {
  int x = own;
  mst_field_int(f, &x);
  f->bad |= x != own;
}

void mst_field_bool(mst_fields *f, bool *x) {
  unsigned char byte = *x;
  move(f, 'b', &byte, 1);
  *x = byte != 0;
}

void mst_field_ints(mst_fields *f, int *x, size_t n) {
  if (same_length(f, n)) move(f, 'I', x, n * sizeof *x);
}
void mst_field_i64s(mst_fields *f, int64_t *x, size_t n) {
  if (same_length(f, n)) move(f, 'L', x, n * sizeof *x);
}
void mst_field_reals(mst_fields *f, double *x, size_t n) {
  if (same_length(f, n)) move(f, 'D', x, n * sizeof *x);
}
void mst_field_bytes(mst_fields *f, void *x, size_t n) {
  if (same_length(f, n)) move(f, 'B', x, n);
}

void mst_field_text(mst_fields *f, char **text) {
  uint64_t length = f->reading ? 0 : strlen(*text);
  move(f, 't', &length, sizeof length);
  if (!f->reading) {
    put(f, *text, length);
    return;
  }
  f->bad |= length > f->size - f->at;
  *text = f->bad ? NULL : malloc(length + 1);
  f->bad |= !*text;
  if (f->bad) return;
  get(f, *text, length);
  (*text)[length] = '\0';
}

bool mst_fields_done(const mst_fields *f) { return !f->bad && (!f->reading || f->at == f->size); }
