/* lang/check/check_tilde.c -- lhs ~ distribution(...) T[low, high]: the density that is meant,
 * and the distribution functions that a truncation needs. See check_impl.h. */
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "lang/check/check_impl.h"

static const char *density_name(check_state *k, const ast_stmt *s, const lang_type *argument,
                                int count, check_choice *choice) {
  static const char *const suffix[] = {"_lpdf", "_lpmf"};
  const char *known = NULL;
  for (int i = 0; i < 2; i++) {
    const char *name = mst_lang_format(k->c, "%s%s", s->name, suffix[i]);
    if (!mst_check_is_function(k, name)) continue;
    known = name;
    *choice = mst_check_choose(k, name, argument, count);
    if (choice->match.cost >= 0) return name;
  }
  mst_check_fail_types(k, s->name_loc, (int)strlen(s->name), known, argument, count);
}

static _Noreturn void fail_distribution(check_state *k, const ast_stmt *s) {
  int count, names = 0, width = (int)strlen(s->name);
  const lang_signature *all = mst_signature_all(&count);
  const char **name = MST_LANG_ARRAY(k->c, const char *, count + k->nfunctions + 1);
  for (int i = 0; i < count + k->nfunctions; i++) {
    const char *full = i < count ? all[i].name : k->function[i - count]->name;
    if ((mst_check_suffix(full, "_lpdf") || mst_check_suffix(full, "_lpmf")) &&
        (i >= count || all[i].kind != LANG_UNSUPPORTED))
      name[names++] = mst_lang_format(k->c, "%.*s", (int)strlen(full) - 5, full);
  }
  const char *near = mst_nearest(s->name, name);
  bool suffixed = mst_check_conditional(s->name);
  const lang_signature *unsupported = mst_signature_find(mst_lang_format(k->c, "%s_lpmf", s->name));
  if (unsupported != NULL)
    mst_lang_fail(k->c, s->name_loc, width,
                  "function %s exists in Stan and is not supported here; see "
                  "docs/stan-language.md",
                  unsupported->name);
  if (suffixed)
    mst_lang_fail(k->c, s->name_loc, width,
                  "~ takes the name of a distribution without suffix; expected "
                  "%.*s, got %s",
                  (int)(strrchr(s->name, '_') - s->name), s->name, s->name);
  mst_lang_fail(k->c, s->name_loc, width, "unknown distribution '%s'%s%s%s", s->name,
                near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                near != NULL ? "'?" : "; expected one with a function ending in _lpdf or _lpmf");
}

static void check_truncation(check_state *k, ast_stmt *s, lang_type *argument, int count) {
  ast_expr *bound[2] = {s->low, s->high};
  for (int i = 0; i < 2; i++) {
    if (bound[i] == NULL) continue;
    mst_check_expr(k, bound[i]);
    if (!mst_type_scalar(bound[i]->type))
      CHECK_FAIL(k, bound[i], "bound of a truncation; expected int or real, got %s",
                 CHECK_SHOW(k, bound[i]->type));
    argument[0] = bound[i]->type;
    static const char *const suffix[] = {"_lcdf", "_lccdf"};
    for (int j = 0; j < 2; j++) {
      const char *name = mst_lang_format(k->c, "%s%s", s->name, suffix[j]);
      check_choice choice = mst_check_choose(k, name, argument, count);
      if (choice.match.cost < 0)
        mst_lang_fail(k->c, s->name_loc, (int)strlen(s->name),
                      "truncation of %s needs %s(%s | ...), which does not exist", s->name, name,
                      CHECK_SHOW(k, argument[0]));
      s->tail[j] = choice.user;
      if (choice.user != NULL) mst_check_called(k, choice.user, s->loc);
    }
  }
}

/* Stan up to 2.21 took y ~ foo_lpdf(...); the name without its suffix, unless that has a density
 * of its own. */
static void strip_suffix(check_state *k, ast_stmt *s) {
  const bool suffixed = mst_check_suffix(s->name, "_lpdf") || mst_check_suffix(s->name, "_lpmf") ||
                        mst_check_suffix(s->name, "_log");
  if (!suffixed || mst_check_is_function(k, mst_lang_format(k->c, "%s_lpdf", s->name)) ||
      mst_check_is_function(k, mst_lang_format(k->c, "%s_lpmf", s->name)))
    return;
  const char *stem = mst_lang_format(k->c, "%.*s", (int)(strrchr(s->name, '_') - s->name), s->name);
  if (!mst_check_is_function(k, mst_lang_format(k->c, "%s_lpdf", stem)) &&
      !mst_check_is_function(k, mst_lang_format(k->c, "%s_lpmf", stem)))
    return;
  if (!k->warned_suffix)
    mst_lang_warn(k->c, s->name_loc, (int)strlen(s->name), "~ %s is an old form; write ~ %s",
                  s->name, stem);
  k->warned_suffix = true;
  s->name = stem;
}

void mst_check_tilde(check_state *k, ast_stmt *s) {
  strip_suffix(k, s);
  if (k->block != AST_IN_MODEL && !(k->in != NULL && mst_check_suffix(k->in->name, "_lp")))
    mst_lang_fail(k->c, s->loc, 1,
                  "~ adds to target; it can stand in the model block and in "
                  "functions that end in _lp only");
  const char *density = mst_lang_format(k->c, "%s_lpdf", s->name);
  const char *mass = mst_lang_format(k->c, "%s_lpmf", s->name);
  if (!mst_check_is_users(k, density) && !mst_check_is_users(k, mass) &&
      !mst_check_visible(k, mst_signature_find(density)) &&
      !mst_check_visible(k, mst_signature_find(mass)))
    fail_distribution(k, s);
  int count = s->nargs + 1;
  lang_type *argument = MST_LANG_ARRAY(k->c, lang_type, count);
  mst_check_expr(k, s->lhs);
  argument[0] = s->lhs->type;
  for (int i = 0; i < s->nargs; i++) {
    mst_check_expr(k, s->arg[i]);
    argument[i + 1] = s->arg[i]->type;
  }
  check_choice choice;
  const char *name = density_name(k, s, argument, count, &choice);
  if (choice.rival != NULL) mst_check_fail_ambiguous(k, s->lhs, name, &choice, argument, count);
  s->builtin = choice.user != NULL ? NULL : name;
  s->user = choice.user;
  for (int i = 0; i < count; i++) {
    ast_expr *a = i == 0 ? s->lhs : s->arg[i - 1];
    bool data = choice.user != NULL ? choice.user->arg[i]->data_only_arg : choice.match.data[i];
    if (data) mst_check_data_argument(k, a, name, i);
    lang_type formal = choice.user ? choice.user->arg[i]->type : choice.match.formal[i];
    if (argument[i].base == LANG_INT && formal.base == LANG_REAL) mst_warn_int_division(k, a);
  }
  if (choice.user != NULL) mst_check_called(k, choice.user, s->loc);
  if (s->truncated) check_truncation(k, s, argument, count);
  mst_warn_tilde(k, s);
}
