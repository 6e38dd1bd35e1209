// A random walk over the rows, of which one statement couples them; all else has data or parameters of its rows.
data {
  int<lower=1> N;
  int<lower=1> P;
  matrix[N, P] X;
  vector[N] y;
  array[N] int<lower=0> k;
}
transformed data {
  matrix[N, P] Xc;
  for (j in 1 : P) Xc[, j] = X[, j] - mean(X[, j]);
}
parameters {
  vector[P] b;
  vector[N] z;
  vector<lower=0>[N] u;
  real<lower=-1, upper=1> phi;
  real<lower=0> t;
  real<lower=0> s;
}
model {
  b ~ normal(0, 1);
  z[1] ~ normal(0, 1);
  for (n in 2 : N) {
    z[n] ~ normal(phi * z[n - 1], t);
  }
  u ~ gamma(2, 2);
  {t, s} ~ normal(0, 1);
  y ~ normal(Xc * b + z, s * u);
  k ~ poisson_log(0.1 * z);
}
generated quantities {
  real level = mean(z);
  vector[N] log_lik;
  array[N] int k_rep = poisson_log_rng(0.1 * z);
  for (n in 1 : N) log_lik[n] = normal_lpdf(y[n] | Xc[n] * b + z[n], s * u[n]);
}
