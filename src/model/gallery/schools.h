/* gallery/schools.h -- what the two forms of eight schools share: data, priors and simulator.
 *
 *   mu ~ Normal(0, 5), tau ~ half-Cauchy(0, 5), theta[j] ~ Normal(mu, tau), y[j] ~
 *   Normal(theta[j], sigma[j])
 *
 * Rubin 1981, "Estimation in parallel randomized experiments"; Gelman et al., Bayesian Data
 * Analysis, section 5.5. Nothing is sharded. Simulated data: parameters from their priors, sigma
 * uniform on (9, 18), the range of the original data.
 */
#ifndef MST_MODEL_GALLERY_SCHOOLS_H
#define MST_MODEL_GALLERY_SCHOOLS_H

#include <masting/model_abi.h>

enum { SCHOOLS_J };
enum { SCHOOLS_Y, SCHOOLS_SIGMA };
enum { SCHOOLS_MU, SCHOOLS_TAU, SCHOOLS_THETA };

static const masting_size schools_sizes[] = {{.name = "J", .doc = "schools"}};
static const masting_data schools_data[] = {{.name = "y",
                                             .type = MASTING_F64,
                                             .ndims = 1,
                                             .dims = {SCHOOLS_J},
                                             .lower = MASTING_NO_BOUND_BELOW,
                                             .upper = MASTING_NO_BOUND_ABOVE,
                                             .upper_size = MASTING_NO_SIZE,
                                             .doc = "estimated effects"},
                                            {.name = "sigma",
                                             .type = MASTING_F64,
                                             .ndims = 1,
                                             .dims = {SCHOOLS_J},
                                             .lower = 0x1p-1000,
                                             .upper = MASTING_NO_BOUND_ABOVE,
                                             .upper_size = MASTING_NO_SIZE,
                                             .doc = "their standard errors, above 0"}};

static inline void schools_priors(const vreal *theta, vreal *grad, vreal *lp) {
  vreal mu = theta[SCHOOLS_MU], tau = theta[SCHOOLS_TAU];
  *lp -= 0.02 * mu * mu + v_log1p(tau * tau / 25.0);
  grad[SCHOOLS_MU] -= 0.04 * mu;
  grad[SCHOOLS_TAU] -= 2.0 * tau / (25.0 + tau * tau);
}

/* Log density of y[j] at mean `mean` into *lp; its slope is returned. */
static inline vreal schools_slope(double y, double sigma, vreal mean, vreal *lp) {
  vreal r = (y - mean) / sigma;
  *lp -= 0.5 * r * r;
  return r / sigma;
}

static inline void schools_sim_priors(const masting_sim *sim, double *theta) {
  theta[SCHOOLS_MU] = 5.0 * sim->ops->normal(sim->rng);
  theta[SCHOOLS_TAU] = 5.0 * tan(0.5 * 3.14159265358979323846 * sim->ops->uniform(sim->rng));
}

/* One school's data around its effect. */
static inline void schools_sim_one(const masting_sim *sim, double effect, int64_t j,
                                   void *const *data) {
  double sigma = 9.0 + 9.0 * sim->ops->uniform(sim->rng);
  ((double *)data[SCHOOLS_SIGMA])[j] = sigma;
  ((double *)data[SCHOOLS_Y])[j] = effect + sigma * sim->ops->normal(sim->rng);
}

#endif
