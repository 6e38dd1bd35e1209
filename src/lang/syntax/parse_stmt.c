/* lang/syntax/parse_stmt.c -- statements: blocks, control, printing; parse_effect.c has the
 * others. */
#include <string.h>

#include "lang/syntax/parse_impl.h"

static void statement_into(lang_parser *p, ast_stmt ***list, int *count);

void mst_parse_annotations(lang_parser *p) {
  while (mst_parse_kind(p, 0) == LANG_TOKEN_AT) {
    const lang_token *at = mst_parse_take(p), *t = mst_parse_peek(p, 0);
    if (t->kind != LANG_TOKEN_NAME && t->kind < LANG_TOKEN_FUNCTIONS)
      mst_parse_unexpected(p, "an annotation without its name", "a name after '@'", NULL);
    mst_parse_take(p);
    mst_parse_warn_once(
        p, &p->warned_note, at,
        mst_lang_format(p->c, "the annotation '@%.*s' has no effect", t->length, t->text));
  }
}

/* ---- bodies ---- */

/* A statement where one is expected; several declared names make a block. */
static ast_stmt *body(lang_parser *p, const char *of) {
  if (mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE_BRACE || mst_parse_kind(p, 0) == LANG_TOKEN_END)
    mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' has no body", of), "a statement", NULL);
  ast_stmt *s = mst_parse_stmt_node(p, AST_BLOCK);
  p->scopes++;
  statement_into(p, &s->stmt, &s->nstmts);
  p->scopes--;
  return s->nstmts == 1 ? s->stmt[0] : mst_parse_stmt_done(p, s);
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
  mst_parse_unexpected(p,
                       mst_lang_format(p->c, "the block '%s' has declarations only", p->block_name),
                       "a type or '}'", p->block == AST_IN_DATA ? "transformed data" : "model");
}

ast_stmt *mst_parse_braces(lang_parser *p, const char *what, lang_loc loc) {
  ast_stmt *s = mst_parse_stmt_node(p, AST_BLOCK);
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
  return mst_parse_stmt_done(p, s);
}

/* ---- control ---- */

static ast_expr *condition(lang_parser *p, const char *of) {
  const lang_token *opener = mst_parse_open(
      p, LANG_TOKEN_OPEN, mst_lang_format(p->c, "'%s' needs its condition in parentheses", of));
  ast_expr *e = mst_parse_expr(p);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_SET)
    mst_parse_unexpected(p, mst_lang_format(p->c, "an assignment in the condition of '%s'", of),
                         "an operator or ')'", "== to compare");
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "an operator or ");
  return e;
}

static ast_stmt *if_statement(lang_parser *p) {
  ast_stmt *s = mst_parse_stmt_node(p, AST_IF);
  mst_parse_take(p);
  s->cond = condition(p, "if");
  if (mst_parse_is_word(p, 0, "then"))
    mst_parse_unexpected(p, "'then' after a condition", "a statement", "to delete it");
  s->body = body(p, "if");
  if (mst_parse_accept(p, LANG_TOKEN_ELSE)) s->other = body(p, "else");
  return mst_parse_stmt_done(p, s);
}

static ast_stmt *while_statement(lang_parser *p) {
  ast_stmt *s = mst_parse_stmt_node(p, AST_WHILE);
  mst_parse_take(p);
  s->cond = condition(p, "while");
  s->body = body(p, "while");
  return mst_parse_stmt_done(p, s);
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
  mst_parse_unexpected(p, "a loop as in C", "a name and 'in'",
                       mst_lang_format(p->c, "for (%s in 1:N)", i));
}

static ast_stmt *for_statement(lang_parser *p) {
  ast_stmt *s = mst_parse_stmt_node(p, AST_FOR);
  mst_parse_take(p);
  const lang_token *opener =
      mst_parse_open(p, LANG_TOKEN_OPEN, "'for' needs its range in parentheses");
  not_as_in_c(p);
  s->decl = MST_LANG_NEW(p->c, ast_decl);
  s->decl->name = mst_parse_new_name(p, "a loop variable", &s->decl->loc);
  s->decl->block = p->block;
  s->decl->loop_variable = true;
  if (!mst_parse_accept(p, LANG_TOKEN_IN))
    mst_parse_unexpected(p,
                         mst_lang_format(p->c, "'for (%s' does not say over what", s->decl->name),
                         "'in'", mst_lang_format(p->c, "for (%s in 1:N)", s->decl->name));
  s->low = mst_parse_expr(p);
  if (mst_parse_accept(p, LANG_TOKEN_COLON)) {
    s->high = mst_parse_expr(p);
    s->decl->type.base = LANG_INT;
    if (mst_parse_kind(p, 0) == LANG_TOKEN_COLON)
      mst_parse_unexpected(p, "a range with a step", "')'",
                           "a while loop, or an index computed inside");
  } else {
    s->kind = AST_FOREACH;
    s->rhs = s->low;
    s->low = NULL;
  }
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener,
                  s->high ? "an operator or " : "':', an operator or ");
  s->body = body(p, "for");
  return mst_parse_stmt_done(p, s);
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
  ast_stmt *s = mst_parse_stmt_node(p, AST_RETURN);
  mst_parse_take(p);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE_BRACE) mst_parse_semicolon(p, "'return'");
  if (!mst_parse_accept(p, LANG_TOKEN_SEMICOLON)) {
    s->rhs = mst_parse_expr(p);
    mst_parse_semicolon(p, "the returned value");
  }
  return mst_parse_stmt_done(p, s);
}

static ast_stmt *simple(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = mst_parse_stmt_node(p, kind);
  const lang_token *t = mst_parse_take(p);
  if (kind != AST_EMPTY)
    mst_parse_semicolon(p, mst_lang_format(p->c, "'%.*s'", t->length, t->text));
  return mst_parse_stmt_done(p, s);
}

static ast_stmt *printing(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = mst_parse_stmt_node(p, kind);
  const lang_token *t = mst_parse_take(p);
  const char *word = mst_parse_text(p, t);
  const lang_token *opener =
      mst_parse_open(p, LANG_TOKEN_OPEN, mst_lang_format(p->c, "'%s' needs its arguments", word));
  do {
    ast_expr *e =
        mst_parse_kind(p, 0) == LANG_TOKEN_STRING ? mst_parse_string(p) : mst_parse_expr(p);
    MST_LANG_PUSH(p->c, s->arg, s->nargs, e);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "',' or ");
  mst_parse_semicolon(p, mst_lang_format(p->c, "'%s'", word));
  return mst_parse_stmt_done(p, s);
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
    return at_array(p) ? mst_parse_effect(p) : mst_parse_braces(p, "the brace", t->loc);
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
    return mst_parse_adds_to(p, AST_TARGET);
  case LANG_TOKEN_JACOBIAN:
    return mst_parse_adds_to(p, AST_JACOBIAN);
  case LANG_TOKEN_ELSE:
    mst_parse_unexpected(p, "'else' without its 'if'", "a statement",
                         "no ';' before 'else', and braces around several statements");
  default:
    return mst_parse_effect(p);
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
