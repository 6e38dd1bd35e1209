/* tests/interp/interp.h -- a plain interpreter of the checked AST: the oracle of what compiled
 * programs give.
 *
 * It shares the parser and the checker with the compiler, and the prelude's text for functions
 * that it does not know itself; nothing of what comes after them. What it does not know ends in
 * interp_fail with IN_UNKNOWN, so that nothing is judged by a guess. `~` and `_lupdf` drop
 * nothing: compare differences of log densities, or gradients. Long doubles reach further than
 * doubles: where a number grows beyond 1e100 the program is not judged either.
 */
#ifndef TESTS_INTERP_INTERP_H
#define TESTS_INTERP_INTERP_H

#include <setjmp.h>

#include "value.h"

typedef enum in_status {
  IN_OK,
  IN_REJECTED, /* reject(), or an argument that Stan refuses: log density -infinity */
  IN_BAD,      /* a mistake of the program: an index out of range, sizes that differ */
  IN_UNKNOWN   /* a function that is not interpreted */
} in_status;

typedef struct in_local {
  const ast_decl *decl;
  val *value;
} in_local;

typedef struct interp {
  lang_context *c;
  const ast_program *p;
  ast_function *const *prelude;
  int nprelude;
  memory mem;
  memory_mark loaded; /* data and transformed data end here */
  in_local *global;   /* hash table by the declaration's address */
  long globals;       /* slots: a power of two */
  in_local *local;
  int nlocals, locals, base; /* those of the function that runs begin at base */
  const num *theta;          /* unconstrained parameters, taken in order */
  long at, nparams;
  num target;
  num largest; /* of the reals that operators and functions have given, those that are finite */
  val result;  /* of the function that returns */
  int depth;
  long steps; /* statements left before it is a loop without end */
  jmp_buf bail;
  in_status status;
  char message[400];
} interp;

_Noreturn void interp_fail(interp *s, in_status status, lang_loc at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* setup.c: checks sizes, reads `json` (text), runs transformed data. Returns false with s->message.
 * The context holds the checked program. */
bool interp_begin(interp *s, lang_context *c, const ast_program *p, const char *json);
/* The log density at theta[nparams]. */
in_status interp_density(interp *s, const num *theta, num *lp);
/* Generated quantities at theta: variables of the program, for printing. */
in_status interp_generate(interp *s, const num *theta);
void interp_end(interp *s);
val *interp_variable(interp *s, const ast_decl *d);

/* run.c: statements */
typedef enum in_flow { IN_NEXT, IN_BREAK, IN_CONTINUE, IN_RETURN } in_flow;
in_flow in_run(interp *s, const ast_stmt *st);
void in_bind(interp *s, const ast_decl *d, val v);
val in_declare(interp *s, const ast_decl *d); /* its sizes evaluated, nothing set */
val *in_find(interp *s, const ast_expr *e);

/* eval.c: expressions */
val in_eval(interp *s, const ast_expr *e);
num in_number(interp *s, const ast_expr *e);
long in_int(interp *s, const ast_expr *e);
typedef struct in_span { /* one index: positions from 0, and whether its dimension stays */
  long *at, n;
  bool kept;
} in_span;
/* Those of e (AST_INDEX) appended to span[*count], for a value v. */
void in_spans(interp *s, const ast_expr *e, const val *v, in_span *span, int *count);
/* Calls each(argument, i, position) for the positions in order. */
val in_select(interp *s, const val *v, in_span *span, int count, long **positions);
val in_operate(interp *s, const ast_expr *e, ast_op op, const val *a, const val *b, lang_type type);
/* v, whose largest number is noted; but numbers of more than 1e100, which doubles, or their slopes,
 * may not hold, are not judged. */
val in_moderate(interp *s, val v, lang_loc at);
val in_promote(val v, lang_type type); /* an int where a real is asked for */

/* call.c */
val in_call(interp *s, const ast_expr *e);
val in_call_user(interp *s, const ast_function *f, val *arg, int n, lang_loc at);
/* Built in: normal_lpdf ...; arguments evaluated. */
val in_call_named(interp *s, const char *name, val *arg, int n, lang_loc at);

/* library.c, reshape.c, linear.c, density.c, multi.c: false when the name is not theirs */
typedef struct in_args {
  interp *s;
  val *arg;
  int n;
  lang_loc at;
} in_args;
bool in_scalar_function(const in_args *a, const char *name, val *result);
bool in_library(const in_args *a, const char *name, val *result);
bool in_reshape(const in_args *a, const char *name, val *result);
bool in_linear(const in_args *a, const char *name, val *result);
bool in_density(const in_args *a, const char *name, val *result);
bool in_multi(const in_args *a, const char *name, val *result);
/* Elementwise over containers, scalars repeated. */
val in_map(interp *s, val *arg, int n, num (*f)(const num *x), bool whole);

/* special.c */
num sp_digamma(num x);
num sp_trigamma(num x);
num sp_lgamma(num x);
num sp_phi(num x);     /* the normal's distribution function */
num sp_log_phi(num x); /* and its logarithm */
num sp_inv_phi(num p);
num sp_gamma_p(num a, num x); /* regularised */
num sp_inc_beta(num a, num b, num x);
num sp_log1p_exp(num x);
num sp_log_sum_exp(const num *x, long n);

/* linear.c */
val la_multiply(interp *s, const val *a, const val *b);
val la_transpose(interp *s, const val *a);
val la_solve(interp *s, const val *a, const val *b, lang_loc at); /* a \ b */
val la_cholesky(interp *s, const val *a, lang_loc at);
num la_log_det(interp *s, const val *a);   /* of the absolute value */
val la_as_matrix(interp *s, const val *a); /* a vector is one column */

/* constraint.c: whether a value keeps to what its variable is declared with. */
bool in_keeps(interp *s, const ast_decl *d, const val *x);

/* transform.c: the constrained value of a parameter */
val in_parameter(interp *s, const ast_decl *d);
long in_free_count(interp *s, const ast_decl *d);

#endif
