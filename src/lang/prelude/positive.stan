// Densities on the positive half and above a limit. After the Stan functions reference, chapters "Positive continuous
// distributions" and "Positive lower-bounded distributions"; see unbounded.stan. An outcome outside is replaced
// where its logarithm is taken, so that -infinity and not NaN comes out.

real above_zero__(real y) {
  return y > 0 ? y : 1;
}

real lognormal_lpdf(real y, real mu, real sigma) {
  real ly = log(above_zero__(y));
  real z = (ly - mu) / sigma;
  return valid(y > 0) + valid(sigma > 0) - 0.5 * square(z) - log(sigma) - ly
         - 0.91893853320467274178;
}
real lognormal_lcdf(real y, real mu, real sigma) {
  return valid(y > 0) + valid(sigma > 0) + std_normal_lcdf((log(above_zero__(y)) - mu) / sigma);
}
real lognormal_lccdf(real y, real mu, real sigma) {
  return valid(sigma > 0)
         + (y > 0 ? std_normal_lccdf((log(above_zero__(y)) - mu) / sigma) : 0);
}

// log P(a, x) and log Q(a, x) of a quantity that may be out of the support
real log_gamma_below__(real a, real x) {
  return valid(x > 0) + log_gamma_p(a, above_zero__(x));
}
real log_gamma_above__(real a, real x) {
  return x > 0 ? log_gamma_q(a, above_zero__(x)) : 0;
}

real chi_square_lpdf(real y, real nu) {
  real h = 0.5 * nu;
  return valid(y >= 0) + valid(nu > 0) + lmultiply(h - 1, y < 0 ? 1 : y) - 0.5 * y
         - (h * 0.69314718055994530942 + lgamma(h));
}
real chi_square_lcdf(real y, real nu) {
  return valid(nu > 0) + log_gamma_below__(0.5 * nu, 0.5 * y);
}
real chi_square_lccdf(real y, real nu) {
  return valid(nu > 0) + log_gamma_above__(0.5 * nu, 0.5 * y);
}

real inv_chi_square_lpdf(real y, real nu) {
  real h = 0.5 * nu;
  real x = above_zero__(y);
  return valid(y > 0) + valid(nu > 0) - (h + 1) * log(x) - 0.5 / x
         - (h * 0.69314718055994530942 + lgamma(h));
}
real inv_chi_square_lcdf(real y, real nu) {
  return valid(y > 0) + valid(nu > 0) + log_gamma_above__(0.5 * nu, 0.5 / above_zero__(y));
}
real inv_chi_square_lccdf(real y, real nu) {
  return valid(nu > 0)
         + (y > 0 ? log_gamma_below__(0.5 * nu, 0.5 / above_zero__(y)) : 0);
}

real scaled_inv_chi_square_lpdf(real y, real nu, real s) {
  real h = 0.5 * nu;
  real x = above_zero__(y);
  return valid(y > 0) + valid(nu > 0) + valid(s > 0) + (h * log(h) - lgamma(h)) + nu * log(s)
         - (h + 1) * log(x) - h * square(s) / x;
}
real scaled_inv_chi_square_lcdf(real y, real nu, real s) {
  real h = 0.5 * nu;
  return valid(y > 0) + valid(nu > 0) + valid(s > 0)
         + log_gamma_above__(h, h * square(s) / above_zero__(y));
}
real scaled_inv_chi_square_lccdf(real y, real nu, real s) {
  real h = 0.5 * nu;
  return valid(nu > 0) + valid(s > 0)
         + (y > 0 ? log_gamma_below__(h, h * square(s) / above_zero__(y)) : 0);
}

real exponential_lpdf(real y, real beta) {
  return valid(y >= 0) + valid(beta > 0) + log(beta) - beta * y;
}
real exponential_lcdf(real y, real beta) {
  return valid(y > 0) + valid(beta > 0) + log1m_exp(-beta * above_zero__(y));
}
real exponential_lccdf(real y, real beta) {
  return valid(beta > 0) - beta * fmax(y, 0);
}

real gamma_lpdf(real y, real alpha, real beta) {
  return valid(y >= 0) + valid(alpha > 0) + valid(beta > 0) + alpha * log(beta) - lgamma(alpha)
         + lmultiply(alpha - 1, y < 0 ? 1 : y) - beta * y;
}
real gamma_lcdf(real y, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0) + log_gamma_below__(alpha, beta * y);
}
real gamma_lccdf(real y, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0) + log_gamma_above__(alpha, beta * y);
}

real inv_gamma_lpdf(real y, real alpha, real beta) {
  real x = above_zero__(y);
  return valid(y > 0) + valid(alpha > 0) + valid(beta > 0) + alpha * log(beta) - lgamma(alpha)
         - (alpha + 1) * log(x) - beta / x;
}
real inv_gamma_lcdf(real y, real alpha, real beta) {
  return valid(y > 0) + valid(alpha > 0) + valid(beta > 0)
         + log_gamma_above__(alpha, beta / above_zero__(y));
}
real inv_gamma_lccdf(real y, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0)
         + (y > 0 ? log_gamma_below__(alpha, beta / above_zero__(y)) : 0);
}

real weibull_lpdf(real y, real alpha, real sigma) {
  real lr = log(y > 0 ? y : 1e-300) - log(sigma); // at 0 the power is 0, and its slope
  return valid(y >= 0) + valid(alpha > 0) + valid(sigma > 0) + log(alpha) - alpha * log(sigma)
         + lmultiply(alpha - 1, y < 0 ? 1 : y) - exp(alpha * lr);
}
real weibull_lcdf(real y, real alpha, real sigma) {
  return valid(y > 0) + valid(alpha > 0) + valid(sigma > 0)
         + log1m_exp_exp__(alpha * (log(above_zero__(y)) - log(sigma)));
}
real weibull_lccdf(real y, real alpha, real sigma) {
  return valid(alpha > 0) + valid(sigma > 0)
         - (y > 0 ? exp(alpha * (log(above_zero__(y)) - log(sigma))) : 0);
}

real frechet_lpdf(real y, real alpha, real sigma) {
  real ly = log(above_zero__(y));
  real lr = ly - log(sigma);
  return valid(y > 0) + valid(alpha > 0) + valid(sigma > 0) + log(alpha) - ly - alpha * lr
         - exp(-alpha * lr);
}
real frechet_lcdf(real y, real alpha, real sigma) {
  return valid(y > 0) + valid(alpha > 0) + valid(sigma > 0)
         - exp(alpha * (log(sigma) - log(above_zero__(y))));
}
real frechet_lccdf(real y, real alpha, real sigma) {
  return valid(alpha > 0) + valid(sigma > 0)
         + (y > 0 ? log1m_exp_exp__(alpha * (log(sigma) - log(above_zero__(y)))) : 0);
}

real rayleigh_lpdf(real y, real sigma) {
  return valid(y >= 0) + valid(sigma > 0) + log(y < 0 ? 1 : y) - 2 * log(sigma)
         - 0.5 * square(y / sigma);
}
real rayleigh_lcdf(real y, real sigma) {
  return valid(y > 0) + valid(sigma > 0) + log1m_exp(-0.5 * square(above_zero__(y) / sigma));
}
real rayleigh_lccdf(real y, real sigma) {
  return valid(sigma > 0) - 0.5 * square(fmax(y, 0) / sigma);
}

real loglogistic_lpdf(real y, real alpha, real beta) {
  real lr = log(y > 0 ? y : 1e-300) - log(alpha);
  return valid(y >= 0) + valid(alpha > 0) + valid(beta > 0) + log(beta) - beta * log(alpha)
         + lmultiply(beta - 1, y < 0 ? 1 : y) - 2 * log1p_exp(beta * lr);
}
real loglogistic_lcdf(real y, real alpha, real beta) {
  return valid(y > 0) + valid(alpha > 0) + valid(beta > 0)
         + log_inv_logit(beta * (log(above_zero__(y)) - log(alpha)));
}
real loglogistic_lccdf(real y, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0)
         + (y > 0 ? log_inv_logit(beta * (log(alpha) - log(above_zero__(y)))) : 0);
}

// ---- above a limit

real pareto_lpdf(real y, real y_min, real alpha) {
  return valid(y >= y_min) + valid(y_min > 0) + valid(alpha > 0) + log(alpha)
         + alpha * log(y_min) - (alpha + 1) * log(y < y_min ? y_min : y);
}
real pareto_lcdf(real y, real y_min, real alpha) {
  real lr = log(y_min) - log(y > y_min ? y : 2 * y_min);
  return valid(y > y_min) + valid(y_min > 0) + valid(alpha > 0) + log1m_exp(alpha * lr);
}
real pareto_lccdf(real y, real y_min, real alpha) {
  real lr = log(y_min) - log(y < y_min ? y_min : y);
  return valid(y_min > 0) + valid(alpha > 0) + (y < y_min ? 0 : alpha * lr);
}

real pareto_type_2_lpdf(real y, real mu, real lambda, real alpha) {
  return valid(y >= mu) + valid(lambda > 0) + valid(alpha > 0) + log(alpha) - log(lambda)
         - (alpha + 1) * log1p((y < mu ? 0 : y - mu) / lambda);
}
real pareto_type_2_lcdf(real y, real mu, real lambda, real alpha) {
  return valid(y > mu) + valid(lambda > 0) + valid(alpha > 0)
         + log1m_exp(-alpha * log1p(above_zero__(y - mu) / lambda));
}
real pareto_type_2_lccdf(real y, real mu, real lambda, real alpha) {
  return valid(lambda > 0) + valid(alpha > 0) - alpha * log1p((y < mu ? 0 : y - mu) / lambda);
}
