/* lang/shard/shard_load.c -- statements of the density block that depend on data alone move to
 * setup.
 *
 * A statement moves when nothing in it is a lane, it says nothing, and every variable it reads
 * or writes is data or written by statements that move as well. Order among those that move is
 * kept; they do not see the others' variables, so they may go first.
 */
#include <string.h>

#include "lang/shard/shard_impl.h"

typedef struct mover {
  ir_program *p;
  bool *stays; /* by variable id: written or declared by a statement that stays */
  bool lane;   /* the statement at hand must stay */
  bool changed;
} mover;

static bool is_local(const mover *m, const ir_var *v) {
  (void)m;
  return v->role == IR_LOCAL;
}

static void look(void *context, ir_expr *e) {
  mover *m = context;
  if (e->type == IR_LANE || e->type == IR_MASK) m->lane = true;
  if (e->op == IR_CALL && (e->prim == IR_UNIFORM_RNG || e->prim == IR_NORMAL_RNG ||
                           e->prim == IR_GAMMA_RNG || e->prim == IR_POISSON_RNG))
    m->lane = true;
  if (e->op != IR_LOAD) return;
  if (e->var->role == IR_THETA || e->var->role == IR_ROW_THETA) m->lane = true;
  if (is_local(m, e->var) && m->stays[e->var->id]) m->lane = true;
}

static void look_stmt(void *context, ir_stmt *s) {
  mover *m = context;
  if (s->kind == IR_TARGET || s->kind == IR_PRINT) m->lane = true;
  if (s->kind == IR_REJECT && !s->name) m->lane = true;
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && s->var->type == IR_LANE) m->lane = true;
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && m->stays[s->var->id]) m->lane = true;
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->type == IR_LANE || m->stays[s->in[i]->id]) m->lane = true;
  for (int i = 0; i < s->nout; i++)
    if (s->out[i]->type == IR_LANE || m->stays[s->out[i]->id]) m->lane = true;
}

static void keep_vars(void *context, ir_stmt *s) {
  mover *m = context;
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && !m->stays[s->var->id])
    m->stays[s->var->id] = m->changed = true;
  for (int i = 0; i < s->nout; i++)
    if (!m->stays[s->out[i]->id]) m->stays[s->out[i]->id] = m->changed = true;
}

static bool stays(mover *m, ir_stmt *s) {
  ir_block one = {&s, 1};
  m->lane = false;
  mst_ir_edit_stmts(&one, look_stmt, m);
  mst_ir_edit_exprs(&one, look, m);
  if (m->lane) mst_ir_edit_stmts(&one, keep_vars, m);
  return m->lane;
}

void mst_cut_load_time(lang_context *c, ir_program *p) {
  mover m = {.p = p, .stays = MST_LANG_ARRAY(c, bool, p->nvars + 1)};
  do {
    m.changed = false;
    for (int i = 0; i < p->density.nstmts; i++) stays(&m, p->density.stmt[i]);
  } while (m.changed);
  ir_block rest = {0};
  for (int i = 0; i < p->density.nstmts; i++) {
    ir_stmt *s = p->density.stmt[i];
    if (stays(&m, s)) {
      mst_ir_append(c, &rest, s);
    } else {
      if (s->kind == IR_DECL) s->var->role = IR_DATA;
      mst_ir_append(c, &p->setup, s);
    }
  }
  p->density = rest;
}
