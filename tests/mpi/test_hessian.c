/* Room optim: the Hessian against formulas (logistic, linear), against dense differences with all
 * row-local parameters eliminated, and against the density of ppca with its scores integrated
 * out. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/isa.h"
#include "data/memory.h"
#include "fixture.h"
#include "optim/hessian.h"
#include "rows_model.h"

static mst_comm all, alone;

typedef struct found { /* a Hessian, and all it was made with */
  fixture g;
  mst_target *target;
  mst_batch batch;
  mst_hessian h;
  double *y, *local;
  mst_error err;
} found;

static double coordinate(int64_t i) { return 0.8 * sin(1.0 + 0.7 * (double)i); }

/* At coordinate(), globals first and rows by their global number; y replaces the globals' if
 * given. */
static void find(found *f, const mst_comm *comm, int chains, const double *y, const double *scale) {
  mst_error err = {0};
  mst_target_create(&f->target, comm, &f->g.set, &f->g.data, mst_isa_here(), chains, 4, MST_EXACT,
                    &err);
  must(&err);
  mst_batch_begin(&f->batch, f->target, &err);
  must(&err);
  const int64_t P = f->batch.globals, n = f->batch.locals;
  const int64_t first = P + f->g.data.shard.first_row.v * f->target->layout.locals;
  f->y = calloc((size_t)P + 1, 8);
  f->local = calloc((size_t)n + 1, 8);
  for (int64_t i = 0; i < P; i++) f->y[i] = y ? y[i] : coordinate(i);
  for (int64_t i = 0; i < n; i++) f->local[i] = coordinate(first + i);
  memset(&f->err, 0, sizeof f->err);
  mst_hessian_make(&f->h, &f->batch, f->y, f->local, scale, NULL, &f->err);
}

static void find_in(found *f, const mst_comm *comm, const char *model, const int64_t *size,
                    int chains) {
  memset(f, 0, sizeof *f);
  fixture_make(&f->g, comm, model, size, 5, NULL, NULL);
  find(f, comm, chains, NULL, NULL);
  must(&f->err);
}

static void lose(found *f) {
  mst_hessian_free(&f->h);
  mst_batch_end(&f->batch);
  mst_target_free(&f->target);
  fixture_free(&f->g);
  free(f->y);
  free(f->local);
}

/* Elements as shares of sqrt(|H_ii H_jj|). */
static void assert_matrix(const double *got, const long double *want, int64_t n, double tolerance) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) {
      const double scale = sqrt(fabs((double)(want[i * n + i] * want[j * n + j])));
      if (!(fabs(got[i * n + j] - (double)want[i * n + j]) <= tolerance * scale))
        fail_msg("element %ld, %ld: expected %.12g, got %.12g", (long)i, (long)j,
                 (double)want[i * n + j], got[i * n + j]);
    }
}

/* ---- formulas ---- */

static void logistic_is_minus_xwx(void **state) {
  (void)state;
  enum { N = 1500, K = 6, P = 1 + K };
  const int64_t size[] = {N, K};
  fixture whole;
  found f;
  long double want[P * P] = {0};
  fixture_make(&whole, &alone, "logistic", size, 5, NULL, NULL);
  const float *x = whole.data.var[0];
  for (int n = 0; n < N; n++) {
    long double row[P] = {1}, eta = coordinate(0);
    for (int k = 0; k < K; k++) {
      row[1 + k] = x[n * K + k];
      eta += row[1 + k] * coordinate(1 + k);
    }
    const long double p = 1 / (1 + expl(-eta));
    for (int i = 0; i < P; i++)
      for (int j = 0; j < P; j++) want[i * P + j] -= row[i] * row[j] * p * (1 - p);
  }
  for (int i = 0; i < P; i++) want[i * P + i] -= 0.16L;
  find_in(&f, &all, "logistic", size, 8);
  assert_int_equal(f.h.globals, P);
  assert_matrix(f.h.matrix, want, P, 1e-8);
  assert_true(f.h.asymmetry < 1e-8);
  assert_int_equal(f.h.evaluations, 1 + 2);
  lose(&f);
  fixture_free(&whole);
}

/* With the standard deviation on the log scale. */
static void linear_is_its_formula(void **state) {
  (void)state;
  enum { N = 1100, K = 4, P = 2 + K };
  const int64_t size[] = {N, K};
  fixture whole;
  found f;
  long double want[P * P] = {0};
  fixture_make(&whole, &alone, "linear", size, 5, NULL, NULL);
  const float *x = whole.data.var[0];
  const double *y = whole.data.var[1];
  const long double sigma = expl(coordinate(1 + K)), precision = 1 / (sigma * sigma);
  for (int n = 0; n < N; n++) {
    long double row[P] = {1}, r = y[n] - coordinate(0);
    for (int k = 0; k < K; k++) {
      row[1 + k] = x[n * K + k];
      r -= row[1 + k] * coordinate(1 + k);
    }
    for (int i = 0; i <= K; i++) {
      for (int j = 0; j <= K; j++) want[i * P + j] -= row[i] * row[j] * precision;
      want[i * P + P - 1] -= 2 * row[i] * r * precision;
      want[(P - 1) * P + i] -= 2 * row[i] * r * precision;
    }
    want[P * P - 1] -= 2 * r * r * precision;
  }
  want[0] -= 0.01L;
  for (int k = 1; k <= K; k++) want[k * P + k] -= 0.16L;
  want[P * P - 1] -= sigma;
  find_in(&f, &all, "linear", size, 3);
  assert_matrix(f.h.matrix, want, P, 1e-8);
  lose(&f);
  fixture_free(&whole);
}

/* ---- with row-local parameters ---- */

/* Dense Hessian over all elements of Stan's order by differences of mst_target_eval,
 * extrapolated. */
static long double *dense_hessian(const fixture *g, const mst_comm *comm, int64_t *count,
                                  mst_layout *layout) {
  static const double step[4] = {1e-4, -1e-4, 2e-4, -2e-4};
  mst_error err = {0};
  mst_target *t = NULL;
  mst_target_create(&t, comm, &g->set, &g->data, mst_isa_here(), 8, 4, MST_EXACT, &err);
  must(&err);
  *layout = t->layout;
  const int64_t n = *count = mst_layout_elements(layout);
  double *x = calloc((size_t)(4 * n), 8), *grad = calloc((size_t)(4 * n), 8), lp[4];
  long double *h = calloc((size_t)(n * n), sizeof *h);
  for (int64_t j = 0; j < n; j++) {
    for (int s = 0; s < 4; s++)
      for (int64_t i = 0; i < n; i++) {
        int64_t row = 0, e = 0;
        const bool local = mst_layout_from_stan(layout, i, &row, &e);
        x[s * n + i] = coordinate(local ? layout->globals + row * layout->locals + e : e) +
                       (i == j ? step[s] : 0);
      }
    mst_target_eval(t, 4, x, lp, grad, &err);
    must(&err);
    for (int64_t i = 0; i < n; i++) {
      const long double narrow = (grad[i] - grad[n + i]) / (x[j] - x[n + j]);
      const long double broad = (grad[2 * n + i] - grad[3 * n + i]) / (x[2 * n + j] - x[3 * n + j]);
      h[i * n + j] = (4 * narrow - broad) / 3;
    }
  }
  free(grad);
  free(x);
  mst_target_free(&t);
  return h;
}

/* Eliminates element k from all others. */
static void eliminate(long double *h, int64_t n, int64_t k) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      if (i != k && j != k) h[i * n + j] -= h[i * n + k] * h[k * n + j] / h[k * n + k];
  for (int64_t i = 0; i < n; i++) h[i * n + k] = h[k * n + i] = 0;
}

static void assert_factors(const found *f, const long double *dense, int64_t n) {
  const int64_t L = f->h.each, first = f->g.data.shard.first_row.v;
  long double *want = calloc((size_t)(L * L), sizeof *want);
  double *got = calloc((size_t)(L * L), sizeof *got);
  for (int64_t r = 0; r < f->h.rows; r++) {
    const double *c = f->h.factor + r * L * L;
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) {
        int64_t row[2], e[2];
        if (mst_layout_from_stan(&f->target->layout, i, &row[0], &e[0]) && row[0] == first + r &&
            mst_layout_from_stan(&f->target->layout, j, &row[1], &e[1]) && row[1] == first + r)
          want[e[0] * L + e[1]] = -dense[i * n + j];
      }
    for (int64_t i = 0; i < L; i++)
      for (int64_t j = 0; j < L; j++) {
        got[i * L + j] = 0;
        for (int64_t k = 0; k < L; k++) got[i * L + j] += c[i * L + k] * c[j * L + k];
      }
    assert_matrix(got, want, L, 1e-7);
  }
  free(got);
  free(want);
}

static void rows_are_eliminated(void **state) {
  (void)state;
  static const int64_t sizes[][3] = {{30, 3, 2}, {1, 2, 1}, {40, 2, 1}, {25, 4, 3}};
  for (int k = 0; k < 4; k++) {
    fixture whole;
    found f;
    int64_t n = 0;
    mst_layout layout;
    fixture_make(&whole, &alone, "ppca", sizes[k], 5, NULL, NULL);
    long double *h = dense_hessian(&whole, &alone, &n, &layout);
    find_in(&f, &all, "ppca", sizes[k], 3);
    assert_int_equal(f.h.bad_rows, 0);
    assert_int_equal(f.h.first_bad, -1);
    assert_factors(&f, h, n);
    const int64_t P = f.h.globals;
    long double *want = calloc((size_t)(P * P), sizeof *want);
    int64_t row, a, b;
    for (int64_t i = 0; i < n; i++)
      if (mst_layout_from_stan(&layout, i, &row, &a)) eliminate(h, n, i);
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++)
        if (!mst_layout_from_stan(&layout, i, &row, &a) &&
            !mst_layout_from_stan(&layout, j, &row, &b))
          want[a * P + b] = h[i * n + j];
    assert_matrix(f.h.matrix, want, P, 1e-7);
    free(want);
    free(h);
    lose(&f);
    fixture_free(&whole);
  }
}

/* log p(x | w) p(w) of ppca with one component, its scores integrated out. */
static long double integrated(int64_t N, int64_t D, const double *x, const long double *w) {
  long double ww = 0, lp = 0;
  for (int64_t d = 0; d < D; d++) ww += w[d] * w[d];
  lp = -ww / 8 - (long double)N / 2 * log1pl(ww);
  for (int64_t n = 0; n < N; n++) {
    long double xx = 0, wx = 0;
    for (int64_t d = 0; d < D; d++) {
      xx += (long double)x[n * D + d] * x[n * D + d];
      wx += w[d] * x[n * D + d];
    }
    lp -= (xx - wx * wx / (1 + ww)) / 2;
  }
  return lp;
}

/* Scores are Gaussian given w: where they are at their means, log p(w | x) has the Hessian S less
 * that of the sum of log|-D_r| / 2 = N log(1 + w'w) / 2. */
static void ppca_has_the_curvature_of_its_integral(void **state) {
  (void)state;
  enum { N = 700, D = 3 };
  const int64_t size[] = {N, D, 1};
  const long double step = 1e-4L;
  fixture whole;
  found f = {0};
  mst_error err = {0};
  long double w[D], ww = 0, want[D * D];
  fixture_make(&whole, &alone, "ppca", size, 5, NULL, NULL);
  const double *x = whole.data.var[0];
  for (int d = 0; d < D; d++) {
    w[d] = coordinate(d);
    ww += w[d] * w[d];
  }
  for (int i = 0; i < D; i++)
    for (int j = 0; j < D; j++) {
      long double sum = 0;
      for (int a = -1; a <= 1; a += 2)
        for (int b = -1; b <= 1; b += 2) {
          long double at[D];
          memcpy(at, w, sizeof at);
          at[i] += a * step;
          at[j] += b * step;
          sum += a * b * integrated(N, D, x, at);
        }
      const long double log_d = 2 * ((i == j) / (1 + ww) - 2 * w[i] * w[j] / ((1 + ww) * (1 + ww)));
      want[i * D + j] = sum / (4 * step * step) + N / 2.0L * log_d;
    }
  fixture_make(&f.g, &all, "ppca", size, 5, NULL, NULL);
  find(&f, &all, 8, NULL, NULL);
  must(&f.err);
  mst_hessian_free(&f.h);
  const double *mine = f.g.data.var[0];
  for (int64_t r = 0; r < f.batch.locals; r++) {
    double wx = 0;
    for (int d = 0; d < D; d++) wx += coordinate(d) * mine[r * D + d];
    f.local[r] = wx / (1 + (double)ww);
  }
  mst_hessian_make(&f.h, &f.batch, f.y, f.local, NULL, NULL, &err);
  must(&err);
  assert_matrix(f.h.matrix, want, D, 1e-7);
  lose(&f);
  fixture_free(&whole);
}

/* ---- the same bits ---- */

static void bits_do_not_depend_on_ranks_and_threads(void **state) {
  (void)state;
  static const struct {
    const char *model;
    int64_t size[3];
  } problems[] = {
      {"ppca", {1700, 3, 2}}, {"logistic", {1500, 9, 0}}, {"hierarchical", {900, 7, 0}}};
  for (int i = 0; i < 3; i++) {
    found f, g;
    find_in(&f, &alone, problems[i].model, problems[i].size, 8);
    for (int threads = 1; threads < 4; threads++) {
      mst_comm comm = all;
      comm.threads = threads;
      find_in(&g, &comm, problems[i].model, problems[i].size, 8);
      const int64_t P = f.h.globals, L = f.h.each, first = g.g.data.shard.first_row.v;
      assert_memory_equal(f.h.matrix, g.h.matrix, (size_t)(P * P) * 8);
      assert_memory_equal(f.h.factor + first * L * L, g.h.factor, (size_t)(g.h.rows * L * L) * 8);
      assert_memory_equal(&f.h.asymmetry, &g.h.asymmetry, 8);
      lose(&g);
    }
    lose(&f);
  }
}

/* Of one tile, of three, and with rows eliminated; the lower half on rank 0. */
static void spread_it_has_the_same_bits(void **state) {
  (void)state;
  static const struct {
    const char *model;
    int64_t size[3];
  } problems[] = {{"logistic", {700, 200, 0}}, {"ppca", {170, 33, 2}}, {"linear", {300, 4, 0}}};
  for (int i = 0; i < 3; i++) {
    found f;
    mst_error err = {0};
    mst_grid grid;
    mst_hessian h = {0};
    find_in(&f, &all, problems[i].model, problems[i].size, 8);
    const int64_t P = f.h.globals;
    double *got = calloc((size_t)(P * P), sizeof *got);
    mst_grid_begin(&grid, &all, 0, 0, &err);
    must(&err);
    mst_hessian_make(&h, &f.batch, f.y, f.local, NULL, &grid, &err);
    must(&err);
    assert_null(h.matrix);
    mst_dist_gather(&h.dist, got, &err);
    must(&err);
    for (int64_t a = 0; a < P && all.rank == 0; a++)
      assert_memory_equal(got + a * P, f.h.matrix + a * P, (size_t)(a + 1) * sizeof *got);
    for (int64_t a = 0; a < P; a++)
      assert_memory_equal(&h.diagonal[a], &f.h.matrix[a * P + a], sizeof(double));
    assert_memory_equal(&h.asymmetry, &f.h.asymmetry, sizeof(double));
    assert_int_equal(h.evaluations, f.h.evaluations);
    mst_hessian_free(&h);
    mst_grid_end(&grid);
    free(got);
    lose(&f);
  }
}

static void few_slots_give_the_same(void **state) {
  (void)state;
  const int64_t size[] = {300, 3, 2};
  found f, g;
  find_in(&f, &all, "ppca", size, 16);
  find_in(&g, &all, "ppca", size, 4);
  assert_memory_equal(f.h.matrix, g.h.matrix, (size_t)(f.h.globals * f.h.globals) * 8);
  lose(&f);
  lose(&g);
}

/* ---- scales and failures ---- */

typedef struct curves {
  int64_t bad;
  double value, bad_value;
} curves;

static void curvature(void *context, int variable, int64_t row, void *out) {
  const curves *c = context;
  (void)variable;
  *(double *)out = row >= c->bad && row < c->bad + 3 ? c->bad_value : c->value;
}

static void find_rows(found *f, const curves *c, const double *u, const double *scale) {
  const int64_t size[] = {1000};
  mst_model_set set = {.name = "rows"};
  memset(f, 0, sizeof *f);
  set.width[2] = rows_model;
  fixture_bind(&f->g, &all, &set, size, 0, curvature, (void *)c);
  find(f, &all, 4, u, scale);
}

/* Rows that do not curve downwards are told, and do not follow. */
static void bad_rows_are_counted_and_named(void **state) {
  (void)state;
  static const double bad[] = {-0.5, 0.0};
  for (int k = 0; k < 2; k++) {
    const curves c = {.bad = 640, .value = 2, .bad_value = bad[k]};
    found f;
    find_rows(&f, &c, NULL, NULL);
    must(&f.err);
    assert_int_equal(f.h.bad_rows, 3);
    assert_int_equal(f.h.first_bad, 640);
    assert_true(fabs(f.h.matrix[0] - (-1 - 3 * bad[k])) < 1e-6);
    lose(&f);
  }
}

/* Whatever the scale of a parameter: its steps find it. */
static void steps_find_the_scale(void **state) {
  (void)state;
  static const double values[] = {1e-8, 1, 1e8};
  for (int k = 0; k < 3; k++) {
    const curves c = {.bad = -10, .value = values[k], .bad_value = 0};
    const double u = 1, scale = 1;
    for (int told = 0; told < 2; told++) {
      found f;
      find_rows(&f, &c, &u, told ? &scale : NULL);
      must(&f.err);
      assert_int_equal(f.h.bad_rows, 0);
      for (int64_t r = 0; r < f.h.rows; r++)
        assert_true(fabs(f.h.factor[r] / sqrt(values[k]) - 1) < 1e-6);
      /* the rows' curvature, 1000 times theirs, is eliminated: its rounding error stays */
      assert_true(fabs(f.h.matrix[0] + 1) < 1e-6 + 1e-10 * 1000 * values[k]);
      lose(&f);
    }
  }
}

static void a_point_without_density_is_refused(void **state) {
  (void)state;
  const curves c = {.bad = 400, .value = 1, .bad_value = NAN};
  const char *want = "model rows: no curvature: the log density is not finite at the point; "
                     "expected a finite number, got nan";
  found f;
  find_rows(&f, &c, NULL, NULL);
  assert_int_equal(f.err.status, MASTING_ERR_INIT);
  assert_string_equal(f.err.message, want);
  lose(&f);
}

/* Three matrices of 400,000^2: 3.5 TiB. */
static void a_matrix_too_large_is_refused(void **state) {
  (void)state;
  const int64_t size[] = {1, 400000};
  const char *want = "Hessian: too large for the memory of host ";
  found f;
  if (mst_memory_available() < 0 || mst_memory_available() / all.size > INT64_C(3) << 40) skip();
  memset(&f, 0, sizeof f);
  fixture_make(&f.g, &all, "logistic", size, 5, NULL, NULL);
  find(&f, &all, 1, NULL, NULL);
  assert_int_equal(f.err.status, MASTING_ERR_MEMORY);
  assert_memory_equal(f.err.message, want, strlen(want));
  lose(&f);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  alone = (mst_comm){.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(logistic_is_minus_xwx),
      cmocka_unit_test(linear_is_its_formula),
      cmocka_unit_test(rows_are_eliminated),
      cmocka_unit_test(ppca_has_the_curvature_of_its_integral),
      cmocka_unit_test(bits_do_not_depend_on_ranks_and_threads),
      cmocka_unit_test(spread_it_has_the_same_bits),
      cmocka_unit_test(few_slots_give_the_same),
      cmocka_unit_test(bad_rows_are_counted_and_named),
      cmocka_unit_test(steps_find_the_scale),
      cmocka_unit_test(a_point_without_density_is_refused),
      cmocka_unit_test(a_matrix_too_large_is_refused),
  };
  int failed = cmocka_run_group_tests_name("hessian", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
