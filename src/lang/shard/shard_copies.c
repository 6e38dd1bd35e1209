/* lang/shard/shard_copies.c -- ints that are another name for a size of the data or a loop's
 * counter are replaced by it: `int n_obs = N;` in a function, `int i = n;` in a loop. A loop
 * over n_obs is then one over N, and x[i] is at the loop's row. Index checks and comparisons of
 * sizes that have become plain go.
 */
#include "lang/shard/shard_impl.h"

typedef struct copies {
  lang_context *c;
  ir_table of; /* of ir_expr *: what a variable is a copy of, or NULL */
  const ir_stmt *loop[64];
  int loops;
} copies;

static bool is_plain(const ir_expr *e) {
  return e->op == IR_LOAD && e->nargs == 0 && e->type == IR_INT;
}

static bool is_sum(const ir_expr *e) {
  return e->op == IR_CALL && e->type == IR_INT && (e->prim == IR_ADD || e->prim == IR_SUB);
}

static bool is_below(const copies *k, const ir_expr *index, const ir_expr *size) {
  if (!is_plain(index) || index->var->role != IR_LOOP) return false;
  for (int i = 0; i < k->loops; i++)
    if (k->loop[i]->var == index->var) return mst_ir_same(k->loop[i]->count, size);
  return false;
}

static ir_expr **copy_of(copies *k, const ir_var *v) { return mst_ir_entry(&k->of, v); }

static void replace(copies *k, ir_expr *e) {
  for (int i = 0; i < e->nargs; i++) replace(k, e->arg[i]);
  if (is_plain(e) && *copy_of(k, e->var))
    *e = *mst_ir_copy(k->c, *copy_of(k, e->var));
  else if (is_sum(e))
    *e = *mst_ir_call2(k->c, e->prim, e->arg[0], e->arg[1]);
  if (e->op == IR_CHECK_INDEX && is_below(k, e->arg[0], e->arg[1])) *e = *e->arg[0];
}

static void note(copies *k, ir_stmt *s) {
  if (s->kind != IR_DECL || s->var->type != IR_INT || s->var->ndims || !s->var->constant || !s->rhs)
    return;
  const ir_expr *from = s->rhs;
  /* the counter and a number */
  if (is_sum(from) && from->arg[1]->op == IR_CONST_INT) from = from->arg[0];
  if (!is_plain(from)) return;
  if (from->var->role == IR_LOOP ||
      (from == s->rhs && from->var->role == IR_DATA && from->var->constant))
    *copy_of(k, s->var) = s->rhs;
}

static bool never_holds(const ir_expr *e) {
  return e->op == IR_CALL && e->prim == IR_NE && is_plain(e->arg[0]) &&
         mst_ir_same(e->arg[0], e->arg[1]);
}

static void walk(copies *k, ir_block *b) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    if (s->rhs) replace(k, s->rhs);
    if (s->kind == IR_DECL) note(k, s);
    if (s->cond) replace(k, s->cond);
    if (s->count) replace(k, s->count);
    for (int j = 0; j < s->nindices; j++) replace(k, s->index[j]);
    for (int j = 0; j < s->nsizes; j++) replace(k, s->size[j]);
    for (int j = 0; j < s->nargs; j++) replace(k, s->arg[j]);
    bool loop = s->kind == IR_FOR && k->loops < 64;
    if (loop) k->loop[k->loops++] = s;
    walk(k, &s->body);
    walk(k, &s->other);
    if (loop) k->loops--;
    if (s->kind == IR_IF && never_holds(s->cond) && !s->other.nstmts) continue;
    b->stmt[n++] = s;
  }
  b->nstmts = n;
}

void mst_cut_copies(lang_context *c, ir_program *p) {
  copies k = {.c = c, .of = mst_ir_table(c, sizeof(ir_expr *))};
  ir_block *block[] = {&p->setup, &p->density, &p->generate};
  for (int i = 0; i < 3; i++) walk(&k, block[i]);
  for (int i = 0; i < p->nvars; i++)
    for (int d = 0; d < p->var[i]->ndims; d++) replace(&k, p->var[i]->dim[d]);
}
