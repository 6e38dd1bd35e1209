/* lang/lower/lower.h -- a checked AST to IR: functions inlined, containers taken apart, the
 * prelude's distributions put in place. */
#ifndef MST_LANG_LOWER_H
#define MST_LANG_LOWER_H

#include "lang/syntax/ast.h"
#include "lang/ir/ir.h"

/* Which size of the data is cut over the ranks: loops over it are made outermost, and parameters
 * of that size are row-local. */
struct ast_decl;
/* parameters of that size that every rank has whole, as their rows depend on each other */
typedef struct lang_whole {
  const struct ast_decl **decl;
  const char **note, **why; /* for the report: which line needs it */
  int count;
} lang_whole;

typedef struct lang_cut {
  /* name of an int of the data block, or several with commas that are equal; NULL: chosen;
     "none" */
  const char *size;
  /* To choose by: how many elements dimension `dim` of a data variable has, -1 when that is not
   * known. NULL: the data are not known, the program's form decides. */
  int64_t (*extent)(void *argument, const char *variable, int dim);
  /* The value of an int of the data; false: not known. Small ones are compiled in: short loops
     are unrolled. */
  bool (*value)(void *argument, const char *variable, int64_t *value);
  void *argument;
  int attempt;             /* when the size is chosen: 0 the best, 1 the next, and so on */
  const lang_whole *whole; /* NULL: none */
  /* rows from which on a normal of all of them is spread (covariance.h); 0: never */
  int64_t spread_from;
  bool spread; /* such normals are marked */
  bool alone;  /* sizes that are equal in the data are different all the same */
} lang_cut;

ir_program *mst_lower(lang_context *c, const ast_program *program, const char *name,
                      const lang_cut *cut);

#endif
