// Densities of vectors and matrices. After the Stan functions reference, chapters "Distributions over unbounded
// vectors", "Simplex distributions", "Correlation matrix distributions" and "Covariance matrix distributions".
// A matrix that is not positive definite makes its factor NaN, and so the density. What is vectorised over
// outcomes is factored once: see lower_density.c.

real dirichlet_lpdf(vector theta, vector alpha) {
  same_size__(num_elements(alpha), num_elements(theta));
  real s = 0;
  real t = 0;
  for (k in 1 : num_elements(alpha)) {
    s += lmultiply(alpha[k] - 1, theta[k]);
    t += lgamma(alpha[k]);
  }
  return valid(min(alpha) > 0) + s + (lgamma(sum(alpha)) - t);
}

real multi_normal_cholesky_lpdf(vector y, vector mu, matrix L) {
  int K = num_elements(y);
  same_size__(K, num_elements(mu));
  same_size__(K, rows(L));
  vector[K] z = mdivide_left_tri_low(L, y - mu);
  return -0.5 * dot_self(z) - sum(log(diagonal(L))) - K * 0.91893853320467274178;
}
real multi_normal_lpdf(vector y, vector mu, matrix Sigma) {
  return multi_normal_cholesky_lpdf(y | mu, cholesky_decompose(Sigma));
}
real multi_normal_prec_lpdf(vector y, vector mu, matrix Omega) {
  return multi_normal_prec_cholesky__lpdf(y | mu, cholesky_decompose(Omega));
}
real multi_normal_prec_cholesky__lpdf(vector y, vector mu, matrix L) {
  int K = num_elements(y);
  same_size__(K, num_elements(mu));
  same_size__(K, rows(L));
  vector[K] d = y - mu;
  vector[K] z = L' * d;
  return -0.5 * dot_self(z) + sum(log(diagonal(L))) - K * 0.91893853320467274178;
}
real multi_student_t_lpdf(vector y, real nu, vector mu, matrix Sigma) {
  return multi_student_t_cholesky_lpdf(y | nu, mu, cholesky_decompose(Sigma));
}
real multi_student_t_cholesky_lpdf(vector y, real nu, vector mu, matrix L) {
  int K = num_elements(y);
  same_size__(K, num_elements(mu));
  same_size__(K, rows(L));
  vector[K] z = mdivide_left_tri_low(L, y - mu);
  return valid(nu > 0) + (lgamma(0.5 * (nu + K)) - lgamma(0.5 * nu) - 0.5 * K * log(nu))
         - K * 0.57236494292470008707 - sum(log(diagonal(L)))
         - 0.5 * (nu + K) * log1p(dot_self(z) / nu);
}

// Row k of y is normal with covariance Sigma / w[k].
real multi_gp_lpdf(matrix y, matrix Sigma, vector w) {
  return multi_gp_cholesky_lpdf(y | cholesky_decompose(Sigma), w);
}
real multi_gp_cholesky_lpdf(matrix y, matrix L, vector w) {
  int K = rows(y);
  int N = cols(y);
  same_size__(K, num_elements(w));
  same_size__(N, rows(L));
  matrix[N, K] z = mdivide_left_tri_low(L, y');
  real q = 0;
  for (k in 1 : K) {
    q += w[k] * dot_self(z[ : , k]);
  }
  return valid(min(w) > 0) - 0.5 * q - K * sum(log(diagonal(L))) + 0.5 * N * sum(log(w))
         - K * N * 0.91893853320467274178;
}

real lkj_corr_cholesky_lpdf(matrix L, real eta) {
  int K = rows(L);
  real s = 0;
  for (k in 2 : K) {
    s += (K - k + 2 * eta - 2) * log(L[k, k]);
  }
  return valid(eta > 0) + s + lkj_constant__(eta, K);
}
real lkj_corr_lpdf(matrix y, real eta) {
  int K = rows(y);
  return valid(eta > 0) + (eta - 1) * log_determinant_spd(y) + lkj_constant__(eta, K);
}
// Lewandowski, Kurowicka and Joe 2009, equation 17 and below.
real lkj_constant__(real eta, int K) {
  real c = 0;
  for (k in 1 : K - 1) {
    c += lgamma(eta + 0.5 * (K - 1)) - 0.5 * k * 1.14472988584940017414
         - lgamma(eta + 0.5 * (K - 1 - k));
  }
  return c;
}
// Lognormal standard deviations and an LKJ correlation matrix.
real lkj_cov_lpdf(matrix y, vector mu, vector sigma, real eta) {
  int K = rows(y);
  vector[K] s = sqrt(diagonal(y));
  return lognormal_lpdf(s | mu, sigma) + lkj_corr_lpdf(quad_form_diag(y, inv(s)) | eta);
}

real wishart_lpdf(matrix W, real nu, matrix S) {
  int K = rows(W);
  same_size__(K, rows(S));
  return valid(nu > K - 1) + 0.5 * (nu - K - 1) * log_determinant_spd(W)
         - 0.5 * sum(diagonal(mdivide_left_spd(S, W))) - 0.5 * nu * log_determinant_spd(S)
         - (0.5 * nu * K * 0.69314718055994530942 + lmgamma(K, 0.5 * nu));
}
real inv_wishart_lpdf(matrix W, real nu, matrix S) {
  int K = rows(W);
  same_size__(K, rows(S));
  return valid(nu > K - 1) - 0.5 * (nu + K + 1) * log_determinant_spd(W)
         - 0.5 * sum(diagonal(mdivide_left_spd(W, S))) + 0.5 * nu * log_determinant_spd(S)
         - (0.5 * nu * K * 0.69314718055994530942 + lmgamma(K, 0.5 * nu));
}
// The same of Cholesky factors; the Jacobian of L L' is 2^K times the product of L[k, k]^(K - k + 1).
real wishart_cholesky_lpdf(matrix L, real nu, matrix S) {
  int K = rows(L);
  same_size__(K, rows(S));
  matrix[K, K] z = mdivide_left_tri_low(S, L);
  real s = 0;
  for (k in 1 : K) {
    s += (nu - k) * log(L[k, k]);
  }
  return valid(nu > K - 1) + s - 0.5 * sum(square(z)) - nu * sum(log(diagonal(S)))
         + K * 0.69314718055994530942
         - (0.5 * nu * K * 0.69314718055994530942 + lmgamma(K, 0.5 * nu));
}
real inv_wishart_cholesky_lpdf(matrix L, real nu, matrix S) {
  int K = rows(L);
  same_size__(K, rows(S));
  matrix[K, K] z = mdivide_left_tri_low(L, S);
  real s = 0;
  for (k in 1 : K) {
    s += (nu + k) * log(L[k, k]);
  }
  return valid(nu > K - 1) - s - 0.5 * sum(square(z)) + nu * sum(log(diagonal(S)))
         + K * 0.69314718055994530942
         - (0.5 * nu * K * 0.69314718055994530942 + lmgamma(K, 0.5 * nu));
}

// What densities of many outcomes need once.
matrix factor__(matrix S) {
  return cholesky_decompose(S);
}
vector logs__(vector x) {
  return log(x);
}
vector log_softmax__(vector x) {
  return log_softmax(x);
}

// ---- state spaces

// Kalman filter, Durbin and Koopman 2012, "Time series analysis by state space methods", section 4.3. y: a column is
// a point in time.
real gaussian_dlm_obs_lpdf(matrix y, matrix F, matrix G, matrix V, matrix W, vector m0, matrix C0) {
  int r = rows(y);
  int n = rows(G);
  vector[n] m = m0;
  matrix[n, n] C = C0;
  real s = 0;
  for (t in 1 : cols(y)) {
    vector[n] a = G * m;
    matrix[n, n] GC = G * C;
    matrix[n, n] R = GC * G' + W;
    matrix[n, r] RF = R * F;
    vector[r] e = y[ : , t] - F' * a;
    matrix[r, r] Q = F' * RF + V;
    matrix[r, r] L = cholesky_decompose(Q);
    vector[r] z = mdivide_left_tri_low(L, e);
    matrix[r, n] A = mdivide_left_tri_low(L, RF');
    s += -0.5 * dot_self(z) - sum(log(diagonal(L)));
    m = a + A' * z;
    C = R - A' * A;
  }
  return s - r * cols(y) * 0.91893853320467274178;
}
real gaussian_dlm_obs_lpdf(matrix y, matrix F, matrix G, vector V, matrix W, vector m0, matrix C0) {
  return gaussian_dlm_obs_lpdf(y | F, G, diag_matrix(V), W, m0, C0);
}

// Forward and backward recursions on logs: log_omega[k, t] is the log density of observation t in state k.
real hmm_marginal(matrix log_omega, matrix Gamma, vector rho) {
  int K = rows(log_omega);
  int T = cols(log_omega);
  matrix[K, K] log_Gamma = log(Gamma);
  vector[K] a = log(rho) + log_omega[ : , 1];
  for (t in 2 : T) {
    vector[K] b;
    for (k in 1 : K) {
      b[k] = log_sum_exp(a + log_Gamma[ : , k]) + log_omega[k, t];
    }
    a = b;
  }
  return log_sum_exp(a);
}
matrix hmm_hidden_state_prob(matrix log_omega, matrix Gamma, vector rho) {
  int K = rows(log_omega);
  int T = cols(log_omega);
  matrix[K, T] f = hmm_forward__(log_omega, Gamma, rho);
  matrix[K, T] p;
  vector[K] b = rep_vector(0, K);
  for (i in 1 : T) {
    int t = T - i + 1;
    p[ : , t] = softmax(f[ : , t] + b);
    vector[K] c = log_omega[ : , t] + b;
    for (k in 1 : K) {
      b[k] = log_sum_exp(log(Gamma[k])' + c);
    }
  }
  return p;
}
matrix hmm_forward__(matrix log_omega, matrix Gamma, vector rho) {
  int K = rows(log_omega);
  int T = cols(log_omega);
  matrix[K, T] f;
  f[ : , 1] = log(rho) + log_omega[ : , 1];
  for (t in 2 : T) {
    for (k in 1 : K) {
      f[k, t] = log_sum_exp(f[ : , t - 1] + log(Gamma[ : , k])) + log_omega[k, t];
    }
  }
  return f;
}
