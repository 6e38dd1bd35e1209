/* Room lang: what the parser says of wrong programs, whole. Each is a slip that people make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/syntax/parse.h"

static const struct {
  const char *program, *message;
} wrong[] = {
    {"model { int n = 1; if (n = 2) n = 3; }",
     "m.stan:1:26: an assignment in the condition of 'if'; expected an operator "
     "or ')', got '='; try == to compare\n"
     "  model { int n = 1; if (n = 2) n = 3; }\n"
     "                           ^"},
    {"model {\n"
     "  real x = 1\n"
     "  x ~ normal(0, 1);\n"
     "}\n",
     "m.stan:2:13: a semicolon is missing; expected ';' after the declaration of "
     "'x', got 'x' on line 3\n"
     "    real x = 1\n"
     "              ^"},
    {"model { for (int i = 0; i < 3; i++) { } }",
     "m.stan:1:14: a loop as in C; expected a name and 'in', got the keyword "
     "'int'; try for (i in 1:N)\n"
     "  model { for (int i = 0; i < 3; i++) { } }\n"
     "               ^~~"},
    {"model { int i = 0; i++; }",
     "m.stan:1:21: a counter as in C; expected '=', '+=' or '~', got '+'; try += 1\n"
     "  model { int i = 0; i++; }\n"
     "                      ^"},
    {"model { else x = 1; }",
     "m.stan:1:9: 'else' without its 'if'; expected a statement, got the keyword "
     "'else'; try no ';' before 'else', and braces around several statements\n"
     "  model { else x = 1; }\n"
     "          ^~~~"},
    {"data {\n"
     "  int N;\n"
     "  vector[N] y;\n"
     "parameters {\n"
     "  real mu;\n"
     "}\n",
     "m.stan:4:1: a brace is missing; expected '}' to close the block 'data' "
     "opened at 1:1, got the block 'parameters'\n"
     "  parameters {\n"
     "  ^~~~~~~~~~"},
    {"data { int N; }\n"
     "modle { }\n",
     "m.stan:2:1: no block has the name 'modle'; expected functions, data, "
     "transformed data, parameters, transformed parameters, model or generated "
     "quantities; try model\n"
     "  modle { }\n"
     "  ^~~~~"},
    {"transformed paramters { }",
     "m.stan:1:1: no block has the name 'transformed paramters'; expected "
     "functions, data, transformed data, parameters, transformed parameters, "
     "model or generated quantities; try transformed parameters\n"
     "  transformed paramters { }\n"
     "  ^~~~~~~~~~~~~~~~~~~~~"},
    {"model { real for; }", "m.stan:1:14: 'for' is a word of the language; expected a name for a "
                            "variable; try for_\n"
                            "  model { real for; }\n"
                            "               ^~~"},
    {"functions { real f(real x[N]) { return 1; } }",
     "m.stan:1:26: brackets after the argument 'x'; expected ',' or ')', got "
     "'['; try array[] real x\n"
     "  functions { real f(real x[N]) { return 1; } }\n"
     "                           ^"},
    {"model { target = 3; }",
     "m.stan:1:16: 'target' can only be added to; expected '+=', got '='; try "
     "target += e;\n"
     "  model { target = 3; }\n"
     "                 ^"},
    {"model { y ~ normal((mu, 1); }",
     "m.stan:1:27: '(' opened at 1:19 is not closed; expected ',' or ')', got ';'\n"
     "  model { y ~ normal((mu, 1); }\n"
     "                            ^"},
    {"model { y = f(x)); }",
     "m.stan:1:17: ')' closes nothing; expected ';' after the assignment; try to "
     "delete it or to open it before\n"
     "  model { y = f(x)); }\n"
     "                  ^"},
    {"model { y = a − b; }",
     "m.stan:1:15: a typographic minus (U+2212); expected plain characters; try -\n"
     "  model { y = a − b; }\n"
     "                ^"},
    {"model { y = a & b; }", "m.stan:1:15: a single '&'; expected '&&' (and); try &&\n"
                             "  model { y = a & b; }\n"
                             "                ^"},
    {"model { y = a and b; }",
     "m.stan:1:15: the assignment does not end; expected ';' or an operator, got "
     "'and'; try &&\n"
     "  model { y = a and b; }\n"
     "                ^~~"},
    {"model { /* never closed }",
     "m.stan:1:9: a comment is not closed; expected '*/' before the end of the file\n"
     "  model { /* never closed }\n"
     "          ^~"},
    {"model { print(\"never closed); }",
     "m.stan:1:15: a string is not closed; expected '\"' on the same line\n"
     "  model { print(\"never closed); }\n"
     "                ^"},
    {"data { int<lower=0, uper=1> x; }",
     "m.stan:1:21: an unknown constraint; expected lower=, upper=, offset= or "
     "multiplier=, got 'uper'; try upper\n"
     "  data { int<lower=0, uper=1> x; }\n"
     "                      ^~~~"},
    {"data { vector[3]<lower=0> x; }",
     "m.stan:1:17: a constraint after the size; expected a name, got '<'; try "
     "vector<...>[N]\n"
     "  data { vector[3]<lower=0> x; }\n"
     "                  ^"},
    {"data { real[3] x; }",
     "m.stan:1:12: 'real' has no size of its own; expected a name, got '['; try "
     "array[N] real for an array\n"
     "  data { real[3] x; }\n"
     "             ^"},
    {"data { flaot x; }",
     "m.stan:1:8: an unknown type; expected a type such as int, real or vector, "
     "got 'flaot'; try real\n"
     "  data { flaot x; }\n"
     "         ^~~~~"},
    {"model { y ~ normal(0, 1) }",
     "m.stan:1:25: a semicolon is missing; expected ';' after '~ normal(...)', got '}'\n"
     "  model { y ~ normal(0, 1) }\n"
     "                          ^"},
    {"model { y == 3; }",
     "m.stan:1:11: a comparison as a statement; expected '=', got '=='; try = to assign\n"
     "  model { y == 3; }\n"
     "            ^~"},
    {"model { y = 2x; }",
     "m.stan:1:13: a number runs into a word: '2x'; expected an operator between "
     "'2' and 'x'; try 2 * x; names begin with a letter\n"
     "  model { y = 2x; }\n"
     "              ^~"},
    {"data { int N = 3; }", "m.stan:1:14: the block 'data' declares only: 'N' gets no value here; "
                            "expected ';', got '='; try transformed data\n"
                            "  data { int N = 3; }\n"
                            "               ^"},
    {"parameters { real x; x ~ normal(0,1); }",
     "m.stan:1:22: the block 'parameters' has declarations only; expected a type "
     "or '}', got 'x'; try model\n"
     "  parameters { real x; x ~ normal(0,1); }\n"
     "                       ^"},
    {"model { if (a) { b = 1; } elseif (c) { } }",
     "m.stan:1:27: an unknown word; expected a statement, got 'elseif'; try else if\n"
     "  model { if (a) { b = 1; } elseif (c) { } }\n"
     "                            ^~~~~~"},
    {"model { if a > 3 { b = 1; } }",
     "m.stan:1:12: 'if' needs its condition in parentheses; expected '(', got 'a'\n"
     "  model { if a > 3 { b = 1; } }\n"
     "             ^"},
    {"generated quantities { } model { }",
     "m.stan:1:26: the block 'model' stands after 'generated quantities'; "
     "expected functions, data, transformed data, parameters, transformed "
     "parameters, model, generated quantities in this order; try to move it\n"
     "  generated quantities { } model { }\n"
     "                           ^~~~~"},
    {"model { } model { }",
     "m.stan:1:11: the block 'model' appears twice; expected it once, the first "
     "is on line 1; try one block with all of it\n"
     "  model { } model { }\n"
     "            ^~~~~"},
    {"model { x = 3; } }",
     "m.stan:1:18: a brace too many: it closes nothing; expected a block or the "
     "end of the program, got '}'; try to delete it\n"
     "  model { x = 3; } }\n"
     "                   ^"},
    {"functions { f(real x) { return x; } }",
     "m.stan:1:13: a function without the type of its result; expected a type or "
     "'void', got 'f'; try real f(...)\n"
     "  functions { f(real x) { return x; } }\n"
     "              ^"},
    {"model { real<lower=0> x; }",
     "m.stan:1:13: local variables have no constraints; expected a name, got "
     "'<'; try to delete '<...>'\n"
     "  model { real<lower=0> x; }\n"
     "              ^"},
    {"model { y = x ? 1; }",
     "m.stan:1:18: '?' without its ':'; expected ':' and what holds otherwise, got ';'\n"
     "  model { y = x ? 1; }\n"
     "                   ^"},
    {"model { foo(x) = 3; }",
     "m.stan:1:9: a value cannot be assigned to; expected a variable, an element "
     "of one, or a tuple of these before '='\n"
     "  model { foo(x) = 3; }\n"
     "          ^~~~~~"},
    {"model { y ~ normal(0,1) T[0]; }",
     "m.stan:1:28: a truncation has two bounds; expected ',', got ']'; try "
     "T[low, ] for one bound\n"
     "  model { y ~ normal(0,1) T[0]; }\n"
     "                             ^"},
    {"data { int x__; }",
     "m.stan:1:12: 'x__' ends in '__', which is reserved; expected another name "
     "for a variable; try x\n"
     "  data { int x__; }\n"
     "             ^~~"},
    {"model { int x, int y; }",
     "m.stan:1:16: a declaration has one type; expected a name, got the keyword "
     "'int'; try ';' instead of ','\n"
     "  model { int x, int y; }\n"
     "                 ^~~"},
    {"model { x = (1 + 2; y = 3; }",
     "m.stan:1:19: '(' opened at 1:13 is not closed; expected an operator or ')', got ';'\n"
     "  model { x = (1 + 2; y = 3; }\n"
     "                    ^"},
    {"model {\n"
     "  for (n in 1:N) {\n"
     "    if (x) {\n"
     "      y = 3;\n"
     "  }\n"
     "}\n",
     "m.stan:7:1: a brace is missing; expected '}' to close the block 'model' "
     "opened at 1:1, got the end of the program\n"
     "  \n"
     "  ^"},
    {"parameters { real<lower=a ? 1 : 2> x; }",
     "m.stan:1:27: a bound with a comparison, logic or '?' needs parentheses; "
     "expected ',' or '>', got '?'; try lower=(...)\n"
     "  parameters { real<lower=a ? 1 : 2> x; }\n"
     "                            ^"},
    {"data { matrix[3] x; }",
     "m.stan:1:16: 'matrix' has 2 sizes; expected ',' and another size, got ']'; "
     "try matrix[N, M]\n"
     "  data { matrix[3] x; }\n"
     "                 ^"},
    {"model { for (i in 1:N:2) { } }",
     "m.stan:1:22: a range with a step; expected ')', got ':'; try a while loop, "
     "or an index computed inside\n"
     "  model { for (i in 1:N:2) { } }\n"
     "                       ^"},
};

/* Files to include, by name. */
static const char *find(lang_context *c, const char *name, void *argument) {
  (void)c;
  (void)argument;
  if (strcmp(name, "round.stan") == 0) return "\n#include round.stan\n";
  if (strcmp(name, "far.stan") == 0) return "#include \"near.stan\"\n";
  if (strcmp(name, "near.stan") == 0) return "real f(real x) {\n  return x +;\n}\n";
  return NULL;
}

static void parse(lang_context *c, void *argument) { mst_parse(c, *(int *)argument, find, NULL); }

static void assert_message(const char *program, const char *message) {
  lang_context c = {0};
  int file = mst_lang_source(&c, "m.stan", program);
  assert_false(mst_lang_enter(&c, parse, &file));
  assert_string_equal(c.error, message);
  mst_lang_free(&c);
}

static void slips_are_named_whole(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_message(wrong[i].program, wrong[i].message);
}

static void included_files_are_named(void **state) {
  (void)state;
  assert_message("functions {\n#include <far.stan>\n}",
                 "near.stan:2:12: nothing follows '+'; expected an expression, got ';'\n"
                 "    return x +;\n"
                 "             ^\n"
                 "  (included at far.stan:1)\n"
                 "  (included at m.stan:2)");
  assert_message("#include round.stan",
                 "round.stan:2:1: 'round.stan' includes itself; expected files that do not go in "
                 "circles\n"
                 "  #include round.stan\n"
                 "  ^~~~~~~~~~~~~~~~~~~\n"
                 "  (included at m.stan:1)");
  assert_message("#include \"none.stan\"",
                 "m.stan:1:1: #include: no file 'none.stan'; expected one where the program looks "
                 "for included files; try its name relative to the program's folder\n"
                 "  #include \"none.stan\"\n"
                 "  ^~~~~~~~~~~~~~~~~~~~");
}

/* Tabs stay tabs under the line, letters of several bytes count once, long lines are cut. */
static void carets_stand_under_the_place(void **state) {
  (void)state;
  assert_message("model {\n\tx = /* \xC3\xA4\xC3\xB6 */ $;\n}",
                 "m.stan:2:17: unknown character '$'; expected Stan code; names have letters, "
                 "digits and '_'\n"
                 "  \tx = /* \xC3\xA4\xC3\xB6 */ $;\n"
                 "  \t             ^");
  char program[600] = "model { x = ";
  for (int i = 0; i < 100; i++) strcat(program, "a + ");
  strcat(program, "$; }");
  lang_context c = {0};
  int file = mst_lang_source(&c, "m.stan", program);
  assert_false(mst_lang_enter(&c, parse, &file));
  const char *line = strchr(c.error, '\n') + 1, *caret = strchr(line, '\n') + 1;
  assert_true(caret - line < 130);
  assert_int_equal(line[strlen(caret) - 1], '$'); /* above the caret, which ends the message */
  mst_lang_free(&c);
}

static void broken_text_is_refused(void **state) {
  (void)state;
  assert_message("model { \xFF }", "m.stan:1:9: a byte that is no text (0xFF); expected a file in "
                                   "UTF-8\n"
                                   "  model { \xFF }\n"
                                   "          ^");
  assert_message("model { \x01 }",
                 "m.stan:1:9: a control character (0x01); expected Stan code; try to delete it\n"
                 "  model { ? }\n"
                 "          ^");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slips_are_named_whole), cmocka_unit_test(included_files_are_named),
      cmocka_unit_test(carets_stand_under_the_place), cmocka_unit_test(broken_text_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
