/* ppca with one component in two dimensions, against quadrature of the posterior of w with z
 * integrated out: x_n ~ Normal(0, I + w w'), w ~ Normal(0, 2). (w, z) and (-w, -z) are alike, so
 * all quantities are invariant under that sign. Tipping and Bishop 1999. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "oracle.h"

static mst_comm comm;

enum { W00, W01, W11, Z00, Z01, ZLAST, W0Z, QUANTITIES };
static const char *const names[] = {"w0 w0", "w0 w1",    "w1 w1", "z0 z0",
                                    "z0 z1", "z0 zlast", "w0 z1"};

typedef struct problem {
  int64_t n;
  double xx[3];     /* sums of x0 x0, x0 x1, x1 x1 */
  double row[3][2]; /* x of rows 0, 1 and N-1 */
  moments m[QUANTITIES];
} problem;

static double log_posterior(const problem *p, const double *w) {
  const double s = 1 + w[0] * w[0] + w[1] * w[1];
  const double wxxw = w[0] * w[0] * p->xx[0] + 2 * w[0] * w[1] * p->xx[1] + w[1] * w[1] * p->xx[2];
  return -0.125 * (s - 1) - 0.5 * (double)p->n * log(s) + 0.5 * wxxw / s;
}

/* E and Var of a product of independent normals of variance v (or a square) given w. */
static void add_product(moments *m, double weight, double a, double b, double v, bool same) {
  if (same)
    moments_add(m, weight, a * a + v, 4 * a * a * v + 2 * v * v);
  else
    moments_add(m, weight, a * b, (a * a + b * b) * v + v * v);
}

static void add_point(problem *p, const double *w, double weight) {
  const double v = 1 / (1 + w[0] * w[0] + w[1] * w[1]);
  double z[3];
  for (int i = 0; i < 3; i++) z[i] = v * (w[0] * p->row[i][0] + w[1] * p->row[i][1]);
  moments_add(&p->m[W00], weight, w[0] * w[0], 0);
  moments_add(&p->m[W01], weight, w[0] * w[1], 0);
  moments_add(&p->m[W11], weight, w[1] * w[1], 0);
  add_product(&p->m[Z00], weight, z[0], z[0], v, true);
  add_product(&p->m[Z01], weight, z[0], z[1], v, false);
  add_product(&p->m[ZLAST], weight, z[0], z[2], v, p->n == 1);
  moments_add(&p->m[W0Z], weight, w[0] * z[1], w[0] * w[0] * v);
}

/* Over the square of half-width `half` about `centre`; the rule is exact to rounding when the
 * density is smooth and gone at the border. Half a plane is enough, by symmetry, when it holds
 * one mode. */
static void integrate(problem *p, const double *centre, double half) {
  enum { EACH = 1200 };
  double highest = -INFINITY;
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i <= EACH; i++)
      for (int j = 0; j <= EACH; j++) {
        const double w[] = {centre[0] + half * (2.0 * i / EACH - 1),
                            centre[1] + half * (2.0 * j / EACH - 1)};
        const double lp = log_posterior(p, w);
        if (pass == 0)
          highest = fmax(highest, lp);
        else if (lp > highest - 45)
          add_point(p, w, exp(lp - highest));
      }
}

static void read_data(problem *p, const fixture *g) {
  const double *x = g->data.var[0];
  *p = (problem){.n = g->data.shard.n};
  for (int64_t r = 0; r < p->n; r++) {
    p->xx[0] += x[2 * r] * x[2 * r];
    p->xx[1] += x[2 * r] * x[2 * r + 1];
    p->xx[2] += x[2 * r + 1] * x[2 * r + 1];
  }
  const int64_t rows[] = {0, p->n > 1, p->n - 1};
  for (int i = 0; i < 3; i++)
    for (int d = 0; d < 2; d++) p->row[i][d] = x[2 * rows[i] + d];
}

/* The mode of log_posterior lies along the leading eigenvector of xx; by climbing. */
static void ascent(const problem *p, double *w) {
  w[0] = w[1] = 1;
  if (p->xx[1] < 0) w[1] = -1;
  for (double step = 0.5; step > 1e-6;) {
    double best = log_posterior(p, w), at[2] = {w[0], w[1]};
    for (int k = 0; k < 4; k++) {
      const double t[] = {w[0] + (k == 0   ? step
                                  : k == 1 ? -step
                                           : 0),
                          w[1] + (k == 2   ? step
                                  : k == 3 ? -step
                                           : 0)};
      if (log_posterior(p, t) > best) {
        best = log_posterior(p, t);
        at[0] = t[0];
        at[1] = t[1];
      }
    }
    if (at[0] == w[0] && at[1] == w[1]) step /= 2;
    w[0] = at[0];
    w[1] = at[1];
  }
}

static void compare(oracle *o, const problem *p, double least_ess) {
  int64_t each_w, each_z;
  double *w = oracle_read(o, "w", &each_w), *z = oracle_read(o, "z", &each_z);
  const int64_t draws = (int64_t)o->chains * o->draws;
  double *x = calloc((size_t)draws, sizeof *x);
  assert_true(each_w == 2 && each_z == p->n);
  for (int q = 0; q < QUANTITIES; q++) {
    for (int64_t k = 0; k < draws; k++) {
      const double *a = w + 2 * k, *b = z + p->n * k;
      const double value[] = {a[0] * a[0], a[0] * a[1],        a[1] * a[1], b[0] * b[0],
                              b[0] * b[1], b[0] * b[p->n - 1], a[0] * b[1]};
      x[k] = value[q];
    }
    oracle_check(o, names[q], x, moments_mean(&p->m[q]), moments_sd(&p->m[q]), least_ess);
  }
  free(x);
  free(z);
  free(w);
}

/* half: of the square of quadrature; 0: about the origin, for two modes that touch. */
static void check(int64_t n, double half, mst_sample_options *run, double least_ess) {
  const int64_t size[] = {n, 2, 1};
  const double origin[] = {0, 0};
  double mode[2];
  problem p;
  oracle o;
  fixture g;
  fixture_make(&g, &comm, "ppca", size, 42, NULL, NULL);
  read_data(&p, &g);
  ascent(&p, mode);
  integrate(&p, half > 0 ? mode : origin, half > 0 ? half : 16);
  oracle_sample(&o, &comm, &g, run);
  compare(&o, &p, least_ess);
  fixture_free(&g);
  oracle_end(&o);
}

static mst_sample_options defaults(void) {
  mst_sample_options o;
  mst_sample_defaults(&o);
  o.seed = 77;
  o.latents = MST_LATENTS_ALL;
  return o;
}

static void a_thousand_rows(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  check(1000, 1.0, &o, 800);
}

static void with_metrics_of_their_own(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  o.pool = 0;
  o.metric = MST_METRIC_DIAG_VAR;
  o.warmup = 500;
  o.chains = 4;
  check(600, 1.5, &o, 400);
}

/* Three rows, both modes and the saddle between them. */
static void three_rows(void **state) {
  (void)state;
  mst_sample_options o = defaults();
  o.draws = 8000;
  o.target_accept = 0.95;
  check(3, 0, &o, 1500);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err)) mst_abort_all(&comm, &err);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_thousand_rows),
      cmocka_unit_test(with_metrics_of_their_own),
      cmocka_unit_test(three_rows),
  };
  int failed = cmocka_run_group_tests_name("ppca", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
