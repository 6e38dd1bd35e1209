/* lang/check/check_higher.c -- calls that take the name of a function: ODE solvers, reduce_sum,
 * quadrature and algebraic solvers. See check_impl.h.
 *
 * For each, what the function must look like stands in the table below, in the patterns of
 * signatures.h: T is what T is in the call; `.` are the arguments that the call hands on.
 */
#include <string.h>

#include "lang/check/check_impl.h"

static const struct {
  const char *name, *pattern; /* name: a prefix */
} wanted[] = {
    {"integrate_ode_", "r1r1r!1r!1i>1r"},
    {"algebra_solver", "vv!1r!1i>v"},
    {"integrate_1d_", "rr.>r"},
    {"integrate_1d", "rr1r!1r!1i>r"},
    {"map_rect", "vv!1r!1i>v"},
    {"reduce_sum", "1Tii.>r"},
    {"ode_", "rv.>v"},
    {"solve_", "v.>v"},
};

static const char *wanted_of(const char *name) {
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    if (strncmp(name, wanted[i].name, strlen(wanted[i].name)) == 0) return wanted[i].pattern;
  return "";
}

/* The slots as they read in a message, T being what was given. */
static const char *show_wanted(check_state *k, const char *pattern, lang_type any,
                               const ast_expr *call, int extra) {
  const char *list = "(", *p = pattern;
  for (lang_slot slot; (slot = mst_slot_next(&p)).letter != 0;) {
    const char *between = list[1] == '\0' ? "" : ", ";
    if (slot.letter == '.') {
      for (int i = extra; i < call->nargs; i++)
        list = mst_lang_format(k->c, "%s%s%s", list, i == extra ? between : ", ",
                               CHECK_SHOW(k, call->arg[i]->type));
      continue;
    }
    lang_type type = slot.letter == 'T' ? any : mst_slot_type(slot);
    if (slot.letter == 'T') type.arrays += slot.arrays;
    list = mst_lang_format(k->c, "%s%s%s%s", list, between, slot.data ? "data " : "",
                           CHECK_SHOW(k, type));
  }
  p++;
  return mst_lang_format(k->c, "%s) => %s", list, CHECK_SHOW(k, mst_slot_type(mst_slot_next(&p))));
}

/* Whether f fits the pattern; `extra`: number of the call's first argument that is handed on. */
static bool fits(check_state *k, const ast_function *f, const char *pattern, lang_type any,
                 const ast_expr *call, int extra) {
  const char *p = pattern;
  int i = 0;
  for (lang_slot slot; (slot = mst_slot_next(&p)).letter != 0;) {
    if (slot.letter == '.') {
      for (int j = extra; j < call->nargs; j++, i++)
        if (i >= f->nargs || !mst_type_promotes(call->arg[j]->type, f->arg[i]->type) ||
            (f->arg[i]->data_only_arg && !mst_check_data(k, call->arg[j])))
          return false;
      continue;
    }
    lang_type type = slot.letter == 'T' ? any : mst_slot_type(slot);
    if (slot.letter == 'T') type.arrays += slot.arrays;
    if (i >= f->nargs || !mst_type_equal(f->arg[i]->type, type) ||
        (f->arg[i]->data_only_arg && !slot.data && type.base != LANG_INT))
      return false;
    i++;
  }
  p++;
  return i == f->nargs && mst_type_equal(f->result, mst_slot_type(mst_slot_next(&p)));
}

static void check_function_argument(check_state *k, ast_expr *call, const lang_signature *s,
                                    lang_type any, int extra) {
  ast_expr *e = call->arg[0];
  const char *name = mst_check_normalised(k, e->name, &e->unnormalised);
  if (mst_check_suffix(name, "_lp") || mst_check_suffix(name, "_rng") ||
      mst_check_suffix(name, "_jacobian"))
    CHECK_FAIL(k, e, "function argument of %s; expected a function without side effects, got %s",
               s->name, name);
  mst_check_place(k, e, name);
  const char *pattern = wanted_of(s->name);
  const ast_function *near = NULL;
  for (int i = 0; i < k->nfunctions; i++) {
    const ast_function *f = k->function[i];
    if (strcmp(f->name, name) != 0) continue;
    near = f;
    if (!fits(k, f, pattern, any, call, extra)) continue;
    e->user = mst_check_exact(k, f);
    mst_check_called(k, e->user, e->loc);
    return;
  }
  if (near == NULL)
    CHECK_FAIL(k, e, "unknown function '%s'; %s expects a function of the functions block", name,
               s->name);
  CHECK_FAIL(k, e, "function argument of %s; expected %s, got %s", s->name,
             show_wanted(k, pattern, any, call, extra), mst_check_function_show(k, near));
}

void mst_check_higher(check_state *k, ast_expr *e, const lang_signature *s) {
  lang_type *argument = MST_LANG_ARRAY(k->c, lang_type, e->nargs + 1);
  if (e->nargs == 0 || e->arg[0]->kind != AST_VAR || mst_check_lookup(k, e->arg[0]->name) != NULL)
    CHECK_FAIL(k, e->nargs == 0 ? e : e->arg[0],
               "first argument of %s; expected the name of a function", s->name);
  e->arg[0]->type = argument[0] = mst_type(LANG_FUNCTION, 0);
  e->arg[0]->data_only = true;
  e->data_only = true;
  for (int i = 1; i < e->nargs; i++) {
    mst_check_expr(k, e->arg[i]);
    argument[i] = e->arg[i]->type;
    e->data_only &= e->arg[i]->data_only;
  }
  lang_match match = mst_signature_match(k->c, s, argument, e->nargs);
  if (match.cost < 0) {
    const char *text = "";
    for (int i = 0; i < mst_signature_alternatives(s); i++)
      text = mst_lang_format(k->c, "%s\n    %s", text, mst_signature_show(k->c, s, i));
    const char *got = "function";
    for (int i = 1; i < e->nargs; i++)
      got = mst_lang_format(k->c, "%s, %s", got, CHECK_SHOW(k, argument[i]));
    CHECK_FAIL(k, e, "no %s takes (%s); expected%s", s->name, got, text);
  }
  for (int i = 1; i < e->nargs; i++)
    if (match.data[i] && !mst_check_data(k, e->arg[i]))
      CHECK_FAIL(k, e->arg[i],
                 "argument %d of %s; expected data, got an expression that depends "
                 "on parameters",
                 i + 1, s->name);
  int extra = 0;
  lang_type any = mst_type(LANG_VOID, 0);
  const char *p = s->pattern;
  for (lang_slot slot; (slot = mst_slot_next(&p)).letter != 0 && slot.letter != '.'; extra++)
    if (slot.letter == 'T') {
      any = argument[extra];
      any.arrays -= slot.arrays;
    }
  check_function_argument(k, e, s, any, extra);
  e->builtin = s->name;
  e->type = match.result;
}
