/* Room nuts: the tree as a state machine against the recursion it stands for (tree_reference.h).
 *
 * The host here plays the pass: it keeps a pool of tagged buffers, moves a trajectory, and hands
 * energies and products back. A buffer that was overwritten while still needed shows in its tag. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "nuts/tree.h"
#include "tree_reference.h"

#define SEED 20261123

/* ---- trajectories ---- */

/* A trajectory in D dimensions from a Gaussian with these scales, kept by point. */
#define D 2
#define SPAN (1 << 11)
typedef struct phase_point {
  double q[D], p[D], energy;
} phase_point;

typedef struct trajectory {
  phase_point point[2 * SPAN + 1]; /* SPAN: the start */
  double scale[D], eps, cliff;     /* beyond |q0| = cliff the density is zero */
  int left, right;                 /* made so far */
  uint64_t epoch;
} trajectory;

static void gradient(const trajectory *t, const double *q, double *g) {
  for (int i = 0; i < D; i++) g[i] = -q[i] / (t->scale[i] * t->scale[i]);
}

static double log_density(const trajectory *t, const double *q) {
  double lp = 0;
  for (int i = 0; i < D; i++) lp -= 0.5 * q[i] * q[i] / (t->scale[i] * t->scale[i]);
  return fabs(q[0]) > t->cliff ? -INFINITY : lp;
}

static void set_energy(const trajectory *t, phase_point *x) {
  double kinetic = 0;
  for (int i = 0; i < D; i++) kinetic += 0.5 * x->p[i] * x->p[i];
  x->energy = kinetic - log_density(t, x->q);
}

static phase_point leapfrog(const trajectory *t, phase_point x, double eps) {
  double g[D];
  gradient(t, x.q, g);
  for (int i = 0; i < D; i++) x.p[i] += 0.5 * eps * g[i];
  for (int i = 0; i < D; i++) x.q[i] += eps * x.p[i];
  gradient(t, x.q, g);
  for (int i = 0; i < D; i++) x.p[i] += 0.5 * eps * g[i];
  set_energy(t, &x);
  return x;
}

static const phase_point *point_at(trajectory *t, int i) {
  assert_true(abs(i) <= SPAN);
  for (; t->right < i; t->right++)
    t->point[SPAN + t->right + 1] = leapfrog(t, t->point[SPAN + t->right], t->eps);
  for (; t->left > i; t->left--)
    t->point[SPAN + t->left - 1] = leapfrog(t, t->point[SPAN + t->left], -t->eps);
  return &t->point[SPAN + i];
}

static void start_trajectory(trajectory *t, const double *q, uint64_t epoch) {
  phase_point *x = &t->point[SPAN];
  for (int i = 0; i < D; i++) {
    const double u = mst_uniform(SEED, 0, epoch, MST_USE_CHECK, (uint64_t)(2 * i));
    const double v = mst_uniform(SEED, 0, epoch, MST_USE_CHECK, (uint64_t)(2 * i + 1));
    x->q[i] = q[i];
    x->p[i] = sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
  }
  set_energy(t, x);
  t->left = t->right = 0;
  t->epoch = epoch;
}

static double product(trajectory *t, int a, int b, int at) {
  const phase_point x = *point_at(t, a), y = *point_at(t, b), *p = at == a ? &x : &y;
  double sum = 0;
  for (int i = 0; i < D; i++) sum += (y.q[i] - x.q[i]) * p->p[i];
  return sum;
}

static double true_error(void *context, int i) {
  trajectory *t = context;
  return point_at(t, i)->energy - t->point[SPAN].energy;
}

static bool true_turns(void *context, int left, int right) {
  return !(product(context, left, right, left) > 0 && product(context, left, right, right) > 0);
}

static double true_uniform(void *context, int index) {
  const trajectory *t = context;
  return mst_uniform(SEED, 3, t->epoch, MST_USE_TREE, (uint64_t)index);
}

/* ---- made-up worlds: U-turns and errors by number, not by dynamics ---- */

typedef struct made_up {
  uint64_t epoch;
  double turn_probability;
  int diverge_at; /* point */
  double size;    /* of energy errors */
} made_up;

static double made_up_error(void *context, int i) {
  const made_up *m = context;
  if (i == m->diverge_at) return 2000;
  return m->size *
         (2 * mst_uniform(SEED, 9, m->epoch, MST_USE_CHECK, (uint64_t)(i + (1 << 20))) - 1);
}

static bool made_up_turns(void *context, int left, int right) {
  const made_up *m = context;
  const uint64_t both = ((uint64_t)(left + (1 << 20)) << 24) + (uint64_t)(right + (1 << 20));
  return mst_uniform(SEED, 10, m->epoch, MST_USE_CHECK, both) < m->turn_probability;
}

static double made_up_uniform(void *context, int index) {
  const made_up *m = context;
  return mst_uniform(SEED, 3, m->epoch, MST_USE_TREE, (uint64_t)index);
}

/* ---- the host ---- */

typedef struct host {
  mst_tree tree;
  tree_outcome *want;
  int tag[MST_MAX_POINTS]; /* point that a buffer holds */
  int end[2];              /* the end that moves, and the other one */
} host;

static void check_pairs(const host *h, const mst_instruction *o, int leaf, bool last) {
  const tree_outcome *w = h->want;
  const int n = w->checks[leaf + 1] - w->checks[leaf];
  const tree_pair *check = w->check + w->checks[leaf];
  /* the recursion stops at the first subtree that turned; the tree has asked for all it may need */
  assert_true(last ? o->npairs >= n : o->npairs == n);
  for (int k = 0; k < n; k++) {
    assert_int_equal(h->tag[o->a[k]], check[k].a);
    assert_int_equal(h->tag[o->b[k]], check[k].b);
  }
}

/* (q_b - q_a).p_a and (q_b - q_a).p_b; a was built before b. */
static void pair_products(const tree_world *world, int a, int b, double *out) {
  if (world->turns == true_turns) {
    out[0] = product(world->context, a, b, a);
    out[1] = product(world->context, a, b, b);
    return;
  }
  /* both are positive forwards in time, negative backwards; one that is not is a turn */
  const bool turn = world->turns(world->context, a < b ? a : b, a < b ? b : a);
  out[0] = out[1] = b > a ? 1.0 : -1.0;
  if (turn) out[(a ^ b) & 1] *= b & 2 ? 0.0 : -1.0;
}

static void move(host *h, const mst_instruction *o) {
  if (o->start == MST_START_DRAW) {
    h->tag[o->origin] = 0;
    h->end[0] = h->end[1] = 0;
  }
  if (o->flip) {
    const int other = h->end[1];
    h->end[1] = h->end[0];
    h->end[0] = other;
  }
  h->end[0] += o->eps > 0 ? 1 : -1;
  h->tag[o->leaf] = h->end[0];
}

/* One draw of the tree, step by step beside the reference's. */
static void draw_beside(host *h, const tree_world *world, tree_outcome *want, double energy0) {
  double products[2 * MST_MAX_PAIRS] = {0};
  bool done = false;
  tree_reference(world, want);
  h->want = want;
  for (int leaf = 0; leaf < want->leaves; leaf++) {
    mst_instruction o;
    assert_false(done);
    const int origin = h->tree.prop;
    mst_tree_plan(&h->tree, &o);
    assert_true(o.active && (o.start == MST_START_DRAW) == (leaf == 0));
    if (leaf == 0) assert_true(o.origin == origin);
    assert_true(o.leaf >= 0 && o.leaf < 2 * h->tree.max_depth + 6);
    assert_true(o.npairs <= mst_tree_pairs(h->tree.depth));
    move(h, &o);
    assert_int_equal(h->end[0], want->point[leaf]);
    assert_true(fabs(o.eps) == h->tree.step_size);
    check_pairs(h, &o, leaf, leaf == want->leaves - 1);
    for (int k = 0; k < o.npairs; k++)
      pair_products(world, h->tag[o.a[k]], h->tag[o.b[k]], products + 2 * k);
    const double error = world->error(world->context, h->end[0]), k1 = 0.25;
    done = mst_tree_digest(&h->tree, &o, k1 - (energy0 + error), energy0 + h->tree.lp[origin], k1,
                           products);
  }
  assert_true(done);
  const mst_draw_stats *d = &h->tree.draw;
  assert_int_equal(d->n_steps, want->leaves);
  assert_int_equal(d->tree_depth, want->depth);
  assert_int_equal(d->diverging, want->diverging);
  assert_int_equal(d->reached_max_treedepth, want->saturated);
  assert_int_equal(h->tag[h->tree.prop], want->chosen);
  assert_true(fabs(d->acceptance_rate - want->accept) < 1e-9);
}

static void begin_draws(host *h, int max_depth, double eps) {
  mst_instruction o;
  memset(h, 0, sizeof *h);
  mst_tree_begin(&h->tree, SEED, 3, max_depth, eps);
  mst_tree_plan(&h->tree, &o);
  assert_true(o.active && o.start == MST_START_INIT && o.eps == 0 && o.npairs == 0);
  assert_false(mst_tree_digest(&h->tree, &o, -1.0, 0, 0, NULL));
  assert_int_equal(h->tree.phase, MST_CHAIN_READY);
  mst_tree_go(&h->tree);
}

/* ---- tests: whole draws ---- */

static void draws_on_a_gaussian(double eps, double narrow, double cliff, int max_depth, int draws) {
  static host h;
  static trajectory t;
  tree_outcome *want = malloc(sizeof *want);
  assert_non_null(want);
  t = (trajectory){.scale = {narrow, 1.0}, .eps = eps, .cliff = cliff};
  const tree_world world = {true_error, true_turns, true_uniform, &t, max_depth};
  begin_draws(&h, max_depth, eps);
  double q[D] = {0.3 * narrow, -0.5}, mean = 0, square = 0;
  for (int i = 0; i < draws; i++) {
    start_trajectory(&t, q, h.tree.epoch + 1);
    draw_beside(&h, &world, want, t.point[SPAN].energy);
    memcpy(q, point_at(&t, h.tag[h.tree.prop])->q, sizeof q);
    mean += q[1] / draws;
    square += q[1] * q[1] / draws;
  }
  free(want);
  if (cliff < INFINITY || max_depth < 5) return;
  /* and the draws are from the Gaussian: antithetic draws make these bounds wide */
  assert_true(fabs(mean) < 5 / sqrt(draws) && fabs(square - 1) < 8 / sqrt(draws));
}

static void tree_is_the_recursion_on_gaussians(void **state) {
  (void)state;
  draws_on_a_gaussian(0.9, 1.0, INFINITY, 10, 3000);
  draws_on_a_gaussian(0.11, 0.1, INFINITY, 10, 1500);
  draws_on_a_gaussian(0.03, 0.02, INFINITY, 10, 300);
  draws_on_a_gaussian(1.9, 1.0, INFINITY, 10, 1500); /* near the edge of stability */
  draws_on_a_gaussian(0.05, 1.0, INFINITY, 3, 300);  /* saturated */
}

static void tree_is_the_recursion_when_it_diverges(void **state) {
  (void)state;
  draws_on_a_gaussian(0.3, 1.0, 1.2, 10, 2000);
  draws_on_a_gaussian(2.5, 1.0, INFINITY, 4, 100); /* unstable: errors grow without bound */
}

/* U-turns and weights by lot, so that trees stop at every place where they can. */
static void tree_is_the_recursion_when_turns_are_drawn_by_lot(void **state) {
  (void)state;
  static host h;
  const double probability[] = {0.3, 0.05, 0.01, 0.002};
  tree_outcome *want = malloc(sizeof *want);
  int stops[1 << 7] = {0};
  assert_non_null(want);
  for (int i = 0; i < 4; i++) {
    made_up m = {
        .turn_probability = probability[i], .diverge_at = i == 2 ? 17 : 1 << 19, .size = 3};
    const tree_world world = {made_up_error, made_up_turns, made_up_uniform, &m, 10};
    begin_draws(&h, 10, 0.5);
    for (int draw = 0; draw < 2000; draw++) {
      m.epoch = h.tree.epoch + 1;
      draw_beside(&h, &world, want, 1.0);
      if (want->leaves < 1 << 7) stops[want->leaves]++;
    }
  }
  /* a subtree closes at every second leaf: all odd lengths */
  for (int n = 1; n < 32; n += 2) assert_true(stops[n] > 0);
  free(want);
}

/* All directions, no turns: each buffer that a check reads still holds the point it should. */
static void no_needed_buffer_is_overwritten(void **state) {
  (void)state;
  static host h;
  static bool seen[1 << 6];
  tree_outcome *want = malloc(sizeof *want);
  assert_non_null(want);
  const int depths[] = {6, 10, 13, MST_MAX_DEPTH}, draws[] = {1200, 60, 6, 1};
  for (int i = 0; i < 4; i++) {
    made_up m = {.turn_probability = 0, .diverge_at = 1 << 19, .size = 1};
    const tree_world world = {made_up_error, made_up_turns, made_up_uniform, &m, depths[i]};
    begin_draws(&h, depths[i], 0.5);
    for (int draw = 0; draw < draws[i]; draw++) {
      m.epoch = h.tree.epoch + 1;
      draw_beside(&h, &world, want, 1.0);
      assert_true(want->saturated && want->leaves == (1 << depths[i]) - 1);
      int directions = 0;
      for (int d = 0; d < 6; d++) directions |= (want->point[(1 << d) - 1] > 0) << d;
      if (i == 0) seen[directions] = true;
    }
  }
  for (int d = 0; d < 1 << 6; d++) assert_true(seen[d]);
  free(want);
}

/* ---- tests: one thing at a time ---- */

static bool step(mst_tree *t, mst_instruction *o, double lp, double k0, double k1, double sign) {
  double products[2 * MST_MAX_PAIRS];
  mst_tree_plan(t, o);
  for (int k = 0; k < 2 * MST_MAX_PAIRS; k++) products[k] = sign * t->direction;
  return mst_tree_digest(t, o, lp, k0, k1, products);
}

static void nan_energy_is_a_divergence(void **state) {
  (void)state;
  host h;
  mst_instruction o;
  const double bad_lp[] = {NAN, -INFINITY, -1002.0};
  for (int i = 0; i < 3; i++) {
    begin_draws(&h, 10, 0.5);
    assert_false(step(&h.tree, &o, -1.0, 1, 1, 1));
    while (!step(&h.tree, &o, h.tree.leapfrogs < 4 ? -1.0 : bad_lp[i], 1, 1, 1)) continue;
    assert_true(h.tree.draw.diverging && h.tree.draw.n_steps == 5);
    assert_true(h.tree.draw.acceptance_rate == 4.0 / 5.0);
    /* the point comes from the first three leaves or the start: not from the doubling that
       failed */
    assert_true(h.tree.prop != o.leaf && h.tree.draw.tree_depth == 2);
  }
}

/* An error of just 1000 is no divergence. */
static void divergence_begins_beyond_the_limit(void **state) {
  (void)state;
  host h;
  mst_instruction o;
  begin_draws(&h, 1, 0.5);
  assert_true(step(&h.tree, &o, -1.0 - MST_DIVERGENCE, 1, 1, 1));
  assert_false(h.tree.draw.diverging);
  assert_true(step(&h.tree, &o, -1.0 - nextafter(MST_DIVERGENCE + 1, INFINITY), 1, 1, 1));
  assert_true(h.tree.draw.diverging);
}

static void a_start_is_looked_for_a_hundred_times(void **state) {
  (void)state;
  mst_tree t;
  mst_instruction o;
  uint64_t before = 0;
  mst_tree_begin(&t, SEED, 0, 10, 1.0);
  for (int i = 0; i < MST_INIT_TRIES; i++) {
    assert_int_equal(t.phase, MST_CHAIN_INIT);
    step(&t, &o, i % 2 ? NAN : -INFINITY, 0, 0, 1);
    assert_true(o.epoch > before); /* another point each time */
    before = o.epoch;
  }
  assert_int_equal(t.phase, MST_CHAIN_FAILED);
  mst_tree_begin(&t, SEED, 0, 10, 1.0);
  step(&t, &o, -3.0, 0, NAN, 1); /* a gradient that is not finite is no start either */
  assert_int_equal(t.phase, MST_CHAIN_INIT);
  step(&t, &o, -3.0, 0, 0, 1);
  assert_int_equal(t.phase, MST_CHAIN_READY);
}

/* On a unit Gaussian in one dimension, from q with momentum p: the search must cross log 0.8. */
static void step_size_search_crosses_the_threshold(void **state) {
  (void)state;
  const double first[] = {1.0, 1e-4, 300.0};
  for (int i = 0; i < 3; i++) {
    host h;
    mst_instruction o;
    begin_draws(&h, 10, first[i]);
    mst_tree_search(&h.tree);
    double eps = 0, gain = 0;
    int steps = 0;
    while (h.tree.phase == MST_CHAIN_SEARCH) {
      eps = h.tree.step_size;
      const double q0 = sqrt(2), p0 = 1, p = p0 - 0.5 * eps * q0, q = q0 + eps * p;
      const double p1 = p - 0.5 * eps * q;
      gain = (-0.5 * q * q - 0.5 * p1 * p1) - (-0.5 * q0 * q0 - 0.5 * p0 * p0);
      step(&h.tree, &o, -0.5 * q * q, 0.5 * p0 * p0, 0.5 * p1 * p1, 1);
      assert_true(o.eps == eps && o.start == MST_START_DRAW && ++steps < 40);
    }
    assert_int_equal(h.tree.phase, MST_CHAIN_DRAW);
    assert_true(h.tree.step_size == eps && eps > 0.2 && eps < 5);
    assert_true(h.tree.search > 0 ? gain <= log(0.8) : gain > log(0.8));
  }
}

/* Energies h0, then h: accepted with exp(h0 - h), as often as that over many draws. */
static void a_rotation_is_accepted_as_often_as_it_should(void **state) {
  (void)state;
  const double error[] = {-1.0, 0.0, 0.5, 2.0};
  for (int i = 0; i < 4; i++)
    for (int steps = 1; steps <= 3; steps++) {
      host h;
      mst_instruction o;
      const int draws = 4000;
      int moved = 0;
      begin_draws(&h, 10, 0.5);
      for (int draw = 0; draw < draws; draw++) {
        const int from = h.tree.prop;
        const double lp = h.tree.lp[from];
        h.tree.rotate = steps;
        for (int k = 0; k < steps; k++) {
          /* on the way the energy may be what it likes */
          const bool done = step(&h.tree, &o, k + 1 < steps ? -900.0 : lp, 1, 1 + error[i], 1);
          assert_true(done == (k + 1 == steps) && o.rotates && o.eps == 0 && o.npairs == 0);
          assert_true(o.leaf != from && o.start == (k ? MST_START_NONE : MST_START_DRAW));
          assert_true(fabs(o.cosine * o.cosine + o.sine * o.sine - 1) < 1e-15);
          assert_true(fabs(steps * atan2(o.sine, o.cosine) - 2 * atan(1)) < 1e-15);
        }
        assert_true(h.tree.prop == from || h.tree.prop == o.leaf);
        moved += h.tree.prop == o.leaf;
        assert_true(h.tree.lp[h.tree.prop] == lp && h.tree.draw.n_steps == steps);
        assert_true(fabs(h.tree.draw.acceptance_rate - fmin(1, exp(-error[i]))) < 1e-12);
        assert_true(h.tree.draw.energy == 1 - lp + (h.tree.prop == o.leaf ? error[i] : 0));
      }
      const double want = fmin(1, exp(-error[i]));
      assert_true(fabs(moved - want * draws) <= 4 * sqrt(want * (1 - want) * draws));
    }
}

/* No such point is moved to, and the draw ends at once. */
static void a_rotation_without_energy_stays(void **state) {
  (void)state;
  const double bad_lp[] = {NAN, -INFINITY, INFINITY, -1002.0};
  for (int i = 0; i < 4; i++) {
    host h;
    mst_instruction o;
    begin_draws(&h, 10, 0.5);
    const int from = h.tree.prop;
    h.tree.rotate = 3;
    assert_true(step(&h.tree, &o, bad_lp[i], 1, 1, 1));
    assert_true(h.tree.prop == from && h.tree.draw.n_steps == 1 && !h.tree.draw.diverging);
    h.tree.rotate = 0; /* and a trajectory follows */
    step(&h.tree, &o, -1.0, 1, 1, 1);
    assert_true(!o.rotates && o.start == MST_START_DRAW && o.origin == from);
  }
}

static void a_resting_chain_asks_for_nothing(void **state) {
  (void)state;
  host h;
  mst_instruction o;
  begin_draws(&h, 10, 0.5);
  h.tree.phase = MST_CHAIN_DONE;
  const mst_tree before = h.tree;
  assert_false(step(&h.tree, &o, NAN, NAN, NAN, 1));
  assert_true(!o.active && o.eps == 0 && o.npairs == 0 && o.leaf != h.tree.prop);
  assert_memory_equal(&before, &h.tree, sizeof before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tree_is_the_recursion_on_gaussians),
      cmocka_unit_test(tree_is_the_recursion_when_it_diverges),
      cmocka_unit_test(tree_is_the_recursion_when_turns_are_drawn_by_lot),
      cmocka_unit_test(no_needed_buffer_is_overwritten),
      cmocka_unit_test(nan_energy_is_a_divergence),
      cmocka_unit_test(divergence_begins_beyond_the_limit),
      cmocka_unit_test(a_start_is_looked_for_a_hundred_times),
      cmocka_unit_test(step_size_search_crosses_the_threshold),
      cmocka_unit_test(a_rotation_is_accepted_as_often_as_it_should),
      cmocka_unit_test(a_rotation_without_energy_stays),
      cmocka_unit_test(a_resting_chain_asks_for_nothing),
  };
  return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
