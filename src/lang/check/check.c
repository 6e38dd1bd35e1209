/* lang/check/check.c -- a whole program: functions, then blocks in order. See check.h,
 * check_impl.h. */
#include "lang/check/check.h"

#include <string.h>

#include "lang/check/check_impl.h"

/* ---- functions: what their heads say ---- */

static void fail_head(check_state *k, const ast_function *f, const char *text) {
  mst_lang_fail(k->c, f->loc, (int)strlen(f->name), "function %s %s", f->name, text);
}

static void check_density_head(check_state *k, const ast_function *f) {
  bool density = mst_check_suffix(f->name, "_lpdf"), mass = mst_check_suffix(f->name, "_lpmf");
  if (!density && !mass && !mst_check_suffix(f->name, "_lcdf") &&
      !mst_check_suffix(f->name, "_lccdf") && !mst_check_suffix(f->name, "_cdf"))
    return;
  if (!mst_type_is(f->result, LANG_REAL))
    fail_head(k, f,
              mst_lang_format(k->c, "is a distribution; expected it to return real, got %s",
                              CHECK_SHOW(k, f->result)));
  if (f->nargs == 0)
    fail_head(k, f, "is a distribution; expected an outcome as its first argument");
  bool integer = mst_type_discrete(f->arg[0]->type);
  if (density && integer)
    fail_head(k, f,
              mst_lang_format(k->c,
                              "is a density of reals; expected a first argument of "
                              "reals, got %s; try _lpmf",
                              CHECK_SHOW(k, f->arg[0]->type)));
  if (mass && !integer)
    fail_head(k, f,
              mst_lang_format(k->c,
                              "is a probability of ints; expected a first argument of "
                              "ints, got %s; try _lpdf",
                              CHECK_SHOW(k, f->arg[0]->type)));
}

/* Whether Stan has a function with these very argument types. */
static bool is_built_in(check_state *k, const ast_function *f) {
  const lang_signature *s = mst_signature_find(f->name);
  if (s == NULL || s->kind == LANG_INTRINSIC || s->kind == LANG_UNSUPPORTED) return false;
  lang_type *argument = MST_LANG_ARRAY(k->c, lang_type, f->nargs + 1);
  for (int i = 0; i < f->nargs; i++) argument[i] = f->arg[i]->type;
  return mst_signature_match(k->c, s, argument, f->nargs).cost == 0;
}

static void check_arguments(check_state *k, const ast_function *f) {
  for (int i = 0; i < f->nargs; i++) {
    const ast_decl *a = f->arg[i];
    if (!mst_type_value(a->type))
      mst_lang_fail(k->c, a->loc, (int)strlen(a->name), "argument '%s'; expected a type, got %s",
                    a->name, CHECK_SHOW(k, a->type));
    if (mst_type_complex(a->type))
      mst_lang_fail(k->c, a->loc, (int)strlen(a->name),
                    "argument '%s' is %s; complex numbers are not supported here; see "
                    "docs/stan-language.md",
                    a->name, CHECK_SHOW(k, a->type));
  }
}

/* Against the functions before it. */
static void check_other_heads(check_state *k, int number) {
  const ast_function *f = k->function[number];
  for (int i = 0; i < number; i++) {
    const ast_function *g = k->function[i];
    bool same = strcmp(f->name, g->name) == 0 && f->nargs == g->nargs;
    for (int j = 0; same && j < f->nargs; j++)
      same = mst_type_equal(f->arg[j]->type, g->arg[j]->type);
    if (!same) continue;
    const char *text = NULL;
    if (!mst_type_equal(f->result, g->result))
      text = "has the arguments of the one in line %d and another result; overloads differ in "
             "their arguments";
    else if (g->body != NULL || f->body == NULL)
      text = "is defined already, in line %d";
    for (int j = 0; text == NULL && j < f->nargs; j++)
      if (f->arg[j]->data_only_arg != g->arg[j]->data_only_arg)
        text = "differs from its declaration in line %d: an argument is data in one of them only";
    if (text != NULL) fail_head(k, f, mst_lang_format(k->c, text, g->loc.line));
  }
}

static void check_head(check_state *k, int number) {
  const ast_function *f = k->function[number];
  if (mst_check_suffix(f->name, "_lupdf") || mst_check_suffix(f->name, "_lupmf"))
    fail_head(k, f, "cannot have this name: the compiler makes it from _lpdf or _lpmf; try that");
  const lang_signature *s = mst_signature_find(f->name);
  if (!k->prelude && s != NULL && s->kind == LANG_HIGHER)
    fail_head(k, f, "has the name of a built-in that takes functions; try another name");
  if (!k->prelude && is_built_in(k, f))
    fail_head(k, f, "is built in with these arguments; try another name");
  check_density_head(k, f);
  check_arguments(k, f);
  check_other_heads(k, number);
  if (f->body == NULL && mst_check_exact(k, f)->body == NULL)
    fail_head(k, f, "is declared and never defined");
}

/* ---- functions: bodies ---- */

static void check_body(check_state *k, ast_function *f) {
  k->in = f;
  k->block = AST_IN_FUNCTION;
  for (int i = 0; i < f->nargs; i++) mst_check_push(k, f->arg[i], true);
  mst_check_stmt(k, f->body);
  if (f->result.base != LANG_VOID && !mst_check_returns(f->body))
    mst_lang_fail(k->c, f->loc, (int)strlen(f->name),
                  "function %s can end without a value; expected return on every path", f->name);
  mst_check_pop(k, 0);
  f->checked = true;
  k->in = NULL;
}

typedef struct call_walk { /* depth first through the calls */
  const check_edge **way;
  bool *done; /* by number of function: nothing below leads back */
} call_walk;

static int number_of(const check_state *k, const ast_function *f) {
  int i = 0;
  while (i < k->nfunctions && k->function[i] != f) i++;
  return i;
}

static _Noreturn void fail_recursion(check_state *k, const check_edge *const *way, int first,
                                     int last) {
  const char *text = way[first]->from->name;
  for (int i = first; i <= last; i++)
    text = mst_lang_format(k->c, i == first ? "%s calls %s" : "%s, which calls %s", text,
                           way[i]->to->name);
  mst_lang_fail(k->c, way[first]->loc, (int)strlen(way[first]->to->name),
                "recursion: %s; functions are inlined where they are used; try a loop", text);
}

static void walk_calls(check_state *k, call_walk *w, const ast_function *f, int depth) {
  int number = number_of(k, f);
  if (number == k->nfunctions || w->done[number]) return;
  for (int i = 0; i < k->nedges; i++) {
    bool back = false;
    if (k->edge[i].from != f) continue;
    w->way[depth] = &k->edge[i];
    for (int j = 0; j <= depth; j++)
      if (w->way[j]->from == k->edge[i].to) {
        if (k->prelude) fail_recursion(k, w->way, j, depth);
        for (int m = j; m <= depth; m++)
          k->function[number_of(k, w->way[m]->from)]->recursive = true;
        back = true;
      }
    if (back) continue;
    walk_calls(k, w, k->edge[i].to, depth + 1);
  }
  w->done[number] = true;
}

/* Functions of a program may call themselves: lowering finds out whether they end. */
static void find_recursion(check_state *k) {
  call_walk w = {.way = MST_LANG_ARRAY(k->c, const check_edge *, k->nfunctions + 1),
                 .done = MST_LANG_ARRAY(k->c, bool, k->nfunctions + 1)};
  for (int i = 0; i < k->nfunctions; i++) walk_calls(k, &w, k->function[i], 0);
}

static void check_functions(check_state *k) {
  for (int i = 0; i < k->nfunctions; i++) check_head(k, i);
  for (int i = 0; i < k->nfunctions; i++)
    if (k->function[i]->body != NULL) check_body(k, k->function[i]);
  find_recursion(k);
}

void mst_check_functions(lang_context *c, ast_function **function, int count) {
  check_state k = {.c = c, .function = function, .nfunctions = count, .prelude = true};
  check_functions(&k);
}

/* ---- blocks ---- */

/* Declarations stay in scope, except those of the model block. */
static void check_program_block(check_state *k, ast_stmt *block, ast_block_kind kind) {
  if (block == NULL) return;
  int mark = k->nnames;
  k->block = kind;
  for (int i = 0; i < block->nstmts; i++) mst_check_stmt(k, block->stmt[i]);
  if (kind == AST_IN_MODEL) mst_check_pop(k, mark);
}

void mst_check(lang_context *c, ast_program *program) {
  check_state k = {
      .c = c, .program = program, .function = program->function, .nfunctions = program->nfunctions};
  check_functions(&k);
  check_program_block(&k, program->data, AST_IN_DATA);
  check_program_block(&k, program->tdata, AST_IN_TDATA);
  check_program_block(&k, program->parameters, AST_IN_PARAMETERS);
  check_program_block(&k, program->tparameters, AST_IN_TPARAMETERS);
  check_program_block(&k, program->model, AST_IN_MODEL);
  check_program_block(&k, program->generated, AST_IN_GENERATED);
  mst_check_pop(&k, 0);
}
