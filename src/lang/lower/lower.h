/* lang/lower/lower.h -- a checked AST to IR: functions inlined, containers taken apart, the
 * prelude's distributions put in place. */
#ifndef MST_LANG_LOWER_H
#define MST_LANG_LOWER_H

#include "lang/ir/ir.h"
#include "lang/options.h"
#include "lang/syntax/ast.h"

/* Parameters of the cut size that every rank has whole, as their rows depend on each other. */
typedef struct lang_whole {
  const struct ast_decl **decl;
  const char **note, **why; /* for the report: which line needs it */
  int count;
} lang_whole;

/* What the driver tries to meet the options by (compile.c). All zero: the first thing to try. Loops
 * over the size that is cut are made outermost, and parameters of that size are row-local. */
typedef struct lang_attempt {
  int choice;              /* when the size is chosen: 0 the best, 1 the next, and so on */
  bool none;               /* nothing is cut, whatever the options say */
  bool alone;              /* sizes that are equal in the data are different all the same */
  bool mark_covariances;   /* normals of all rows are marked, to be distributed (covariance.h) */
  const lang_whole *whole; /* NULL: none */
} lang_attempt;

/* prelude: its functions, checked (prelude.h). */
ir_program *mst_lower(lang_context *c, const ast_program *program, ast_function *const *prelude,
                      int nprelude, const char *name, const mst_lang_options *options,
                      const lang_attempt *attempt);

#endif
