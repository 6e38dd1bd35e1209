/* tests/interp/value.c -- see value.h. */
#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 20, MOST_CHUNKS = 4096 };
struct chunk {
  char *base;
  size_t size;
};

static _Noreturn void die(const char *why) {
  fprintf(stderr, "interp: %s\n", why);
  exit(70);
}

void *mem_take(memory *m, size_t bytes) {
  bytes = (bytes + 15) / 16 * 16;
  if (!m->chunk) {
    m->chunk = calloc(MOST_CHUNKS, sizeof *m->chunk);
    if (!m->chunk) die("no memory left");
    m->count = -1;
  }
  while (m->count < 0 || (size_t)m->used + bytes > m->chunk[m->count].size) {
    if (++m->count == MOST_CHUNKS) die("the program needs more than the interpreter has");
    m->used = 0;
    struct chunk *c = &m->chunk[m->count];
    if (c->base && c->size >= bytes) continue;
    free(c->base);
    c->size = bytes > CHUNK ? bytes : CHUNK;
    c->base = malloc(c->size);
    if (!c->base) die("no memory left");
  }
  char *at = m->chunk[m->count].base + m->used;
  m->used += (long)bytes;
  return at;
}

memory_mark mem_mark(const memory *m) { return (memory_mark){m->count, m->used}; }

void mem_release(memory *m, memory_mark mark) {
  m->count = mark.count;
  m->used = mark.used;
}

void mem_free(memory *m) {
  for (long i = 0; m->chunk && i < MOST_CHUNKS; i++) free(m->chunk[i].base);
  free(m->chunk);
  *m = (memory){0};
}

static lang_type type_of(lang_base base, int arrays) {
  return (lang_type){.base = base, .arrays = arrays};
}

static int rank_of(lang_type type) {
  return type.arrays + (type.base == LANG_VECTOR || type.base == LANG_ROW_VECTOR ? 1
                        : type.base == LANG_MATRIX                               ? 2
                                                                                 : 0);
}

val val_new(memory *m, lang_type type, const long *dim) {
  val v = {.type = type, .ndims = rank_of(type), .n = 1};
  if (v.ndims > MOST_DIMS) die("too many dimensions");
  for (int i = 0; i < v.ndims; i++) {
    v.dim[i] = dim[i];
    v.n *= dim[i];
  }
  if (type.base == LANG_TUPLE) {
    size_t items = (size_t)v.n * (size_t)type.nelements;
    v.item = mem_take(m, items * sizeof(val));
    memset(v.item, 0, items * sizeof(val));
    return v;
  }
  v.x = mem_take(m, (size_t)v.n * sizeof(num));
  for (long i = 0; i < v.n; i++) v.x[i] = type.base == LANG_INT ? UNSET_INT : (num)NAN;
  return v;
}

val val_number(memory *m, num x) {
  val v = val_new(m, type_of(LANG_REAL, 0), NULL);
  v.x[0] = x;
  return v;
}

val val_int(memory *m, long x) {
  val v = val_new(m, type_of(LANG_INT, 0), NULL);
  v.x[0] = x;
  return v;
}

val val_vector(memory *m, long n) { return val_new(m, type_of(LANG_VECTOR, 0), &n); }
val val_row(memory *m, long n) { return val_new(m, type_of(LANG_ROW_VECTOR, 0), &n); }
val val_array(memory *m, lang_base base, long n) { return val_new(m, type_of(base, 1), &n); }
val val_matrix(memory *m, long rows, long cols) {
  return val_new(m, type_of(LANG_MATRIX, 0), (long[]){rows, cols});
}

val val_copy(memory *m, const val *from) {
  val v = *from;
  if (from->item) {
    long items = from->n * from->type.nelements;
    v.item = mem_take(m, (size_t)items * sizeof(val));
    for (long i = 0; i < items; i++) v.item[i] = val_copy(m, &from->item[i]);
    return v;
  }
  v.x = mem_take(m, (size_t)v.n * sizeof(num));
  if (v.n) memcpy(v.x, from->x, (size_t)v.n * sizeof(num));
  return v;
}

bool val_same_shape(const val *a, const val *b) {
  if (a->ndims != b->ndims) return false;
  for (int i = 0; i < a->ndims; i++)
    if (a->dim[i] != b->dim[i]) return false;
  return true;
}

val val_at(const val *a, long i) {
  val v = *a;
  if (a->type.arrays)
    v.type.arrays--;
  else
    v.type.base = a->type.base == LANG_MATRIX ? LANG_ROW_VECTOR : LANG_REAL;
  v.ndims--;
  v.n = 1;
  for (int k = 0; k < v.ndims; k++) {
    v.dim[k] = a->dim[k + 1];
    v.n *= v.dim[k];
  }
  if (a->item)
    v.item = a->item + i * v.n * a->type.nelements;
  else
    v.x = a->x + i * v.n;
  return v;
}
