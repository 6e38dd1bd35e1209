/* lang/lower_internal.h -- what the files of the lowering share: values, scopes, the place where
 * statements go.
 *
 *   lower.c         the program: blocks, parameters, outputs
 *   lower_value.c   values: a scalar expression, or a container that gives its elements on demand
 *   lower_expr.c    expressions: operators, indexing, literals
 *   lower_stmt.c    statements
 *   lower_call.c    calls: user functions and the prelude, inlined
 *   lower_library.c built-in functions of containers
 *   lower_density.c distributions: vectorised, truncated, dropped constants
 *   lower_multi.c   distributions of vectors and matrices, generalised linear models
 *   lower_normal.c  normals of many rows at once
 *   lower_ode.c     differential equations
 *   lower_map.c     map_rect
 *   lower_param.c   transforms of parameters
 *   lower_transform.c the same as functions
 *
 * A container is never computed as a whole unless something needs it more than once: `x + y * 2`
 * is a value whose element i is the expression x[i] + y[i] * 2. Whatever an element needs
 * besides an expression (a sum, say) is emitted where the element is asked for.
 */
#ifndef MST_LANG_LOWER_INTERNAL_H
#define MST_LANG_LOWER_INTERNAL_H

#include "lang/check.h"
#include "lang/lower.h"

#define LOW_DIMS 10

typedef struct lower lower;
typedef struct low_value low_value;
typedef ir_expr *low_element(lower *l, const low_value *v, ir_expr *const *index);

/* How a dimension of the value below is reached from the indices of an indexed value. */
typedef enum low_map_kind { LOW_FIXED, LOW_OFFSET, LOW_MULTI } low_map_kind;
typedef struct low_map {
  low_map_kind kind;
  ir_expr *at;            /* FIXED: the index; OFFSET: added */
  const low_value *multi; /* MULTI: 1-based ints */
} low_map;

struct low_value {
  lang_type type;
  int ndims; /* array dimensions, then those of vector or matrix; 0: scalar */
  ir_expr *dim[LOW_DIMS];
  low_element *element;
  /* what element functions use: */
  ir_var *var;  /* LOW: the variable itself, when the value is a whole variable */
  ir_var *flat; /* a variable whose elements stand in another order */
  ir_expr *scalar;
  const low_value *a, *b, *c;
  ir_expr *e[3];
  const ast_expr *ast;
  ir_prim prim;
  const ast_function *function;
  low_map map[LOW_DIMS];
  bool cheap;                   /* elements cost a load at most */
  const low_value *const *part; /* of a tuple */
  int nparts;
  const low_value *const *arg; /* of a function taken element by element */
  int nargs;
};

/* What a name means where it is used. */
typedef struct low_binding {
  const ast_decl *decl;
  const low_value *value;
  struct low_binding *next;
} low_binding;

/* Function that is being inlined. */
typedef struct low_frame {
  const ast_function *function;
  uint64_t path;           /* hash of the call sites that led here: names an inlined instance */
  const low_value *result; /* variable that return writes, when returns are not at the end */
  ir_var *returned;        /* flag, or NULL */
  /* the return expression met at the end, when there is no result variable */
  const ast_expr *tail;
  bool to_target, negative; /* what is returned is added to target instead */
  struct low_frame *up;
} low_frame;

typedef struct low_loop { /* of the AST, for break and continue */
  ir_var *broken, *continued;
  struct low_loop *up;
} low_loop;

typedef struct low_range { /* loop counter and its count: for bounds that need no check */
  ir_var *var;
  ir_expr *count;
} low_range;

typedef struct low_sizes { /* dimensions of a program variable, computed at load */
  const ast_decl *decl;
  ir_expr *dim[LOW_DIMS];
  int ndims;
  struct low_sizes *next;
} low_sizes;

struct lower {
  lang_context *c;
  ir_program *p;
  const ast_program *ast;
  ir_block *out;
  low_binding *scope;
  low_frame *frame;
  low_loop *loop;
  low_range *range;
  int nranges;
  bool lanes;     /* parameters are lanes (density), else doubles (generate) */
  bool target;    /* additions to target are kept */
  bool propto;    /* inside a dropped-constants density: calls of _lupdf in user functions */
  bool one_lane;  /* a sub-program that generated quantities use needs one-lane chains */
  bool again;     /* a variable turned out to depend on parameters: lower once more */
  uint64_t *lane; /* keys of declarations that depend on parameters */
  int nlanes;
  const ir_var *shard_size;
  const lang_cut *how;
  const lang_whole *whole; /* parameters of that size that are global all the same, or NULL */
  low_sizes *sizes;
  lang_loc loc; /* of the model's statement at hand */
  /* prelude: */
  ast_function **prelude;
  int nprelude;
  int depth;
};

/* ---- values (lower_value.c) */
low_value *mst_low_new(lower *l, lang_type type);
const low_value *mst_low_scalar(lower *l, ir_expr *e, lang_base base);
const low_value *mst_low_variable(lower *l, ir_var *var, lang_type type);
ir_expr *mst_low_at(lower *l, const low_value *v, ir_expr *const *index); /* indices are copied */
ir_expr *mst_low_at1(lower *l, const low_value *v, const ir_expr *i);
ir_expr *mst_low_at2(lower *l, const low_value *v, const ir_expr *i, const ir_expr *j);
/* Scalar kept in a temporary unless it is cheap to repeat; the result may be copied at will. */
ir_expr *mst_low_hold(lower *l, ir_expr *e, const char *name);
ir_expr *mst_low_copy(lower *l, const ir_expr *e);
/* The value as a whole variable of its own (or the variable that it is). type: at least that
 * wide. */
const low_value *mst_low_whole(lower *l, const low_value *v, ir_type type);
const low_value *mst_low_whole_any(lower *l, const low_value *v); /* its own type */
/* whole unless elements are cheap */
const low_value *mst_low_cheap(lower *l, const low_value *v);
ir_type mst_low_type_of(lower *l, const low_value *v); /* type of an element, nothing is emitted */
const low_value *mst_low_retype(lower *l, const low_value *v, lang_type type); /* same elements */
ir_var *mst_low_declare(lower *l, const char *name, ir_type type, int ndims, ir_expr *const *dim,
                        ir_expr *init); /* IR_DECL here */
void mst_low_assign(lower *l, ir_var *var, int n, ir_expr *const *index, ir_expr *rhs, bool add);
void mst_low_target(lower *l, ir_expr *e);
ir_expr *mst_low_count(lower *l, const low_value *v); /* number of elements */
/* Loops: the counter; statements go to the body until mst_low_loop_end. */
ir_var *mst_low_loop_begin(lower *l, const ir_expr *count, const char *name, ir_block **saved);
void mst_low_loop_end(lower *l, ir_block *saved);
/* A nest over all dimensions of v; index[] receives the counters; the sharded size outermost. */
void mst_low_nest_begin(lower *l, const low_value *v, ir_expr **index, ir_block **saved);
void mst_low_nest_end(lower *l, int ndims, ir_block *saved);
/* Writes all elements of v to var. */
void mst_low_fill(lower *l, ir_var *var, const low_value *v);
/* 0 + sum over elements, as a scalar temporary. */
ir_expr *mst_low_sum(lower *l, const low_value *v);
bool mst_low_same_dim(const ir_expr *a, const ir_expr *b);
/* Ends the run with a message when two sizes differ. what: of what, or NULL. */
void mst_low_match(lower *l, const char *what, const ir_expr *a, const ir_expr *b, lang_loc loc);

/* ---- expressions (lower_expr.c) */
const low_value *mst_low_expr(lower *l, const ast_expr *e);
ir_expr *mst_low_expr_scalar(lower *l, const ast_expr *e);
ir_expr *mst_low_expr_int(lower *l, const ast_expr *e); /* held */
ir_expr *mst_low_condition(lower *l, const ast_expr *e);
/* a mask where an int must be: programs of one lane */
ir_expr *mst_low_int_of(lower *l, ir_expr *e);
const low_value *mst_low_index(lower *l, const low_value *base, const ast_expr *e,
                               const ast_expr *base_ast);
/* Elementwise: broadcasting scalars. */
const low_value *mst_low_binary(lower *l, ir_prim prim, const low_value *a, const low_value *b,
                                lang_type type);
const low_value *mst_low_unary(lower *l, ir_prim prim, const low_value *a, lang_type type);
const low_value *mst_low_transpose(lower *l, const low_value *a);
const low_value *mst_low_multiply(lower *l, const low_value *a, const low_value *b, lang_type type);
/* A value whose dimensions are those of `base` by v->map; the caller fills map, dim and ndims. */
low_value *mst_low_mapped(lower *l, const low_value *base, lang_type type);
ir_expr *mst_low_checked(lower *l, ir_expr *index, const ir_expr *size, lang_loc loc,
                         const ast_expr *ast);
lang_type mst_low_type(lang_base base, int arrays);

/* ---- scopes, statements (lower_stmt.c) */
void mst_low_bind(lower *l, const ast_decl *d, const low_value *v);
const low_value *mst_low_lookup(lower *l, const ast_expr *name);
void mst_low_stmt(lower *l, const ast_stmt *s);
void mst_low_stmts(lower *l, ast_stmt *const *s, int n);
const low_value *mst_low_decl(lower *l, const ast_decl *d); /* a variable of the model, bound */
/* all dimensions, held */
bool mst_low_dims(lower *l, const ast_decl *d, ir_expr **dim, int *ndims);
void mst_low_store(lower *l, const ast_decl *d, const low_value *to, const low_value *v);
bool mst_low_is_lane(lower *l, const void *decl);
void mst_low_mark_lane(lower *l, const void *decl);
bool mst_low_returns(const ast_stmt *s);

/* ---- calls (lower_call.c, lower_library.c, lower_density.c) */
const low_value *mst_low_call(lower *l, const ast_expr *e);
const low_value *mst_low_inline(lower *l, const ast_function *f, const low_value *const *arg,
                                const void *site);
/* The same for a function whose result goes to target: each return adds its expression there, so
 * that what it sums over rows is a row loop. negative: it is subtracted. */
void mst_low_inline_target(lower *l, const ast_function *f, const low_value *const *arg,
                           const void *site, bool negative);
const ast_function *mst_low_prelude(lower *l, const char *name, const low_value *const *arg, int n);
/* Handles built-ins of containers; NULL: not one of them. */
const low_value *mst_low_library(lower *l, const char *name, const low_value *const *arg, int n,
                                 const ast_expr *e);
/* Calls an algorithm of masting/stan/linalg.h; NULL: not one of them (lower_routine.c). */
const low_value *mst_low_routine(lower *l, const char *name, const low_value *const *arg, int n,
                                 const ast_expr *e);
bool mst_low_is_density(const char *name);
/* Adds an expression of the model to target, each summand where its loop can be a row loop.
 * sign: 1 or -1. */
void mst_low_add_target(lower *l, const ast_expr *e, bool negative, bool propto);
const low_value *mst_low_density(lower *l, const char *name, const low_value *const *arg, int n,
                                 bool propto, bool to_target, bool negative, const ast_expr *site,
                                 lang_loc loc);
/* A summand of a density: added to target (sum NULL; negative: taken off) or to sum, without its
 * constants if propto. */
void mst_low_term(lower *l, ir_expr *e, ir_var *sum, bool propto, bool negative);
ir_var *mst_low_sum_begin(lower *l);
/* (lower_multi.c) NULL: no such distribution of these arguments. */
const low_value *mst_low_multivariate(lower *l, const char *name, const low_value *const *arg,
                                      int n, bool propto, bool target, bool negative,
                                      const void *site, lang_loc loc);
/* Marks a normal of many rows at once, if this is one that is to be spread over the ranks
 * (lower_normal.c). */
bool mst_low_mark_normal(lower *l, const char *name, const low_value *const *arg, int n,
                         bool propto, bool target, bool negative, lang_loc loc);
const low_value *mst_low_glm(lower *l, const char *name, const low_value *const *arg, int n,
                             bool propto, bool target, bool negative, const ast_expr *site,
                             lang_loc loc);
/* Element i of an array, or of a vector. */
const low_value *mst_low_element(lower *l, const low_value *a, const ir_expr *i);
/* The prelude's function that takes elements of some arguments, marked in `loops`, in place of
 * the whole. */
const ast_function *mst_low_prelude_each(lower *l, const char *name, const low_value *const *arg,
                                         int n, bool *loops);
/* reduce_sum(f, x, grain size, ...) is f(x, 1, size(x), ...): fills call (nargs of the
 * function); NULL: it is not that. */
const ast_function *mst_low_reduce_sum(lower *l, const char *name, const low_value *const *arg,
                                       int n, const low_value **call);
void mst_low_tilde(lower *l, const ast_stmt *s);
_Noreturn void mst_low_unsupported(lower *l, lang_loc loc, const char *what);

/* ---- differential equations (lower_ode.c) */
/* ode_rk45 and the like; NULL: not one of them. */
/* NAME_constrain, NAME_jacobian, NAME_unconstrain; NULL: none of them. */
const low_value *mst_low_transform(lower *l, const char *name, const low_value *const *arg, int n,
                                   const ast_expr *e);
const low_value *mst_low_map_rect(lower *l, const char *name, const low_value *const *arg, int n,
                                  const ast_expr *e);
const low_value *mst_low_ode(lower *l, const char *name, const low_value *const *arg, int n,
                             const ast_expr *e);
/* Marks the variables of a block that are written once (lower.c). */
void mst_low_mark_once(lower *l, const ir_block *b);

/* ---- the size that is cut (lower_choose.c) */
/* Whether d is to be the same number as `cut`. */
bool mst_low_same_size(const ast_program *p, const lang_cut *how, const ast_decl *cut,
                       const ast_decl *d);
/* The number itself, where the data that are known tell it; else -1. */
int64_t mst_low_size_value(const ast_program *p, const ast_decl *d, const lang_cut *how);
const ast_decl *mst_low_choose(lang_context *c, const ast_program *program, const lang_cut *cut);

/* ---- parameters (lower_param.c) */
/* Declares and transforms the parameters in the current block; `first`: makes p->param as well. */
void mst_low_parameters(lower *l, bool first);

#endif
