// What regression programs are made of: a design matrix that is centred in transformed data, a linear predictor
// built by several statements, effects of groups, lags, discrete outcomes, and generated quantities by row.
functions {
  real zero_inflated_lpmf(int y, real eta, real zi) {
    if (y == 0) {
      return log_sum_exp(bernoulli_logit_lpmf(1 | zi),
                         bernoulli_logit_lpmf(0 | zi) + poisson_log_lpmf(0 | eta));
    }
    return bernoulli_logit_lpmf(0 | zi) + poisson_log_lpmf(y | eta);
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
  int prior_only;
}
transformed data {
  matrix[N, P - 1] Xc;
  vector[P - 1] means;
  for (i in 2 : P) {
    means[i - 1] = mean(X[ : , i]);
    Xc[ : , i - 1] = X[ : , i] - means[i - 1];
  }
  real spread = sd(y);
}
parameters {
  real a;
  vector[P - 1] b;
  real<lower=0> sigma;
  real<lower=0> tau;
  vector[G] r;
  real<lower=-1, upper=1> phi;
  real zi;
  vector[N] u; // one for each row
}
transformed parameters {
  vector[G] effect = tau * r;
}
model {
  if (!prior_only) {
    vector[N] mu = rep_vector(a, N) + Xc * b;
    for (n in 1 : N) {
      mu[n] += effect[g[n]] + 0.3 * u[n];
    }
    target += normal_lpdf(y | mu, sigma);
    for (n in 1 : N) {
      target += zero_inflated_lpmf(k[n] | 0.5 * mu[n], zi);
    }
    for (n in 2 : N) {
      y[n] ~ student_t(4, phi * y[n - 1], spread);
    }
  }
  target += normal_lpdf(b | 0, 2) - normal_lccdf(0 | 0, 1);
  a ~ normal(0, 3);
  sigma ~ exponential(1);
  tau ~ normal(0, 1);
  r ~ std_normal();
  u ~ std_normal();
  zi ~ logistic(0, 1);
}
generated quantities {
  real b_first = b[1] + normal_rng(0, 0.1);
  vector[N] log_lik;
  array[N] int k_rep;
  for (n in 1 : N) {
    real m = a + Xc[n] * b + effect[g[n]] + 0.3 * u[n];
    log_lik[n] = normal_lpdf(y[n] | m, sigma);
    k_rep[n] = poisson_rng(exp(0.2 * b_first));
  }
}
