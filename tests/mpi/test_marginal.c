/* Room optim: row-local parameters integrated out by Laplace's approximation. For ppca it is exact
 * and known in closed form; for counts the gradient against slopes of the value, and the value
 * against a sum over a grid where the approximation is good. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/isa.h"
#include "counts_model.h"
#include "fixture.h"
#include "optim/hessian.h"
#include "run/starts.h"

static mst_comm all, alone;

typedef struct found {
  fixture g;
  mst_target *target;
  mst_batch batch;
  mst_marginal m;
} found;

static void begin(found *f, const mst_comm *comm) {
  mst_error err = {0};
  mst_target_create(&f->target, comm, &f->g.set, &f->g.data, mst_isa_here(), 8, 4, MST_EXACT, &err);
  must(&err);
  mst_batch_begin(&f->batch, f->target, &err);
  must(&err);
  mst_marginal_begin(&f->m, &f->batch, &err);
  must(&err);
}

static void end(found *f) {
  mst_marginal_end(&f->m);
  mst_batch_end(&f->batch);
  mst_target_free(&f->target);
  fixture_free(&f->g);
}

static void begin_ppca(found *f, const mst_comm *comm, int64_t n, int64_t d) {
  const int64_t size[] = {n, d, 1};
  memset(f, 0, sizeof *f);
  fixture_make(&f->g, comm, "ppca", size, 5, NULL, NULL);
  begin(f, comm);
}

static void counts(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)variable;
  *(double *)out = (double)((row * 7919) % 13 % 6);
}

static void begin_counts(found *f, const mst_comm *comm, int64_t n) {
  const int64_t size[] = {n, 2};
  mst_model_set set = {.name = "counts"};
  memset(f, 0, sizeof *f);
  set.width[1] = counts_model;
  fixture_bind(&f->g, comm, &set, size, 0, counts, NULL);
  begin(f, comm);
}

/* Evaluates at w [slots][P], rows from 0.3. */
static void evaluate(found *f, const double *w) {
  mst_error err = {0};
  for (int s = 0; s < f->batch.slots; s++) {
    for (int64_t i = 0; i < f->batch.globals; i++)
      f->batch.y[mst_batch_global(&f->batch, s, i)] = w[s * f->batch.globals + i];
    for (int64_t i = 0; i < f->batch.locals; i++)
      f->batch.local[mst_batch_local(&f->batch, s, i)] = 0.3;
  }
  mst_marginal_eval(&f->m, 50, &err);
  must(&err);
}

/* ---- ppca ---- */

/* log p(x | w) p(w) with its scores integrated out, and its gradient. */
static long double integrated(int64_t N, int64_t D, const double *x, const double *w,
                              long double *grad) {
  long double ww = 0;
  for (int64_t d = 0; d < D; d++) ww += (long double)w[d] * w[d];
  long double lp = -ww / 8 - (long double)N / 2 * log1pl(ww);
  for (int64_t d = 0; d < D; d++) grad[d] = -w[d] / 4.0L - (long double)N * w[d] / (1 + ww);
  for (int64_t n = 0; n < N; n++) {
    long double xx = 0, wx = 0;
    for (int64_t d = 0; d < D; d++) {
      xx += (long double)x[n * D + d] * x[n * D + d];
      wx += (long double)w[d] * x[n * D + d];
    }
    lp -= (xx - wx * wx / (1 + ww)) / 2;
    for (int64_t d = 0; d < D; d++)
      grad[d] += wx / (1 + ww) * x[n * D + d] - wx * wx * w[d] / ((1 + ww) * (1 + ww));
  }
  return lp;
}

static void ppca_is_its_integral(void **state) {
  (void)state;
  enum { N = 700, D = 3 };
  fixture whole;
  found f;
  const int64_t size[] = {N, D, 1};
  double *w = fixture_points(D, 8, 2.0, 3);
  fixture_make(&whole, &alone, "ppca", size, 5, NULL, NULL);
  begin_ppca(&f, &all, N, D);
  evaluate(&f, w);
  for (int s = 0; s < 8; s++) {
    long double grad[D], want = integrated(N, D, whole.data.var[0], w + s * D, grad);
    assert_true(fabs(f.m.f[s] - (double)want) < 1e-9 * fabs((double)want));
    for (int d = 0; d < D; d++)
      if (!(fabs(f.m.grad[s * D + d] - (double)grad[d]) < 1e-6 * (N + fabs((double)grad[d]))))
        fail_msg("slot %d, %d: expected %.10g, got %.10g", s, d, (double)grad[d],
                 f.m.grad[s * D + d]);
  }
  free(w);
  end(&f);
  fixture_free(&whole);
}

/* At each column, against slopes of the closed form's gradient. */
static void its_hessian_is_the_integrals(void **state) {
  (void)state;
  enum { N = 700, D = 3 };
  fixture whole;
  found f;
  mst_hessian h;
  mst_error err = {0};
  const int64_t size[] = {N, D, 1};
  const double w[D] = {0.9, -0.4, 1.3}, step = 1e-4;
  double *points = calloc(8 * D, 8);
  fixture_make(&whole, &alone, "ppca", size, 5, NULL, NULL);
  begin_ppca(&f, &all, N, D);
  for (int s = 0; s < 8; s++) memcpy(points + s * D, w, sizeof w);
  evaluate(&f, points);
  double *local = calloc((size_t)f.batch.locals + 1, 8);
  for (int64_t i = 0; i < f.batch.locals; i++)
    local[i] = f.batch.local[mst_batch_local(&f.batch, 0, i)];
  mst_hessian_integrated(&h, &f.m, w, local, NULL, NULL, &err);
  must(&err);
  for (int j = 0; j < D; j++) {
    double up[D], down[D];
    long double above[D], below[D];
    memcpy(up, w, sizeof w);
    memcpy(down, w, sizeof w);
    up[j] += step;
    down[j] -= step;
    integrated(N, D, whole.data.var[0], up, above);
    integrated(N, D, whole.data.var[0], down, below);
    for (int i = 0; i < D; i++) {
      const double want = (double)((above[i] - below[i]) / ((long double)up[j] - down[j]));
      if (!(fabs(h.matrix[i * D + j] - want) < 1e-4 * N))
        fail_msg("%d, %d: expected %.10g, got %.10g", i, j, want, h.matrix[i * D + j]);
    }
  }
  mst_hessian_free(&h);
  free(local);
  free(points);
  end(&f);
  fixture_free(&whole);
}

/* Chains start where scores, integrated out, would have the globals: at the integral's highest
 * point, scores about their means given w with their standard deviation 1 / sqrt(1 + w'w). */
static void chains_start_at_the_integrals_mode(void **state) {
  (void)state;
  enum { N = 700, D = 3 };
  const int64_t size[] = {N, D, 1};
  fixture whole, g;
  mst_target *t = NULL;
  mst_starts starts;
  mst_ascent_options ascent;
  mst_error err = {0};
  fixture_make(&whole, &alone, "ppca", size, 5, NULL, NULL);
  fixture_make(&g, &all, "ppca", size, 5, NULL, NULL);
  mst_target_create(&t, &all, &g.set, &g.data, mst_isa_here(), 8, 4, MST_EXACT, &err);
  must(&err);
  mst_ascent_defaults(&ascent);
  mst_starts_modes(&starts, t, &ascent, &err);
  must(&err);
  assert_int_equal(starts.found, 8);
  for (int c = 0; c < 8; c++) {
    const int64_t rows = g.data.shard.rows, lane = c % 4;
    double w[D], ww = 0;
    long double grad[D];
    for (int d = 0; d < D; d++) {
      w[d] = starts.global[(c / 4 * D + d) * 4 + lane];
      ww += w[d] * w[d];
    }
    integrated(N, D, whole.data.var[0], w, grad);
    for (int d = 0; d < D; d++) assert_true(fabs((double)grad[d]) < 0.01 * sqrt(N));
    const double *x = g.data.var[0];
    for (int64_t r = 0; r < rows; r++) {
      double wx = 0;
      for (int d = 0; d < D; d++) wx += w[d] * x[r * D + d];
      const int64_t at = (c / 4 * rows + r) * 4 + lane;
      assert_true(fabs(starts.local[at] - wx / (1 + ww)) < 1e-6);
      assert_true(fabs(starts.local_sd[at] * sqrt(1 + ww) - 1) < 1e-6);
    }
  }
  mst_starts_free(&starts);
  mst_target_free(&t);
  fixture_free(&g);
  fixture_free(&whole);
}

/* ---- counts ---- */

static void gradients_are_slopes(void **state) {
  (void)state;
  enum { N = 300, P = 3 };
  static const double at[P] = {0.4, -0.2, 0.5}, step = 1e-3;
  found f;
  double w[8 * P], grad[P];
  begin_counts(&f, &all, N);
  for (int s = 0; s < 8; s++) memcpy(w + s * P, at, sizeof at);
  evaluate(&f, w);
  memcpy(grad, f.m.grad, sizeof grad);
  for (int i = 0; i < P; i++) {
    static const double share[4] = {1, -1, 2, -2};
    for (int s = 0; s < 8; s++) {
      memcpy(w + s * P, at, sizeof at);
      w[s * P + i] += share[s % 4] * step;
    }
    evaluate(&f, w);
    const double narrow = (f.m.f[0] - f.m.f[1]) / (2 * step);
    const double broad = (f.m.f[2] - f.m.f[3]) / (4 * step), slope = (4 * narrow - broad) / 3;
    if (!(fabs(slope - grad[i]) < 1e-4 * (1 + fabs(slope))))
      fail_msg("%d: slope %.10g, gradient %.10g", i, slope, grad[i]);
  }
  end(&f);
}

/* A row's log integral over both latents, less log(2 pi), by a sum over a grid. */
static double row_integral(double y, double a, double s, double b) {
  const double width = 0.05;
  long double sum = 0;
  for (int i = -140; i <= 140; i++)
    for (int j = -140; j <= 140; j++) {
      const double z1 = i * width, z2 = j * width, eta = a + s * z1 + b * z2 + 0.1 * z1 * z2;
      sum += expl(y * eta - expl(eta) - (z1 * z1 + z2 * z2) / 2);
    }
  return (double)logl(sum * width * width / (2 * 3.14159265358979323846L));
}

static void values_are_near_the_integral(void **state) {
  (void)state;
  enum { N = 60, P = 3 };
  const double at[P] = {1.2, log(0.3), 0.2};
  found f;
  double w[8 * P], want = 0;
  begin_counts(&f, &all, N);
  for (int s = 0; s < 8; s++) memcpy(w + s * P, at, sizeof at);
  evaluate(&f, w);
  for (int64_t r = 0; r < N; r++) {
    double y = 0;
    counts(NULL, 0, r, &y);
    want += row_integral(y, at[0], 0.3, at[2]);
  }
  want += log(0.3) - (at[0] * at[0] + 0.3 * 0.3 + at[2] * at[2]) / 2;
  assert_true(fabs(f.m.f[0] - want) < 0.012 * N);
  assert_true(fabs(f.m.f[0] + 39.259717) < 1e-5); /* Laplace by another program, row by row */
  end(&f);
}

static void bits_do_not_depend_on_ranks_and_threads(void **state) {
  (void)state;
  enum { N = 900, P = 3 };
  found f, g;
  double *w = fixture_points(P, 8, 0.5, 3);
  begin_counts(&f, &alone, N);
  evaluate(&f, w);
  for (int threads = 1; threads < 4; threads++) {
    mst_comm comm = all;
    comm.threads = threads;
    begin_counts(&g, &comm, N);
    evaluate(&g, w);
    assert_memory_equal(f.m.f, g.m.f, 8 * 8);
    assert_memory_equal(f.m.grad, g.m.grad, 8 * P * 8);
    assert_int_equal(f.m.evaluations, g.m.evaluations);
    end(&g);
  }
  free(w);
  end(&f);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  alone = (mst_comm){.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ppca_is_its_integral),
      cmocka_unit_test(its_hessian_is_the_integrals),
      cmocka_unit_test(chains_start_at_the_integrals_mode),
      cmocka_unit_test(gradients_are_slopes),
      cmocka_unit_test(values_are_near_the_integral),
      cmocka_unit_test(bits_do_not_depend_on_ranks_and_threads),
  };
  int failed = cmocka_run_group_tests_name("marginal", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
