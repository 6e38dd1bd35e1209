/* lang/syntax/ast.h -- a Stan program as the parser leaves it and the checker annotates it.
 *
 * The parser (parse.h) fills everything except what is marked "check:"; the checker (check.h)
 * fills those. Lists are arrays in the context's pool. Nothing is ever removed; lowering
 * (lower.h) reads only.
 */
#ifndef MST_LANG_AST_H
#define MST_LANG_AST_H

#include "lang/context.h"

/* Trees are refused when they are deeper, or an expression higher, so that whoever walks them
 * may recurse. */
#define AST_DEEPEST 1000

typedef enum lang_base {
  LANG_VOID,
  LANG_INT,
  LANG_REAL,
  LANG_COMPLEX,
  LANG_VECTOR,
  LANG_ROW_VECTOR,
  LANG_MATRIX,
  LANG_COMPLEX_VECTOR,
  LANG_COMPLEX_ROW_VECTOR,
  LANG_COMPLEX_MATRIX,
  LANG_TUPLE,
  /* the name of a function given as an argument (ODE right-hand sides, reduce_sum) */
  LANG_FUNCTION,
  LANG_STRING /* in print and reject only */
} lang_base;

/* An unsized type: array[,,] base. Compare with lang_type_equal (types.h), not by pointer. */
typedef struct lang_type {
  lang_base base;
  int arrays;    /* array dimensions around the base */
  int nelements; /* of a tuple */
  const struct lang_type *element;
} lang_type;

typedef enum ast_op {
  AST_OP_NONE,
  AST_ADD,      /* + */
  AST_SUB,      /* - */
  AST_MUL,      /* * */
  AST_DIV,      /* / */
  AST_INT_DIV,  /* %/% */
  AST_MOD,      /* % */
  AST_LEFT_DIV, /* \ */
  AST_POW,      /* ^ */
  AST_ELT_MUL,  /* .* */
  AST_ELT_DIV,  /* ./ */
  AST_ELT_POW,  /* .^ */
  AST_OR,
  AST_AND,
  AST_EQ,
  AST_NE,
  AST_LT,
  AST_LE,
  AST_GT,
  AST_GE,
  AST_NOT,      /* prefix ! */
  AST_NEG,      /* prefix - */
  AST_PLUS,     /* prefix + */
  AST_TRANSPOSE /* postfix ' */
} ast_op;

typedef enum ast_expr_kind {
  AST_INT,     /* integer */
  AST_REAL,    /* real; text kept in name */
  AST_IMAG,    /* real: the imaginary part */
  AST_STRING,  /* name: without quotes */
  AST_VAR,     /* name; a function's name too when given as an argument */
  AST_UNARY,   /* op, arg[0] */
  AST_BINARY,  /* op, arg[0], arg[1] */
  AST_TERNARY, /* arg[0] ? arg[1] : arg[2] */
  AST_INDEX,   /* arg[0][index...] ; indices of x[i][j] are kept as two nested nodes */
  /* name(arg...); bar: name(arg[0] | arg[1]...). target() is AST_CALL "target" without args */
  AST_CALL,
  AST_ARRAY,    /* {arg...} */
  AST_ROW,      /* [arg...]: row vector or matrix */
  AST_TUPLE,    /* (arg...), two or more */
  AST_TUPLE_GET /* arg[0].integer, 1-based */
} ast_expr_kind;

typedef enum ast_index_kind {
  AST_INDEX_ALL,    /* `:` or nothing */
  AST_INDEX_SINGLE, /* low: an int; or, check: AST_INDEX_MULTI when low is an int array */
  AST_INDEX_MULTI,  /* low: an int array */
  AST_INDEX_FROM,   /* low: */
  AST_INDEX_TO,     /* :high */
  AST_INDEX_BETWEEN /* low:high */
} ast_index_kind;

struct ast_expr;
typedef struct ast_index {
  ast_index_kind kind;
  struct ast_expr *low, *high;
} ast_index;

typedef struct ast_expr {
  ast_expr_kind kind;
  lang_loc loc, end; /* first character, one past the last */
  ast_op op;
  bool bar;           /* AST_CALL with `|` after the first argument */
  bool parenthesised; /* written in (...) */
  const char *name;
  int64_t integer;
  double real;
  struct ast_expr **arg;
  int nargs;
  ast_index *index;
  int nindices;
  lang_loc op_loc;
  int height; /* of the tree from here down; at most AST_DEEPEST */
  /* check: */
  lang_type type;
  bool data_only;              /* depends on data alone (stanc's DataOnly) */
  const struct ast_decl *decl; /* AST_VAR: what it names (NULL for a function's name) */
  /* AST_CALL: the user's (or prelude's) function; NULL: built in */
  const struct ast_function *user;
  /* AST_CALL: resolved built-in name, e.g. "normal_lpdf", deprecated spellings replaced */
  const char *builtin;
  bool unnormalised; /* a call of _lupdf/_lupmf: constants may be dropped */
} ast_expr;

typedef enum ast_constraint {
  AST_UNCONSTRAINED,
  AST_BOUNDS,            /* lower and/or upper */
  AST_OFFSET_MULTIPLIER, /* offset and/or multiplier */
  AST_SIMPLEX,           /* vector types: LANG_VECTOR with this constraint */
  AST_ORDERED,
  AST_POSITIVE_ORDERED,
  AST_UNIT_VECTOR,
  AST_SUM_TO_ZERO,   /* vector, or matrix for sum_to_zero_matrix */
  AST_CHOLESKY_CORR, /* matrix types: one dimension K */
  AST_CHOLESKY_COV,  /* one or two dimensions */
  AST_CORR,
  AST_COV,
  AST_STOCHASTIC_COLUMN, /* column_stochastic_matrix */
  AST_STOCHASTIC_ROW
} ast_constraint;

typedef enum ast_block_kind {
  AST_IN_FUNCTION, /* arguments and locals of a function */
  AST_IN_DATA,
  AST_IN_TDATA,
  AST_IN_PARAMETERS,
  AST_IN_TPARAMETERS,
  AST_IN_MODEL,
  AST_IN_GENERATED
} ast_block_kind;

typedef struct ast_decl {
  const char *name;
  lang_loc loc; /* of the name */
  lang_type type;
  ast_expr *
      *dims; /* sizes: array dimensions first, then those of vector or matrix; square matrix types
                          (corr_matrix[K] ...) have K once. NULL entries never; a function's
                          argument: ndims 0 */
  int ndims;
  ast_constraint constraint;
  ast_expr *lower, *upper, *offset, *multiplier; /* or NULL */
  struct ast_decl **element; /* of a tuple: one decl (nameless) per element, with its own sizes */
  /* check: the elements of a tuple as variables of their own, "x:1", with the array dimensions of
   * the tuple before theirs; NULL: no tuple, or a function's argument */
  struct ast_decl **part;
  ast_expr *init; /* `= expr`, or NULL */
  ast_block_kind block;
  /* a program variable: at the top of its block, not in a nested scope, model or function */
  bool top;
  bool data_only_arg; /* function argument marked `data` */
  bool loop_variable; /* of a for; type int, or the element type for foreach */
  /* check: */
  bool read, written; /* somewhere after its declaration */
} ast_decl;

typedef enum ast_stmt_kind {
  AST_ASSIGN,    /* lhs op= rhs; op AST_OP_NONE for = */
  AST_TILDE,     /* lhs ~ name(arg...) T[low, high] */
  AST_TARGET,    /* target += rhs */
  AST_JACOBIAN,  /* jacobian += rhs */
  AST_CALL_STMT, /* rhs: an AST_CALL of a void function */
  AST_IF,        /* cond, body, other (NULL) */
  AST_WHILE,     /* cond, body */
  AST_FOR,       /* for (decl in low:high) body */
  AST_FOREACH,   /* for (decl in rhs) body */
  AST_BLOCK,     /* stmt... ; a profile("x") {...} too */
  AST_DECL,      /* decl; one statement per name of `real x, y;` */
  AST_RETURN,    /* rhs or NULL */
  AST_BREAK,
  AST_CONTINUE,
  AST_PRINT,  /* arg... */
  AST_REJECT, /* arg... */
  AST_FATAL,  /* fatal_error(arg...) */
  AST_EMPTY
} ast_stmt_kind;

typedef struct ast_stmt {
  ast_stmt_kind kind;
  lang_loc loc, end;
  ast_decl *decl;
  ast_expr *lhs, *rhs, *cond, *low, *high;
  ast_op op;
  lang_loc name_loc; /* AST_TILDE */
  const char *name;  /* AST_TILDE: distribution without suffix; AST_BLOCK: of a profile, or NULL */
  ast_expr **arg;
  int nargs;
  bool truncated; /* T[low, high] with either NULL */
  struct ast_stmt *body, *other;
  struct ast_stmt **stmt;
  int nstmts;
  /* check: */
  const char *builtin;                /* AST_TILDE: name with suffix, e.g. "poisson_lpmf" */
  const struct ast_function *user;    /* AST_TILDE: a user's _lpdf/_lpmf, or NULL */
  const struct ast_function *tail[2]; /* and for a truncation his _lcdf and _lccdf, or NULL */
} ast_stmt;

typedef struct ast_function {
  const char *name; /* with suffix: foo_lpdf */
  lang_loc loc;
  lang_type result; /* LANG_VOID for void */
  ast_decl **arg;
  int nargs;
  ast_stmt *body; /* AST_BLOCK; NULL for a forward declaration */
  bool prelude;   /* from our own library */
  /* check: */
  bool checked;
  bool recursive; /* calls itself, by way of others or not */
} ast_function;

typedef struct ast_program {
  ast_function **function; /* definitions and forward declarations in order */
  int nfunctions;
  /* each block's statements (declarations included), AST_BLOCK or NULL when the block is absent */
  ast_stmt *data, *tdata, *parameters, *tparameters, *model, *generated;
} ast_program;

#endif
