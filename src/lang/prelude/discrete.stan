// Mass functions of integers. After the Stan functions reference, chapters "Binary distributions", "Bounded discrete
// distributions" and "Unbounded discrete distributions"; see unbounded.stan. The integers are data, so that
// a `?:` by them takes one side only.

real bernoulli_lpmf(int y, real theta) {
  return valid(y == 0 || y == 1) + valid(theta >= 0) + valid(theta <= 1)
         + (y == 1 ? log(theta) : log1m(theta));
}
real bernoulli_lcdf(int y, real theta) {
  return valid(y >= 0) + valid(theta >= 0) + valid(theta <= 1) + (y == 0 ? log1m(theta) : 0);
}
real bernoulli_lccdf(int y, real theta) {
  return valid(y < 1) + valid(theta >= 0) + valid(theta <= 1) + (y == 0 ? log(theta) : 0);
}
real bernoulli_logit_lpmf(int y, real alpha) {
  return valid(y == 0 || y == 1) + log_inv_logit(y == 1 ? alpha : -alpha);
}

// log of theta^n (1 - theta)^m
real log_powers__(int n, int m, real theta) {
  return (n == 0 ? 0 : n * log(theta)) + (m == 0 ? 0 : m * log1m(theta));
}
real log_choose__(int n, int k) {
  return k < 0 || k > n ? negative_infinity() : lchoose(n, k);
}
real binomial_lpmf(int n, int N, real theta) {
  return valid(theta >= 0) + valid(theta <= 1) + log_choose__(N, n) + log_powers__(n, N - n, theta);
}
real binomial_logit_lpmf(int n, int N, real alpha) {
  return log_choose__(N, n) + n * log_inv_logit(alpha) + (N - n) * log1m_inv_logit(alpha);
}
real binomial_lcdf(int n, int N, real theta) {
  return valid(n >= 0) + valid(theta >= 0) + valid(theta <= 1)
         + (n < 0 || n >= N ? 0 : log_inc_beta(N - n, n + 1, 1 - theta, theta));
}
real binomial_lccdf(int n, int N, real theta) {
  return valid(n < N) + valid(theta >= 0) + valid(theta <= 1)
         + (n < 0 || n >= N ? 0 : log_inc_beta(n + 1, N - n, theta, 1 - theta));
}

// lbeta(n + alpha, m + beta) - lbeta(alpha, beta), of which large arguments leave nothing when subtracted: rising
// factorials, each over its largest factor to the power of the count.
real lbeta_step__(real n, real m, real alpha, real beta) {
  real s = alpha + beta;
  real end = s + (n + m);
  return n * log((alpha + n) / end) + m * log((beta + m) / end)
         + (log_rising_rest(alpha, n) + log_rising_rest(beta, m) - log_rising_rest(s, n + m));
}
real beta_binomial_lpmf(int n, int N, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0) + log_choose__(N, n)
         + (n < 0 || n > N ? 0 : lbeta_step__(n, N - n, alpha, beta));
}
real beta_binomial_lcdf(int n, int N, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0)
         + (n >= N ? 0 : log_beta_binomial(n, N, alpha, beta));
}
real beta_binomial_lccdf(int n, int N, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0)
         + (n < 0 ? 0 : log_beta_binomial(N - n - 1, N, beta, alpha));
}

real hypergeometric_lpmf(int n, int N, int a, int b) {
  return n < 0 || n > a || n > N || N - n > b ? negative_infinity() : log_hypergeometric(n, N, a, b);
}

real discrete_range_lpmf(int y, int low, int high) {
  return valid(y >= low) + valid(y <= high) - log(high - low + 1);
}
real discrete_range_lcdf(int y, int low, int high) {
  return y < low ? negative_infinity() : y >= high ? 0 : log(y - low + 1) - log(high - low + 1);
}
real discrete_range_lccdf(int y, int low, int high) {
  return y < low ? 0 : y >= high ? negative_infinity() : log(high - y) - log(high - low + 1);
}

real log_factorial__(int n) {
  return n <= 1 ? 0 : lgamma(n + 1);
}
real poisson_lpmf(int n, real lambda) {
  return valid(n >= 0) + valid(lambda >= 0) + (n == 0 ? 0 : n * log(lambda)) - lambda
         - log_factorial__(n);
}
real poisson_lcdf(int n, real lambda) {
  return valid(n >= 0) + valid(lambda >= 0) + (n < 0 ? 0 : log_gamma_q(n + 1, lambda));
}
real poisson_lccdf(int n, real lambda) {
  return valid(lambda >= 0) + (n < 0 ? 0 : log_gamma_p(n + 1, lambda));
}
real poisson_log_lpmf(int n, real alpha) {
  return valid(n >= 0) + n * alpha - exp(alpha) - log_factorial__(n);
}

// lgamma(n + phi) - lgamma(phi), of which large phi leave nothing when subtracted, is a rising factorial.
real log_rising__(real x, int n) {
  return n <= 0 ? 0 : log_rising_factorial(x, n);
}
real neg_binomial_lpmf(int n, real alpha, real beta) {
  return valid(n >= 0) + valid(alpha > 0) + valid(beta > 0) + log_rising__(alpha, n) - log_factorial__(n)
         - alpha * log1p(1 / beta) - n * log1p(beta);
}
real neg_binomial_lcdf(int n, real alpha, real beta) {
  return valid(n >= 0) + valid(alpha > 0) + valid(beta > 0)
         + (n < 0 ? 0 : log_inc_beta(alpha, n + 1, beta, 1));
}
real neg_binomial_lccdf(int n, real alpha, real beta) {
  return valid(alpha > 0) + valid(beta > 0)
         + (n < 0 ? 0 : log_inc_beta(n + 1, alpha, 1, beta));
}
real neg_binomial_2_lpmf(int n, real mu, real phi) {
  return valid(n >= 0) + valid(mu >= 0) + valid(phi > 0) + log_rising__(phi, n) - log_factorial__(n)
         + (n == 0 ? 0 : n * (log(mu) - log(mu + phi))) - phi * log1p(mu / phi);
}
real neg_binomial_2_lcdf(int n, real mu, real phi) {
  return valid(n >= 0) + valid(mu >= 0) + valid(phi > 0)
         + (n < 0 ? 0 : log_inc_beta(phi, n + 1, phi, mu));
}
real neg_binomial_2_lccdf(int n, real mu, real phi) {
  return valid(mu >= 0) + valid(phi > 0)
         + (n < 0 ? 0 : log_inc_beta(n + 1, phi, mu, phi));
}
real neg_binomial_2_log_lpmf(int n, real eta, real phi) {
  real lp = log(phi);
  return valid(n >= 0) + valid(phi > 0) + log_rising__(phi, n) - log_factorial__(n)
         - phi * log1p_exp(eta - lp) - n * log1p_exp(lp - eta);
}

// r and beta may be exchanged; the smaller one is the count of the rising factorials
real beta_neg_binomial_lpmf(int n, real r, real alpha, real beta) {
  real few = fmin(r, beta);
  return valid(n >= 0) + valid(r > 0) + valid(alpha > 0) + valid(beta > 0) + log_rising__(few, n)
         - log_factorial__(n) + lbeta_step__(few, n < 0 ? 0 : n, alpha, fmax(r, beta));
}
real beta_neg_binomial_lcdf(int n, real r, real alpha, real beta) {
  return valid(n >= 0) + valid(r > 0) + valid(alpha > 0) + valid(beta > 0)
         + (n < 0 ? 0 : log_beta_neg_binomial(n, r, alpha, beta));
}
real beta_neg_binomial_lccdf(int n, real r, real alpha, real beta) {
  return n < 0 ? 0 : log1m_exp(beta_neg_binomial_lcdf(n | r, alpha, beta));
}

real yule_simon_lpmf(int n, real alpha) {
  return valid(n >= 1) + valid(alpha > 0) + (n < 1 ? 0 : log(alpha) + lbeta(n, alpha + 1));
}
real yule_simon_lcdf(int n, real alpha) {
  return valid(n >= 1) + valid(alpha > 0)
         + (n < 1 ? 0 : log1m_exp(log_yule_simon_above__(n, alpha)));
}
real yule_simon_lccdf(int n, real alpha) {
  return valid(alpha > 0) + (n < 1 ? 0 : log_yule_simon_above__(n, alpha));
}
// log of n B(n, alpha + 1), in the form that keeps the digits of a small alpha or of a large one
real log_yule_simon_above__(int n, real alpha) {
  real few = alpha < 1 ? alpha : 1;
  real near = log_rising_factorial(1, few) - log_rising_factorial(n + 1, few);
  return alpha < 1 ? near : log(n) + lbeta(n, alpha + 1);
}
