/* lang/emit/emit_frame.c -- what a function declares before its statements and gives back after
 * them: every variable that comes from outside gets a local name, so that statements read as in
 * the model. */
#include "lang/emit/emit_impl.h"

#include <string.h>

/* ---- what a block uses */

static void use(emit_state *e, const ir_var *v);

static void use_expr(const ir_expr *x, void *argument) {
  if (x->op == IR_LOAD) use(argument, x->var);
}

static void use(emit_state *e, const ir_var *v) {
  if (mst_set_has(&e->used, v)) return;
  mst_set_add(e->c, &e->used, v);
  for (int i = 0; i < v->ndims; i++) mst_ir_visit(v->dim[i], use_expr, e);
}

static bool needs_place(const ir_expr *x, void *argument) {
  (void)argument;
  return x->op == IR_CHECK_INDEX ||
         (x->op == IR_CALL && (x->prim == IR_INT_DIV || x->prim == IR_INT_MOD));
}

static void use_checks(const ir_expr *x, void *argument) {
  emit_state *e = argument;
  if (needs_place(x, NULL)) e->checks = true;
}

static void collect_stmt(const ir_stmt *s, void *argument) {
  emit_state *e = argument;
  if (s->var) use(e, s->var);
  for (int i = 0; i < s->nin; i++) use(e, s->in[i]);
  for (int i = 0; i < s->nout; i++) use(e, s->out[i]);
  if (s->kind == IR_ROUTINE_ADJOINT) {
    for (int i = 0; i < s->nin; i++)
      if (s->in[i]->adjoint) use(e, s->in[i]->adjoint);
    for (int i = 0; i < s->nout; i++) use(e, s->out[i]->adjoint);
  }
  if (s->kind == IR_DECL || s->kind == IR_FOR || s->kind == IR_FOR_DOWN ||
      (s->kind == IR_POP && s->declares))
    mst_set_add(e->c, &e->declared, s->var);
  if (s->kind == IR_PUSH || s->kind == IR_POP) e->tape = true;
  if (s->kind == IR_PUSH && s->nindices == 0 && s->var->ndims > 0)
    mst_set_add(e->c, &e->pushed, s->var);
  if (s->kind == IR_ROUTINE || s->kind == IR_ROUTINE_ADJOINT) e->arena = true;
  if (s->kind == IR_DECL && s->var->ndims > 0 && !s->var->tiled) e->arena = true;
  if (s->kind == IR_REJECT) e->checks = true;
}

void mst_emit_begin(emit_state *e, emit_kind kind) {
  e->kind = kind;
  e->declared = e->used = e->pushed = (ir_set){0};
  e->tape = e->arena = e->rejects = e->checks = false;
  e->loc = (lang_loc){0};
  e->target = "target";
  e->depth = 1;
}

void mst_emit_collect(emit_state *e, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    mst_ir_visit_stmts(b->stmt[i], collect_stmt, e);
    mst_ir_visit_stmt(b->stmt[i], use_expr, e);
    mst_ir_visit_stmt(b->stmt[i], use_checks, e);
  }
}

/* ---- from outside */

static const char *base(const emit_state *e, const char *of_block, const char *argument) {
  bool block = e->kind == EMIT_ROWS || e->kind == EMIT_DERIVE_ROWS || e->kind == EMIT_PHASE_ROWS;
  return block ? of_block : argument;
}

static void open_data(emit_state *e, const ir_var *v) {
  const char *type = mst_emit_element_type(v->type);
  int k = mst_emit_data_index(e, v);
  bool in_state = e->kind == EMIT_SETUP || e->kind == EMIT_PHASE_END;
  if (v->ndims == 0) {
    if (!in_state && mst_emit_may_be_known(e->p, v))
      mst_emit_line(e, "const int64_t %s = MASTING_KNOWN_%s(state->%s);", v->name, v->source_name,
                    v->name);
    else if (!in_state)
      mst_emit_line(e, "const %s %s = state->%s;", mst_emit_type(v->type), v->name, v->name);
  } else if (k >= 0 && e->kind != EMIT_PHASE_END)
    mst_emit_line(e, "const %s *const restrict %s = %s[%d];", type, v->name,
                  base(e, "block->data", "data"), k);
  else if (!in_state || k >= 0)
    mst_emit_line(e, "const %s *const restrict %s = state->%s;", type, v->name, v->name);
}

static void open_row_data(emit_state *e, const ir_var *v) {
  const char *type = mst_emit_element_type(v->type);
  int k = mst_emit_data_index(e, v);
  bool written = e->kind == EMIT_PHASE_ROWS && mst_set_has(&e->written, v);
  if (written)
    mst_emit_line(e, "%s *const restrict %s = (%s *)block->data[%d];", type, v->name, type, k);
  else
    mst_emit_line(e, "const %s *const restrict %s = block->data[%d];", type, v->name, k);
}

/* The k-th of a group: a pointer into `from`. */
static void open_pointer(emit_state *e, const ir_var *v, const char *type, const char *from,
                         const emit_group *g, int k) {
  const char *at = mst_emit_offset(e, g, k);
  bool zero = strcmp(at, "0") == 0;
  mst_emit_line(e, "%s *const restrict %s = %s%s%s;", type, v->name, from, zero ? "" : " + ",
                zero ? "" : at);
}

static void open_shared(emit_state *e, const ir_var *v) {
  int k = mst_emit_group_index(&e->tables.shared, v);
  if (v->ndims > 0)
    open_pointer(e, v, "const vreal", "block->theta", &e->tables.shared, k);
  else
    mst_emit_line(e, "const vreal %s = block->theta[%s];", v->name,
                  mst_emit_offset(e, &e->tables.shared, k));
}

/* Adjoints of what comes from outside: straight into the gradient; a scalar that rows add to is
 * summed in a register. */
static void open_adjoint(emit_state *e, const ir_var *v) {
  const emit_tables *t = &e->tables;
  const ir_var *of = v->adjoint_of;
  int k = mst_emit_group_index(&t->theta, of);
  if (k >= 0) open_pointer(e, v, "vreal", "grad", &t->theta, k);
  k = mst_emit_group_index(&t->row_theta, of);
  if (k >= 0) open_pointer(e, v, "vreal", "block->local_grad", &t->row_theta, k);
  k = mst_emit_group_index(&t->shared, of);
  if (k < 0 || mst_emit_is_gathered(e, of)) return;
  if (v->ndims > 0)
    mst_emit_open_block_sum(e, v, k);
  else
    mst_emit_line(e, "vreal %s = v_all(0.0);", v->name);
}

static void open_kept(emit_state *e, const ir_var *v) {
  const char *from = e->kind == EMIT_GLOBAL ? "kept" : "state";
  if (v->ndims > 0)
    mst_emit_line(e, "%s *const restrict %s = %s->%s;", mst_emit_element_type(v->type), v->name,
                  from, v->name);
  else
    mst_emit_line(e, "%s%s %s = %s->%s;", v->constant ? "const " : "", mst_emit_type(v->type),
                  v->name, from, v->name);
}

static void open_output(emit_state *e, const ir_var *v) {
  const emit_tables *t = &e->tables;
  int k = mst_emit_group_index(&t->output, v);
  if (k < 0)
    open_pointer(e, v, "double", "block->out", &t->row_output,
                 mst_emit_group_index(&t->row_output, v));
  else if (e->kind == EMIT_DERIVE)
    open_pointer(e, v, "double", "out", &t->output, k);
  else
    open_pointer(e, v, "const double", "block->derived", &t->output, k);
}

static void open_theta(emit_state *e, const ir_var *v) {
  const emit_tables *t = &e->tables;
  bool real = v->type == IR_REAL;
  const emit_group *g = real ? &t->value : &t->theta;
  open_pointer(e, v, real ? "const double" : "const vreal", base(e, "block->theta", "theta"), g,
               mst_emit_group_index(g, v));
}

static void open_row_theta(emit_state *e, const ir_var *v) {
  const emit_tables *t = &e->tables;
  bool real = v->type == IR_REAL;
  const emit_group *g = real ? &t->row_value : &t->row_theta;
  open_pointer(e, v, real ? "const double" : "const vreal", "block->local", g,
               mst_emit_group_index(g, v));
}

static void open_sum(emit_state *e, const ir_var *v) {
  const ir_phase *f = &e->p->phase[e->phase];
  for (int k = 0; k < f->nsums; k++)
    if (f->sum[k] == v)
      mst_emit_line(e, "double *const restrict %s = values + %s;", v->name,
                    mst_emit_sum_offset(e, e->phase, k));
}

static void open_var(emit_state *e, const ir_var *v) {
  if (e->kind == EMIT_ODE) return; /* emit_ode.c */
  if (v == e->p->row_count) {
    mst_emit_line(e, "const int64_t %s = block->rows;", v->name);
    return;
  }
  if (v == e->p->row_first) {
    mst_emit_line(e, "const int64_t %s = block->first_row;", v->name);
    return;
  }
  if (e->kind == EMIT_NORMAL &&
      (v->role == IR_SHARED || v->role == IR_ADJOINT || v->role == IR_OUTPUT)) {
    mst_emit_open_input(e, v); /* what is written to is an argument */
    return;
  }
  switch (v->role) {
  case IR_DATA:
    if (e->kind == EMIT_PHASE_ROWS && mst_emit_is_sum(e, v))
      open_sum(e, v);
    else
      open_data(e, v);
    return;
  case IR_ROW_DATA:
    open_row_data(e, v);
    return;
  case IR_THETA:
    open_theta(e, v);
    return;
  case IR_ROW_THETA:
    open_row_theta(e, v);
    return;
  case IR_SHARED:
    open_shared(e, v);
    return;
  case IR_OUTPUT:
    open_output(e, v);
    return;
  case IR_ADJOINT:
    open_adjoint(e, v);
    return;
  case IR_LOCAL:
    if (v->persistent && (e->kind == EMIT_GLOBAL || e->kind == EMIT_DERIVE_ROWS)) open_kept(e, v);
    return;
  case IR_LOOP:
    return;
  }
}

static bool is_block_kind(const emit_state *e) {
  return e->kind == EMIT_ROWS || e->kind == EMIT_DERIVE_ROWS || e->kind == EMIT_PHASE_ROWS;
}

static bool wants_row(const emit_state *e, const emit_group *g) {
  for (int k = 0; k < g->count; k++)
    if (mst_set_has(&e->used, g->var[k])) return true;
  return false;
}

/* Lengths of rows of row-local arrays; gradients of row-local parameters are set, not added to. */
static void open_rows(emit_state *e) {
  const emit_tables *t = &e->tables;
  if (e->kind == EMIT_ROWS && t->row_theta.count > 0) {
    mst_emit_line(e, "const int64_t row_theta = %s;",
                  mst_emit_offset(e, &t->row_theta, t->row_theta.count));
    if (!e->row_loop)
      mst_emit_line(
          e, "memset(block->local_grad, 0, (size_t)(block->rows * row_theta) * sizeof(vreal));");
  }
  if (e->kind == EMIT_DERIVE_ROWS && wants_row(e, &t->row_value))
    mst_emit_line(e, "const int64_t row_theta = %s;",
                  mst_emit_offset(e, &t->row_value, t->row_value.count));
  if (e->kind == EMIT_DERIVE_ROWS)
    mst_emit_line(e, "const int64_t row_out = %s;",
                  mst_emit_offset(e, &t->row_output, t->row_output.count));
}

/* Arrays that end with the function come from the thread's arena; those that last, from the
 * slot's or the state's own. */
static void open_memory(emit_state *e) {
  if (e->kind == EMIT_PREPARE) {
    mst_emit_line(e, "masting_arena *const arena = &kept->arena;");
    mst_emit_line(e, "masting_tape *const tape = &kept->tape;");
    mst_emit_line(e, "masting_arena_release(arena, (masting_arena_state){0});");
    mst_emit_line(e, "tape->nlanes = tape->nwords = 0;");
    return;
  }
  if (e->kind == EMIT_DERIVE && e->keeps) {
    mst_emit_line(e, "masting_arena *const arena = &state->derived;");
    mst_emit_line(e, "masting_arena_release(arena, (masting_arena_state){0});");
  } else if (e->arena) {
    mst_emit_line(e, "masting_arena *const arena = masting_arena_of_thread();");
    mst_emit_line(e, "const masting_arena_state mark = masting_arena_mark(arena);");
  }
  if (!e->tape) return;
  if (e->kind == EMIT_GLOBAL)
    mst_emit_line(e, "masting_tape *const tape = &kept->tape;");
  else
    mst_emit_line(e, "masting_tape *const tape = masting_tape_of_thread();");
}

void mst_emit_open(emit_state *e) {
  open_memory(e);
  if (is_block_kind(e)) open_rows(e);
  if (e->kind == EMIT_ROWS) mst_emit_open_gathers(e);
  ir_var **used = NULL;
  const int n = mst_set_list(e->c, e->p, &e->used, &used);
  for (int i = 0; i < n; i++)
    if (!mst_set_has(&e->declared, used[i])) open_var(e, used[i]);
}

/* ---- back */

void mst_emit_close(emit_state *e) {
  const emit_tables *t = &e->tables;
  for (int k = 0; e->kind == EMIT_ROWS && k < t->shared.count; k++) {
    const ir_var *v = t->shared.var[k];
    if (!v->adjoint || !mst_set_has(&e->used, v->adjoint) || mst_emit_is_gathered(e, v)) continue;
    if (v->ndims > 0)
      mst_emit_close_block_sum(e, v->adjoint, k);
    else
      mst_emit_line(e, "block->theta_grad[%s] += %s;", mst_emit_offset(e, &t->shared, k),
                    v->adjoint->name);
  }
  if (e->kind == EMIT_NORMAL) mst_emit_close_inputs(e);
  const char *to = e->kind == EMIT_PREPARE ? "kept" : e->kind == EMIT_DERIVE ? "state" : NULL;
  ir_var **declared = NULL;
  const int n = to ? mst_set_list(e->c, e->p, &e->declared, &declared) : 0;
  for (int i = 0; i < n; i++)
    if (declared[i]->persistent && declared[i]->role == IR_LOCAL)
      mst_emit_line(e, "%s->%s = %s;", to, declared[i]->name, declared[i]->name);
  if (e->arena && e->kind != EMIT_PREPARE && !(e->kind == EMIT_DERIVE && e->keeps))
    mst_emit_line(e, "masting_arena_release(arena, mark);");
}

/* Of its residual in tables.normal; inputs follow. */
static int index_of(const ir_program *p, int normal) {
  int at = 0;
  for (int i = 0; i < normal; i++) at += 1 + p->normal[i].ninputs;
  return at;
}

/* Where the i-th input of the normal being written begins among its inputs. */
static const char *input_offset(emit_state *e, int i) {
  int first = index_of(e->p, e->normal) + 1;
  const emit_group *g = &e->tables.normal;
  if (i == 0) return "0";
  return mst_lang_format(e->c, "%s - %s", mst_emit_offset(e, g, first + i),
                         mst_emit_offset(e, g, first));
}

void mst_emit_open_input(emit_state *e, const ir_var *v) {
  const ir_normal *n = &e->p->normal[e->normal];
  for (int i = 0; i < n->ninputs; i++) {
    const char *at = input_offset(e, i);
    if (n->formal[i] == v && v->ndims > 0)
      mst_emit_line(e, "const double *const restrict %s = inputs + %s;", v->name, at);
    else if (n->formal[i] == v)
      mst_emit_line(e, "const double %s = inputs[%s];", v->name, at);
    else if (n->formal[i]->adjoint == v && v->ndims > 0)
      mst_emit_line(e, "double *const restrict %s = input_grad + %s;", v->name, at);
    else if (n->formal[i]->adjoint == v)
      mst_emit_line(e, "double %s = 0;", v->name);
  }
}

void mst_emit_close_inputs(emit_state *e) {
  const ir_normal *n = &e->p->normal[e->normal];
  for (int i = 0; i < n->ninputs; i++) {
    const ir_var *v = n->formal[i]->adjoint;
    if (v && v->ndims == 0 && mst_set_has(&e->used, v))
      mst_emit_line(e, "input_grad[%s] += %s;", input_offset(e, i), v->name);
  }
}
