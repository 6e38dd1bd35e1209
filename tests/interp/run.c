/* tests/interp/run.c -- variables and statements. See interp.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp.h"

void interp_fail(interp *s, in_status status, lang_loc at, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int used = snprintf(s->message, sizeof s->message, "line %d: ", at.line);
  vsnprintf(s->message + used, sizeof s->message - (size_t)used, format, list);
  va_end(list);
  s->status = status;
  longjmp(s->bail, 1);
}

/* ---- variables */

static long slot_of(const interp *s, const ast_decl *d) {
  unsigned long h = (unsigned long)(uintptr_t)d >> 4;
  h *= 0x9E3779B97F4A7C15UL;
  long i = (long)(h >> 20) & (s->globals - 1);
  while (s->global[i].decl && s->global[i].decl != d) i = (i + 1) & (s->globals - 1);
  return i;
}

static bool is_global(const ast_decl *d) { return d->top && d->block != AST_IN_FUNCTION; }

void in_bind(interp *s, const ast_decl *d, val v) {
  val *kept = mem_take(&s->mem, sizeof *kept);
  *kept = v;
  if (is_global(d)) {
    s->global[slot_of(s, d)] = (in_local){d, kept};
    return;
  }
  if (s->nlocals == s->locals) {
    s->locals = s->locals ? 2 * s->locals : 64;
    s->local = realloc(s->local, (size_t)s->locals * sizeof *s->local);
    if (!s->local) abort();
  }
  s->local[s->nlocals++] = (in_local){d, kept};
}

val *interp_variable(interp *s, const ast_decl *d) {
  if (is_global(d)) return s->global[slot_of(s, d)].value;
  for (int i = s->nlocals; i-- > s->base;)
    if (s->local[i].decl == d) return s->local[i].value;
  return NULL;
}

val *in_find(interp *s, const ast_expr *e) {
  val *v = interp_variable(s, e->decl);
  if (!v) interp_fail(s, IN_BAD, e->loc, "'%s' has no value here", e->name);
  return v;
}

static bool square(ast_constraint c) {
  return c == AST_CHOLESKY_CORR || c == AST_CHOLESKY_COV || c == AST_CORR || c == AST_COV;
}

val in_declare(interp *s, const ast_decl *d) {
  long dim[MOST_DIMS];
  int n = d->ndims;
  for (int i = 0; i < n; i++) {
    dim[i] = in_int(s, d->dims[i]);
    if (dim[i] < 0) interp_fail(s, IN_BAD, d->loc, "size of '%s' is %ld", d->name, dim[i]);
  }
  if (square(d->constraint) && n == d->type.arrays + 1) {
    dim[n] = dim[n - 1];
    n++;
  }
  val v = val_new(&s->mem, d->type, dim);
  for (long i = 0; v.item && i < v.n; i++)
    for (int k = 0; k < d->type.nelements; k++)
      v.item[i * d->type.nelements + k] = in_declare(s, d->element[k]);
  return v;
}

/* ---- assignments */

static void copy_into(interp *s, val *to, const val *from, lang_loc at) {
  if (!val_same_shape(to, from)) interp_fail(s, IN_BAD, at, "sizes differ in an assignment");
  for (long i = 0; to->item && i < to->n * to->type.nelements; i++)
    copy_into(s, &to->item[i], &from->item[i], at);
  if (to->x && to->n) memmove(to->x, from->x, (size_t)to->n * sizeof(num));
}

/* The variable, or component of a tuple, under e, and the indices that follow. */
static val *place_of(interp *s, const ast_expr *e, in_span *span, int *count) {
  if (e->kind == AST_VAR) {
    *count = 0;
    return in_find(s, e);
  }
  val *of = place_of(s, e->arg[0], span, count);
  if (e->kind == AST_INDEX) {
    in_spans(s, e, of, span, count);
    return of;
  }
  long at = 0;
  for (int i = 0; i < *count; i++) at = at * of->dim[i] + span[i].at[0];
  *count = 0;
  return &of->item[at * of->type.nelements + e->integer - 1];
}

static void store(interp *s, const ast_expr *to, const val *from) {
  in_span span[MOST_DIMS];
  int count;
  for (int i = 0; to->kind == AST_TUPLE && i < to->nargs; i++) store(s, to->arg[i], &from->item[i]);
  if (to->kind == AST_TUPLE) return;
  val *v = place_of(s, to, span, &count);
  if (!count) {
    copy_into(s, v, from, to->loc);
    return;
  }
  long *position;
  val part = in_select(s, v, span, count, &position);
  if (!val_same_shape(&part, from))
    interp_fail(s, IN_BAD, to->loc, "sizes differ in an assignment to elements");
  for (long i = 0; i < part.n; i++) {
    if (!v->item) v->x[position[i]] = from->x[i];
    for (int k = 0; v->item && k < v->type.nelements; k++)
      copy_into(s, &v->item[position[i] * v->type.nelements + k],
                &from->item[i * v->type.nelements + k], to->loc);
  }
}

static void assign(interp *s, const ast_stmt *st) {
  val from = in_eval(s, st->rhs);
  if (st->op != AST_OP_NONE) {
    val old = in_eval(s, st->lhs);
    from = in_moderate(s, in_operate(s, st->rhs, st->op, &old, &from, st->lhs->type), st->loc);
  }
  from = val_copy(&s->mem, &from); /* before anything is stored */
  store(s, st->lhs, &from);
}

/* ---- what adds to the log density */

static num sum_of(const val *v) {
  num sum = 0;
  for (long i = 0; i < v->n; i++) sum += v->x[i];
  return sum;
}

static num named(interp *s, const ast_stmt *st, const ast_function *user, const char *suffix,
                 val *arg) {
  char name[128];
  snprintf(name, sizeof name, "%s%s", st->name, suffix);
  val v = user ? in_call_user(s, user, arg, st->nargs + 1, st->loc)
               : in_call_named(s, name, arg, st->nargs + 1, st->loc);
  return v.x[0];
}

/* What T[low, high] takes off for one outcome. */
static num truncation(interp *s, const ast_stmt *st, val *arg) {
  val one[MOST_DIMS * 4];
  const num y = arg[0].x[0];
  const char *full = st->user ? st->user->name : st->builtin;
  const bool discrete = strcmp(full + strlen(full) - 5, "_lpmf") == 0;
  num low = st->low ? in_number(s, st->low) : 0, high = st->high ? in_number(s, st->high) : 0;
  if ((st->low && y < low) || (st->high && y > high)) return INFINITY;
  memcpy(one, arg, (size_t)(st->nargs + 1) * sizeof *one);
  num below = 0, upto = 0;
  if (st->low && !st->high) {
    one[0] = discrete ? val_int(&s->mem, (long)low - 1) : val_number(&s->mem, low);
    return named(s, st, st->tail[1], "_lccdf", one);
  }
  one[0] = discrete ? val_int(&s->mem, (long)high) : val_number(&s->mem, high);
  upto = named(s, st, st->tail[0], "_lcdf", one);
  if (!st->low) return upto;
  one[0] = discrete ? val_int(&s->mem, (long)low - 1) : val_number(&s->mem, low);
  below = named(s, st, st->tail[0], "_lcdf", one);
  return upto + log1pl(-expl(below - upto));
}

static void tilde(interp *s, const ast_stmt *st) {
  val arg[MOST_DIMS * 4], one[MOST_DIMS * 4];
  int n = st->nargs + 1;
  if (n > MOST_DIMS * 4) interp_fail(s, IN_UNKNOWN, st->loc, "too many arguments");
  for (int i = 0; i < n; i++) arg[i] = in_eval(s, i ? st->arg[i - 1] : st->lhs);
  val v = st->user ? in_call_user(s, st->user, arg, n, st->loc)
                   : in_call_named(s, st->builtin, arg, n, st->loc);
  s->target += v.x[0];
  if (!st->truncated) return;
  long most = 1;
  for (int i = 0; i < n; i++)
    if (arg[i].ndims) most = arg[i].n;
  if (most > 1 && st->user) interp_fail(s, IN_UNKNOWN, st->loc, "truncation of vectors");
  for (long k = 0; k < most; k++) {
    for (int i = 0; i < n; i++) {
      one[i] = arg[i];
      if (arg[i].ndims > 1) interp_fail(s, IN_UNKNOWN, st->loc, "truncation of matrices");
      if (arg[i].ndims && !st->user) one[i] = val_at(&arg[i], k);
    }
    s->target -= truncation(s, st, one);
  }
}

/* ---- control */

static in_flow body_of(interp *s, const ast_stmt *body) {
  int locals = s->nlocals;
  in_flow flow = in_run(s, body);
  s->nlocals = locals;
  return flow;
}

static in_flow run_for(interp *s, const ast_stmt *st) {
  int locals = s->nlocals;
  in_flow flow = IN_NEXT;
  long low = in_int(s, st->low), high = in_int(s, st->high);
  for (long i = low; i <= high && flow != IN_BREAK && flow != IN_RETURN; i++) {
    memory_mark mark = mem_mark(&s->mem);
    in_bind(s, st->decl, val_int(&s->mem, i));
    flow = in_run(s, st->body);
    s->nlocals = locals;
    if (flow != IN_RETURN) mem_release(&s->mem, mark);
  }
  return flow == IN_RETURN ? flow : IN_NEXT;
}

/* An expression is evaluated before the loop; the elements of a variable in their turn. */
static in_flow run_foreach(interp *s, const ast_stmt *st) {
  int locals = s->nlocals;
  in_flow flow = IN_NEXT;
  val of = in_eval(s, st->rhs);
  of = val_copy(&s->mem, &of);
  long count = of.type.arrays ? of.dim[0] : of.n;
  for (long i = 0; i < count && flow != IN_BREAK && flow != IN_RETURN; i++) {
    long at = i;
    if (st->rhs->kind == AST_VAR) of = in_eval(s, st->rhs);
    if (!of.type.arrays && of.ndims == 2) /* a matrix: column by column */
      at = i % of.dim[0] * of.dim[1] + i / of.dim[0];
    val v = of.type.arrays ? val_at(&of, i) : val_number(&s->mem, of.x[at]);
    in_bind(s, st->decl, val_copy(&s->mem, &v));
    flow = in_run(s, st->body);
    s->nlocals = locals;
  }
  return flow == IN_RETURN ? flow : IN_NEXT;
}

static in_flow run_while(interp *s, const ast_stmt *st) {
  for (;;) {
    if (in_number(s, st->cond) == 0) return IN_NEXT;
    in_flow flow = body_of(s, st->body);
    if (flow == IN_RETURN) return flow;
    if (flow == IN_BREAK) return IN_NEXT;
    if (--s->steps < 0) interp_fail(s, IN_UNKNOWN, st->loc, "a loop without end");
  }
}

static in_flow run_block(interp *s, const ast_stmt *st) {
  int locals = s->nlocals;
  in_flow flow = IN_NEXT;
  for (int i = 0; i < st->nstmts && flow == IN_NEXT; i++) flow = in_run(s, st->stmt[i]);
  s->nlocals = locals;
  return flow;
}

static void declare(interp *s, const ast_decl *d) {
  val v = in_declare(s, d);
  if (d->init) {
    val from = in_eval(s, d->init);
    copy_into(s, &v, &from, d->loc);
  }
  in_bind(s, d, v);
}

/* Statements after which nothing that they made is needed. */
static bool run_simple(interp *s, const ast_stmt *st) {
  val v;
  switch (st->kind) {
  case AST_ASSIGN:
    assign(s, st);
    return true;
  case AST_TILDE:
    tilde(s, st);
    return true;
  case AST_TARGET:
  case AST_JACOBIAN:
    v = in_eval(s, st->rhs);
    s->target += sum_of(&v);
    return true;
  case AST_CALL_STMT:
    in_call(s, st->rhs);
    return true;
  case AST_REJECT:
    interp_fail(s, IN_REJECTED, st->loc, "reject()");
  case AST_FATAL:
    interp_fail(s, IN_BAD, st->loc, "fatal_error()");
  case AST_PRINT:
  case AST_EMPTY:
    return true;
  default:
    return false;
  }
}

in_flow in_run(interp *s, const ast_stmt *st) {
  if (--s->steps < 0) interp_fail(s, IN_UNKNOWN, st->loc, "too many steps");
  memory_mark mark = mem_mark(&s->mem);
  if (run_simple(s, st)) {
    mem_release(&s->mem, mark);
    return IN_NEXT;
  }
  in_flow flow = IN_NEXT;
  switch (st->kind) {
  case AST_DECL:
    declare(s, st->decl);
    return IN_NEXT;
  case AST_IF:
    if (in_number(s, st->cond) != 0)
      flow = body_of(s, st->body);
    else if (st->other)
      flow = body_of(s, st->other);
    break;
  case AST_WHILE:
    flow = run_while(s, st);
    break;
  case AST_FOR:
    flow = run_for(s, st);
    break;
  case AST_FOREACH:
    flow = run_foreach(s, st);
    break;
  case AST_BLOCK:
    flow = run_block(s, st);
    break;
  case AST_RETURN:
    if (st->rhs) s->result = in_eval(s, st->rhs);
    return IN_RETURN;
  case AST_BREAK:
    return IN_BREAK;
  case AST_CONTINUE:
    return IN_CONTINUE;
  default:
    interp_fail(s, IN_UNKNOWN, st->loc, "a statement that is not interpreted");
  }
  if (flow != IN_RETURN) mem_release(&s->mem, mark);
  return flow;
}
