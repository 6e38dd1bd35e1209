// Random numbers of scalars. From uniform, normal, gamma and Poisson numbers that masting makes by address.

real normal_rng(real mu, real sigma) {
  return mu + sigma * std_normal_rng();
}
real exp_mod_normal_rng(real mu, real sigma, real lambda) {
  real x = mu + sigma * std_normal_rng();
  return x + std_exponential__rng() / lambda;
}
real skew_normal_rng(real xi, real omega, real alpha) {
  real delta = alpha / sqrt(1 + square(alpha));
  real a = abs(std_normal_rng());
  real b = std_normal_rng();
  return xi + omega * (delta * a + sqrt(1 - square(delta)) * b);
}
real student_t_rng(real nu, real mu, real sigma) {
  real z = std_normal_rng();
  real w = 2 * std_gamma_rng(0.5 * nu) / nu;
  return mu + sigma * z / sqrt(w);
}
real cauchy_rng(real mu, real sigma) {
  return mu + sigma * tan(3.14159265358979323846 * (uniform_01_rng() - 0.5));
}
real double_exponential_rng(real mu, real sigma) {
  real a = std_exponential__rng();
  real b = std_exponential__rng();
  return mu + sigma * (a - b);
}
real logistic_rng(real mu, real sigma) {
  return mu + sigma * logit(uniform_01_rng());
}
real gumbel_rng(real mu, real beta) {
  return mu - beta * log(std_exponential__rng());
}
real skew_double_exponential_rng(real mu, real sigma, real tau) {
  real a = std_exponential__rng();
  real b = std_exponential__rng();
  return mu + 0.5 * sigma * (a / tau - b / (1 - tau));
}

real std_exponential__rng() {
  return -log(uniform_01_rng());
}
real exponential_rng(real beta) {
  return std_exponential__rng() / beta;
}
// log of a gamma number that small shapes do not make 0
real log_gamma__rng(real alpha) {
  real g = log(std_gamma_rng(alpha + 1));
  return g - std_exponential__rng() / alpha;
}
real gamma_rng(real alpha, real beta) {
  return std_gamma_rng(alpha) / beta;
}
real inv_gamma_rng(real alpha, real beta) {
  return beta / std_gamma_rng(alpha);
}
real chi_square_rng(real nu) {
  return 2 * std_gamma_rng(0.5 * nu);
}
real inv_chi_square_rng(real nu) {
  return 0.5 / std_gamma_rng(0.5 * nu);
}
real scaled_inv_chi_square_rng(real nu, real s) {
  return 0.5 * nu * square(s) / std_gamma_rng(0.5 * nu);
}
real lognormal_rng(real mu, real sigma) {
  return exp(mu + sigma * std_normal_rng());
}
real weibull_rng(real alpha, real sigma) {
  return sigma * std_exponential__rng() ^ (1 / alpha);
}
real frechet_rng(real alpha, real sigma) {
  return sigma * std_exponential__rng() ^ (-1 / alpha);
}
real rayleigh_rng(real sigma) {
  return sigma * sqrt(2 * std_exponential__rng());
}
real loglogistic_rng(real alpha, real beta) {
  return alpha * exp(logit(uniform_01_rng()) / beta);
}
real pareto_rng(real y_min, real alpha) {
  return y_min * exp(std_exponential__rng() / alpha);
}
real pareto_type_2_rng(real mu, real lambda, real alpha) {
  return mu + lambda * expm1(std_exponential__rng() / alpha);
}
real beta_rng(real alpha, real beta) {
  real a = log_gamma__rng(alpha);
  real b = log_gamma__rng(beta);
  return inv_logit(a - b);
}
real beta_proportion_rng(real mu, real kappa) {
  return beta_rng(mu * kappa, (1 - mu) * kappa);
}
real uniform_rng(real a, real b) {
  return a + (b - a) * uniform_01_rng();
}
// Best and Fisher 1979, "Efficient simulation of the von Mises distribution"; within pi of mu modulo 2 pi.
real von_mises_rng(real mu, real kappa) {
  real tau = 1 + sqrt(1 + 4 * square(kappa));
  real rho = (tau - sqrt(2 * tau)) / (2 * kappa);
  real r = kappa < 1e-4 ? 1 / kappa : (1 + square(rho)) / (2 * rho);
  real centre = fmod(fmod(mu, 6.28318530717958647693) + 6.28318530717958647693, 6.28318530717958647693);
  int more = kappa > 1e-12;
  real f = cos(3.14159265358979323846 * uniform_01_rng());
  while (more) {
    real z = cos(3.14159265358979323846 * uniform_01_rng());
    f = (1 + r * z) / (r + z);
    real c = kappa * (r - f);
    real u = uniform_01_rng();
    more = c * (2 - c) <= u && log(c / u) + 1 < c;
  }
  real angle = acos(fmax(fmin(f, 1), -1));
  return uniform_01_rng() < 0.5 ? centre - angle : centre + angle;
}

// ---- integers

int bernoulli_rng(real theta) {
  return uniform_01_rng() < theta;
}
int bernoulli_logit_rng(real alpha) {
  return uniform_01_rng() < inv_logit(alpha);
}
// The i-th smallest of N uniform numbers is a beta number: halve until few are left (Devroye 1986, section X.4.3).
int binomial_rng(int N, real theta) {
  int n = 0;
  int left = N;
  real p = theta;
  while (left > 15) {
    int i = (left + 1) %/% 2;
    real x = beta_rng(i, left + 1 - i);
    if (x <= p) {
      n += i;
      left -= i;
      p = (p - x) / (1 - x);
    } else {
      left = i - 1;
      p /= x;
    }
  }
  for (k in 1 : left) {
    n += uniform_01_rng() < p;
  }
  return n;
}
int binomial_logit_rng(int N, real alpha) {
  return binomial_rng(N, inv_logit(alpha));
}
int beta_binomial_rng(int N, real alpha, real beta) {
  return binomial_rng(N, beta_rng(alpha, beta));
}
// N draws without return from a and b
int hypergeometric_rng(int N, int a, int b) {
  int n = 0;
  for (k in 1 : N) {
    n += uniform_01_rng() * (a + b - k + 1) < a - n;
  }
  return n;
}
int discrete_range_rng(int low, int high) {
  return low + to_int(floor((high - low + 1.0) * uniform_01_rng()));
}
int poisson_rng(real lambda) {
  return poisson_base_rng(lambda);
}
int poisson_log_rng(real alpha) {
  return poisson_base_rng(exp(alpha));
}
int neg_binomial_rng(real alpha, real beta) {
  return poisson_base_rng(std_gamma_rng(alpha) / beta);
}
int neg_binomial_2_rng(real mu, real phi) {
  return poisson_base_rng(std_gamma_rng(phi) * mu / phi);
}
int neg_binomial_2_log_rng(real eta, real phi) {
  return poisson_base_rng(std_gamma_rng(phi) * exp(eta) / phi);
}
int beta_neg_binomial_rng(real r, real alpha, real beta) {
  real a = log_gamma__rng(alpha);
  real b = log_gamma__rng(beta);
  return poisson_base_rng(std_gamma_rng(r) * exp(b - a));
}
// Geometric of success exp(-w), w exponential.
int yule_simon_rng(real alpha) {
  real w = std_exponential__rng() / alpha;
  return 1 + to_int(floor(fmin(-std_exponential__rng() / log1m_exp(-w), 2147483000)));
}
