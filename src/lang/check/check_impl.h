/* lang/check/check_impl.h -- what the files of the checker share. Private to check*.c.
 *
 *   check.c       a program: blocks, functions, recursion    check_stmt.c    statements
 *   check_decl.c  declarations: sizes, constraints           check_expr.c    expressions, operators
 *   check_scope.c names in scope                             check_names.c   what names say
 *   check_call.c  calls: overloads, messages                 check_higher.c  functions as arguments
 *   check_tilde.c ~ and truncation
 *   check_warn.c  what is allowed and looks wrong
 */
#ifndef MST_LANG_CHECK_IMPL_H
#define MST_LANG_CHECK_IMPL_H

#include "lang/check/check.h"
#include "lang/check/signatures.h"
#include "lang/check/types.h"

typedef struct check_name {
  ast_decl *decl;
  bool readonly; /* function arguments and loop variables */
  uint32_t hash; /* of the name */
} check_name;

typedef struct check_edge { /* one function calls another */
  const ast_function *from, *to;
  lang_loc loc;
} check_edge;

typedef struct check_state {
  lang_context *c;
  ast_program *program; /* NULL for the prelude */
  ast_function **function;
  int nfunctions;
  bool prelude;
  check_name *name; /* what is in scope, innermost last */
  int nnames;
  ast_block_kind block;
  const ast_function *in; /* the function whose body is checked, or NULL */
  int loops;              /* nesting */
  bool sizes;             /* within the sizes of a program variable: data only */
  check_edge *edge;
  int nedges;
  const ast_decl **tilded; /* parameters on the left of a ~ */
  int ntilded;
  const ast_decl **scale; /* parameters warned of as scales */
  int nscales;
  bool warned_suffix; /* of ~ foo_lpdf */
} check_state;

/* check_names.c */
bool mst_check_suffix(const char *name, const char *suffix);
/* Whether the name ends as those of densities and distribution functions do. */
bool mst_check_conditional(const char *name);
/* "normal_lupdf" to "normal_lpdf", noting it. */
const char *mst_check_normalised(check_state *k, const char *name, bool *unnormalised);
int mst_check_width(const ast_expr *e); /* characters that a message underlines */

/* check_expr.c. Both end in mst_lang_fail when it does not fit. */
void mst_check_expr(check_state *k, ast_expr *e);
/* e must be an int; `what` begins the message: "size of 'x'". */
void mst_check_int(check_state *k, ast_expr *e, const char *what);
/* Whether e may stand where data are asked for: it does not depend on parameters, or is an int, or
 * all is data as in generated quantities. */
bool mst_check_data(const check_state *k, const ast_expr *e);
/* Types of `left op right`; false: the operator does not take them. */
bool mst_check_operator(check_state *k, ast_op op, lang_type left, lang_type right,
                        lang_type *result);
const char *mst_check_op_text(ast_op op);

/* check_call.c */
void mst_check_call(check_state *k, ast_expr *e, bool statement);
typedef struct check_choice { /* what a call resolves to */
  const ast_function *user;   /* or */
  const lang_signature *builtin;
  lang_match match;          /* cost -1: nothing; only the cost is set for a user's function */
  const ast_function *rival; /* another of the user's that fits as well */
} check_choice;
check_choice mst_check_choose(check_state *k, const char *name, const lang_type *argument,
                              int count);
/* Whether the user defines it; whether it is built in, supported and not the prelude's secret. */
bool mst_check_is_users(const check_state *k, const char *name);
bool mst_check_visible(const check_state *k, const lang_signature *s);
/* Fails unless argument `number` (0-based) of `name` is data. */
void mst_check_data_argument(check_state *k, const ast_expr *a, const char *name, int number);
/* End the compilation: no overload takes these arguments; two do. */
_Noreturn void mst_check_fail_types(check_state *k, lang_loc at, int width, const char *name,
                                    const lang_type *argument, int count);
_Noreturn void mst_check_fail_ambiguous(check_state *k, const ast_expr *at, const char *name,
                                        const check_choice *choice, const lang_type *argument,
                                        int count);
/* Whether the suffix of a function (name: as it is, without u) allows a call here. */
void mst_check_place(check_state *k, const ast_expr *e, const char *name);
/* Function of the user's by that name and exactly these arguments; a definition rather than a
 * declaration. */
const ast_function *mst_check_exact(const check_state *k, const ast_function *like);
bool mst_check_is_function(const check_state *k, const char *name);
void mst_check_called(check_state *k, const ast_function *callee, lang_loc loc);
/* "f(int, vector) => real" */
const char *mst_check_function_show(check_state *k, const ast_function *f);

/* check_tilde.c: the density of `lhs ~ name(arg...)`, with its suffix to s->builtin, or its
 * function to s->user. */
void mst_check_tilde(check_state *k, ast_stmt *s);

/* check_higher.c: a call of a built-in that takes a function. */
void mst_check_higher(check_state *k, ast_expr *e, const lang_signature *s);

/* check_stmt.c. */
void mst_check_stmt(check_state *k, ast_stmt *s);
/* Whether control never passes the end of s: it returns or rejects. */
bool mst_check_returns(const ast_stmt *s);

/* check_decl.c */
void mst_check_decl(check_state *k, ast_decl *d);

/* check_scope.c */
void mst_check_push(check_state *k, ast_decl *d, bool readonly);
void mst_check_pop(check_state *k, int mark); /* back to `mark` names; warns of unused ones */
const check_name *mst_check_lookup(const check_state *k, const char *name);
/* Ends the compilation: no variable has this name here; says where one has, or which is near. */
_Noreturn void mst_check_unknown(check_state *k, const ast_expr *e);
const char *mst_check_block_name(ast_block_kind block);

/* check_warn.c */
/* e is an int that is used as a real */
void mst_warn_int_division(check_state *k, const ast_expr *e);
void mst_warn_tilde(check_state *k, const ast_stmt *s);
/* d leaves its scope: was it used, was it given a value? */
void mst_warn_name(check_state *k, const ast_decl *d);

#define CHECK_FAIL(k, e, ...) mst_lang_fail((k)->c, (e)->loc, mst_check_width(e), __VA_ARGS__)
#define CHECK_SHOW(k, type) mst_type_show((k)->c, type)

#endif
