/* lang/prelude/prelude.h -- distributions and library functions written in Stan:
 * src/lang/prelude/NAME.stan. */
#ifndef MST_LANG_PRELUDE_H
#define MST_LANG_PRELUDE_H

#include "lang/syntax/ast.h"

/* All functions of the prelude, parsed and checked. */
ast_function **mst_prelude(lang_context *c, int *count);

#endif
