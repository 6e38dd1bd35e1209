/* tests/models/broken.c -- a shared object that is no good model, in the way that BROKEN_* says. */
#include <masting/model_abi.h>

#if defined BROKEN_SYMBOL
extern const int masting_model_of_mine;
const int masting_model_of_mine = 1;
#else
static void global(void *state, int slot, const int64_t *size, const void *const *replicated,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state, (void)size, (void)replicated, (void)theta, (void)grad, (void)lp;
}
static const masting_param params[] = {{.name = "a"}};
#ifndef BROKEN_ABI
#define BROKEN_ABI MASTING_ABI
#endif
#ifndef BROKEN_LANES
#define BROKEN_LANES MASTING_LANES
#endif
#ifdef BROKEN_LINK
extern double masting_test_missing_function(double x);
static const char *setup(const masting_random *at, int64_t *size, const void *const *replicated,
                         void **state) {
  (void)at, (void)size, (void)replicated, (void)state;
  return masting_test_missing_function(1.0) > 0 ? "no" : NULL;
}
#endif
MASTING_MODEL(broken) = {.abi = BROKEN_ABI,
                         .lanes = BROKEN_LANES,
                         .name = "broken",
                         .shard = MASTING_NO_SIZE,
                         .params = params,
                         .nparams = 1,
#ifdef BROKEN_LINK
                         .setup = setup,
#endif
                         .global = global};
#endif
