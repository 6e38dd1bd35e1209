/* Room target: log density and gradient over ranks, threads and lanes.
 *
 * Every rank also evaluates alone, on all the data: what all ranks get together must have the same
 * bits. Densities against gallery_reference.h, so that a row lost at a border is missed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/isa.h"
#include "fixture.h"
#include "model/transform.h"
#include "target/pass.h"
#include "unit/gallery_reference.h"

static mst_comm all, alone;

typedef struct problem {
  const char *model;
  int64_t size[3];
} problem;

/* Sizes about the borders of blocks (256 rows), fewer rows than ranks, wide and narrow. */
static const problem problems[] = {
    {"ppca", {1, 2, 1}},
    {"ppca", {2, 3, 2}},
    {"ppca", {255, 2, 1}},
    {"ppca", {257, 2, 1}},
    {"ppca", {1700, 3, 2}},
    {"ppca", {33000, 2, 1}},
    {"logistic", {1, 2, 0}},
    {"logistic", {513, 7, 0}},
    {"logistic", {1500, 40, 0}},
    {"linear", {256, 3, 0}},
    {"linear", {1100, 5, 0}},
    {"hierarchical", {3, 2, 0}},
    {"hierarchical", {1300, 50, 0}},
    {"eight_schools", {8, 0, 0}},
    {"eight_schools_centered", {8, 0, 0}},
};
#define PROBLEMS ((int)(sizeof problems / sizeof *problems))

/* Evaluates count points; lp [count], grad [count][elements], allocated here. */
static int64_t evaluate(const mst_comm *comm, const fixture *g, int lanes, mst_reduction reduction,
                        int count, uint64_t seed, double **lp, double **grad) {
  mst_error err = {0};
  mst_target *t = NULL;
  mst_target_create(&t, comm, &g->set, &g->data, mst_isa_here(), count, lanes, reduction, &err);
  must(&err);
  const int64_t n = mst_layout_elements(mst_target_layout(t));
  double *x = fixture_points(n, count, 1.0, seed);
  *lp = calloc((size_t)count, sizeof **lp);
  *grad = calloc((size_t)(count * n), sizeof **grad);
  mst_target_eval(t, count, x, *lp, *grad, &err);
  must(&err);
  free(x);
  mst_target_free(&t);
  return n;
}

static void bits_do_not_depend_on_ranks_and_threads(void **state) {
  (void)state;
  enum { COUNT = 11 };
  for (int i = 0; i < PROBLEMS; i++) {
    fixture g, h;
    double *lp[2], *grad[2];
    fixture_make(&g, &alone, problems[i].model, problems[i].size, 5, NULL, NULL);
    fixture_make(&h, &all, problems[i].model, problems[i].size, 5, NULL, NULL);
    const int64_t n = evaluate(&alone, &g, 0, MST_EXACT, COUNT, 9, &lp[0], &grad[0]);
    for (int threads = 1; threads < 5; threads++) {
      mst_comm comm = all;
      comm.threads = threads;
      evaluate(&comm, &h, 0, MST_EXACT, COUNT, 9, &lp[1], &grad[1]);
      assert_memory_equal(lp[0], lp[1], COUNT * sizeof(double));
      assert_memory_equal(grad[0], grad[1], (size_t)n * COUNT * sizeof(double));
      free(lp[1]);
      free(grad[1]);
    }
    free(lp[0]);
    free(grad[0]);
    fixture_free(&g);
    fixture_free(&h);
  }
}

/* The system may give fewer threads than were asked for. */
static void no_block_is_lost_when_threads_are_fewer(void **state) {
  (void)state;
#ifdef _OPENMP
  fixture g;
  double *lp[2], *grad[2];
  mst_comm comm = all;
  const int64_t size[] = {4000, 2, 1}, levels = omp_get_max_active_levels();
  comm.threads = 4;
  fixture_make(&g, &all, "ppca", size, 5, NULL, NULL);
  const int64_t n = evaluate(&comm, &g, 0, MST_EXACT, 2, 9, &lp[0], &grad[0]);
  omp_set_max_active_levels(0); /* parallel regions get one thread */
  evaluate(&comm, &g, 0, MST_EXACT, 2, 9, &lp[1], &grad[1]);
  omp_set_max_active_levels((int)levels);
  assert_memory_equal(lp[0], lp[1], 2 * sizeof(double));
  assert_memory_equal(grad[0], grad[1], (size_t)n * 2 * sizeof(double));
  for (int i = 0; i < 2; i++) {
    free(lp[i]);
    free(grad[i]);
  }
  fixture_free(&g);
#endif
}

static void assert_near(const double *x, const double *y, int64_t n, double tolerance) {
  double largest = 1;
  for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i]));
  for (int64_t i = 0; i < n; i++)
    if (!(fabs(x[i] - y[i]) <= tolerance * largest))
      fail_msg("element %ld: %.17g and %.17g", (long)i, x[i], y[i]);
}

static void lane_widths_and_reductions_agree(void **state) {
  (void)state;
  enum { COUNT = 5 };
  for (int i = 0; i < PROBLEMS; i++) {
    fixture g;
    double *lp[2], *grad[2];
    fixture_make(&g, &all, problems[i].model, problems[i].size, 5, NULL, NULL);
    const int64_t n = evaluate(&all, &g, 1, MST_EXACT, COUNT, 9, &lp[0], &grad[0]);
    for (int lanes = 1; lanes <= 16; lanes *= 2)
      for (int reduction = MST_EXACT; reduction <= MST_FAST; reduction++) {
        evaluate(&all, &g, lanes, (mst_reduction)reduction, COUNT, 9, &lp[1], &grad[1]);
        assert_near(lp[0], lp[1], COUNT, 1e-13);
        assert_near(grad[0], grad[1], n * COUNT, 1e-12);
        free(lp[1]);
        free(grad[1]);
      }
    free(lp[0]);
    free(grad[0]);
    fixture_free(&g);
  }
}

/* ---- against densities and differences ---- */

/* The reference density at an unconstrained point in Stan's order, all rows on this rank. */
static long double reference(const fixture *g, const mst_layout *l, const double *x) {
  const masting_model *m = fixture_model(g);
  double *y = calloc((size_t)l->globals, 8), *theta = calloc((size_t)l->globals, 8);
  long double *globals = calloc((size_t)l->globals, sizeof *globals);
  long double *locals = calloc((size_t)(l->n * l->locals + 1), sizeof *locals);
  double *data[MST_MAX_DATA] = {0}, jacobian = 0;
  for (int64_t i = 0; i < mst_layout_elements(l); i++) {
    int64_t row = 0, element = 0;
    if (mst_layout_from_stan(l, i, &row, &element))
      locals[row * l->locals + element] = x[i]; /* the gallery's have no transform */
    else
      y[element] = x[i];
  }
  for (int p = 0; p < m->nparams; p++) {
    const mst_span span = mst_span_of(l, p);
    if (!l->param[p].local)
      mst_constrain_scalar(&span, y + l->param[p].offset, theta + l->param[p].offset, &jacobian);
  }
  for (int64_t i = 0; i < l->globals; i++) globals[i] = theta[i];
  for (int v = 0; v < m->ndata; v++) {
    int64_t n = 1;
    for (int k = 0; k < m->data[v].ndims; k++) n *= g->data.size[m->data[v].dims[k]];
    data[v] = calloc((size_t)n, sizeof **data);
    for (int64_t i = 0; i < n; i++)
      data[v][i] = g->data.type[v] == MASTING_F64   ? ((double *)g->data.var[v])[i]
                   : g->data.type[v] == MASTING_F32 ? (double)((float *)g->data.var[v])[i]
                                                    : ((int32_t *)g->data.var[v])[i];
  }
  long double lp = mst_reference_of(m->name)(l->size, data, globals, locals) + jacobian;
  for (int v = 0; v < m->ndata; v++) free(data[v]);
  free(locals);
  free(globals);
  free(theta);
  free(y);
  return lp;
}

/* Log densities are right but for a constant; so is what changes when rows are lost. */
static void densities_are_the_formulas(void **state) {
  (void)state;
  for (int i = 0; i < PROBLEMS; i++) {
    fixture g, h;
    double *lp, *grad;
    mst_layout layout;
    mst_error err = {0};
    fixture_make(&g, &all, problems[i].model, problems[i].size, 6, NULL, NULL);
    fixture_make(&h, &alone, problems[i].model, problems[i].size, 6, NULL, NULL);
    mst_layout_make(&layout, fixture_model(&h), problems[i].size, &err);
    must(&err);
    const int64_t n = evaluate(&all, &g, 0, MST_EXACT, 3, 4, &lp, &grad);
    double *x = fixture_points(n, 3, 1.0, 4);
    const long double base = reference(&h, &layout, x);
    for (int k = 1; k < 3; k++) {
      const double want = (double)(reference(&h, &layout, x + k * n) - base), got = lp[k] - lp[0];
      if (!(fabs(want - got) < 1e-11 * (fabs(lp[k]) + fabs(lp[0]) + 1)))
        fail_msg("%s, N = %ld: %.15g, by formula %.15g", problems[i].model,
                 (long)problems[i].size[0], got, want);
    }
    free(x);
    free(lp);
    free(grad);
    fixture_free(&g);
    fixture_free(&h);
  }
}

/* Slopes along random directions, and along each of the first elements, by central differences of
 * two widths (Richardson), so that curvature does not show. */
static void gradients_are_slopes(void **state) {
  (void)state;
  enum { DIRECTIONS = 12, EACH = 4 };
  static const double step[EACH] = {1e-4, -1e-4, 2e-4, -2e-4};
  for (int i = 0; i < PROBLEMS; i++) {
    if (problems[i].size[0] > 5000) continue;
    fixture g;
    mst_error err = {0};
    mst_target *t = NULL;
    fixture_make(&g, &all, problems[i].model, problems[i].size, 5, NULL, NULL);
    mst_target_create(&t, &all, &g.set, &g.data, mst_isa_here(), 8, 0, MST_EXACT, &err);
    must(&err);
    const int64_t n = mst_layout_elements(mst_target_layout(t));
    double *x = fixture_points(n, 1, 1.0, 31), *v = fixture_points(n, DIRECTIONS, 1.0, 32);
    double *at = calloc((size_t)(n * (DIRECTIONS * EACH + 1)), 8), lp[DIRECTIONS * EACH + 1];
    double *grad = calloc((size_t)(n * (DIRECTIONS * EACH + 1)), 8);
    for (int d = 0; d < DIRECTIONS; d++)
      for (int64_t j = 0; j < n && d < DIRECTIONS / 2; j++) v[d * n + j] = j == (d * 7) % n;
    for (int d = 0; d < DIRECTIONS; d++)
      for (int k = 0; k < EACH; k++)
        for (int64_t j = 0; j < n; j++) at[(d * EACH + k) * n + j] = x[j] + step[k] * v[d * n + j];
    memcpy(at + DIRECTIONS * EACH * n, x, (size_t)n * 8);
    mst_target_eval(t, DIRECTIONS * EACH + 1, at, lp, grad, &err);
    must(&err);
    const double *here = grad + DIRECTIONS * EACH * n;
    for (int d = 0; d < DIRECTIONS; d++) {
      const double *f = lp + d * EACH;
      const double narrow = (f[0] - f[1]) / 2e-4, broad = (f[2] - f[3]) / 4e-4;
      double slope = 0, size = fabs(lp[DIRECTIONS * EACH]) + 1;
      for (int64_t j = 0; j < n; j++) slope += here[j] * v[d * n + j];
      const double differences = (4 * narrow - broad) / 3;
      if (!(fabs(differences - slope) < 1e-10 * size + 1e-7 * fabs(slope) + 1e-7))
        fail_msg("%s, direction %d: %.10g, by differences %.10g", problems[i].model, d, slope,
                 differences);
    }
    free(grad);
    free(at);
    free(v);
    free(x);
    mst_target_free(&t);
    fixture_free(&g);
  }
}

/* ---- what is not finite ---- */

static void one_bad_row(void *context, int variable, int64_t row, void *out) {
  (void)variable;
  double *x = out;
  x[0] = row == *(const int64_t *)context ? NAN : 0.5;
  x[1] = 1.0;
}

static void a_bad_row_is_known_to_all(void **state) {
  (void)state;
  const int64_t size[] = {900, 2, 1}, rows[] = {0, 300, 899};
  for (int i = 0; i < 3; i++)
    for (int reduction = MST_EXACT; reduction <= MST_FAST; reduction++) {
      fixture g;
      double *lp, *grad;
      fixture_make(&g, &all, "ppca", size, 0, one_bad_row, (void *)&rows[i]);
      evaluate(&all, &g, 4, (mst_reduction)reduction, 6, 2, &lp, &grad);
      for (int k = 0; k < 6; k++) assert_true(isnan(lp[k]));
      free(lp);
      free(grad);
      fixture_free(&g);
    }
}

/* One chain's point is too far: its log density alone is lost. */
static void a_bad_point_spoils_its_own_lane_only(void **state) {
  (void)state;
  const int64_t size[] = {600, 2, 1};
  fixture g;
  mst_error err = {0};
  mst_target *t = NULL;
  fixture_make(&g, &all, "ppca", size, 3, NULL, NULL);
  mst_target_create(&t, &all, &g.set, &g.data, mst_isa_here(), 8, 8, MST_EXACT, &err);
  must(&err);
  const int64_t n = mst_layout_elements(mst_target_layout(t));
  double *x = fixture_points(n, 8, 1.0, 1), lp[8], before[8];
  double *grad = calloc((size_t)n * 8, 8), *grad_before = calloc((size_t)n * 8, 8);
  mst_target_eval(t, 8, x, before, grad_before, &err);
  x[3 * n] = 1e200;
  x[5 * n + n - 1] = INFINITY; /* a row-local element of the last row */
  mst_target_eval(t, 8, x, lp, grad, &err);
  must(&err);
  for (int k = 0; k < 8; k++) {
    assert_true(isnan(lp[k]) == (k == 3 || k == 5));
    if (k == 3 || k == 5) continue;
    assert_memory_equal(&lp[k], &before[k], 8);
    assert_memory_equal(grad + k * n, grad_before + k * n, (size_t)n * 8);
  }
  free(grad_before);
  free(grad);
  free(x);
  mst_target_free(&t);
  fixture_free(&g);
}

/* ---- the message ---- */

static void a_reduction_is_one_message_of_the_size_told(void **state) {
  (void)state;
  const int64_t size[] = {600, 2, 1};
  fixture g;
  mst_error err = {0};
  mst_target *t = NULL;
  fixture_make(&g, &all, "ppca", size, 3, NULL, NULL);
  mst_target_create(&t, &all, &g.set, &g.data, mst_isa_here(), 10, 4, MST_EXACT, &err);
  must(&err);
  for (int extras = 0; extras < 4; extras += 2) {
    const int64_t bytes = t->collective_bytes, count = t->collectives;
    mst_target_reduce(t, extras, &err);
    must(&err);
    assert_int_equal(t->collectives, count + 1);
    assert_int_equal(t->collective_bytes - bytes, mst_target_bytes(t, extras));
  }
  mst_target_free(&t);
  fixture_free(&g);
}

static void an_objection_is_heard_by_all(void **state) {
  (void)state;
  const int64_t size[] = {600, 2, 1};
  fixture g;
  mst_error err = {0};
  mst_target *t = NULL;
  fixture_make(&g, &all, "ppca", size, 3, NULL, NULL);
  mst_target_create(&t, &all, &g.set, &g.data, mst_isa_here(), 1, 0, MST_EXACT, &err);
  must(&err);
  mst_target_reduce(t, 0, &err);
  assert_int_equal(t->abort_count, 0);
  t->abort_requested = all.rank == all.size - 1;
  mst_target_reduce(t, 0, &err);
  assert_int_equal(t->abort_count, 1);
  t->abort_requested = 0;
  mst_target_reduce(t, 0, &err);
  assert_int_equal(t->abort_count, 0);
  mst_target_free(&t);
  fixture_free(&g);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  alone = (mst_comm){.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_do_not_depend_on_ranks_and_threads),
      cmocka_unit_test(no_block_is_lost_when_threads_are_fewer),
      cmocka_unit_test(lane_widths_and_reductions_agree),
      cmocka_unit_test(densities_are_the_formulas),
      cmocka_unit_test(gradients_are_slopes),
      cmocka_unit_test(a_bad_row_is_known_to_all),
      cmocka_unit_test(a_bad_point_spoils_its_own_lane_only),
      cmocka_unit_test(a_reduction_is_one_message_of_the_size_told),
      cmocka_unit_test(an_objection_is_heard_by_all),
  };
  int failed = cmocka_run_group_tests_name("target", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
