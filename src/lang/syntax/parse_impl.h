/* lang/syntax/parse_impl.h -- what the files of the parser share; nobody else includes it.
 *
 * Recursive descent with the tokens kept, so that messages can look back. Every function ends in
 * mst_lang_fail when the text is not what it parses. parse.c has program and functions,
 * parse_stmt.c statements, parse_type.c types, parse_decl.c declarations, parse_expr.c expressions,
 * parse_words.c wording.
 */
#ifndef MST_LANG_PARSE_IMPL_H
#define MST_LANG_PARSE_IMPL_H

#include "lang/syntax/scan.h"

typedef struct lang_parser {
  lang_context *c;
  lang_scan scan;
  lang_token *token; /* read so far; what is before `at` has been taken */
  int ntokens, at;
  int depth;              /* of the recursion */
  bool prelude;           /* names may end in __ */
  ast_block_kind block;   /* being parsed */
  const char *block_name; /* as in the program */
  int scopes;             /* braces open inside the block */
  const char **function;  /* names defined so far */
  int nfunctions;
  bool warned_array, warned_arrow, warned_increment, warned_get_lp, warned_if_else, warned_note;
} lang_parser;

/* ---- tokens ---- */
const lang_token *mst_parse_peek(lang_parser *p, int ahead); /* 0: the next one */
const lang_token *mst_parse_take(lang_parser *p);
const lang_token *mst_parse_last(lang_parser *p); /* taken last; the next one before any was */
bool mst_parse_accept(lang_parser *p, lang_token_kind kind);
lang_token_kind mst_parse_kind(lang_parser *p, int ahead);
bool mst_parse_is_word(lang_parser *p, int ahead, const char *word); /* a NAME spelt so */
bool mst_parse_touching(lang_parser *p, int ahead); /* no space between that token and the next */
char *mst_parse_text(lang_parser *p, const lang_token *t);

/* Recursion in and out; refuses more than AST_DEEPEST. */
void mst_parse_deeper(lang_parser *p);
static inline void mst_parse_back(lang_parser *p) { p->depth--; }

/* ---- wording: parse_words.c ---- */
/* "'x'", "the keyword 'for'", "the number 3", "the end of the program" */
const char *mst_parse_name_token(lang_parser *p, const lang_token *t);
/* "what; expected X, got Y" at the next token, or "... got Y; try Z". */
_Noreturn void mst_parse_unexpected(lang_parser *p, const char *what, const char *expected,
                                    const char *try_this);
/* `kind`, which closes what was opened at `opener`; says so when it is missing. */
void mst_parse_close(lang_parser *p, lang_token_kind kind, const lang_token *opener,
                     const char *also_expected);
/* The semicolon after `what` ("the statement"); when it is missing, points to where it belongs. */
void mst_parse_semicolon(lang_parser *p, const char *what);
/* An opening parenthesis or bracket after `what`; returns its token. */
const lang_token *mst_parse_open(lang_parser *p, lang_token_kind kind, const char *what);
/* A new name for `what`; refuses reserved words. */
char *mst_parse_new_name(lang_parser *p, const char *what, lang_loc *loc);
/* When the next tokens are a block's heading or the end: a brace is missing; `what` it closes. */
void mst_parse_check_brace(lang_parser *p, const char *what, lang_loc opener);
/* Whether a heading such as `transformed data {` begins here. */
bool mst_parse_at_heading(lang_parser *p);
/* A warning that is given once a program. */
void mst_parse_warn_once(lang_parser *p, bool *warned, const lang_token *t, const char *text);
bool mst_parse_defined(const lang_parser *p, const char *function);

/* ---- expressions: parse_expr.c, parse_primary.c ---- */
ast_expr *mst_parse_expr(lang_parser *p);
ast_expr *mst_parse_bound(lang_parser *p);   /* no comparisons, logic or ?: (inside < >) */
ast_expr *mst_parse_postfix(lang_parser *p); /* a primary with its indices, calls and ' */
ast_expr *mst_parse_onwards(lang_parser *p,
                            ast_expr *left); /* the rest of an expression that begins so */
void mst_parse_arguments(lang_parser *p, lang_token_kind close, const lang_token *opener,
                         ast_expr ***arg, int *nargs); /* after the opener; may be empty */
ast_expr *mst_parse_string(lang_parser *p);
ast_expr *mst_parse_primary(lang_parser *p);
ast_expr *mst_parse_indexed(lang_parser *p, ast_expr *of); /* from [ to ] */
ast_expr *mst_parse_expr_node(lang_parser *p, ast_expr_kind kind, lang_loc loc);
void mst_parse_expr_args(lang_parser *p, ast_expr *e, int n, ast_expr *a, ast_expr *b, ast_expr *c);
ast_expr *mst_parse_expr_done(lang_parser *p, ast_expr *e); /* sets end and height */
ast_expr *mst_parse_call_node(lang_parser *p, const lang_token *name, const char *text,
                              ast_expr **arg, int nargs);

/* ---- types and declarations: parse_type.c, parse_decl.c ---- */
/* A type with sizes and constraints; the declaration has no name yet. top: constraints are allowed.
 */
ast_decl *mst_parse_sized(lang_parser *p, bool top);
lang_type mst_parse_unsized(lang_parser *p,
                            const char *what); /* argument or result of a function */
bool mst_parse_at_declaration(lang_parser *p);
/* `type name = e, name ...;` as one statement a name, added to the list. */
void mst_parse_declaration(lang_parser *p, ast_stmt ***list, int *count);
/* For a word where a type should stand: the nearest type, or NULL. */
const char *mst_parse_type_meant(lang_parser *p, const lang_token *t);

/* ---- statements: parse_stmt.c, parse_effect.c ---- */
ast_stmt *mst_parse_stmt_node(lang_parser *p, ast_stmt_kind kind);
ast_stmt *mst_parse_stmt_done(lang_parser *p, ast_stmt *s);
ast_stmt *mst_parse_effect(lang_parser *p);                      /* begins with an expression */
ast_stmt *mst_parse_adds_to(lang_parser *p, ast_stmt_kind kind); /* target or jacobian += */
/* From { to }: declarations and statements; in data and parameters declarations alone. */
ast_stmt *mst_parse_braces(lang_parser *p, const char *what, lang_loc loc);
void mst_parse_annotations(lang_parser *p); /* skips @name */

#endif
