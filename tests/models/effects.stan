// Effects of groups with correlated slopes, of other groups across them, and a smooth term.
functions {
  matrix correlated(matrix z, vector sd, matrix L) {
    return transpose(diag_pre_multiply(sd, L) * z);
  }
}
data {
  int<lower=1> N;
  int<lower=1> P;
  matrix[N, P] X;
  vector[N] y;
  array[N] int<lower=0> k;
  int<lower=1> G;
  array[N] int<lower=1, upper=G> g;
}
transformed data {
  vector[N] slope = X[ : , 2];
  array[N] int<lower=1> h;
  matrix[N, 4] basis;
  for (n in 1 : N) h[n] = 1 + k[n];
  for (j in 1 : 4) basis[ : , j] = square(X[ : , 3] - 0.2 * j);
}
parameters {
  real a;
  real<lower=0> sigma;
  vector<lower=0>[2] tau;
  matrix[2, G] z;
  cholesky_factor_corr[2] L;
  vector<lower=0>[1] tau_h;
  array[1] vector[6] z_h;
  vector[4] z_s;
  real<lower=0> tau_s;
}
transformed parameters {
  matrix[G, 2] r = correlated(z, tau, L);
  vector[G] r_1 = r[ : , 1];
  vector[G] r_2 = r[ : , 2];
  vector[6] r_h = tau_h[1] * z_h[1];
  vector[4] s = tau_s * z_s;
}
model {
  vector[N] mu = rep_vector(0.0, N);
  mu += a + basis * s;
  for (n in 1 : N) {
    mu[n] += r_1[g[n]] + r_2[g[n]] * slope[n] + r_h[h[n]];
  }
  target += normal_lpdf(y | mu, sigma);
  target += normal_lpdf(tau | 0, 1) + normal_lpdf(tau_h | 0, 1) + normal_lpdf(tau_s | 0, 1);
  target += std_normal_lpdf(to_vector(z)) + std_normal_lpdf(z_h[1]) + std_normal_lpdf(z_s);
  target += lkj_corr_cholesky_lpdf(L | 1) + exponential_lpdf(sigma | 1) + normal_lpdf(a | 0, 2);
}
generated quantities {
  matrix[2, 2] C = multiply_lower_tri_self_transpose(L);
}
