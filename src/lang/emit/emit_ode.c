/* lang/emit/emit_ode.c -- differential equations, algebraic ones and integrals as C, against
 * masting/stan/ode.h, root.h and quadrature.h: for each a function of the slopes, one of the slopes
 * and their derivatives, and where it is solved a call.
 *
 * Derivatives come row by row: the reverse sweep from one component of dydt, or from several in
 * lanes. The forward sweep is made once for all rows, unless it uses the tape, which a reverse
 * sweep empties. */
#include "lang/emit/emit_impl.h"
#include "lang/ir/ir_ode.h"

#include <string.h>

/* ---- what there is to solve */

typedef void ode_visit(emit_state *e, const ir_stmt *s, void *argument);
typedef struct visitor {
  emit_state *e;
  ode_visit *visit;
  void *argument;
} visitor;

static void visit_block(const visitor *v, const ir_block *b);

static void visit_stmt(const ir_stmt *s, void *argument) {
  const visitor *v = argument;
  if (s->kind != IR_ROUTINE || !s->ode) return;
  visit_block(v, &s->ode->block); /* a right-hand side may solve another equation */
  v->visit(v->e, s, v->argument);
}

static void visit_block(const visitor *v, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++)
    mst_ir_visit_stmts(b->stmt[i], visit_stmt, (void *)(uintptr_t)v);
}

static void visit_all(emit_state *e, ode_visit *visit, void *argument) {
  const visitor v = {e, visit, argument};
  const ir_program *p = e->p;
  const ir_block *const list[] = {&p->setup,
                                  &e->p->density_gradient.forward,
                                  &e->p->density_gradient.reverse,
                                  &e->p->rows_gradient.forward,
                                  &e->p->rows_gradient.reverse,
                                  &p->generate,
                                  &p->generate_rows};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) visit_block(&v, list[i]);
  for (int i = 0; i < p->nphases; i++) {
    visit_block(&v, &p->phase[i].rows);
    visit_block(&v, &p->phase[i].after);
  }
}

/* The header that a method is in. */
static const char *header_of(const ir_ode *ode) {
  if (ode->kind == IR_ODE_ALGEBRAIC)
    return strcmp(ode->method, "newton") == 0 ? "root_newton.h" : "root_powell.h";
  if (ode->kind == IR_ODE_INTEGRAL)
    return strcmp(ode->method, "gauss_kronrod") == 0 ? "quadrature_gk.h" : "quadrature.h";
  return ode->one_time ? "ode_multistep.h" : "ode_rk.h";
}

enum { HEADERS = 8 };
typedef struct headers {
  const char *name[HEADERS];
  int count;
} headers;

static void note_header(emit_state *e, const ir_stmt *s, void *argument) {
  headers *h = argument;
  const char *name = header_of(s->ode);
  (void)e;
  for (int i = 0; i < h->count; i++)
    if (strcmp(h->name[i], name) == 0) return;
  h->name[h->count++] = name;
}

void mst_emit_ode_headers(emit_state *e) {
  headers h = {{NULL}, 0};
  visit_all(e, note_header, &h);
  for (int i = 0; i < h.count; i++) mst_emit_line(e, "#include <masting/stan/%s>", h.name[i]);
}

/* ---- the functions */

static bool rejects(const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++)
    if (b->stmt[i]->kind == IR_REJECT || rejects(&b->stmt[i]->body) || rejects(&b->stmt[i]->other))
      return true;
  return false;
}

/* Variables of the block under their names. */
static void open_inputs(emit_state *e, const ir_ode *ode) {
  static const char *const fixed[] = {"problem->n", "problem->np"};
  for (int i = 0; i < ode->nints; i++) {
    const ir_var *v = ode->integer[i];
    if (!v || !mst_set_has(&e->used, v)) continue;
    const char *from = i < 2 ? fixed[i] : mst_lang_format(e->c, "problem->size[%d]", i - 2);
    mst_emit_line(e, "const int64_t %s = %s;", v->name, from);
  }
  for (int i = 0; i < ode->ndata; i++) {
    const ir_var *v = ode->data[i];
    if (!mst_set_has(&e->used, v)) continue;
    const char *type = mst_emit_element_type(v->type);
    if (v->ndims > 0)
      mst_emit_line(e, "const %s *const restrict %s = problem->data[%d];", type, v->name, i);
    else
      mst_emit_line(e, "const %s %s = *(const %s *)problem->data[%d];", type, v->name, type, i);
  }
}

static void open_function(emit_state *e, const ir_ode *ode, const char *suffix, const char *more) {
  const char *time = ode->one_time ? mst_ir_unique(e->c, e->p, "time") : ode->t->name;
  const char *p = ode->p ? ode->p->name : "no_lanes";
  e->depth = 0;
  mst_emit_line(e,
                "MASTING_UNUSED_ static void %s%s(const masting_ode *problem, vreal %s, const "
                "vreal *restrict %s, "
                "const vreal *restrict %s, vreal *restrict %s%s) {",
                ode->name, suffix, time, ode->y->name, p, ode->dydt->name, more);
  e->depth = 1;
  mst_emit_line(e, "model_state *const state = problem->state;");
  mst_emit_line(e, "(void)state;");
  mst_emit_line(e, "(void)%s;", time);
  mst_emit_line(e, "(void)%s;", p);
  if (ode->one_time) mst_emit_line(e, "const double %s = v_get(%s, 0);", ode->t->name, time);
  mst_emit_open(e);
  open_inputs(e, ode);
  if (rejects(&ode->block)) mst_emit_line(e, "vreal target = v_all(0.0);");
}

/* reject() leaves no slopes. */
static void write_rejected(emit_state *e, const ir_ode *ode) {
  if (rejects(&ode->block))
    mst_emit_line(e, "for (int64_t i = 0; i < problem->n; i++) %s[i] += 0.0 * target;",
                  ode->dydt->name);
}

static void close_function(emit_state *e) {
  mst_emit_close(e);
  e->depth = 0;
  mst_emit_line(e, "}");
  mst_emit_blank(e);
}

static void write_slopes(emit_state *e, const ir_ode *ode) {
  mst_emit_begin(e, EMIT_ODE);
  mst_emit_collect(e, &ode->block);
  open_function(e, ode, "", "");
  mst_emit_block(e, &ode->block);
  write_rejected(e, ode);
  close_function(e);
}

static void write_reverse(emit_state *e, const ir_ode *ode, const ir_block *reverse) {
  const char *const row = "rows + pass * (problem->n + problem->np)";
  if (ode->dydt->adjoint) {
    mst_emit_line(e, "masting_ode_seed(problem, pass, %s);", ode->dydt->adjoint->name);
  }
  mst_emit_line(e, "memset(%s, 0, (size_t)(problem->n + problem->np) * sizeof(vreal));", row);
  if (ode->y->adjoint)
    mst_emit_line(e, "vreal *const restrict %s = %s;", ode->y->adjoint->name, row);
  if (ode->p && ode->p->adjoint)
    mst_emit_line(e, "vreal *const restrict %s = %s + problem->n;", ode->p->adjoint->name, row);
  mst_emit_block(e, reverse);
}

static void write_jacobian(emit_state *e, const ir_ode *ode) {
  const ir_gradient g = ode->gradient;
  mst_emit_begin(e, EMIT_ODE);
  mst_emit_collect(e, &g.forward);
  mst_emit_collect(e, &g.reverse);
  bool again = e->tape;
  e->arena = true;
  open_function(e, ode, "jacobian", ", vreal *rows");
  if (ode->dydt->adjoint)
    mst_emit_line(e, "vreal *const restrict %s = masting_ode_take(arena, problem->n);",
                  ode->dydt->adjoint->name);
  if (!again) mst_emit_block(e, &g.forward);
  mst_emit_line(e, "for (int64_t pass = 0; pass < masting_ode_passes(problem); pass++) {");
  e->depth++;
  if (again) mst_emit_block(e, &g.forward);
  write_reverse(e, ode, &g.reverse);
  e->depth--;
  mst_emit_line(e, "}");
  write_rejected(e, ode);
  close_function(e);
}

static void write_functions(emit_state *e, const ir_stmt *s, void *argument) {
  ir_ode *ode = s->ode;
  (void)argument;
  if (ode->name) return;
  ode->name = mst_ir_unique(e->c, e->p, mst_lang_format(e->c, "ode_%s", ode->function));
  mst_emit_line(e, "/* %s, by %s. */", ode->function, ode->method);
  write_slopes(e, ode);
  if (ode->differentiated) write_jacobian(e, ode);
}

void mst_emit_odes(emit_state *e) { visit_all(e, write_functions, NULL); }
