/* tests/interp/call.c -- calls: the program's functions, ours, the prelude's. See interp.h. */
#include <stdio.h>
#include <string.h>

#include "interp.h"
#include "lang/check/check.h"
#include "lang/check/signatures.h"
#include "lang/check/types.h"
#include "lang/prelude/prelude.h"

enum { MOST_ARGUMENTS = 48 };

val in_call_user(interp *s, const ast_function *f, val *arg, int n, lang_loc at) {
  int base = s->base, locals = s->nlocals;
  if (!f->body) interp_fail(s, IN_UNKNOWN, at, "%s has no body", f->name);
  if (++s->depth > 2000) interp_fail(s, IN_UNKNOWN, at, "calls too deep");
  for (int i = 0; i < n; i++) in_bind(s, f->arg[i], in_promote(arg[i], f->arg[i]->type));
  s->base = locals;
  in_run(s, f->body);
  s->base = base;
  s->nlocals = locals;
  s->depth--;
  val v = s->result;
  if (f->result.base != LANG_VOID) v.type = f->result;
  return v;
}

static const ast_function *of_prelude(interp *s, const char *name, const val *arg, int n) {
  const ast_function *best = NULL;
  if (!s->prelude) s->prelude = mst_prelude(s->c, &s->nprelude);
  int least = 1 << 20;
  for (int i = 0; i < s->nprelude; i++) {
    const ast_function *f = s->prelude[i];
    if (strcmp(f->name, name) != 0 || f->nargs != n || !f->body) continue;
    int cost = 0;
    for (int k = 0; k < n && cost >= 0; k++) {
      int one = mst_type_cost(arg[k].type, f->arg[k]->type);
      cost = one < 0 ? -1 : cost + one;
    }
    if (cost >= 0 && cost < least) {
      least = cost;
      best = f;
    }
  }
  return best;
}

/* A function of the prelude over containers: element by element; a density: their sum. */
static bool broadcast(const in_args *a, const char *name, bool sum, val *result) {
  interp *s = a->s;
  val one[MOST_ARGUMENTS];
  const val *shape = NULL;
  num total = 0;
  for (int i = 0; i < a->n; i++)
    if (a->arg[i].ndims && (!shape || a->arg[i].n > shape->n)) shape = &a->arg[i];
  for (int i = 0; i < a->n; i++)
    if (a->arg[i].ndims) one[i] = a->arg[i];
  val out = {0};
  if (shape && !sum) out = val_copy(&s->mem, shape);
  for (long k = 0; k < (shape ? shape->n : 1); k++) {
    for (int i = 0; i < a->n; i++) {
      one[i] = val_number(&s->mem, a->arg[i].x[a->arg[i].ndims ? k : 0]);
      if (a->arg[i].type.base == LANG_INT) one[i].type.base = LANG_INT;
    }
    const ast_function *f = of_prelude(s, name, one, a->n);
    if (!f) return false;
    val v = in_call_user(s, f, one, a->n, a->at);
    if (!shape) {
      *result = v;
      return true;
    }
    total += v.x[0];
    if (!sum) {
      out.x[k] = v.x[0];
      if (out.type.base == LANG_INT) out.type.base = v.type.base;
    }
  }
  *result = sum ? val_number(&s->mem, total) : out;
  return true;
}

static bool from_prelude(const in_args *a, const char *name, val *result) {
  interp *s = a->s;
  const ast_function *f = of_prelude(s, name, a->arg, a->n);
  if (f) {
    *result = in_call_user(s, f, a->arg, a->n, a->at);
    return true;
  }
  const lang_signature *g = mst_signature_find(name);
  if (!g) return false;
  if (g->kind == LANG_DENSITY) return broadcast(a, name, true, result);
  if (g->kind == LANG_ELEMENTWISE) return broadcast(a, name, false, result);
  return false;
}

val in_call_named(interp *s, const char *name, val *arg, int n, lang_loc at) {
  const in_args a = {s, arg, n, at};
  val v;
  if (in_density(&a, name, &v) || in_multi(&a, name, &v) || in_scalar_function(&a, name, &v) ||
      in_library(&a, name, &v) || in_reshape(&a, name, &v) || in_linear(&a, name, &v) ||
      from_prelude(&a, name, &v))
    return v;
  interp_fail(s, IN_UNKNOWN, at, "%s is not interpreted", name);
}

/* ---- functions of functions */

static val reduce_sum(interp *s, const ast_expr *e) {
  val arg[MOST_ARGUMENTS];
  arg[0] = in_eval(s, e->arg[1]);
  arg[1] = val_int(&s->mem, 1);
  arg[2] = val_int(&s->mem, arg[0].dim[0]);
  for (int i = 3; i < e->nargs; i++) arg[i] = in_eval(s, e->arg[i]);
  if (arg[0].dim[0] == 0) return val_number(&s->mem, 0);
  return in_call_user(s, e->arg[0]->user, arg, e->nargs, e->loc);
}

static val map_rect(interp *s, const ast_expr *e) {
  val all[5], part[5], out[4096];
  long total = 0;
  for (int i = 1; i < 5; i++) all[i] = in_eval(s, e->arg[i]);
  long jobs = all[2].dim[0];
  if (jobs > 4096) interp_fail(s, IN_UNKNOWN, e->loc, "map_rect of more than 4096 parts");
  for (long k = 0; k < jobs; k++) {
    part[0] = all[1];
    for (int i = 2; i < 5; i++) part[i - 1] = val_at(&all[i], k);
    val v = in_call_user(s, e->arg[0]->user, part, 4, e->loc);
    out[k] = val_copy(&s->mem, &v);
    total += v.n;
  }
  val v = val_vector(&s->mem, total);
  for (long k = 0, at = 0; k < jobs; at += out[k++].n)
    if (out[k].n) memcpy(v.x + at, out[k].x, (size_t)out[k].n * sizeof(num));
  return v;
}

static bool of_functions(interp *s, const ast_expr *e, val *result) {
  if (strncmp(e->builtin, "reduce_sum", 10) == 0)
    *result = reduce_sum(s, e);
  else if (strcmp(e->builtin, "map_rect") == 0)
    *result = map_rect(s, e);
  else
    return false;
  return true;
}

val in_call(interp *s, const ast_expr *e) {
  val arg[MOST_ARGUMENTS], v;
  if (e->builtin && strcmp(e->builtin, "target") == 0) return val_number(&s->mem, s->target);
  if (e->nargs > MOST_ARGUMENTS) interp_fail(s, IN_UNKNOWN, e->loc, "too many arguments");
  if (e->nargs && e->arg[0]->type.base == LANG_FUNCTION) {
    if (!of_functions(s, e, &v))
      interp_fail(s, IN_UNKNOWN, e->loc, "%s is not interpreted", e->name);
    v.type = e->type;
    return v;
  }
  for (int i = 0; i < e->nargs; i++) arg[i] = in_eval(s, e->arg[i]);
  if (e->user) return in_call_user(s, e->user, arg, e->nargs, e->loc);
  v = in_call_named(s, e->builtin, arg, e->nargs, e->loc);
  v.type = e->type;
  return in_moderate(s, v, e->loc);
}
