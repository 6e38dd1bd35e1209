/* lang/lower/lower_impl.h -- what the files of the lowering share: values, scopes, the place where
 * statements go.
 *
 *   lower.c         the program: blocks, parameters, outputs
 *   lower_value.c   values: a scalar expression, or a container that gives its elements on demand
 *   lower_expr.c    expressions: operators, indexing, literals
 *   lower_scope.c   what a name means; which variables depend on parameters
 *   lower_data.c    the data block
 *   lower_decl.c    declarations
 *   lower_stmt.c    statements
 *   lower_assign.c  assignments
 *   lower_recursion.c functions that call themselves
 *   lower_call.c    calls: user functions and the prelude, inlined
 *   lower_library.c built-in functions of containers
 *   lower_density.c distributions: vectorised, truncated, dropped constants
 *   lower_multi.c   distributions of vectors and matrices, generalised linear models
 *   lower_covariance.c  normals of many rows at once
 *   lower_ode.c     differential equations
 *   lower_map.c     map_rect
 *   lower_param.c   transforms of parameters
 *   lower_transform.c the same as functions
 *   lower_check.c   constraints of what is no parameter
 *
 * A container is never computed as a whole unless something needs it more than once: `x + y * 2`
 * is a value whose element i is the expression x[i] + y[i] * 2. Whatever an element needs
 * besides an expression (a sum, say) is emitted where the element is asked for.
 */
#ifndef MST_LANG_LOWER_IMPL_H
#define MST_LANG_LOWER_IMPL_H

#include "lang/check/check.h"
#include "lang/lower/lower.h"
#include "lang/pointers.h"

#define LOWER_DIMS 10

typedef struct lower_state lower_state;
typedef struct lower_value lower_value;
typedef ir_expr *lower_element(lower_state *l, const lower_value *v, ir_expr *const *index);

/* How a dimension of the value below is reached from the indices of an indexed value. */
typedef enum lower_map_kind { LOWER_FIXED, LOWER_OFFSET, LOWER_MULTI } lower_map_kind;
typedef struct lower_map {
  lower_map_kind kind;
  ir_expr *at;              /* FIXED: the index; OFFSET: added */
  const lower_value *multi; /* MULTI: 1-based ints */
} lower_map;

struct lower_value {
  lang_type type;
  int ndims; /* array dimensions, then those of vector or matrix; 0: scalar */
  ir_expr *dim[LOWER_DIMS];
  lower_element *element;
  /* what element functions use: */
  ir_var *var;  /* LOW: the variable itself, when the value is a whole variable */
  ir_var *flat; /* a variable whose elements stand in another order */
  ir_expr *scalar;
  const lower_value *a, *b, *c;
  ir_expr *e[3];
  const ast_expr *ast;
  ir_prim prim;
  const ast_function *function;
  lower_map map[LOWER_DIMS];
  bool cheap;                     /* elements cost a load at most */
  const lower_value *const *part; /* of a tuple */
  int nparts;
  const lower_value *const *arg; /* of a function taken element by element */
  int nargs;
};

/* What a name means where it is used. */
typedef struct lower_binding {
  const ast_decl *decl;
  const lower_value *value;
  struct lower_binding *next;
  const struct lower_binding *jump; /* some binding further down, to find one by its depth fast */
  int depth;                        /* bindings below it */
} lower_binding;

/* Function that is being inlined. */
typedef struct lower_frame {
  const ast_function *function;
  uint64_t path;             /* hash of the call sites that led here: names an inlined instance */
  const lower_value *result; /* variable that return writes, when returns are not at the end */
  ir_var *returned;          /* flag, or NULL */
  bool done;                 /* it has returned for certain: what follows is never reached */
  bool may_return;           /* within a condition or loop: what follows is conditional */
  int unsure, branches;      /* of the state, where it was entered */
  /* the return expression met at the end, when there is no result variable */
  const ast_expr *tail;
  bool to_target, negative; /* what is returned is added to target instead */
  struct lower_frame *up;
} lower_frame;

typedef struct lower_loop { /* of the AST, for break and continue */
  ir_var *broken, *continued;
  struct lower_loop *up;
} lower_loop;

typedef struct lower_range { /* loop counter and its count: for bounds that need no check */
  ir_var *var;
  ir_expr *count;
} lower_range;

typedef struct lower_fixed { /* a copy of an int that may change, declared in `in` */
  ir_var *copy;
  const ir_block *in;
} lower_fixed;

typedef struct lower_sizes { /* dimensions of a program variable, computed at load */
  const ast_decl *decl;
  ir_expr *dim[LOWER_DIMS];
  int ndims;
} lower_sizes;

struct lower_state {
  lang_context *c;
  ir_program *p;
  const ast_program *ast;
  ir_block *out;
  lower_binding *scope;
  lower_frame *frame;
  lower_loop *loop;
  lower_range *range;
  int nranges;
  bool lanes;  /* parameters are lanes (density), else doubles (generate) */
  bool target; /* additions to target are kept */
  bool propto; /* inside a dropped-constants density: calls of _lupdf in user functions */
  /* What was added to target up to here, for target(); NULL: the program does not ask. */
  ir_var *so_far;
  bool asks_so_far;
  bool copies_indices; /* those of a left side that reads its own variable there */
  bool one_lane;       /* a sub-program that generated quantities use needs one-lane chains */
  bool again;          /* a variable turned out to depend on parameters: lower once more */
  uint64_t *lane;      /* keys of declarations that depend on parameters */
  int nlanes;
  const ir_var *shard_size;
  const mst_lang_options *options;
  const lang_attempt *attempt;
  lang_pointers sizes; /* of lower_sizes, by declaration */
  lang_pointers fixed; /* of lower_fixed, by variable: the latest */
  bool in_tdata;       /* transformed data may change still */
  lang_pointers bound; /* of lower_binding, by declaration: the latest */
  lang_loc loc;        /* of the model's statement at hand */
  /* the variable that a prelude function holds against its constraint, or NULL */
  const struct lower_checked *checked;
  /* prelude: */
  ast_function *const *prelude;
  int nprelude;
  int depth;
  int branches;   /* conditions around the place that are not decided while compiling */
  int unsure;     /* those, and loops */
  int recursions; /* calls of functions by themselves */
};

/* ---- values (lower_value.c) */
lower_value *mst_lower_new(lower_state *l, lang_type type);
const lower_value *mst_lower_scalar(lower_state *l, ir_expr *e, lang_base base);
const lower_value *mst_lower_variable(lower_state *l, ir_var *var, lang_type type);
ir_expr *mst_lower_at(lower_state *l, const lower_value *v,
                      ir_expr *const *index); /* indices are copied */
ir_expr *mst_lower_at1(lower_state *l, const lower_value *v, const ir_expr *i);
ir_expr *mst_lower_at2(lower_state *l, const lower_value *v, const ir_expr *i, const ir_expr *j);
/* Scalar kept in a temporary unless it is cheap to repeat; the result may be copied at will. */
ir_expr *mst_lower_hold(lower_state *l, ir_expr *e, const char *name);
ir_expr *mst_lower_copy(lower_state *l, const ir_expr *e);
/* An int held so that it keeps the value of now, for sizes and loops: also when it is a variable
 * that the program assigns to. */
ir_expr *mst_lower_fixed_int(lower_state *l, ir_expr *e, const char *name);
/* The value as a whole variable of its own (or the variable that it is). type: at least that
 * wide. */
const lower_value *mst_lower_whole(lower_state *l, const lower_value *v, ir_type type);
const lower_value *mst_lower_whole_any(lower_state *l, const lower_value *v); /* its own type */
/* whole unless elements are cheap */
const lower_value *mst_lower_cheap(lower_state *l, const lower_value *v);
ir_type mst_lower_type_of(lower_state *l,
                          const lower_value *v); /* type of an element, nothing is emitted */
const lower_value *mst_lower_retype(lower_state *l, const lower_value *v,
                                    lang_type type); /* same elements */
ir_var *mst_lower_declare(lower_state *l, const char *name, ir_type type, int ndims,
                          ir_expr *const *dim, ir_expr *init); /* IR_DECL here */
void mst_lower_assign(lower_state *l, ir_var *var, int n, ir_expr *const *index, ir_expr *rhs,
                      bool add);
void mst_lower_target(lower_state *l, ir_expr *e);
ir_expr *mst_lower_count(lower_state *l, const lower_value *v); /* number of elements */
/* Loops: the counter; statements go to the body until mst_lower_loop_end. */
ir_var *mst_lower_loop_begin(lower_state *l, const ir_expr *count, const char *name,
                             ir_block **saved);
void mst_lower_loop_end(lower_state *l, ir_block *saved);
/* A nest over all dimensions of v; index[] receives the counters; the sharded size outermost. */
void mst_lower_nest_begin(lower_state *l, const lower_value *v, ir_expr **index, ir_block **saved);
void mst_lower_nest_end(lower_state *l, int ndims, ir_block *saved);
/* Writes all elements of v to var. */
void mst_lower_fill(lower_state *l, ir_var *var, const lower_value *v);
/* 0 + sum over elements, as a scalar temporary. */
ir_expr *mst_lower_sum(lower_state *l, const lower_value *v);
bool mst_lower_same_dim(const ir_expr *a, const ir_expr *b);
/* Ends the run with a message when two sizes differ. what: of what, or NULL. */
void mst_lower_match(lower_state *l, const char *what, const ir_expr *a, const ir_expr *b,
                     lang_loc loc);

/* ---- expressions (lower_expr.c) */
const lower_value *mst_lower_expr(lower_state *l, const ast_expr *e);
ir_expr *mst_lower_expr_scalar(lower_state *l, const ast_expr *e);
ir_expr *mst_lower_expr_int(lower_state *l, const ast_expr *e); /* held */
ir_expr *mst_lower_condition(lower_state *l, const ast_expr *e);
/* The condition as a constant, if that is how far a recursion goes: ints of the data count as
 * constants then, and setup holds them to it (lower_recursion.c). */
ir_expr *mst_lower_decided(lower_state *l, ir_expr *cond);
/* Ends the compilation when the call of f is a recursion that nothing known now ends. */
void mst_lower_recursion(lower_state *l, const ast_function *f, lang_loc loc);
/* a mask where an int must be: programs of one lane */
ir_expr *mst_lower_int_of(lower_state *l, ir_expr *e);
const lower_value *mst_lower_index(lower_state *l, const lower_value *base, const ast_expr *e,
                                   const ast_expr *base_ast);
/* Elementwise: broadcasting scalars. */
const lower_value *mst_lower_binary(lower_state *l, ir_prim prim, const lower_value *a,
                                    const lower_value *b, lang_type type);
const lower_value *mst_lower_unary(lower_state *l, ir_prim prim, const lower_value *a,
                                   lang_type type);
const lower_value *mst_lower_transpose(lower_state *l, const lower_value *a);
const lower_value *mst_lower_multiply(lower_state *l, const lower_value *a, const lower_value *b,
                                      lang_type type);
/* A value whose dimensions are those of `base` by v->map; the caller fills map, dim and ndims. */
lower_value *mst_lower_mapped(lower_state *l, const lower_value *base, lang_type type);
ir_expr *mst_lower_checked(lower_state *l, ir_expr *index, const ir_expr *size, lang_loc loc,
                           const ast_expr *ast);
lang_type mst_lower_type(lang_base base, int arrays);

/* ---- scopes (lower_scope.c) */
/* A binding over those below, which is now what d means there. */
lower_binding *mst_lower_bind_over(lower_state *l, lower_binding *below, const ast_decl *d,
                                   const lower_value *v);
void mst_lower_bind(lower_state *l, const ast_decl *d, const lower_value *v);
/* What d means here, or NULL. */
const lower_binding *mst_lower_binding_of(lower_state *l, const ast_decl *d);
const lower_value *mst_lower_lookup(lower_state *l, const ast_expr *name);
/* Whether the declaration is known to depend on parameters, in the function that is inlined
 * here. */
bool mst_lower_is_lane(lower_state *l, const void *decl);
/* Notes that it does; the program is lowered again if that is new. */
void mst_lower_mark_lane(lower_state *l, const void *decl);
/* Ends the compilation: `what` exists in Stan and is not supported. */
_Noreturn void mst_lower_unsupported(lower_state *l, lang_loc loc, const char *what);

/* ---- data (lower_data.c) */
void mst_lower_data(lower_state *l); /* the data block */

/* ---- declarations (lower_decl.c) */
/* The value of a tuple, or an array of them, whose components these are: each has the array's
 * dimensions before its own. */
const lower_value *mst_lower_tuple(lower_state *l, const ast_decl *d,
                                   const lower_value *const *part);
/* A variable of the model, bound. */
const lower_value *mst_lower_decl(lower_state *l, const ast_decl *d);
/* All dimensions, held. */
bool mst_lower_dims(lower_state *l, const ast_decl *d, ir_expr **dim, int *ndims);

/* ---- statements (lower_stmt.c, lower_assign.c) */
void mst_lower_stmt(lower_state *l, const ast_stmt *s);
void mst_lower_stmts(lower_state *l, ast_stmt *const *s, int n);
void mst_lower_store(lower_state *l, const ast_decl *d, const lower_value *to,
                     const lower_value *v);
void mst_lower_assignment(lower_state *l, const ast_stmt *s);
/* Whether a statement within s assigns to a variable that the expression reads. */
bool mst_lower_writes(const ast_stmt *s, const ast_expr *read);
/* The value in variables of its own: what it is now, whatever is written later. */
const lower_value *mst_lower_copied(lower_state *l, const lower_value *v);
bool mst_lower_returns(const ast_stmt *s);

/* ---- calls (lower_call.c, lower_library.c, lower_density.c) */
const lower_value *mst_lower_call(lower_state *l, const ast_expr *e);
const lower_value *mst_lower_inline(lower_state *l, const ast_function *f,
                                    const lower_value *const *arg, const void *site);
/* Whether _lupdf within f drops constants when f is called here: by `~` or its own _lupdf
 * (`unnormalised`), where the caller drops them; what a density calls by _lpdf is normalised. */
bool mst_lower_drops(const lower_state *l, const ast_function *f, bool unnormalised);
/* The same for a function whose result goes to target: each return adds its expression there, so
 * that what it sums over rows is a row loop. negative: it is subtracted. */
void mst_lower_inline_target(lower_state *l, const ast_function *f, const lower_value *const *arg,
                             const void *site, bool negative);
const ast_function *mst_lower_prelude(lower_state *l, const char *name,
                                      const lower_value *const *arg, int n);
/* Handles built-ins of containers; NULL: not one of them. */
const lower_value *mst_lower_library(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n, const ast_expr *e);
/* Calls an algorithm of masting/stan/linalg.h; NULL: not one of them (lower_routine.c). */
const lower_value *mst_lower_routine(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n, const ast_expr *e);
bool mst_lower_is_density(const char *name);
/* Adds an expression of the model to target, each summand where its loop can be a row loop.
 * sign: 1 or -1. */
void mst_lower_add_target(lower_state *l, const ast_expr *e, bool negative, bool propto);
const lower_value *mst_lower_density(lower_state *l, const char *name,
                                     const lower_value *const *arg, int n, bool propto,
                                     bool to_target, bool negative, const ast_expr *site,
                                     lang_loc loc);
/* A summand of a density: added to target (sum NULL; negative: taken off) or to sum, without its
 * constants if propto. */
void mst_lower_term(lower_state *l, ir_expr *e, ir_var *sum, bool propto, bool negative);
ir_var *mst_lower_sum_begin(lower_state *l);
/* (lower_multi.c) NULL: no such distribution of these arguments. */
const lower_value *mst_lower_multivariate(lower_state *l, const char *name,
                                          const lower_value *const *arg, int n, bool propto,
                                          bool target, bool negative, const void *site,
                                          lang_loc loc);
/* Marks a normal of many rows at once, if this is one that is to be spread over the ranks
 * (lower_covariance.c). */
bool mst_lower_mark_normal(lower_state *l, const char *name, const lower_value *const *arg, int n,
                           bool propto, bool target, bool negative, lang_loc loc);
const lower_value *mst_lower_glm(lower_state *l, const char *name, const lower_value *const *arg,
                                 int n, bool propto, bool target, bool negative,
                                 const ast_expr *site, lang_loc loc);
/* Element i of an array, or of a vector. */
const lower_value *mst_lower_element(lower_state *l, const lower_value *a, const ir_expr *i);
/* The prelude's function that takes elements of some arguments, marked in `loops`, in place of
 * the whole. */
const ast_function *mst_lower_prelude_each(lower_state *l, const char *name,
                                           const lower_value *const *arg, int n, bool *loops);
/* reduce_sum(f, x, grain size, ...) is f(x, 1, size(x), ...): fills call (nargs of the
 * function); NULL: it is not that. */
const ast_function *mst_lower_reduce_sum(lower_state *l, const char *name,
                                         const lower_value *const *arg, int n,
                                         const lower_value **call);
void mst_lower_tilde(lower_state *l, const ast_stmt *s);

/* ---- functions of functions, and of constraints; each NULL when `name` is not one of them */
/* NAME_constrain, NAME_jacobian, NAME_unconstrain (lower_transform.c). */
const lower_value *mst_lower_transform(lower_state *l, const char *name,
                                       const lower_value *const *arg, int n, const ast_expr *e);
/* map_rect (lower_map.c). */
const lower_value *mst_lower_map_rect(lower_state *l, const char *name,
                                      const lower_value *const *arg, int n, const ast_expr *e);
/* Differential equations: ode_rk45 and the like (lower_ode.c). */
const lower_value *mst_lower_ode(lower_state *l, const char *name, const lower_value *const *arg,
                                 int n, const ast_expr *e);
/* Roots and integrals: solve_newton, integrate_1d and the like (lower_solve.c). */
const lower_value *mst_lower_solve(lower_state *l, const char *name, const lower_value *const *arg,
                                   int n, const ast_expr *e);

/* ---- the size that is cut (lower_choose.c) */
/* The size to cut by options and attempt; NULL: none. */
const ast_decl *mst_lower_choose(lower_state *l);
/* Whether d is to be the same number as `cut`. */
bool mst_lower_same_size(const lower_state *l, const ast_decl *cut, const ast_decl *d);
/* The number itself, as it stands in the data or as data that have it as a dimension tell; -1:
 * not known. */
int64_t mst_lower_size_value(const lower_state *l, const ast_decl *d);

/* ---- constraints (lower_check.c) */
typedef struct lower_checked { /* a variable, or an element of an array of them */
  const ast_decl *decl;
  ir_expr *const *index;
  int nindices;
} lower_checked;

/* Holds variables against the constraints that they are declared with, at the end of their block:
 * data and transformed data end the run, transformed parameters the density, generated quantities
 * the draw's. */
void mst_lower_check_block(lower_state *l, const ast_stmt *block);
/* `index` of a message: "x[2,3]". */
void mst_lower_say_element(lower_state *l, ir_stmt *r, const lower_checked *x);

/* ---- parameters (lower_param.c) */
/* A bound, offset or multiplier as a value whose elements may be asked for many times; NULL:
 * there is none. */
const lower_value *mst_lower_bound(lower_state *l, const ast_expr *e);
ir_expr *mst_lower_bound_at(lower_state *l, const lower_value *bound, ir_expr *const *index);
/* Declares and transforms the parameters in the current block; `first`: makes p->param as well. */
void mst_lower_parameters(lower_state *l, bool first);

#endif
