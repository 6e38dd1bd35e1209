// Random numbers. From uniform, normal, gamma and Poisson numbers that masting makes by address.

real normal_rng(real mu, real sigma) {
  return mu + sigma * std_normal_rng();
}
real uniform_rng(real a, real b) {
  return a + (b - a) * uniform_01_rng();
}
real exponential_rng(real beta) {
  return -log(uniform_01_rng()) / beta;
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
real lognormal_rng(real mu, real sigma) {
  return exp(mu + sigma * std_normal_rng());
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
  real u = uniform_01_rng() - 0.5;
  return mu - sigma * (u < 0 ? -1 : 1) * log1m(2 * abs(u));
}
real logistic_rng(real mu, real sigma) {
  return mu + sigma * logit(uniform_01_rng());
}
real gumbel_rng(real mu, real beta) {
  return mu - beta * log(-log(uniform_01_rng()));
}
real weibull_rng(real alpha, real sigma) {
  return sigma * (-log(uniform_01_rng())) ^ (1 / alpha);
}
real pareto_rng(real y_min, real alpha) {
  return y_min * uniform_01_rng() ^ (-1 / alpha);
}
real beta_rng(real alpha, real beta) {
  real a = std_gamma_rng(alpha);
  real b = std_gamma_rng(beta);
  return a / (a + b);
}
int bernoulli_rng(real theta) {
  return uniform_01_rng() < theta;
}
int bernoulli_logit_rng(real alpha) {
  return uniform_01_rng() < inv_logit(alpha);
}
int binomial_rng(int N, real theta) {
  int n = 0;
  for (i in 1 : N) {
    n += uniform_01_rng() < theta;
  }
  return n;
}
int binomial_logit_rng(int N, real alpha) {
  return binomial_rng(N, inv_logit(alpha));
}
int poisson_rng(real lambda) {
  return poisson_base_rng(lambda);
}
int poisson_log_rng(real alpha) {
  return poisson_base_rng(exp(alpha));
}
int neg_binomial_2_rng(real mu, real phi) {
  return poisson_base_rng(std_gamma_rng(phi) * mu / phi);
}
int neg_binomial_2_log_rng(real eta, real phi) {
  return poisson_base_rng(std_gamma_rng(phi) * exp(eta) / phi);
}
int neg_binomial_rng(real alpha, real beta) {
  return poisson_base_rng(std_gamma_rng(alpha) / beta);
}
int categorical_rng(vector theta) {
  real u = uniform_01_rng();
  real c = 0;
  int y = 1;
  for (k in 1 : num_elements(theta) - 1) {
    c += theta[k];
    y += u >= c;
  }
  return y;
}
int categorical_logit_rng(vector beta) {
  return categorical_rng(softmax(beta));
}
int ordered_logistic_rng(real eta, vector c) {
  real u = logit(uniform_01_rng());
  int y = 1;
  for (k in 1 : num_elements(c)) {
    y += u > c[k] - eta;
  }
  return y;
}
vector dirichlet_rng(vector alpha) {
  int K = num_elements(alpha);
  vector[K] g;
  for (k in 1 : K) {
    g[k] = std_gamma_rng(alpha[k]);
  }
  return g / sum(g);
}
vector multi_normal_cholesky_rng(vector mu, matrix L) {
  vector[num_elements(mu)] z;
  for (k in 1 : num_elements(mu)) {
    z[k] = std_normal_rng();
  }
  return mu + L * z;
}
vector multi_normal_rng(vector mu, matrix Sigma) {
  return multi_normal_cholesky_rng(mu, cholesky_decompose(Sigma));
}
