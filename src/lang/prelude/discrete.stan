// Mass functions of integers. After the Stan functions reference, chapters "Binary", "Bounded discrete" and
// "Unbounded discrete distributions".

real bernoulli_lpmf(int y, real theta) {
  real p = y == 1 ? theta : 1 - theta;
  return valid(y == 0 || y == 1) + valid(theta >= 0) + valid(theta <= 1) + log(p);
}
real bernoulli_logit_lpmf(int y, real alpha) {
  real a = y == 1 ? alpha : -alpha;
  return valid(y == 0 || y == 1) + log_inv_logit(a);
}

real binomial_lpmf(int n, int N, real theta) {
  return valid(n >= 0) + valid(n <= N) + valid(theta >= 0) + valid(theta <= 1)
         + lchoose(N, n) + lmultiply(n, theta) + lmultiply(N - n, 1 - theta);
}
real binomial_logit_lpmf(int n, int N, real alpha) {
  return valid(n >= 0) + valid(n <= N) + lchoose(N, n) + n * log_inv_logit(alpha)
         + (N - n) * log1m_inv_logit(alpha);
}
real binomial_lcdf(int n, int N, real theta) {
  return n >= N ? 0 : n < 0 ? negative_infinity() : log(inc_beta(N - n, n + 1, 1 - theta));
}
real binomial_lccdf(int n, int N, real theta) {
  return n >= N ? negative_infinity() : n < 0 ? 0 : log(inc_beta(n + 1, N - n, theta));
}

real beta_binomial_lpmf(int n, int N, real alpha, real beta) {
  return valid(n >= 0) + valid(n <= N) + valid(alpha > 0) + valid(beta > 0) + lchoose(N, n)
         + lbeta(n + alpha, N - n + beta) - lbeta(alpha, beta);
}

real hypergeometric_lpmf(int n, int N, int a, int b) {
  return valid(n >= 0) + lchoose(a, n) + lchoose(b, N - n) - lchoose(a + b, N);
}

real poisson_lpmf(int n, real lambda) {
  return valid(n >= 0) + valid(lambda >= 0) + lmultiply(n, lambda) - lambda - lgamma(n + 1);
}
real poisson_lcdf(int n, real lambda) {
  return n < 0 ? negative_infinity() : log(gamma_q(n + 1, lambda));
}
real poisson_lccdf(int n, real lambda) {
  return n < 0 ? 0 : log(gamma_p(n + 1, lambda));
}
real poisson_log_lpmf(int n, real alpha) {
  return valid(n >= 0) + n * alpha - exp(alpha) - lgamma(n + 1);
}

real neg_binomial_lpmf(int n, real alpha, real beta) {
  return valid(n >= 0) + valid(alpha > 0) + valid(beta > 0) + lchoose(n + alpha - 1, n)
         - alpha * log1p(1 / beta) - n * log1p(beta);
}
// lgamma(n + phi) - lgamma(phi), of which large phi leave nothing when subtracted, is a choose function.
real neg_binomial_2_lpmf(int n, real mu, real phi) {
  return valid(n >= 0) + valid(mu >= 0) + valid(phi > 0) + lchoose(n + phi - 1, n)
         + lmultiply(n, mu) - phi * log1p(mu / phi) - n * log(mu + phi);
}
real neg_binomial_2_log_lpmf(int n, real eta, real phi) {
  real lp = log(phi);
  return valid(n >= 0) + valid(phi > 0) + lchoose(n + phi - 1, n) - phi * log1p_exp(eta - lp)
         - n * (log1p_exp(lp - eta));
}

real categorical_lpmf(int y, vector theta) {
  return log(theta[y]);
}
real categorical_logit_lpmf(int y, vector beta) {
  return beta[y] - log_sum_exp(beta);
}

real discrete_range_lpmf(int y, int low, int high) {
  return valid(y >= low) + valid(y <= high) - log(high - low + 1);
}

real ordered_logistic_lpmf(int y, real eta, vector c) {
  int K = num_elements(c) + 1;
  if (y == 1) {
    return log_inv_logit(c[1] - eta);
  }
  if (y == K) {
    return log_inv_logit(eta - c[K - 1]);
  }
  return log_inv_logit(eta - c[y - 1]) + log_inv_logit(c[y] - eta)
         + log1m_exp(c[y - 1] - c[y]);
}
real ordered_probit_lpmf(int y, real eta, vector c) {
  int K = num_elements(c) + 1;
  if (y == 1) {
    return std_normal_lcdf(c[1] - eta);
  }
  if (y == K) {
    return std_normal_lccdf(c[K - 1] - eta);
  }
  return log_diff_exp(std_normal_lcdf(c[y] - eta), std_normal_lcdf(c[y - 1] - eta));
}

real multinomial_lpmf(array[] int y, vector theta) {
  real s = 0;
  real t = 0;
  for (k in 1 : num_elements(theta)) {
    s += lmultiply(y[k], theta[k]);
    t += lgamma(y[k] + 1);
  }
  return s + lgamma(sum(y) + 1) - t;
}
real multinomial_logit_lpmf(array[] int y, vector gamma) {
  return multinomial_lpmf(y | softmax(gamma));
}
