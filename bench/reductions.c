/* bench/reductions.c -- what exact sums cost: the same leapfrog steps under both reductions.
 *
 *   mpirun -n R reductions MODEL DATA.h5 STEPS
 *
 * Exact and plain sums round differently, so two runs of the sampler build other trees, and their
 * times a step are of other work. Here a leader samples (exact sums, warm-up and adaptation as
 * always) and notes, before each step, what the chains are about to do and the global parameters. A
 * follower with exact sums and one with plain sums then make the same steps, in turn, from those
 * notes: row-local parameters follow from them, so both move, write and multiply the same numbers.
 * A follower that does not come to the leader's log densities is an error.
 *
 * Prints one JSON object: microseconds of a step and exact over plain, medians over blocks of
 * STEPS_A_BLOCK steps. The ratio of processor times is what a busy machine can still tell, with one
 * thread; threads that wait for each other spin.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapt/warmup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/job.h"
#include "run/engine.h"

#define CHAINS 8
#define WARMUP 150
#define STEPS_A_BLOCK 20

typedef struct note { /* what a step starts from, but for the row-local parameters */
  mst_tree *tree;
  mst_chain_metric *chain;
  mst_metric_instruction metric_instruction;
  int depth_before;
  double *globals, *lp; /* lp: after the step */
} note;

typedef struct bench {
  mst_job job;
  mst_model_set model;
  mst_dataset data;
  mst_target *target[3];
  mst_engine engine[3]; /* leader, exact, plain */
  mst_warmup warmup;
  mst_warmup_chain warm[CHAINS];
  note notes[STEPS_A_BLOCK];
} bench;

enum { LEADER, EXACT, PLAIN };

static void must(const mst_error *err) {
  if (err->status == MASTING_OK) return;
  mst_error_print(err);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

static void *array(int64_t count, size_t size) {
  mst_error err = {0};
  void *p;
  mst_alloc(&p, (size_t)count, size, "bench", &err);
  must(&err);
  return p;
}

/* ---- the globals' memory as one array ---- */

/* One batch's globals to flat (out) or back; with flat NULL only the count of numbers. */
static int64_t each_array(const mst_state *s, int64_t lanes, int points, double *flat, bool out) {
  const int64_t n = s->stride * lanes, p = n * points;
  const struct {
    double *at;
    int64_t count;
  } part[] = {{s->q, n},
              {s->p, n},
              {s->q_other, n},
              {s->p_other, n},
              {s->point_q, p},
              {s->point_g, p},
              {(double *)s->point_p, p / 2},
              {s->minv[0], s->stride},
              {s->minv[1], s->stride}};
  int64_t at = 0;
  for (size_t i = 0; i < sizeof part / sizeof part[0]; at += part[i++].count) {
    if (!flat) continue;
    if (out)
      memcpy(flat + at, part[i].at, (size_t)part[i].count * sizeof(double));
    else
      memcpy(part[i].at, flat + at, (size_t)part[i].count * sizeof(double));
  }
  return at;
}

/* The same for all batches. */
static int64_t globals(const mst_engine *e, double *flat, bool out) {
  const int points = 2 * e->tree[0].max_depth + 6; /* as mst_engine_begin allocates */
  int64_t at = 0;
  for (int b = 0; b < e->target->batches; b++)
    at += each_array(&e->pass.global[b], e->target->lanes, points, flat ? flat + at : NULL, out);
  return at;
}

/* ---- notes ---- */

static void take_note(note *n, const mst_engine *e) {
  memcpy(n->tree, e->tree, (size_t)e->slots * sizeof *n->tree);
  memcpy(n->chain, e->pass.chain, (size_t)e->slots * sizeof *n->chain);
  n->metric_instruction = e->pass.metric_instruction;
  n->depth_before = e->depth_before;
  globals(e, n->globals, true);
}

static void follow_note(const note *n, mst_engine *e) {
  memcpy(e->tree, n->tree, (size_t)e->slots * sizeof *n->tree);
  memcpy(e->pass.chain, n->chain, (size_t)e->slots * sizeof *n->chain);
  e->pass.metric_instruction = n->metric_instruction;
  e->depth_before = n->depth_before;
  globals(e, n->globals, false);
}

/* ---- leader and followers ---- */

typedef struct cost {
  double wall, cpu; /* seconds; cpu of all threads, which spin while they wait */
} cost;

static double cpu_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static cost step(mst_engine *e) {
  mst_error err = {0};
  const double cpu = cpu_now(), wall = mst_now();
  mst_engine_step(e, &err);
  const double wall_after = mst_now();
  must(&err);
  return (cost){wall_after - wall, cpu_now() - cpu};
}

/* One step of the leader, noted in n; what the sampler does after it is in lead. */
static void noted_step(bench *b, note *n) {
  mst_engine *e = &b->engine[LEADER];
  take_note(n, e);
  step(e);
  memcpy(n->lp, e->pass.lp, (size_t)e->slots * sizeof(double));
}

static void lead(bench *b, note *n) {
  mst_engine *e = &b->engine[LEADER];
  mst_warmup_step(&b->warmup);
  noted_step(b, n);
  for (int c = 0; c < CHAINS; c++)
    if (e->made[c] && !b->warm[c].over) mst_warmup_draw(&b->warmup, c);
}

/* Cost of the step noted in n under one reduction. */
static cost follow(bench *b, int who, const note *n) {
  mst_engine *e = &b->engine[who];
  follow_note(n, e);
  const cost took = step(e);
  for (int c = 0; c < CHAINS; c++) {
    const double got = e->pass.lp[c], expected = n->lp[c];
    if (got == expected || (isnan(got) && isnan(expected))) continue;
    if (who == PLAIN && fabs(got - expected) <= 1e-8 * fabs(expected)) continue;
    fprintf(stderr,
            "reductions: chain %d: log density %.17g under %s sums, the leader's is %.17g\n", c + 1,
            got, who == EXACT ? "exact" : "plain", expected);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  return took;
}

/* As the sampler starts: points with finite density, a metric from gradients, then draws. */
static void start(bench *b) {
  mst_engine *e = &b->engine[LEADER];
  note *n = &b->notes[0];
  for (bool looking = true; looking;) {
    noted_step(b, n);
    for (int who = EXACT; who <= PLAIN; who++) follow(b, who, n);
    looking = false;
    for (int c = 0; c < e->slots; c++) looking |= e->tree[c].phase == MST_CHAIN_INIT;
  }
  for (int c = 0; c < CHAINS; c++) mst_tree_point(&e->tree[c]);
  e->pass.metric_instruction.from_gradient = true;
  noted_step(b, n);
  for (int who = EXACT; who <= PLAIN; who++) follow(b, who, n);
  for (int c = 0; c < e->slots; c++)
    if (c < CHAINS)
      mst_tree_go(&e->tree[c]);
    else
      e->tree[c].phase = MST_CHAIN_DONE;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *x, int64_t n) {
  qsort(x, (size_t)n, sizeof *x, by_size);
  return 0.5 * (x[(n - 1) / 2] + x[n / 2]);
}

/* STEPS_A_BLOCK steps: the leader's, then each follower's. */
static void block(bench *b, bool exact_first, cost *exact, cost *plain) {
  *exact = *plain = (cost){0, 0};
  for (int s = 0; s < STEPS_A_BLOCK; s++) lead(b, &b->notes[s]);
  for (int k = 0; k < 2; k++) {
    const bool is_exact = exact_first == (k == 0);
    cost *sum = is_exact ? exact : plain;
    for (int s = 0; s < STEPS_A_BLOCK; s++) {
      const cost c = follow(b, is_exact ? EXACT : PLAIN, &b->notes[s]);
      sum->wall += c.wall;
      sum->cpu += c.cpu;
    }
  }
}

static void measure(bench *b, int64_t blocks) {
  enum { EXACT_US, PLAIN_US, RATIO, EXACT_CPU, PLAIN_CPU, CPU_RATIO, COUNT };
  double *taken[COUNT], found[COUNT];
  for (int k = 0; k < COUNT; k++) taken[k] = array(blocks, sizeof(double));
  cost exact, plain;
  block(b, true, &exact, &plain); /* warms up */
  for (int64_t i = 0; i < blocks; i++) {
    block(b, i % 2, &exact, &plain);
    taken[EXACT_US][i] = exact.wall * 1e6 / STEPS_A_BLOCK;
    taken[PLAIN_US][i] = plain.wall * 1e6 / STEPS_A_BLOCK;
    taken[RATIO][i] = exact.wall / plain.wall;
    taken[EXACT_CPU][i] = exact.cpu * 1e6 / STEPS_A_BLOCK;
    taken[PLAIN_CPU][i] = plain.cpu * 1e6 / STEPS_A_BLOCK;
    taken[CPU_RATIO][i] = exact.cpu / plain.cpu;
  }
  for (int k = 0; k < COUNT; k++) {
    found[k] = median(taken[k], blocks);
    mst_free(&taken[k]);
  }
  if (b->job.comm.rank != 0) return;
  printf("{\"steps\": %lld, ", (long long)(blocks * STEPS_A_BLOCK));
  printf("\"exact_us\": %.3f, \"plain_us\": %.3f, \"ratio\": %.5f, ", found[EXACT_US],
         found[PLAIN_US], found[RATIO]);
  printf("\"exact_cpu_us\": %.3f, \"plain_cpu_us\": %.3f, \"cpu_ratio\": %.5f}\n", found[EXACT_CPU],
         found[PLAIN_CPU], found[CPU_RATIO]);
}

static void make_engines(bench *b) {
  mst_error err = {0};
  const mst_engine_options eo = {.seed = 1,
                                 .init_radius = 2.0,
                                 .step_size = 1.0,
                                 .max_depth = 10,
                                 .adaptation = MST_ADAPT_FISHER,
                                 .pooled = true};
  for (int k = 0; k < 3; k++) {
    mst_target_create(&b->target[k], &b->job.comm, &b->model, &b->data, b->job.isa, CHAINS, 0,
                      k == PLAIN ? MST_FAST : MST_EXACT, &err);
    must(&err);
    mst_engine_begin(&b->engine[k], b->target[k], &eo, &err);
    must(&err);
  }
  mst_engine *e = &b->engine[LEADER];
  mst_warmup_begin(&b->warmup, &e->pass, e->tree, b->warm, CHAINS, WARMUP, 0.8);
  const int64_t numbers = globals(e, NULL, true);
  for (int s = 0; s < STEPS_A_BLOCK; s++) {
    note *n = &b->notes[s];
    n->tree = array(e->slots, sizeof *n->tree);
    n->chain = array(e->slots, sizeof *n->chain);
    n->globals = array(numbers, sizeof(double));
    n->lp = array(e->slots, sizeof(double));
  }
}

static void free_engines(bench *b) {
  for (int k = 0; k < 3; k++) {
    mst_engine_end(&b->engine[k]);
    mst_target_free(&b->target[k]);
  }
  for (int s = 0; s < STEPS_A_BLOCK; s++) {
    mst_free(&b->notes[s].tree);
    mst_free(&b->notes[s].chain);
    mst_free(&b->notes[s].globals);
    mst_free(&b->notes[s].lp);
  }
}

int main(int argc, char **argv) {
  static bench b;
  mst_error err = {0};
  const int64_t blocks = argc == 4 ? atoll(argv[3]) / STEPS_A_BLOCK : 0;
  if (blocks < 1) {
    fprintf(stderr, "usage: reductions MODEL DATA.h5 STEPS (at least %d)\n", STEPS_A_BLOCK);
    return 2;
  }
  const mst_job_options how = {.isa = MST_ISA_COUNT, .model = argv[1]};
  const mst_read_options read = {0};
  if (mst_job_begin(&b.job, &how, &err) == MASTING_OK &&
      mst_job_load(&b.job, argv[1], argv[2], &read, &b.model, &b.data, &err) == MASTING_OK) {
    make_engines(&b);
    start(&b);
    measure(&b, blocks);
    free_engines(&b);
  }
  mst_dataset_free(&b.data);
  mst_model_close(&b.model);
  return mst_job_end(&b.job, &err);
}
