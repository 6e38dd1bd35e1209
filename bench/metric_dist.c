/* bench/metric_dist.c -- a leapfrog step under a dense metric that every rank has whole, and under
 * the same spread over the ranks.
 *
 *   mpirun -n R spread MODEL DATA.h5 STEPS
 *
 * Two engines make steps in turn, 8 chains each. Prints one JSON object, of each: microseconds
 * of the fastest step, and of the step at a tenth of all in order of time. A busy machine delays
 * single steps, so that the mean of many tells nothing; and a message waits for the slowest
 * rank, so it makes `spread` look worse than it is. See metric_dist.py.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapt/metric_fit.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/job.h"
#include "run/engine.h"
#include "run/metric_update.h"

#define CHAINS 8
#define STEP_SIZE 0.1

typedef struct side {
  mst_target *target;
  mst_engine engine;
  mst_metric_update metric_update;
  double *taken; /* [steps] seconds */
} side;

static void must(const mst_error *err) {
  if (err->status == MASTING_OK) return;
  mst_error_print(err);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

static double correlated(int i, int j, void *context) {
  (void)context;
  return 0.01 * pow(0.5, abs(i - j));
}

/* Without the spectrum that mst_metric_update_from_covariance looks at. */
static void give_whole(mst_metric *m) {
  mst_error err = {0};
  m->kind = MST_KIND_DENSE;
  for (int i = 0; i < m->n; i++)
    for (int j = 0; j <= i; j++) m->c[i * m->n + j] = m->c[j * m->n + i] = correlated(i, j, NULL);
  mst_metric_factor(m, "bench", &err);
  must(&err);
}

static void begin(side *s, const mst_job *job, const mst_model_set *model, const mst_dataset *data,
                  bool dist) {
  mst_error err = {0};
  const mst_engine_options eo = {.seed = 1,
                                 .init_radius = 0.1,
                                 .step_size = STEP_SIZE,
                                 .max_depth = 10,
                                 .adaptation = MST_ADAPT_NONE,
                                 .pooled = true};
  mst_target_create(&s->target, &job->comm, model, data, job->isa, CHAINS, 0, MST_EXACT, &err);
  must(&err);
  mst_engine_begin(&s->engine, s->target, &eo, &err);
  must(&err);
  if (dist)
    mst_metric_update_begin_dist(&s->metric_update, &s->engine, 0, &err);
  else
    mst_metric_update_begin(&s->metric_update, &s->engine, MST_KIND_DENSE, &err);
  must(&err);
  mst_metric_update_from_diagonal(&s->metric_update);
  for (bool looking = true; looking;) {
    mst_engine_step(&s->engine, &err);
    must(&err);
    looking = false;
    for (int c = 0; c < s->engine.slots; c++) looking |= s->engine.tree[c].phase == MST_CHAIN_INIT;
  }
  for (int k = 0; k < 2 && !dist; k++) give_whole(&s->engine.pass.metric[k]);
  if (dist) mst_metric_update_from_elements(&s->metric_update, correlated, NULL, "bench", &err);
  must(&err);
  for (int c = 0; c < s->engine.slots; c++)
    if (c < CHAINS)
      mst_tree_go(&s->engine.tree[c]);
    else
      s->engine.tree[c].phase = MST_CHAIN_DONE;
}

static void end(side *s) {
  mst_metric_update_end(&s->metric_update);
  mst_engine_end(&s->engine);
  mst_target_free(&s->target);
  mst_free(&s->taken);
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(side s[2], const mst_comm *comm, int64_t steps) {
  mst_error err = {0};
  for (int k = 0; k < 2; k++)
    mst_alloc((void **)&s[k].taken, (size_t)steps, sizeof(double), "bench", &err);
  must(&err);
  for (int64_t i = 0; i < steps; i++)
    for (int k = 0; k < 2; k++) {
      MPI_Barrier(comm->mpi);
      const double begun = mst_now();
      mst_engine_step(&s[k].engine, &err);
      s[k].taken[i] = mst_now() - begun;
      must(&err);
    }
  for (int k = 0; k < 2; k++) qsort(s[k].taken, (size_t)steps, sizeof(double), by_size);
  if (comm->rank == 0)
    printf("{\"parameters\": %lld, \"whole_us\": %.1f, \"spread_us\": %.1f, \"whole_tenth_us\": "
           "%.1f, \"spread_tenth_us\": %.1f}\n",
           (long long)s->target->layout.globals, 1e6 * s[0].taken[0], 1e6 * s[1].taken[0],
           1e6 * s[0].taken[steps / 10], 1e6 * s[1].taken[steps / 10]);
}

int main(int argc, char **argv) {
  static side sides[2];
  mst_job job;
  mst_error err = {0};
  mst_model_set model = {0};
  mst_dataset data = {0};
  const int64_t steps = argc == 4 ? atoll(argv[3]) : 0;
  if (steps < 10) {
    fprintf(stderr, "usage: spread MODEL DATA.h5 STEPS (at least 10)\n");
    return 2;
  }
  const mst_job_options how = {.isa = MST_ISA_COUNT, .model = argv[1]};
  const mst_read_options read = {0};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK &&
      mst_job_load(&job, argv[1], argv[2], &read, &model, &data, &err) == MASTING_OK) {
    for (int k = 0; k < 2; k++) begin(&sides[k], &job, &model, &data, k == 1);
    measure(sides, &job.comm, steps);
    for (int k = 0; k < 2; k++) end(&sides[k]);
  }
  mst_dataset_free(&data);
  mst_model_close(&model);
  return mst_job_end(&job, &err);
}
