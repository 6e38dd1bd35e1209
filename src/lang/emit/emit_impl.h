/* lang/emit/emit_impl.h -- what the files of the emitter share:
 *
 *   emit_text.c   the growing text: lines, indentation, breaks
 *   emit_expr.c   expressions
 *   emit_stmt.c   statements
 *   emit_index.c  which entry of a table a variable is
 *   emit_known.c  numbers that may be known when the C is compiled
 *   emit_frame.c  what a function declares before its statements: the variables that come from
 *                 outside
 *   emit_rows.c   the loop over rows and its sums
 *   emit_gather.c adjoints of arrays that rows pick from
 *   emit_table.c, emit_table_write.c   sizes, data, parameters, derived quantities
 *   emit_ode.c, emit_ode_call.c        differential equations: functions, and where they are solved
 *   emit_covariance.c   normals of many rows at once
 *   emit_setup.c, emit_density.c, emit_generate.c   the functions of the model
 *   emit.c        the file
 */
#ifndef MST_LANG_EMIT_IMPL_H
#define MST_LANG_EMIT_IMPL_H

#include "lang/syntax/ast.h"
#include "lang/emit/emit.h"
#include "lang/ir/ir_table.h"
#include "lang/ir/ir_walk.h"

/* ---- text */

typedef struct emit_text {
  lang_context *c;
  char *s;
  size_t n, room;
} emit_text;

void mst_text_add(emit_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- the model's tables */

typedef struct emit_size { /* one of masting_model.sizes */
  const char *name;
  ir_var *var;    /* the int data variable it is, or NULL */
  ir_expr *value; /* computed: what it is; NULL: read */
  ir_var *of;     /* read and anonymous: dimension `dim` of this data variable */
  int dim;
} emit_size;

/* Variables that share an array, one after the other: theta, shared, derived quantities ...
 * Offsets are numbers when all dims are, else computed by begin() into state->at_NAME[]. */
typedef struct emit_group {
  const char *name; /* "theta" */
  ir_var **var;
  int count, first_dim; /* first_dim 1: elements of a row */
  /* made by mst_emit_index_group: by variable id, its place and 1; by place, where it begins, -1
     where that is not a number */
  int *slot, nslots;
  int64_t *before;
} emit_group;

typedef struct emit_tables {
  emit_size *size;
  int nsizes, shard; /* shard -1: none */
  /* with an entry in masting_model.data, replicated scalars that are sizes left out */
  ir_var **data;
  int ndata;
  int *data_slot, ndata_slots; /* by variable id: its place and 1 */
  ir_var **state; /* IR_DATA variables that live in the state: scalars, transformed data, sums */
  int nstate;
  emit_group theta, value, row_theta, row_value, shared, normal, output, row_output;
} emit_tables;

/* Shared arrays that rows pick from by a datum (emit_gather.c). */
typedef struct emit_gather {
  ir_var *by;
  const char *pos, *grad; /* what rows call the two arrays */
  ir_var *var[16];
  int count;
} emit_gather;

/* ---- the function being written */

typedef enum emit_kind {
  EMIT_SETUP,
  EMIT_DENSITY, /* global without shared values: both sweeps */
  EMIT_PREPARE, /* forward, values kept in the slot */
  EMIT_GLOBAL,  /* reverse, from the slot */
  EMIT_ODE,     /* a right-hand side */
  EMIT_NORMAL,  /* a tile of a covariance */
  EMIT_ROWS,
  EMIT_DERIVE,
  EMIT_DERIVE_ROWS,
  EMIT_PHASE_ROWS,
  EMIT_PHASE_END
} emit_kind;

typedef struct emit_state {
  lang_context *c;
  ir_program *p;
  emit_text *t;
  emit_tables tables;
  emit_gather *gather;
  int ngathers;
  ir_set row_counters, tile_counters; /* of loops over rows, and within tiles */
  ir_table *named;                    /* of const ir_expr *: values of constant ints of rows */
  int depth;
  lang_loc loc; /* of the last comment that named a line */
  emit_kind kind;
  int phase;               /* of EMIT_PHASE_ */
  int normal;              /* of EMIT_NORMAL */
  ir_set declared;         /* by an IR_DECL in the function */
  ir_set used;             /* in the function */
  ir_set pushed;           /* arrays whose pointers go to the tape */
  bool tape, arena;        /* the function needs them */
  ir_set written;          /* phases: row data that the function makes */
  bool keeps;              /* derive: something stays for derive_rows */
  bool checks;             /* trouble may be noted */
  const char *leave;       /* where reject() goes; NULL: to `rejected` */
  bool rejects;            /* a jump to `rejected` was written */
  bool rows_reject;        /* one was, in derive_rows */
  const char *target;      /* what statements add the log density to */
  const ir_stmt *row_loop; /* rows: the only loop over them, or NULL */
} emit_state;

void mst_emit_line(emit_state *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mst_emit_blank(emit_state *e);
/* `"text"` with escapes. */
const char *mst_emit_quoted(lang_context *c, const char *text);
/* Fit to stand in a comment: a file's name may hold the end of one. */
const char *mst_emit_commented(lang_context *c, const char *text);
/* As part of a format of printf. */
const char *mst_emit_format(lang_context *c, const char *text);
/* `file:line`, of the model; NULL when loc is nowhere. */
const char *mst_emit_place(emit_state *e, lang_loc loc);

/* ---- expressions: text in the pool */
const char *mst_emit_expr(emit_state *e, const ir_expr *x);             /* as it is */
const char *mst_emit_as(emit_state *e, const ir_expr *x, ir_type type); /* of that C type */
/* fit to stand beside `*` */
const char *mst_emit_factor(emit_state *e, const ir_expr *x);
const char *mst_emit_element(emit_state *e, ir_var *v, ir_expr *const *index, int nindices);
/* `N * K`, the product of all dims, or from dimension `first` on; "1" for none. */
const char *mst_emit_count(emit_state *e, const ir_var *v, int first);
int64_t mst_emit_fixed_count(const ir_var *v); /* number of elements when constant, else -1 */
int64_t mst_emit_fixed_from(const ir_var *v, int first); /* the same from dimension `first` on */
/* "vreal"; of ints in arrays: "int32_t" by _element */
const char *mst_emit_type(ir_type type);
const char *mst_emit_element_type(ir_type type);

/* ---- statements */
void mst_emit_block(emit_state *e, const ir_block *b);

/* A pointer to the whole variable. */
const char *mst_emit_whole(emit_state *e, ir_var *v);

/* ---- differential equations, roots, integrals */
/* the functions of all that the program solves, and the headers of its methods */
void mst_emit_odes(emit_state *e);
void mst_emit_ode_headers(emit_state *e);
void mst_emit_ode_call(emit_state *e, const ir_stmt *s); /* solves, or adds to adjoints */

/* ---- frames */
/* Collects what the block uses and declares. Call for every block of the function, then open. */
void mst_emit_begin(emit_state *e, emit_kind kind);
void mst_emit_collect(emit_state *e, const ir_block *b);
/* Declares arena, tape and every variable from outside. */
void mst_emit_open(emit_state *e);
/* What goes back: adjoints of scalars, kept scalars, the arena. */
void mst_emit_close(emit_state *e);

/* ---- tables */
void mst_emit_make_tables(emit_state *e);
void mst_emit_write_tables(emit_state *e);
/* static const masting_param model_TABLE[]; shared: of no names of the model's. */
void mst_emit_write_group(emit_state *e, const char *table, const emit_group *g, bool shared);
/* Index of the size with this value; -1. */
int mst_emit_size_of(const emit_state *e, const ir_expr *dim);
/* Entry of sizes: of a dimension of a parameter, an output or made data; of data that are read. */
int mst_emit_computed_size(emit_state *e, const ir_var *v, int dim);
int mst_emit_read_size(emit_state *e, ir_var *v, int dim);
bool mst_emit_is_made(const emit_state *e, const ir_var *v);    /* transformed data with rows */
int mst_emit_data_index(const emit_state *e, const ir_var *v);  /* in masting_model.data; -1 */
void mst_emit_index_group(emit_state *e, emit_group *g);        /* when it is complete */
int mst_emit_group_index(const emit_group *g, const ir_var *v); /* -1 */
/* Where the k-th begins, or (k == count) how many elements there are: a number or
 * `state->at_theta[2]`. */
const char *mst_emit_offset(emit_state *e, const emit_group *g, int k);
bool mst_emit_group_fixed(const emit_group *g);
bool mst_emit_is_sum(const emit_state *e, const ir_var *v); /* of the phase being written */
/* Offset of the k-th sum of a phase, or their number: an expression over sizes. */
const char *mst_emit_sum_offset(emit_state *e, int phase, int k);

/* The number of elements from dimension `first` on, as an expression of the preprocessor that is
 * 0 unless it is known when the C is compiled, or (state) as one of C that holds in any case;
 * NULL: other numbers enter it. */
const char *mst_emit_known_count(emit_state *e, const ir_var *v, int first, bool state);

/* ---- rows */
void mst_emit_find_row_loop(emit_state *e);
bool mst_emit_draws(const ir_block *b); /* random numbers */
/* A loop over rows that begins each row's stream of random numbers. */
void mst_emit_row_draws(emit_state *e, const ir_stmt *s);
void mst_emit_enter_row(emit_state *e);
void mst_emit_leave_row(emit_state *e);
/* The row-local parameter whose adjoint v is, in tables.row_theta; -1. */
int mst_emit_row_theta_of(const emit_state *e, const ir_var *v);
/* The array in which a row's gradient by the k-th of them is summed. */
const char *mst_emit_row_name(emit_state *e, int k);
/* what a row adds a row-local gradient to, or NULL */
const char *mst_emit_row_sum(emit_state *e, const ir_var *v);
/* The k-th shared variable's adjoint over a block of rows. */
void mst_emit_open_block_sum(emit_state *e, const ir_var *adjoint, int k);
void mst_emit_close_block_sum(emit_state *e, const ir_var *adjoint, int k);

/* ---- gathers */
/* A constant int of rows gets its value; called for each declaration in the order of the text.
 * argument: the emitter. */
void mst_emit_note_name(const ir_stmt *s, void *argument);
void mst_emit_find_gathers(emit_state *e);
bool mst_emit_is_gathered(const emit_state *e, const ir_var *shared);
/* `g_grad[g_pos[row] * 2 + 1`, without the other indices and the bracket; NULL: not gathered. */
const char *mst_emit_gathered(emit_state *e, const ir_var *adjoint, const ir_expr *index);
void mst_emit_open_gathers(emit_state *e);
void mst_emit_write_gathers(emit_state *e);

/* ---- normals of many rows (emit_covariance.c) */
void mst_emit_normals(emit_state *e); /* their functions and table */
/* An input of the normal being written, or its slope (emit_frame.c). */
void mst_emit_open_input(emit_state *e, const ir_var *v);
void mst_emit_close_inputs(emit_state *e);

/* ---- functions */
void mst_emit_state(emit_state *e);
void mst_emit_setup(emit_state *e);    /* setup, begin, phases, teardown, trouble */
void mst_emit_density(emit_state *e);  /* prepare, rows, global */
void mst_emit_generate(emit_state *e); /* derive, derive_rows */
bool mst_emit_has_global(const emit_state *e);
/* The declarations of a block that are of this role, or persistent locals; nested ones included. */
void mst_emit_declared(lang_context *c, const ir_block *b, ir_role role, bool persistent,
                       ir_var ***list, int *count);

#endif
