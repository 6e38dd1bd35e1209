/* tests/unit/test_verify.c -- the verifier of the compiler's IR: right programs pass, each planted
 * fault is stopped by a message of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ir_kit.h"
#include "lang/diff/diff.h"
#include "lang/ir/ir_verify.h"

static void verify(lang_context *c, void *argument) { mst_ir_verify(c, argument, "a test"); }

/* What the verifier says of the program; "": nothing. */
static const char *outcome(kit *k) {
  return mst_lang_enter(&k->c, verify, &k->p) ? "" : k->c.error;
}

static void says(kit *k, const char *what) {
  const char *got = outcome(k);
  if (!strstr(got, what)) print_error("expected: %s\ngot: %s\n", what, got);
  assert_non_null(strstr(got, what));
  assert_non_null(strstr(got, "the compiler, after pass a test, in "));
  kit_end(k);
}

/* target += sum over n of x[n] * theta[0], with a lane that is named in the loop. */
typedef struct sample {
  ir_var *theta, *n, *x, *i, *named;
} sample;

static sample begin(kit *k) {
  sample s;
  kit_begin(k, "sample");
  s.theta = kit_theta(k, "theta", 2);
  s.n = kit_data(k, "N", IR_INT, NULL);
  s.x = kit_data(k, "x", IR_REAL, s.n);
  ir_block *outer = k->at;
  kit_for(k, &s.i, kit_get(k, s.n));
  s.named = kit_lane(
      k, "named",
      kit_op(k, IR_MUL, kit_at(k, s.theta, kit_int(k, 0)), kit_at(k, s.x, kit_get(k, s.i))));
  kit_target(k, kit_get(k, s.named));
  k->at = outer;
  return s;
}

static void test_right(void **unused) {
  (void)unused;
  kit k;
  begin(&k);
  assert_string_equal(outcome(&k), "");
  mst_diff_program(&k.c, &k.p);
  assert_string_equal(outcome(&k), "");
  kit_end(&k);
}

/* 1. used after its scope has ended; before its declaration; in the reverse sweep alone. */
static void test_scope(void **unused) {
  (void)unused;
  kit k;
  sample s = begin(&k);
  kit_target(&k, kit_get(&k, s.named));
  says(&k, "in the density: 'named__' is used where it is not declared");
  s = begin(&k);
  ir_stmt *loop = k.p.density.stmt[0], *decl = loop->body.stmt[0];
  loop->body.stmt[0] = loop->body.stmt[1];
  loop->body.stmt[1] = decl;
  says(&k, "'named__' is used where it is not declared");
  s = begin(&k);
  mst_ir_append(&k.c, &k.p.density, k.p.density.stmt[0]->body.stmt[0]);
  says(&k, "'i__' is used where it is not declared");
}

static void test_reverse_scope(void **unused) {
  (void)unused;
  kit k;
  sample s = begin(&k);
  mst_diff_program(&k.c, &k.p);
  ir_var *shared = kit_lane(&k, "forward", kit_at(&k, s.theta, kit_int(&k, 1)));
  mst_ir_append(&k.c, &k.p.density_gradient.forward, k.p.density.stmt[k.p.density.nstmts - 1]);
  ir_stmt *t = mst_ir_stmt(&k.c, IR_TARGET, (lang_loc){0});
  t->rhs = kit_get(&k, shared);
  mst_ir_append(&k.c, &k.p.density_gradient.reverse, t);
  assert_string_equal(outcome(&k), ""); /* one function */
  k.p.split = true;
  says(&k, "in the reverse sweep: 'forward__' is used where it is not declared");
}

/* 2. types and ranks of indices; what is stored. */
static void test_types(void **unused) {
  (void)unused;
  kit k;
  sample s = begin(&k);
  ir_var *a = kit_array(&k, "a", IR_LANE, kit_get(&k, s.n));
  kit_set(&k, a, kit_int(&k, 0), kit_num(&k, 1));
  k.p.density.stmt[k.p.density.nstmts - 1]->index[0] = kit_num(&k, 0.5);
  says(&k, "index 1 of 'a__' is a real; expected an int, got 0.5");
  s = begin(&k);
  ir_expr *load = kit_at(&k, s.x, kit_int(&k, 0));
  load->nargs = 0;
  kit_target(&k, load);
  says(&k, "'x__' has another number of indices than dimensions; expected 1, got 0");
  s = begin(&k);
  ir_var *real = kit_local(&k, "r", IR_REAL, kit_num(&k, 0));
  kit_set(&k, real, NULL, kit_at(&k, s.theta, kit_int(&k, 0)));
  says(&k, "what is stored in 'r__' is wider than it; expected a real, got a lane: theta[0]");
}

/* 3. loaded and never stored. */
static void test_stores(void **unused) {
  (void)unused;
  kit k;
  begin(&k);
  ir_var *v = kit_local(&k, "empty", IR_LANE, NULL);
  kit_target(&k, kit_get(&k, v));
  says(&k, "'empty__' is loaded and nothing stores it; expected an assignment in the density");
  begin(&k);
  v = kit_local(&k, "filled", IR_LANE, NULL);
  kit_set(&k, v, NULL, kit_num(&k, 1));
  kit_target(&k, kit_get(&k, v));
  assert_string_equal(outcome(&k), "");
  kit_end(&k);
}

/* 4. names of C, of the runtime's arguments, of another variable. */
static void test_names(void **unused) {
  (void)unused;
  static const char *const taken[] = {"double", "state", "block", "row_theta", "a__b__", "1__"};
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
    kit k;
    const sample s = begin(&k);
    s.named->name = taken[i];
    says(&k, mst_lang_format(&k.c, "'%s' is a name that C or the runtime may have", taken[i]));
  }
  kit k;
  const sample s = begin(&k);
  s.named->name = s.x->name;
  says(&k, "two variables are called 'x__'");
}

/* 5. a variable that is not in the table, or under another number: tables by id are too short. */
static void test_tables(void **unused) {
  (void)unused;
  kit k;
  sample s = begin(&k);
  ir_var stray = *s.named;
  stray.id = k.p.nvars + 7;
  k.p.density.stmt[0]->body.stmt[1]->rhs->var = &stray;
  says(&k, "'named__' is not in the program's table of variables");
  s = begin(&k);
  s.x->id = 0;
  says(&k, "is not in the program's table of variables; expected it under its number, 0");
}

/* A declaration twice, one within the other's scope. */
static void test_twice(void **unused) {
  (void)unused;
  kit k;
  begin(&k);
  ir_var *v = kit_lane(&k, "v", kit_num(&k, 1));
  (void)v;
  mst_ir_append(&k.c, &k.p.density, k.p.density.stmt[k.p.density.nstmts - 1]);
  says(&k, "'v__' is declared again where it is still there");
}

/* A loop over a block's rows that reads a row's datum at another row. */
static void test_rows(void **unused) {
  (void)unused;
  for (int wrong = 0; wrong < 2; wrong++) {
    kit k;
    sample s = begin(&k);
    k.p.shard_size = s.n;
    k.p.row_count = mst_ir_var(&k.c, &k.p, "rows", IR_INT, IR_DATA, 0, NULL);
    k.p.row_first = mst_ir_var(&k.c, &k.p, "first_row", IR_INT, IR_DATA, 0, NULL);
    s.x->role = IR_ROW_DATA;
    k.p.rows = k.p.density;
    k.p.density = (ir_block){0};
    k.p.rows.stmt[0]->count = kit_get(&k, k.p.row_count);
    if (wrong) k.p.rows.stmt[0]->body.stmt[0]->rhs->arg[1]->arg[0] = kit_int(&k, 2);
    if (wrong) {
      says(&k, "'x__', which has rows, is used at another row than the loop's; got 2");
    } else {
      assert_string_equal(outcome(&k), "");
      kit_end(&k);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_right),         cmocka_unit_test(test_scope),
      cmocka_unit_test(test_reverse_scope), cmocka_unit_test(test_types),
      cmocka_unit_test(test_stores),        cmocka_unit_test(test_names),
      cmocka_unit_test(test_tables),        cmocka_unit_test(test_twice),
      cmocka_unit_test(test_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
