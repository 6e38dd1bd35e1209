// Two outcomes of each row with correlated residuals, each with a number of observations of its own name.
data {
  int<lower=1> N;
  int<lower=1> N_y;
  vector[N_y] y;
  int<lower=1> N_v;
  vector[N_v] v;
  int<lower=1> P;
  matrix[N, P] X;
}
transformed data {
  array[N] vector[2] both;
  for (n in 1 : N) both[n] = transpose([y[n], v[n]]);
}
parameters {
  vector[P] b;
  vector[P] c;
  vector<lower=0>[2] sigma;
  cholesky_factor_corr[2] L;
}
model {
  vector[N_y] mu_y = rep_vector(0.0, N_y);
  vector[N_v] mu_v = rep_vector(0.0, N_v);
  array[N] vector[2] mu;
  matrix[2, 2] S = diag_pre_multiply(sigma, L);
  mu_y += X * b;
  mu_v += X * c;
  for (n in 1 : N) mu[n] = transpose([mu_y[n], mu_v[n]]);
  target += multi_normal_cholesky_lpdf(both | mu, S);
  target += std_normal_lpdf(b) + std_normal_lpdf(c) + std_normal_lpdf(sigma) + lkj_corr_cholesky_lpdf(L | 2);
}
