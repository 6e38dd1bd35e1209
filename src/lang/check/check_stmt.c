/* lang/check/check_stmt.c -- statements: assignments, loops, what returns. See check_impl.h. */
#include <string.h>

#include "lang/check/check_impl.h"

/* ---- assignments ---- */

/* Ends the compilation when the variable under an expression that is assigned to may not be
 * written. */
static void check_root(check_state *k, const ast_expr *e) {
  while (e->kind == AST_INDEX || e->kind == AST_TUPLE_GET) e = e->arg[0];
  if (e->kind != AST_VAR)
    CHECK_FAIL(k, e, "left side of an assignment; expected a variable, or elements of one");
  const check_name *name = mst_check_lookup(k, e->name);
  if (name == NULL) {
    if (mst_check_is_function(k, e->name))
      CHECK_FAIL(k, e, "cannot assign to '%s': it is a function", e->name);
    mst_check_unknown(k, e);
  }
  const ast_decl *d = name->decl;
  if (d->loop_variable)
    CHECK_FAIL(k, e, "cannot assign to '%s': it is the variable of a loop", e->name);
  if (name->readonly)
    CHECK_FAIL(k, e, "cannot assign to '%s': it is an argument of the function; try a local copy",
               e->name);
  if (d->top && (d->block == AST_IN_DATA || d->block == AST_IN_PARAMETERS))
    CHECK_FAIL(k, e, "cannot assign to '%s': it is declared in %s", e->name,
               mst_check_block_name(d->block));
  if (d->top && d->block != k->block)
    CHECK_FAIL(k, e, "cannot assign to '%s': it belongs to %s, and this is %s", e->name,
               mst_check_block_name(d->block), mst_check_block_name(k->block));
}

/* An index of what several indices selected: x[1:2][1] = ... would be lost. */
static void check_nested_multi(check_state *k, const ast_expr *e) {
  if (e->kind != AST_INDEX || e->arg[0]->kind != AST_INDEX) return;
  const ast_expr *inner = e->arg[0];
  for (int i = 0; i < inner->nindices; i++)
    if (inner->index[i].kind != AST_INDEX_SINGLE)
      CHECK_FAIL(k, e, "cannot assign to an index of several elements; try one pair of brackets");
  check_nested_multi(k, inner);
}

enum { DEEP = 32 };

/* The numbers of a.1.2, outermost first; returns the variable's name, or NULL. Indices are left
 * out. */
static const char *tuple_path(const ast_expr *e, int64_t path[DEEP], int *length) {
  int64_t back[DEEP];
  int n = 0;
  for (; e->kind == AST_INDEX || e->kind == AST_TUPLE_GET; e = e->arg[0])
    if (e->kind == AST_TUPLE_GET && n < DEEP) back[n++] = e->integer;
  for (int i = 0; i < n; i++) path[i] = back[n - 1 - i];
  *length = n;
  return e->kind == AST_VAR ? e->name : NULL;
}

/* Whether writing one would write some of the other. */
static bool overlap(const ast_expr *a, const ast_expr *b) {
  int64_t path[2][DEEP];
  int length[2];
  const char *one = tuple_path(a, path[0], &length[0]), *two = tuple_path(b, path[1], &length[1]);
  if (one == NULL || two == NULL || strcmp(one, two) != 0) return false;
  for (int i = 0; i < length[0] && i < length[1]; i++)
    if (path[0][i] != path[1][i]) return false;
  return true;
}

static void check_target_of(check_state *k, ast_expr *e, bool update) {
  if (e->kind == AST_TUPLE) {
    for (int i = 0; i < e->nargs; i++)
      for (int j = 0; j < i; j++)
        if (overlap(e->arg[i], e->arg[j]))
          CHECK_FAIL(k, e->arg[i], "assignment to several variables; expected each of them once");
    lang_type *element = MST_LANG_ARRAY(k->c, lang_type, e->nargs + 1);
    for (int i = 0; i < e->nargs; i++) {
      check_target_of(k, e->arg[i], update);
      element[i] = e->arg[i]->type;
    }
    e->type = mst_type_tuple(k->c, element, e->nargs);
    return;
  }
  check_root(k, e);
  const ast_expr *root = e;
  while (root->kind != AST_VAR) root = root->arg[0];
  ast_decl *d = mst_check_lookup(k, root->name)->decl;
  bool read = d->read;
  mst_check_expr(k, e);
  d->read = read || update; /* writing is no use */
  d->written = true;
  check_nested_multi(k, e);
}

static void check_assign(check_state *k, ast_stmt *s) {
  bool update = s->op != AST_OP_NONE;
  check_target_of(k, s->lhs, update);
  mst_check_expr(k, s->rhs);
  lang_type to = s->lhs->type, from = s->rhs->type;
  if (update) {
    lang_type result;
    if (!mst_check_operator(k, s->op, to, from, &result))
      mst_lang_fail(k->c, s->loc, mst_check_width(s->lhs), "operator %s= does not take %s and %s",
                    mst_check_op_text(s->op), CHECK_SHOW(k, to), CHECK_SHOW(k, from));
    if (!mst_type_equal(result, to))
      mst_lang_fail(k->c, s->loc, mst_check_width(s->lhs),
                    "the value of %s %s %s is a %s; expected %s, the type of the variable",
                    CHECK_SHOW(k, to), mst_check_op_text(s->op), CHECK_SHOW(k, from),
                    CHECK_SHOW(k, result), CHECK_SHOW(k, to));
  } else if (!mst_type_promotes(from, to)) {
    bool round = to.base == LANG_INT && from.base == LANG_REAL && to.arrays == from.arrays;
    CHECK_FAIL(k, s->rhs, "value assigned; expected %s, got %s%s", CHECK_SHOW(k, to),
               CHECK_SHOW(k, from), round ? "; try to_int(...)" : "");
  }
  if (to.base != LANG_INT) mst_warn_int_division(k, s->rhs);
}

static void check_increment(check_state *k, ast_stmt *s) {
  const char *in = k->in != NULL ? k->in->name : "";
  if (s->kind == AST_JACOBIAN) {
    if (k->block != AST_IN_TPARAMETERS && !mst_check_suffix(in, "_jacobian"))
      mst_lang_fail(k->c, s->loc, 8,
                    "jacobian += can stand in transformed parameters and in "
                    "functions that end in _jacobian only");
  } else if (k->block != AST_IN_MODEL && !mst_check_suffix(in, "_lp")) {
    mst_lang_fail(k->c, s->loc, 6,
                  "target += can stand in the model block and in functions that "
                  "end in _lp only");
  }
  mst_check_expr(k, s->rhs);
  bool fits = mst_type_value(s->rhs->type) && s->rhs->type.base != LANG_TUPLE;
  if (!fits)
    CHECK_FAIL(k, s->rhs,
               "value added to target; expected int, real or a container of them, "
               "got %s",
               CHECK_SHOW(k, s->rhs->type));
  mst_warn_int_division(k, s->rhs);
}

/* ---- loops, return ---- */

static void check_body(check_state *k, ast_stmt *s) {
  int mark = k->nnames;
  mst_check_push(k, s->decl, true);
  k->loops++;
  mst_check_stmt(k, s->body);
  k->loops--;
  mst_check_pop(k, mark);
}

static void check_foreach(check_state *k, ast_stmt *s) {
  mst_check_expr(k, s->rhs);
  lang_type type = s->rhs->type;
  if (type.arrays > 0)
    s->decl->type = mst_type_inner(type);
  else if (type.base == LANG_VECTOR || type.base == LANG_ROW_VECTOR || type.base == LANG_MATRIX)
    s->decl->type = mst_type(LANG_REAL, 0);
  else
    CHECK_FAIL(k, s->rhs,
               "for (%s in ...); expected a range, an array, vector, row_vector or "
               "matrix, got %s",
               s->decl->name, CHECK_SHOW(k, type));
  check_body(k, s);
}

static void check_return(check_state *k, ast_stmt *s) {
  if (k->in == NULL) mst_lang_fail(k->c, s->loc, 6, "return can stand in functions only");
  lang_type want = k->in->result;
  if (s->rhs == NULL) {
    if (want.base != LANG_VOID)
      mst_lang_fail(k->c, s->loc, 6, "return without a value; expected %s", CHECK_SHOW(k, want));
    return;
  }
  mst_check_expr(k, s->rhs);
  if (want.base == LANG_VOID)
    CHECK_FAIL(k, s->rhs, "%s returns nothing, got %s", k->in->name, CHECK_SHOW(k, s->rhs->type));
  if (!mst_type_promotes(s->rhs->type, want))
    CHECK_FAIL(k, s->rhs, "value returned by %s; expected %s, got %s", k->in->name,
               CHECK_SHOW(k, want), CHECK_SHOW(k, s->rhs->type));
  if (want.base != LANG_INT) mst_warn_int_division(k, s->rhs);
}

static void check_print(check_state *k, ast_stmt *s) {
  for (int i = 0; i < s->nargs; i++) {
    ast_expr *a = s->arg[i];
    if (a->kind == AST_STRING) {
      a->type = mst_type(LANG_STRING, 0);
      a->data_only = true;
    } else {
      mst_check_expr(k, a);
    }
  }
}

/* Whether a statement in s leaves the loop around s. */
static bool has_break(const ast_stmt *s) {
  if (s == NULL) return false;
  if (s->kind == AST_BREAK) return true;
  if (s->kind == AST_IF) return has_break(s->body) || has_break(s->other);
  for (int i = 0; s->kind == AST_BLOCK && i < s->nstmts; i++)
    if (has_break(s->stmt[i])) return true;
  return false;
}

bool mst_check_returns(const ast_stmt *s) {
  switch (s->kind) {
  case AST_RETURN:
  case AST_REJECT:
  case AST_FATAL:
    return true;
  case AST_IF:
    return s->other != NULL && mst_check_returns(s->body) && mst_check_returns(s->other);
  case AST_WHILE:
    return !has_break(s->body) &&
           (mst_check_returns(s->body) || (s->cond->kind == AST_INT && s->cond->integer != 0));
  case AST_FOR:
  case AST_FOREACH:
    return !has_break(s->body) && mst_check_returns(s->body);
  case AST_BLOCK:
    for (int i = 0; i < s->nstmts; i++) {
      if (mst_check_returns(s->stmt[i])) return true;
      if (s->stmt[i]->kind == AST_BREAK || s->stmt[i]->kind == AST_CONTINUE) return false;
    }
    return false;
  default:
    return false;
  }
}

static void check_block(check_state *k, ast_stmt *s) {
  int mark = k->nnames;
  for (int i = 0; i < s->nstmts; i++) mst_check_stmt(k, s->stmt[i]);
  mst_check_pop(k, mark);
}

/* A statement that is a scope of its own even without braces. */
static void check_inner(check_state *k, ast_stmt *s) {
  int mark = k->nnames;
  mst_check_stmt(k, s);
  mst_check_pop(k, mark);
}

void mst_check_stmt(check_state *k, ast_stmt *s) {
  switch (s->kind) {
  case AST_ASSIGN:
    check_assign(k, s);
    return;
  case AST_TILDE:
    mst_check_tilde(k, s);
    return;
  case AST_TARGET:
  case AST_JACOBIAN:
    check_increment(k, s);
    return;
  case AST_CALL_STMT:
    mst_check_call(k, s->rhs, true);
    return;
  case AST_IF:
    mst_check_int(k, s->cond, "condition of if");
    check_inner(k, s->body);
    if (s->other != NULL) check_inner(k, s->other);
    return;
  case AST_WHILE:
    mst_check_int(k, s->cond, "condition of while");
    k->loops++;
    check_inner(k, s->body);
    k->loops--;
    return;
  case AST_FOR:
    mst_check_int(k, s->low, "first value of a loop");
    mst_check_int(k, s->high, "last value of a loop");
    check_body(k, s);
    return;
  case AST_FOREACH:
    check_foreach(k, s);
    return;
  case AST_BLOCK:
    check_block(k, s);
    return;
  case AST_DECL:
    mst_check_decl(k, s->decl);
    return;
  case AST_RETURN:
    check_return(k, s);
    return;
  case AST_BREAK:
  case AST_CONTINUE:
    if (k->loops == 0)
      mst_lang_fail(k->c, s->loc, s->kind == AST_BREAK ? 5 : 8, "%s can stand in loops only",
                    s->kind == AST_BREAK ? "break" : "continue");
    return;
  case AST_PRINT:
  case AST_REJECT:
  case AST_FATAL:
    check_print(k, s);
    return;
  case AST_EMPTY:
    return;
  }
}
