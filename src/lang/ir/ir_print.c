/* lang/ir/ir_print.c -- see ir_print.h: expressions and statements. */
#include "lang/ir/ir_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "lang/ir/ir_ode.h"

static const char *infix(ir_prim prim) {
  switch (prim) {
  case IR_ADD:
    return "+";
  case IR_SUB:
    return "-";
  case IR_MUL:
    return "*";
  case IR_DIV:
    return "/";
  case IR_INT_DIV:
    return "%/%";
  case IR_INT_MOD:
    return "%";
  case IR_EQ:
    return "==";
  case IR_NE:
    return "!=";
  case IR_LT:
    return "<";
  case IR_LE:
    return "<=";
  case IR_GT:
    return ">";
  case IR_GE:
    return ">=";
  case IR_AND:
    return "&&";
  case IR_OR:
    return "||";
  default:
    return NULL;
  }
}

static void print_list(FILE *f, ir_expr *const *arg, int nargs);

void mst_ir_print_name(FILE *f, const ir_var *v) {
  fprintf(f, "%.*s", (int)strlen(v->name) - 2, v->name);
}

void mst_ir_print_expr(FILE *f, const ir_expr *e) {
  switch (e->op) {
  case IR_CONST_INT:
    fprintf(f, "%lld", (long long)e->integer);
    return;
  case IR_CONST_REAL:
    fprintf(f, "%.17g", e->real);
    return;
  case IR_LOAD:
    mst_ir_print_name(f, e->var);
    if (e->nargs > 0) {
      fputc('[', f);
      print_list(f, e->arg, e->nargs);
      fputc(']', f);
    }
    return;
  case IR_SELECT:
    fputc('(', f);
    mst_ir_print_expr(f, e->arg[0]);
    fputs(" ? ", f);
    mst_ir_print_expr(f, e->arg[1]);
    fputs(" : ", f);
    mst_ir_print_expr(f, e->arg[2]);
    fputc(')', f);
    return;
  case IR_CHECK_INDEX:
    fputs("check(", f);
    print_list(f, e->arg, e->nargs);
    fputc(')', f);
    return;
  case IR_CALL:
    break;
  }
  if (infix(e->prim)) {
    fputc('(', f);
    mst_ir_print_expr(f, e->arg[0]);
    fprintf(f, " %s ", infix(e->prim));
    mst_ir_print_expr(f, e->arg[1]);
    fputc(')', f);
  } else {
    fprintf(f, "%s(", mst_ir_prim_name(e->prim));
    print_list(f, e->arg, e->nargs);
    fputc(')', f);
  }
}

static void print_list(FILE *f, ir_expr *const *arg, int nargs) {
  for (int i = 0; i < nargs; i++) {
    if (i) fputs(", ", f);
    mst_ir_print_expr(f, arg[i]);
  }
}

void mst_ir_print_var(FILE *f, const ir_var *v) {
  static const char *const types[] = {"int", "real", "lane", "mask"};
  fprintf(f, "%s ", types[v->type]);
  mst_ir_print_name(f, v);
  if (v->ndims > 0) {
    fputc('[', f);
    if (v->tiled)
      fputs("tile", f);
    else
      print_list(f, v->dim, v->ndims);
    fputc(']', f);
  }
}

static void print_element(FILE *f, const ir_stmt *s) {
  mst_ir_print_name(f, s->var);
  if (s->nindices > 0) {
    fputc('[', f);
    print_list(f, s->index, s->nindices);
    fputc(']', f);
  }
}

static void print_vars(FILE *f, ir_var *const *var, int n) {
  for (int i = 0; i < n; i++) {
    if (i) fputs(", ", f);
    if (var[i])
      mst_ir_print_name(f, var[i]);
    else
      fputc('-', f);
  }
}

static void print_stmt(FILE *f, const ir_stmt *s, int depth);

void mst_ir_print_block(FILE *f, const ir_block *b, int depth) {
  for (int i = 0; i < b->nstmts; i++) print_stmt(f, b->stmt[i], depth);
}

static void print_indent(FILE *f, int depth) {
  for (int i = 0; i < depth; i++) fputs("  ", f);
}

/* A statement with a body: `head {`, body, `}`. */
static void print_scope(FILE *f, const ir_stmt *s, int depth) {
  fputs(" {\n", f);
  mst_ir_print_block(f, &s->body, depth + 1);
  print_indent(f, depth);
  if (s->kind == IR_IF && s->other.nstmts > 0) {
    fputs("} else {\n", f);
    mst_ir_print_block(f, &s->other, depth + 1);
    print_indent(f, depth);
  }
  fputs("}\n", f);
}

static void print_text(FILE *f, const ir_stmt *s) {
  fputs(s->kind == IR_PRINT ? "print(" : s->name ? "fatal(" : "reject(", f);
  for (int i = 0; i <= s->nargs; i++) {
    if (s->text && s->text[i]) fprintf(f, "\"%s\" ", s->text[i]);
    if (i < s->nargs) mst_ir_print_expr(f, s->arg[i]);
    if (i < s->nargs) fputc(' ', f);
  }
  fputs(")\n", f);
}

static void print_routine(FILE *f, const ir_stmt *s) {
  fprintf(f, "%s%s(", s->name ? s->name : s->ode->method, s->kind == IR_ROUTINE ? "" : "_adj");
  print_list(f, s->size, s->nsizes);
  fputs("; ", f);
  print_vars(f, s->in, s->nin);
  fputs(" -> ", f);
  print_vars(f, s->out, s->nout);
  fputs(")\n", f);
}

static void print_stmt(FILE *f, const ir_stmt *s, int depth) {
  static const char *const tile_text[] = {"", " in tiles", " after tiles", ""};
  print_indent(f, depth);
  switch (s->kind) {
  case IR_DECL:
    mst_ir_print_var(f, s->var);
    if (s->rhs) {
      fputs(" = ", f);
      mst_ir_print_expr(f, s->rhs);
    }
    fprintf(f, "%s%s%s%s%s\n", s->zero ? " zeroed" : "", s->var->once ? " (once)" : "",
            s->var->constant ? " (constant)" : "", s->var->persistent ? " (persistent)" : "",
            s->var->tiled ? " (tiled)" : "");
    return;
  case IR_ASSIGN:
    print_element(f, s);
    fputs(s->add ? " += " : " = ", f);
    mst_ir_print_expr(f, s->rhs);
    fputc('\n', f);
    return;
  case IR_TARGET:
    fputs("target += ", f);
    mst_ir_print_expr(f, s->rhs);
    fputc('\n', f);
    return;
  case IR_FOR:
  case IR_FOR_DOWN:
    fputs(s->kind == IR_FOR ? "for " : "down ", f);
    mst_ir_print_name(f, s->var);
    fputs(" below ", f);
    if (s->tile == IR_TILE_EACH)
      fputs("tile", f);
    else
      mst_ir_print_expr(f, s->count);
    fputs(tile_text[s->tile], f);
    print_scope(f, s, depth);
    return;
  case IR_WHILE:
  case IR_IF:
    fputs(s->kind == IR_IF ? "if " : "while ", f);
    mst_ir_print_expr(f, s->cond);
    print_scope(f, s, depth);
    return;
  case IR_BLOCK:
    fputs("do", f);
    print_scope(f, s, depth);
    return;
  case IR_ROUTINE:
  case IR_ROUTINE_ADJOINT:
    print_routine(f, s);
    return;
  case IR_PRINT:
  case IR_REJECT:
    print_text(f, s);
    return;
  case IR_PUSH:
  case IR_POP:
    fputs(s->kind == IR_PUSH ? "push " : s->declares ? "pop new " : "pop ", f);
    print_element(f, s);
    fputc('\n', f);
    return;
  }
}

/* ---- text in the pool */

typedef struct text_file {
  FILE *f;
  char *text;
  size_t bytes;
} text_file;

static void open_text(text_file *t) {
  t->f = open_memstream(&t->text, &t->bytes);
  MST_ASSERT(t->f);
}

static const char *close_text(lang_context *c, text_file *t) {
  fclose(t->f);
  const char *copy = mst_lang_copy(c, t->text, t->bytes);
  free(t->text);
  return copy;
}

const char *mst_ir_text(lang_context *c, const ir_program *p) {
  text_file t = {0};
  open_text(&t);
  mst_ir_print(t.f, p);
  return close_text(c, &t);
}

const char *mst_ir_expr_text(lang_context *c, const ir_expr *e) {
  text_file t = {0};
  open_text(&t);
  mst_ir_print_expr(t.f, e);
  return close_text(c, &t);
}
