/* lang/syntax/parse_primary.c -- what operators stand between: numbers, names, calls, lists,
 * indices. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/syntax/parse_impl.h"

static _Noreturn void no_expression(lang_parser *p);

/* ---- nodes ---- */

ast_expr *mst_parse_expr_node(lang_parser *p, ast_expr_kind kind, lang_loc loc) {
  ast_expr *e = MST_LANG_NEW(p->c, ast_expr);
  e->kind = kind;
  e->loc = e->op_loc = loc;
  e->height = 1;
  return e;
}

/* The tree from e down has one more child. */
static void raise_over(lang_parser *p, ast_expr *e, const ast_expr *child) {
  if (!child || child->height < e->height) return;
  e->height = child->height + 1;
  if (e->height > AST_DEEPEST)
    mst_lang_fail(p->c, e->loc, 1,
                  "an expression with more than %d operators or calls in one another; "
                  "try to take parts out into variables",
                  AST_DEEPEST);
}

ast_expr *mst_parse_expr_done(lang_parser *p, ast_expr *e) {
  e->end = mst_parse_last(p)->end;
  for (int i = 0; i < e->nargs; i++) raise_over(p, e, e->arg[i]);
  for (int i = 0; i < e->nindices; i++) {
    raise_over(p, e, e->index[i].low);
    raise_over(p, e, e->index[i].high);
  }
  return e;
}

void mst_parse_expr_args(lang_parser *p, ast_expr *e, int n, ast_expr *a, ast_expr *b,
                         ast_expr *c) {
  ast_expr *list[3] = {a, b, c};
  e->arg = MST_LANG_ARRAY(p->c, ast_expr *, n);
  for (int i = 0; i < n; i++) e->arg[i] = list[i];
  e->nargs = n;
}

/* ---- literals ---- */

/* The token's digits without underscores and without a final i. */
static char *digits_of(lang_parser *p, const lang_token *t) {
  char *text = mst_parse_text(p, t), *to = text;
  for (const char *from = text; *from; from++)
    if (*from != '_' && *from != 'i') *to++ = *from;
  *to = '\0';
  return text;
}

static ast_expr *number(lang_parser *p) {
  const lang_token *t = mst_parse_take(p);
  ast_expr_kind kind = t->kind == LANG_TOKEN_INT    ? AST_INT
                       : t->kind == LANG_TOKEN_IMAG ? AST_IMAG
                                                    : AST_REAL;
  ast_expr *e = mst_parse_expr_node(p, kind, t->loc);
  const char *digits = digits_of(p, t);
  e->name = mst_parse_text(p, t);
  if (kind == AST_INT) {
    errno = 0;
    long long value = strtoll(digits, NULL, 10);
    if (errno || value > INT32_MAX)
      mst_lang_fail(p->c, t->loc, t->length,
                    "the integer is too large; expected at most %d, got %.40s; "
                    "try a real: %.40s.0",
                    INT32_MAX, digits, digits);
    e->integer = value;
  } else {
    e->real = strtod(digits, NULL);
    if (!isfinite(e->real))
      mst_lang_fail(p->c, t->loc, t->length,
                    "the number is too large; expected at most 1.797e308, got "
                    "%.40s; try positive_infinity()",
                    digits);
  }
  return mst_parse_expr_done(p, e);
}

ast_expr *mst_parse_string(lang_parser *p) {
  const lang_token *t = mst_parse_take(p);
  ast_expr *e = mst_parse_expr_node(p, AST_STRING, t->loc);
  e->name = mst_lang_copy(p->c, t->text + 1, (size_t)t->length - 2);
  return mst_parse_expr_done(p, e);
}

/* ---- lists ---- */

void mst_parse_arguments(lang_parser *p, lang_token_kind close, const lang_token *opener,
                         ast_expr ***arg, int *nargs) {
  if (mst_parse_accept(p, close)) return;
  do MST_LANG_PUSH(p->c, *arg, *nargs, mst_parse_expr(p));
  while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_close(p, close, opener, "',' or ");
}

static ast_expr *literal_list(lang_parser *p, ast_expr_kind kind, lang_token_kind close) {
  const lang_token *opener = mst_parse_take(p);
  ast_expr *e = mst_parse_expr_node(p, kind, opener->loc);
  if (kind == AST_ARRAY && mst_parse_kind(p, 0) == close)
    mst_parse_unexpected(p, "an array without elements", "an expression",
                         "rep_array(x, 0), which says of what type");
  mst_parse_arguments(p, close, opener, &e->arg, &e->nargs);
  return mst_parse_expr_done(p, e);
}

static ast_expr *parentheses(lang_parser *p) {
  const lang_token *opener = mst_parse_take(p);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE)
    mst_parse_unexpected(p, "empty parentheses", "an expression", NULL);
  ast_expr *first = mst_parse_expr(p);
  if (!mst_parse_accept(p, LANG_TOKEN_COMMA)) {
    mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "an operator or ");
    first->parenthesised = true;
    first->loc = opener->loc;
    first->end = mst_parse_last(p)->end;
    return first;
  }
  ast_expr *e = mst_parse_expr_node(p, AST_TUPLE, opener->loc);
  MST_LANG_PUSH(p->c, e->arg, e->nargs, first);
  mst_parse_arguments(p, LANG_TOKEN_CLOSE, opener, &e->arg, &e->nargs);
  return mst_parse_expr_done(p, e);
}

static ast_index one_index(lang_parser *p) {
  ast_index x = {.kind = AST_INDEX_ALL};
  lang_token_kind k = mst_parse_kind(p, 0);
  if (k == LANG_TOKEN_COMMA || k == LANG_TOKEN_CLOSE_SQUARE) return x;
  if (k != LANG_TOKEN_COLON) {
    x.kind = AST_INDEX_SINGLE;
    x.low = mst_parse_expr(p);
  }
  if (!mst_parse_accept(p, LANG_TOKEN_COLON)) return x;
  x.kind = x.low ? AST_INDEX_FROM : AST_INDEX_ALL;
  k = mst_parse_kind(p, 0);
  if (k == LANG_TOKEN_COMMA || k == LANG_TOKEN_CLOSE_SQUARE) return x;
  x.high = mst_parse_expr(p);
  x.kind = x.low ? AST_INDEX_BETWEEN : AST_INDEX_TO;
  return x;
}

ast_expr *mst_parse_indexed(lang_parser *p, ast_expr *of) {
  ast_expr *e = mst_parse_expr_node(p, AST_INDEX, of->loc);
  const lang_token *opener = mst_parse_take(p);
  e->op_loc = opener->loc;
  mst_parse_expr_args(p, e, 1, of, NULL, NULL);
  do {
    ast_index x = one_index(p);
    MST_LANG_PUSH(p->c, e->index, e->nindices, x);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_close(p, LANG_TOKEN_CLOSE_SQUARE, opener, "',', ':' or ");
  return mst_parse_expr_done(p, e);
}

/* ---- names and calls ---- */

/* Calls of functions that Stan had: get_lp() is target(), if_else(c, a, b) is c ? a : b. */
ast_expr *mst_parse_call_node(lang_parser *p, const lang_token *name, const char *text,
                              ast_expr **arg, int nargs) {
  ast_expr *e = mst_parse_expr_node(p, AST_CALL, name->loc);
  e->name = text;
  e->arg = arg;
  e->nargs = nargs;
  if (strcmp(text, "get_lp") == 0 && nargs == 0 && !mst_parse_defined(p, text)) {
    mst_parse_warn_once(p, &p->warned_get_lp, name, "'get_lp()' is deprecated; try target()");
    e->name = "target";
  }
  if (strcmp(text, "if_else") == 0 && nargs == 3 && !mst_parse_defined(p, text)) {
    mst_parse_warn_once(p, &p->warned_if_else, name,
                        "'if_else(c, a, b)' is deprecated; try c ? a : b");
    e->kind = AST_TERNARY;
    e->name = NULL;
    e->parenthesised = true;
  }
  return mst_parse_expr_done(p, e);
}

static ast_expr *call(lang_parser *p) {
  const lang_token *name = mst_parse_take(p), *opener = mst_parse_take(p);
  ast_expr **arg = NULL;
  int nargs = 0;
  bool bar = false;
  if (!mst_parse_accept(p, LANG_TOKEN_CLOSE)) {
    MST_LANG_PUSH(p->c, arg, nargs, mst_parse_expr(p));
    bar = mst_parse_accept(p, LANG_TOKEN_BAR);
    bool comma = !bar && mst_parse_accept(p, LANG_TOKEN_COMMA);
    if (comma && mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE) no_expression(p);
    if (bar || comma)
      mst_parse_arguments(p, LANG_TOKEN_CLOSE, opener, &arg, &nargs);
    else
      mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "',', '|' or ");
  }
  ast_expr *e = mst_parse_call_node(p, name, mst_parse_text(p, name), arg, nargs);
  e->bar = bar;
  return e;
}

static ast_expr *target(lang_parser *p) {
  const lang_token *t = mst_parse_take(p);
  const lang_token *opener = mst_parse_peek(p, 0);
  if (opener->kind != LANG_TOKEN_OPEN)
    mst_lang_fail(p->c, t->loc, t->length,
                  "'target' is no variable; expected 'target += e;' as a "
                  "statement or 'target()' for its value so far");
  mst_parse_take(p);
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, NULL);
  return mst_parse_call_node(p, t, "target", NULL, 0);
}

static _Noreturn void no_expression(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  lang_token_kind k = t->kind, before = mst_parse_last(p)->kind;
  if (k == LANG_TOKEN_STRING)
    mst_lang_fail(p->c, t->loc, t->length,
                  "a string in an expression; expected a number or a "
                  "variable; strings stand in print, reject and fatal_error only");
  if (k >= LANG_TOKEN_FUNCTIONS && !mst_parse_at_heading(p) &&
      mst_parse_kind(p, 1) != LANG_TOKEN_END)
    mst_lang_fail(p->c, t->loc, t->length,
                  "'%.*s' is a word of the language; expected an expression; "
                  "try another name",
                  t->length, t->text);
  if (k == LANG_TOKEN_SEMICOLON || k == LANG_TOKEN_CLOSE || k == LANG_TOKEN_COMMA ||
      k == LANG_TOKEN_CLOSE_BRACE) {
    const lang_token *l = mst_parse_last(p);
    if (before != LANG_TOKEN_OPEN && l != t)
      mst_lang_fail(p->c, l->loc, l->length,
                    "nothing follows '%.*s'; expected an expression, got %s", l->length, l->text,
                    mst_parse_name_token(p, t));
  }
  mst_parse_unexpected(p, "an expression is missing", "a number, a name, '(', '[' or '{'", NULL);
}

ast_expr *mst_parse_primary(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  switch (t->kind) {
  case LANG_TOKEN_NAME: {
    if (mst_parse_kind(p, 1) == LANG_TOKEN_OPEN) return call(p);
    ast_expr *e = mst_parse_expr_node(p, AST_VAR, t->loc);
    e->name = mst_parse_text(p, mst_parse_take(p));
    return mst_parse_expr_done(p, e);
  }
  case LANG_TOKEN_INT:
  case LANG_TOKEN_REAL:
  case LANG_TOKEN_DOTTED:
  case LANG_TOKEN_IMAG:
    return number(p);
  case LANG_TOKEN_OPEN:
    return parentheses(p);
  case LANG_TOKEN_OPEN_SQUARE:
    return literal_list(p, AST_ROW, LANG_TOKEN_CLOSE_SQUARE);
  case LANG_TOKEN_OPEN_BRACE:
    return literal_list(p, AST_ARRAY, LANG_TOKEN_CLOSE_BRACE);
  case LANG_TOKEN_TARGET:
    return target(p);
  default:
    no_expression(p);
  }
}
