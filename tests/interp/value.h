/* tests/interp/value.h -- values of the interpreter: a type, a shape and numbers; and their memory.
 *
 * Numbers are long double, so that finite differences of a program's density keep some 13 digits;
 * ints are whole numbers in them (64 bits of mantissa hold every one). Elements are row-major:
 * array dimensions first, then those of the vector or matrix.
 */
#ifndef TESTS_INTERP_VALUE_H
#define TESTS_INTERP_VALUE_H

#include "lang/syntax/ast.h"

typedef long double num;
enum { MOST_DIMS = 12 };
#define UNSET_INT (-2147483648.0L)

typedef struct val {
  lang_type type;
  int ndims; /* indices that reach one scalar, or one tuple */
  long dim[MOST_DIMS];
  long n;           /* elements */
  num *x;           /* [n] */
  struct val *item; /* of tuples: [n][type.nelements], in place of x */
} val;

typedef struct memory { /* a stack of chunks; what is above a mark is given back at once */
  struct chunk *chunk;
  long count, used; /* chunk in use, bytes of it */
} memory;
typedef struct memory_mark {
  long count, used;
} memory_mark;

void *mem_take(memory *m, size_t bytes); /* not zeroed; ends the program without memory */
memory_mark mem_mark(const memory *m);
void mem_release(memory *m, memory_mark mark);
void mem_free(memory *m);

val val_number(memory *m, num x);
val val_int(memory *m, long x);
/* Every number NaN, every int unset. dim: [rank of the type]. */
val val_new(memory *m, lang_type type, const long *dim);
/* With the dims, and elements, of another shape. */
val val_vector(memory *m, long n);
val val_row(memory *m, long n);
val val_matrix(memory *m, long rows, long cols);
val val_array(memory *m, lang_base base, long n);
val val_copy(memory *m, const val *from);
bool val_same_shape(const val *a, const val *b);
/* Element i of the outermost dimension: an alias. */
val val_at(const val *a, long i);
static inline num at2(const val *a, long i, long j) { return a->x[i * a->dim[a->ndims - 1] + j]; }
static inline num *put2(val *a, long i, long j) { return &a->x[i * a->dim[a->ndims - 1] + j]; }

#endif
