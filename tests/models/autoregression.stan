// As regression packages write residuals that depend on those before, beside another outcome.
data {
  int<lower=1> N;
  int<lower=1> P;
  matrix[N, P] X;
  vector[N] y;
  vector[N] v;
  array[N] int<lower=0> k;
  int prior_only;
}
transformed data {
  int Kc = P - 1;
  matrix[N, Kc] Xc;
  vector[Kc] means_X;
  for (i in 2 : P) {
    means_X[i - 1] = mean(X[ : , i]);
    Xc[ : , i - 1] = X[ : , i] - means_X[i - 1];
  }
}
parameters {
  vector[Kc] b;
  real Intercept;
  real<lower=-1, upper=1> ar;
  real<lower=0> sigma;
  vector[Kc] b_k;
  vector[N] od;
  real<lower=0> sd_od;
}
model {
  if (!prior_only) {
    matrix[N, 1] Err = rep_matrix(0.0, N, 1);
    vector[N] err;
    vector[N] mu = rep_vector(0.0, N);
    vector[N] eta = Xc * b_k + sd_od * od;
    mu += Intercept + Xc * b;
    for (n in 1 : N) {
      err[n] = y[n] - mu[n];
      if (n < N) Err[n + 1, 1] = err[n];
      mu[n] += Err[n, 1] * ar;
    }
    target += normal_lpdf(y | mu, sigma);
    target += poisson_log_lpmf(k | 0.1 * eta + 0.01 * mu);
    target += student_t_lpdf(v | 4, eta, 1);
  }
  od ~ std_normal();
  target += normal_lpdf(b | 0, 1) + normal_lpdf(b_k | 0, 1);
  Intercept ~ normal(0, 5);
  sigma ~ exponential(1);
  sd_od ~ exponential(1);
}
