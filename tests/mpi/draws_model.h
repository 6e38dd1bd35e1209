/* tests/mpi/draws_model.h -- a model whose draws say where they belong, for tests.
 *
 * Parameters: w[D,K] column-major, tau scalar, S[D,D] (a size twice), and row-local z[N,K] and
 * u[K,N,D] (sharded in the middle); derived: v[K]. The number at row-major index i of each is
 * known: draws_cell.
 */
#ifndef MST_TESTS_DRAWS_MODEL_H
#define MST_TESTS_DRAWS_MODEL_H

#include <stdlib.h>

#include "model/model.h"
#include "par/shard.h"
#include "store/drawfile.h"

enum { DRAWS_W, DRAWS_TAU, DRAWS_S, DRAWS_Z, DRAWS_U, DRAWS_PARAMS };

static const masting_size draws_sizes[] = {
    {.name = "N", .doc = "rows"}, {.name = "D", .doc = "dims"}, {.name = "K", .doc = "factors"}};

static const masting_param draws_params[DRAWS_PARAMS] = {
    [DRAWS_W] = {.name = "w", .ndims = 2, .dims = {1, 2}, .column_major = 1},
    [DRAWS_TAU] = {.name = "tau"},
    [DRAWS_S] = {.name = "S", .ndims = 2, .dims = {1, 1}},
    [DRAWS_Z] = {.name = "z", .ndims = 2, .dims = {0, 2}},
    [DRAWS_U] = {.name = "u", .ndims = 3, .dims = {2, 0, 1}},
};

static const masting_param draws_derived[] = {{.name = "v", .ndims = 1, .dims = {2}}};

static void draws_rows(void *state, const masting_block *block) {
  (void)state;
  (void)block;
}

/* The tests put the derived numbers themselves. */
static void draws_derive(void *state, const int64_t *size, const void *const *data,
                         const double *theta, const masting_derive *at, double *out) {
  (void)at;
  (void)state, (void)size, (void)data, (void)theta, (void)out;
}

/* with_u 0: z is the only row-local parameter, the case that is written straight from memory. */
static masting_model draws_model(int with_u) {
  return (masting_model){.abi = MASTING_ABI,
                         .lanes = MASTING_LANES,
                         .name = "draws",
                         .doc = "test",
                         .sizes = draws_sizes,
                         .nsizes = 3,
                         .shard = 0,
                         .params = draws_params,
                         .nparams = with_u ? DRAWS_PARAMS : DRAWS_U,
                         .rows = draws_rows,
                         .derived = draws_derived,
                         .nderived = 1,
                         .derive = draws_derive};
}

/* draw -1: the mean, -2: the sd of moments. */
static inline double draws_cell(int param, int phase, int chain, int draw, int64_t i) {
  return 1e10 * param + 5e9 * phase + 1e8 * chain + 1e5 * draw + (double)i + 0.25;
}

static inline void draws_theta(const mst_layout *l, int phase, int chain, int draw, double *theta) {
  for (int p = 0; p < l->outputs; p++)
    for (int64_t i = 0; i < l->param[p].elements && !l->param[p].local; i++)
      theta[l->param[p].offset + mst_layout_from_row_major(l, p, i)] =
          draws_cell(p, phase, chain, draw, i);
}

/* local: [rows][L]. */
static inline void draws_local(const mst_layout *l, const mst_shard *shard, int phase, int chain,
                               int draw, double *local) {
  for (int64_t r = 0; r < shard->rows; r++)
    for (int p = 0; p < l->model->nparams; p++) {
      const mst_param_layout *q = &l->param[p];
      if (!q->local) continue;
      int64_t row = mst_to_global(shard, (mst_lrow){r}).v;
      for (int64_t e = 0; e < q->elements; e++) {
        int64_t b = e / q->after, a = e % q->after;
        local[r * l->locals + q->offset + e] =
            draws_cell(p, phase, chain, draw, (b * l->n + row) * q->after + a);
      }
    }
}

static inline mst_draw_stats draws_stats(int chain, int draw) {
  return (mst_draw_stats){.lp = -1.5 * draw - chain,
                          .acceptance_rate = 1.0 / (1 + draw),
                          .step_size = 0.5 + chain,
                          .energy = 10 + draw % 7,
                          .energy_error = 0.125 * draw,
                          .max_energy_error = -0.25 * draw,
                          .tree_depth = draw % 10,
                          .n_steps = draw + 1,
                          .diverging = draw % 5 == 3,
                          .reached_max_treedepth = draw % 6 == 4};
}

#endif
