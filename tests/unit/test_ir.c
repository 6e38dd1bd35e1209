/* tests/unit/test_ir.c -- the back end of the compiler: IR built by hand, differentiated,
 * emitted, compiled, loaded. Gradients against central differences, values against the same in
 * plain C; optimised and not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ir_kit.h"

enum { MOST = 256 };
static _Alignas(64) vreal theta[MOST], grad[MOST], local[MOST], local_grad[MOST];

/* Distinct values in every lane, around `centre`. */
static void broadcast(vreal *x, int n, double centre, double width) {
  for (int i = 0; i < n; i++)
    for (int lane = 0; lane < MASTING_LANES; lane++)
      x[i] = v_put(x[i], lane, centre + width * sin(1.0 + 3.7 * i + 1.3 * lane));
}

static kit_point point(int n) { return (kit_point){.n = n, .theta = theta, .grad = grad}; }

/* ---- builders */

static void test_folding(void **unused) {
  (void)unused;
  kit k;
  kit_begin(&k, "folding");
  ir_var *n = kit_data(&k, "n", IR_INT, NULL), *m = kit_data(&k, "m", IR_INT, NULL);
  ir_expr *e =
      kit_op(&k, IR_SUB, kit_op(&k, IR_ADD, kit_get(&k, n), kit_int(&k, 1)), kit_int(&k, 1));
  assert_true(e->op == IR_LOAD && e->var == n);
  e = kit_op(&k, IR_SUB, kit_op(&k, IR_ADD, kit_get(&k, n), kit_get(&k, m)), kit_get(&k, n));
  assert_true(e->op == IR_LOAD && e->var == m);
  assert_true(mst_ir_is_int(kit_op(&k, IR_MUL, kit_int(&k, 6), kit_int(&k, 7)), 42));
  assert_true(mst_ir_is_int(kit_op(&k, IR_SUB, kit_get(&k, n), kit_get(&k, n)), 0));
  e = kit_op(&k, IR_DIV, kit_int(&k, 7), kit_int(&k, 2));
  assert_true(e->op == IR_CONST_REAL && e->real == 3.5);
  e = kit_op(&k, IR_MUL, kit_num(&k, 1), kit_get(&k, n));
  assert_true(e->type == IR_REAL && e->prim == IR_TO_REAL);
  ir_var *t = kit_theta(&k, "t", 1);
  e = kit_op(&k, IR_MUL, kit_num(&k, -0.5),
             kit_op(&k, IR_MUL, kit_num(&k, 2), kit_at(&k, t, kit_int(&k, 0))));
  assert_true(e->op == IR_CALL && e->prim == IR_NEG && e->type == IR_LANE);
  e = kit_op(&k, IR_LT, kit_at(&k, t, kit_int(&k, 0)), kit_num(&k, 1));
  assert_int_equal(e->type, IR_MASK);
  e = kit_op(&k, IR_VALID, kit_op(&k, IR_LT, kit_num(&k, 2), kit_num(&k, 1)), NULL);
  assert_true(e->op == IR_CONST_REAL && isinf(e->real));
  assert_string_not_equal(mst_ir_unique(&k.c, &k.p, "double"), "double");
  assert_string_not_equal(mst_ir_unique(&k.c, &k.p, "n"), "n");
  for (int p = 0; p < IR_NPRIMS; p++)
    assert_int_equal(mst_ir_prim_find(mst_ir_prim_name((ir_prim)p)), p);
  kit_end(&k);
}

/* ---- every primitive, as value and gradient */

typedef struct usage {
  ir_prim prim;
  double x, y, z; /* centres of the arguments */
} usage;

static const usage usages[] = {{IR_ADD, 1, 2, 0},
                               {IR_SUB, 1, 2, 0},
                               {IR_MUL, 1, 2, 0},
                               {IR_DIV, 1, 2, 0},
                               {IR_NEG, 1, 0, 0},
                               {IR_POW, 1.5, 0.7, 0},
                               {IR_SQUARE, 1, 0, 0},
                               {IR_SQRT, 2, 0, 0},
                               {IR_CBRT, 2, 0, 0},
                               {IR_INV, 2, 0, 0},
                               {IR_EXP, 0.5, 0, 0},
                               {IR_EXP2, 0.5, 0, 0},
                               {IR_EXPM1, 0.5, 0, 0},
                               {IR_LOG, 2, 0, 0},
                               {IR_LOG2, 2, 0, 0},
                               {IR_LOG10, 2, 0, 0},
                               {IR_LOG1P, 2, 0, 0},
                               {IR_LOG1M, -2, 0, 0},
                               {IR_LOG1P_EXP, 0, 0, 0},
                               {IR_LOG1M_EXP, -2, 0, 0},
                               {IR_LOG_INV_LOGIT, 0, 0, 0},
                               {IR_LOG1M_INV_LOGIT, 0, 0, 0},
                               {IR_INV_LOGIT, 0.3, 0, 0},
                               {IR_LOGIT, 0.5, 0, 0},
                               {IR_LOG_SUM_EXP, 1, 0.5, 0},
                               {IR_LOG_DIFF_EXP, 3, 1, 0},
                               {IR_SIN, 1, 0, 0},
                               {IR_COS, 1, 0, 0},
                               {IR_TAN, 0.4, 0, 0},
                               {IR_ASIN, 0.2, 0, 0},
                               {IR_ACOS, 0.2, 0, 0},
                               {IR_ATAN, 1, 0, 0},
                               {IR_ATAN2, 1, 2, 0},
                               {IR_SINH, 1, 0, 0},
                               {IR_COSH, 1, 0, 0},
                               {IR_TANH, 1, 0, 0},
                               {IR_ASINH, 1, 0, 0},
                               {IR_ACOSH, 2, 0, 0},
                               {IR_ATANH, 0.2, 0, 0},
                               {IR_HYPOT, 1, 2, 0},
                               {IR_ABS, 0, 0, 0},
                               {IR_FMOD, 5.5, 2.2, 0},
                               {IR_FMIN, 1, 1.1, 0},
                               {IR_FMAX, 1, 1.1, 0},
                               {IR_FDIM, 1, 1.1, 0},
                               {IR_FLOOR, 1.5, 0, 0},
                               {IR_CEIL, 1.5, 0, 0},
                               {IR_ROUND, 1.1, 0, 0},
                               {IR_TRUNC, 1.5, 0, 0},
                               {IR_STEP, 1, 0, 0},
                               {IR_LGAMMA, 2.5, 0, 0},
                               {IR_TGAMMA, 2.5, 0, 0},
                               {IR_DIGAMMA, 2.5, 0, 0},
                               {IR_LBETA, 2, 3, 0},
                               {IR_LCHOOSE, 7, 3, 0},
                               {IR_LMULTIPLY, 2, 3, 0},
                               {IR_ERF, 0.5, 0, 0},
                               {IR_ERFC, 0.5, 0, 0},
                               {IR_PHI, 0.5, 0, 0},
                               {IR_INV_PHI, 0.5, 0, 0},
                               {IR_STD_NORMAL_LCDF, -1, 0, 0},
                               {IR_STD_NORMAL_LCCDF, 1, 0, 0},
                               {IR_STD_NORMAL_HAZARD_LOWER, 0.5, 0, 0},
                               {IR_LAMBERT_W0, 1, 0, 0},
                               {IR_LAMBERT_WM1, -0.5, 0, 0} /* times 0.4: within (-1/e, 0) */};
enum { USAGES = sizeof usages / sizeof *usages };

static ir_expr *usage_call(kit *k, const usage *u, ir_var *x, int i) {
  ir_expr *arg[3];
  int n = mst_ir_prim_args(u->prim);
  for (int j = 0; j < n; j++) arg[j] = kit_at(k, x, kit_int(k, 3 * i + j));
  if (u->prim == IR_LAMBERT_WM1) arg[0] = kit_op(k, IR_MUL, kit_num(k, 0.4), arg[0]);
  return mst_ir_call(&k->c, u->prim, n, arg);
}

static void place_arguments(void) {
  broadcast(theta, 3 * USAGES, 0, 0.3);
  for (int i = 0; i < USAGES; i++) {
    theta[3 * i] += usages[i].x;
    theta[3 * i + 1] += usages[i].y;
    theta[3 * i + 2] += usages[i].z;
  }
}

/* Values: derive (doubles, one output each) and the density (lanes) by the same primitive;
 * gradients. */
static void test_primitives(void **unused) {
  (void)unused;
  kit k;
  kit_begin(&k, "primitives");
  ir_var *x = kit_theta(&k, "x", 3 * USAGES), *value = k.p.param[0].value;
  for (int i = 0; i < USAGES; i++) {
    kit_target(&k, kit_op(&k, IR_MUL, kit_num(&k, 1 + 0.1 * i), usage_call(&k, &usages[i], x, i)));
    ir_var *out = mst_ir_var(&k.c, &k.p, "out", IR_REAL, IR_OUTPUT, 0, NULL);
    MST_LANG_PUSH(&k.c, k.p.output, k.p.noutputs, out);
    k.at = &k.p.generate;
    kit_set(&k, out, NULL, usage_call(&k, &usages[i], value, i));
    k.at = &k.p.density;
  }
  kit_model m = kit_compile(&k, false);
  kit_setup(&m);
  place_arguments();
  kit_point at = point(3 * USAGES);
  kit_check_gradient(&m, &at, 2e-7);
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    double out[USAGES], q[3 * USAGES], sum = 0;
    for (int i = 0; i < 3 * USAGES; i++) q[i] = v_get(theta[i], lane);
    m.model->derive(m.state, m.size, m.data, q, NULL, out);
    for (int i = 0; i < USAGES; i++) sum += (1 + 0.1 * i) * out[i];
    assert_true(fabs(sum - v_get(at.lp, lane)) < 1e-12 * USAGES * 10);
    assert_true(fabs(out[2] - q[6] * q[7]) < 1e-15 * 10);
    assert_true(fabs(out[10] - exp(q[30])) < 1e-14);
  }
  kit_close(&m);
  kit_end(&k);
}

/* ---- structures: each is built by a function and checked with and without the optimiser */

typedef void build(kit *k);

static void check_structure(build *structure, int n, double centre, double width) {
  double plain[MOST][MASTING_LANES], lp[MASTING_LANES];
  for (int optimise = 0; optimise < 2; optimise++) {
    kit k;
    kit_begin(&k, "structure");
    structure(&k);
    kit_model m = kit_compile(&k, optimise);
    kit_setup(&m);
    broadcast(theta, n, centre, width);
    kit_point at = point(n);
    kit_check_gradient(&m, &at, 1e-7);
    for (int lane = 0; lane < MASTING_LANES; lane++) {
      if (optimise)
        assert_true(fabs(v_get(at.lp, lane) - lp[lane]) <= 1e-13 * (1 + fabs(lp[lane])));
      lp[lane] = v_get(at.lp, lane);
      for (int i = 0; i < n; i++) {
        double g = v_get(grad[i], lane);
        if (optimise) assert_true(fabs(g - plain[i][lane]) <= 1e-13 * (1 + fabs(g)));
        plain[i][lane] = g;
      }
    }
    kit_close(&m);
    kit_end(&k);
  }
}

/* s = s * x[i] + sin(s): the old value is needed, and pushed. */
static void overwritten_scalar(kit *k) {
  ir_var *x = kit_theta(k, "x", 5), *i;
  ir_block *top = k->at;
  ir_var *s = kit_local(k, "s", IR_LANE, kit_num(k, 0.7));
  kit_for(k, &i, kit_int(k, 5));
  kit_set(k, s, NULL,
          kit_op(k, IR_ADD, kit_op(k, IR_MUL, kit_get(k, s), kit_at(k, x, kit_get(k, i))),
                 kit_op(k, IR_SIN, kit_get(k, s), NULL)));
  k->at = top;
  kit_target(k, kit_op(k, IR_SQUARE, kit_get(k, s), NULL));
}

/* a[i] = exp(x[i]); then a[i] = a[i] * a[i + 1], in place; then a sum. */
static void arrays(kit *k) {
  ir_var *x = kit_theta(k, "x", 20), *i;
  ir_block *top = k->at;
  ir_var *a = kit_array(k, "a", IR_LANE, kit_int(k, 20));
  kit_for(k, &i, kit_int(k, 20));
  kit_set(k, a, kit_get(k, i), kit_op(k, IR_EXP, kit_at(k, x, kit_get(k, i)), NULL));
  k->at = top;
  kit_for(k, &i, kit_int(k, 19));
  ir_expr *next = kit_at(k, a, kit_op(k, IR_ADD, kit_get(k, i), kit_int(k, 1)));
  kit_set(k, a, kit_get(k, i), kit_op(k, IR_MUL, kit_at(k, a, kit_get(k, i)), next));
  k->at = top;
  kit_for(k, &i, kit_int(k, 20));
  kit_target(k, kit_op(k, IR_SIN, kit_at(k, a, kit_get(k, i)), NULL));
}

/* A loop that only adds to target, with an inner loop that accumulates and one whose scalars are
 * pushed. */
static void target_only(kit *k) {
  ir_var *x = kit_theta(k, "x", 6), *n, *j;
  kit_for(k, &n, kit_int(k, 4));
  ir_block *body = k->at;
  ir_var *eta = kit_local(k, "eta", IR_LANE, kit_num(k, 0.0));
  kit_for(k, &j, kit_int(k, 6));
  ir_expr *weight = kit_op(k, IR_TO_REAL, kit_op(k, IR_ADD, kit_get(k, n), kit_get(k, j)), NULL);
  kit_add(
      k, eta, NULL,
      kit_op(k, IR_MUL, kit_op(k, IR_MUL, kit_num(k, 0.1), weight), kit_at(k, x, kit_get(k, j))));
  k->at = body;
  ir_var *s = kit_local(k, "s", IR_LANE, kit_num(k, 1.0));
  kit_for(k, &j, kit_int(k, 3));
  ir_var *u =
      kit_lane(k, "u", kit_op(k, IR_SIN, kit_op(k, IR_ADD, kit_get(k, s), kit_get(k, eta)), NULL));
  kit_set(k, s, NULL, kit_op(k, IR_MUL, kit_get(k, u), kit_at(k, x, kit_get(k, j))));
  k->at = body;
  kit_target(k, kit_op(k, IR_LOG1P_EXP, kit_op(k, IR_ADD, kit_get(k, eta), kit_get(k, s)), NULL));
}

/* Nested loops outside of target, with an array of the inner scope and one of ints. */
static void nested(kit *k) {
  ir_var *x = kit_theta(k, "x", 4), *t, *i;
  ir_block *top = k->at;
  ir_var *total = kit_local(k, "total", IR_LANE, kit_num(k, 0.1));
  ir_var *turn = kit_local(k, "turn", IR_INT, kit_int(k, 0));
  kit_for(k, &t, kit_int(k, 3));
  ir_block *outer = k->at;
  ir_var *a = kit_array(k, "a", IR_LANE, kit_op(k, IR_ADD, kit_get(k, t), kit_int(k, 2)));
  kit_for(k, &i, kit_op(k, IR_ADD, kit_get(k, t), kit_int(k, 2)));
  kit_set(k, a, kit_get(k, i),
          kit_op(k, IR_MUL, kit_at(k, x, kit_get(k, turn)), kit_get(k, total)));
  kit_set(k, turn, NULL,
          kit_op(k, IR_INT_MOD, kit_op(k, IR_ADD, kit_get(k, turn), kit_int(k, 1)), kit_int(k, 4)));
  k->at = outer;
  kit_for(k, &i, kit_op(k, IR_ADD, kit_get(k, t), kit_int(k, 2)));
  kit_add(k, total, NULL, kit_op(k, IR_EXP, kit_at(k, a, kit_get(k, i)), NULL));
  k->at = outer;
  kit_set(k, total, NULL, kit_op(k, IR_SIN, kit_get(k, total), NULL));
  k->at = top;
  kit_target(k, kit_get(k, total));
}

/* Branches by ints: on the counter, and on a variable that the branch changes. */
static void branches(kit *k) {
  ir_var *x = kit_theta(k, "x", 6), *i;
  ir_block *top = k->at;
  ir_var *s = kit_local(k, "s", IR_LANE, kit_num(k, 0.5)),
         *state = kit_local(k, "state", IR_INT, kit_int(k, 0));
  kit_for(k, &i, kit_int(k, 6));
  ir_block *body = k->at;
  ir_stmt *choose = kit_if(k, kit_op(k, IR_LT, kit_get(k, state), kit_int(k, 2)));
  kit_set(k, s, NULL,
          kit_op(k, IR_MUL, kit_get(k, s), kit_op(k, IR_EXP, kit_at(k, x, kit_get(k, i)), NULL)));
  kit_set(k, state, NULL, kit_op(k, IR_ADD, kit_get(k, state), kit_int(k, 1)));
  k->at = &choose->other;
  kit_set(k, s, NULL,
          kit_op(k, IR_SIN, kit_op(k, IR_ADD, kit_get(k, s), kit_at(k, x, kit_get(k, i))), NULL));
  kit_set(k, state, NULL, kit_int(k, 0));
  k->at = body;
  kit_if(k, kit_op(k, IR_EQ, kit_op(k, IR_INT_MOD, kit_get(k, i), kit_int(k, 2)), kit_int(k, 0)));
  kit_target(k, kit_op(k, IR_SQUARE, kit_get(k, s), NULL));
  k->at = top;
  kit_target(k, kit_get(k, s));
}

static void while_loop(kit *k) {
  ir_var *x = kit_theta(k, "x", 4);
  ir_block *top = k->at;
  ir_var *s = kit_local(k, "s", IR_LANE, kit_num(k, 0.5)),
         *n = kit_local(k, "n", IR_INT, kit_int(k, 0));
  kit_while(k, kit_op(k, IR_LT, kit_get(k, n), kit_int(k, 4)));
  ir_var *u = kit_lane(k, "u", kit_op(k, IR_MUL, kit_get(k, s), kit_at(k, x, kit_get(k, n))));
  kit_set(k, s, NULL, kit_op(k, IR_ADD, kit_op(k, IR_COS, kit_get(k, u), NULL), kit_get(k, u)));
  kit_target(k, kit_op(k, IR_MUL, kit_get(k, s), kit_get(k, u)));
  kit_set(k, n, NULL, kit_op(k, IR_ADD, kit_get(k, n), kit_int(k, 1)));
  k->at = top;
  kit_target(k, kit_get(k, s));
}

/* By mask, nested; by int, in an expression. */
static void selections(kit *k) {
  ir_var *x = kit_theta(k, "x", 4), *i;
  lang_context *c = &k->c;
  kit_for(k, &i, kit_int(k, 4));
  ir_expr *positive = kit_op(k, IR_GT, kit_at(k, x, kit_get(k, i)), kit_num(k, 0));
  ir_expr *large = kit_op(k, IR_GT, kit_at(k, x, kit_get(k, i)), kit_num(k, 0.5));
  ir_expr *root = kit_op(k, IR_SQRT, kit_at(k, x, kit_get(k, i)), NULL); /* NaN below 0 */
  ir_expr *log = kit_op(k, IR_LOG, kit_at(k, x, kit_get(k, i)), NULL);
  ir_expr *inner =
      mst_ir_select(c, large, kit_op(k, IR_MUL, log, kit_at(k, x, kit_int(k, 0))), root);
  kit_target(
      k, mst_ir_select(c, positive, inner, kit_op(k, IR_EXP, kit_at(k, x, kit_get(k, i)), NULL)));
  ir_expr *even =
      kit_op(k, IR_EQ, kit_op(k, IR_INT_MOD, kit_get(k, i), kit_int(k, 2)), kit_int(k, 0));
  kit_target(k, kit_op(k, IR_SQUARE,
                       mst_ir_select(c, even, kit_op(k, IR_SIN, kit_at(k, x, kit_get(k, i)), NULL),
                                     kit_num(k, 2.0)),
                       NULL));
}

/* x -> L = cholesky of a matrix made of x -> its log determinant and a solve. */
static void routines(kit *k) {
  ir_var *x = kit_theta(k, "x", 9), *i, *j;
  ir_block *top = k->at;
  ir_expr *dims[] = {kit_int(k, 3), kit_int(k, 3)}, *three = kit_int(k, 3);
  ir_var *a = kit_array(k, "a", IR_LANE, kit_int(k, 9)),
         *l = kit_array(k, "l", IR_LANE, kit_int(k, 9));
  ir_var *s = kit_array(k, "s", IR_LANE, kit_int(k, 9));
  (void)dims;
  a->once = l->once = s->once = true;
  kit_for(k, &i, kit_int(k, 9));
  kit_set(k, a, kit_get(k, i), kit_op(k, IR_MUL, kit_num(k, 0.3), kit_at(k, x, kit_get(k, i))));
  k->at = top;
  ir_var *b = kit_array(k, "b", IR_LANE, kit_int(k, 9));
  b->once = true;
  kit_routine(k, "tcrossprod", (ir_expr *[]){three, kit_int(k, 3)}, 2, &a, 1, b);
  kit_for(k, &i, kit_int(k, 3));
  kit_for(k, &j, kit_int(k, 3));
  ir_expr *at = kit_op(k, IR_ADD, kit_op(k, IR_MUL, kit_int(k, 3), kit_get(k, i)), kit_get(k, j));
  ir_expr *diagonal = mst_ir_select(&k->c, kit_op(k, IR_EQ, kit_get(k, i), kit_get(k, j)),
                                    kit_num(k, 1), kit_num(k, 0));
  kit_set(k, s, at, kit_op(k, IR_ADD, kit_at(k, b, mst_ir_copy(&k->c, at)), diagonal));
  k->at = top;
  kit_routine(k, "cholesky_decompose", (ir_expr *[]){kit_int(k, 3)}, 1, &s, 1, l);
  kit_for(k, &i, kit_int(k, 9));
  kit_target(k, kit_op(k, IR_SIN, kit_at(k, l, kit_get(k, i)), NULL));
}

/* Constants of the loop: log(x[0]), x / x[1], a term that comes once an iteration. */
static void invariants(kit *k) {
  ir_var *x = kit_theta(k, "x", 6), *i;
  ir_var *s = kit_lane(k, "sigma", kit_op(k, IR_EXP, kit_at(k, x, kit_int(k, 0)), NULL));
  ir_var *mu = kit_local(k, "mu", IR_LANE, NULL); /* belongs in the loop */
  kit_for(k, &i, kit_int(k, 6));
  kit_set(k, mu, NULL, kit_op(k, IR_SIN, kit_at(k, x, kit_get(k, i)), NULL));
  ir_var *z = kit_lane(k, "z", kit_op(k, IR_DIV, kit_get(k, mu), kit_get(k, s)));
  ir_expr *e = kit_op(k, IR_SUB, kit_op(k, IR_NEG, kit_op(k, IR_SQUARE, kit_get(k, z), NULL), NULL),
                      kit_op(k, IR_LOG, kit_get(k, s), NULL));
  kit_target(k, kit_op(k, IR_ADD, e, kit_op(k, IR_DIV, kit_get(k, mu), kit_get(k, s))));
}

/* sqrt(exp(x)) far below what a double holds: the slope is 0, not infinity times 0. */
static void test_root_of_zero(void **unused) {
  (void)unused;
  kit k;
  kit_begin(&k, "root");
  ir_var *x = kit_theta(&k, "x", 1);
  ir_expr *tiny = kit_op(&k, IR_EXP, kit_at(&k, x, kit_int(&k, 0)), NULL);
  kit_target(&k, kit_op(&k, IR_SQRT, kit_get(&k, kit_lane(&k, "tiny", tiny)), NULL));
  kit_model m = kit_compile(&k, false);
  kit_setup(&m);
  theta[0] = v_all(-2.0);
  theta[0] = v_put(theta[0], 0, -2000.0);
  kit_point at = point(1);
  kit_evaluate(&m, &at);
  for (int lane = 0; lane < MASTING_LANES; lane++)
    assert_true(fabs(v_get(grad[0], lane) - (lane ? 0.5 * exp(-1.0) : 0.0)) < 1e-15);
  kit_close(&m);
  kit_end(&k);
}

static void test_overwritten_scalar(void **u) {
  (void)u;
  check_structure(overwritten_scalar, 5, 0.5, 0.6);
}
static void test_arrays(void **u) {
  (void)u;
  check_structure(arrays, 20, 0, 0.5);
}
static void test_target_only(void **u) {
  (void)u;
  check_structure(target_only, 6, 0.2, 0.7);
}
static void test_nested(void **u) {
  (void)u;
  check_structure(nested, 4, 0.2, 0.5);
}
static void test_branches(void **u) {
  (void)u;
  check_structure(branches, 6, 0.1, 0.5);
}
static void test_while(void **u) {
  (void)u;
  check_structure(while_loop, 4, 0.4, 0.5);
}
static void test_selections(void **u) {
  (void)u;
  check_structure(selections, 4, 0.05, 1.2);
}
static void test_routines(void **u) {
  (void)u;
  check_structure(routines, 9, 0.3, 0.9);
}
static void test_invariants(void **u) {
  (void)u;
  check_structure(invariants, 6, 0.1, 0.9);
}

/* ---- rows: beta[2] and sigma go from the density block to rows, z[row] stays there
 *
 *   beta[j] = beta[j] * exp(x[j]) in place, after beta[j] = sin(x[j]); sigma = exp(x[2]);
 *   row: target += -((y[row] - beta[0] - beta[1] * z[row, 0]) / sigma)^2 - z[row, 0]^2 z[row, 1]
 */
static void density_of_rows(kit *k, ir_var **beta, ir_var **sigma) {
  ir_var *x = kit_theta(k, "x", 3), *j;
  ir_block *top = k->at;
  *beta = kit_array(k, "beta", IR_LANE, kit_int(k, 2));
  kit_for(k, &j, kit_int(k, 2));
  kit_set(k, *beta, kit_get(k, j), kit_op(k, IR_SIN, kit_at(k, x, kit_get(k, j)), NULL));
  ir_expr *factor = kit_op(k, IR_EXP, kit_at(k, x, kit_get(k, j)), NULL);
  kit_set(k, *beta, kit_get(k, j), kit_op(k, IR_MUL, kit_at(k, *beta, kit_get(k, j)), factor));
  k->at = top;
  *sigma = kit_lane(k, "sigma", kit_op(k, IR_EXP, kit_at(k, x, kit_int(k, 2)), NULL));
  kit_target(k, kit_op(k, IR_SQUARE, kit_get(k, *sigma), NULL));
}

static ir_var *shared_of(kit *k, ir_var *from) {
  ir_var *v = mst_ir_var(&k->c, &k->p, from->name, IR_LANE, IR_SHARED, from->ndims, from->dim);
  v->shared_from = from;
  MST_LANG_PUSH(&k->c, k->p.shared, k->p.nshared, v);
  return v;
}

static void rows_of_rows(kit *k, ir_var *beta, ir_var *sigma) {
  lang_context *c = &k->c;
  ir_program *p = &k->p;
  ir_var *row;
  p->shard_size = kit_data(k, "N", IR_INT, NULL);
  p->row_count = mst_ir_var(c, p, "rows", IR_INT, IR_LOCAL, 0, NULL);
  ir_expr *dims[] = {kit_get(k, p->row_count), kit_int(k, 2)};
  ir_var *y = mst_ir_var(c, p, "y", IR_REAL, IR_ROW_DATA, 1, dims);
  y->shard_dim = 0;
  MST_LANG_PUSH(c, p->data, p->ndata, y);
  ir_parameter q = {.local = true};
  q.theta = mst_ir_var(c, p, "z", IR_LANE, IR_ROW_THETA, 2, dims);
  q.theta->shard_dim = 0;
  MST_LANG_PUSH(c, p->param, p->nparams, q);
  k->at = &p->rows;
  kit_for(k, &row, kit_get(k, p->row_count));
  ir_expr *z0 = kit_at2(k, q.theta, kit_get(k, row), kit_int(k, 0));
  ir_expr *z1 = kit_at2(k, q.theta, kit_get(k, row), kit_int(k, 1));
  ir_expr *mean = kit_op(k, IR_ADD, kit_at(k, beta, kit_int(k, 0)),
                         kit_op(k, IR_MUL, kit_at(k, beta, kit_int(k, 1)), mst_ir_copy(c, z0)));
  ir_expr *e =
      kit_op(k, IR_DIV, kit_op(k, IR_SUB, kit_at(k, y, kit_get(k, row)), mean), kit_get(k, sigma));
  kit_target(k, kit_op(k, IR_NEG, kit_op(k, IR_SQUARE, e, NULL), NULL));
  kit_target(k, kit_op(k, IR_NEG, kit_op(k, IR_MUL, kit_op(k, IR_SQUARE, z0, NULL), z1), NULL));
}

static void test_rows(void **unused) {
  (void)unused;
  enum { ROWS = 7 };
  double y[ROWS];
  for (int i = 0; i < ROWS; i++) y[i] = cos(2.0 * i);
  for (int optimise = 0; optimise < 2; optimise++) {
    kit k;
    ir_var *beta, *sigma;
    kit_begin(&k, "rows");
    density_of_rows(&k, &beta, &sigma);
    rows_of_rows(&k, shared_of(&k, beta), shared_of(&k, sigma));
    kit_model m = kit_compile(&k, optimise);
    assert_int_equal(m.model->ndata, 1);
    assert_int_equal(m.model->nshared, 2);
    assert_int_equal(m.model->shard, 0);
    m.size[0] = ROWS;
    m.data[0] = y;
    kit_setup(&m);
    broadcast(theta, 3, 0.2, 0.4);
    broadcast(local, 2 * ROWS, 0.1, 0.8);
    kit_point at = {.n = 3,
                    .rows = ROWS,
                    .locals = 2,
                    .theta = theta,
                    .grad = grad,
                    .local = local,
                    .local_grad = local_grad};
    kit_check_gradient(&m, &at, 1e-7);
    double x[3], lp;
    for (int i = 0; i < 3; i++) x[i] = v_get(theta[i], 0);
    lp = exp(2 * x[2]);
    for (int i = 0; i < ROWS; i++) {
      double z0 = v_get(local[2 * i], 0), z1 = v_get(local[2 * i + 1], 0);
      double r = (y[i] - sin(x[0]) * exp(x[0]) - sin(x[1]) * exp(x[1]) * z0) / exp(x[2]);
      lp -= r * r + z0 * z0 * z1;
    }
    assert_true(fabs(lp - v_get(at.lp, 0)) < 1e-12 * (1 + fabs(lp)));
    kit_close(&m);
    kit_end(&k);
  }
}

/* ---- trouble */

static void test_index_out_of_range(void **unused) {
  (void)unused;
  kit k;
  kit_begin(&k, "trouble");
  mst_lang_source(&k.c, "model.stan", "");
  ir_var *x = kit_theta(&k, "x", 3), *n = kit_data(&k, "n", IR_INT, NULL);
  ir_expr *i = mst_ir_check_index(&k.c, kit_get(&k, n), kit_int(&k, 3), (lang_loc){0, 12, 3});
  i->var = x;
  i->integer = 1;
  kit_target(&k, kit_op(&k, IR_SQUARE, kit_at(&k, x, i), NULL));
  kit_model m = kit_compile(&k, false);
  int32_t value = 2;
  m.data[0] = &value;
  kit_setup(&m);
  kit_point at = point(3);
  broadcast(theta, 3, 1, 0.5);
  kit_check_gradient(&m, &at, 1e-8);
  assert_null(m.model->trouble(m.state));
  m.model->teardown(m.state);
  value = 3;
  kit_setup(&m);
  kit_evaluate(&m, &at);
  assert_string_equal(m.model->trouble(m.state), "model.stan:12: x, index 1: index out of range; "
                                                 "expected 1 to 3, got 4; try to check how it is "
                                                 "computed and the sizes of the data");
  kit_close(&m);
  kit_end(&k);
}

/* What the optimiser is for is seen in the text. */
static void test_invariants_leave_the_loop(void **unused) {
  (void)unused;
  kit k;
  kit_begin(&k, "structure");
  invariants(&k);
  kit_model m = kit_compile(&k, true);
  char *loop = strstr(m.text, "for (int64_t");
  assert_non_null(loop);
  char *end = strstr(loop, "\n  }");
  assert_non_null(end);
  *end = '\0';
  assert_null(strstr(loop, " / "));   /* the division by sigma */
  assert_null(strstr(loop, "v_log")); /* log(sigma), once an iteration */
  assert_null(strstr(loop, "masting_pop"));
  *end = '\n';
  kit_setup(&m);
  kit_close(&m);
  kit_end(&k);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_folding),
      cmocka_unit_test(test_primitives),
      cmocka_unit_test(test_overwritten_scalar),
      cmocka_unit_test(test_arrays),
      cmocka_unit_test(test_target_only),
      cmocka_unit_test(test_nested),
      cmocka_unit_test(test_branches),
      cmocka_unit_test(test_while),
      cmocka_unit_test(test_selections),
      cmocka_unit_test(test_routines),
      cmocka_unit_test(test_invariants),
      cmocka_unit_test(test_invariants_leave_the_loop),
      cmocka_unit_test(test_rows),
      cmocka_unit_test(test_root_of_zero),
      cmocka_unit_test(test_index_out_of_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
