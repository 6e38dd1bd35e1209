/* tests/unit/test_linalg.c -- values of linalg.h by the identities that define them, and its arena.
 *
 * Compiled at several lane widths. Spectra, exponentials and sorts are test_linalg_spectra.c's;
 * adjoints, lanes and doubles test_linalg_adj.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "linalg_identities.h"

static void test_products(void **state) {
  (void)state;
  vreal a[LA_MOST], b[LA_MOST], c[LA_MOST], t[LA_MOST], want[LA_MOST], half[LA_MOST];
  EACH_ORDER(at) {
    for (k = 1; k < 7; k++) {
      fill(n * k, a);
      fill(k * m, b);
      times(n, k, m, a, b, want);
      v_matmul(&arena, n, k, m, a, b, c);
      all_close(n * m, c, want);
    }
    fill(n * m, a);
    turn(n, m, a, t);
    times(m, n, m, t, a, want);
    v_crossprod(&arena, n, m, a, c);
    all_close(m * m, c, want);
    times(n, m, n, a, t, want);
    v_tcrossprod(&arena, n, m, a, c);
    all_close(n * n, c, want);
    fill(n * n, b);
    times(n, n, m, b, a, half);
    times(m, n, m, t, half, want);
    v_quad_form(&arena, n, m, b, a, c);
    all_close(m * m, c, want);
    mirror(b);
    times(n, n, m, b, a, half);
    times(m, n, m, t, half, want);
    v_quad_form_sym(&arena, n, m, b, a, c);
    all_close(m * m, c, want);
    turn(m, m, c, t);
    assert_memory_equal(c, t, (size_t)(m * m) * sizeof *c);
    v_multiply_lower_tri_self_transpose(&arena, n, m, a, c);
    clear_upper(a, m);
    turn(n, m, a, t);
    times(n, m, n, a, t, want);
    all_close(n * n, c, want);
  }
}

static void test_cholesky(void **state) {
  (void)state;
  vreal a[LA_MOST], l[LA_MOST], t[LA_MOST], c[LA_MOST];
  EACH_ORDER(at) {
    fill_kind(SPD, n * n, a);
    v_cholesky_decompose(&arena, n, a, l);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        for (int lane = 0; lane < MASTING_LANES; lane++) {
          double x = v_get(l[i * n + j], lane);
          assert_true(j > i ? x == 0 : j < i || x > 0);
        }
    turn(n, n, l, t);
    times(n, n, n, l, t, c);
    mirror(a);
    all_close(n * n, c, a);
  }
}

/* What a solve X of A X = B, or of X A = B, has to fulfil. */
static void test_solves(void **state) {
  (void)state;
  vreal a[LA_MOST], b[LA_MOST], x[LA_MOST], c[LA_MOST];
  void (*const left[])(masting_arena *, int, int, const vreal *, const vreal *,
                       vreal *) = {v_mdivide_left_tri_low, v_mdivide_left, v_mdivide_left_spd};
  void (*const right[])(masting_arena *, int, int, const vreal *, const vreal *,
                        vreal *) = {v_mdivide_right_tri_low, v_mdivide_right, v_mdivide_right_spd};
  const kind kinds[] = {LOWER, SQUARE, SPD};
  for (int which = 0; which < 3; which++) EACH_ORDER(at) {
      fill_kind(kinds[which], n * n, a);
      fill(n * m, b);
      left[which](&arena, n, m, a, b, x);
      right[which](&arena, n, m, b, a, c);
      if (which == 0) clear_upper(a, n);
      if (which == 2) mirror(a);
      vreal product[LA_MOST];
      times(n, n, m, a, x, product);
      all_close(n * m, product, b);
      times(m, n, n, c, a, product);
      all_close(m * n, product, b);
    }
}

static void test_inverses_and_determinants(void **state) {
  (void)state;
  vreal a[LA_MOST], x[LA_MOST], c[LA_MOST], one[LA_MOST], l[LA_MOST], det, log_det, want;
  EACH_ORDER(at) {
    unit(one);
    fill_kind(SQUARE, n * n, a);
    v_inverse(&arena, n, a, x);
    times(n, n, n, a, x, c);
    all_close(n * n, c, one);
    v_determinant(&arena, n, a, &det);
    v_log_determinant(&arena, n, a, &log_det);
    want = v_log(v_abs(det));
    all_close(1, &log_det, &want);
    fill_kind(SPD, n * n, a);
    v_inverse_spd(&arena, n, a, x);
    v_cholesky_decompose(&arena, n, a, l);
    v_log_determinant_spd(&arena, n, a, &log_det);
    mirror(a);
    times(n, n, n, a, x, c);
    all_close(n * n, c, one);
    v_determinant(&arena, n, a, &det);
    want = v_log(det);
    all_close(1, &log_det, &want);
  }
}

/* Determinants that one can count: signs of permutations, and a matrix of whole numbers. */
static void test_known_determinants(void **state) {
  (void)state;
  double y;
  n = 3;
  d_determinant(&arena, 3, (const double[]){0, 1, 0, 0, 0, 1, 1, 0, 0}, &y);
  close_to(y, 1, 0);
  d_determinant(&arena, 3, (const double[]){0, 0, 1, 0, 1, 0, 1, 0, 0}, &y);
  close_to(y, -1, 0);
  d_determinant(&arena, 3, (const double[]){2, -1, 0, 4, 3, 5, 1, 7, -2}, &y);
  close_to(y, -95, 1e-14);
  d_determinant(&arena, 2, (const double[]){1, 2, 2, 4}, &y);
  close_to(y, 0, 0);
  d_log_determinant(&arena, 2, (const double[]){1, 2, 2, 4}, &y);
  assert_true(y == -INFINITY);
  d_determinant(&arena, 0, NULL, &y);
  close_to(y, 1, 0);
}

/* Which routine fails in a lane whose first input is what it cannot take, and how. */
static void test_failures_are_nan(void **state) {
  (void)state;
  static vreal in[2][LA_MOST], out[LA_MOST];
  const char *const names[] = {
      "cholesky_decompose",   "mdivide_left_spd",     "mdivide_right_spd", "inverse_spd",
      "log_determinant_spd",  "mdivide_left",         "mdivide_right",     "inverse",
      "mdivide_left_tri_low", "mdivide_right_tri_low"};
  n = 3;
  m = 2;
  for (unsigned f = 0; f < sizeof names / sizeof names[0]; f++)
    for (int lane = 0; lane < MASTING_LANES; lane++) {
      int c = 0;
      while (strcmp(cases[c].name, names[f])) c++;
      for (int i = 0; i < cases[c].nin; i++)
        fill_kind(cases[c].kinds[i], count_of(cases[c].in[i]), in[i]);
      int of = cases[c].kinds[0] == ANY; /* the input that is a square matrix: of rank 2 now */
      const double bad[] = {1, 2, 3, 2, 4, 6, 3, 6, 0};
      for (int e = 0; e < 9; e++) in[of][e] = v_put(in[of][e], lane, bad[e]);
      if (cases[c].kinds[of] == LOWER) in[of][4] = v_put(in[of][4], lane, 0);
      cases[c].value((const vreal *const[]){in[0], in[1]}, (vreal *const[]){out});
      for (int e = 0; e < count_of(cases[c].out[0]); e++)
        for (int l = 0; l < MASTING_LANES; l++) {
          int above = !strcmp(names[f], "cholesky_decompose") && e % 3 > e / 3;
          if (isnan(v_get(out[e], l)) != (l == lane && !above))
            fail_msg("%s, lane %d of bad %d, element %d: got %g", names[f], l, lane, e,
                     v_get(out[e], l));
        }
    }
}

static void test_log_sum_exp(void **state) {
  (void)state;
  double y;
  d_log_sum_exp(&arena, 3, (const double[]){0, log(2), log(5)}, &y);
  close_to(y, log(8), 1e-15);
  d_log_sum_exp(&arena, 2, (const double[]){1000, 1000}, &y);
  close_to(y, 1000 + log(2), 1e-15);
  d_log_sum_exp(&arena, 2, (const double[]){-1000, -INFINITY}, &y);
  close_to(y, -1000, 0);
  d_log_sum_exp(&arena, 2, (const double[]){-INFINITY, -INFINITY}, &y);
  assert_true(y == -INFINITY);
  d_log_sum_exp(&arena, 2, (const double[]){INFINITY, 3}, &y);
  assert_true(y == INFINITY);
  d_log_sum_exp(&arena, 0, NULL, &y);
  assert_true(y == -INFINITY);
  for (int i = 0; i < 3; i++) {
    double x[] = {1, 2, 3};
    x[i] = NAN;
    d_log_sum_exp(&arena, 3, x, &y);
    assert_true(isnan(y));
  }
}

/* Where a derivative has no limit, it is 0 and not NaN. */
static void test_log_sum_exp_and_norm2_at_their_ends(void **state) {
  (void)state;
  vreal none[2] = {v_all(-INFINITY), v_all(-INFINITY)}, zero[2] = {v_all(0.0), v_all(0.0)};
  vreal y, adj = v_all(1.0), grad[2] = {v_all(0.0), v_all(0.0)};
  v_log_sum_exp(&arena, 2, none, &y);
  v_log_sum_exp_adj(&arena, 2, none, &y, &adj, grad);
  v_norm2(&arena, 2, zero, &y);
  v_norm2_adj(&arena, 2, zero, &y, &adj, grad);
  for (int i = 0; i < 2; i++)
    for (int lane = 0; lane < MASTING_LANES; lane++) assert_true(v_get(grad[i], lane) == 0);
  none[1] = v_all(2.0);
  v_log_sum_exp(&arena, 2, none, &y);
  v_log_sum_exp_adj(&arena, 2, none, &y, &adj, grad);
  close_to(v_get(grad[0], 0), 0, 0);
  close_to(v_get(grad[1], 0), 1, 1e-15);
}

static void test_vectors(void **state) {
  (void)state;
  double y[3], z[3];
  const double x[] = {1, 2, 4};
  d_cumulative_sum(&arena, 3, x, y);
  assert_true(y[0] == 1 && y[1] == 3 && y[2] == 7);
  d_softmax(&arena, 3, x, y);
  close_to(y[0] + y[1] + y[2], 1, 1e-15);
  close_to(y[2] / y[1], exp(2), 1e-14);
  d_log_softmax(&arena, 3, x, z);
  for (int i = 0; i < 3; i++) close_to(z[i], log(y[i]), 1e-14);
  d_softmax(&arena, 2, (const double[]){1e4, -1e4}, y);
  assert_true(y[0] == 1 && y[1] == 0);
  d_norm2(&arena, 2, (const double[]){3, -4}, y);
  close_to(y[0], 5, 0);
}

static void test_arena(void **state) {
  (void)state;
  masting_arena mine = {0};
  enum { COUNT = 200 };
  unsigned char *at[COUNT];
  for (int round = 0; round < 3; round++) {
    masting_arena_state outer = masting_arena_mark(&mine);
    for (int i = 0; i < COUNT; i++) {
      size_t bytes = (size_t)(i * 997 % 30000);
      at[i] = masting_arena_take(&mine, bytes);
      assert_int_equal((uintptr_t)at[i] % 64, 0);
      memset(at[i], i, bytes);
      if (i == 50) memset(masting_arena_take(&mine, (size_t)1 << 20), 255, (size_t)1 << 20);
    }
    for (int i = 0; i < COUNT; i++) /* nothing has moved, nothing overlaps */
      for (size_t b = 0; b < (size_t)(i * 997 % 30000); b++) assert_int_equal(at[i][b], i);
    masting_arena_release(&mine, outer);
    assert_ptr_equal(masting_arena_take(&mine, 8),
                     round ? at[0] : (void *)((char *)mine.first + 64));
    masting_arena_release(&mine, outer);
  }
  size_t chunks = 0;
  for (masting_arena_chunk *c = mine.first; c; c = c->next) chunks++;
  assert_true(chunks > 2 && chunks < 12); /* kept and used again, not one for each round */
  masting_arena_free(&mine);
  assert_null(mine.first);
}

static void *one_thread(void *out) {
  masting_arena *mine = masting_arena_of_thread();
  memset(masting_arena_take(mine, 1000), 1, 1000);
  *(masting_arena **)out = mine;
  return NULL;
}

/* A thread has one arena, its own; those of threads that have gone are freed with the rest. */
static void test_arena_of_thread(void **state) {
  (void)state;
  for (int round = 0; round < 2; round++) {
    masting_arena *mine = masting_arena_of_thread(), *other = NULL;
    pthread_t thread;
    assert_ptr_equal(masting_arena_of_thread(), mine);
    memset(masting_arena_take(mine, 100), 0, 100);
    assert_int_equal(pthread_create(&thread, NULL, one_thread, &other), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(other && other != mine);
    masting_arenas_free();
    assert_null(masting_arena_list);
  }
}

static int end(void **state) {
  (void)state;
  masting_arena_free(&arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_products),
      cmocka_unit_test(test_cholesky),
      cmocka_unit_test(test_solves),
      cmocka_unit_test(test_inverses_and_determinants),
      cmocka_unit_test(test_known_determinants),
      cmocka_unit_test(test_failures_are_nan),
      cmocka_unit_test(test_log_sum_exp),
      cmocka_unit_test(test_log_sum_exp_and_norm2_at_their_ends),
      cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_arena),
      cmocka_unit_test(test_arena_of_thread),
  };
  return cmocka_run_group_tests(tests, NULL, end);
}
