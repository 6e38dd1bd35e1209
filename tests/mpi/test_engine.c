/* Rooms nuts and run: what a leapfrog step is. Reversible, of second order, the same bits for any
 * number of ranks and threads, whatever the numbers of chains and lanes; one message each. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "count_calls.h"
#include "drive.h"
#include "adapt/metric_fit.h"
#include "run/sampler.h"
#include "run/metric_update.h"

static mst_comm all, alone;

typedef struct problem {
  const char *model;
  int64_t size[3];
} problem;

/* ---- laws of the integrator: orders by hand ---- */

#define TRAJECTORY 32

typedef struct hand {
  fixture g;
  mst_target *target;
  mst_engine engine;
  mst_metric_update metric_update; /* with a shape */
  bool rotates;
  double cosine, sine; /* of the steps to come, where chains rotate */
} hand;

static void hand_begin(hand *h, const problem *p, int chains, int lanes, bool pooled) {
  mst_error err = {0};
  fixture_make(&h->g, &all, p->model, p->size, 11, NULL, NULL);
  mst_target_create(&h->target, &all, &h->g.set, &h->g.data, mst_isa_here(), chains, lanes,
                    MST_EXACT, &err);
  must(&err);
  const mst_engine_options eo = {
      .seed = 4, .init_radius = 1, .max_depth = 10, .pooled = pooled, .rotates = pooled};
  mst_engine_begin(&h->engine, h->target, &eo, &err);
  must(&err);
}

static void hand_end(hand *h) {
  mst_metric_update_end(&h->metric_update);
  mst_engine_end(&h->engine);
  mst_target_free(&h->target);
  fixture_free(&h->g);
}

/* One step of all chains by the same order; eps may differ from chain to chain by its sign. */
static void hand_step(hand *h, mst_start start, int origin, int leaf, double eps, uint64_t epoch,
                      bool flip) {
  mst_engine *e = &h->engine;
  mst_error err = {0};
  for (int c = 0; c < e->slots; c++)
    e->pass.instruction[c] = (mst_instruction){.active = true,
                                               .flip = flip,
                                               .start = start,
                                               .origin = origin,
                                               .leaf = leaf,
                                               .chain = c,
                                               .rotates = h->rotates,
                                               .cosine = h->cosine,
                                               .sine = h->sine,
                                               .eps = h->rotates ? 0
                                                      : c % 2    ? -eps
                                                                 : eps,
                                               .epoch = epoch};
  e->pass.nextra = h->target->layout.locals ? MST_EXTRA_PAIRS : 0;
  e->hot->before(&e->pass);
  for (int k = 0; k < h->target->threads; k++) e->hot->thread(&e->pass, k);
  mst_target_reduce(h->target, e->pass.nextra, &err);
  must(&err);
  e->hot->after(&e->pass);
}

/* Inverse masses that differ from element to element; factor 0: a step is a kick alone. */
static void set_metric(hand *h, double factor) {
  for (int local = 0; local < 2; local++)
    for (int b = 0; b < h->target->batches; b++) {
      const mst_state *s = local ? &h->engine.pass.local[b] : &h->engine.pass.global[b];
      for (int64_t i = 0; i < s->elements; i++) {
        const double minv = factor * (0.5 + (double)(i % 5) / 4);
        if (h->engine.pass.metric_instruction.pooled) s->minv[0][i] = s->minv[1][i] = minv;
        for (int lane = 0; !h->engine.pass.metric_instruction.pooled && lane < h->target->lanes;
             lane++)
          s->minv_lane[i * h->target->lanes + lane] = minv * (1 + 0.1 * lane);
      }
    }
}

/* Inverse masses of the globals that are no diagonal, another in each slot; chains take them in
 * turn. */
static void set_full_metric(hand *h, mst_metric_kind kind) {
  mst_error err = {0};
  mst_metric_update_begin(&h->metric_update, &h->engine, kind, &err);
  must(&err);
  for (int slot = 0; slot < 2; slot++) {
    mst_metric *s = &h->engine.pass.metric[slot];
    const int64_t n = s->n;
    double a[64], b[64], aa = 0, ab = 0, bb = 0;
    for (int64_t i = 0; i < n; i++) {
      a[i] = cos((double)(i + 1 + slot));
      b[i] = 1 + sin((double)(2 * i + slot));
      aa += a[i] * a[i];
      ab += a[i] * b[i];
    }
    for (int64_t i = 0; i < n; i++) b[i] -= ab / aa * a[i];
    for (int64_t i = 0; i < n; i++) bb += b[i] * b[i];
    s->kind = kind;
    s->rank = 2;
    for (int64_t i = 0; i < n; i++) {
      const double minv = 0.5 + (double)((i + slot) % 5) / 4;
      s->scale[i] = sqrt(minv);
      if (kind == MST_KIND_LOW_RANK) {
        s->u[i * 2] = a[i] / sqrt(aa);
        s->u[i * 2 + 1] = b[i] / sqrt(bb);
      }
      for (int64_t j = 0; kind == MST_KIND_DENSE && j < n; j++)
        s->c[i * n + j] = (i == j) * minv + 0.4 * a[i] * a[j] / aa;
    }
    if (kind == MST_KIND_DENSE) mst_metric_factor(s, "test", &err);
    if (kind == MST_KIND_LOW_RANK) s->eigen[0] = 3, s->eigen[1] = 0.4;
    must(&err);
  }
  for (int c = 0; c < h->engine.slots; c++) h->engine.pass.chain[c].slot = c % 3 == 1;
}

/* The same, dense, spread over the ranks. */
static double dist_element(int i, int j, void *context) {
  const int slot = *(int *)context;
  return (i == j) * (0.5 + (double)((i + slot) % 5) / 4) +
         0.4 * cos((double)(i + 1 + slot)) * cos((double)(j + 1 + slot));
}

static void set_dist(hand *h) {
  mst_error err = {0};
  double scale[64];
  mst_metric_dist *dist = &h->metric_update.dist;
  mst_metric_update_begin_dist(&h->metric_update, &h->engine, 0, &err);
  must(&err);
  for (int slot = 0; slot < 2; slot++) {
    mst_metric_fit_dist fit = {.scale = scale};
    mst_metric_fit_dist_from_elements(&fit, &dist->grid, "test", dist->n, dist_element, &slot, NULL,
                                      &err);
    must(&err);
    mst_metric_dist_set(dist, slot, &fit, &err);
    must(&err);
    h->engine.pass.metric[slot].kind = MST_KIND_DENSE;
  }
  for (int c = 0; c < h->engine.slots; c++) h->engine.pass.chain[c].slot = c % 3 == 1;
}

/* Largest distance of the chains from point `buffer`, on this rank. */
static double distance(const hand *h, int buffer) {
  const int W = h->target->lanes;
  double most = 0;
  for (int local = 0; local < 2; local++)
    for (int b = 0; b < h->target->batches; b++) {
      const mst_state *s = local ? &h->engine.pass.local[b] : &h->engine.pass.global[b];
      for (int64_t i = 0; i < s->elements; i++)
        for (int lane = 0; lane < W; lane++)
          most = fmax(most,
                      fabs(s->q[i * W + lane] - s->point_q[(buffer * W + lane) * s->stride + i]));
    }
  MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, all.mpi);
  return most;
}

static const problem small[] = {{"ppca", {600, 2, 1}},
                                {"hierarchical", {700, 12, 0}},
                                {"logistic", {300, 9, 0}},
                                {"eight_schools", {8, 0, 0}}};
static const double small_eps[] = {0.01, 2e-4, 0.01, 0.05};
#define SMALL 4

static void leapfrog_is_reversible(void **state) {
  (void)state;
  for (int i = 0; i < SMALL; i++)
    for (int pooled = 0; pooled < 2; pooled++) {
      hand h = {0};
      const double eps = small_eps[i];
      hand_begin(&h, &small[i], 5, pooled ? 4 : 8, pooled);
      set_metric(&h, 1);
      hand_step(&h, MST_START_INIT, 0, 0, 0, 1, false);
      hand_step(&h, MST_START_DRAW, 0, 1, eps, 2, false);
      for (int k = 1; k < TRAJECTORY; k++) hand_step(&h, MST_START_NONE, 0, 1, eps, 2, false);
      assert_true(distance(&h, 0) > 0.02);
      set_metric(&h, 0); /* momenta half a kick behind in place of ahead */
      hand_step(&h, MST_START_NONE, 0, 1, -eps, 2, false);
      set_metric(&h, 1);
      for (int k = 0; k < TRAJECTORY; k++) hand_step(&h, MST_START_NONE, 0, 1, -eps, 2, false);
      if (!(distance(&h, 0) < 1e-10)) fail_msg("%s: %g", small[i].model, distance(&h, 0));
      hand_end(&h);
    }
}

/* Largest energy error of chain c over a trajectory of fixed length in n steps. */
static void energy_errors(hand *h, int n, double length, double *most) {
  hand_step(h, MST_START_INIT, 0, 0, 0, 1, false);
  double h0[8];
  for (int c = 0; c < 5; c++) {
    h0[c] = -h->engine.pass.lp[c];
    most[c] = 0;
  }
  for (int k = 0; k < n; k++) {
    hand_step(h, k ? MST_START_NONE : MST_START_DRAW, 0, 1, length / n, 2, false);
    for (int c = 0; c < 5; c++) {
      if (k == 0) h0[c] += h->engine.pass.k0[c];
      most[c] = fmax(most[c], fabs(h->engine.pass.k1[c] - h->engine.pass.lp[c] - h0[c]));
    }
  }
}

static void energy_error_is_of_second_order(void **state) {
  (void)state;
  for (int i = 0; i < SMALL; i++)
    for (int metric = 0; metric < 5; metric++) {
      hand h = {0};
      double coarse[5], fine[5];
      hand_begin(&h, &small[i], 5, 0, metric > 0);
      set_metric(&h, 1);
      if (metric == 4) set_dist(&h);
      if (metric == 2 || metric == 3)
        set_full_metric(&h, metric == 2 ? MST_KIND_DENSE : MST_KIND_LOW_RANK);
      /* long enough to pass the largest error, which is where its size is smooth in eps */
      const double length = small_eps[i] * 40;
      energy_errors(&h, 160, length, coarse);
      energy_errors(&h, 320, length, fine);
      for (int c = 0; c < 5; c++)
        if (!(coarse[c] / fine[c] > 3.6 && coarse[c] / fine[c] < 4.4))
          fail_msg("%s, metric %d, chain %d: errors %g and %g", small[i].model, metric, c,
                   coarse[c], fine[c]);
      hand_end(&h);
    }
}

/* Forwards, then on from the other end: the same points as a trajectory that goes backwards. */
static void other_end_goes_on_backwards(void **state) {
  (void)state;
  for (int way = 0; way < 4 * SMALL; way++) {
    hand h = {0};
    const int i = way % SMALL;
    const double eps = small_eps[i];
    hand_begin(&h, &small[i], 5, 0, true);
    if (way >= 3 * SMALL) set_dist(&h);
    if (way >= SMALL && way < 3 * SMALL)
      set_full_metric(&h, way < 2 * SMALL ? MST_KIND_DENSE : MST_KIND_LOW_RANK);
    hand_step(&h, MST_START_INIT, 0, 0, 0, 1, false);
    for (int k = 0; k < 3; k++)
      hand_step(&h, k ? MST_START_NONE : MST_START_DRAW, 0, 1, eps, 2, false);
    hand_step(&h, MST_START_NONE, 0, 2, -eps, 2, true);
    hand_step(&h, MST_START_NONE, 0, 2, -eps, 2, false);
    hand_step(&h, MST_START_NONE, 0, 3, eps, 2, true); /* fourth step forwards */
    for (int k = 0; k < 2; k++)
      hand_step(&h, k ? MST_START_NONE : MST_START_DRAW, 0, 4, -eps, 2, false);
    assert_true(distance(&h, 2) == 0);
    for (int k = 0; k < 4; k++)
      hand_step(&h, k ? MST_START_NONE : MST_START_DRAW, 0, 4, eps, 2, false);
    assert_true(distance(&h, 3) == 0);
    hand_end(&h);
  }
}

/* ---- rotations ---- */

static void set_rotation(hand *h, double cosine, double sine) {
  h->rotates = true;
  h->cosine = cosine;
  h->sine = sine;
}

/* A Gaussian that is not the posterior's, so that there is a residual force. */
static void set_reference(hand *h) {
  for (int local = 0; local < 2; local++) {
    const mst_state *s = local ? &h->engine.pass.local[0] : &h->engine.pass.global[0];
    for (int64_t i = 0; i < s->elements; i++) {
      s->mean[i] = 0.1 * cos((double)i);
      s->sd[i] = sqrt(s->minv[0][i]);
    }
  }
  for (int c = 0; c < h->engine.slots; c++) h->engine.pass.chain[c].slot = 0;
}

static void hand_rotation(hand *h, int which, int metric) {
  hand_begin(h, &small[which], 5, metric % 2 ? 4 : 8, true);
  set_metric(h, small_eps[which] * small_eps[which]);
  if (metric == 1) set_full_metric(h, MST_KIND_DENSE);
  if (metric == 2) set_full_metric(h, MST_KIND_LOW_RANK);
  for (int slot = 0; slot < 2 && metric; slot++) { /* as narrow as the diagonal */
    mst_metric *m = &h->engine.pass.metric[slot];
    const double eps = small_eps[which];
    for (int64_t i = 0; i < m->n; i++) m->scale[i] *= eps;
    for (int64_t i = 0; metric == 1 && i < m->n * m->n; i++) {
      m->c[i] *= eps * eps;
      m->l[i] *= eps;
    }
  }
  set_reference(h);
}

/* There and back. Between them a step that hardly turns and kicks by -2 tan(h/2) r: it takes the
 * half kick that is ahead back twice. */
static void rotation_is_reversible(void **state) {
  (void)state;
  const double c = cos(0.7), s = sin(0.7), little = 1e-9;
  for (int way = 0; way < 3 * SMALL; way++) {
    hand h = {0};
    hand_rotation(&h, way % SMALL, way / SMALL);
    hand_step(&h, MST_START_INIT, 0, 0, 0, 1, false);
    set_rotation(&h, c, s);
    for (int k = 0; k < 3; k++)
      hand_step(&h, k ? MST_START_NONE : MST_START_DRAW, 0, 1, 0, 2, false);
    const double moved = distance(&h, 0);
    set_rotation(&h, 1 - little, -little * s / (1 - c));
    hand_step(&h, MST_START_NONE, 0, 1, 0, 2, false);
    set_rotation(&h, c, -s);
    for (int k = 0; k < 3; k++) hand_step(&h, MST_START_NONE, 0, 1, 0, 2, false);
    if (!(moved > 1e-4 && distance(&h, 0) < 1e-5 * moved))
      fail_msg("%s, metric %d: moved %g, came back to %g", small[way % SMALL].model, way / SMALL,
               moved, distance(&h, 0));
    hand_end(&h);
  }
}

/* Determinant by elimination with pivots; a is lost. */
static double determinant(int n, double *a) {
  double det = 1;
  for (int k = 0; k < n; k++) {
    int best = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
    for (int j = 0; best != k && j < n; j++) {
      const double x = a[k * n + j];
      a[k * n + j] = a[best * n + j];
      a[best * n + j] = x;
    }
    det *= best == k ? a[k * n + k] : -a[k * n + k];
    for (int i = k + 1; i < n; i++)
      for (int j = n - 1; j >= k; j--) a[i * n + j] -= a[i * n + k] / a[k * n + k] * a[k * n + j];
  }
  return det;
}

/* The Jacobian of a step, in y and the momentum half a kick ahead, by differences. */
static void rotation_keeps_volume(void **state) {
  (void)state;
  enum { G = 10 };
  for (int metric = 0; metric < 3; metric++) {
    hand h = {0};
    double at[2 * G], jacobian[4 * G * G];
    hand_rotation(&h, 3, metric);
    const mst_state *s = &h.engine.pass.global[0];
    const int W = h.target->lanes;
    assert_int_equal(s->elements, G);
    hand_step(&h, MST_START_INIT, 0, 0, 0, 1, false);
    set_rotation(&h, cos(0.7), sin(0.7));
    hand_step(&h, MST_START_DRAW, 0, 1, 0, 2, false);
    for (int i = 0; i < G; i++) {
      at[i] = s->q_other[i * W];
      at[G + i] = s->p[i * W];
    }
    for (int j = 0; j < 2 * G; j++)
      for (int side = -1; side <= 1; side += 2) {
        for (int i = 0; i < G; i++) {
          s->q_other[i * W] = at[i] + (i == j ? side * 1e-5 : 0);
          s->p[i * W] = at[G + i] + (G + i == j ? side * 1e-5 : 0);
        }
        hand_step(&h, MST_START_NONE, 0, 1, 0, 2, false);
        for (int i = 0; i < 2 * G; i++) {
          const double x = i < G ? s->q_other[i * W] : s->p[(i - G) * W];
          double *to = &jacobian[i * 2 * G + j];
          *to = side < 0 ? x : (x - *to) / 2e-5;
        }
      }
    const double det = determinant(2 * G, jacobian);
    if (!(fabs(det - 1) < 1e-6)) fail_msg("metric %d: volume grows by %.9f", metric, det);
    hand_end(&h);
  }
}

/* ---- the same bits ---- */

typedef struct law {
  problem p;
  drive_options o;
  int steps;
} law;

static const law laws[] = {
    {{"ppca", {1, 2, 1}}, {1, 0, 10, 40, MST_ADAPT_FISHER, true, 1}, 200},
    {{"ppca", {2, 2, 1}}, {3, 0, 10, 40, MST_ADAPT_FISHER, true, 2}, 200},
    {{"ppca", {701, 2, 1}}, {8, 0, 10, 40, MST_ADAPT_FISHER, true, 3}, 600},
    {{"ppca", {701, 2, 1}}, {8, 1, 6, 40, MST_ADAPT_FISHER, true, 3}, 200},
    {{"ppca", {701, 2, 1}}, {10, 2, 10, 40, MST_ADAPT_FISHER, false, 4}, 300},
    {{"ppca", {1025, 3, 2}}, {10, 4, 10, 40, MST_ADAPT_VARIANCE, true, 5}, 300},
    {{"ppca", {600, 2, 1}}, {3, 16, 10, 40, MST_ADAPT_VARIANCE, false, 6}, 300},
    {{"ppca", {600, 2, 1}}, {64, 8, 10, 40, MST_ADAPT_FISHER, true, 6}, 100},
    {{"ppca", {300, 2, 1}}, {64, 1, 10, 40, MST_ADAPT_NONE, true, 6}, 100},
    {{"ppca", {34000, 2, 1}}, {8, 0, 10, 40, MST_ADAPT_FISHER, true, 7}, 40},
    {{"logistic", {900, 33, 0}}, {8, 0, 10, 40, MST_ADAPT_FISHER, true, 8}, 400},
    {{"logistic", {513, 5, 0}}, {10, 4, 10, 40, MST_ADAPT_NONE, true, 8}, 200},
    {{"hierarchical", {1200, 70, 0}}, {8, 0, 10, 40, MST_ADAPT_FISHER, true, 9}, 400},
    {{"hierarchical", {1200, 70, 0}}, {3, 16, 10, 40, MST_ADAPT_VARIANCE, false, 9}, 200},
    {{"eight_schools", {8, 0, 0}}, {10, 0, 10, 40, MST_ADAPT_FISHER, true, 10}, 400},
    {{"eight_schools_centered", {8, 0, 0}}, {3, 2, 10, 40, MST_ADAPT_FISHER, false, 11}, 400},
};

static void draws_do_not_depend_on_ranks_and_threads(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
    const law *l = &laws[i];
    fixture g, h;
    fixture_make(&g, &alone, l->p.model, l->p.size, 21, NULL, NULL);
    fixture_make(&h, &all, l->p.model, l->p.size, 21, NULL, NULL);
    const uint64_t want = drive_hash(&alone, &g, &l->o, l->steps);
    for (int threads = 1; threads < 4; threads++) {
      mst_comm comm = all;
      comm.threads = threads;
      if (drive_hash(&comm, &h, &l->o, l->steps) != want)
        fail_msg("%s, N = %ld, %d chains: %d ranks with %d threads go another way", l->p.model,
                 (long)l->p.size[0], l->o.chains, all.size, threads);
    }
    fixture_free(&g);
    fixture_free(&h);
  }
}

/* Lanes without a chain, and chains in other lanes, change nothing for a chain (no pool). */
static void a_chain_does_not_depend_on_its_lane(void **state) {
  (void)state;
  const problem p = {"hierarchical", {300, 4, 0}};
  drive_options o = {2, 8, 10, 30, MST_ADAPT_FISHER, false, 3};
  drive few, many;
  fixture g;
  fixture_make(&g, &all, p.model, p.size, 2, NULL, NULL);
  drive_begin(&few, &all, &g, &o);
  o.chains = 13;
  drive_begin(&many, &all, &g, &o);
  /* chains look for starting points together, so `many` may be steps behind: compare draw by
     draw */
  for (int draw = 0; draw < 20; draw++) {
    mst_draw_stats made[2];
    for (int which = 0; which < 2; which++) {
      drive *d = which ? &many : &few;
      do drive_step(d);
      while (!d->engine.made[0]);
      made[which] = d->engine.tree[0].draw;
    }
    assert_true(made[0].lp == made[1].lp && made[0].n_steps == made[1].n_steps);
  }
  drive_end(&few);
  drive_end(&many);
  fixture_free(&g);
}

/* ---- messages ---- */

static void a_step_is_one_allreduce(void **state) {
  (void)state;
  const problem tried[] = {{"ppca", {600, 2, 1}},
                           {"hierarchical", {700, 12, 0}},
                           {"logistic", {300, 9, 0}},
                           {"eight_schools", {8, 0, 0}}};
  for (int i = 0; i < 4; i++) {
    const drive_options o = {10, 4, 10, 20, MST_ADAPT_FISHER, true, 3};
    drive d;
    fixture g;
    fixture_make(&g, &all, tried[i].model, tried[i].size, 2, NULL, NULL);
    drive_begin(&d, &all, &g, &o);
    for (int k = 0; k < 150; k++) {
      const call_counts before = calls;
      drive_step(&d);
      assert_int_equal(calls.allreduce - before.allreduce, 1);
      assert_int_equal(calls.other - before.other, 0);
    }
    drive_end(&d);
    fixture_free(&g);
  }
}

/* Under a metric that is spread: the ranks' states are compared, one reduction, one product; two
 * more products, of all lanes that start together, where chains start. */
static void a_spread_step_has_few_more(void **state) {
  (void)state;
  const problem p = {"hierarchical", {300, 12, 0}};
  hand h = {0};
  hand_begin(&h, &p, 5, 8, true);
  set_dist(&h);
  for (int c = 0; c < h.engine.slots; c++) h.engine.pass.chain[c].slot = 0;
  hand_step(&h, MST_START_INIT, 0, 0, 0, 1, false);
  for (int k = 0; k < 3; k++) {
    const call_counts before = calls;
    const int64_t counted = h.target->collectives;
    hand_step(&h, k ? MST_START_NONE : MST_START_DRAW, 0, 1, 0.01, 2, false);
    assert_int_equal(calls.allreduce - before.allreduce, 1);
    assert_int_equal(calls.other - before.other, all.size == 1 ? 0 : k ? 1 : 3);
    assert_int_equal(h.target->collectives - counted, k ? 2 : 4);
  }
  hand_end(&h);
}

/* What the sampler does around its loop does not grow with it. */
static void a_run_has_one_collective_a_step(void **state) {
  (void)state;
  const int64_t size[] = {600, 2, 1}, limit[] = {1200, 1700, 150, 450};
  call_counts made[4];
  mst_sample_result result;
  for (int i = 0; i < 4; i++) {
    fixture g;
    mst_error err = {0};
    mst_sample_options o;
    fixture_make(&g, &all, "ppca", size, 2, NULL, NULL);
    mst_sample_defaults(&o);
    o.warmup = 20;
    o.draws = 5000;
    o.max_steps = limit[i];
    o.sampler = i < 2 ? MST_SAMPLER_ROTATION : MST_SAMPLER_NUTS;
    const call_counts before = calls;
    mst_sample(&all, &g.set, &g.data, mst_isa_here(), &o, NULL, NULL, &result, &err);
    must(&err);
    made[i].allreduce = calls.allreduce - before.allreduce;
    made[i].other = calls.other - before.other;
    assert_int_equal(result.steps, limit[i]);
    assert_int_equal(result.collectives, result.steps);
    assert_true((result.rotations.draws > 0) == (i < 2));
    fixture_free(&g);
  }
  for (int i = 0; i < 4; i += 2) {
    assert_int_equal(made[i + 1].allreduce - made[i].allreduce, limit[i + 1] - limit[i]);
    assert_int_equal(made[i + 1].other, made[i].other);
  }
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&all, &err)) mst_abort_all(&all, &err);
  alone = (mst_comm){.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  all.threads = 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(leapfrog_is_reversible),
      cmocka_unit_test(energy_error_is_of_second_order),
      cmocka_unit_test(other_end_goes_on_backwards),
      cmocka_unit_test(rotation_is_reversible),
      cmocka_unit_test(rotation_keeps_volume),
      cmocka_unit_test(draws_do_not_depend_on_ranks_and_threads),
      cmocka_unit_test(a_chain_does_not_depend_on_its_lane),
      cmocka_unit_test(a_step_is_one_allreduce),
      cmocka_unit_test(a_spread_step_has_few_more),
      cmocka_unit_test(a_run_has_one_collective_a_step),
  };
  int failed = cmocka_run_group_tests_name("engine", tests, NULL, NULL);
  mst_comm_end(&all);
  return failed;
}
