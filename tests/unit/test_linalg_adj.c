/* tests/unit/test_linalg_adj.c -- every routine of linalg.h: its adjoint, its lanes, its version
 * for doubles.
 *
 * Compiled at several lane widths. Slopes are central differences of fourth order, element by
 * element, of a random weighting of the outputs; all lanes are moved at once, each by its own
 * numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "linalg_cases.h"

#define STEP 1e-3
#define TOLERANCE 2e-8

/* The arrays of one run of a case. */
typedef struct run {
  const la_case *c;
  vreal in[2][LA_MOST], out[3][LA_MOST], out_adj[3][LA_MOST], in_adj[2][LA_MOST];
} run;

static void value(const la_case *c, vreal in[2][LA_MOST], vreal out[3][LA_MOST]) {
  c->value((const vreal *const[]){in[0], in[1]}, (vreal *const[]){out[0], out[1], out[2]});
}

/* `wanted`: bit i set when the adjoint of input i is wanted. */
static void adjoint(run *r, int wanted) {
  r->c->adj((const vreal *const[]){r->in[0], r->in[1]},
            (const vreal *const[]){r->out[0], r->out[1], r->out[2]},
            (const vreal *const[]){r->out_adj[0], r->out_adj[1], r->out_adj[2]},
            (vreal *const[]){wanted & 1 ? r->in_adj[0] : NULL, wanted & 2 ? r->in_adj[1] : NULL});
}

static void start(run *r, const la_case *c, uint64_t from) {
  memset(r, 0, sizeof *r);
  r->c = c;
  seed = from;
  for (int i = 0; i < c->nin; i++) fill_kind(c->kinds[i], count_of(c->in[i]), r->in[i]);
  for (int o = 0; o < c->nout; o++) fill(count_of(c->out[o]), r->out_adj[o]);
  value(c, r->in, r->out);
}

/* Sum of outputs by their weights, the inputs moved by `by` along a direction. */
static vreal weighted(const run *r, double by, vreal along[2][LA_MOST]) {
  static vreal in[2][LA_MOST], out[3][LA_MOST];
  for (int i = 0; i < r->c->nin; i++)
    for (int e = 0; e < count_of(r->c->in[i]); e++) in[i][e] = r->in[i][e] + by * along[i][e];
  value(r->c, in, out);
  vreal sum = v_all(0.0);
  for (int o = 0; o < r->c->nout; o++)
    for (int e = 0; e < count_of(r->c->out[o]); e++) sum += r->out_adj[o][e] * out[o][e];
  return sum;
}

static vreal slope(const run *r, vreal along[2][LA_MOST]) {
  vreal near = weighted(r, STEP, along) - weighted(r, -STEP, along);
  vreal far = weighted(r, 2 * STEP, along) - weighted(r, -2 * STEP, along);
  return (8 * near - far) / (12 * STEP);
}

static double worst_of(vreal got, vreal want) {
  double worst = 0;
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    double g = v_get(got, lane), w = v_get(want, lane), scale = fabs(w) > 1 ? fabs(w) : 1;
    double error = fabs(g - w) / scale;
    if (!(error <= worst)) worst = isnan(error) ? INFINITY : error;
  }
  return worst;
}

/* The largest error of the adjoints of a case at the sizes at hand, element by element. Adjoints
 * start at 0.25: they are added to. */
static double worst_slope(const la_case *c, uint64_t from) {
  static run r;
  static vreal along[2][LA_MOST];
  double worst = 0;
  start(&r, c, from);
  for (int i = 0; i < c->nin; i++)
    for (int e = 0; e < count_of(c->in[i]); e++) r.in_adj[i][e] = v_all(0.25);
  adjoint(&r, 3);
  for (int i = 0; i < c->nin; i++)
    for (int e = 0; e < count_of(c->in[i]); e++) {
      memset(along, 0, sizeof along);
      along[i][e] = v_all(1.0);
      double error = worst_of(r.in_adj[i][e] - v_all(0.25), slope(&r, along));
      if (error > worst) worst = error;
    }
  return worst;
}

/* <out_adj, J t> = <in_adj, t> for a random direction t. */
static double worst_product(const la_case *c, uint64_t from) {
  static run r;
  static vreal along[2][LA_MOST];
  vreal sum = v_all(0.0);
  start(&r, c, from);
  adjoint(&r, 3);
  for (int i = 0; i < c->nin; i++) {
    fill(count_of(c->in[i]), along[i]);
    for (int e = 0; e < count_of(c->in[i]); e++) {
      along[i][e] = 0.2 * along[i][e];
      sum += r.in_adj[i][e] * along[i][e];
    }
  }
  return worst_of(sum, slope(&r, along));
}

static const int sizes[][3] = {{1, 1, 1}, {1, 3, 2}, {2, 1, 3}, {2, 5, 1}, {3, 3, 2},
                               {3, 2, 5}, {5, 2, 4}, {5, 8, 3}, {8, 1, 8}, {8, 5, 2}};
#define NSIZES ((int)(sizeof sizes / sizeof sizes[0]))

static void set_sizes(int s) {
  n = sizes[s][0];
  m = sizes[s][1];
  k = sizes[s][2];
}

static void for_all(double (*worst)(const la_case *, uint64_t), double most) {
  for (int c = 0; c < NCASES; c++)
    for (int s = 0; s < NSIZES; s++) {
      set_sizes(s);
      double error = worst(&cases[c], (uint64_t)(1000 * c + s));
      if (!(error <= most))
        fail_msg("%s, n=%d m=%d k=%d: expected an error of at most %g, got %g", cases[c].name, n, m,
                 k, most, error);
    }
}

static void test_adjoints_are_slopes(void **state) {
  (void)state;
  for_all(worst_slope, TOLERANCE);
}

static void test_adjoints_are_transposes(void **state) {
  (void)state;
  for_all(worst_product, TOLERANCE);
}

/* The check itself: an adjoint that is wrong by one part in a million is found. */
static void wrong_adjoint(ins in, ins out, ins out_adj, outs in_adj) {
  vreal grad[LA_MOST];
  memset(grad, 0, sizeof grad);
  v_inverse_adj(&arena, n, in[0], out[0], out_adj[0], grad);
  for (int i = 0; i < n * n; i++) in_adj[0][i] += 1.000001 * grad[i];
}

static void test_a_wrong_adjoint_is_found(void **state) {
  (void)state;
  la_case wrong = ROW1(inverse, SQUARE, NN, NN);
  n = 5;
  assert_true(worst_slope(&wrong, 7) <= TOLERANCE);
  wrong.adj = wrong_adjoint;
  assert_true(worst_slope(&wrong, 7) > TOLERANCE);
  assert_true(worst_product(&wrong, 7) > TOLERANCE);
}

/* What is not wanted changes nothing of what is. */
static double worst_null(const la_case *c, uint64_t from) {
  static run all, one;
  start(&all, c, from);
  adjoint(&all, 3);
  for (int wanted = 0; wanted < 3; wanted++) {
    start(&one, c, from);
    adjoint(&one, wanted);
    for (int i = 0; i < c->nin; i++) {
      static const vreal none[LA_MOST];
      if (memcmp(one.in_adj[i], wanted >> i & 1 ? all.in_adj[i] : none, sizeof none)) return 1;
    }
  }
  return 0;
}

static void test_null_adjoints(void **state) {
  (void)state;
  for_all(worst_null, 0);
}

/* One array for the adjoints of two inputs that are one. */
static void test_shared_adjoints(void **state) {
  (void)state;
  static run r;
  static vreal apart[LA_MOST];
  for (int c = 0; c < NCASES; c++) {
    if (cases[c].nin != 2) continue;
    n = m = k = 3;
    start(&r, &cases[c], 11);
    memcpy(r.in[0], r.in[cases[c].kinds[0] == ANY], sizeof r.in[0]);
    memcpy(r.in[1], r.in[0], sizeof r.in[0]);
    value(&cases[c], r.in, r.out);
    adjoint(&r, 3);
    for (int e = 0; e < 9; e++) apart[e] = r.in_adj[0][e] + r.in_adj[1][e];
    memset(r.in_adj, 0, sizeof r.in_adj);
    cases[c].adj((const vreal *const[]){r.in[0], r.in[0]}, (const vreal *const[]){r.out[0]},
                 (const vreal *const[]){r.out_adj[0]}, (vreal *const[]){r.in_adj[0], r.in_adj[0]});
    for (int e = 0; e < 9; e++) assert_true(worst_of(r.in_adj[0][e], apart[e]) <= 1e-13);
  }
}

/* Whether a and b have the same bits in every lane but one. */
static int same_but(int lane, int count, const vreal *a, const vreal *b) {
  for (int e = 0; e < count; e++)
    for (int l = 0; l < MASTING_LANES; l++) {
      double x = v_get(a[e], l), y = v_get(b[e], l);
      if (l != lane && memcmp(&x, &y, sizeof x)) return 0;
    }
  return 1;
}

/* A lane's input becomes NaN, zero, or huge: no other lane has another bit in its values or
 * adjoints. */
static double worst_neighbour(const la_case *c, uint64_t from) {
  static run well, ill;
  const double bad[] = {NAN, 0, 1e200};
  start(&well, c, from);
  adjoint(&well, 3);
  for (int b = 0; b < 3; b++)
    for (int lane = 0; lane < MASTING_LANES; lane++) {
      start(&ill, c, from);
      for (int i = 0; i < c->nin; i++)
        for (int e = 0; e < count_of(c->in[i]); e++)
          ill.in[i][e] = v_put(ill.in[i][e], lane, bad[b]);
      value(c, ill.in, ill.out);
      adjoint(&ill, 3);
      for (int o = 0; o < c->nout; o++)
        if (!same_but(lane, count_of(c->out[o]), well.out[o], ill.out[o])) return 1;
      for (int i = 0; i < c->nin; i++)
        if (!same_but(lane, count_of(c->in[i]), well.in_adj[i], ill.in_adj[i])) return 1;
    }
  return 0;
}

static void test_lanes_do_not_see_each_other(void **state) {
  (void)state;
  for_all(worst_neighbour, 0);
}

/* The version for doubles computes what a lane computes. */
static double worst_data(const la_case *c, uint64_t from) {
  static run r;
  static double in[2][LA_MOST], out[3][LA_MOST];
  double worst = 0;
  start(&r, c, from);
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    for (int i = 0; i < c->nin; i++)
      for (int e = 0; e < count_of(c->in[i]); e++) in[i][e] = v_get(r.in[i][e], lane);
    c->data((const double *const[]){in[0], in[1]}, (double *const[]){out[0], out[1], out[2]});
    for (int o = 0; o < c->nout; o++)
      for (int e = 0; e < count_of(c->out[o]); e++) {
        double want = v_get(r.out[o][e], lane), scale = fabs(want) > 1 ? fabs(want) : 1;
        double error = fabs(out[o][e] - want) / scale;
        if (!(error <= worst)) worst = error;
      }
  }
  return worst;
}

static void test_doubles_agree_with_lanes(void **state) {
  (void)state;
  for_all(worst_data, 1e-12);
}

/* Sizes of 0 touch nothing. */
static void test_empty(void **state) {
  (void)state;
  static run r;
  n = m = k = 0;
  for (int c = 0; c < NCASES; c++) {
    start(&r, &cases[c], 1);
    adjoint(&r, 3);
    for (int i = 0; i < cases[c].nin; i++)
      for (int e = 0; e < LA_MOST; e++) assert_true(worst_of(r.in_adj[i][e], v_all(0.0)) == 0);
  }
}

static int end(void **state) {
  (void)state;
  masting_arena_free(&arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_adjoints_are_slopes),
      cmocka_unit_test(test_adjoints_are_transposes),
      cmocka_unit_test(test_a_wrong_adjoint_is_found),
      cmocka_unit_test(test_null_adjoints),
      cmocka_unit_test(test_shared_adjoints),
      cmocka_unit_test(test_lanes_do_not_see_each_other),
      cmocka_unit_test(test_doubles_agree_with_lanes),
      cmocka_unit_test(test_empty),
  };
  return cmocka_run_group_tests(tests, NULL, end);
}
