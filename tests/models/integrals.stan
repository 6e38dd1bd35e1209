// Integrals of every kind: limits that are parameters, infinite, or a singular end; one in another.
functions {
  real dens(real x, real xc, array[] real theta, data array[] real x_r, data array[] int x_i) {
    return exp(normal_lpdf(x | theta[1], theta[2]));
  }
  real sing(real x, real xc, real a, real b) {
    real u = xc < 0 ? -xc : x;      // distance to 0
    real w = xc < 0 ? 1 - x : xc;   // to 1
    return u^(a - 1) * w^(b - 1);
  }
  real ex(real x, real xc, real r) { return x^2 * exp(-r * x); }
  real within(real x, real xc, real r, vector v) {
    return integrate_1d_gauss_kronrod(ex, 0, 1, r * x) * exp(-v[1] * x);
  }
  real os(real x, real xc, vector v) { return sin(v[1] * x) * exp(-v[2] * x); }
}
parameters { real mu; real<lower=0> s; real<lower=0> a; real<lower=0> b; real lim; }
transformed parameters {
  real r1 = integrate_1d(dens, lim, positive_infinity(), {mu, s}, {0.0}, {1});
  real r2 = integrate_1d(dens, negative_infinity(), positive_infinity(), {mu, s}, {0.0}, {1}, 1e-10);
  real r3 = integrate_1d(dens, lim, lim + 1, {mu, s}, {0.0}, {1});
  real r4 = integrate_1d_double_exponential(sing, 0, 1, a, b);
  real r5 = integrate_1d_double_exponential_tol(ex, 0, positive_infinity(), 1e-10, 0, 12, a);
  real r6 = integrate_1d_gauss_kronrod(os, lim, lim + 3, [a, b]');
  real r7 = integrate_1d_gauss_kronrod(ex, 0, positive_infinity(), b);
  real r8 = integrate_1d_gauss_kronrod_tol(os, 0, positive_infinity(), 1e-9, 1e-12, 12, [a, b]');
  real r9 = integrate_1d_double_exponential(within, 0, positive_infinity(), a, [b, a]');
}
model {
  target += r9 + r1 + 2 * r2 + 3 * r3 + r4 + r5 + r6 + r7 + r8;
  mu ~ normal(0, 1);
}
