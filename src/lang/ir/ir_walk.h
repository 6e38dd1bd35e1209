/* lang/ir/ir_walk.h -- sets of variables, and what expressions and statements read, write and
 * declare. */
#ifndef MST_LANG_IR_WALK_H
#define MST_LANG_IR_WALK_H

#include "lang/ir/ir.h"

/* A set of variables by id; grows in the context's pool. All zero: empty. Only words with a member
 * are kept, in order, so that a statement's set is small however many variables there are. A set is
 * copied by mst_set_copy, never by assignment, if both go on. */
typedef struct ir_set_word {
  int at; /* bits 64 * at ... */
  uint64_t bits;
} ir_set_word;

typedef struct ir_set {
  ir_set_word *word;
  int nwords, room;
} ir_set;

bool mst_set_has(const ir_set *s, const ir_var *v);
void mst_set_add(lang_context *c, ir_set *s, const ir_var *v);
void mst_set_remove(ir_set *s, const ir_var *v);
/* a = a and b; returns whether a grew. */
bool mst_set_union(lang_context *c, ir_set *a, const ir_set *b);
bool mst_set_meets(const ir_set *a, const ir_set *b);
bool mst_set_within(const ir_set *a, const ir_set *b); /* all of a is in b */
void mst_set_intersect(ir_set *a, const ir_set *b);    /* a = a and b, as sets meet */
/* The members in order, as a list in the pool; returns their number. */
int mst_set_list(lang_context *c, const ir_program *p, const ir_set *s, ir_var ***list);
ir_set mst_set_copy(lang_context *c, const ir_set *s);

/* Calls visit(e, argument) for e and everything under it, e first. */
typedef void ir_visit(const ir_expr *e, void *argument);
void mst_ir_visit(const ir_expr *e, ir_visit *visit, void *argument);
/* The same for every expression of a statement, indices, dims of declarations and nested statements
 * included. */
void mst_ir_visit_stmt(const ir_stmt *s, ir_visit *visit, void *argument);
/* Calls visit(s, argument) for s and every statement in it, s first. */
typedef void ir_visit_stmts(const ir_stmt *s, void *argument);
void mst_ir_visit_stmts(const ir_stmt *s, ir_visit_stmts *visit, void *argument);

/* Calls visit(v, writes, argument) for every variable that the statement reads or writes, as
 * mst_ir_stmt_reads and mst_ir_stmt_writes find them. */
typedef void ir_visit_var(ir_var *v, bool writes, void *argument);
void mst_ir_visit_vars(const ir_stmt *s, ir_visit_var *visit, void *argument);

/* Variables whose values are read (adds to the set). Of a statement: routines' arguments and
 * dims included; the variable that an assignment adds to is one of them. */
void mst_ir_reads(lang_context *c, const ir_expr *e, ir_set *set);
void mst_ir_stmt_reads(lang_context *c, const ir_stmt *s, ir_set *set);
/* Variables that the statement assigns (declarations with a value and loop counters are no
 * assignments). */
void mst_ir_stmt_writes(lang_context *c, const ir_stmt *s, ir_set *set);
/* Variables that the statement declares, loop counters included. */
void mst_ir_stmt_declares(lang_context *c, const ir_stmt *s, ir_set *set);

/* Whether e or something under it holds for test(e, argument). */
typedef bool ir_test(const ir_expr *e, void *argument);
bool mst_ir_any(const ir_expr *e, ir_test *test, void *argument);

bool mst_ir_is_random(const ir_expr *e); /* draws */
/* A selection by an int of lanes that is as well blended as branched over: both sides are cheap
 * and read nothing that may not be there. */
bool mst_ir_is_blend(const ir_expr *e);
int mst_ir_cost(const ir_expr *e); /* about: additions 1, divisions 8, calls 20 */

#endif
