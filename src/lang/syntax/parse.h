/* lang/syntax/parse.h -- Stan text to AST. Ends in mst_lang_fail at the first mistake. */
#ifndef MST_LANG_PARSE_H
#define MST_LANG_PARSE_H

#include "lang/options.h"
#include "lang/syntax/ast.h"

/* Parses the source numbered `file` of the context; find_include may be NULL. Trees are at most
 * AST_DEEPEST deep. What Stan wrote once (`real x[N]`, `<-`, increment_log_prob, get_lp,
 * if_else, `#` comments) is read as what it is today, with one warning. */
ast_program *mst_parse(lang_context *c, int file, lang_include *find_include, void *argument);

/* Parses a list of function definitions without the block around them: our prelude. */
ast_function **mst_parse_functions(lang_context *c, int file, int *count);

/* Precedences (for printing and for fuzzing): the text of an expression, fully parenthesised. */
const char *mst_ast_show(lang_context *c, const ast_expr *e);

#endif
