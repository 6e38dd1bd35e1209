/* tests/mpi/rows_model.c -- see rows_model.h. */
#define MASTING_LANES 4
#include <masting/model_abi.h>

#include "rows_model.h"

enum { N };

static const masting_size sizes[] = {{.name = "N", .doc = "rows"}};
static const masting_data data[] = {{.name = "c", .ndims = 1, .dims = {N}}};
static const masting_param params[] = {{.name = "u"}, {.name = "z", .ndims = 1, .dims = {N}}};

static void rows(void *state, const masting_block *b) {
  (void)state;
  const double *c = b->data[0];
  for (int n = 0; n < b->rows; n++) {
    vreal d = b->local[n] - b->theta[0], e = c[n] * d;
    b->local_grad[n] = -e;
    b->theta_grad[0] += e;
    *b->lp -= 0.5 * e * d;
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
  *lp -= 0.5 * theta[0] * theta[0];
  grad[0] -= theta[0];
}

MASTING_MODEL(rows) = {.abi = MASTING_ABI,
                       .lanes = MASTING_LANES,
                       .name = "rows",
                       .doc = "rows of given curvature",
                       .sizes = sizes,
                       .nsizes = 1,
                       .shard = N,
                       .data = data,
                       .ndata = 1,
                       .params = params,
                       .nparams = 2,
                       .rows = rows,
                       .global = global};

const masting_model *const rows_model = &MASTING_MODEL_SYMBOL;
