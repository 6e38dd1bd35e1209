/* lang/syntax/ast_show.c -- the text of an expression, fully parenthesised: see parse.h. */
#include <stdio.h>
#include <string.h>

#include "lang/syntax/parse.h"

typedef struct shown { /* text that grows in the pool */
  lang_context *c;
  char *text;
  size_t used, room;
} shown;

static void add(shown *s, const char *text) {
  size_t n = strlen(text);
  if (s->used + n + 1 > s->room) {
    s->room = 2 * (s->room + n) + 64;
    char *p = mst_lang_alloc(s->c, s->room);
    if (s->used) memcpy(p, s->text, s->used);
    s->text = p;
  }
  memcpy(s->text + s->used, text, n + 1);
  s->used += n;
}

static const char *const operators[] = {
    [AST_ADD] = "+",       [AST_SUB] = "-",      [AST_MUL] = "*",       [AST_DIV] = "/",
    [AST_INT_DIV] = "%/%", [AST_MOD] = "%",      [AST_LEFT_DIV] = "\\", [AST_POW] = "^",
    [AST_ELT_MUL] = ".*",  [AST_ELT_DIV] = "./", [AST_ELT_POW] = ".^",  [AST_OR] = "||",
    [AST_AND] = "&&",      [AST_EQ] = "==",      [AST_NE] = "!=",       [AST_LT] = "<",
    [AST_LE] = "<=",       [AST_GT] = ">",       [AST_GE] = ">=",       [AST_NOT] = "!",
    [AST_NEG] = "-",       [AST_PLUS] = "+",     [AST_TRANSPOSE] = "'"};

static void show(shown *s, const ast_expr *e);

static void list(shown *s, const ast_expr *e, const char *open, const char *close) {
  add(s, open);
  for (int i = 0; i < e->nargs; i++) {
    if (i) add(s, e->bar && i == 1 ? " | " : ", ");
    show(s, e->arg[i]);
  }
  if (e->bar && e->nargs == 1) add(s, " | ");
  add(s, close);
}

/* What an index or .1 follows: numbers in parentheses, as 1.1 would be another number. */
static void show_base(shown *s, const ast_expr *e) {
  bool number = e->kind == AST_INT || e->kind == AST_REAL || e->kind == AST_IMAG;
  if (number) add(s, "(");
  show(s, e);
  if (number) add(s, ")");
}

static void indices(shown *s, const ast_expr *e) {
  show_base(s, e->arg[0]);
  add(s, "[");
  for (int i = 0; i < e->nindices; i++) {
    const ast_index *x = &e->index[i];
    if (i) add(s, ", ");
    if (x->low) show(s, x->low);
    if (x->kind != AST_INDEX_SINGLE && x->kind != AST_INDEX_MULTI) add(s, ":");
    if (x->high) show(s, x->high);
  }
  add(s, "]");
}

static void operation(shown *s, const ast_expr *e) {
  add(s, "(");
  if (e->kind == AST_BINARY) {
    show(s, e->arg[0]);
    add(s, " ");
  }
  if (e->op == AST_TRANSPOSE) show(s, e->arg[0]);
  add(s, operators[e->op]);
  if (e->kind == AST_BINARY) {
    add(s, " ");
    show(s, e->arg[1]);
  } else if (e->op != AST_TRANSPOSE) {
    show(s, e->arg[0]);
  }
  add(s, ")");
}

static void show(shown *s, const ast_expr *e) {
  switch (e->kind) {
  case AST_INT:
    add(s, mst_lang_format(s->c, "%lld", (long long)e->integer));
    break;
  case AST_REAL:
  case AST_IMAG:
  case AST_VAR:
    add(s, e->name);
    break;
  case AST_STRING:
    add(s, mst_lang_format(s->c, "\"%s\"", e->name));
    break;
  case AST_UNARY:
  case AST_BINARY:
    operation(s, e);
    break;
  case AST_TERNARY:
    add(s, "(");
    show(s, e->arg[0]);
    add(s, " ? ");
    show(s, e->arg[1]);
    add(s, " : ");
    show(s, e->arg[2]);
    add(s, ")");
    break;
  case AST_INDEX:
    indices(s, e);
    break;
  case AST_CALL:
    add(s, e->name);
    list(s, e, "(", ")");
    break;
  case AST_ARRAY:
    list(s, e, "{", "}");
    break;
  case AST_ROW:
    list(s, e, "[", "]");
    break;
  case AST_TUPLE:
    list(s, e, "(", e->nargs == 1 ? ",)" : ")");
    break;
  case AST_TUPLE_GET:
    show_base(s, e->arg[0]);
    add(s, mst_lang_format(s->c, ".%lld", (long long)e->integer));
    break;
  }
}

const char *mst_ast_show(lang_context *c, const ast_expr *e) {
  shown s = {.c = c};
  show(&s, e);
  return s.text;
}
