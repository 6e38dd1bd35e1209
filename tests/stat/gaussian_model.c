/* tests/stat/gaussian_model.c -- y ~ Normal(mean, precision^-1), dense: for test_gaussian. */
#include <masting/model_abi.h>

#include "gaussian_model.h"

enum { P };
enum { MEAN, PRECISION };

static const masting_size sizes[] = {{.name = "P", .doc = "dimensions"}};
static const masting_data data[] = {{.name = "mean", .ndims = 1, .dims = {P}},
                                    {.name = "precision", .ndims = 2, .dims = {P, P}}};
static const masting_param params[] = {{.name = "y", .ndims = 1, .dims = {P}}};

static void global(void *state, int slot, const int64_t *size, const void *const *value,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  const double *mean = value[MEAN], *precision = value[PRECISION];
  for (int64_t i = 0; i < size[P]; i++) {
    vreal slope = v_all(0.0);
    for (int64_t j = 0; j < size[P]; j++)
      slope += precision[i * size[P] + j] * (theta[j] - mean[j]);
    grad[i] -= slope;
    *lp -= 0.5 * slope * (theta[i] - mean[i]);
  }
}

MASTING_MODEL(gaussian) = {.abi = MASTING_ABI,
                           .lanes = MASTING_LANES,
                           .name = "gaussian",
                           .doc = "correlated Gaussian",
                           .sizes = sizes,
                           .nsizes = 1,
                           .shard = MASTING_NO_SIZE,
                           .data = data,
                           .ndata = 2,
                           .params = params,
                           .nparams = 1,
                           .global = global};

const masting_model *const gaussian_model = &MASTING_MODEL_SYMBOL;
