/* Modes against closed forms: linear regression, where the gradient in log sigma is a quadratic
 * in sigma given the coefficients, and ppca given w. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "optim/optim.h"
#include "oracle.h"

static mst_comm comm;

static void find(const fixture *g, int starts, mst_target **target, mst_optim *o) {
  mst_error err = {0};
  mst_ascent_options options;
  mst_ascent_defaults(&options);
  options.tol_rel_obj = options.tol_rel_grad = options.tol_obj = 0;
  mst_target_create(target, &comm, &g->set, &g->data, mst_isa_here(), starts, 0, MST_EXACT, &err);
  must(&err);
  mst_optim_begin(o, *target, &options, &err);
  must(&err);
  mst_optim_run(o, NULL, NULL, &err);
  must(&err);
}

static void leave(mst_target **target, mst_optim *o) {
  mst_optim_end(o);
  mst_target_free(target);
}

/* alpha ~ Normal(0, 10), beta ~ Normal(0, 2.5), sigma ~ Exponential(1), and the Jacobian of log
 * sigma. At the mode: coefficients solve the ridge equations given sigma, and -n + rss/sigma^2 -
 * sigma + 1 = 0. */
#define P 3
#define C (P + 1)
static void linear_mode_solves_its_equations(void **state) {
  (void)state;
  const int64_t size[] = {60, P};
  fixture g;
  mst_target *target;
  mst_optim o;
  fixture_make(&g, &comm, "linear", size, 8, NULL, NULL);
  const float *x = g.data.var[0];
  const double *y = g.data.var[1];
  double mean[C] = {0}, sigma = 1;
  for (int round = 0; round < 200; round++) {
    double a[C * C] = {0}, rss = 0;
    memset(mean, 0, sizeof mean);
    for (int64_t r = 0; r < 60; r++) {
      double row[C] = {1};
      for (int j = 0; j < P; j++) row[1 + j] = (double)x[r * P + j];
      for (int i = 0; i < C; i++) {
        mean[i] += row[i] * y[r] / (sigma * sigma);
        for (int j = 0; j < C; j++) a[i * C + j] += row[i] * row[j] / (sigma * sigma);
      }
    }
    for (int i = 0; i < C; i++) a[i * C + i] += i ? 0.16 : 0.01;
    factor(C, a);
    solve(C, a, mean);
    for (int64_t r = 0; r < 60; r++) {
      double residual = y[r] - mean[0];
      for (int j = 0; j < P; j++) residual -= mean[1 + j] * (double)x[r * P + j];
      rss += residual * residual;
    }
    for (int k = 0; k < 50; k++) sigma = sqrt(rss / (60 - 1 + sigma));
  }
  find(&g, 5, &target, &o);
  for (int c = 0; c < 5; c++) {
    double at[C + 1];
    mst_optim_globals(&o, c, at);
    assert_true(mst_ascent_converged(o.start[c].end));
    for (int i = 0; i < C; i++) assert_true(fabs(at[i] - mean[i]) < 1e-6);
    assert_true(fabs(at[C] - log(sigma)) < 1e-6);
  }
  leave(&target, &o);
  fixture_free(&g);
}

/* ppca, D = 2, K = 1: given w, each row's score is w'x / (1 + w'w); and w and -w are equally
 * good. */
static void ppca_mode_has_its_scores(void **state) {
  (void)state;
  const int64_t size[] = {500, 2, 1};
  fixture g;
  mst_target *target;
  mst_optim o;
  fixture_make(&g, &comm, "ppca", size, 3, NULL, NULL);
  const int64_t L = g.data.shard.rows;
  double w[3][2], *z = calloc((size_t)L, sizeof *z);
  find(&g, 3, &target, &o);
  assert_int_equal(o.batch.locals, L);
  assert_int_equal(o.steps, target->collectives); /* one message an evaluation */
  for (int c = 0; c < 3; c++) {
    assert_true(mst_ascent_converged(o.start[c].end));
    mst_optim_globals(&o, c, w[c]);
    mst_optim_locals(&o, c, z);
    assert_true(fabs(fabs(w[c][0]) - fabs(w[0][0])) < 1e-5 &&
                fabs(fabs(w[c][1]) - fabs(w[0][1])) < 1e-5);
    for (int64_t r = 0; r < L; r++) {
      double x[2];
      for (int d = 0; d < 2; d++)
        x[d] = g.data.type[0] == MASTING_F32 ? (double)((const float *)g.data.var[0])[r * 2 + d]
                                             : ((const double *)g.data.var[0])[r * 2 + d];
      const double want =
          (w[c][0] * x[0] + w[c][1] * x[1]) / (1 + w[c][0] * w[c][0] + w[c][1] * w[c][1]);
      assert_true(fabs(z[r] - want) < 1e-5);
    }
  }
  free(z);
  leave(&target, &o);
  fixture_free(&g);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_mode_solves_its_equations),
      cmocka_unit_test(ppca_mode_has_its_scores),
  };
  int failed = cmocka_run_group_tests_name("modes", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
