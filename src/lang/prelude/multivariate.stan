// Densities of vectors and matrices. After the Stan functions reference.

real dirichlet_lpdf(vector theta, vector alpha) {
  real s = 0;
  real t = 0;
  for (k in 1 : num_elements(alpha)) {
    s += lmultiply(alpha[k] - 1, theta[k]);
    t += lgamma(alpha[k]);
  }
  return s + (lgamma(sum(alpha)) - t);
}

real multi_normal_cholesky_lpdf(vector y, vector mu, matrix L) {
  int K = num_elements(y);
  vector[K] z = mdivide_left_tri_low(L, y - mu);
  return -0.5 * dot_self(z) - sum(log(diagonal(L))) - K * 0.91893853320467274178;
}
real multi_normal_lpdf(vector y, vector mu, matrix Sigma) {
  int K = num_elements(y);
  matrix[K, K] L = cholesky_decompose(Sigma);
  vector[K] z = mdivide_left_tri_low(L, y - mu);
  return -0.5 * dot_self(z) - sum(log(diagonal(L))) - K * 0.91893853320467274178;
}
real multi_normal_prec_lpdf(vector y, vector mu, matrix Omega) {
  int K = num_elements(y);
  vector[K] d = y - mu;
  return -0.5 * dot_product(d, Omega * d) + 0.5 * log_determinant_spd(Omega) - K * 0.91893853320467274178;
}
real multi_student_t_lpdf(vector y, real nu, vector mu, matrix Sigma) {
  int K = num_elements(y);
  matrix[K, K] L = cholesky_decompose(Sigma);
  vector[K] z = mdivide_left_tri_low(L, y - mu);
  return (lgamma(0.5 * (nu + K)) - lgamma(0.5 * nu) - 0.5 * K * log(nu)) - K * 0.57236494292470008707
         - sum(log(diagonal(L))) - 0.5 * (nu + K) * log1p(dot_self(z) / nu);
}

real lkj_corr_cholesky_lpdf(matrix L, real eta) {
  int K = rows(L);
  real s = 0;
  for (k in 2 : K) {
    s += (K - k + 2 * eta - 2) * log(L[k, k]);
  }
  return s + lkj_constant__(eta, K);
}
real lkj_corr_lpdf(matrix y, real eta) {
  int K = rows(y);
  return (eta - 1) * log_determinant_spd(y) + lkj_constant__(eta, K);
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

real wishart_lpdf(matrix W, real nu, matrix S) {
  int K = rows(W);
  return 0.5 * (nu - K - 1) * log_determinant_spd(W) - 0.5 * sum(diagonal(mdivide_left_spd(S, W)))
         - 0.5 * nu * log_determinant_spd(S)
         - (0.5 * nu * K * 0.69314718055994530942 + lmgamma(K, 0.5 * nu));
}
real inv_wishart_lpdf(matrix W, real nu, matrix S) {
  int K = rows(W);
  return -0.5 * (nu + K + 1) * log_determinant_spd(W) - 0.5 * sum(diagonal(mdivide_left_spd(W, S)))
         + 0.5 * nu * log_determinant_spd(S)
         - (0.5 * nu * K * 0.69314718055994530942 + lmgamma(K, 0.5 * nu));
}
