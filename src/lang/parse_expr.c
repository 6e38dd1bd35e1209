/* lang/parse_expr.c -- expressions, by precedence climbing.
 *
 * From loosest to tightest: ?: (right), ||, &&, == !=, < <= > >=, + -, * / % .* ./, \ %/%, prefix ! - +,
 * ^ .^ (right; the exponent may have a prefix), then postfix ' [ ] . and calls. All else goes left.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/parse_impl.h"

static const struct {
  lang_token_kind token;
  ast_op op;
  int precedence;
} binaries[] = {
    {LANG_TOKEN_OR, AST_OR, 1},           {LANG_TOKEN_AND, AST_AND, 2},
    {LANG_TOKEN_EQ, AST_EQ, 3},           {LANG_TOKEN_NE, AST_NE, 3},
    {LANG_TOKEN_LT, AST_LT, 4},           {LANG_TOKEN_LE, AST_LE, 4},
    {LANG_TOKEN_GT, AST_GT, 4},           {LANG_TOKEN_GE, AST_GE, 4},
    {LANG_TOKEN_ADD, AST_ADD, 5},         {LANG_TOKEN_SUB, AST_SUB, 5},
    {LANG_TOKEN_MUL, AST_MUL, 6},         {LANG_TOKEN_DIV, AST_DIV, 6},
    {LANG_TOKEN_MOD, AST_MOD, 6},         {LANG_TOKEN_ELT_MUL, AST_ELT_MUL, 6},
    {LANG_TOKEN_ELT_DIV, AST_ELT_DIV, 6}, {LANG_TOKEN_LEFT_DIV, AST_LEFT_DIV, 7},
    {LANG_TOKEN_INT_DIV, AST_INT_DIV, 7}, {LANG_TOKEN_POW, AST_POW, 8},
    {LANG_TOKEN_ELT_POW, AST_ELT_POW, 8}};
#define LOOSEST 1
#define ARITHMETIC 5 /* and tighter */
#define POWER 8

static ast_expr *unary(lang_parser *p);

/* ---- nodes ---- */

static ast_expr *node(lang_parser *p, ast_expr_kind kind, lang_loc loc) {
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
    mst_lang_fail(p->c, e->loc, 1, "an expression with more than %d operators or calls in one another; "
                  "try to take parts out into variables", AST_DEEPEST);
}

static ast_expr *finish(lang_parser *p, ast_expr *e) {
  e->end = mst_parse_last(p)->end;
  for (int i = 0; i < e->nargs; i++) raise_over(p, e, e->arg[i]);
  for (int i = 0; i < e->nindices; i++) {
    raise_over(p, e, e->index[i].low);
    raise_over(p, e, e->index[i].high);
  }
  return e;
}

static void set_args(lang_parser *p, ast_expr *e, int n, ast_expr *a, ast_expr *b, ast_expr *c) {
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
  ast_expr *e = node(p, kind, t->loc);
  const char *digits = digits_of(p, t);
  e->name = mst_parse_text(p, t);
  if (kind == AST_INT) {
    errno = 0;
    long long value = strtoll(digits, NULL, 10);
    if (errno || value > INT32_MAX)
      mst_lang_fail(p->c, t->loc, t->length, "the integer is too large; expected at most %d, got %.40s; "
                    "try a real: %.40s.0", INT32_MAX, digits, digits);
    e->integer = value;
  } else {
    e->real = strtod(digits, NULL);
    if (!isfinite(e->real))
      mst_lang_fail(p->c, t->loc, t->length, "the number is too large; expected at most 1.797e308, got "
                    "%.40s; try positive_infinity()", digits);
  }
  return finish(p, e);
}

ast_expr *mst_parse_string(lang_parser *p) {
  const lang_token *t = mst_parse_take(p);
  ast_expr *e = node(p, AST_STRING, t->loc);
  e->name = mst_lang_copy(p->c, t->text + 1, (size_t)t->length - 2);
  return finish(p, e);
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
  ast_expr *e = node(p, kind, opener->loc);
  if (kind == AST_ARRAY && mst_parse_kind(p, 0) == close)
    mst_parse_unexpected(p, "an array without elements", "an expression",
                         "rep_array(x, 0), which says of what type");
  mst_parse_arguments(p, close, opener, &e->arg, &e->nargs);
  return finish(p, e);
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
  ast_expr *e = node(p, AST_TUPLE, opener->loc);
  MST_LANG_PUSH(p->c, e->arg, e->nargs, first);
  mst_parse_arguments(p, LANG_TOKEN_CLOSE, opener, &e->arg, &e->nargs);
  return finish(p, e);
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

static ast_expr *indexed(lang_parser *p, ast_expr *of) {
  ast_expr *e = node(p, AST_INDEX, of->loc);
  const lang_token *opener = mst_parse_take(p);
  e->op_loc = opener->loc;
  set_args(p, e, 1, of, NULL, NULL);
  do {
    ast_index x = one_index(p);
    MST_LANG_PUSH(p->c, e->index, e->nindices, x);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_close(p, LANG_TOKEN_CLOSE_SQUARE, opener, "',', ':' or ");
  return finish(p, e);
}

/* ---- names and calls ---- */

/* Calls of functions that Stan had: get_lp() is target(), if_else(c, a, b) is c ? a : b. */
ast_expr *mst_parse_call_node(lang_parser *p, const lang_token *name, const char *text,
                              ast_expr **arg, int nargs) {
  ast_expr *e = node(p, AST_CALL, name->loc);
  e->name = text;
  e->arg = arg;
  e->nargs = nargs;
  if (strcmp(text, "get_lp") == 0 && nargs == 0 && !mst_parse_defined(p, text)) {
    mst_parse_warn_once(p, &p->warned_get_lp, name, "'get_lp()' is deprecated; try 'target()'");
    e->name = "target";
  }
  if (strcmp(text, "if_else") == 0 && nargs == 3 && !mst_parse_defined(p, text)) {
    mst_parse_warn_once(p, &p->warned_if_else, name,
                        "'if_else(c, a, b)' is deprecated; try 'c ? a : b'");
    e->kind = AST_TERNARY;
    e->name = NULL;
    e->parenthesised = true;
  }
  return finish(p, e);
}

static ast_expr *call(lang_parser *p) {
  const lang_token *name = mst_parse_take(p), *opener = mst_parse_take(p);
  ast_expr **arg = NULL;
  int nargs = 0;
  bool bar = false;
  if (!mst_parse_accept(p, LANG_TOKEN_CLOSE)) {
    MST_LANG_PUSH(p->c, arg, nargs, mst_parse_expr(p));
    bar = mst_parse_accept(p, LANG_TOKEN_BAR);
    if (bar || mst_parse_accept(p, LANG_TOKEN_COMMA))
      mst_parse_arguments(p, LANG_TOKEN_CLOSE, opener, &arg, &nargs);
    else mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "',', '|' or ");
  }
  ast_expr *e = mst_parse_call_node(p, name, mst_parse_text(p, name), arg, nargs);
  e->bar = bar;
  return e;
}

static ast_expr *target(lang_parser *p) {
  const lang_token *t = mst_parse_take(p);
  const lang_token *opener = mst_parse_peek(p, 0);
  if (opener->kind != LANG_TOKEN_OPEN)
    mst_lang_fail(p->c, t->loc, t->length, "'target' is no variable; expected 'target += e;' as a "
                  "statement or 'target()' for its value so far");
  mst_parse_take(p);
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, NULL);
  return mst_parse_call_node(p, t, "target", NULL, 0);
}

static _Noreturn void no_expression(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  lang_token_kind k = t->kind, before = mst_parse_last(p)->kind;
  if (k == LANG_TOKEN_STRING)
    mst_lang_fail(p->c, t->loc, t->length, "a string in an expression; expected a number or a "
                  "variable; strings stand in print, reject and fatal_error only");
  if (k >= LANG_TOKEN_FUNCTIONS && !mst_parse_at_heading(p) && mst_parse_kind(p, 1) != LANG_TOKEN_END)
    mst_lang_fail(p->c, t->loc, t->length, "'%.*s' is a word of the language; expected an expression; "
                  "try another name", t->length, t->text);
  if (k == LANG_TOKEN_SEMICOLON || k == LANG_TOKEN_CLOSE || k == LANG_TOKEN_COMMA ||
      k == LANG_TOKEN_CLOSE_BRACE) {
    const lang_token *l = mst_parse_last(p);
    if (before != LANG_TOKEN_OPEN && before != LANG_TOKEN_COMMA && l != t)
      mst_parse_unexpected(p, mst_lang_format(p->c, "nothing follows '%.*s'", l->length, l->text),
                           "an expression", NULL);
  }
  mst_parse_unexpected(p, "an expression is missing", "a number, a name, '(', '[' or '{'", NULL);
}

static ast_expr *primary(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  switch (t->kind) {
  case LANG_TOKEN_NAME: {
    if (mst_parse_kind(p, 1) == LANG_TOKEN_OPEN) return call(p);
    ast_expr *e = node(p, AST_VAR, t->loc);
    e->name = mst_parse_text(p, mst_parse_take(p));
    return finish(p, e);
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

/* ---- operators ---- */

static ast_expr *element_of(lang_parser *p, ast_expr *tuple) {
  ast_expr *e = node(p, AST_TUPLE_GET, tuple->loc);
  const lang_token *t = mst_parse_take(p);
  e->op_loc = t->loc;
  char *end;
  errno = 0;
  long long n = strtoll(t->text + 1, &end, 10);
  if (errno || end != t->text + t->length || n < 1 || n > INT32_MAX)
    mst_lang_fail(p->c, t->loc, t->length, "no element of a tuple: %.*s; expected .1, .2, ...", t->length,
                  t->text);
  e->integer = n;
  set_args(p, e, 1, tuple, NULL, NULL);
  return finish(p, e);
}

static bool is_number(const ast_expr *e) {
  return (e->kind == AST_INT || e->kind == AST_REAL || e->kind == AST_IMAG) && !e->parenthesised;
}

ast_expr *mst_parse_postfix(lang_parser *p) {
  ast_expr *e = primary(p);
  for (;;) {
    lang_token_kind k = mst_parse_kind(p, 0);
    if (k == LANG_TOKEN_OPEN_SQUARE && !is_number(e)) {
      e = indexed(p, e);
    } else if (k == LANG_TOKEN_DOTTED && !is_number(e)) {
      e = element_of(p, e);
    } else if (k == LANG_TOKEN_TRANSPOSE) {
      ast_expr *t = node(p, AST_UNARY, e->loc);
      t->op = AST_TRANSPOSE;
      t->op_loc = mst_parse_take(p)->loc;
      set_args(p, t, 1, e, NULL, NULL);
      e = finish(p, t);
    } else {
      return e;
    }
  }
}

static ast_expr *join(lang_parser *p, ast_op op, lang_loc op_loc, ast_expr *a, ast_expr *b) {
  ast_expr *e = node(p, AST_BINARY, a->loc);
  e->op = op;
  e->op_loc = op_loc;
  set_args(p, e, 2, a, b, NULL);
  return finish(p, e);
}

/* The binary operator at hand: its row in the table, or -1. */
static int binary_here(lang_parser *p) {
  lang_token_kind k = mst_parse_kind(p, 0);
  for (int i = 0; i < (int)(sizeof binaries / sizeof *binaries); i++)
    if (binaries[i].token == k) return i;
  return -1;
}

static ast_expr *powers(lang_parser *p, ast_expr *base) {
  int i = binary_here(p);
  if (i < 0 || binaries[i].precedence != POWER) return base;
  lang_loc loc = mst_parse_take(p)->loc;
  return join(p, binaries[i].op, loc, base, unary(p));
}

static ast_expr *unary(lang_parser *p) {
  lang_token_kind k = mst_parse_kind(p, 0);
  ast_op op = k == LANG_TOKEN_SUB   ? AST_NEG
              : k == LANG_TOKEN_ADD ? AST_PLUS
              : k == LANG_TOKEN_NOT ? AST_NOT
                                    : AST_OP_NONE;
  mst_parse_deeper(p);
  ast_expr *e;
  if (op == AST_OP_NONE) {
    e = powers(p, mst_parse_postfix(p));
  } else {
    e = node(p, AST_UNARY, mst_parse_take(p)->loc);
    e->op = op;
    set_args(p, e, 1, unary(p), NULL, NULL);
    finish(p, e);
  }
  mst_parse_back(p);
  return e;
}

/* Operators of at least the precedence `least`, after `left`. */
static ast_expr *climb(lang_parser *p, ast_expr *left, int least) {
  for (;;) {
    int i = binary_here(p);
    if (i < 0 || binaries[i].precedence < least) return left;
    lang_loc loc = mst_parse_take(p)->loc;
    ast_expr *right = unary(p);
    for (int j = binary_here(p); j >= 0 && binaries[j].precedence > binaries[i].precedence;
         j = binary_here(p))
      right = climb(p, right, binaries[i].precedence + 1);
    left = join(p, binaries[i].op, loc, left, right);
  }
}

ast_expr *mst_parse_onwards(lang_parser *p, ast_expr *left) {
  left = climb(p, powers(p, left), LOOSEST);
  const lang_token *question = mst_parse_peek(p, 0);
  if (!mst_parse_accept(p, LANG_TOKEN_QUESTION)) return left;
  mst_parse_deeper(p);
  ast_expr *yes = mst_parse_expr(p);
  if (!mst_parse_accept(p, LANG_TOKEN_COLON))
    mst_parse_unexpected(p, "'?' without its ':'", "':' and what holds otherwise", NULL);
  ast_expr *no = mst_parse_expr(p);
  mst_parse_back(p);
  ast_expr *e = node(p, AST_TERNARY, left->loc);
  e->op_loc = question->loc;
  set_args(p, e, 3, left, yes, no);
  return finish(p, e);
}

ast_expr *mst_parse_expr(lang_parser *p) {
  return mst_parse_onwards(p, unary(p));
}

ast_expr *mst_parse_bound(lang_parser *p) {
  ast_expr *e = climb(p, unary(p), ARITHMETIC);
  int i = binary_here(p);
  lang_token_kind k = mst_parse_kind(p, 0);
  if (k == LANG_TOKEN_QUESTION || (i >= 0 && k != LANG_TOKEN_GT))
    mst_parse_unexpected(p, "a bound with a comparison, logic or '?' needs parentheses", "',' or '>'",
                         "lower=(...)");
  return e;
}
