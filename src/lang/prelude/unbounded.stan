// Densities on the whole line. Parameterisations and names after the Stan functions reference, chapter "Unbounded
// continuous distributions". Constants of data stand as summands of their own: `~` drops them. What is out of the
// support is -infinity (0 or -infinity of a cumulative); each side of a `?:` is safe to differentiate for the
// values that take the other.

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

// With u = (y - mu) / sigma and w = lambda sigma the cumulative is Phi(u) - exp(w^2 / 2 - w u) Phi(u - w), the
// logarithm of whose second part is log_exp_mod_part.
real exp_mod_normal_lpdf(real y, real mu, real sigma, real lambda) {
  return valid(sigma > 0) + valid(lambda > 0) + log(lambda)
         + log_exp_mod_part((y - mu) / sigma, lambda * sigma);
}
real exp_mod_normal_lcdf(real y, real mu, real sigma, real lambda) {
  return valid(sigma > 0) + valid(lambda > 0)
         + log_exp_mod_normal((y - mu) / sigma, lambda * sigma);
}
real exp_mod_normal_lccdf(real y, real mu, real sigma, real lambda) {
  real u = (y - mu) / sigma;
  real w = lambda * sigma;
  real below = log_exp_mod_normal(u, w);
  real sum = log_sum_exp(std_normal_lccdf(u), log_exp_mod_part(u, w));
  return valid(sigma > 0) + valid(lambda > 0)
         + (below < -0.7 ? log1m_exp(below < -0.7 ? below : -1) : sum);
}

// Azzalini 1985. The cumulative is Phi(z) - 2 T(z, alpha), T Owen's; beyond z it is that of -alpha below -z.
real skew_normal_lpdf(real y, real xi, real omega, real alpha) {
  real z = (y - xi) / omega;
  return valid(omega > 0) + 0.69314718055994530942 - 0.91893853320467274178 - log(omega)
         - 0.5 * square(z) + std_normal_lcdf(alpha * z);
}
real skew_normal_lcdf(real y, real xi, real omega, real alpha) {
  real z = (y - xi) / omega;
  return valid(omega > 0) + log_skew_normal(z, alpha);
}
real skew_normal_lccdf(real y, real xi, real omega, real alpha) {
  real z = (y - xi) / omega;
  return valid(omega > 0) + log_skew_normal(-z, -alpha);
}

// lgamma((nu + 1) / 2) - lgamma(nu / 2) - log(pi) / 2 is -lbeta(nu / 2, 1 / 2), which keeps its digits for large nu.
real student_t_lpdf(real y, real nu, real mu, real sigma) {
  real z = (y - mu) / (sigma * sqrt(nu));
  return valid(nu > 0) + valid(sigma > 0) - (lbeta(0.5 * nu, 0.5) + 0.5 * log(nu)) - log(sigma)
         - 0.5 * (nu + 1) * log1p_square(z);
}
real student_t_lcdf(real y, real nu, real mu, real sigma) {
  return valid(nu > 0) + valid(sigma > 0) + log_t_below__((y - mu) / sigma, nu);
}
real student_t_lccdf(real y, real nu, real mu, real sigma) {
  return valid(nu > 0) + valid(sigma > 0) + log_t_below__((mu - y) / sigma, nu);
}
// log P(T < z), T of nu degrees of freedom: both tails beyond |z| are I(nu / 2, 1 / 2; nu / (nu + z^2)) (Abramowitz
// and Stegun 26.7.1); the middle is the complement, I(1 / 2, nu / 2; z^2 / (nu + z^2)), a straight line at 0.
real log_t_below__(real z, real nu) {
  real far = fmin(nu, 1);
  real d = z < 0 ? -z : z;
  real h = d * d > far ? d : 1;
  real tail = log_inc_beta(0.5 * nu, 0.5, nu / h, h) - 0.69314718055994530942;
  real m = d * d > far ? 1 : d < 1e-8 ? 1 : d;
  real centre = 0.5 * exp(log_inc_beta(0.5, 0.5 * nu, m, nu / m));
  real line = z * exp(-lbeta(0.5 * nu, 0.5) - 0.5 * log(nu));
  real middle = d < 1e-8 ? line : z < 0 ? -centre : centre;
  real inner = d * d > far ? 0 : middle;
  real outer = z > 0 ? log1m_exp(tail) : tail;
  return d * d > far ? outer : log(0.5 + inner);
}

real cauchy_lpdf(real y, real mu, real sigma) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) - log1p_square(z) - log(sigma) - 1.14472988584940017414;
}
real cauchy_lcdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log_cauchy_below__(y - mu, sigma);
}
real cauchy_lccdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log_cauchy_below__(mu - y, sigma);
}
real log_cauchy_below__(real d, real sigma) {
  real e = d > 0 ? d : -d; // abs has no slope at 0
  real far = log(sigma / (e > 1e9 * sigma ? e : sigma)) - 1.14472988584940017414;
  real tail = atan2(sigma, e) * 0.31830988618379067154;
  return d > 0 ? log1m(tail) : e > 1e9 * sigma ? far : log(tail);
}

real double_exponential_lpdf(real y, real mu, real sigma) {
  return valid(sigma > 0) - abs(y - mu) / sigma - log(sigma) - 0.69314718055994530942;
}
real double_exponential_lcdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log_laplace_below__((y - mu) / sigma);
}
real double_exponential_lccdf(real y, real mu, real sigma) {
  return valid(sigma > 0) + log_laplace_below__((mu - y) / sigma);
}
real log_laplace_below__(real z) {
  return z < 0 ? z - 0.69314718055994530942 : log1m(0.5 * exp(-(z < 0 ? -z : z)));
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
  return valid(beta > 0) - exp((mu - y) / beta);
}
real gumbel_lccdf(real y, real mu, real beta) {
  return valid(beta > 0) + log1m_exp_exp__((mu - y) / beta);
}
// log(1 - exp(-exp(a)))
real log1m_exp_exp__(real a) {
  return a < -36 ? a : log1m_exp(-exp(a < -36 ? 0 : a));
}

real skew_double_exponential_lpdf(real y, real mu, real sigma, real tau) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) + valid(tau >= 0) + valid(tau <= 1) + 0.69314718055994530942 + log(tau)
         + log1m(tau) - log(sigma) - 2 * (z < 0 ? (tau - 1) * z : tau * z);
}
real skew_double_exponential_lcdf(real y, real mu, real sigma, real tau) {
  return valid(sigma > 0) + valid(tau >= 0) + valid(tau <= 1)
         + log_skew_laplace_below__((y - mu) / sigma, tau, 1 - tau);
}
real skew_double_exponential_lccdf(real y, real mu, real sigma, real tau) {
  return valid(sigma > 0) + valid(tau >= 0) + valid(tau <= 1)
         + log_skew_laplace_below__((mu - y) / sigma, 1 - tau, tau);
}
real log_skew_laplace_below__(real z, real tau, real rest) {
  real low = fmin(z, 0);
  real high = fmax(z, 0);
  real above = rest * exp(-2 * tau * high);
  real near = log(above < 0.5 ? 1 : tau - rest * expm1(-2 * tau * high));
  real beyond = above < 0.5 ? log1m(above < 0.5 ? above : 0.5) : near;
  real below = rest < 0.5 ? log1m(rest < 0.5 ? rest : 0.5) : log(tau);
  return z < 0 ? below + 2 * rest * low : beyond;
}
