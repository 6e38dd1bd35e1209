/* Room lang: what the parser makes of programs. Messages are in test_parse_messages.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/syntax/parse.h"

typedef struct work {
  int file;
  ast_program *program;
  ast_function **function; /* instead of a program, when count is not 0 */
  int count;
} work;

static void parse_program(lang_context *c, void *argument) {
  work *w = argument;
  w->program = mst_parse(c, w->file, NULL, NULL);
}

static ast_program *parse(lang_context *c, const char *text) {
  work w = {.file = mst_lang_source(c, "m.stan", text)};
  if (!mst_lang_enter(c, parse_program, &w)) fail_msg("%s", c->error);
  return w.program;
}

/* Parses `text` in a model and compares what it is with `shown`. */
static void assert_shown(const char *text, const char *shown) {
  lang_context c = {0};
  ast_program *p = parse(&c, mst_lang_format(&c, "model { x = %s; }", text));
  assert_int_equal(p->model->nstmts, 1);
  assert_int_equal(p->model->stmt[0]->kind, AST_ASSIGN);
  assert_string_equal(mst_ast_show(&c, p->model->stmt[0]->rhs), shown);
  mst_lang_free(&c);
}

static void assert_refused(const char *text, const char *part) {
  lang_context c = {0};
  work w = {.file = mst_lang_source(&c, "m.stan", text)};
  assert_false(mst_lang_enter(&c, parse_program, &w));
  if (!strstr(c.error, part)) fail_msg("%s\nlacks: %s", c.error, part);
  mst_lang_free(&c);
}

/* ---- expressions ---- */

static void operators_bind_as_in_stan(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"a || b && c", "(a || (b && c))"},
      {"a && b == c", "(a && (b == c))"},
      {"a == b < c", "(a == (b < c))"},
      {"a != b >= c", "(a != (b >= c))"},
      {"a <= b + c", "(a <= (b + c))"},
      {"a - b - c + d", "(((a - b) - c) + d)"},
      {"a - b * c", "(a - (b * c))"},
      {"a * b .* c / d ./ e % f", "(((((a * b) .* c) / d) ./ e) % f)"},
      {"a * b \\ c", "(a * (b \\ c))"},
      {"a * b %/% c * d", "((a * (b %/% c)) * d)"},
      {"a \\ -b", "(a \\ (-b))"},
      {"-a * b", "((-a) * b)"},
      {"!a == b", "((!a) == b)"},
      {"- - +a", "(-(-(+a)))"},
      {"-a ^ b", "(-(a ^ b))"},
      {"a ^ b ^ c", "(a ^ (b ^ c))"},
      {"a .^ b ^ c * d", "((a .^ (b ^ c)) * d)"},
      {"2 ^ -x * y", "((2 ^ (-x)) * y)"},
      {"2 ^ -x ^ 2", "(2 ^ (-(x ^ 2)))"},
      {"a ^ b'", "(a ^ (b'))"},
      {"-a'", "(-(a'))"},
      {"a' * b'", "((a') * (b'))"},
      {"a ? b : c ? d : e", "(a ? b : (c ? d : e))"},
      {"a ? b ? c : d : e", "(a ? (b ? c : d) : e)"},
      {"a || b ? c + 1 : d * 2", "((a || b) ? (c + 1) : (d * 2))"},
      {"(a + b) * c", "((a + b) * c)"},
      {"1 < -2", "(1 < (-2))"},
      {"a<-1", "(a < (-1))"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    assert_shown(pairs[i][0], pairs[i][1]);
    assert_shown(pairs[i][1], pairs[i][1]); /* what is shown parses to itself */
  }
}

static void primaries_and_postfixes(void **state) {
  (void)state;
  static const char *const same[] = {"x[1, :, 2:, :3, 4:5, i]",
                                     "x[1][2]",
                                     "f()",
                                     "f(a, b)",
                                     "normal_lpdf(y | mu, sigma)",
                                     "foo_lpmf(n | )",
                                     "{1, 2}",
                                     "[]",
                                     "[[a, b], [c, d]]",
                                     "(a, b)",
                                     "(a,)",
                                     "x.1.2",
                                     "x[1].2",
                                     "f(x).1",
                                     "(1).2",
                                     "target()",
                                     "{(1, {2, 3})}",
                                     "x[(a ? b : c):d]",
                                     "1i",
                                     "2.5e-3i"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) assert_shown(same[i], same[i]);
  assert_shown("x[]", "x[:]");
  assert_shown("x[, 1]", "x[:, 1]");
  assert_shown("x[a ? b : c : d]", "x[(a ? b : c):d]");
  assert_shown("(a + b)[1]'.2", "((a + b)[1]').2");
}

static const ast_expr *literal(lang_context *c, const char *text, ast_expr_kind kind) {
  ast_program *p = parse(c, mst_lang_format(c, "model { x = %s; }", text));
  const ast_expr *e = p->model->stmt[0]->rhs;
  assert_int_equal(e->kind, kind);
  return e;
}

static void numbers(void **state) {
  (void)state;
  lang_context c = {0};
  assert_int_equal(literal(&c, "1_000_000", AST_INT)->integer, 1000000);
  assert_int_equal(literal(&c, "2147483647", AST_INT)->integer, 2147483647);
  static const struct {
    const char *text;
    double value;
  } reals[] = {{"1.", 1},    {".5", 0.5},   {"1e3", 1000}, {"1.5E-3", 1.5e-3}, {"1_0.2_5", 10.25},
               {".5e+1", 5}, {"1.e2", 100}, {"0.1", 0.1},  {"1e-400", 0}};
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
    assert_true(literal(&c, reals[i].text, AST_REAL)->real == reals[i].value);
  assert_true(literal(&c, "2.5i", AST_IMAG)->real == 2.5);
  mst_lang_free(&c);
  assert_shown("1./x", "(1. / x)"); /* the point belongs to the number */
  assert_shown("1 ./x", "(1 ./ x)");
  assert_shown("x.*y", "(x .* y)");
  assert_shown("x.^2.", "(x .^ 2.)");
  assert_shown("x-.5", "(x - .5)");
  assert_refused("model { x = 2147483648; }", "try a real: 2147483648.0");
  assert_refused("model { x = 1e999; }", "the number is too large");
  assert_refused("model { x = 1 .5; }", "got the number .5");
}

/* ---- statements ---- */

static const ast_stmt *only(ast_program *p) {
  assert_int_equal(p->model->nstmts, 1);
  return p->model->stmt[0];
}

static void statements(void **state) {
  (void)state;
  lang_context c = {0};
  const ast_stmt *s = only(parse(&c, "model { y[1] ~ normal(0, s) T[a, ]; }"));
  assert_int_equal(s->kind, AST_TILDE);
  assert_string_equal(s->name, "normal");
  assert_int_equal(s->nargs, 2);
  assert_true(s->truncated && s->low && !s->high);
  s = only(parse(&c, "model { a + b ~ poisson(1); }"));
  assert_string_equal(mst_ast_show(&c, s->lhs), "(a + b)");
  s = only(parse(&c, "model { -a ~ std_normal(); }"));
  assert_string_equal(mst_ast_show(&c, s->lhs), "(-a)");
  s = only(parse(&c, "model { {1, 2} ~ poisson(1); }"));
  assert_int_equal(s->lhs->kind, AST_ARRAY);
  s = only(parse(&c, "model { x[1].2 ./= 3; }"));
  assert_int_equal(s->op, AST_ELT_DIV);
  s = only(parse(&c, "model { (a, b[1], (c, d.1)) = f(x); }"));
  assert_int_equal(s->lhs->kind, AST_TUPLE);
  s = only(parse(&c, "model { for (i in 1:N) foo(i); }"));
  assert_int_equal(s->kind, AST_FOR);
  assert_int_equal(s->body->kind, AST_CALL_STMT);
  assert_true(s->decl->loop_variable && s->decl->type.base == LANG_INT);
  s = only(parse(&c, "model { for (e in {1, 2}) {} }"));
  assert_int_equal(s->kind, AST_FOREACH);
  assert_true(s->rhs && !s->low && !s->high);
  s = only(parse(&c, "model { if (a) b = 1; else if (c) ; else { } }"));
  assert_int_equal(s->other->kind, AST_IF);
  assert_int_equal(s->other->body->kind, AST_EMPTY);
  assert_int_equal(s->other->other->kind, AST_BLOCK);
  s = only(parse(&c, "model { if (a) if (b) ; else c = 1; }")); /* else belongs to the nearest if */
  assert_true(!s->other && s->body->other);
  s = only(parse(&c, "model { while (1) real a, b; }"));
  assert_int_equal(s->body->nstmts, 2);
  s = only(parse(&c, "model { profile(\"part\") { break; } }"));
  assert_string_equal(s->name, "part");
  s = only(parse(&c, "model { print(\"x = \", x, [1]'); }"));
  assert_int_equal(s->nargs, 3);
  assert_string_equal(s->arg[0]->name, "x = ");
  s = only(parse(&c, "model { fatal_error(\"no\"); }"));
  assert_int_equal(s->kind, AST_FATAL);
  s = only(parse(&c, "model { jacobian += T[1]; }"));
  assert_int_equal(s->kind, AST_JACOBIAN);
  mst_lang_free(&c);
}

static void places_are_those_of_the_text(void **state) {
  (void)state;
  lang_context c = {0};
  const ast_stmt *s = only(parse(&c, "model {\n  /* one\n */ x = (a +\n\tfoo(b));\n}"));
  assert_true(s->loc.line == 3 && s->loc.column == 5);
  assert_true(s->end.line == 4 && s->end.column == 10);
  assert_true(s->rhs->loc.line == 3 && s->rhs->loc.column == 9 && s->rhs->parenthesised);
  assert_true(s->rhs->op_loc.line == 3 && s->rhs->op_loc.column == 12);
  const ast_expr *call = s->rhs->arg[1];
  assert_true(call->loc.line == 4 && call->loc.column == 2);
  assert_true(call->end.line == 4 && call->end.column == 8);
  mst_lang_free(&c);
}

/* ---- declarations and functions ---- */

static const ast_decl *declared(lang_context *c, const char *text) {
  ast_program *p = parse(c, mst_lang_format(c, "parameters { %s }", text));
  return p->parameters->stmt[0]->decl;
}

static void types_with_sizes(void **state) {
  (void)state;
  lang_context c = {0};
  const ast_decl *d = declared(&c, "array[2, N] matrix<lower=-1, upper=a[b > 1]>[3, 4] x;");
  assert_true(d->type.base == LANG_MATRIX && d->type.arrays == 2 && d->ndims == 4 && d->top);
  assert_true(d->constraint == AST_BOUNDS && d->lower && d->upper && !d->offset);
  assert_string_equal(mst_ast_show(&c, d->dims[1]), "N");
  assert_string_equal(mst_ast_show(&c, d->dims[2]), "3");
  d = declared(&c, "real<multiplier=2, offset=1> x;");
  assert_true(d->constraint == AST_OFFSET_MULTIPLIER && d->offset && d->multiplier);
  d = declared(&c, "tuple(real<lower=0>, array[2] tuple(simplex[3], int)) x;");
  assert_true(d->type.base == LANG_TUPLE && d->type.nelements == 2);
  assert_int_equal(d->element[0]->constraint, AST_BOUNDS);
  assert_true(d->element[1]->type.arrays == 1 && d->element[1]->type.nelements == 2);
  assert_int_equal(d->element[1]->element[0]->constraint, AST_SIMPLEX);
  assert_int_equal(d->type.element[1].element[1].base, LANG_INT);
  static const struct {
    const char *type;
    lang_base base;
    ast_constraint constraint;
    int ndims;
  } all[] = {{"ordered[3]", LANG_VECTOR, AST_ORDERED, 1},
             {"positive_ordered[3]", LANG_VECTOR, AST_POSITIVE_ORDERED, 1},
             {"unit_vector[3]", LANG_VECTOR, AST_UNIT_VECTOR, 1},
             {"sum_to_zero_vector[3]", LANG_VECTOR, AST_SUM_TO_ZERO, 1},
             {"sum_to_zero_matrix[3, 2]", LANG_MATRIX, AST_SUM_TO_ZERO, 2},
             {"cholesky_factor_corr[3]", LANG_MATRIX, AST_CHOLESKY_CORR, 1},
             {"cholesky_factor_cov[3]", LANG_MATRIX, AST_CHOLESKY_COV, 1},
             {"cholesky_factor_cov[3, 2]", LANG_MATRIX, AST_CHOLESKY_COV, 2},
             {"corr_matrix[3]", LANG_MATRIX, AST_CORR, 1},
             {"cov_matrix[3]", LANG_MATRIX, AST_COV, 1},
             {"column_stochastic_matrix[3, 2]", LANG_MATRIX, AST_STOCHASTIC_COLUMN, 2},
             {"row_stochastic_matrix[3, 2]", LANG_MATRIX, AST_STOCHASTIC_ROW, 2},
             {"complex", LANG_COMPLEX, AST_UNCONSTRAINED, 0},
             {"complex_matrix[3, 2]", LANG_COMPLEX_MATRIX, AST_UNCONSTRAINED, 2}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    d = declared(&c, mst_lang_format(&c, "%s x;", all[i].type));
    assert_true(d->type.base == all[i].base && d->constraint == all[i].constraint &&
                d->ndims == all[i].ndims);
  }
  mst_lang_free(&c);
}

static void several_names_are_several_declarations(void **state) {
  (void)state;
  lang_context c = {0};
  ast_program *p =
      parse(&c, "transformed data { vector[2] a = f(1), T; { int b; } } model { int d; }");
  assert_int_equal(p->tdata->nstmts, 3);
  const ast_decl *a = p->tdata->stmt[0]->decl, *t = p->tdata->stmt[1]->decl;
  assert_true(a->init && !t->init && a->ndims == 1 && t->ndims == 1 && a->top && t->top);
  assert_string_equal(t->name, "T");
  assert_false(p->tdata->stmt[2]->stmt[0]->decl->top);
  assert_false(p->model->stmt[0]->decl->top);
  mst_lang_free(&c);
}

static void functions(void **state) {
  (void)state;
  lang_context c = {0};
  ast_program *p = parse(&c, "functions {\n"
                             "  array[,] vector f(data array[] int n, tuple(real, vector) t);\n"
                             "  void g_lp() { target += 1; return; }\n"
                             "}");
  assert_int_equal(p->nfunctions, 2);
  const ast_function *f = p->function[0], *g = p->function[1];
  assert_true(!f->body && f->result.base == LANG_VECTOR && f->result.arrays == 2);
  assert_true(f->arg[0]->data_only_arg && f->arg[0]->type.arrays == 1 && f->arg[0]->ndims == 0);
  assert_int_equal(f->arg[1]->type.element[1].base, LANG_VECTOR);
  assert_true(g->body && g->nargs == 0 && g->result.base == LANG_VOID && !g->prelude);
  assert_null(p->model);
  mst_lang_free(&c);
}

static void parse_list(lang_context *c, void *argument) {
  work *w = argument;
  w->function = mst_parse_functions(c, w->file, &w->count);
}

static void the_prelude_is_a_list_of_functions(void **state) {
  (void)state;
  lang_context c = {0};
  work w = {.file = mst_lang_source(&c, "p.stan",
                                    "real a__(real x) { return x; } real b(int n) "
                                    "{ return a__(n); }")};
  assert_true(mst_lang_enter(&c, parse_list, &w));
  assert_int_equal(w.count, 2);
  assert_true(w.function[0]->prelude);
  mst_lang_free(&c);
}

/* ---- what Stan wrote once ---- */

static void old_syntax_is_read_with_one_warning_each(void **state) {
  (void)state;
  lang_context c = {0};
  ast_program *p = parse(&c, "functions { real f(real[] x, vector[,] y) { return get_lp(); } }\n"
                             "data { vector<lower=0>[K] x[N, M], y[2]; } # a comment\n"
                             "model {\n  x <- if_else(a, b, c); # another\n  y <- get_lp();\n"
                             "  increment_log_prob(1);\n  increment_log_prob(2); }");
  assert_int_equal(p->function[0]->arg[1]->type.arrays, 2);
  const ast_decl *d = p->data->stmt[0]->decl;
  assert_true(d->type.arrays == 2 && d->ndims == 3);
  assert_string_equal(mst_ast_show(&c, d->dims[0]), "N");
  assert_string_equal(mst_ast_show(&c, d->dims[2]), "K");
  assert_string_equal(mst_ast_show(&c, p->model->stmt[0]->rhs), "(a ? b : c)");
  assert_string_equal(mst_ast_show(&c, p->model->stmt[1]->rhs), "target()");
  assert_int_equal(p->model->stmt[3]->kind, AST_TARGET);
  assert_int_equal(c.nwarnings, 6);
  assert_string_equal(c.warning[0],
                      "m.stan:1:20: arrays as 'real[]' are deprecated; try array[] real\n"
                      "  functions { real f(real[] x, vector[,] y) { return get_lp(); } }\n"
                      "                     ^~~~");
  mst_lang_free(&c);
}

/* A program that defines a function of such a name means its own. */
static void own_functions_are_not_old_ones(void **state) {
  (void)state;
  lang_context c = {0};
  ast_program *p = parse(&c, "functions { real get_lp() { return 1; } }\nmodel { x = get_lp(); }");
  assert_string_equal(mst_ast_show(&c, p->model->stmt[0]->rhs), "get_lp()");
  assert_int_equal(c.nwarnings, 0);
  mst_lang_free(&c);
}

static const char *find(lang_context *c, const char *name, void *argument) {
  (void)c;
  (void)argument;
  return strcmp(name, "a/b.stan") == 0 ? "int N;\n#include <c.stan>\n" : "int M; // no newline";
}

static void parse_including(lang_context *c, void *argument) {
  work *w = argument;
  w->program = mst_parse(c, w->file, find, NULL);
}

static void files_are_included_where_they_stand(void **state) {
  (void)state;
  lang_context c = {0};
  work w = {.file = mst_lang_source(&c, "m.stan", "data {\n#include a/b.stan\nint K;\n}")};
  assert_true(mst_lang_enter(&c, parse_including, &w));
  const ast_stmt *data = w.program->data;
  assert_int_equal(data->nstmts, 3);
  assert_string_equal(data->stmt[1]->decl->name, "M");
  assert_string_equal(c.source[data->stmt[1]->loc.file].name, "c.stan");
  assert_true(data->stmt[2]->loc.file == 0 && data->stmt[2]->loc.line == 3);
  mst_lang_free(&c);
}

/* ---- hostile input ---- */

static char *put(char *at, const char *text) {
  size_t n = strlen(text);
  memcpy(at, text, n + 1);
  return at + n;
}

/* A model of `before`, `times` times `open`, `middle`, as often `close`, `after`. */
static void assert_depth(const char *before, const char *open, const char *middle,
                         const char *close, const char *after, int times, bool accepted) {
  size_t each = strlen(open) + strlen(close);
  size_t room = (size_t)times * each + strlen(before) + strlen(middle) + strlen(after) + 64;
  lang_context c = {0};
  char *text = mst_lang_alloc(&c, room);
  char *at = put(put(text, "model { "), before);
  for (int i = 0; i < times; i++) at = put(at, open);
  at = put(at, middle);
  for (int i = 0; i < times; i++) at = put(at, close);
  put(put(at, after), " }");
  work w = {.file = mst_lang_source(&c, "m.stan", text)};
  bool done = mst_lang_enter(&c, parse_program, &w);
  if (done != accepted) fail_msg("%d times %s: %s", times, open, done ? "accepted" : c.error);
  if (!done && !strstr(c.error, "1000")) fail_msg("%d times %s: %s", times, open, c.error);
  mst_lang_free(&c);
}

static void depth_is_limited(void **state) {
  (void)state;
  for (int big = 0; big < 2; big++) {
    int n = big ? 50000 : 300;
    assert_depth("", "{ ", "", "}", "", n, !big);
    assert_depth("", "if (1) ", ";", "", "", n, !big);
    assert_depth("", "if (1) ; else ", ";", "", "", n, !big);
    assert_depth("x = ", "(", "1", ")", ";", n, !big);
    assert_depth("x = ", "[", "1", "]", ";", n, !big);
    assert_depth("x = ", "f(", "1", ")", ";", n, !big);
    assert_depth("x = ", "x[", "1", "]", ";", n, !big);
    assert_depth("x = ", "- ", "1", "", ";", n, !big);
    assert_depth("x = ", "1 ^ ", "1", "", ";", n, !big);
    assert_depth("x = ", "1 + ", "1", "", ";", n, !big);
    assert_depth("x = ", "1 ? 1 : ", "1", "", ";", n, !big);
    assert_depth("x", "", "", "[1]", " = 1;", n, !big);
    assert_depth("x = x", "", "", "'", ";", n, !big);
    assert_depth("x = x", "", "", ".1", ";", n, !big);
    assert_depth("", "tuple(int, ", "int", ")", " x;", n, !big);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(operators_bind_as_in_stan),
                                     cmocka_unit_test(primaries_and_postfixes),
                                     cmocka_unit_test(numbers),
                                     cmocka_unit_test(statements),
                                     cmocka_unit_test(places_are_those_of_the_text),
                                     cmocka_unit_test(types_with_sizes),
                                     cmocka_unit_test(several_names_are_several_declarations),
                                     cmocka_unit_test(functions),
                                     cmocka_unit_test(the_prelude_is_a_list_of_functions),
                                     cmocka_unit_test(old_syntax_is_read_with_one_warning_each),
                                     cmocka_unit_test(own_functions_are_not_old_ones),
                                     cmocka_unit_test(files_are_included_where_they_stand),
                                     cmocka_unit_test(depth_is_limited)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
