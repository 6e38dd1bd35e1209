/* Room target: normals over many rows: log density by LAPACK, gradient by its differences, the same
 * bits alone and on all ranks, what is not positive definite, messages, memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/isa.h"
#include "count_calls.h"
#include "drive.h"
#include "fixture.h"
#include "linalg/lapack.h"
#include "process_model.h"
#include "target/normal.h"

enum { R, N, M };
enum { ALPHA = 2, RHO, SCALE, ELEMENTS = 6 };

static mst_comm all, alone;
static double hole = INFINITY;

/* w, x, y, u, hole: as in the model. */
static void fill(void *context, int variable, int64_t row, void *out) {
  const int64_t *size = context;
  double *to = out;
  if (variable == 0) *to = sin(3.0 * (double)row);
  if (variable == 4) *to = hole;
  for (int64_t i = 0; i < size[N] && (variable == 1 || variable == 2); i++)
    to[i] = variable == 1 ? 10.0 * (double)i / (double)size[N] : cos(0.05 * (double)(i * i % 97));
  for (int64_t i = 0; i < size[M] && variable == 3; i++) to[i] = sin(0.3 * (double)(i * i % 31));
}

static void begin_data(fixture *g, const mst_comm *comm, const int64_t *size) {
  const mst_model_set set = {.name = "process", .width = {[1] = process_model}};
  int64_t four[] = {size[R], size[N], size[M], 2};
  fixture_bind(g, comm, &set, four, 1, fill, four);
}

static void begin(fixture *g, mst_target **t, const mst_comm *comm, const int64_t *size) {
  mst_error err = {0};
  begin_data(g, comm, size);
  mst_target_create(t, comm, &g->set, &g->data, mst_isa_here(), 3, 2, MST_EXACT, &err);
  must(&err);
}

static void end(fixture *g, mst_target **t) {
  mst_target_free(t);
  fixture_free(g);
}

/* The model's log density with log Jacobians, in unconstrained x, on this rank. */
static double one_normal(int n, double *k, double *r) {
  mst_error err = {0};
  double value = 0;
  mst_cholesky("k", k, n, NULL, &err);
  must(&err);
  mst_solve_lower("k", k, n, false, r, 1, &err);
  must(&err);
  for (int i = 0; i < n; i++)
    value -= 0.5 * r[i] * r[i] + log(k[i * (n + 1)]) + 0.5 * log(2 * acos(-1.0));
  return value;
}

static double reference(const int64_t *size, const double *q) {
  const int n = (int)size[N], m = (int)size[M], most = n > m ? n : m;
  double theta[ELEMENTS], value = 0, *k = calloc((size_t)(most * most), 8);
  double *x = calloc((size_t)n, 8), *r = calloc((size_t)most, 8), w;
  for (int i = 0; i < ELEMENTS; i++) {
    theta[i] = i ? exp(q[i]) : q[i];
    value += (i ? q[i] : 0) - 0.5 * theta[i] * theta[i];
  }
  for (int64_t i = 0; i < size[R]; i++) {
    fill((void *)(uintptr_t)size, 0, i, &w);
    value -= 0.5 * pow((w - theta[0]) / theta[1], 2) + log(theta[1]);
  }
  fill((void *)(uintptr_t)size, 1, -1, x);
  fill((void *)(uintptr_t)size, 2, -1, r);
  for (int i = 0; i < n; i++) {
    r[i] -= theta[0];
    for (int j = 0; j <= i; j++)
      k[i * n + j] = pow(theta[ALPHA], 2) * exp(-0.5 * pow((x[i] - x[j]) / theta[RHO], 2)) +
                     (i == j ? theta[1] * theta[1] : 0);
  }
  value += one_normal(n, k, r);
  fill((void *)(uintptr_t)size, 3, -1, r);
  for (int i = 0; i < m; i++) {
    r[i] -= 0.5 * theta[0];
    for (int j = 0; j <= i; j++)
      k[i * m + j] = pow(theta[SCALE], 2) * pow(theta[SCALE + 1] / (1 + theta[SCALE + 1]), i - j);
  }
  value += one_normal(m, k, r);
  free(k);
  free(x);
  free(r);
  return value;
}

/* Both alone; one alone and one spread; both spread (with a tile that is cut). */
static const int64_t sizes[][3] = {{300, 70, 5}, {10, MST_NORMAL_ALONE + 33, 64}, {700, 257, 300}};

static void density_and_gradient_are_right(void **state) {
  (void)state;
  for (int k = 0; k < 3; k++) {
    const int64_t *size = sizes[k];
    fixture g, h;
    mst_target *t = NULL, *s = NULL;
    mst_error err = {0};
    double *x = fixture_points(ELEMENTS, 3, 0.7, 4), lp[2][3], grad[2][3 * ELEMENTS];
    begin(&g, &t, &alone, size);
    mst_target_eval(t, 3, x, lp[0], grad[0], &err);
    must(&err);
    end(&g, &t);
    for (int threads = 1; threads < 4; threads++) {
      mst_comm comm = all;
      comm.threads = threads;
      begin(&h, &s, &comm, size);
      mst_target_eval(s, 3, x, lp[1], grad[1], &err);
      must(&err);
      assert_memory_equal(lp[0], lp[1], sizeof lp[0]);
      assert_memory_equal(grad[0], grad[1], sizeof grad[0]);
      end(&h, &s);
    }
    for (int p = 0; p < 3; p++) {
      const double want = reference(size, x + p * ELEMENTS);
      assert_true(fabs(lp[0][p] - want) < 1e-10 * (fabs(want) + (double)size[N]));
    }
    /* differences of h = 1e-4: error h^2, and 1e-12 of 1000 over h */
    for (int i = 0; i < ELEMENTS; i++) {
      const double kept = x[i], step = 1e-4;
      x[i] = kept + step;
      double slope = reference(size, x);
      x[i] = kept - step;
      slope = (slope - reference(size, x)) / (2 * step);
      x[i] = kept;
      assert_true(fabs(grad[0][i] - slope) < 1e-5 * (10 + fabs(slope)));
    }
    free(x);
  }
}

/* Only the point where sigma > hole has no density; the others have the bits of a run without
 * it. */
static void no_density_where_not_positive_definite(void **state) {
  (void)state;
  for (int k = 0; k < 3; k++) {
    fixture g;
    mst_target *t = NULL;
    mst_error err = {0};
    double *x = fixture_points(ELEMENTS, 3, 0.3, 4), lp[2][3], grad[2][3 * ELEMENTS];
    hole = 2;
    begin(&g, &t, &all, sizes[k]);
    mst_target_eval(t, 3, x, lp[0], grad[0], &err);
    must(&err);
    x[ELEMENTS + 1] = log(3.0); /* sigma of the second point */
    mst_target_eval(t, 3, x, lp[1], grad[1], &err);
    must(&err);
    assert_true(lp[1][1] == -INFINITY);
    for (int i = 0; i < ELEMENTS; i++) assert_true(fabs(grad[1][ELEMENTS + i]) < INFINITY);
    assert_memory_equal(&lp[0][0], &lp[1][0], 8);
    assert_memory_equal(&lp[0][2], &lp[1][2], 8);
    assert_memory_equal(grad[0], grad[1], ELEMENTS * sizeof(double));
    assert_memory_equal(grad[0] + 2 * ELEMENTS, grad[1] + 2 * ELEMENTS, ELEMENTS * sizeof(double));
    x[ELEMENTS + 1] = NAN; /* inputs and rows that are not finite */
    mst_target_eval(t, 3, x, lp[1], grad[1], &err);
    must(&err);
    assert_true(!isfinite(lp[1][1]));
    assert_memory_equal(&lp[0][2], &lp[1][2], 8);
    hole = INFINITY;
    free(x);
    end(&g, &t);
  }
}

static int64_t messages_of(mst_target *t, const double *x, int points) {
  mst_error err = {0};
  double lp[3], grad[3 * ELEMENTS];
  const int64_t before = t->collectives;
  mst_target_eval(t, points, x, lp, grad, &err);
  must(&err);
  return t->collectives - before;
}

/* Small ones have none, what is counted is what MPI saw, and points that are the same cost once. */
static void messages_are_counted(void **state) {
  (void)state;
  fixture g;
  mst_target *t = NULL;
  double *x = fixture_points(ELEMENTS, 3, 0.5, 4);
  begin(&g, &t, &all, sizes[0]);
  assert_int_equal(messages_of(t, x, 3), 1);
  end(&g, &t);
  begin(&g, &t, &all, sizes[2]);
  const int64_t three = messages_of(t, x, 3), two = messages_of(t, x, 2),
                one = messages_of(t, x, 1);
  if (all.size == 1) {
    assert_int_equal(three, 1);
  } else {
    assert_true(one > 2);
    /* the reduction and the objections, then each point */
    assert_int_equal(three - two, two - one);
    assert_int_equal(three, 2 + 3 * (one - 2));
    const call_counts before = calls;
    const int64_t counted = messages_of(t, x, 3);
    const int64_t made = calls.allreduce - before.allreduce + calls.other - before.other;
    assert_int_equal(made, counted + 1); /* a batch begins with an agreement */
  }
  end(&g, &t);
  free(x);
}

/* The sampler's path gives each chain the log density of the point that it is at. */
static void steps_have_the_density(void **state) {
  (void)state;
  const int steps[] = {60, 10};
  for (int k = 0; k < 2; k++) {
    const drive_options o = {3, 2, 5, 20, MST_ADAPT_FISHER, true, 3};
    fixture g, h;
    mst_target *t = NULL;
    mst_error err = {0};
    drive d;
    int compared = 0;
    begin(&h, &t, &all, sizes[k]);
    begin_data(&g, &all, sizes[k]);
    drive_begin(&d, &all, &g, &o);
    for (int i = 0; i < steps[k]; i++) {
      double x[3 * ELEMENTS], lp[3], grad[3 * ELEMENTS];
      drive_step(&d);
      for (int c = 0; c < 3; c++)
        for (int e = 0; e < ELEMENTS; e++)
          x[c * ELEMENTS + e] = d.engine.pass.global[c / 2].q[e * 2 + c % 2];
      mst_target_eval(t, 3, x, lp, grad, &err);
      must(&err);
      for (int c = 0; c < 3; c++) {
        if (!d.engine.pass.instruction[c].active) continue;
        /* Beyond the range of sums a step has diverged, and its density is not looked for
         * (target/range.h). */
        if (isnan(d.engine.pass.lp[c]) && fabs(lp[c]) > 0x1p52) continue;
        assert_memory_equal(&lp[c], &d.engine.pass.lp[c], sizeof *lp);
        compared++;
      }
    }
    assert_true(compared > steps[k]);
    drive_end(&d);
    fixture_free(&g);
    end(&h, &t);
  }
}

/* A rank's objection, before the sweep or in the functions that walk tiles, is heard by all. */
static void an_objection_ends_it(void **state) {
  (void)state;
  fixture g;
  mst_target *t = NULL;
  mst_error err = {0};
  begin(&g, &t, &all, sizes[2]);
  for (int s = 0; s < 4; s++) t->source[s] = s;
  t->abort_count = 1;
  t->normal[0] = 7;
  const int64_t before = t->collectives;
  mst_target_normals(t, 0, &err);
  must(&err);
  assert_int_equal(t->collectives, before);
  assert_true(t->normal[0] == 0);
  end(&g, &t);
}

static void memory_is_shared(void **state) {
  (void)state;
  const int64_t size[] = {1, 4096, 1000};
  fixture g;
  mst_target *t = NULL;
  begin(&g, &t, &alone, size);
  const double whole = (double)mst_normals_bytes(t);
  end(&g, &t);
  assert_true(whole > 4096.0 * 4096 * 4);
  assert_true(whole < 4096.0 * 4096 * 4 * 1.5);
  begin(&g, &t, &all, size);
  const double mine = (double)mst_normals_bytes(t);
  assert_true(mine < whole * (1.0 / all.size + 0.2)); /* panels and vectors are not shared */
  assert_true((double)mst_target_resident_estimate(t, 10) > mine);
  end(&g, &t);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  alone = (mst_comm){.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(density_and_gradient_are_right),
      cmocka_unit_test(no_density_where_not_positive_definite),
      cmocka_unit_test(messages_are_counted),
      cmocka_unit_test(steps_have_the_density),
      cmocka_unit_test(an_objection_ends_it),
      cmocka_unit_test(memory_is_shared),
  };
  int failed = cmocka_run_group_tests_name("process", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
