/* lang/syntax/parse_effect.c -- statements that begin with an expression: assignments, ~, calls;
 * target +=. */
#include <string.h>

#include "lang/syntax/parse_impl.h"

ast_stmt *mst_parse_adds_to(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = mst_parse_stmt_node(p, kind);
  const char *word = mst_parse_text(p, mst_parse_take(p));
  if (!mst_parse_accept(p, LANG_TOKEN_ADD_SET))
    mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' can only be added to", word), "'+='",
                         mst_lang_format(p->c, "%s += e;", word));
  s->rhs = mst_parse_expr(p);
  mst_parse_semicolon(p, mst_lang_format(p->c, "what is added to '%s'", word));
  return mst_parse_stmt_done(p, s);
}

static bool is_place(const ast_expr *e) {
  if (e->kind == AST_VAR) return true;
  if (e->kind == AST_INDEX || e->kind == AST_TUPLE_GET)
    return e->arg[0]->kind != AST_TUPLE && is_place(e->arg[0]);
  if (e->kind != AST_TUPLE) return false;
  for (int i = 0; i < e->nargs; i++)
    if (!is_place(e->arg[i])) return false;
  return true;
}

static ast_op assigns(lang_token_kind kind) {
  switch (kind) {
  case LANG_TOKEN_ADD_SET:
    return AST_ADD;
  case LANG_TOKEN_SUB_SET:
    return AST_SUB;
  case LANG_TOKEN_MUL_SET:
    return AST_MUL;
  case LANG_TOKEN_DIV_SET:
    return AST_DIV;
  case LANG_TOKEN_ELT_MUL_SET:
    return AST_ELT_MUL;
  case LANG_TOKEN_ELT_DIV_SET:
    return AST_ELT_DIV;
  default:
    return AST_OP_NONE;
  }
}

static ast_stmt *assignment(lang_parser *p, ast_stmt *s, ast_expr *lhs) {
  const lang_token *t = mst_parse_take(p);
  s->kind = AST_ASSIGN;
  s->op = assigns(t->kind);
  s->lhs = lhs;
  if (t->kind == LANG_TOKEN_LT) { /* <- */
    mst_parse_take(p);
    mst_parse_warn_once(p, &p->warned_arrow, t, "'<-' is deprecated; try =");
  }
  int width = lhs->end.line == lhs->loc.line ? lhs->end.column - lhs->loc.column : 1;
  if (!is_place(lhs))
    mst_lang_fail(p->c, lhs->loc, width,
                  "a value cannot be assigned to; expected a variable, an element "
                  "of one, or a tuple of these before '%.*s'",
                  t->length, t->text);
  s->rhs = mst_parse_expr(p);
  mst_parse_semicolon(p, "the assignment");
  return mst_parse_stmt_done(p, s);
}

static void truncation(lang_parser *p, ast_stmt *s) {
  if (!mst_parse_is_word(p, 0, "T")) return;
  mst_parse_take(p);
  const lang_token *opener = mst_parse_open(p, LANG_TOKEN_OPEN_SQUARE, "'T' needs its bounds");
  if (mst_parse_kind(p, 0) != LANG_TOKEN_COMMA) s->low = mst_parse_expr(p);
  if (!mst_parse_accept(p, LANG_TOKEN_COMMA))
    mst_parse_unexpected(p, "a truncation has two bounds", "','", "T[low, ] for one bound");
  if (mst_parse_kind(p, 0) != LANG_TOKEN_CLOSE_SQUARE) s->high = mst_parse_expr(p);
  mst_parse_close(p, LANG_TOKEN_CLOSE_SQUARE, opener, NULL);
  s->truncated = s->low || s->high;
}

static ast_stmt *tilde(lang_parser *p, ast_stmt *s, ast_expr *lhs) {
  mst_parse_take(p);
  s->kind = AST_TILDE;
  s->lhs = lhs;
  const lang_token *t = mst_parse_peek(p, 0);
  if (t->kind != LANG_TOKEN_NAME)
    mst_parse_unexpected(p, "'~' without its distribution", "a name such as normal", NULL);
  s->name_loc = t->loc;
  s->name = mst_parse_text(p, mst_parse_take(p));
  const lang_token *opener = mst_parse_open(
      p, LANG_TOKEN_OPEN, mst_lang_format(p->c, "'~ %s' needs its arguments", s->name));
  mst_parse_arguments(p, LANG_TOKEN_CLOSE, opener, &s->arg, &s->nargs);
  truncation(p, s);
  mst_parse_semicolon(p, mst_lang_format(p->c, "'~ %s(...)'", s->name));
  return mst_parse_stmt_done(p, s);
}

static ast_stmt *call_statement(lang_parser *p, ast_stmt *s, ast_expr *call) {
  s->kind = AST_CALL_STMT;
  s->rhs = call;
  if (strcmp(call->name, "increment_log_prob") == 0 && call->nargs == 1 &&
      !mst_parse_defined(p, call->name)) {
    bool *warned = &p->warned_increment;
    lang_token t = {.loc = call->loc, .length = (int)strlen(call->name)};
    mst_parse_warn_once(p, warned, &t, "'increment_log_prob(e)' is deprecated; try target += e");
    s->kind = AST_TARGET;
    s->rhs = call->arg[0];
  }
  mst_parse_take(p);
  return mst_parse_stmt_done(p, s);
}

/* Two words where a statement begins: `flaot x;`, `elseif (c)`. */
static void misspelt(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  if (t->kind != LANG_TOKEN_NAME) return;
  static const char *const elses[] = {"elseif", "elsif", "elif"};
  for (size_t i = 0; i < sizeof elses / sizeof *elses; i++)
    if (mst_parse_is_word(p, 0, elses[i]) && mst_parse_kind(p, 1) == LANG_TOKEN_OPEN)
      mst_parse_unexpected(p, "an unknown word", "a statement", "else if");
  lang_token_kind next = mst_parse_kind(p, 1);
  if (next != LANG_TOKEN_NAME &&
      !(next == LANG_TOKEN_LT && mst_parse_kind(p, 2) == LANG_TOKEN_LOWER))
    return;
  const char *near = mst_parse_type_meant(p, t);
  if (near) mst_parse_unexpected(p, "an unknown type", "a type such as int, real or vector", near);
}

ast_stmt *mst_parse_effect(lang_parser *p) {
  misspelt(p);
  ast_stmt *s = mst_parse_stmt_node(p, AST_EMPTY);
  const lang_token *first = mst_parse_peek(p, 0);
  bool prefix = first->kind == LANG_TOKEN_SUB || first->kind == LANG_TOKEN_ADD ||
                first->kind == LANG_TOKEN_NOT;
  ast_expr *e = prefix ? mst_parse_expr(p) : mst_parse_postfix(p);
  lang_token_kind k = mst_parse_kind(p, 0);
  bool arrow =
      k == LANG_TOKEN_LT && mst_parse_kind(p, 1) == LANG_TOKEN_SUB && mst_parse_touching(p, 0);
  if (k == LANG_TOKEN_SET || assigns(k) || arrow) return assignment(p, s, e);
  if (k == LANG_TOKEN_SEMICOLON && e->kind == AST_CALL && !e->bar) return call_statement(p, s, e);
  if (mst_parse_kind(p, 1) == k && (k == LANG_TOKEN_ADD || k == LANG_TOKEN_SUB) &&
      mst_parse_touching(p, 0) && mst_parse_kind(p, 2) == LANG_TOKEN_SEMICOLON)
    mst_parse_unexpected(p, "a counter as in C", "'=', '+=' or '~'",
                         k == LANG_TOKEN_ADD ? "+= 1" : "-= 1");
  if (!prefix) e = mst_parse_onwards(p, e);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_TILDE) return tilde(p, s, e);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_SEMICOLON && e->kind == AST_BINARY && e->op == AST_EQ)
    mst_lang_fail(p->c, e->op_loc, 2,
                  "a comparison as a statement; expected '=', got '=='; try = to "
                  "assign");
  if (e->kind == AST_CALL && !e->bar) mst_parse_semicolon(p, "the call");
  mst_parse_unexpected(p, "an expression is no statement", "'=', '+=', '~' or an operator", NULL);
}
