/* tests/mpi/fixture.c -- see fixture.h. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "base/isa.h"
#include "base/mem.h"
#include "data/simrng.h"

void must(const mst_error *err) {
  if (err->status != MASTING_OK) fail_msg("%s", err->message);
}

const masting_model *fixture_model(const fixture *g) {
  for (int i = 0; i < 5; i++)
    if (g->set.width[i]) return g->set.width[i];
  fail_msg("no kernels");
  return NULL;
}

static int64_t type_bytes(masting_type type) { return type == MASTING_F64 ? 8 : 4; }

static void allocate(fixture *g, const masting_model *m, mst_error *err) {
  mst_dataset *d = &g->data;
  for (int v = 0; v < m->ndata; v++) {
    int64_t bytes = type_bytes(m->data[v].type);
    d->type[v] = m->data[v].type;
    for (int k = 0; k < m->data[v].ndims; k++) {
      if (m->data[v].dims[k] == m->shard)
        d->sharded[v] = 1;
      else
        bytes *= d->size[m->data[v].dims[k]];
    }
    d->row_bytes[v] = d->sharded[v] ? bytes : 0;
    mst_alloc(&d->var[v], (size_t)(d->sharded[v] ? d->shard.rows : 1), (size_t)bytes, "data", err);
  }
}

static void simulate(fixture *g, const masting_model *m, uint64_t seed, mst_error *err) {
  mst_dataset *d = &g->data;
  mst_layout layout;
  masting_rng rng;
  const masting_sim sim = {.size = d->size, .ops = &mst_simrng_ops, .rng = &rng};
  double *theta = NULL, *local = NULL;
  if (mst_layout_make(&layout, m, d->size, err) != MASTING_OK) return;
  mst_alloc((void **)&theta, (size_t)layout.globals, 8, "parameters", err);
  mst_alloc((void **)&local, (size_t)layout.locals, 8, "parameters", err);
  if (err->status != MASTING_OK) return;
  mst_simrng_start(&rng, seed, MST_USE_SIM_GLOBAL, 0);
  if (m->sim_global) m->sim_global(&sim, theta);
  mst_simrng_start(&rng, seed, MST_USE_SIM_DATA, 0);
  if (m->sim_data) m->sim_data(&sim, theta, d->var);
  for (int64_t r = 0; m->sim_row && r < d->shard.rows; r++) {
    const int64_t row = d->shard.first_row.v + r;
    void *at[MST_MAX_DATA] = {0};
    for (int v = 0; v < m->ndata; v++)
      if (d->sharded[v]) at[v] = (char *)d->var[v] + r * d->row_bytes[v];
    mst_simrng_start(&rng, seed, MST_USE_SIM_ROW, row);
    m->sim_row(&sim, theta, (const void *const *)d->var, row, local, at);
  }
  mst_free(&theta);
  mst_free(&local);
}

void fixture_bind(fixture *g, const mst_comm *comm, const mst_model_set *set, const int64_t *size,
                  uint64_t seed, fixture_fill *fill, void *context) {
  mst_error err = {0};
  if (set != &g->set) {
    memset(g, 0, sizeof *g);
    g->set = *set;
  }
  const masting_model *m = fixture_model(g);
  mst_dataset *d = &g->data;
  memcpy(d->size, size, (size_t)m->nsizes * sizeof *size);
  d->shard = mst_shard_make(m->shard >= 0 ? size[m->shard] : 0, comm->rank, comm->size);
  allocate(g, m, &err);
  if (err.status == MASTING_OK && !fill) simulate(g, m, seed, &err);
  must(&err);
  for (int v = 0; fill && v < m->ndata; v++) {
    if (!d->sharded[v]) fill(context, v, -1, d->var[v]);
    for (int64_t r = 0; d->sharded[v] && r < d->shard.rows; r++)
      fill(context, v, d->shard.first_row.v + r, (char *)d->var[v] + r * d->row_bytes[v]);
  }
}

void fixture_make(fixture *g, const mst_comm *comm, const char *model, const int64_t *size,
                  uint64_t seed, fixture_fill *fill, void *context) {
  mst_error err = {0};
  memset(g, 0, sizeof *g);
  mst_model_open(&g->set, model, (int)mst_isa_here(), &err);
  must(&err);
  fixture_bind(g, comm, &g->set, size, seed, fill, context);
}

void fixture_free(fixture *g) {
  for (int v = 0; v < MST_MAX_DATA; v++) mst_free(&g->data.var[v]);
  mst_model_close(&g->set);
}

double *fixture_points(int64_t n, int count, double radius, uint64_t seed) {
  double *x = calloc((size_t)(n * count), sizeof *x);
  assert_non_null(x);
  for (int64_t i = 0; i < n * count; i++)
    x[i] = radius * (2 * mst_uniform(seed, 1, 0, MST_USE_CHECK, (uint64_t)i) - 1);
  return x;
}

uint64_t same_hash(const mst_comm *comm, const void *bytes, size_t count) {
  const uint64_t mine = XXH3_64bits(bytes, count);
  uint64_t first = mine;
  MPI_Bcast(&first, 1, MPI_UINT64_T, 0, comm->mpi);
  assert_true(mine == first);
  return mine;
}
