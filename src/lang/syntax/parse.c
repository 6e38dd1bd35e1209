/* lang/syntax/parse.c -- programs: blocks in their order, and functions. */
#include "lang/syntax/parse.h"

#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "lang/syntax/parse_impl.h"

/* ---- functions ---- */

static ast_decl *argument(lang_parser *p) {
  ast_decl *d = MST_LANG_NEW(p->c, ast_decl);
  d->block = AST_IN_FUNCTION;
  d->data_only_arg = mst_parse_accept(p, LANG_TOKEN_DATA);
  const lang_token *first = mst_parse_peek(p, 0);
  d->type = mst_parse_unsized(p, "an argument");
  const lang_token *last = mst_parse_last(p);
  d->name = mst_parse_new_name(p, "an argument", &d->loc);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_OPEN_SQUARE) {
    int width = last->end.column - first->loc.column;
    const char *type = mst_lang_copy(p->c, first->text, width > 0 ? (size_t)width : 1);
    mst_parse_unexpected(p, mst_lang_format(p->c, "brackets after the argument '%s'", d->name),
                         "',' or ')'", mst_lang_format(p->c, "array[] %s %s", type, d->name));
  }
  if (mst_parse_kind(p, 0) == LANG_TOKEN_SET)
    mst_parse_unexpected(p, mst_lang_format(p->c, "the argument '%s' has a default value", d->name),
                         "',' or ')'", "to pass it in every call");
  return d;
}

static void arguments(lang_parser *p, ast_function *f) {
  const lang_token *opener = mst_parse_open(
      p, LANG_TOKEN_OPEN, mst_lang_format(p->c, "the function '%s' needs its arguments", f->name));
  if (mst_parse_accept(p, LANG_TOKEN_CLOSE)) return;
  do {
    ast_decl *d = argument(p);
    MST_LANG_PUSH(p->c, f->arg, f->nargs, d);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "',' or ");
}

static ast_function *function(lang_parser *p) {
  ast_function *f = MST_LANG_NEW(p->c, ast_function);
  f->prelude = p->prelude;
  if (!mst_parse_accept(p, LANG_TOKEN_VOID)) {
    const lang_token *t = mst_parse_peek(p, 0);
    if (t->kind == LANG_TOKEN_NAME && mst_parse_kind(p, 1) == LANG_TOKEN_OPEN)
      mst_parse_unexpected(p, "a function without the type of its result", "a type or 'void'",
                           mst_lang_format(p->c, "real %.*s(...)", t->length, t->text));
    if (t->kind != LANG_TOKEN_NAME && !mst_token_is_type(t->kind))
      mst_parse_unexpected(p, "the block 'functions' has functions only",
                           "the type of a result or '}'", NULL);
    f->result = mst_parse_unsized(p, "a result");
  }
  f->name = mst_parse_new_name(p, "a function", &f->loc);
  MST_LANG_PUSH(p->c, p->function, p->nfunctions, f->name);
  arguments(p, f);
  if (mst_parse_accept(p, LANG_TOKEN_SEMICOLON)) return f;
  const char *what = mst_lang_format(p->c, "the function '%s'", f->name);
  p->scopes = 0;
  p->block = AST_IN_FUNCTION;
  f->body = mst_parse_braces(p, what, f->loc);
  return f;
}

static void functions_block(lang_parser *p, ast_program *program, lang_loc loc) {
  mst_parse_open(p, LANG_TOKEN_OPEN_BRACE, "the block 'functions' needs its brace");
  for (;;) {
    mst_parse_annotations(p);
    if (mst_parse_accept(p, LANG_TOKEN_SEMICOLON)) continue;
    if (mst_parse_accept(p, LANG_TOKEN_CLOSE_BRACE)) return;
    mst_parse_check_brace(p, "the block 'functions'", loc);
    ast_function *f = function(p);
    MST_LANG_PUSH(p->c, program->function, program->nfunctions, f);
  }
}

/* ---- blocks ---- */

static const char *const block_names[] = {"functions",
                                          "data",
                                          "transformed data",
                                          "parameters",
                                          "transformed parameters",
                                          "model",
                                          "generated quantities",
                                          NULL};
enum { FUNCTIONS, DATA, TDATA, PARAMETERS, TPARAMETERS, MODEL, GENERATED, BLOCKS };

/* One or two words, as a heading has them; NULL when there is none. *words: how many. */
static const char *heading_text(lang_parser *p, int *words) {
  const lang_token *t = mst_parse_peek(p, 0), *u;
  if (t->kind != LANG_TOKEN_NAME && t->kind < LANG_TOKEN_FUNCTIONS) return NULL;
  *words = 1;
  u = mst_parse_peek(p, 1);
  if (u->kind != LANG_TOKEN_NAME && u->kind < LANG_TOKEN_FUNCTIONS) return mst_parse_text(p, t);
  *words = 2;
  return mst_lang_format(p->c, "%.*s %.*s", t->length, t->text, u->length, u->text);
}

static _Noreturn void no_heading(lang_parser *p, const char *text, int words) {
  const lang_token *t = mst_parse_peek(p, 0);
  if (!text || mst_token_is_type(t->kind)) {
    if (t->kind == LANG_TOKEN_CLOSE_BRACE)
      mst_parse_unexpected(p, "a brace too many: it closes nothing",
                           "a block or the end of the program", "to delete it");
    mst_parse_unexpected(p, "code outside the blocks", "a block such as data, parameters or model",
                         mst_token_is_type(t->kind) ? "data { ... } around it" : NULL);
  }
  const char *near = mst_nearest(text, block_names);
  lang_token_kind after = mst_parse_kind(p, words);
  if (strcmp(text, "transformed") == 0) near = "transformed data or transformed parameters";
  if (strcmp(text, "generated") == 0) near = "generated quantities";
  if (!near && after != LANG_TOKEN_OPEN_BRACE)
    mst_parse_unexpected(p, "code outside the blocks", "a block such as data, parameters or model",
                         NULL);
  int width = words == 1 ? t->length : (int)strlen(text);
  mst_lang_fail(p->c, t->loc, width,
                "no block has the name '%s'; expected functions, data, transformed "
                "data, parameters, transformed parameters, model or generated quantities%s%s",
                text, near ? "; try " : "", near ? near : "");
}

static int block_named(const char *text) {
  for (int i = 0; i < BLOCKS; i++)
    if (strcmp(block_names[i], text) == 0) return i;
  return -1;
}

/* Takes a heading; returns which block. */
static int heading(lang_parser *p) {
  int words = 0;
  const char *text = heading_text(p, &words);
  int which = text ? block_named(text) : -1;
  if (which < 0 && words == 2) { /* `model x {`: the brace is what is missing */
    which = block_named(mst_parse_text(p, mst_parse_peek(p, 0)));
    if (which >= 0) words = 1;
  }
  if (which < 0) no_heading(p, text, words);
  while (words--) mst_parse_take(p);
  return which;
}

static void check_order(lang_parser *p, const lang_loc *seen, int latest, int which,
                        const lang_token *t) {
  const char *name = block_names[which];
  if (seen[which].line)
    mst_lang_fail(p->c, t->loc, (int)strlen(name),
                  "the block '%s' appears twice; expected it once, the "
                  "first is on line %d; try one block with all of it",
                  name, seen[which].line);
  if (which < latest)
    mst_lang_fail(p->c, t->loc, (int)strlen(name),
                  "the block '%s' stands after '%s'; expected functions, "
                  "data, transformed data, parameters, transformed parameters, model, generated "
                  "quantities in this order; try to move it",
                  name, block_names[latest]);
}

static void block(lang_parser *p, ast_program *program, int which, lang_loc loc) {
  static const ast_block_kind kinds[] = {AST_IN_FUNCTION,   AST_IN_DATA,        AST_IN_TDATA,
                                         AST_IN_PARAMETERS, AST_IN_TPARAMETERS, AST_IN_MODEL,
                                         AST_IN_GENERATED};
  ast_stmt **slots[] = {NULL,
                        &program->data,
                        &program->tdata,
                        &program->parameters,
                        &program->tparameters,
                        &program->model,
                        &program->generated};
  p->block = kinds[which];
  p->block_name = block_names[which];
  p->scopes = 0;
  if (which == FUNCTIONS)
    functions_block(p, program, loc);
  else
    *slots[which] =
        mst_parse_braces(p, mst_lang_format(p->c, "the block '%s'", block_names[which]), loc);
}

ast_program *mst_parse(lang_context *c, int file, lang_include *find_include, void *argument) {
  lang_parser p = {.c = c};
  mst_scan_start(&p.scan, c, file, find_include, argument);
  ast_program *program = MST_LANG_NEW(c, ast_program);
  lang_loc seen[BLOCKS] = {{0}};
  int latest = 0;
  for (;;) {
    while (mst_parse_accept(&p, LANG_TOKEN_SEMICOLON)) {
    }
    const lang_token *t = mst_parse_peek(&p, 0);
    if (t->kind == LANG_TOKEN_END) return program;
    int which = heading(&p);
    check_order(&p, seen, latest, which, t);
    seen[which] = t->loc;
    latest = which;
    block(&p, program, which, t->loc);
  }
}

ast_function **mst_parse_functions(lang_context *c, int file, int *count) {
  lang_parser p = {.c = c, .prelude = true};
  mst_scan_start(&p.scan, c, file, NULL, NULL);
  ast_function **list = NULL;
  *count = 0;
  while (mst_parse_kind(&p, 0) != LANG_TOKEN_END) {
    ast_function *f = function(&p);
    MST_LANG_PUSH(c, list, *count, f);
  }
  return list;
}
