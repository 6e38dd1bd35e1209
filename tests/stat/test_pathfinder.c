/* Pathfinder's draws and weights: a correlated Gaussian, whose integral is known; eight schools,
 * where no Gaussian can be right; ppca, where parameters are row-local. Weighted means within 4
 * Monte Carlo errors. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gaussian_model.h"
#include "optim/pathfinder.h"
#include "oracle.h"

static mst_comm comm;

typedef struct sums { /* weighted moments of one element of the globals */
  const mst_pathfinder *p;
  int64_t count, element;
  double weight, square, first, second;
  double ratio; /* mean of density ratios: an estimate of the integral */
} sums;

static masting_status add(void *context, const mst_pathfinder_draw *d, mst_error *err) {
  sums *s = context;
  const mst_batch *b = &s->p->optim.batch;
  const double x = b->y[mst_batch_global(b, d->path, s->element)], w = exp(d->log_weight);
  (void)err;
  /* the same draw as before, to the last bit */
  assert_memory_equal(&b->lp[d->path], &d->lp, sizeof d->lp);
  s->count++;
  s->weight += w;
  s->square += w * w;
  s->first += w * x;
  s->second += w * x * x;
  s->ratio += exp(d->lp - d->log_approx);
  return MASTING_OK;
}

static void find(const fixture *g, int paths, mst_pathfinder_options *options, mst_target **target,
                 mst_pathfinder *p) {
  mst_error err = {0};
  mst_target_create(target, &comm, &g->set, &g->data, mst_isa_here(), paths, 0, MST_EXACT, &err);
  must(&err);
  mst_pathfinder_run(p, *target, options, NULL, NULL, &err);
  must(&err);
}

static sums weighted(mst_pathfinder *p, int64_t element) {
  mst_error err = {0};
  sums s = {.p = p, .element = element};
  mst_pathfinder_emit(p, false, false, 0, add, &s, &err);
  must(&err);
  assert_int_equal(s.count, p->sound * p->options.draws);
  assert_true(fabs(s.weight - 1) < 1e-9);
  return s;
}

static void compare(const char *name, const sums *s, double mean, double sd) {
  const double got = s->first, var = s->second - got * got, error = sd * sqrt(s->square);
  printf("%s: mean %.4f, want %.4f; sd %.4f, want %.4f; worth %.0f draws\n", name, got, mean,
         sqrt(var), sd, 1 / s->square);
  assert_true(fabs(got - mean) < 4 * error);
  assert_true(fabs(var - sd * sd) < 4 * sd * sd * sqrt(2 * s->square));
}

/* ---- a Gaussian: y = mean + L z ---- */

#define P 6
static double precision[P * P], mean[P], variance[P], log_integral;

static void make_gaussian(void) {
  double root[P * P] = {0}, a[P * P];
  for (int i = 0; i < P; i++) {
    mean[i] = i - 2;
    for (int j = 0; j < i; j++) root[i * P + j] = 0.4 + 0.1 * j;
    root[i * P + i] = pow(1.5, -i + 2);
  }
  memset(precision, 0, sizeof precision);
  for (int i = 0; i < P; i++)
    for (int j = 0; j < P; j++)
      for (int k = 0; k < P; k++) precision[i * P + j] += root[k * P + i] * root[k * P + j];
  memcpy(a, precision, sizeof a);
  log_integral = 0.5 * P * log(2 * acos(-1)) - 0.5 * factor(P, a);
  for (int i = 0; i < P; i++) {
    double unit[P] = {0};
    unit[i] = 1;
    solve(P, a, unit);
    variance[i] = unit[i];
  }
}

static void fill_gaussian(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)row;
  memcpy(out, variable ? precision : mean, variable ? sizeof precision : sizeof mean);
}

static void gaussian(void **state) {
  (void)state;
  const int64_t size[] = {P};
  mst_model_set set = {.name = "gaussian"};
  mst_pathfinder_options options;
  mst_pathfinder p;
  mst_target *target;
  fixture g;
  make_gaussian();
  set.width[3] = gaussian_model;
  fixture_bind(&g, &comm, &set, size, 1, fill_gaussian, NULL);
  mst_pathfinder_defaults(&options);
  options.ascent.history = 6;
  options.draws = 2000;
  find(&g, 4, &options, &target, &p);
  assert_int_equal(p.sound, 4);
  assert_true(p.k < MST_PSIS_GOOD);
  for (int c = 0; c < 4; c++) {
    printf("path %d: ELBO %.4f, log integral %.4f\n", c, p.optim.path[c].best_elbo, log_integral);
    assert_true(p.optim.path[c].best_elbo > log_integral - 1.5 &&
                p.optim.path[c].best_elbo < log_integral + 0.5);
  }
  for (int i = 0; i < P; i++) {
    char name[16];
    const sums s = weighted(&p, i);
    snprintf(name, sizeof name, "y[%d]", i);
    compare(name, &s, mean[i], sqrt(variance[i]));
    assert_true(fabs(log(s.ratio / (double)s.count) - log_integral) < 0.1);
  }
  mst_pathfinder_end(&p);
  mst_target_free(&target);
  fixture_free(&g);
}

/* ---- eight schools, non-centred: mu by quadrature ---- */

#define J 8
static const double y[J] = {28, 8, -3, 7, -1, 1, 18, 12};
static const double sigma[J] = {15, 10, 16, 11, 9, 11, 10, 18};

static void fill_schools(void *context, int variable, int64_t row, void *out) {
  (void)context;
  (void)row;
  for (int j = 0; j < J; j++) ((double *)out)[j] = variable ? sigma[j] : y[j];
}

static void eight_schools(void **state) {
  (void)state;
  const int64_t size[] = {J};
  mst_pathfinder_options options;
  mst_pathfinder p;
  mst_target *target;
  fixture g;
  moments mu = {0};
  for (double log_tau = -16; log_tau < 8; log_tau += 0.04)
    for (double m = -45; m < 45; m += 0.25) {
      const double tau = exp(log_tau);
      double lp = -0.5 * m * m / 25 - log1p(tau * tau / 25) + log_tau;
      for (int j = 0; j < J; j++) {
        const double v = sigma[j] * sigma[j] + tau * tau;
        lp -= 0.5 * (log(v) + (y[j] - m) * (y[j] - m) / v);
      }
      moments_add(&mu, exp(lp), m, 0);
    }
  fixture_make(&g, &comm, "eight_schools", size, 1, fill_schools, NULL);
  mst_pathfinder_defaults(&options);
  find(&g, 8, &options, &target, &p);
  printf("Pareto k %.2f\n", p.k);
  /* The mode, tau = 29, is far from the posterior's bulk: no Gaussian on the way there has all
     of it, and k says so. */
  const sums s = weighted(&p, 0);
  printf("mu: mean %.3f, want %.3f\n", s.first, moments_mean(&mu));
  assert_true(fabs(s.first - moments_mean(&mu)) < moments_sd(&mu));
  assert_true(p.k > 0.5);
  for (int c = 0; c < 8; c++)
    assert_true(p.optim.path[c].best_iteration < p.optim.start[c].iterations);
  mst_pathfinder_end(&p);
  mst_target_free(&target);
  fixture_free(&g);
}

/* ---- ppca: a draw's row-local parameters lie about those that its w calls for ---- */

typedef struct scores {
  const mst_pathfinder *p;
  double residual; /* sum of (z - mean) sqrt(1 + w'w), squared */
  int64_t count;
} scores;

static masting_status add_scores(void *context, const mst_pathfinder_draw *d, mst_error *err) {
  scores *s = context;
  const mst_batch *b = &s->p->optim.batch;
  const mst_dataset *data = b->target->data;
  const double w[2] = {b->y[mst_batch_global(b, d->path, 0)],
                       b->y[mst_batch_global(b, d->path, 1)]};
  const double precise = 1 + w[0] * w[0] + w[1] * w[1];
  (void)err;
  for (int64_t r = 0; r < data->shard.rows; r++) {
    double x[2];
    for (int k = 0; k < 2; k++)
      x[k] = data->type[0] == MASTING_F32 ? (double)((const float *)data->var[0])[2 * r + k]
                                          : ((const double *)data->var[0])[2 * r + k];
    const double z = b->local[mst_batch_local(b, d->path, r)];
    const double off = z - (w[0] * x[0] + w[1] * x[1]) / precise;
    s->residual += off * off * precise;
    s->count++;
  }
  return MASTING_OK;
}

static void ppca_with_its_scores(void **state) {
  (void)state;
  const int64_t size[] = {40, 2, 1};
  mst_error err = {0};
  mst_pathfinder_options options;
  mst_pathfinder p;
  mst_target *target;
  fixture g;
  fixture_make(&g, &comm, "ppca", size, 3, NULL, NULL);
  mst_pathfinder_defaults(&options);
  options.draws = 100;
  find(&g, 4, &options, &target, &p);
  scores s = {.p = &p};
  mst_pathfinder_emit(&p, true, false, 50, add_scores, &s, &err);
  must(&err);
  assert_int_equal(s.count, 50 * 40);
  printf("squared residuals of scores: %.2f, about 1\n", s.residual / (double)s.count);
  assert_true(s.residual < 4 * (double)s.count);
  mst_pathfinder_end(&p);
  mst_target_free(&target);
  fixture_free(&g);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gaussian),
      cmocka_unit_test(eight_schools),
      cmocka_unit_test(ppca_with_its_scores),
  };
  int failed = cmocka_run_group_tests_name("pathfinder", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
