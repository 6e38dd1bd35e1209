/* lang/check/check_call.c -- calls of functions and densities: overloads, places where they are
 * allowed, what would have fitted. See check_impl.h. */
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "lang/check/check_impl.h"

enum { SHOWN = 5 }; /* signatures in a message */

/* ---- the user's functions ---- */

const char *mst_check_function_show(check_state *k, const ast_function *f) {
  const char *list = "";
  for (int i = 0; i < f->nargs; i++) {
    const char *between = i == 0 ? "" : i == 1 && mst_check_conditional(f->name) ? " | " : ", ";
    list = mst_lang_format(k->c, "%s%s%s%s", list, between, f->arg[i]->data_only_arg ? "data " : "",
                           CHECK_SHOW(k, f->arg[i]->type));
  }
  return mst_lang_format(k->c, "%s(%s) => %s", f->name, list, CHECK_SHOW(k, f->result));
}

bool mst_check_is_users(const check_state *k, const char *name) {
  for (int i = 0; i < k->nfunctions; i++)
    if (strcmp(k->function[i]->name, name) == 0) return true;
  return false;
}

bool mst_check_is_function(const check_state *k, const char *name) {
  return mst_check_is_users(k, name) || mst_signature_find(name) != NULL;
}

static bool same_arguments(const ast_function *a, const ast_function *b) {
  if (strcmp(a->name, b->name) != 0 || a->nargs != b->nargs) return false;
  for (int i = 0; i < a->nargs; i++)
    if (!mst_type_equal(a->arg[i]->type, b->arg[i]->type)) return false;
  return true;
}

const ast_function *mst_check_exact(const check_state *k, const ast_function *like) {
  const ast_function *found = NULL;
  for (int i = 0; i < k->nfunctions; i++)
    if (same_arguments(k->function[i], like) && (found == NULL || found->body == NULL))
      found = k->function[i];
  return found;
}

/* Steps of promotion, or -1. */
static int cost_of_user(const ast_function *f, const lang_type *argument, int count) {
  if (f->nargs != count) return -1;
  int cost = 0;
  for (int i = 0; i < count; i++) {
    int one = mst_type_cost(argument[i], f->arg[i]->type);
    if (one < 0) return -1;
    cost += one;
  }
  return cost;
}

void mst_check_called(check_state *k, const ast_function *callee, lang_loc loc) {
  if (k->in != NULL) {
    check_edge edge = {k->in, callee, loc};
    MST_LANG_PUSH(k->c, k->edge, k->nedges, edge);
  }
}

/* ---- what a call resolves to ---- */

bool mst_check_visible(const check_state *k, const lang_signature *s) {
  return s != NULL && s->kind != LANG_UNSUPPORTED && (k->prelude || s->kind != LANG_INTRINSIC);
}

check_choice mst_check_choose(check_state *k, const char *name, const lang_type *argument,
                              int count) {
  check_choice best = {.match.cost = -1};
  const lang_signature *s = mst_signature_find(name);
  if (mst_check_visible(k, s) && s->kind != LANG_HIGHER) {
    best.match = mst_signature_match(k->c, s, argument, count);
    if (best.match.cost >= 0) best.builtin = s;
  }
  for (int i = 0; i < k->nfunctions; i++) {
    const ast_function *f = k->function[i];
    int cost = strcmp(f->name, name) == 0 ? cost_of_user(f, argument, count) : -1;
    if (cost < 0 || (best.match.cost >= 0 && cost > best.match.cost)) continue;
    if (best.user != NULL && cost == best.match.cost) {
      if (!same_arguments(best.user, f))
        best.rival = f;
      else if (best.user->body == NULL)
        best.user = f;
      continue;
    }
    best = (check_choice){.user = f, .match.cost = cost};
  }
  return best;
}

/* ---- messages ---- */

typedef struct call_option {
  const char *text;
  int near;
} call_option;

static void offer(call_option *list, int *count, const char *text, int near) {
  int at = *count < SHOWN ? (*count)++ : SHOWN;
  while (at > 0 && list[at - 1].near < near) {
    if (at < SHOWN) list[at] = list[at - 1];
    at--;
  }
  if (at < SHOWN) list[at] = (call_option){text, near};
}

static int nearness_of_user(const ast_function *f, const lang_type *argument, int count) {
  int near = 0;
  for (int i = 0; i < count && i < f->nargs; i++)
    near += mst_type_promotes(argument[i], f->arg[i]->type) ? i == 0 ? 3 : 2 : 0;
  return near - (count > f->nargs ? count - f->nargs : f->nargs - count);
}

static const char *show_types(check_state *k, const lang_type *argument, int count) {
  const char *list = "";
  for (int i = 0; i < count; i++)
    list = mst_lang_format(k->c, "%s%s%s", list, i > 0 ? ", " : "", CHECK_SHOW(k, argument[i]));
  return list;
}

/* "; expected one of" and the signatures of that name, nearest first; NULL: there are none. */
static const char *expected(check_state *k, const char *name, const lang_type *argument,
                            int count) {
  call_option option[SHOWN];
  int options = 0, all = 0;
  for (int i = 0; i < k->nfunctions; i++) {
    const ast_function *f = k->function[i];
    if (strcmp(f->name, name) != 0 || mst_check_exact(k, f) != f) continue;
    offer(option, &options, mst_check_function_show(k, f), nearness_of_user(f, argument, count));
    all++;
  }
  const lang_signature *s = mst_signature_find(name);
  for (int i = 0; mst_check_visible(k, s) && i < mst_signature_alternatives(s); i++) {
    offer(option, &options, mst_signature_show(k->c, s, i),
          mst_signature_nearness(k->c, s, i, argument, count));
    all++;
  }
  if (all == 0) return NULL;
  const char *text = all == 1 ? "expected" : "expected one of";
  for (int i = 0; i < options; i++)
    text = mst_lang_format(k->c, "%s\n    %s", text, option[i].text);
  return all > options ? mst_lang_format(k->c, "%s\n    and %d more", text, all - options) : text;
}

_Noreturn void mst_check_fail_types(check_state *k, lang_loc at, int width, const char *name,
                                    const lang_type *argument, int count) {
  mst_lang_fail(k->c, at, width, "no %s takes (%s); %s", name, show_types(k, argument, count),
                expected(k, name, argument, count));
}

_Noreturn void mst_check_fail_ambiguous(check_state *k, const ast_expr *at, const char *name,
                                        const check_choice *choice, const lang_type *argument,
                                        int count) {
  CHECK_FAIL(k, at, "%s(%s) is ambiguous; it fits\n    %s\n    %s", name,
             show_types(k, argument, count), mst_check_function_show(k, choice->user),
             mst_check_function_show(k, choice->rival));
}

static const char *nearest_function(check_state *k, const char *name) {
  int count = 0;
  const char *const *builtin = mst_signature_names(k->c);
  while (builtin[count] != NULL) count++;
  const char **all = MST_LANG_ARRAY(k->c, const char *, count + k->nfunctions + 1);
  for (int i = 0; i < k->nfunctions; i++) all[i] = k->function[i]->name;
  memcpy(all + k->nfunctions, builtin, (size_t)count * sizeof *all);
  return mst_nearest(name, all);
}

static const char *other_suffix(check_state *k, const char *name) {
  bool density = mst_check_suffix(name, "_lpdf");
  if (!density && !mst_check_suffix(name, "_lpmf")) return NULL;
  const char *other =
      mst_lang_format(k->c, "%.*s%s", (int)strlen(name) - 4, name, density ? "lpmf" : "lpdf");
  return mst_check_is_function(k, other) ? other : NULL;
}

static _Noreturn void fail_unknown(check_state *k, const ast_expr *e, const char *name) {
  const lang_signature *s = mst_signature_find(name);
  if (s != NULL && s->kind == LANG_UNSUPPORTED)
    CHECK_FAIL(k, e,
               "function %s exists in Stan and is not supported here; see "
               "docs/stan-language.md",
               name);
  const char *instead = mst_signature_removed(name), *other = other_suffix(k, name);
  if (instead != NULL) CHECK_FAIL(k, e, "Stan no longer has a function %s; %s", name, instead);
  if (other != NULL)
    CHECK_FAIL(k, e, "unknown function '%s'; try %s, as the outcome is %s", name, other,
               mst_check_suffix(other, "_lpmf") ? "an integer" : "real");
  static const char *const suffix[] = {"_lpdf", "_lpmf"};
  for (int i = 0; i < 2; i++) {
    const char *density = mst_lang_format(k->c, "%s%s", name, suffix[i]);
    if (mst_check_is_users(k, density) || mst_check_visible(k, mst_signature_find(density)))
      CHECK_FAIL(k, e, "%s is a distribution; try %s(y | ...) for its log density, or y ~ %s(...)",
                 name, density, name);
  }
  const char *near = nearest_function(k, name);
  mst_lang_fail(k->c, e->loc, (int)strlen(e->name), "unknown function '%s'%s%s%s", name,
                near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                near != NULL ? "'?" : "");
}

/* ---- where a call may stand ---- */

void mst_check_place(check_state *k, const ast_expr *e, const char *name) {
  const char *in = k->in != NULL ? k->in->name : "";
  bool lp = k->block == AST_IN_MODEL || mst_check_suffix(in, "_lp");
  if (mst_check_suffix(name, "_rng")) {
    if (k->sizes) CHECK_FAIL(k, e, "sizes of program variables cannot be random");
    if (k->block != AST_IN_TDATA && k->block != AST_IN_GENERATED && !mst_check_suffix(in, "_rng"))
      CHECK_FAIL(k, e,
                 "random numbers can be drawn in transformed data, generated quantities and "
                 "functions that end in _rng only");
  }
  if (mst_check_suffix(name, "_lp") && !lp && k->block != AST_IN_TPARAMETERS)
    CHECK_FAIL(k, e,
               "%s adds to target; it can be called in the model block, in transformed "
               "parameters and in functions that end in _lp only",
               name);
  if (mst_check_suffix(name, "_jacobian") && k->block != AST_IN_TPARAMETERS &&
      !mst_check_suffix(in, "_jacobian"))
    CHECK_FAIL(k, e,
               "%s adds to target; it can be called in transformed parameters and in "
               "functions that end in _jacobian only",
               name);
  if (e->unnormalised && !lp && !mst_check_suffix(in, "_lpdf") && !mst_check_suffix(in, "_lpmf"))
    CHECK_FAIL(k, e,
               "%s drops constants; it can be called in the model block and in functions "
               "that end in _lp, _lpdf or _lpmf only; try %s",
               e->name, name);
}

static void check_bar(check_state *k, const ast_expr *e, const char *name, bool renamed) {
  bool conditional = mst_check_conditional(name);
  if (e->bar && !conditional)
    CHECK_FAIL(k, e, "%s is no density or distribution function; expected a comma in place of |",
               name);
  if (e->bar || !conditional || e->nargs < 2 || renamed) return;
  if (mst_check_suffix(name, "_cdf") || mst_check_suffix(name, "_lcdf") ||
      mst_check_suffix(name, "_lccdf"))
    mst_lang_warn(k->c, e->loc, (int)strlen(e->name), "%s: write %s(y | ...) in place of a comma",
                  name, name);
  else
    CHECK_FAIL(k, e, "%s; expected | after the outcome, got a comma; try %s(y | ...)", name, name);
}

void mst_check_data_argument(check_state *k, const ast_expr *a, const char *name, int number) {
  if (!k->prelude && !mst_check_data(k, a))
    CHECK_FAIL(k, a,
               "argument %d of %s; expected data, got an expression that depends on "
               "parameters",
               number + 1, name);
}

/* ---- target ---- */

static void check_target(check_state *k, ast_expr *e) {
  if (k->block != AST_IN_MODEL && k->block != AST_IN_TPARAMETERS &&
      !(k->in != NULL && mst_check_suffix(k->in->name, "_lp")))
    CHECK_FAIL(k, e,
               "target() can be read in the model block, in transformed parameters and in "
               "functions that end in _lp only");
  if (e->nargs > 0) CHECK_FAIL(k, e, "target() takes no arguments, got %d", e->nargs);
  e->builtin = "target";
  e->type = mst_type(LANG_REAL, 0);
}

/* ---- calls ---- */

/* The name without old spellings; *renamed says whether it was one. */
static const char *current_name(check_state *k, ast_expr *e, bool *renamed) {
  const char *name = mst_check_normalised(k, e->name, &e->unnormalised);
  *renamed = false;
  if (mst_check_is_function(k, name)) return name;
  const char *now = mst_signature_renamed(k->c, name);
  if (now == NULL) return name;
  mst_lang_warn(k->c, e->loc, (int)strlen(e->name), "%s is an old name; write %s", name, now);
  *renamed = true;
  return now;
}

static void finish(check_state *k, ast_expr *e, const char *name, check_choice choice,
                   const lang_type *argument) {
  e->data_only = true;
  for (int i = 0; i < e->nargs; i++) {
    ast_expr *a = e->arg[i];
    bool data = choice.user != NULL ? choice.user->arg[i]->data_only_arg : choice.match.data[i];
    lang_type formal = choice.user != NULL ? choice.user->arg[i]->type : choice.match.formal[i];
    if (data) mst_check_data_argument(k, a, name, i);
    if (argument[i].base == LANG_INT && formal.base == LANG_REAL) mst_warn_int_division(k, a);
    e->data_only &= a->data_only;
  }
  if (mst_check_suffix(name, "_rng") || mst_check_suffix(name, "_lp")) e->data_only = false;
  e->user = choice.user;
  if (choice.user != NULL) {
    e->type = choice.user->result;
    mst_check_called(k, choice.user, e->loc);
  } else {
    e->builtin = choice.builtin->name;
    e->type = choice.match.result;
  }
}

void mst_check_call(check_state *k, ast_expr *e, bool statement) {
  bool renamed;
  const char *name = current_name(k, e, &renamed);
  if (strcmp(name, "target") == 0) {
    check_target(k, e);
    return;
  }
  check_bar(k, e, name, renamed);
  mst_check_place(k, e, name);
  const lang_signature *s = mst_signature_find(name);
  if (s == NULL && mst_check_lookup(k, name) != NULL)
    CHECK_FAIL(k, e, "'%s' is a variable here; expected a function; try %s[...]", name, name);
  if (s != NULL && s->kind == LANG_UNSUPPORTED && !mst_check_is_users(k, name))
    fail_unknown(k, e, name);
  if (s != NULL && s->kind == LANG_HIGHER) {
    mst_check_higher(k, e, s);
  } else {
    lang_type *argument = MST_LANG_ARRAY(k->c, lang_type, e->nargs + 1);
    for (int i = 0; i < e->nargs; i++) {
      mst_check_expr(k, e->arg[i]);
      argument[i] = e->arg[i]->type;
    }
    check_choice choice = mst_check_choose(k, name, argument, e->nargs);
    if (choice.rival != NULL) mst_check_fail_ambiguous(k, e, name, &choice, argument, e->nargs);
    if (choice.match.cost < 0 && (mst_check_visible(k, s) || mst_check_is_users(k, name)))
      mst_check_fail_types(k, e->loc, mst_check_width(e), name, argument, e->nargs);
    if (choice.match.cost < 0) fail_unknown(k, e, name);
    finish(k, e, name, choice, argument);
  }
  if (e->type.base == LANG_VOID && !statement)
    CHECK_FAIL(k, e, "%s returns nothing; expected a value", name);
  if (e->type.base != LANG_VOID && statement)
    CHECK_FAIL(k, e, "the value of %s is not used; try to assign it to a variable", name);
}
