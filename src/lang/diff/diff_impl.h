/* lang/diff/diff_impl.h -- what the files of the differentiator share. In the order of their work:
 *
 *   diff_active.c  which variables have adjoints
 *   diff_split.c   statements to nodes: what derivatives read gets a name, scopes that do
 *   nothing but add to
 *                  target are marked as fused
 *   diff_back.c    the reverse of one simple statement
 *   diff_need.c    which values must survive until the reverse sweep: what is pushed where
 *   diff.c         puts both sweeps together
 *   diff_tile.c    runs independent iterations side by side
 */
#ifndef MST_LANG_DIFF_IMPL_H
#define MST_LANG_DIFF_IMPL_H

#include "lang/diff/diff.h"
#include "lang/diff/diff_rules.h"
#include "lang/ir/ir_walk.h"

struct diff_node;
/* The statements of a scope. */
typedef struct diff_list {
  struct diff_node **node;
  int count;
  ir_var **kept; /* declared here, pushed where the scope ends; not in fused scopes */
  int nkept;
  ir_set is_kept;
} diff_list;

typedef struct diff_node {
  ir_stmt *s;
  bool fused;       /* writes nothing from outside but target: runs in the reverse sweep alone */
  bool push;        /* assignment: the old value goes to the tape */
  ir_block reverse; /* simple statement: its reverse */
  ir_set reads;     /* what `reverse` reads (compound and fused: all that the statement reads) */
  ir_var *trips;    /* while: counts */
  diff_list body, other;
} diff_node;

typedef struct diff_state {
  lang_context *c;
  ir_program *p;
  ir_set active;
} diff_state;

/* diff_active.c */
ir_set mst_diff_active(lang_context *c, const ir_block *block, ir_var *const *seeded, int nseeded);
/* an active variable is read as a value */
bool mst_diff_is_active(const diff_state *d, const ir_expr *e);

/* diff_split.c */
diff_list mst_diff_split(diff_state *d, const ir_block *block);

/* diff_back.c: fills node->reverse of a declaration, an assignment, a routine or an addition to
 * target. */
void mst_diff_back(diff_state *d, diff_node *node);
ir_var *mst_diff_adjoint(diff_state *d, ir_var *v);

/* diff_need.c: fills push and kept of all nodes; *need: what the reverse sweep reads of the
 * outermost scope. */
void mst_diff_need(diff_state *d, diff_list *list, ir_set *need);

/* diff_tile.c: tiles the loops of a finished block. */
void mst_diff_tile(lang_context *c, ir_program *p, ir_block *b);

#endif
