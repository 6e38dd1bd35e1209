/* tests/unit/test_check.c -- the checker of Stan programs: promotions and signatures by table,
 * whole messages of wrong programs, and what a right program's tree carries afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/check/check.h"
#include "lang/syntax/parse.h"
#include "lang/check/signatures.h"
#include "lang/check/types.h"

typedef struct check_case {
  const char *program, *message;
} check_case;

#include "check_cases.h"

typedef struct job {
  const char *text;
  bool prelude;
  ast_program *program;
  ast_function **function;
} job;

static void check_text(lang_context *c, void *argument) {
  job *j = argument;
  int file = mst_lang_source(c, "m.stan", j->text);
  if (j->prelude) {
    int count;
    j->function = mst_parse_functions(c, file, &count);
    mst_check_functions(c, j->function, count);
    return;
  }
  j->program = mst_parse(c, file, NULL, NULL);
  mst_check(c, j->program);
}

/* The error, or all warnings, each on lines of its own. */
static const char *outcome(lang_context *c, job *j) {
  if (!mst_lang_enter(c, check_text, j)) return c->error;
  const char *text = "";
  for (int i = 0; i < c->nwarnings; i++)
    text = mst_lang_format(c, "%s%s%s", text, i > 0 ? "\n" : "", c->warning[i]);
  return text;
}

static void compare(const check_case *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    lang_context c = {0};
    job j = {.text = list[i].program};
    const char *got = outcome(&c, &j);
    if (strcmp(got, list[i].message) != 0)
      print_error("program:\n%s\nexpected:\n%s\ngot:\n%s\n", list[i].program, list[i].message, got);
    assert_string_equal(got, list[i].message);
    mst_lang_free(&c);
  }
}

static void test_refused(void **state) {
  (void)state;
  compare(refused, sizeof refused / sizeof *refused);
}

static void test_warned(void **state) {
  (void)state;
  compare(warned, sizeof warned / sizeof *warned);
}

/* ---- types ---- */

static void test_promotions(void **state) {
  (void)state;
  static const lang_base order[] = {LANG_INT, LANG_REAL, LANG_COMPLEX};
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      for (int arrays = 0; arrays < 3; arrays++) {
        int cost = mst_type_cost(mst_type(order[i], arrays), mst_type(order[k], arrays));
        assert_int_equal(cost, i <= k ? k - i : -1);
        assert_int_equal(mst_type_cost(mst_type(order[i], arrays), mst_type(order[k], 3)), -1);
      }
  assert_false(mst_type_promotes(mst_type(LANG_ROW_VECTOR, 0), mst_type(LANG_VECTOR, 0)));
  assert_false(mst_type_promotes(mst_type(LANG_REAL, 1), mst_type(LANG_VECTOR, 0)));
  assert_true(mst_type_promotes(mst_type(LANG_MATRIX, 1), mst_type(LANG_COMPLEX_MATRIX, 1)));
}

static void test_tuples(void **state) {
  (void)state;
  lang_context c = {0};
  lang_type integer = mst_type(LANG_INT, 0), real = mst_type(LANG_REAL, 0), common;
  lang_type a = mst_type_tuple(&c, (lang_type[]){integer, real}, 2);
  lang_type b = mst_type_tuple(&c, (lang_type[]){real, integer}, 2);
  assert_int_equal(mst_type_cost(a, b), -1);
  assert_true(mst_type_common(&c, a, b, &common));
  assert_string_equal(mst_type_show(&c, common), "tuple(real, real)");
  assert_int_equal(mst_type_cost(b, common), 1);
  a.arrays = 2;
  assert_string_equal(mst_type_show(&c, a), "array[,] tuple(int, real)");
  assert_false(mst_type_common(&c, a, b, &common));
  mst_lang_free(&c);
}

/* ---- signatures: arguments and result in the letters of signatures.h; "-": does not fit ---- */

static const struct {
  const char *name, *arguments, *result;
  int cost;
} call[] = {
    {"exp", "i", "r", 1},
    {"exp", "2i", "2r", 1},
    {"exp", "3m", "3m", 0},
    {"abs", "1i", "1i", 0},
    {"abs", "w", "w", 0},
    {"pow", "iv", "v", 1},
    {"pow", "v1r", "-", 0},
    {"pow", "1r1i", "1r", 1},
    {"pow", "vw", "-", 0},
    {"choose", "i1i", "1i", 0},
    {"choose", "ir", "-", 0},
    {"modified_bessel_first_kind", "1iv", "v", 0},
    {"modified_bessel_first_kind", "vr", "-", 0},
    {"fma", "rvr", "v", 0},
    {"log_sum_exp", "1i", "r", 1},
    {"log_sum_exp", "vr", "v", 0},
    {"normal_lpdf", "1ivw", "r", 1},
    {"normal_lpdf", "mrr", "-", 0},
    {"normal_lupdf", "rrr", "r", 0},
    {"normal_rng", "ri", "r", 1},
    {"normal_rng", "vr", "1r", 0},
    {"binomial_rng", "1ir", "1i", 0},
    {"poisson_lpmf", "rr", "-", 0},
    {"poisson_lupmf", "1ir", "r", 0},
    {"categorical_logit_lpmf", "1iv", "r", 0},
    {"categorical_logit_lpmf", "iw", "-", 0},
    {"multi_normal_lpdf", "1vwm", "r", 0},
    {"multi_normal_rng", "1wm", "1v", 0},
    {"multiply", "mv", "v", 0},
    {"multiply", "wv", "r", 0},
    {"multiply", "vw", "m", 0},
    {"multiply", "vm", "-", 0},
    {"append_array", "1i1r", "1r", 1},
    {"append_array", "1v1r", "-", 0},
    {"rep_array", "2mii", "4m", 0},
    {"head", "1vi", "1v", 0},
    {"to_matrix", "1iiii", "m", 0},
    {"size", "3w", "i", 0},
    {"num_elements", "r", "-", 0},
    {"max", "1i", "i", 0},
    {"simplex_constrain", "2v", "2v", 0},
    {"gp_exp_quad_cov", "1vr1r", "m", 0},
    {"log10", "", "r", 0},
    {"pi", "", "r", 0},
    {"quantile", "v1r", "1r", 0},
    {"bernoulli_logit_glm_lpmf", "1imrv", "r", 0},
    {"std_normal_lpdf", "v", "r", 0},
};

static int read_types(const char *text, lang_type *type) {
  int count = 0;
  for (lang_slot slot; (slot = mst_slot_next(&text)).letter != 0;)
    type[count++] = mst_slot_type(slot);
  return count;
}

static void test_signatures(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof call / sizeof *call; i++) {
    lang_context c = {0};
    lang_type argument[8], result[2];
    int count = read_types(call[i].arguments, argument);
    const lang_signature *s = mst_signature_find(call[i].name);
    assert_non_null(s);
    lang_match match = mst_signature_match(&c, s, argument, count);
    bool fits = strcmp(call[i].result, "-") != 0;
    if (fits != (match.cost >= 0))
      print_error("%s(%s): cost %d\n", call[i].name, call[i].arguments, match.cost);
    assert_int_equal(fits ? call[i].cost : -1, match.cost);
    if (fits) {
      read_types(call[i].result, result);
      assert_string_equal(mst_type_show(&c, match.result), mst_type_show(&c, result[0]));
    }
    mst_lang_free(&c);
  }
}

/* Every line of the table can be read, shown and found, and no name stands twice. */
static void test_table(void **state) {
  (void)state;
  lang_context c = {0};
  int count;
  const lang_signature *all = mst_signature_all(&count);
  assert_in_range(count, 500, 2000);
  for (int i = 0; i < count; i++) {
    if (all[i].kind == LANG_HEADING) continue;
    assert_ptr_equal(mst_signature_find(all[i].name), &all[i]);
    if (all[i].kind == LANG_UNSUPPORTED) continue;
    for (int k = 0; k < mst_signature_alternatives(&all[i]); k++) {
      const char *text = mst_signature_show(&c, &all[i], k);
      assert_non_null(strstr(text, ") => "));
      assert_null(strstr(text, "void"));
    }
  }
  assert_string_equal(mst_signature_show(&c, mst_signature_find("normal_lpdf"), 0),
                      "normal_lpdf(reals | reals, reals) => real");
  assert_string_equal(mst_signature_show(&c, mst_signature_find("ode_rk45_tol"), 0),
                      "ode_rk45_tol(function, vector, real, array[] real, data real, data real, "
                      "data int, ...) => array[] vector");
  assert_string_equal(mst_signature_show(&c, mst_signature_find("svd"), 0),
                      "svd(matrix) => tuple(matrix, vector, matrix)");
  mst_lang_free(&c);
}

static void test_kinds(void **state) {
  (void)state;
  static const struct {
    const char *name;
    lang_kind kind;
  } want[] = {
      {"exp", LANG_ELEMENTWISE},
      {"normal_lpdf", LANG_DENSITY},
      {"poisson_lcdf", LANG_DENSITY},
      {"multi_normal_cholesky_lpdf", LANG_DENSITY_MULTI},
      {"categorical_lpmf", LANG_DENSITY_MULTI},
      {"normal_id_glm_lpdf", LANG_GLM},
      {"beta_rng", LANG_RNG},
      {"pi", LANG_CONSTANT},
      {"reduce_sum", LANG_HIGHER},
      {"valid", LANG_INTRINSIC},
      {"fft", LANG_UNSUPPORTED},
      {"softmax", LANG_OTHER},
  };
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    assert_non_null(mst_signature_find(want[i].name));
    assert_int_equal(mst_signature_find(want[i].name)->kind, want[i].kind);
  }
  const lang_signature *s = mst_signature_find("multi_normal_lpdf");
  assert_int_equal(mst_signature_element(s, 0).base, LANG_VECTOR);
  assert_int_equal(mst_signature_element(s, 2).base, LANG_MATRIX);
  assert_int_equal(mst_signature_element(s, 3).base, LANG_VOID);
  assert_int_equal(mst_signature_element(mst_signature_find("binomial_lpmf"), 1).base, LANG_INT);
  assert_null(mst_signature_find("normal"));
}

/* ---- trees ---- */

static const char ordinary[] =
    "functions {\n"
    "  real half(real x);\n"
    "  real half(real x) { return 0.5 * x; }\n"
    "  real half(data int x) { return 0.5 * x; }\n"
    "  real own_lpdf(vector y, real mu) { return normal_lupdf(y | mu, 1); }\n"
    "}\n"
    "data { int<lower=0> N; array[N] int<lower=1> g; vector[N] y; matrix[N, 2] X; }\n"
    "transformed data { real m = mean(y); }\n"
    "parameters { vector[2] b; vector<multiplier=2>[3] a; real<lower=0> s; }\n"
    "transformed parameters { vector[N] mu = X * b + a[g]; }\n"
    "model {\n"
    "  y ~ normal(mu, s);\n"
    "  a ~ own(m);\n"
    "  g ~ poisson(exp(b[1])) T[1, ];\n"
    "  target += half(s) + half(N) + normal_lupdf(b | 0, 1);\n"
    "  for (v in a) target += v;\n"
    "}\n"
    "generated quantities { array[N] real r = normal_rng(mu, s); }\n";

static void test_tree(void **state) {
  (void)state;
  lang_context c = {0};
  job j = {.text = ordinary};
  assert_string_equal(outcome(&c, &j), "");
  const ast_program *p = j.program;
  const ast_decl *mu = p->tparameters->stmt[0]->decl, *m = p->tdata->stmt[0]->decl;
  assert_true(m->init->data_only);
  assert_false(mu->init->data_only);
  assert_int_equal(mu->init->type.base, LANG_VECTOR);
  const ast_expr *gather = mu->init->arg[1];
  assert_int_equal(gather->index[0].kind, AST_INDEX_MULTI);
  assert_ptr_equal(gather->arg[0]->decl, p->parameters->stmt[1]->decl);
  ast_stmt **s = p->model->stmt;
  assert_string_equal(s[0]->builtin, "normal_lpdf");
  assert_null(s[1]->builtin);
  assert_ptr_equal(s[1]->user, p->function[3]);
  assert_string_equal(s[2]->builtin, "poisson_lpmf");
  const ast_expr *sum = s[3]->rhs, *density = sum->arg[1];
  assert_ptr_equal(sum->arg[0]->arg[0]->user, p->function[1]); /* the definition */
  assert_ptr_equal(sum->arg[0]->arg[1]->user, p->function[2]); /* the nearer overload */
  assert_string_equal(density->builtin, "normal_lpdf");
  assert_true(density->unnormalised);
  assert_int_equal(s[4]->decl->type.base, LANG_REAL);
  const ast_expr *draws = p->generated->stmt[0]->decl->init;
  assert_int_equal(draws->type.arrays, 1);
  assert_false(draws->data_only);
  mst_lang_free(&c);
}

static const char higher[] =
    "functions {\n"
    "  vector flow(real t, vector y, real k, data array[] int n) { return -k * y; }\n"
    "  real part_lpmf(array[] int y, int first, int last, vector mu) {\n"
    "    return poisson_lupmf(y | mu[first:last]);\n"
    "  }\n"
    "}\n"
    "data { int N; array[N] int y; array[2] real ts; }\n"
    "parameters { real<lower=0> k; vector<lower=0>[N] mu; }\n"
    "model {\n"
    "  array[2] vector[1] z = ode_rk45(flow, [1]', 0, ts, k, y);\n"
    "  target += reduce_sum(part_lupmf, y, 1, mu);\n"
    "  target += z[2];\n"
    "}\n";

static void test_higher(void **state) {
  (void)state;
  lang_context c = {0};
  job j = {.text = higher};
  assert_string_equal(outcome(&c, &j), "");
  const ast_expr *ode = j.program->model->stmt[0]->decl->init,
                 *sum = j.program->model->stmt[1]->rhs;
  assert_string_equal(ode->builtin, "ode_rk45");
  assert_int_equal(ode->arg[0]->type.base, LANG_FUNCTION);
  assert_ptr_equal(ode->arg[0]->user, j.program->function[0]);
  assert_ptr_equal(sum->arg[0]->user, j.program->function[1]);
  assert_true(sum->arg[0]->unnormalised);
  mst_lang_free(&c);
}

/* The prelude may define what is built in, and sees intrinsics that programs do not. */
static void test_prelude(void **state) {
  (void)state;
  lang_context c = {0};
  job j = {.prelude = true,
           .text =
               "real normal_lpdf(real y, real mu, real sigma) {\n"
               "  return valid(sigma > 0) - 0.5 * square((y - mu) / sigma) - log(sigma);\n"
               "}\n"
               "real normal_rng(real mu, real sigma) { return mu + sigma * std_normal_rng(); }\n"
               "real lognormal_lpdf(real y, real mu, real sigma) {\n"
               "  return normal_lpdf(log(y) | mu, sigma) - log(y) + cauchy_lpdf(y | 0, 1);\n"
               "}\n"};
  assert_string_equal(outcome(&c, &j), "");
  const ast_expr *sum = j.function[2]->body->stmt[0]->rhs;
  assert_ptr_equal(sum->arg[0]->arg[0]->user, j.function[0]);
  assert_string_equal(sum->arg[1]->builtin, "cauchy_lpdf");
  mst_lang_free(&c);
  job user = {.text = "model { target += valid(1); }"};
  assert_non_null(strstr(outcome(&c, &user), "unknown function 'valid'"));
  mst_lang_free(&c);
}

/* Lists of names share the expressions of their sizes: these are checked twice. */
static void test_shared_sizes(void **state) {
  (void)state;
  lang_context c = {0};
  job j = {.text = "data { array[2] int n; }\n"
                   "parameters { vector<lower=n[1], upper=10>[n[2] + 1] a, b; }\n"
                   "model { target += sum(a) + sum(b); }\n"};
  assert_string_equal(outcome(&c, &j), "");
  mst_lang_free(&c);
}

static void test_listing(void **state) {
  (void)state;
  FILE *f = tmpfile();
  assert_non_null(f);
  mst_signatures_print(f);
  rewind(f);
  char line[512], last[512] = "";
  int lines = 0, headings = 0;
  bool sorted = true, hidden = false;
  for (; fgets(line, sizeof line, f) != NULL; lines++) {
    if (strncmp(line, "# ", 2) == 0) { /* by name under each */
      last[0] = '\0';
      headings++;
      continue;
    }
    char name[128] = "", before[128] = "";
    sscanf(line, "%127[^(]", name);
    sscanf(last, "%127[^(]", before);
    sorted = sorted && strcmp(before, name) <= 0;
    hidden = hidden || strcmp(name, "valid") == 0;
    strcpy(last, line);
  }
  fclose(f);
  assert_true(sorted);
  assert_false(hidden);
  assert_in_range(lines, 800, 5000);
  assert_in_range(headings, 10, 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_promotions),   cmocka_unit_test(test_tuples),
      cmocka_unit_test(test_signatures),   cmocka_unit_test(test_table),
      cmocka_unit_test(test_kinds),        cmocka_unit_test(test_refused),
      cmocka_unit_test(test_warned),       cmocka_unit_test(test_tree),
      cmocka_unit_test(test_higher),       cmocka_unit_test(test_prelude),
      cmocka_unit_test(test_shared_sizes), cmocka_unit_test(test_listing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
