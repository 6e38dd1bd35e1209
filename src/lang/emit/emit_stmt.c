/* lang/emit/emit_stmt.c -- statements as C.
 *
 * Arrays: small ones of fixed size are C arrays, others come from the arena. A scope of a loop
 * or a branch that takes from the arena gives back where it ends, unless one of its arrays is
 * pushed on the tape.
 */
#include "lang/emit/emit_impl.h"

#include <string.h>

enum { SMALL_ARRAY = 16 }; /* elements */

static void write_stmt(emit_state *e, const ir_stmt *s);

/* Names the model's line when it is another than that of the statement before. */
static void comment(emit_state *e, lang_loc loc) {
  if (loc.line == 0 || loc.file != 0 || loc.line == e->loc.line) return;
  const char *place = mst_emit_place(e, loc);
  if (!place) return;
  e->loc = loc;
  mst_emit_line(e, "/* %s */", mst_emit_commented(e->c, place));
}

/* ---- declarations */

static bool is_small(const ir_var *v) {
  if (v->tiled) return true;
  int64_t n = mst_emit_fixed_count(v);
  return n > 0 && n <= SMALL_ARRAY;
}

/* Whether an array that b declares, or one within it, is on the tape when b ends. */
static bool keeps_arrays(const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    if (s->kind == IR_PUSH && s->var->ndims > 0 && s->nindices == 0) return true;
    if (keeps_arrays(&s->body) || keeps_arrays(&s->other)) return true;
  }
  return false;
}

static bool from_arena(const emit_state *e, const ir_stmt *s) {
  if (s->kind != IR_DECL || s->var->ndims == 0) return false;
  return !is_small(s->var) || s->var->persistent || mst_set_has(&e->pushed, s->var);
}

static bool takes(const emit_state *e, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++)
    if (from_arena(e, b->stmt[i])) return true;
  return false;
}

static void write_array(emit_state *e, const ir_stmt *s) {
  const ir_var *v = s->var;
  const char *type = mst_emit_element_type(v->type), *name = v->name;
  const char *count = v->tiled ? "MASTING_TILE" : mst_emit_count(e, v, 0);
  if (v->tiled) type = mst_emit_type(v->type); /* they are scalars, one an iteration */
  if (v->role == IR_DATA)
    mst_emit_line(e, "state->%s = masting_arena_take(&state->arena, (size_t)(%s) * sizeof(%s));",
                  name, count, type);
  else if (from_arena(e, s))
    mst_emit_line(e, "%s *const %s = masting_arena_take(arena, (size_t)(%s) * sizeof *%s);", type,
                  name, count, name);
  else
    mst_emit_line(e, "%s %s[%s];", type, name, count);
  if (v->role == IR_DATA)
    mst_emit_line(e, "memset(state->%s, 0, (size_t)(%s) * sizeof(%s));", name, count, type);
  else if (v->seed)
    mst_emit_line(e, "memcpy(%s, %sshared, (size_t)(%s) * sizeof *%s);", name, v->seed->name, count,
                  name);
  else if (s->zero)
    mst_emit_line(e, "memset(%s, 0, (size_t)(%s) * sizeof *%s);", name, count, name);
}

static void write_decl(emit_state *e, const ir_stmt *s) {
  const ir_var *v = s->var;
  if (v->ndims > 0) {
    write_array(e, s);
    return;
  }
  const char *value = s->rhs ? mst_emit_as(e, s->rhs, v->type) : NULL;
  if (v->role == IR_DATA) {
    if (value) mst_emit_line(e, "state->%s = %s;", v->name, value);
    return;
  }
  if (v->seed) value = mst_lang_format(e->c, "%sshared[0]", v->seed->name);
  if (!value && s->zero) value = v->type == IR_LANE ? "v_all(0.0)" : "0";
  if (!value) /* as in Stan; and the tape may ask for what was there before the first assignment */
    value = v->type == IR_LANE ? "v_all(NAN)" : v->type == IR_REAL ? "NAN" : NULL;
  const char *constant = v->constant && s->rhs ? "const " : "";
  if (value)
    mst_emit_line(e, "%s%s %s = %s;", constant, mst_emit_type(v->type), v->name, value);
  else
    mst_emit_line(e, "%s %s = {0};", mst_emit_type(v->type), v->name);
}

/* ---- assignments */

static void write_assign(emit_state *e, const ir_stmt *s) {
  const char *element = mst_emit_element(e, s->var, s->index, s->nindices);
  const ir_expr *rhs = s->rhs;
  const char *op = s->add ? "+=" : "=";
  if (s->add && rhs->op == IR_CALL && rhs->prim == IR_NEG) {
    op = "-=";
    rhs = rhs->arg[0];
  }
  /* additions to lanes broadcast */
  ir_type type = s->add && s->var->type == IR_LANE ? IR_REAL : s->var->type;
  mst_emit_line(e, "%s %s %s;", element, op, mst_emit_as(e, rhs, type));
}

static void write_target(emit_state *e, const ir_stmt *s) {
  const ir_expr *rhs = s->rhs;
  const char *op = "+=";
  if (rhs->op == IR_CALL && rhs->prim == IR_NEG) {
    op = "-=";
    rhs = rhs->arg[0];
  }
  mst_emit_line(e, "%s %s %s;", e->target, op, mst_emit_as(e, rhs, IR_REAL));
}

/* ---- the tape */

static const char *tape_suffix(ir_type type) {
  static const char *const names[] = {"_int", "_double", "", "_mask"};
  return names[type];
}

static void write_push(emit_state *e, const ir_stmt *s) {
  if (s->var->ndims > 0 && s->nindices == 0) {
    mst_emit_line(e, "masting_push_pointer(tape, %s);", s->var->name);
    return;
  }
  mst_emit_line(e, "masting_push%s(tape, %s);", tape_suffix(s->var->type),
                mst_emit_element(e, s->var, s->index, s->nindices));
}

static void write_pop(emit_state *e, const ir_stmt *s) {
  const ir_var *v = s->var;
  if (v->ndims > 0 && s->nindices == 0) {
    mst_emit_line(e, "%s *const %s = masting_pop_pointer(tape);", mst_emit_element_type(v->type),
                  v->name);
    return;
  }
  const char *pop = mst_lang_format(e->c, "masting_pop%s(tape)", tape_suffix(v->type));
  if (s->declares)
    mst_emit_line(e, "%s%s %s = %s;", v->constant ? "const " : "", mst_emit_type(v->type), v->name,
                  pop);
  else if (v->type == IR_INT && v->ndims > 0)
    mst_emit_line(e, "%s = (int32_t)%s;", mst_emit_element(e, s->var, s->index, s->nindices), pop);
  else
    mst_emit_line(e, "%s = %s;", mst_emit_element(e, s->var, s->index, s->nindices), pop);
}

/* ---- scopes */

static void write_scope(emit_state *e, const ir_block *b) {
  bool release = takes(e, b) && !keeps_arrays(b);
  const char *mark = NULL;
  e->depth++;
  if (release) {
    mark = mst_ir_unique(e->c, e->p, "mark");
    mst_emit_line(e, "const masting_arena_state %s = masting_arena_mark(arena);", mark);
  }
  if (e->row_loop && b == &e->row_loop->body) mst_emit_enter_row(e);
  mst_emit_block(e, b);
  if (e->row_loop && b == &e->row_loop->body) mst_emit_leave_row(e);
  if (release) mst_emit_line(e, "masting_arena_release(arena, %s);", mark);
  e->depth--;
}

static bool is_simple(const ir_expr *x) {
  return x->op == IR_CONST_INT || (x->op == IR_LOAD && x->nargs == 0 && x->var->constant);
}

/* before: the name that the number of iterations has had before the loop, or NULL. */
static void write_head(emit_state *e, const ir_stmt *s, const char *before) {
  const char *i = s->var->name, *count = before ? before : mst_emit_expr(e, s->count);
  if (s->tile == IR_TILE_EACH) {
    mst_text_add(e->t, "#pragma GCC unroll 8\n");
    mst_emit_line(e, "for (int64_t %s = 0; %s < MASTING_TILE; %s++) {", i, i, i);
  } else if (s->tile == IR_TILE_WHOLE)
    mst_emit_line(e, "for (int64_t %s = 0; %s <= %s - MASTING_TILE; %s += MASTING_TILE) {", i, i,
                  mst_emit_factor(e, s->count), i);
  else if (s->tile == IR_TILE_REST)
    mst_emit_line(e, "for (int64_t %s = MASTING_TILED(%s); %s < %s; %s++) {", i, count, i, count,
                  i);
  else if (s->kind == IR_FOR_DOWN)
    mst_emit_line(e, "for (int64_t %s = %s - 1; %s >= 0; %s--) {", i, mst_emit_factor(e, s->count),
                  i, i);
  else if (before || is_simple(s->count))
    mst_emit_line(e, "for (int64_t %s = 0; %s < %s; %s++) {", i, i, count, i);
  else {
    const char *end = mst_ir_unique(e->c, e->p, "end");
    mst_emit_line(e, "for (int64_t %s = 0, %s = %s; %s < %s; %s++) {", i, end, count, i, end, i);
  }
}

/* With one lane the columns of a sum can fill the registers: the scalars that a loop does
 * nothing but add to, each of them once. */
static const char *summed(emit_state *e, const ir_stmt *s) {
  const char *list = NULL;
  ir_set reads = {0}, sums = {0};
  for (int i = 0; i < s->body.nstmts; i++) {
    const ir_stmt *a = s->body.stmt[i];
    bool sum = a->kind == IR_ASSIGN && a->add && a->nindices == 0 && a->var->type == IR_LANE;
    if (!sum && !(a->kind == IR_DECL && a->var->constant && a->rhs)) return NULL;
    mst_ir_reads(e->c, a->rhs, &reads);
    if (!sum || mst_set_has(&sums, a->var)) continue;
    mst_set_add(e->c, &sums, a->var);
    list = list ? mst_lang_format(e->c, "%s, %s", list, a->var->name) : a->var->name;
  }
  for (int i = 0; i < s->body.nstmts; i++)
    if (s->body.stmt[i]->kind == IR_ASSIGN && mst_set_has(&reads, s->body.stmt[i]->var))
      return NULL;
  return list;
}

static void write_for(emit_state *e, const ir_stmt *s) {
  const char *sums = s->kind == IR_FOR && s->tile == IR_TILE_NONE ? summed(e, s) : NULL;
  if (s->tile == IR_TILE_WHOLE) mst_text_add(e->t, "#if MASTING_LANES > 1\n");
  const char *end = NULL;
  if (sums && !is_simple(s->count)) { /* a loop that is summed so declares its counter alone */
    end = mst_ir_unique(e->c, e->p, "end");
    mst_emit_line(e, "const int64_t %s = %s;", end, mst_emit_expr(e, s->count));
  }
  if (sums) mst_emit_line(e, "MASTING_SUMS(%s)", sums);
  write_head(e, s, end);
  write_scope(e, &s->body);
  mst_emit_line(e, "}");
  if (s->tile == IR_TILE_WHOLE) mst_text_add(e->t, "#endif\n");
}

static void write_if(emit_state *e, const ir_stmt *s) {
  if (s->body.nstmts == 0) {
    mst_emit_line(e, "if (!(%s)) {", mst_emit_expr(e, s->cond));
    write_scope(e, &s->other);
  } else {
    mst_emit_line(e, "if (%s) {", mst_emit_expr(e, s->cond));
    write_scope(e, &s->body);
    if (s->other.nstmts > 0) {
      mst_emit_line(e, "} else {");
      write_scope(e, &s->other);
    }
  }
  mst_emit_line(e, "}");
}

/* ---- routines */

static bool any_type(const ir_stmt *s, ir_type type) {
  for (int i = 0; i < s->nin; i++)
    if (s->in[i]->type == type) return true;
  for (int i = 0; i < s->nout; i++)
    if (s->out[i]->type == type) return true;
  return false;
}

/* An input, copied to lanes when the routine works on lanes and it is data. */
static const char *input(emit_state *e, ir_var *v, bool lanes) {
  if (!lanes || v->type == IR_LANE) return mst_emit_whole(e, v);
  const char *name = mst_ir_unique(e->c, e->p, mst_lang_format(e->c, "%s_lanes", v->name));
  const char *i = mst_ir_unique(e->c, e->p, "i"), *count = mst_emit_count(e, v, 0);
  mst_emit_line(e, "vreal *const %s = masting_arena_take(arena, (size_t)(%s) * sizeof *%s);", name,
                count, name);
  mst_emit_line(e, "for (int64_t %s = 0; %s < %s; %s++) %s[%s] = v_all(%s(%s)[%s]);", i, i, count,
                i, name, i, v->type == IR_INT ? "(double)" : "", mst_emit_whole(e, v), i);
  return name;
}

static void write_routine(emit_state *e, const ir_stmt *s) {
  if (s->ode) {
    mst_emit_ode_call(e, s);
    return;
  }
  bool lanes = any_type(s, IR_LANE), adjoint = s->kind == IR_ROUTINE_ADJOINT;
  const char *prefix = lanes ? "v" : any_type(s, IR_REAL) ? "d" : "i";
  bool copies = false;
  for (int i = 0; i < s->nin; i++) copies |= lanes && s->in[i]->type != IR_LANE;
  const char *mark = copies ? mst_ir_unique(e->c, e->p, "mark") : NULL;
  if (copies) mst_emit_line(e, "const masting_arena_state %s = masting_arena_mark(arena);", mark);
  const char *call = mst_lang_format(e->c, "%s_%s%s(arena", prefix, s->name, adjoint ? "_adj" : "");
  for (int i = 0; i < s->nsizes; i++)
    call = mst_lang_format(e->c, "%s, (int)%s", call, mst_emit_factor(e, s->size[i]));
  for (int i = 0; i < s->nin; i++)
    call = mst_lang_format(e->c, "%s, %s", call, input(e, s->in[i], lanes));
  for (int i = 0; i < s->nout; i++)
    call = mst_lang_format(e->c, "%s, %s", call, mst_emit_whole(e, s->out[i]));
  for (int i = 0; adjoint && i < s->nout; i++)
    call = mst_lang_format(e->c, "%s, %s", call, mst_emit_whole(e, s->out[i]->adjoint));
  for (int i = 0; adjoint && i < s->nin; i++)
    call = mst_lang_format(e->c, "%s, %s", call,
                           s->in[i]->adjoint ? mst_emit_whole(e, s->in[i]->adjoint) : "NULL");
  mst_emit_line(e, "%s);", call);
  if (copies) mst_emit_line(e, "masting_arena_release(arena, %s);", mark);
}

/* ---- print and reject */

/* One line; lane: of a chain, the value of lanes there; NULL: lanes as they are. */
static void write_line(emit_state *e, const ir_stmt *s, const char *const *value,
                       const char *lane) {
  for (int i = 0; i <= s->nargs; i++) {
    if (s->text && s->text[i])
      mst_emit_line(e, "fputs(%s, stderr);", mst_emit_quoted(e->c, s->text[i]));
    if (i == s->nargs) break;
    if (s->arg[i]->type == IR_LANE && lane)
      mst_emit_line(e, "fprintf(stderr, \"%%g\", v_get(%s, %s));", value[i], lane);
    else if (s->arg[i]->type == IR_LANE)
      mst_emit_line(e, "masting_print_lanes(%s);", value[i]);
    else
      mst_emit_line(e,
                    s->arg[i]->type == IR_INT ? "fprintf(stderr, \"%%lld\", (long long)(%s));"
                                              : "fprintf(stderr, \"%%g\", %s);",
                    value[i]);
  }
  mst_emit_line(e, "fputc('\\n', stderr);");
}

/* Values of lanes get a name, so that they are computed once and not for each chain. */
static void write_print(emit_state *e, const ir_stmt *s) {
  const char **value = MST_LANG_ARRAY(e->c, const char *, s->nargs + 1);
  bool lanes = false;
  const bool named = e->kind == EMIT_DENSITY || e->kind == EMIT_PREPARE || e->kind == EMIT_GLOBAL;
  mst_emit_line(e, "if (masting_prints() > 0) {");
  e->depth++;
  for (int i = 0; i < s->nargs; i++) {
    value[i] = mst_emit_expr(e, s->arg[i]);
    if (s->arg[i]->type != IR_LANE || !named) continue;
    const char *name = mst_ir_unique(e->c, e->p, "shown");
    mst_emit_line(e, "const vreal %s = %s;", name, value[i]);
    value[i] = name;
    lanes = true;
  }
  if (lanes) {
    mst_emit_line(e, "for (int lane = 0, chain = slot * MASTING_LANES + 1;");
    mst_emit_line(e, "     lane < MASTING_LANES && chain <= masting_prints(); lane++, chain++) {");
    e->depth++;
    mst_emit_line(e, "fprintf(stderr, \"chain %%d: \", chain);");
    write_line(e, s, value, "lane");
    e->depth--;
    mst_emit_line(e, "}");
  } else {
    if (named) mst_emit_line(e, "if (slot == 0) { /* the same for all chains */");
    write_line(e, s, value, NULL);
    if (named) mst_emit_line(e, "}");
  }
  e->depth--;
  mst_emit_line(e, "}");
}

/* Notes the message, as trouble or as the reason why a draw is rejected. */
static void write_message(emit_state *e, const ir_stmt *s, const char *note) {
  const char *format = "", *args = "", *place = mst_emit_place(e, s->loc);
  if (place) format = mst_lang_format(e->c, "%s: ", mst_emit_format(e->c, place));
  for (int i = 0; i <= s->nargs; i++) {
    if (s->text && s->text[i])
      format = mst_lang_format(e->c, "%s%s", format, mst_emit_format(e->c, s->text[i]));
    if (i == s->nargs) break;
    const ir_expr *x = s->arg[i];
    format = mst_lang_format(e->c, "%s%s", format, x->type == IR_INT ? "%lld" : "%.9g");
    args = mst_lang_format(e->c,
                           x->type == IR_INT    ? "%s, (long long)(%s)"
                           : x->type == IR_LANE ? "%s, v_get(%s, 0)"
                                                : "%s, %s",
                           args, mst_emit_expr(e, x));
  }
  mst_emit_line(e, "masting_trouble_note(%s, %s%s);", note, mst_emit_quoted(e->c, format), args);
}

/* reject(): in a density -infinity; of a draw's quantities none are left; else the end. "error":
 * the end anywhere. */
static void write_reject(emit_state *e, const ir_stmt *s) {
  bool density = e->kind <= EMIT_ROWS && e->kind != EMIT_SETUP, error = s->name != NULL;
  bool draw = e->kind == EMIT_DERIVE || e->kind == EMIT_DERIVE_ROWS;
  if (error || (!density && !draw))
    write_message(e, s, "&state->trouble");
  else if (draw)
    write_message(e, s, "at->rejection");
  if (density) mst_emit_line(e, "%s -= INFINITY;", e->target);
  if (density || (error && e->kind != EMIT_SETUP)) return;
  mst_emit_line(e, "goto %s;", e->leave ? e->leave : "rejected");
  if (!e->leave) e->rejects = true;
}

static void write_stmt(emit_state *e, const ir_stmt *s) {
  comment(e, s->loc);
  switch (s->kind) {
  case IR_DECL:
    mst_emit_note_name(s, e); /* a tile of rows and what is left of them use the same names */
    write_decl(e, s);
    return;
  case IR_ASSIGN:
    write_assign(e, s);
    return;
  case IR_TARGET:
    write_target(e, s);
    return;
  case IR_FOR:
  case IR_FOR_DOWN:
    write_for(e, s);
    return;
  case IR_WHILE:
    mst_emit_line(e, "while (%s) {", mst_emit_expr(e, s->cond));
    write_scope(e, &s->body);
    mst_emit_line(e, "}");
    return;
  case IR_IF:
    write_if(e, s);
    return;
  case IR_BLOCK:
    mst_emit_line(e, "{");
    write_scope(e, &s->body);
    mst_emit_line(e, "}");
    return;
  case IR_ROUTINE:
  case IR_ROUTINE_ADJOINT:
    write_routine(e, s);
    return;
  case IR_PRINT:
    write_print(e, s);
    return;
  case IR_REJECT:
    write_reject(e, s);
    return;
  case IR_PUSH:
    write_push(e, s);
    return;
  case IR_POP:
    write_pop(e, s);
    return;
  }
}

void mst_emit_block(emit_state *e, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) write_stmt(e, b->stmt[i]);
}
