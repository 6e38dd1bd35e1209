/* lang/diff/diff_active.c -- which variables have adjoints: lanes that depend on parameters
 * (varied) and that target or a seeded variable depends on (useful). Blind to the order of
 * statements. */
#include "lang/diff/diff_impl.h"

typedef struct activity {
  lang_context *c;
  ir_set varied, useful;
  bool changed;
} activity;

static bool is_input(const ir_var *v) {
  return v->role == IR_THETA || v->role == IR_ROW_THETA || v->role == IR_SHARED;
}

/* Whether e changes with a varied variable: not through a step, a mask or an index. */
static bool is_varied(const activity *a, const ir_expr *e) {
  if (e->type != IR_LANE) return false;
  if (e->op == IR_LOAD) return mst_set_has(&a->varied, e->var);
  if (e->op == IR_CALL && mst_diff_is_flat(e->prim)) return false;
  for (int i = e->op == IR_SELECT; i < e->nargs; i++)
    if (is_varied(a, e->arg[i])) return true;
  return false;
}

static void mark(activity *a, ir_set *set, const ir_var *v) {
  if (v->type != IR_LANE || mst_set_has(set, v)) return;
  mst_set_add(a->c, set, v);
  a->changed = true;
}

static void spread_varied(const ir_stmt *s, void *argument) {
  activity *a = argument;
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && s->rhs && is_varied(a, s->rhs))
    mark(a, &a->varied, s->var);
  if (s->kind != IR_ROUTINE) return;
  for (int i = 0; i < s->nin; i++)
    if (mst_set_has(&a->varied, s->in[i]))
      for (int k = 0; k < s->nout; k++) mark(a, &a->varied, s->out[k]);
}

static void mark_load(const ir_expr *e, void *argument) {
  activity *a = argument;
  if (e->op == IR_LOAD) mark(a, &a->useful, e->var);
}

static void spread_useful(const ir_stmt *s, activity *a) {
  bool wanted = s->kind == IR_TARGET;
  if (s->kind == IR_DECL || s->kind == IR_ASSIGN) wanted = mst_set_has(&a->useful, s->var);
  if (wanted && s->rhs) mst_ir_visit(s->rhs, mark_load, a);
  if (s->kind != IR_ROUTINE) return;
  for (int k = 0; k < s->nout; k++)
    if (mst_set_has(&a->useful, s->out[k]))
      for (int i = 0; i < s->nin; i++) mark(a, &a->useful, s->in[i]);
}

static void to_the_end(activity *a, const ir_block *block) {
  do {
    a->changed = false;
    for (int i = 0; i < block->nstmts; i++) mst_ir_visit_stmts(block->stmt[i], spread_varied, a);
  } while (a->changed);
}

static void spread_back(activity *a, const ir_block *b) {
  for (int i = b->nstmts; i-- > 0;) {
    spread_back(a, &b->stmt[i]->other);
    spread_back(a, &b->stmt[i]->body);
    spread_useful(b->stmt[i], a);
  }
}

/* From the last statement to the first, as target is reached: a chain takes one turn. */
static void back_to_the_end(activity *a, const ir_block *block) {
  do {
    a->changed = false;
    spread_back(a, block);
  } while (a->changed);
}

typedef struct inputs {
  activity *a;
  ir_set *set;
} inputs;

static void add_input(const ir_expr *e, void *argument) {
  const inputs *k = argument;
  if (e->op == IR_LOAD && is_input(e->var)) mark(k->a, k->set, e->var);
}

static void add_routine_inputs(const ir_stmt *s, void *argument) {
  const inputs *k = argument;
  for (int i = 0; i < s->nin; i++)
    if (is_input(s->in[i])) mark(k->a, k->set, s->in[i]);
}

ir_set mst_diff_active(lang_context *c, const ir_block *block, ir_var *const *seeded, int nseeded) {
  activity a = {.c = c};
  ir_set active = {0};
  inputs k = {&a, &a.varied};
  for (int i = 0; i < block->nstmts; i++) {
    mst_ir_visit_stmt(block->stmt[i], add_input, &k);
    mst_ir_visit_stmts(block->stmt[i], add_routine_inputs, &k);
  }
  for (int i = 0; i < nseeded; i++) {
    mark(&a, &a.useful, seeded[i]);
    if (is_input(seeded[i])) mark(&a, &a.varied, seeded[i]);
  }
  to_the_end(&a, block);
  back_to_the_end(&a, block);
  mst_set_union(c, &active, &a.varied);
  mst_set_intersect(&active, &a.useful);
  return active;
}

bool mst_diff_is_active(const diff_state *d, const ir_expr *e) {
  if (e->type != IR_LANE) return false;
  if (e->op == IR_LOAD) return mst_set_has(&d->active, e->var);
  if (e->op == IR_CALL && mst_diff_is_flat(e->prim)) return false;
  for (int i = e->op == IR_SELECT; i < e->nargs; i++)
    if (mst_diff_is_active(d, e->arg[i])) return true;
  return false;
}
