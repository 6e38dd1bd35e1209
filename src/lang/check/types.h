/* lang/check/types.h -- unsized types: made, compared, promoted, shown. Not collective. Results
 * live in the context's pool or are values.
 *
 * Promotion is Stan's: int to real to complex, vectors and matrices of reals to those of complex
 * numbers, element by element in arrays and tuples. Its cost counts the steps, so that overloads
 * can be ranked.
 */
#ifndef MST_LANG_TYPES_H
#define MST_LANG_TYPES_H

#include "lang/syntax/ast.h"

static inline lang_type mst_type(lang_base base, int arrays) {
  return (lang_type){.base = base, .arrays = arrays};
}

static inline bool mst_type_is(lang_type type, lang_base base) {
  return type.base == base && type.arrays == 0;
}

static inline bool mst_type_scalar(lang_type type) {
  return type.arrays == 0 && type.base >= LANG_INT && type.base <= LANG_COMPLEX;
}

/* A type whose values have elements that an index reaches. */
static inline bool mst_type_container(lang_type type) {
  return type.arrays > 0 || (type.base >= LANG_VECTOR && type.base <= LANG_COMPLEX_MATRIX);
}

/* Holds a value: neither void, nor a function, nor a string. */
static inline bool mst_type_value(lang_type type) {
  return type.base != LANG_VOID && type.base != LANG_FUNCTION && type.base != LANG_STRING;
}

static inline bool mst_type_complex(lang_type type) {
  return type.base == LANG_COMPLEX ||
         (type.base >= LANG_COMPLEX_VECTOR && type.base <= LANG_COMPLEX_MATRIX);
}

/* The type with one array dimension fewer, or more. */
static inline lang_type mst_type_inner(lang_type type) {
  type.arrays--;
  return type;
}

/* Number of indices that reach one scalar: array dimensions plus 1 for a vector, 2 for a matrix. */
int mst_type_rank(lang_type type);
/* int, arrays of it, and tuples of nothing else: what a probability mass function is of. */
bool mst_type_discrete(lang_type type);
/* int, or any container or tuple that has an int in it. */
bool mst_type_has_int(lang_type type);
/* -1: `from` cannot stand where `to` is wanted; otherwise the number of steps of promotion. */
int mst_type_cost(lang_type from, lang_type to);
/* The least type that both promote to; false when there is none. */
bool mst_type_common(lang_context *c, lang_type a, lang_type b, lang_type *common);
/* A tuple of `count` elements; copies them to the pool. */
lang_type mst_type_tuple(lang_context *c, const lang_type *element, int count);

#endif
