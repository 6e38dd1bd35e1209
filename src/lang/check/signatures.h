/* lang/check/signatures.h -- the functions that programs may call: names, argument types, kinds.
 * Not collective.
 *
 * The table is signatures.def; one line of it is one function. A pattern lists alternatives,
 * separated by `|`; each is the argument types, `>`, and the result:
 *     i int   r real   v vector   w row_vector   m matrix   f a function's name   n no arguments
 *     1r array[] real, 2v array[,] vector ...      !r an argument that must be data
 *     R reals: real, array[] real, vector, row_vector       I ints: int, array[] int
 *     V vectors: vector, row_vector, arrays of these        X vector or row_vector
 *     A array[] real, vector, row_vector                    T any type, the same wherever T stands
 *     .  any number of further arguments, handed on to the function argument
 *     *r (result) real, or array[] real when an argument is a container
 *     (mv) (result) a tuple
 *     @  before an alternative: elementwise
 *     #  before an alternative: for arrays of the first argument too
 *     ~  after an alternative: known, and refused when the program is translated
 * A function of kind LANG_ELEMENTWISE is written for scalars and stands for all containers of them.
 */
#ifndef MST_LANG_SIGNATURES_H
#define MST_LANG_SIGNATURES_H

#include "lang/syntax/ast.h"

typedef enum lang_kind {
  LANG_ELEMENTWISE,   /* of 1 to 3 arguments; containers of one shape, or scalars, for each */
  LANG_DENSITY,       /* _lpdf, _lpmf, _lcdf, _lccdf, _cdf of scalars: the sum over elements */
  LANG_DENSITY_MULTI, /* the same where one outcome or parameter is a vector or matrix */
  LANG_GLM,           /* density of a generalised linear model */
  LANG_RNG,           /* _rng; vectorised where the pattern has R or I */
  LANG_CONSTANT,      /* pi(), e(), ... */
  LANG_OPERATOR,      /* add, multiply, ...: what the operators call */
  LANG_HIGHER,        /* takes the name of a function */
  LANG_OTHER,
  LANG_INTRINSIC,   /* visible to the prelude only */
  LANG_UNSUPPORTED, /* Stan has it; a call ends with an error that says so */
  LANG_HEADING      /* no function: a line of its own in the list; the pattern is its text */
} lang_kind;

typedef struct lang_signature {
  const char *name; /* with its suffix */
  lang_kind kind;
  const char *pattern;
} lang_signature;

/* The function of that name, or NULL. _lupdf and _lupmf are found as _lpdf and _lpmf; deprecated
 * names are not found (mst_signature_renamed). */
const lang_signature *mst_signature_find(const char *name);
/* All of them, in the table's order. */
const lang_signature *mst_signature_all(int *count);
/* Every name, for "did you mean": NULL-terminated. */
const char *const *mst_signature_names(lang_context *c);

/* The name that took the place of a deprecated one ("fabs": "abs"), or NULL. */
const char *mst_signature_renamed(lang_context *c, const char *name);
/* What to write instead of a function that Stan removed, or NULL. */
const char *mst_signature_removed(const char *name);

typedef struct lang_match {
  int cost; /* steps of promotion; -1: no alternative fits */
  lang_type result;
  lang_type *formal; /* the argument types that it asked for */
  bool *data;        /* arguments that must be data */
} lang_match;

/* Whether a call with these argument types fits, with the fewest promotions. */
lang_match mst_signature_match(lang_context *c, const lang_signature *s, const lang_type *argument,
                               int count);
/* How near a call is to an alternative: more for each argument that fits, the first above all, less
 * for each that is missing or too many. */
int mst_signature_nearness(lang_context *c, const lang_signature *s, int alternative,
                           const lang_type *argument, int count);
int mst_signature_alternatives(const lang_signature *s);
/* "normal_lpdf(reals | reals, reals) => real"; "; not translated" follows where a call is
 * refused. */
const char *mst_signature_show(lang_context *c, const lang_signature *s, int alternative);

/* The type of one element of argument i of a density or rng (its first alternative): reals: real,
 * vectors: vector. LANG_VOID when there is no such argument. */
lang_type mst_signature_element(const lang_signature *s, int i);

/* One argument or result of a pattern, for those that read patterns themselves (check_higher.c). */
typedef struct lang_slot {
  bool data, spread; /* `!`, `*` */
  int arrays;
  char letter; /* 0: the end of the list */
} lang_slot;
lang_slot mst_slot_next(const char **pattern);
/* The concrete type that a slot of i r v w m stands for. */
lang_type mst_slot_type(lang_slot slot);

#endif
