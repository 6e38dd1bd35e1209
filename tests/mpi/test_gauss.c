/* Room optim: what follows from a Hessian. Targets that are Gaussian have approximations that are
 * they themselves: densities of draws must be equal, and moments of draws those that are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/isa.h"
#include "fixture.h"
#include "optim/blocks.h"
#include "optim/curvature.h"
#include "optim/gauss.h"
#include "optim/optim.h"
#include "counts_model.h"
#include "rows_model.h"
#include "stat/gaussian_model.h"

static mst_comm all, alone;

typedef struct found {
  fixture g;
  mst_target *target;
  mst_batch batch;
  mst_hessian h;
  mst_gauss gauss;
  double *y, *local;
  mst_error err; /* of mst_gauss_begin */
} found;

/* Hessian and approximation at the point that is the same for all elements. */
static void find(found *f, const mst_comm *comm, double point) {
  mst_error err = {0};
  mst_target_create(&f->target, comm, &f->g.set, &f->g.data, mst_isa_here(), 16, 0, MST_EXACT,
                    &err);
  must(&err);
  mst_batch_begin(&f->batch, f->target, &err);
  must(&err);
  f->y = calloc((size_t)f->batch.globals + 1, 8);
  f->local = calloc((size_t)f->batch.locals + 1, 8);
  for (int64_t i = 0; i < f->batch.globals; i++) f->y[i] = point;
  for (int64_t i = 0; i < f->batch.locals; i++) f->local[i] = point;
  mst_hessian_make(&f->h, &f->batch, f->y, f->local, NULL, NULL, &err);
  must(&err);
  memset(&f->err, 0, sizeof f->err);
  mst_gauss_begin(&f->gauss, &f->h, &f->batch, NULL, f->y, f->local, 7, &f->err);
}

static void lose(found *f) {
  mst_gauss_end(&f->gauss);
  mst_hessian_free(&f->h);
  mst_batch_end(&f->batch);
  mst_target_free(&f->target);
  fixture_free(&f->g);
  free(f->y);
  free(f->local);
}

/* ---- targets ---- */

static double curvature_of(int64_t row) { return 0.5 + (double)(row % 7); }

static void curvature(void *context, int variable, int64_t row, void *out) {
  const int64_t *bad = context;
  (void)variable;
  *(double *)out = bad && row >= *bad ? -1 : curvature_of(row);
}

static void find_rows(found *f, const mst_comm *comm, int64_t n, int64_t *bad) {
  mst_model_set set = {.name = "rows"};
  memset(f, 0, sizeof *f);
  set.width[2] = rows_model;
  fixture_bind(&f->g, comm, &set, &n, 0, curvature, bad);
  find(f, comm, 0);
}

#define P 3
static const double precise[P * P] = {2, 1, 0, 1, 3, -1, 0, -1, 1};
static const double saddle[P * P] = {4, 6, 0, 6, 4, 0, 0, 0, 9};

static void precision(void *context, int variable, int64_t row, void *out) {
  (void)row;
  for (int i = 0; i < (variable == 1 ? P * P : P); i++)
    ((double *)out)[i] = variable == 1 ? ((const double *)context)[i] : 0.0;
}

static void find_dense(found *f, const double *matrix) {
  const int64_t size[] = {P};
  mst_model_set set = {.name = "gaussian"};
  memset(f, 0, sizeof *f);
  set.width[3] = gaussian_model;
  fixture_bind(&f->g, &all, &set, size, 0, precision, (void *)matrix);
  find(f, &all, 0);
}

/* ---- draws ---- */

/* u ~ Normal(0, 1), z given u ~ Normal(u, 1/c). */
static void draws_have_the_density_and_moments_of_the_target(void **state) {
  (void)state;
  enum { N = 600, DRAWS = 4000 };
  found f;
  double u2 = 0, u1 = 0, z2[3] = {0}, own[3] = {0};
  find_rows(&f, &all, N, NULL);
  must(&f.err);
  for (int64_t first = 0; first < DRAWS; first += f.batch.slots) {
    mst_error err = {0};
    mst_gauss_draw(&f.gauss, first, &err);
    must(&err);
    for (int s = 0; s < f.batch.slots; s++) {
      const double u = f.batch.y[mst_batch_global(&f.batch, s, 0)];
      assert_true(fabs(f.batch.lp[s] - f.gauss.lp_approx[s]) < 1e-6);
      u1 += u / DRAWS;
      u2 += u * u / DRAWS;
      for (int k = 0; k < 3 && k < f.batch.locals; k++) {
        const double z = f.batch.local[mst_batch_local(&f.batch, s, k)];
        z2[k] += z * z / DRAWS;
        own[k] += (z - u) * (z - u) / DRAWS;
      }
    }
  }
  assert_true(fabs(u1) < 4 / sqrt(DRAWS));
  assert_true(fabs(u2 - 1) < 4 * sqrt(2.0 / DRAWS));
  for (int k = 0; k < 3 && k < f.batch.locals; k++) {
    const double v = 1 / curvature_of(f.g.data.shard.first_row.v + k);
    assert_true(fabs(z2[k] / (1 + v) - 1) < 4.5 * sqrt(2.0 / DRAWS));
    assert_true(fabs(own[k] / v - 1) < 4.5 * sqrt(2.0 / DRAWS));
  }
  lose(&f);
}

static void draws_have_the_covariance_of_the_target(void **state) {
  (void)state;
  enum { DRAWS = 4000 };
  found f;
  mst_error err = {0};
  double got[P * P] = {0}, want[P * P], root[P * P];
  find_dense(&f, precise);
  must(&f.err);
  mst_hessian_covariance(&f.h, &f.target->layout, want, &err);
  must(&err);
  for (int i = 0; i < P; i++) /* the inverse: precise want = 1 */
    for (int j = 0; j < P; j++) {
      double sum = 0;
      for (int k = 0; k < P; k++) sum += precise[i * P + k] * want[k * P + j];
      assert_true(fabs(sum - (i == j)) < 1e-8);
    }
  mst_hessian_root(&f.h, &f.target->layout, root, &err);
  must(&err);
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) {
      double sum = 0;
      for (int k = 0; k < P; k++) sum += root[i * P + k] * root[j * P + k];
      assert_true(fabs(sum - precise[i * P + j]) < 1e-8);
    }
  for (int64_t first = 0; first < DRAWS; first += f.batch.slots) {
    mst_gauss_draw(&f.gauss, first, &err);
    must(&err);
    for (int s = 0; s < f.batch.slots; s++) {
      assert_true(fabs(f.batch.lp[s] - f.gauss.lp_approx[s]) < 1e-7);
      for (int i = 0; i < P; i++)
        for (int j = 0; j < P; j++)
          got[i * P + j] += f.batch.y[mst_batch_global(&f.batch, s, i)] *
                            f.batch.y[mst_batch_global(&f.batch, s, j)] / DRAWS;
    }
  }
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++) {
      const double scale = sqrt(want[i * P + i] * want[j * P + j]);
      assert_true(fabs(got[i * P + j] - want[i * P + j]) < 4.5 * scale * sqrt(2.0 / DRAWS));
    }
  lose(&f);
}

/* ---- with rows integrated out ---- */

static void counts(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)variable;
  *(double *)out = (double)((row * 7919) % 13 % 6);
}

typedef struct integrated {
  found f;
  mst_marginal m;
} integrated;

/* Where the best of the target's starts ends, climbing the density of the globals. */
static void ascent(found *f) {
  mst_optim o;
  mst_error err = {0};
  mst_ascent_options options;
  mst_ascent_defaults(&options);
  options.integrated = true;
  mst_optim_begin(&o, f->target, &options, &err);
  must(&err);
  mst_optim_run(&o, NULL, NULL, &err);
  must(&err);
  int best = 0;
  for (int c = 1; c < o.starts; c++)
    if (o.start[c].f < o.start[best].f) best = c;
  assert_true(mst_ascent_converged(o.start[best].end));
  mst_optim_globals(&o, best, f->y);
  mst_optim_locals(&o, best, f->local);
  mst_optim_end(&o);
}

/* At the highest point of the density of the globals, rows at theirs. */
static void find_integrated(integrated *n, const mst_comm *comm) {
  const int64_t size[] = {600, 2};
  mst_model_set set = {.name = "counts"};
  mst_error err = {0};
  found *f = &n->f;
  memset(n, 0, sizeof *n);
  set.width[1] = counts_model;
  fixture_bind(&f->g, comm, &set, size, 0, counts, NULL);
  mst_target_create(&f->target, comm, &f->g.set, &f->g.data, mst_isa_here(), 16, 0, MST_EXACT,
                    &err);
  must(&err);
  mst_batch_begin(&f->batch, f->target, &err);
  must(&err);
  mst_marginal_begin(&n->m, &f->batch, &err);
  must(&err);
  f->y = calloc(3, 8);
  f->local = calloc((size_t)f->batch.locals + 1, 8);
  ascent(f);
  mst_batch_fill(&f->batch, f->y, f->local);
  mst_marginal_rows(&n->m, 50, &err);
  must(&err);
  for (int64_t i = 0; i < f->batch.locals; i++)
    f->local[i] = f->batch.local[mst_batch_local(&f->batch, 0, i)];
  mst_hessian_integrated(&f->h, &n->m, f->y, f->local, NULL, NULL, &err);
  must(&err);
  for (int i = 0; i < 3; i++) /* it is a mode: within 0.001 standard deviations */
    assert_true(fabs(f->h.gradient[i]) < 1e-3 * sqrt(-f->h.matrix[4 * i]));
  mst_gauss_begin(&f->gauss, &f->h, &f->batch, &n->m, f->y, f->local, 7, &f->err);
}

/* What is left in a draw's weight is that of the globals, f(w) less the Gaussian's, and a small
 * part of each row's that is not Gaussian: the sum over rows of z, less its mean, has spread 0.05
 * a row at most. */
static void weights_are_those_of_the_globals(void **state) {
  (void)state;
  integrated n;
  mst_error err = {0};
  find_integrated(&n, &all);
  must(&n.f.err);
  mst_gauss_draw(&n.f.gauss, 0, &err);
  must(&err);
  const int slots = n.f.batch.slots;
  double weight[16], lp[16];
  for (int s = 0; s < slots; s++) {
    weight[s] = n.f.batch.lp[s] - n.f.gauss.lp_approx[s];
    lp[s] = n.f.gauss.lp_approx[s] - n.m.log_det[s] / 2;
    assert_true(n.m.bad[s] == 0);
  }
  mst_marginal_eval(&n.m, 50, &err);
  must(&err);
  for (int s = 0; s < slots; s++) { /* at the same w; the draw's z is left by Newton's method */
    double square = 0;
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++)
        square -= (n.f.batch.y[mst_batch_global(&n.f.batch, s, i)] - n.f.y[i]) *
                  n.f.h.matrix[3 * i + j] *
                  (n.f.batch.y[mst_batch_global(&n.f.batch, s, j)] - n.f.y[j]);
    const double globals = n.m.f[s] - (n.f.h.lp - square / 2);
    assert_true(fabs(n.f.gauss.log_weight[s] - globals) < 1e-5);
    assert_true(fabs(weight[s] - globals) < 0.05 * 600);
    assert_true(fabs(weight[s] - globals) > 1e-3); /* rows are not Gaussian */
    /* of the rows' own squares of noise there are 1200 */
    assert_true(fabs(n.f.h.lp - square / 2 - lp[s] - 600) < 5 * sqrt(1200 / 2.0));
  }
  mst_marginal_end(&n.m);
  lose(&n.f);
}

static void integrated_draws_have_the_same_bits(void **state) {
  (void)state;
  integrated n, o;
  mst_error err = {0};
  find_integrated(&n, &alone);
  mst_gauss_draw(&n.f.gauss, 16, &err);
  for (int threads = 1; threads < 4; threads++) {
    mst_comm comm = all;
    comm.threads = threads;
    find_integrated(&o, &comm);
    mst_gauss_draw(&o.f.gauss, 16, &err);
    must(&err);
    const size_t slots = (size_t)n.f.batch.slots;
    assert_memory_equal(n.f.batch.lp, o.f.batch.lp, slots * 8);
    assert_memory_equal(n.f.gauss.lp_approx, o.f.gauss.lp_approx, slots * 8);
    assert_memory_equal(n.f.batch.y, o.f.batch.y, 3 * slots * 8);
    mst_marginal_end(&o.m);
    lose(&o.f);
  }
  mst_marginal_end(&n.m);
  lose(&n.f);
}

static void draws_have_the_same_bits(void **state) {
  (void)state;
  enum { N = 900 };
  found f, g;
  find_rows(&f, &alone, N, NULL);
  for (int threads = 1; threads < 4; threads++) {
    mst_comm comm = all;
    mst_error err = {0};
    comm.threads = threads;
    find_rows(&g, &comm, N, NULL);
    mst_gauss_draw(&f.gauss, 32, &err);
    mst_gauss_draw(&g.gauss, 32, &err);
    must(&err);
    const size_t slots = (size_t)f.batch.slots;
    assert_memory_equal(f.batch.y, g.batch.y, (size_t)f.batch.globals * slots * 8);
    assert_memory_equal(f.batch.lp, g.batch.lp, slots * 8);
    assert_memory_equal(f.gauss.lp_approx, g.gauss.lp_approx, slots * 8);
    const int64_t first = g.g.data.shard.first_row.v;
    for (int s = 0; s < g.batch.slots; s++)
      for (int64_t i = 0; i < g.batch.locals; i++)
        assert_memory_equal(&g.batch.local[mst_batch_local(&g.batch, s, i)],
                            &f.batch.local[mst_batch_local(&f.batch, s, first + i)], 8);
    lose(&g);
  }
  lose(&f);
}

/* ---- metric, and where there is no Gaussian ---- */

static void rows_have_their_variances(void **state) {
  (void)state;
  found f;
  mst_error err = {0};
  double covariance = 0;
  int negative_directions = -1;
  find_rows(&f, &all, 600, NULL);
  double *variance = calloc((size_t)f.batch.locals + 1, 8);
  mst_hessian_metric(&f.h, 1e-6, &covariance, variance, &negative_directions, &err);
  must(&err);
  assert_int_equal(negative_directions, 0);
  assert_true(fabs(covariance - 1) < 1e-6);
  for (int64_t r = 0; r < f.batch.locals; r++)
    assert_true(fabs(variance[r] * curvature_of(f.g.data.shard.first_row.v + r) - 1) < 1e-8);
  free(variance);
  lose(&f);
}

/* Scaled, the saddle has eigenvalues -0.5 and 2.5 along the first two parameters, and 1. */
static void directions_that_do_not_curve_are_told(void **state) {
  (void)state;
  found f;
  mst_error err = {0};
  double c[P * P];
  int negative_directions = 0;
  const char *want =
      "model gaussian: the log density does not curve downwards along 1 of 3 directions at this "
      "point; expected eigenvalues over 0, got (scaled to conditional standard deviations) -0.5 "
      "along ";
  find_dense(&f, saddle);
  assert_int_equal(f.err.status, MASTING_ERR_INIT);
  assert_memory_equal(f.err.message, want, strlen(want));
  const char *rest = f.err.message + strlen(want);
  assert_true(!strncmp(rest, "-0.71 y[1] +0.71 y[2];", 22) ||
              !strncmp(rest, "+0.71 y[1] -0.71 y[2];", 22) ||
              !strncmp(rest, "-0.71 y[2] +0.71 y[1];", 22) ||
              !strncmp(rest, "+0.71 y[2] -0.71 y[1];", 22));
  mst_hessian_metric(&f.h, 1e-6, c, NULL, &negative_directions, &err);
  must(&err);
  assert_int_equal(negative_directions, 1);
  /* by size: eigenvalues 0.5 and 2.5 of [[1, 1.5], [1.5, 1]] after scaling by 2: mean of 1/0.5 and
   * 1/2.5 */
  assert_true(fabs(4 * c[0] - (1 / 0.5 + 1 / 2.5) / 2) < 1e-7);
  assert_true(fabs(4 * c[1] - (1 / 2.5 - 1 / 0.5) / 2) < 1e-7);
  assert_true(fabs(9 * c[8] - 1) < 1e-7);
  assert_int_equal(mst_hessian_covariance(&f.h, &f.target->layout, c, &err), MASTING_ERR_INIT);
  assert_string_equal(err.message, f.err.message);
  lose(&f);
}

static void rows_that_do_not_curve_are_told(void **state) {
  (void)state;
  int64_t bad = 598;
  found f;
  find_rows(&f, &all, 600, &bad);
  assert_int_equal(f.err.status, MASTING_ERR_INIT);
  assert_string_equal(f.err.message,
                      "model rows: the log density does not curve downwards in the row-local "
                      "parameters of 2 of 600 rows, the first of them row 599; expected a mode; "
                      "try more iterations, or priors that pin what a row's data do not");
  lose(&f);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  alone = (mst_comm){.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(draws_have_the_density_and_moments_of_the_target),
      cmocka_unit_test(draws_have_the_covariance_of_the_target),
      cmocka_unit_test(draws_have_the_same_bits),
      cmocka_unit_test(weights_are_those_of_the_globals),
      cmocka_unit_test(integrated_draws_have_the_same_bits),
      cmocka_unit_test(rows_have_their_variances),
      cmocka_unit_test(directions_that_do_not_curve_are_told),
      cmocka_unit_test(rows_that_do_not_curve_are_told),
  };
  int failed = cmocka_run_group_tests_name("gauss", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
