// Categories, ordered or not, and counts of them. After the Stan functions reference, chapters "Bounded discrete
// distributions" and "Multivariate discrete distributions". categorical_log__ takes logs of probabilities:
// what is vectorised is turned into it once (lower_density.c).

real categorical_lpmf(int y, vector theta) {
  return log(theta[y]);
}
real categorical_logit_lpmf(int y, vector beta) {
  return beta[y] - log_sum_exp(beta);
}
real categorical_log__lpmf(int y, vector l) {
  return l[y];
}

real categorical_logit_glm_lpmf(int y, row_vector x, vector alpha, matrix beta) {
  vector[num_elements(alpha)] eta = alpha + (x * beta)';
  return eta[y] - log_sum_exp(eta);
}

// inv_logit(a) - inv_logit(b) = inv_logit(a) inv_logit(-b) (1 - exp(b - a))
real ordered_logistic_lpmf(int y, real eta, vector c) {
  int K = num_elements(c) + 1;
  return valid(y >= 1 && y <= K)
         + (K == 1 ? 0
            : y <= 1 ? log_inv_logit(c[1] - eta)
              : y >= K ? log_inv_logit(eta - c[K - 1])
                : log_inv_logit(eta - c[y - 1]) + log_inv_logit(c[y] - eta)
                  + log1m_exp(c[y - 1] - c[y]));
}
real ordered_probit_lpmf(int y, real eta, vector c) {
  int K = num_elements(c) + 1;
  return valid(y >= 1 && y <= K)
         + (K == 1 ? 0
            : y <= 1 ? std_normal_lcdf(c[1] - eta)
              : y >= K ? std_normal_lccdf(c[K - 1] - eta)
                : log_normal_between__(c[y - 1] - eta, c[y] - eta));
}
// log(Phi(b) - Phi(a)), by the upper tails where both are above 0
real log_normal_between__(real a, real b) {
  return log_diff_exp(std_normal_lcdf(a > 0 ? -a : b), std_normal_lcdf(a > 0 ? -b : a));
}

real multinomial_lpmf(array[] int y, vector theta) {
  same_size__(num_elements(theta), size(y));
  real s = 0;
  real t = 0;
  for (k in 1 : num_elements(theta)) {
    s += y[k] == 0 ? 0 : y[k] * log(theta[k]);
    t += lgamma(y[k] + 1);
  }
  return s + lgamma(sum(y) + 1) - t;
}
real multinomial_logit_lpmf(array[] int y, vector gamma) {
  same_size__(num_elements(gamma), size(y));
  real s = 0;
  real t = 0;
  for (k in 1 : num_elements(gamma)) {
    s += y[k] * gamma[k];
    t += lgamma(y[k] + 1);
  }
  return s - sum(y) * log_sum_exp(gamma) + lgamma(sum(y) + 1) - t;
}
real dirichlet_multinomial_lpmf(array[] int y, vector alpha) {
  same_size__(num_elements(alpha), size(y));
  real s = 0;
  real t = 0;
  int n = sum(y);
  real a = sum(alpha);
  for (k in 1 : num_elements(alpha)) {
    s += y[k] == 0 ? 0 : lgamma(y[k] + alpha[k]) - lgamma(alpha[k]);
    t += lgamma(y[k] + 1);
  }
  return s + (n == 0 ? 0 : lgamma(a) - lgamma(n + a)) + lgamma(n + 1) - t;
}

void same_size__(int a, int b) {
  if (a != b) {
    fatal_error("sizes of a distribution's arguments do not match; expected ", a, ", got ", b);
  }
}
