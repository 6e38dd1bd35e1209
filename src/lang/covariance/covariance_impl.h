/* lang/covariance/covariance_impl.h -- shared by covariance.c (which densities, what goes) and
 * covariance_element.c (an element as a program of its own). */
#ifndef MST_LANG_COVARIANCE_IMPL_H
#define MST_LANG_COVARIANCE_IMPL_H

#include "lang/ir/ir_table.h"
#include "lang/ir/ir_walk.h"
#include "lang/ir/linear.h"
#include "lang/covariance/covariance.h"

/* What a variable of the density block is in an element's program. */
typedef struct covariance_as {
  bool is_linear;
  lang_linear linear; /* a counter that the element's place determines */
  ir_var *clone;
} covariance_as;

typedef struct covariance_var { /* what is known of a variable */
  const ir_stmt *decl;          /* its declaration in the density block, or NULL */
  /* the outermost statement of the density block in which it is declared; a declaration itself:
     NULL */
  const ir_stmt *top;
  covariance_as as;
} covariance_var;

/* A lane that elements are computed from: its copy in the density block, taken before statement
 * `at`, and what the element's program calls it. */
typedef struct covariance_input {
  ir_var *of;
  const ir_stmt *at;
  ir_var *copy, *formal;
} covariance_input;

/* The element whose value is being put together: of this matrix, here; its value so far, NULL:
 * not assigned yet. */
typedef struct covariance_self {
  const ir_var *matrix;
  lang_linear row, col;
  ir_expr *value;
  const ir_stmt *statement; /* of the density block, at hand */
  /* its assignments to the matrix (covariance_iteration.h), and the one at hand */
  const struct covariance_sites *list;
  const struct covariance_site *reader;
  const struct covariance_self *up;
} covariance_self;

typedef struct covariance_state {
  lang_context *c;
  ir_program *p;
  ir_normal *normal;
  ir_table *vars;       /* of covariance_var */
  int nvars;            /* of the program when it was lowered */
  ir_block *out;        /* the element's program grows here */
  lang_linear facts[8]; /* linear forms of its row and column that are known to be >= 0 */
  int nfacts;
  const ir_stmt *mark;     /* the density at hand */
  covariance_input *input; /* of all densities; of the one at hand from first_input on */
  int ninputs, first_input;
  ir_set matrices; /* of which elements were asked for */
  const covariance_self *self;
  int elements;    /* asked for on the way to the one at hand */
  const char *why; /* the first thing that could not be done */
} covariance_state;

covariance_var *mst_covariance_var(const covariance_state *k, const ir_var *v);
/* Notes the first thing that could not be done; false. */
bool mst_covariance_refuse(covariance_state *k, lang_loc loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool mst_covariance_is_matrix(const covariance_state *k,
                              const ir_var *v); /* lanes, order x order */

/* The value of element (row, col) of `matrix` before density statement `before` runs: emitted to
 * k->out. NULL: refused. */
ir_expr *mst_covariance_element(covariance_state *k, const ir_var *matrix, const lang_linear *row,
                                const lang_linear *col, const ir_stmt *before, lang_loc loc);

#endif
