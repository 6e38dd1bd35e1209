/* lang/syntax/parse_node.c -- statements made and ended. */
#include "lang/syntax/parse_impl.h"

ast_stmt *mst_parse_stmt_node(lang_parser *p, ast_stmt_kind kind) {
  ast_stmt *s = MST_LANG_NEW(p->c, ast_stmt);
  s->kind = kind;
  s->loc = mst_parse_peek(p, 0)->loc;
  return s;
}

ast_stmt *mst_parse_stmt_done(lang_parser *p, ast_stmt *s) {
  s->end = mst_parse_last(p)->end;
  return s;
}
