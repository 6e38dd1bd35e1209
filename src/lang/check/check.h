/* lang/check/check.h -- types, shapes, scopes and blocks of a parsed program; fills what ast.h
 * marks "check:". Ends in mst_lang_fail at the first mistake; what merely looks wrong becomes a
 * warning. */
#ifndef MST_LANG_CHECK_H
#define MST_LANG_CHECK_H

#include "lang/syntax/ast.h"

void mst_check(lang_context *c, ast_program *program);

/* Checks functions on their own (the prelude): they may call each other, built-ins and the
 * intrinsics valid() and those that end in _rng. */
void mst_check_functions(lang_context *c, ast_function **function, int count);

/* "real", "array[,] vector" ... as Stan writes it. */
const char *mst_type_show(lang_context *c, lang_type type);
bool mst_type_equal(lang_type a, lang_type b);
/* Whether a value of type `from` may stand where `to` is wanted: equal, or int to real, int/real
 * to complex, elementwise in arrays and tuples. */
bool mst_type_promotes(lang_type from, lang_type to);

/* All signatures, one a line, under headings, each `# ` and a title; of what Stan has and
 * masting does not, names. For docs/stan-functions.md and `masting compile --functions`. */
void mst_signatures_print(void *file);

#endif
