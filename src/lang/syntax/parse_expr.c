/* lang/syntax/parse_expr.c -- expressions, by precedence climbing.
 *
 * From loosest to tightest: ?: (right), ||, &&, == !=, < <= > >=, + -, * / % .* ./, \ %/%, prefix !
 * - +, ^ .^ (right; the exponent may have a prefix), then postfix ' [ ] . and calls. All else goes
 * left.
 */
#include <errno.h>
#include <stdlib.h>

#include "lang/syntax/parse_impl.h"

static const struct {
  lang_token_kind token;
  ast_op op;
  int precedence;
} binaries[] = {{LANG_TOKEN_OR, AST_OR, 1},           {LANG_TOKEN_AND, AST_AND, 2},
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

/* ---- operators ---- */

static ast_expr *element_of(lang_parser *p, ast_expr *tuple) {
  ast_expr *e = mst_parse_expr_node(p, AST_TUPLE_GET, tuple->loc);
  const lang_token *t = mst_parse_take(p);
  e->op_loc = t->loc;
  char *end;
  errno = 0;
  long long n = strtoll(t->text + 1, &end, 10);
  if (errno || end != t->text + t->length || n < 1 || n > INT32_MAX)
    mst_lang_fail(p->c, t->loc, t->length, "no element of a tuple: %.*s; expected .1, .2, ...",
                  t->length, t->text);
  e->integer = n;
  mst_parse_expr_args(p, e, 1, tuple, NULL, NULL);
  return mst_parse_expr_done(p, e);
}

static bool is_number(const ast_expr *e) {
  return (e->kind == AST_INT || e->kind == AST_REAL || e->kind == AST_IMAG) && !e->parenthesised;
}

ast_expr *mst_parse_postfix(lang_parser *p) {
  ast_expr *e = mst_parse_primary(p);
  for (;;) {
    lang_token_kind k = mst_parse_kind(p, 0);
    if (k == LANG_TOKEN_OPEN_SQUARE && !is_number(e)) {
      e = mst_parse_indexed(p, e);
    } else if (k == LANG_TOKEN_DOTTED && !is_number(e)) {
      e = element_of(p, e);
    } else if (k == LANG_TOKEN_TRANSPOSE) {
      ast_expr *t = mst_parse_expr_node(p, AST_UNARY, e->loc);
      t->op = AST_TRANSPOSE;
      t->op_loc = mst_parse_take(p)->loc;
      mst_parse_expr_args(p, t, 1, e, NULL, NULL);
      e = mst_parse_expr_done(p, t);
    } else {
      return e;
    }
  }
}

static ast_expr *join(lang_parser *p, ast_op op, lang_loc op_loc, ast_expr *a, ast_expr *b) {
  ast_expr *e = mst_parse_expr_node(p, AST_BINARY, a->loc);
  e->op = op;
  e->op_loc = op_loc;
  mst_parse_expr_args(p, e, 2, a, b, NULL);
  return mst_parse_expr_done(p, e);
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
    e = mst_parse_expr_node(p, AST_UNARY, mst_parse_take(p)->loc);
    e->op = op;
    mst_parse_expr_args(p, e, 1, unary(p), NULL, NULL);
    mst_parse_expr_done(p, e);
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
  ast_expr *e = mst_parse_expr_node(p, AST_TERNARY, left->loc);
  e->op_loc = question->loc;
  mst_parse_expr_args(p, e, 3, left, yes, no);
  return mst_parse_expr_done(p, e);
}

ast_expr *mst_parse_expr(lang_parser *p) { return mst_parse_onwards(p, unary(p)); }

ast_expr *mst_parse_bound(lang_parser *p) {
  ast_expr *e = climb(p, unary(p), ARITHMETIC);
  int i = binary_here(p);
  lang_token_kind k = mst_parse_kind(p, 0);
  if (k == LANG_TOKEN_QUESTION || (i >= 0 && k != LANG_TOKEN_GT))
    mst_parse_unexpected(p, "a bound with a comparison, logic or '?' needs parentheses",
                         "',' or '>'", "lower=(...)");
  return e;
}
