/* lang/ir/ir_verify_impl.h -- shared by the files of the verifier:
 *
 *   ir_verify.c        the program: names, tables, which functions there are
 *   ir_verify_scope.c  a function: declarations and stores
 *   ir_verify_type.c   a statement: types, ranks
 */
#ifndef MST_LANG_IR_VERIFY_IMPL_H
#define MST_LANG_IR_VERIFY_IMPL_H

#include "lang/ir/ir_verify.h"
#include "lang/ir/ir_walk.h"

typedef struct verify_state {
  lang_context *c;
  const ir_program *p;
  const char *after;    /* the pass */
  const char *function; /* at hand, for messages */
  lang_loc loc;         /* of the statement at hand */
  ir_set given;         /* come from outside, with a value */
  ir_set visible;       /* declared, in a scope that lasts */
  ir_set stored;        /* somewhere in the function */
  ir_set made;          /* data that setup or a phase has stored */
  ir_set row_counters;  /* of the loops over rows that the statement at hand is in */
} verify_state;

_Noreturn void mst_ir_fault(const verify_state *k, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *mst_ir_fault_name(const verify_state *k, const ir_var *v);
/* Whether a rank has v, or what v is the adjoint of, for its own rows alone. */
bool mst_ir_verify_has_rows(const ir_var *v);

/* The statement's own expressions and types; not what is under it. */
void mst_ir_verify_types(const verify_state *k, const ir_stmt *s);
void mst_ir_verify_expr(const verify_state *k, const ir_expr *e);

/* Blocks that run in one C scope, one after the other, with k->given from outside. */
void mst_ir_verify_scope(verify_state *k, const char *function, const ir_block *const *block,
                         int nblocks);

#endif
