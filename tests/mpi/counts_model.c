/* tests/mpi/counts_model.c -- see counts_model.h. */
#define MASTING_LANES 2
#include <masting/model_abi.h>

#include "counts_model.h"

enum { N, K };

static const masting_size sizes[] = {{.name = "N", .doc = "rows"}, {.name = "K", .fallback = 2}};
static const masting_data data[] = {{.name = "y", .ndims = 1, .dims = {N}}};
static const masting_param params[] = {{.name = "a"},
                                       {.name = "s", .transform = MASTING_LOWER},
                                       {.name = "b"},
                                       {.name = "z", .ndims = 2, .dims = {N, K}}};

static vreal exponential(vreal x) {
  vreal y = x;
  for (int i = 0; i < MASTING_LANES; i++) y[i] = __builtin_exp(x[i]);
  return y;
}

static void rows(void *state, const masting_block *block) {
  (void)state;
  const double *y = block->data[0];
  const vreal a = block->theta[0], s = block->theta[1], b = block->theta[2];
  for (int n = 0; n < block->rows; n++) {
    const vreal *z = block->local + 2 * n;
    const vreal eta = a + s * z[0] + b * z[1] + 0.1 * z[0] * z[1], mean = exponential(eta);
    const vreal r = y[n] - mean;
    *block->lp += y[n] * eta - mean - 0.5 * (z[0] * z[0] + z[1] * z[1]);
    block->local_grad[2 * n] = r * (s + 0.1 * z[1]) - z[0];
    block->local_grad[2 * n + 1] = r * (b + 0.1 * z[0]) - z[1];
    block->theta_grad[0] += r;
    block->theta_grad[1] += r * z[0];
    block->theta_grad[2] += r * z[1];
  }
}

static void global(void *state, int slot, const int64_t *size, const void *const *replicated,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)state;
  (void)slot;
  (void)size;
  (void)replicated;
  (void)shared_grad;
  (void)normal_grad;
  for (int i = 0; i < 3; i++) {
    *lp -= 0.5 * theta[i] * theta[i];
    grad[i] -= theta[i];
  }
}

MASTING_MODEL(counts) = {.abi = MASTING_ABI,
                         .lanes = MASTING_LANES,
                         .name = "counts",
                         .doc = "counts with two latents a row",
                         .sizes = sizes,
                         .nsizes = 2,
                         .shard = N,
                         .data = data,
                         .ndata = 1,
                         .params = params,
                         .nparams = 4,
                         .rows = rows,
                         .global = global};

const masting_model *const counts_model = &MASTING_MODEL_SYMBOL;
