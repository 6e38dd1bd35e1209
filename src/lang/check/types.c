/* lang/check/types.c -- see types.h and check.h. */
#include "lang/check/types.h"

#include <string.h>

#include "lang/check/check.h"

static const char *const base_name[] = {
    [LANG_VOID] = "void",
    [LANG_INT] = "int",
    [LANG_REAL] = "real",
    [LANG_COMPLEX] = "complex",
    [LANG_VECTOR] = "vector",
    [LANG_ROW_VECTOR] = "row_vector",
    [LANG_MATRIX] = "matrix",
    [LANG_COMPLEX_VECTOR] = "complex_vector",
    [LANG_COMPLEX_ROW_VECTOR] = "complex_row_vector",
    [LANG_COMPLEX_MATRIX] = "complex_matrix",
    [LANG_TUPLE] = "tuple",
    [LANG_FUNCTION] = "function",
    [LANG_STRING] = "string",
};

const char *mst_type_show(lang_context *c, lang_type type) {
  const char *base = base_name[type.base];
  if (type.base == LANG_TUPLE) {
    char *list = mst_lang_format(c, "tuple(");
    for (int i = 0; i < type.nelements; i++)
      list =
          mst_lang_format(c, "%s%s%s", list, i > 0 ? ", " : "", mst_type_show(c, type.element[i]));
    base = mst_lang_format(c, "%s)", list);
  }
  if (type.arrays == 0) return base;
  char commas[16] = "";
  for (int i = 0; i + 1 < type.arrays && i < (int)sizeof commas - 1; i++) commas[i] = ',';
  return mst_lang_format(c, "array[%s] %s", commas, base);
}

bool mst_type_equal(lang_type a, lang_type b) {
  if (a.base != b.base || a.arrays != b.arrays) return false;
  if (a.base != LANG_TUPLE) return true;
  if (a.nelements != b.nelements) return false;
  for (int i = 0; i < a.nelements; i++)
    if (!mst_type_equal(a.element[i], b.element[i])) return false;
  return true;
}

/* Steps from base to base, or -1. */
static int base_cost(lang_base from, lang_base to) {
  if (from == to) return 0;
  switch (to) {
  case LANG_REAL:
    return from == LANG_INT ? 1 : -1;
  case LANG_COMPLEX:
    return from == LANG_REAL ? 1 : from == LANG_INT ? 2 : -1;
  case LANG_COMPLEX_VECTOR:
    return from == LANG_VECTOR ? 1 : -1;
  case LANG_COMPLEX_ROW_VECTOR:
    return from == LANG_ROW_VECTOR ? 1 : -1;
  case LANG_COMPLEX_MATRIX:
    return from == LANG_MATRIX ? 1 : -1;
  default:
    return -1;
  }
}

int mst_type_cost(lang_type from, lang_type to) {
  if (from.arrays != to.arrays) return -1;
  int cost = base_cost(from.base, to.base);
  if (cost != 0 || from.base != LANG_TUPLE) return cost;
  if (from.nelements != to.nelements) return -1;
  for (int i = 0; i < from.nelements; i++) {
    int one = mst_type_cost(from.element[i], to.element[i]);
    if (one < 0) return -1;
    cost += one;
  }
  return cost;
}

bool mst_type_promotes(lang_type from, lang_type to) { return mst_type_cost(from, to) >= 0; }

lang_type mst_type_tuple(lang_context *c, const lang_type *element, int count) {
  lang_type *copy = MST_LANG_ARRAY(c, lang_type, count);
  memcpy(copy, element, (size_t)count * sizeof *copy);
  return (lang_type){.base = LANG_TUPLE, .nelements = count, .element = copy};
}

bool mst_type_common(lang_context *c, lang_type a, lang_type b, lang_type *common) {
  if (mst_type_promotes(a, b)) return *common = b, true;
  if (mst_type_promotes(b, a)) return *common = a, true;
  if (a.base != LANG_TUPLE || b.base != LANG_TUPLE || a.arrays != b.arrays ||
      a.nelements != b.nelements)
    return false;
  lang_type *element = MST_LANG_ARRAY(c, lang_type, a.nelements);
  for (int i = 0; i < a.nelements; i++)
    if (!mst_type_common(c, a.element[i], b.element[i], &element[i])) return false;
  *common = mst_type_tuple(c, element, a.nelements);
  common->arrays = a.arrays;
  return true;
}

int mst_type_rank(lang_type type) {
  switch (type.base) {
  case LANG_VECTOR:
  case LANG_ROW_VECTOR:
  case LANG_COMPLEX_VECTOR:
  case LANG_COMPLEX_ROW_VECTOR:
    return type.arrays + 1;
  case LANG_MATRIX:
  case LANG_COMPLEX_MATRIX:
    return type.arrays + 2;
  default:
    return type.arrays;
  }
}

bool mst_type_discrete(lang_type type) {
  for (int i = 0; type.base == LANG_TUPLE && i < type.nelements; i++)
    if (!mst_type_discrete(type.element[i])) return false;
  return type.base == LANG_INT || type.base == LANG_TUPLE;
}

bool mst_type_has_int(lang_type type) {
  if (type.base == LANG_INT) return true;
  for (int i = 0; type.base == LANG_TUPLE && i < type.nelements; i++)
    if (mst_type_has_int(type.element[i])) return true;
  return false;
}
