/* lang/emit/emit_ode_call.c -- where a differential equation is solved, a root found or an integral
 * taken, and where the reverse sweep adds to the adjoints of its inputs. */
#include "lang/emit/emit_impl.h"
#include "lang/ir/ir_ode.h"

/* An input as lanes. */
static const char *lanes(emit_state *e, ir_var *v) {
  const char *whole = mst_emit_whole(e, v);
  if (v->type == IR_LANE) return whole;
  return mst_lang_format(e->c, "masting_ode_lanes(arena, %s, %s)", mst_emit_count(e, v, 0), whole);
}

static const char *list(emit_state *e, const ir_stmt *s, bool ints) {
  const char *text = "";
  int n = ints ? s->nsizes - IR_ODE_INTS : s->ode->ndata;
  for (int i = 0; i < n; i++)
    text = mst_lang_format(e->c, "%s%s%s", text, i ? ", " : "",
                           ints ? mst_emit_expr(e, s->size[IR_ODE_INTS + i])
                                : mst_emit_whole(e, s->in[IR_ODE_DATA + i]));
  return text;
}

static void write_problem(emit_state *e, const ir_stmt *s, const char *name) {
  const ir_ode *ode = s->ode;
  bool sensitive = s->nout > 1;
  const char *const control = mst_emit_whole(e, s->in[IR_ODE_CONTROL]);
  const char *const n = mst_emit_expr(e, s->size[IR_ODE_STATES]);
  mst_emit_line(e, "const masting_ode %s = {", name);
  e->depth++;
  mst_emit_line(e, ".n = %s,", n);
  mst_emit_line(e, ".np = %s,", mst_emit_expr(e, s->size[IR_ODE_PARAMETERS]));
  mst_emit_line(e, ".nt = %s,", mst_emit_expr(e, s->size[IR_ODE_TIMES]));
  if (sensitive && ode->y0_varies) mst_emit_line(e, ".ny = %s,", n);
  if (ode->ts_vary) mst_emit_line(e, ".ts_vary = 1,");
  if (ode->t0_varies) mst_emit_line(e, ".t0_varies = 1,");
  if (ode->kind != IR_ODE_INTEGRAL) mst_emit_line(e, ".y0 = %s,", lanes(e, s->in[IR_ODE_Y0]));
  if (ode->kind != IR_ODE_ALGEBRAIC) {
    mst_emit_line(e, ".t0 = %s,", lanes(e, s->in[IR_ODE_T0]));
    mst_emit_line(e, ".ts = %s,", lanes(e, s->in[IR_ODE_TS]));
  }
  if (ode->p) mst_emit_line(e, ".p = %s,", mst_emit_whole(e, s->in[s->nin - 1]));
  mst_emit_line(e, ".rel_tol = %s[0], .abs_tol = %s[1], .max_steps = %s[2],", control, control,
                control);
  mst_emit_line(e, ".slopes = %s,", ode->name);
  if (sensitive || ode->one_time) mst_emit_line(e, ".jacobian = %sjacobian,", ode->name);
  if (ode->one_time) mst_emit_line(e, ".one_time = 1,");
  if (!sensitive) mst_emit_line(e, ".same = 1,");
  const bool times = ode->kind == IR_ODE_DIFFERENTIAL;
  if (e->kind == EMIT_SETUP || (times && sensitive && !ode->ts_vary && !ode->t0_varies)) {
    const char *place = mst_emit_place(e, s->loc);
    mst_emit_line(e, ".trouble = &state->trouble,");
    mst_emit_line(e, ".where = %s,", mst_emit_quoted(e->c, place ? place : ode->function));
  }
  mst_emit_line(e, ".state = (void *)(uintptr_t)state,");
  if (s->nsizes > IR_ODE_INTS) mst_emit_line(e, ".size = (const int64_t[]){%s},", list(e, s, true));
  if (ode->ndata > 0)
    mst_emit_line(e, ".data = (const void *const[]){%s}};", list(e, s, false));
  else
    mst_emit_line(e, "};");
  e->depth--;
}

static void write_solve(emit_state *e, const ir_stmt *s) {
  const char *problem = mst_ir_unique(e->c, e->p, "problem"),
             *mark = mst_ir_unique(e->c, e->p, "mark");
  const char *y = mst_emit_whole(e, s->out[0]), *count = mst_emit_count(e, s->out[0], 0);
  mst_emit_line(e, "{");
  e->depth++;
  mst_emit_line(e, "const masting_arena_state %s = masting_arena_mark(arena);", mark);
  write_problem(e, s, problem);
  if (s->nout > 1) {
    mst_emit_line(e, "masting_ode_%s(arena, &%s, %s, %s);", s->ode->method, problem, y,
                  mst_emit_whole(e, s->out[1]));
  } else {
    const char *all = mst_ir_unique(e->c, e->p, "lanes");
    mst_emit_line(e, "vreal *const %s = masting_ode_take(arena, %s);", all, count);
    mst_emit_line(e, "masting_ode_%s(arena, &%s, %s, NULL);", s->ode->method, problem, all);
    mst_emit_line(e, "masting_ode_first(%s, %s, %s);", count, all, y);
  }
  mst_emit_line(e, "masting_arena_release(arena, %s);", mark);
  e->depth--;
  mst_emit_line(e, "}");
}

static void write_adjoint(emit_state *e, const ir_stmt *s) {
  const ir_ode *ode = s->ode;
  const char *columns = mst_emit_factor(e, s->out[1]->dim[2]),
             *rows = mst_emit_count(e, s->out[0], 0);
  const char *nt = mst_emit_expr(e, s->size[IR_ODE_TIMES]),
             *n = mst_emit_factor(e, s->size[IR_ODE_STATES]);
  const char *np = mst_emit_factor(e, s->size[IR_ODE_PARAMETERS]),
             *y_adj = mst_emit_whole(e, s->out[0]->adjoint);
  const char *sens = mst_emit_whole(e, s->out[1]), *ny = ode->y0_varies ? n : "0";
  const ir_var *y0 = s->in[IR_ODE_Y0], *p = ode->p ? s->in[s->nin - 1] : NULL;
  const ir_var *ts = s->in[IR_ODE_TS], *t0 = s->in[IR_ODE_T0];
  if (y0->adjoint && ode->y0_varies)
    mst_emit_line(e, "masting_ode_adjoint(%s, %s, %s, %s, 0, %s, %s);", rows, columns, y_adj, sens,
                  n, mst_emit_whole(e, y0->adjoint));
  if (p && p->adjoint)
    mst_emit_line(e, "masting_ode_adjoint(%s, %s, %s, %s, %s, %s, %s);", rows, columns, y_adj, sens,
                  ny, np, mst_emit_whole(e, p->adjoint));
  if (ts->adjoint && ode->ts_vary)
    mst_emit_line(e, "masting_ode_adjoint_times(%s, %s, %s, %s, %s, %s + %s, %s);", nt, n, columns,
                  y_adj, sens, ny, np, mst_emit_whole(e, ts->adjoint));
  if (t0->adjoint && ode->t0_varies)
    mst_emit_line(e, "masting_ode_adjoint(%s, %s, %s, %s, %s + %s + %d, 1, %s);", rows, columns,
                  y_adj, sens, ny, np, ode->ts_vary, mst_emit_whole(e, t0->adjoint));
}

void mst_emit_ode_call(emit_state *e, const ir_stmt *s) {
  if (s->kind == IR_ROUTINE)
    write_solve(e, s);
  else
    write_adjoint(e, s);
}
