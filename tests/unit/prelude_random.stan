// Every _rng of the prelude against its own distribution: the cumulative of what is drawn is uniform (of integers: a
// uniform number between the cumulatives below and at it). ks[i] is Kolmogorov's distance times the square root of
// the number of draws; see test_prelude_random.py.
functions {
  real kolmogorov(vector u) {
    int n = num_elements(u);
    vector[n] s = sort_asc(u);
    real d = 0;
    for (i in 1 : n) {
      d = fmax(d, fmax(i * 1.0 / n - s[i], s[i] - (i - 1) * 1.0 / n));
    }
    return d * sqrt(n);
  }
  real between_rng(real a, real b) {
    return a + (b - a) * uniform_rng(0, 1);
  }
  // of categories with these probabilities
  real pit_rng(int y, vector p) {
    return between_rng(sum(head(p, y - 1)), sum(head(p, y)));
  }
  real pit_binomial_rng(int y, int N, real p) {
    return between_rng(binomial_cdf(y - 1 | N, p), binomial_cdf(y | N, p));
  }
  vector ordered_probabilities(vector below) {
    return append_row(below, 1) - append_row(0, below);
  }
}
transformed data {
  int n = 10000;
  vector[3] p = [0.2, 0.5, 0.3]';
  vector[3] a = [0.4, 2.5, 1.1]';
  vector[2] c = [-0.5, 1.2]';
  vector[2] mu = [0.5, -1]';
  matrix[2, 2] S = [[2, 0.6], [0.6, 0.5]];
  matrix[2, 2] L = cholesky_decompose(S);
  matrix[3, 3] log_omega = [[-1, -2, -0.5], [-1.5, -0.3, -1], [-0.7, -1.2, -2.5]];
  matrix[3, 3] Gamma = [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.25, 0.25, 0.5]];
  matrix[3, 3] hidden = hmm_hidden_state_prob(log_omega, Gamma, p);
  matrix[3, 1] X = [[0.5], [-1], [0.1]];
}
parameters {
  real x;
}
model {
  x ~ std_normal();
}
generated quantities {
  vector[72] ks;
  {
    matrix[n, 72] u;
    for (i in 1 : n) {
      u[i, 1] = normal_cdf(normal_rng(1, 2) | 1, 2);
      u[i, 2] = std_normal_cdf(std_normal_rng());
      u[i, 3] = exp_mod_normal_cdf(exp_mod_normal_rng(1, 2, 0.7) | 1, 2, 0.7);
      u[i, 4] = skew_normal_cdf(skew_normal_rng(1, 2, 3) | 1, 2, 3);
      u[i, 5] = student_t_cdf(student_t_rng(3.5, 1, 2) | 3.5, 1, 2);
      u[i, 6] = cauchy_cdf(cauchy_rng(1, 2) | 1, 2);
      u[i, 7] = double_exponential_cdf(double_exponential_rng(1, 2) | 1, 2);
      u[i, 8] = logistic_cdf(logistic_rng(1, 2) | 1, 2);
      u[i, 9] = gumbel_cdf(gumbel_rng(1, 2) | 1, 2);
      u[i, 10] = skew_double_exponential_cdf(skew_double_exponential_rng(1, 2, 0.3) | 1, 2, 0.3);
      u[i, 11] = lognormal_cdf(lognormal_rng(1, 2) | 1, 2);
      u[i, 12] = chi_square_cdf(chi_square_rng(3.5) | 3.5);
      u[i, 13] = inv_chi_square_cdf(inv_chi_square_rng(3.5) | 3.5);
      u[i, 14] = scaled_inv_chi_square_cdf(scaled_inv_chi_square_rng(3.5, 2) | 3.5, 2);
      u[i, 15] = exponential_cdf(exponential_rng(2) | 2);
      u[i, 16] = gamma_cdf(gamma_rng(0.3, 2) | 0.3, 2);
      u[i, 17] = inv_gamma_cdf(inv_gamma_rng(2.5, 2) | 2.5, 2);
      u[i, 18] = weibull_cdf(weibull_rng(1.4, 2) | 1.4, 2);
      u[i, 19] = frechet_cdf(frechet_rng(1.4, 2) | 1.4, 2);
      u[i, 20] = rayleigh_cdf(rayleigh_rng(2) | 2);
      u[i, 21] = loglogistic_cdf(loglogistic_rng(1.4, 2) | 1.4, 2);
      u[i, 22] = pareto_cdf(pareto_rng(1.4, 2) | 1.4, 2);
      u[i, 23] = pareto_type_2_cdf(pareto_type_2_rng(1, 1.4, 2) | 1, 1.4, 2);
      u[i, 24] = beta_cdf(beta_rng(0.05, 2) | 0.05, 2);
      u[i, 25] = exp(beta_proportion_lcdf(beta_proportion_rng(0.3, 4) | 0.3, 4));
      u[i, 26] = uniform_cdf(uniform_rng(-1, 3) | -1, 3);
      real angle = von_mises_rng(0.5, 1.7);
      u[i, 27] = von_mises_cdf((angle > pi() ? angle - 2 * pi() : angle) | 0.5, 1.7);
      int k = bernoulli_rng(0.3);
      u[i, 28] = between_rng(bernoulli_cdf(k - 1 | 0.3), bernoulli_cdf(k | 0.3));
      k = bernoulli_logit_rng(0.3);
      u[i, 29] = between_rng(bernoulli_cdf(k - 1 | inv_logit(0.3)), bernoulli_cdf(k | inv_logit(0.3)));
      u[i, 30] = pit_binomial_rng(binomial_rng(7, 0.3), 7, 0.3);
      u[i, 31] = pit_binomial_rng(binomial_rng(400, 0.35), 400, 0.35);
      k = beta_binomial_rng(20, 0.8, 2);
      u[i, 32] = between_rng(beta_binomial_cdf(k - 1 | 20, 0.8, 2), beta_binomial_cdf(k | 20, 0.8, 2));
      k = poisson_rng(3.4);
      u[i, 33] = between_rng(poisson_cdf(k - 1 | 3.4), poisson_cdf(k | 3.4));
      k = poisson_log_rng(4);
      u[i, 34] = between_rng(poisson_cdf(k - 1 | exp(4.0)), poisson_cdf(k | exp(4.0)));
      k = neg_binomial_rng(1.4, 0.5);
      u[i, 35] = between_rng(neg_binomial_cdf(k - 1 | 1.4, 0.5), neg_binomial_cdf(k | 1.4, 0.5));
      k = neg_binomial_2_rng(4, 0.5);
      u[i, 36] = between_rng(neg_binomial_2_cdf(k - 1 | 4, 0.5), neg_binomial_2_cdf(k | 4, 0.5));
      k = neg_binomial_2_log_rng(log(4), 2.5);
      u[i, 37] = between_rng(neg_binomial_2_cdf(k - 1 | 4, 2.5), neg_binomial_2_cdf(k | 4, 2.5));
      k = beta_neg_binomial_rng(2, 12, 6);
      u[i, 38] = between_rng(beta_neg_binomial_cdf(k - 1 | 2, 12, 6), beta_neg_binomial_cdf(k | 2, 12, 6));
      k = yule_simon_rng(1.5);
      u[i, 39] = between_rng(yule_simon_cdf(k - 1 | 1.5), yule_simon_cdf(k | 1.5));
      k = discrete_range_rng(-2, 5);
      u[i, 40] = between_rng(discrete_range_cdf(k - 1 | -2, 5), discrete_range_cdf(k | -2, 5));
      k = hypergeometric_rng(5, 4, 6);
      vector[5] h;
      for (j in 0 : 4) {
        h[j + 1] = exp(hypergeometric_lpmf(j | 5, 4, 6));
      }
      u[i, 41] = pit_rng(k + 1, h);

      u[i, 42] = pit_rng(categorical_rng(p), p);
      u[i, 43] = pit_rng(categorical_logit_rng(a), softmax(a));
      u[i, 44] = pit_rng(ordered_logistic_rng(0.4, c), ordered_probabilities(inv_logit(c - 0.4)));
      u[i, 45] = pit_rng(ordered_probit_rng(0.4, c), ordered_probabilities(Phi(c - 0.4)));
      array[3] int y = multinomial_rng(p, 30);
      u[i, 46] = pit_binomial_rng(y[1], 30, p[1]);
      u[i, 47] = pit_binomial_rng(y[2], 30 - y[1], p[2] / (1 - p[1]));
      y = multinomial_logit_rng(log(p), 30);
      u[i, 48] = pit_binomial_rng(y[3], 30, p[3]);
      y = dirichlet_multinomial_rng(a, 12);
      u[i, 49] = between_rng(beta_binomial_cdf(y[1] - 1 | 12, a[1], a[2] + a[3]),
                             beta_binomial_cdf(y[1] | 12, a[1], a[2] + a[3]));
      vector[3] s = dirichlet_rng(a);
      u[i, 50] = beta_cdf(s[1] | a[1], a[2] + a[3]);
      u[i, 51] = beta_cdf(s[2] / (1 - s[1]) | a[2], a[3]);
      vector[2] z = mdivide_left_tri_low(L, multi_normal_rng(mu, S) - mu);
      u[i, 52] = std_normal_cdf(z[1]);
      u[i, 53] = std_normal_cdf(z[2]);
      z = mdivide_left_tri_low(L, multi_normal_cholesky_rng({mu, mu}, L)[2] - mu);
      u[i, 54] = std_normal_cdf(z[2]);
      z = mdivide_left_tri_low(L, multi_student_t_rng(4, mu, S) - mu);
      u[i, 55] = student_t_cdf(z[1] | 4, 0, 1);
      u[i, 56] = student_t_cdf(z[2] | 4, 0, 1);
      z = mdivide_left_tri_low(L, multi_student_t_cholesky_rng(4, mu, L) - mu);
      u[i, 57] = student_t_cdf(z[2] | 4, 0, 1);
      matrix[2, 2] A = mdivide_left_tri_low(L, wishart_cholesky_rng(4.5, L));
      u[i, 58] = chi_square_cdf(square(A[1, 1]) | 4.5);
      u[i, 59] = chi_square_cdf(square(A[2, 2]) | 3.5);
      u[i, 60] = std_normal_cdf(A[2, 1]);
      A = mdivide_left_tri_low(L, cholesky_decompose(wishart_rng(4.5, S)));
      u[i, 61] = chi_square_cdf(square(A[2, 2]) | 3.5);
      A = cholesky_decompose(L' * mdivide_left_spd(inv_wishart_rng(4.5, S), L));
      u[i, 62] = chi_square_cdf(square(A[1, 1]) | 4.5);
      u[i, 63] = chi_square_cdf(square(A[2, 2]) | 3.5);
      A = inv_wishart_cholesky_rng(4.5, L);
      A = cholesky_decompose(L' * mdivide_left_spd(tcrossprod(A), L));
      u[i, 64] = std_normal_cdf(A[2, 1]);
      matrix[3, 3] R = lkj_corr_rng(3, 1.5);
      u[i, 65] = beta_cdf(0.5 * (R[2, 1] + 1) | 2, 2);
      u[i, 66] = beta_cdf(0.5 * (R[3, 2] + 1) | 2, 2);
      R = tcrossprod(lkj_corr_cholesky_rng(3, 1.5));
      u[i, 67] = beta_cdf(0.5 * (R[3, 1] + 1) | 2, 2);
      y = hmm_latent_rng(log_omega, Gamma, p);
      u[i, 68] = pit_rng(y[1], hidden[ : , 1]);
      u[i, 69] = pit_rng(y[2], hidden[ : , 2]);
      u[i, 70] = pit_rng(y[3], hidden[ : , 3]);
      y = bernoulli_logit_glm_rng(X, a, [0.7]');
      real q = inv_logit(a[2] - 0.7);
      u[i, 71] = between_rng(y[2] == 1 ? 1 - q : 0, y[2] == 1 ? 1 : 1 - q);
      u[i, 72] = normal_cdf(normal_rng({1.0, 2.0}, 2)[2] | 2, 2);
    }
    for (i in 1 : 72) {
      ks[i] = kolmogorov(u[ : , i]);
    }
  }
}
