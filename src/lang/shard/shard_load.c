/* lang/shard/shard_load.c -- statements of the density block that depend on data alone move to
 * setup.
 *
 * A statement moves when nothing in it is a lane, it does not print or reject, every variable it
 * reads or writes is data or written by statements that move as well, and no statement that stays
 * has read before what it writes. Order among those that move is kept; they do not see the
 * others' variables, so they may go first.
 */
#include "lang/ir/ir_walk.h"
#include "lang/shard/shard_impl.h"

typedef struct mover {
  lang_context *c;
  ir_program *p;
  ir_table stays; /* of bool: written or declared by a statement that stays */
  bool lane;      /* the statement at hand must stay */
  bool changed;
} mover;

static bool *stays_of(mover *m, const ir_var *v) { return mst_ir_entry(&m->stays, v); }

static void look(void *context, ir_expr *e) {
  mover *m = context;
  if (e->type == IR_LANE || e->type == IR_MASK) m->lane = true;
  if (e->op == IR_CALL && (e->prim == IR_UNIFORM_RNG || e->prim == IR_NORMAL_RNG ||
                           e->prim == IR_GAMMA_RNG || e->prim == IR_POISSON_RNG))
    m->lane = true;
  if (e->op != IR_LOAD) return;
  if (e->var->role == IR_THETA || e->var->role == IR_ROW_THETA) m->lane = true;
  if (e->var->role == IR_LOCAL && *stays_of(m, e->var)) m->lane = true;
}

static void look_stmt(void *context, ir_stmt *s) {
  mover *m = context;
  if (s->kind == IR_TARGET || s->kind == IR_PRINT) m->lane = true;
  if (s->kind == IR_REJECT && !s->name) m->lane = true;
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && s->var->type == IR_LANE) m->lane = true;
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && *stays_of(m, s->var)) m->lane = true;
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->type == IR_LANE || *stays_of(m, s->in[i])) m->lane = true;
  for (int i = 0; i < s->nout; i++)
    if (s->out[i]->type == IR_LANE || *stays_of(m, s->out[i])) m->lane = true;
}

static void keep_vars(void *context, ir_stmt *s) {
  mover *m = context;
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && !*stays_of(m, s->var))
    *stays_of(m, s->var) = m->changed = true;
  for (int i = 0; i < s->nout; i++)
    if (!*stays_of(m, s->out[i])) *stays_of(m, s->out[i]) = m->changed = true;
}

static bool stays(mover *m, ir_stmt *s) {
  ir_block one = {&s, 1};
  m->lane = false;
  mst_ir_edit_stmts(&one, look_stmt, m);
  mst_ir_edit_exprs(&one, look, m);
  if (m->lane) mst_ir_edit_stmts(&one, keep_vars, m);
  return m->lane;
}

/* One look at all statements: what those that stay have read cannot change at load. */
static void look_through(mover *m) {
  ir_set read = {0}; /* by statements that stay, so far */
  for (int i = 0; i < m->p->density.nstmts; i++) {
    ir_stmt *s = m->p->density.stmt[i];
    ir_set writes = {0};
    mst_ir_stmt_writes(m->c, s, &writes);
    if (!stays(m, s) && mst_set_meets(&writes, &read))
      mst_ir_edit_stmts(&(ir_block){&s, 1}, keep_vars, m);
    if (stays(m, s)) mst_ir_stmt_reads(m->c, s, &read);
  }
}

void mst_cut_load_time(lang_context *c, ir_program *p) {
  mover m = {.c = c, .p = p, .stays = mst_ir_table(c, sizeof(bool))};
  do {
    m.changed = false;
    look_through(&m);
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
