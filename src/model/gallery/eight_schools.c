/* gallery/eight_schools.c -- eight schools, non-centred: theta[j] = mu + tau theta_trans[j],
 * theta_trans[j] ~ Normal(0, 1). The form to sample: few data, so a centred one has a funnel.
 * See schools.h.
 */
#include "model/gallery/schools.h"

static const masting_param eight_schools_params[] = {
    {.name = "mu", .transform = MASTING_IDENTITY, .doc = "mean effect"},
    {.name = "tau", .transform = MASTING_LOWER, .lower = 0, .doc = "sd of the effects"},
    {.name = "theta_trans",
     .ndims = 1,
     .dims = {SCHOOLS_J},
     .transform = MASTING_IDENTITY,
     .doc = "standardised effects: (effect - mu) / tau"}};

static void eight_schools_global(void *state, int slot, const int64_t *size,
                                 const void *const *data, const vreal *theta,
                                 const vreal *shared_grad, const vreal *normal_grad, vreal *grad,
                                 vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state;
  const double *y = data[SCHOOLS_Y], *sigma = data[SCHOOLS_SIGMA];
  const vreal *eta = theta + SCHOOLS_THETA;
  vreal mu = theta[SCHOOLS_MU], tau = theta[SCHOOLS_TAU];
  schools_priors(theta, grad, lp);
  for (int64_t j = 0; j < size[SCHOOLS_J]; j++) {
    vreal slope = schools_slope(y[j], sigma[j], mu + tau * eta[j], lp);
    *lp -= 0.5 * eta[j] * eta[j];
    grad[SCHOOLS_MU] += slope;
    grad[SCHOOLS_TAU] += slope * eta[j];
    grad[SCHOOLS_THETA + j] += slope * tau - eta[j];
  }
}

static const masting_param eight_schools_derived[] = {
    {.name = "theta", .ndims = 1, .dims = {SCHOOLS_J}, .doc = "effects, mu + tau theta_trans"}};

static void eight_schools_derive(void *state, const int64_t *size, const void *const *data,
                                 const double *theta, const masting_derive *at, double *effect) {
  (void)at;
  (void)state;
  (void)data;
  for (int64_t j = 0; j < size[SCHOOLS_J]; j++)
    effect[j] = theta[SCHOOLS_MU] + theta[SCHOOLS_TAU] * theta[SCHOOLS_THETA + j];
}

static void eight_schools_sim_global(const masting_sim *sim, double *theta) {
  schools_sim_priors(sim, theta);
  for (int64_t j = 0; j < sim->size[SCHOOLS_J]; j++)
    theta[SCHOOLS_THETA + j] = sim->ops->normal(sim->rng);
}

static void eight_schools_sim_data(const masting_sim *sim, const double *theta, void *const *data) {
  for (int64_t j = 0; j < sim->size[SCHOOLS_J]; j++)
    schools_sim_one(sim, theta[SCHOOLS_MU] + theta[SCHOOLS_TAU] * theta[SCHOOLS_THETA + j], j,
                    data);
}

MASTING_MODEL(eight_schools) = {
    .abi = MASTING_ABI,
    .lanes = MASTING_LANES,
    .name = "eight_schools",
    .doc = "eight schools, non-centred: y[J] ~ Normal(mu + tau theta_trans, sigma)",
    .sizes = schools_sizes,
    .nsizes = 1,
    .shard = MASTING_NO_SIZE,
    .data = schools_data,
    .ndata = 2,
    .params = eight_schools_params,
    .nparams = 3,
    .global = eight_schools_global,
    .sim_global = eight_schools_sim_global,
    .sim_data = eight_schools_sim_data,
    .derived = eight_schools_derived,
    .nderived = 1,
    .derive = eight_schools_derive};
