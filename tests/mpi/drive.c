/* tests/mpi/drive.c -- see drive.h. */
#include "drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "base/isa.h"

static void engine_step(drive *d) {
  mst_error err = {0};
  mst_engine_step(&d->engine, &err);
  must(&err);
}

void drive_begin(drive *d, const mst_comm *comm, const fixture *g, const drive_options *o) {
  mst_error err = {0};
  memset(d, 0, sizeof *d);
  mst_target_create(&d->target, comm, &g->set, &g->data, mst_isa_here(), o->chains, o->lanes,
                    MST_EXACT, &err);
  must(&err);
  const mst_engine_options eo = {.seed = o->seed,
                                 .init_radius = 2,
                                 .step_size = 0.1,
                                 .max_depth = o->max_depth,
                                 .adaptation = o->adaptation,
                                 .pooled = o->pooled};
  mst_engine_begin(&d->engine, d->target, &eo, &err);
  must(&err);
  d->warm = calloc((size_t)o->chains, sizeof *d->warm);
  d->draws = calloc((size_t)o->chains, sizeof *d->draws);
  mst_warmup_begin(&d->warmup, &d->engine.pass, d->engine.tree, d->warm, o->chains, o->warmup, 0.8);
  for (bool looking = true; looking;) {
    looking = false;
    engine_step(d);
    for (int c = 0; c < d->engine.slots; c++) looking |= d->engine.tree[c].phase == MST_CHAIN_INIT;
  }
  for (int c = 0; c < o->chains; c++) mst_tree_point(&d->engine.tree[c]);
  d->engine.pass.metric_instruction.from_gradient = o->adaptation == MST_ADAPT_FISHER;
  engine_step(d);
  for (int c = 0; c < d->engine.slots; c++) {
    if (c < o->chains)
      mst_tree_search(&d->engine.tree[c]);
    else
      d->engine.tree[c].phase = MST_CHAIN_DONE;
  }
}

void drive_end(drive *d) {
  mst_engine_end(&d->engine);
  mst_target_free(&d->target);
  free(d->warm);
  free(d->draws);
}

void drive_step(drive *d) {
  mst_warmup_step(&d->warmup);
  engine_step(d);
  for (int c = 0; c < d->engine.chains; c++) {
    if (!d->engine.made[c]) continue;
    if (d->warm[c].over)
      d->draws[c]++;
    else
      mst_warmup_draw(&d->warmup, c);
  }
}

/* Every row-local element of batch b on rank 0, in the order of rows; hashed into h. */
static uint64_t hash_locals(const mst_comm *comm, const drive *d, int b, uint64_t h) {
  const mst_state *s = &d->engine.pass.local[b];
  const int mine = (int)(s->elements * d->target->lanes);
  int *counts = calloc((size_t)comm->size, sizeof *counts), *at = calloc((size_t)comm->size, 4);
  MPI_Gather(&mine, 1, MPI_INT, counts, 1, MPI_INT, 0, comm->mpi);
  for (int r = 1; r < comm->size; r++) at[r] = at[r - 1] + counts[r - 1];
  const size_t n = (size_t)(at[comm->size - 1] + counts[comm->size - 1]);
  double *q = calloc(n + 1, 8);
  MPI_Gatherv(s->q, mine, MPI_DOUBLE, q, counts, at, MPI_DOUBLE, 0, comm->mpi);
  h = XXH3_64bits_withSeed(q, n * 8, h);
  MPI_Bcast(&h, 1, MPI_UINT64_T, 0, comm->mpi);
  free(q);
  free(at);
  free(counts);
  return h;
}

uint64_t drive_hash(const mst_comm *comm, const fixture *g, const drive_options *o, int steps) {
  drive d;
  uint64_t h = 0;
  drive_begin(&d, comm, g, o);
  for (int i = 0; i < steps; i++) {
    drive_step(&d);
    for (int b = 0; b < d.target->batches; b++) {
      const mst_state *s = &d.engine.pass.global[b];
      h = XXH3_64bits_withSeed(s->q, (size_t)(s->elements * d.target->lanes) * 8, h);
    }
  }
  /* one a step, and two more where sums change their units */
  const int64_t more = d.target->collectives - d.engine.steps;
  assert_true(more == 0 || (d.target->range.scaled && more > 0 && more <= 8));
  for (int b = 0; b < d.target->batches; b++) h = hash_locals(comm, &d, b, h);
  drive_end(&d);
  return h;
}
