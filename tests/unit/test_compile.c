/* tests/unit/test_compile.c -- the compiler as a whole: programs of more variables than any of its
 * tables begins with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/compile.h"
#include "lang/ir/ir_table.h"

/* Entries are zero, there for variables made since, and stay where they are. */
static void test_table(void **unused) {
  (void)unused;
  enum { FIRST = 3, MANY = 5000 };
  lang_context c = {0};
  ir_program p = {.name = "table"};
  ir_table t = mst_ir_table(&c, 24);
  char *kept[FIRST];
  for (int i = 0; i < MANY; i++) {
    mst_ir_var(&c, &p, "v", IR_REAL, IR_LOCAL, 0, NULL);
    if (i < FIRST) {
      kept[i] = mst_ir_entry(&t, p.var[i]);
      memset(kept[i], 1 + i, 24);
    }
  }
  for (int i = MANY - 1; i >= FIRST; i--) {
    char *entry = mst_ir_entry(&t, p.var[i]);
    for (int k = 0; k < 24; k++) assert_int_equal(entry[k], 0);
    memset(entry, -1, 24);
  }
  for (int i = 0; i < FIRST; i++) {
    assert_ptr_equal(mst_ir_entry(&t, p.var[i]), kept[i]);
    for (int k = 0; k < 24; k++) assert_int_equal(kept[i][k], 1 + i);
  }
  mst_lang_free(&c);
}

/* Rows that read n transformed parameters: the cut makes a shared variable of each. */
static const char *many_scalars(lang_context *c, int n) {
  const char *text = "data { int<lower=1> N; vector[N] x; vector[N] y; }\n"
                     "parameters { vector[7] b; real<lower=0> s; }\n"
                     "transformed parameters {\n";
  char *all = mst_lang_alloc(c, strlen(text) + (size_t)n * 80 + 200), *at = all;
  at += sprintf(at, "%s", text);
  for (int i = 0; i < n; i++) at += sprintf(at, "  real a%d = b[%d] + %d.0;\n", i, 1 + i % 7, i);
  at += sprintf(at, "}\nmodel {\n  for (n in 1:N) {\n    real mu = 0;\n");
  for (int i = 0; i < n; i++) at += sprintf(at, "    mu += a%d * x[n];\n", i);
  sprintf(at, "    y[n] ~ normal(mu, s);\n  }\n}\n");
  return all;
}

static void test_many_shared(void **unused) {
  (void)unused;
  enum { MANY = 1500 };
  lang_context c = {0};
  const mst_lang_options options = {.optimise = true};
  mst_lang_result result;
  if (!mst_lang_compile(&c, "many.stan", "many", many_scalars(&c, MANY), &options, &result))
    fail_msg("%s", c.error);
  assert_non_null(result.program->shard_size);
  assert_int_equal(result.program->nshared, MANY + 1);
  mst_lang_free(&c);
}

/* Conditions on parameters beside rows: what names them is there in every sweep that branches. */
static void test_conditions(void **unused) {
  (void)unused;
  static const char *const program[] = {
      "data { int<lower=1> N; vector[N] y; } parameters { real mu; }\n"
      "model { y ~ normal(mu, 1); if (mu > 100) target += -1; }\n",
      "data { int<lower=1> N; vector[N] y; } parameters { real mu; }\n"
      "model { for (n in 1:N) { if (mu > 1 || mu * y[n] > 3) target += -mu; y[n] ~ normal(mu, 1); "
      "} }\n",
      "data { int N; } parameters { real mu; real<lower=0> s; }\n"
      "model { if (exp(mu) > s) { for (i in 1:N) target += -s; } else target += mu; }\n"};
  for (size_t i = 0; i < sizeof program / sizeof *program; i++) {
    lang_context c = {0};
    const mst_lang_options options = {.optimise = i != 2, .verify = true};
    mst_lang_result result;
    if (!mst_lang_compile(&c, "m.stan", "m", program[i], &options, &result))
      fail_msg("%s", c.error);
    mst_lang_free(&c);
  }
}

/* The order of parameters differs from chain to chain: chains run one by one, and what is read
 * by it is no constant. */
static void test_order_of_parameters(void **unused) {
  (void)unused;
  lang_context c = {0};
  const mst_lang_options options = {.optimise = true, .verify = true};
  mst_lang_result result;
  const char *text =
      "data { vector[3] w; } parameters { vector[3] p; } model {\n"
      "array[3] int s = sort_indices_asc(p); target += w[s[1]]; p ~ normal(0, 1); }\n";
  if (!mst_lang_compile(&c, "m.stan", "m", text, &options, &result)) fail_msg("%s", c.error);
  assert_true(result.program->one_lane);
  assert_non_null(strstr(result.c_text, "sort_indices_asc("));
  mst_lang_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_many_shared),
      cmocka_unit_test(test_conditions),
      cmocka_unit_test(test_order_of_parameters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
