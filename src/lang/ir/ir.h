/* lang/ir/ir.h -- the intermediate representation: loop nests over scalar expressions.
 *
 * lower.h makes it from the AST (everything inlined, containers taken apart), shard.h cuts rows
 * out of it, optimise.h hoists and shares, diff.h makes the reverse sweep as more IR, emit.h
 * prints C.
 *
 * Every value is a scalar of one of four types. Arrays are variables with dimensions, row-major;
 * there is no aliasing: two variables never share memory, and a statement names the element it
 * writes. Indices are 0-based. Expressions have no side effects except IR_CHECK_INDEX,
 * IR_RANDOM's kind (draws) and may be duplicated only when they are cheap or pure. Trees, not
 * graphs: a subexpression belongs to one parent (copy with mst_ir_copy).
 */
#ifndef MST_LANG_IR_H
#define MST_LANG_IR_H

#include "lang/context.h"

typedef enum ir_type {
  IR_INT,  /* int: the same for all chains */
  IR_REAL, /* double: the same for all chains (data) */
  IR_LANE, /* vreal: one value per chain (parameter-dependent) */
  IR_MASK  /* vmask: a comparison of lanes; only inside IR_SELECT, logic and IR_VALID */
} ir_type;

typedef enum ir_role {
  IR_LOCAL, /* declared by an IR_DECL in the block where it lives */
  IR_LOOP,  /* counter of an IR_FOR; int, changes only by the loop */
  IR_DATA,  /* replicated: data and transformed data; set before the density is evaluated */
  /* sharded data or transformed data; dimension 0 is the row of the block (shard.h puts it
     first) */
  IR_ROW_DATA,
  IR_THETA,     /* unconstrained global parameter, IR_LANE, one dimension; in generate IR_REAL */
  IR_ROW_THETA, /* unconstrained row-local parameter; dimension 0 is the row */
  IR_SHARED,    /* in rows: a replicated lane variable of the density block that rows read */
  IR_OUTPUT,    /* in generate: an output array, IR_REAL, written element by element */
  IR_ADJOINT    /* made by diff.h */
} ir_role;

struct ir_expr;
struct ast_decl;
typedef struct ir_var {
  int id;
  const char *name;        /* a C identifier, unique in the program (ir_names.c) */
  const char *source_name; /* as in the model, for messages; NULL for temporaries */
  ir_type type;
  ir_role role;
  int ndims;
  struct ir_expr **dim; /* int expressions over data-only values that hold where it is declared */
  bool once; /* every element is assigned at most once between declaration and end of scope: its old
                     value need not be kept for the reverse sweep. Scalars initialised by their
                     IR_DECL and
                     never assigned again are `constant` too */
  bool is_held;  /* an int of the data that setup holds to the value that was seen */
  bool is_size;  /* a constant int that is checked not to be negative */
  bool unset;    /* of the program, declared without a value: ir_unset.c */
  bool constant; /* never assigned after its IR_DECL (which has rhs), or given from outside */
  int shard_dim; /* which dimension is the sharded size, -1: none */
  const struct ast_decl *decl; /* of a program variable, or NULL */
  struct ir_var *adjoint;      /* diff.h: its adjoint, when it has one */
  struct ir_var *adjoint_of;   /* and the way back */
  struct ir_var *shared_from;  /* IR_SHARED: the density block's variable */
  /* diff.h: of an adjoint: the variable, when it starts from outside instead of zero */
  struct ir_var *seed;
  bool tiled;      /* an array with an element per iteration of a tile; its dim is not used */
  bool persistent; /* lives in the slot between prepare and global (emit.h) */
} ir_var;

typedef enum ir_op {
  IR_CONST_INT,  /* integer */
  IR_CONST_REAL, /* real */
  IR_LOAD,       /* var[arg...]; nargs == var->ndims */
  /* arg[0] ? arg[1] : arg[2]. IR_INT condition: only one side is evaluated; IR_MASK: both,
     blended */
  IR_SELECT,
  IR_CALL, /* prim(arg...) */
  /* arg[0] if 0 <= arg[0] < arg[1], else trouble is noted and 0; loc says where; var (may be NULL)
     which variable is indexed, integer by which of its indices (1-based) */
  IR_CHECK_INDEX
} ir_op;

/* Primitives: name, number of arguments. add, sub, mul and neg of ints give int, div a real,
 * else the widest of the arguments; comparisons give int, or mask when an argument is a lane.
 * Others are real functions (d_NAME, v_NAME of masting/stan/special.h). Derivatives:
 * diff_rules.c. */
/* clang-format off */
#define IR_PRIMITIVES(P)                                                                           \
  P(ADD, add, 2) P(SUB, sub, 2) P(MUL, mul, 2) P(DIV, div, 2) P(NEG, neg, 1)                       \
  P(INT_DIV, int_div, 2) P(INT_MOD, int_mod, 2) P(INT_ABS, int_abs, 1)                             \
  P(INT_MIN, int_min, 2) P(INT_MAX, int_max, 2) P(TO_INT, to_int, 1) P(TO_REAL, to_real, 1)        \
  P(EQ, eq, 2) P(NE, ne, 2) P(LT, lt, 2) P(LE, le, 2) P(GT, gt, 2) P(GE, ge, 2)                    \
  P(AND, and, 2) P(OR, or, 2) P(NOT, not, 1)                                                       \
  P(MASK_REAL, mask_real, 1) /* 1 or 0 in lanes */                                                 \
  P(FIRST_LANE, first_lane, 1) /* mask -> int, one-lane programs only */                           \
  P(VALID, valid, 1) /* 0 where the condition (int or mask) holds, -inf elsewhere */               \
  P(POW, pow, 2) P(SQUARE, square, 1) P(SQRT, sqrt, 1) P(CBRT, cbrt, 1) P(INV, inv, 1)             \
  P(EXP, exp, 1) P(EXP2, exp2, 1) P(EXPM1, expm1, 1) P(LOG, log, 1) P(LOG2, log2, 1)               \
  P(LOG10, log10, 1) P(LOG1P, log1p, 1) P(LOG1M, log1m, 1)                                         \
  P(LOG1P_EXP, log1p_exp, 1) P(LOG1M_EXP, log1m_exp, 1) P(LOG_INV_LOGIT, log_inv_logit, 1)         \
  P(LOG1M_INV_LOGIT, log1m_inv_logit, 1) P(INV_LOGIT, inv_logit, 1) P(LOGIT, logit, 1)             \
  P(LOG_SUM_EXP, log_sum_exp, 2) P(LOG_DIFF_EXP, log_diff_exp, 2)                                  \
  P(SIN, sin, 1) P(COS, cos, 1) P(TAN, tan, 1) P(ASIN, asin, 1) P(ACOS, acos, 1) P(ATAN, atan, 1)  \
  P(ATAN2, atan2, 2) P(SINH, sinh, 1) P(COSH, cosh, 1) P(TANH, tanh, 1) P(ASINH, asinh, 1)         \
  P(ACOSH, acosh, 1) P(ATANH, atanh, 1) P(HYPOT, hypot, 2) P(ABS, abs, 1)                          \
  P(FLOOR, floor, 1) P(CEIL, ceil, 1) P(ROUND, round, 1) P(TRUNC, trunc, 1) P(FMOD, fmod, 2)       \
  P(FMIN, fmin, 2) P(FMAX, fmax, 2) P(FDIM, fdim, 2) P(STEP, step, 1)                              \
  P(LGAMMA, lgamma, 1) P(TGAMMA, tgamma, 1) P(DIGAMMA, digamma, 1) P(TRIGAMMA, trigamma, 1)        \
  P(LBETA, lbeta, 2) P(LCHOOSE, lchoose, 2) P(LMULTIPLY, lmultiply, 2)                             \
  P(ERF, erf, 1) P(ERFC, erfc, 1) P(PHI, Phi, 1) P(INV_PHI, inv_Phi, 1)                            \
  P(STD_NORMAL_LCDF, std_normal_lcdf, 1) P(STD_NORMAL_LCCDF, std_normal_lccdf, 1)                  \
  P(STD_NORMAL_HAZARD_LOWER, std_normal_hazard_lower, 1)                                           \
  P(GAMMA_P, gamma_p, 2) P(GAMMA_Q, gamma_q, 2) P(GAMMA_P_DA, gamma_p_da, 2)                       \
  P(INC_BETA, inc_beta, 3) P(INC_BETA_DA, inc_beta_da, 3) P(INC_BETA_DB, inc_beta_db, 3)           \
  P(LOG_GAMMA_P, log_gamma_p, 2) P(LOG_GAMMA_P_DA, log_gamma_p_da, 2)                              \
  P(LOG_GAMMA_P_DX, log_gamma_p_dx, 2) P(LOG_GAMMA_Q, log_gamma_q, 2)                              \
  P(LOG_GAMMA_Q_DA, log_gamma_q_da, 2) P(LOG_GAMMA_Q_DX, log_gamma_q_dx, 2)                        \
  /* log I(a, b) at x = p / (p + q) of a, b, p, q; _dl: by the logit of x */                       \
  P(LOG_INC_BETA, log_inc_beta, 4) P(LOG_INC_BETA_DA, log_inc_beta_da, 4)                          \
  P(LOG_INC_BETA_DB, log_inc_beta_db, 4) P(LOG_INC_BETA_DL, log_inc_beta_dl, 4)                    \
  P(LOG_SKEW_NORMAL, log_skew_normal, 2) P(LOG_SKEW_NORMAL_DZ, log_skew_normal_dz, 2)              \
  P(LOG_SKEW_NORMAL_DA, log_skew_normal_da, 2)                                                     \
  P(LOG_EXP_MOD_NORMAL, log_exp_mod_normal, 2)                                                     \
  P(LOG_EXP_MOD_NORMAL_DU, log_exp_mod_normal_du, 2)                                               \
  P(LOG_EXP_MOD_NORMAL_DW, log_exp_mod_normal_dw, 2) P(LOG_EXP_MOD_PART, log_exp_mod_part, 2)      \
  P(LOG_EXP_MOD_PART_DU, log_exp_mod_part_du, 2) P(LOG_EXP_MOD_PART_DW, log_exp_mod_part_dw, 2)    \
  P(LOG_VON_MISES, log_von_mises, 3) P(LOG_VON_MISES_DLOW, log_von_mises_dlow, 3)                  \
  P(LOG_VON_MISES_DHIGH, log_von_mises_dhigh, 3) P(LOG_VON_MISES_DK, log_von_mises_dk, 3)          \
  P(LOG_BETA_BINOMIAL, log_beta_binomial, 4) P(LOG_BETA_BINOMIAL_DA, log_beta_binomial_da, 4)      \
  P(LOG_BETA_BINOMIAL_DB, log_beta_binomial_db, 4) P(LOG_HYPERGEOMETRIC, log_hypergeometric, 4)    \
  P(LOG_BETA_NEG_BINOMIAL, log_beta_neg_binomial, 4)                                               \
  P(LOG_BETA_NEG_BINOMIAL_DR, log_beta_neg_binomial_dr, 4)                                         \
  P(LOG_BETA_NEG_BINOMIAL_DA, log_beta_neg_binomial_da, 4)                                         \
  P(LOG_BETA_NEG_BINOMIAL_DB, log_beta_neg_binomial_db, 4)                                         \
  P(LOG_RISING_FACTORIAL, log_rising_factorial, 2) P(LOG_RISING_REST, log_rising_rest, 2)          \
  P(DIGAMMA_STEP, digamma_step, 2) /* digamma(x + n) - digamma(x) of x, n */                       \
  P(LOG1P_SQUARE, log1p_square, 1) P(LOG1P_SQUARE_SLOPE, log1p_square_slope, 1)                    \
  P(LOG_MODIFIED_BESSEL_FIRST_KIND, log_modified_bessel_first_kind, 2)                             \
  P(LOG_MODIFIED_BESSEL_FIRST_KIND_DZ, log_modified_bessel_first_kind_dz, 2)                       \
  P(LOG_MODIFIED_BESSEL_FIRST_KIND_DV, log_modified_bessel_first_kind_dv, 2)                       \
  P(MODIFIED_BESSEL_FIRST_KIND, modified_bessel_first_kind, 2)                                     \
  P(MODIFIED_BESSEL_SECOND_KIND, modified_bessel_second_kind, 2)                                   \
  P(BESSEL_FIRST_KIND, bessel_first_kind, 2) P(BESSEL_SECOND_KIND, bessel_second_kind, 2)          \
  P(TETRAGAMMA, tetragamma, 1) /* the derivative of trigamma */                                    \
  P(OWENS_T, owens_t, 2) P(LAMBERT_W0, lambert_w0, 1) P(LAMBERT_WM1, lambert_wm1, 1)               \
  /* made by diff.h, with e = exp(-|x|): log1p_exp(x) and inv_logit(x) */                          \
  P(LOG1P_EXP_OF, log1p_exp_of, 2) P(INV_LOGIT_OF, inv_logit_of, 2)                                \
  P(IS_NAN, is_nan, 1) P(IS_INF, is_inf, 1)                                                        \
  P(UNIFORM_RNG, uniform_01_rng, 0) P(NORMAL_RNG, std_normal_rng, 0)                               \
  P(GAMMA_RNG, std_gamma_rng, 1) P(POISSON_RNG, poisson_base_rng, 1) /* -> int */
/* clang-format on */

typedef enum ir_prim {
#define IR_PRIM_ENUM_(upper, lower, nargs) IR_##upper,
  IR_PRIMITIVES(IR_PRIM_ENUM_)
#undef IR_PRIM_ENUM_
      IR_NPRIMS
} ir_prim;

typedef struct ir_expr {
  ir_op op;
  ir_type type;
  ir_prim prim;
  int64_t integer;
  double real;
  ir_var *var;
  struct ir_expr **arg;
  int nargs;
  lang_loc loc;
} ir_expr;

typedef enum ir_stmt_kind {
  /* var, declared here; rhs: initial value of a scalar, or NULL (arrays: contents undefined until
     assigned; with `zero` all elements are 0) */
  IR_DECL,
  IR_ASSIGN, /* var[index...] = rhs; add: += rhs */
  IR_TARGET, /* target += rhs */
  IR_FOR,    /* for (var = 0; var < count; var++) body. count: int expression, evaluated once */
  IR_WHILE,  /* while (cond) body: cond is int, evaluated anew */
  IR_IF,     /* if (cond) body else other: cond is int */
  IR_BLOCK,  /* a scope: body */
  /* name(count args..., in arrays..., out arrays...) of masting/stan/linalg.h; in and out are whole
     variables, contiguous; out variables are declared before, `once`, and disjoint from in */
  IR_ROUTINE,
  IR_PRINT,  /* text and values */
  IR_REJECT, /* the same; makes the density -inf (LANE context) or notes trouble (data context) */
  /* made by diff.h: */
  /* the element var[index...] (or all of an array when nargs is 0 and ndims > 0) goes to the
     tape */
  IR_PUSH,
  IR_POP,            /* and comes back */
  IR_FOR_DOWN,       /* for (var = count - 1; var >= 0; var--) body */
  IR_ROUTINE_ADJOINT /* NAME_adj(sizes, in, out, out adjoints, in adjoints or NULL) */
} ir_stmt_kind;

/* How an IR_FOR runs (diff_tile.c): a tile is MASTING_TILE iterations (masting/stan/run.h). */
typedef enum ir_tile {
  IR_TILE_NONE,  /* one after the other */
  IR_TILE_WHOLE, /* as many whole tiles as count has; the counter is the first of the tile */
  IR_TILE_REST,  /* the iterations that come after those */
  IR_TILE_EACH   /* within a tile: the counter runs over MASTING_TILE, unrolled */
} ir_tile;

struct ir_stmt;
typedef struct ir_block {
  struct ir_stmt **stmt;
  int nstmts;
} ir_block;

typedef struct ir_stmt {
  ir_stmt_kind kind;
  lang_loc loc;
  ir_var *var;
  ir_expr **index;
  int nindices;
  ir_expr *rhs, *cond, *count;
  bool add, zero;
  bool independent; /* for, made by diff.h: iterations only add to target and adjoints */
  ir_tile tile;
  bool declares; /* pop: declares the variable too */
  ir_block body, other;
  const char *name; /* routine */
  ir_expr **size;   /* routine: int arguments */
  int nsizes;
  ir_var **in, **out; /* routine */
  int nin, nout;
  struct ir_ode *ode; /* routine: a differential equation to solve, see ir_ode.h; else NULL */
  const char **text;  /* print: text[i] (may be NULL) before arg i; ntexts == nargs + 1 */
  ir_expr **arg;
  int nargs;
} ir_stmt;

/* Both sweeps of a block (diff.h). */
typedef struct ir_gradient {
  ir_block forward; /* values, with pushes; empty when everything can be done in `reverse` */
  ir_block reverse; /* target and adjoints */
} ir_gradient;

/* Rows are passed over once: `rows` writes row-local transformed data (IR_ROW_DATA variables
 * `made`) and adds to `sum` variables (IR_DATA, REAL; they start at 0); then `after` runs on
 * every rank with the sums over all rows in them. */
typedef struct ir_phase {
  ir_block rows;
  ir_var **sum;
  int nsums;
  ir_block after;
} ir_phase;

typedef struct ir_parameter { /* one parameter of the program */
  const struct ast_decl *decl;
  /* IR_THETA, dims {free count}; or IR_ROW_THETA with its dimensions as declared */
  ir_var *theta;
  ir_var *value; /* the same in generate: IR_REAL */
  bool local;    /* row-local */
} ir_parameter;

/* Row data that the compiler makes: the row's number over all ranks, from 1, plus `offset`, clamped
 * to [1, N]. Adjoints of what rows read there of a shared array are gathered by it. */
typedef struct ir_row_number {
  ir_var *var;
  int64_t offset;
} ir_row_number;

/* A normal over many rows at once (covariance.h): log density of a residual under a covariance,
 * order x order, that the engine has computed tile by tile, one chain at a time. */
typedef struct ir_normal {
  lang_loc loc;
  ir_var *order;    /* an int of the data */
  ir_var *residual; /* of the density block: lanes [order] */
  ir_var **input;   /* of the density block: lanes that the covariance is computed from */
  ir_var **formal;  /* the same in the two blocks below: IR_SHARED */
  int ninputs;
  /* the tile: its first row and column, its shape, its columns' distance */
  ir_var *row, *col, *rows, *cols, *lead;
  ir_var *out;    /* [cols, lead]: elements, written by `covariance` */
  ir_var *weight; /* [cols, lead]: reals */
  ir_block covariance;
  ir_block slopes;      /* target += weight * element, to be differentiated */
  ir_gradient gradient; /* diff.h: of `slopes`; target itself is not asked for */
} ir_normal;

typedef struct ir_program {
  const char *name;
  ir_var **var; /* all, by id */
  int nvars;
  const char **name_slot; /* ir_names.c */
  int nnames, nname_slots;
  ir_var **data; /* data block in order */
  int ndata;
  ir_parameter *param;
  int nparams;
  bool one_lane;     /* control flow depends on parameters: MASTING_LANES 1 only */
  bool has_normals;  /* densities that lang_attempt.mark_covariances marks (lower.h) */
  ir_normal *normal; /* taken out of the density block */
  int nnormals;

  /* checks of data, transformed data, all data-only; declares IR_DATA variables by IR_DECL */
  ir_block setup;
  /* transforms of parameters, transformed parameters, model: reads IR_THETA, adds to target */
  ir_block density;
  ir_block generate; /* the same values in doubles, then generated quantities: writes IR_OUTPUT */
  /* in the order they are stored: parameters, transformed parameters, generated quantities */
  ir_var **output;
  int noutputs;
  /* shard.h: */
  ir_var *shard_size; /* the int data variable whose value is cut, or NULL */
  /* ", "-separated names of others that are the same number, checked at load; NULL: none */
  const char *shard_also;
  ir_var *row_count; /* IR_INT, in rows: rows of the block */
  /* IR_INT, in rows: number of the block's first row, from 0 over all ranks */
  ir_var *row_first;
  ir_block rows;   /* for one block of rows: loops over row_count that only add to target */
  ir_var **shared; /* IR_SHARED variables of rows */
  int nshared;
  ir_row_number *row_number;
  int nrow_numbers;
  ir_phase *phase; /* transformed data made from rows, in order; after setup */
  int nphases;
  /* per block of rows: writes row-local outputs (dimension 0 is the row) and reads row data,
     IR_ROW_THETA values, and variables of generate (marked persistent) */
  ir_block generate_rows;
  ir_var **row_output;
  int nrow_outputs;
  /* diff.h: the sweeps of `density` and `rows` */
  bool differentiated; /* these, and those of normals and equations, are there */
  ir_gradient density_gradient, rows_gradient;
  /* The density's sweeps are two functions: rows or normals run between them and carry slopes
     back. */
  bool split;
} ir_program;

/* Builders: fold constants and int sums ((x + 1) - 1 is x), drop + 0 and * 1, type the result.
 * Arguments are taken over, not copied. */
ir_expr *mst_ir_int(lang_context *c, int64_t value);
ir_expr *mst_ir_real(lang_context *c, double value);
ir_expr *mst_ir_load(lang_context *c, ir_var *var, int nindices, ir_expr *const *index);
ir_expr *mst_ir_scalar(lang_context *c, ir_var *var); /* load of a variable without dimensions */
ir_expr *mst_ir_call(lang_context *c, ir_prim prim, int nargs, ir_expr *const *arg);
ir_expr *mst_ir_call1(lang_context *c, ir_prim prim, ir_expr *a);
ir_expr *mst_ir_call2(lang_context *c, ir_prim prim, ir_expr *a, ir_expr *b);
ir_expr *mst_ir_select(lang_context *c, ir_expr *cond, ir_expr *yes, ir_expr *no);
ir_expr *mst_ir_check_index(lang_context *c, ir_expr *index, ir_expr *size, lang_loc loc);
ir_expr *mst_ir_copy(lang_context *c, const ir_expr *e);
bool mst_ir_same(const ir_expr *a, const ir_expr *b); /* the same tree */
bool mst_ir_is_int(const ir_expr *e, int64_t value);  /* that constant */

ir_var *mst_ir_var(lang_context *c, ir_program *p, const char *name, ir_type type, ir_role role,
                   int ndims, ir_expr *const *dim); /* the name is made unique */
/* A C identifier like `name` that nothing in the program has, nor any C around it (ir_names.c);
 * taken by this call. _unmarked: the same without the mark of two underscores, for people. */
const char *mst_ir_unique(lang_context *c, ir_program *p, const char *name);
const char *mst_ir_unmarked(lang_context *c, const char *unique);
/* What messages call a variable: its name in the model, or one like the C's. */
const char *mst_ir_shown(lang_context *c, const ir_var *v);
void mst_ir_append(lang_context *c, ir_block *b, ir_stmt *s);
ir_stmt *mst_ir_stmt(lang_context *c, ir_stmt_kind kind, lang_loc loc);
const char *mst_ir_prim_name(ir_prim prim); /* "log1p_exp" */
int mst_ir_prim_args(ir_prim prim);
ir_prim mst_ir_prim_find(const char *name); /* IR_NPRIMS: none */

#endif
