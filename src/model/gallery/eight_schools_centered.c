/* gallery/eight_schools_centered.c -- eight schools, centred: theta[j] ~ Normal(mu, tau). A
 * known hard case, kept because its funnel must make the sampler report divergences. See
 * schools.h. */
#include "model/gallery/schools.h"

static const masting_param eight_schools_centered_params[] = {
    {.name = "mu", .transform = MASTING_IDENTITY, .doc = "mean effect"},
    {.name = "tau", .transform = MASTING_LOWER, .lower = 0, .doc = "sd of the effects"},
    {.name = "theta",
     .ndims = 1,
     .dims = {SCHOOLS_J},
     .transform = MASTING_IDENTITY,
     .doc = "effects"}};

static void eight_schools_centered_global(void *state, int slot, const int64_t *size,
                                          const void *const *data, const vreal *theta,
                                          const vreal *shared_grad, const vreal *normal_grad,
                                          vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  const double *y = data[SCHOOLS_Y], *sigma = data[SCHOOLS_SIGMA];
  vreal tau = theta[SCHOOLS_TAU];
  schools_priors(theta, grad, lp);
  for (int64_t j = 0; j < size[SCHOOLS_J]; j++) {
    vreal z = (theta[SCHOOLS_THETA + j] - theta[SCHOOLS_MU]) / tau;
    *lp -= 0.5 * z * z;
    grad[SCHOOLS_MU] += z / tau;
    grad[SCHOOLS_TAU] += (z * z - 1.0) / tau;
    grad[SCHOOLS_THETA + j] +=
        schools_slope(y[j], sigma[j], theta[SCHOOLS_THETA + j], lp) - z / tau;
  }
  *lp -= (double)size[SCHOOLS_J] * v_log(tau);
}

static void eight_schools_centered_sim_global(const masting_sim *sim, double *theta) {
  schools_sim_priors(sim, theta);
  for (int64_t j = 0; j < sim->size[SCHOOLS_J]; j++)
    theta[SCHOOLS_THETA + j] = theta[SCHOOLS_MU] + theta[SCHOOLS_TAU] * sim->ops->normal(sim->rng);
}

static void eight_schools_centered_sim_data(const masting_sim *sim, const double *theta,
                                            void *const *data) {
  for (int64_t j = 0; j < sim->size[SCHOOLS_J]; j++)
    schools_sim_one(sim, theta[SCHOOLS_THETA + j], j, data);
}

MASTING_MODEL(eight_schools_centered) = {
    .abi = MASTING_ABI,
    .lanes = MASTING_LANES,
    .name = "eight_schools_centered",
    .doc =
        "eight schools, centred (a funnel): theta[J] ~ Normal(mu, tau), y ~ Normal(theta, sigma)",
    .sizes = schools_sizes,
    .nsizes = 1,
    .shard = MASTING_NO_SIZE,
    .data = schools_data,
    .ndata = 2,
    .params = eight_schools_centered_params,
    .nparams = 3,
    .global = eight_schools_centered_global,
    .sim_global = eight_schools_centered_sim_global,
    .sim_data = eight_schools_centered_sim_data};
