/* lang/parse_stmt.c -- statements. */
#include <string.h>

#include "lang/parse_impl.h"

static void statement_into(lang_parser *p, ast_stmt ***list, int *count);

static ast_stmt *node(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = MST_LANG_NEW(p->c, ast_stmt);
  s->kind = kind;
  s->loc = mst_parse_peek(p, 0)->loc;
  return s;
}

static ast_stmt *finish(lang_parser *p, ast_stmt *s) {
  s->end = mst_parse_last(p)->end;
  return s;
}

void mst_parse_annotations(lang_parser *p) {
  while (mst_parse_kind(p, 0) == LANG_TOKEN_AT) {
    const lang_token *at = mst_parse_take(p), *t = mst_parse_peek(p, 0);
    if (t->kind != LANG_TOKEN_NAME && t->kind < LANG_TOKEN_FUNCTIONS)
      mst_parse_unexpected(p, "an annotation without its name", "a name after '@'", NULL);
    mst_parse_take(p);
    mst_parse_warn_once(p, &p->warned_note, at,
                        mst_lang_format(p->c, "the annotation '@%.*s' has no effect", t->length, t->text));
  }
}

/* ---- bodies ---- */

/* A statement where one is expected; several declared names make a block. */
static ast_stmt *body(lang_parser *p, const char *of) {
  if (mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE_BRACE || mst_parse_kind(p, 0) == LANG_TOKEN_END)
    mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' has no body", of), "a statement", NULL);
  ast_stmt *s = node(p, AST_BLOCK);
  p->scopes++;
  statement_into(p, &s->stmt, &s->nstmts);
  p->scopes--;
  return s->nstmts == 1 ? s->stmt[0] : finish(p, s);
}

static bool declares_only(const lang_parser *p) {
  return p->block == AST_IN_DATA || p->block == AST_IN_PARAMETERS;
}

static void only_declarations(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  if (mst_parse_at_declaration(p) || t->kind == LANG_TOKEN_SEMICOLON) return;
  const char *near = t->kind == LANG_TOKEN_NAME ? mst_parse_type_meant(p, t) : NULL;
  lang_token_kind next = mst_parse_kind(p, 1);
  if (t->kind == LANG_TOKEN_NAME && (next == LANG_TOKEN_NAME || next == LANG_TOKEN_LT || near))
    mst_parse_unexpected(p, "an unknown type", "a type such as int, real or vector", near);
  if (t->kind == LANG_TOKEN_LT)
    mst_parse_unexpected(p, "a constraint without its type", "a type such as int, real or vector",
                         "real<...>");
  mst_parse_unexpected(p, mst_lang_format(p->c, "the block '%s' has declarations only", p->block_name),
                       "a type or '}'", p->block == AST_IN_DATA ? "transformed data" : "model");
}

ast_stmt *mst_parse_braces(lang_parser *p, const char *what, lang_loc loc) {
  ast_stmt *s = node(p, AST_BLOCK);
  mst_parse_open(p, LANG_TOKEN_OPEN_BRACE, mst_lang_format(p->c, "%s needs its brace", what));
  mst_parse_deeper(p);
  p->scopes++;
  while (mst_parse_kind(p, 0) != LANG_TOKEN_CLOSE_BRACE) {
    mst_parse_check_brace(p, what, loc);
    mst_parse_annotations(p);
    if (declares_only(p)) only_declarations(p);
    statement_into(p, &s->stmt, &s->nstmts);
  }
  p->scopes--;
  mst_parse_back(p);
  mst_parse_take(p);
  return finish(p, s);
}

/* ---- control ---- */

static ast_expr *condition(lang_parser *p, const char *of) {
  const lang_token *opener =
      mst_parse_open(p, LANG_TOKEN_OPEN, mst_lang_format(p->c, "'%s' needs its condition in parentheses",
                                                         of));
  ast_expr *e = mst_parse_expr(p);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_SET)
    mst_parse_unexpected(p, mst_lang_format(p->c, "an assignment in the condition of '%s'", of),
                         "an operator or ')'", "== to compare");
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "an operator or ");
  return e;
}

static ast_stmt *if_statement(lang_parser *p) {
  ast_stmt *s = node(p, AST_IF);
  mst_parse_take(p);
  s->cond = condition(p, "if");
  if (mst_parse_is_word(p, 0, "then"))
    mst_parse_unexpected(p, "'then' after a condition", "a statement", "to delete it");
  s->body = body(p, "if");
  if (mst_parse_accept(p, LANG_TOKEN_ELSE)) s->other = body(p, "else");
  return finish(p, s);
}

static ast_stmt *while_statement(lang_parser *p) {
  ast_stmt *s = node(p, AST_WHILE);
  mst_parse_take(p);
  s->cond = condition(p, "while");
  s->body = body(p, "while");
  return finish(p, s);
}

/* `for (int i = 1; ...)` and `for (i = 1; ...)`. */
static void not_as_in_c(lang_parser *p) {
  int at = mst_token_is_type(mst_parse_kind(p, 0)) ? 1 : 0;
  bool name = mst_parse_kind(p, at) == LANG_TOKEN_NAME;
  if (at == 0 && !(name && mst_parse_kind(p, 1) == LANG_TOKEN_SET)) return;
  const lang_token *t = mst_parse_peek(p, name ? at : 0);
  const char *i = name ? mst_parse_text(p, t) : "i";
  if (at && mst_parse_kind(p, 2) == LANG_TOKEN_IN)
    mst_parse_unexpected(p, "a loop variable is declared by the loop itself", "a name",
                         mst_lang_format(p->c, "for (%s in 1:N)", i));
  mst_parse_unexpected(p, "a loop as in C", "a name and 'in'", mst_lang_format(p->c, "for (%s in 1:N)", i));
}

static ast_stmt *for_statement(lang_parser *p) {
  ast_stmt *s = node(p, AST_FOR);
  mst_parse_take(p);
  const lang_token *opener = mst_parse_open(p, LANG_TOKEN_OPEN, "'for' needs its range in parentheses");
  not_as_in_c(p);
  s->decl = MST_LANG_NEW(p->c, ast_decl);
  s->decl->name = mst_parse_new_name(p, "a loop variable", &s->decl->loc);
  s->decl->block = p->block;
  s->decl->loop_variable = true;
  if (!mst_parse_accept(p, LANG_TOKEN_IN))
    mst_parse_unexpected(p, mst_lang_format(p->c, "'for (%s' does not say over what", s->decl->name), "'in'",
                         mst_lang_format(p->c, "for (%s in 1:N)", s->decl->name));
  s->low = mst_parse_expr(p);
  if (mst_parse_accept(p, LANG_TOKEN_COLON)) {
    s->high = mst_parse_expr(p);
    s->decl->type.base = LANG_INT;
    if (mst_parse_kind(p, 0) == LANG_TOKEN_COLON)
      mst_parse_unexpected(p, "a range with a step", "')'", "a while loop, or an index computed inside");
  } else {
    s->kind = AST_FOREACH;
    s->rhs = s->low;
    s->low = NULL;
  }
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, s->high ? "an operator or " : "':', an operator or ");
  s->body = body(p, "for");
  return finish(p, s);
}

static ast_stmt *profile(lang_parser *p) {
  lang_loc loc = mst_parse_take(p)->loc;
  const lang_token *opener = mst_parse_open(p, LANG_TOKEN_OPEN, "'profile' needs its name");
  if (mst_parse_kind(p, 0) != LANG_TOKEN_STRING)
    mst_parse_unexpected(p, "'profile' needs its name", "a string", "profile(\"part\") { }");
  const char *name = mst_parse_string(p)->name;
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, NULL);
  ast_stmt *s = mst_parse_braces(p, "'profile'", loc);
  s->loc = loc;
  s->name = name;
  return s;
}

static ast_stmt *return_statement(lang_parser *p) {
  ast_stmt *s = node(p, AST_RETURN);
  mst_parse_take(p);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE_BRACE) mst_parse_semicolon(p, "'return'");
  if (!mst_parse_accept(p, LANG_TOKEN_SEMICOLON)) {
    s->rhs = mst_parse_expr(p);
    mst_parse_semicolon(p, "the returned value");
  }
  return finish(p, s);
}

static ast_stmt *simple(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = node(p, kind);
  const lang_token *t = mst_parse_take(p);
  if (kind != AST_EMPTY) mst_parse_semicolon(p, mst_lang_format(p->c, "'%.*s'", t->length, t->text));
  return finish(p, s);
}

static ast_stmt *printing(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = node(p, kind);
  const lang_token *t = mst_parse_take(p);
  const char *word = mst_parse_text(p, t);
  const lang_token *opener =
      mst_parse_open(p, LANG_TOKEN_OPEN, mst_lang_format(p->c, "'%s' needs its arguments", word));
  do {
    ast_expr *e = mst_parse_kind(p, 0) == LANG_TOKEN_STRING ? mst_parse_string(p) : mst_parse_expr(p);
    MST_LANG_PUSH(p->c, s->arg, s->nargs, e);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "',' or ");
  mst_parse_semicolon(p, mst_lang_format(p->c, "'%s'", word));
  return finish(p, s);
}

/* ---- target, assignments, calls ---- */

static ast_stmt *adds_to(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = node(p, kind);
  const char *word = mst_parse_text(p, mst_parse_take(p));
  if (!mst_parse_accept(p, LANG_TOKEN_ADD_SET))
    mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' can only be added to", word), "'+='",
                         mst_lang_format(p->c, "%s += e;", word));
  s->rhs = mst_parse_expr(p);
  mst_parse_semicolon(p, mst_lang_format(p->c, "what is added to '%s'", word));
  return finish(p, s);
}

static bool is_place(const ast_expr *e) {
  if (e->kind == AST_VAR) return true;
  if (e->kind == AST_INDEX || e->kind == AST_TUPLE_GET) return is_place(e->arg[0]);
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
    mst_parse_warn_once(p, &p->warned_arrow, t, "'<-' is deprecated; try '='");
  }
  int width = lhs->end.line == lhs->loc.line ? lhs->end.column - lhs->loc.column : 1;
  if (!is_place(lhs))
    mst_lang_fail(p->c, lhs->loc, width, "a value cannot be assigned to; expected a variable, an element "
                  "of one, or a tuple of these before '%.*s'", t->length, t->text);
  s->rhs = mst_parse_expr(p);
  mst_parse_semicolon(p, "the assignment");
  return finish(p, s);
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
  const lang_token *opener =
      mst_parse_open(p, LANG_TOKEN_OPEN, mst_lang_format(p->c, "'~ %s' needs its arguments", s->name));
  mst_parse_arguments(p, LANG_TOKEN_CLOSE, opener, &s->arg, &s->nargs);
  truncation(p, s);
  mst_parse_semicolon(p, mst_lang_format(p->c, "'~ %s(...)'", s->name));
  return finish(p, s);
}

static ast_stmt *call_statement(lang_parser *p, ast_stmt *s, ast_expr *call) {
  s->kind = AST_CALL_STMT;
  s->rhs = call;
  if (strcmp(call->name, "increment_log_prob") == 0 && call->nargs == 1 &&
      !mst_parse_defined(p, call->name)) {
    bool *warned = &p->warned_increment;
    lang_token t = {.loc = call->loc, .length = (int)strlen(call->name)};
    mst_parse_warn_once(p, warned, &t, "'increment_log_prob(e)' is deprecated; try 'target += e'");
    s->kind = AST_TARGET;
    s->rhs = call->arg[0];
  }
  mst_parse_take(p);
  return finish(p, s);
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
  if (next != LANG_TOKEN_NAME && !(next == LANG_TOKEN_LT && mst_parse_kind(p, 2) == LANG_TOKEN_LOWER))
    return;
  const char *near = mst_parse_type_meant(p, t);
  if (near) mst_parse_unexpected(p, "an unknown type", "a type such as int, real or vector", near);
}

static ast_stmt *from_expression(lang_parser *p) {
  misspelt(p);
  ast_stmt *s = node(p, AST_EMPTY);
  const lang_token *first = mst_parse_peek(p, 0);
  bool prefix = first->kind == LANG_TOKEN_SUB || first->kind == LANG_TOKEN_ADD ||
                first->kind == LANG_TOKEN_NOT;
  ast_expr *e = prefix ? mst_parse_expr(p) : mst_parse_postfix(p);
  lang_token_kind k = mst_parse_kind(p, 0);
  bool arrow = k == LANG_TOKEN_LT && mst_parse_kind(p, 1) == LANG_TOKEN_SUB && mst_parse_touching(p, 0);
  if (k == LANG_TOKEN_SET || assigns(k) || arrow) return assignment(p, s, e);
  if (k == LANG_TOKEN_SEMICOLON && e->kind == AST_CALL && !e->bar) return call_statement(p, s, e);
  if (mst_parse_kind(p, 1) == k && (k == LANG_TOKEN_ADD || k == LANG_TOKEN_SUB) &&
      mst_parse_touching(p, 0) && mst_parse_kind(p, 2) == LANG_TOKEN_SEMICOLON)
    mst_parse_unexpected(p, "a counter as in C", "'=', '+=' or '~'", k == LANG_TOKEN_ADD ? "+= 1" : "-= 1");
  if (!prefix) e = mst_parse_onwards(p, e);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_TILDE) return tilde(p, s, e);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_SEMICOLON && e->kind == AST_BINARY && e->op == AST_EQ)
    mst_lang_fail(p->c, e->op_loc, 2, "a comparison as a statement; expected '=', got '=='; try = to "
                  "assign");
  if (e->kind == AST_CALL && !e->bar) mst_parse_semicolon(p, "the call");
  mst_parse_unexpected(p, "an expression is no statement", "'=', '+=', '~' or an operator", NULL);
}

/* `{1, 2} ~ ...`: braces around an array, not around statements. */
static bool at_array(lang_parser *p) {
  for (int i = 1, open = 1;; i++) {
    lang_token_kind k = mst_parse_kind(p, i);
    if (k == LANG_TOKEN_SEMICOLON || k == LANG_TOKEN_END) return false;
    if (k == LANG_TOKEN_OPEN_BRACE) open++;
    if (k == LANG_TOKEN_CLOSE_BRACE && --open == 0)
      return i > 1 && mst_parse_kind(p, i + 1) == LANG_TOKEN_TILDE;
  }
}

static ast_stmt *statement(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  switch (t->kind) {
  case LANG_TOKEN_OPEN_BRACE:
    return at_array(p) ? from_expression(p) : mst_parse_braces(p, "the brace", t->loc);
  case LANG_TOKEN_SEMICOLON:
    return simple(p, AST_EMPTY);
  case LANG_TOKEN_IF:
    return if_statement(p);
  case LANG_TOKEN_WHILE:
    return while_statement(p);
  case LANG_TOKEN_FOR:
    return for_statement(p);
  case LANG_TOKEN_PROFILE:
    return profile(p);
  case LANG_TOKEN_BREAK:
    return simple(p, AST_BREAK);
  case LANG_TOKEN_CONTINUE:
    return simple(p, AST_CONTINUE);
  case LANG_TOKEN_RETURN:
    return return_statement(p);
  case LANG_TOKEN_PRINT:
    return printing(p, AST_PRINT);
  case LANG_TOKEN_REJECT:
    return printing(p, AST_REJECT);
  case LANG_TOKEN_FATAL:
    return printing(p, AST_FATAL);
  case LANG_TOKEN_TARGET:
    return adds_to(p, AST_TARGET);
  case LANG_TOKEN_JACOBIAN:
    return adds_to(p, AST_JACOBIAN);
  case LANG_TOKEN_ELSE:
    mst_parse_unexpected(p, "'else' without its 'if'", "a statement",
                         "no ';' before 'else', and braces around several statements");
  default:
    return from_expression(p);
  }
}

static void statement_into(lang_parser *p, ast_stmt ***list, int *count) {
  mst_parse_annotations(p);
  mst_parse_deeper(p);
  if (mst_parse_at_declaration(p)) {
    mst_parse_declaration(p, list, count);
  } else {
    ast_stmt *s = statement(p);
    MST_LANG_PUSH(p->c, *list, *count, s);
  }
  mst_parse_back(p);
}
