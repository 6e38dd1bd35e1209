/* tests/unit/gallery_reference.c -- see gallery_reference.h. */
#include "gallery_reference.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const long double PI = 3.14159265358979323846264338327950288L;

static long double normal(long double x, long double mean, long double sd) {
  long double z = (x - mean) / sd;
  return -z * z / 2 - logl(sd) - logl(2 * PI) / 2;
}

static long double exponential(long double x) { return -x; }

static long double half_cauchy(long double x, long double scale) {
  return logl(2 / (PI * scale)) - log1pl(x * x / (scale * scale));
}

static long double ppca(const int64_t *size, double *const *data, const long double *w,
                        const long double *z) {
  int64_t N = size[0], D = size[1], K = size[2];
  long double lp = 0;
  for (int64_t i = 0; i < D * K; i++) lp += normal(w[i], 0, 2);
  for (int64_t i = 0; i < N * K; i++) lp += normal(z[i], 0, 1);
  for (int64_t n = 0; n < N; n++)
    for (int64_t d = 0; d < D; d++) {
      long double mean = 0;
      for (int64_t k = 0; k < K; k++) mean += w[k * D + d] * z[n * K + k];
      lp += normal(data[0][n * D + d], mean, 1);
    }
  return lp;
}

static long double predictor(int64_t P, const double *x, const long double *theta) {
  long double eta = theta[0];
  for (int64_t j = 0; j < P; j++) eta += x[j] * theta[1 + j];
  return eta;
}

static long double linear(const int64_t *size, double *const *data, const long double *theta,
                          const long double *local) {
  (void)local;
  int64_t N = size[0], P = size[1];
  long double sigma = theta[P + 1], lp = normal(theta[0], 0, 10) + exponential(sigma);
  for (int64_t j = 0; j < P; j++) lp += normal(theta[1 + j], 0, 2.5L);
  for (int64_t n = 0; n < N; n++)
    lp += normal(data[1][n], predictor(P, data[0] + n * P, theta), sigma);
  return lp;
}

static long double logistic(const int64_t *size, double *const *data, const long double *theta,
                            const long double *local) {
  (void)local;
  int64_t N = size[0], P = size[1];
  long double lp = 0;
  for (int64_t j = 0; j <= P; j++) lp += normal(theta[j], 0, 2.5L);
  for (int64_t n = 0; n < N; n++) {
    long double eta = predictor(P, data[0] + n * P, theta);
    lp += data[1][n] == 1 ? -logl(1 + expl(-eta)) : -logl(1 + expl(eta));
  }
  return lp;
}

static long double hierarchical(const int64_t *size, double *const *data, const long double *theta,
                                const long double *local) {
  (void)local;
  int64_t N = size[0], G = size[1];
  const long double *a = theta + 5, *b = a + G;
  long double mu_a = theta[0], mu_b = theta[1], tau_a = theta[2], tau_b = theta[3];
  long double sigma = theta[4], lp = normal(mu_a, 0, 10) + normal(mu_b, 0, 2.5L);
  lp += exponential(tau_a) + exponential(tau_b) + exponential(sigma);
  for (int64_t j = 0; j < G; j++) lp += normal(a[j], mu_a, tau_a) + normal(b[j], mu_b, tau_b);
  for (int64_t n = 0; n < N; n++) {
    int64_t j = (int64_t)data[0][n] - 1;
    lp += normal(data[2][n], a[j] + b[j] * data[1][n], sigma);
  }
  return lp;
}

static long double eight_schools(const int64_t *size, double *const *data, const long double *theta,
                                 const long double *local) {
  (void)local;
  long double mu = theta[0], tau = theta[1], lp = normal(mu, 0, 5) + half_cauchy(tau, 5);
  for (int64_t j = 0; j < size[0]; j++)
    lp += normal(theta[2 + j], 0, 1) + normal(data[0][j], mu + tau * theta[2 + j], data[1][j]);
  return lp;
}

static long double eight_schools_centered(const int64_t *size, double *const *data,
                                          const long double *theta, const long double *local) {
  (void)local;
  long double mu = theta[0], tau = theta[1], lp = normal(mu, 0, 5) + half_cauchy(tau, 5);
  for (int64_t j = 0; j < size[0]; j++)
    lp += normal(theta[2 + j], mu, tau) + normal(data[0][j], theta[2 + j], data[1][j]);
  return lp;
}

mst_reference *mst_reference_of(const char *model) {
  static const struct {
    const char *name;
    mst_reference *density;
  } all[] = {{"ppca", ppca},
             {"linear", linear},
             {"logistic", logistic},
             {"hierarchical", hierarchical},
             {"eight_schools", eight_schools},
             {"eight_schools_centered", eight_schools_centered}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (!strcmp(model, all[i].name)) return all[i].density;
  return NULL;
}
