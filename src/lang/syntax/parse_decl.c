/* lang/syntax/parse_decl.c -- declarations of variables: `type name = e, name ...;`. */
#include <string.h>

#include "lang/syntax/parse_impl.h"

bool mst_parse_at_declaration(lang_parser *p) { return mst_token_is_type(mst_parse_kind(p, 0)); }

/* Sizes after the name, as arrays were written once: they come before those of the type. */
static void old_dims(lang_parser *p, ast_decl *d, const lang_token *name) {
  const lang_token *opener = mst_parse_take(p);
  ast_expr **dims = NULL;
  int n = 0;
  if (mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE_SQUARE)
    mst_parse_unexpected(p, mst_lang_format(p->c, "the array '%s' needs its sizes", d->name),
                         "a size", "array[N]");
  mst_parse_arguments(p, LANG_TOKEN_CLOSE_SQUARE, opener, &dims, &n);
  if (d->type.arrays)
    mst_lang_fail(p->c, opener->loc, 1,
                  "sizes before and after the name '%s'; expected them after "
                  "'array' only; try array[..., ...]",
                  d->name);
  mst_parse_warn_once(p, &p->warned_array, name,
                      mst_lang_format(p->c,
                                      "arrays as 'type %s[...]' are deprecated; try array[...] "
                                      "type %s",
                                      d->name, d->name));
  d->type.arrays = n;
  for (int i = 0; i < d->ndims; i++) MST_LANG_PUSH(p->c, dims, n, d->dims[i]);
  d->dims = dims;
  d->ndims = n;
}

static void initial(lang_parser *p, ast_decl *d) {
  if (mst_parse_kind(p, 0) != LANG_TOKEN_SET) return;
  if (p->block == AST_IN_DATA || p->block == AST_IN_PARAMETERS)
    mst_parse_unexpected(p,
                         mst_lang_format(p->c,
                                         "the block '%s' declares only: '%s' gets no value "
                                         "here",
                                         p->block_name, d->name),
                         "';'",
                         p->block == AST_IN_DATA ? "transformed data" : "transformed parameters");
  mst_parse_take(p);
  d->init = mst_parse_expr(p);
}

/* One name of a declaration whose type is `type`. */
static ast_decl *named(lang_parser *p, const ast_decl *type) {
  ast_decl *d = MST_LANG_NEW(p->c, ast_decl);
  *d = *type;
  const lang_token *t = mst_parse_peek(p, 0);
  d->name = mst_parse_new_name(p, "a variable", &d->loc);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_OPEN_SQUARE) old_dims(p, d, t);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_OPEN)
    mst_parse_unexpected(p, mst_lang_format(p->c, "a function '%s' is defined here", d->name),
                         "',', '=' or ';'", "the block 'functions', before all others");
  if (mst_parse_kind(p, 0) == LANG_TOKEN_TILDE)
    mst_parse_unexpected(p, mst_lang_format(p->c, "the declaration of '%s' goes on", d->name),
                         "',', '=' or ';'",
                         mst_lang_format(p->c, "a statement of its own: %s ~ ...", d->name));
  initial(p, d);
  return d;
}

void mst_parse_declaration(lang_parser *p, ast_stmt ***list, int *count) {
  lang_loc loc = mst_parse_peek(p, 0)->loc;
  bool top = p->scopes == 1 && p->block != AST_IN_MODEL && p->block != AST_IN_FUNCTION;
  ast_decl *type = mst_parse_sized(p, top);
  const char *last;
  do {
    if (mst_parse_at_declaration(p) && mst_parse_last(p)->kind == LANG_TOKEN_COMMA)
      mst_parse_unexpected(p, "a declaration has one type", "a name", "';' instead of ','");
    ast_stmt *s = MST_LANG_NEW(p->c, ast_stmt);
    s->kind = AST_DECL;
    s->loc = loc;
    s->decl = named(p, type);
    s->end = mst_parse_last(p)->end;
    last = s->decl->name;
    MST_LANG_PUSH(p->c, *list, *count, s);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_semicolon(p, mst_lang_format(p->c, "the declaration of '%s'", last));
}
