// Random numbers of categories, vectors and matrices; see random.stan.

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
  real u = eta + logit(uniform_01_rng());
  int y = 1;
  for (k in 1 : num_elements(c)) {
    y += u > c[k];
  }
  return y;
}
int ordered_probit_rng(real eta, vector c) {
  real u = eta + std_normal_rng();
  int y = 1;
  for (k in 1 : num_elements(c)) {
    y += u > c[k];
  }
  return y;
}
array[] int multinomial_rng(vector theta, int N) {
  int K = num_elements(theta);
  array[K] int y;
  int left = N;
  real rest = 1;
  for (k in 1 : K) {
    if (k == K) {
      y[k] = left;
    } else {
      y[k] = binomial_rng(left, theta[k] < rest ? theta[k] / rest : 1);
    }
    left -= y[k];
    rest -= theta[k];
  }
  return y;
}
array[] int multinomial_logit_rng(vector gamma, int N) {
  return multinomial_rng(softmax(gamma), N);
}
array[] int dirichlet_multinomial_rng(vector alpha, int N) {
  return multinomial_rng(dirichlet_rng(alpha), N);
}
vector dirichlet_rng(vector alpha) {
  int K = num_elements(alpha);
  vector[K] g;
  for (k in 1 : K) {
    g[k] = log_gamma__rng(alpha[k]);
  }
  return softmax(g);
}
array[] int bernoulli_logit_glm_rng(matrix x, vector alpha, vector beta) {
  array[rows(x)] int y;
  vector[rows(x)] eta = x * beta;
  for (n in 1 : rows(x)) {
    y[n] = bernoulli_logit_rng(eta[n] + (num_elements(alpha) == 1 ? alpha[1] : alpha[n]));
  }
  return y;
}
array[] int bernoulli_logit_glm_rng(row_vector x, vector alpha, vector beta) {
  array[num_elements(alpha)] int y;
  real eta = x * beta;
  for (n in 1 : num_elements(alpha)) {
    y[n] = bernoulli_logit_rng(eta + alpha[n]);
  }
  return y;
}

vector std_normals__rng(int K) {
  vector[K] z;
  for (k in 1 : K) {
    z[k] = std_normal_rng();
  }
  return z;
}
vector multi_normal_cholesky_rng(vector mu, matrix L) {
  return mu + L * std_normals__rng(num_elements(mu));
}
vector multi_normal_rng(vector mu, matrix Sigma) {
  return multi_normal_cholesky_rng(mu, cholesky_decompose(Sigma));
}
vector multi_student_t_cholesky_rng(real nu, vector mu, matrix L) {
  vector[num_elements(mu)] z = std_normals__rng(num_elements(mu));
  real w = 2 * std_gamma_rng(0.5 * nu) / nu;
  return mu + L * z / sqrt(w);
}
vector multi_student_t_rng(real nu, vector mu, matrix Sigma) {
  return multi_student_t_cholesky_rng(nu, mu, cholesky_decompose(Sigma));
}

// Bartlett's decomposition
matrix wishart_cholesky_rng(real nu, matrix S) {
  int K = rows(S);
  matrix[K, K] A = rep_matrix(0, K, K);
  for (i in 1 : K) {
    for (j in 1 : i - 1) {
      A[i, j] = std_normal_rng();
    }
    A[i, i] = sqrt(2 * std_gamma_rng(0.5 * (nu - i + 1)));
  }
  return S * A;
}
matrix wishart_rng(real nu, matrix S) {
  return tcrossprod(wishart_cholesky_rng(nu, cholesky_decompose(S)));
}
matrix inv_wishart_rng(real nu, matrix S) {
  return inverse_spd(wishart_rng(nu, inverse_spd(S)));
}
matrix inv_wishart_cholesky_rng(real nu, matrix S) {
  return cholesky_decompose(inv_wishart_rng(nu, tcrossprod(S)));
}

// Partial correlations are beta numbers (Lewandowski, Kurowicka and Joe 2009, section 2.4).
matrix lkj_corr_cholesky_rng(int K, real eta) {
  matrix[K, K] L = rep_matrix(0, K, K);
  vector[K] left = rep_vector(1, K);
  for (j in 1 : K - 1) {
    real b = eta + 0.5 * (K - 1 - j);
    for (i in j + 1 : K) {
      real z = 2 * beta_rng(b, b) - 1;
      L[i, j] = z * sqrt(left[i]);
      left[i] *= 1 - square(z);
    }
  }
  for (i in 1 : K) {
    L[i, i] = sqrt(left[i]);
  }
  return L;
}
matrix lkj_corr_rng(int K, real eta) {
  return tcrossprod(lkj_corr_cholesky_rng(K, eta));
}

// The last state from the forward probabilities, each before it given the one after.
array[] int hmm_latent_rng(matrix log_omega, matrix Gamma, vector rho) {
  int K = rows(log_omega);
  int T = cols(log_omega);
  matrix[K, T] f = hmm_forward__(log_omega, Gamma, rho);
  array[T] int z;
  z[T] = categorical_rng(softmax(f[ : , T]));
  for (i in 1 : T - 1) {
    int t = T - i;
    z[t] = categorical_rng(softmax(f[ : , t] + log(Gamma[ : , z[t + 1]])));
  }
  return z;
}
