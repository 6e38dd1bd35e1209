// Densities on the real line, on the positive half and on intervals. Parameterisations and names after the Stan
// functions reference, chapters "Unbounded", "Positive", "Positive lower-bounded", "Bounded" and
// "Circular continuous distributions". Constants of data stand as summands of their own: `~` drops them.

real normal_lpdf(real y, real mu, real sigma) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) - 0.5 * square(z) - log(sigma) - 0.91893853320467274178;
}
real normal_lcdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + std_normal_lcdf((y - mu) / sigma);
}
real normal_lccdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + std_normal_lccdf((y - mu) / sigma);
}

real std_normal_lpdf(real y) {
  return -0.5 * square(y) - 0.91893853320467274178;
}

real student_t_lpdf(real y, real nu, real mu, real sigma) {
  real z = (y - mu) / sigma;
  real h = 0.5 * (nu + 1);
  return valid(nu > 0) + valid(sigma > 0) + (lgamma(h) - lgamma(0.5 * nu) - 0.5 * log(nu))
         - 0.57236494292470008707 - log(sigma) - h * log1p(square(z) / nu);
}

real cauchy_lpdf(real y, real mu, real sigma) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) - log1p(square(z)) - log(sigma) - 1.14472988584940017414;
}
real cauchy_lcdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log(atan2(sigma, mu - y) * 0.31830988618379067154);
}
real cauchy_lccdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log(atan2(sigma, y - mu) * 0.31830988618379067154);
}

real double_exponential_lpdf(real y, real mu, real sigma) {
  return valid(sigma > 0) - abs(y - mu) / sigma - log(sigma) - 0.69314718055994530942;
}
real double_exponential_lcdf(real y, real mu, real sigma) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0)
         + (z < 0 ? z - 0.69314718055994530942 : log1m(0.5 * exp(-abs(z))));
}
real double_exponential_lccdf(real y, real mu, real sigma) {
  real z = (mu - y) / sigma;
  return valid(sigma > 0)
         + (z < 0 ? z - 0.69314718055994530942 : log1m(0.5 * exp(-abs(z))));
}

real logistic_lpdf(real y, real mu, real sigma) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) - z - 2 * log1p_exp(-z) - log(sigma);
}
real logistic_lcdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log_inv_logit((y - mu) / sigma);
}
real logistic_lccdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log_inv_logit((mu - y) / sigma);
}

real gumbel_lpdf(real y, real mu, real beta) {
  real z = (y - mu) / beta;
  return valid(beta > 0) - z - exp(-z) - log(beta);
}
real gumbel_lcdf(real y, real mu, real beta) {
  return valid(beta > 0) - exp(-(y - mu) / beta);
}
real gumbel_lccdf(real y, real mu, real beta) {
  return valid(beta > 0) + log1m_exp(-exp(-(y - mu) / beta));
}

real exp_mod_normal_lpdf(real y, real mu, real sigma, real lambda) {
  real a = mu + lambda * square(sigma) - y;
  return valid(sigma > 0) + valid(lambda > 0) + log(lambda)
         + lambda * (a - 0.5 * lambda * square(sigma))
         + std_normal_lcdf(-a / sigma);
}

real skew_normal_lpdf(real y, real xi, real omega, real alpha) {
  real z = (y - xi) / omega;
  return valid(omega > 0) + 0.69314718055994530942 - 0.91893853320467274178 - log(omega)
         - 0.5 * square(z) + std_normal_lcdf(alpha * z);
}

real skew_double_exponential_lpdf(real y, real mu, real sigma, real tau) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) + 0.69314718055994530942 + log(tau) + log1m(tau) - log(sigma)
         - 2 * (z < 0 ? (1 - tau) * -z : tau * z);
}

// ---- positive

real lognormal_lpdf(real y, real mu, real sigma) {
  real ly = log(y);
  real z = (ly - mu) / sigma;
  return valid(y >= 0) + valid(sigma > 0) - 0.5 * square(z) - log(sigma) - ly - 0.91893853320467274178;
}
real lognormal_lcdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + std_normal_lcdf((log(y) - mu) / sigma);
}
real lognormal_lccdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + std_normal_lccdf((log(y) - mu) / sigma);
}

real chi_square_lpdf(real y, real nu) {
  real h = 0.5 * nu;
  return valid(y >= 0) + valid(nu > 0) + (h - 1) * log(y) - 0.5 * y
         - (h * 0.69314718055994530942 + lgamma(h));
}
real inv_chi_square_lpdf(real y, real nu) {
  real h = 0.5 * nu;
  return valid(y > 0) + valid(nu > 0) - (h + 1) * log(y) - 0.5 / y
         - (h * 0.69314718055994530942 + lgamma(h));
}
real scaled_inv_chi_square_lpdf(real y, real nu, real s) {
  real h = 0.5 * nu;
  return valid(y > 0) + valid(nu > 0) + valid(s > 0) + (h * log(h) - lgamma(h)) + nu * log(s)
         - (h + 1) * log(y) - h * square(s) / y;
}

real exponential_lpdf(real y, real beta) {
  return valid(y >= 0) + valid(beta > 0) + log(beta) - beta * y;
}
real exponential_lcdf(real y, real beta) {
  return valid(y >= 0) + valid(beta > 0) + log1m_exp(-beta * y);
}
real exponential_lccdf(real y, real beta) {
  return valid(y >= 0) + valid(beta > 0) - beta * y;
}

real gamma_lpdf(real y, real alpha, real beta) {
  return valid(y >= 0) + valid(alpha > 0) + valid(beta > 0) + alpha * log(beta) - lgamma(alpha)
         + (alpha - 1) * log(y) - beta * y;
}
real gamma_lcdf(real y, real alpha, real beta) {
  return valid(y >= 0) + valid(alpha > 0) + valid(beta > 0) + log(gamma_p(alpha, beta * y));
}
real gamma_lccdf(real y, real alpha, real beta) {
  return valid(y >= 0) + valid(alpha > 0) + valid(beta > 0) + log(gamma_q(alpha, beta * y));
}

real inv_gamma_lpdf(real y, real alpha, real beta) {
  return valid(y > 0) + valid(alpha > 0) + valid(beta > 0) + alpha * log(beta) - lgamma(alpha)
         - (alpha + 1) * log(y) - beta / y;
}
real inv_gamma_lcdf(real y, real alpha, real beta) {
  return valid(y > 0) + valid(alpha > 0) + valid(beta > 0) + log(gamma_q(alpha, beta / y));
}
real inv_gamma_lccdf(real y, real alpha, real beta) {
  return valid(y > 0) + valid(alpha > 0) + valid(beta > 0) + log(gamma_p(alpha, beta / y));
}

real weibull_lpdf(real y, real alpha, real sigma) {
  real lr = log(y) - log(sigma);
  return valid(y >= 0) + valid(alpha > 0) + valid(sigma > 0) + log(alpha) - log(y) + alpha * lr
         - exp(alpha * lr);
}
real weibull_lcdf(real y, real alpha, real sigma) {
  return valid(y >= 0) + valid(alpha > 0) + valid(sigma > 0)
         + log1m_exp(-exp(alpha * (log(y) - log(sigma))));
}
real weibull_lccdf(real y, real alpha, real sigma) {
  return valid(y >= 0) + valid(alpha > 0) + valid(sigma > 0)
         - exp(alpha * (log(y) - log(sigma)));
}

real frechet_lpdf(real y, real alpha, real sigma) {
  real lr = log(y) - log(sigma);
  return valid(y > 0) + valid(alpha > 0) + valid(sigma > 0) + log(alpha) - log(y) - alpha * lr
         - exp(-alpha * lr);
}
real frechet_lcdf(real y, real alpha, real sigma) {
  return valid(y > 0) + valid(alpha > 0) + valid(sigma > 0)
         - exp(-alpha * (log(y) - log(sigma)));
}
real frechet_lccdf(real y, real alpha, real sigma) {
  return valid(y > 0) + valid(alpha > 0) + valid(sigma > 0)
         + log1m_exp(-exp(-alpha * (log(y) - log(sigma))));
}

real rayleigh_lpdf(real y, real sigma) {
  return valid(y >= 0) + valid(sigma > 0) + log(y) - 2 * log(sigma) - 0.5 * square(y / sigma);
}
real rayleigh_lcdf(real y, real sigma) {
  return valid(y >= 0) + valid(sigma > 0) + log1m_exp(-0.5 * square(y / sigma));
}
real rayleigh_lccdf(real y, real sigma) {
  return valid(y >= 0) + valid(sigma > 0) - 0.5 * square(y / sigma);
}

real loglogistic_lpdf(real y, real alpha, real beta) {
  real lr = log(y) - log(alpha);
  return valid(y >= 0) + valid(alpha > 0) + valid(beta > 0) + log(beta) - log(y) + beta * lr
         - 2 * log1p_exp(beta * lr);
}

real pareto_lpdf(real y, real y_min, real alpha) {
  return valid(y >= y_min) + valid(y_min > 0) + valid(alpha > 0) + log(alpha)
         + alpha * log(y_min) - (alpha + 1) * log(y);
}
real pareto_lcdf(real y, real y_min, real alpha) {
  return valid(y >= y_min) + log1m_exp(alpha * (log(y_min) - log(y)));
}
real pareto_lccdf(real y, real y_min, real alpha) {
  return valid(y >= y_min) + alpha * (log(y_min) - log(y));
}

real pareto_type_2_lpdf(real y, real mu, real lambda, real alpha) {
  return valid(y >= mu) + valid(lambda > 0) + valid(alpha > 0) + log(alpha) - log(lambda)
         - (alpha + 1) * log1p((y - mu) / lambda);
}
real pareto_type_2_lcdf(real y, real mu, real lambda, real alpha) {
  return valid(y >= mu) + log1m_exp(-alpha * log1p((y - mu) / lambda));
}
real pareto_type_2_lccdf(real y, real mu, real lambda, real alpha) {
  return valid(y >= mu) - alpha * log1p((y - mu) / lambda);
}

// ---- bounded

real beta_lpdf(real y, real alpha, real beta) {
  return valid(y >= 0) + valid(y <= 1) + valid(alpha > 0) + valid(beta > 0)
         + (alpha - 1) * log(y) + (beta - 1) * log1m(y) - lbeta(alpha, beta);
}
real beta_lcdf(real y, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0) + log(inc_beta(alpha, beta, y));
}
real beta_lccdf(real y, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0) + log1m(inc_beta(alpha, beta, y));
}

real beta_proportion_lpdf(real y, real mu, real kappa) {
  real a = mu * kappa;
  real b = kappa - a;
  return valid(y > 0) + valid(y < 1) + valid(mu > 0) + valid(mu < 1) + valid(kappa > 0)
         + (a - 1) * log(y) + (b - 1) * log1m(y) - lbeta(a, b);
}

real uniform_lpdf(real y, real a, real b) {
  return valid(y >= a) + valid(y <= b) - log(b - a);
}
real uniform_lcdf(real y, real a, real b) {
  return valid(y >= a) + valid(y <= b) + log(y - a) - log(b - a);
}
real uniform_lccdf(real y, real a, real b) {
  return valid(y >= a) + valid(y <= b) + log(b - y) - log(b - a);
}

real von_mises_lpdf(real y, real mu, real kappa) {
  return valid(kappa >= 0) + kappa * cos(mu - y) - log_modified_bessel_first_kind(0, kappa)
         - 1.83787706640934548356;
}

// Student's t: the two tails together are I(nu / 2, 1 / 2; nu / (nu + z^2)) (Abramowitz and Stegun 26.7.1).
real student_t_lcdf(real y, real nu, real mu, real sigma) {
  real z = (y - mu) / sigma;
  real tail = 0.5 * inc_beta(0.5 * nu, 0.5, nu / (nu + square(z)));
  return valid(nu > 0) + valid(sigma > 0) + (z > 0 ? log1m(tail) : log(tail));
}
real student_t_lccdf(real y, real nu, real mu, real sigma) {
  real z = (y - mu) / sigma;
  real tail = 0.5 * inc_beta(0.5 * nu, 0.5, nu / (nu + square(z)));
  return valid(nu > 0) + valid(sigma > 0) + (z > 0 ? log(tail) : log1m(tail));
}
