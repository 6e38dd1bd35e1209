/* tests/unit/ir_kit.h -- programs of the compiler's IR built by hand, compiled, loaded and
 * evaluated. */
#ifndef TEST_IR_KIT_H
#define TEST_IR_KIT_H

#include <masting/model_abi.h>

#include "lang/ir/ir.h"

/* MASTING_LANES of the test and of the objects it makes: the same. */

typedef struct kit {
  lang_context c;
  ir_program p;
  ir_block *at; /* where statements go */
} kit;

void kit_begin(kit *k, const char *name);
void kit_end(kit *k);

/* Expressions; arguments are taken over. */
ir_expr *kit_num(kit *k, double x);
ir_expr *kit_int(kit *k, int64_t x);
ir_expr *kit_op(kit *k, ir_prim prim, ir_expr *a, ir_expr *b); /* b NULL: one argument */
ir_expr *kit_get(kit *k, ir_var *v);                           /* a scalar */
ir_expr *kit_at(kit *k, ir_var *v, ir_expr *i);                /* v[i] */
ir_expr *kit_at2(kit *k, ir_var *v, ir_expr *i, ir_expr *j);

/* Variables. */
ir_var *kit_theta(kit *k, const char *name, int64_t count); /* a parameter of the program */
/* an array [size], or a scalar: NULL */
ir_var *kit_data(kit *k, const char *name, ir_type type, ir_var *size);
ir_var *kit_lane(kit *k, const char *name, ir_expr *value); /* declared constant */
/* may be assigned again; value or NULL */
ir_var *kit_local(kit *k, const char *name, ir_type type, ir_expr *value);
ir_var *kit_array(kit *k, const char *name, ir_type type, ir_expr *dim);

/* Statements at k->at. */
void kit_set(kit *k, ir_var *v, ir_expr *index, ir_expr *value); /* index NULL: scalar */
void kit_add(kit *k, ir_var *v, ir_expr *index, ir_expr *value);
void kit_target(kit *k, ir_expr *value);
ir_stmt *kit_for(kit *k, ir_var **counter, ir_expr *count); /* statements then go into it */
/* the same; the other branch: k->at = &s->other */
ir_stmt *kit_if(kit *k, ir_expr *cond);
ir_stmt *kit_while(kit *k, ir_expr *cond);
void kit_routine(kit *k, const char *name, ir_expr *const *size, int nsizes, ir_var *const *in,
                 int nin, ir_var *out);

/* Optimises (when wanted), emits, compiles and loads. NULL never: fails the test. *text: the C. */
typedef struct kit_model {
  const masting_model *model;
  void *object, *state;
  int64_t size[128];
  const void *data[128];
  const char *text;
} kit_model;
kit_model kit_compile(kit *k, bool optimise);
/* After data and the read sizes are set. */
void kit_setup(kit_model *m);
void kit_close(kit_model *m);

/* Density and gradient at theta[n][lanes], everything replicated in `global` (prepare first when
 * there is one; with `rows` as one block of that many rows, whose local parameters and their
 * gradient are given). */
typedef struct kit_point {
  int n, rows, locals;
  vreal *theta, *grad, *local, *local_grad;
  vreal lp;
} kit_point;
void kit_evaluate(kit_model *m, kit_point *at);
/* Compares the gradient with central differences, each lane on its own: |difference| <=
 * tolerance * (1 + |slope|). */
void kit_check_gradient(kit_model *m, kit_point *at, double tolerance);

#endif
