/* lang/prelude/prelude.h -- distributions and library functions written in Stan:
 * src/lang/prelude/NAME.stan. */
#ifndef MST_LANG_PRELUDE_H
#define MST_LANG_PRELUDE_H

#include "lang/syntax/ast.h"

/* All functions of the prelude, checked. They are parsed once a process and never freed; nothing
 * changes them. Their sources become the library of c, so that messages may name them. */
ast_function *const *mst_prelude(lang_context *c, int *count);

#endif
